//! [`Span`] and [`Record`]: one piece of a request, read as far as it is needed.

use std::borrow::Cow;

use jiff::Timestamp;

use super::attributes::{value_of_json, value_of_protobuf};
use super::protobuf::{Field, Malformed, fields};
use super::request::Piece;
use super::{Attributes, Value, json};
use crate::limits::OTLP_ATTRIBUTES_MAX;

/// A trace's id.
pub(super) type TraceId = [u8; 16];
/// A span's id, unique within its trace.
pub(super) type SpanId = [u8; 8];

/// Status code "error", and the names of the codes.
const ERROR: u64 = 2;
pub(super) const STATUS_CODES: [&str; 3] =
    ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

/// One span.
#[derive(Debug)]
pub(super) struct Span<'a> {
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) name: Cow<'a, str>,
    /// Its end, or its start where it has none.
    pub(super) time: Timestamp,
    pub(super) failed: bool,
    pub(super) attributes: Attributes<'a>,
}

/// One log record.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Trace and span that it was written in.
    pub(super) trace: Option<TraceId>,
    pub(super) span: Option<SpanId>,
    /// When it happened, or when it was seen; `None` where neither is said.
    pub(super) time: Option<Timestamp>,
    /// The event's name: its own field, the attribute `event.name`, or the body where it is text.
    pub(super) name: Option<String>,
    pub(super) attributes: Attributes<'a>,
}

/// An instant of OTLP, in nanoseconds since 1970; zero is none.
pub(super) fn instant(nanoseconds: u64) -> Result<Option<Timestamp>, String> {
    if nanoseconds == 0 {
        return Ok(None);
    }
    let instant = Timestamp::from_nanosecond(i128::from(nanoseconds));
    instant.map(Some).map_err(|error| error.to_string())
}

impl<'a> Span<'a> {
    pub(super) fn read(piece: Piece<'a>) -> Result<Span<'a>, String> {
        let mut own = Parts::default();
        match piece {
            Piece::Json(json) => own.span_of_json(json.get())?,
            Piece::Protobuf(message) => own.span_of_protobuf(message)?,
        }
        Ok(Span {
            trace: own.trace.ok_or("no trace id; a span has one of 16 bytes")?,
            id: own.span.ok_or("no span id; a span has one of 8 bytes")?,
            parent: own.parent,
            name: own.name,
            time: instant(own.times[1])?
                .or(instant(own.times[0])?)
                .ok_or("neither `startTimeUnixNano` nor `endTimeUnixNano`")?,
            failed: own.status == ERROR,
            attributes: own.attributes,
        })
    }
}

impl<'a> Record<'a> {
    pub(super) fn read(piece: Piece<'a>) -> Result<Record<'a>, String> {
        let mut own = Parts::default();
        match piece {
            Piece::Json(json) => own.record_of_json(json.get())?,
            Piece::Protobuf(message) => own.record_of_protobuf(message)?,
        }
        let named = |text: Cow<'_, str>| (!text.is_empty()).then(|| text.into_owned());
        let name = match named(own.name) {
            Some(name) => Some(name),
            None => match own.attributes.text("event.name") {
                Ok(Some(name)) => Some(name),
                _ => own.body,
            },
        };
        Ok(Record {
            trace: own.trace,
            span: own.span,
            time: instant(own.times[0])?.or(instant(own.times[1])?),
            name,
            attributes: own.attributes,
        })
    }
}

/// What both have, as it is found.
#[derive(Default)]
struct Parts<'a> {
    trace: Option<TraceId>,
    span: Option<SpanId>,
    parent: Option<SpanId>,
    name: Cow<'a, str>,
    times: [u64; 2],
    status: u64,
    body: Option<String>,
    attributes: Attributes<'a>,
}

impl<'a> Parts<'a> {
    fn span_of_json(&mut self, json: &'a str) -> Result<(), String> {
        let names = [
            "traceId",
            "spanId",
            "parentSpanId",
            "name",
            "startTimeUnixNano",
            "endTimeUnixNano",
            "attributes",
            "status",
        ];
        let members = json::members(json, names).map_err(|error| error.to_string())?;
        let [trace, span, parent, name, start, end, attributes, status] = members.found;
        self.trace = json::id(trace).map_err(at("traceId"))?;
        self.span = json::id(span).map_err(at("spanId"))?;
        self.parent = json::id(parent).map_err(at("parentSpanId"))?;
        // A name is for people; one that is no text is none.
        self.name = name
            .and_then(|name| json::text(name).ok())
            .unwrap_or_default();
        self.times = [
            json::whole(start).map_err(at("startTimeUnixNano"))?,
            json::whole(end).map_err(at("endTimeUnixNano"))?,
        ];
        if let Some(status) = status {
            let [code] = json::members(status.get(), ["code"])
                .map_err(|error| format!("status: {error}"))?
                .found;
            self.status = json::word(code, &STATUS_CODES).map_err(at("status"))?;
        }
        self.attributes = Attributes::of_json(attributes, OTLP_ATTRIBUTES_MAX)?;
        Ok(())
    }

