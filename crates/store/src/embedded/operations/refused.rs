//! The queue of refused events, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use work::Digest;

use super::{Tables, failed, instant, number};
use crate::StoreError;
use crate::entry::joined;
use crate::limits::{
    PAGE_ROWS_MAX, REFUSED_DECIDED_MAX, REFUSED_OF_FEEDS_WAITING_BYTES_MAX,
    REFUSED_OF_FEEDS_WAITING_MAX, REFUSED_RAW_BYTES_MAX, REFUSED_WAITING_BYTES_MAX,
    REFUSED_WAITING_MAX,
};
use crate::operations::{
    Attempt, Decision, Refusal, RefusedEvent, RefusedEvents, RefusedFilter, RefusedState, Sender,
};
use crate::reconciliation::{Ages, bucket};

/// The step that makes the table.
pub(super) const SCHEMA: &str = "
    CREATE TABLE refused (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL, route TEXT NOT NULL,
        sender TEXT NOT NULL, role TEXT NOT NULL, sender_customer TEXT,
        customer TEXT, source TEXT, pointer TEXT NOT NULL, reason TEXT NOT NULL,
        received_at TEXT NOT NULL, last_at TEXT NOT NULL, deliveries INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        attempt_at TEXT, attempt_pointer TEXT, attempt_reason TEXT,
        decided_at TEXT, decided_by TEXT, decided_why TEXT,
        raw_bytes INTEGER NOT NULL, kept_bytes INTEGER NOT NULL, raw BLOB NOT NULL
    ) STRICT;
    CREATE INDEX refused_by_state ON refused (state, number);
    CREATE INDEX refused_by_customer ON refused (customer, number);
    CREATE INDEX refused_waiting ON refused (customer, received_at, kept_bytes)
        WHERE state = 'waiting';
    CREATE INDEX refused_decided ON refused (decided_at) WHERE decided_at IS NOT NULL;";

/// The step that makes what feeds wait with countable beside events.
pub(super) const BY_ROUTE: &str = "
    CREATE INDEX refused_waiting_by_route ON refused (route, kept_bytes) WHERE state = 'waiting';";

/// The route of events: whatever else is refused came by a feed.
const EVENTS_ROUTE: &str = "/api/v1/events";

const COLUMNS: &str = "number, id, state, route, sender, role, sender_customer, customer, source,
    pointer, reason, received_at, last_at, deliveries, attempts, attempt_at, attempt_pointer,
    attempt_reason, decided_at, decided_by, decided_why, raw_bytes, raw";

impl RefusedEvents for Tables {
    fn keep_refused(&self, refused: &[Refusal], at: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut keep = || {
            let transaction = connection.transaction()?;
            let mut is_new = false;
            for refusal in refused {
                is_new |= keep_one(&transaction, refusal, at)?;
            }
            let is_events = refused.iter().all(|own| own.route == EVENTS_ROUTE);
            if is_new && is_over(&transaction, is_events)? {
                return Ok(false);
            }
            transaction.commit()?;
            Ok(true)
        };
        if keep().map_err(failed("keeping refused events"))? {
            return Ok(());
        }
        let bytes = REFUSED_WAITING_BYTES_MAX / (1024 * 1024);
        Err(StoreError::QueueFull {
            what: "the refused events",
            max: format!("{REFUSED_WAITING_MAX} events or {bytes} MiB"),
        })
    }

    fn refused(&self, id: &str) -> Result<Option<RefusedEvent>, StoreError> {
        let connection = self.connection();
        find(&connection, id).map_err(failed("reading a refused event"))
    }

