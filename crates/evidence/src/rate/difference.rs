//! Differences and ratios of two independent rates, from the intervals of each (MOVER).
//!
//! Not for shares of the same works (paired). Of clustered works, [`Clustered::less`] starts from the interval that
//! knows of the clusters.

use super::{Clustered, Share};
use crate::error::Error;
use crate::interval::{Confidence, Interval};

/// The first rate less the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// p₁ - p₂.
    pub estimate: f64,
    /// Newcombe's hybrid score interval.
    pub interval: Interval,
}

/// The first rate over the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// p₁ / p₂.
    pub estimate: f64,
    /// Its interval; the upper end is infinite where the second rate may be 0.
    pub interval: Interval,
}

impl Difference {
    /// p₁ - p₂ with the hybrid score interval (Newcombe 1998, "Interval estimation for the difference
    /// between independent proportions", method 10): d - √((p₁-l₁)² + (u₂-p₂)²) to
    /// d + √((u₁-p₁)² + (p₂-l₂)²), ends of Wilson's intervals.
    #[must_use]
    pub fn of(first: Share, second: Share, confidence: Confidence) -> Difference {
        let of = |share: Share| (share.rate(), share.wilson(confidence));
        between(of(first), of(second))
    }
}

impl Clustered {
    /// The clustered rate less another's, from Wilson's interval at the effective number of trials: as
    /// [`Difference::of`], which takes clustered works for independent ones and is too sure.
    #[must_use]
    pub fn less(&self, second: Share) -> Difference {
        let wilson = second.wilson(self.effective.confidence);
        between((self.rate, self.effective), (second.rate(), wilson))
    }
}

/// The difference of two rates, from the interval of each.
fn between((p1, one): (f64, Interval), (p2, two): (f64, Interval)) -> Difference {
    let estimate = p1 - p2;
    Difference {
        estimate,
        interval: Interval {
            low: estimate - (p1 - one.low).hypot(two.high - p2),
            high: estimate + (one.high - p1).hypot(p2 - two.low),
            confidence: one.confidence,
        },
    }
}

impl Ratio {
    /// p₁ / p₂ by the method of variance estimates recovery (Donner and Zou 2012), from Wilson's
    /// intervals. Swapping the shares gives the reciprocal.
    ///
    /// # Errors
    /// The second share has no hit: there is nothing to divide by.
    pub fn of(first: Share, second: Share, confidence: Confidence) -> Result<Ratio, Error> {
        if second.hits() == 0 {
            return Err(Error::TooFew {
                what: "hits of the second share",
                is: 0,
                needs: 1,
            });
        }
        let (p1, p2) = (first.rate(), second.rate());
        let (one, two) = (first.wilson(confidence), second.wilson(confidence));
        let product = p1 * p2;
        let root = |with: f64| (product * product - with).max(0.0).sqrt();
        // Both ends as in the paper, the lower one multiplied out so that no 0 is divided by.
        let for_low = one.low * (2.0 * p1 - one.low);
        let low = for_low / (product + root(for_low * two.high * (2.0 * p2 - two.high)));
        let for_high = two.low * (2.0 * p2 - two.low);
        let high = (product + root(one.high * (2.0 * p1 - one.high) * for_high)) / for_high;
        Ok(Ratio {
            estimate: p1 / p2,
            interval: Interval {
                low: if first.hits() == 0 { 0.0 } else { low },
                high,
                confidence,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_cluster;
    use super::*;
    use crate::special::close::{decimals, relative};

    fn share(hits: u64, trials: u64) -> Share {
        Share::new(hits, trials).unwrap()
    }

    /// Newcombe 1998, table II.
    #[test]
    fn published_differences() {
        for ((a, m), (b, n), low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
        ] {
            let is = Difference::of(share(a, m), share(b, n), Confidence::P95);
            decimals(is.interval.low, low, 4);
            decimals(is.interval.high, high, 4);
        }
    }

    /// Clusters whose works say the same leave as much as one work of each: seven tenths of ten works.
    #[test]
    fn clustered_works_are_less_sure() {
        let clusters: Vec<Share> = (0..10)
            .map(|n| share(if n < 7 { 50 } else { 0 }, 50))
            .collect();
        let clustered = by_cluster(&clusters, Confidence::P95).unwrap();
        let is = clustered.less(share(200, 500));
        let as_if_independent = Difference::of(share(350, 500), share(200, 500), Confidence::P95);
        decimals(is.estimate, as_if_independent.estimate, 12);
        let of_ten = Difference::of(share(7, 10), share(200, 500), Confidence::P95);
        decimals(is.interval.low, of_ten.interval.low, 6);
        decimals(is.interval.high, of_ten.interval.high, 6);
        assert!(is.interval.width() > 3.0 * as_if_independent.interval.width());
    }

    /// The interval on the logarithm (Katz 1978) is another method for the same thing.
    #[test]
    fn a_ratio_is_near_the_interval_of_its_logarithm() {
        for ((a, m), (b, n)) in [((560, 700), (480, 800)), ((45, 1_000), (30, 900))] {
            let is = Ratio::of(share(a, m), share(b, n), Confidence::P95).unwrap();
            let error = (1.0 / a as f64 - 1.0 / m as f64 + 1.0 / b as f64 - 1.0 / n as f64).sqrt();
            let reach = (Confidence::P95.z() * error).exp();
            relative(is.interval.low, is.estimate / reach, 0.02);
            relative(is.interval.high, is.estimate * reach, 0.02);
        }
    }

    /// The ends are the ratios r at which the interval of p₁ - r p₂, made the same way, touches 0.
    #[test]
    fn at_the_ends_the_difference_touches_none() {
        for ((a, m), (b, n)) in [
            ((110, 500), (700, 1_000)),
            ((9, 10), (3, 10)),
            ((3, 40), (1, 9)),
        ] {
            let (first, second) = (share(a, m), share(b, n));
            let is = Ratio::of(first, second, Confidence::P95).unwrap().interval;
            let (p1, p2) = (first.rate(), second.rate());
            let (one, two) = (
                first.wilson(Confidence::P95),
                second.wilson(Confidence::P95),
            );
            relative(
                p1 - is.low * p2,
                (p1 - one.low).hypot(is.low * (two.high - p2)),
                1e-9,
            );
            relative(
                is.high * p2 - p1,
                (one.high - p1).hypot(is.high * (p2 - two.low)),
                1e-9,
            );
        }
    }

    #[test]
    fn swapped_shares_give_the_reciprocal() {
        for ((a, m), (b, n)) in [
            ((9, 10), (3, 10)),
            ((5, 56), (1, 29)),
            ((700, 1_000), (110, 500)),
        ] {
            let is = Ratio::of(share(a, m), share(b, n), Confidence::P95).unwrap();
            let swapped = Ratio::of(share(b, n), share(a, m), Confidence::P95).unwrap();
            relative(is.interval.low, 1.0 / swapped.interval.high, 1e-10);
            relative(is.interval.high, 1.0 / swapped.interval.low, 1e-10);
            assert!(is.interval.holds(is.estimate));
        }
    }

    #[test]
    fn edges() {
        assert!(Ratio::of(share(1, 2), share(0, 2), Confidence::P95).is_err());
        let none = Ratio::of(share(0, 50), share(20, 50), Confidence::P95).unwrap();
        assert!(none.interval.low == 0.0 && none.interval.high > 0.0);
        let all = Difference::of(share(7, 7), share(7, 7), Confidence::P95);
        assert!(all.interval.holds(0.0));
    }
}
