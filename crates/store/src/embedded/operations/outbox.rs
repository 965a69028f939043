//! Messages and their deliveries, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params, params_from_iter};

use super::endpoints::{self, moment};
use super::{Tables, failed, integer, number};
use crate::StoreError;
use crate::limits::{
    MESSAGE_BYTES_MAX, MESSAGE_KEY_BYTES_MAX, MESSAGES_KEPT_MAX, MESSAGES_TRIMMED_EVERY,
    PAGE_ROWS_MAX, WAITING_MAX,
};
use crate::outbox::{
    Attempted, Claimed, Delivery, DeliveryState, Disabled, Endpoint, EndpointChange, NewMessage,
    Outbox, Redelivery, SigningSecret, Then,
};

/// What the journal is followed for, in `journal_followed`.
const WEBHOOKS: &str = "webhooks";

// Instants are microseconds since 1970 here, since they are compared.
pub(super) const SCHEMA: &str = "
CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, description TEXT NOT NULL, customer TEXT,
    created INTEGER NOT NULL, disabled_at INTEGER, disabled_why TEXT, failing_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_types (
    endpoint TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (endpoint, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_secrets (
    number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, secret BLOB NOT NULL,
    created INTEGER NOT NULL, ends INTEGER
) STRICT;
CREATE INDEX webhook_secrets_of ON webhook_secrets (endpoint, number);
CREATE TABLE webhook_messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, customer TEXT,
    payload TEXT NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_messages_by_age ON webhook_messages (created);
-- Longer than the messages, so that what was told once is not told again.
CREATE TABLE webhook_keys (
    key TEXT PRIMARY KEY, announced INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_keys_by_age ON webhook_keys (announced);
-- `claim` counts claims, so that one is told from the next; `claimed` while one holds.
CREATE TABLE webhook_deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, message INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER,
    claim INTEGER NOT NULL, claimed INTEGER NOT NULL,
    last_at INTEGER, last_status INTEGER, last_problem TEXT,
    UNIQUE (message, endpoint)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (endpoint, number);
-- How far the journal was read, and for what.
CREATE TABLE journal_followed (
    what TEXT PRIMARY KEY, committed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

impl Outbox for Tables {
    fn put_endpoint(&self, endpoint: &Endpoint, secret: &SigningSecret) -> Result<(), StoreError> {
        self.put(endpoint, secret)
    }

    fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        self.all()
    }

    fn endpoint(&self, id: &str) -> Result<Option<Endpoint>, StoreError> {
        self.one(id)
    }

    fn change_endpoint(
        &self,
        id: &str,
        change: &EndpointChange,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.change_one(id, change)
    }

    fn delete_endpoint(&self, id: &str) -> Result<bool, StoreError> {
        self.delete_one(id)
    }

    fn signing_secrets(
        &self,
        endpoint: &str,
        at: Timestamp,
    ) -> Result<Vec<SigningSecret>, StoreError> {
        self.secrets_of(endpoint, at)
    }

    fn rotate_secret(
        &self,
        endpoint: &str,
        secret: &SigningSecret,
        old_end: Timestamp,
    ) -> Result<bool, StoreError> {
        self.rotate(endpoint, secret, old_end)
    }

    fn announce(
        &self,
        messages: &[NewMessage],
        only: Option<&str>,
        followed: Option<u64>,
    ) -> Result<Vec<bool>, StoreError> {
        messages.iter().try_for_each(require_bounds)?;
        self.change("keeping messages", |transaction| {
            let mut new = Vec::with_capacity(messages.len());
            for message in messages {
                new.push(put_message(transaction, message, only)?);
            }
            if new.contains(&true) {
                give_up_beyond(transaction, WAITING_MAX)?;
            }
            if let Some(committed) = followed {
                let sql = "INSERT INTO journal_followed VALUES (?1, ?2)
                           ON CONFLICT DO UPDATE SET committed = excluded.committed";
                transaction.execute(sql, params![WEBHOOKS, integer(committed)])?;
            }
            Ok(new)
        })
    }

    fn followed(&self) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT committed FROM journal_followed WHERE what = ?1";
        let connection = self.connection();
        let read = connection.query_row(sql, [WEBHOOKS], |row| number(row, 0));
        read.optional()
            .map_err(failed("reading how far the journal was followed"))
    }

    fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        except: &[&str],
    ) -> Result<Option<Claimed>, StoreError> {
        self.change("claiming a delivery", |transaction| {
            let Some((number, due)) = earliest(transaction, except)? else {
                return Ok(None);
            };
            if due > now.as_microsecond() {
                return Ok(None);
            }
            let sql = "UPDATE webhook_deliveries SET attempts = attempts + 1, claim = claim + 1,
                       claimed = 1, next_at = ?2 WHERE number = ?1";
            transaction.execute(sql, params![number, until.as_microsecond()])?;
            claimed(transaction, number, now).map(Some)
        })
    }

    fn next_due(&self, except: &[&str]) -> Result<Option<Timestamp>, StoreError> {
        let earliest = earliest(&self.connection(), except);
        let earliest = earliest.map_err(failed("reading what is due"))?;
        Ok(earliest.and_then(|(_, due)| Timestamp::from_microsecond(due).ok()))
    }

    fn waiting(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'";
        let connection = self.connection();
        let count = connection.query_row(sql, [], |row| number(row, 0));
        count.map_err(failed("counting deliveries"))
    }

    fn settle(&self, claimed: &Claimed, attempted: &Attempted) -> Result<bool, StoreError> {
        self.change("noting an attempt", |transaction| {
            let (state, next_at) = match attempted.then {
                Then::Done => (DeliveryState::Done, None),
                Then::Again(at) => (DeliveryState::Waiting, Some(at.as_microsecond())),
                Then::Dead => (DeliveryState::Dead, None),
            };
            let sql = "UPDATE webhook_deliveries SET state = ?3, next_at = ?4, claimed = 0,
                       last_at = ?5, last_status = ?6, last_problem = ?7
                       WHERE number = ?1 AND claim = ?2 AND claimed = 1";
            let held = transaction.execute(
                sql,
                params![
                    integer(claimed.number),
                    integer(claimed.claim),
                    state.word(),
                    next_at,
                    attempted.at.as_microsecond(),
                    attempted.status,
                    attempted.problem,
                ],
            )?;
            note_of_endpoint(transaction, &claimed.endpoint.id, attempted)?;
            Ok(held > 0)
        })
    }

    fn endpoint_deliveries(
        &self,
        endpoint: &str,
        before: Option<u64>,
        rows: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = "SELECT d.number, m.id, m.type, m.customer, m.created, d.state, d.attempts,
                       d.next_at, d.last_at, d.last_status, d.last_problem
                       FROM webhook_deliveries d JOIN webhook_messages m ON m.number = d.message
                       WHERE d.endpoint = ?1 AND d.number < ?2 ORDER BY d.number DESC LIMIT ?3";
            let mut select = connection.prepare_cached(sql)?;
            let before = before.map_or(i64::MAX, integer);
            let rows = integer(rows.min(PAGE_ROWS_MAX));
            let found = select.query_map(params![endpoint, before, rows], delivery)?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading deliveries"))
    }

    fn redeliver(
        &self,
        endpoint: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<Redelivery, StoreError> {
        self.change("asking for a delivery", |transaction| {
            let sql = "SELECT number, state = 'waiting' AND claimed = 1 AND next_at > ?3
                       FROM webhook_deliveries WHERE endpoint = ?1
                       AND message = (SELECT number FROM webhook_messages WHERE id = ?2)";
            let at = at.as_microsecond();
            let found: Option<(i64, bool)> = transaction
                .query_row(sql, params![endpoint, message, at], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let number = match found {
                None => return Ok(Redelivery::Unknown),
                Some((_, true)) => return Ok(Redelivery::UnderWay),
                Some((number, false)) => number,
            };
            let sql = "UPDATE webhook_deliveries
                       SET state = 'waiting', attempts = 0, next_at = ?2, claimed = 0
                       WHERE number = ?1";
            transaction.execute(sql, params![number, at])?;
            Ok(Redelivery::Due)
        })
    }

    fn forget_messages(
        &self,
        made_before: Timestamp,
        announced_before: Timestamp,
    ) -> Result<(), StoreError> {
        self.change("forgetting messages", |transaction| {
            let made_before = made_before.as_microsecond();
            let sql = "DELETE FROM webhook_deliveries WHERE message IN
                       (SELECT number FROM webhook_messages WHERE created < ?1)";
            transaction.execute(sql, [made_before])?;
            let sql = "DELETE FROM webhook_messages WHERE created < ?1";
            transaction.execute(sql, [made_before])?;
            let sql = "DELETE FROM webhook_keys WHERE announced < ?1";
            transaction.execute(sql, [announced_before.as_microsecond()])?;
            forget_beyond(transaction, MESSAGES_KEPT_MAX)
        })
    }
}

fn require_bounds(message: &NewMessage) -> Result<(), StoreError> {
    let bounded = [
        (
            "bytes of a message",
            message.payload.len(),
            MESSAGE_BYTES_MAX,
        ),
        (
            "bytes of a message's key",
            message.key.len(),
            MESSAGE_KEY_BYTES_MAX,
        ),
    ];
    for (what, given, max) in bounded {
        if given > max {
            return Err(StoreError::TooMany { what, given, max });
        }
    }
    Ok(())
}

/// Keeps a message with its deliveries, unless its key was announced before.
fn put_message(
    transaction: &Transaction<'_>,
    message: &NewMessage,
    only: Option<&str>,
) -> rusqlite::Result<bool> {
    let sql = "INSERT INTO webhook_keys VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let created = message.created.as_microsecond();
    if transaction.execute(sql, params![message.key, created])? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO webhook_messages (id, type, customer, payload, created)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let NewMessage {
        id,
        kind,
        customer,
        payload,
        ..
    } = message;
    transaction.execute(sql, params![id, kind, customer, payload, created])?;
    let number = transaction.last_insert_rowid();
    let sql = "INSERT INTO webhook_deliveries
                   (endpoint, message, state, attempts, next_at, claim, claimed)
               SELECT e.id, ?1, 'waiting', 0, ?2, 0, 0 FROM webhook_endpoints e
               WHERE e.id = ?5 OR (?5 IS NULL AND (e.customer IS NULL OR e.customer = ?3)
                   AND (EXISTS (SELECT 1 FROM webhook_types t WHERE t.endpoint = e.id AND t.type = ?4)
                       OR NOT EXISTS (SELECT 1 FROM webhook_types t WHERE t.endpoint = e.id)))
               ORDER BY e.created, e.id";
    transaction.execute(sql, params![number, created, customer, kind, only])?;
    if usize::try_from(number).unwrap_or_default() % MESSAGES_TRIMMED_EVERY == 0 {
        forget_beyond(transaction, MESSAGES_KEPT_MAX)?;
    }
    Ok(true)
}

/// Gives up the oldest deliveries of each endpoint beyond so many that wait.
fn give_up_beyond(transaction: &Transaction<'_>, waiting: usize) -> rusqlite::Result<()> {
    let sql = "UPDATE webhook_deliveries SET state = 'dead', next_at = NULL, claimed = 0,
                   last_problem = 'given up: more than ' || ?2 || ' messages wait for this endpoint'
               WHERE endpoint = ?1 AND state = 'waiting' AND number <= (
                   SELECT number FROM webhook_deliveries WHERE endpoint = ?1 AND state = 'waiting'
                   ORDER BY number DESC LIMIT 1 OFFSET ?2)";
    let mut endpoints = transaction.prepare_cached(
        "SELECT endpoint FROM webhook_deliveries WHERE state = 'waiting'
         GROUP BY endpoint HAVING count(*) > ?1",
    )?;
    let endpoints = endpoints.query_map([integer(waiting)], |row| row.get(0))?;
    for endpoint in endpoints.collect::<rusqlite::Result<Vec<String>>>()? {
        transaction.execute(sql, params![endpoint, integer(waiting)])?;
    }
    Ok(())
}

/// Forgets the oldest messages beyond so many, save those that still wait for something.
fn forget_beyond(transaction: &Transaction<'_>, kept: usize) -> rusqlite::Result<()> {
    let sql = "DELETE FROM webhook_messages WHERE number <= (
                   SELECT number FROM webhook_messages ORDER BY number DESC LIMIT 1 OFFSET ?1)
               AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d
                   WHERE d.message = webhook_messages.number AND d.state = 'waiting')";
    if transaction.execute(sql, [integer(kept)])? > 0 {
        let sql = "DELETE FROM webhook_deliveries WHERE state <> 'waiting'
                   AND NOT EXISTS (SELECT 1 FROM webhook_messages m
                       WHERE m.number = webhook_deliveries.message)";
        transaction.execute(sql, [])?;
    }
    Ok(())
}

/// The delivery that is due first among the endpoints that are enabled and not in `except`, and when. One
/// look-up for each endpoint, however many deliveries wait.
fn earliest(connection: &Connection, except: &[&str]) -> rusqlite::Result<Option<(i64, i64)>> {
    let places = vec!["?"; except.len()].join(", ");
    let sql = format!(
        "SELECT d.number, d.next_at FROM webhook_endpoints e
         JOIN webhook_deliveries d ON d.number = (
             SELECT number FROM webhook_deliveries
             WHERE endpoint = e.id AND state = 'waiting' ORDER BY next_at, number LIMIT 1)
         WHERE e.disabled_at IS NULL AND e.id NOT IN ({places})
         ORDER BY d.next_at, d.number LIMIT 1"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let found = select.query_row(params_from_iter(except), |row| {
        Ok((row.get(0)?, row.get(1)?))
    });
    found.optional()
}

