//! What Stripe is asked, in SQLite.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::endpoints::moment;
use super::{Tables, failed, integer, number};
use crate::StoreError;
use crate::operations::{
    DocumentOf, DocumentState, NewDocument, SentStep, StepState, StripeDocument, StripeFilter,
    StripeOutbox, StripeStep,
};

/// The step that makes the tables.
pub(super) const SCHEMA: &str = "
    CREATE TABLE stripe_followed (only INTEGER PRIMARY KEY CHECK (only = 1), commits INTEGER NOT NULL) STRICT;
    CREATE TABLE stripe_documents (
        number INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        made INTEGER NOT NULL, until INTEGER NOT NULL, state TEXT NOT NULL, problem TEXT, next_at INTEGER,
        UNIQUE (customer, kind, name)
    ) STRICT;
    CREATE INDEX stripe_due ON stripe_documents (next_at) WHERE next_at IS NOT NULL;
    CREATE TABLE stripe_steps (
        document INTEGER NOT NULL REFERENCES stripe_documents (number), place INTEGER NOT NULL, name TEXT NOT NULL,
        step TEXT NOT NULL, state TEXT NOT NULL, generation INTEGER NOT NULL, sent_path TEXT, sent_body TEXT,
        sent_at INTEGER, is_unclear INTEGER NOT NULL, made TEXT, attempts INTEGER NOT NULL, last_at INTEGER,
        last_status INTEGER, last_problem TEXT,
        PRIMARY KEY (document, place)
    ) STRICT, WITHOUT ROWID;";

const DOCUMENT: &str = "SELECT number, customer, kind, name, made, until, state, problem, next_at FROM stripe_documents";

impl StripeOutbox for Tables {
    fn stripe_followed(&self) -> Result<Option<u64>, StoreError> {
        let connection = self.connection();
        let read = || {
            let mut select = connection.prepare_cached("SELECT commits FROM stripe_followed")?;
            select.query_row([], |row| number(row, 0)).optional()
        };
        read().map_err(failed("reading how far Stripe is told"))
    }

    fn stripe_follow(&self, found: &[NewDocument], commit: u64) -> Result<(), StoreError> {
        self.change("keeping what Stripe is to be told", |transaction| {
            for own in found {
                let sql = "INSERT INTO stripe_documents
                           (customer, kind, name, made, until, state, next_at)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
                transaction.execute(
                    sql,
                    params![
                        own.of.customer,
                        own.of.kind,
                        own.of.name,
                        own.made.as_microsecond(),
                        integer(own.until),
                        DocumentState::New.word(),
                        own.made.as_microsecond(),
                    ],
                )?;
                // What is voided is settled at once, whatever it waits for; so are statements that wait for a cover.
                let sql = "UPDATE stripe_documents SET next_at = ?3 WHERE customer = ?1 AND CASE ?4
                           WHEN 'void' THEN kind = 'statement' AND name = ?2 AND state IN ('new', 'open')
                           WHEN 'cover_void' THEN kind = 'cover' AND name = ?2 AND state IN ('new', 'open')
                           WHEN 'cover' THEN kind = 'statement' AND state = 'new'
                           ELSE FALSE END";
                let at = own.made.as_microsecond();
                transaction.execute(sql, params![own.of.customer, own.of.name, at, own.of.kind])?;
            }
            let sql = "INSERT INTO stripe_followed VALUES (1, ?1)
                       ON CONFLICT (only) DO UPDATE SET commits = excluded.commits";
            transaction.execute(sql, [integer(commit)]).map(|_| ())
        })
    }

    fn stripe_plan(&self, document: u64, steps: &[(String, String)]) -> Result<(), StoreError> {
        self.change("keeping the steps of a document", |transaction| {
            for (place, (name, step)) in steps.iter().enumerate() {
                let sql = "INSERT INTO stripe_steps
                           (document, place, name, step, state, generation, is_unclear, attempts)
                           VALUES (?1, ?2, ?3, ?4, ?5, 0, FALSE, 0) ON CONFLICT DO NOTHING";
                let open = StepState::Open.word();
                transaction.execute(
                    sql,
                    params![integer(document), integer(place), name, step, open],
                )?;
            }
            let sql = "UPDATE stripe_documents SET state = ?2 WHERE number = ?1";
            let params = params![integer(document), DocumentState::Open.word()];
            transaction.execute(sql, params).map(|_| ())
        })
    }

