//! The binomial distribution: hits in so many independent trials at one rate.

use super::beta;
use super::saddle::{LN_ROOT_TWO_PI, deviance, stirling_error};
use crate::error::{Error, at_most, within};
use crate::limits::COUNT_MAX;

/// P(X = hits), by Loader's saddle-point form. 0 for more hits than trials.
///
/// # Errors
/// A rate outside of [0, 1], more than [`COUNT_MAX`] trials.
pub fn probability(hits: u64, trials: u64, rate: f64) -> Result<f64, Error> {
    at_most("trials", trials, COUNT_MAX)?;
    within("rate", rate, 0.0, 1.0)?;
    Ok(probability_of(hits, trials, rate))
}

/// P(X ≤ hits) = 1 - I_rate(hits + 1, trials - hits). DLMF 8.17.5.
///
/// # Errors
/// As [`probability`].
pub fn cdf(hits: u64, trials: u64, rate: f64) -> Result<f64, Error> {
    at_most("trials", trials, COUNT_MAX)?;
    within("rate", rate, 0.0, 1.0)?;
    if hits >= trials {
        return Ok(1.0);
    }
    Ok(beta::both_of(hits as f64 + 1.0, (trials - hits) as f64, rate, 1.0 - rate).1)
}

pub(super) fn probability_of(hits: u64, trials: u64, rate: f64) -> f64 {
    if hits > trials {
        return 0.0;
    }
    let (x, n) = (hits as f64, trials as f64);
    let misses = n - x;
    if rate <= 0.0 {
        return if hits == 0 { 1.0 } else { 0.0 };
    }
    if rate >= 1.0 {
        return if hits == trials { 1.0 } else { 0.0 };
    }
    if hits == 0 {
        return (n * (-rate).ln_1p()).exp();
    }
    if hits == trials {
        return (n * rate.ln()).exp();
    }
    let exponent = stirling_error(n)
        - stirling_error(x)
        - stirling_error(misses)
        - deviance(x, n * rate)
        - deviance(misses, n * (1.0 - rate))
        - LN_ROOT_TWO_PI;
    exponent.exp() * (n / (x * misses)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    #[test]
    fn small_ones_by_hand() {
        // 5 over 2 times 0.3² 0.7³
        relative(probability(2, 5, 0.3).unwrap(), 0.308_7, 1e-14);
        relative(cdf(2, 5, 0.3).unwrap(), 0.836_92, 1e-14);
        relative(probability(0, 59, 0.05).unwrap(), 0.95f64.powi(59), 1e-13);
        let sum: f64 = (0..=40).map(|x| probability(x, 40, 0.17).unwrap()).sum();
        relative(sum, 1.0, 1e-13);
    }

    #[test]
    fn edges() {
        assert_eq!(probability(0, 0, 0.5), Ok(1.0));
        assert_eq!(probability(3, 2, 0.5), Ok(0.0));
        assert_eq!(
            (probability(0, 9, 0.0), probability(1, 9, 0.0)),
            (Ok(1.0), Ok(0.0))
        );
        assert_eq!(
            (probability(9, 9, 1.0), probability(8, 9, 1.0)),
            (Ok(1.0), Ok(0.0))
        );
        assert_eq!(
            (cdf(9, 9, 0.3), cdf(0, 9, 0.0), cdf(8, 9, 1.0)),
            (Ok(1.0), Ok(1.0), Ok(0.0))
        );
        assert!(cdf(0, COUNT_MAX + 1, 0.5).is_err());
        assert!(cdf(0, 1, -0.1).is_err());
    }
}
