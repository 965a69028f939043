//! Counts that say where everything is, from the tables alone.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row, params};
use work::event::UNASSIGNED;

use super::State;
use super::rows::{self, sql_index, time};
use crate::limits::{DELIVERY_ROWS_MAX, PAGE_ROWS_MAX};
use crate::reconciliation::{AGES, Ages, DeliveryDay, UnitDay, Waiting};
use crate::{Deliveries, StoreError};

const SUMS: &str = "coalesce(sum(accepted), 0), coalesce(sum(duplicate), 0),
    coalesce(sum(conflicting), 0), coalesce(sum(refused), 0)";

/// What waits now: of a customer, those without an end and those whose end is yet to come.
const PENDING: [&str; 2] = [
    "SELECT since FROM states INDEXED BY states_pending
     WHERE state = 'pending' AND customer = ?1 AND until IS NULL AND since <= ?2",
    "SELECT since FROM states INDEXED BY states_pending
     WHERE state = 'pending' AND customer = ?1 AND until > ?2 AND since <= ?2",
];

const WITHOUT_WORK: &str = "SELECT time FROM costs INDEXED BY costs_without_work
    WHERE customer = ?1 AND work IS NULL AND time <= ?2";

impl State {
    /// A customer's deliveries, by day and source.
    pub(in crate::embedded) fn delivery_days(
        &self,
        customer: &str,
        days: &Range<Date>,
    ) -> Result<Vec<DeliveryDay>, StoreError> {
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT accepted, duplicate, conflicting, refused, day, source FROM deliveries
                 WHERE customer = ?1 AND day >= ?2 AND day < ?3 ORDER BY day, source LIMIT ?4",
            )?;
            let limit = sql_index(DELIVERY_ROWS_MAX as u64 + 1);
            let key = params![
                customer,
                days.start.to_string(),
                days.end.to_string(),
                limit
            ];
            let rows = select.query_map(key, |row| {
                Ok(DeliveryDay {
                    day: date(row, 4)?,
                    source: named(row, 5)?,
                    deliveries: deliveries(row)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let found = self.read("reading deliveries", read)?;
        if found.len() > DELIVERY_ROWS_MAX {
            return Err(StoreError::TooMany {
                what: "days and sources",
                given: found.len(),
                max: DELIVERY_ROWS_MAX,
            });
        }
        Ok(found)
    }

    /// Deliveries by the customer that they name, after one.
    pub(in crate::embedded) fn delivery_customers(
        &self,
        days: &Range<Date>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Deliveries)>, StoreError> {
        let read = |connection: &Connection| {
            // One seek to the next customer, one to its days.
            let mut next = connection.prepare_cached(
                "SELECT customer FROM deliveries
                 WHERE (?1 IS NULL OR customer > ?1) ORDER BY customer LIMIT 1",
            )?;
            let mut sum = connection.prepare_cached(&format!(
                "SELECT {SUMS} FROM deliveries WHERE customer = ?1 AND day >= ?2 AND day < ?3"
            ))?;
            let (from, until) = (days.start.to_string(), days.end.to_string());
            let mut found = Vec::new();
            let mut after = after.map(str::to_owned);
            while found.len() < limit.min(PAGE_ROWS_MAX) {
                let mut rows = next.query([&after])?;
                let Some(row) = rows.next()? else { break };
                let customer: String = row.get(0)?;
                let own = sum.query_row(params![customer, from, until], deliveries)?;
                if own.received > 0 {
                    found.push((customer.clone(), own));
                }
                after = Some(customer);
            }
            Ok(found)
        };
        self.read("reading deliveries", read)
    }

    /// Deliveries of a customer, or of all.
    pub(in crate::embedded) fn delivery_totals(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Deliveries, StoreError> {
        let read = |connection: &Connection| {
            let of_customer = match customer {
                Some(_) => "customer = ?1",
                None => "?1 IS NULL",
            };
            let mut select = connection.prepare_cached(&format!(
                "SELECT {SUMS} FROM deliveries WHERE {of_customer} AND day >= ?2 AND day < ?3"
            ))?;
            let (from, until) = (days.start.to_string(), days.end.to_string());
            select.query_row(params![customer, from, until], deliveries)
        };
        self.read("reading deliveries", read)
    }

    /// Deliveries of one source on one day, for a customer or for all.
    pub(in crate::embedded) fn source_deliveries(
        &self,
        source: &str,
        day: Date,
        customer: Option<&str>,
    ) -> Result<Deliveries, StoreError> {
        let read = |connection: &Connection| {
            let of_customer = match customer {
                Some(_) => "customer = ?1",
                None => "?1 IS NULL",
            };
            let mut select = connection.prepare_cached(&format!(
                "SELECT {SUMS} FROM deliveries WHERE {of_customer} AND day = ?2 AND source = ?3"
            ))?;
            select.query_row(params![customer, day.to_string(), source], deliveries)
        };
        self.read("reading deliveries", read)
    }

    /// Units by the day on which they were opened, as they stand at an instant.
    pub(in crate::embedded) fn unit_days(
        &self,
        customer: &str,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError> {
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT substr(u.opened, 1, 10) AS day, s.state, count(*)
                 FROM customers c
                 CROSS JOIN units u INDEXED BY units_by_opened ON u.customer = c.no
                 LEFT JOIN states s ON s.customer = u.customer AND s.key = u.key
                     AND s.since <= ?4 AND (s.until IS NULL OR s.until > ?4)
                 WHERE c.customer = ?1 AND u.opened >= ?2 AND u.opened < ?3
                 GROUP BY day, s.state ORDER BY day",
            )?;
            let (from, until) = (days.start.to_string(), days.end.to_string());
            let mut rows = select.query(params![customer, from, until, time(as_of)])?;
            let mut found: Vec<UnitDay> = Vec::new();
            while let Some(row) = rows.next()? {
                let (day, state) = (date(row, 0)?, row.get::<_, Option<String>>(1)?);
                let count = rows::index(row, 2)?;
                if found.last().is_none_or(|last| last.day != day) {
                    found.push(UnitDay::none(day));
                }
                if let Some(own) = found.last_mut() {
                    own.add(state.as_deref(), count);
                }
            }
            Ok(found)
        };
        self.read("reading units by day", read)
    }

    /// What waits, by how long: of a customer, or of all.
    pub(in crate::embedded) fn waiting(
        &self,
        customer: Option<&str>,
        as_of: Timestamp,
    ) -> Result<Waiting, StoreError> {
        let at = time(as_of);
        let begins = AGES.map(|(_, age)| time(as_of.saturating_sub(age).unwrap_or(Timestamp::MIN)));
        let read = |connection: &Connection| {
            let mut waiting = Waiting::default();
            let mut numbers = connection.prepare_cached(
                "SELECT no, customer FROM customers WHERE ?1 IS NULL OR customer = ?1",
            )?;
            let mut rows = numbers.query([customer])?;
            while let Some(row) = rows.next()? {
                let (number, name): (i64, String) = (row.get(0)?, row.get(1)?);
                for sql in PENDING {
                    count(
                        connection,
                        sql,
                        (number, &at),
                        &begins,
                        &mut waiting.pending,
                    )?;
                }
                let costs = match name == UNASSIGNED {
                    true => &mut waiting.unassigned,
                    false => &mut waiting.without_work,
                };
                count(connection, WITHOUT_WORK, (number, &at), &begins, costs)?;
            }
            Ok(waiting)
        };
        self.read("counting what waits", read)
    }
}

/// Counts the instants that a query finds, by how long they are past. They are compared as they are kept,
/// since text sorts as time does.
fn count(
    connection: &Connection,
    sql: &str,
    key: (i64, &str),
    begins: &[String; AGES.len()],
    ages: &mut Ages,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query(key)?;
    while let Some(row) = rows.next()? {
        let since = row.get_ref(0)?.as_str()?;
        let bucket = begins.iter().position(|begin| since > begin.as_str());
        ages[bucket.unwrap_or(AGES.len())] += 1;
    }
    Ok(())
}

/// Deliveries from the first four columns.
fn deliveries(row: &Row<'_>) -> rusqlite::Result<Deliveries> {
    let (accepted, duplicate) = (rows::index(row, 0)?, rows::index(row, 1)?);
    let (conflicting, refused) = (rows::index(row, 2)?, rows::index(row, 3)?);
    Ok(Deliveries {
        received: accepted + duplicate + conflicting + refused,
        accepted,
        duplicate,
        conflicting,
        refused,
    })
}

fn date(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}

/// A name, or nothing where it could not be read.
fn named(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    let text: String = row.get(column)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::state::schema;

    /// What a page of metrics asks is answered by the indexes alone.
    #[test]
    fn what_waits_is_counted_in_indexes() {
        let connection = Connection::open_in_memory().unwrap();
        schema::create(&connection).unwrap();
        for sql in [PENDING[0], PENDING[1], WITHOUT_WORK] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let mut explain = connection.prepare(&explain).unwrap();
            let plan: String = explain.query_row((1, ""), |row| row.get(3)).unwrap();
            assert!(plan.contains("SEARCH"), "{plan}");
            assert!(plan.contains("COVERING INDEX"), "{plan}");
        }
    }
}
