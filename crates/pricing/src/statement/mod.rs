//! The statement: what is owed less what was stated, cell by cell, as lines that name their causes.
//!
//! A statement is a pure function of a prefix of the shared log and a cut: [`draw_up`] gives the same
//! bytes whenever and wherever it is asked (semantics.md D2, D13). Its identity is (contract, cut,
//! revision); the printed number is given when it is issued and is no part of the body (D15). Not
//! here: storing, rendering, tax. Invariant: the lines sum to the total, and the total is what is
//! owed less what was stated and what is waived.

mod apart;
mod authorship;
mod body;
mod difference;
mod explain;
mod issue;
mod lines;
mod moved;
mod noted;
mod shares;

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError, Quantity};
use work::body::StatedCell;
use work::effective::Content;
use work::event::Authorship;
use work::limits::STATEMENT_PARTS_MAX;
use work::settle::FactRef;
use work::{Digest, Json};

use crate::account::{Account, Held, Rated};
use crate::cell::{Awaited, CellKey, CellKeyError, Owed, Part, PricingError, awaited};
use crate::contract::InForce;
use crate::credit::{Adding, CreditLine, LotName, apply};
use crate::plan::Surface;

pub use apart::{Apart, draw_apart};
pub use authorship::BySignature;
pub use difference::{Stated, stated};
pub use explain::{Explanation, Share, explain, unit_name};
pub use issue::{Issue, issue_id};
pub use shares::shares;

/// A billing statement, before tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The customer.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// It covers what is due by this instant.
    pub cut: Timestamp,
    /// What happened before this instant is seen: the cut, or the latest cut stated since.
    pub as_of: Timestamp,
    /// Which issue of the cut, from 1.
    pub revision: u32,
    /// Whether nobody signed the contract: it cannot be issued.
    pub is_draft: bool,
    /// The statement period that the cut ends.
    pub service: (Timestamp, Timestamp),
    /// The currency.
    pub currency: Currency,
    /// The number of the rules that decided it.
    pub semantics: u32,
    /// The contract's versions with the digests of contract and plan.
    pub documents: Vec<(u32, Digest, Digest)>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Their sum.
    pub total: Amount,
    /// What prepaid credits pay of it, by grant (D9).
    pub credits: Vec<CreditLine>,
    /// What is left to be paid: the total less what credits pay.
    pub payable: Amount,
    /// What is held back of everything stated so far, and not released; `None` without a holdback.
    pub retained: Option<Amount>,
    /// The total by who authored the facts that decided it; `None` is what was agreed.
    pub authorship: BTreeMap<Option<Authorship>, Amount>,
    /// What the buyer's part of it rests on. Not in the body: who signed is in the entries.
    pub by_signature: BySignature,
    /// Works and usage that wait, by reason.
    pub pending: BTreeMap<&'static str, u64>,
    /// Documents without which periods that are over have no price.
    pub awaited: Vec<Awaited>,
    /// What it states, cell by cell.
    pub cells: Vec<StatedCell>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the line is.
    pub kind: LineKind,
    /// The cell.
    pub cell: CellKey,
    /// The surface of the cell's component.
    pub surface: Option<Surface>,
    /// The rating period that it is for.
    pub service: (Timestamp, Timestamp),
    /// Quantity and amount stated before, on adjustments.
    pub before: Option<(Quantity, Amount)>,
    /// The cell's quantity and amount now, on adjustments.
    pub after: Option<(Quantity, Amount)>,
    /// The change of quantity.
    pub quantity: Quantity,
    /// What the line charges, of either sign.
    pub amount: Amount,
    /// What is not charged, and the rule that says so.
    pub waived: Option<(String, Amount)>,
    /// Works that moved, on adjustments.
    pub works: Vec<String>,
    /// Facts that moved them.
    pub causes: Vec<FactRef>,
    /// Works and causes beyond those named.
    pub omitted: u64,
    /// On the first adjustment of a price group, what of all of them is the change of the works and usages of which
    /// less counts than before; `None` where it cannot be known. Not in the body: the works are named there.
    pub taken_back: Option<Amount>,
    /// Words for people: why a credit was given.
    pub note: Option<String>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKind {
    /// Something stated for the first time.
    Charge,
    /// A change of what a closed period was stated to owe.
    Adjustment,
    /// What an adjustment does to works that did not move.
    TierEffect,
    /// What a cap or minimum swallows of adjustments.
    Absorbed,
    /// What a rule does not charge.
    Waived,
    /// A credit given by hand.
    Goodwill,
    /// What a decision credits of an earlier statement.
    Credit,
}

impl LineKind {
    /// The kind's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            LineKind::Charge => "charge",
            LineKind::Adjustment => "adjustment",
            LineKind::TierEffect => "tier_effect",
            LineKind::Absorbed => "absorbed",
            LineKind::Waived => "waived",
            LineKind::Goodwill => "goodwill",
            LineKind::Credit => "credit",
        }
    }
}

