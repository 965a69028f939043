//! Intervals of one rate, trials independent of each other.
//!
//! Wilson is the one for reports: right on average, never outside of [0, 1]. Clopper and Pearson never
//! err more often than they say and are wider: the one for a promise. Jeffreys is the Bayesian one.
//! None is right for works that come in clusters ([`super::by_cluster`]).

use super::Share;
use crate::interval::{Confidence, Interval};
use crate::special::beta;

/// How an interval is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The score interval (Wilson 1927): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Wilson,
    /// Wilson's with continuity correction (Newcombe 1998, method 4).
    WilsonContinuity,
    /// The exact interval (Clopper and Pearson 1934): beta quantiles at α/2 of (x, n-x+1) and at
    /// 1-α/2 of (x+1, n-x).
    ClopperPearson,
    /// Equal tails of Jeffreys' posterior, Beta(x+½, n-x+½); the end is 0 or 1 where every trial
    /// missed or hit (Brown, Cai and DasGupta 2001).
    Jeffreys,
}

impl Share {
    /// The interval of the rate.
    #[must_use]
    pub fn interval(self, method: Method, confidence: Confidence) -> Interval {
        let prior = match method {
            Method::Wilson => return wilson_of(self.rate(), self.trials() as f64, confidence),
            Method::WilsonContinuity => return with_continuity(self, confidence),
            Method::ClopperPearson => (0.0, 1.0),
            Method::Jeffreys => (0.5, 0.5),
        };
        Interval {
            low: lower_end(self.hits(), self.misses(), prior, confidence),
            high: 1.0 - lower_end(self.misses(), self.hits(), prior, confidence),
            confidence,
        }
    }

    /// [`Method::Wilson`].
    #[must_use]
    pub fn wilson(self, confidence: Confidence) -> Interval {
        self.interval(Method::Wilson, confidence)
    }
}

/// The beta quantile at α/2 of the hits and misses, each with its part of the prior.
fn lower_end(hits: u64, misses: u64, prior: (f64, f64), confidence: Confidence) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    beta::quantile_of(
        hits as f64 + prior.0,
        misses as f64 + prior.1,
        confidence.alpha() / 2.0,
    )
}

/// Wilson's interval of a rate in n > 0 trials, which may be an effective number.
pub(crate) fn wilson_of(rate: f64, n: f64, confidence: Confidence) -> Interval {
    let z = confidence.z();
    let square = z * z / n;
    let middle = rate + square / 2.0;
    let reach = z * (rate * (1.0 - rate) / n + square / (4.0 * n)).sqrt();
    Interval {
        low: if rate <= 0.0 {
            0.0
        } else {
            (middle - reach) / (1.0 + square)
        },
        high: if rate >= 1.0 {
            1.0
        } else {
            (middle + reach) / (1.0 + square)
        },
        confidence,
    }
    .of_a_rate()
}

