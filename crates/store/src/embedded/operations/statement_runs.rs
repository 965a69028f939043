//! Runs over the statements that are due, in SQLite.

use jiff::Timestamp;
use money::{Amount, Currency};
use rusqlite::{OptionalExtension as _, Row, params};

use super::{Tables, failed, instant, integer, number};
use crate::StoreError;
use crate::limits::{PAGE_ROWS_MAX, RUNS_KEPT_MAX};
use crate::operations::{AfterRow, RunRow, StatementRun, StatementRuns};

/// The step that makes the tables.
pub(super) const SCHEMA: &str = "
    CREATE TABLE statement_runs (
        name TEXT PRIMARY KEY, cut TEXT NOT NULL, customers TEXT NOT NULL, by TEXT NOT NULL, key TEXT,
        is_dry INTEGER NOT NULL, proves INTEGER NOT NULL, size INTEGER NOT NULL, begun TEXT NOT NULL, ended TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE statement_run_rows (
        run TEXT NOT NULL, customer TEXT NOT NULL, contract TEXT NOT NULL, cut TEXT NOT NULL,
        state TEXT NOT NULL, number TEXT, total TEXT, currency TEXT, surfaces TEXT NOT NULL, detail TEXT,
        PRIMARY KEY (run, customer, contract, cut)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX statement_run_rows_by_state ON statement_run_rows (run, state, customer, contract, cut);";

const RUN: &str = "name, cut, customers, by, key, is_dry, proves, size, begun, ended";
const ROW: &str = "customer, contract, cut, state, number, total, currency, surfaces, detail";

/// Between the names of customers, which hold no control character.
const BETWEEN: char = '\u{1f}';

impl StatementRuns for Tables {
    fn begin_run(&self, run: &StatementRun) -> Result<(), StoreError> {
        let customers = run.customers.join(&BETWEEN.to_string());
        let added = self.change("keeping a run over statements", |transaction| {
            let added = transaction.execute(
                "INSERT INTO statement_runs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT DO NOTHING",
                params![
                    run.name,
                    run.cut.to_string(),
                    customers,
                    run.by,
                    run.key,
                    run.is_dry,
                    run.proves,
                    integer(run.size),
                    run.begun.to_string(),
                    run.ended.map(|at| at.to_string()),
                ],
            )?;
            let oldest = "(SELECT name FROM statement_runs ORDER BY name DESC LIMIT -1 OFFSET ?1)";
            for (table, column) in [("statement_run_rows", "run"), ("statement_runs", "name")] {
                let sql = format!("DELETE FROM {table} WHERE {column} IN {oldest}");
                transaction.execute(&sql, [integer(RUNS_KEPT_MAX)])?;
            }
            Ok(added)
        })?;
        match added {
            0 => Err(StoreError::Taken {
                what: format!("the run {}", run.name),
            }),
            _ => Ok(()),
        }
    }

    fn end_run(&self, name: &str, ended: Option<Timestamp>) -> Result<(), StoreError> {
        self.change("ending a run over statements", |transaction| {
            let sql = "UPDATE statement_runs SET ended = ?2 WHERE name = ?1";
            transaction.execute(sql, params![name, ended.map(|at| at.to_string())])?;
            Ok(())
        })
    }

    fn run(&self, name: &str) -> Result<Option<StatementRun>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!("SELECT {RUN} FROM statement_runs WHERE name = ?1");
            let mut select = connection.prepare_cached(&sql)?;
            select.query_row([name], run).optional()
        };
        read().map_err(failed("reading a run over statements"))
    }

    fn runs(&self, before: Option<&str>, rows: usize) -> Result<Vec<StatementRun>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "SELECT {RUN} FROM statement_runs WHERE ?1 IS NULL OR name < ?1
                 ORDER BY name DESC LIMIT ?2"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let rows = integer(rows.min(PAGE_ROWS_MAX));
            let found = select.query_map(params![before, rows], run)?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading the runs over statements"))
    }

    fn put_run_rows(
        &self,
        name: &str,
        customers: &[(String, Vec<RunRow>)],
        kept: &str,
    ) -> Result<(), StoreError> {
        self.change("keeping rows of a run over statements", |transaction| {
            let mut delete = transaction.prepare_cached(
                "DELETE FROM statement_run_rows WHERE run = ?1 AND customer = ?2 AND state <> ?3",
            )?;
            let mut insert = transaction.prepare_cached(
                "INSERT OR REPLACE INTO statement_run_rows
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            for (customer, rows) in customers {
                delete.execute(params![name, customer, kept])?;
                for row in rows {
                    let (_, _, cut) = row.place();
                    let surfaces = row.surfaces.iter();
                    let surfaces =
                        surfaces.map(|(surface, amount)| format!("{surface} {}", amount.value()));
                    insert.execute(params![
                        name,
                        row.customer,
                        row.contract,
                        cut,
                        row.state,
                        row.number,
                        row.total.map(|own| own.value().to_string()),
                        row.total.map(|own| own.currency().code()),
                        surfaces.collect::<Vec<_>>().join(","),
                        row.detail,
                    ])?;
                }
            }
            Ok(())
        })
    }

    fn run_rows(
        &self,
        name: &str,
        (state, customer): (Option<&str>, Option<&str>),
        after: Option<&AfterRow>,
        rows: usize,
    ) -> Result<Vec<RunRow>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "SELECT {ROW} FROM statement_run_rows WHERE run = ?1
                 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR customer = ?3)
                 AND (?4 IS NULL OR (customer, contract, cut) > (?4, ?5, ?6))
                 ORDER BY customer, contract, cut LIMIT ?7"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let rows = integer(rows.min(PAGE_ROWS_MAX));
            let (one, two, three) = match after {
                Some((one, two, three)) => (Some(one), Some(two), Some(three)),
                None => (None, None, None),
            };
            let asked = params![name, state, customer, one, two, three, rows];
            let found = select.query_map(asked, row)?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading rows of a run over statements"))
    }

    fn run_customers(&self, name: &str) -> Result<u64, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = "SELECT count(DISTINCT customer) FROM statement_run_rows WHERE run = ?1";
            let mut select = connection.prepare_cached(sql)?;
            select.query_row([name], |row| number(row, 0))
        };
        read().map_err(failed("counting the customers of a run over statements"))
    }
}

