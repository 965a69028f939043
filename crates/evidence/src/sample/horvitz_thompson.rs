//! Works drawn with different, known chances, each on its own (as a draw by hash does): Horvitz and
//! Thompson (1952). Risky works may then be looked at more often without the rate being wrong.
//!
//! The chances must be those of the draw, kept with it. For a fixed number from each stratum use
//! [`super::strata`].

use crate::error::{Error, at_least, at_most, finite, inside, within};
use crate::interval::{Confidence, Interval};
use crate::limits::OBSERVATIONS_MAX;

/// A work that was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// What was found (1 or 0 for a rate, an amount of minutes for a total).
    pub value: f64,
    /// The chance it had to be drawn, in (0, 1].
    pub chance: f64,
}

/// An estimate with its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// value ± z · error.
    pub interval: Interval,
}

/// The total over all works: Σ y/π, variance Σ (1-π) y²/π².
///
/// # Errors
/// Nothing drawn, more than [`OBSERVATIONS_MAX`], values that are not finite, chances outside of (0, 1].
pub fn total(drawn: &[Drawn], confidence: Confidence) -> Result<Estimate, Error> {
    checked(drawn)?;
    let value = drawn.iter().map(|work| work.value / work.chance).sum();
    let variance = drawn.iter().map(|work| error_part(work, work.value)).sum();
    told(value, variance, confidence)
}

/// The mean over all works, whose number need not be known: Σ y/π / Σ 1/π (Hájek 1971), variance
/// Σ (1-π) (y - mean)²/π² / (Σ 1/π)².
///
/// # Errors
/// As [`total`].
pub fn mean(drawn: &[Drawn], confidence: Confidence) -> Result<Estimate, Error> {
    checked(drawn)?;
    let works: f64 = drawn.iter().map(|work| 1.0 / work.chance).sum();
    let sum: f64 = drawn.iter().map(|work| work.value / work.chance).sum();
    let mean = sum / works;
    let variance: f64 = drawn
        .iter()
        .map(|work| error_part(work, work.value - mean))
        .sum();
    told(mean, variance / (works * works), confidence)
}

fn error_part(work: &Drawn, value: f64) -> f64 {
    (1.0 - work.chance) * (value / work.chance).powi(2)
}

fn told(value: f64, variance: f64, confidence: Confidence) -> Result<Estimate, Error> {
    let standard_error = finite("variance", variance)?.sqrt();
    let reach = confidence.z() * standard_error;
    Ok(Estimate {
        value: finite("estimate", value)?,
        standard_error,
        interval: Interval::around(value, reach, confidence),
    })
}

fn checked(drawn: &[Drawn]) -> Result<(), Error> {
    at_least("works drawn", drawn.len() as u64, 1)?;
    at_most("works drawn", drawn.len() as u64, OBSERVATIONS_MAX as u64)?;
    for work in drawn {
        finite("value", work.value)?;
        if work.chance != 1.0 {
            inside("chance", work.chance, 0.0, 1.0)?;
        }
        within("1 / chance", 1.0 / work.chance, 1.0, 1e12)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    /// All 2⁴ draws of a population of four: the mean of the totals is the total, and the mean of the
    /// estimated variances is their variance. So the formulas are unbiased, not just plausible.
    #[test]
    fn unbiased_over_every_draw() {
        let population = [(3.0, 0.5), (1.0, 0.2), (4.0, 0.9), (1.5, 0.4)];
        let (mut mean_total, mut mean_square, mut mean_variance) = (0.0, 0.0, 0.0);
        for draw in 1u32..16 {
            let (mut chance, mut drawn) = (1.0, Vec::new());
            for (n, &(value, p)) in population.iter().enumerate() {
                if draw >> n & 1 == 1 {
                    chance *= p;
                    drawn.push(Drawn { value, chance: p });
                } else {
                    chance *= 1.0 - p;
                }
            }
            let is = total(&drawn, Confidence::P95).unwrap();
            mean_total += chance * is.value;
            mean_square += chance * is.value * is.value;
            mean_variance += chance * is.standard_error.powi(2);
        }
        decimals(mean_total, 9.5, 12);
        decimals(mean_variance, mean_square - mean_total * mean_total, 10);
    }

    #[test]
    fn oversampled_works_do_not_move_the_rate() {
        // 10 % of the risky works fail and all are drawn, 1 % of the others and one of ten is drawn.
        let mut drawn = Vec::new();
        for n in 0..100 {
            drawn.push(Drawn {
                value: f64::from(u8::from(n < 10)),
                chance: 1.0,
            });
        }
        for n in 0..100 {
            drawn.push(Drawn {
                value: f64::from(u8::from(n < 1)),
                chance: 0.1,
            });
        }
        let is = mean(&drawn, Confidence::P95).unwrap();
        decimals(is.value, 20.0 / 1_100.0, 12);
        assert!(is.interval.holds(20.0 / 1_100.0));
        let all = [Drawn {
            value: 2.0,
            chance: 1.0,
        }; 3];
        assert_eq!(total(&all, Confidence::P95).unwrap().standard_error, 0.0);
        for chance in [0.0, 1.1, f64::NAN, 1e-13] {
            assert!(total(&[Drawn { value: 1.0, chance }], Confidence::P95).is_err());
        }
        assert!(mean(&[], Confidence::P95).is_err());
    }
}
