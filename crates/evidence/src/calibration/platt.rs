//! [`Platt`]: a logistic curve on the log-odds of the stated confidence (Platt 1999), for fewer works
//! than [`super::Isotonic`] needs.
//!
//! Outcomes are smoothed as in the paper, (n₁ + 1)/(n₁ + 2) for right and 1/(n₀ + 2) for wrong, so that
//! no number of works makes it sure. Stated 0 and 1 count as 1e-6 and 1 - 1e-6.

use super::{Forecast, checked};
use crate::error::{Error, within};

/// A fitted curve: 1 / (1 + exp(-(a + b · log-odds))).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// a: 0 if nothing is to repair.
    pub intercept: f64,
    /// b: 1 if nothing is to repair, less if the confidence is overdone.
    pub slope: f64,
}

/// Newton steps, of which it takes five to ten.
const STEPS: u32 = 100;

impl Platt {
    /// Fits the curve by Newton's method, halved where it overshoots.
    ///
    /// # Errors
    /// No forecasts, a confidence outside of [0, 1], or every one the same.
    pub fn fit(forecasts: &[Forecast]) -> Result<Platt, Error> {
        checked(forecasts)?;
        let right = forecasts.iter().filter(|forecast| forecast.right).count() as f64;
        let wrong = forecasts.len() as f64 - right;
        let points: Vec<(f64, f64)> = forecasts
            .iter()
            .map(|forecast| {
                let target = if forecast.right {
                    (right + 1.0) / (right + 2.0)
                } else {
                    1.0 / (wrong + 2.0)
                };
                (log_odds(forecast.stated), target)
            })
            .collect();
        if points.iter().all(|point| point.0 == points[0].0) {
            return Err(Error::NoVariation {
                what: "stated confidence",
            });
        }
        let mut at = Platt {
            intercept: 0.0,
            slope: 0.0,
        };
        let mut loss = at.loss(&points);
        for _ in 0..STEPS {
            let (da, db) = at.newton(&points);
            let mut part = 1.0;
            let (next, next_loss) = loop {
                let next = Platt {
                    intercept: at.intercept + part * da,
                    slope: at.slope + part * db,
                };
                let next_loss = next.loss(&points);
                if next_loss <= loss || part < 1e-9 {
                    break (next, next_loss);
                }
                part /= 2.0;
            };
            let done = (loss - next_loss).abs() <= 1e-15 * loss.abs() && da.abs() + db.abs() < 1e-9;
            (at, loss) = (next, next_loss);
            if done {
                return Ok(at);
            }
        }
        Err(Error::NoAnswer {
            what: "logistic curve",
        })
    }

    /// The repaired confidence.
    ///
    /// # Errors
    /// A confidence outside of [0, 1].
    pub fn repair(&self, stated: f64) -> Result<f64, Error> {
        within("stated confidence", stated, 0.0, 1.0)?;
        Ok(self.at(log_odds(stated)))
    }

    fn at(&self, odds: f64) -> f64 {
        1.0 / (1.0 + (-(self.intercept + self.slope * odds)).exp())
    }

    /// The negative log-likelihood: Σ ln(1 + e^s) - t s.
    fn loss(&self, points: &[(f64, f64)]) -> f64 {
        let each = points.iter().map(|(odds, target)| {
            let s = self.intercept + self.slope * odds;
            s.max(0.0) + (-s.abs()).exp().ln_1p() - target * s
        });
        each.sum()
    }

    fn newton(&self, points: &[(f64, f64)]) -> (f64, f64) {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (odds, target) in points {
            let p = self.at(*odds);
            let weight = (p * (1.0 - p)).max(1e-12);
            g0 += target - p;
            g1 += (target - p) * odds;
            h00 += weight;
            h01 += weight * odds;
            h11 += weight * odds * odds;
        }
        let det = h00 * h11 - h01 * h01;
        ((h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det)
    }
}

fn log_odds(stated: f64) -> f64 {
    let p = stated.clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::isotonic::tests::twelve;
    use crate::special::close::decimals;

    /// statsmodels 0.15: GLM, binomial, on the smoothed outcomes.
    #[test]
    fn twelve_forecasts() {
        let curve = Platt::fit(&twelve()).unwrap();
        decimals(curve.intercept, -0.118_128_489_312, 9);
        decimals(curve.slope, 0.747_223_314_650, 9);
        assert!(curve.repair(0.9).unwrap() < 0.9);
        assert!(curve.repair(2.0).is_err());
    }

    #[test]
    fn extremes() {
        let all = |right| {
            vec![
                Forecast { stated: 0.0, right },
                Forecast { stated: 1.0, right },
            ]
        };
        let never = Platt::fit(&all(false)).unwrap();
        assert!(never.repair(1.0).unwrap() < 0.5 && never.repair(1.0).unwrap() > 0.0);
        let flat = [Forecast {
            stated: 0.7,
            right: true,
        }; 5];
        assert!(Platt::fit(&flat).is_err());
        assert!(Platt::fit(&[]).is_err());
    }
}
