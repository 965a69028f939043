//! The estimators on real data. Skipped where the data are not there; CI has them.

#[path = "data/castle.rs"]
mod castle;
#[path = "data/minimum_wage.rs"]
mod minimum_wage;
#[path = "data/support.rs"]
mod support;