fn run(row: &Row<'_>) -> rusqlite::Result<StatementRun> {
    let cut: String = row.get(1)?;
    let customers: String = row.get(2)?;
    let customers = customers.split(BETWEEN).filter(|own| !own.is_empty());
    Ok(StatementRun {
        name: row.get(0)?,
        cut: cut.parse().map_err(|_| rusqlite::Error::InvalidQuery)?,
        customers: customers.map(str::to_owned).collect(),
        by: row.get(3)?,
        key: row.get(4)?,
        is_dry: row.get(5)?,
        proves: row.get(6)?,
        size: number(row, 7)?,
        begun: instant(row, 8)?.ok_or(rusqlite::Error::InvalidQuery)?,
        ended: instant(row, 9)?,
    })
}

fn row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let unreadable = || rusqlite::Error::InvalidQuery;
    let cut: String = row.get(2)?;
    let cut = match cut.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| unreadable())?),
    };
    let (total, currency): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let currency = currency.map(|code| code.parse::<Currency>());
    let currency = currency.transpose().map_err(|_| unreadable())?;
    let amount = |text: &str| -> rusqlite::Result<Amount> {
        let value = text.parse().map_err(|_| unreadable())?;
        let currency = currency.ok_or_else(unreadable)?;
        Ok(Amount::new(value, currency))
    };
    let surfaces: String = row.get(7)?;
    let surfaces = surfaces.split(',').filter(|own| !own.is_empty());
    let surfaces = surfaces.map(|own| {
        let (surface, value) = own.split_once(' ').ok_or_else(unreadable)?;
        Ok((surface.to_owned(), amount(value)?))
    });
    Ok(RunRow {
        customer: row.get(0)?,
        contract: row.get(1)?,
        cut,
        state: row.get(3)?,
        number: row.get(4)?,
        total: total.as_deref().map(amount).transpose()?,
        surfaces: surfaces.collect::<rusqlite::Result<_>>()?,
        detail: row.get(8)?,
    })
}
