//! Log records: the calls of Claude Code, and evaluations where the mapping asks for them.

use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Signal, receive};
use work::body::{Body, CheckResult};

use crate::support::{attributes, cost, json, tokens, told};

/// One log record; `more` are further members.
fn record(more: &str, pairs: &[(&str, &str)]) -> String {
    format!(
        "{{\"timeUnixNano\":\"1767225600000000000\",{more}\"attributes\":{}}}",
        attributes(pairs)
    )
}

fn logs(resource: &[(&str, &str)], records: &[String]) -> String {
    format!(
        "{{\"resourceLogs\":[{{\"resource\":{{\"attributes\":{}}},\"scopeLogs\":[{{\"logRecords\":[{}]}}]}}]}}",
        attributes(resource),
        records.join(",")
    )
}

const REQUEST: [(&str, &str); 9] = [
    ("event.name", "api_request"),
    ("event.sequence", "3"),
    ("session.id", "s-1"),
    ("model", "claude-opus-4-7"),
    ("input_tokens", "5"),
    ("output_tokens", "120"),
    ("cache_read_tokens", "40000"),
    ("cache_creation_tokens", "300"),
    ("cost_usd", "0.0312"),
];

#[test]
fn a_request_of_claude_code_is_a_cost() {
    let body = "\"body\":{\"stringValue\":\"claude_code.api_request\"},";
    let by_body: Vec<_> = REQUEST[1..].to_vec();
    for (more, pairs) in [(body, &REQUEST[..]), ("", &REQUEST), (body, &by_body)] {
        let received = json(
            Signal::Logs,
            &logs(&[("service.name", "claude-code")], &[record(more, pairs)]),
        );
        let event = &received.events[0];
        // Its input is what was neither read from nor written to a cache.
        assert_eq!(
            tokens(event),
            "input=5 cache_read=40000 cache_write=300 output=120"
        );
        let own = cost(event);
        assert_eq!(own.amount, Some("0.0312 USD".parse().unwrap()));
        assert_eq!(own.provider.as_deref(), Some("anthropic"));
        assert_eq!(own.agent.as_deref(), Some("claude-code"));
        assert!(event.id.starts_with("log:"), "{}", event.id);
    }
}

#[test]
fn each_record_has_its_own_identity() {
    // Two requests in one span, then the first again.
    let more = "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\",";
    let mut second = REQUEST;
    second[1] = ("event.sequence", "4");
    let records = [
        record(more, &REQUEST),
        record(more, &second),
        record(more, &REQUEST),
    ];
    let received = json(Signal::Logs, &logs(&[], &records));
    assert_eq!(
        (received.events.len(), received.counts.repeated),
        (2, 1),
        "{}",
        told(&received)
    );
    assert!(
        received.notes.is_empty(),
        "the same record again is nothing odd"
    );
    let mut named = REQUEST.to_vec();
    named.push(("request_id", "req_011CSHoEeqs5C35K2UUqR7Fy"));
    let received = json(Signal::Logs, &logs(&[], &[record("", &named)]));
    assert_eq!(
        received.events[0].id,
        "response:req_011CSHoEeqs5C35K2UUqR7Fy"
    );
}

#[test]
fn other_records_are_passed_over() {
    for (more, pairs) in [
        ("", &[("event.name", "tool_result")][..]),
        ("", &[("event.name", "api_request")]), // another program's
        ("\"body\":{\"kvlistValue\":{}},", &[("model", "m")]),
        (
            "\"eventName\":\"gen_ai.client.inference.operation.details\",",
            &[("gen_ai.usage.input_tokens", "5")],
        ),
        ("", &[]),
    ] {
        let received = json(Signal::Logs, &logs(&[], &[record(more, pairs)]));
        assert_eq!(
            (received.events.len(), received.counts.passed_over),
            (0, 1),
            "{pairs:?}"
        );
    }
    let timeless = record("", &REQUEST).replace("\"timeUnixNano\":\"1767225600000000000\",", "");
    let received = json(Signal::Logs, &logs(&[], std::slice::from_ref(&timeless)));
    assert!(received.rejected[0].reason.contains("timeUnixNano"));
    let seen = timeless.replacen('{', "{\"observedTimeUnixNano\":1767225600000000000,", 1);
    assert_eq!(json(Signal::Logs, &logs(&[], &[seen])).events.len(), 1);
}

fn evaluated(mapping: &str, pairs: &[(&str, &str)]) -> Received {
    let record = record("\"eventName\":\"gen_ai.evaluation.result\",", pairs);
    let body = logs(&[("piecework.customer.id", "acme")], &[record]);
    let mapping = Mapping::parse(mapping).unwrap();
    receive(
        Signal::Logs,
        Encoding::Json,
        body.as_bytes(),
        &mapping,
        &mut Above::default(),
    )
    .unwrap()
}

#[test]
fn an_evaluation_is_a_fact_only_where_the_mapping_says_so() {
    const ASKED: &str = "[[evaluation]]\nname = \"resolution\"\ncheck = \"judge\"\n";
    let result = |label| {
        [
            ("gen_ai.evaluation.name", "resolution"),
            ("gen_ai.evaluation.score.label", label),
            ("piecework.unit.id", "w1"),
        ]
    };
    assert_eq!(
        evaluated("", &result("pass")).counts.passed_over,
        1,
        "off unless asked for"
    );
    for (label, expected) in [("pass", CheckResult::Passed), ("fail", CheckResult::Failed)] {
        let received = evaluated(ASKED, &result(label));
        let event = &received.events[0];
        let Body::Verified { result, check } = &event.body else {
            panic!("{:?}", event.body)
        };
        assert_eq!((*result, check.as_str()), (expected, "judge"));
        assert_eq!(
            (event.customer.as_str(), event.work.as_deref()),
            ("acme", Some("w1"))
        );
    }
    let unknown = evaluated(ASKED, &result("mostly"));
    assert!(
        unknown.rejected[0].reason.contains("`mostly`"),
        "{}",
        told(&unknown)
    );
    let workless = evaluated(ASKED, &result("pass")[..2]);
    assert!(
        workless.rejected[0].reason.contains("piecework.unit.id"),
        "{}",
        told(&workless)
    );
    let other = [
        ("gen_ai.evaluation.name", "tone"),
        ("gen_ai.evaluation.score.label", "pass"),
    ];
    assert_eq!(evaluated(ASKED, &other).counts.passed_over, 1);
}
