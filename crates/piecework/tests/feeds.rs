//! Feeds to a server that is killed: what was told once counts once, and what was added up stands.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use support::server::{Served, Server};

const RESPONSE: &str = "chatcmpl-0123456789abcdef";

fn span(customer: Option<&str>) -> String {
    let customer = customer.map_or(String::new(), |own| {
        format!(r#",{{"key":"piecework.customer.id","value":{{"stringValue":"{own}"}}}}"#)
    });
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"chat",
        "startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225601000000000","attributes":[
        {{"key":"gen_ai.operation.name","value":{{"stringValue":"chat"}}}},
        {{"key":"gen_ai.request.model","value":{{"stringValue":"gpt-4o-mini"}}}},
        {{"key":"gen_ai.response.id","value":{{"stringValue":"{RESPONSE}"}}}},
        {{"key":"gen_ai.usage.input_tokens","value":{{"intValue":"100"}}}}{customer}]}}]}}]}}]}}"#
    )
}

fn call(customer: &str) -> String {
    format!(
        r#"{{"id":"{RESPONSE}","status":"success","startTime":1767225600,"model":"gpt-4o-mini","custom_llm_provider":"openai",
        "response_cost":0.5,"prompt_tokens":100,"completion_tokens":20,"end_user":{customer}}}"#
    )
}

fn post(server: &Server<'_>, path: &str, body: &str) {
    let (status, text) = server.post(path, "application/json", body.as_bytes());
    assert!(status < 300, "{status} {text}");
}

/// The costs that stand, of a customer or of nobody, by source.
fn sources(served: &Served) -> Vec<String> {
    let mut found = Vec::new();
    for customer in ["acme", "_unassigned"] {
        let server = served.start();
        let path = format!("/v1/costs/unassigned?customer={customer}");
        let (status, text) = server.ask("operator", "GET", &path, "");
        if status == 404 {
            continue;
        }
        assert_eq!(status, 200, "{text}");
        let page: serde_json::Value = serde_json::from_str(&text).unwrap();
        for cost in page["costs"].as_array().unwrap() {
            found.push(format!("{customer} {}", cost["source"].as_str().unwrap()));
        }
    }
    found
}

/// The server is killed between the two reports, and again before both are sent once more.
#[test]
fn one_call_told_by_two_feeds_is_one_cost_across_kills() {
    let with_customer = span(Some("acme"));
    let (nobodys, acmes) = (call("null"), call("\"acme\""));
    let span_path = "/v1/traces";
    let call_path = "/ingest/litellm";
    for (first, second, counts) in [
        (
            (span_path, &with_customer),
            (call_path, &nobodys),
            "acme otlp",
        ),
        (
            (call_path, &nobodys),
            (span_path, &with_customer),
            "acme otlp",
        ),
        (
            (span_path, &with_customer),
            (call_path, &acmes),
            "acme litellm",
        ),
        (
            (call_path, &acmes),
            (span_path, &with_customer),
            "acme litellm",
        ),
    ] {
        let served = Served::new();
        for (path, body) in [first, second, first, second] {
            let mut server = served.start();
            post(&server, path, body);
            server.kill();
        }
        assert_eq!(sources(&served), [counts]);
    }
}

#[test]
fn control_totals_stand_across_a_kill() {
    let point = |temporality: u8, at: u64, value: u64| {
        format!(
            r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"gen_ai.client.token.usage",
            "histogram":{{"aggregationTemporality":{temporality},"dataPoints":[{{"startTimeUnixNano":"1767225600000000000","timeUnixNano":"{}","count":"1","sum":{value},
            "attributes":[{{"key":"gen_ai.token.type","value":{{"stringValue":"input"}}}},
            {{"key":"gen_ai.response.model","value":{{"stringValue":"gpt-4o"}}}}]}}]}}}}]}}]}}]}}"#,
            1_767_225_600_000_000_000 + at
        )
    };
    let served = Served::new();
    let path = "/v1/metrics";
    // Differences are added; of what grows the latest word stands, in whatever order they come.
    for points in [
        [point(1, 1, 100), point(2, 7, 30)],
        [point(1, 2, 23), point(2, 5, 20)],
    ] {
        let mut server = served.start();
        points.iter().for_each(|own| post(&server, path, own));
        server.kill();
    }
    let server = served.start();
    let page = server.get("/metrics");
    let line = "piecework_otlp_control_total{metric=\"gen_ai.client.token.usage\",measured=\"input_tokens\",day=\"2026-01-01\",provider=\"\",model=\"gpt-4o\"} 153";
    assert!(page.contains(line), "{page}");
}

