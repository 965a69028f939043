//! Queries on the read models.
//!
//! Tables find positions; the journal gives the entries. So a query holds eight bytes per entry that
//! it found, and reads the entries as they are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use work::{Header, LogKind, SmolStr};

use super::closure::{self, Closure};
use super::rows::{self, log_number, sql_index, time};
use super::{LogName, STATE, State, place};
use crate::limits::{PAGE_ROWS_MAX, UNIT_PAGE_ROWS};
use crate::store::{
    ContractProblem, Customer, FactKind, Facts, FactsOf, ScopeId, SettledSince, SettledUnit, Units,
    UnitsOf,
};
use crate::unit_text;
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
            Ok((
                found.collect::<rusqlite::Result<BTreeSet<u64>>>()?,
                Some((customer, size)),
            ))
        };
        let (found, known) = self.read("looking up a header", read)?;
        self.with_ties(name, known, found)
    }

    /// Adds the contents that the found ones are tied to by conflicts and corrections.
    fn with_ties(
        &self,
        name: &LogName,
        known: Option<(i64, u64)>,
        found: BTreeSet<u64>,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let Some((customer, size)) = known else {
            return Ok(found);
        };
        self.with_connection(|connection| {
            let closure = Closure::new(&self.journal, connection, name, customer, size);
            if !closure.has_ties()? {
                return Ok(found);
            }
            let mut all = BTreeSet::new();
            for index in found {
                if !all.contains(&index) {
                    all.extend(closure.around(&BTreeSet::from([index]))?.into_keys());
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
        let known = self.read("looking up a customer", |connection| {
            known(connection, name)
        })?;
        self.with_ties(name, known, found)
    }

    /// The effective facts of one kind within a range of positions, by position, of one work or of all.
    pub(in crate::embedded) fn facts(
        self: &Arc<Self>,
        customer: &str,
        kind: FactKind,
        which: FactsOf<'_>,
    ) -> Result<Facts, StoreError> {
        let name = LogName::new(customer, kind.log());
        let (work, range) = match which {
            FactsOf::Customer => (None, 0..u64::MAX),
            FactsOf::Work(work) => (Some(work), 0..u64::MAX),
            FactsOf::Within(range) => (None, range),
        };
        if work.is_some() && !kind.has_work() {
            return Ok(Box::new(std::iter::empty()));
        }
        let sql = facts_sql(kind, work.is_some());
        // Positions are numbers of SQLite: none is beyond its greatest.
        let bound = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        let (from, to) = (bound(range.start), bound(range.end));
        let read = |connection: &Connection| {
            let Some((number, size)) = known(connection, &name)? else {
                return Ok(None);
            };
            let mut select = connection.prepare_cached(&sql)?;
            let key = params![number, log_number(name.log), work, from, to];
            let found = select.query_map(key, |row| rows::index(row, 0))?;
            let found = found.collect::<rusqlite::Result<Vec<u64>>>()?;
            Ok(Some((number, size, found)))
        };
        let Some((number, size, found)) = self.read("looking up facts", read)? else {
            return Ok(Box::new(std::iter::empty()));
        };
        let state = Arc::clone(self);
        Ok(Box::new(found.into_iter().map(move |index| {
            state.with_connection(|connection| {
                let closure = Closure::new(&state.journal, connection, &name, number, size);
                closure.fact_at(index)?.ok_or_else(|| {
                    StoreError::corrupt(place(&name, index), "the state lists it, and it is void")
                })
            })
        })))
    }

    /// Settled units of a customer, or those with facts of one work.
    pub(in crate::embedded) fn units(
        self: &Arc<Self>,
        customer: &str,
        which: UnitsOf<'_>,
    ) -> Result<Units, StoreError> {
        self.wait()?;
        let connection = self.lend()?;
        // One read transaction for as long as the reading lasts.
        let begin = || {
            connection.execute_batch("BEGIN")?;
            let mut select =
                connection.prepare_cached("SELECT no FROM customers WHERE customer = ?1")?;
            select
                .query_row([customer], |row| row.get::<_, i64>(0))
                .optional()
        };
        let Some(number) = begin().map_err(|error| self.fault("looking up units", error))? else {
            return Ok(Box::new(std::iter::empty()));
        };
        let latest = match which {
            UnitsOf::Latest { by, rows } => latest(&connection, number, (by, rows))
                .map(Some)
                .map_err(|error| self.fault("reading units", error))?,
            _ => None,
        };
        Ok(Box::new(UnitReading {
            state: Arc::clone(self),
            connection,
            customer: number,
            work: match which {
                UnitsOf::Work(work) => Some(work.to_owned()),
                _ => None,
            },
            scope: match which {
                UnitsOf::Scope(scope) => Some(scope),
                _ => None,
            },
            after: match which {
                UnitsOf::Scope(scope) | UnitsOf::From(scope) => Some(scope.0.to_vec()),
                UnitsOf::Customer | UnitsOf::Work(_) => Some(Vec::new()),
                UnitsOf::Latest { .. } => None,
            },
            page: latest.unwrap_or_default().into_iter(),
        }))
    }

    /// The scopes that entries from a size on settled again.
    pub(in crate::embedded) fn settled_since(
        &self,
        customer: &str,
        size: u64,
    ) -> Result<SettledSince, StoreError> {
        self.wait()?;
        if let Some((size, scopes)) = self.lately().since(customer, size) {
            return Ok(SettledSince::Scopes(size, scopes));
        }
        let name = LogName {
            customer: customer.to_owned(),
            log: LogKind::Shared,
        };
        let known = self.read("looking up a customer", |connection| {
            known(connection, &name)
        })?;
        let applied = known.map_or(0, |(_, size)| size);
        Ok(match applied == size {
            true => SettledSince::Scopes(size, Vec::new()),
            false => SettledSince::Unknown,
        })
    }

    /// The customers under which a cost stands, for each name.
    pub(in crate::embedded) fn customers_of_costs(
        &self,
        names: &[(&str, &str)],
    ) -> Result<Vec<Vec<SmolStr>>, StoreError> {
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(CUSTOMERS_OF_COST)?;
            let mut found = Vec::with_capacity(names.len());
            for (source, id) in names {
                let rows = select.query_map([id, source], |row| row.get::<_, String>(0))?;
                let customers = rows.map(|customer| customer.map(SmolStr::from));
                found.push(customers.collect::<rusqlite::Result<_>>()?);
            }
            Ok(found)
        };
        self.read("looking up costs", read)
    }

    /// What keeps a customer's contracts from governing.
    pub(in crate::embedded) fn contract_problems(
        &self,
        customer: &str,
    ) -> Result<Vec<ContractProblem>, StoreError> {
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT p.contract, p.problem FROM problems p
                 JOIN customers c ON c.no = p.customer WHERE c.customer = ?1
                 ORDER BY p.contract, p.problem",
            )?;
            let problems = select.query_map([customer], |row| {
                Ok(ContractProblem {
                    contract: row.get(0)?,
                    problem: row.get(1)?,
                })
            })?;
            problems.collect()
        };
        self.read("looking up contracts", read)
    }
}

