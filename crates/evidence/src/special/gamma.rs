//! The logarithm of the gamma function and the regularised incomplete gamma functions.

use super::saddle::{LN_ROOT_TWO_PI, deviance, stirling_error, stirling_series};
use crate::error::{Error, inside, within};
use crate::limits::{SHAPE_MAX, TERMS_MAX};

/// ln Γ(x), for x in (0, 1e300]: Stirling's series (DLMF 5.11.1), after x Γ(x) = Γ(x + 1) has brought
/// x above 10. The error is a few parts in 1e16 of the larger of 1 and |ln Γ(x)|.
///
/// # Errors
/// x outside of its range.
pub fn ln_gamma(x: f64) -> Result<f64, Error> {
    inside("argument of ln Γ", x, 0.0, 1e300).map(ln_gamma_of)
}

/// P(a, x) = γ(a, x) / Γ(a), the chance that a gamma variable of shape a is at most x; for a in
/// (0, [`SHAPE_MAX`]] and x ≥ 0. Series (DLMF 8.7.1) below a + 1, continued fraction (8.9.2) above.
///
/// # Errors
/// An argument outside of its range.
pub fn lower(a: f64, x: f64) -> Result<f64, Error> {
    both(a, x).map(|(lower, _)| lower)
}

/// Q(a, x) = 1 - P(a, x), with all digits of a small one.
///
/// # Errors
/// An argument outside of its range.
pub fn upper(a: f64, x: f64) -> Result<f64, Error> {
    both(a, x).map(|(_, upper)| upper)
}

/// (P(a, x), Q(a, x)).
fn both(a: f64, x: f64) -> Result<(f64, f64), Error> {
    inside("shape", a, 0.0, SHAPE_MAX * 1.000_001)?;
    within("argument of a gamma function", x, 0.0, f64::MAX)?;
    Ok(both_of(a, x))
}

