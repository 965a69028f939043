//! Difference in differences with one start (tier B): what changed with the software, less what changed
//! without it.
//!
//! Right where both sides would have moved alike. One start gives no test of that, so the trend stays
//! untested unless [`super::staggered`] has more periods. Not for starts at different times.

use super::holdout::{UNITS_MIN, welch};
use super::{Assumption, Estimand, Lift, Precision, Summary, Threat, Tier};
use crate::error::{Error, finite};
use crate::interval::Confidence;

/// How the error of a panel's lift is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorOf {
    /// √(Σ(Δ - Δ̄)²/n² of both sides), normal: the influence function, and what a regression clustered
    /// by unit gives without a small-sample factor.
    InfluenceFunction,
    /// Welch's, with n - 1 and a t.
    Welch,
}

/// A panel: each unit's outcome before and after.
///
/// # Errors
/// No unit on a side (Welch: fewer than two), numbers that are not finite, changes that do not vary.
pub fn panel(
    treated: &[(f64, f64)],
    control: &[(f64, f64)],
    error_of: ErrorOf,
    confidence: Confidence,
) -> Result<Lift, Error> {
    let change = |side: &[(f64, f64)]| {
        side.iter()
            .map(|(before, after)| after - before)
            .collect::<Vec<_>>()
    };
    let (treated, control) = (change(treated), change(control));
    let (estimate, precision) = match error_of {
        ErrorOf::Welch => {
            let (estimate, error, degrees) = welch(Summary::of(&treated)?, Summary::of(&control)?)?;
            (
                estimate,
                Precision::of(estimate, error, Some(degrees), confidence)?,
            )
        }
        ErrorOf::InfluenceFunction => {
            let (one, two) = (population(&treated)?, population(&control)?);
            let estimate = one.0 - two.0;
            let error = (one.1 + two.1).sqrt();
            (estimate, Precision::of(estimate, error, None, confidence)?)
        }
    };
    Ok(lift(
        (treated.len() as u64, control.len() as u64),
        estimate,
        precision,
    ))
}

/// Four samples of different units, treated before and after, control before and after.
///
/// # Errors
/// Fewer than two observations in a cell, numbers that are not finite, outcomes that do not vary.
pub fn cross_sections(
    treated: (&[f64], &[f64]),
    control: (&[f64], &[f64]),
    confidence: Confidence,
) -> Result<Lift, Error> {
    let cells = [
        Summary::of(treated.1)?,
        Summary::of(treated.0)?,
        Summary::of(control.1)?,
        Summary::of(control.0)?,
    ];
    let estimate = (cells[0].mean - cells[1].mean) - (cells[2].mean - cells[3].mean);
    let error = cells.iter().map(Summary::error_squared).sum::<f64>().sqrt();
    let precision = Precision::of(estimate, error, None, confidence)?;
    let side = |one: Summary, two: Summary| one.n.min(two.n);
    Ok(lift(
        (side(cells[0], cells[1]), side(cells[2], cells[3])),
        estimate,
        precision,
    ))
}

/// (mean, Σ(x - mean)² / n²).
fn population(changes: &[f64]) -> Result<(f64, f64), Error> {
    match changes {
        [] => Err(Error::TooFew {
            what: "units on a side",
            is: 0,
            needs: 1,
        }),
        [one] => Ok((finite("observation", *one)?, 0.0)),
        _ => {
            let summary = Summary::of(changes)?;
            let n = changes.len() as f64;
            Ok((summary.mean, summary.variance * (n - 1.0) / (n * n)))
        }
    }
}

