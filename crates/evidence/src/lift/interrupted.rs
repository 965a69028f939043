//! The interrupted time series (tier C): one series, its own trend before the start carried on.
//!
//! yₜ = b₀ + b₁ t + b₂ after + b₃ (t - t₀) after + season, t from 1, t₀ the first point after; errors by
//! Newey and West (1987) with Bartlett weights and no small-sample factor, which are too small for
//! short series. Right only if nothing else changed at t₀.

use super::least_squares::{Fit, fit};
use super::{Assumption, Estimand, Lift, Precision, Threat, Tier};
use crate::error::{Error, at_least, at_most, inside, within};
use crate::interval::Confidence;
use crate::limits::POINTS_MAX;

/// Below so many points before the start, or half as many after, a trend is a guess.
const POINTS_WANTED: u64 = 8;

/// Outside of 2 ± this, Durbin and Watson's statistic says that memory is left.
const DURBIN_WATSON_OFF: f64 = 0.5;

/// How many points back a residual is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// ⌊4 (T/100)^(2/9)⌋ (Newey and West 1994).
    Automatic,
    /// So many.
    Points(usize),
}

/// A season of so many points, as so many pairs of sine and cosine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Season {
    /// Points until it repeats, e.g. 12.
    pub points: f64,
    /// Pairs.
    pub harmonics: u32,
}

/// A fitted series.
#[derive(Debug, Clone)]
pub struct Interrupted {
    before: u64,
    after: u64,
    coefficients: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    /// The lag that was used.
    pub lag: usize,
    /// Durbin and Watson's statistic of the residuals: 2 where there is no memory.
    pub durbin_watson: f64,
}

/// Fits a series cut at the start of the software.
///
/// # Errors
/// Fewer than three points before or two after, numbers that are not finite, a lag as long as the
/// series, a season that cannot be told from the trend, or a perfect fit.
pub fn interrupted(
    before: &[f64],
    after: &[f64],
    season: Option<Season>,
    lag: Lag,
) -> Result<Interrupted, Error> {
    at_least("points before", before.len() as u64, 3)?;
    at_least("points after", after.len() as u64, 2)?;
    let points = before.len() + after.len();
    at_most("points", points as u64, POINTS_MAX as u64)?;
    let lag = match lag {
        Lag::Points(lag) => lag,
        Lag::Automatic => (0..points)
            .take_while(|&lag| lag as f64 <= 4.0 * (points as f64 / 100.0).powf(2.0 / 9.0))
            .last()
            .unwrap_or(0),
    };
    at_most("points of lag", lag as u64, points as u64 - 1)?;
    let y = [before, after].concat();
    let fit = fit(&columns(before.len(), points, season)?, &y)?;
    let squares: f64 = fit.residuals.iter().map(|e| e * e).sum();
    if squares <= 1e-24 * y.iter().map(|y| y * y).sum::<f64>() {
        return Err(Error::NoVariation { what: "residuals" });
    }
    let steps: f64 = fit
        .residuals
        .windows(2)
        .map(|e| (e[1] - e[0]).powi(2))
        .sum();
    Ok(Interrupted {
        before: before.len() as u64,
        after: after.len() as u64,
        covariance: newey_west(&fit, lag),
        coefficients: fit.coefficients,
        lag,
        durbin_watson: steps / squares,
    })
}

impl Interrupted {
    /// b₀ to b₃, then the season's pairs; each with its error.
    #[must_use]
    pub fn coefficients(&self) -> Vec<(f64, f64)> {
        let errors = self
            .covariance
            .iter()
            .enumerate()
            .map(|(j, row)| row[j].sqrt());
        self.coefficients.iter().copied().zip(errors).collect()
    }

