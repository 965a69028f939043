//! [`Issued`]: a statement, as the entry that issues it says.
//!
//! Not here: whether it stands, and whether it comes out as it says ([`mod@crate::verify`]).

use jiff::Timestamp;
use work::body::{Body, Control};
use work::{Digest, Event};

/// A statement as its entry issues it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Position of the entry.
    pub index: u64,
    /// The contract's id.
    pub contract: String,
    /// The cut.
    pub cut: Timestamp,
    /// Entries that it is computed from.
    pub coverage: u64,
    /// The printed number.
    pub number: String,
    /// What it names as the carry of these entries.
    pub carry: Digest,
}

impl Issued {
    /// The statement that an entry's event issues, if it issues one.
    #[must_use]
    pub fn of(index: u64, event: &Event) -> Option<Issued> {
        let Body::Control(Control::StatementIssued {
            contract,
            cut,
            coverage,
            number,
            carry,
            ..
        }) = &event.body
        else {
            return None;
        };
        Some(Issued {
            index,
            contract: contract.clone(),
            cut: *cut,
            coverage: *coverage,
            number: number.clone(),
            carry: *carry,
        })
    }

    /// Size of the head that samples of it are drawn from: the smallest that holds its entry.
    #[must_use]
    pub const fn head_size(&self) -> u64 {
        self.index + 1
    }
}
