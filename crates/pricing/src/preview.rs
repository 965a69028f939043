//! What a change of contract does to the bill, before anybody makes it.
//!
//! The customer's own facts are rated twice: by the contract as it is, and as if the new terms had been
//! in force since the first of the periods looked at. Works are settled again only where a definition
//! changes; otherwise the settled ones are taken, and only those that moved in the periods, so that a
//! customer with a million works is answered at once. Nothing is written. Invariant: a change that
//! changes nothing previews as no difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError, Quantity};
use work::settle::Unit;

use crate::account::{Account, Held};
use crate::cell::{CREDIT, Cell, CellKey, Facts, PricingError, SeatChange, Usage, accrued};
use crate::contract::{Agreement, Change, InForce, changes};
use crate::period::Period;
use crate::published::Published;

/// What a change does to the bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The contract.
    pub contract: String,
    /// Its currency.
    pub currency: Currency,
    /// From when the change would govern.
    pub effective: Timestamp,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The statement period that runs, with the change from its own day on; `None` after the end.
    pub current: Option<Bill>,
    /// Closed periods, the earliest first, as if the change had been in force since the first of them.
    pub closed: Vec<Bill>,
    /// Whether works were settled again, because a definition changes.
    pub resettled: bool,
}

/// One period under both terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Where it starts.
    pub from: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
    /// What is owed for it by the contract as it is.
    pub before: Amount,
    /// What would be owed.
    pub after: Amount,
    /// The lines that differ.
    pub lines: Vec<BillLine>,
}

/// A line under both terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// The component.
    pub component: String,
    /// The part of it, such as `class:confirmed`.
    pub part: String,
    /// Quantity and amount by the contract as it is.
    pub before: (Quantity, Amount),
    /// Quantity and amount that would be.
    pub after: (Quantity, Amount),
}

/// The change that is previewed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The new terms.
    pub terms: InForce,
    /// From when they would govern.
    pub effective: Timestamp,
    /// How many closed periods to look back at.
    pub closed: usize,
}

/// Previews a change at an instant.
///
/// `refold` gives the account as if the new terms had been in force from an instant on; it is asked only
/// where a definition changes.
///
/// # Errors
/// [`PricingError`] where an amount does not fit, and whatever `refold` fails with.
pub fn preview<E: From<PricingError>>(
    held: &Held,
    proposal: &Proposal,
    now: Timestamp,
    refold: impl Fn(Timestamp) -> Result<Account, E>,
) -> Result<Preview, E> {
    let agreement = &held.agreement;
    let periods = agreement.statement_periods(now);
    let running = periods
        .iter()
        .find(|period| period.holds(now) && !period.is_tail);
    let over: Vec<&Period> = periods
        .iter()
        .filter(|period| period.end.at <= now)
        .collect();
    let closed = &over[over.len().saturating_sub(proposal.closed)..];
    let mut resettled = false;
    let mut bills = |periods: &[&Period], effective: Timestamp| -> Result<Vec<Bill>, E> {
        let Some(first) = periods.first() else {
            return Ok(Vec::new());
        };
        let begin = first.start.at;
        let before = Window::of(held, begin);
        let mut other = agreement.clone();
        other.amend(proposal.terms.clone(), effective);
        let (other, after) = match before.governed_by(agreement, &other) {
            Some(units) => (
                other,
                Window {
                    units,
                    ..before.clone()
                },
            ),
            None => {
                resettled = true;
                let account = refold(effective)?;
                match account.contract(&agreement.id) {
                    Some(own) => (own.agreement.clone(), Window::of(own, begin)),
                    None => (other, before.clone()),
                }
            }
        };
        let old = before.rated(agreement, now)?;
        let new = after.rated(&other, now)?;
        let bills = periods.iter().map(|period| bill(period, &old, &new, held));
        bills
            .collect::<Result<Vec<Bill>, PricingError>>()
            .map_err(E::from)
    };
    let first = closed
        .first()
        .map_or(proposal.effective, |period| period.start.at);
    let closed = bills(closed, proposal.effective.min(first))?;
    let running: Vec<&Period> = running.into_iter().collect();
    let current = bills(&running, proposal.effective)?.pop();
    let latest = agreement.latest();
    Ok(Preview {
        contract: agreement.id.clone(),
        currency: latest.terms.contract.currency,
        effective: proposal.effective,
        changes: changes(&latest.terms, &proposal.terms),
        current,
        closed,
        resettled,
    })
}

/// The facts of a contract that can reach the bill from an instant on.
#[derive(Clone)]
struct Window {
    begin: Timestamp,
    units: Vec<Unit>,
    usage: Vec<Usage>,
    seats: Vec<SeatChange>,
    published: Arc<[Published]>,
}

