//! The two small terms that keep the digits of large factorials: the error of Stirling's formula and
//! the deviance (C. Loader, "Fast and accurate computation of binomial probabilities", 2000).
//!
//! ln Γ(2e7) is 3e8, so a difference of such logarithms has lost eight digits; these terms are small
//! themselves.

use super::gamma::ln_gamma_of;

pub(super) const LN_ROOT_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// ln Γ(x + 1) - (x + ½) ln x + x - ½ ln 2π, for x > 0.
pub(super) fn stirling_error(x: f64) -> f64 {
    if x < 10.0 {
        return ln_gamma_of(x + 1.0) - (x + 0.5) * x.ln() + x - LN_ROOT_TWO_PI;
    }
    stirling_series(x)
}

/// The series of [`stirling_error`], for x ≥ 10: Bernoulli numbers B₂ₖ / (2k (2k - 1) x^(2k-1)).
pub(super) fn stirling_series(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1_260.0,
        -1.0 / 1_680.0,
        1.0 / 1_188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3_617.0 / 122_400.0,
        43_867.0 / 244_188.0,
    ];
    let square = x * x;
    TERMS
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum / square + term)
        / x
}

/// x ln(x / m) + m - x, for x ≥ 0 and m > 0: how far x is from its mean m, in logarithms.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    let square = v * v;
    for j in 1..1_000 {
        power *= square;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