    fn refused_events(
        &self,
        filter: &RefusedFilter,
        after: u64,
        rows: usize,
    ) -> Result<Vec<RefusedEvent>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = page_sql(filter);
            let mut select = connection.prepare_cached(&sql)?;
            let rows = i64::try_from(rows.min(PAGE_ROWS_MAX)).unwrap_or(i64::MAX);
            let after = i64::try_from(after).unwrap_or(i64::MAX);
            let page = select.query_map(
                params![
                    after,
                    filter.customer,
                    filter.state.map(RefusedState::word),
                    filter.until.map(text),
                    rows
                ],
                refused_event,
            )?;
            page.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading refused events"))
    }

    fn decide_refused(
        &self,
        id: &str,
        decision: &Decision,
    ) -> Result<Option<RefusedEvent>, StoreError> {
        let mut connection = self.connection();
        let mut decide = || {
            let transaction = connection.transaction()?;
            let sent = i64::from(decision.state == RefusedState::Sent);
            let sql = "UPDATE refused SET state = ?2, decided_at = ?3, decided_by = ?4,
                           decided_why = ?5, attempts = attempts + ?6
                       WHERE id = ?1 AND state = 'waiting'";
            let Decision { state, at, by, why } = decision;
            transaction.prepare_cached(sql)?.execute(params![
                id,
                state.word(),
                text(*at),
                by,
                why,
                sent
            ])?;
            remove_oldest_decided(&transaction)?;
            let found = find(&transaction, id)?;
            transaction.commit()?;
            Ok(found)
        };
        decide().map_err(failed("deciding about a refused event"))
    }

    fn note_refused_again(&self, id: &str, attempt: &Attempt) -> Result<(), StoreError> {
        let sql = "UPDATE refused SET attempts = attempts + 1, attempt_at = ?2,
                       attempt_pointer = ?3, attempt_reason = ?4
                   WHERE id = ?1";
        let Attempt {
            at,
            pointer,
            reason,
        } = attempt;
        let noted = self
            .connection()
            .execute(sql, params![id, text(*at), pointer, reason]);
        noted
            .map(|_| ())
            .map_err(failed("noting what became of a refused event"))
    }

    fn refused_ages(&self, customer: Option<&str>, now: Timestamp) -> Result<Ages, StoreError> {
        let connection = self.connection();
        let count = || {
            let sql = "SELECT received_at FROM refused
                       WHERE state = 'waiting' AND (?1 IS NULL OR customer = ?1)";
            let mut select = connection.prepare_cached(sql)?;
            let mut rows = select.query([customer])?;
            let mut ages = Ages::default();
            while let Some(row) = rows.next()? {
                ages[bucket(instant(row, 0)?.unwrap_or(now), now)] += 1;
            }
            Ok(ages)
        };
        count().map_err(failed("counting refused events"))
    }
}

/// Keeps one; whether it was not there before.
fn keep_one(connection: &Connection, refusal: &Refusal, at: Timestamp) -> rusqlite::Result<bool> {
    let Refusal {
        route,
        sender,
        customer,
        source,
        pointer,
        reason,
        raw,
    } = refusal;
    let (id, at) = (id(refusal), text(at));
    let sql = "UPDATE refused SET deliveries = deliveries + 1, last_at = ?2 WHERE id = ?1";
    if connection.prepare_cached(sql)?.execute([&id, &at])? > 0 {
        return Ok(false);
    }
    let kept = &raw[..raw.len().min(REFUSED_RAW_BYTES_MAX)];
    let count = |bytes: &[u8]| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sql =
        "INSERT INTO refused (id, state, route, sender, role, sender_customer, customer, source,
                   pointer, reason, received_at, last_at, deliveries, raw_bytes, kept_bytes, raw)
               VALUES (?1, 'waiting', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 1, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute(params![
        id,
        route,
        sender.key,
        sender.role,
        sender.customer,
        customer,
        source,
        pointer,
        reason,
        at,
        count(raw),
        count(kept),
        kept,
    ])?;
    Ok(true)
}

/// What the same delivery refused for the same reason is known by, whichever key of the same rights
/// brought it.
fn id(refusal: &Refusal) -> String {
    let raw = Digest::of(&refusal.raw).to_string();
    let scope = refusal.sender.customer.as_deref();
    let mut id = Digest::of(&joined(&[
        &refusal.route,
        &refusal.sender.role,
        scope.unwrap_or_default(),
        &refusal.pointer,
        &refusal.reason,
        &raw,
    ]))
    .to_string();
    id.truncate(32);
    id
}

