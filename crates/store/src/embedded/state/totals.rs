//! Sums by day, read.
//!
//! What only a deadline decides is in the sums under its own day. Of the day that an instant lies on, what comes after the
//! instant is taken out again: the units whose state a deadline changes by the end of that day, found by the indexes of
//! what changes, so that nothing else is looked at.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use work::body::{CostLine, DocumentKind};
use work::effective::Fact;
use work::event::Authorship;
use work::{Digest, LogKind, SmolStr};

use super::closure::Closure;
use super::rows::{self, log_number, sql_index, time};
use super::tallies::{ALL, decimal, sum};
use super::{LogName, State, place};
use crate::StoreError;
use crate::limits::PAGE_ROWS_MAX;
use crate::reconciliation::UnitDay;
use crate::store::Facts;
use crate::totals::{CostDay, CountedDay, PublishedText, Sum};

/// The units of a customer whose state changes between two instants.
const CHANGING: [&str; 2] = [
    "SELECT key FROM states INDEXED BY states_pending
     WHERE state = 'pending' AND customer = ?1 AND until > ?2 AND until < ?3",
    "SELECT key FROM states INDEXED BY states_followed
     WHERE state <> 'pending' AND until IS NOT NULL AND customer = ?1 AND until > ?2 AND until < ?3",
];

