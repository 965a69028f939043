//! What is odd, broken or hostile, and what becomes of it.

use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Refused, Signal, receive};

use crate::support::{cost, json, one, span, tokens, told, traces, try_json};

fn protobuf(signal: Signal, body: &[u8]) -> Result<Received, Refused> {
    receive(
        signal,
        Encoding::Protobuf,
        body,
        &Mapping::default(),
        &mut Above::default(),
    )
}

/// A call that counts, to stand beside what does not.
const CALL: [(&str, &str); 3] = [
    ("gen_ai.system", "openai"),
    ("gen_ai.request.model", "gpt-4o"),
    ("gen_ai.usage.input_tokens", "10"),
];

#[test]
fn bodies_that_are_no_request() {
    for (body, problem) in [
        ("", "EOF"),
        ("null", "expected an object"),
        ("[]", "expected an object"),
        ("\"resourceSpans\"", "expected an object"),
        ("{\"resourceSpans\":[]", "EOF"),
        ("{\"resourceSpans\":[]} x", "trailing"),
        ("{\"resourceSpans\":{}}", "expected an array"),
        ("{\"resourceSpans\":[7]}", "expected an object"),
        (
            "{\"batches\":[]}",
            "expected `resourceSpans`, found batches",
        ),
        (
            "{\"resource_spans\":[]}",
            "expected `resourceSpans`, found resource_spans",
        ),
        (
            "{\"resourceLogs\":[]}",
            "this is a request for /v1/logs, sent to /v1/traces",
        ),
        (
            "{\"resourceSpans\":[{\"resource\":{},\"instrumentationLibrarySpans\":[]}]}",
            "expected `scopeSpans`, found instrumentationLibrarySpans",
        ),
        (
            "{\"resourceSpans\":[{\"resource\":{\"attributes\":7}}]}",
            "expected an array",
        ),
        (
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":7}]}]}",
            "expected an array",
        ),
    ] {
        let refused = try_json(Signal::Traces, body).unwrap_err().to_string();
        assert!(refused.contains(problem), "{body}: {refused}");
    }
    for (body, problem) in [
        (
            &b"{\"resourceSpans\":[]}"[..],
            "is the body compressed, or JSON?",
        ),
        (&[0x1f, 0x8b, 8, 0][..], "is the body compressed, or JSON?"),
        (&[0x0a, 0x05, 1], "end inside a field"),
        (&[0x0a, 0x02, 0x12, 0x05], "end inside a field"),
        (&[0x08, 1], "field 1 has another type"),
        (&[0x12, 0], "expected `resourceSpans`"),
    ] {
        let refused = protobuf(Signal::Traces, body).unwrap_err().to_string();
        assert!(refused.contains(problem), "{body:x?}: {refused}");
    }
    let latin = receive(
        Signal::Traces,
        Encoding::Json,
        b"{\"resourceSpans\":[],\"x\":\"\xff\"}",
        &Mapping::default(),
        &mut Above::default(),
    );
    assert!(latin.unwrap_err().to_string().contains("UTF-8"));
}

/// The specification: an empty request is a success.
#[test]
fn an_empty_request_is_taken() {
    for signal in Signal::ALL {
        assert_eq!(try_json(signal, "{}").unwrap(), Received::default());
        assert_eq!(protobuf(signal, b"").unwrap(), Received::default());
        assert_eq!(protobuf(signal, &[0x0a, 0]).unwrap(), Received::default());
    }
    for body in [
        "{\"resourceSpans\":null}",
        "{\"resourceSpans\":[]}",
        "{\"resourceSpans\":[],\"later\":1}",
        "{\"resourceSpans\":[{}]}",
        "{\"resourceSpans\":[{\"resource\":null,\"scopeSpans\":null,\"schemaUrl\":\"\"}]}",
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":null},\"scopeSpans\":[{\"spans\":null}]}]}",
    ] {
        assert_eq!(json(Signal::Traces, body), Received::default(), "{body}");
    }
}

/// One bad span does not take the others with it.
#[test]
fn spans_are_rejected_one_by_one() {
    for (found, instead, problem) in [
        ("\"traceId\":\"", "\"traceId\":\"0", "no id of 16 bytes"),
        ("\"traceId\":", "\"x\":", "no trace id"),
        ("\"spanId\":", "\"x\":", "no span id"),
        ("\"0000000000000001\"", "null", "no span id"),
        ("\"0000000000000001\"", "\"0000000000000000\"", "no span id"),
        ("\"0000000000000001\"", "17", "expected a string"),
        ("\"1767225601000000000\"", "\"soon\"", "endTimeUnixNano"),
        ("\"1767225601000000000\"", "-1", "endTimeUnixNano"),
        ("\"1767225601000000000\"", "[]", "endTimeUnixNano"),
        ("\"attributes\":[", "\"attributes\":[7,", "attributes"),
        (
            "\"attributes\":[",
            "\"status\":{\"code\":\"FINE\"},\"attributes\":[",
            "FINE",
        ),
        (
            "{\"intValue\":\"10\"}",
            "{\"intValue\":\"1e40\"}",
            "gen_ai.usage.input_tokens",
        ),
        ("{\"intValue\":\"10\"}", "7", "gen_ai.usage.input_tokens"),
    ] {
        let bad = span(1, 0, &CALL).replace(found, instead);
        assert_ne!(bad, span(1, 0, &CALL), "{found}");
        let received = json(Signal::Traces, &traces(&[], &[bad, span(2, 0, &CALL)]));
        assert_eq!(received.events.len(), 1, "{instead}: {}", told(&received));
        assert_eq!(received.rejected.len(), 1, "{instead}");
        let rejected = &received.rejected[0];
        assert_eq!(
            rejected.place.to_string(),
            "/resourceSpans/0/scopeSpans/0/spans/0"
        );
        assert!(
            rejected.reason.contains(problem),
            "{instead}: {}",
            rejected.reason
        );
    }
    // A time in neither place.
    let timeless = span(1, 0, &CALL).replace("TimeUnixNano", "Time");
    let received = json(Signal::Traces, &traces(&[], &[timeless]));
    assert!(
        received.rejected[0]
            .reason
            .contains("neither `startTimeUnixNano` nor")
    );
}

