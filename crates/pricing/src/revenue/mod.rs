//! Revenue: when what is sold was performed, which is not when it is stated or paid.
//!
//! Access is performed day by day, usage when it is used, work when it counts. [`recognised`] says what of a
//! contract was performed before an instant; a month's revenue is the difference of two instants
//! ([`schedule()`]), so that whatever is learnt later falls into the month that is still open and the months sum to the
//! whole. Against what was stated it leaves a contract asset (performed, not yet stated) or deferred
//! revenue (stated, not yet performed). [`right_to_invoice()`] lists what of a contract keeps it from the
//! practical expedient by which revenue is what may be invoiced.
//!
//! Source of the terms: ASC 606 and IFRS 15 (606-10-25-30 to 33 for progress, 32-11 for the constraint, 45-1 for
//! presentation, 55-18 for the right to invoice). This is a subledger: the judgement stays with who signs the books, and
//! every estimate that goes in is named beside what comes out.
//!
//! Invariant: over the life of a contract, what is recognised is what is owed.

mod contestable;
mod progress;
mod right_to_invoice;
mod schedule;

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, split};
use work::Span;

use crate::account::Held;
use crate::cell::{CREDIT, Cell, CellKey, Part, PricingError, TOTALS, Waiver, accrued, owed};
use crate::plan::Surface;

pub use contestable::Contestable;
pub use right_to_invoice::{Obstacle, Why, right_to_invoice};
pub use schedule::{Close, Row, schedule};

use progress::{Progress, progress};

/// What revenue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// A surface of the price, with its part of what was done to the sum of a period.
    Surface(Surface),
    /// What was promised as a minimum and not used.
    Commitment,
    /// Credits given by hand.
    Concession,
}

impl Stream {
    /// The stream's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stream::Surface(surface) => surface.word(),
            Stream::Commitment => "commitment",
            Stream::Concession => "concession",
        }
    }
}

/// What is not recognised yet of work that counts and may still be taken back (606-10-32-11).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constraint {
    /// By id of the work-unit definition; without an estimate everything that counts is recognised.
    pub by_unit: BTreeMap<String, Estimate>,
}

/// An estimate of how much of what counts will be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The share of one.
    pub share: Decimal,
    /// How long after its last count a work is looked at; at most as long as it can be taken back at all.
    pub within: Span,
}

/// What of a contract was performed before an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What is recognised, by stream.
    pub streams: BTreeMap<Stream, Amount>,
    /// Work that counts and may still be taken back, by unit.
    pub contestable: BTreeMap<String, Contestable>,
}

impl Recognised {
    /// The sum over the streams.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; a contract has one currency.
    pub fn total(&self, zero: Amount) -> Result<Amount, MoneyError> {
        self.streams
            .values()
            .try_fold(zero, |sum, own| sum.plus(*own))
    }
}

/// A sum of money that is performed all at once, or day by day.
struct Earned {
    stream: Stream,
    /// Start of its rating period.
    period: Timestamp,
    progress: Progress,
    amount: Amount,
}

