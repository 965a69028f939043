//! Samples: how many works to draw, how to spread them, what was found, and whom to believe.
//!
//! - [`size`]: for an interval of a width, for a difference to be seen, for no defect to be enough.
//! - [`strata`]: proportional and Neyman's allocation; [`horvitz_thompson`]: works drawn with different
//!   chances.
//! - [`plan`]: acceptance plans from their operating curve; [`sprt`]: work by work; [`switching`].
//! - [`judge`]: an automatic judge corrected by its measured errors; [`kappa`]: two people.
//!
//! Not here: drawing (a verifiable draw is `proof`'s).

pub mod horvitz_thompson;
pub mod judge;
pub mod kappa;
pub mod plan;
pub mod size;
pub mod sprt;
pub mod strata;
pub mod switching;