/// Why a statement cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The contract is not there.
    #[error(
        "there is no contract `{0}` in the account; `piecework contract list` shows those that are"
    )]
    NoContract(String),
    /// The cut is before the contract.
    #[error("the cut {cut} is before the contract `{contract}` starts, {start}")]
    BeforeStart {
        /// The contract.
        contract: String,
        /// The cut.
        cut: Timestamp,
        /// The start of the term.
        start: Timestamp,
    },
    /// An amount does not fit.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// A sum does not fit.
    #[error("contract `{contract}`: {source}")]
    Money {
        /// The contract.
        contract: String,
        /// Why.
        source: MoneyError,
    },
    /// An issued statement names a cell that cannot be read.
    #[error("statement `{number}`: {source}")]
    Cell {
        /// The statement's number.
        number: String,
        /// Why.
        source: CellKeyError,
    },
    /// A draft cannot be issued.
    #[error("the contract `{0}` is a draft that nobody signed; sign it, then issue")]
    Draft(String),
    /// More cells than the parts of one statement hold.
    #[error(
        "the statement of `{contract}` has {cells} cells in {parts} parts, and one statement has at \
         most {STATEMENT_PARTS_MAX} parts; issue the earlier periods first, one by one: \
         `piecework statement issue --through` does that"
    )]
    TooManyCells {
        /// The contract.
        contract: String,
        /// Its cells.
        cells: usize,
        /// The parts that they need.
        parts: usize,
    },
}

/// Draws up the statement of a contract for a cut, from the entries of the shared log.
///
/// Where it adjusts what was stated before, the log is folded a second time up to what the last
/// statement knew, to name the works and facts that moved.
///
/// # Errors
/// [`StatementError`].
pub fn draw_up(
    customer: &str,
    contents: &[Content],
    draft: Option<InForce>,
    contract: &str,
    cut: Timestamp,
) -> Result<Statement, StatementError> {
    let now = Account::fold(customer, contents.to_vec(), draft.clone());
    draw_looking_back(&now, contract, cut, |coverage| {
        let known = contents.iter().filter(|content| content.entry < coverage);
        Account::fold(customer, known.cloned().collect(), draft)
    })
}

/// Draws up the statement from the account of everything known; `fold` gives the account of so many
/// entries, and is asked for what the last statement knew where there is something to adjust.
///
/// # Errors
/// [`StatementError`].
pub fn draw_looking_back(
    now: &Account,
    contract: &str,
    cut: Timestamp,
    fold: impl FnOnce(u64) -> Account,
) -> Result<Statement, StatementError> {
    let rated = Rated::new(now);
    let statement = draw_rated(&rated, None, contract, cut)?;
    let last = now.contract(contract).and_then(Held::last_statement);
    let adjusts = statement
        .lines
        .iter()
        .any(|line| line.kind == LineKind::Adjustment);
    match last.filter(|_| adjusts) {
        None => Ok(statement),
        Some(last) => {
            let before = fold(last.coverage);
            draw_rated(&rated, Some(&Rated::new(&before)), contract, cut)
        }
    }
}

/// Draws up the statement from folded accounts: of everything known, and of what the last standing
/// statement knew (for the causes of adjustments).
///
/// # Errors
/// [`StatementError`].
pub fn draw(
    now: &Account,
    before: Option<&Account>,
    contract: &str,
    cut: Timestamp,
) -> Result<Statement, StatementError> {
    let before = before.map(Rated::new);
    draw_rated(&Rated::new(now), before.as_ref(), contract, cut)
}

