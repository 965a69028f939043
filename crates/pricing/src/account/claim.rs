//! Which contract a work or a usage belongs to: the one in force at its instant that sells it.
//!
//! Invariant: nothing is claimed twice. What no contract in force sells, or several do, belongs to none
//! and waits (semantics.md P5).

use jiff::Timestamp;
use work::settle::Unit;

use crate::cell::Pending;
use crate::contract::{Agreement, Version};
use crate::plan::Terms;

/// Where among the agreements the contract is that a unit belongs to, and the number of the version
/// that governs it for life.
///
/// # Errors
/// Why it belongs to none.
pub fn of_unit<'a>(
    agreements: impl Iterator<Item = &'a Agreement> + Clone,
    unit: &Unit,
) -> Result<(usize, u32), Pending> {
    let own = claimant(agreements.clone(), unit.opened, |version| {
        sells(version, &unit.key.unit)
    });
    let Err(none @ (Pending::NoContract | Pending::NoPrice)) = own else {
        return own;
    };
    // What began before a contract that names it goes on under its first version (P6).
    let mut claiming = None;
    for (index, agreement) in agreements.enumerate() {
        let begins = unit.opened < agreement.schedule.start.at;
        let named = agreement.opening.as_ref().and_then(|own| own.work(unit));
        if begins && named.is_some() {
            let version = agreement.versions[0].number; // an agreement has a version
            if claiming.replace((index, version)).is_some() {
                return Err(Pending::Ambiguous);
            }
        }
    }
    claiming.ok_or(none)
}

/// Where among the agreements the contract is that a usage belongs to.
///
/// # Errors
/// Why it belongs to none.
pub fn of_usage<'a>(
    agreements: impl Iterator<Item = &'a Agreement>,
    meter: &str,
    time: Timestamp,
) -> Result<usize, Pending> {
    let meters = |version: &Version| {
        let components = &mut version.terms.components.iter();
        components
            .any(|own| matches!(&own.terms, Terms::Metered(metered) if metered.meter == meter))
    };
    claimant(agreements, time, meters).map(|(index, _)| index)
}

/// Whether a version has a price for a unit.
pub(super) fn sells(version: &Version, unit: &str) -> bool {
    let components = &mut version.terms.components.iter();
    components.any(|own| matches!(&own.terms, Terms::Outcome(outcome) if outcome.unit == unit))
}

fn claimant<'a>(
    agreements: impl Iterator<Item = &'a Agreement>,
    instant: Timestamp,
    sells: impl Fn(&Version) -> bool,
) -> Result<(usize, u32), Pending> {
    let mut none = Pending::NoContract;
    let mut claiming = None;
    for (index, agreement) in agreements.enumerate() {
        let Some(version) = agreement.in_force_at(instant) else {
            continue;
        };
        none = Pending::NoPrice;
        if sells(version) && claiming.replace((index, version.number)).is_some() {
            return Err(Pending::Ambiguous);
        }
    }
    claiming.ok_or(none)
}
