//! Endpoints and their secrets, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use zeroize::Zeroizing;

use super::{Tables, failed, integer};
use crate::StoreError;
use crate::limits::{ENDPOINTS_MAX, SECRETS_MAX};
use crate::outbox::{Disabled, Endpoint, EndpointChange, SigningSecret};

/// The columns that [`endpoint`] reads, of `webhook_endpoints e`.
pub(super) const COLUMNS: &str = "e.id, e.url, e.description, e.customer, e.created, e.disabled_at,
    e.disabled_why, e.failing_since,
    (SELECT group_concat(type) FROM (SELECT type FROM webhook_types WHERE endpoint = e.id ORDER BY type))";

impl Tables {
    pub(super) fn put(
        &self,
        endpoint: &Endpoint,
        secret: &SigningSecret,
    ) -> Result<(), StoreError> {
        let added = self.change("keeping an endpoint", |transaction| {
            let count = "SELECT count(*) FROM webhook_endpoints";
            let count: i64 = transaction.query_row(count, [], |row| row.get(0))?;
            if count >= integer(ENDPOINTS_MAX) {
                return Ok(None);
            }
            let sql = "INSERT INTO webhook_endpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                       ON CONFLICT DO NOTHING";
            let disabled = endpoint.disabled.as_ref();
            let added = transaction.execute(
                sql,
                params![
                    endpoint.id,
                    endpoint.url,
                    endpoint.description,
                    endpoint.customer,
                    endpoint.created.as_microsecond(),
                    disabled.map(|own| own.at.as_microsecond()),
                    disabled.map(|own| &own.why),
                    endpoint.failing_since.map(Timestamp::as_microsecond),
                ],
            )?;
            if added > 0 {
                put_types(transaction, &endpoint.id, &endpoint.types)?;
                put_secret(transaction, &endpoint.id, secret)?;
            }
            Ok(Some(added > 0))
        })?;
        match added {
            Some(true) => Ok(()),
            Some(false) => Err(StoreError::Taken {
                what: format!("the endpoint {}", endpoint.id),
            }),
            None => Err(StoreError::Enough {
                of: "the book".to_owned(),
                what: "endpoints",
                max: ENDPOINTS_MAX,
                remedy: "delete one that is not needed",
            }),
        }
    }

    pub(super) fn all(&self) -> Result<Vec<Endpoint>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!("SELECT {COLUMNS} FROM webhook_endpoints e ORDER BY e.created, e.id");
            let mut select = connection.prepare_cached(&sql)?;
            let endpoints = select.query_map([], endpoint)?;
            endpoints.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading the endpoints"))
    }

    pub(super) fn one(&self, id: &str) -> Result<Option<Endpoint>, StoreError> {
        find(&self.connection(), id).map_err(failed("reading an endpoint"))
    }

    pub(super) fn change_one(
        &self,
        id: &str,
        change: &EndpointChange,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.change("changing an endpoint", |transaction| {
            let sql = "UPDATE webhook_endpoints
                       SET url = coalesce(?2, url), description = coalesce(?3, description)
                       WHERE id = ?1";
            transaction.execute(sql, params![id, change.url, change.description])?;
            if let Some(disabled) = &change.disabled {
                set_disabled(transaction, id, disabled.as_ref())?;
            }
            let changed = find(transaction, id)?;
            match (&change.types, changed) {
                (Some(types), Some(_)) => {
                    transaction.execute("DELETE FROM webhook_types WHERE endpoint = ?1", [id])?;
                    put_types(transaction, id, types)?;
                    find(transaction, id)
                }
                (_, changed) => Ok(changed),
            }
        })
    }

    pub(super) fn delete_one(&self, id: &str) -> Result<bool, StoreError> {
        self.change("deleting an endpoint", |transaction| {
            for table in ["webhook_deliveries", "webhook_secrets", "webhook_types"] {
                let sql = format!("DELETE FROM {table} WHERE endpoint = ?1");
                transaction.execute(&sql, [id])?;
            }
            let sql = "DELETE FROM webhook_endpoints WHERE id = ?1";
            Ok(transaction.execute(sql, [id])? > 0)
        })
    }

    pub(super) fn secrets_of(
        &self,
        endpoint: &str,
        at: Timestamp,
    ) -> Result<Vec<SigningSecret>, StoreError> {
        let read = secrets(&self.connection(), endpoint, at);
        read.map_err(failed("reading the secrets of an endpoint"))
    }

    pub(super) fn rotate(
        &self,
        endpoint: &str,
        secret: &SigningSecret,
        old_end: Timestamp,
    ) -> Result<bool, StoreError> {
        let made = self.change("keeping a secret", |transaction| {
            if find(transaction, endpoint)?.is_none() {
                return Ok(Some(false));
            }
            let sql = "UPDATE webhook_secrets SET ends = min(coalesce(ends, ?2), ?2)
                       WHERE endpoint = ?1";
            transaction.execute(sql, params![endpoint, old_end.as_microsecond()])?;
            let sql = "DELETE FROM webhook_secrets WHERE endpoint = ?1 AND ends <= ?2";
            transaction.execute(sql, params![endpoint, secret.created.as_microsecond()])?;
            let sql = "SELECT count(*) FROM webhook_secrets WHERE endpoint = ?1";
            let count: i64 = transaction.query_row(sql, [endpoint], |row| row.get(0))?;
            if count >= integer(SECRETS_MAX) {
                return Ok(None);
            }
            put_secret(transaction, endpoint, secret)?;
            Ok(Some(true))
        })?;
        made.ok_or_else(|| StoreError::Enough {
            of: format!("the endpoint {endpoint}"),
            what: "secrets in force",
            max: SECRETS_MAX,
            remedy: "wait until one has ended, or rotate without an overlap",
        })
    }
}

