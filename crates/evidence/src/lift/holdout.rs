//! The randomised holdout (tier A): chance decides who gets the software, the difference of the means
//! is its effect.
//!
//! Arms are compared as they were assigned, whoever then used the software (intention to treat). Not
//! here: who is assigned where ([`super::assignment`]), covariates ([`super::cuped`]), looking every
//! day ([`super::sequential`]).

use super::assignment::Holdout;
use super::{Assumption, Estimand, Lift, Precision, Summary, Threat, Tier};
use crate::error::Error;
use crate::interval::Confidence;
use crate::rate::{Difference, Share};
use crate::special::normal;

/// Below so many units on a side the interval is said to be too narrow.
pub(super) const UNITS_MIN: u64 = 10;

/// Below so many clusters on a side (Cameron and Miller 2015 speak of 20 to 50 in all).
const CLUSTERS_MIN: u64 = 15;

/// The difference of two means with Welch's error and degrees of freedom (1947).
///
/// # Errors
/// Fewer than two observations in an arm, one that is not finite, or none that differ.
pub fn means(treated: &[f64], control: &[f64], confidence: Confidence) -> Result<Lift, Error> {
    of_summaries(
        Summary::of(treated)?,
        Summary::of(control)?,
        Estimand::AverageEffect,
        confidence,
    )
    .map(|lift| lift.checked(UNITS_MIN))
}

/// As [`means`], where customers or agents were assigned whole: of the means of the clusters, each
/// counting once.
///
/// # Errors
/// As [`means`], of clusters.
pub fn cluster_means(
    treated: &[f64],
    control: &[f64],
    confidence: Confidence,
) -> Result<Lift, Error> {
    of_summaries(
        Summary::of(treated)?,
        Summary::of(control)?,
        Estimand::AverageEffectOfClusters,
        confidence,
    )
    .map(|lift| lift.checked(CLUSTERS_MIN))
}

/// The difference of two rates, with Newcombe's interval, the unpooled standard error, and the p-value of
/// the pooled z (the chi-squared test without correction): interval and p-value may differ at the edge.
///
/// # Errors
/// Both rates are 0, or both are 1: nothing differs.
pub fn rates(treated: Share, control: Share, confidence: Confidence) -> Result<Lift, Error> {
    let difference = Difference::of(treated, control, confidence);
    let (n1, n0) = (treated.trials() as f64, control.trials() as f64);
    let spread = |rate: f64, n: f64| rate * (1.0 - rate) / n;
    let pooled = (treated.hits() + control.hits()) as f64 / (n1 + n0);
    let under_none = (spread(pooled, n1) + spread(pooled, n0)).sqrt();
    if under_none <= 0.0 {
        return Err(Error::NoVariation { what: "outcome" });
    }
    let precision = Precision {
        standard_error: (spread(treated.rate(), n1) + spread(control.rate(), n0)).sqrt(),
        degrees: None,
        interval: difference.interval,
        p_value: normal::two_sided(difference.estimate / under_none)?,
    };
    Ok(randomised(
        Estimand::RateDifference,
        (treated.trials(), control.trials()),
        difference.estimate,
        precision,
    )
    .checked(UNITS_MIN))
}

impl Lift {
    /// Adds the threat of arms that are not as large as the holdout's share makes them: somebody was
    /// lost on one side. Two arms of one size with p < 0.001 block the report.
    ///
    /// # Errors
    /// The holdout takes nobody, or everybody.
    pub fn with_sample_ratio_check(mut self, holdout: &Holdout) -> Result<Lift, Error> {
        let p_value = holdout.sample_ratio(self.treated, self.control)?;
        if p_value < 0.001 {
            self.threats.push(Threat::SampleRatio { p_value });
        }
        Ok(self)
    }
}

/// (difference, error, degrees of freedom).
pub(super) fn welch(treated: Summary, control: Summary) -> Result<(f64, f64, f64), Error> {
    let (a, b) = (treated.error_squared(), control.error_squared());
    if a + b <= 0.0 {
        return Err(Error::NoVariation { what: "outcome" });
    }
    // Of shares of the sum, so that no square overflows or vanishes.
    let (one, two) = (a / (a + b), b / (a + b));
    let degrees = 1.0 / (one * one / (treated.n - 1) as f64 + two * two / (control.n - 1) as f64);
    Ok((treated.mean - control.mean, (a + b).sqrt(), degrees))
}

