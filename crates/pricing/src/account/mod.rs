//! The account: what a prefix of a customer's shared log amounts to.
//!
//! [`Account::fold`] reads control entries in the order of the log (documents, contracts, statements,
//! credits, payments) and facts in no order at all: corrections and conflicts are resolved and works
//! settled by `work`, and everything is handed to the contract that claims it. Not here: amounts
//! ([`crate::cell`]), and whether a new entry may be written ([`check`] answers that beforehand).
//! Invariant: folding never fails; what makes no sense is flagged and changes nothing.

pub mod check;
pub mod claim;
mod control;
mod fold;
mod grants;
pub mod notes;
mod published;
mod quotes;
mod rated;
mod signatures;
mod stated;
mod tax;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError, Quantity};
use work::body::{Kind, StatedCell};
use work::settle::{FactRef, Unit};
use work::{Digest, HeaderSet};

use crate::cell::{Arrivals, CellKey, Credit, Decision, Facts, Part, Pending, SeatChange, Usage};
use crate::contract::Agreement;
use crate::cover::{Choice, Cover};
use crate::credit::Grant;
use crate::plan::Terms;
use crate::published::Published;
use crate::quote::Quote;
use crate::receivable::MoneyFact;

pub use grants::GrantRefusal;
pub use rated::Rated;
pub use signatures::Signed;

/// What a prefix of a customer's shared log amounts to.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The customer.
    pub customer: String,
    /// Entries that it was folded from.
    pub coverage: u64,
    /// The contracts with what each claims, by id.
    pub contracts: Vec<Held>,
    /// Units that no contract claims, or several.
    pub loose_units: Vec<(Unit, Pending)>,
    /// Usage that no contract claims, or several.
    pub loose_usage: Vec<(Usage, Pending)>,
    /// Entries that changed nothing, and why.
    pub flags: Vec<Flag>,
    /// Every entry, in order.
    pub entries: Vec<EntryMeta>,
    /// How many facts about work carry these headers, or inherit them from their work.
    pub headers: BTreeMap<HeaderSet, u64>,
    /// What the identities that corrections concern stand for; voided ones are not there.
    pub corrected: HashMap<FactRef, StandingFact>,
    /// Corrections whose target is not there.
    pub missing_target: Vec<FactRef>,
    /// Identities with several contents and no decision.
    pub conflicts: Vec<FactRef>,
    /// Grants of prepaid credits, in the order of the log.
    pub grants: Vec<Grant>,
    /// Documents whose numbers enter rating, in the order of the log.
    pub published: Vec<Published>,
    /// What was paid, allocated, refunded, written off and voided, in the order of the log.
    pub money: Vec<MoneyFact>,
    /// What the customer chose to be sent one document for, in the order of the log.
    pub cover_choices: Vec<Choice>,
    /// Covers, in the order of the log: that of their numbers.
    pub covers: Vec<Cover>,
    /// Quotes, in the order of the log: that of their numbers.
    pub quotes: Vec<Quote>,
    parts: stated::Parts,
    signatures: signatures::Signatures,
}

/// A contract and what it claims.
#[derive(Debug, Clone)]
pub struct Held {
    /// The contract over time.
    pub agreement: Agreement,
    /// Units that opened in its term, sorted by key, with the contract's version numbers.
    pub units: Arc<Vec<Unit>>,
    /// Usage in its term, by time, source and id.
    pub usage: Arc<Vec<Usage>>,
    /// Seats assigned and released.
    pub seats: Vec<SeatChange>,
    /// Credits given by hand.
    pub credits: Vec<Credit>,
    /// What of its statements was decided not to be paid.
    pub decisions: Vec<Decision>,
    /// Documents of the account whose numbers enter rating, by kind and subject, then as they were published.
    pub published: Arc<[Published]>,
    /// Statements issued, in the order of the log.
    pub issued: Vec<Issued>,
    arrivals: Option<Arrivals>,
}

/// A unit that was settled before, whose entries are not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedUnit {
    /// The contract that holds it.
    pub contract: String,
    /// The unit, with the contract's version number.
    pub unit: Unit,
    /// The entry by which each of [`Unit::facts`] was known, in their order.
    pub entries: Vec<u64>,
}

/// A statement that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The printed number.
    pub number: String,
    /// The cut.
    pub cut: Timestamp,
    /// Which issue of the cut.
    pub revision: u32,
    /// Entries of the log it was computed from.
    pub coverage: u64,
    /// Digest of its body.
    pub body: Digest,
    /// Digest of the carry of these entries.
    pub carry: Digest,
    /// What it states.
    pub cells: Vec<StatedCell>,
    /// When it was issued.
    pub at: Timestamp,
    /// When it was voided, if it was.
    pub voided: Option<Timestamp>,
    /// The entry that voided it.
    pub voided_by: Option<u64>,
    /// Whether anything of it was credited since.
    pub is_credited: bool,
}