/// By day, definition, class and author.
type Counted =
    BTreeMap<(Date, SmolStr, SmolStr, usize), (Sum, BTreeMap<&'static str, (Currency, Sum)>)>;

/// One part of what counted.
struct Part {
    day: Date,
    unit: SmolStr,
    class: SmolStr,
    decided_by: usize,
    quantity: Sum,
    value: Option<(Currency, Sum)>,
}

/// An instant, and the end of its day.
struct Moment {
    at: String,
    day: String,
    ends: String,
}

impl Moment {
    fn of(as_of: Timestamp) -> Moment {
        let day = as_of.to_zoned(TimeZone::UTC).date();
        let ends = day.tomorrow().unwrap_or(Date::MAX);
        Moment {
            at: time(as_of),
            day: day.to_string(),
            ends: ends.to_string(),
        }
    }
}

impl State {
    /// What counted on some days.
    pub(in crate::embedded) fn counted_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<CountedDay>, StoreError> {
        let now = Moment::of(as_of);
        let (from, until) = (days.start.to_string(), days.end.to_string());
        let read = |connection: &Connection| {
            let mut counted = Counted::new();
            let Some(number) = number(connection, customer)? else {
                return Ok(counted);
            };
            let mut select = connection.prepare_cached(
                "SELECT day, unit, class, decided_by, quantity, currency, value FROM counted_days
                 WHERE customer = ?1 AND day >= ?2 AND day < ?3 AND moved <= ?4",
            )?;
            let mut found = select.query(params![number, from, until, now.day])?;
            while let Some(row) = found.next()? {
                add(&mut counted, kept_part(row)?, false);
            }
            let mut movements = connection.prepare_cached(
                "SELECT m.counted_at, u.unit, m.class, m.decided_by, m.quantity, m.currency, m.value
                 FROM movements m CROSS JOIN units u ON u.customer = m.customer AND u.key = m.key
                 WHERE m.customer = ?1 AND m.key = ?2 AND m.instant > ?3 AND m.instant < ?4
                     AND m.counted_at >= ?5 AND m.counted_at < ?6",
            )?;
            for (customer, key) in changing(connection, number, &now)? {
                let place = params![customer, key, now.at, now.ends, from, until];
                let mut found = movements.query(place)?;
                while let Some(row) = found.next()? {
                    add(&mut counted, moved_part(row)?, true);
                }
            }
            Ok(counted)
        };
        let counted = self.read("reading what counted", read)?;
        let mut all = Vec::with_capacity(counted.len());
        for ((day, unit, class, author), (quantity, values)) in counted {
            let values = values
                .into_values()
                .filter(|(_, sum)| *sum != Sum::default());
            let values: Vec<Amount> = values
                .map(|(currency, sum)| Ok(Amount::new(sum.total()?, currency)))
                .collect::<Result<_, StoreError>>()?;
            let quantity = quantity.total()?;
            if quantity.is_zero() && values.is_empty() {
                continue;
            }
            all.push(CountedDay {
                day,
                unit,
                class,
                decided_by: Authorship::WORDS[author].1,
                quantity,
                values,
            });
        }
        Ok(all)
    }

    /// How the works that were opened on some days stand.
    pub(in crate::embedded) fn standing_days(
        &self,
        customer: Option<&str>,
        unit: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError> {
        let now = Moment::of(as_of);
        let (from, until) = (days.start.to_string(), days.end.to_string());
        let read = |connection: &Connection| {
            let mut units: BTreeMap<(Date, String), i64> = BTreeMap::new();
            let Some(number) = number(connection, customer)? else {
                return Ok(units);
            };
            let mut select = connection.prepare_cached(
                "SELECT day, state, sum(units) FROM standing_days
                 WHERE customer = ?1 AND day >= ?2 AND day < ?3 AND moved <= ?4
                     AND (?5 IS NULL OR unit = ?5) GROUP BY day, state",
            )?;
            let mut found = select.query(params![number, from, until, now.day, unit])?;
            while let Some(row) = found.next()? {
                let many: i64 = row.get(2)?;
                *units.entry((date(row, 0)?, row.get(1)?)).or_default() += many;
            }
            let mut states = connection.prepare_cached(
                "SELECT u.opened, s.state, s.since > ?3 AND s.since < ?4,
                     s.until IS NOT NULL AND s.until > ?3 AND s.until < ?4
                 FROM states s CROSS JOIN units u ON u.customer = s.customer AND u.key = s.key
                 WHERE s.customer = ?1 AND s.key = ?2 AND u.opened >= ?5 AND u.opened < ?6
                     AND (?7 IS NULL OR u.unit = ?7)",
            )?;
            for (customer, key) in changing(connection, number, &now)? {
                let place = params![customer, key, now.at, now.ends, from, until, unit];
                let mut found = states.query(place)?;
                while let Some(row) = found.next()? {
                    let (begins, ends): (i64, i64) = (row.get(2)?, row.get(3)?);
                    let own = units.entry((date(row, 0)?, row.get(1)?)).or_default();
                    *own += ends - begins;
                }
            }
            Ok(units)
        };
        let units = self.read("reading how works stand", read)?;
        let mut all: Vec<UnitDay> = Vec::new();
        for ((day, state), many) in units {
            // Below zero there is nothing: each unit that leaves a state came to it.
            let many = u64::try_from(many).unwrap_or(0);
            if many == 0 {
                continue;
            }
            if all.last().is_none_or(|last| last.day != day) {
                all.push(UnitDay::none(day));
            }
            if let Some(own) = all.last_mut() {
                own.add(Some(&state), many);
            }
        }
        Ok(all)
    }

    /// What was spent on some days.
    pub(in crate::embedded) fn cost_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Vec<CostDay>, StoreError> {
        let read = |connection: &Connection| {
            let Some(number) = number(connection, customer)? else {
                return Ok(Vec::new());
            };
            let mut select = connection.prepare_cached(
                "SELECT day, line, entries, currency, amount FROM cost_days
                 WHERE customer = ?1 AND day >= ?2 AND day < ?3 ORDER BY day, line, currency",
            )?;
            let (from, until) = (days.start.to_string(), days.end.to_string());
            let rows = select.query_map(params![number, from, until], |row| {
                let line = word(row, 1, CostLine::WORDS)?;
                let currency = currency(row, 3)?;
                Ok((
                    date(row, 0)?,
                    line,
                    rows::index(row, 2)?,
                    currency,
                    sum(row, 4)?,
                ))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let found = self.read("reading costs by day", read)?.into_iter();
        let days = found.map(|(day, line, entries, currency, sum)| {
            let amount = currency.map(|own| Ok::<_, StoreError>(Amount::new(sum.total()?, own)));
            Ok(CostDay {
                day,
                line,
                entries,
                amount: amount.transpose()?,
            })
        });
        days.collect()
    }

    /// The costs of some days that claim no amount which can be trusted.
    pub(in crate::embedded) fn unclaimed_costs(
        self: &Arc<Self>,
        customer: Option<&str>,
        days: &Range<Date>,
        limit: usize,
    ) -> Result<Facts, StoreError> {
        let limit = sql_index(limit.min(PAGE_ROWS_MAX) as u64);
        let read = |connection: &Connection| {
            let Some(number) = number(connection, customer)? else {
                return Ok(Vec::new());
            };
            let mut select = connection.prepare_cached(UNCLAIMED)?;
            let (from, until) = (days.start.to_string(), days.end.to_string());
            let rows = select.query_map(params![number, from, until, limit], |row| {
                let size = rows::index(row, 2)?;
                Ok((row.get(0)?, row.get(1)?, size, rows::index(row, 3)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<(i64, String, u64, u64)>>>()
        };
        let found = self.read("looking up costs", read)?;
        let state = Arc::clone(self);
        let read = move |(number, customer, size, entry): (i64, String, u64, u64)| {
            let name = LogName::new(&customer, LogKind::Seller);
            state.with_connection(|connection| {
                let closure = Closure::new(&state.journal, connection, &name, number, size);
                let fact: Option<Fact> = closure.fact_at(entry)?;
                fact.ok_or_else(|| {
                    StoreError::corrupt(place(&name, entry), "the state lists it, and it is void")
                })
            })
        };
        Ok(Box::new(found.into_iter().map(read)))
    }

    /// The customers with facts of a work.
    pub(in crate::embedded) fn customers_of_work(
        &self,
        work: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let limit = sql_index(limit.min(PAGE_ROWS_MAX) as u64);
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(
                "SELECT c.customer FROM customers c
                 WHERE c.customer > ?1
                     AND EXISTS (SELECT 1 FROM unit_works w WHERE w.customer = c.no AND w.work = ?2)
                 ORDER BY c.customer LIMIT ?3",
            )?;
            let rows =
                select.query_map(params![after.unwrap_or(""), work, limit], |row| row.get(0))?;
            rows.collect()
        };
        self.read("looking up a work", read)
    }

    /// The documents of a kind that were published to anybody.
    pub(in crate::embedded) fn published(
        &self,
        kind: DocumentKind,
        limit: usize,
    ) -> Result<Vec<PublishedText>, StoreError> {
        let limit = sql_index(limit.min(PAGE_ROWS_MAX) as u64);
        let read = |connection: &Connection| {
            // Of the columns beside the least of an expression, SQLite gives those of its row.
            let mut select = connection.prepare_cached(
                "SELECT d.digest, count(DISTINCT d.customer), min(d.customer), d.log, d.entry, c.customer
                 FROM documents d JOIN customers c ON c.no = d.customer
                 WHERE d.document = ?1 GROUP BY d.digest ORDER BY d.digest LIMIT ?2",
            )?;
            let rows = select.query_map(params![kind.word(), limit], |row| {
                let digest: String = row.get(0)?;
                let log: i64 = row.get(3)?;
                let customer: String = row.get(5)?;
                Ok((
                    digest,
                    rows::index(row, 1)?,
                    log,
                    rows::index(row, 4)?,
                    customer,
                ))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut published = Vec::new();
        for (digest, customers, log, entry, customer) in self.read("looking up documents", read)? {
            let log = super::closure::LOGS
                .into_iter()
                .find(|own| log_number(*own) == log);
            let name = LogName::new(&customer, log.unwrap_or(LogKind::Shared));
            let fault =
                || StoreError::corrupt(place(&name, entry), "the state names a document there");
            let stands = self.with_connection(|connection| {
                let known = super::query::known(connection, &name);
                let known = known.map_err(|error| self.fault("looking up a customer", error))?;
                let (number, size) = known.ok_or_else(fault)?;
                Closure::new(&self.journal, connection, &name, number, size).fact_at(entry)
            })?;
            let event = stands.ok_or_else(fault)?.event;
            let work::Body::Control(work::body::Control::DocumentPublished { text, .. }) =
                event.body
            else {
                return Err(fault());
            };
            let own = Digest::of(text.as_bytes());
            if own.to_string() != digest {
                return Err(fault());
            }
            published.push(PublishedText {
                digest: own,
                text,
                customers,
            });
        }
        Ok(published)
    }
}

/// Of all customers, by time; of one, those of others are passed over.
const UNCLAIMED: &str = "SELECT k.customer, c.customer, c.seller_size, k.entry
    FROM costs k INDEXED BY costs_unclaimed JOIN customers c ON c.no = k.customer
    WHERE k.unpriced IS NOT NULL AND k.time >= ?2 AND k.time < ?3 AND (?1 = 0 OR k.customer = ?1)
    ORDER BY k.time LIMIT ?4";

/// The number of a customer, or of all together; nothing of one that is not there.
fn number(connection: &Connection, customer: Option<&str>) -> rusqlite::Result<Option<i64>> {
    let Some(customer) = customer else {
        return Ok(Some(ALL));
    };
    connection
        .prepare_cached("SELECT no FROM customers WHERE customer = ?1")?
        .query_row([customer], |row| row.get(0))
        .optional()
}

/// The units whose state a deadline changes between an instant and the end of its day, each with its customer.
fn changing(
    connection: &Connection,
    number: i64,
    now: &Moment,
) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let mut numbers =
        connection.prepare_cached("SELECT no FROM customers WHERE ?1 = 0 OR no = ?1")?;
    let mut found = std::collections::BTreeSet::new();
    let mut customers = numbers.query([number])?;
    while let Some(row) = customers.next()? {
        let customer: i64 = row.get(0)?;
        for sql in CHANGING {
            let mut select = connection.prepare_cached(sql)?;
            let mut keys = select.query(params![customer, now.at, now.ends])?;
            while let Some(row) = keys.next()? {
                found.insert((customer, row.get(0)?));
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn add(counted: &mut Counted, part: Part, takes_away: bool) {
    let sign = |own: Sum| if takes_away { own.negated() } else { own };
    let key = (part.day, part.unit, part.class, part.decided_by);
    let (quantity, values) = counted.entry(key).or_default();
    quantity.add_all(sign(part.quantity));
    if let Some((currency, value)) = part.value {
        let known = values
            .entry(currency.code())
            .or_insert((currency, Sum::default()));
        known.1.add_all(sign(value));
    }
}

/// A part as the sums have it.
fn kept_part(row: &Row<'_>) -> rusqlite::Result<Part> {
    let value = sum(row, 6)?;
    part(row, sum(row, 4)?, value)
}

/// A part as the movements have it.
fn moved_part(row: &Row<'_>) -> rusqlite::Result<Part> {
    let number = |column: usize| -> rusqlite::Result<Sum> {
        let mut sum = Sum::default();
        let text: Option<String> = row.get(column)?;
        let number = text.map_or(Ok(Decimal::ZERO), |text| decimal(&text))?;
        sum.add(number, 1);
        Ok(sum)
    };
    part(row, number(4)?, number(6)?)
}

fn part(row: &Row<'_>, quantity: Sum, value: Sum) -> rusqlite::Result<Part> {
    let text =
        |column: usize| -> rusqlite::Result<SmolStr> { Ok(row.get_ref(column)?.as_str()?.into()) };
    Ok(Part {
        day: date(row, 0)?,
        unit: text(1)?,
        class: text(2)?,
        decided_by: word(row, 3, &Authorship::WORDS)? as usize,
        quantity,
        value: currency(row, 5)?.map(|currency| (currency, value)),
    })
}

/// The day of an instant, or a day.
fn date(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    let text = row.get_ref(column)?.as_str()?;
    let day = super::tallies::day(text);
    day.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}

/// A currency; nothing where there is none.
fn currency(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Currency>> {
    let code: Option<String> = row.get(column)?;
    let code = code.filter(|own| !own.is_empty());
    let currency = code.map(|own| own.parse());
    currency
        .transpose()
        .map_err(|_| rusqlite::Error::InvalidQuery)
}

fn word<T: Copy>(row: &Row<'_>, column: usize, words: &[(&str, T)]) -> rusqlite::Result<T> {
    let own = row.get_ref(column)?.as_str()?;
    let found = words.iter().find(|(word, _)| *word == own);
    found
        .map(|(_, value)| *value)
        .ok_or(rusqlite::Error::InvalidQuery)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::state::schema;

    /// What a page asks is found by keys and indexes, never by reading all works or costs.
    #[test]
    fn sums_and_what_changes_are_found_by_indexes() {
        let connection = Connection::open_in_memory().unwrap();
        schema::create(&connection).unwrap();
        for sql in [CHANGING[0], CHANGING[1], UNCLAIMED] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let mut explain = connection.prepare(&explain).unwrap();
            let count = explain.parameter_count();
            let parameters = rusqlite::params_from_iter((0..count).map(|_| "x"));
            let plan: Vec<String> = explain
                .query_map(parameters, |row| row.get(3))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert!(plan.iter().all(|step| step.contains("SEARCH")), "{plan:?}");
        }
    }
}