/// Whether more waits than may.
fn is_over(connection: &Connection, is_events: bool) -> rusqlite::Result<bool> {
    let sql =
        "SELECT count(*), coalesce(sum(kept_bytes), 0) FROM refused INDEXED BY refused_waiting
               WHERE state = 'waiting'";
    let mut select = connection.prepare_cached(sql)?;
    let (rows, bytes) = select.query_row([], |row| Ok((number(row, 0)?, number(row, 1)?)))?;
    let is_over = rows > REFUSED_WAITING_MAX || bytes > REFUSED_WAITING_BYTES_MAX;
    if is_over || is_events {
        return Ok(is_over);
    }
    let sql = "SELECT count(*), coalesce(sum(kept_bytes), 0)
               FROM refused INDEXED BY refused_waiting_by_route
               WHERE state = 'waiting' AND route = ?1";
    let mut select = connection.prepare_cached(sql)?;
    let events = select.query_row([EVENTS_ROUTE], |row| Ok((number(row, 0)?, number(row, 1)?)))?;
    let of_feeds = (
        rows.saturating_sub(events.0),
        bytes.saturating_sub(events.1),
    );
    Ok(
        of_feeds.0 > REFUSED_OF_FEEDS_WAITING_MAX
            || of_feeds.1 > REFUSED_OF_FEEDS_WAITING_BYTES_MAX,
    )
}

fn remove_oldest_decided(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT count(*) FROM refused WHERE decided_at IS NOT NULL";
    let mut select = connection.prepare_cached(sql)?;
    let decided = select.query_row([], |row| number(row, 0))?;
    let Some(more) = decided
        .checked_sub(REFUSED_DECIDED_MAX)
        .filter(|more| *more > 0)
    else {
        return Ok(());
    };
    let sql = "DELETE FROM refused WHERE number IN (
                   SELECT number FROM refused WHERE decided_at IS NOT NULL
                   ORDER BY decided_at, number LIMIT ?1)";
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute([more])?;
    Ok(())
}

fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<RefusedEvent>> {
    let sql = format!("SELECT {COLUMNS} FROM refused WHERE id = ?1");
    let mut select = connection.prepare_cached(&sql)?;
    select.query_row([id], refused_event).optional()
}

/// The rows of a page, by the index that finds the fewest.
fn page_sql(filter: &RefusedFilter) -> String {
    let index = match filter {
        RefusedFilter {
            customer: Some(_), ..
        } => "INDEXED BY refused_by_customer",
        RefusedFilter { state: Some(_), .. } => "INDEXED BY refused_by_state",
        _ => "NOT INDEXED",
    };
    let customer = filter
        .customer
        .as_ref()
        .map_or("?2 IS NULL", |_| "customer = ?2");
    let state = filter.state.map_or("?3 IS NULL", |_| "state = ?3");
    format!(
        "SELECT {COLUMNS} FROM refused {index}
         WHERE number > ?1 AND {customer} AND {state} AND (?4 IS NULL OR received_at <= ?4)
         ORDER BY number LIMIT ?5"
    )
}

fn refused_event(row: &Row<'_>) -> rusqlite::Result<RefusedEvent> {
    let needed = |instant: Option<Timestamp>| instant.ok_or(rusqlite::Error::InvalidQuery);
    let state: String = row.get(2)?;
    let state = RefusedState::of_word(&state).ok_or(rusqlite::Error::InvalidQuery)?;
    let last_attempt = match instant(row, 15)? {
        None => None,
        Some(at) => Some(Attempt {
            at,
            pointer: row.get(16)?,
            reason: row.get(17)?,
        }),
    };
    let decision = match instant(row, 18)? {
        None => None,
        Some(at) => Some(Decision {
            state,
            at,
            by: row.get(19)?,
            why: row.get(20)?,
        }),
    };
    Ok(RefusedEvent {
        number: number(row, 0)?,
        id: row.get(1)?,
        state,
        refusal: Refusal {
            route: row.get(3)?,
            sender: Sender {
                key: row.get(4)?,
                role: row.get(5)?,
                customer: row.get(6)?,
            },
            customer: row.get(7)?,
            source: row.get(8)?,
            pointer: row.get(9)?,
            reason: row.get(10)?,
            raw: row.get(22)?,
        },
        received_at: needed(instant(row, 11)?)?,
        last_at: needed(instant(row, 12)?)?,
        deliveries: number(row, 13)?,
        attempts: number(row, 14)?,
        last_attempt,
        decision,
        raw_bytes: number(row, 21)?,
    })
}

