//! Parts of statements that no entry has issued yet.
//!
//! A statement's cells come in `statement.stated` entries, in order, and state nothing until a
//! `statement.issued` names how many they are and the digest of all their cells. Whoever issues writes
//! all of it at once; a log may still hold the parts of an attempt that went no further, under another
//! digest, beside those of the attempt that was issued. Invariant: what is taken is whole, in order,
//! and has the digest that was signed for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use work::Digest;
use work::body::StatedCell;

/// The parts read so far, by the statement that they are meant for.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts(BTreeMap<Attempt, Read>);

/// A statement that parts are meant for: its identity (semantics.md D15), and what it would state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt {
    pub(super) contract: String,
    pub(super) cut: Timestamp,
    pub(super) revision: u32,
    pub(super) cells_digest: Digest,
}

#[derive(Debug, Clone, Default)]
struct Read {
    parts: u32,
    cells: Vec<StatedCell>,
}

impl Parts {
    /// Takes the next part of an attempt.
    pub(super) fn add(
        &mut self,
        attempt: Attempt,
        part: u32,
        cells: &[StatedCell],
    ) -> Result<(), String> {
        let read = self.0.entry(attempt).or_default();
        if part != read.parts + 1 {
            return Err(format!(
                "part {part} of a statement comes where part {} should",
                read.parts + 1
            ));
        }
        read.parts = part;
        read.cells.extend_from_slice(cells);
        Ok(())
    }

    /// The cells of an attempt that is issued with so many parts.
    pub(super) fn complete(
        &mut self,
        attempt: &Attempt,
        parts: u32,
    ) -> Result<Vec<StatedCell>, String> {
        let read = self.0.remove(attempt).unwrap_or_default();
        if read.parts != parts {
            return Err(format!(
                "the statement has {parts} parts, and {} in order come before it: it states nothing",
                read.parts
            ));
        }
        let digest = StatedCell::digest(&read.cells);
        if digest != attempt.cells_digest {
            return Err(format!(
                "the statement's cells have the digest {digest}, not {}: it states nothing",
                attempt.cells_digest
            ));
        }
        Ok(read.cells)
    }
}
