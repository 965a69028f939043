//! The state: what is derived from the journal, in SQLite.
//!
//! One thread follows the journal and applies its commits, many to a transaction, together with the
//! number of the last one applied and the chain that it ends. A reader first waits until everything
//! acknowledged before it came is applied. A state that is missing, damaged, of another version or
//! of another journal is made again when the book is opened. Invariant: the derived tables equal the
//! fold of the journal up to the commit that `meta` names.

mod arrived;
mod closure;
mod compare;
mod file;
mod fold;
mod follow;
mod governed;
mod query;
mod reconciliation;
mod rows;
mod schema;
mod settled;
mod tallies;
mod totals;
mod units;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use self::file::{
    begin_again, check, defaults, empty, fresh, genesis, marker, open_reader, open_writer,
    write_defaults,
};
use self::fold::Applied;
use self::governed::Cache;
use self::settled::Lately;
use super::journal::record::LogName;
use super::journal::{Journal, place};
use crate::StoreError;
use crate::store::DefaultDocuments;

pub(super) use self::compare::compare;
pub(super) use self::follow::Following;

/// The state's file in the book's directory.
pub(super) const STATE: &str = "state.db";

/// How the state was found when the book was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// As it was left; what the journal has beyond it is applied.
    Whole,
    /// Not there: made from the journal.
    Missing,
    /// Not usable for this reason: made from the journal again.
    Unusable(String),
}

/// The open state.
pub(super) struct State {
    path: PathBuf,
    journal: Arc<Journal>,
    // Dropped in this order: the last connection to close writes the write-ahead file back, which one
    // for reading cannot.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Writer>,
    progress: Mutex<Progress>,
    moved: Condvar,
    /// Told when somebody waits for the state.
    asked: Condvar,
    lately: Mutex<Lately>,
}

/// What the one writer holds.
struct Writer {
    connection: Connection,
    cache: Cache,
    defaults: DefaultDocuments,
}

#[derive(Debug)]
struct Progress {
    applied: Applied,
    failures: u64,
    reason: String,
    stopped: bool,
    /// How many wait until it has moved.
    waiting: usize,
}

impl State {
    /// Opens the state in `path`, or makes it again, empty, where it cannot be used.
    pub(super) fn open(path: &Path, journal: &Arc<Journal>) -> Result<(State, Found), StoreError> {
        let mut found = if path.exists() {
            Found::Whole
        } else {
            Found::Missing
        };
        if marker(path).exists() {
            found = Found::Unusable("it was found damaged while it was used".to_owned());
        }
        let opened = match &found {
            Found::Whole => open_writer(path).and_then(|connection| {
                let usable = check(&connection, journal)?;
                Ok((connection, usable))
            }),
            _ => fresh(path),
        };
        let (connection, applied) = match opened {
            Ok((connection, Ok(applied))) => (connection, applied),
            Ok((connection, Err(reason))) => {
                found = Found::Unusable(reason);
                begin_again(&connection).map_err(failed("emptying the state"))?;
                (connection, genesis())
            }
            Err(StoreError::Corrupt { problem, .. }) => {
                found = Found::Unusable(problem);
                let (connection, _) = fresh(path)?;
                (connection, genesis())
            }
            Err(error) => return Err(error),
        };
        let defaults = defaults(&connection).map_err(failed("reading the default documents"))?;
        let state = State {
            path: path.to_owned(),
            journal: Arc::clone(journal),
            writer: Mutex::new(Writer {
                connection,
                cache: Cache::default(),
                defaults,
            }),
            readers: Mutex::new(Vec::new()),
            progress: Mutex::new(Progress {
                applied,
                failures: 0,
                reason: String::new(),
                stopped: false,
                waiting: 0,
            }),
            moved: Condvar::new(),
            asked: Condvar::new(),
            lately: Mutex::default(),
        };
        Ok((state, found))
    }