/// By the index of the feeds' costs, which the list of sources here has to imply.
const CUSTOMERS_OF_COST: &str =
    "SELECT c.customer FROM costs k JOIN customers c ON c.no = k.customer
    WHERE k.id = ?1 AND k.source = ?2 AND k.source IN ('litellm', 'otlp') ORDER BY k.customer";

const UNITS_OF_WORK: &str = "SELECT u.key, u.contract, u.body FROM unit_works w
    CROSS JOIN units u ON u.customer = w.customer AND u.key = w.key
    WHERE w.customer = ?1 AND w.key > ?2 AND w.work = ?3 ORDER BY w.key LIMIT ?4";

/// Key, contract and body of a unit.
type UnitRow = (Vec<u8>, String, String);

fn unit_row(row: &Row<'_>) -> rusqlite::Result<UnitRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// The units of a customer that were opened last by an instant, the last first.
fn latest(
    connection: &Connection,
    customer: i64,
    (by, rows): (Timestamp, usize),
) -> rusqlite::Result<Vec<UnitRow>> {
    let mut select = connection.prepare_cached(
        "SELECT key, contract, body FROM units INDEXED BY units_by_opened
         WHERE customer = ?1 AND opened <= ?2 ORDER BY opened DESC, key LIMIT ?3",
    )?;
    let limit = sql_index(rows.min(PAGE_ROWS_MAX) as u64);
    let rows = select.query_map(params![customer, time(by), limit], unit_row)?;
    rows.collect()
}

/// A reading of units, a page at a time.
struct UnitReading {
    state: Arc<State>,
    connection: Connection,
    customer: i64,
    work: Option<String>,
    scope: Option<ScopeId>,
    page: std::vec::IntoIter<UnitRow>,
    /// The key after which the next page begins; `None` after the last.
    after: Option<Vec<u8>>,
}

impl UnitReading {
    fn next_page(&mut self, after: &[u8]) -> rusqlite::Result<()> {
        let sql = match self.work {
            None => {
                "SELECT key, contract, body FROM units
                 WHERE customer = ?1 AND key > ?2 AND ?3 IS NULL ORDER BY key LIMIT ?4"
            }
            Some(_) => UNITS_OF_WORK,
        };
        let mut select = self.connection.prepare_cached(sql)?;
        let limit = sql_index(UNIT_PAGE_ROWS as u64);
        let rows = select.query_map(params![self.customer, after, self.work, limit], unit_row)?;
        let page: Vec<UnitRow> = rows.collect::<rusqlite::Result<_>>()?;
        self.after = (page.len() == UNIT_PAGE_ROWS)
            .then(|| page.last().map(|(key, ..)| key.clone()))
            .flatten();
        self.page = page.into_iter();
        Ok(())
    }
}

impl Iterator for UnitReading {
    type Item = Result<SettledUnit, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, contract, body)) = self.page.next() {
                let scope = scope_of(&key)?;
                if self.scope.is_some_and(|wanted| wanted != scope) {
                    return None; // keys begin with the scope, and come in order
                }
                let unit = unit_text::read(&body).ok_or_else(|| {
                    StoreError::corrupt(
                        STATE,
                        "a unit cannot be read; `piecework rebuild` mends it",
                    )
                });
                let contract = Some(contract).filter(|contract| !contract.is_empty());
                return Some(unit.map(|unit| SettledUnit {
                    scope,
                    contract,
                    unit,
                }));
            }
            let after = self.after.take()?;
            if let Err(error) = self.next_page(&after) {
                return Some(Err(self.state.fault("reading units", error)));
            }
        }
    }
}

