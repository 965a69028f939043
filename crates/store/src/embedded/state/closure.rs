//! Everything that decides what an identity stands for: its contents, the corrections of it, their
//! corrections, and what those correct in turn.
//!
//! [`work::effective::resolve`] decides from such a closed set exactly as it would from the whole
//! log, whatever the order in which its members arrived.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use rusqlite::{Connection, params};
use work::body::Body;
use work::effective::{Content, Fact, resolve};
use work::{Event, LogKind, SmolStr};

use super::rows::log_number;
use super::{Journal, LogName, failed};
use crate::StoreError;
use crate::entry::identity_key;
use crate::limits::{CLOSURE_CONTENTS_MAX, EVENTS_REMEMBERED_MAX};

/// Reads closures of one customer's log.
pub(super) struct Closure<'a> {
    pub(super) journal: &'a Journal,
    pub(super) connection: &'a Connection,
    pub(super) name: &'a LogName,
    pub(super) customer: i64,
    /// Entries below this position count; later ones are applied later.
    pub(super) size: u64,
    /// Events read lately.
    read: RefCell<HashMap<u64, Event>>,
}

impl<'a> Closure<'a> {
    pub(super) fn new(
        journal: &'a Journal,
        connection: &'a Connection,
        name: &'a LogName,
        customer: i64,
        size: u64,
    ) -> Closure<'a> {
        let read = RefCell::new(HashMap::new());
        Closure {
            journal,
            connection,
            name,
            customer,
            size,
            read,
        }
    }

    /// The contents, by position, of the closure over some identities (source, id).
    pub(super) fn of(
        &self,
        identities: impl IntoIterator<Item = (SmolStr, SmolStr)>,
    ) -> Result<BTreeMap<u64, Event>, StoreError> {
        let mut contents = BTreeMap::new();
        self.extend(&mut contents, identities)?;
        Ok(contents)
    }

    /// The contents at some positions, and of the closure over their identities.
    pub(super) fn around(
        &self,
        positions: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, Event>, StoreError> {
        let mut contents = BTreeMap::new();
        for position in positions {
            contents.insert(*position, self.event(*position)?);
        }
        if self.has_ties()? {
            let mut tied = Vec::new();
            for event in contents.values() {
                if matches!(event.body, Body::Corrected { .. })
                    || self.is_tied(&event.source, &event.id)?
                {
                    tied.push((event.source.clone(), event.id.clone()));
                }
            }
            self.extend(&mut contents, tied)?;
        }
        Ok(contents)
    }

    /// The fact that stands for the identity whose first content is at a position.
    pub(super) fn fact_at(&self, position: u64) -> Result<Option<Fact>, StoreError> {
        let contents = self.around(&BTreeSet::from([position]))?;
        let mut facts = resolve(self::contents(contents)).facts;
        facts.retain(|fact| fact.entry == position);
        Ok(facts.pop())
    }

    fn extend(
        &self,
        contents: &mut BTreeMap<u64, Event>,
        identities: impl IntoIterator<Item = (SmolStr, SmolStr)>,
    ) -> Result<(), StoreError> {
        let mut queue: VecDeque<(SmolStr, SmolStr)> = identities.into_iter().collect();
        let mut seen: BTreeSet<(SmolStr, SmolStr)> = queue.iter().cloned().collect();
        while let Some((source, id)) = queue.pop_front() {
            let mut positions = self.ties(&source, &id)?;
            positions.extend(self.positions(&source, &id)?);
            for position in positions {
                let event = match contents.get(&position) {
                    Some(event) => event,
                    None => contents.entry(position).or_insert(self.event(position)?),
                };
                for identity in named(event) {
                    if seen.insert(identity.clone()) {
                        queue.push_back(identity);
                    }
                }
                if contents.len() > CLOSURE_CONTENTS_MAX {
                    return Err(StoreError::TooMany {
                        what: "contents tied together by corrections",
                        given: contents.len(),
                        max: CLOSURE_CONTENTS_MAX,
                    });
                }
            }
        }
        Ok(())
    }

    /// Remembers an event that was just read.
    pub(super) fn remember(&self, position: u64, event: Event) {
        let mut read = self.read.borrow_mut();
        if read.len() >= EVENTS_REMEMBERED_MAX {
            read.clear();
        }
        read.insert(position, event);
    }

    fn event(&self, position: u64) -> Result<Event, StoreError> {
        if let Some(event) = self.read.borrow().get(&position) {
            return Ok(event.clone());
        }
        let entry = self.journal.entry(self.name, position)?.ok_or_else(|| {
            let place = super::place(self.name, position);
            StoreError::corrupt(
                place,
                "it is missing, and an identity or the state names it",
            )
        })?;
        self.remember(position, entry.event.clone());
        Ok(entry.event)
    }

    /// Whether the log has identities with corrections or further contents.
    pub(super) fn has_ties(&self) -> Result<bool, StoreError> {
        let read = || {
            let sql = "SELECT EXISTS (SELECT 1 FROM ties WHERE customer = ?1 AND log = ?2)";
            let key = params![self.customer, log_number(self.name.log)];
            self.connection
                .prepare_cached(sql)?
                .query_row(key, |row| row.get(0))
        };
        read().map_err(failed("reading ties"))
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
                 WHERE customer = ?1 AND log = ?4 AND source = ?2 AND id = ?3",
            )?;
            let log = log_number(self.name.log);
            let rows =
                select.query_map(params![self.customer, source, id, log], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<i64>>>()
        };
        let entries = read().map_err(failed("reading ties"))?;
        let entries = entries
            .into_iter()
            .filter_map(|entry| u64::try_from(entry).ok());
        Ok(entries.filter(|entry| *entry < self.size).collect())
    }
}

/// The identities that an event ties together: its own, and what it corrects, at any depth.
pub(super) fn named(event: &Event) -> Vec<(SmolStr, SmolStr)> {
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

/// Contents as [`work::effective::resolve`] takes them.
pub(super) fn contents(closure: BTreeMap<u64, Event>) -> Vec<Content> {
    closure
        .into_iter()
        .map(|(entry, event)| Content { entry, event })
        .collect()
}

/// The logs of a customer.
pub(super) const LOGS: [LogKind; 2] = [LogKind::Shared, LogKind::Seller];
