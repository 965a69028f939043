//! The answers of OTLP: what was taken, and what was refused, in the encoding of the request.
//!
//! Taken whole: an empty `Export…ServiceResponse`. Taken in part: the number of items that are lost
//! for good, with the reason; a client must not send them again. Refused: a `google.rpc.Status`.
//! Which HTTP status goes with it is the server's business. Source: the OTLP specification.

use std::fmt::Write as _;

use work::Json;

use super::protobuf::{put_bytes, put_varint};
use super::refused::bounded;
use super::{Encoding, Received, Signal};
use crate::limits::OTLP_MESSAGE_BYTES_MAX;

/// Codes of `google.rpc.Code` that an OTLP receiver has use for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The sender has to change the request.
    InvalidArgument = 3,
    /// Nobody who may send.
    PermissionDenied = 7,
    /// Too large, or too much at once.
    ResourceExhausted = 8,
    /// A fault of ours.
    Internal = 13,
    /// Not now; worth sending again.
    Unavailable = 14,
    /// Nobody who is known.
    Unauthenticated = 16,
}

/// The body of the answer to a request that was taken, whole or in part.
///
/// A message without a rejected item is a warning: the first remark.
#[must_use]
pub fn accepted(signal: Signal, encoding: Encoding, received: &Received) -> Vec<u8> {
    let rejected = received.rejected_items();
    let message = message(received);
    let is_whole = rejected == 0 && message.is_empty();
    match encoding {
        Encoding::Protobuf => {
            let mut response = Vec::new();
            if !is_whole {
                let mut partial = Vec::new();
                put_varint(&mut partial, 1, rejected);
                put_bytes(&mut partial, 2, message.as_bytes());
                put_bytes(&mut response, 1, &partial);
            }
            response
        }
        Encoding::Json => {
            let member = match signal {
                Signal::Traces => "rejectedSpans",
                Signal::Logs => "rejectedLogRecords",
                Signal::Metrics => "rejectedDataPoints",
            };
            // 64-bit numbers are strings in protobuf's JSON.
            let partial = Json::object([
                (
                    member,
                    (rejected > 0).then(|| Json::text(rejected.to_string())),
                ),
                ("errorMessage", Some(Json::text(message))),
            ]);
            let response = Json::object([("partialSuccess", (!is_whole).then_some(partial))]);
            response.to_canonical().into_bytes()
        }
    }
}

/// The body of the answer to a request that was refused whole: a `google.rpc.Status`.
#[must_use]
pub fn status(encoding: Encoding, code: Code, message: &str) -> Vec<u8> {
    let message = bounded(message, OTLP_MESSAGE_BYTES_MAX);
    match encoding {
        Encoding::Protobuf => {
            let mut status = Vec::new();
            put_varint(&mut status, 1, code as u64);
            put_bytes(&mut status, 2, message.as_bytes());
            status
        }
        Encoding::Json => {
            let status = Json::object([
                ("code", Some(Json::Number((code as u64).to_string().into()))),
                ("message", Some(Json::text(message))),
            ]);
            status.to_canonical().into_bytes()
        }
    }
}

/// The reasons that fit, each with its place.
fn message(received: &Received) -> String {
    let rejected = received.rejected.iter().map(|own| (own.place, &own.reason));
    let mut lines: Vec<_> = rejected.collect();
    if lines.is_empty() {
        lines.extend(
            received
                .notes
                .iter()
                .map(|own| (own.place, &own.text))
                .take(1),
        );
    }
    let mut message = String::new();
    for (place, reason) in lines {
        let separator = if message.is_empty() { "" } else { "; " };
        let _ = write!(message, "{separator}{place}: {reason}"); // writing to a string cannot fail
        if message.len() > OTLP_MESSAGE_BYTES_MAX {
            break;
        }
    }
    bounded(&message, OTLP_MESSAGE_BYTES_MAX)
}
