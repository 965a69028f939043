//! The steps that make the operational tables, each run once, in this order.
//!
//! Invariant: a step that was ever released is never changed; what is new is appended.

use std::path::Path;

use rusqlite::Connection;

use super::{
    answers, budgets, control_totals, failed, links, outbox, refused, source_counts,
    statement_runs, stripe,
};
use crate::StoreError;

const API_KEYS: &str = "
    CREATE TABLE IF NOT EXISTS api_keys (
        id TEXT PRIMARY KEY, secret BLOB NOT NULL, role TEXT NOT NULL, customer TEXT,
        label TEXT NOT NULL, created TEXT NOT NULL, expires TEXT, revoked TEXT
    ) STRICT, WITHOUT ROWID;";

const STEPS: &[&str] = &[
    API_KEYS,
    answers::SCHEMA,
    refused::SCHEMA,
    outbox::SCHEMA,
    budgets::SCHEMA,
    source_counts::SCHEMA,
    links::SCHEMA,
    control_totals::SCHEMA,
    refused::BY_ROUTE,
    statement_runs::SCHEMA,
    stripe::SCHEMA,
];

/// Brings the tables to this release.
pub(super) fn bring(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed("reading the version of the operational tables"))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(steps) = STEPS.get(done..) else {
        return Err(StoreError::Format {
            path: path.to_owned(),
            found: format!("version {version}"),
            expected: u32::try_from(STEPS.len()).unwrap_or(u32::MAX),
        });
    };
    let mut run = || {
        let transaction = connection.transaction()?;
        for (number, step) in (version + 1..).zip(steps) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        transaction.commit()
    };
    run().map_err(failed("making the operational tables"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that a connection has, as they were written.
    fn tables(connection: &Connection) -> Vec<String> {
        let mut select = connection
            .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn every_version_comes_to_the_same_tables() {
        let path = Path::new("operations.db");
        let mut new = Connection::open_in_memory().unwrap();
        bring(&mut new, path).unwrap();
        for version in 0..=STEPS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for step in &STEPS[..version] {
                old.execute_batch(step).unwrap();
            }
            old.pragma_update(None, "user_version", i64::try_from(version).unwrap())
                .unwrap();
            bring(&mut old, path).unwrap();
            assert_eq!(tables(&old), tables(&new), "from version {version}");
        }
        new.pragma_update(None, "user_version", 1_000).unwrap();
        let error = bring(&mut new, path).unwrap_err();
        assert!(matches!(error, StoreError::Format { .. }), "{error}");
    }
}
