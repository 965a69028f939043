//! [`Undo`]: an event taken back by its identity alone.
//!
//! A correction names the content that it voids by digest (semantics.md S5), and only the book knows
//! it. So an undo is decoded here, the caller looks its [`Undo::targets`] up, and
//! [`Undo::corrections`] makes the `event.corrected` of what was found. Invariant: the same undo and the
//! same contents give the same corrections, so an undo may be repeated.

use jiff::Timestamp;
use work::body::{Action, Body};
use work::event::Authorship;
use work::{Event, EventError, Headers, Identity, Json, SmolStr};

use super::verbs::PARTS;

/// A request to take an event back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// Identity of what is taken back, as its sender knows it: the id of a `done` stands for all facts
    /// that it was expanded into.
    pub target: Identity,
    /// Id of the undo itself.
    pub id: String,
    /// Who sends it.
    pub source: String,
    /// When.
    pub time: Timestamp,
    /// Who authored it.
    pub authorship: Authorship,
    /// Why.
    pub reason: Option<String>,
}

/// Why an undo undoes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// The book has no such event.
    #[error(
        "no event `{}` of the source `{}` is known for `{}`; send the undo after it, with the id and source that it was sent with",
        .0.id, .0.source, .0.customer
    )]
    NotFound(Identity),
    /// The event cannot be corrected.
    #[error("{0}")]
    NotCorrectable(#[from] EventError),
}

impl Undo {
    /// Reads the envelope of an undo, its `data`, and `data.event`.
    pub(super) fn read(
        envelope: &[(SmolStr, Json)],
        data: Vec<(SmolStr, Json)>,
        target: &Json,
        arrival: Timestamp,
    ) -> Result<Undo, EventError> {
        let fault = |pointer: String, problem: &str| EventError {
            pointer,
            problem: problem.to_owned(),
        };
        if envelope.iter().any(|(name, _)| name == "workid") {
            return Err(fault(
                "/workid".to_owned(),
                "name the work, or the event in `data.event`, not both",
            ));
        }
        // The strict reader judges the envelope and the reason: a closing has the same members.
        let mut members = envelope.to_vec();
        let kind = work::body::Kind::Closed.wire();
        members.push((
            SmolStr::new_static("type").to_string().into(),
            Json::String(kind.into()),
        ));
        members.push((
            SmolStr::new_static("workid").to_string().into(),
            Json::text("undo"),
        ));
        members.push((
            SmolStr::new_static("data").to_string().into(),
            Json::Object(data),
        ));
        let event = Event::from_json(&Json::Object(members))?;
        event.check_arrival(arrival)?;
        if event.headers.iter().count() > 1 {
            return Err(fault("/data".to_owned(), "an undo carries no headers"));
        }
        if event.traceparent.is_some() || event.signature.is_some() {
            return Err(fault(
                String::new(),
                "an undo carries no trace and no signature; a signed `event.corrected` does",
            ));
        }
        let Body::Closed { reason } = event.body else {
            return Err(fault(String::new(), "not an undo"));
        };
        let Json::Object(named) = target else {
            return Err(fault(
                "/data/event".to_owned(),
                "expected an object with the `id` of the event",
            ));
        };
        let mut id = None;
        let mut source = None;
        for (name, value) in named {
            let place = match name.as_str() {
                "id" => &mut id,
                "source" => &mut source,
                _ => {
                    return Err(fault(
                        format!("/data/event/{name}"),
                        "unknown member; an event is named by `id` and, where it is another's, `source`",
                    ));
                }
            };
            match value {
                Json::String(text) if !text.is_empty() => *place = Some(text.clone()),
                Json::Null => {}
                _ => return Err(fault(format!("/data/event/{name}"), "expected a text")),
            }
        }
        let id = id.ok_or_else(|| fault("/data/event/id".to_owned(), "this member is required"))?;
        Ok(Undo {
            target: Identity {
                customer: event.customer.to_string(),
                source: source.unwrap_or_else(|| event.source.clone()).to_string(),
                id: id.to_string(),
            },
            id: event.id.to_string(),
            source: event.source.to_string(),
            time: event.time,
            authorship: event.authorship,
            reason,
        })
    }

    /// The identities to look up: the one named, and those that a `done` of this id was expanded into.
    #[must_use]
    pub fn targets(&self) -> Vec<Identity> {
        let parts = PARTS.iter().map(|part| Identity {
            id: format!("{}/{part}", self.target.id),
            ..self.target.clone()
        });
        std::iter::once(self.target.clone()).chain(parts).collect()
    }

    /// The corrections that void the contents found under [`Undo::targets`], in their order.
    ///
    /// # Errors
    /// [`UndoError::NotFound`] where nothing was found; [`UndoError::NotCorrectable`] for what
    /// piecework itself wrote.
    pub fn corrections(&self, found: &[Event]) -> Result<Vec<Event>, UndoError> {
        let targets = self.targets();
        let mut corrections = Vec::new();
        for target in &targets {
            let contents: Vec<&Event> = found
                .iter()
                .filter(|event| event.identity() == *target)
                .collect();
            for content in &contents {
                let part = target.id.strip_prefix(&self.target.id).unwrap_or_default();
                let mut id = format!("{}{part}", self.id);
                if contents.len() > 1 {
                    // Contents that conflict under one identity are each taken back.
                    id.push_str(&format!("/{}", content.digest().short()));
                }
                corrections.push(self.correction(id, content)?);
            }
        }
        if corrections.is_empty() {
            return Err(UndoError::NotFound(self.target.clone()));
        }
        Ok(corrections)
    }

    fn correction(&self, id: String, content: &Event) -> Result<Event, EventError> {
        let event = Event {
            id: id.into(),
            source: self.source.clone().into(),
            customer: content.customer.clone(),
            time: self.time,
            work: None,
            traceparent: None,
            authorship: self.authorship,
            headers: Headers::default(),
            signature: None,
            body: Body::Corrected {
                target_source: content.source.clone(),
                target_id: content.id.clone(),
                target_digest: content.digest(),
                target_kind: content.body.tag(),
                action: Action::Void,
                replacement: None,
                reason: self.reason.clone(),
            },
        };
        // Read once more, so that nothing is made here that a sender could not send.
        Event::from_json(&event.to_json())
    }
}
