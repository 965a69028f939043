//! Events as they arrive over HTTP: one, a batch, or attributes in headers ([`decode`]).
//!
//! A delivery is CloudEvents 1.0 in any of its JSON forms. Piecework's own types go to the strict
//! reader ([`work::Event`]), the three verbs `done`, `cost` and `undo` are expanded, and every other
//! type goes to the declared meters. `docs/reference/events.md` is the reference. Not here: status
//! codes, authorisation, the store, a clock: the arrival is an argument.
//!
//! Invariant: every element of a delivery comes back as exactly one [`Item`], in its order; nothing is
//! dropped, and what cannot be read is refused with its place and its text.

mod binary;
mod envelope;
mod media;
mod undo;
mod verbs;

use std::borrow::Cow;

use jiff::Timestamp;
use work::{Event, Json, SmolStr};

use crate::json_spans::{Broken, Spans};
use crate::limits::{DELIVERY_BYTES_MAX, DELIVERY_EVENTS_MAX};
use crate::meters::Meters;

use media::Form;
pub use undo::{Undo, UndoError};
pub use verbs::name_scope;

/// A request, as far as events are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Every header, name and value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, decompressed.
    pub body: &'a [u8],
}

/// One element of a delivery and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its place in a batch, from 0; `None` where the delivery is one event.
    pub index: Option<usize>,
    /// Whether the sender said when it happened. Where not, `time` is the arrival, and the same event
    /// sent again is a repetition: see [`is_repeated`].
    pub is_timed: bool,
    /// What it is.
    pub what: What,
}

/// What an element of a delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An event, or those that meters made of one. They are taken together.
    Events(Vec<Event>),
    /// The facts that a verb stands for, taken together. [`name_scope`] completes their headers.
    Verb(Vec<Event>),
    /// Takes an earlier event back; the book has to say which contents it means.
    Undo(Undo),
    /// Understood, and there is nothing to record, with the reason.
    Nothing(String),
    /// Not acceptable.
    Refused(Refusal),
}

/// Why an element was refused, kept so that it can be mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}", pointer = if .pointer.is_empty() { "/" } else { .pointer })]
pub struct Refusal {
    /// RFC 6901 pointer into the body: `/3/data/amount` in a batch.
    pub pointer: String,
    /// What is wrong and what to do.
    pub problem: String,
    /// The element as it came; of a foreign payload only the members that are ever kept.
    pub raw: String,
}

/// Why a delivery is refused as a whole: nothing of it was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The content type is not one of events.
    #[error(
        "`{0}` is not read here; send application/cloudevents+json, application/cloudevents-batch+json or application/json in UTF-8"
    )]
    MediaType(String),
    /// The body is too long.
    #[error("the body has {0} bytes, at most {1} are read; send several")]
    TooLong(usize, usize),
    /// Too many events.
    #[error("more than {0} elements; send several requests")]
    TooMany(usize),
    /// The body is not text.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The body does not divide into events.
    #[error("{0}; nothing of the request was read")]
    NotJson(String),
    /// One event was said and an array sent, or the reverse.
    #[error("{0}")]
    NotTheForm(&'static str),
    /// A header that is not an attribute.
    #[error("the header {name}: {problem}")]
    Header {
        /// The header.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl From<Broken> for DeliveryError {
    fn from(broken: Broken) -> DeliveryError {
        DeliveryError::NotJson(broken.to_string())
    }
}

/// Reads a delivery that arrived at `arrival`.
///
/// # Errors
/// [`DeliveryError`] where nothing of it can be read. What is wrong with one event is a
/// [`What::Refused`] and concerns no other.
pub fn decode(
    delivery: &Delivery<'_>,
    arrival: Timestamp,
    meters: &Meters,
) -> Result<Vec<Item>, DeliveryError> {
    let form = form(delivery)?;
    let text = text(delivery.body, DELIVERY_BYTES_MAX)?;
    let reader = envelope::Reader { arrival, meters };
    if form == Form::Binary {
        let members = binary::attributes(delivery.headers)?;
        return Ok(vec![reader.binary(members, text)]);
    }
    let (values, is_array) = divided(form, text)?;
    Ok(values
        .into_iter()
        .enumerate()
        .map(|(index, value)| reader.structured(is_array.then_some(index), value))
        .collect())
}

/// The elements of a delivery as they came, in the order of their items: what is kept of those that are
/// refused after they were read. In binary mode it is the event in one piece, as structured mode has it.
///
/// # Errors
/// As [`decode`].
pub fn elements<'a>(delivery: &Delivery<'a>) -> Result<Vec<Cow<'a, str>>, DeliveryError> {
    let form = form(delivery)?;
    let text = text(delivery.body, DELIVERY_BYTES_MAX)?;
    if form == Form::Binary {
        let members = binary::attributes(delivery.headers)?;
        return Ok(vec![Cow::Owned(envelope::in_one_piece(members, text))]);
    }
    let (values, _) = divided(form, text)?;
    Ok(values.into_iter().map(Cow::Borrowed).collect())
}