/// What of a contract was performed before `until`, by everything the account knows.
///
/// # Errors
/// [`PricingError`] where an amount does not fit.
pub fn recognised(
    held: &Held,
    constraint: &Constraint,
    until: Timestamp,
) -> Result<Recognised, PricingError> {
    let agreement = &held.agreement;
    let cells = accrued(agreement, &held.facts(), until)?;
    let owed = owed(agreement, &held.facts(), until)?;
    let money = |source| PricingError {
        contract: agreement.id.clone(),
        place: "revenue".to_owned(),
        source,
    };
    let contract = &agreement.latest().terms.contract;
    let mut earned = Vec::new();
    for (key, cell) in cells.iter().filter(|(key, _)| key.component != TOTALS) {
        let late = owed.cells.get(key).map(|own| own.waived_by(Waiver::Late));
        let amount = cell.charged().and_then(|own| match late {
            Some(late) => own.minus(late),
            None => Ok(own),
        });
        earned.push(Earned {
            stream: stream(held, key),
            period: key.period,
            progress: progress(agreement, key, until),
            amount: amount.map_err(money)?,
        });
    }
    let terms = agreement.minimum_terms(until);
    for (key, cell) in cells.iter().filter(|(key, _)| key.component == TOTALS) {
        // What is paid in advance of a minimum, and what draws it down, leave what nobody used: known when its
        // term is over.
        let runs = terms.iter().any(|term| {
            let ends = term.last().is_some_and(|last| last.end.at > until);
            ends && term.iter().any(|own| own.start.at == key.period)
        });
        if runs && matches!(key.part, Part::Minimum | Part::Drawn) {
            continue;
        }
        let over = over_period(&earned, key, cell).map_err(money)?;
        earned.extend(over);
    }
    let mut streams: BTreeMap<Stream, Amount> = BTreeMap::new();
    for own in &earned {
        let done = own
            .progress
            .of(own.amount, contract.rounding)
            .map_err(money)?;
        add(&mut streams, own.stream, done).map_err(money)?;
    }
    let contestable = contestable::of(held, &owed, constraint, until).map_err(money)?;
    for own in contestable.values() {
        let outcome = Stream::Surface(Surface::Outcome);
        add(&mut streams, outcome, own.constrained.negated()).map_err(money)?;
    }
    streams.retain(|_, amount| !amount.is_zero());
    Ok(Recognised {
        streams,
        contestable,
    })
}

fn add(
    streams: &mut BTreeMap<Stream, Amount>,
    stream: Stream,
    amount: Amount,
) -> Result<(), MoneyError> {
    let sum = streams
        .entry(stream)
        .or_insert(Amount::zero(amount.currency()));
    *sum = sum.plus(amount)?;
    Ok(())
}

/// The stream of a cell that is not a total of the contract.
fn stream(held: &Held, key: &CellKey) -> Stream {
    if key.component == CREDIT {
        return Stream::Concession;
    }
    if key.part == Part::Minimum {
        return Stream::Commitment;
    }
    let versions = held.agreement.versions.iter().rev();
    let component = versions
        .filter_map(|version| version.component(&key.component))
        .next();
    // A cell is of a component of some version.
    component.map_or(Stream::Concession, |own| Stream::Surface(own.surface()))
}

/// A total of a contract's period divided over what it was computed from: a discount belongs to everything it was given
/// for (606-10-32-36), and is performed as that is. A minimum belongs to nothing but the promise.
fn over_period(earned: &[Earned], key: &CellKey, cell: &Cell) -> Result<Vec<Earned>, MoneyError> {
    let amount = cell.charged()?;
    let whole = |stream| {
        vec![Earned {
            stream,
            period: key.period,
            progress: Progress::WHOLE,
            amount,
        }]
    };
    if matches!(key.part, Part::Minimum | Part::Drawn) {
        return Ok(whole(Stream::Commitment));
    }
    let (start, end) = cell.service;
    let mut sums: BTreeMap<(Stream, Timestamp, Progress), Amount> = BTreeMap::new();
    let within = earned.iter().filter(|own| {
        start <= own.period && own.period < end && matches!(own.stream, Stream::Surface(_))
    });
    for own in within {
        let sum = sums
            .entry((own.stream, own.period, own.progress))
            .or_insert(Amount::zero(amount.currency()));
        *sum = sum.plus(own.amount)?;
    }
    sums.retain(|_, sum| !sum.is_zero() && !sum.is_negative());
    if sums.is_empty() {
        return Ok(whole(Stream::Concession));
    }
    let weights: Vec<Decimal> = sums.values().map(|sum| sum.value()).collect();
    let shares = split(amount, &weights)?;
    let places = sums.into_keys().zip(shares);
    Ok(places
        .map(|((stream, period, progress), amount)| Earned {
            stream,
            period,
            progress,
            amount,
        })
        .collect())
}