/// The same from accounts that are rated: several statements of one account rate it once.
///
/// # Errors
/// [`StatementError`].
pub fn draw_rated(
    now: &Rated<'_>,
    before: Option<&Rated<'_>>,
    contract: &str,
    cut: Timestamp,
) -> Result<Statement, StatementError> {
    let held = (now.account)
        .contract(contract)
        .ok_or_else(|| StatementError::NoContract(contract.to_owned()))?;
    let start = held.agreement.schedule.start.at;
    if cut < start {
        return Err(StatementError::BeforeStart {
            contract: contract.to_owned(),
            cut,
            start,
        });
    }
    let as_of = frontier(held, cut);
    let owed_now = now.owed(held, as_of)?;
    let earlier = match before.and_then(|own| Some((own, own.account.contract(contract)?))) {
        Some((before, earlier)) => {
            let seen = held
                .last_statement()
                .map_or(cut, |last| frontier(earlier, last.cut));
            Some((before.account, earlier, before.owed(earlier, seen)?, seen))
        }
        None => None,
    };
    let stated = stated(held)?;
    let money = |source| StatementError::Money {
        contract: contract.to_owned(),
        source,
    };
    let mut drawing = lines::Drawing::new(held, &owed_now, &stated, cut);
    if let Some((_, earlier, owed_before, seen)) = &earlier {
        drawing.look_back(earlier, owed_before, *seen);
    }
    let (lines, mut cells) = drawing.draw().map_err(money)?;
    let adding = Adding {
        held,
        cut,
        as_of,
        stated: &stated,
        owed: &owed_now.cells,
        differences: &differences(&cells)?,
    };
    let applied = apply(now.account, &adding).map_err(money)?;
    cells.extend(applied.draws.iter().map(paid));
    let currency = held.agreement.latest().terms.contract.currency;
    let total = Amount::sum(currency, lines.iter().map(|line| line.amount)).map_err(money)?;
    let mut sides = vec![authorship::Side {
        account: now.account,
        held,
        owed: &owed_now,
    }];
    if let Some((account, held, owed, _)) = &earlier {
        sides.push(authorship::Side {
            account,
            held,
            owed,
        });
    }
    let zero = Amount::zero(currency);
    let (authorship, by_signature) = authorship::of(&lines, zero, &sides).map_err(money)?;
    let periods = held.agreement.statement_periods(cut);
    let ended = periods.iter().rev().find(|period| period.end.at <= cut);
    let service = ended.map_or((start, cut), |period| (period.start.at, period.end.at));
    let revision = held
        .issued
        .iter()
        .filter(|issued| issued.cut == cut)
        .map(|issued| issued.revision);
    Ok(Statement {
        customer: now.account.customer.clone(),
        contract: contract.to_owned(),
        cut,
        as_of,
        revision: revision.max().unwrap_or(0) + 1,
        is_draft: held.agreement.is_draft,
        service,
        currency,
        semantics: held.agreement.latest().terms.contract.semantics,
        documents: held
            .agreement
            .versions
            .iter()
            .map(|version| {
                (
                    version.number,
                    version.terms.contract.digest,
                    version.terms.plan,
                )
            })
            .collect(),
        lines,
        total,
        payable: payable(total, &applied.lines).map_err(money)?,
        credits: applied.lines,
        retained: retained(held, &owed_now, cut).map_err(money)?,
        authorship,
        by_signature,
        pending: pending(held, &owed_now, as_of),
        awaited: awaited(&held.agreement, &held.published, as_of).map_err(money)?,
        cells,
    })
}

/// What cells charge more or less than was stated, where grants may pay it.
fn differences(cells: &[StatedCell]) -> Result<Vec<(CellKey, Amount)>, StatementError> {
    let charges = cells
        .iter()
        .filter(|cell| cell.is_charge() && !cell.amount.is_zero());
    let read = |cell: &StatedCell| {
        let key = cell.cell.parse().map_err(|source| StatementError::Cell {
            number: String::new(), // it is not issued yet
            source,
        })?;
        Ok((key, cell.amount))
    };
    charges.map(read).collect()
}

/// What a grant pays of a cell, as a statement states it.
pub(crate) fn paid((lot, key, amount): &(LotName, CellKey, Amount)) -> StatedCell {
    StatedCell {
        cell: key.to_string(),
        amount: *amount,
        quantity: Quantity::ZERO,
        waived: None,
        credit: Some(lot.to_string()),
    }
}

fn payable(total: Amount, credits: &[CreditLine]) -> Result<Amount, MoneyError> {
    credits
        .iter()
        .try_fold(total, |left, own| left.minus(own.drawn)?.plus(own.restored))
}

/// What is held back and not released by a cut, where a version of the contract holds anything back.
fn retained(held: &Held, owed: &Owed, cut: Timestamp) -> Result<Option<Amount>, MoneyError> {
    let mut versions = held.agreement.versions.iter();
    if versions.all(|version| version.terms.contract.holdback.is_none()) {
        return Ok(None);
    }
    let zero = Amount::zero(held.agreement.latest().terms.contract.currency);
    let cells = owed.cells.iter();
    let mut kept = cells.filter(|(key, cell)| {
        matches!(key.part, Part::Holdback | Part::Release) && cell.due <= cut
    });
    kept.try_fold(zero, |sum, (_, cell)| sum.minus(cell.charged()?))
        .map(Some)
}

/// A re-issue of an earlier cut sees what statements since have seen (semantics.md D7).
fn frontier(held: &Held, cut: Timestamp) -> Timestamp {
    held.last_cut().map_or(cut, |last| last.max(cut))
}

/// Works and usage that wait, by reason.
fn pending(held: &Held, owed: &Owed, as_of: Timestamp) -> BTreeMap<&'static str, u64> {
    use work::settle::State;
    let mut counts = BTreeMap::new();
    for unrated in &owed.unrated {
        *counts.entry(unrated.pending.word()).or_insert(0) += 1;
    }
    let open = held
        .units
        .iter()
        .filter(|unit| unit.opened < as_of && *unit.state_at(last_before(as_of)) == State::Pending);
    let open = open.count();
    if open > 0 {
        *counts.entry(crate::cell::Pending::Open.word()).or_insert(0) +=
            u64::try_from(open).unwrap_or(u64::MAX);
    }
    counts
}

/// The last instant before a cut.
pub(crate) fn last_before(cut: Timestamp) -> Timestamp {
    cut.checked_sub(jiff::SignedDuration::from_nanos(1))
        .unwrap_or(cut)
}

impl Statement {
    /// The canonical body: what replay must reproduce.
    #[must_use]
    pub fn body(&self) -> String {
        self.to_json().to_canonical()
    }

    /// The digest of the body.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.body().as_bytes())
    }

    /// The body as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        body::to_json(self)
    }
}
