//! CloudEvents from the body of an HTTP request, in the four forms that senders use.
//!
//! One event (`application/cloudevents+json`), a batch (`application/cloudevents-batch+json`), either
//! (`application/json`, which [OpenMeter](https://openmeter.io/docs)'s clients send), and binary mode,
//! where the envelope is in `ce-` headers and the body is `data`
//! ([HTTP binding](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md)).
//! Each event is taken or refused by itself. Not here: HTTP, inflating, the store. Invariant: as many
//! deliveries come out as events went in, in their order, each with its text as it came.

use std::io::BufReader;

use jiff::Timestamp;
use work::limits::EVENT_BYTES_MAX;
use work::{Event, Json};

use crate::input::Contents;
use crate::json_items::{Item, JsonItems};
use crate::limits::HTTP_EVENTS_MAX;

/// The form of a body, by its media type and headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One event.
    One,
    /// An array of events.
    Batch,
    /// One event or an array of them.
    Either,
    /// The `data` of an event whose envelope is in headers.
    Binary,
}

/// What a request is made of.
#[derive(Debug, Clone)]
pub struct Message {
    /// The `Content-Type`, with its parameters; empty where there is none.
    pub content_type: String,
    /// The headers whose names begin with `ce-`: name without it, in lower case, and value.
    pub envelope: Vec<(String, String)>,
    /// The body, inflated.
    pub body: Vec<u8>,
}

/// One event that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event, or why it is none.
    pub event: Result<Box<Event>, Fault>,
    /// Whether the sender said when it happened. One that did not sends it again without saying so, and
    /// must not be taken for another content then.
    pub is_timed: bool,
    /// Its text as it came.
    pub raw: Vec<u8>,
}

/// What is wrong with one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// RFC 6901 JSON pointer within the event; empty for the whole of it.
    pub pointer: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Why nothing of a body was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Another media type.
    #[error(
        "`{0}` is not read here; send application/cloudevents+json, \
         application/cloudevents-batch+json or application/json"
    )]
    MediaType(String),
    /// Another character set.
    #[error("the body's charset is `{0}`; send UTF-8")]
    Charset(String),
    /// A body that is no JSON, or not of the form that its media type says.
    #[error("the body cannot be read: {0}")]
    Body(String),
    /// Too many events.
    #[error("the batch has more than {HTTP_EVENTS_MAX} events; send them in parts")]
    TooMany,
}

impl Message {
    /// Reads the events; `arrived_at` is the time of those that name none.
    ///
    /// # Errors
    /// [`Unreadable`], where the body as a whole says nothing.
    pub fn deliveries(self, arrived_at: Timestamp) -> Result<Vec<Delivery>, Unreadable> {
        let form = self.form()?;
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        let is_array = first == Some(&b'[');
        match form {
            Form::Binary => self
                .binary(arrived_at)
                .map(|own| vec![own])
                .map_err(Unreadable::Body),
            Form::Batch if !is_array => Err(Unreadable::Body(
                "a batch is a JSON array of events".to_owned(),
            )),
            Form::Batch | Form::Either if is_array => self.batch(arrived_at),
            _ => {
                let text = text(&self.body)?;
                let json = Json::parse(text).map_err(|e| Unreadable::Body(e.to_string()))?;
                if !matches!(json, Json::Object(_)) {
                    let problem = "expected one event, a JSON object";
                    return Err(Unreadable::Body(problem.to_owned()));
                }
                let own = Delivery::read(json, text.len(), arrived_at, Vec::new());
                Ok(vec![Delivery {
                    raw: self.body,
                    ..own
                }])
            }
        }
    }

    /// The form that the media type names.
    ///
    /// # Errors
    /// [`Unreadable::MediaType`], [`Unreadable::Charset`].
    pub fn form(&self) -> Result<Form, Unreadable> {
        let mut parts = self.content_type.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        for parameter in parts {
            if let Some((name, value)) = parameter.split_once('=')
                && name.trim().eq_ignore_ascii_case("charset")
                && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            {
                return Err(Unreadable::Charset(value.trim().to_owned()));
            }
        }
        let has_envelope = self.envelope.iter().any(|(name, _)| name == "specversion");
        match media_type.as_str() {
            "application/cloudevents+json" => Ok(Form::One),
            "application/cloudevents-batch+json" => Ok(Form::Batch),
            "application/json" | "" if has_envelope => Ok(Form::Binary),
            "application/json" => Ok(Form::Either),
            _ => Err(Unreadable::MediaType(self.content_type.clone())),
        }
    }