/// Events of one batch, none of them like another.
fn million() -> impl Iterator<Item = Vec<u8>> {
    const PIECE: u32 = 1_000;
    (0..1_000_000 / PIECE).map(|piece| {
        let mut text = if piece == 0 { "[" } else { "," }.to_owned();
        for number in piece * PIECE..(piece + 1) * PIECE {
            text.push_str(&format!(
                r#"{{"specversion":"1.0","id":"{number}","source":"desk","type":"piecework.usage.recorded.v1","subject":"acme","time":"2026-01-06T09:00:00Z","data":{{"meter":"calls"}}}},"#
            ));
        }
        text.pop();
        if (piece + 1) * PIECE == 1_000_000 {
            text.push(']');
        }
        text.into_bytes()
    })
}

/// A million events in one body, as they are, inflated, and as small as events can be: each is refused whole with
/// what to do, nothing of it is taken, and the server holds no more of it than its bounds say.
#[test]
fn a_million_events_in_one_body_are_refused_and_harm_nothing() {
    /// Body as sent and inflated, and its elements, with as much again for the copies of them.
    const MEMORY_BYTES_MAX: u64 = 128 << 20;
    let served = Served::new();
    let server = served.start();
    let event = r#"{"specversion":"1.0","id":"1","source":"desk","type":"piecework.usage.recorded.v1","subject":"acme","time":"2026-01-06T09:00:00Z","data":{"meter":"calls"}}"#;
    let taken = |server: &Server<'_>| {
        let (status, text) = server.post("/api/v1/events", "application/json", event.as_bytes());
        assert_eq!(status, 204, "{text}");
    };
    taken(&server);
    let before = server.memory_peak();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let mut bytes = 0;
    for piece in million() {
        bytes += piece.len() as u64;
        gzip.write_all(&piece).unwrap();
    }
    let small = gzip.finish().unwrap();
    let json = "content-type: application/json\r\n";
    let gzip = format!("{json}content-encoding: gzip\r\n");
    let least = format!("[{}{{}}]", "{},".repeat(999_999)).into_bytes();
    for (what, headers, pieces, says) in [
        ("as they are", json, None, "send it in parts"),
        ("inflated", &gzip, Some(small), "send it in parts"),
        (
            "as small as can be",
            json,
            Some(least),
            "more than 10000 elements",
        ),
    ] {
        let (status, text, sent) = match pieces {
            None => server.stream("/api/v1/events", headers, million()),
            Some(body) => {
                let pieces: Vec<Vec<u8>> = body.chunks(1 << 16).map(<[u8]>::to_vec).collect();
                server.stream("/api/v1/events", headers, pieces.into_iter())
            }
        };
        // A sender that goes on after the answer may lose it; then it was hung up on.
        let is_cut_off = status == 0 && what == "as they are";
        assert!(status == 413 || is_cut_off, "{what}: {status} {text}");
        assert!(is_cut_off || text.contains(says), "{what}: {text}");
        assert!(
            sent < bytes || what != "as they are",
            "{what}: all was read"
        );
    }
    if let (Some(before), Some(after)) = (before, server.memory_peak()) {
        let more = (after - before) >> 20;
        assert!(
            after - before < MEMORY_BYTES_MAX,
            "the server had {more} MiB more at once"
        );
    }
    taken(&server);
    assert_eq!(server.deliveries(), [2, 1, 1, 0, 0]);
}
