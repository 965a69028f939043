//! Calibration: whether works that were said to be right with 80 % are right in 80 % of the cases.
//!
//! A price by confidence P(q) is honest only then. [`Score`] has the numbers, [`Reliability`] the table
//! behind the picture, [`gate()`] the verdict with its reasons (a `calibration` document in the shared log
//! carries it), [`Isotonic`] and [`Platt`] repair a confidence. Judge a repair on works that it was not
//! fitted on. Not here: whether the buyer, who knows which works are hard, sends only those.

mod gate;
mod isotonic;
mod platt;
mod reliability;

pub use gate::{Demands, Reason, Verdict, gate};
pub use isotonic::Isotonic;
pub use platt::Platt;
pub use reliability::{Bin, Bins, Reliability};

use crate::error::{Error, at_least, at_most, within};
use crate::limits::OBSERVATIONS_MAX;
use crate::special::normal;

/// A stated confidence, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The stated chance of being right, in [0, 1].
    pub stated: f64,
    /// Whether it was right.
    pub right: bool,
}

/// How good some forecasts were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Forecasts.
    pub n: u64,
    /// Mean of (stated - right)² (Brier 1950): 0 is perfect.
    pub brier: f64,
    /// Spiegelhalter's z (1986), normal if the forecasts are calibrated; `None` where every one is 0, ½
    /// or 1 (the statistic then has no variance).
    pub spiegelhalter_z: Option<f64>,
    /// Its two-sided p-value.
    pub spiegelhalter_p: Option<f64>,
}

impl Score {
    /// Of some forecasts.
    ///
    /// # Errors
    /// None, more than [`OBSERVATIONS_MAX`], or a stated chance outside of [0, 1].
    pub fn of(forecasts: &[Forecast]) -> Result<Score, Error> {
        checked(forecasts)?;
        let n = forecasts.len() as f64;
        let (mut brier, mut off, mut variance) = (0.0, 0.0, 0.0);
        for forecast in forecasts {
            let (p, y) = (forecast.stated, forecast.outcome());
            brier += (p - y) * (p - y);
            off += (y - p) * (1.0 - 2.0 * p);
            variance += (1.0 - 2.0 * p).powi(2) * p * (1.0 - p);
        }
        let z = (variance > 0.0).then(|| off / variance.sqrt());
        Ok(Score {
            n: forecasts.len() as u64,
            brier: brier / n,
            spiegelhalter_z: z,
            spiegelhalter_p: z.map(normal::two_sided_of),
        })
    }
}

impl Forecast {
    /// 1 for right, 0 for wrong.
    fn outcome(&self) -> f64 {
        f64::from(u8::from(self.right))
    }
}

fn checked(forecasts: &[Forecast]) -> Result<(), Error> {
    at_least("forecasts", forecasts.len() as u64, 1)?;
    at_most("forecasts", forecasts.len() as u64, OBSERVATIONS_MAX as u64)?;
    for forecast in forecasts {
        within("stated confidence", forecast.stated, 0.0, 1.0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    /// So many forecasts of one confidence, of which so many were right.
    pub(super) fn said(of: &[(f64, usize, usize)]) -> Vec<Forecast> {
        let each = of.iter().flat_map(|&(stated, n, right)| {
            (0..n).map(move |k| Forecast {
                stated,
                right: k < right,
            })
        });
        each.collect()
    }

    #[test]
    fn thirty_forecasts() {
        let score = Score::of(&said(&[(0.95, 10, 9), (0.80, 10, 8), (0.60, 10, 4)])).unwrap();
        decimals(score.brier, 0.1775, 12);
        // numpy
        decimals(score.spiegelhalter_z.unwrap(), 0.826_861_550_477, 11);
    }

    #[test]
    fn degenerate_forecasts() {
        assert!(Score::of(&[]).is_err());
        assert!(Score::of(&said(&[(1.1, 1, 1)])).is_err());
        assert!(Score::of(&said(&[(f64::NAN, 1, 1)])).is_err());
        let sure = Score::of(&said(&[(1.0, 5, 5), (0.5, 2, 1)])).unwrap();
        assert_eq!((sure.spiegelhalter_z, sure.brier), (None, 0.5 / 7.0));
    }
}