    /// How far the series is from its old trend, so many points after the first one with the software:
    /// b₂ + b₃ h. With the t of T - k degrees of freedom.
    ///
    /// # Errors
    /// A horizon over [`POINTS_MAX`].
    pub fn effect_at(&self, horizon: u64, confidence: Confidence) -> Result<Lift, Error> {
        at_most("points of horizon", horizon, POINTS_MAX as u64)?;
        let h = horizon as f64;
        let estimate = self.coefficients[2] + h * self.coefficients[3];
        let v = &self.covariance;
        let square = v[2][2] + 2.0 * h * v[2][3] + h * h * v[3][3];
        let degrees = (self.before + self.after) as f64 - self.coefficients.len() as f64;
        let mut threats = Vec::new();
        if self.before < POINTS_WANTED || self.after < POINTS_WANTED / 2 {
            threats.push(Threat::ShortSeries {
                before: self.before,
                after: self.after,
            });
        }
        if (self.durbin_watson - 2.0).abs() > DURBIN_WATSON_OFF {
            threats.push(Threat::Autocorrelated {
                durbin_watson: self.durbin_watson,
            });
        }
        Ok(Lift {
            estimand: Estimand::FromTrend(horizon),
            tier: Tier::C,
            treated: self.after,
            control: self.before,
            estimate,
            precision: Some(Precision::of(
                estimate,
                square.max(0.0).sqrt(),
                Some(degrees),
                confidence,
            )?),
            assumptions: vec![Assumption::TrendGoesOn, Assumption::NothingElseChanged],
            threats,
        }
        .checked(0))
    }
}

fn columns(before: usize, points: usize, season: Option<Season>) -> Result<Vec<Vec<f64>>, Error> {
    let from_start = |from: f64, step: f64| -> Vec<f64> {
        (0..points)
            .map(|t| {
                t.checked_sub(before)
                    .map_or(0.0, |since| from + step * since as f64)
            })
            .collect()
    };
    let mut columns = vec![
        vec![1.0; points],
        (1..=points).map(|t| t as f64).collect(),
        from_start(1.0, 0.0),
        from_start(0.0, 1.0),
    ];
    if let Some(Season {
        points: length,
        harmonics,
    }) = season
    {
        inside("points of a season", length, 1.0, POINTS_MAX as f64)?;
        within("harmonics", f64::from(harmonics), 1.0, length / 2.0)?;
        for harmonic in 1..=harmonics {
            let turn = std::f64::consts::TAU * f64::from(harmonic) / length;
            for wave in [f64::sin, f64::cos] {
                columns.push((1..=points).map(|t| wave(turn * t as f64)).collect());
            }
        }
    }
    Ok(columns)
}

