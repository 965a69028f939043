//! How works are counted, and whether the buyer put its name under that.

use pages::view::{Acknowledged, Agreed, Counting, Section};
use work::Digest;
use work::body::{Acknowledged as What, Assurance, Body};
use work::definition::exhibit::exhibit;
use work::settle::Unit;

use super::Known;
use crate::checks::attribution::{FactsByName, counted, derived, told};

/// The definitions that governed the statement, each once, in plain English.
pub(super) fn countings(known: &Known<'_>) -> Vec<Counting> {
    let mut countings: Vec<Counting> = Vec::new();
    let facts: FactsByName<'_> = (known.facts.iter())
        .map(|fact| (fact.reference(), fact))
        .collect();
    let versions = &known.then.agreement.versions;
    for definition in versions
        .iter()
        .flat_map(|own| own.terms.definitions.values())
    {
        let digest = definition.digest.to_string();
        if countings.iter().any(|own| own.digest == digest) {
            continue;
        }
        let annex = exhibit(definition);
        let text = Digest::of(annex.plain().as_bytes());
        let sections = annex.sections.into_iter();
        countings.push(Counting {
            unit: annex.id,
            digest,
            exhibit: text.to_string(),
            sections: sections
                .map(|own| Section {
                    heading: own.heading.to_owned(),
                    sentences: own.sentences,
                })
                .collect(),
            cases: annex
                .cases
                .into_iter()
                .map(|own| (own.question, own.answer))
                .collect(),
            attribution: derived(
                definition,
                &counted(&known.now.units, &definition.id, known.known_at)
                    .filter(|unit| is_governed(known, unit, definition.digest))
                    .collect::<Vec<_>>(),
                known.known_at,
                Some(&facts),
            )
            .map(|verdict| told(&verdict)),
            acknowledged: acknowledged(known, definition.digest, Some(text)),
        });
    }
    countings
}

/// Whether a unit counts by a definition's very text.
fn is_governed(known: &Known<'_>, unit: &Unit, definition: Digest) -> bool {
    let version = known.now.agreement.version(unit.version);
    let own = version.and_then(|own| own.terms.definitions.get(unit.key.unit.as_str()));
    own.is_some_and(|own| own.digest == definition)
}

/// Contracts and plans of the statement, and the buyer's signature under each.
pub(super) fn documents(known: &Known<'_>) -> Vec<Agreed> {
    let mut documents: Vec<Agreed> = Vec::new();
    for (_, contract, plan) in &known.statement.documents {
        for (what, digest) in [("contract", contract), ("plan", plan)] {
            let text = digest.to_string();
            if documents.iter().all(|own| own.digest != text) {
                documents.push(Agreed {
                    what: what.to_owned(),
                    digest: text,
                    acknowledged: acknowledged(known, *digest, None),
                });
            }
        }
    }
    documents
}

/// The buyer's first signature under a document or, of a definition, under an exhibit of it; one
/// under this very text comes before any other.
fn acknowledged(
    known: &Known<'_>,
    document: Digest,
    exhibit: Option<Digest>,
) -> Option<Acknowledged> {
    let signed = known
        .contents
        .iter()
        .filter(|own| own.event.signature.is_some());
    let mut found: Vec<Acknowledged> = signed
        .filter_map(|own| {
            let Body::Assurance(Assurance::DocumentAcknowledged {
                what,
                digest,
                definition,
                by,
            }) = &own.event.body
            else {
                return None;
            };
            let named = match what {
                What::Exhibit => *definition,
                _ => Some(*digest),
            };
            (named == Some(document)).then(|| Acknowledged {
                entry: own.entry,
                at: own.event.time,
                by: by.clone(),
                is_this_text: *digest == document || Some(*digest) == exhibit,
            })
        })
        .collect();
    found.sort_by_key(|own| (!own.is_this_text, own.entry));
    found.into_iter().next()
}