/// An instant as the tables keep it: nine digits, so that text sorts as time does.
fn text(at: Timestamp) -> String {
    format!("{at:.9}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;

    fn refusal(raw: &str) -> Refusal {
        Refusal {
            route: EVENTS_ROUTE.to_owned(),
            sender: Sender {
                key: "k".to_owned(),
                role: "ingest".to_owned(),
                customer: None,
            },
            customer: None,
            source: None,
            pointer: String::new(),
            reason: "none".to_owned(),
            raw: raw.as_bytes().to_vec(),
        }
    }

    /// Tables with so many rows of a state, each of so many bytes as far as the bounds know.
    fn filled(state: &str, rows: u64, bytes: u64) -> (tempfile::TempDir, Tables) {
        let directory = tempfile::tempdir().unwrap();
        let tables = Tables::open(&directory.path().join("operations.db")).unwrap();
        let decided = (state != "waiting").then_some("2026-01-01T00:00:00.000000000Z");
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO refused (id, state, route, sender, role, pointer, reason, received_at, last_at,
                deliveries, decided_at, decided_by, decided_why, raw_bytes, kept_bytes, raw)
            SELECT 'own' || i, ?2, '/', 'k', 'ingest', '', 'none', '2026-01-01T00:00:00.000000000Z',
                '2026-01-01T00:00:00.000000000Z', 1, ?3, 'k', 'none', ?4, ?4, x'' FROM n";
        let rows = i64::try_from(rows).unwrap();
        let bytes = i64::try_from(bytes).unwrap();
        tables
            .connection()
            .execute(sql, params![rows, state, decided, bytes])
            .unwrap();
        (directory, tables)
    }

    #[test]
    fn a_full_queue_takes_what_it_has_and_nothing_new() {
        let now = Timestamp::UNIX_EPOCH;
        for (rows, bytes) in [
            (REFUSED_WAITING_MAX - 1, 1),
            (10, (REFUSED_WAITING_BYTES_MAX - 1) / 10),
        ] {
            let (_directory, tables) = filled("waiting", rows, bytes);
            tables.keep_refused(&[refusal("a")], now).unwrap();
            // All or nothing.
            let more = [refusal("a"), refusal(&"b".repeat(20))];
            let full = tables.keep_refused(&more, now).unwrap_err();
            assert!(matches!(full, StoreError::QueueFull { .. }), "{full}");
            let filter = RefusedFilter::default();
            let last = tables.refused_events(&filter, rows, 9).unwrap();
            assert_eq!((last.len(), last[0].deliveries), (1, 1));
            tables.keep_refused(&more[..1], now).unwrap();
            let decision = Decision {
                state: RefusedState::Dismissed,
                at: now,
                by: "k".to_owned(),
                why: "none".to_owned(),
            };
            tables.decide_refused("own1", &decision).unwrap();
            tables.keep_refused(&more, now).unwrap();
        }
    }

    /// Feeds have half of the queue, so that events that are refused are kept whatever telemetry does.
    #[test]
    fn feeds_fill_half_of_the_queue() {
        let now = Timestamp::UNIX_EPOCH;
        let of_feed = |raw: &str| Refusal {
            route: "/v1/traces".to_owned(),
            ..refusal(raw)
        };
        // The rows that fill it came by none of the routes.
        for (rows, bytes) in [
            (REFUSED_OF_FEEDS_WAITING_MAX - 1, 1),
            (10, (REFUSED_OF_FEEDS_WAITING_BYTES_MAX - 1) / 10),
        ] {
            let (_directory, tables) = filled("waiting", rows, bytes);
            tables
                .keep_refused(&[refusal(&"e".repeat(40))], now)
                .unwrap();
            tables.keep_refused(&[of_feed("a")], now).unwrap();
            let more = [of_feed(&"b".repeat(40))];
            let full = tables.keep_refused(&more, now).unwrap_err();
            assert!(matches!(full, StoreError::QueueFull { .. }), "{full}");
            tables
                .keep_refused(&[refusal(&"b".repeat(40))], now)
                .unwrap();
        }
    }

    #[test]
    fn the_oldest_decided_ones_leave() {
        let (_directory, tables) = filled("sent", REFUSED_DECIDED_MAX, 1);
        let now = "2026-01-02T00:00:00Z".parse().unwrap();
        tables.keep_refused(&[refusal("a")], now).unwrap();
        let filter = RefusedFilter {
            state: Some(RefusedState::Waiting),
            ..RefusedFilter::default()
        };
        let own = tables.refused_events(&filter, 0, 9).unwrap().remove(0);
        let decision = Decision {
            state: RefusedState::Dismissed,
            at: now,
            by: "k".to_owned(),
            why: "none".to_owned(),
        };
        assert!(tables.decide_refused(&own.id, &decision).unwrap().is_some());
        assert!(tables.refused("own1").unwrap().is_none());
        assert!(tables.refused("own2").unwrap().is_some());
    }
}
