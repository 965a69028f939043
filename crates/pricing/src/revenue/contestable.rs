//! Work that counts and may still be taken back, and what of its money is held back from revenue for that.
//!
//! A work may be taken back as long as a rule of its definition reaches it or it can be disputed. Not here: what is disputed
//! before it is stated, which is not owed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, MoneyError};
use work::Definition;
use work::settle::{State, Unit};

use super::{Constraint, Estimate};
use crate::account::Held;
use crate::cell::{Owed, Source};
use crate::statement::shares;

/// The counted works of a unit beside their money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contestable {
    /// Works that may still be taken back.
    pub works: u64,
    /// What they are charged.
    pub amount: Amount,
    /// The estimate's share of it, which is not recognised.
    pub constrained: Amount,
    /// Works that nothing can take back any more, and of these the ones that were: what the estimate can be held
    /// against.
    pub past: (u64, u64),
}

/// By unit, what may still be taken back at an instant.
pub(super) fn of(
    held: &Held,
    owed: &Owed,
    constraint: &Constraint,
    until: Timestamp,
) -> Result<BTreeMap<String, Contestable>, MoneyError> {
    let contract = &held.agreement.latest().terms.contract;
    let zero = Amount::zero(contract.currency);
    let mut found: BTreeMap<String, Contestable> = BTreeMap::new();
    let mut looked_at: BTreeMap<String, Amount> = BTreeMap::new();
    let mut is_open = vec![false; held.units.len()];
    let mut is_estimated = vec![false; held.units.len()];
    for (place, unit) in held.units.iter().enumerate() {
        let Some((definition, zone)) = governing(held, unit) else {
            continue;
        };
        let Some(last) = last_movement(unit, until) else {
            continue;
        };
        let id = unit.key.unit.to_string();
        let own = found.entry(id.clone()).or_insert(Contestable {
            works: 0,
            amount: zero,
            constrained: zero,
            past: (0, 0),
        });
        let counts = matches!(unit.state_at(before(until)), State::Counted(_));
        if !may_be_taken_back(definition, last, until, zone) {
            own.past.0 += 1;
            own.past.1 += u64::from(!counts);
        } else if counts {
            own.works += 1;
            is_open[place] = true;
            let estimate = constraint.by_unit.get(&id);
            is_estimated[place] = estimate.is_some_and(|own| holds(own, last, until, zone));
        }
    }
    for cell in owed
        .cells
        .values()
        .filter(|cell| !cell.contributions.is_empty())
    {
        let parts = shares(cell.charged()?, &cell.contributions, cell.waives_late())?;
        for (own, amount) in cell.contributions.iter().zip(parts) {
            let Source::Unit(place, _) = own.source else {
                continue;
            };
            if !is_open[place] {
                continue;
            }
            let id = held.units[place].key.unit.as_str();
            if let Some(own) = found.get_mut(id) {
                own.amount = own.amount.plus(amount)?;
            }
            if is_estimated[place] {
                let sum = looked_at.entry(id.to_owned()).or_insert(zero);
                *sum = sum.plus(amount)?;
            }
        }
    }
    for (id, amount) in looked_at {
        if let (Some(own), Some(estimate)) = (found.get_mut(&id), constraint.by_unit.get(&id)) {
            own.constrained = amount.times(estimate.share)?.rounded(contract.rounding);
        }
    }
    Ok(found)
}

/// The definition and zone that govern a unit.
fn governing<'a>(held: &'a Held, unit: &Unit) -> Option<(&'a Definition, &'a TimeZone)> {
    let version = held.agreement.version(unit.version)?;
    let definition = version.terms.definitions.get(unit.key.unit.as_str())?;
    Some((definition, &version.terms.contract.time_zone))
}

fn last_movement(unit: &Unit, until: Timestamp) -> Option<Timestamp> {
    let moved = unit.movements.iter().map(|own| own.instant);
    moved.filter(|instant| *instant < until).max()
}

fn may_be_taken_back(
    definition: &Definition,
    last: Timestamp,
    until: Timestamp,
    zone: &TimeZone,
) -> bool {
    let reach = definition.after.iter().map(|rule| rule.within);
    reach
        .chain([definition.dispute.window])
        .any(|span| span.reaches(last, until, zone))
}

fn holds(estimate: &Estimate, last: Timestamp, until: Timestamp, zone: &TimeZone) -> bool {
    estimate.within.reaches(last, until, zone)
}

fn before(until: Timestamp) -> Timestamp {
    crate::statement::last_before(until)
}