    fn stripe_documents(
        &self,
        filter: &StripeFilter<'_>,
        rows: usize,
    ) -> Result<Vec<StripeDocument>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "{DOCUMENT} WHERE number > ?1 AND (?2 IS NULL OR customer = ?2) AND (?3 IS NULL OR state = ?3)
                 ORDER BY number LIMIT ?4"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let state = filter.state.map(DocumentState::word);
            let params = params![integer(filter.after), filter.customer, state, integer(rows)];
            select
                .query_map(params, document)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading what Stripe is told"))
    }

    fn stripe_document(&self, of: &DocumentOf) -> Result<Option<StripeDocument>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!("{DOCUMENT} WHERE customer = ?1 AND kind = ?2 AND name = ?3");
            let mut select = connection.prepare_cached(&sql)?;
            select
                .query_row(params![of.customer, of.kind, of.name], document)
                .optional()
        };
        read().map_err(failed("reading what Stripe is told"))
    }

    fn stripe_due(&self, by: Timestamp, after: u64) -> Result<Option<StripeDocument>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = format!(
                "{DOCUMENT} WHERE next_at IS NOT NULL AND next_at <= ?1 AND number > ?2 ORDER BY number LIMIT 1"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let params = params![by.as_microsecond(), integer(after)];
            select.query_row(params, document).optional()
        };
        read().map_err(failed("reading what Stripe is told next"))
    }

    fn stripe_next(&self) -> Result<Option<Timestamp>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = "SELECT min(next_at) FROM stripe_documents WHERE next_at IS NOT NULL";
            connection
                .prepare_cached(sql)?
                .query_row([], |row| moment(row, 0))
        };
        read().map_err(failed("reading what Stripe is told next"))
    }

    fn stripe_steps(&self, document: u64) -> Result<Vec<StripeStep>, StoreError> {
        let connection = self.connection();
        let read = || {
            let sql = "SELECT document, place, name, step, state, generation, sent_path, sent_body, sent_at, is_unclear,
                       made, attempts, last_at, last_status, last_problem
                       FROM stripe_steps WHERE document = ?1 ORDER BY place";
            let mut select = connection.prepare_cached(sql)?;
            select
                .query_map([integer(document)], step)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading the steps of a document"))
    }

    fn stripe_note_step(&self, step: &StripeStep) -> Result<(), StoreError> {
        let sent = step.sent.as_ref();
        self.change("noting what became of a step", |transaction| {
            let sql = "UPDATE stripe_steps SET state = ?3, generation = ?4, sent_path = ?5, sent_body = ?6, sent_at = ?7,
                       is_unclear = ?8, made = ?9, attempts = ?10, last_at = ?11, last_status = ?12, last_problem = ?13
                       WHERE document = ?1 AND place = ?2";
            let params = params![
                integer(step.document),
                step.place,
                step.state.word(),
                step.generation,
                sent.map(|own| &own.path),
                sent.map(|own| &own.body),
                sent.map(|own| own.at.as_microsecond()),
                step.is_unclear,
                step.made,
                step.attempts,
                step.last_at.map(Timestamp::as_microsecond),
                step.last_status,
                step.last_problem,
            ];
            transaction.execute(sql, params).map(|_| ())
        })
    }

    fn stripe_note(&self, document: &StripeDocument) -> Result<(), StoreError> {
        self.change("noting what became of a document", |transaction| {
            let sql = "UPDATE stripe_documents SET state = ?2, problem = ?3, next_at = ?4 WHERE number = ?1";
            let params = params![
                integer(document.number),
                document.state.word(),
                document.problem,
                document.next_at.map(Timestamp::as_microsecond),
            ];
            transaction.execute(sql, params).map(|_| ())
        })
    }

    fn stripe_retry(
        &self,
        customer: Option<&str>,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.change("having documents looked at again", |transaction| {
            const CHOSEN: &str = "(?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR name = ?2)
                                  AND state IN ('new', 'open', 'person')";
            let sql = format!(
                "UPDATE stripe_steps SET state = 'open' WHERE state = 'left' AND document IN
                 (SELECT number FROM stripe_documents WHERE {CHOSEN})"
            );
            transaction.execute(&sql, params![customer, name])?;
            let sql = format!(
                "UPDATE stripe_documents SET next_at = ?3, state = iif(state = 'person' AND EXISTS
                 (SELECT 1 FROM stripe_steps WHERE document = number), 'open', iif(state = 'person', 'new', state))
                 WHERE {CHOSEN}"
            );
            let changed = transaction.execute(&sql, params![customer, name, now.as_microsecond()])?;
            Ok(u64::try_from(changed).unwrap_or(u64::MAX))
        })
    }
}

fn document(row: &Row<'_>) -> rusqlite::Result<StripeDocument> {
    let state: String = row.get(6)?;
    Ok(StripeDocument {
        number: number(row, 0)?,
        of: DocumentOf {
            customer: row.get(1)?,
            kind: row.get(2)?,
            name: row.get(3)?,
        },
        made: moment(row, 4)?.ok_or(rusqlite::Error::InvalidQuery)?,
        until: number(row, 5)?,
        state: DocumentState::of_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
        problem: row.get(7)?,
        next_at: moment(row, 8)?,
    })
}

fn step(row: &Row<'_>) -> rusqlite::Result<StripeStep> {
    let state: String = row.get(4)?;
    let (path, body): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    let sent = match (path, body, moment(row, 8)?) {
        (Some(path), Some(body), Some(at)) => Some(SentStep { path, body, at }),
        _ => None,
    };
    Ok(StripeStep {
        document: number(row, 0)?,
        place: row.get(1)?,
        name: row.get(2)?,
        step: row.get(3)?,
        state: StepState::of_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
        generation: row.get(5)?,
        sent,
        is_unclear: row.get(9)?,
        made: row.get(10)?,
        attempts: row.get(11)?,
        last_at: moment(row, 12)?,
        last_status: row.get(13)?,
        last_problem: row.get(14)?,
    })
}
