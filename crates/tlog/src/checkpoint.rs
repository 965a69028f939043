//! Checkpoints: the signed head of a log.
//!
//! [tlog-checkpoint v1.0.0](https://c2sp.org/tlog-checkpoint@v1.0.0). Three lines, the log's origin,
//! its size and its root, signed as a [`Note`]:
//!
//! ```text
//! example.com/origin
//! 123
//! TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=
//! ```
//!
//! Narrower than the specification in two places: extension lines (which it does not recommend) are
//! neither written nor accepted, and a log signs with a key whose name is its origin.
//!
//! Not here: whether a checkpoint continues an earlier one ([`crate::proof`], [`crate::frontier`]). A
//! log must never sign two that do not; the caller keeps the last one signed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::hash::{self, Hash};
use crate::limits::{NAME_BYTES_MAX, TREE_SIZE_MAX};
use crate::note::{Note, NoteError, Verified};
use crate::skey::SignerKey;
use crate::text;
use crate::vkey::{KeyName, SignatureType, VerifierKey};

/// The head of a log, signed or not.
///
/// ```
/// use tlog::{Checkpoint, Frontier, hash};
///
/// let mut log = Frontier::new();
/// log.push_leaf_hash(hash::leaf(b"one"))?;
/// let checkpoint = Checkpoint::new("vendor.example/log/8f3a", log.size(), log.root())?;
/// assert_eq!(checkpoint.to_text().lines().nth(1), Some("1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

/// A checkpoint that its log has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened<'k> {
    /// The head.
    pub checkpoint: Checkpoint,
    /// The log's key.
    pub log: &'k VerifierKey,
    /// Who of the given cosigners has cosigned it, and when.
    pub cosignatures: Vec<Cosignature<'k>>,
}

/// A verified cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature<'k> {
    /// The cosigner.
    pub key: &'k VerifierKey,
    /// When it saw the checkpoint, in seconds since 1970.
    pub time: u64,
}

/// Why a checkpoint was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not three lines.
    #[error("a checkpoint is three lines (origin, size, root) and no extension lines, got {lines}")]
    NotThreeLines {
        /// Lines given.
        lines: usize,
    },
    /// The last line has no newline.
    #[error("the last line of a checkpoint does not end in a newline: it was cut off")]
    CutOff,
    /// Not an origin.
    #[error("`{origin}` is not an origin: 1 to 255 bytes without control characters")]
    NotAnOrigin {
        /// The line as given (shortened).
        origin: String,
    },
    /// Not a size.
    #[error("`{size}` is not a tree size: a number below 2^63 without leading zeros")]
    NotASize {
        /// The line as given (shortened).
        size: String,
    },
    /// Not a root.
    #[error("`{root}` is not a root hash: 32 bytes in base64")]
    NotARoot {
        /// The line as given (shortened).
        root: String,
    },
    /// An empty tree with another root.
    #[error("the root of an empty tree is {}, got {root}", hash::empty())]
    EmptyTreeRoot {
        /// Root given.
        root: Hash,
    },
    /// A key of another log.
    #[error(
        "key `{key}` cannot speak for log `{origin}`: a log's key is named as its origin and signs notes (type 0x01)"
    )]
    NotTheLogsKey {
        /// Origin of the checkpoint.
        origin: String,
        /// Name of the key.
        key: KeyName,
    },
    /// Only others have signed.
    #[error("log `{origin}` has not signed this checkpoint with the key it is known by")]
    NotSignedByLog {
        /// Origin of the checkpoint.
        origin: String,
    },
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// The head of the log `origin` at `size` leaves.
    ///
    /// # Errors
    ///
    /// The origin cannot be written, the size is 2^63 or more, or an empty tree has a root of its own.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Checkpoint, CheckpointError> {
        if origin.is_empty() || origin.len() > NAME_BYTES_MAX || origin.contains(|c| c < ' ') {
            return Err(CheckpointError::NotAnOrigin {
                origin: text::shortened(origin, 80),
            });
        }
        if size > TREE_SIZE_MAX {
            return Err(CheckpointError::NotASize {
                size: alloc::format!("{size}"),
            });
        }
        if size == 0 && root != hash::empty() {
            return Err(CheckpointError::EmptyTreeRoot { root });
        }
        Ok(Checkpoint {
            origin: origin.into(),
            size,
            root,
        })
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Leaves in the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the log.
    #[must_use]
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The text of the note: what is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        alloc::format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// The checkpoint as a note, signed with the log's key.
    ///
    /// # Errors
    ///
    /// The key is not named as the origin.
    pub fn sign(&self, key: &SignerKey) -> Result<Note, CheckpointError> {
        self.require_key(key.verifier_key())?;
        Ok(Note::sign(&self.to_text(), &[key])?)
    }

    /// Reads a note as the checkpoint of the log that `log` is the key of, with its cosignatures.
    ///
    /// # Errors
    ///
    /// The text is not a checkpoint of that log, the log has not signed it, or a signature of one of
    /// the given keys does not verify.
    pub fn open<'k>(
        note: &Note,
        log: &'k VerifierKey,
        cosigners: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Opened<'k>, CheckpointError> {
        let checkpoint: Checkpoint = note.text().parse()?;
        checkpoint.require_key(log)?;
        checkpoint.signed_by(note, &[log], cosigners)
    }

    /// This checkpoint, if one of the logs that its origin names has signed it.
    pub(crate) fn signed_by<'k>(
        self,
        note: &Note,
        logs: &[&'k VerifierKey],
        cosigners: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Opened<'k>, CheckpointError> {
        let verified = note.verify(logs.iter().copied().chain(cosigners))?;
        let by_log = |signature: &&Verified<'k>| {
            logs.contains(&signature.key) && self.require_key(signature.key).is_ok()
        };
        let Some(log) = verified.iter().find(by_log).map(|signature| signature.key) else {
            return Err(CheckpointError::NotSignedByLog {
                origin: self.origin,
            });
        };
        let cosignature = |Verified { key, time }| Some(Cosignature { key, time: time? });
        Ok(Opened {
            checkpoint: self,
            log,
            cosignatures: verified.into_iter().filter_map(cosignature).collect(),
        })
    }

    fn require_key(&self, key: &VerifierKey) -> Result<(), CheckpointError> {
        let named = key.name().as_str() == self.origin && key.kind() == SignatureType::Ed25519;
        if !named {
            return Err(CheckpointError::NotTheLogsKey {
                origin: self.origin.clone(),
                key: key.name().clone(),
            });
        }
        Ok(())
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads the text of a note.
    fn from_str(head: &str) -> Result<Checkpoint, CheckpointError> {
        let lines = head.strip_suffix('\n').ok_or(CheckpointError::CutOff)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::NotThreeLines {
                lines: head.lines().count(),
            });
        };
        let size = text::from_decimal(size).ok_or_else(|| CheckpointError::NotASize {
            size: text::shortened(size, 80),
        })?;
        let root = root.parse().map_err(|_| CheckpointError::NotARoot {
            root: text::shortened(root, 80),
        })?;
        Checkpoint::new(origin, size, root)
    }
}