/// A delivery that was just claimed, with what an attempt needs.
fn claimed(transaction: &Transaction<'_>, of: i64, now: Timestamp) -> rusqlite::Result<Claimed> {
    let sql = "SELECT d.endpoint, d.claim, d.attempts, m.id, m.payload
               FROM webhook_deliveries d JOIN webhook_messages m ON m.number = d.message
               WHERE d.number = ?1";
    let mut select = transaction.prepare_cached(sql)?;
    let (endpoint, claim, attempt, message, payload) = select.query_row([of], |row| {
        let endpoint: String = row.get(0)?;
        let (claim, attempt) = (number(row, 1)?, row.get(2)?);
        Ok((endpoint, claim, attempt, row.get(3)?, row.get(4)?))
    })?;
    let found = endpoints::find(transaction, &endpoint)?;
    Ok(Claimed {
        number: u64::try_from(of).unwrap_or_default(),
        claim,
        attempt,
        endpoint: found.ok_or(rusqlite::Error::QueryReturnedNoRows)?,
        secrets: endpoints::secrets(transaction, &endpoint, now)?,
        message,
        payload,
    })
}

/// What an attempt says of its endpoint.
fn note_of_endpoint(
    transaction: &Transaction<'_>,
    endpoint: &str,
    attempted: &Attempted,
) -> rusqlite::Result<()> {
    let at = attempted.at;
    if let Some(why) = attempted.disable.clone() {
        let disabled = Disabled { at, why };
        return endpoints::set_disabled(transaction, endpoint, Some(&disabled));
    }
    let sql = "UPDATE webhook_endpoints
               SET failing_since = iif(?2, NULL, coalesce(failing_since, ?3)) WHERE id = ?1";
    let went_well = attempted.then == Then::Done;
    let params = params![endpoint, went_well, at.as_microsecond()];
    transaction.execute(sql, params).map(|_| ())
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let state: String = row.get(5)?;
    Ok(Delivery {
        number: number(row, 0)?,
        message: row.get(1)?,
        kind: row.get(2)?,
        customer: row.get(3)?,
        created: moment(row, 4)?.ok_or(rusqlite::Error::InvalidQuery)?,
        state: DeliveryState::of_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
        attempts: row.get(6)?,
        next_at: moment(row, 7)?,
        last_at: moment(row, 8)?,
        last_status: row.get(9)?,
        last_problem: row.get(10)?,
    })
}
