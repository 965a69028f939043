//! From what was observed to events, which are the same when they come again.
//!
//! A call's identity is the provider's id of its answer where there is one that no other call can
//! have, else its span. Every event is read back by the strict reader, so telemetry can bring in
//! nothing that `ingest` would refuse. Invariant: an event depends on its own span or record and its
//! resource alone, not on what else was in the request, so that it is the same however the sender
//! batches.

use std::fmt::Write as _;

use jiff::Timestamp;
use work::body::{Body, CheckResult, Cost, CostLine};
use work::event::{Authorship, FEEDS_OF_CALLS, UNASSIGNED};
use work::limits::ID_BYTES_MAX;
use work::{Digest, Event, Header, Headers};

use super::attributes::Attributes;
use super::mapping::{Evaluation, Mapping, Named};
use super::normalise::{CostObservation, NORMALISER_VERSION};
use super::span::{Record, Span, SpanId, TraceId};
use crate::limits::RESPONSE_ID_BYTES_MIN;

/// The source of every event that comes by OTLP, whichever service sent it: one answer reported by an
/// application and by its gateway is one call.
pub const SOURCE: &str = FEEDS_OF_CALLS[1];

/// What the ids of costs begin with that are known by the provider's id of the answer.
pub(crate) const RESPONSE: &str = "response:";

/// Longest part of a note, in bytes.
const NOTE_PART_BYTES_MAX: usize = 120;

/// Where a call was observed.
pub(super) struct Seen<'r, 'a> {
    pub(super) time: Timestamp,
    pub(super) span: Option<(TraceId, SpanId)>,
    pub(super) record: &'r Attributes<'a>,
    pub(super) resource: &'r Attributes<'a>,
}

/// The `cost.recorded` of a call, by the id of its answer or else by `own_id`. What hangs no amount and does not fit an event is left out, and
/// told in `warnings`.
pub(super) fn cost(
    call: &CostObservation,
    seen: &Seen<'_, '_>,
    own_id: String,
    mapping: &Mapping,
    warnings: &mut Vec<String>,
) -> Result<Event, String> {
    if let Some(problem) = &call.contradiction {
        return Err(problem.clone());
    }
    if call.model.is_none() && call.claimed.is_none() {
        return Err("a model call that names neither a model nor a cost".to_owned());
    }
    let named = mapping
        .named(seen.record, seen.resource)
        .map_err(|bad| bad.to_string())?;
    let mut fitting = |what: &str, text: Option<String>| {
        let text = text?;
        if fits(&text) {
            return Some(text);
        }
        warnings.push(format!("the {what} does not fit an event and is left out"));
        None
    };
    let conversation = fitting("conversation", call.conversation.clone());
    let (agent, agent_version) = agent(call, seen.resource);
    let cost = Cost {
        line: CostLine::Model,
        amount: call.claimed,
        provider: fitting("provider", call.provider.clone()),
        model: call.model.clone(),
        tokens: call.tokens.clone(),
        agent: fitting("agent", agent),
        agent_version: fitting("agent version", agent_version),
        note: Some(note(call, &named)),
    };
    let id = response_identity(call).unwrap_or(own_id);
    event(id, seen, named, conversation.as_deref(), Body::Cost(cost))
}

/// The `work.verified` of an evaluation that the mapping takes as a check.
pub(super) fn check(
    evaluation: &Evaluation,
    record: &Record<'_>,
    time: Timestamp,
    resource: &Attributes<'_>,
    mapping: &Mapping,
) -> Result<Event, String> {
    let attributes = &record.attributes;
    let label = attributes
        .text("gen_ai.evaluation.score.label")
        .map_err(|bad| bad.to_string())?;
    let label = label.ok_or("an evaluation without a label")?;
    let result = if evaluation.passed.contains(&label) {
        CheckResult::Passed
    } else if evaluation.failed.contains(&label) {
        CheckResult::Failed
    } else {
        return Err(format!(
            "the mapping does not say what the label `{label}` means"
        ));
    };
    let named = mapping
        .named(attributes, resource)
        .map_err(|bad| bad.to_string())?;
    if named.work.is_none() || named.customer.is_none() {
        return Err(
            "an evaluation that names no work and customer; set `piecework.unit.id` and \
                    `piecework.customer.id`"
                .to_owned(),
        );
    }
    let seen = Seen {
        time,
        span: record.trace.zip(record.span),
        record: attributes,
        resource,
    };
    let body = Body::Verified {
        result,
        check: evaluation.check.clone(),
    };
    event(identity_of_record(record), &seen, named, None, body)
}