/// Disables an endpoint, or enables it.
pub(super) fn set_disabled(
    transaction: &Transaction<'_>,
    id: &str,
    disabled: Option<&Disabled>,
) -> rusqlite::Result<()> {
    let sql = "UPDATE webhook_endpoints
               SET disabled_at = ?2, disabled_why = ?3, failing_since = NULL WHERE id = ?1";
    let at = disabled.map(|own| own.at.as_microsecond());
    let why = disabled.map(|own| &own.why);
    transaction.execute(sql, params![id, at, why]).map(|_| ())
}

pub(super) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Endpoint>> {
    let sql = format!("SELECT {COLUMNS} FROM webhook_endpoints e WHERE e.id = ?1");
    let mut select = connection.prepare_cached(&sql)?;
    select.query_row([id], endpoint).optional()
}

/// The secrets in force at an instant, the newest first.
pub(super) fn secrets(
    connection: &Connection,
    endpoint: &str,
    at: Timestamp,
) -> rusqlite::Result<Vec<SigningSecret>> {
    let sql = "SELECT secret, created, ends FROM webhook_secrets
               WHERE endpoint = ?1 AND (ends IS NULL OR ends > ?2) ORDER BY number DESC";
    let mut select = connection.prepare_cached(sql)?;
    let secrets = select.query_map(params![endpoint, at.as_microsecond()], |row| {
        Ok(SigningSecret {
            key: Zeroizing::new(row.get(0)?),
            created: moment(row, 1)?.ok_or(rusqlite::Error::InvalidQuery)?,
            ends: moment(row, 2)?,
        })
    })?;
    secrets.collect()
}

/// An instant that is kept in microseconds.
pub(super) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    let read = |micros| {
        Timestamp::from_microsecond(micros).map_err(|error| {
            let kind = rusqlite::types::Type::Integer;
            rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
        })
    };
    micros.map(read).transpose()
}

fn put_types(transaction: &Transaction<'_>, id: &str, types: &[String]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO webhook_types VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for kind in types {
        transaction.execute(sql, [id, kind])?;
    }
    Ok(())
}

fn put_secret(
    transaction: &Transaction<'_>,
    endpoint: &str,
    secret: &SigningSecret,
) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO webhook_secrets (endpoint, secret, created, ends) VALUES (?1, ?2, ?3, ?4)";
    let (created, ends) = (secret.created.as_microsecond(), secret.ends);
    let ends = ends.map(Timestamp::as_microsecond);
    let key = secret.key.as_slice();
    transaction
        .execute(sql, params![endpoint, key, created, ends])
        .map(|_| ())
}

/// Reads [`COLUMNS`], from the first column on.
pub(super) fn endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    let disabled_at = moment(row, 5)?;
    let disabled = match disabled_at {
        Some(at) => Some(Disabled {
            at,
            why: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
        }),
        None => None,
    };
    let types: Option<String> = row.get(8)?;
    let types = types.map(|types| types.split(',').map(str::to_owned).collect());
    Ok(Endpoint {
        id: row.get(0)?,
        url: row.get(1)?,
        description: row.get(2)?,
        customer: row.get(3)?,
        types: types.unwrap_or_default(),
        created: moment(row, 4)?.ok_or(rusqlite::Error::InvalidQuery)?,
        disabled,
        failing_since: moment(row, 7)?,
    })
}
