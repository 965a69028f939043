//! Shares of a cell: what each work or usage has of it.
//!
//! By quantity, largest remainder, in the order of unit keys and never by rank (semantics.md D2).
//! Where each has a fee of its own, the shares follow the fees, which may have both signs.

use money::{Amount, Decimal, MoneyError, Rounding, split};

use crate::cell::Contribution;

/// Divides an amount over contributions, in their order; the shares sum to it exactly. What the late
/// policy waives has no share where `without_late`, unless there is nothing else.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn shares(
    amount: Amount,
    contributions: &[Contribution],
    without_late: bool,
) -> Result<Vec<Amount>, MoneyError> {
    let has_share = |own: &Contribution| !(without_late && own.is_late);
    if !contributions.iter().any(has_share) {
        let weights: Vec<Decimal> = contributions.iter().map(|own| own.weight).collect();
        return divide(amount, &weights);
    }
    // Where no weight is above zero the parts are even, and one that has no share must not be counted.
    let sharing = contributions.iter().filter(|own| has_share(own));
    let weights: Vec<Decimal> = sharing.map(|own| own.weight).collect();
    let mut parts = divide(amount, &weights)?.into_iter();
    let zero = Amount::zero(amount.currency());
    let part = |own: &Contribution| {
        let own = has_share(own).then(|| parts.next()).flatten();
        own.unwrap_or(zero)
    };
    Ok(contributions.iter().map(part).collect())
}

/// Divides an amount by weights of either sign; without any weight, evenly.
pub(super) fn divide(amount: Amount, weights: &[Decimal]) -> Result<Vec<Amount>, MoneyError> {
    if weights.is_empty() {
        return Ok(Vec::new());
    }
    if weights.iter().all(|weight| weight.is_zero()) {
        return split(amount, &vec![Decimal::ONE; weights.len()]);
    }
    let magnitudes: Vec<Decimal> = weights.iter().map(|weight| weight.magnitude()).collect();
    let is_mixed = weights.iter().any(|weight| weight.is_negative())
        && weights
            .iter()
            .any(|weight| !weight.is_negative() && !weight.is_zero());
    if !is_mixed {
        return split(amount, &magnitudes);
    }
    let side = |negative: bool| -> Vec<Decimal> {
        let keep = |weight: &Decimal| {
            if weight.is_negative() == negative {
                weight.magnitude()
            } else {
                Decimal::ZERO
            }
        };
        weights.iter().map(keep).collect()
    };
    let (up, down) = (side(false), side(true));
    let lost = down
        .iter()
        .try_fold(Decimal::ZERO, |sum, weight| sum.plus(*weight))?;
    let lost = Amount::new(lost, amount.currency()).rounded(Rounding::HalfEven);
    let gains = split(amount.plus(lost)?, &up)?;
    let losses = split(lost, &down)?;
    gains
        .into_iter()
        .zip(losses)
        .map(|(gain, loss)| gain.minus(loss))
        .collect()
}
