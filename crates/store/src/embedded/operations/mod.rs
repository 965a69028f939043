//! The operational tables: a SQLite file of their own, which is kept.
//!
//! Apart from the state, which may be deleted at any time. Every change is one transaction, on disk before
//! the call returns. The file holds secrets that sign webhooks: its owner alone may read it.

mod answers;
mod budgets;
mod control_totals;
mod endpoints;
mod links;
mod outbox;
mod refused;
mod schema;
mod source_counts;
mod statement_runs;
mod stripe;

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Row, Transaction, TransactionBehavior, params,
};
use work::Digest;

use crate::StoreError;
use crate::operations::{ApiKey, Operations};
use crate::outbox::Outbox;

/// The file in the book's directory.
pub(super) const OPERATIONS: &str = "operations.db";

/// The open tables.
pub(super) struct Tables {
    connection: Mutex<Connection>,
}

impl Tables {
    /// Opens the tables in `path`, or makes them.
    pub(super) fn open(path: &Path) -> Result<Tables, StoreError> {
        keep_to_oneself(path)?;
        let open = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(60))?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.set_prepared_statement_cache_capacity(32);
            Ok(connection)
        };
        let mut connection = open().map_err(failed("opening the operational tables"))?;
        schema::bring(&mut connection, path)?;
        Ok(Tables {
            connection: Mutex::new(connection),
        })
    }

    /// Writes a copy into `path`.
    pub(super) fn copy(&self, path: &Path) -> Result<(), StoreError> {
        keep_to_oneself(path)?;
        let target = path.display().to_string();
        let sql = "VACUUM INTO ?1";
        let copied = self.connection().execute(sql, [target]);
        copied
            .map(|_| ())
            .map_err(failed("copying the operational tables"))
    }

    /// Changes the tables in one transaction.
    fn change<T>(
        &self,
        doing: &'static str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let changed = || {
            let kind = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(kind)?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        changed().map_err(failed(doing))
    }

    /// A panic while the connection was held leaves no transaction open: one that is dropped is rolled back.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operations for Tables {
    fn outbox(&self) -> &dyn Outbox {
        self
    }

    fn put_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT DO NOTHING";
        let added = self.connection().execute(
            sql,
            params![
                key.id,
                key.secret.as_bytes().as_slice(),
                key.role,
                key.customer,
                key.label,
                key.created.to_string(),
                key.expires.map(|at| at.to_string()),
                key.revoked.map(|at| at.to_string()),
            ],
        );
        match added.map_err(failed("keeping an API key"))? {
            0 => Err(StoreError::Taken {
                what: format!("the API key {}", key.id),
            }),
            _ => Ok(()),
        }
    }

    fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let sql = "SELECT * FROM api_keys WHERE id = ?1";
        let connection = self.connection();
        let read = || {
            let mut select = connection.prepare_cached(sql)?;
            select.query_row([id], api_key).optional()
        };
        read().map_err(failed("reading an API key"))
    }

    fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let connection = self.connection();
        let read = || {
            let mut select =
                connection.prepare_cached("SELECT * FROM api_keys ORDER BY created, id")?;
            let keys = select.query_map([], api_key)?;
            keys.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading the API keys"))
    }

    fn revoke_api_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE api_keys SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL";
        let changed = self.connection().execute(sql, [id, &at.to_string()]);
        Ok(changed.map_err(failed("revoking an API key"))? > 0)
    }

    fn expire_api_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let Some(key) = self.api_key(id)?.filter(|key| key.revoked.is_none()) else {
            return Ok(false);
        };
        let at = key.expires.map_or(at, |expires| expires.min(at));
        let sql = "UPDATE api_keys SET expires = ?2 WHERE id = ?1 AND revoked IS NULL";
        let changed = self.connection().execute(sql, [id, &at.to_string()]);
        Ok(changed.map_err(failed("ending an API key"))? > 0)
    }
}

/// Makes the file where there is none, and lets nobody but its owner read it. What SQLite lays beside it has
/// the same permissions.
fn keep_to_oneself(path: &Path) -> Result<(), StoreError> {
    let make = || {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))
    };
    make().map_err(|source| StoreError::io("making the operational tables", path, source))
}

fn api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get(0)?,
        secret: digest(row, 1)?,
        role: row.get(2)?,
        customer: row.get(3)?,
        label: row.get(4)?,
        created: instant(row, 5)?.ok_or(rusqlite::Error::InvalidQuery)?,
        expires: instant(row, 6)?,
        revoked: instant(row, 7)?,
    })
}

fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    row.get(column).map(Digest::from_bytes)
}

/// A count, which SQLite keeps as a signed number.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    let parse = |text: String| {
        text.parse().map_err(|error| {
            let kind = rusqlite::types::Type::Text;
            rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
        })
    };
    text.map(parse).transpose()
}

/// A number as SQLite has it: numbers of rows, commits and bounds are far below 2^63.
fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::corrupt(OPERATIONS, format!("{doing}: {error}"))
        }
        Some(ErrorCode::DiskFull) => StoreError::Full {
            doing,
            path: PathBuf::from(OPERATIONS),
            source: std::io::Error::from(std::io::ErrorKind::StorageFull),
        },
        _ => StoreError::engine(doing, error),
    }
}
