//! A rate whose trials come in clusters (works of one customer), which are alike: fewer independent
//! trials than there are works.
//!
//! Two answers, and a report shows both: the ratio estimator with linearised error (Cochran 1977,
//! 6.4), and Wilson's interval at the effective number of works n / (1 + (m - 1) ICC). Here m is the
//! size of the cluster that a work has on average, Σm²/Σm (Kish 1965), which is the mean size where
//! all are of one size. Not here: clusters as the unit of a price (one customer, one vote).

use super::{Share, wilson_of};
use crate::error::{Error, at_least, at_most};
use crate::interval::{Confidence, Interval};
use crate::limits::{COUNT_MAX, OBSERVATIONS_MAX};
use crate::special::student;

/// The rate of works, with the errors that clusters leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustered {
    /// Hits over trials of all clusters.
    pub rate: f64,
    /// Works in all.
    pub trials: u64,
    /// Clusters in all.
    pub clusters: u64,
    /// √(k/(k-1) Σ(xᵢ - p mᵢ)²) / Σm.
    pub standard_error: f64,
    /// rate ± t · standard error, k - 1 degrees of freedom, cut to [0, 1]. Without any width where all
    /// clusters have one rate: only [`Clustered::effective`] says something then.
    pub linearised: Interval,
    /// The correlation of two works of one cluster (analysis of variance); `None` where nothing varies,
    /// or every cluster has one work.
    pub icc: Option<f64>,
    /// 1 + (m - 1) ICC, at least 1. Without an ICC it is m: works of a cluster then say the same.
    pub design_effect: f64,
    /// trials / design effect.
    pub effective_trials: f64,
    /// Wilson's interval at the effective number of trials.
    pub effective: Interval,
}

/// The rate over clusters, each with its hits and trials.
///
/// # Errors
/// Fewer than two clusters, more than [`OBSERVATIONS_MAX`], or more than [`COUNT_MAX`] works.
pub fn by_cluster(clusters: &[Share], confidence: Confidence) -> Result<Clustered, Error> {
    let k = clusters.len();
    at_least("clusters", k as u64, 2)?;
    at_most("clusters", k as u64, OBSERVATIONS_MAX as u64)?;
    let (mut hits, mut trials) = (0u64, 0u64);
    for cluster in clusters {
        hits = hits.saturating_add(cluster.hits());
        trials = trials.saturating_add(cluster.trials());
    }
    at_most("works", trials, COUNT_MAX)?;
    let rate = hits as f64 / trials as f64;
    let n = trials as f64;
    let residuals: f64 = clusters
        .iter()
        .map(|c| (c.hits() as f64 - rate * c.trials() as f64).powi(2))
        .sum();
    let degrees = (k - 1) as f64;
    let standard_error = (k as f64 / degrees * residuals).sqrt() / n;
    let reach = -student::quantile(confidence.alpha() / 2.0, degrees)? * standard_error;
    let size = clusters
        .iter()
        .map(|c| (c.trials() as f64).powi(2))
        .sum::<f64>()
        / n;
    let icc = icc(clusters, rate, n, size);
    let design_effect = icc.map_or(size, |icc| (1.0 + (size - 1.0) * icc).max(1.0));
    let effective_trials = n / design_effect;
    Ok(Clustered {
        rate,
        trials,
        clusters: k as u64,
        standard_error,
        linearised: Interval::around(rate, reach, confidence).of_a_rate(),
        icc,
        design_effect,
        effective_trials,
        effective: wilson_of(rate, effective_trials, confidence),
    })
}

/// (B - W) / (B + (m₀ - 1) W) of the mean squares between and within clusters.
fn icc(clusters: &[Share], rate: f64, n: f64, size: f64) -> Option<f64> {
    let k = clusters.len() as f64;
    if n <= k {
        return None;
    }
    let (mut between, mut within) = (0.0, 0.0);
    for cluster in clusters {
        let (m, p) = (cluster.trials() as f64, cluster.rate());
        between += m * (p - rate).powi(2);
        within += m * p * (1.0 - p);
    }
    between /= k - 1.0;
    within /= n - k;
    let typical = (n - size) / (k - 1.0);
    let total = between + (typical - 1.0) * within;
    (total > 0.0).then(|| (between - within) / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    fn shares(of: &[(u64, u64)]) -> Vec<Share> {
        of.iter().map(|&(x, n)| Share::new(x, n).unwrap()).collect()
    }

    /// numpy: p = 41/60; the residuals and mean squares by hand.
    #[test]
    fn four_customers() {
        let is = by_cluster(
            &shares(&[(18, 20), (5, 20), (12, 12), (6, 8)]),
            Confidence::P95,
        )
        .unwrap();
        relative(is.rate, 41.0 / 60.0, 1e-15);
        relative(is.standard_error, 0.20056709723637914, 1e-12);
        relative(is.icc.unwrap(), 0.5053247646221227, 1e-11);
        relative(is.design_effect, 8.98413128102954, 1e-11);
        assert!(is.effective_trials < 60.0 && is.effective.width() > 0.0);
    }

    /// Works of one customer say the same: as many trials as customers.
    #[test]
    fn clusters_of_one_mind() {
        let is = by_cluster(
            &shares(&[(10, 10), (0, 10), (10, 10), (0, 10)]),
            Confidence::P95,
        )
        .unwrap();
        relative(is.icc.unwrap(), 1.0, 1e-12);
        relative(is.effective_trials, 4.0, 1e-12);
    }

    /// Less alike than chance earns no credit; nothing that varies earns none either.
    #[test]
    fn never_more_trials_than_works() {
        let even = by_cluster(&shares(&[(5, 10), (5, 10), (5, 10)]), Confidence::P95).unwrap();
        assert!(even.icc.unwrap() < 0.0);
        relative(even.effective_trials, 30.0, 1e-12);
        let same = by_cluster(&shares(&[(10, 10), (10, 10)]), Confidence::P95).unwrap();
        assert_eq!(same.icc, None);
        relative(same.effective_trials, 2.0, 1e-12);
        assert!(same.effective.low < 1.0);
        assert!(by_cluster(&shares(&[(1, 2)]), Confidence::P95).is_err());
    }

    /// Clusters of one work each: the plain rate, with n - 1 in its variance.
    #[test]
    fn clusters_of_one_work() {
        let ones = shares(&[(1, 1), (0, 1), (1, 1), (1, 1)]);
        let is = by_cluster(&ones, Confidence::P95).unwrap();
        relative(is.standard_error, (0.75f64 * 0.25 / 3.0).sqrt(), 1e-12);
        relative(is.effective_trials, 4.0, 1e-12);
    }
}
