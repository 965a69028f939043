//! The zip of a proof file: a narrow profile, so that exactly one reading of the bytes exists.
//!
//! `docs/reference/proof-file.md` section 5. Zip has two lists of its members, one at each end of the
//! file, and readers differ in which they believe; here both must say the same, nothing may stand
//! before, between or behind, and the one freedom left is how deflate packs a member. The writer is
//! reproducible: the same members give the same bytes.
//!
//! Not here: what the members are ([`crate::file`]). Invariant: what [`Archive::open`] accepts is
//! what [`Writer`] would have written for some packing of the same members.

mod layout;
mod read;
mod write;

pub use read::{Archive, Packed, ZipError};
pub use write::{WriteError, Writer};
