//! The regularised incomplete beta function and its inverse, to ten digits for shapes up to
//! [`SHAPE_MAX`]: the work-horse behind exact binomial bounds, Student's t and Jeffreys intervals.
//!
//! The factor before the continued fraction is a binomial probability, computed from Stirling errors
//! and deviances so that large shapes lose no digits; the fraction is evaluated on the side where it
//! converges, in at most a few √shape steps.

use super::gamma::ln_gamma_of;
use super::normal;
use super::saddle::{LN_ROOT_TWO_PI, deviance, stirling_error};
use crate::error::{Error, within};
use crate::limits::{SHAPE_MAX, STEPS_MAX, TERMS_MAX};

/// I_x(a, b), the chance that a beta variable of these shapes is at most x; shapes in
/// (0, [`SHAPE_MAX`]], x in [0, 1]. DLMF 8.17.22.
///
/// # Errors
/// An argument outside of its range.
pub fn cdf(a: f64, b: f64, x: f64) -> Result<f64, Error> {
    shapes(a, b)?;
    within("argument of a beta function", x, 0.0, 1.0)?;
    Ok(both_of(a, b, x, 1.0 - x).0)
}

/// 1 - I_x(a, b), with all digits of a small one.
///
/// # Errors
/// An argument outside of its range.
pub fn survival(a: f64, b: f64, x: f64) -> Result<f64, Error> {
    shapes(a, b)?;
    within("argument of a beta function", x, 0.0, 1.0)?;
    Ok(both_of(a, b, x, 1.0 - x).1)
}

/// The x at which I_x(a, b) = p: Newton's method on logarithms within a bracket that only shrinks.
///
/// # Errors
/// An argument outside of its range (p in [0, 1]).
pub fn quantile(a: f64, b: f64, p: f64) -> Result<f64, Error> {
    shapes(a, b)?;
    within("probability", p, 0.0, 1.0)?;
    Ok(quantile_of(a, b, p))
}

/// The x at which 1 - I_x(a, b) = p, with all digits of a small p.
///
/// # Errors
/// An argument outside of its range (p in [0, 1]).
pub fn upper_quantile(a: f64, b: f64, p: f64) -> Result<f64, Error> {
    shapes(a, b)?;
    within("probability", p, 0.0, 1.0)?;
    Ok(1.0 - quantile_of(b, a, p))
}

fn shapes(a: f64, b: f64) -> Result<(), Error> {
    for shape in [a, b] {
        within("shape", shape, 1e-10, SHAPE_MAX)?;
    }
    Ok(())
}

