//! Proof files: one entry, its place in a log, and the log's signed checkpoint.
//!
//! [tlog-proof](https://c2sp.org/tlog-proof) (a draft; the text of 2026-07-22 is frozen here). Files
//! have the ending `.tlog-proof`:
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra eyJ2IjoxfQ==
//! index 1
//! bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=
//!
//! vendor.example/log/8f3a
//! 2
//! …
//! ```
//!
//! Not here: the entry, which the caller has and hashes. The extra data may carry it, but nothing
//! authenticates extra data: only an entry whose leaf hash the proof fits is authentic.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::checkpoint::{Checkpoint, CheckpointError, Opened};
use crate::hash::Hash;
use crate::limits::{EXTRA_BYTES_MAX, PROOF_FILE_BYTES_MAX, PROOF_HASHES_MAX, TREE_SIZE_MAX};
use crate::note::{Note, NoteError};
use crate::policy::{Policy, PolicyError};
use crate::proof::{self, ProofError};
use crate::text;
use crate::vkey::VerifierKey;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A well-formed proof. Nothing in it is to be believed before [`TlogProof::verify`] or
/// [`TlogProof::verify_under`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    extra: Vec<u8>,
    index: u64,
    hashes: Vec<Hash>,
    note: Note,
}

/// Why a proof file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Too many bytes.
    #[error("a proof file has at most {PROOF_FILE_BYTES_MAX} bytes, got {bytes}")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
    },
    /// Not text.
    #[error("a proof file is UTF-8, but byte {at} is not")]
    NotUtf8 {
        /// First byte that is wrong, from 0.
        at: usize,
    },
    /// Another file.
    #[error("the first line of a proof file is `{FIRST_LINE}`")]
    NotAProofFile,
    /// Not extra data.
    #[error(
        "the `extra` line is not base64 of 1 to {EXTRA_BYTES_MAX} bytes; leave it out if there is no data"
    )]
    NotExtra,
    /// Not an index.
    #[error("the `index` line is not `index ` and a number below 2^63 without leading zeros")]
    NotAnIndex,
    /// Not a hash.
    #[error("hash {at} of the proof is not 32 bytes in base64")]
    NotAHash {
        /// Which hash, from 1.
        at: usize,
    },
    /// Too many hashes.
    #[error("a proof has at most {PROOF_HASHES_MAX} hashes")]
    TooManyHashes,
    /// No note.
    #[error(
        "the proof's hashes are not followed by an empty line and a checkpoint: the file was cut off"
    )]
    CutOff,
    /// The note is not well-formed.
    #[error("the checkpoint in the proof file is not a signed note")]
    Note(#[from] NoteError),
    /// The checkpoint is not one, or its log has not signed it.
    #[error("the checkpoint in the proof file is refused")]
    Checkpoint(#[from] CheckpointError),
    /// The policy is not met.
    #[error("the checkpoint in the proof file is not accepted under the policy")]
    Policy(#[from] PolicyError),
    /// The entry is not in the log at that place.
    #[error("the entry is not proved to be in the log")]
    Inclusion(#[from] ProofError),
}

impl TlogProof {
    /// A proof that the entry `index` is in the log whose signed checkpoint is `note`. `hashes` are of
    /// [`crate::proof::prove_inclusion`]; `extra` may be empty.
    ///
    /// # Errors
    ///
    /// A part is too large, or the note is not a checkpoint.
    pub fn new(
        extra: Vec<u8>,
        index: u64,
        hashes: Vec<Hash>,
        note: Note,
    ) -> Result<TlogProof, TlogProofError> {
        if extra.len() > EXTRA_BYTES_MAX {
            return Err(TlogProofError::NotExtra);
        }
        if index > TREE_SIZE_MAX {
            return Err(TlogProofError::NotAnIndex);
        }
        if hashes.len() > PROOF_HASHES_MAX {
            return Err(TlogProofError::TooManyHashes);
        }
        note.text().parse::<Checkpoint>()?;
        Ok(TlogProof {
            extra,
            index,
            hashes,
            note,
        })
    }

    /// Reads a proof file.
    ///
    /// # Errors
    ///
    /// The bytes are not a well-formed proof file within the limits.
    pub fn parse(bytes: &[u8]) -> Result<TlogProof, TlogProofError> {
        if bytes.len() > PROOF_FILE_BYTES_MAX {
            return Err(TlogProofError::TooLarge { bytes: bytes.len() });
        }
        let file = core::str::from_utf8(bytes).map_err(|error| TlogProofError::NotUtf8 {
            at: error.valid_up_to(),
        })?;
        let (head, note) = file.split_once("\n\n").ok_or(TlogProofError::CutOff)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(TlogProofError::NotAProofFile);
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => read_extra(line).ok_or(TlogProofError::NotExtra)?,
            None => Vec::new(),
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(text::from_decimal);
        let index = index.ok_or(TlogProofError::NotAnIndex)?;
        let mut hashes = Vec::new();
        for (at, line) in (1..).zip(lines) {
            let hash = line.parse().map_err(|_| TlogProofError::NotAHash { at })?;
            hashes.push(hash);
        }
        TlogProof::new(extra, index, hashes, note.parse()?)
    }

    /// Unauthenticated data beside the proof; empty if there is none.
    #[must_use]
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }

    /// Position of the entry in the log.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The inclusion proof, the leaf's sibling first.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The signed checkpoint, not verified.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Checks that the entry with this leaf hash is in the log that `log` is the key of.
    ///
    /// # Errors
    ///
    /// The checkpoint is refused ([`Checkpoint::open`]), or the entry is not in its tree at
    /// [`TlogProof::index`].
    pub fn verify<'k>(
        &self,
        leaf: &Hash,
        log: &'k VerifierKey,
        cosigners: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Opened<'k>, TlogProofError> {
        let opened = Checkpoint::open(&self.note, log, cosigners)?;
        self.verify_inclusion(leaf, &opened.checkpoint)?;
        Ok(opened)
    }

    /// Checks that the entry with this leaf hash is in a log that the policy accepts.
    ///
    /// # Errors
    ///
    /// The checkpoint is not accepted under the policy, or the entry is not in its tree at
    /// [`TlogProof::index`].
    pub fn verify_under<'k>(
        &self,
        leaf: &Hash,
        policy: &'k Policy,
    ) -> Result<Opened<'k>, TlogProofError> {
        let opened = policy.open(&self.note)?;
        self.verify_inclusion(leaf, &opened.checkpoint)?;
        Ok(opened)
    }

    fn verify_inclusion(&self, leaf: &Hash, tree: &Checkpoint) -> Result<(), ProofError> {
        proof::verify_inclusion(leaf, self.index, tree.size(), &self.hashes, tree.root())
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    fn from_str(file: &str) -> Result<TlogProof, TlogProofError> {
        TlogProof::parse(file.as_bytes())
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", text::to_base64(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

fn read_extra(line: &str) -> Option<Vec<u8>> {
    let extra = text::from_base64(line.strip_prefix("extra ")?)?;
    (1..=EXTRA_BYTES_MAX)
        .contains(&extra.len())
        .then_some(extra)
}
