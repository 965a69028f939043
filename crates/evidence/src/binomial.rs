//! Exact bounds of a rate, from so many hits in so many independent trials (Clopper and Pearson 1934).
//!
//! The upper bound is the greatest rate under which so few hits are still as likely as the confidence
//! leaves room for: P(X ≤ hits) = 1 - confidence, a quantile of a beta distribution. For works drawn
//! without replacement it errs on the safe side. Not here: two-sided intervals ([`crate::rate`]),
//! clusters and strata. Invariant: the bound never lies below hits / trials.

use crate::special::beta::quantile_of;

/// The upper bound of a rate at a one-sided confidence in (0, 1), e.g. 0.95. A two-sided interval of
/// 95 % has its ends at 0.975. With no trials it is 1: nothing is known.
#[must_use]
pub fn upper_bound(hits: u32, trials: u32, confidence: f64) -> f64 {
    if hits >= trials {
        return 1.0;
    }
    // From the other side, for 1 - confidence is the small one.
    1.0 - quantile_of(
        f64::from(trials - hits),
        f64::from(hits) + 1.0,
        1.0 - confidence,
    )
}

/// The lower bound of a rate at a one-sided confidence in (0, 1); 0 with no trials.
#[must_use]
pub fn lower_bound(hits: u32, trials: u32, confidence: f64) -> f64 {
    1.0 - upper_bound(trials.saturating_sub(hits), trials, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is: f64, wanted: f64, digits: i32) {
        let off = (is - wanted).abs();
        assert!(off <= 0.5 * 10f64.powi(-digits), "{is}, wanted {wanted}");
    }

    /// Newcombe 1998 table I, and the values of scipy 1.17 for it: two-sided 95 %.
    #[test]
    fn published_intervals() {
        for (hits, trials, low, high) in [
            (0, 20, 0.0, 0.168_433),
            (1, 20, 0.001_265, 0.248_733),
            (15, 20, 0.508_954, 0.913_429),
            (81, 263, 0.252_737, 0.367_622),
            (85, 100, 0.764_692, 0.913_546),
            (0, 300, 0.0, 0.012_221),
            (990, 1_000, 0.981_687, 0.995_194),
        ] {
            check(lower_bound(hits, trials, 0.975), low, 6);
            check(upper_bound(hits, trials, 0.975), high, 6);
        }
    }

    /// No failure in k: 1 - 0.05^(1/k), about 3/k. 59, 149 and 299 are the sizes that auditors know:
    /// the first with a bound below 5 %, 2 % and 1 %.
    #[test]
    fn a_sample_without_failures() {
        for (trials, below) in [(59, 0.05), (149, 0.02), (299, 0.01)] {
            let bound = upper_bound(0, trials, 0.95);
            check(bound, 1.0 - 0.05f64.powf(1.0 / f64::from(trials)), 12);
            assert!(bound < below, "{bound}");
            assert!(upper_bound(0, trials - 1, 0.95) > below);
        }
        check(upper_bound(0, 59, 0.95), 0.049_507_609_888, 11);
    }

    /// Beta quantiles of large shapes, where series for them lose their digits.
    #[test]
    fn large_counts_keep_their_digits() {
        check(
            lower_bound(850_000, 1_000_000, 0.975),
            0.849_298_639_320,
            10,
        );
        check(
            lower_bound(9_900_000, 9_999_999, 0.975),
            0.989_938_238_409,
            10,
        );
    }

    #[test]
    fn edges() {
        assert!((upper_bound(0, 0, 0.95) - 1.0).abs() < f64::EPSILON);
        assert!(lower_bound(0, 0, 0.95).abs() < f64::EPSILON);
        assert!((upper_bound(5, 5, 0.95) - 1.0).abs() < f64::EPSILON);
        check(lower_bound(5, 5, 0.95), 0.05f64.powf(0.2), 12);
        for hits in 0..50 {
            let bound = upper_bound(hits, 50, 0.95);
            assert!(bound > f64::from(hits) / 50.0);
            assert!(bound < upper_bound(hits + 1, 50, 0.95) || hits == 49);
        }
    }
}
