//! The state: what is derived from the journal, in SQLite.
//!
//! One thread follows the journal and applies its commits, many to a transaction, together with the
//! number of the last one applied and the chain that it ends. A reader first waits until everything
//! acknowledged before it came is applied. A state that is missing, damaged, of another version or
//! of another journal is made again when the book is opened. Invariant: the derived tables equal the
//! fold of the journal up to the commit that `meta` names.

mod closure;
mod compare;
mod fold;
mod follow;
mod query;
mod rows;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};
use work::Digest;

use self::fold::Applied;
use super::journal::record::{Commit, LogName};
use super::journal::{Journal, place};
use crate::StoreError;

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
    writer: Mutex<Connection>,
    progress: Mutex<Progress>,
    moved: Condvar,
}

#[derive(Debug)]
struct Progress {
    applied: Applied,
    failures: u64,
    reason: String,
    stopped: bool,
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
        let state = State {
            path: path.to_owned(),
            journal: Arc::clone(journal),
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
            progress: Mutex::new(Progress {
                applied,
                failures: 0,
                reason: String::new(),
                stopped: false,
            }),
            moved: Condvar::new(),
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
        while progress.applied.number < target {
            if progress.failures > failures || progress.stopped {
                return Err(StoreError::Behind {
                    reason: progress.reason.clone(),
                });
            }
            self.journal.announce();
            let waited = self
                .moved
                .wait_timeout(progress, Duration::from_millis(100));
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Makes the derived tables again from the journal; returns once that is done.
    pub(super) fn rebuild(&self) -> Result<(), StoreError> {
        {
            let connection = self.writer();
            begin_again(&connection).map_err(|error| self.fault("emptying the state", error))?;
            self.progress().applied = genesis();
        }
        self.journal.announce();
        self.wait()
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

    /// Lends a connection for reading.
    fn with_connection<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
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

    fn writer(&self) -> MutexGuard<'_, Connection> {
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

fn genesis() -> Applied {
    Applied {
        number: 0,
        chain: Commit::genesis().chain,
    }
}

/// The file that says that the state is damaged.
fn marker(path: &Path) -> PathBuf {
    path.with_extension("damaged")
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

fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A power cut may cost the last transactions, which the journal gives again.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "cache_size", -crate::limits::STATE_CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", crate::limits::STATE_WAL_PAGES)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::create(&connection)?;
        Ok(connection)
    };
    open().map_err(failed("opening the state"))
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        Ok(connection)
    };
    open().map_err(failed("opening the state for reading"))
}

/// An empty state in place of whatever is there.
#[allow(clippy::type_complexity)]
fn fresh(path: &Path) -> Result<(Connection, Result<Applied, String>), StoreError> {
    // A write-ahead file without its database would be played into the new one.
    for file in [
        path.to_owned(),
        suffixed(path, "-wal"),
        suffixed(path, "-shm"),
        marker(path),
    ] {
        match std::fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io("removing an unusable state", &file, source));
            }
            _ => {}
        }
    }
    let connection = open_writer(path)?;
    begin_again(&connection).map_err(failed("making the state"))?;
    Ok((connection, Ok(genesis())))
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Empties the derived tables, in one transaction.
fn begin_again(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    schema::reset(&transaction)?;
    set_meta(&transaction, "version", schema::VERSION)?;
    set_applied(&transaction, genesis())?;
    transaction.commit()
}

fn set_applied(connection: &Connection, applied: Applied) -> rusqlite::Result<()> {
    set_meta(connection, "applied", rows::sql_index(applied.number))?;
    set_meta(connection, "chain", applied.chain.to_string())
}

fn set_meta(
    connection: &Connection,
    key: &str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?
        .execute(rusqlite::params![key, value])?;
    Ok(())
}

fn meta<T: rusqlite::types::FromSql>(
    connection: &Connection,
    key: &str,
) -> rusqlite::Result<Option<T>> {
    let mut select = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    select.query_row([key], |row| row.get(0)).optional()
}

/// Whether the state is of this version and of this journal: how far it is, or why it is not.
fn check(
    connection: &Connection,
    journal: &Journal,
) -> Result<Result<Applied, String>, StoreError> {
    let read = || {
        let version: Option<i64> = meta(connection, "version")?;
        let applied: Option<i64> = meta(connection, "applied")?;
        let chain: Option<String> = meta(connection, "chain")?;
        Ok((version, applied, chain))
    };
    let (version, applied, chain) = read().map_err(failed("reading the state's position"))?;
    if version != Some(schema::VERSION) {
        return Ok(Err("it is of another release".to_owned()));
    }
    let number = applied.and_then(|applied| u64::try_from(applied).ok());
    let chain = chain.and_then(|chain| chain.parse::<Digest>().ok());
    let (Some(number), Some(chain)) = (number, chain) else {
        return Ok(Err("it does not say how far it is".to_owned()));
    };
    let expected = match number {
        0 => Some(genesis().chain),
        number => journal.commit(number)?.map(|commit| commit.chain),
    };
    if expected == Some(chain) {
        Ok(Ok(Applied { number, chain }))
    } else {
        Ok(Err(
            "it was made from another journal, or the journal is older".to_owned(),
        ))
    }
}
