//! Counts at the sources, in SQLite.

use jiff::civil::Date;
use rusqlite::{Row, params};

use super::{Tables, failed, instant, number};
use crate::StoreError;
use crate::limits::PAGE_ROWS_MAX;
use crate::operations::{SourceCount, SourceCounts, SourceDay};

/// The step that makes the table. A count for all customers has the empty one.
pub(super) const SCHEMA: &str = "
    CREATE TABLE source_counts (
        day TEXT NOT NULL, source TEXT NOT NULL, customer TEXT NOT NULL,
        events INTEGER NOT NULL, reported_at TEXT NOT NULL, reported_by TEXT NOT NULL,
        PRIMARY KEY (day, source, customer)
    ) STRICT, WITHOUT ROWID;";

impl SourceCounts for Tables {
    fn put_source_counts(&self, counts: &[SourceCount]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut put = || {
            let transaction = connection.transaction()?;
            {
                let sql = "INSERT OR REPLACE INTO source_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                let mut insert = transaction.prepare_cached(sql)?;
                for SourceCount {
                    of,
                    events,
                    reported_at,
                    reported_by,
                } in counts
                {
                    insert.execute(params![
                        of.day.to_string(),
                        of.source,
                        of.customer.as_deref().unwrap_or_default(),
                        i64::try_from(*events).unwrap_or(i64::MAX),
                        reported_at.to_string(),
                        reported_by,
                    ])?;
                }
            }
            transaction.commit()
        };
        put().map_err(failed("keeping counts at the sources"))
    }

    fn source_counts(
        &self,
        from: Date,
        only: Option<&str>,
        after: Option<&SourceDay>,
        rows: usize,
    ) -> Result<Vec<SourceCount>, StoreError> {
        let connection = self.connection();
        let read = || {
            let mut select = connection.prepare_cached(
                "SELECT day, source, customer, events, reported_at, reported_by
                 FROM source_counts WHERE day >= ?1 AND (day, source, customer) > (?2, ?3, ?4)
                 AND (?6 IS NULL OR customer = ?6)
                 ORDER BY day, source, customer LIMIT ?5",
            )?;
            let (day, source, customer) = match after {
                None => (String::new(), "", ""),
                Some(own) => {
                    let customer = own.customer.as_deref().unwrap_or_default();
                    (own.day.to_string(), own.source.as_str(), customer)
                }
            };
            let rows = i64::try_from(rows.min(PAGE_ROWS_MAX)).unwrap_or(i64::MAX);
            let key = params![from.to_string(), day, source, customer, rows, only];
            let found = select.query_map(key, source_count)?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading counts at the sources"))
    }
}

fn source_count(row: &Row<'_>) -> rusqlite::Result<SourceCount> {
    let day: String = row.get(0)?;
    let customer: String = row.get(2)?;
    Ok(SourceCount {
        of: SourceDay {
            day: day.parse().map_err(|_| rusqlite::Error::InvalidQuery)?,
            source: row.get(1)?,
            customer: Some(customer).filter(|own| !own.is_empty()),
        },
        events: number(row, 3)?,
        reported_at: instant(row, 4)?.ok_or(rusqlite::Error::InvalidQuery)?,
        reported_by: row.get(5)?,
    })
}