/// The scope that a unit's key begins with; keys are written whole.
fn scope_of(key: &[u8]) -> Option<ScopeId> {
    key.first_chunk().copied().map(ScopeId)
}

/// The positions of one kind's facts within a range, of one work or of all.
fn facts_sql(kind: FactKind, of_work: bool) -> String {
    let table = kind.table();
    let by_log = if table == "documents" {
        "log = ?2"
    } else {
        "?2 = ?2"
    };
    let by_work = if of_work { "work = ?3" } else { "?3 IS NULL" };
    format!(
        "SELECT entry FROM {table} WHERE customer = ?1 AND {by_log} AND {by_work} \
         AND entry >= ?4 AND entry < ?5 ORDER BY entry"
    )
}

/// A customer's number and the size of one of its logs, as applied.
pub(super) fn known(
    connection: &Connection,
    name: &LogName,
) -> rusqlite::Result<Option<(i64, u64)>> {
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
            FactKind::Quote => "quotes",
            FactKind::Stated => "stated",
            FactKind::Statement => "statements",
            FactKind::Void => "voids",
            FactKind::Credit => "credits",
            FactKind::Grant => "grants",
            FactKind::Decision => "decisions",
            FactKind::Payment => "payments",
            FactKind::Lock => "locks",
            FactKind::Approval => "approvals",
        }
    }

    fn log(self) -> LogKind {
        match self {
            FactKind::Cost | FactKind::SellerDocument | FactKind::Lock | FactKind::Approval => {
                LogKind::Seller
            }
            _ => LogKind::Shared,
        }
    }

    fn has_work(self) -> bool {
        matches!(self, FactKind::Cost | FactKind::Usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::state::{schema, units};

    /// The queries that every batch or page asks are answered by keys and indexes all the way.
    #[test]
    fn hot_queries_search_by_more_than_the_customer() {
        let connection = Connection::open_in_memory().unwrap();
        schema::create(&connection).unwrap();
        for (sql, steps) in [
            (units::KEYS_OF_WORK, ["(customer=? AND work=?)", ""]),
            (units::SCOPE_OF_KEY, ["(customer=? AND key=?)", ""]),
            (
                UNITS_OF_WORK,
                [
                    "(customer=? AND work=? AND key>?)",
                    "(customer=? AND key=?)",
                ],
            ),
            (
                &facts_sql(FactKind::Cost, true),
                ["costs_by_work (customer=? AND work=?", ""],
            ),
            (
                &facts_sql(FactKind::Usage, true),
                ["usage_by_work (customer=? AND work=?", ""],
            ),
            (CUSTOMERS_OF_COST, ["costs_of_calls (id=? AND source=?", ""]),
        ] {
            let mut explain = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let count = explain.parameter_count();
            let parameters = rusqlite::params_from_iter((0..count).map(|_| "x"));
            let plan: Vec<String> = explain
                .query_map(parameters, |row| row.get(3))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            for (step, expected) in plan.iter().zip(steps) {
                assert!(step.contains(expected), "{sql}: {plan:?}");
            }
        }
    }
}
