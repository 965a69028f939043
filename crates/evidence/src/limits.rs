//! Bounds of every count, list and loop of this crate. What crosses one is [`Error::TooMany`],
//! [`Error::Outside`] or [`Error::NoAnswer`], never a long wait.
//!
//! [`Error::TooMany`]: crate::Error::TooMany
//! [`Error::Outside`]: crate::Error::Outside
//! [`Error::NoAnswer`]: crate::Error::NoAnswer

/// The greatest shape of a distribution, and the greatest count of a rate: a century of a large
/// customer's works. Up to here the special functions keep ten digits.
pub const SHAPE_MAX: f64 = 1e10;

/// [`SHAPE_MAX`] as a count.
pub const COUNT_MAX: u64 = 10_000_000_000;

/// Observations, clusters or units in one call.
pub const OBSERVATIONS_MAX: usize = 10_000_000;

/// Periods of a panel.
pub const PERIODS_MAX: usize = 520;

/// Cohorts of a staggered roll-out.
pub const COHORTS_MAX: usize = 104;

/// Values of a panel's influence functions held at once (units times group-time effects).
pub const INFLUENCE_MAX: u64 = 20_000_000;

/// Columns of a regression.
pub const COLUMNS_MAX: usize = 50;

/// Points of a time series.
pub const POINTS_MAX: usize = 100_000;

/// Bins of a reliability table.
pub const BINS_MAX: usize = 1_000;

/// Strata of a sample.
pub const STRATA_MAX: usize = 10_000;

/// The greatest sample of an acceptance plan.
pub const PLAN_SAMPLE_MAX: u64 = 10_000;

/// Categories of a double review.
pub const CATEGORIES_MAX: usize = 100;

/// Steps of a safeguarded search: bisection alone would end in fewer.
pub(crate) const STEPS_MAX: u32 = 2_200;

/// Terms of a series or continued fraction: what [`SHAPE_MAX`] takes, and some.
pub(crate) const TERMS_MAX: u32 = 5_000_000;