impl Issued {
    /// Whether it was voided since.
    #[must_use]
    pub const fn is_voided(&self) -> bool {
        self.voided.is_some()
    }

    /// What it charges, in the contract's currency: its cells without what is waived, before credits.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let charged = self.cells.iter().filter(|cell| cell.is_charge());
        Amount::sum(currency, charged.map(|cell| cell.amount))
    }

    /// What prepaid credits pay of it; below zero, what went back to them.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn credited(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let paid = self.cells.iter().filter(|cell| cell.credit.is_some());
        Amount::sum(currency, paid.map(|cell| cell.amount))
    }

    /// What it charges of each cell, in their order; without what it waives, without what decisions credit, and
    /// without what is held back of it for a time.
    pub fn charged(&self) -> impl Iterator<Item = (CellKey, Amount)> {
        let charged = self
            .cells
            .iter()
            .filter(|cell| cell.waived.is_none() && cell.credit.is_none());
        charged.filter_map(|cell| {
            let key: CellKey = cell.cell.parse().ok()?;
            let is_apart = matches!(
                key.part,
                Part::Credited(..) | Part::Holdback | Part::Release | Part::Opened(_)
            );
            (!is_apart && !cell.amount.is_zero()).then_some((key, cell.amount))
        })
    }
}

/// An entry that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its position in the log.
    pub entry: u64,
    /// Why.
    pub problem: String,
}

/// What reconciliation needs to know of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryMeta {
    /// Its position in the log.
    pub entry: u64,
    /// Source and id.
    pub fact: FactRef,
    /// The kind.
    pub kind: Kind,
    /// Source and id of what it corrects.
    pub target: Option<Box<FactRef>>,
    /// What the entry's own content came to.
    pub standing: Standing,
}

/// What reconciliation needs to know of a content that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingFact {
    /// The kind.
    pub kind: Kind,
    /// When it happened.
    pub time: Timestamp,
    /// Whether it is marked as a test, which never costs anything.
    pub is_test: bool,
}

/// What an entry's content came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Fact(StandingFact),
    /// Its identity stands for another content.
    Superseded,
    /// Its identity stands for nothing.
    Void,
    /// It is a correction.
    Correction,
}

impl Account {
    /// The contract of that id.
    #[must_use]
    pub fn contract(&self, id: &str) -> Option<&Held> {
        self.contracts.iter().find(|held| held.agreement.id == id)
    }

    /// The statement issued under a number, and its contract.
    #[must_use]
    pub fn statement(&self, number: &str) -> Option<(&Held, &Issued)> {
        self.contracts.iter().find_map(|held| {
            let mut issued = held.issued.iter();
            Some((held, issued.find(|issued| issued.number == number)?))
        })
    }

    /// Whether the buyer signed a fact.
    #[must_use]
    pub fn signed(&self, fact: &FactRef) -> Signed {
        self.signatures.of(fact)
    }

    /// The account as if a statement of one contract had been issued; of its other contracts only
    /// what was stated.
    pub(crate) fn as_if_issued(&self, held: &Held, issued: Issued) -> Account {
        let mut account = self.stated_alone();
        for own in &mut account.contracts {
            if own.agreement.id == held.agreement.id {
                *own = held.clone();
            }
        }
        account.state(&held.agreement.id, issued);
        account
    }

    /// What the account states, and its grants, without what its contracts claim.
    pub(crate) fn stated_alone(&self) -> Account {
        let of = |own: &Held| Held {
            issued: own.issued.clone(),
            ..Held::new(own.agreement.clone())
        };
        Account {
            customer: self.customer.clone(),
            coverage: self.coverage,
            contracts: self.contracts.iter().map(of).collect(),
            grants: self.grants.clone(),
            money: self.money.clone(),
            signatures: self.signatures.clone(),
            ..Account::default()
        }
    }

    /// Takes a statement of a contract as if it had been issued.
    pub(crate) fn state(&mut self, contract: &str, issued: Issued) {
        let mut contracts = self.contracts.iter_mut();
        if let Some(held) = contracts.find(|held| held.agreement.id == contract) {
            held.issued.push(issued);
        }
    }

    /// The next number of a contract's series, gapless over the account (semantics.md D15).
    #[must_use]
    pub fn next_number(&self, held: &Held) -> String {
        let series = self.series(held);
        let same = self
            .contracts
            .iter()
            .filter(|other| self.series(other) == series);
        let issued: usize = same.map(|other| other.issued.len()).sum();
        format!("{series}-{:04}", issued + 1)
    }

