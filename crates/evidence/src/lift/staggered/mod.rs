//! A staggered roll-out (tier B): cohorts start in different periods (Callaway and Sant'Anna 2021),
//! without covariates.
//!
//! The effect on a cohort g in a period t is the change of its outcome since the period before it
//! started, less the same change of those who had not started: ATT(g, t). Errors come from influence
//! functions, so they hold for any weighted sum of effects ([`Effects`] has the usual ones), and the
//! placebo effects before each start are tested together. A two-way regression mixes early cohorts into
//! the comparison of late ones, and is not offered. Invariant: an effect never compares a unit with one
//! that already has the software.

mod aggregate;
mod effects;
mod panel;

pub use effects::{Controls, Effects, GroupTime, PreTrend};
pub use panel::{Panel, Unit};
