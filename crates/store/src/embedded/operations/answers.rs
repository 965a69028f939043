//! Answers to requests that carry a key, in SQLite.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use work::{Digest, Json, SmolStr};

use super::{Tables, digest, failed};
use crate::StoreError;
use crate::operations::{Answers, Begun, KeptAnswer, RequestName};

/// The step that makes the table.
pub(super) const SCHEMA: &str = "
    CREATE TABLE answers (
        caller TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL,
        fingerprint BLOB NOT NULL, begun TEXT NOT NULL, status INTEGER, headers TEXT, body BLOB,
        PRIMARY KEY (caller, route, key)
    ) STRICT;";

impl Answers for Tables {
    fn begin_request(
        &self,
        name: &RequestName,
        fingerprint: &Digest,
        at: Timestamp,
    ) -> Result<Begun, StoreError> {
        let connection = self.connection();
        let begin = || {
            let sql = "INSERT INTO answers (caller, route, key, fingerprint, begun)
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let own = fingerprint.as_bytes().as_slice();
            let at = at.to_string();
            let added = connection.prepare_cached(sql)?.execute(params![
                name.caller,
                name.route,
                name.key,
                own,
                at
            ])?;
            if added > 0 {
                return Ok(None);
            }
            let sql = "SELECT fingerprint, status, headers, body FROM answers
                       WHERE caller = ?1 AND route = ?2 AND key = ?3";
            let mut select = connection.prepare_cached(sql)?;
            let key = params![name.caller, name.route, name.key];
            select
                .query_row(key, |row| Ok((digest(row, 0)?, answer(row)?)))
                .optional()
        };
        let known = begin().map_err(failed("beginning a request"))?;
        Ok(match known {
            None => Begun::New,
            Some((known, _)) if known != *fingerprint => Begun::Other,
            Some((_, None)) => Begun::Before,
            Some((_, Some(answer))) => Begun::Answered(answer),
        })
    }

    fn keep_answer(&self, name: &RequestName, answer: &KeptAnswer) -> Result<(), StoreError> {
        let sql = "UPDATE answers SET status = ?4, headers = ?5, body = ?6
                   WHERE caller = ?1 AND route = ?2 AND key = ?3";
        let headers = answer.headers.iter();
        let headers =
            headers.map(|(name, value)| (SmolStr::from(name.as_str()), Json::text(value.clone())));
        let headers = Json::Object(headers.collect()).to_canonical();
        let kept = params![
            name.caller,
            name.route,
            name.key,
            answer.status,
            headers,
            answer.body
        ];
        let kept = self.connection().execute(sql, kept);
        kept.map(|_| ()).map_err(failed("keeping an answer"))
    }

    fn forget_request(&self, name: &RequestName) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM answers WHERE caller = ?1 AND route = ?2 AND key = ?3 AND status IS NULL";
        let key = params![name.caller, name.route, name.key];
        let forgotten = self.connection().execute(sql, key);
        forgotten
            .map(|_| ())
            .map_err(failed("forgetting a request"))
    }
}

/// The kept answer of a row, where there is one.
fn answer(row: &Row<'_>) -> rusqlite::Result<Option<KeptAnswer>> {
    let Some(status) = row.get(1)? else {
        return Ok(None);
    };
    let headers: String = row.get(2)?;
    let members = match Json::parse(&headers) {
        Ok(Json::Object(members)) => members,
        _ => return Err(rusqlite::Error::InvalidQuery),
    };
    let headers = members.into_iter().filter_map(|(name, value)| match value {
        Json::String(value) => Some((name.to_string(), value.to_string())),
        _ => None,
    });
    Ok(Some(KeptAnswer {
        status,
        headers: headers.collect(),
        body: row.get(3)?,
    }))
}