    fn batch(self, arrived_at: Timestamp) -> Result<Vec<Delivery>, Unreadable> {
        let unreadable = |error: std::io::Error| Unreadable::Body(error.to_string());
        let contents: Contents = Box::new(BufReader::new(std::io::Cursor::new(self.body)));
        let mut items = JsonItems::new(contents).map_err(unreadable)?;
        let mut deliveries = Vec::new();
        loop {
            match items.read().map_err(unreadable)? {
                Item::End => return Ok(deliveries),
                Item::Broken(problem) if !items.is_sound() => {
                    return Err(Unreadable::Body(format!(
                        "line {}: {problem}",
                        items.line()
                    )));
                }
                Item::Broken(problem) => {
                    deliveries.push(Delivery::broken(problem, items.raw().to_vec()));
                }
                Item::Value => {
                    let (text, raw) = (items.text(), items.raw().to_vec());
                    deliveries.push(match Json::parse(text) {
                        Ok(json) => Delivery::read(json, text.len(), arrived_at, raw),
                        Err(error) => Delivery::broken(error.to_string(), raw),
                    });
                }
            }
            if deliveries.len() > HTTP_EVENTS_MAX {
                return Err(Unreadable::TooMany);
            }
        }
    }

    /// The envelope from the headers, the body as `data`; the event's text is what structured mode
    /// would have sent.
    fn binary(self, arrived_at: Timestamp) -> Result<Delivery, String> {
        let mut members = Vec::with_capacity(self.envelope.len() + 1);
        for (name, value) in &self.envelope {
            let value = percent_decoded(value)
                .ok_or_else(|| format!("the header `ce-{name}` is not percent-encoded UTF-8"))?;
            if members.iter().any(|(known, _)| known == name) {
                return Err(format!("the header `ce-{name}` is there twice"));
            }
            members.push((name.clone(), Json::String(value)));
        }
        if !self.body.iter().all(u8::is_ascii_whitespace) {
            let text = text(&self.body).map_err(|error| error.to_string())?;
            let data = Json::parse(text).map_err(|error| error.to_string())?;
            members.push(("data".to_owned(), data));
        }
        let json = Json::Object(members);
        let raw = json.to_canonical();
        let bytes = raw.len();
        Ok(Delivery::read(json, bytes, arrived_at, raw.into_bytes()))
    }
}

impl Delivery {
    fn broken(problem: String, raw: Vec<u8>) -> Delivery {
        Delivery {
            event: Err(Fault::whole(problem)),
            is_timed: true,
            raw,
        }
    }

    /// Reads an event as senders write it: optional members may be `null`, `time` may be missing, and
    /// `dataschema` is passed over.
    fn read(mut json: Json, bytes: usize, arrived_at: Timestamp, raw: Vec<u8>) -> Delivery {
        if bytes > EVENT_BYTES_MAX {
            let problem = format!(
                "the event has {bytes} bytes, at most {EVENT_BYTES_MAX} are kept in a log; keep a large \
                 payload outside and name its commitment with `evidence.attached`"
            );
            return Delivery::broken(problem, raw);
        }
        let mut is_timed = true;
        if let Json::Object(members) = &mut json {
            members.retain(|(name, value)| {
                let is_optional = matches!(name.as_str(), "time" | "datacontenttype" | "data");
                name != "dataschema" && !(is_optional && *value == Json::Null)
            });
            is_timed = members.iter().any(|(name, _)| name == "time");
            if !is_timed {
                let arrived_at = Json::String(arrived_at.to_string());
                members.push(("time".to_owned(), arrived_at));
            }
        }
        let event = Event::from_json(&json).and_then(|event| {
            event.check_arrival(arrived_at)?;
            Ok(Box::new(event))
        });
        Delivery {
            event: event.map_err(|error| Fault {
                pointer: error.pointer,
                problem: error.problem,
            }),
            is_timed,
            raw,
        }
    }
}

impl Fault {
    fn whole(problem: String) -> Fault {
        Fault {
            pointer: String::new(),
            problem,
        }
    }
}

fn text(body: &[u8]) -> Result<&str, Unreadable> {
    let body = body.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(body);
    std::str::from_utf8(body).map_err(|_| Unreadable::Body("it is not UTF-8".to_owned()))
}

/// A header's value as the HTTP binding writes it; `None` where it is not UTF-8 or an escape is cut.
fn percent_decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| (byte as char).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}