fn with_continuity(share: Share, confidence: Confidence) -> Interval {
    let (p, n, z) = (share.rate(), share.trials() as f64, confidence.z());
    let q = 1.0 - p;
    let square = z * z;
    let end = |sign: f64| {
        let root = square + sign * 2.0 - 1.0 / n + 4.0 * p * (n * q - sign);
        (2.0 * n * p + square + sign * (1.0 + z * root.max(0.0).sqrt())) / (2.0 * (n + square))
    };
    Interval {
        low: if share.hits() == 0 { 0.0 } else { end(-1.0) },
        high: if share.misses() == 0 { 1.0 } else { end(1.0) },
        confidence,
    }
    .of_a_rate()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::{decimals, relative};

    #[track_caller]
    fn check(hits: u64, trials: u64, method: Method, low: f64, high: f64) {
        let interval = Share::new(hits, trials)
            .unwrap()
            .interval(method, Confidence::P95);
        decimals(interval.low, low, 6);
        decimals(interval.high, high, 6);
    }

    /// Newcombe, "Two-sided confidence intervals for the single proportion", 1998, and scipy 1.17.
    #[test]
    fn published_intervals() {
        use Method::{ClopperPearson, Jeffreys, Wilson, WilsonContinuity};
        check(0, 20, Wilson, 0.0, 0.161_125);
        check(1, 20, Wilson, 0.008_881, 0.236_131);
        check(1, 29, Wilson, 0.006_113, 0.171_755);
        check(15, 20, Wilson, 0.531_299, 0.888_138);
        check(15, 148, Wilson, 0.062_386, 0.160_487);
        check(81, 263, Wilson, 0.255_289, 0.366_210);
        check(85, 100, Wilson, 0.767_164, 0.906_940);
        check(0, 300, Wilson, 0.0, 0.012_643);
        check(990, 1_000, Wilson, 0.981_691, 0.994_559);
        check(81, 263, WilsonContinuity, 0.253_509, 0.368_176);
        check(15, 148, WilsonContinuity, 0.059_778, 0.164_450);
        check(0, 20, ClopperPearson, 0.0, 0.168_433);
        check(1, 20, ClopperPearson, 0.001_265, 0.248_733);
        check(15, 20, ClopperPearson, 0.508_954, 0.913_429);
        check(81, 263, ClopperPearson, 0.252_737, 0.367_622);
        check(85, 100, ClopperPearson, 0.764_692, 0.913_546);
        check(0, 300, ClopperPearson, 0.0, 0.012_221);
        check(990, 1_000, ClopperPearson, 0.981_687, 0.995_194);
        check(0, 20, Jeffreys, 0.0, 0.116_639);
        check(1, 20, Jeffreys, 0.005_449, 0.210_819);
        check(15, 20, Jeffreys, 0.535_805, 0.897_602);
        check(81, 263, Jeffreys, 0.254_522, 0.365_647);
        check(85, 100, Jeffreys, 0.770_469, 0.909_630);
        check(990, 1_000, Jeffreys, 0.982_334, 0.994_847);
    }

    /// A year of one customer's works.
    #[test]
    fn large_counts_keep_their_digits() {
        for (hits, trials, low) in [
            (850_000, 1_000_000, 0.849_298_639_320),
            (45_000, 1_000_000, 0.044_594_509_662),
            (9_900_000, 9_999_999, 0.989_938_238_409),
        ] {
            let is = Share::new(hits, trials)
                .unwrap()
                .interval(Method::ClopperPearson, Confidence::P95);
            relative(is.low, low, 2e-11);
        }
    }

    #[test]
    fn every_interval_holds_its_rate_and_lies_in_zero_to_one() {
        use Method::{ClopperPearson, Jeffreys, Wilson, WilsonContinuity};
        for (trials, step) in [(1, 1), (2, 1), (3, 1), (10, 1), (57, 2), (1_000, 27)] {
            for hits in (0..=trials).step_by(step) {
                let share = Share::new(hits, trials).unwrap();
                let mirrored = Share::new(trials - hits, trials).unwrap();
                for method in [Wilson, WilsonContinuity, ClopperPearson, Jeffreys] {
                    for level in [0.5, 0.95, 0.999] {
                        let confidence = Confidence::new(level).unwrap();
                        let is = share.interval(method, confidence);
                        assert!(is.holds(share.rate()), "{share:?} {method:?} {is:?}");
                        assert!(is.low >= 0.0 && is.high <= 1.0);
                        let other = mirrored.interval(method, confidence);
                        assert!((is.low - (1.0 - other.high)).abs() < 1e-10);
                    }
                }
            }
        }
    }

    /// At the exact upper end so few hits, at the lower so many, have just the chance α/2: 10,000 shares
    /// of up to a million trials.
    #[test]
    fn the_exact_ends_leave_half_of_alpha() {
        use crate::special::binomial::cdf;
        let mut state = 1u64;
        let mut below = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        for case in 0..10_000 {
            let trials = 1 + below(if case % 20 == 0 { 1_000_000 } else { 3_000 });
            let hits = below(trials + 1);
            let share = Share::new(hits, trials).unwrap();
            let is = share.interval(Method::ClopperPearson, Confidence::P95);
            if hits < trials {
                relative(cdf(hits, trials, is.high).unwrap(), 0.025, 1e-8);
            }
            if hits > 0 {
                relative(1.0 - cdf(hits - 1, trials, is.low).unwrap(), 0.025, 1e-8);
            }
        }
    }

    /// Over all outcomes of 40 trials: the exact interval misses at most 5 % whatever the rate, Wilson's
    /// misses 5 % on average.
    #[test]
    fn how_often_they_miss() {
        use crate::special::binomial::probability;
        let intervals = |method| -> Vec<Interval> {
            let shares = (0..=40).map(|hits| Share::new(hits, 40).unwrap());
            shares
                .map(|share| share.interval(method, Confidence::P95))
                .collect()
        };
        let (exact, wilson) = (intervals(Method::ClopperPearson), intervals(Method::Wilson));
        let mut missed_by_wilson = 0.0;
        for step in 1..1_000 {
            let rate = f64::from(step) / 1_000.0;
            let missed = |intervals: &[Interval]| -> f64 {
                let outcomes = (0..).zip(intervals).filter(|(_, is)| !is.holds(rate));
                outcomes
                    .map(|(hits, _)| probability(hits, 40, rate).unwrap())
                    .sum()
            };
            assert!(missed(&exact) <= 0.05 + 1e-12, "{rate}");
            missed_by_wilson += missed(&wilson) / 999.0;
        }
        assert!((missed_by_wilson - 0.05).abs() < 0.01, "{missed_by_wilson}");
    }
}
