//! Special functions and distributions: the numbers that tables used to be for.
//!
//! Own code, because the common Rust ones lose all digits at the counts of a year's works (a beta
//! distribution with shapes of 1e7), silently. Here: ten digits up to [`crate::limits::SHAPE_MAX`],
//! held by grids of scipy 1.17 in the tests. Both tails are computed as themselves, so small ones keep
//! their digits.
//!
//! Deterministic: the same input gives the same bits on one build. Between platforms `ln`, `ln_1p`,
//! `exp`, `exp_m1`, `powf`, `powi`, `hypot`, `sin` and `cos` of the standard library may differ in the
//! last bit; everything else is IEEE 754 arithmetic in a fixed order. Who shows or signs a number rounds
//! it first.

pub mod beta;
pub mod binomial;
pub mod chi_squared;
pub mod gamma;
pub mod hypergeometric;
pub mod normal;
mod saddle;
pub mod student;

#[cfg(test)]
pub(crate) mod close {
    /// Fails unless the two agree to so many parts, relative to the wanted one (absolute below 1e-290).
    #[track_caller]
    pub(crate) fn relative(is: f64, wanted: f64, parts: f64) {
        let off = (is - wanted).abs();
        let scale = wanted.abs().max(1e-290);
        assert!(
            off <= parts * scale,
            "{is:e}, wanted {wanted:e}: {:e}",
            off / scale
        );
    }

    /// Fails unless the two agree to so many decimals (half a unit of the last).
    #[track_caller]
    pub(crate) fn decimals(is: f64, wanted: f64, decimals: i32) {
        let off = (is - wanted).abs();
        assert!(
            off <= 0.500_001 * 10f64.powi(-decimals),
            "{is}, wanted {wanted}"
        );
    }
}
