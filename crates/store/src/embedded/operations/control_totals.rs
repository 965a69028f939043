//! Totals of metrics, in SQLite.

use std::collections::BTreeMap;

use money::Decimal;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::{Tables, failed, integer};
use crate::StoreError;
use crate::limits::CONTROL_TOTALS_MAX;
use crate::operations::{ControlKey, ControlTotal, ControlTotals, SeriesWord};

/// The step that makes the tables.
pub(super) const SCHEMA: &str = "
    CREATE TABLE control_sums (
        day TEXT NOT NULL, metric TEXT NOT NULL, measured TEXT NOT NULL, provider TEXT NOT NULL,
        model TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (day, metric, measured, provider, model)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE control_series (
        series BLOB NOT NULL, since TEXT NOT NULL, at TEXT NOT NULL,
        day TEXT NOT NULL, metric TEXT NOT NULL, measured TEXT NOT NULL, provider TEXT NOT NULL,
        model TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (series, since)
    ) STRICT, WITHOUT ROWID;";

impl ControlTotals for Tables {
    fn add_control_totals(&self, totals: &[ControlTotal]) -> Result<(), StoreError> {
        if totals.is_empty() {
            return Ok(());
        }
        self.change("adding totals of metrics", |transaction| {
            for total in totals {
                match &total.word {
                    None => add(transaction, &total.of, total.value)?,
                    Some(word) => tell(transaction, word, &total.of, total.value)?,
                }
            }
            let oldest =
                "DELETE FROM control_sums WHERE (day, metric, measured, provider, model) IN (
                SELECT day, metric, measured, provider, model FROM control_sums
                ORDER BY day, metric, measured, provider, model LIMIT ?1)";
            make_room(transaction, "control_sums", oldest)?;
            let oldest = "DELETE FROM control_series WHERE (series, since) IN (
                SELECT series, since FROM control_series ORDER BY at, series LIMIT ?1)";
            make_room(transaction, "control_series", oldest)
        })
    }

    fn control_totals(&self) -> Result<Vec<(ControlKey, Decimal)>, StoreError> {
        let connection = self.connection();
        let read = || {
            let mut sums: BTreeMap<ControlKey, Decimal> = BTreeMap::new();
            for table in ["control_sums", "control_series"] {
                let mut select = connection.prepare_cached(&format!(
                    "SELECT day, metric, measured, provider, model, value FROM {table}"
                ))?;
                for row in select.query_map([], total)? {
                    let (key, value) = row?;
                    let sum = sums.entry(key).or_default();
                    *sum = sum.plus(value).unwrap_or(*sum);
                }
            }
            Ok(sums.into_iter().collect())
        };
        read().map_err(failed("reading totals of metrics"))
    }
}

fn add(transaction: &Transaction<'_>, of: &ControlKey, value: Decimal) -> rusqlite::Result<()> {
    let ControlKey {
        day,
        metric,
        measured,
        provider,
        model,
    } = of;
    let day = day.to_string();
    let sql = "SELECT value FROM control_sums
        WHERE day = ?1 AND metric = ?2 AND measured = ?3 AND provider = ?4 AND model = ?5";
    let known = transaction
        .prepare_cached(sql)?
        .query_row(params![day, metric, measured, provider, model], |row| {
            decimal(row, 0)
        })
        .optional()?
        .unwrap_or_default();
    // Sums beyond what can be counted stand still; they are held against costs, not added to them.
    let sum = known.plus(value).unwrap_or(known);
    let sql = "INSERT OR REPLACE INTO control_sums VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let sum = sum.to_string();
    transaction
        .prepare_cached(sql)?
        .execute(params![day, metric, measured, provider, model, sum])?;
    Ok(())
}

/// Keeps the word of a series, unless a later one is there.
fn tell(
    transaction: &Transaction<'_>,
    word: &SeriesWord,
    of: &ControlKey,
    value: Decimal,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO control_series VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET at = ?3, day = ?4, metric = ?5, measured = ?6, provider = ?7,
            model = ?8, value = ?9 WHERE at <= ?3";
    transaction.prepare_cached(sql)?.execute(params![
        word.series.as_bytes().as_slice(),
        format!("{:.9}", word.since),
        format!("{:.9}", word.at), // nine digits, so that text sorts as time does
        of.day.to_string(),
        of.metric,
        of.measured,
        of.provider,
        of.model,
        value.to_string(),
    ])?;
    Ok(())
}

fn make_room(transaction: &Transaction<'_>, table: &str, oldest: &str) -> rusqlite::Result<()> {
    let sql = format!("SELECT count(*) FROM {table}");
    let rows: i64 = transaction
        .prepare_cached(&sql)?
        .query_row([], |row| row.get(0))?;
    let more = rows - integer(CONTROL_TOTALS_MAX);
    if more > 0 {
        transaction.prepare_cached(oldest)?.execute([more])?;
    }
    Ok(())
}

fn total(row: &Row<'_>) -> rusqlite::Result<(ControlKey, Decimal)> {
    let day: String = row.get(0)?;
    let key = ControlKey {
        day: day.parse().map_err(|_| rusqlite::Error::InvalidQuery)?,
        metric: row.get(1)?,
        measured: row.get(2)?,
        provider: row.get(3)?,
        model: row.get(4)?,
    };
    Ok((key, decimal(row, 5)?))
}

fn decimal(row: &Row<'_>, column: usize) -> rusqlite::Result<Decimal> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use work::Digest;

    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let directory = tempfile::tempdir().unwrap();
        let tables = Tables::open(&directory.path().join("operations.db")).unwrap();
        let total = |number: usize, word| ControlTotal {
            of: ControlKey {
                day: if number == 0 {
                    "2026-01-01"
                } else {
                    "2026-01-02"
                }
                .parse()
                .unwrap(),
                metric: "m".to_owned(),
                measured: "input_tokens".to_owned(),
                provider: String::new(),
                model: number.to_string(),
            },
            word,
            value: Decimal::ONE,
        };
        let sums: Vec<ControlTotal> = (0..=CONTROL_TOTALS_MAX)
            .map(|own| total(own, None))
            .collect();
        tables.add_control_totals(&sums).unwrap();
        let kept = tables.control_totals().unwrap();
        assert_eq!(kept.len(), CONTROL_TOTALS_MAX);
        assert_ne!(kept[0].0.model, "0");
        let word = |number: usize| {
            Some(SeriesWord {
                series: Digest::of(&number.to_be_bytes()),
                since: Timestamp::UNIX_EPOCH,
                at: Timestamp::from_second(i64::try_from(number).unwrap()).unwrap(),
            })
        };
        let words = 0..=CONTROL_TOTALS_MAX;
        let words: Vec<ControlTotal> = words.map(|own| total(own, word(own))).collect();
        tables.add_control_totals(&words).unwrap();
        let kept = tables.control_totals().unwrap();
        let twice = kept.iter().filter(|(_, value)| *value != Decimal::ONE);
        assert_eq!(twice.count(), CONTROL_TOTALS_MAX);
    }
}