fn of_summaries(
    treated: Summary,
    control: Summary,
    estimand: Estimand,
    confidence: Confidence,
) -> Result<Lift, Error> {
    let (estimate, error, degrees) = welch(treated, control)?;
    let precision = Precision::of(estimate, error, Some(degrees), confidence)?;
    Ok(randomised(
        estimand,
        (treated.n, control.n),
        estimate,
        precision,
    ))
}

pub(super) fn randomised(
    estimand: Estimand,
    (treated, control): (u64, u64),
    estimate: f64,
    precision: Precision,
) -> Lift {
    Lift {
        estimand,
        tier: Tier::A,
        treated,
        control,
        estimate,
        precision: Some(precision),
        assumptions: vec![Assumption::RandomAssignment, Assumption::NoInterference],
        threats: Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lift::PriceBasis;
    use crate::special::close::decimals;

    pub(crate) const X0: [f64; 10] = [10.0, 12.0, 9.0, 15.0, 11.0, 14.0, 8.0, 13.0, 10.0, 12.0];
    pub(crate) const Y0: [f64; 10] = [11.0, 14.0, 10.0, 17.0, 12.0, 16.0, 9.0, 15.0, 11.0, 13.0];
    pub(crate) const X1: [f64; 10] = [9.0, 13.0, 10.0, 14.0, 12.0, 15.0, 8.0, 12.0, 11.0, 13.0];
    pub(crate) const Y1: [f64; 10] = [12.0, 16.0, 13.0, 17.0, 15.0, 19.0, 10.0, 15.0, 14.0, 17.0];

    /// scipy 1.17: ttest_ind, equal_var = False.
    #[test]
    fn two_arms_of_ten() {
        let lift = means(&Y1, &Y0, Confidence::P95).unwrap();
        let precision = lift.precision.unwrap();
        decimals(lift.estimate, 2.0, 12);
        decimals(precision.standard_error, 1.188_837_0, 7);
        decimals(precision.degrees.unwrap(), 18.0, 4);
        decimals(precision.p_value, 0.109_773_4, 7);
        decimals(precision.interval.low, -0.497_653_8, 7);
        decimals(precision.interval.high, 4.497_653_8, 7);
        assert_eq!((lift.treated, lift.control, lift.tier), (10, 10, Tier::A));
        assert_eq!(lift.threats, [Threat::MayBeNothing]);
        assert_eq!(lift.price_basis(), PriceBasis::Can);
    }

    #[test]
    fn arms_that_lost_somebody_block() {
        let shares = (
            Share::new(700, 1_000).unwrap(),
            Share::new(80, 120).unwrap(),
        );
        let lift = rates(shares.0, shares.1, Confidence::P95).unwrap();
        let sound = Holdout::new("q3", 100_000).unwrap();
        let ok = lift.clone().with_sample_ratio_check(&sound).unwrap();
        assert_eq!(ok.price_basis(), PriceBasis::Can);
        let half = Holdout::new("q3", 500_000).unwrap();
        let broken = lift.with_sample_ratio_check(&half).unwrap();
        assert!(matches!(broken.price_basis(), PriceBasis::Cannot(reasons) if reasons.len() == 1));
    }

    /// All of ten against none of twenty: no spread in either arm, and no doubt; chi-squared is 30.
    #[test]
    fn all_against_none() {
        let share = |hits, trials| Share::new(hits, trials).unwrap();
        let lift = rates(share(10, 10), share(0, 20), Confidence::P95).unwrap();
        let precision = lift.precision.unwrap();
        decimals(precision.interval.low, 0.6791, 4);
        let wanted = crate::special::chi_squared::survival(30.0, 1.0).unwrap();
        assert!((precision.p_value / wanted - 1.0).abs() < 1e-9);
        assert!(rates(share(0, 10), share(0, 20), Confidence::P95).is_err());
    }

    #[test]
    fn degenerate_arms() {
        assert!(means(&[1.0], &Y0, Confidence::P95).is_err());
        assert_eq!(
            means(&[1.0, 1.0], &[1.0, 1.0], Confidence::P95).unwrap_err(),
            Error::NoVariation { what: "outcome" }
        );
        let all = Share::new(5, 5).unwrap();
        assert!(rates(all, all, Confidence::P95).is_err());
        let few = cluster_means(&Y1, &Y0, Confidence::P95).unwrap();
        assert!(few.threats.contains(&Threat::FewUnits { units: 10 }));
    }
}
