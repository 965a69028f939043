//! The model costs of a book: the built-in list, and what was imported, each from its date on.
//!
//! An imported list is too large for a log entry, so the book keeps its text as a payload, and an
//! `evidence.attached` entry in the log of what belongs to no customer names its commitment. Invariant: only
//! what [`keep`] wrote says what models cost; evidence of that name from another source is evidence and no more.

use jiff::Timestamp;
use pricing::model_costs::ModelCosts;
use pricing::published::{Document, Published};
use store::{FactKind, FactsOf, Outcome, Store};
use work::body::{Audience, Body, Control, DocumentKind};
use work::event::{Authorship, MODEL_COSTS, PIECEWORK, UNASSIGNED};
use work::settle::FactRef;
use work::{Digest, Event, Header, Headers};

use crate::Result;
use crate::documents::faulty;
use crate::error::{Damaged, Refused};

/// The evidence name of an imported list.
const EVIDENCE: &str = "model_costs";
/// The document that an imported list is said to be, by which its entry is found.
const DOCUMENT: &str = "model-costs";

/// Keeps an imported list in the book; returns its digest.
///
/// # Errors
/// Where the store does not take it.
pub fn keep(store: &dyn Store, costs: &ModelCosts, now: Timestamp) -> Result<Digest> {
    let text = costs.to_toml();
    let digest = Digest::of(text.as_bytes());
    // Prices are no secret. A salt that follows from the list makes a second import the same event.
    let commitment = store.put_payload(digest.as_bytes(), text.as_bytes())?;
    let mut headers = Headers::default();
    headers.set(Header::Document, DOCUMENT);
    let event = Event {
        id: digest.to_string().into(),
        source: MODEL_COSTS.into(),
        customer: UNASSIGNED.into(),
        time: now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers,
        body: Body::Evidence {
            name: EVIDENCE.to_owned(),
            commitment,
            media_type: Some("application/toml".to_owned()),
            audience: Audience::Shared,
        },
    };
    match store.append(&[event], now)?.pop() {
        Some(Outcome::Refused { problem, .. }) => Err(Refused::ModelCosts { problem }.into()),
        _ => Ok(digest),
    }
}

/// The model costs in force: built in, then imported, each from its date on.
///
/// # Errors
/// Where an imported list cannot be read back, or two do not fit together.
pub fn load(store: &dyn Store) -> Result<ModelCosts> {
    load_known(store, None)
}

/// The model costs that were in the book at an instant; those that are, where there is none.
///
/// # Errors
/// As [`load`].
pub fn load_known(store: &dyn Store, known: Option<Timestamp>) -> Result<ModelCosts> {
    let mut lists = vec![ModelCosts::built_in().clone()];
    for entry in store.entries_with(UNASSIGNED, Header::Document, DOCUMENT)? {
        let entry = entry?;
        if known.is_some_and(|known| known < entry.received_at) {
            continue;
        }
        if let Body::Evidence {
            name, commitment, ..
        } = entry.event.body
            && name == EVIDENCE
            && entry.event.source == MODEL_COSTS
        {
            let payload = store.payload(&commitment)?;
            let payload = payload.ok_or(Damaged::NoModelCosts { commitment })?;
            let text = String::from_utf8(payload.bytes)
                .map_err(|source| Damaged::NotText { commitment, source })?;
            lists.push(ModelCosts::parse(&text)?);
        }
    }
    lists.sort_by_key(ModelCosts::date);
    let mut lists = lists.into_iter();
    let first = lists.next().ok_or(Damaged::Missing("the built-in list"))?;
    lists.try_fold(first, |all, next| Ok(all.followed_by(&next)?))
}

/// The rates of exchange that were published, in the order of their log: that of what belongs to no customer, which
/// the seller alone sees.
///
/// # Errors
/// Where one cannot be read back.
pub fn rates(store: &dyn Store) -> Result<Vec<Published>> {
    let mut rates = Vec::new();
    for fact in store.facts(UNASSIGNED, FactKind::SellerDocument, FactsOf::Customer)? {
        let event = fact?.event;
        if let Body::Control(Control::DocumentPublished {
            document: kind @ DocumentKind::Fx,
            text,
            ..
        }) = &event.body
            && event.source == PIECEWORK
        {
            let name = "a published rate of exchange";
            let document =
                Document::parse(*kind, text).map_err(|error| faulty(name, text, error.faults))?;
            rates.push(Published {
                fact: FactRef {
                    source: event.source.clone(),
                    id: event.id.clone(),
                },
                time: event.time,
                document,
            });
        }
    }
    Ok(rates)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that panics is a test that fails
mod tests {
    use std::sync::Arc;

    use zeroize::Zeroizing;

    use super::*;
    use crate::config::Config;
    use crate::{Book, presets};

    #[test]
    fn only_an_import_says_what_models_cost() {
        let directory = tempfile::tempdir().unwrap();
        let preset = presets::find("fin-style").unwrap();
        let config = Config::of_preset(preset, &directory.path().join("book"));
        let now = "2026-02-03T09:00:00Z".parse().unwrap();
        let random = Arc::new(|| Ok(Zeroizing::new([7; 32])));
        let book = Book::create(config, random, now).unwrap();
        let store = book.store.as_ref();
        let before = load(store).unwrap().to_toml();
        // Evidence of the same name from a feed, behind which there is no list at all.
        let event = Event {
            id: "1".into(),
            source: "desk".into(),
            customer: UNASSIGNED.into(),
            time: now,
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: {
                let mut headers = Headers::default();
                headers.set(work::Header::Document, "list");
                headers
            },
            body: Body::Evidence {
                name: EVIDENCE.to_owned(),
                commitment: Digest::of(b"nothing"),
                media_type: None,
                audience: Audience::Shared,
            },
        };
        book.write(&[event], now).unwrap();
        assert_eq!(load(store).unwrap().to_toml(), before);
    }
}
