//! Division of a whole into parts that sum to it: the largest-remainder method (Hamilton).

use crate::{Amount, Decimal, MoneyError};

/// Divides `whole` into one part per weight, in proportion, to the currency's smallest coin.
///
/// Each part is the whole coins of its exact share; the coins left over go one each to the largest
/// remainders, ties to the earlier weight. The parts sum to `whole` exactly; a weight of zero gets
/// nothing. An amount finer than a coin is divided at its own scale.
///
/// Source: the method of largest remainders (Hamilton 1792), as used for apportionment.
///
/// # Errors
/// [`MoneyError::DivisionByZero`] where the weights are empty or sum to zero;
/// [`MoneyError::NegativeRate`] where a weight is negative; [`MoneyError::Overflow`].
pub fn split(whole: Amount, weights: &[Decimal]) -> Result<Vec<Amount>, MoneyError> {
    let scale = whole.value().scale().max(whole.currency().minor_digits());
    let overflow = || MoneyError::Overflow {
        operation: "division into parts",
    };
    let steps = whole
        .value()
        .mantissa()
        .checked_mul(crate::decimal::pow10(scale - whole.value().scale()).ok_or_else(overflow)?)
        .ok_or_else(overflow)?;
    split_units(steps, weights)?
        .into_iter()
        .map(|units| Ok(Amount::new(Decimal::new(units, scale)?, whole.currency())))
        .collect()
}

/// Divides `steps` indivisible steps in proportion to the weights; see [`split`].
///
/// # Errors
/// As [`split`].
pub fn split_units(steps: i128, weights: &[Decimal]) -> Result<Vec<i128>, MoneyError> {
    let overflow = || MoneyError::Overflow {
        operation: "division into parts",
    };
    if let Some(value) = weights.iter().copied().find(|w| w.is_negative()) {
        return Err(MoneyError::NegativeRate { value });
    }
    let scale = weights.iter().map(|w| w.scale()).max().unwrap_or(0);
    let mut integers: Vec<u128> = Vec::with_capacity(weights.len());
    let mut total: u128 = 0;
    for weight in weights {
        let factor = crate::decimal::pow10(scale - weight.scale()).ok_or_else(overflow)?;
        let integer = weight
            .mantissa()
            .checked_mul(factor)
            .ok_or_else(overflow)?
            .unsigned_abs();
        total = total.checked_add(integer).ok_or_else(overflow)?;
        integers.push(integer);
    }
    if total == 0 {
        return Err(MoneyError::DivisionByZero {
            operation: "division into parts",
        });
    }
    let whole = steps.unsigned_abs();
    let mut shares: Vec<u128> = Vec::with_capacity(integers.len());
    let mut remainders: Vec<(u128, usize)> = Vec::with_capacity(integers.len());
    let mut given: u128 = 0;
    for (index, weight) in integers.iter().enumerate() {
        let product = whole.checked_mul(*weight).ok_or_else(overflow)?;
        let share = product / total;
        given += share;
        shares.push(share);
        remainders.push((product % total, index));
    }
    // Largest remainder first; ties to the earlier weight.
    remainders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(whole - given).map_err(|_| overflow())?;
    for (_, index) in remainders.iter().take(left) {
        shares[*index] += 1;
    }
    shares
        .into_iter()
        .map(|share| {
            let share = i128::try_from(share).map_err(|_| overflow())?;
            Ok(if steps < 0 { -share } else { share })
        })
        .collect()
}