/// Every way in which senders write the same span.
#[test]
fn odd_but_plain_spans_are_read() {
    let usual = span(2, 1, &CALL);
    let events = json(Signal::Traces, &traces(&[], std::slice::from_ref(&usual))).events;
    for (found, instead) in [
        (
            "\"00000000000000000000000000000001\"",
            "\"AAAAAAAAAAAAAAAAAAAAAQ==\"",
        ),
        ("\"0000000000000002\"", "\"AAAAAAAAAAI=\""),
        (
            "\"parentSpanId\":\"0000000000000001\"",
            "\"parentSpanId\":null",
        ),
        (
            "\"parentSpanId\":\"0000000000000001\"",
            "\"parentSpanId\":\"\"",
        ),
        ("\"1767225601000000000\"", "1767225601000000000"),
        ("\"1767225601000000000\"", "1.767225601e18"),
        ("\"name\":\"s2\"", "\"name\":null"),
        (
            "\"name\":\"s2\"",
            "\"name\":\"s2\",\"kind\":\"SPAN_KIND_SERVER\",\"flags\":257,\"events\":null",
        ),
        ("\"name\":\"s2\"", "\"name\":\"\\ud83d half a character\""),
        (
            "\"name\":\"s2\"",
            "\"status\":{\"code\":\"STATUS_CODE_OK\"}",
        ),
        (
            "\"name\":\"s2\"",
            "\"status\":{\"code\":1},\"unheard\":{\"of\":[]}",
        ),
        ("{\"intValue\":\"10\"}", "{\"intValue\":10}"),
        ("{\"intValue\":\"10\"}", "{\"doubleValue\":10.0}"),
        ("{\"intValue\":\"10\"}", "{\"doubleValue\":\"10\"}"),
        ("{\"intValue\":\"10\"}", "{\"stringValue\":\"10\"}"),
        (
            "\"attributes\":[",
            "\"attributes\":[{\"key\":\"a\"},{\"key\":\"b\",\"value\":null},{\"key\":\"c\",\"value\":{}},\
             {\"key\":\"d\",\"value\":{\"arrayValue\":{}}},{\"key\":\"e\",\"value\":{\"bytesValue\":\"-_\"}},\
             {\"value\":{\"intValue\":1}},{\"key\":\"f\",\"value\":{\"stringValue\":\"\\udc00\"}},",
        ),
    ] {
        let odd = usual.replace(found, instead);
        assert_ne!(odd, usual, "{found}");
        let received = json(Signal::Traces, &traces(&[], &[odd]));
        assert_eq!(received.events, events, "{instead}: {}", told(&received));
    }
}

/// Not a number is not known: no count, and not zero either.
#[test]
fn numbers_that_are_none() {
    let of = |value: &str| {
        one(&[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.usage.output_tokens", "4"),
            ("gen_ai.usage.input_tokens", value),
        ])
    };
    for value in [
        "{\"doubleValue\":\"NaN\"}",
        "{\"doubleValue\":\"-Infinity\"}",
        "{\"stringValue\":\"NaN\"}",
        "{\"stringValue\":\"\"}",
        "{\"stringValue\":\"None\"}",
        "{\"stringValue\":null}",
    ] {
        assert_eq!(tokens(&of(value).events[0]), "output=4", "{value}");
    }
    for value in [
        "{\"boolValue\":true}",
        "{\"arrayValue\":{}}",
        "{\"bytesValue\":\"AA==\"}",
    ] {
        let received = of(value);
        assert!(
            received.rejected[0].reason.contains("expected a number"),
            "{value}"
        );
    }
}

/// Digits of money are those of the text.
#[test]
fn a_cost_never_passes_through_a_binary_float() {
    // No double has these digits.
    let exact = "0.1000000000000000000000000001";
    let received = one(&[
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.cost", &format!("{{\"doubleValue\":{exact}}}")),
    ]);
    assert_eq!(
        cost(&received.events[0]).amount,
        Some(format!("{exact} USD").parse().unwrap())
    );
    let received = one(&[
        ("gen_ai.request.model", "m"),
        (
            "gen_ai.usage.cost",
            "{\"doubleValue\":0.00000000000000000000000000000001}",
        ),
    ]);
    assert!(
        received.rejected[0].reason.contains("gen_ai.usage.cost"),
        "more digits than are kept"
    );
}
