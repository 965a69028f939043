//! Month by month: what was performed, what was stated, and what lies between the two.
//!
//! A month that is closed keeps what was known when it was closed; what is learnt later, or is done to its
//! statements, falls into the month that is open. Invariant: the months' revenue sums to what is recognised at the
//! end of the last one, and each month ends with what the next begins with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, MoneyError};

use super::{Constraint, Contestable, Stream, recognised};
use crate::account::Held;
use crate::cell::PricingError;

/// The end of a month, and the contract as it was known when the month was closed.
#[derive(Debug, Clone, Copy)]
pub struct Close<'a> {
    /// First day of the month.
    pub month: Date,
    /// The instant at which it ends.
    pub until: Timestamp,
    /// What was known.
    pub known: &'a Held,
}

/// One month of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// First day of the month.
    pub month: Date,
    /// The month's revenue, by stream.
    pub revenue: BTreeMap<Stream, Amount>,
    /// Their sum.
    pub recognised: Amount,
    /// What the statements issued in the month state, less those voided in it.
    pub stated: Amount,
    /// Performed and not stated at the end of the month.
    pub contract_asset: Amount,
    /// Stated, and expected to be taken back, at the end of the month.
    pub refund_liability: Amount,
    /// Stated and not performed at the end of the month, without what is expected to be taken back.
    pub deferred: Amount,
    /// Work that counts and may still be taken back at the end of the month, by unit.
    pub contestable: BTreeMap<String, Contestable>,
}

/// The months of a contract, in the order given.
///
/// # Errors
/// [`PricingError`] where an amount does not fit.
pub fn schedule(closes: &[Close<'_>], constraint: &Constraint) -> Result<Vec<Row>, PricingError> {
    let mut rows = Vec::with_capacity(closes.len());
    let mut before: BTreeMap<Stream, Amount> = BTreeMap::new();
    let mut stated_before: Option<Amount> = None;
    for close in closes {
        let contract = &close.known.agreement.latest().terms.contract;
        let zero = Amount::zero(contract.currency);
        let money = |source| PricingError {
            contract: contract.id.clone(),
            place: close.month.to_string(),
            source,
        };
        let now = recognised(close.known, constraint, close.until)?;
        let stated = stated(close.known, zero, close.until).map_err(money)?;
        let total = now.total(zero).map_err(money)?;
        let open = total.minus(stated).map_err(money)?;
        let revenue = difference(&now.streams, &before, zero).map_err(money)?;
        let owed = if open.is_negative() {
            open.negated()
        } else {
            zero
        };
        let mut held_back = now.contestable.values();
        let held_back = held_back.try_fold(zero, |sum, own| sum.plus(own.constrained));
        let held_back = held_back.map_err(money)?;
        let refund_liability = if held_back.value() < owed.value() {
            held_back
        } else {
            owed
        };
        let sum = revenue.values().try_fold(zero, |sum, own| sum.plus(*own));
        rows.push(Row {
            month: close.month,
            recognised: sum.map_err(money)?,
            revenue,
            stated: stated.minus(stated_before.unwrap_or(zero)).map_err(money)?,
            contract_asset: if open.is_negative() { zero } else { open },
            refund_liability,
            deferred: owed.minus(refund_liability).map_err(money)?,
            contestable: now.contestable,
        });
        before = now.streams;
        stated_before = Some(stated);
    }
    Ok(rows)
}

/// What the statements that stand at an instant state.
fn stated(held: &Held, zero: Amount, until: Timestamp) -> Result<Amount, MoneyError> {
    let stands = held
        .issued
        .iter()
        .filter(|own| own.at < until && own.voided.is_none_or(|voided| voided >= until));
    let stated = stands
        .map(|own| own.total(zero.currency()))
        .try_fold(zero, |sum, own| sum.plus(own?))?;
    // What was billed before the contract began was billed when it begins.
    let before = held.stated_before().into_iter();
    let before = before.filter(|(key, ..)| key.period < until);
    before
        .map(|(_, _, amount)| amount)
        .try_fold(stated, Amount::plus)
}

fn difference(
    now: &BTreeMap<Stream, Amount>,
    before: &BTreeMap<Stream, Amount>,
    zero: Amount,
) -> Result<BTreeMap<Stream, Amount>, MoneyError> {
    let mut out = BTreeMap::new();
    for stream in now.keys().chain(before.keys()) {
        let own = now.get(stream).copied().unwrap_or(zero);
        let change = own.minus(before.get(stream).copied().unwrap_or(zero))?;
        if !change.is_zero() {
            out.insert(*stream, change);
        }
    }
    Ok(out)
}
