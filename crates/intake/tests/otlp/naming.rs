//! How a call finds its work and customer, and what identity it has.

use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Signal, receive};
use work::Header;
use work::event::UNASSIGNED;

use crate::support::{cost, json, one, span, told, traces};

const CALL: [(&str, &str); 3] = [
    ("gen_ai.system", "openai"),
    ("gen_ai.request.model", "gpt-4o"),
    ("gen_ai.usage.input_tokens", "10"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    CALL.iter().chain(more).copied().collect()
}

fn mapped(mapping: &str, body: &str) -> Received {
    let mapping = Mapping::parse(mapping).unwrap_or_else(|error| panic!("{error}"));
    receive(
        Signal::Traces,
        Encoding::Json,
        body.as_bytes(),
        &mapping,
        &mut Above::default(),
    )
    .unwrap()
}

#[test]
fn the_span_speaks_before_the_resource_and_both_before_carriers() {
    let carriers = [
        ("traceloop.association.properties.work_id", "w-carrier"),
        ("traceloop.association.properties.customer_id", "c-carrier"),
    ];
    let resource = [
        ("piecework.unit.id", "w-resource"),
        ("piecework.customer.id", "c-resource"),
    ];
    let own = [
        ("piecework.unit.id", "w-span"),
        ("piecework.customer.id", "c-span"),
        ("piecework.unit.type", "support.resolved_case"),
        ("piecework.attempt", "2"),
    ];
    let check =
        |resource: &[(&str, &str)], more: &[(&str, &str)], work: Option<&str>, customer: &str| {
            let received = json(
                Signal::Traces,
                &traces(resource, &[span(1, 0, &with(more))]),
            );
            let event = &received.events[0];
            assert_eq!(
                (event.work.as_deref(), event.customer.as_str()),
                (work, customer)
            );
            received
        };
    let all: Vec<_> = own.iter().chain(&carriers).copied().collect();
    let received = check(&resource, &all, Some("w-span"), "c-span");
    let event = &received.events[0];
    assert_eq!(
        event.headers.get(Header::Unit).map(work::SmolStr::as_str),
        Some("support.resolved_case")
    );
    assert!(cost(event).note.as_deref().unwrap().ends_with("attempt=2"));
    check(&resource, &carriers, Some("w-resource"), "c-resource");
    check(&[], &carriers, Some("w-carrier"), "c-carrier");
    let none = check(&[], &[], None, UNASSIGNED);
    assert_eq!(
        (none.counts.without_work, none.counts.without_customer),
        (1, 1)
    );
}

#[test]
fn the_default_carriers() {
    for (name, value) in [
        ("traceloop.association.properties.work_id", "w1"),
        ("ai.telemetry.metadata.work_id", "w1"),
        ("langfuse.trace.metadata.work_id", "w1"),
        ("langfuse.trace.metadata", "{\"work_id\":\"w1\"}"),
        ("metadata", "{\"team\":7,\"work_id\":\"w1\"}"),
    ] {
        let received = one(&with(&[(name, value)]));
        assert_eq!(received.events[0].work.as_deref(), Some("w1"), "{name}");
    }
    // Other people's JSON names nothing, and breaks nothing.
    for text in ["{\"work_id\":{}}", "[1]", "{\"work_id\":", "plain"] {
        let received = one(&with(&[("metadata", text)]));
        assert_eq!(received.events[0].work, None, "{text}");
    }
}

#[test]
fn a_mapping_document_names_other_carriers() {
    let mapping = "work = [\"ticket\", \"metadata#ticket\"]\ncustomer = [\"tenant\"]\n";
    let body = |more| traces(&[("tenant", "acme")], &[span(1, 0, &with(more))]);
    let event = &mapped(mapping, &body(&[("ticket", "{\"intValue\":4711}")])).events[0];
    assert_eq!(
        (event.work.as_deref(), event.customer.as_str()),
        (Some("4711"), "acme")
    );
    // A list replaces the default one.
    let unmapped = body(&[("traceloop.association.properties.work_id", "w")]);
    assert_eq!(mapped(mapping, &unmapped).events[0].work, None);
    for (text, problem) in [
        ("works = []", "unknown field `works`"),
        ("work = \"ticket\"", "expected a sequence"),
        ("[[evaluation]]\nname = \"x\"", "missing field `check`"),
    ] {
        let error = Mapping::parse(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn a_call_without_work_keeps_its_trace_and_its_conversation() {
    let received = one(&with(&[("gen_ai.conversation.id", "conv-1")]));
    let event = &received.events[0];
    assert_eq!(
        event.traceparent.as_deref(),
        Some("00-00000000000000000000000000000001-0000000000000001-01")
    );
    assert_eq!(
        event
            .headers
            .get(Header::Conversation)
            .map(work::SmolStr::as_str),
        Some("conv-1")
    );
    assert_eq!(event.source, "otlp");
}

#[test]
fn the_identity_is_the_answers_where_no_other_call_can_have_it() {
    for (response, id) in [
        (
            Some("chatcmpl-D9q5H84raMm0zTH5wd3lQfBgjuWAD"),
            "response:chatcmpl-D9q5H84raMm0zTH5wd3lQfBgjuWAD",
        ),
        // Small servers number their answers from 0 to 999.
        (
            Some("chatcmpl-123"),
            "span:00000000000000000000000000000001/0000000000000001",
        ),
        (
            Some("a\u{7}bcdefghijklmnopqrst"),
            "span:00000000000000000000000000000001/0000000000000001",
        ),
        (
            None,
            "span:00000000000000000000000000000001/0000000000000001",
        ),
    ] {
        let more: Vec<_> = response
            .map(|id| ("gen_ai.response.id", id))
            .into_iter()
            .collect();
        assert_eq!(one(&with(&more)).events[0].id, id);
    }
}

/// An application and its gateway, neither above the other.
#[test]
fn one_answer_on_two_spans_is_one_call() {
    let answer = (
        "gen_ai.response.id",
        "chatcmpl-D9q5H84raMm0zTH5wd3lQfBgjuWAD",
    );
    let gateway = with(&[answer, ("gen_ai.cost.total_cost", "0.5")]);
    let application = with(&[
        answer,
        ("piecework.unit.id", "w1"),
        ("piecework.customer.id", "acme"),
    ]);
    for order in [[1, 2], [2, 1]] {
        let spans = order.map(|id| span(id, 9, if id == 1 { &gateway } else { &application }));
        let received = json(Signal::Traces, &traces(&[], &spans));
        assert_eq!(received.events.len(), 1, "{}", told(&received));
        assert_eq!(
            received.events[0].customer, "acme",
            "the one that says whose it is"
        );
        assert_eq!(received.counts.repeated, 1);
    }
}

#[test]
fn what_does_not_fit_an_event() {
    let long = "x".repeat(300);
    // No amount hangs on these: left out, and told.
    let received = one(&with(&[
        ("gen_ai.agent.name", &long),
        ("session.id", &long),
    ]));
    assert_eq!(cost(&received.events[0]).agent, None);
    assert_eq!(received.notes.len(), 2, "{}", told(&received));
    // These decide whose cost it is: never left out.
    for name in [
        "piecework.unit.id",
        "piecework.customer.id",
        "piecework.unit.type",
    ] {
        let received = one(&with(&[(name, &long)]));
        assert_eq!(received.events, [], "{name}");
        assert!(
            received.rejected[0]
                .reason
                .contains("longer than 256 bytes"),
            "{name}"
        );
    }
    let received = one(&with(&[("piecework.customer.id", "_all")]));
    assert!(
        received.rejected[0]
            .reason
            .contains("must not begin with `_`")
    );
}
