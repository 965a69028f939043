//! [`Refusal`]: which check a file did not pass, and why, for people.

use std::fmt;

/// The checks of `docs/reference/proof-file.md` section 6, by their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The zip profile and the limits.
    Zip,
    /// The list of members.
    Manifest,
    /// `proof.json`.
    Proof,
    /// The log's key.
    Key,
    /// The signed head.
    Checkpoint,
    /// Entries and hashes give the head's root.
    Tree,
    /// The head continues the one verified before.
    Pin,
    /// Every entry by itself.
    Entry,
    /// Contents of one identity.
    Identity,
    /// What the buyer signed.
    Signature,
    /// The entry that issues the statement.
    Statement,
    /// The statement, computed again.
    Recompute,
    /// Disclosed payloads.
    Payload,
    /// Samples.
    Sample,
    /// Covers.
    Cover,
    /// Everything holds, and the statement was voided.
    Void,
}

impl Code {
    /// The code's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Code::Zip => "zip",
            Code::Manifest => "manifest",
            Code::Proof => "proof",
            Code::Key => "key",
            Code::Checkpoint => "checkpoint",
            Code::Tree => "tree",
            Code::Pin => "pin",
            Code::Entry => "entry",
            Code::Identity => "identity",
            Code::Signature => "signature",
            Code::Statement => "statement",
            Code::Recompute => "recompute",
            Code::Payload => "payload",
            Code::Sample => "sample",
            Code::Cover => "cover",
            Code::Void => "void",
        }
    }
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The first check that failed.
    pub code: Code,
    /// What is wrong, where, and what to do.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, reason: impl fmt::Display) -> Refusal {
        let reason = reason.to_string();
        Refusal { code, reason }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.reason)
    }
}
