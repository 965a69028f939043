//! What evidence says of rates, with how sure one can be.
//!
//! So far the exact bound of a rate of which a sample was drawn ([`binomial`]). Statistics may use
//! binary floats; money never comes here. Not here: which works were drawn and what was found of
//! them (`proof`). Invariant: pure functions, no I/O, no clock, no randomness.

pub mod binomial;
