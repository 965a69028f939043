//! Queries on the read models.
//!
//! Tables find positions; the journal gives the entries. So a query holds eight bytes per entry that
//! it found, and reads the entries as they are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use work::body::Body;
use work::effective::{Fact, resolve};
use work::{Header, LogKind};

use super::closure::{self, Closure};
use super::rows::{self, log_number, sql_index};
use super::{LogName, State, place};
use crate::limits::PAGE_ROWS_MAX;
use crate::store::{Customer, FactKind, Facts};
use crate::{Entries, StoreError};

impl State {
    /// Customers after one, by name.
    pub(in crate::embedded) fn customers(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Customer>, StoreError> {
        let limit = sql_index(limit.min(PAGE_ROWS_MAX) as u64);
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT customer, shared_size, seller_size, first_time, last_time FROM customers
                 WHERE customer > ?1 ORDER BY customer LIMIT ?2",
            )?;
            let customers = select.query_map(params![after.unwrap_or(""), limit], |row| {
                let instant = |column| -> rusqlite::Result<Timestamp> {
                    let text: Option<String> = row.get(column)?;
                    Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
                };
                Ok(Customer {
                    customer: row.get(0)?,
                    shared_size: rows::index(row, 1)?,
                    seller_size: rows::index(row, 2)?,
                    first_time: instant(3)?,
                    last_time: instant(4)?,
                })
            })?;
            customers.collect()
        };
        self.read("listing customers", read)
    }

    /// Entries that carry a header, and whatever decides what they stand for.
    pub(in crate::embedded) fn entries_with(
        self: &Arc<Self>,
        customer: &str,
        header: Header,
        value: &str,
    ) -> Result<Entries, StoreError> {
        self.wait()?;
        let mut found: Vec<(LogName, u64)> = Vec::new();
        for log in closure::LOGS {
            let name = LogName::new(customer, log);
            found.extend(
                self.positions_with(&name, header, value)?
                    .into_iter()
                    .map(|i| (name.clone(), i)),
            );
        }
        let journal = Arc::clone(&self.journal);
        Ok(Box::new(found.into_iter().map(move |(name, index)| {
            journal
                .entry(&name, index)?
                .ok_or_else(|| missing(&name, index))
        })))
    }

    fn positions_with(
        &self,
        name: &LogName,
        header: Header,
        value: &str,
    ) -> Result<BTreeSet<u64>, StoreError> {
        if !rows::is_indexed(header) {
            return self.scan_with(name, header, value);
        }
        let log = log_number(name.log);
        let read = |connection: &Connection| {
            let Some((customer, size)) = known(connection, name)? else {
                return Ok((BTreeSet::new(), None));
            };
            let mut select = connection.prepare_cached(
                "SELECT entry FROM facts
                 WHERE customer = ?1 AND header = ?2 AND value = ?3 AND log = ?4",
            )?;
            let key = params![customer, header.name(), value, log];
            let found = select.query_map(key, |row| rows::index(row, 0))?;
            let found = found.collect::<rusqlite::Result<BTreeSet<u64>>>()?;
            let tied = closure::has_ties(connection, customer, name.log)?;
            Ok((found, tied.then_some((customer, size))))
        };
        let (found, tied) = self.read("looking up a header", read)?;
        match tied {
            Some((customer, size)) => self.with_ties(name, customer, size, found),
            None => Ok(found),
        }
    }

    /// Adds the contents that the found ones are tied to by conflicts and corrections.
    fn with_ties(
        &self,
        name: &LogName,
        customer: i64,
        size: u64,
        found: BTreeSet<u64>,
    ) -> Result<BTreeSet<u64>, StoreError> {
        self.with_connection(|connection| {
            let closure = Closure {
                journal: &self.journal,
                connection,
                name,
                customer,
                size,
            };
            let mut all = found.clone();
            for index in found {
                let entry = self
                    .journal
                    .entry(name, index)?
                    .ok_or_else(|| missing(name, index))?;
                let event = &entry.event;
                if matches!(event.body, Body::Corrected { .. })
                    || closure.is_tied(&event.source, &event.id)?
                {
                    let own = (event.source.clone(), event.id.clone());
                    all.extend(closure.of([own])?.into_keys());
                }
            }
            Ok(all)
        })
    }

    /// A header without an index: looks at every entry of the log.
    fn scan_with(
        &self,
        name: &LogName,
        header: Header,
        value: &str,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let size = self.journal.head(name)?;
        let mut found = BTreeSet::new();
        for entry in self.journal.range(name, 0..size) {
            let entry = entry?;
            if rows::headers(&entry.event).contains(&(header, value)) {
                found.insert(entry.index);
            }
        }
        let read = |connection: &Connection| {
            let Some((customer, size)) = known(connection, name)? else {
                return Ok(None);
            };
            let tied = closure::has_ties(connection, customer, name.log)?;
            Ok(tied.then_some((customer, size)))
        };
        match self.read("looking up a header", read)? {
            Some((customer, size)) => self.with_ties(name, customer, size, found),
            None => Ok(found),
        }
    }

    /// The effective facts of one kind, by position, of one work or of all.
    pub(in crate::embedded) fn facts(
        self: &Arc<Self>,
        customer: &str,
        kind: FactKind,
        work: Option<&str>,
    ) -> Result<Facts, StoreError> {
        let name = LogName::new(customer, kind.log());
        let by_log = if kind.table() == "documents" {
            "AND log = ?3"
        } else {
            "AND ?3 = ?3"
        };
        let by_work = if kind.has_work() {
            "AND (?2 IS NULL OR work = ?2)"
        } else {
            "AND ?2 IS NULL"
        };
        let sql = format!(
            "SELECT entry FROM {} WHERE customer = ?1 {by_work} {by_log} ORDER BY entry",
            kind.table()
        );
        let read = |connection: &Connection| {
            let Some((number, size)) = known(connection, &name)? else {
                return Ok(None);
            };
            let mut select = connection.prepare_cached(&sql)?;
            let key = params![number, work, log_number(name.log)];
            let found = select.query_map(key, |row| rows::index(row, 0))?;
            let found = found.collect::<rusqlite::Result<Vec<u64>>>()?;
            let tied = closure::has_ties(connection, number, name.log)?;
            Ok(Some((number, size, found, tied)))
        };
        let Some((number, size, found, tied)) = self.read("looking up facts", read)? else {
            return Ok(Box::new(std::iter::empty()));
        };
        let state = Arc::clone(self);
        Ok(Box::new(found.into_iter().map(move |index| {
            let entry = state
                .journal
                .entry(&name, index)?
                .ok_or_else(|| missing(&name, index))?;
            let plain = Fact {
                entry: index,
                event: entry.event,
                corrected_by: None,
            };
            if !tied {
                return Ok(plain);
            }
            state.with_connection(|connection| {
                let journal = &state.journal;
                let closure = Closure {
                    journal,
                    connection,
                    name: &name,
                    customer: number,
                    size,
                };
                let (source, id) = (&plain.event.source, &plain.event.id);
                if !closure.is_tied(source, id)? {
                    return Ok(plain.clone());
                }
                let contents = closure.of([(source.clone(), id.clone())])?;
                let mut facts = resolve(closure::contents(contents)).facts;
                facts.retain(|fact| fact.entry == index);
                facts.pop().ok_or_else(|| {
                    StoreError::corrupt(place(&name, index), "the state lists it, and it is void")
                })
            })
        })))
    }
}