/// Σ over lags of Bartlett's weight times the products of the influences so far apart.
fn newey_west(fit: &Fit, lag: usize) -> Vec<Vec<f64>> {
    let k = fit.coefficients.len();
    let mut covariance = vec![vec![0.0; k]; k];
    for apart in 0..=lag {
        let weight = 1.0 - apart as f64 / (lag + 1) as f64;
        for (late, early) in fit.influence[apart..].iter().zip(&fit.influence) {
            for i in 0..k {
                for j in 0..k {
                    let product = if apart == 0 {
                        late[i] * late[j]
                    } else {
                        late[i] * early[j] + early[i] * late[j]
                    };
                    covariance[i][j] += weight * product;
                }
            }
        }
    }
    covariance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    /// The flow of the Nile at Aswan, 1871 to 1970, in 1e8 m³ (Cobb 1978; public domain).
    const NILE: [f64; 100] = [
        1_120.0, 1_160.0, 963.0, 1_210.0, 1_160.0, 1_160.0, 813.0, 1_230.0, 1_370.0, 1_140.0,
        995.0, 935.0, 1_110.0, 994.0, 1_020.0, 960.0, 1_180.0, 799.0, 958.0, 1_140.0, 1_100.0,
        1_210.0, 1_150.0, 1_250.0, 1_260.0, 1_220.0, 1_030.0, 1_100.0, 774.0, 840.0, 874.0, 694.0,
        940.0, 833.0, 701.0, 916.0, 692.0, 1_020.0, 1_050.0, 969.0, 831.0, 726.0, 456.0, 824.0,
        702.0, 1_120.0, 1_100.0, 832.0, 764.0, 821.0, 768.0, 845.0, 864.0, 862.0, 698.0, 845.0,
        744.0, 796.0, 1_040.0, 759.0, 781.0, 865.0, 845.0, 944.0, 984.0, 897.0, 822.0, 1_010.0,
        771.0, 676.0, 649.0, 846.0, 812.0, 742.0, 801.0, 1_040.0, 860.0, 874.0, 848.0, 890.0,
        744.0, 749.0, 838.0, 1_050.0, 918.0, 986.0, 797.0, 923.0, 975.0, 815.0, 1_020.0, 906.0,
        901.0, 1_170.0, 912.0, 746.0, 919.0, 718.0, 714.0, 740.0,
    ];

    /// statsmodels 0.15, break at the 29th point (1899): OLS, HAC without correction.
    #[test]
    fn the_nile() {
        for (lag, errors) in [
            (0, [48.693_604_42, 2.615_562_66, 52.217_016, 2.716_552_14]),
            (1, [46.400_227_91, 2.690_146_06, 57.961_770_8, 2.803_790_36]),
            (
                4,
                [35.510_003_57, 2.590_308_48, 61.775_938_94, 2.701_577_43],
            ),
        ] {
            let is = interrupted(&NILE[..28], &NILE[28..], None, Lag::Points(lag)).unwrap();
            let wanted = [
                1_080.936_507_94,
                1.159_551_18,
                -289.102_685_37,
                -0.469_088_77,
            ];
            for ((b, error), (b_wanted, error_wanted)) in is
                .coefficients()
                .into_iter()
                .zip(wanted.into_iter().zip(errors))
            {
                decimals(b, b_wanted, 8);
                decimals(error, error_wanted, 7);
            }
            decimals(is.durbin_watson, 1.687_845_765, 9);
        }
        let is = interrupted(&NILE[..28], &NILE[28..], None, Lag::Automatic).unwrap();
        assert_eq!(is.lag, 4);
        let at_start = is.effect_at(0, Confidence::P95).unwrap();
        assert!(at_start.threats.is_empty() && at_start.tier == Tier::C);
        // Twenty points later: -289.10268537 - 20 · 0.46908877, with the covariance of both.
        let later = is.effect_at(20, Confidence::P95).unwrap();
        decimals(later.estimate, -298.484_461, 6);
        decimals(
            later.precision.unwrap().standard_error,
            105.26406978340924,
            7,
        );
    }

    /// A season is taken off: the step is found to a thousandth.
    #[test]
    fn a_season_is_not_an_effect() {
        let point = |t: i32| {
            let angle = std::f64::consts::TAU * f64::from(t) / 12.0;
            10.0 + 3.0 * angle.sin() + f64::from(t * t * 7 % 13) * 1e-4
        };
        let before: Vec<f64> = (1..=30).map(point).collect();
        let after: Vec<f64> = (31..=50).map(|t| point(t) + 2.0).collect();
        let season = Some(Season {
            points: 12.0,
            harmonics: 2,
        });
        let is = interrupted(&before, &after, season, Lag::Automatic).unwrap();
        decimals(is.effect_at(5, Confidence::P95).unwrap().estimate, 2.0, 3);
        let too_many = Some(Season {
            points: 12.0,
            harmonics: 7,
        });
        assert!(interrupted(&before, &after, too_many, Lag::Automatic).is_err());
    }

    #[test]
    fn degenerate_series() {
        assert!(interrupted(&NILE[..2], &NILE[2..], None, Lag::Automatic).is_err());
        assert!(interrupted(&NILE[..9], &NILE[9..10], None, Lag::Automatic).is_err());
        assert!(interrupted(&[1.0; 9], &[2.0; 9], None, Lag::Automatic).is_err());
        assert!(interrupted(&NILE[..9], &NILE[9..19], None, Lag::Points(19)).is_err());
        let short = interrupted(&NILE[..5], &NILE[5..12], None, Lag::Automatic).unwrap();
        let lift = short.effect_at(0, Confidence::P95).unwrap();
        assert!(lift.threats.contains(&Threat::ShortSeries {
            before: 5,
            after: 7
        }));
        assert!(short.effect_at(1_000_000, Confidence::P95).is_err());
        let long = vec![1.0; POINTS_MAX];
        assert!(matches!(
            interrupted(&long, &NILE, None, Lag::Automatic),
            Err(Error::TooMany { what: "points", .. })
        ));
    }
}
