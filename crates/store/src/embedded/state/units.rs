//! Settled units: which scopes a batch touched, and their units written anew.
//!
//! A scope is settled from all its facts, without a horizon (settlement is causal in time), whenever
//! one of them arrives, is corrected or chosen, or a header that they inherit changes. Invariant: the
//! tables hold what settling every scope of the log from nothing would give.

use std::collections::BTreeSet;

use jiff::Timestamp;
use money::Amount;
use rusqlite::params;
use work::body::{Body, Control, DocumentKind};
use work::definition::Timeline;
use work::effective::{Fact, resolve};
use work::settle::{ScopeKey, Unit, inherit_headers, scopes, settle};
use work::{Definition, Digest, Event, Header, Json, SmolStr};

use super::closure::{self, Closure};
use super::failed;
use super::governed::{Cache, Governed};
use super::rows::{self, is_indexed, sql_index, time};
use super::tallies::{MOVED, Moved, Tallies};
use crate::StoreError;
use crate::entry::{half, joined};
use crate::limits::COPY_ENTRIES_MAX;
use crate::store::{DefaultDocuments, ScopeId, headers_of};
use crate::unit_text::{self, state_words};

pub(super) const KEYS_OF_WORK: &str =
    "SELECT key FROM unit_works WHERE customer = ?1 AND work = ?2";
pub(super) const SCOPE_OF_KEY: &str = "SELECT scope FROM units WHERE customer = ?1 AND key = ?2";

/// What a batch touched in one customer's shared log.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// What governs changed: every scope is settled again.
    governance: bool,
    works: BTreeSet<SmolStr>,
    /// Headers of facts that name no work.
    bare: BTreeSet<Vec<(Header, SmolStr)>>,
}

impl Touched {
    /// Adds an entry's event, and the content that it would put in place.
    pub(super) fn add(&mut self, event: &Event) {
        let mut next = Some(event);
        while let Some(event) = next {
            next = None;
            match &event.body {
                Body::Corrected { replacement, .. } => next = replacement.as_deref(),
                Body::Control(
                    Control::DocumentPublished {
                        document: DocumentKind::Definition | DocumentKind::Contract,
                        ..
                    }
                    | Control::ContractSigned { .. }
                    | Control::ContractAmended { .. }
                    | Control::ContractEnded { .. },
                ) => self.governance = true,
                _ => {}
            }
            if let Some(work) = &event.work {
                self.works.insert(work.to_string().into());
            } else if event.body.tag().is_about_work() {
                let headers = event.headers.iter();
                self.bare.insert(
                    headers
                        .map(|(header, value)| (header, value.to_owned()))
                        .collect(),
                );
            }
        }
    }

    fn is_empty(&self) -> bool {
        !self.governance && self.works.is_empty() && self.bare.is_empty()
    }
}

/// Settles what was touched again; returns the scopes that were, `None` where all were.
pub(super) fn fold(
    closure: &Closure<'_>,
    cache: &mut Cache,
    defaults: &DefaultDocuments,
    touched: &Touched,
    tallies: &mut Tallies,
) -> Result<Option<BTreeSet<ScopeId>>, StoreError> {
    let mut settled = BTreeSet::new();
    if touched.is_empty() {
        return Ok(Some(settled));
    }
    if !touched.governance {
        let (governed, _) = cache.governed(closure, defaults)?;
        settle_touched(closure, &governed, touched, (&mut settled, tallies))?;
        return Ok(Some(settled));
    }
    cache.forget(closure.customer);
    let (governed, problems) = cache.governed(closure, defaults)?;
    let clear = || {
        Tallies::clear_works(closure.connection, closure.customer)?;
        for table in ["units", "states", "movements", "unit_works", "problems"] {
            let sql = format!("DELETE FROM {table} WHERE customer = ?1");
            closure
                .connection
                .prepare_cached(&sql)?
                .execute([closure.customer])?;
        }
        for problem in &problems {
            closure
                .connection
                .prepare_cached("INSERT OR IGNORE INTO problems VALUES (?1, ?2, ?3)")?
                .execute(params![closure.customer, problem.contract, problem.problem])?;
        }
        Ok(())
    };
    clear().map_err(failed("clearing units"))?;
    if governed.is_empty() {
        return Ok(None);
    }
    // The whole log, a part at a time; a work that is done is not done again.
    let mut done: BTreeSet<Digest> = BTreeSet::new();
    let mut part = Touched::default();
    for entry in closure.journal.range(closure.name, 0..closure.size) {
        part.add(&entry?.event);
        if part.works.len() + part.bare.len() >= COPY_ENTRIES_MAX {
            part.works
                .retain(|work| done.insert(Digest::of(work.as_bytes())));
            settle_touched(closure, &governed, &part, (&mut settled, tallies))?;
            settled.clear();
            part = Touched::default();
        }
    }
    part.works
        .retain(|work| done.insert(Digest::of(work.as_bytes())));
    settle_touched(closure, &governed, &part, (&mut settled, tallies))?;
    Ok(None)
}

