//! The proof file: what is in it, and how one is made.
//!
//! `docs/reference/proof-file.md` section 5. [`About`] is `proof.json`; [`Member`] says what each name
//! is; [`build()`] makes a file from a log. Not here: what makes a file valid ([`mod@crate::verify`]).

mod about;
mod build;
mod member;
mod readme;

pub use about::{About, AboutError, Engine, Mode};
pub use build::{BuildError, Payload, Request, build, build_from_carry, first_entry};
pub use member::Member;

use work::Digest;

/// The text of `MANIFEST` for members with their digests, given in the order of names.
#[must_use]
pub fn manifest<'a>(members: impl IntoIterator<Item = (&'a str, Digest)>) -> String {
    members
        .into_iter()
        .map(|(name, digest)| format!("{digest}  {name}\n"))
        .collect()
}

/// The head of a proof file as it stands there, signatures and all; `None` where the bytes are no such
/// file. Nothing is verified.
#[must_use]
pub fn checkpoint(file: &[u8]) -> Option<String> {
    let archive = crate::zip::Archive::open(file).ok()?;
    let member = archive.member(Member::CHECKPOINT)?;
    String::from_utf8(member.unpack().ok()?).ok()
}

/// What a proof file says that it is about; `None` where the bytes are no such file. Nothing is verified.
#[must_use]
pub fn about(file: &[u8]) -> Option<About> {
    let archive = crate::zip::Archive::open(file).ok()?;
    let member = archive.member(Member::ABOUT)?;
    About::parse(&member.unpack().ok()?).ok()
}
