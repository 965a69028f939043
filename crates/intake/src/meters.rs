//! [`Meters`]: what foreign CloudEvents mean, declared.
//!
//! A document names, for each CloudEvents type or beginning of one, the field that is measured and
//! what its unit is: a cost (`cost.recorded`), usage (`usage.recorded`) or value (`work.valued`). It is
//! written as maps are (`docs/reference/feeds.md`). Not here: putting together. A meter says what one event
//! reads, and for which aggregation; periods, tiers and allowances belong to plans (crate `pricing`).
//!
//! Invariant: an event that no meter declares is refused and never dropped; one that is declared gives
//! the same events whenever it is read again.

use jiff::Timestamp;
use pricing::plan::Aggregate;
use work::body::{Body, Kind};
use work::{Event, EventError, Json};

use crate::Options;
use crate::make::{Context, Fault, Never, event_of};
use crate::map::{Map, MapError, read_meters};
use crate::rows::Rows;

pub use crate::ready::READY_METERS;

/// Declared meters, of one document or several. There may be none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meters {
    documents: Vec<Document>,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// A map of one kind of file, whose rows are events; one `[[event]]` for each meter.
    pub(crate) map: Map,
    /// In the order of the map's events.
    pub(crate) meters: Vec<Meter>,
}

/// Two documents declare one meter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the meter `{0}` is declared in two documents; give one of them another id")]
pub struct DeclaredTwice(pub String);

/// A declared meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Its id, as plans name it.
    pub id: String,
    /// What its unit is.
    pub class: Class,
    /// The types that move it.
    pub types: Vec<TypePattern>,
    /// How a plan is meant to put together what it reads, and so which of the event's fields it needs.
    pub aggregate: Aggregate,
}

/// What the unit of a meter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What performing costs the seller: a token, a second of a machine.
    Cost,
    /// What the buyer uses: a message, a document, a call.
    Usage,
    /// What the work was worth.
    Value,
}

/// A CloudEvents type, or the beginning of types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypePattern {
    text: String,
    is_prefix: bool,
}

/// What an event measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// An event for each meter that it moved.
    Events(Vec<Event>),
    /// Its type is declared, and every meter leaves this one out.
    Nothing(String),
}

impl Class {
    /// The words of the document.
    pub const WORDS: [(&'static str, Class); 3] = [
        ("cost", Class::Cost),
        ("usage", Class::Usage),
        ("value", Class::Value),
    ];

    /// The kind of event that such a meter makes.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Class::Cost => Kind::CostRecorded,
            Class::Usage => Kind::Usage,
            Class::Value => Kind::Valued,
        }
    }
}

impl TypePattern {
    /// Reads `name`, or `name*` for every type that begins so.
    pub(crate) fn of(text: &str) -> Option<TypePattern> {
        let (text, is_prefix) = match text.strip_suffix('*') {
            Some(beginning) => (beginning, true),
            None => (text, false),
        };
        let is_one = !text.contains('*') && (is_prefix || !text.is_empty());
        is_one.then(|| TypePattern {
            text: text.to_owned(),
            is_prefix,
        })
    }

    /// Whether a type is meant.
    #[must_use]
    pub fn matches(&self, kind: &str) -> bool {
        if self.is_prefix {
            kind.starts_with(&self.text)
        } else {
            kind == self.text
        }
    }
}

impl Meters {
    /// Reads a document of meters from TOML.
    ///
    /// # Errors
    /// [`MapError`] with the place of every fault.
    pub fn parse(text: &str) -> Result<Meters, MapError> {
        let document = read_meters(text)?;
        Ok(Meters {
            documents: vec![document],
        })
    }

    /// These meters and those of another document.
    ///
    /// # Errors
    /// [`DeclaredTwice`] where both declare a meter of one id.
    pub fn and(mut self, other: Meters) -> Result<Meters, DeclaredTwice> {
        let twice = other
            .declared()
            .find(|meter| self.declared().any(|own| own.id == meter.id));
        if let Some(meter) = twice {
            return Err(DeclaredTwice(meter.id.clone()));
        }
        self.documents.extend(other.documents);
        Ok(self)
    }

