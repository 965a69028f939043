//! [`StoreError`]: what can go wrong with a book, where, and what to do about it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use money::MoneyError;
use tlog::proof::ProofError;
use tlog::tile::TileError;

/// What went wrong with a book.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the book open.
    #[error(
        "the book at {path} is open in another process ({holder}); stop it, or ask it instead (a \
         running `piecework serve` answers over HTTP)"
    )]
    Locked {
        /// The book's directory.
        path: PathBuf,
        /// Who holds it, as far as it said.
        holder: String,
    },
    /// There is no book there.
    #[error(
        "{path} is not a book (no `book.toml`); make one with `piecework init`, or check the path"
    )]
    NotABook {
        /// The directory.
        path: PathBuf,
    },
    /// There is a book there already.
    #[error("{path} is a book already; open it, or choose another directory")]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// The book was written in another format.
    #[error(
        "{path} says {found}, and this release reads book format {expected}; use the release that \
         wrote the book, or one that names this format"
    )]
    Format {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What is understood.
        expected: u32,
    },
    /// The file system has no room.
    #[error(
        "no room for {doing} in {path}: {source}; nothing acknowledged is lost: free some space, \
         then open the book again"
    )]
    Full {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A write to the journal failed earlier, so that its files are not trusted with further writes.
    #[error(
        "the journal takes no writes since one failed ({reason}); nothing acknowledged is lost: \
         remove the cause, then restart, which opens the book again"
    )]
    Halted {
        /// What failed first.
        reason: String,
    },
    /// A file operation failed.
    #[error("{doing} failed in {path}: {source}; check the path, its permissions and the disk")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Bytes of the book are not what was written.
    #[error(
        "{place} is damaged: {problem}; run `piecework doctor`, and restore the book from a backup"
    )]
    Corrupt {
        /// Which part: an entry by its log and index, a record by its name.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// More than one call may carry.
    #[error("{given} {what} in one call, at most {max}; send them in parts")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        given: usize,
        /// How many may be.
        max: usize,
    },
    /// A queue that holds as much as it may.
    #[error("{what} are full: {max} wait at most; decide about those that wait")]
    QueueFull {
        /// The queue, in the plural.
        what: &'static str,
        /// How much may wait, with its unit.
        max: String,
    },
    /// There are as many as may be.
    #[error("{of} has {max} {what}, and may have no more; {remedy}")]
    Enough {
        /// What has them.
        of: String,
        /// Of what.
        what: &'static str,
        /// How many may be.
        max: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A document given is not one.
    #[error("{what} cannot be used: {problem}; mend it and set it again")]
    Document {
        /// Which document.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The log is not as long as was asked.
    #[error("{log} has {size} entries, not {asked}; ask for at most that many")]
    BeyondHead {
        /// The log.
        log: String,
        /// Entries asked for.
        asked: u64,
        /// Entries that it has.
        size: u64,
    },
    /// An id that must be new is not.
    #[error("{what} is there already; choose another id")]
    Taken {
        /// What.
        what: String,
    },
    /// There is no such proof.
    #[error("{log}: {source}")]
    NoProof {
        /// The log.
        log: String,
        /// Why.
        source: ProofError,
    },
    /// The stored hash tiles of a log do not lead to its head.
    #[error(
        "the hash tiles of {log} do not lead to the root of its head; run `piecework rebuild`, which \
         makes them again from the entries, and `piecework doctor` if that does not help"
    )]
    Tiles {
        /// The log.
        log: String,
    },
    /// A text that is no checkpoint.
    #[error("what was given as a checkpoint of {log} is none: {problem}")]
    NotACheckpoint {
        /// The log.
        log: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A checkpoint that is not kept.
    #[error(
        "the checkpoint of {log} for {size} entries is not kept: {problem}; a log has one signed head \
         for each size, made from its own tree"
    )]
    Checkpoint {
        /// The log.
        log: String,
        /// The size that it is of.
        size: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The state could not follow the journal.
    #[error(
        "the state could not follow the journal ({reason}); nothing acknowledged is lost: remove the \
         cause and try again, or run `piecework rebuild`"
    )]
    Behind {
        /// Why.
        reason: String,
    },
    /// A sum that does not fit a number.
    #[error("a sum does not fit: {0}; look for an amount beyond all reason among what it is of")]
    Sum(#[from] MoneyError),
    /// The engine below refused.
    #[error("{doing} failed: {source}; run `piecework doctor`")]
    Engine {
        /// What was being done.
        doing: &'static str,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// A file operation's failure, told apart by whether the disk is full.
    pub(crate) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> StoreError {
        let path = path.to_owned();
        if is_full(source.kind()) {
            StoreError::Full {
                doing,
                path,
                source,
            }
        } else {
            StoreError::Io {
                doing,
                path,
                source,
            }
        }
    }

    /// An engine's failure.
    pub(crate) fn engine(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Engine {
            doing,
            source: source.into(),
        }
    }

    /// Damage at a place.
    pub(crate) fn corrupt(place: impl Into<String>, problem: impl Into<String>) -> StoreError {
        StoreError::Corrupt {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl From<TileError> for StoreError {
    /// What is stored or asked for is not a hash tile.
    fn from(error: TileError) -> StoreError {
        StoreError::corrupt("a hash tile", error.to_string())
    }
}

/// Whether the system said that there is no room.
pub(crate) fn is_full(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}