/// (P(a, x), Q(a, x)) of a shape in range and an x ≥ 0.
pub(super) fn both_of(a: f64, x: f64) -> (f64, f64) {
    if x == 0.0 {
        return (0.0, 1.0);
    }
    // x^a e^-x / Γ(a + 1)
    let scale = (-stirling_error(a) - deviance(a, x) - LN_ROOT_TWO_PI).exp() / a.sqrt();
    if scale == 0.0 {
        return if x < a { (0.0, 1.0) } else { (1.0, 0.0) };
    }
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for n in 1..=TERMS_MAX {
            term *= x / (a + f64::from(n));
            sum += term;
            if term <= sum * f64::EPSILON * 0.1 {
                break;
            }
        }
        let lower = (scale * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (scale * a * upper_fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// Γ(a, x) / (x^a e^-x), x ≥ a + 1, by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..=TERMS_MAX {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = numerator * d + b;
        if d.abs() < TINY {
            d = TINY;
        }
        c = b + numerator / c;
        if c.abs() < TINY {
            c = TINY;
        }
        d = 1.0 / d;
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

/// ln Γ(x) for an x > 0.
pub(super) fn ln_gamma_of(x: f64) -> f64 {
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 10.0 {
        product *= shifted;
        shifted += 1.0;
    }
    (shifted - 0.5) * shifted.ln() - shifted + LN_ROOT_TWO_PI + stirling_series(shifted)
        - f64::ln(product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// mpmath 1.4, 40 digits.
    #[test]
    fn ln_gamma_of_a_grid() {
        for (x, wanted) in [
            (1e-08, 18.42068073818021),
            (0.1, 2.252712651734206),
            (0.5, 0.5723649429247001),
            (1.5, -0.12078223763524522),
            (2.5, 0.2846828704729192),
            (10.0, 12.801827480081469),
            (100.5, 361.4355404677776),
            (100000.0, 1051287.7089736569),
            (10000000.5, 151180957.42852172),
            (10000000000.0, 220258509288.81058),
        ] {
            let off = (ln_gamma(x).unwrap() - wanted).abs();
            assert!(off <= 4e-15 * wanted.abs().max(1.0), "{x}: {off:e}");
        }
    }

    /// scipy 1.17: gammainc, gammaincc.
    #[test]
    fn incomplete_gamma_of_a_grid() {
        for (a, x, below, above) in [
            (0.5, 0.5, 0.6826894921370859, 0.31731050786291115),
            (
                0.5,
                1.2071067811865475,
                0.8797616593431036,
                0.12023834065689647,
            ),
            (
                0.5,
                4.035533905932738,
                0.995502239620319,
                0.004497760379680992,
            ),
            (1.0, 1.0, 0.6321205588285577, 0.36787944117144245),
            (1.0, 2.0, 0.8646647167633873, 0.1353352832366127),
            (1.0, 6.0, 0.9975212478233336, 0.002478752176666357),
            (
                2.5,
                0.9188611699158102,
                0.12888743784528395,
                0.871112562154716,
            ),
            (2.5, 2.5, 0.584119813004492, 0.4158801869955079),
            (
                2.5,
                4.08113883008419,
                0.8524839520680363,
                0.14751604793196366,
            ),
            (
                2.5,
                10.405694150420949,
                0.9991207164335631,
                0.0008792835664368403,
            ),
            (
                10.0,
                6.83772233983162,
                0.15343696063860646,
                0.8465630393613935,
            ),
            (10.0, 10.0, 0.5420702855281478, 0.4579297144718523),
            (
                10.0,
                13.16227766016838,
                0.8446415963963627,
                0.15535840360363734,
            ),
            (
                10.0,
                25.811388300841898,
                0.9998707977213328,
                0.00012920227866722433,
            ),
            (100.0, 60.0, 1.4815276326460494e-06, 0.9999985184723673),
            (100.0, 90.0, 0.15822098918643007, 0.84177901081357),
            (100.0, 100.0, 0.5132987982791487, 0.48670120172085135),
            (100.0, 110.0, 0.8417213299399129, 0.15827867006008706),
            (100.0, 150.0, 0.9999940754596646, 5.924540335483916e-06),
            (10000.0, 9600.0, 2.5470314183846415e-05, 0.9999745296858161),
            (10000.0, 9900.0, 0.15865119219356463, 0.8413488078064354),
            (10000.0, 10000.0, 0.5013298083399552, 0.4986701916600448),
            (10000.0, 10100.0, 0.8413487504471796, 0.15865124955282037),
            (10000.0, 10500.0, 0.9999995724127545, 4.275872455059654e-07),
            (
                1000000.0,
                996000.0,
                3.100711821108292e-05,
                0.999968992881789,
            ),
            (1000000.0, 999000.0, 0.15865521357430365, 0.8413447864256963),
            (1000000.0, 1000000.0, 0.5001329807608725, 0.4998670192391274),
            (
                1000000.0,
                1001000.0,
                0.8413447863683402,
                0.15865521363165971,
            ),
            (
                1000000.0,
                1005000.0,
                0.999999701250986,
                2.987490140114635e-07,
            ),
        ] {
            relative(lower(a, x).unwrap(), below, 1e-11);
            relative(upper(a, x).unwrap(), above, 1e-11);
        }
    }

    #[test]
    fn edges() {
        assert!(ln_gamma(0.0).is_err());
        assert!(lower(-1.0, 1.0).is_err());
        assert!(lower(2.0 * SHAPE_MAX, 1.0).is_err());
        assert!(upper(1.0, f64::NAN).is_err());
        assert_eq!((lower(3.0, 0.0), upper(3.0, 0.0)), (Ok(0.0), Ok(1.0)));
        assert_eq!(lower(1e-300, 1e-300), Ok(1.0));
        // The greatest shape: the median of a gamma variable is close to its shape.
        relative(
            lower(SHAPE_MAX, SHAPE_MAX).unwrap(),
            0.5 + 1.0 / (3.0 * (2.0 * std::f64::consts::PI * SHAPE_MAX).sqrt()),
            1e-9,
        );
    }
}
