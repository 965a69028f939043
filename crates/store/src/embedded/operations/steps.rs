//! The steps by which the operational tables came to be what they are.
//!
//! A file says in `user_version` how many it has been through; opening it takes the rest. A step that was
//! released is never changed: what is to be different is a further step.

use rusqlite::Connection;

/// The version of this release: so many steps.
pub(super) const VERSION: u32 = 2;

/// Each in one transaction, from version 0.
const STEPS: [&str; VERSION as usize] = [API_KEYS, WEBHOOKS];

const API_KEYS: &str = "
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY, secret BLOB NOT NULL, role TEXT NOT NULL, customer TEXT,
    label TEXT NOT NULL, created TEXT NOT NULL, expires TEXT, revoked TEXT
) STRICT, WITHOUT ROWID;
";

// Instants are microseconds since 1970 here, since they are compared.
const WEBHOOKS: &str = "
CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, description TEXT NOT NULL, customer TEXT,
    created INTEGER NOT NULL, disabled_at INTEGER, disabled_why TEXT, failing_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_types (
    endpoint TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (endpoint, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_secrets (
    number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, secret BLOB NOT NULL,
    created INTEGER NOT NULL, ends INTEGER
) STRICT;
CREATE INDEX webhook_secrets_of ON webhook_secrets (endpoint, number);
CREATE TABLE webhook_messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, customer TEXT,
    payload TEXT NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_messages_by_age ON webhook_messages (created);
-- Longer than the messages, so that what was told once is not told again.
CREATE TABLE webhook_keys (
    key TEXT PRIMARY KEY, announced INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_keys_by_age ON webhook_keys (announced);
-- `claim` counts claims, so that one is told from the next; `claimed` while one holds.
CREATE TABLE webhook_deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, message INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER,
    claim INTEGER NOT NULL, claimed INTEGER NOT NULL,
    last_at INTEGER, last_status INTEGER, last_problem TEXT,
    UNIQUE (message, endpoint)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (endpoint, number);
-- How far the journal was read, and for what.
CREATE TABLE journal_followed (
    what TEXT PRIMARY KEY, committed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Takes the steps that the file has not been through; the version that it was of.
pub(super) fn take(connection: &Connection) -> rusqlite::Result<i64> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let taken = usize::try_from(found).unwrap_or(STEPS.len());
    for (number, step) in (1i64..).zip(STEPS).skip(taken) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_version_takes_the_rest_of_the_steps() {
        let schema = |connection: &Connection| {
            let sql = "SELECT group_concat(sql) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
            connection
                .query_row(sql, [], |row| row.get::<_, String>(0))
                .unwrap()
        };
        let fresh = Connection::open_in_memory().unwrap();
        assert_eq!(take(&fresh).unwrap(), 0);
        assert_eq!(take(&fresh).unwrap(), i64::from(VERSION));
        for taken in 0..STEPS.len() {
            let old = Connection::open_in_memory().unwrap();
            for step in &STEPS[..taken] {
                old.execute_batch(step).unwrap();
            }
            old.pragma_update(None, "user_version", i64::try_from(taken).unwrap())
                .unwrap();
            take(&old).unwrap();
            assert_eq!(schema(&old), schema(&fresh), "from version {taken}");
        }
    }

    #[test]
    fn a_file_of_a_later_version_is_left_alone() {
        let later = Connection::open_in_memory().unwrap();
        later
            .pragma_update(None, "user_version", i64::from(VERSION) + 1)
            .unwrap();
        assert_eq!(take(&later).unwrap(), i64::from(VERSION) + 1);
        let tables = "SELECT count(*) FROM sqlite_schema";
        assert_eq!(
            later
                .query_row(tables, [], |row| row.get::<_, i64>(0))
                .unwrap(),
            0
        );
    }
}
