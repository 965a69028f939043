//! Cells: what is owed under a contract at a cut, in the smallest rounded amounts.
//!
//! [`owed`] looks at facts and movements before the cut, puts each into the rating period and under
//! the contract version that it belongs to, and rates. Only cells round (semantics.md D2). It knows
//! nothing of statements but when facts could have been stated, and therefore may be asked for any
//! cut again. Invariant: the cells depend on the facts, never on the order in which they arrived,
//! and a cut inside a rating period never changes the sum at its end (D5).

mod aggregate;
mod awaited;
mod bands;
mod bucket;
mod decisions;
mod facts;
mod fees;
mod holdback;
mod key;
mod lines;
mod looked_at;
mod minimums;
mod opened;
mod running;
mod seats;
mod service_level;
mod sort;
mod standing;
mod sums;
mod together;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity};
use work::event::Authorship;

pub(crate) use aggregate::{Valued, valued};
pub use awaited::{Awaited, awaited};
pub use bucket::{Pending, Unrated};
pub use facts::{Arrivals, Credit, Decision, Facts, SeatChange, Usage};
pub use key::{CREDIT, CellKey, CellKeyError, Part, ROLLED, TOTALS, WITH_WORK};
pub(crate) use key::{decode, encode};
pub use running::{Running, UnitShare};
pub use seats::SeatFlag;
pub(crate) use service_level::reached;
pub(crate) use sort::is_test;
pub use standing::CapStanding;

use crate::contract::Agreement;
use crate::period::Period;
use bucket::Buckets;

/// An amount that cannot be computed exactly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("contract `{contract}`, {place}: {source}")]
pub struct PricingError {
    /// The contract.
    pub contract: String,
    /// The component or cell.
    pub place: String,
    /// Why.
    pub source: MoneyError,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Units, seat-days or money in it.
    pub quantity: Quantity,
    /// The amount by the price, rounded.
    pub amount: Amount,
    /// What of it a rule does not charge.
    pub waived: Vec<(Waiver, Amount)>,
    /// Start and end of its rating period.
    pub service: (Timestamp, Timestamp),
    /// The first cut at which it is owed.
    pub due: Timestamp,
    /// What it is made of; cells of one price group share the list.
    pub contributions: Arc<Vec<Contribution>>,
    /// What a term on a sum was computed from; nothing of any other cell.
    pub of: Option<Amount>,
}

/// A rule that does not charge what the price says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waiver {
    /// No amount rises because of a reversal (D4).
    NoIncrease,
    /// The fact arrived too late (D8).
    Late,
}

impl Waiver {
    /// The reason as statements state it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Waiver::NoIncrease => "no_increase",
            Waiver::Late => "late",
        }
    }

    /// The waiver of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Waiver> {
        [Waiver::NoIncrease, Waiver::Late]
            .into_iter()
            .find(|waiver| waiver.word() == word)
    }
}

/// One unit's or usage's part in a price group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// Which unit or usage of the [`Facts`].
    pub source: Source,
    /// Units: what counts of it, net of what was taken back; or the usage.
    pub quantity: Quantity,
    /// What its share of the cell is measured by: the quantity, or its own money or fee.
    pub weight: Decimal,
    /// Who authored the deciding fact.
    pub authorship: Authorship,
    /// Whether the late policy waives it.
    pub is_late: bool,
    /// Whether a dispute that is open keeps its part of the holdback from being released (D11).
    pub is_disputed: bool,
}

/// Where a contribution comes from, as an index into the [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A unit, and the movement that counted it.
    Unit(usize, usize),
    /// A usage.
    Usage(usize),
    /// A unit that was attempted.
    Attempt(usize),
}

