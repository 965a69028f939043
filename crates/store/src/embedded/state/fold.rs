//! The fold: entries of the journal into the derived tables, in one transaction.
//!
//! Invariant: what a table holds depends on the entries applied, never on how they were cut into
//! transactions or in which order the logs came. An identity with one content and no correction is
//! written as it comes; any other is decided from its [`closure`] once the whole batch
//! is indexed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use work::body::Body;
use work::effective::resolve;
use work::{Digest, LogKind, SmolStr};

use super::arrived::Arrived;
use super::closure::{self, Closure};
use super::governed::Cache;
use super::rows::{self, log_number, sql_index};
use super::settled::SettledAgain;
use super::tallies::Tallies;
use super::units::{self, Touched};
use super::{Journal, LogName, failed};
use crate::limits::{APPLY_COMMITS_MAX, APPLY_EVENTS_MAX};
use crate::store::DefaultDocuments;
use crate::{Entry, StoreError};

/// How far a state is: the last commit applied, and the chain that it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) number: u64,
    pub(super) chain: Digest,
}

/// What one transaction applies to one log.
struct Range {
    customer: i64,
    from: u64,
    to: u64,
}

/// Folds into one database.
pub(super) struct Fold<'a> {
    pub(super) journal: &'a Journal,
    pub(super) connection: &'a Connection,
    pub(super) cache: &'a mut Cache,
    pub(super) defaults: &'a DefaultDocuments,
    /// Events applied.
    pub(super) events: usize,
    /// What was settled again.
    pub(super) again: Vec<SettledAgain>,
}

impl Fold<'_> {
    /// Applies the next commits to the tables, up to a bound and up to commit `until`.
    pub(super) fn apply(&mut self, after: Applied, until: u64) -> Result<Applied, StoreError> {
        let (journal, connection) = (self.journal, self.connection);
        let mut applied = after;
        let mut ranges: BTreeMap<LogName, Range> = BTreeMap::new();
        let mut arrived = Arrived::default();
        let mut commits = 0;
        while applied.number < until
            && self.events < APPLY_EVENTS_MAX
            && commits < APPLY_COMMITS_MAX
        {
            let number = applied.number + 1;
            let commit = journal.commit(number)?.ok_or_else(|| {
                StoreError::corrupt(format!("commit {number}"), "its record is missing")
            })?;
            for (name, from, count) in commit.ranges {
                let to = from + u64::from(count);
                self.events += count as usize;
                if let Some(range) = ranges.get_mut(&name) {
                    range.to = to;
                } else {
                    // In the order of the commits, so that a rebuilt state numbers customers the same.
                    let customer = customer_number(connection, &name.customer)?;
                    ranges.insert(name, Range { customer, from, to });
                }
            }
            for (origin, traceless) in commit.traceless {
                arrived.add_traceless(origin, traceless);
            }
            applied = Applied {
                number,
                chain: commit.chain,
            };
            commits += 1;
        }
        for (name, range) in &ranges {
            self.fold_range(name, range, &mut arrived)?;
        }
        arrived
            .write(connection)
            .map_err(failed("counting deliveries"))?;
        Ok(applied)
    }

    fn fold_range(
        &mut self,
        name: &LogName,
        range: &Range,
        arrived: &mut Arrived,
    ) -> Result<(), StoreError> {
        let (journal, connection, customer) = (self.journal, self.connection, range.customer);
        let closure = Closure::new(journal, connection, name, customer, range.to);
        let tied_before = closure.has_ties()?;
        let mut touched = Touched::default();
        let mut tallies = Tallies::default();
        let mut entangled: BTreeSet<(SmolStr, SmolStr)> = BTreeSet::new();
        let mut times: Option<(Timestamp, Timestamp)> = None;
        let mut expected = range.from;
        for entry in journal.range(name, range.from..range.to) {
            let entry = entry?;
            expected += 1;
            let (first, last) = times.unwrap_or((entry.event.time, entry.event.time));
            times = Some((first.min(entry.event.time), last.max(entry.event.time)));
            arrived.add(&entry);
            index(connection, customer, &entry)?;
            let event = &entry.event;
            let is_entangled = entry.conflict
                || matches!(event.body, Body::Corrected { .. })
                || (tied_before && closure.is_tied(&event.source, &event.id)?);
            if is_entangled {
                entangled.insert((event.source.to_string().into(), event.id.to_string().into()));
            } else {
                rows::insert(
                    connection,
                    customer,
                    sql_index(entry.index),
                    event,
                    &mut tallies,
                )
                .map_err(failed("writing a fact"))?;
            }
            if name.log == LogKind::Shared {
                touched.add(event);
                closure.remember(entry.index, entry.event);
            }
        }
        if expected != range.to {
            let missing = "it is missing at the end of its log";
            return Err(StoreError::corrupt(super::place(name, expected), missing));
        }
        while let Some(identity) = entangled.pop_first() {
            let contents = closure.of([identity])?;
            for event in contents.values() {
                if name.log == LogKind::Shared {
                    touched.add(event);
                }
                for identity in closure::named(event) {
                    entangled.remove(&identity);
                }
            }
            for position in contents.keys() {
                rows::remove(
                    connection,
                    customer,
                    name.log,
                    sql_index(*position),
                    &mut tallies,
                )
                .map_err(failed("removing a fact"))?;
            }
            for fact in resolve(closure::contents(contents)).facts {
                rows::insert(
                    connection,
                    customer,
                    sql_index(fact.entry),
                    &fact.event,
                    &mut tallies,
                )
                .map_err(failed("writing a fact"))?;
            }
        }
        update_customer(connection, name, range, times).map_err(failed("updating a customer"))?;
        let scopes = units::fold(&closure, self.cache, self.defaults, &touched, &mut tallies)?;
        tallies
            .write(connection)
            .map_err(failed("adding to sums"))?;
        if name.log == LogKind::Shared {
            self.again.push(SettledAgain {
                customer: name.customer.clone(),
                from: range.from,
                to: range.to,
                scopes,
            });
        }
        Ok(())
    }
}

