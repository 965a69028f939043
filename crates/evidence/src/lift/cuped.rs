//! A randomised holdout with a covariate from before it (CUPED: Deng, Xu, Kohavi and Walker 2013): the
//! part of the outcome that was known before is taken off, the variance falls by ρ².
//!
//! The covariate must be fixed before assignment (the same outcome a month earlier, a forecast).

use super::holdout::{UNITS_MIN, randomised, welch};
use super::summary::mean;
use super::{Assumption, Estimand, Lift, Precision, Summary};
use crate::error::{Error, finite};
use crate::interval::Confidence;

/// Where the slope θ of the outcome on the covariate is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slope {
    /// cov(x, y) / var(x) of both arms as one sample, as in the paper: the effect itself is in it.
    Pooled,
    /// Σ of both arms' own products / Σ of their squares: the analysis of covariance.
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
    let (plain, theta) = (
        welch(outcomes(treated, 0.0)?, outcomes(control, 0.0)?)?,
        theta(treated, control, slope)?,
    );
    let (treated, control) = (outcomes(treated, theta)?, outcomes(control, theta)?);
    let (estimate, error, degrees) = welch(treated, control)?;
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

fn theta(treated: &[(f64, f64)], control: &[(f64, f64)], slope: Slope) -> Result<f64, Error> {
    let (products, squares) = match slope {
        Slope::Pooled => sums(&[treated, control].concat()),
        Slope::WithinArm => {
            let (one, two) = (sums(treated), sums(control));
            (one.0 + two.0, one.1 + two.1)
        }
    };
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