fn form(delivery: &Delivery<'_>) -> Result<Form, DeliveryError> {
    let is_binary = binary::has_attributes(delivery.headers);
    media::form(delivery.content_type, is_binary)
}

/// The values of a body in structured mode, and whether they are those of an array.
fn divided(form: Form, text: &str) -> Result<(Vec<&str>, bool), DeliveryError> {
    let spans = Spans::of(text);
    let is_array = spans.is_array();
    match (form, is_array) {
        (Form::One, true) => {
            return Err(DeliveryError::NotTheForm(
                "an array of events is sent as application/cloudevents-batch+json",
            ));
        }
        (Form::Batch, false) => {
            return Err(DeliveryError::NotTheForm(
                "a batch is an array; one event is sent as application/cloudevents+json",
            ));
        }
        _ => {}
    }
    let values = bounded(spans)?;
    if !is_array && values.len() != 1 {
        return Err(DeliveryError::NotTheForm(
            "expected one event; several are sent as an array",
        ));
    }
    Ok((values, is_array))
}

/// Whether an event of an item that is not timed is one that is known already: it arrived again, at
/// another time, and nothing else of it differs. It is a duplicate and no conflict.
#[must_use]
pub fn is_repeated(event: &Event, known: &Event) -> bool {
    let again = Event {
        time: known.time,
        ..event.clone()
    };
    again == *known
}

/// The body as text, within its bound.
pub(crate) fn text(body: &[u8], bytes_max: usize) -> Result<&str, DeliveryError> {
    if body.len() > bytes_max {
        return Err(DeliveryError::TooLong(body.len(), bytes_max));
    }
    let body = body.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(body);
    std::str::from_utf8(body).map_err(|_| DeliveryError::NotUtf8)
}

/// The values, within the bound of one request.
pub(crate) fn bounded(spans: Spans<'_>) -> Result<Vec<&str>, DeliveryError> {
    let values: Vec<&str> = spans
        .take(DELIVERY_EVENTS_MAX + 1)
        .collect::<Result<_, Broken>>()?;
    if values.len() > DELIVERY_EVENTS_MAX {
        return Err(DeliveryError::TooMany(DELIVERY_EVENTS_MAX));
    }
    Ok(values)
}

/// A refusal of an element, its pointer led by the place in the batch.
pub(crate) fn refused(index: Option<usize>, pointer: &str, problem: String, raw: String) -> What {
    let place = index.map_or(String::new(), |index| format!("/{index}"));
    What::Refused(Refusal {
        pointer: format!("{place}{pointer}"),
        problem,
        raw,
    })
}

/// The members of an object, to be changed.
fn into_members(value: Json) -> Option<Vec<(SmolStr, Json)>> {
    match value {
        Json::Object(members) => Some(members),
        _ => None,
    }
}