impl Window {
    fn of(held: &Held, begin: Timestamp) -> Window {
        let moved = |unit: &&Unit| unit.movements.iter().any(|own| own.instant >= begin);
        let used = held.usage.partition_point(|usage| usage.time < begin);
        Window {
            begin,
            units: held.units.iter().filter(moved).cloned().collect(),
            usage: held.usage[used..].to_vec(),
            seats: held.seats.clone(),
            published: Arc::clone(&held.published),
        }
    }

    /// The units as another agreement governs them; `None` where one would be settled otherwise.
    fn governed_by(&self, own: &Agreement, other: &Agreement) -> Option<Vec<Unit>> {
        let governed = self.units.iter().map(|unit| {
            let version = other.in_force_at(unit.opened)?;
            let terms = |version: &crate::contract::Version| {
                let definition = version.terms.definitions.get(unit.key.unit.as_str())?;
                let zone = version.terms.contract.time_zone.clone();
                Some((definition.digest, definition.dispute.default, zone))
            };
            let before = own.version(unit.version).and_then(terms)?;
            (before == terms(version)?).then(|| Unit {
                version: version.number,
                ..unit.clone()
            })
        });
        governed.collect()
    }

    fn rated(
        &self,
        agreement: &Agreement,
        now: Timestamp,
    ) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
        let facts = Facts {
            units: &self.units,
            usage: &self.usage,
            seats: &self.seats,
            published: &self.published,
            ..Facts::default()
        };
        let mut cells = accrued(agreement, &facts, now)?;
        cells.retain(|key, _| key.period >= self.begin && key.component != CREDIT);
        Ok(cells)
    }
}

type Sides = BTreeMap<(String, String), [(Quantity, Amount); 2]>;

/// One period under both terms.
fn bill(
    period: &Period,
    before: &BTreeMap<CellKey, Cell>,
    after: &BTreeMap<CellKey, Cell>,
    held: &Held,
) -> Result<Bill, PricingError> {
    let currency = held.agreement.latest().terms.contract.currency;
    let nothing = (Quantity::ZERO, Amount::zero(currency));
    let sum = || -> Result<Bill, MoneyError> {
        let mut sides = Sides::new();
        let mut totals = [Amount::zero(currency); 2];
        for (side, cells) in [before, after].into_iter().enumerate() {
            for (key, cell) in cells.iter().filter(|(key, _)| period.holds(key.period)) {
                let name = (key.component.clone(), key.part.to_string());
                let own = &mut sides.entry(name).or_insert([nothing; 2])[side];
                let charged = cell.charged()?;
                *own = (own.0.plus(cell.quantity)?, own.1.plus(charged)?);
                totals[side] = totals[side].plus(charged)?;
            }
        }
        let differ = sides
            .into_iter()
            .filter(|(_, [before, after])| before != after);
        let lines = differ.map(|((component, part), [before, after])| BillLine {
            component,
            part,
            before,
            after,
        });
        Ok(Bill {
            from: period.start.at,
            until: period.end.at,
            before: totals[0],
            after: totals[1],
            lines: lines.collect(),
        })
    };
    sum().map_err(|source| PricingError {
        contract: held.agreement.id.clone(),
        place: "preview".to_owned(),
        source,
    })
}

impl Preview {
    /// The text that tells the buyer what the change does to its bill, before it starts.
    #[must_use]
    pub fn letter(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write_letter(&mut text);
        text
    }

    fn write_letter(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "Contract {}: new terms from {}",
            self.contract, self.effective
        )?;
        writeln!(text, "\nWhat changes:")?;
        if self.changes.is_empty() {
            writeln!(text, "  nothing")?;
        }
        for change in &self.changes {
            writeln!(text, "  {change}")?;
        }
        if self.closed.is_empty() {
            writeln!(
                text,
                "\nThere is no closed period yet that could be compared."
            )?;
        } else {
            writeln!(
                text,
                "\nYour own bills, as if the new terms had held since {}:",
                self.closed[0].from
            )?;
            for bill in &self.closed {
                write_bill(text, bill)?;
            }
            writeln!(
                text,
                "\nWork that opened before {} keeps the terms under which it opened.",
                self.closed[0].from
            )?;
        }
        if let Some(bill) = &self.current {
            writeln!(text, "\nThe period that runs, as far as it is known today:")?;
            write_bill(text, bill)?;
        }
        Ok(())
    }
}

fn write_bill(text: &mut String, bill: &Bill) -> std::fmt::Result {
    writeln!(
        text,
        "  {} to {}: {} instead of {}",
        bill.from, bill.until, bill.after, bill.before
    )?;
    for line in &bill.lines {
        writeln!(
            text,
            "    {} {}: {} for {} instead of {} for {}",
            line.component,
            line.part,
            line.after.1.number(),
            line.after.0,
            line.before.1.number(),
            line.before.0
        )?;
    }
    Ok(())
}