fn customer_number(connection: &Connection, customer: &str) -> Result<i64, StoreError> {
    let find = || {
        let known = connection
            .prepare_cached("SELECT no FROM customers WHERE customer = ?1")?
            .query_row([customer], |row| row.get(0))
            .optional()?;
        if let Some(number) = known {
            return Ok(number);
        }
        connection
            .prepare_cached(
                "INSERT INTO customers (customer, shared_size, seller_size) VALUES (?1, 0, 0)",
            )?
            .execute([customer])?;
        Ok(connection.last_insert_rowid())
    };
    find().map_err(failed("numbering a customer"))
}

/// Indexes one entry by its headers and by the identities that it bears on.
fn index(connection: &Connection, customer: i64, entry: &Entry) -> Result<(), StoreError> {
    let (log, position) = (log_number(entry.log), sql_index(entry.index));
    let write = || {
        for (header, value) in rows::headers(&entry.event) {
            if !rows::is_indexed(header) {
                continue;
            }
            connection
                .prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![customer, header.name(), value, log, position])?;
        }
        // The first is the event's own, which only a further content bears on.
        let skipped = usize::from(!entry.conflict);
        for (source, id) in closure::named(&entry.event).iter().skip(skipped) {
            connection
                .prepare_cached("INSERT OR IGNORE INTO ties VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    customer,
                    log,
                    source.as_str(),
                    id.as_str(),
                    position
                ])?;
        }
        Ok(())
    };
    write().map_err(failed("indexing an entry"))
}

fn update_customer(
    connection: &Connection,
    name: &LogName,
    range: &Range,
    times: Option<(Timestamp, Timestamp)>,
) -> rusqlite::Result<()> {
    let Some((first, last)) = times else {
        return Ok(());
    };
    let column = match name.log {
        LogKind::Shared => "shared_size",
        LogKind::Seller => "seller_size",
    };
    let sql = format!(
        "UPDATE customers SET {column} = ?2,
             first_time = min(coalesce(first_time, ?3), ?3),
             last_time = max(coalesce(last_time, ?4), ?4)
         WHERE no = ?1"
    );
    let (first, last) = (rows::time(first), rows::time(last));
    connection.prepare_cached(&sql)?.execute(params![
        range.customer,
        sql_index(range.to),
        first,
        last
    ])?;
    Ok(())
}