    /// Number of the last commit applied.
    pub(super) fn applied(&self) -> u64 {
        self.progress().applied.number
    }

    /// Waits until everything acknowledged before the call is applied.
    pub(super) fn wait(&self) -> Result<(), StoreError> {
        let target = self.journal.committed();
        let mut progress = self.progress();
        let failures = progress.failures;
        progress.waiting += 1;
        while progress.applied.number < target && progress.failures == failures && !progress.stopped
        {
            self.asked.notify_all();
            self.journal.announce();
            let waited = self
                .moved
                .wait_timeout(progress, Duration::from_millis(100));
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        progress.waiting -= 1;
        if progress.applied.number < target {
            return Err(StoreError::Behind {
                reason: progress.reason.clone(),
            });
        }
        Ok(())
    }

    /// Makes the derived tables again from the journal; returns once that is done.
    pub(super) fn rebuild(&self) -> Result<(), StoreError> {
        {
            let mut writer = self.writer();
            writer.cache = Cache::default();
            begin_again(&writer.connection)
                .map_err(|error| self.fault("emptying the state", error))?;
            *self.lately() = Lately::default();
            self.progress().applied = genesis();
        }
        self.journal.announce();
        self.wait()
    }

    /// Sets the documents that govern customers without a contract; other ones make the state again.
    pub(super) fn set_defaults(&self, documents: &DefaultDocuments) -> Result<(), StoreError> {
        {
            let mut writer = self.writer();
            if writer.defaults == *documents {
                return Ok(());
            }
            let write = || {
                let transaction = writer.connection.unchecked_transaction()?;
                write_defaults(&transaction, documents)?;
                empty(&transaction)?;
                transaction.commit()
            };
            write().map_err(|error| self.fault("setting the default documents", error))?;
            writer.defaults = documents.clone();
            writer.cache = Cache::default();
            *self.lately() = Lately::default();
            self.progress().applied = genesis();
        }
        self.journal.announce();
        Ok(())
    }

    /// Runs a query on a connection of its own, after [`State::wait`].
    pub(super) fn read<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.wait()?;
        self.with_connection(|connection| {
            query(connection).map_err(|error| self.fault(doing, error))
        })
    }

    /// A connection for reading, from those kept or new.
    fn lend(&self) -> Result<Connection, StoreError> {
        let kept = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        kept.map_or_else(|| open_reader(&self.path), Ok)
    }

    /// Lends a connection for reading.
    fn with_connection<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.lend()?;
        let result = query(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if result.is_ok() && readers.len() < crate::limits::READERS_KEPT_MAX {
            readers.push(connection);
        }
        result
    }

    /// Writes a copy into `path`, which must not exist.
    pub(super) fn copy(&self, path: &Path) -> Result<(), StoreError> {
        let name = path.to_string_lossy().into_owned();
        self.read("copying the state", |connection| {
            connection.execute("VACUUM INTO ?1", [name])?;
            Ok(())
        })
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lately(&self) -> MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic in the fold rolls its transaction back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A failure of SQLite; damage is remembered, so that the next opening makes the state again.
    fn fault(&self, doing: &'static str, error: rusqlite::Error) -> StoreError {
        let error = failed(doing)(error);
        self.remember_damage(&error);
        error
    }

    fn remember_damage(&self, error: &StoreError) {
        if let StoreError::Corrupt { place, .. } = error
            && place == STATE
        {
            // Where this fails too, the damage is met again.
            let _ = std::fs::write(marker(&self.path), "");
        }
    }
}

/// Turns a failure of SQLite into the store's.
fn failed(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::corrupt(STATE, format!("{doing}: {error}"))
        }
        Some(ErrorCode::DiskFull) => StoreError::Full {
            doing,
            path: PathBuf::from(STATE),
            source: std::io::Error::from(std::io::ErrorKind::StorageFull),
        },
        _ => StoreError::engine(doing, error),
    }
}
