//! What stands behind an outcome, kept in the book and committed to in the log.
//!
//! The log holds a commitment that says nothing by itself. Salt and payload are shown only where a proof file
//! discloses them, and redaction deletes both. Invariant: the record of a redaction comes before it; what is
//! deleted without one could not be told from what was lost.

use jiff::Timestamp;
use serde::Serialize;
use store::Entry;
use work::body::{Audience, Body, Control};
use work::event::{Authorship, PIECEWORK, is_own_source};
use work::limits::ID_BYTES_MAX;
use work::{Digest, Event, Header, Headers, LogKind};

use super::{Acted, control};
use crate::book::Book;
use crate::error::{Absent, Invalid, Refused};
use crate::{Error, Result};

/// The source of what is attached by hand, where none is named.
const BY_HAND: &str = "piecework/evidence";

/// What the texts of a model call are called as evidence.
const MODEL_CALL: &str = "model_call";

/// Which payload is evidence of what.
#[derive(Debug, Clone, Copy)]
pub struct Attach<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The work that it is evidence of.
    pub work: &'a str,
    /// What it is, as definitions name it, e.g. `transcript`.
    pub name: &'a str,
    /// The payload's bytes.
    pub payload: &'a [u8],
    /// Who speaks: the source of the event, which is not piecework itself.
    pub source: &'a str,
    /// The id of the event; made of work, name and commitment where absent.
    pub id: Option<&'a str>,
}

/// Evidence that was attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// The commitment in the log.
    pub commitment: String,
    /// The source of the event.
    pub source: String,
    /// Its id.
    pub id: String,
}

/// Which evidence is deleted, and why.
#[derive(Debug, Clone, Copy)]
pub struct Redact<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// Source of the event that attached it.
    pub source: &'a str,
    /// Id of that event.
    pub event: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
}

/// Evidence that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redacted {
    /// Source of the event that attached it.
    pub source: String,
    /// Id of that event.
    pub event: String,
    /// Payloads deleted now; none where it was redacted before.
    pub deleted: u32,
}

impl Book {
    /// Keeps a payload, and commits to it in the customer's log.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer; [`Invalid`] where it cannot be an event.
    pub fn attach(&self, act: &Attach<'_>, now: Timestamp) -> Result<Acted<Attached>> {
        if is_own_source(act.source) && act.source != BY_HAND {
            return Err(Invalid::OwnSource.into());
        }
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        if let Some(before) = self.attached_before(act)? {
            return Ok(Acted::before(before));
        }
        let salt = (self.random)().map_err(Error::Random)?;
        let commitment = self.store.put_payload(&salt, act.payload)?;
        let event = act.event(commitment, now)?;
        self.write(std::slice::from_ref(&event), now)?;
        Ok(Acted::now(attached(&event, commitment)))
    }

    /// Deletes what an event committed to, and records that; doing so again deletes nothing more.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or evidence.
    pub fn redact(&self, act: &Redact<'_>, now: Timestamp) -> Result<Acted<Redacted>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let (log, commitments) = self.commitments(act)?;
        let target = Digest::of(format!("{}\n{}", act.source, act.event).as_bytes());
        let id = format!("redacted/{target}");
        let known = self.store.find(act.customer, PIECEWORK, &id)?.is_some();
        if !known {
            let redacted = Control::DataRedacted {
                target_source: act.source.into(),
                target_id: act.event.into(),
                reason: act.reason.to_owned(),
                by: act.by.to_owned(),
                audience: match log {
                    LogKind::Shared => Audience::Shared,
                    LogKind::Seller => Audience::Seller,
                },
            };
            self.write(&[control(act.customer, id, now, redacted)], now)?;
        }
        let mut deleted = 0;
        for commitment in &commitments {
            deleted += u32::from(self.store.forget_payload(commitment)?);
        }
        let redacted = Redacted {
            source: act.source.to_owned(),
            event: act.event.to_owned(),
            deleted,
        };
        Ok(Acted {
            what: redacted,
            is_known: known,
        })
    }

