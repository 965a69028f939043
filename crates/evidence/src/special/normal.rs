//! The standard normal distribution.

use super::gamma;
use crate::error::{Error, finite, inside};

/// P(Z ≤ z), by the incomplete gamma function of shape ½; thirteen digits, also of small tails.
///
/// # Errors
/// z is not finite.
pub fn cdf(z: f64) -> Result<f64, Error> {
    finite("z", z).map(cdf_of)
}

/// P(|Z| ≥ |z|): the two-sided p-value.
///
/// # Errors
/// z is not finite.
pub fn two_sided(z: f64) -> Result<f64, Error> {
    finite("z", z).map(two_sided_of)
}

/// The z at which P(Z ≤ z) = p: Abramowitz and Stegun 26.2.23, then Halley's method.
///
/// # Errors
/// p outside of (0, 1).
pub fn quantile(p: f64) -> Result<f64, Error> {
    inside("probability", p, 0.0, 1.0).map(quantile_of)
}

/// The density at z.
pub(crate) fn density_of(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

pub(crate) fn cdf_of(z: f64) -> f64 {
    let (lower, upper) = gamma::both_of(0.5, 0.5 * z * z);
    if z < 0.0 {
        0.5 * upper
    } else {
        0.5 + 0.5 * lower
    }
}

pub(crate) fn two_sided_of(z: f64) -> f64 {
    gamma::both_of(0.5, 0.5 * z * z).1
}

pub(crate) fn quantile_of(p: f64) -> f64 {
    if p > 0.5 {
        return -quantile_of(1.0 - p);
    }
    let t = (-2.0 * p.ln()).sqrt();
    let mut z = (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
        - t;
    for _ in 0..4 {
        let off = (cdf_of(z) - p) / density_of(z);
        z -= off / (1.0 + 0.5 * z * off);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// scipy 1.17: norm.cdf.
    #[test]
    fn cdf_of_a_grid() {
        for (z, wanted) in [
            (-37.0, 5.7255712225239266e-300),
            (-10.0, 7.61985302416047e-24),
            (-6.0, 9.865876450376946e-10),
            (-2.0, 0.022750131948179195),
            (-1.0, 0.15865525393145707),
            (-0.1, 0.460172162722971),
            (0.5, 0.6914624612740131),
            (1.959963984540054, 0.975),
            (5.0, 0.9999997133484281),
            (8.0, 0.9999999999999993),
        ] {
            relative(cdf(z).unwrap(), wanted, 3e-13);
        }
    }

    /// scipy 1.17: ndtri.
    #[test]
    fn quantiles_of_a_grid() {
        for (p, wanted) in [
            (1e-300, -37.0470962993612),
            (1e-20, -9.262340089798409),
            (1e-05, -4.264890793922825),
            (0.01, -2.3263478740408408),
            (0.025, -1.9599639845400545),
            (0.3, -0.5244005127080409),
            (0.8, 0.8416212335729143),
            (0.975, 1.959963984540054),
            (0.9995, 3.2905267314919255),
            (0.999999999999, 7.0344869100478356),
        ] {
            relative(quantile(p).unwrap(), wanted, 1e-13);
        }
    }

    #[test]
    fn edges() {
        assert!(quantile(0.0).is_err() && quantile(1.0).is_err());
        assert!(cdf(f64::INFINITY).is_err());
        assert_eq!(cdf(0.0), Ok(0.5));
        assert!(quantile(0.5).unwrap().abs() < 1e-15);
        relative(two_sided(-1.959_963_984_540_054).unwrap(), 0.05, 1e-13);
    }
}
