//! Transparency-log primitives: the Merkle tree of RFC 6962, its proofs, and the text formats of
//! C2SP around it.
//!
//! A vendor keeps one log per customer. Entry bytes are hashed into a [`Frontier`]; the vendor signs
//! its size and root as a [`Checkpoint`]; a buyer who holds two checkpoints and the entries between
//! them recomputes both roots, and so knows that nothing was added, dropped or altered. One entry is
//! shown to a third party with a [`TlogProof`]. Each module implements one specification, links it,
//! and has that specification's vectors as its tests.
//!
//! | module | specification |
//! |---|---|
//! | [`hash`], [`frontier`], [`proof`] | [RFC 6962 section 2.1](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1), [RFC 9162 section 2.1](https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1) |
//! | [`tile`], [`bundle`] | [tlog-tiles v0.1.0](https://c2sp.org/tlog-tiles@v0.1.0) |
//! | [`vkey`], [`skey`], [`note`] | [signed-note v1.0.0](https://c2sp.org/signed-note@v1.0.0) |
//! | [`checkpoint`] | [tlog-checkpoint v1.0.0](https://c2sp.org/tlog-checkpoint@v1.0.0) |
//! | [`cosignature`] | [tlog-cosignature v1.0.1](https://c2sp.org/tlog-cosignature@v1.0.1), Ed25519 only |
//! | [`tlog_proof`], [`policy`] | [tlog-proof](https://c2sp.org/tlog-proof), [tlog-policy](https://c2sp.org/tlog-policy), drafts as of 2026-07-22 |
//! | [`derivation`] | [RFC 5869](https://www.rfc-editor.org/rfc/rfc5869.html) |
//!
//! Not here: what an entry means, storage, network, clock and randomness. Time and seeds are
//! arguments.
//!
//! **Invariants.** Every function is total: no input makes it panic, and no input makes it work
//! longer than a bound in [`limits`] allows. Every parser is strict: what it accepts, it prints back
//! byte for byte. Sizes are `u64` below 2^63. No key is accepted under which one signature could
//! fit two messages.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod derivation;
mod ed25519;
pub mod frontier;
pub mod hash;
pub mod limits;
pub mod note;
pub mod policy;
pub mod proof;
pub mod skey;
mod text;
pub mod tile;
pub mod tlog_proof;
pub mod vkey;

pub use checkpoint::Checkpoint;
pub use cosignature::CosignerKey;
pub use frontier::Frontier;
pub use hash::Hash;
pub use note::Note;
pub use policy::Policy;
pub use skey::SignerKey;
pub use tlog_proof::TlogProof;
pub use vkey::VerifierKey;