    fn span_of_protobuf(&mut self, message: &'a [u8]) -> Result<(), String> {
        let mut attributes = Messages::default();
        for field in fields(message) {
            let (number, value) = field.map_err(text)?;
            match number {
                1 => self.trace = id(value.bytes(1).map_err(text)?, "trace")?,
                2 => self.span = id(value.bytes(2).map_err(text)?, "span")?,
                4 => self.parent = id(value.bytes(4).map_err(text)?, "parent span")?,
                5 => self.name = String::from_utf8_lossy(value.bytes(5).map_err(text)?),
                7 => self.times[0] = value.fixed64(7).map_err(text)?,
                8 => self.times[1] = value.fixed64(8).map_err(text)?,
                9 => attributes.add(value, 9)?,
                15 => {
                    for field in fields(value.bytes(15).map_err(text)?) {
                        if let (3, code) = field.map_err(text)? {
                            self.status = code.varint(3).map_err(text)?;
                        }
                    }
                }
                _ => {}
            }
        }
        self.attributes = Attributes::of_protobuf(&attributes.0)?;
        Ok(())
    }

    fn record_of_json(&mut self, json: &'a str) -> Result<(), String> {
        let names = [
            "traceId",
            "spanId",
            "eventName",
            "timeUnixNano",
            "observedTimeUnixNano",
            "body",
            "attributes",
        ];
        let members = json::members(json, names).map_err(|error| error.to_string())?;
        let [trace, span, name, time, observed, body, attributes] = members.found;
        self.trace = json::id(trace).map_err(at("traceId"))?;
        self.span = json::id(span).map_err(at("spanId"))?;
        self.name = name
            .and_then(|name| json::text(name).ok())
            .unwrap_or_default();
        self.times = [
            json::whole(time).map_err(at("timeUnixNano"))?,
            json::whole(observed).map_err(at("observedTimeUnixNano"))?,
        ];
        // A body is anything; only a text can name an event.
        if let Some(Ok(Some(Value::Text(body)))) = body.map(value_of_json) {
            self.body = Some(body);
        }
        self.attributes = Attributes::of_json(attributes, OTLP_ATTRIBUTES_MAX)?;
        Ok(())
    }

    fn record_of_protobuf(&mut self, message: &'a [u8]) -> Result<(), String> {
        let mut attributes = Messages::default();
        for field in fields(message) {
            let (number, value) = field.map_err(text)?;
            match number {
                1 => self.times[0] = value.fixed64(1).map_err(text)?,
                5 => {
                    let body = value_of_protobuf(value.bytes(5).map_err(text)?);
                    if let Ok(Some(Value::Text(body))) = body {
                        self.body = Some(body);
                    }
                }
                6 => attributes.add(value, 6)?,
                9 => self.trace = id(value.bytes(9).map_err(text)?, "trace")?,
                10 => self.span = id(value.bytes(10).map_err(text)?, "span")?,
                11 => self.times[1] = value.fixed64(11).map_err(text)?,
                12 => self.name = String::from_utf8_lossy(value.bytes(12).map_err(text)?),
                _ => {}
            }
        }
        self.attributes = Attributes::of_protobuf(&attributes.0)?;
        Ok(())
    }
}

/// The messages of one repeated field, bounded.
#[derive(Default)]
pub(super) struct Messages<'a>(pub(super) Vec<&'a [u8]>);

impl<'a> Messages<'a> {
    pub(super) fn add(&mut self, value: Field<'a>, number: u64) -> Result<(), String> {
        if self.0.len() == OTLP_ATTRIBUTES_MAX {
            return Err(format!(
                "attributes: more than {OTLP_ATTRIBUTES_MAX} elements"
            ));
        }
        self.0.push(value.bytes(number).map_err(text)?);
        Ok(())
    }
}

fn text(error: Malformed) -> String {
    error.to_string()
}

fn at(member: &'static str) -> impl Fn(String) -> String {
    move |problem| format!("{member}: {problem}")
}

/// An id of `N` bytes; empty or all zeros is none.
fn id<const N: usize>(bytes: &[u8], what: &str) -> Result<Option<[u8; N]>, String> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let id: [u8; N] = bytes
        .try_into()
        .map_err(|_| format!("a {what} id of {} bytes; it has {N}", bytes.len()))?;
    Ok((id != [0; N]).then_some(id))
}
