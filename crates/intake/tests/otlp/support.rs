//! Requests to write down shortly, and what came of them as a table.

use std::fmt::Write as _;

use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Refused, Signal, receive};
use work::Event;
use work::body::{Body, Cost};

/// Reads a JSON request by itself.
pub(crate) fn try_json(signal: Signal, body: &str) -> Result<Received, Refused> {
    let mapping = Mapping::default();
    receive(
        signal,
        Encoding::Json,
        body.as_bytes(),
        &mapping,
        &mut Above::default(),
    )
}

/// The same for one that can be read.
pub(crate) fn json(signal: Signal, body: &str) -> Received {
    try_json(signal, body).unwrap_or_else(|error| panic!("{error}"))
}

/// An attribute in OTLP/JSON: a whole number, a double, an `AnyValue` as it is, or a text.
fn attribute((name, value): &(&str, &str)) -> String {
    let inner = match value.chars().next() {
        Some('{') if value.contains("Value\":") => (*value).to_owned(),
        Some('-' | '0'..='9') if value.contains('.') => format!("{{\"doubleValue\":{value}}}"),
        Some('-' | '0'..='9') if value.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{{\"intValue\":\"{value}\"}}")
        }
        _ => format!(
            "{{\"stringValue\":{}}}",
            serde_json::to_string(value).unwrap()
        ),
    };
    format!("{{\"key\":\"{name}\",\"value\":{inner}}}")
}

/// Attributes in OTLP/JSON.
pub(crate) fn attributes(pairs: &[(&str, &str)]) -> String {
    format!(
        "[{}]",
        pairs.iter().map(attribute).collect::<Vec<_>>().join(",")
    )
}

/// A span of trace 1 in OTLP/JSON; parent 0 is none.
pub(crate) fn span(id: u8, parent: u8, pairs: &[(&str, &str)]) -> String {
    let parent = if parent == 0 {
        String::new()
    } else {
        format!("\"parentSpanId\":\"{parent:016x}\",")
    };
    format!(
        "{{\"traceId\":\"{:032x}\",\"spanId\":\"{id:016x}\",{parent}\"name\":\"s{id}\",\
         \"startTimeUnixNano\":\"1767225600000000000\",\"endTimeUnixNano\":\"1767225601000000000\",\
         \"attributes\":{}}}",
        1,
        attributes(pairs)
    )
}

/// A trace request of these spans, by one service.
pub(crate) fn traces(resource: &[(&str, &str)], spans: &[String]) -> String {
    format!(
        "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":{}}},\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}",
        attributes(resource),
        spans.join(",")
    )
}

/// One span of these attributes, read.
pub(crate) fn one(pairs: &[(&str, &str)]) -> Received {
    json(Signal::Traces, &traces(&[], &[span(1, 0, pairs)]))
}

/// A protobuf field of bytes.
pub(crate) fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::bytes::encode(number, &bytes.to_vec(), &mut out);
    out
}

pub(crate) fn cost(event: &Event) -> &Cost {
    match &event.body {
        Body::Cost(cost) => cost,
        other => panic!("no cost: {other:?}"),
    }
}

/// Tokens as `input=28 cache_read=1792 output=117`.
pub(crate) fn tokens(event: &Event) -> String {
    let tokens = cost(event).tokens.iter();
    let tokens: Vec<String> = tokens
        .map(|(class, count)| format!("{}={count}", class.word()))
        .collect();
    tokens.join(" ")
}

/// What came of a request, a line for each event, rejected item and remark.
pub(crate) fn told(received: &Received) -> String {
    let mut out = String::new();
    for event in &received.events {
        let _ = write!(out, "{} {}", event.id, event.customer);
        if let Some(work) = &event.work {
            let _ = write!(out, " work={work}");
        }
        for (header, value) in event.headers.iter() {
            if header != work::Header::Work {
                let _ = write!(out, " {}={value}", header.name());
            }
        }
        if let Body::Cost(own) = &event.body {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
            let _ = write!(
                out,
                "\n  {}/{} {}",
                text(&own.provider),
                text(&own.model),
                tokens(event)
            );
            if let Some(amount) = own.amount {
                let _ = write!(out, " claimed={amount}");
            }
            if let Some(agent) = &own.agent {
                let _ = write!(out, " agent={agent}");
            }
            let _ = write!(out, "\n  {}", text(&own.note));
        }
        out.push('\n');
    }
    for own in &received.rejected {
        let _ = writeln!(out, "rejected {}: {}", own.place, own.reason);
    }
    for own in &received.notes {
        let _ = writeln!(out, "note {}: {}", own.place, own.text);
    }
    let counts = received.counts;
    let _ = write!(
        out,
        "{} items: {} taken, {} repeated, {} passed over, {} rejected",
        counts.items, counts.taken, counts.repeated, counts.passed_over, counts.rejected
    );
    out
}
