//! The file of the state: opening it, judging it, beginning again.
//!
//! Invariant: the position in `meta` is written in the transaction that it speaks of.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use work::Digest;

use super::fold::Applied;
use super::{Journal, failed, rows, schema};
use crate::StoreError;
use crate::embedded::journal::record::Commit;
use crate::store::DefaultDocuments;

pub(super) fn genesis() -> Applied {
    Applied {
        number: 0,
        chain: Commit::genesis().chain,
    }
}

/// The file that says that the state is damaged.
pub(super) fn marker(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A power cut may cost the last transactions, which the journal gives again.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "cache_size", -crate::limits::STATE_CACHE_KIB)?;
        write_back_after(&connection, crate::limits::STATE_WAL_PAGES)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::create(&connection)?;
        Ok(connection)
    };
    open().map_err(failed("opening the state"))
}

/// Has the write-ahead file written back once a transaction ends behind so many pages.
pub(super) fn write_back_after(connection: &Connection, pages: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "wal_autocheckpoint", pages)
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
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
pub(super) fn fresh(path: &Path) -> Result<(Connection, Result<Applied, String>), StoreError> {
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

pub(super) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Empties the derived tables, in one transaction.
pub(super) fn begin_again(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    empty(&transaction)?;
    transaction.commit()
}

pub(super) fn empty(connection: &Connection) -> rusqlite::Result<()> {
    schema::reset(connection)?;
    set_meta(connection, "version", schema::VERSION)?;
    set_applied(connection, genesis())
}

/// The default documents; those of a new state are none, in UTC.
pub(super) fn defaults(connection: &Connection) -> rusqlite::Result<DefaultDocuments> {
    let mut documents = DefaultDocuments::default();
    let mut select = connection.prepare("SELECT kind, text FROM defaults ORDER BY position")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, text): (String, String) = (row.get(0)?, row.get(1)?);
        match kind.as_str() {
            "time_zone" => documents.time_zone = text,
            _ => documents.definitions.push(text),
        }
    }
    Ok(documents)
}

pub(super) fn write_defaults(
    connection: &Connection,
    documents: &DefaultDocuments,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM defaults", [])?;
    let zone = ("time_zone", &documents.time_zone);
    let definitions = documents
        .definitions
        .iter()
        .map(|text| ("definition", text));
    for (kind, text) in std::iter::once(zone).chain(definitions) {
        let sql = "INSERT INTO defaults (kind, text) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute([kind, text])?;
    }
    Ok(())
}

pub(super) fn set_applied(connection: &Connection, applied: Applied) -> rusqlite::Result<()> {
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
pub(super) fn check(
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
