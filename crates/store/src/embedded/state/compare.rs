//! Compares a state with a fresh fold of the journal, table by table and row by row.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::file::{check, defaults, fresh, genesis, open_reader, suffixed};
use super::fold::Fold;
use super::governed::Cache;
use super::{State, failed, schema};
use crate::StoreError;
use crate::limits::FINDINGS_MAX;

/// Where a state differs from the fold of its journal, in words; empty where it does not.
pub(in crate::embedded) fn compare(state: &State) -> Result<Vec<String>, StoreError> {
    state.wait()?;
    let path = state.path.with_extension("check.db");
    let result = compare_with(state, &path);
    for file in [
        path.clone(),
        suffixed(&path, "-wal"),
        suffixed(&path, "-shm"),
    ] {
        let _ = std::fs::remove_file(file);
    }
    result
}

fn compare_with(state: &State, path: &Path) -> Result<Vec<String>, StoreError> {
    let live = open_reader(&state.path)?;
    // One read transaction, so that the state stands still while it is compared.
    live.execute_batch("BEGIN")
        .map_err(failed("beginning to compare"))?;
    let applied = match check(&live, &state.journal)? {
        Ok(applied) => applied,
        Err(reason) => return Ok(vec![format!("state.db is not of this journal: {reason}")]),
    };
    let (folded, _) = fresh(path)?;
    let defaults = defaults(&live).map_err(failed("reading the default documents"))?;
    let mut cache = Cache::default();
    let mut so_far = genesis();
    while so_far.number < applied.number {
        let transaction = folded.unchecked_transaction().map_err(failed("folding"))?;
        let mut fold = Fold {
            journal: &state.journal,
            connection: &transaction,
            cache: &mut cache,
            defaults: &defaults,
            events: 0,
            again: Vec::new(),
        };
        so_far = fold.apply(so_far, applied.number)?;
        transaction.commit().map_err(failed("folding"))?;
    }
    let mut findings = Vec::new();
    for (table, order) in schema::DERIVED {
        let differences =
            compare_table(&live, &folded, table, order).map_err(failed("comparing tables"))?;
        report(&mut findings, table, differences);
    }
    Ok(findings)
}

fn report(findings: &mut Vec<String>, table: &str, differences: Vec<String>) {
    let more = differences.len().saturating_sub(FINDINGS_MAX);
    for difference in differences.into_iter().take(FINDINGS_MAX) {
        findings.push(format!("state.db, table `{table}`: {difference}"));
    }
    if more > 0 {
        findings.push(format!(
            "state.db, table `{table}`: at least {more} more differences"
        ));
    }
}

/// The differences of one table, at most one more than are listed.
fn compare_table(
    live: &Connection,
    folded: &Connection,
    table: &str,
    order: &str,
) -> rusqlite::Result<Vec<String>> {
    let columns = order.split(", ").count();
    let sql = format!("SELECT {order}, * FROM {table} ORDER BY {order}");
    let (mut live, mut folded) = (live.prepare(&sql)?, folded.prepare(&sql)?);
    let (mut live, mut folded) = (live.query([])?, folded.query([])?);
    let mut differences = Vec::new();
    let (mut left, mut right) = (next(&mut live)?, next(&mut folded)?);
    while differences.len() <= FINDINGS_MAX && (left.is_some() || right.is_some()) {
        let key = |row: &Option<Vec<Value>>| row.as_ref().map(|row| sortable(&row[..columns]));
        let (a, b) = (key(&left), key(&right));
        if a.is_some() && (b.is_none() || a < b) {
            differences.push(format!("row {} should not be there", show(&left, columns)));
            left = next(&mut live)?;
        } else if b.is_some() && (a.is_none() || b < a) {
            differences.push(format!("row {} is missing", show(&right, columns)));
            right = next(&mut folded)?;
        } else {
            if left != right {
                differences.push(format!("row {} is different", show(&left, columns)));
            }
            left = next(&mut live)?;
            right = next(&mut folded)?;
        }
    }
    Ok(differences)
}

fn next(rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Option<Vec<Value>>> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let count = row.as_ref().column_count();
    (0..count)
        .map(|column| row.get(column))
        .collect::<rusqlite::Result<_>>()
        .map(Some)
}

/// Keys are integers, texts and blobs, which compare as SQLite's binary collation does.
fn sortable(key: &[Value]) -> Vec<(i64, Vec<u8>)> {
    key.iter()
        .map(|value| match value {
            Value::Integer(number) => (*number, Vec::new()),
            Value::Text(text) => (i64::MAX, text.clone().into_bytes()),
            Value::Blob(bytes) => (i64::MAX, bytes.clone()),
            _ => (i64::MIN, Vec::new()),
        })
        .collect()
}

fn show(row: &Option<Vec<Value>>, columns: usize) -> String {
    let parts = row.iter().flatten().take(columns).map(|value| match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => format!("`{text}`"),
        other => format!("{other:?}"),
    });
    format!("({})", parts.collect::<Vec<_>>().join(", "))
}