/// A customer's number and the size of one of its logs, as applied.
fn known(connection: &Connection, name: &LogName) -> rusqlite::Result<Option<(i64, u64)>> {
    let column = match name.log {
        LogKind::Shared => "shared_size",
        LogKind::Seller => "seller_size",
    };
    connection
        .prepare_cached(&format!(
            "SELECT no, {column} FROM customers WHERE customer = ?1"
        ))?
        .query_row([&name.customer], |row| {
            Ok((row.get(0)?, rows::index(row, 1)?))
        })
        .optional()
}

fn missing(name: &LogName, index: u64) -> StoreError {
    StoreError::corrupt(place(name, index), "it is missing, and the state names it")
}

/// Kinds of facts and where they are kept.
impl FactKind {
    fn table(self) -> &'static str {
        match self {
            FactKind::Cost => "costs",
            FactKind::Usage => "usage",
            FactKind::Seat => "seats",
            FactKind::Document | FactKind::SellerDocument => "documents",
            FactKind::Contract => "contracts",
            FactKind::Statement => "statements",
            FactKind::Void => "voids",
            FactKind::Credit => "credits",
            FactKind::Payment => "payments",
        }
    }

    fn log(self) -> LogKind {
        match self {
            FactKind::Cost | FactKind::SellerDocument => LogKind::Seller,
            _ => LogKind::Shared,
        }
    }

    fn has_work(self) -> bool {
        matches!(self, FactKind::Cost | FactKind::Usage)
    }
}
