//! Every bound of the OTLP intake, crossed.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use piecework_intake::limits::{
    OTLP_ATTRIBUTES_MAX, OTLP_BODY_BYTES_MAX, OTLP_GROUPS_MAX, OTLP_ITEMS_MAX,
    OTLP_JSON_ATTRIBUTE_BYTES_MAX, OTLP_NOTES_MAX, RESPONSE_ID_BYTES_MIN,
};
use piecework_intake::otlp::{
    Above, Encoding, Mapping, Received, Refused, Signal, inflate, receive,
};

use crate::support::{attributes, field, json, one, span, tokens, told, traces, try_json};

fn protobuf(body: &[u8]) -> Result<Received, Refused> {
    receive(
        Signal::Traces,
        Encoding::Protobuf,
        body,
        &Mapping::default(),
        &mut Above::default(),
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_is_not_inflated_further_than_the_bound() {
    assert_eq!(inflate(&gzip(b"{}")).unwrap(), b"{}");
    let bound = vec![b' '; OTLP_BODY_BYTES_MAX];
    assert_eq!(inflate(&gzip(&bound)).unwrap().len(), OTLP_BODY_BYTES_MAX);
    let mut bomb = gzip(&bound);
    bomb.extend(gzip(b" ")); // a second member counts as well
    assert_eq!(inflate(&bomb), Err(Refused::TooLarge));
    for broken in [&b"{}"[..], &bomb[..20], b""] {
        assert!(
            matches!(inflate(broken), Err(Refused::Inflate(_))),
            "{broken:x?}"
        );
    }
}

#[test]
fn a_body_beyond_the_bound() {
    let body = " ".repeat(OTLP_BODY_BYTES_MAX + 1);
    assert_eq!(try_json(Signal::Traces, &body), Err(Refused::TooLarge));
    assert_eq!(protobuf(body.as_bytes()), Err(Refused::TooLarge));
    assert!(Refused::TooLarge.is_size() && !Refused::Malformed(String::new()).is_size());
}

#[test]
fn too_many_spans() {
    let many = |spans: usize| {
        let spans = vec!["{}"; spans].join(",");
        format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{spans}]}}]}}]}}")
    };
    let all = json(Signal::Traces, &many(OTLP_ITEMS_MAX));
    assert_eq!(all.rejected_items(), OTLP_ITEMS_MAX as u64);
    assert!(
        try_json(Signal::Traces, &many(OTLP_ITEMS_MAX + 1))
            .unwrap_err()
            .is_size()
    );
    // In protobuf a span is two bytes.
    let spans = |spans: usize| field(1, &field(2, &[0x12, 0].repeat(spans)));
    assert_eq!(
        protobuf(&spans(OTLP_ITEMS_MAX)).unwrap().counts.items,
        OTLP_ITEMS_MAX as u64
    );
    assert!(protobuf(&spans(OTLP_ITEMS_MAX + 1)).unwrap_err().is_size());
}

#[test]
fn too_many_resources_and_scopes() {
    let resources = |count| format!("{{\"resourceSpans\":[{}]}}", vec!["{}"; count].join(","));
    assert!(try_json(Signal::Traces, &resources(OTLP_GROUPS_MAX)).is_ok());
    assert!(try_json(Signal::Traces, &resources(OTLP_GROUPS_MAX + 1)).is_err());
    let scopes = |count: usize| {
        format!(
            "{{\"resourceSpans\":[{{\"scopeSpans\":[{}]}}]}}",
            vec!["{}"; count].join(",")
        )
    };
    assert!(try_json(Signal::Traces, &scopes(OTLP_GROUPS_MAX - 1)).is_ok());
    assert!(
        try_json(Signal::Traces, &scopes(OTLP_GROUPS_MAX))
            .unwrap_err()
            .is_size()
    );
    assert!(protobuf(&[0x0a, 0].repeat(OTLP_GROUPS_MAX)).is_ok());
    assert!(
        protobuf(&[0x0a, 0].repeat(OTLP_GROUPS_MAX + 1))
            .unwrap_err()
            .is_size()
    );
    assert!(
        protobuf(&field(1, &[0x12, 0].repeat(OTLP_GROUPS_MAX + 1)))
            .unwrap_err()
            .is_size()
    );
}

#[test]
fn too_many_attributes() {
    let many = |count: usize| -> Vec<String> { (0..count).map(|n| format!("a{n}")).collect() };
    let with = |count: usize| {
        let names = many(count - 3);
        let mut pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        pairs.push(("gen_ai.system", "openai"));
        pairs.push(("gen_ai.request.model", "m"));
        pairs.push(("gen_ai.usage.input_tokens", "5"));
        pairs.reverse();
        one(&pairs)
    };
    assert_eq!(with(OTLP_ATTRIBUTES_MAX).events.len(), 1);
    let over = with(OTLP_ATTRIBUTES_MAX + 1);
    assert!(
        over.rejected[0].reason.contains("more than 16384"),
        "{}",
        told(&over)
    );
    // A resource is everybody's: the request is refused.
    let names = many(OTLP_ATTRIBUTES_MAX + 1);
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert!(try_json(Signal::Traces, &traces(&pairs, &[])).is_err());
    let resource = field(1, &[0x0a, 0].repeat(OTLP_ATTRIBUTES_MAX + 1));
    assert!(protobuf(&field(1, &resource)).unwrap_err().is_size());
    let of_span = field(2, &field(2, &[0x4a, 0].repeat(OTLP_ATTRIBUTES_MAX + 1)));
    let received = protobuf(&field(1, &of_span)).unwrap();
    assert!(received.rejected[0].reason.contains("more than 16384"));
}

