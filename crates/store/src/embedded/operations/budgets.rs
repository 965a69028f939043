//! Budgets, in SQLite.

use money::{Amount, Currency};
use rusqlite::{OptionalExtension as _, Row, params};

use super::{Tables, failed, instant, integer, number};
use crate::StoreError;
use crate::operations::{Budget, BudgetTerms, Budgets};

/// The step that makes the table.
pub(super) const SCHEMA: &str = "
    CREATE TABLE budgets (
        customer TEXT NOT NULL, version INTEGER NOT NULL, amount TEXT, currency TEXT, thresholds TEXT,
        stops INTEGER, note TEXT, set_by TEXT NOT NULL, set_at TEXT NOT NULL,
        PRIMARY KEY (customer, version)
    ) STRICT, WITHOUT ROWID;";

const COLUMNS: &str =
    "customer, version, amount, currency, thresholds, stops, note, set_by, set_at";

impl Budgets for Tables {
    fn set_budget(&self, budget: &Budget, expected: u64) -> Result<bool, StoreError> {
        let terms = budget.terms.as_ref();
        let thresholds = terms.map(|own| {
            let words: Vec<String> = own.thresholds_percent.iter().map(u16::to_string).collect();
            words.join(",")
        });
        self.change("setting a budget", |transaction| {
            let sql = "SELECT coalesce(max(version), 0) FROM budgets WHERE customer = ?1";
            let known = transaction.query_row(sql, [&budget.customer], |row| number(row, 0))?;
            if known != expected {
                return Ok(false);
            }
            transaction.execute(
                "INSERT INTO budgets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    budget.customer,
                    integer(expected.saturating_add(1)),
                    terms.map(|own| own.amount.value().to_string()),
                    terms.map(|own| own.amount.currency().code()),
                    thresholds,
                    terms.map(|own| own.stops),
                    terms.and_then(|own| own.note.as_ref()),
                    budget.set_by,
                    budget.set_at.to_string(),
                ],
            )?;
            Ok(true)
        })
    }

    fn budget(&self, customer: &str) -> Result<Option<Budget>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "SELECT {COLUMNS} FROM budgets WHERE customer = ?1 ORDER BY version DESC LIMIT 1"
            );
            let mut select = connection.prepare_cached(&sql)?;
            select.query_row([customer], budget).optional()
        };
        read().map_err(failed("reading a budget"))
    }

    fn budgets(&self, after: Option<&str>, rows: usize) -> Result<Vec<Budget>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "SELECT {COLUMNS} FROM budgets b WHERE customer > ?1 AND amount IS NOT NULL
                 AND version = (SELECT max(version) FROM budgets o WHERE o.customer = b.customer)
                 ORDER BY customer LIMIT ?2"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let rows = integer(rows);
            let budgets = select.query_map(params![after.unwrap_or(""), rows], budget)?;
            budgets.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading the budgets"))
    }
}

fn budget(row: &Row<'_>) -> rusqlite::Result<Budget> {
    Ok(Budget {
        customer: row.get(0)?,
        version: number(row, 1)?,
        terms: terms(row)?,
        set_by: row.get(7)?,
        set_at: instant(row, 8)?.ok_or(rusqlite::Error::InvalidQuery)?,
    })
}

fn terms(row: &Row<'_>) -> rusqlite::Result<Option<BudgetTerms>> {
    let Some(value) = row.get::<_, Option<String>>(2)? else {
        return Ok(None);
    };
    let (currency, thresholds): (String, String) = (row.get(3)?, row.get(4)?);
    let unreadable = |_| rusqlite::Error::InvalidQuery;
    let value = value.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
    let currency: Currency = currency
        .parse()
        .map_err(|_| rusqlite::Error::InvalidQuery)?;
    let thresholds = thresholds.split(',').filter(|own| !own.is_empty());
    let thresholds = thresholds.map(|own| own.parse::<u16>().map_err(unreadable));
    Ok(Some(BudgetTerms {
        amount: Amount::new(value, currency),
        thresholds_percent: thresholds.collect::<rusqlite::Result<_>>()?,
        stops: row.get(5)?,
        note: row.get(6)?,
    }))
}
