//! Exact bounds of a rate, from so many hits in so many independent trials (Clopper and Pearson 1934).
//!
//! The upper bound is the greatest rate under which so few hits are still as likely as the confidence
//! leaves room for: P(X ≤ hits) = 1 - confidence. It is found by bisection of the sum of the binomial
//! terms, which has no branch where precision is lost, as inverse beta functions do for large counts.
//! For works drawn without replacement it errs on the safe side. Not here: clusters and strata.
//! Invariant: the bound never lies below hits / trials.

/// Steps of the bisection: each halves the interval [0, 1], so this is finer than an `f64` near 1.
const STEPS: u32 = 60;

/// The upper bound of a rate at a one-sided confidence in (0, 1), e.g. 0.95. A two-sided interval of
/// 95 % has its ends at 0.975. With no trials it is 1: nothing is known.
#[must_use]
pub fn upper_bound(hits: u32, trials: u32, confidence: f64) -> f64 {
    if hits >= trials {
        return 1.0;
    }
    let alpha = 1.0 - confidence;
    let (mut low, mut high) = (f64::from(hits) / f64::from(trials), 1.0);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if at_most(hits, trials, middle) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The lower bound of a rate at a one-sided confidence in (0, 1); 0 with no trials.
#[must_use]
pub fn lower_bound(hits: u32, trials: u32, confidence: f64) -> f64 {
    1.0 - upper_bound(trials.saturating_sub(hits), trials, confidence)
}

/// P(X ≤ hits) for trials at a rate in (0, 1), hits < trials.
fn at_most(hits: u32, trials: u32, rate: f64) -> f64 {
    let odds = rate.ln() - (-rate).ln_1p();
    // Logarithms of the terms from 0 hits on, each from the one before: they may be far below what an
    // `f64` holds, their sum is not.
    let mut term = f64::from(trials) * (-rate).ln_1p();
    let mut terms = vec![term];
    for hit in 0..hits {
        term += (f64::from(trials - hit) / f64::from(hit + 1)).ln() + odds;
        terms.push(term);
    }
    let greatest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if greatest == f64::NEG_INFINITY {
        return 0.0; // a rate of 1
    }
    let sum: f64 = terms.iter().map(|term| (term - greatest).exp()).sum();
    (greatest + sum.ln()).exp()
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