fn event(
    id: String,
    seen: &Seen<'_, '_>,
    named: Named,
    conversation: Option<&str>,
    body: Body,
) -> Result<Event, String> {
    let mut headers = Headers::default();
    for (header, value) in [
        (Header::Work, named.work.as_deref()),
        (Header::Unit, named.unit.as_deref()),
        (Header::Conversation, conversation),
    ] {
        if let Some(value) = value {
            headers.set(header, value);
        }
    }
    let traceparent =
        |(trace, span): (TraceId, SpanId)| format!("00-{}-{}-01", hex(&trace), hex(&span));
    let event = Event {
        id: id.into(),
        source: SOURCE.into(),
        customer: named
            .customer
            .unwrap_or_else(|| UNASSIGNED.to_owned())
            .into(),
        time: seen.time,
        work: named.work.map(Into::into),
        traceparent: seen.span.map(traceparent),
        authorship: Authorship::Seller,
        headers,
        signature: None,
        body,
    };
    Event::from_json(&event.to_json()).map_err(|error| error.to_string())
}

/// What tells a span from every other.
pub(super) fn identity_of_span(span: &Span<'_>) -> String {
    format!("span:{}/{}", hex(&span.trace), hex(&span.id))
}

/// The identity of a call by the provider's id of its answer.
fn response_identity(call: &CostObservation) -> Option<String> {
    let id = call.response_id.as_deref()?;
    let id = format!("{RESPONSE}{id}");
    (call.response_id.as_ref()?.len() >= RESPONSE_ID_BYTES_MIN && fits(&id)).then_some(id)
}

/// What tells a log record from every other: its content. Its span does not: several are written in one.
pub(super) fn identity_of_record(record: &Record<'_>) -> String {
    let mut content = format!(
        "{:?} {:?} {:?} {:?}",
        record.time, record.trace, record.span, record.name
    );
    for (name, value) in record.attributes.iter() {
        let _ = write!(content, "\n{name:?} {value:?}"); // writing to a string cannot fail
    }
    format!("log:{}", Digest::of(content.as_bytes()))
}

/// The agent by its own name, else the service and its version.
fn agent(call: &CostObservation, resource: &Attributes<'_>) -> (Option<String>, Option<String>) {
    if call.agent.is_some() {
        return (call.agent.clone(), call.agent_version.clone());
    }
    let own = |name| resource.text(name).ok().flatten();
    // What SDKs write where nobody named the service.
    let service = own("service.name").filter(|name| !name.starts_with("unknown_service"));
    let version = call
        .agent_version
        .clone()
        .or_else(|| own("service.version"));
    match service {
        Some(service) => (Some(service), version),
        None => (None, None),
    }
}

/// How the cost was read, for people who ask where a number comes from.
fn note(call: &CostObservation, named: &Named) -> String {
    let mut note = format!("dialect={}/{NORMALISER_VERSION}", call.dialect.word());
    for (what, text) in [
        ("operation", &call.operation),
        ("response", &call.response_id),
        ("tier", &call.service_tier),
        ("attempt", &named.attempt),
    ] {
        if let Some(text) = text {
            let text = super::refused::bounded(text, NOTE_PART_BYTES_MAX);
            let _ = write!(note, " {what}={text}"); // writing to a string cannot fail
        }
    }
    note
}

/// Whether a text can be an identifier of an event.
fn fits(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_BYTES_MAX && !text.chars().any(char::is_control)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
        out
    })
}
