//! Which documents in force the buyer acknowledged under its own signature, and whether a definition
//! before the first work under it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use pricing::account::Held;
use work::Digest;
use work::body::{Acknowledged, Assurance, Body};
use work::settle::FactRef;

use super::report::{Document, Report};
use crate::carry::LogEntry;
use crate::recompute::Recomputed;

/// Where something stands in the log, and when it happened by its author's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    entry: u64,
    time: Timestamp,
}

/// The first signed acknowledgement of each document; of an exhibit, of the definition it explains.
pub(super) fn acknowledged(entries: &[LogEntry]) -> BTreeMap<Digest, Place> {
    let mut first = BTreeMap::new();
    for LogEntry { index, entry } in entries {
        if let Body::Assurance(Assurance::DocumentAcknowledged {
            what,
            digest,
            definition,
            ..
        }) = &entry.event.body
            && entry.event.signature.is_some()
        {
            let document = match (what, definition) {
                (Acknowledged::Exhibit, Some(definition)) => definition,
                _ => digest,
            };
            first.entry(*document).or_insert(Place {
                entry: *index,
                time: entry.event.time,
            });
        }
    }
    first
}

/// For each definition with works under it, the first entry that opened one and the earliest instant at
/// which one opened, which need not be of the same work.
fn first_works(drawn: &Recomputed, held: &Held) -> BTreeMap<Digest, Place> {
    let mut opened: HashMap<&FactRef, Digest> = HashMap::with_capacity(held.units.len());
    let mut first: BTreeMap<Digest, Place> = BTreeMap::new();
    for unit in held.units.iter() {
        let versions = &held.agreement.versions;
        let version = versions.iter().find(|own| own.number == unit.version);
        let Some(definition) =
            version.and_then(|own| own.terms.definitions.get(unit.key.unit.as_str()))
        else {
            continue;
        };
        opened.insert(&unit.key.opened_by, definition.digest);
        let nowhere = Place {
            entry: u64::MAX,
            time: unit.opened,
        };
        let known = first.entry(definition.digest).or_insert(nowhere);
        known.time = known.time.min(unit.opened);
    }
    let mut stands = |definition: &Digest, entry: u64| {
        if let Some(place) = first.get_mut(definition) {
            place.entry = place.entry.min(entry);
        }
    };
    for (fact, entry) in &drawn.carried {
        if let Some(definition) = opened.get(fact) {
            stands(definition, *entry);
        }
    }
    // In the order of the log, so what opened the first work is met soon.
    let mut wanted: BTreeSet<Digest> = opened.values().copied().collect();
    for own in &drawn.account.entries {
        if wanted.is_empty() {
            break;
        }
        if let Some(definition) = opened.get(&own.fact)
            && wanted.remove(definition)
        {
            stands(definition, own.entry);
        }
    }
    first
}

impl Report {
    /// Takes what the statement says of itself.
    pub(super) fn take(&mut self, drawn: &Recomputed, acknowledged: &BTreeMap<Digest, Place>) {
        let statement = &drawn.statement;
        self.total = Some(statement.total);
        self.authorship.clone_from(&statement.authorship);
        self.by_signature = Some(statement.by_signature);
        self.conflicts.clone_from(&drawn.account.conflicts);
        let flags = drawn.account.flags.iter();
        self.ignored = flags
            .map(|flag| (flag.entry, flag.problem.clone()))
            .collect();
        let Some(held) = drawn.account.contract(&statement.contract) else {
            return;
        };
        let mut documents = Vec::new();
        for version in &held.agreement.versions {
            let terms = &version.terms;
            documents.push(("contract", terms.contract.digest));
            documents.push(("plan", terms.plan));
            let definitions = terms.definitions.values();
            documents.extend(definitions.map(|own| ("definition", own.digest)));
        }
        documents.sort();
        documents.dedup();
        let first_works = first_works(drawn, held);
        let document = |(what, digest): (&'static str, Digest)| {
            let own = acknowledged.get(&digest);
            let in_time = |first: &Place| {
                own.is_some_and(|own| own.entry < first.entry && own.time <= first.time)
            };
            Document {
                what,
                digest,
                acknowledged: own.map(|own| own.entry),
                before_first_work: first_works.get(&digest).map(in_time),
            }
        };
        self.documents = documents.into_iter().map(document).collect();
    }
}
