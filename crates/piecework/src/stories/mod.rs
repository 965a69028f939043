//! Stories on real data: where an answer changes a decision.

pub mod who_decides;
