//! What an outcome adds to what would have happened anyway: the difference to a holdout, the share of
//! counted outcomes that is owed to the software, and what one more outcome costs a buyer who pays per
//! counted one. "0.99 per counted resolution is 1.44 per incremental one."
//!
//! Prices stay outside: [`Incremental::counted_per_incremental`] is an exact fraction, for exact money
//! to be multiplied with. Not for before/after shares: the two must come from a design of tier A or B.

use super::{Difference, Ratio, Share};
use crate::error::Error;
use crate::interval::{Confidence, Interval};

/// An exact positive fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line.
    pub numerator: u128,
    /// Below the line, never 0.
    pub denominator: u128,
}

impl Fraction {
    /// The nearest float.
    #[must_use]
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

/// The outcomes with the software beside those without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incremental {
    /// The rate with it less the rate without.
    pub difference: Difference,
    /// difference / rate with it: the attributed fraction, with the interval of 1 - 1/ratio.
    pub attributed: f64,
    /// Its interval; the lower end may lie far below 0.
    pub attributed_interval: Interval,
    /// Counted outcomes for each incremental one; `None` where none is incremental.
    pub counted_per_incremental: Option<Fraction>,
}

impl Incremental {
    /// Of the works with the software, and of a holdout without.
    ///
    /// # Errors
    /// No outcome with the software.
    pub fn of(with: Share, without: Share, confidence: Confidence) -> Result<Incremental, Error> {
        // The ratio without/with is what is not attributed, so the software's share divides.
        let kept = Ratio::of(without, with, confidence)?;
        Ok(Incremental {
            difference: Difference::of(with, without, confidence),
            attributed: 1.0 - kept.estimate,
            attributed_interval: Interval {
                low: 1.0 - kept.interval.high,
                high: 1.0 - kept.interval.low,
                confidence,
            },
            counted_per_incremental: counted_per_incremental(with, without),
        })
    }
}

/// p₁ / (p₁ - p₀) = x₁ n₀ / (x₁ n₀ - x₀ n₁), exactly: counts are below 2³⁴, so the products fit.
fn counted_per_incremental(with: Share, without: Share) -> Option<Fraction> {
    let counted = u128::from(with.hits()) * u128::from(without.trials());
    let anyway = u128::from(without.hits()) * u128::from(with.trials());
    let more = counted.checked_sub(anyway).filter(|&more| more > 0)?;
    let (mut a, mut b) = (counted, more);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    Some(Fraction {
        numerator: counted / a,
        denominator: more / a,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    fn share(hits: u64, trials: u64) -> Share {
        Share::new(hits, trials).unwrap()
    }

    #[test]
    fn a_resolution_at_99_cents_is_144_an_incremental_one() {
        let is = Incremental::of(share(700, 1_000), share(110, 500), Confidence::P95).unwrap();
        decimals(is.difference.estimate, 0.48, 12);
        decimals(is.difference.interval.low, 0.4318, 4);
        decimals(is.difference.interval.high, 0.5239, 4);
        decimals(is.attributed, 0.6857, 4);
        assert!(is.attributed_interval.holds(is.attributed));
        let fraction = is.counted_per_incremental.unwrap();
        assert_eq!((fraction.numerator, fraction.denominator), (35, 24));
        // In tenths of a mill: 9,900 × 35 = 24 × 14,437.5
        assert_eq!(
            9_900 * fraction.numerator * 2,
            fraction.denominator * 14_437 * 2 + 24
        );
        decimals(0.99 * fraction.value(), 1.443_75, 10);
    }

    #[test]
    fn no_price_for_an_increment_that_is_not_there() {
        let none = Incremental::of(share(22, 100), share(22, 100), Confidence::P95).unwrap();
        assert_eq!(none.counted_per_incremental, None);
        let worse = Incremental::of(share(10, 100), share(22, 100), Confidence::P95).unwrap();
        assert_eq!(worse.counted_per_incremental, None);
        assert!(worse.attributed < 0.0);
        assert!(Incremental::of(share(0, 100), share(22, 100), Confidence::P95).is_err());
        let all = Incremental::of(share(60, 100), share(0, 50), Confidence::P95).unwrap();
        assert_eq!(all.counted_per_incremental.unwrap().value(), 1.0);
        assert_eq!(all.attributed, 1.0);
    }
}