/// What is not looked into may be as deep as it likes: nothing recurses.
#[test]
fn deep_values_cost_nothing() {
    const DEEP: usize = 100_000;
    let call = [
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.input_tokens", "5"),
    ];
    let deep = format!(
        "{}{}",
        "{\"arrayValue\":{\"values\":[".repeat(DEEP),
        "]}}".repeat(DEEP)
    );
    let mut pairs = call.to_vec();
    pairs.push(("gen_ai.input.messages", &deep));
    let received = one(&pairs);
    assert_eq!(tokens(&received.events[0]), "input=5");
    // The same where a number should be: one span lost.
    let received = one(&[call[0], ("gen_ai.usage.input_tokens", &deep)]);
    assert!(received.rejected[0].reason.contains("expected a number"));
    // And as the request itself.
    for open in ["[", "{\"resourceSpans\":", "{\"resourceSpans\":["] {
        assert!(
            try_json(Signal::Traces, &open.repeat(DEEP)).is_err(),
            "{open}"
        );
    }
    let mut nested = Vec::new();
    for _ in 0..2_000 {
        nested = field(1, &nested);
    }
    assert!(
        protobuf(&nested).is_ok(),
        "a resource with attributes that nobody asks for"
    );
}

#[test]
fn a_long_json_attribute_is_not_looked_into() {
    let call = [
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.input_tokens", "5"),
    ];
    let metadata =
        |padding: usize| format!("{{\"work_id\":\"w\",\"x\":\"{}\"}}", "y".repeat(padding));
    let work = |padding| {
        let metadata = metadata(padding);
        let mut pairs = call.to_vec();
        pairs.push(("metadata", metadata.as_str()));
        one(&pairs).events[0].work.clone()
    };
    let frame = metadata(0).len();
    assert_eq!(
        work(OTLP_JSON_ATTRIBUTE_BYTES_MAX - frame).as_deref(),
        Some("w")
    );
    assert_eq!(work(OTLP_JSON_ATTRIBUTE_BYTES_MAX - frame + 1), None);
    // Counts are not left out: the span is lost, and told.
    let usage = format!(
        "{{\"input\":5,\"x\":\"{}\"}}",
        "y".repeat(OTLP_JSON_ATTRIBUTE_BYTES_MAX)
    );
    let received = one(&[
        ("langfuse.observation.type", "generation"),
        ("langfuse.observation.model.name", "m"),
        ("langfuse.observation.usage_details", &usage),
    ]);
    assert!(
        received.rejected[0].reason.contains("longer than 65536"),
        "{}",
        told(&received)
    );
}

#[test]
fn remarks_beyond_the_bound_are_counted() {
    let pairs = [
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.input_tokens", "5"),
        ("gen_ai.usage.prompt_tokens", "6"),
    ];
    let spans = (0..=OTLP_NOTES_MAX).map(|number| {
        span(1, 0, &pairs).replace("\"0000000000000001\"", &format!("\"{:016x}\"", number + 1))
    });
    let received = json(Signal::Traces, &traces(&[], &spans.collect::<Vec<_>>()));
    assert_eq!(
        (received.notes.len(), received.notes_left_out),
        (OTLP_NOTES_MAX, 1)
    );
    assert_eq!(received.events.len(), OTLP_NOTES_MAX + 1);
}

#[test]
fn a_response_id_at_the_bound() {
    let id = |length: usize| {
        let response = "r".repeat(length);
        let pairs = [
            ("gen_ai.request.model", "m"),
            ("gen_ai.usage.input_tokens", "5"),
            ("gen_ai.response.id", response.as_str()),
        ];
        one(&pairs).events[0].id.clone()
    };
    assert!(id(RESPONSE_ID_BYTES_MIN - 1).starts_with("span:"));
    assert!(id(RESPONSE_ID_BYTES_MIN).starts_with("response:"));
    assert!(id(400).starts_with("span:"), "longer than an event's id");
}

#[test]
fn too_many_points() {
    let point = format!(
        "{{\"timeUnixNano\":\"1\",\"asInt\":\"1\",\"attributes\":{}}}",
        attributes(&[])
    );
    let metric = |points: usize| {
        format!(
            "{{\"name\":\"gen_ai.client.inference.usage.input_tokens\",\"sum\":{{\
             \"aggregationTemporality\":1,\"dataPoints\":[{}]}}}}",
            vec![point.as_str(); points].join(",")
        )
    };
    let half = metric(OTLP_ITEMS_MAX / 2 + 1);
    let body =
        format!("{{\"resourceMetrics\":[{{\"scopeMetrics\":[{{\"metrics\":[{half},{half}]}}]}}]}}");
    let received = json(Signal::Metrics, &body);
    assert_eq!(
        received.control_totals[0].value.to_string(),
        OTLP_ITEMS_MAX.to_string()
    );
    assert_eq!(received.rejected_items(), 2);
    let one = metric(OTLP_ITEMS_MAX + 1);
    let body = format!("{{\"resourceMetrics\":[{{\"scopeMetrics\":[{{\"metrics\":[{one}]}}]}}]}}");
    assert!(
        json(Signal::Metrics, &body).rejected[0]
            .reason
            .contains("more than 100000")
    );
}
