//! The demonstration: a vendor, three customers, a month, and the documents in force.
//!
//! [`month`] makes the events from a seed; the documents beside it are what a vendor would write.
//! Nothing here reads a clock, a file or the environment.

mod draws;
mod generate;
mod life;
mod profile;
mod record;

#[cfg(test)]
mod tests;

pub use generate::{Month, month};

/// The seed of `piecework demo` where none is given.
pub const SEED: u64 = 20_251_201;

/// What the vendor and its customers agreed to count.
pub const DEFINITION: &str = include_str!("documents/definition.toml");

/// The same job under a stricter definition: silence counts only after two weeks without rework.
pub const STRICT_DEFINITION: &str = include_str!("documents/definition-strict.toml");

/// The hybrid plan that all three customers buy.
pub const PLAN: &str = include_str!("documents/plan.toml");