impl Cell {
    /// What is charged: the amount less what is waived.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn charged(&self) -> Result<Amount, MoneyError> {
        self.waived
            .iter()
            .try_fold(self.amount, |left, (_, waived)| left.minus(*waived))
    }

    /// Whether late facts are waived in it.
    #[must_use]
    pub fn waives_late(&self) -> bool {
        !self.waived_by(Waiver::Late).is_zero()
    }

    /// What a rule waives of it.
    #[must_use]
    pub fn waived_by(&self, waiver: Waiver) -> Amount {
        let own = self.waived.iter().find(|(own, _)| *own == waiver);
        own.map_or(Amount::zero(self.amount.currency()), |(_, amount)| *amount)
    }
}

/// What is owed under one contract at a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The cells.
    pub cells: BTreeMap<CellKey, Cell>,
    /// What is not rated, and why.
    pub unrated: Vec<Unrated>,
    /// Seats assigned twice and released while free.
    pub seat_flags: Vec<SeatFlag>,
}

/// What is owed under a contract for what happened before `cut`.
///
/// # Errors
/// [`PricingError`] where an amount does not fit, which needs quantities or prices beyond 10^20.
pub fn owed(
    agreement: &Agreement,
    facts: &Facts<'_>,
    cut: Timestamp,
) -> Result<Owed, PricingError> {
    let mut buckets = Buckets::gather(agreement, facts, cut)?;
    buckets.assign(agreement, facts, cut, true)?;
    let mut cells = rate(agreement, facts, &buckets, cut, Mode::Owed)?;
    if buckets.any_late() {
        buckets.assign(agreement, facts, cut, false)?;
        let kept = rate(agreement, facts, &buckets, cut, Mode::WithoutLate)?;
        waive_late(&mut cells, &kept).map_err(|source| PricingError {
            contract: agreement.id.clone(),
            place: "late facts".to_owned(),
            source,
        })?;
    }
    let seat_flags = seats::seat_flags(facts.seats);
    Ok(Owed {
        cells,
        unrated: buckets.unrated,
        seat_flags,
    })
}

/// What is owed under a contract, and what of the periods that run will be owed if nothing more happens in
/// them: what [`Running::accrued`] keeps current. What a late policy would waive is not taken off.
///
/// # Errors
/// As [`owed`].
pub fn accrued(
    agreement: &Agreement,
    facts: &Facts<'_>,
    cut: Timestamp,
) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
    let facts = Facts {
        arrivals: None,
        ..*facts
    };
    let mut buckets = Buckets::gather(agreement, &facts, cut)?;
    buckets.assign(agreement, &facts, cut, true)?;
    rate(agreement, &facts, &buckets, cut, Mode::Accrued)
}

/// What is rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Everything that is owed at the cut.
    Owed,
    /// Everything but what is late.
    WithoutLate,
    /// What is owed, and what of the periods that run will be owed if nothing more happens in them.
    Accrued,
}

/// Rates what falls into the buckets.
fn rate(
    agreement: &Agreement,
    facts: &Facts<'_>,
    buckets: &Buckets,
    cut: Timestamp,
    mode: Mode,
) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
    let mut rating = Rating {
        agreement,
        facts,
        buckets,
        cut,
        mode,
        cells: BTreeMap::new(),
        groups: Vec::new(),
    };
    let at = |place: &str, result: Result<(), MoneyError>| {
        result.map_err(|source| PricingError {
            contract: agreement.id.clone(),
            place: place.to_owned(),
            source,
        })
    };
    for (id, every) in agreement.component_ids() {
        let periods = agreement.rating_periods(every, cut);
        at(id, rating.component(id, &periods))?;
    }
    for (id, every) in agreement.component_ids() {
        let periods = agreement.rating_periods(every, cut);
        at(id, rating.modifier(id, &periods))?;
    }
    for (id, every) in agreement.component_ids() {
        let periods = agreement.rating_periods(every, cut);
        at(id, rating.line_totals(id, &periods))?;
    }
    at(TOTALS, rating.contract_totals())?;
    for (id, every) in agreement.component_ids() {
        let periods = agreement.rating_periods(every, cut);
        at(id, rating.service_level(id, &periods))?;
    }
    for (id, every) in agreement.component_ids() {
        let periods = agreement.rating_periods(every, cut);
        at(id, rating.holdbacks(id, &periods))?;
    }
    at(CREDIT, rating.credits())?;
    at(CREDIT, rating.decisions())?;
    at(CREDIT, rating.opened())?;
    Ok(rating.cells)
}