fn settle_touched(
    closure: &Closure<'_>,
    all: &[Governed],
    touched: &Touched,
    (settled, tallies): (&mut BTreeSet<ScopeId>, &mut Tallies),
) -> Result<(), StoreError> {
    for governed in all {
        let units: Vec<String> = governed.units().map(str::to_owned).collect();
        for unit in units {
            let timeline = governed.timeline(&unit);
            // Versions may key their scopes differently; each key has its own scopes.
            let mut keys: Vec<&Definition> = Vec::new();
            for (_, _, definition) in &timeline.versions {
                if !keys
                    .iter()
                    .any(|known| known.one_per.key == definition.one_per.key)
                {
                    keys.push(definition);
                }
            }
            for definition in keys {
                let settling = Settling {
                    closure,
                    all,
                    governed,
                    timeline: &timeline,
                    definition,
                };
                settling.run(touched, (&mut *settled, &mut *tallies))?;
            }
        }
    }
    Ok(())
}

/// The scopes of one definition under one contract.
struct Settling<'a> {
    closure: &'a Closure<'a>,
    all: &'a [Governed],
    governed: &'a Governed,
    timeline: &'a Timeline<'a>,
    definition: &'a Definition,
}

impl Settling<'_> {
    fn run(
        &self,
        touched: &Touched,
        (settled, tallies): (&mut BTreeSet<ScopeId>, &mut Tallies),
    ) -> Result<(), StoreError> {
        let mut keys: BTreeSet<ScopeKey> = BTreeSet::new();
        let header = &self.definition.one_per.key;
        for bare in &touched.bare {
            let value = |header: &Header| {
                bare.iter()
                    .find(|(own, _)| own == header)
                    .map(|(_, value)| value.clone())
            };
            keys.extend(header.iter().map(value).collect::<Option<ScopeKey>>());
        }
        for work in &touched.works {
            keys.extend(self.scopes_before(work)?);
            if **header == [Header::Work] {
                keys.insert(vec![work.as_str().into()]);
            } else {
                let facts = facts(self.closure, &self.with(Header::Work, work)?)?;
                let own = facts
                    .iter()
                    .filter(|fact| fact.event.work.as_ref() == Some(work));
                keys.extend(scopes(self.definition, own).into_iter().map(|(key, _)| key));
            }
        }
        for key in keys {
            settled.insert(ScopeId(self.scope_digest(&key)));
            self.settle(&key, tallies)?;
        }
        Ok(())
    }

    fn settle(&self, key: &ScopeKey, tallies: &mut Tallies) -> Result<(), StoreError> {
        let facts = self.facts_of(key)?;
        let mut by_scope = scopes(self.definition, &facts).into_iter();
        let own = by_scope.find(|(scope, _)| scope == key);
        let facts = own.map(|(_, facts)| facts).unwrap_or_default();
        let mut units = settle(self.timeline, key, &facts, Timestamp::MAX);
        units.retain(|unit| {
            let (_, governing) = self.timeline.at(unit.opened);
            governing.one_per.key == self.definition.one_per.key
                && self.governed.takes(unit.opened, self.all)
        });
        self.replace(key, &units, tallies)
            .map_err(failed("writing units"))
    }

    /// Every fact that decides a scope: the entries with one of its headers, and all entries of the
    /// works that these are of, from which headers may be inherited.
    fn facts_of(&self, key: &ScopeKey) -> Result<Vec<Fact>, StoreError> {
        let named = self.definition.one_per.key.iter().zip(key);
        let found = named.clone().find(|(header, _)| is_indexed(**header));
        let Some((header, value)) = found else {
            return facts(self.closure, &(0..self.closure.size).collect());
        };
        let mut positions = self.with(*header, value)?;
        let mut works: BTreeSet<SmolStr> = BTreeSet::new();
        for event in self.closure.around(&positions)?.values() {
            let mut next = Some(event);
            while let Some(event) = next {
                works.extend(event.work.clone());
                next = match &event.body {
                    Body::Corrected { replacement, .. } => replacement.as_deref(),
                    _ => None,
                };
            }
        }
        for work in works {
            positions.extend(self.with(Header::Work, &work)?);
        }
        facts(self.closure, &positions)
    }

    fn with(&self, header: Header, value: &str) -> Result<BTreeSet<u64>, StoreError> {
        let read = || {
            let mut select = self.closure.connection.prepare_cached(
                "SELECT entry FROM facts
                 WHERE customer = ?1 AND header = ?2 AND value = ?3 AND log = 0",
            )?;
            let key = params![self.closure.customer, header.name(), value];
            let found = select.query_map(key, |row| rows::index(row, 0))?;
            found.collect::<rusqlite::Result<BTreeSet<u64>>>()
        };
        read().map_err(failed("looking up a header"))
    }

    /// The scopes that a work's facts were in when they were last settled.
    fn scopes_before(&self, work: &str) -> Result<Vec<ScopeKey>, StoreError> {
        // Two look-ups and no join: for a join, SQLite plans again whenever a parameter changes.
        let (connection, customer) = (self.closure.connection, self.closure.customer);
        let read = || {
            let mut select = connection.prepare_cached(KEYS_OF_WORK)?;
            let keys = select.query_map(params![customer, work], |row| row.get(0))?;
            let mut select = connection.prepare_cached(SCOPE_OF_KEY)?;
            let mut found = Vec::new();
            for key in keys {
                let key: Vec<u8> = key?;
                let scope: String = select.query_row(params![customer, key], |row| row.get(0))?;
                found.push((key, scope));
            }
            Ok(found)
        };
        let found = read().map_err(failed("looking up units"))?.into_iter();
        let found = found.filter_map(|(key, scope)| Some((key, read_scope(&scope)?)));
        // The digest tells the units of this contract and definition from all others.
        let own = found.filter(|(key, scope)| key.starts_with(&self.scope_digest(scope)));
        Ok(own.map(|(_, scope)| scope).collect())
    }

    /// The first half of the keys of a scope's units.
    fn scope_digest(&self, key: &ScopeKey) -> [u8; 16] {
        ScopeId::of(self.governed.contract.as_deref(), self.definition, key).0
    }

    fn replace(
        &self,
        key: &ScopeKey,
        units: &[Unit],
        tallies: &mut Tallies,
    ) -> rusqlite::Result<()> {
        let connection = self.closure.connection;
        let customer = self.closure.customer;
        let scope = self.scope_digest(key);
        let (from, to) = (
            [&scope[..], &[0; 16]].concat(),
            [&scope[..], &[0xff; 16]].concat(),
        );
        let mut delete = connection.prepare_cached(
            "DELETE FROM units WHERE customer = ?1 AND key BETWEEN ?2 AND ?3
             RETURNING key, works, opened",
        )?;
        let old = delete.query_map(params![customer, from, to], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let old = old.collect::<rusqlite::Result<Vec<(Vec<u8>, String, String)>>>()?;
        for (key, works, opened) in &old {
            self.take_states(key, opened, tallies)?;
            for work in read_scope(works).unwrap_or_default() {
                connection
                    .prepare_cached(
                        "DELETE FROM unit_works WHERE customer = ?1 AND work = ?2 AND key = ?3",
                    )?
                    .execute(params![customer, work.as_str(), key])?;
            }
        }
        if !old.is_empty() {
            let sql = format!(
                "DELETE FROM movements WHERE customer = ?1 AND key BETWEEN ?2 AND ?3 RETURNING {MOVED}"
            );
            let mut delete = connection.prepare_cached(&sql)?;
            let mut gone = delete.query(params![customer, from, to])?;
            while let Some(row) = gone.next()? {
                tallies.take_movement(customer, &self.definition.id, row)?;
            }
        }
        for unit in units {
            self.insert(&scope, unit, tallies)?;
        }
        Ok(())
    }

    fn take_states(&self, key: &[u8], opened: &str, tallies: &mut Tallies) -> rusqlite::Result<()> {
        let customer = self.closure.customer;
        let mut delete = self.closure.connection.prepare_cached(
            "DELETE FROM states WHERE customer = ?1 AND key = ?2 RETURNING state, since, until",
        )?;
        let mut gone = delete.query(params![customer, key])?;
        while let Some(row) = gone.next()? {
            let (state, since): (String, String) = (row.get(0)?, row.get(1)?);
            let until: Option<String> = row.get(2)?;
            let own = (self.definition.id.as_str(), opened, state.as_str());
            tallies.state(customer, own, (&since, until.as_deref()), -1);
        }
        Ok(())
    }

    fn insert(&self, scope: &[u8; 16], unit: &Unit, tallies: &mut Tallies) -> rusqlite::Result<()> {
        let connection = self.closure.connection;
        let customer = self.closure.customer;
        let opening = &unit.key.opened_by;
        let opening_digest = half(Digest::of(&joined(&[&opening.source, &opening.id])));
        let key = [&scope[..], &opening_digest[..]].concat();
        let opened = time(unit.opened);
        connection
            .prepare_cached("INSERT INTO units VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")?
            .execute(params![
                customer,
                key,
                self.governed.contract.as_deref().unwrap_or_default(),
                unit.key.unit.as_str(),
                headers_of(self.definition),
                write_scope(&unit.key.scope),
                opened,
                unit.version,
                write_scope(&unit.works),
                unit_text::write(unit),
            ])?;
        for work in &unit.works {
            connection
                .prepare_cached("INSERT INTO unit_works VALUES (?1, ?2, ?3)")?
                .execute(params![customer, work.as_str(), key])?;
        }
        for (position, (since, state)) in unit.states.iter().enumerate() {
            let until = unit.states.get(position + 1).map(|(next, _)| time(*next));
            let (word, what) = state_words(state);
            let since = time(*since);
            tallies.state(
                customer,
                (&self.definition.id, &opened, word),
                (&since, until.as_deref()),
                1,
            );
            connection
                .prepare_cached("INSERT INTO states VALUES (?1,?2,?3,?4,?5,?6,?7)")?
                .execute(params![
                    customer,
                    key,
                    sql_index(position as u64),
                    since,
                    until,
                    word,
                    what,
                ])?;
        }
        for (position, movement) in unit.movements.iter().enumerate() {
            let (instant, counted_at) = (time(movement.instant), time(movement.counted_at));
            let moved = Moved {
                unit: &self.definition.id,
                instant: &instant,
                counted_at: &counted_at,
                class: &movement.class,
                decided_by: movement.basis.decided_by.word(),
                quantity: movement.quantity,
                value: movement.value,
            };
            tallies.movement(customer, &moved, 1);
            connection
                .prepare_cached(
                    "INSERT INTO movements VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
                )?
                .execute(params![
                    customer,
                    key,
                    sql_index(position as u64),
                    instant,
                    movement.kind.word(),
                    movement.class.as_str(),
                    movement.quantity.to_string(),
                    movement.value.map(Amount::number),
                    movement.value.map(|value| value.currency().code()),
                    counted_at,
                    movement.basis.decided_by.word(),
                ])?;
        }
        Ok(())
    }
}

/// The facts that stand among some positions and all that they are tied to, headers inherited.
fn facts(closure: &Closure<'_>, positions: &BTreeSet<u64>) -> Result<Vec<Fact>, StoreError> {
    let contents = closure.around(positions)?;
    let mut facts = resolve(closure::contents(contents)).facts;
    inherit_headers(&mut facts);
    Ok(facts)
}

fn write_scope(values: &[SmolStr]) -> String {
    Json::Array(values.iter().cloned().map(Json::text).collect()).to_canonical()
}

fn read_scope(text: &str) -> Option<ScopeKey> {
    match Json::parse(text).ok()? {
        Json::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(SmolStr::new))
            .collect(),
        _ => None,
    }
}