    fn series<'a>(&'a self, held: &'a Held) -> &'a str {
        held.agreement
            .latest()
            .terms
            .contract
            .series
            .as_deref()
            .unwrap_or(&self.customer)
    }
}

impl Held {
    /// A contract that claims nothing yet.
    fn new(agreement: Agreement) -> Held {
        Held {
            agreement,
            units: Arc::default(),
            usage: Arc::default(),
            seats: Vec::new(),
            credits: Vec::new(),
            decisions: Vec::new(),
            published: Arc::default(),
            issued: Vec::new(),
            arrivals: None,
        }
    }

    /// The facts that cells are computed from.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            units: &self.units,
            usage: &self.usage,
            seats: &self.seats,
            credits: &self.credits,
            decisions: &self.decisions,
            published: &self.published,
            arrivals: self.arrivals.as_ref(),
        }
    }

    /// What another system billed of the first period, by cell (semantics.md P6).
    #[must_use]
    pub fn stated_before(&self) -> Vec<(CellKey, Quantity, Amount)> {
        let Some(opening) = &self.agreement.opening else {
            return Vec::new();
        };
        let start = self.agreement.schedule.start.at;
        let version = &self.agreement.versions[0]; // an agreement has a version
        let key = |component: &str, part| CellKey {
            contract: self.agreement.id.clone(),
            component: component.to_owned(),
            period: start,
            version: version.number,
            part,
        };
        let stated = opening.stated.iter().map(|own| {
            let component = version.component(&own.component);
            let part = match component.map(|own| &own.terms) {
                Some(Terms::Seats(_)) => Part::Seats(0),
                _ => Part::Fee,
            };
            (key(&own.component, part), own.quantity, own.amount)
        });
        stated.collect()
    }

    /// The statements issued and not voided.
    pub fn standing(&self) -> impl Iterator<Item = &Issued> {
        self.issued.iter().filter(|issued| !issued.is_voided())
    }

    /// The standing statement that knew most of the log.
    #[must_use]
    pub fn last_statement(&self) -> Option<&Issued> {
        self.standing()
            .max_by_key(|issued| (issued.coverage, issued.cut))
    }

    /// The latest cut that stands.
    #[must_use]
    pub fn last_cut(&self) -> Option<Timestamp> {
        self.standing().map(|issued| issued.cut).max()
    }

    /// The ends of the statement periods up to an instant: the regular cuts.
    #[must_use]
    pub fn cuts(&self, until: Timestamp) -> Vec<Timestamp> {
        let periods = self.agreement.statement_periods(until);
        periods
            .iter()
            .map(|period| period.end.at)
            .filter(|end| *end <= until)
            .collect()
    }

    /// Whether something that counted may still be held back at an instant.
    fn holds_back(&self, at: Timestamp) -> bool {
        let counted: Vec<Timestamp> = self
            .units
            .iter()
            .flat_map(|unit| unit.movements.iter().map(|own| own.counted_at))
            .collect();
        let mut components = self.agreement.component_ids().into_iter();
        components.any(|(id, every)| {
            let periods = self.agreement.rating_periods(every, at);
            periods.iter().any(|period| {
                let hold = self.agreement.hold(id, period);
                hold.is_some_and(|hold| hold.release > at)
                    && counted.iter().any(|instant| period.holds(*instant))
            })
        })
    }

    /// Whether nothing can move any more under an ended contract: every unit is past settlement,
    /// the reach of later facts, and the dispute window, and nothing is held back (semantics.md P1).
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        use work::settle::State;
        let Some(end) = self.agreement.schedule.end else {
            return false;
        };
        if at < end.at {
            return false;
        }
        if self.holds_back(at) {
            return false;
        }
        self.units.iter().all(|unit| {
            let Some(version) = self.agreement.version(unit.version) else {
                return true;
            };
            let Some(definition) = version.terms.definitions.get(unit.key.unit.as_str()) else {
                return true;
            };
            let zone = &version.terms.contract.time_zone;
            if unit.disputes.iter().any(|dispute| dispute.is_open_at(at)) {
                return false;
            }
            match unit.state_at(at) {
                State::Pending => false,
                State::NotCounted(_) => true,
                State::Counted(_) | State::Reversed => {
                    let moved = unit.movements.iter().filter(|own| own.instant <= at);
                    let Some(last) = moved.map(|own| own.instant).max() else {
                        return true;
                    };
                    let reach = definition.after.iter().map(|rule| rule.within);
                    reach
                        .chain([definition.dispute.window])
                        .all(|span| !span.reaches(last, at, zone))
                }
            }
        })
    }
}
