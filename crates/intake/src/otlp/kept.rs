//! [`kept`]: items of a request that were lost, as they are kept so that they can be mended.
//!
//! Each is a request of its own, in OTLP/JSON whatever it came in, so that it can be sent again as it stands. Of
//! its attributes those alone are in it that are ever read: what people and models wrote is in none of them.
//! Invariant: what is kept, sent again, gives what the item gave in its request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::value::RawValue;
use work::Json;

use super::attributes::Attributes;
use super::mapping::{Mapping, Reads};
use super::normalise::{is_read, is_text};
use super::protobuf::fields;
use super::request::{Encoding, Piece, Place, Request, Signal};
use super::span::Messages;
use super::{Refused, Value, json};
use crate::limits::{OTLP_ATTRIBUTES_MAX, OTLP_JSON_ATTRIBUTE_BYTES_MAX};

/// Longest body of a log record that is taken for the name of its event, in bytes.
const EVENT_NAME_BYTES_MAX: usize = 100;

/// An item that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptItem {
    /// The customer that it names, where that can be read.
    pub customer: Option<String>,
    /// A request with the item alone; empty where not even its members can be told apart.
    pub text: String,
}

/// The items at these places of a request.
///
/// # Errors
/// As [`super::receive`], where nothing of the request can be read.
pub fn kept(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    mapping: &Mapping,
    places: &BTreeSet<Place>,
) -> Result<BTreeMap<Place, KeptItem>, Refused> {
    let request = Request::read(signal, encoding, body)?;
    let [resources, scopes, items] = signal.lists();
    let mut kept = BTreeMap::new();
    for (place, piece) in &request.items {
        if !places.contains(place) {
            continue;
        }
        let resource = &request.resources[place.resource];
        let Ok((item, attributes)) = item(signal, *piece, mapping) else {
            kept.insert(*place, KeptItem::lost());
            continue;
        };
        let named = mapping.named(&attributes, resource).ok();
        let resource = written(resource, mapping);
        let text = format!(
            r#"{{"{resources}":[{{"resource":{{"attributes":{resource}}},"{scopes}":[{{"{items}":[{item}]}}]}}]}}"#
        );
        let customer = named.and_then(|named| named.customer);
        kept.insert(*place, KeptItem { customer, text });
    }
    Ok(kept)
}

/// What people and models wrote in the items at these places of a request: the attributes that hold it, as OTLP/JSON
/// has them. Items without are left out, and so are lists and maps of protobuf.
///
/// # Errors
/// As [`kept`].
pub fn texts(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    places: &BTreeSet<Place>,
) -> Result<BTreeMap<Place, String>, Refused> {
    let request = Request::read(signal, encoding, body)?;
    let mut found = BTreeMap::new();
    for (place, piece) in &request.items {
        let Some(parts) = places.contains(place).then(|| parts(signal, *piece)) else {
            continue;
        };
        let Ok((_, attributes)) = parts else { continue };
        let texts = list(attributes.written().filter(|(name, _)| is_text(name)));
        if texts != "[]" {
            found.insert(*place, format!("{{\"attributes\":{texts}}}"));
        }
    }
    Ok(found)
}

impl KeptItem {
    const fn lost() -> KeptItem {
        KeptItem {
            customer: None,
            text: String::new(),
        }
    }
}

/// The members of spans and log records that are read and are no attributes, as JSON has them and by number in
/// protobuf; ids first.
const SPAN: [(&str, u64); 6] = [
    ("traceId", 1),
    ("spanId", 2),
    ("parentSpanId", 4),
    ("name", 5),
    ("startTimeUnixNano", 7),
    ("endTimeUnixNano", 8),
];
const RECORD: [(&str, u64); 6] = [
    ("traceId", 9),
    ("spanId", 10),
    ("eventName", 12),
    ("body", 5),
    ("timeUnixNano", 1),
    ("observedTimeUnixNano", 11),
];

/// The item as JSON, and its attributes.
fn item<'a>(
    signal: Signal,
    piece: Piece<'a>,
    mapping: &Mapping,
) -> Result<(String, Attributes<'a>), String> {
    let (mut members, attributes) = parts(signal, piece)?;
    members.push(("attributes", written(&attributes, mapping)));
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    Ok((format!("{{{}}}", members.join(",")), attributes))
}

fn parts<'a>(signal: Signal, piece: Piece<'a>) -> Result<Parts<'a>, String> {
    match piece {
        Piece::Json(json) => members_of_json(signal, json),
        Piece::Protobuf(message) => members_of_protobuf(signal, message),
    }
}

type Parts<'a> = (Vec<(&'static str, String)>, Attributes<'a>);

