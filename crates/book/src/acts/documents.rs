//! Publishing a document into a customer's log, where later entries name it by digest.

use jiff::Timestamp;
use pricing::Plan;
use pricing::limits::RATED_DOCUMENTS_MAX;
use pricing::published::{Document, is_rated};
use serde::Serialize;
use work::Digest;
use work::body::{Audience, Control, DocumentKind};
use work::event::{PIECEWORK, UNASSIGNED};

use super::{Acted, control};
use crate::Result;
use crate::book::Book;
use crate::contracts;
use crate::documents::{definition, faulty};
use crate::error::Invalid;

/// Which document is published to whom.
#[derive(Debug, Clone, Copy)]
pub struct Publish<'a> {
    /// The customer's id. It need not have any events yet. A rate of exchange is of none ([`UNASSIGNED`]).
    pub customer: &'a str,
    /// What it is: a definition, a plan or a contract, or one whose numbers enter rating.
    pub document: DocumentKind,
    /// Where it came from, for messages.
    pub name: &'a str,
    /// The TOML text.
    pub text: &'a str,
    /// Who publishes it (a role).
    pub by: &'a str,
}

/// A document that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The customer's id.
    pub customer: String,
    /// SHA-256 of the text, by which it is named.
    pub digest: String,
}

/// The id of the entry that publishes a text: a log has each text once.
pub(super) fn document_id(text: &str) -> String {
    format!("document/{}", Digest::of(text.as_bytes()))
}

impl Book {
    /// Publishes a document: for buyer and seller, a rate of exchange for the seller alone. Definitions, plans and
    /// contracts govern nothing until a contract is signed over them; a calibration, a measure or a baseline counts
    /// from now on. A document is known by its text, so publishing it again does nothing; but of what enters rating the
    /// text of an earlier one is said anew where another has taken its place since.
    ///
    /// # Errors
    /// [`Faulty`](crate::Error::Faulty) where the text is no such document; [`Invalid`] for model costs, which
    /// no customer's log has; [`Refused`](crate::error::Refused) where it changes what was stated, and names nobody
    /// who approved that (semantics.md D12).
    pub fn publish(&self, act: &Publish<'_>, now: Timestamp) -> Result<Acted<Published>> {
        let enters_rating = act.check()?;
        let _turn = self.turns.take(act.customer);
        let published = Published {
            customer: act.customer.to_owned(),
            digest: Digest::of(act.text.as_bytes()).to_string(),
        };
        let id = match &enters_rating {
            Some(document) => self.id_of_rated(act, document)?,
            None => document_id(act.text),
        };
        let known = self.done_before(act.customer, Some(&id), |_, said| match said {
            Control::DocumentPublished { document, .. } if *document == act.document => Some(()),
            _ => None,
        })?;
        if known.is_some() {
            return Ok(Acted::before(published));
        }
        if let Some(document) = enters_rating {
            self.account(act.customer, None)?.may_publish(&document)?;
        }
        let entry = Control::DocumentPublished {
            document: act.document,
            text: act.text.to_owned(),
            audience: match act.document {
                DocumentKind::Fx => Audience::Seller,
                _ => Audience::Shared,
            },
            by: act.by.to_owned(),
        };
        self.write(&[control(act.customer, id, now, entry)], now)?;
        Ok(Acted::now(published))
    }

    /// The id under which a text is known, or is to be published: the first that is free where it is not what was said
    /// last.
    fn id_of_rated(&self, act: &Publish<'_>, document: &Document) -> Result<String> {
        self.chosen(Some(act.customer))?;
        let is_last_said = self.account(act.customer, None)?.is_last_said(document);
        let stem = document_id(act.text);
        let mut known = None;
        for again in 1..=RATED_DOCUMENTS_MAX {
            let id = match again {
                1 => stem.clone(),
                again => format!("{stem}/{again}"),
            };
            if self.store.find(act.customer, PIECEWORK, &id)?.is_none() {
                return Ok(known.filter(|_| is_last_said).unwrap_or(id));
            }
            known = Some(id);
        }
        Ok(stem) // not reached: others stand between two of one text, and there may be no more of all
    }
}

impl Publish<'_> {
    /// Reads the text; gives the document where its numbers enter rating.
    fn check(&self) -> Result<Option<Document>> {
        let Publish { name, text, .. } = *self;
        match self.document {
            DocumentKind::Definition => drop(definition(name, text)?),
            DocumentKind::Plan => {
                Plan::parse(text).map_err(|error| faulty(name, text, error.faults))?;
            }
            DocumentKind::Contract => drop(contracts::read(name, text)?),
            DocumentKind::Quote | DocumentKind::Opening => {
                return Err(Invalid::OfAnAct {
                    kind: self.document.word(),
                }
                .into());
            }
            DocumentKind::ModelCosts => return Err(Invalid::ModelCostsOfCustomer.into()),
            DocumentKind::Fx if self.customer != UNASSIGNED => {
                return Err(Invalid::RateOfCustomer.into());
            }
            kind @ (DocumentKind::Calibration
            | DocumentKind::Measure
            | DocumentKind::Baseline
            | DocumentKind::Fx) => {
                let document = Document::parse(kind, text)
                    .map_err(|error| faulty(name, text, error.faults))?;
                return Ok(is_rated(kind).then_some(document));
            }
        }
        Ok(None)
    }
}
