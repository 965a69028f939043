//! What evidence says: how sure a rate is, what difference the work made, whether a confidence is
//! calibrated, what a sample proves.
//!
//! - [`rate`]: rates with intervals, their differences and ratios, customers as clusters, what nobody
//!   reviewed as bounds, incremental outcomes. [`binomial`]: one-sided exact bounds.
//! - [`lift`]: the difference that the software made, each result with its design tier.
//! - [`support`]: the five outcomes of support work (Brynjolfsson, Li and Raymond 2025).
//! - [`calibration`]: whether a stated confidence may carry a price.
//! - [`sample`]: sizes, strata, acceptance plans, judges.
//! - [`attribution`]: whether an outcome is the product's, derived from facts.
//! - [`special`]: the distributions under all of it.
//!
//! Statistics may use binary floats; money never comes here. Not here: which works were drawn and
//! what was found of them (`proof`). Invariant: pure functions, no I/O, no clock, no randomness;
//! degenerate input is an [`Error`], never a NaN. `docs/reference/evidence.md` says what each number is.

pub mod attribution;
pub mod binomial;
pub mod calibration;
mod error;
mod interval;
pub mod lift;
pub mod limits;
pub mod rate;
pub mod sample;
pub mod special;
pub mod support;

pub use error::Error;
pub use interval::{Confidence, Interval};