fn lift((treated, control): (u64, u64), estimate: f64, precision: Precision) -> Lift {
    Lift {
        estimand: Estimand::EffectOnTreated,
        tier: Tier::B,
        treated,
        control,
        estimate,
        precision: Some(precision),
        assumptions: vec![
            Assumption::ParallelTrends,
            Assumption::NoAnticipation,
            Assumption::NoInterference,
        ],
        threats: vec![Threat::PreTrendUntested],
    }
    .checked(UNITS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::{decimals, relative};

    /// `organ_donations` of causaldata 0.1.5 (MIT; Kessler and Roth 2014): 27 states, six quarters,
    /// California's rule changes after the third. Each state's mean of three quarters before and after.
    /// State and quarter effects in statsmodels 0.15: -.022458974, error .006720766 with its factor
    /// G/(G-1) · (N-1)/(N-K) of 27 states, 162 rows, 33 columns.
    #[test]
    fn organ_donations() {
        let control = [
            (2.29 / 3.0, 2.35 / 3.0),
            (0.6987 / 3.0, 0.7441 / 3.0),
            (2.0063 / 3.0, 2.0008 / 3.0),
            (1.171 / 3.0, 1.1879 / 3.0),
            (0.9136 / 3.0, 1.1461 / 3.0),
            (1.1495 / 3.0, 1.2288 / 3.0),
            (1.2546 / 3.0, 1.2709 / 3.0),
            (1.6451 / 3.0, 1.6945 / 3.0),
            (1.3843 / 3.0, 1.41 / 3.0),
            (0.4977 / 3.0, 0.8971 / 3.0),
            (1.5733 / 3.0, 1.5924 / 3.0),
            (1.2075 / 3.0, 1.2366 / 3.0),
            (1.9413 / 3.0, 1.988 / 3.0),
            (1.3238 / 3.0, 1.3313 / 3.0),
            (1.6813 / 3.0, 1.5835 / 3.0),
            (0.9185 / 3.0, 0.957 / 3.0),
            (0.383 / 3.0, 0.3957 / 3.0),
            (1.5749 / 3.0, 1.575 / 3.0),
            (1.6839 / 3.0, 1.7097 / 3.0),
            (1.362 / 3.0, 1.3637 / 3.0),
            (0.8256 / 3.0, 0.7887 / 3.0),
            (0.9899 / 3.0, 1.0213 / 3.0),
            (0.9723 / 3.0, 1.0734 / 3.0),
            (1.7586 / 3.0, 1.7635 / 3.0),
            (1.7165 / 3.0, 1.7162 / 3.0),
            (1.7814 / 3.0, 1.7646 / 3.0),
        ];
        let lift = panel(
            &[(0.814 / 3.0, 0.7884 / 3.0)],
            &control,
            ErrorOf::InfluenceFunction,
            Confidence::P95,
        )
        .unwrap();
        decimals(lift.estimate, -0.022_458_974, 9);
        let factor: f64 = 27.0 / 26.0 * 161.0 / 129.0;
        let error = lift.precision.unwrap().standard_error;
        relative(error * factor.sqrt(), 0.006_720_766, 1e-6);
        // One state is no sample: said so, and no spread for Welch.
        assert!(lift.threats.contains(&Threat::FewUnits { units: 1 }));
        assert!(panel(&[(1.0, 2.0)], &control, ErrorOf::Welch, Confidence::P95).is_err());
    }

    #[test]
    fn four_cells_by_hand() {
        // Means 12, 10, 7, 6: (12 - 10) - (7 - 6) = 1; each variance 1, three each: error √(4/3).
        let lift = cross_sections(
            (&[9.0, 10.0, 11.0], &[11.0, 12.0, 13.0]),
            (&[5.0, 6.0, 7.0], &[6.0, 7.0, 8.0]),
            Confidence::P95,
        )
        .unwrap();
        decimals(lift.estimate, 1.0, 12);
        relative(
            lift.precision.unwrap().standard_error,
            (4.0f64 / 3.0).sqrt(),
            1e-12,
        );
        assert_eq!(lift.tier, Tier::B);
    }

    #[test]
    fn degenerate_panels() {
        let same = [(1.0, 2.0), (3.0, 4.0)];
        assert!(panel(&same, &same, ErrorOf::Welch, Confidence::P95).is_err());
        assert!(panel(&same, &same, ErrorOf::InfluenceFunction, Confidence::P95).is_err());
        assert!(panel(&[], &same, ErrorOf::InfluenceFunction, Confidence::P95).is_err());
        assert!(
            panel(
                &[(0.0, f64::NAN)],
                &same,
                ErrorOf::InfluenceFunction,
                Confidence::P95
            )
            .is_err()
        );
    }
}
