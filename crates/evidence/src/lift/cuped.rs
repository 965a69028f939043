//! A randomised holdout with a covariate from before it (CUPED: Deng, Xu, Kohavi and Walker 2013): the
//! part of the outcome that was known before is taken off, the variance falls by ρ².
//!
//! The covariate must be fixed before assignment (the same outcome a month earlier, a forecast).

use super::holdout::{UNITS_MIN, randomised, welch};
use super::summary::mean;
use super::{Assumption, Estimand, Lift, Precision, Summary};
use crate::error::{Error, at_least, finite};
use crate::interval::Confidence;

/// Where the slope θ of the outcome on the covariate is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slope {
    /// cov(x, y) / var(x) of both arms as one sample, as in the paper: the effect itself is in it.
    Pooled,
    /// Σ of both arms' own products / Σ of their squares: the analysis of covariance, with its error
    /// √(s² (1/n₁ + 1/n₀ + (x̄₁-x̄₀)²/Sxx)) and n - 3 degrees of freedom: least squares of the outcome on
    /// arm and covariate.
    WithinArm,
}

/// The lift, and the slope that was used.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjusted {
    /// Of the outcomes less θ (x - x̄).
    pub lift: Lift,
    /// θ.
    pub theta: f64,
    /// The error's square against that without a covariate: about 1 - ρ².
    pub variance_ratio: f64,
}

/// The lift of arms of (outcome, covariate).
///
/// # Errors
/// Fewer than two units in an arm, numbers that are not finite, a covariate or outcome that does not
/// vary.
pub fn adjusted(
    treated: &[(f64, f64)],
    control: &[(f64, f64)],
    slope: Slope,
    confidence: Confidence,
) -> Result<Adjusted, Error> {
    let plain = welch(outcomes(treated, 0.0)?, outcomes(control, 0.0)?)?;
    let within = Within::of(treated, control);
    let theta = match slope {
        Slope::Pooled => ratio(sums(&[treated, control].concat()))?,
        Slope::WithinArm => ratio((within.products, within.squares))?,
    };
    let (treated, control) = (outcomes(treated, theta)?, outcomes(control, theta)?);
    let (estimate, mut error, mut degrees) = welch(treated, control)?;
    if slope == Slope::WithinArm {
        (error, degrees) = analysis_of_covariance(treated, control, &within)?;
    }
    let precision = Precision::of(estimate, error, Some(degrees), confidence)?;
    let mut lift = randomised(
        Estimand::AverageEffect,
        (treated.n, control.n),
        estimate,
        precision,
    );
    lift.assumptions.push(Assumption::CovariateBeforeAssignment);
    Ok(Adjusted {
        lift: lift.checked(UNITS_MIN),
        theta,
        variance_ratio: (error / plain.1).powi(2),
    })
}

/// Of y - θ x: the mean covariate is the same constant on both sides and is left out.
fn outcomes(arm: &[(f64, f64)], theta: f64) -> Result<Summary, Error> {
    Summary::of(&arm.iter().map(|(y, x)| y - theta * x).collect::<Vec<_>>())
}

/// The arms' own sums, and how far apart their mean covariates are.
struct Within {
    products: f64,
    squares: f64,
    apart: f64,
}

impl Within {
    fn of(treated: &[(f64, f64)], control: &[(f64, f64)]) -> Within {
        let (one, two) = (sums(treated), sums(control));
        let mean_of = |arm: &[(f64, f64)]| mean(&arm.iter().map(|pair| pair.1).collect::<Vec<_>>());
        Within {
            products: one.0 + two.0,
            squares: one.1 + two.1,
            apart: mean_of(treated) - mean_of(control),
        }
    }
}

/// (error, degrees of freedom) of adjusted outcomes.
fn analysis_of_covariance(
    treated: Summary,
    control: Summary,
    within: &Within,
) -> Result<(f64, f64), Error> {
    let (n1, n0) = (treated.n as f64, control.n as f64);
    let left = (n1 - 1.0) * treated.variance + (n0 - 1.0) * control.variance;
    at_least("units", treated.n + control.n, 4)?;
    let degrees = n1 + n0 - 3.0;
    let spread = 1.0 / n1 + 1.0 / n0 + within.apart * within.apart / within.squares;
    Ok(((left / degrees * spread).sqrt(), degrees))
}

fn ratio((products, squares): (f64, f64)) -> Result<f64, Error> {
    finite("covariate", squares)?;
    if squares <= 0.0 {
        return Err(Error::NoVariation { what: "covariate" });
    }
    finite("slope", products / squares)
}

/// Σ(x - x̄)(y - ȳ) and Σ(x - x̄)².
fn sums(arm: &[(f64, f64)]) -> (f64, f64) {
    let (ys, xs): (Vec<f64>, Vec<f64>) = arm.iter().copied().unzip();
    let (y_mean, x_mean) = (mean(&ys), mean(&xs));
    arm.iter().fold((0.0, 0.0), |(products, squares), (y, x)| {
        let off = x - x_mean;
        (products + off * (y - y_mean), squares + off * off)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::holdout::tests::{X0, X1, Y0, Y1};
    use crate::special::close::decimals;

    fn pairs(y: &[f64], x: &[f64]) -> Vec<(f64, f64)> {
        y.iter().copied().zip(x.iter().copied()).collect()
    }

    /// numpy, and the analysis of covariance of statsmodels.
    #[test]
    fn two_arms_of_ten() {
        let (treated, control) = (pairs(&Y1, &X1), pairs(&Y0, &X0));
        let pooled = adjusted(&treated, &control, Slope::Pooled, Confidence::P95).unwrap();
        decimals(pooled.theta, 1.216_413_7, 7);
        decimals(pooled.lift.estimate, 1.635_075_9, 7);
        decimals(
            pooled.lift.precision.unwrap().standard_error,
            0.156_938_4,
            7,
        );
        assert!(pooled.variance_ratio < 0.02);
        assert!(pooled.lift.threats.is_empty());
        let within = adjusted(&treated, &control, Slope::WithinArm, Confidence::P95).unwrap();
        decimals(within.theta, 1.188_700_6, 7);
        decimals(within.lift.estimate, 1.643_389_8, 7);
        // statsmodels 0.15: OLS on arm and covariate.
        let precision = within.lift.precision.unwrap();
        decimals(precision.standard_error, 0.159_396_883_912, 11);
        assert_eq!(precision.degrees, Some(17.0));
        decimals(precision.interval.low, 1.307_091_8, 7);
    }

    #[test]
    fn a_covariate_that_says_nothing() {
        let flat: Vec<(f64, f64)> = Y0.iter().map(|&y| (y, 1.0)).collect();
        assert_eq!(
            adjusted(&flat, &flat, Slope::Pooled, Confidence::P95).unwrap_err(),
            Error::NoVariation { what: "covariate" }
        );
        assert!(adjusted(&[], &flat, Slope::Pooled, Confidence::P95).is_err());
    }
}