    /// The evidence that the act's id attached before.
    fn attached_before(&self, act: &Attach<'_>) -> Result<Option<Attached>> {
        let Some(id) = act.id else {
            return Ok(None);
        };
        let Some(known) = self.entry_under(act.customer, act.source, id)? else {
            return Ok(None);
        };
        let other = || Refused::OtherAct { id: id.to_owned() };
        let commitment = commitment(&known).ok_or_else(other)?;
        let again = act.event(commitment, known.event.time)?;
        // What was redacted since cannot be compared any more.
        let kept = self.store.payload(&commitment)?;
        let is_same = kept.is_none_or(|kept| kept.bytes == act.payload);
        if again != known.event || !is_same {
            return Err(other().into());
        }
        Ok(Some(attached(&known.event, commitment)))
    }

    /// What the event committed to, and the log that it is in.
    fn commitments(&self, act: &Redact<'_>) -> Result<(LogKind, Vec<Digest>)> {
        let found = self.store.find(act.customer, act.source, act.event)?;
        let mut commitments = Vec::new();
        let mut log = LogKind::Shared;
        for found in found.iter() {
            log = found.log;
            for (index, _) in &found.contents {
                let entry = self.store.entry(act.customer, found.log, *index)?;
                commitments.extend(entry.as_ref().and_then(commitment));
            }
        }
        if commitments.is_empty() {
            return Err(Absent::Evidence {
                customer: act.customer.to_owned(),
                source_name: act.source.to_owned(),
                event: act.event.to_owned(),
            }
            .into());
        }
        Ok((log, commitments))
    }

    /// Keeps what was written in a model call that is in the book as `call`, and commits to it in the log that
    /// the call's cost is in: the seller's alone. It is evidence under the call's id and `/texts`; what is there
    /// under that is kept as it is, also where it was redacted since.
    ///
    /// # Errors
    /// Where it is longer than a payload may be, or cannot be kept.
    pub fn keep_texts(&self, call: &Event, texts: &[u8], now: Timestamp) -> Result<()> {
        let mut id = format!("{}/texts", call.id);
        if id.len() > ID_BYTES_MAX {
            id = format!("{}/texts", Digest::of(call.id.as_bytes()));
        }
        if self
            .store
            .find(&call.customer, &call.source, &id)?
            .is_some()
        {
            return Ok(());
        }
        let salt = (self.random)().map_err(Error::Random)?;
        let commitment = self.store.put_payload(&salt, texts)?;
        let mut headers = call.headers.clone();
        if headers.iter().next().is_none() {
            // Evidence is of something, and a call of nothing yet is of itself.
            headers.set(Header::Document, MODEL_CALL);
        }
        let event = Event {
            id: id.into(),
            authorship: Authorship::Seller,
            headers,
            signature: None,
            body: Body::Evidence {
                name: MODEL_CALL.to_owned(),
                commitment,
                media_type: Some("application/json".to_owned()),
                audience: Audience::Seller,
            },
            ..call.clone()
        };
        self.write(std::slice::from_ref(&event), now)?;
        Ok(())
    }
}

impl Attach<'_> {
    /// The event, read once more as it would be read from a file.
    fn event(&self, commitment: Digest, at: Timestamp) -> Result<Event> {
        let mut headers = Headers::default();
        headers.set(Header::Work, self.work);
        let id = match self.id {
            Some(id) => id.to_owned(),
            None => format!("{}/{}/{}", self.work, self.name, commitment.short()),
        };
        let event = Event {
            id: id.into(),
            source: self.source.into(),
            customer: self.customer.into(),
            time: at,
            work: Some(self.work.into()),
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers,
            body: Body::Evidence {
                name: self.name.to_owned(),
                commitment,
                media_type: None,
                audience: Audience::Shared,
            },
        };
        Ok(Event::parse(&event.canonical()).map_err(Invalid::Event)?)
    }
}

fn commitment(entry: &Entry) -> Option<Digest> {
    match &entry.event.body {
        Body::Evidence { commitment, .. } => Some(*commitment),
        _ => None,
    }
}

fn attached(event: &Event, commitment: Digest) -> Attached {
    Attached {
        commitment: commitment.to_string(),
        source: event.source.to_string(),
        id: event.id.to_string(),
    }
}
