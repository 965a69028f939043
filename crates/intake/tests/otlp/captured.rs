//! Telemetry that other projects' instrumentation produced, read from the data set
//! `otlp-genai-traces`. Its description says what the calls really used.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use money::Decimal;
use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Refused, Signal, receive};
use work::body::TokenClass;

use crate::support::{cost, json, told, try_json};

/// The directory of the data set, or `None` with a word on standard error where there is no data.
fn data() -> Option<PathBuf> {
    let root = std::env::var_os("PIECEWORK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let directory = root.join("otlp-genai-traces");
    if directory.is_dir() {
        return Some(directory);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "CI needs {}",
        directory.display()
    );
    eprintln!(
        "skipped: {} is not there; set PIECEWORK_DATA",
        directory.display()
    );
    None
}

fn file(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(data()?.join(name)).unwrap())
}

fn traces(name: &str) -> Option<Received> {
    Some(json(Signal::Traces, &file(name)?))
}

/// All input tokens, cached ones included, and all output tokens.
fn totals(received: &Received) -> (String, String) {
    let sum = |classes: &[TokenClass]| {
        let counts = received.events.iter().flat_map(|event| {
            let tokens = &cost(event).tokens;
            classes
                .iter()
                .filter_map(|class| tokens.get(class).copied())
        });
        counts
            .fold(Decimal::ZERO, |sum, own| sum.plus(own).unwrap())
            .to_string()
    };
    use TokenClass::{CacheRead, CacheWrite, Input, InputAudio, Output, OutputAudio, Reasoning};
    (
        sum(&[Input, CacheRead, CacheWrite, InputAudio]),
        sum(&[Output, Reasoning, OutputAudio]),
    )
}

/// Every call is reported on two or three nested spans; adding all of them up gives 7,552 / 260,
/// 3,644 / 86 and 13,944 / 387.
#[test]
fn a_call_on_three_nested_spans_is_counted_once() {
    for (name, input, output, calls) in [
        ("kagent_helm.otlp.json", "3776", "130", 2),
        ("kagent_helm_2.otlp.json", "1822", "43", 1),
        ("kagent_tempo.otlp.json", "4648", "129", 2),
    ] {
        let Some(received) = traces(name) else { return };
        assert_eq!(
            totals(&received),
            (input.to_owned(), output.to_owned()),
            "{name}"
        );
        assert_eq!(received.events.len(), calls, "{name}");
        assert_eq!(received.rejected, [], "{name}");
    }
}

/// What was made of every file: tokens by class, dialect, and which span counted.
#[test]
fn every_captured_request() {
    let mut all = String::new();
    for name in [
        "kagent_helm.otlp.json",
        "kagent_helm_2.otlp.json",
        "kagent_tempo.otlp.json",
        "captured_fastApiOpenTelemetryRequest.otlp.json",
        "captured_openInferenceOpenAIRequest.otlp.json",
        "captured_openllmetryLangChainRequest.otlp.json",
        "captured_strandsTrace.otlp.json",
        "captured_traceWithException.otlp.json",
        "opentelemetry_example_trace.json",
    ] {
        let Some(received) = traces(name) else { return };
        let _ = writeln!(all, "== {name}\n{}", told(&received));
    }
    for (signal, name) in [
        (Signal::Logs, "opentelemetry_example_logs.json"),
        (Signal::Logs, "opentelemetry_example_events.json"),
        (Signal::Metrics, "opentelemetry_example_metrics.json"),
    ] {
        let Some(text) = file(name) else { return };
        let _ = writeln!(all, "== {name}\n{}", told(&json(signal, &text)));
    }
    insta::assert_snapshot!(all);
}

/// Files that other programs take without a word, and with nothing in them.
#[test]
fn what_is_no_request_of_this_signal_is_refused() {
    for (name, is) in [
        ("kagent_tempo.raw.json", None),
        ("litellm_standard_logging_payload.json", None),
        ("opentelemetry_example_logs.json", Some(Signal::Logs)),
        ("opentelemetry_example_events.json", Some(Signal::Logs)),
        ("opentelemetry_example_metrics.json", Some(Signal::Metrics)),
    ] {
        let Some(text) = file(name) else { return };
        let refused = try_json(Signal::Traces, &text).unwrap_err();
        match (is, &refused) {
            (Some(expected), Refused::OtherSignal { is, .. }) if *is == expected => {}
            (None, Refused::NoRequest { .. }) => {}
            _ => panic!("{name}: {refused}"),
        }
    }
}

/// A sender that exports each span by itself, inner ones first: the same costs as in one request.
#[test]
fn spans_sent_one_by_one_give_the_same_costs() {
    let Some(text) = file("kagent_tempo.otlp.json") else {
        return;
    };
    let whole = json(Signal::Traces, &text);
    let request: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut spans = Vec::new();
    for resource in request["resourceSpans"].as_array().unwrap() {
        for scope in resource["scopeSpans"].as_array().unwrap() {
            for span in scope["spans"].as_array().unwrap() {
                let end = span["endTimeUnixNano"].as_u64().unwrap();
                let mut alone = resource.clone();
                alone["scopeSpans"] = serde_json::json!([{ "spans": [span] }]);
                spans.push((
                    end,
                    serde_json::json!({ "resourceSpans": [alone] }).to_string(),
                ));
            }
        }
    }
    spans.sort();
    let mut above = Above::default();
    let mut events = Vec::new();
    for (_, body) in &spans {
        let mapping = Mapping::default();
        let received = receive(
            Signal::Traces,
            Encoding::Json,
            body.as_bytes(),
            &mapping,
            &mut above,
        );
        events.extend(received.unwrap().events);
    }
    events.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(events, whole.events);
}
