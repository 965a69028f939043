//! Everything that decides what an identity stands for: its contents, the corrections of it, their
//! corrections, and what those correct in turn.
//!
//! [`work::effective::resolve`] decides from such a closed set exactly as it would from the whole
//! log, whatever the order in which its members arrived.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rusqlite::{Connection, params};
use work::body::Body;
use work::effective::Content;
use work::{Event, LogKind};

use super::rows::log_number;
use super::{Journal, LogName, failed};
use crate::StoreError;
use crate::entry::identity_key;
use crate::limits::CLOSURE_CONTENTS_MAX;

/// Reads closures of one customer's log.
pub(super) struct Closure<'a> {
    pub(super) journal: &'a Journal,
    pub(super) connection: &'a Connection,
    pub(super) name: &'a LogName,
    pub(super) customer: i64,
    /// Entries below this position count; later ones are applied later.
    pub(super) size: u64,
}

impl Closure<'_> {
    /// The contents, by position, of the closure over some identities (source, id).
    pub(super) fn of(
        &self,
        identities: impl IntoIterator<Item = (String, String)>,
    ) -> Result<BTreeMap<u64, Event>, StoreError> {
        let mut queue: VecDeque<(String, String)> = identities.into_iter().collect();
        let mut seen: BTreeSet<(String, String)> = queue.iter().cloned().collect();
        let mut contents = BTreeMap::new();
        while let Some((source, id)) = queue.pop_front() {
            let mut positions = self.ties(&source, &id)?;
            positions.extend(self.positions(&source, &id)?);
            for position in positions {
                if contents.contains_key(&position) {
                    continue;
                }
                let entry = self.journal.entry(self.name, position)?.ok_or_else(|| {
                    let place = super::place(self.name, position);
                    StoreError::corrupt(place, "it is missing, and an identity names it")
                })?;
                for identity in named(&entry.event) {
                    if seen.insert(identity.clone()) {
                        queue.push_back(identity);
                    }
                }
                contents.insert(position, entry.event);
                if contents.len() > CLOSURE_CONTENTS_MAX {
                    return Err(StoreError::TooMany {
                        what: "contents tied together by corrections",
                        given: contents.len(),
                        max: CLOSURE_CONTENTS_MAX,
                    });
                }
            }
        }
        Ok(contents)
    }

    /// Whether anything bears on what the identity stands for.
    pub(super) fn is_tied(&self, source: &str, id: &str) -> Result<bool, StoreError> {
        Ok(!self.ties(source, id)?.is_empty())
    }

    fn positions(&self, source: &str, id: &str) -> Result<Vec<u64>, StoreError> {
        let found = self
            .journal
            .identity(&identity_key(&self.name.customer, source, id))?;
        let found = found.filter(|found| found.log == self.name.log);
        let contents = found.map(|found| found.contents).unwrap_or_default();
        Ok(contents
            .into_iter()
            .map(|(index, _)| index)
            .filter(|i| *i < self.size)
            .collect())
    }

    fn ties(&self, source: &str, id: &str) -> Result<Vec<u64>, StoreError> {
        let read = || {
            let mut select = self.connection.prepare_cached(
                "SELECT entry FROM ties
                 WHERE customer = ?1 AND source = ?2 AND id = ?3 AND log = ?4",
            )?;
            let log = log_number(self.name.log);
            let rows =
                select.query_map(params![self.customer, source, id, log], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<i64>>>()
        };
        let entries = read().map_err(failed("reading ties"))?;
        Ok(entries
            .into_iter()
            .filter_map(|entry| u64::try_from(entry).ok())
            .collect())
    }
}

/// The identities that an event ties together: its own, and what it corrects, at any depth.
pub(super) fn named(event: &Event) -> Vec<(String, String)> {
    let mut named = vec![(event.source.clone(), event.id.clone())];
    let mut next = Some(event);
    while let Some(event) = next {
        next = None;
        if let Body::Corrected {
            target_source,
            target_id,
            replacement,
            ..
        } = &event.body
        {
            named.push((target_source.clone(), target_id.clone()));
            next = replacement.as_deref();
        }
    }
    named
}

/// Whether a log has identities with corrections or further contents.
pub(super) fn has_ties(
    connection: &Connection,
    customer: i64,
    log: LogKind,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM ties WHERE customer = ?1 AND log = ?2)")?
        .query_row(params![customer, log_number(log)], |row| row.get(0))
}

/// Contents as [`work::effective::resolve`] takes them.
pub(super) fn contents(closure: BTreeMap<u64, Event>) -> Vec<Content> {
    closure
        .into_iter()
        .map(|(entry, event)| Content { entry, event })
        .collect()
}

/// The logs of a customer.
pub(super) const LOGS: [LogKind; 2] = [LogKind::Shared, LogKind::Seller];
