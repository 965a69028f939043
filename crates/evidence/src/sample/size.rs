//! How many works to look at.

use crate::error::{Error, at_least, at_most, inside, within};
use crate::interval::Confidence;
use crate::limits::COUNT_MAX;
use crate::special::hypergeometric::Draw;
use crate::special::normal;

/// Works for an interval of rate ± margin: n₀ = z² p (1-p) / e², and n₀ / (1 + (n₀-1)/N) of a population
/// of N (Cochran 1977, 4.4). Not for rates near 0 or 1, where the interval is not symmetrical.
///
/// # Errors
/// A rate or margin outside of (0, 1), an empty population, or an answer over [`COUNT_MAX`].
pub fn for_margin(
    rate: f64,
    margin: f64,
    population: Option<u64>,
    confidence: Confidence,
) -> Result<u64, Error> {
    inside("rate", rate, 0.0, 1.0)?;
    inside("margin", margin, 0.0, 1.0)?;
    let unlimited = (confidence.z() / margin).powi(2) * rate * (1.0 - rate);
    let Some(population) = population else {
        return whole(unlimited);
    };
    at_least("works in the population", population, 1)?;
    let n = unlimited / (1.0 + (unlimited - 1.0) / population as f64);
    Ok(whole(n.max(1.0))?.min(population))
}

/// Works in each of two arms to see that two rates differ: (z₁₋α/₂ + z_power)² (p₁q₁ + p₂q₂) / (p₁-p₂)².
///
/// # Errors
/// A rate or power outside of (0, 1), equal rates, or an answer over [`COUNT_MAX`].
pub fn for_difference(
    first: f64,
    second: f64,
    power: f64,
    confidence: Confidence,
) -> Result<u64, Error> {
    inside("first rate", first, 0.0, 1.0)?;
    inside("second rate", second, 0.0, 1.0)?;
    inside("power", power, 0.0, 1.0)?;
    if first == second {
        return Err(Error::NoVariation { what: "the rates" });
    }
    let z = confidence.z() + normal::quantile_of(power);
    let variance = first * (1.0 - first) + second * (1.0 - second);
    whole(z.max(0.0).powi(2) * variance / (first - second).powi(2))
}

/// Works that, all without a defect, say that fewer than this share have one: ⌈ln(1-C) / ln(1-d)⌉.
///
/// # Errors
/// A share or level outside of (0, 1), or an answer over [`COUNT_MAX`].
pub fn zero_defect(share: f64, level: f64) -> Result<u64, Error> {
    inside("share", share, 0.0, 1.0)?;
    inside("level", level, 0.0, 1.0)?;
    whole((1.0 - level).ln() / (-share).ln_1p())
}

/// As [`zero_defect`], drawn without replacement from a lot: the least n at which a lot with ⌈N d⌉
/// defects shows none in at most 1-C of all draws.
///
/// # Errors
/// A share or level outside of (0, 1), or an empty lot.
pub fn zero_defect_of_lot(lot: u64, share: f64, level: f64) -> Result<u64, Error> {
    at_least("works in the lot", lot, 1)?;
    at_most("works in the lot", lot, COUNT_MAX)?;
    inside("share", share, 0.0, 1.0)?;
    inside("level", level, 0.0, 1.0)?;
    let defects = whole(lot as f64 * share)?.clamp(1, lot);
    // A work that is drawn of all but the clean ones must show one.
    let (mut too_few, mut enough) = (0, lot - defects + 1);
    while enough - too_few > 1 {
        let middle = u64::midpoint(too_few, enough);
        if Draw::new(lot, defects, middle)?.probability(0) <= 1.0 - level {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Ok(enough)
}

/// The least whole number that is not below, a rounding error aside.
fn whole(n: f64) -> Result<u64, Error> {
    let n = within("sample size", n, 0.0, COUNT_MAX as f64)?;
    let up = (n * (1.0 - 1e-12)).ceil().max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    Ok(up as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binomial::upper_bound;
    use crate::special::close::decimals;

    #[test]
    fn margins() {
        let size = |rate, margin, of| for_margin(rate, margin, of, Confidence::P95).unwrap();
        assert_eq!(size(0.5, 0.05, None), 385);
        assert_eq!(size(0.5, 0.05, Some(1_000)), 278);
        assert_eq!(size(0.1, 0.02, None), 865);
        assert_eq!(size(0.1, 0.02, Some(5_000)), 738);
        assert_eq!(size(0.05, 0.01, Some(20_000)), 1_673);
        assert_eq!(size(0.5, 0.05, Some(1)), 1);
        assert_eq!(for_difference(0.70, 0.75, 0.8, Confidence::P95), Ok(1_248));
        assert!(for_difference(0.7, 0.7, 0.8, Confidence::P95).is_err());
        assert!(for_margin(0.5, 1e-9, None, Confidence::P95).is_err());
        assert!(for_margin(0.5, 0.1, Some(0), Confidence::P95).is_err());
    }

    /// The sizes that auditors know.
    #[test]
    fn no_defect() {
        for (share, level, n) in [
            (0.10, 0.95, 29),
            (0.05, 0.95, 59),
            (0.03, 0.95, 99),
            (0.02, 0.95, 149),
            (0.01, 0.95, 299),
            (0.005, 0.95, 598),
            (0.001, 0.95, 2_995),
            (0.10, 0.90, 22),
            (0.05, 0.90, 45),
            (0.02, 0.90, 114),
            (0.01, 0.90, 230),
        ] {
            assert_eq!(zero_defect(share, level), Ok(n), "{share} {level}");
        }
        for (lot, n) in [(200, 51), (1_000, 57), (10_000, 59)] {
            assert_eq!(zero_defect_of_lot(lot, 0.05, 0.95), Ok(n), "{lot}");
        }
        assert_eq!(zero_defect_of_lot(1, 0.05, 0.95), Ok(1));
        assert!(zero_defect_of_lot(0, 0.05, 0.95).is_err());
        assert!(zero_defect(0.0, 0.95).is_err());
    }

    #[test]
    fn what_a_sample_leaves_open() {
        decimals(upper_bound(0, 300, 0.95), 0.009_936, 6);
        decimals(upper_bound(2, 300, 0.95), 0.020_836, 6);
    }
}
