//! Whether a unit was defined before it was priced, by the order of the customer log.

use std::collections::BTreeMap;

use pages::view::CheckVerdict;
use store::{FactKind, FactsOf};
use work::body::{Body, Control, DocumentKind};
use work::{Definition, Digest};

use super::{Found, Priced, reason, reason_of};
use crate::Result;
use crate::book::Book;

/// The documents that a customer log published, each at its first entry.
#[derive(Default)]
pub(super) struct Published {
    at: BTreeMap<Digest, u64>,
    /// Where a definition of each id was published first.
    first_of: BTreeMap<String, u64>,
    /// The texts of plans.
    plans: BTreeMap<Digest, String>,
}

impl Published {
    pub(super) fn of(book: &Book, customer: &str) -> Result<Published> {
        let mut published = Published::default();
        let facts = (book.store).facts(customer, FactKind::Document, FactsOf::Customer)?;
        for fact in facts {
            let fact = fact?;
            let Body::Control(Control::DocumentPublished { document, text, .. }) = fact.event.body
            else {
                continue;
            };
            published.take(fact.entry, document, text);
        }
        Ok(published)
    }

    pub(super) fn take(&mut self, entry: u64, kind: DocumentKind, text: String) {
        let earlier = |known: &mut u64| *known = entry.min(*known);
        let digest = Digest::of(text.as_bytes());
        self.at.entry(digest).and_modify(earlier).or_insert(entry);
        match kind {
            DocumentKind::Definition => {
                if let Ok(definition) = Definition::parse(&text) {
                    let first = self.first_of.entry(definition.id);
                    first.and_modify(earlier).or_insert(entry);
                }
            }
            DocumentKind::Plan => {
                self.plans.insert(digest, text);
            }
            _ => {}
        }
    }

    /// The text of a plan.
    pub(super) fn plan(&self, digest: Digest) -> Option<&str> {
        self.plans.get(&digest).map(String::as_str)
    }
}

/// Looks at the documents of one contract; `contract` and `plan` are their digests.
pub(super) fn check(
    priced: &Priced<'_>,
    (contract, plan): (Digest, Digest),
    published: &Published,
) -> Found {
    let mut found = Found::passing();
    let at = |digest: &Digest| published.at.get(digest).copied();
    for (component, definition) in priced.outcomes() {
        let unit = &definition.id;
        let (Some(defined), Some(agreed), Some(priced_at)) =
            (at(&definition.digest), at(&contract), at(&plan))
        else {
            let says = format!(
                "`{unit}` and its price are in no log yet; signing publishes the definition first"
            );
            found.add(reason(CheckVerdict::Warn, says));
            continue;
        };
        let first = published.first_of.get(unit).copied().unwrap_or(defined);
        let id = &component.id;
        if defined > agreed {
            let says = format!(
                "the contract (entry {agreed}) agrees on `{id}` before `{unit}` is defined as it counts (entry {defined})"
            );
            found.add(reason_of(CheckVerdict::Fail, says, [agreed, defined]));
        } else if first > priced_at {
            let says = format!(
                "the plan (entry {priced_at}) prices `{unit}` by `{id}` before anybody defined it (entry {first})"
            );
            found.add(reason_of(CheckVerdict::Fail, says, [priced_at, first]));
        } else {
            let says = format!(
                "`{unit}` was defined in entry {first}, before the plan (entry {priced_at}) and the contract (entry {agreed})"
            );
            found.add(reason_of(
                CheckVerdict::Pass,
                says,
                [first, priced_at, agreed],
            ));
        }
    }
    if found.is_empty() {
        found.add(reason(
            CheckVerdict::Pass,
            "no outcome is priced".to_owned(),
        ));
    }
    found.mended_by(
        "give plan and contract a new version, so that they are published after the definition, and amend the contract: \
         `piecework contract amend`",
    )
}