fn members_of_json(signal: Signal, piece: &RawValue) -> Result<Parts<'_>, String> {
    let own = table(signal);
    let [a, b, c, d, e, f] = own.map(|(name, _)| name);
    let names = [a, b, c, d, e, f, "status", "attributes"];
    let found = json::members(piece.get(), names).map_err(|error| error.to_string())?;
    let [own @ .., status, attributes] = found.found;
    let mut members = Vec::new();
    for (name, value) in names.into_iter().zip(own) {
        let Some(value) = value else { continue };
        if name == "body" {
            let body = super::attributes::value_of_json(value);
            if matches!(body, Ok(Some(Value::Text(body))) if is_event_name(&body)) {
                members.push((name, value.get().to_owned()));
            }
            continue;
        }
        // Anything else there is a fault that is told, and may be anything.
        if matches!(
            value.get().as_bytes().first(),
            Some(b'"' | b'0'..=b'9' | b'-')
        ) {
            members.push((name, value.get().to_owned()));
        }
    }
    if let Some(status) = status
        && let Ok(status) = json::members(status.get(), ["code"])
        && let [Some(code)] = status.found
        && json::word(Some(code), &super::span::STATUS_CODES).is_ok()
    {
        members.push(("status", format!("{{\"code\":{}}}", code.get())));
    }
    let attributes = Attributes::of_json(attributes, OTLP_ATTRIBUTES_MAX)?;
    Ok((members, attributes))
}

fn members_of_protobuf(signal: Signal, message: &[u8]) -> Result<Parts<'_>, String> {
    let mut members = Vec::new();
    let mut attributes = Messages::default();
    let (attributes_at, status_at) = match signal {
        Signal::Logs => (6, None),
        _ => (9, Some(15)),
    };
    for field in fields(message) {
        let (number, value) = field.map_err(|error| error.to_string())?;
        if number == attributes_at {
            attributes.add(value, number)?;
            continue;
        }
        if Some(number) == status_at {
            members.extend(status(value.bytes(number).map_err(|own| own.to_string())?));
            continue;
        }
        let known = table(signal).into_iter().find(|(_, own)| *own == number);
        let Some((name, _)) = known else { continue };
        let text = if name.ends_with("UnixNano") {
            let nanoseconds = value.fixed64(number).map_err(|own| own.to_string())?;
            format!("\"{nanoseconds}\"")
        } else {
            let bytes = value.bytes(number).map_err(|own| own.to_string())?;
            match name {
                "traceId" | "spanId" | "parentSpanId" => quoted(&hex(bytes)),
                "body" => match super::attributes::value_of_protobuf(bytes) {
                    Ok(Some(Value::Text(body))) if is_event_name(&body) => {
                        format!("{{\"stringValue\":{}}}", quoted(&body))
                    }
                    _ => continue,
                },
                _ => quoted(&String::from_utf8_lossy(bytes)),
            }
        };
        members.push((name, text));
    }
    Ok((members, Attributes::of_protobuf(&attributes.0)?))
}

const fn table(signal: Signal) -> [(&'static str, u64); 6] {
    match signal {
        Signal::Logs => RECORD,
        _ => SPAN,
    }
}

fn status(message: &[u8]) -> Option<(&'static str, String)> {
    let mut codes = fields(message).filter_map(Result::ok);
    let (_, code) = codes.find(|(number, _)| *number == 3)?;
    let code = code.varint(3).ok()?;
    Some(("status", format!("{{\"code\":{code}}}")))
}

/// Whether a record's body names its event, and is no text of people or models.
fn is_event_name(body: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._".contains(&byte);
    body.len() <= EVENT_NAME_BYTES_MAX && body.contains('_') && body.bytes().all(is_part)
}

/// The attributes that are read, as OTLP/JSON has them.
fn written(attributes: &Attributes<'_>, mapping: &Mapping) -> String {
    list(attributes.written().filter_map(|(name, value)| {
        let value = match (is_read(name), mapping.reads(name)) {
            (true, _) | (_, Reads::All) => value,
            (_, Reads::Members(members)) => only(attributes, name, &members),
            (_, Reads::Nothing) => return None,
        };
        Some((name, value))
    }))
}

/// A list of attributes, of which those without a value are left out.
fn list<'n>(attributes: impl Iterator<Item = (&'n str, Option<String>)>) -> String {
    let own = attributes.filter_map(|(name, value)| {
        let (name, value) = (quoted(name), value?);
        Some(format!("{{\"key\":{name},\"value\":{value}}}"))
    });
    format!("[{}]", own.collect::<Vec<String>>().join(","))
}

/// Of an attribute that holds JSON, the members that are read.
fn only(attributes: &Attributes<'_>, name: &str, members: &[&str]) -> Option<String> {
    let text = attributes.text(name).ok()??;
    if text.len() > OTLP_JSON_ATTRIBUTE_BYTES_MAX {
        return None;
    }
    let Ok(Json::Object(all)) = Json::parse(&text) else {
        return None;
    };
    let own = all
        .into_iter()
        .filter(|(member, _)| members.contains(&member.as_str()));
    let own = Json::Object(own.collect()).to_canonical();
    Some(format!("{{\"stringValue\":{}}}", quoted(&own)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
        out
    })
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Json::text(text).to_canonical()
}