/// The state of one rating.
struct Rating<'a> {
    agreement: &'a Agreement,
    facts: &'a Facts<'a>,
    buckets: &'a Buckets,
    cut: Timestamp,
    mode: Mode,
    cells: BTreeMap<CellKey, Cell>,
    /// The price groups that risk looks at.
    groups: Vec<PricedGroup>,
}

/// One price group of one rating period and version, priced.
struct PricedGroup {
    component: String,
    period: usize,
    version: u32,
    label: String,
    amount: Amount,
    contributions: Arc<Vec<Contribution>>,
    /// What weights are divided by to be units, of a gauge's average.
    average_of: Option<Decimal>,
}

impl Rating<'_> {
    fn key(&self, component: &str, period: &Period, version: u32, part: Part) -> CellKey {
        CellKey {
            contract: self.agreement.id.clone(),
            component: component.to_owned(),
            period: period.start.at,
            version,
            part,
        }
    }

    /// Adds a cell; an empty one is left out.
    fn put(&mut self, key: CellKey, cell: Cell) {
        if !cell.quantity.is_zero() || !cell.amount.is_zero() {
            self.cells.insert(key, cell);
        }
    }

    fn is_closed(&self, period: &Period) -> bool {
        period.end.at <= self.cut
    }

    /// Whether prices that look at a whole period are known for it.
    fn is_priced(&self, period: &Period) -> bool {
        let has_begun = period.start.at < self.cut;
        self.is_closed(period) || (self.mode == Mode::Accrued && has_begun)
    }

    fn with_late(&self) -> bool {
        self.mode != Mode::WithoutLate
    }
}

/// The first instant behind the start of a period: what may be cut inside is due from there.
fn inside(period: &Period) -> Timestamp {
    let step = jiff::SignedDuration::from_nanos(1);
    period.start.at.checked_add(step).unwrap_or(period.start.at)
}

/// States as waived what late facts add, where on the whole they add.
fn waive_late(
    cells: &mut BTreeMap<CellKey, Cell>,
    kept: &BTreeMap<CellKey, Cell>,
) -> Result<(), MoneyError> {
    let mut excesses: Vec<(CellKey, Amount)> = Vec::new();
    for (key, cell) in cells.iter() {
        let own = cell.charged()?;
        let other = kept
            .get(key)
            .map_or(Ok(Amount::zero(own.currency())), Cell::charged)?;
        excesses.push((key.clone(), own.minus(other)?));
    }
    for (key, cell) in kept.iter().filter(|(key, _)| !cells.contains_key(*key)) {
        excesses.push((key.clone(), cell.charged()?.negated()));
    }
    let Some((_, first)) = excesses.first() else {
        return Ok(());
    };
    let whole = Amount::sum(first.currency(), excesses.iter().map(|(_, excess)| *excess))?;
    if whole.is_zero() || whole.is_negative() {
        return Ok(());
    }
    // Where usage is looked at together, what the others come to is what they come to without it.
    for (key, cell) in cells.iter_mut() {
        let of_usage = matches!(
            key.part,
            Part::Usage(_) | Part::Included(_) | Part::Band(..)
        );
        if let Some(other) = kept.get(key).filter(|_| of_usage) {
            cell.contributions = Arc::clone(&other.contributions);
        }
    }
    for (key, excess) in excesses.into_iter().filter(|(_, excess)| !excess.is_zero()) {
        let empty = || {
            let gone = &kept[&key]; // a key that is not in `cells` was pushed from `kept`
            Cell {
                quantity: Quantity::ZERO,
                amount: Amount::zero(excess.currency()),
                waived: Vec::new(),
                contributions: Arc::default(),
                of: None,
                ..gone.clone()
            }
        };
        let cell = cells.entry(key.clone()).or_insert_with(empty);
        cell.waived.push((Waiver::Late, excess));
    }
    Ok(())
}
