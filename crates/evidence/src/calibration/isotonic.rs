//! [`Isotonic`]: the rising curve that fits best, by pooling adjacent violators (Ayer et al. 1955).
//!
//! It needs no form, and many works: some hundreds at least. Ends are held beyond what was seen.

use super::{Forecast, checked};
use crate::error::{Error, within};

/// A fitted curve from stated to repaired confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// (stated, repaired), both ascending; straight lines between.
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy)]
struct Block {
    low: f64,
    high: f64,
    right: f64,
    n: f64,
}

impl Isotonic {
    /// Fits the curve.
    ///
    /// # Errors
    /// No forecasts, or a confidence outside of [0, 1].
    pub fn fit(forecasts: &[Forecast]) -> Result<Isotonic, Error> {
        checked(forecasts)?;
        let mut sorted = forecasts.to_vec();
        sorted.sort_by(|a, b| a.stated.total_cmp(&b.stated));
        let mut blocks: Vec<Block> = Vec::new();
        for same in sorted.chunk_by(|a, b| a.stated.total_cmp(&b.stated).is_eq()) {
            let mut block = Block {
                low: same[0].stated,
                high: same[0].stated,
                right: same.iter().map(Forecast::outcome).sum(),
                n: same.len() as f64,
            };
            while let Some(before) = blocks.last().copied() {
                // Counts, so the comparison of rates is exact.
                if before.right * block.n < block.right * before.n {
                    break;
                }
                blocks.pop();
                block = Block {
                    low: before.low,
                    right: before.right + block.right,
                    n: before.n + block.n,
                    ..block
                };
            }
            blocks.push(block);
        }
        let ends = blocks.iter().flat_map(|block| {
            let rate = block.right / block.n;
            [(block.low, rate), (block.high, rate)]
        });
        let mut points: Vec<(f64, f64)> = ends.collect();
        points.dedup();
        Ok(Isotonic { points })
    }

    /// The repaired confidence.
    ///
    /// # Errors
    /// A confidence outside of [0, 1].
    pub fn repair(&self, stated: f64) -> Result<f64, Error> {
        within("stated confidence", stated, 0.0, 1.0)?;
        let after = self.points.partition_point(|point| point.0 < stated);
        let Some(&(x1, y1)) = self.points.get(after) else {
            return Ok(self.points[self.points.len() - 1].1);
        };
        let Some(&(x0, y0)) = after
            .checked_sub(1)
            .and_then(|before| self.points.get(before))
        else {
            return Ok(y1);
        };
        Ok(y0 + (y1 - y0) * (stated - x0) / (x1 - x0))
    }
}

#[cfg(test)]
pub(in crate::calibration) mod tests {
    use super::*;
    use crate::special::close::decimals;

    pub(in crate::calibration) const STATED: [f64; 12] =
        [0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.5];
    pub(in crate::calibration) const RIGHT: [u8; 12] = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0];

    pub(in crate::calibration) fn twelve() -> Vec<Forecast> {
        let pairs = STATED.into_iter().zip(RIGHT);
        pairs
            .map(|(stated, right)| Forecast {
                stated,
                right: right == 1,
            })
            .collect()
    }

    /// scikit-learn: IsotonicRegression(out_of_bounds="clip").
    #[test]
    fn twelve_forecasts() {
        let curve = Isotonic::fit(&twelve()).unwrap();
        for (stated, wanted) in [
            (0.05, 0.0),
            (0.3, 1.0 / 3.0),
            (0.33, 1.0 / 3.0),
            (0.5, 0.5),
            (0.65, 0.5),
            (0.72, 0.6),
            (0.99, 1.0),
        ] {
            decimals(curve.repair(stated).unwrap(), wanted, 12);
        }
        assert!(curve.repair(1.5).is_err());
    }

    #[test]
    fn never_falls() {
        let forecasts: Vec<Forecast> = (0..500u32)
            .map(|n| Forecast {
                stated: f64::from(n * 337 % 500) / 499.0,
                right: n * 31 % 11 < 6,
            })
            .collect();
        let curve = Isotonic::fit(&forecasts).unwrap();
        let repaired: Vec<f64> = (0..=1_000)
            .map(|k| curve.repair(f64::from(k) / 1e3).unwrap())
            .collect();
        assert!(repaired.windows(2).all(|pair| pair[0] <= pair[1] + 1e-15));
        assert!(repaired.iter().all(|p| (0.0..=1.0).contains(p)));
        let one = Isotonic::fit(&forecasts[..1]).unwrap();
        assert_eq!(one.repair(0.0), one.repair(1.0));
    }
}