    /// The meters, in the order of the documents.
    pub fn declared(&self) -> impl Iterator<Item = &Meter> {
        self.documents.iter().flat_map(|document| &document.meters)
    }

    /// What an event measured that arrived at `arrival`. Its `time` must be there.
    ///
    /// # Errors
    /// [`EventError`] where no meter declares its type, or a declared meter cannot read it.
    pub fn measure(&self, event: &Json, arrival: Timestamp) -> Result<Measured, EventError> {
        for name in ["specversion", "id", "source", "type", "subject"] {
            let problem = match event.get(name) {
                Some(Json::String(text)) if !text.trim().is_empty() => continue,
                None => "this member is required",
                Some(_) => "expected a text",
            };
            return Err(fault(format!("/{name}"), problem));
        }
        if event.get("specversion").and_then(Json::as_str) != Some("1.0") {
            return Err(fault("/specversion", "only CloudEvents `1.0` is read"));
        }
        let kind = event.get("type").and_then(Json::as_str).unwrap_or_default();
        let kind = kind.to_owned();
        let documents: Vec<&Document> = self
            .documents
            .iter()
            .filter(|document| document.moved_by(&kind).next().is_some())
            .collect();
        if documents.is_empty() {
            let problem = format!(
                "no meter declares the type `{kind}`; declare one (`[[meter]]` with type = \"{kind}\", \
                 its class and its field) and send the event again, or send one of piecework's own types"
            );
            return Err(fault("/type", problem));
        }
        let mut events = Vec::new();
        for document in documents {
            events.extend(document.measured(&kind, event, arrival)?);
        }
        Ok(if events.is_empty() {
            Measured::Nothing(format!(
                "every meter of the type `{kind}` leaves this event out by its `when`"
            ))
        } else {
            Measured::Events(events)
        })
    }
}

impl Document {
    fn moved_by(&self, kind: &str) -> impl Iterator<Item = usize> {
        let of_kind = move |meter: &Meter| meter.types.iter().any(|own| own.matches(kind));
        (0..self.meters.len()).filter(move |index| of_kind(&self.meters[*index]))
    }

    fn measured(
        &self,
        kind: &str,
        event: &Json,
        arrival: Timestamp,
    ) -> Result<Vec<Event>, EventError> {
        let [file] = self.map.files.as_slice() else {
            return Ok(Vec::new());
        };
        let rows = Rows::of_value(event.clone(), &file.references);
        let context = Context::new(&self.map, file, &rows, &[]);
        let options = Options {
            received_at: Some(arrival),
            ..Options::default()
        };
        let mut events = Vec::new();
        for index in self.moved_by(kind) {
            let own = event_of(&file.events[index], context, &Never, &options);
            let own = own.map_err(|fault| self.placed(index, &fault))?;
            if self.meters[index].aggregate == Aggregate::Unique && own.iter().any(has_no_item) {
                let fault = Fault {
                    pointer: "/data/item".to_owned(),
                    problem: "`unique` counts items, and this event names none".to_owned(),
                };
                return Err(self.placed(index, &fault));
            }
            events.extend(own);
        }
        Ok(events)
    }

    /// A fault of a meter, which is not told by a place in the event as it was sent.
    fn placed(&self, index: usize, fault: &Fault) -> EventError {
        EventError {
            pointer: String::new(),
            problem: format!(
                "the meter `{}`: {}{}{}",
                self.meters[index].id,
                fault.pointer,
                if fault.pointer.is_empty() { "" } else { ": " },
                fault.problem
            ),
        }
    }
}

/// What names no item would count for nothing, and nobody would see it.
fn has_no_item(event: &Event) -> bool {
    matches!(event.body, Body::Usage { item: None, .. })
}

fn fault(pointer: impl Into<String>, problem: impl Into<String>) -> EventError {
    EventError {
        pointer: pointer.into(),
        problem: problem.into(),
    }
}