/// (I_x(a, b), 1 - I_x(a, b)), where y = 1 - x is told too, for an x near 1 loses it.
pub(super) fn both_of(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let scale = density_of(a, b, x, y);
    if x <= (a + 1.0) / (a + b + 2.0) {
        let lower = (scale * fraction(a, b, x, y)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (scale * fraction(b, a, y, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// x^a (1 - x)^b / B(a, b): x (1 - x) times the density.
pub(super) fn density_of(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, n * x)
        - deviance(b, n * y)
        - LN_ROOT_TWO_PI;
    exponent.exp() * (a * b / n).sqrt()
}

/// B(a, b) I_x(a, b) / (x^a y^b): the even part of the continued fraction of DLMF 8.17.22 (DiDonato and
/// Morris 1992, section 4), in which a y - b x stands alone, so that an x near the mean cancels nothing.
/// By Lentz's method.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let apart = a * y - b * x;
    let below = |m: f64| {
        m + m * (b - m) * x / (a + 2.0 * m - 1.0)
            + (a + m) * (apart + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0)
    };
    let mut h = a * (apart + 1.0) / (a + 1.0);
    if h.abs() < TINY {
        h = TINY;
    }
    let (mut c, mut d) = (h, 0.0);
    for m in 1..=TERMS_MAX {
        let m = f64::from(m);
        let root = x / (a + 2.0 * m - 1.0);
        let above = (a + m - 1.0) * (a + b + m - 1.0) * m * (b - m) * root * root;
        let below = below(m);
        d = below + above * d;
        if d.abs() < TINY {
            d = TINY;
        }
        c = below + above / c;
        if c.abs() < TINY {
            c = TINY;
        }
        d = 1.0 / d;
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    1.0 / h
}

/// The quantile for shapes in range and p in [0, 1].
pub(crate) fn quantile_of(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        1.0
    } else if p <= 0.5 {
        from_below(a, b, p)
    } else {
        1.0 - from_below(b, a, 1.0 - p)
    }
}

/// The quantile of a p in (0, ½], in u = ln x.
fn from_below(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (-745.0, 0.0);
    let wanted = p.ln();
    let mut u = first_guess(a, b, p).ln().clamp(-744.0, -1e-16);
    for _ in 0..STEPS_MAX {
        let x = u.exp();
        let y = -u.exp_m1();
        let is = both_of(a, b, x, y).0;
        // d ln I / d ln x = x · density / I
        let newton = u - (is.ln() - wanted) * y * is / density_of(a, b, x, y);
        if is == p || (newton - u).abs() <= 2e-16 * u.abs().max(1.0) {
            break;
        }
        if is < p {
            low = u;
        } else {
            high = u;
        }
        u = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if u == low || u == high {
            break;
        }
    }
    u.exp()
}

/// A place to start: the normal approximation where it is one, else the first term of the series at 0.
fn first_guess(a: f64, b: f64, p: f64) -> f64 {
    let n = a + b;
    let mean = a / n;
    let near = mean + normal::quantile_of(p) * (mean * (b / n) / (n + 1.0)).sqrt();
    if a > 2.0 && near > 0.2 * mean && near < 1.0 {
        return near;
    }
    let ln_beta = ln_gamma_of(a) + ln_gamma_of(b) - ln_gamma_of(n);
    ((p.ln() + a.ln() + ln_beta) / a)
        .exp()
        .max(1e-300)
        .min(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// The numbers of a table's rows, below its comment and header.
    fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [f64; N]> {
        let rows = table.lines().skip(2);
        rows.map(|row| {
            let numbers: Vec<f64> = row
                .split(',')
                .map(|number| number.parse().unwrap())
                .collect();
            numbers.try_into().unwrap()
        })
    }

    /// scipy 1.17: betainc, betaincc. x lies up to eight standard deviations from the mean.
    #[test]
    fn incomplete_beta_of_a_grid() {
        for [a, b, x, below, above] in rows(include_str!("../../tests/tables/beta.csv")) {
            relative(cdf(a, b, x).unwrap(), below, 1e-11);
            relative(survival(a, b, x).unwrap(), above, 1e-11);
        }
    }

    /// scipy 1.17: betaincinv.
    #[test]
    fn inverse_of_a_grid() {
        for [a, b, p, wanted] in rows(include_str!("../../tests/tables/beta_inverse.csv")) {
            relative(quantile(a, b, p).unwrap(), wanted, 1e-12);
        }
    }

    /// The cases in which published Rust crates fail: `puruspe` gives .849309 for the first, `statrs`
    /// -1.147 for the last.
    #[test]
    fn where_others_lose_their_digits() {
        relative(
            quantile(85_000.0, 15_001.0, 0.025).unwrap(),
            0.847_771_742,
            1e-9,
        );
        for shape in [1e5, 1e6, 1e7, 1e8, 1e9, SHAPE_MAX] {
            relative(cdf(shape, shape, 0.5).unwrap(), 0.5, 1e-9);
        }
    }

    #[test]
    fn inverse_of_the_function_and_back() {
        for a in [0.1, 1.0, 7.5, 300.0, 1e6] {
            for b in [0.1, 1.0, 40.0, 1e4] {
                for p in [1e-12, 1e-3, 0.2, 0.5, 0.77, 0.999] {
                    let x = quantile(a, b, p).unwrap();
                    assert!((0.0..=1.0).contains(&x));
                    if x > 1e-290 && x < 1.0 - 1e-9 {
                        relative(cdf(a, b, x).unwrap(), p, 1e-8);
                    }
                }
            }
        }
    }

    #[test]
    fn edges() {
        assert!(cdf(0.0, 1.0, 0.5).is_err());
        assert!(cdf(1.0, 2.0 * SHAPE_MAX, 0.5).is_err());
        assert!(cdf(1.0, 1.0, 1.5).is_err());
        assert!(quantile(1.0, 1.0, f64::NAN).is_err());
        assert_eq!(
            (cdf(2.0, 3.0, 0.0), survival(2.0, 3.0, 0.0)),
            (Ok(0.0), Ok(1.0))
        );
        assert_eq!(
            (cdf(2.0, 3.0, 1.0), survival(2.0, 3.0, 1.0)),
            (Ok(1.0), Ok(0.0))
        );
        assert_eq!(
            (quantile(2.0, 3.0, 0.0), quantile(2.0, 3.0, 1.0)),
            (Ok(0.0), Ok(1.0))
        );
        relative(upper_quantile(1.0, 1.0, 0.25).unwrap(), 0.75, 1e-15);
    }
}
