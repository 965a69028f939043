//! What stands in the log beside the works: samples with their verdicts, corrections, redactions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pages::view::{Listed, Note, Rows, Sample};
use work::body::{Action, Assurance, Body, Control};
use work::effective::{Content, Fact};
use work::event::Authorship;
use work::settle::FactRef;

use super::Known;
use super::works::listed;

/// Rows of a list that a report shows.
pub(super) const ROWS_MAX: usize = 50;

/// The samples drawn from the statement, each with the last verdict since on its works.
pub(super) fn samples(known: &Known<'_>, number: &str) -> Vec<Sample> {
    let entries: HashMap<FactRef, &Fact> = known
        .facts
        .iter()
        .map(|fact| (fact.reference(), fact))
        .collect();
    let mut opened: HashMap<u64, Vec<&FactRef>> = HashMap::new();
    for unit in known.now.units.iter() {
        if let Some(fact) = entries.get(&unit.key.opened_by) {
            opened.entry(fact.entry).or_default().extend(&unit.facts);
        }
    }
    let draws = known
        .contents
        .iter()
        .filter_map(|own| match &own.event.body {
            Body::Assurance(Assurance::SampleDrawn(draw)) if draw.statement == number => {
                Some((own.entry, draw))
            }
            _ => None,
        });
    let sample = |(entry, draw): (u64, &work::body::Draw)| {
        // Drawn by money, a work may be drawn twice; it is reviewed once.
        let items: BTreeSet<u64> = draw.items.iter().copied().collect();
        let mut verdicts: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
        let mut reviewed = 0;
        for item in &items {
            let facts = opened.get(item).into_iter().flatten();
            let since = facts
                .filter_map(|fact| entries.get(*fact))
                .filter(|fact| fact.entry > entry);
            let verdict = since
                .filter_map(|fact| match &fact.event.body {
                    Body::Reviewed { result, .. } => Some((fact.entry, result.word())),
                    _ => None,
                })
                .max_by_key(|(entry, _)| *entry);
            if let Some((entry, word)) = verdict {
                verdicts.entry(word).or_default().push(entry);
                reviewed += 1;
            }
        }
        Sample {
            sample: draw.sample.clone(),
            entry,
            method: draw.method.word().to_owned(),
            stratum: draw.stratum.clone(),
            by_buyers_nonce: draw.nonce.is_some(),
            works: items.len() as u64,
            verdicts: verdicts
                .into_iter()
                .map(|(word, entries)| (word.to_owned(), listed(entries)))
                .collect::<Vec<(String, Listed)>>(),
            unreviewed: items.len() as u64 - reviewed,
        }
    };
    draws.map(sample).collect()
}

/// The corrections of a log.
pub(super) fn corrections(contents: &[Content]) -> Rows<Note> {
    rows(contents.iter().filter_map(|own| match &own.event.body {
        Body::Corrected {
            target_id,
            target_source,
            target_kind,
            action,
            reason,
            ..
        } => Some(Note {
            entry: own.entry,
            what: format!(
                "{} {} `{target_id}` of {target_source}, written by {}{}",
                match action {
                    Action::Void => "voids",
                    Action::Replace => "replaces",
                    Action::Choose => "chooses the content of",
                },
                target_kind.word(),
                author(own.event.authorship),
                if own.event.signature.is_some() {
                    ", signed"
                } else {
                    ""
                },
            ),
            why: reason.clone(),
        }),
        _ => None,
    }))
}

/// The redactions of a log.
pub(super) fn redactions(contents: &[Content]) -> Rows<Note> {
    rows(contents.iter().filter_map(|own| match &own.event.body {
        Body::Control(Control::DataRedacted {
            target_source,
            target_id,
            reason,
            by,
            ..
        }) => Some(Note {
            entry: own.entry,
            what: format!("deletes the payload of `{target_id}` of {target_source}, by {by}"),
            why: Some(reason.clone()),
        }),
        _ => None,
    }))
}

pub(super) fn rows<T>(all: impl Iterator<Item = T>) -> Rows<T> {
    let mut shown: Vec<T> = all.collect();
    let total = shown.len() as u64;
    shown.truncate(ROWS_MAX);
    Rows { shown, total }
}

const fn author(authorship: Authorship) -> &'static str {
    match authorship {
        Authorship::Seller => "the seller",
        Authorship::Buyer => "the buyer",
        Authorship::ThirdParty => "a third party",
    }
}
