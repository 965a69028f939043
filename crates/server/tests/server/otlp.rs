//! Traces, logs and metrics in: what becomes of them, and what their senders are told.

use axum::body::Body;
use axum::http::Request;
use intake::limits::OTLP_BODY_BYTES_MAX;
use piecework_server::access::Role;
use piecework_server::limits::{BODY_BYTES_MAX, LARGE_BODIES_MAX, RETRY_AFTER_SECONDS};

use crate::support::{Answer, Server, gzip};

const PATHS: [&str; 3] = ["/v1/traces", "/v1/logs", "/v1/metrics"];
const JSON: (&str, &str) = ("content-type", "application/json");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

/// A span that is a call of a model, with further attributes.
fn call(id: u8, attributes: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (key, value) in attributes {
        text.push_str(&format!(
            r#",{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#
        ));
    }
    format!(
        r#"{{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"{id:016x}","name":"chat",
        "startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225601000000000","attributes":[
        {{"key":"gen_ai.operation.name","value":{{"stringValue":"chat"}}}},
        {{"key":"gen_ai.provider.name","value":{{"stringValue":"openai"}}}},
        {{"key":"gen_ai.request.model","value":{{"stringValue":"gpt-4o-mini"}}}},
        {{"key":"gen_ai.usage.input_tokens","value":{{"intValue":"100"}}}},
        {{"key":"gen_ai.usage.output_tokens","value":{{"intValue":"20"}}}}{text}]}}"#
    )
}

fn traces(spans: &[String]) -> String {
    let spans = spans.join(",");
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
}

async fn send(server: &Server, spans: &[String]) -> Answer {
    let answer = server.post("/v1/traces", &[JSON], traces(spans)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Code and text of a `google.rpc.Status` in either encoding.
fn status(answer: &Answer) -> (u64, String) {
    let media_type = answer.headers["content-type"].to_str().unwrap();
    if media_type == "application/json" {
        let json = answer.json();
        assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
        let message = json["message"].as_str().unwrap().to_owned();
        return (json["code"].as_u64().unwrap(), message);
    }
    assert_eq!(media_type, "application/x-protobuf");
    let [8, code, 0x12, rest @ ..] = answer.bytes.as_slice() else {
        panic!("{:?}", answer.bytes);
    };
    let text = rest.iter().skip_while(|byte| **byte >= 0x80).skip(1);
    let text = text.copied().collect();
    (u64::from(*code), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn an_empty_request_is_taken_in_either_encoding() {
    let server = Server::new();
    for path in PATHS {
        let answer = server.post(path, &[PROTOBUF], "").await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
        assert_eq!(answer.headers["content-type"], "application/x-protobuf");
        let headers = [("content-type", "application/json; charset=utf-8"), GZIP];
        let answer = server.post(path, &headers, gzip(b"{}")).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
        assert_eq!(answer.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_call_is_a_cost_of_whom_it_names_and_once() {
    let server = Server::new();
    let named = [
        ("piecework.customer.id", "acme"),
        ("piecework.unit.id", "w1"),
    ];
    let spans = [call(1, &named), call(2, &[])];
    for _ in 0..2 {
        assert_eq!(send(&server, &spans).await.text, "{}");
    }
    let own = server.costs("acme");
    assert_eq!(own.len(), 1);
    assert!(own[0].contains(r#""workid":"w1""#), "{}", own[0]);
    assert!(own[0].contains(r#""tokens":{"input":"100","output":"20"}"#));
    assert_eq!(server.costs("_unassigned").len(), 1);
    let deliveries = server.app.store().deliveries().unwrap();
    assert_eq!((deliveries.accepted, deliveries.duplicate), (2, 2));
}

#[tokio::test]
async fn what_is_lost_is_counted_and_all_else_is_taken() {
    let server = Server::new();
    let broken = call(1, &[]).replace("0000000000000001", "01");
    let future = call(2, &[]).replace("17672256", "27672256");
    let answer = send(&server, &[broken, future, call(3, &[])]).await;
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedSpans"], "2");
    let message = partial["errorMessage"].as_str().unwrap();
    for part in ["/spans/0: spanId", "/spans/1: /time: 2057"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(server.costs("_unassigned").len(), 1);
    assert_eq!(server.app.store().deliveries().unwrap().refused, 2);
}

/// An application and its gateway report one answer; only one of them knows whose it is.
#[tokio::test]
async fn a_response_that_is_reported_twice_is_one_cost_whoever_comes_first() {
    let response = ("gen_ai.response.id", "chatcmpl-0123456789abcdef");
    let nobody = call(1, &[response]);
    let acme = call(2, &[response, ("piecework.customer.id", "acme")]);
    for spans in [[&nobody, &acme], [&acme, &nobody]] {
        let server = Server::new();
        for span in spans.into_iter().chain(spans) {
            send(&server, std::slice::from_ref(span)).await;
        }
        assert_eq!(server.costs("acme").len(), 1);
        assert_eq!(server.costs("_unassigned").len(), 0, "{spans:?}");
    }
}

#[tokio::test]
async fn a_key_of_one_customer_speaks_of_that_customer_alone() {
    let server = Server::new();
    let bearer = format!("Bearer {}", server.key_of(Role::Ingest, "acme"));
    let headers = [JSON, ("authorization", bearer.as_str())];
    let other = call(2, &[("piecework.customer.id", "other")]);
    let body = traces(&[call(1, &[]), other]);
    let answer = server.post("/v1/traces", &headers, body).await;
    assert_eq!(answer.json()["partialSuccess"]["rejectedSpans"], "1");
    assert!(answer.text.contains("of another customer"));
    let counts = ["acme", "_unassigned", "other"].map(|own| server.costs(own).len());
    assert_eq!(counts, [1, 0, 0]);
}

#[tokio::test]
async fn refusals_are_a_status_in_the_encoding_of_the_request() {
    let server = Server::new();
    let auditor = format!("Bearer {}", server.key(Role::Auditor));
    let buyer = format!("Bearer {}", server.key(Role::Buyer));
    let bomb = gzip(&vec![b' '; OTLP_BODY_BYTES_MAX + 1]);
    assert!(bomb.len() < BODY_BYTES_MAX / 10);
    let truncated = b"\x0a\x7f\x12".to_vec();
    let nobody = ("authorization", "Basic x");
    type Case<'c> = (&'c [(&'c str, &'c str)], Vec<u8>, u16, u64, &'c str);
    let cases: &[Case<'_>] = &[
        (&[JSON, nobody], vec![], 401, 16, "Authorization: Bearer"),
        (
            &[PROTOBUF, nobody],
            vec![],
            401,
            16,
            "Authorization: Bearer",
        ),
        (
            &[PROTOBUF, ("authorization", &auditor)],
            vec![],
            403,
            7,
            "`auditor`",
        ),
        (
            &[PROTOBUF, ("authorization", &buyer)],
            vec![],
            403,
            7,
            "`buyer`",
        ),
        (
            &[JSON],
            b"{\"resourceSpans\":[".to_vec(),
            400,
            3,
            "cannot be read",
        ),
        (
            &[JSON],
            b"{\"batches\":[]}".to_vec(),
            400,
            3,
            "no OTLP request",
        ),
        (&[PROTOBUF], truncated, 400, 3, "cannot be read"),
        (
            &[PROTOBUF, GZIP],
            b"no gzip".to_vec(),
            400,
            3,
            "cannot be inflated",
        ),
        (&[PROTOBUF, GZIP], bomb, 413, 8, "after inflation"),
        (
            &[PROTOBUF, ("content-encoding", "br")],
            vec![],
            415,
            3,
            "send gzip",
        ),
        (
            &[("content-type", "text/plain")],
            vec![],
            415,
            3,
            "application/x-protobuf",
        ),
        (&[], vec![], 415, 3, "application/x-protobuf"),
    ];
    for (headers, body, expected, code, says) in cases {
        let answer = server.post("/v1/traces", headers, body.clone()).await;
        let told = status(&answer);
        assert_eq!(
            (answer.status.as_u16(), told.0),
            (*expected, *code),
            "{says}"
        );
        assert!(told.1.contains(says), "{}", told.1);
    }
    let get = Request::get("/v1/logs").body(Body::empty()).unwrap();
    let answer = server.send(get).await;
    assert_eq!((answer.status.as_u16(), status(&answer).0), (405, 3));
    server.app.drain();
    let answer = server.post("/v1/metrics", &[PROTOBUF], "").await;
    assert_eq!((answer.status.as_u16(), status(&answer).0), (503, 14));
    let after = answer.headers["retry-after"].to_str().unwrap();
    assert_eq!(after, RETRY_AFTER_SECONDS.to_string());
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let server = Server::new();
    let mut places = Vec::new();
    while let Ok(place) = server.app.enter() {
        places.push(place);
    }
    let answer = server.post("/v1/traces", &[PROTOBUF], "").await;
    assert_eq!((answer.status.as_u16(), status(&answer).0), (429, 8));
    assert!(answer.headers.contains_key("retry-after"));
    drop(places);
    let answer = server.post("/v1/traces", &[PROTOBUF], "").await;
    assert_eq!(answer.status, 200);
}

/// Larger than events may be, and a few of them at a time.
#[tokio::test]
async fn large_bodies_wait_for_each_other() {
    let server = Server::new();
    let padding = " ".repeat(BODY_BYTES_MAX);
    let large = |id: u8| traces(&[call(id, &[])]) + &padding;
    let send = |id| server.post("/v1/traces", &[JSON], large(id));
    assert_eq!(LARGE_BODIES_MAX, 4, "one fewer than are sent");
    let (a, b, c, d, e) = tokio::join!(send(1), send(2), send(3), send(4), send(5));
    let statuses = [a, b, c, d, e].map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [200; 5]);
    let too_large = " ".repeat(OTLP_BODY_BYTES_MAX + 1);
    let answer = server.post("/v1/traces", &[JSON], too_large).await;
    assert_eq!((answer.status.as_u16(), status(&answer).0), (413, 8));
}

#[tokio::test]
async fn metrics_are_shown_and_are_no_cost() {
    let server = Server::new();
    let point = |value: u64| {
        format!(
            r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"gen_ai.client.token.usage",
            "histogram":{{"aggregationTemporality":1,"dataPoints":[{{"timeUnixNano":"1767225600000000000","count":"1","sum":{value},
            "attributes":[{{"key":"gen_ai.token.type","value":{{"stringValue":"input"}}}},
            {{"key":"gen_ai.response.model","value":{{"stringValue":"gpt-4o"}}}}]}}]}}}}]}}]}}]}}"#
        )
    };
    for value in [100, 23] {
        let answer = server.post("/v1/metrics", &[JSON], point(value)).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    }
    send(&server, &[call(1, &[])]).await;
    let bearer = format!("Bearer {}", server.key(Role::Auditor));
    let page = Request::get("/metrics").header("authorization", bearer);
    let page = server.send(page.body(Body::empty()).unwrap()).await.text;
    for line in [
        "piecework_otlp_control_total{metric=\"gen_ai.client.token.usage\",measured=\"input_tokens\",day=\"2026-01-01\",provider=\"\",model=\"gpt-4o\"} 123",
        "piecework_otlp_items_total{signal=\"traces\",outcome=\"taken\"} 1",
        "piecework_otlp_items_total{signal=\"metrics\",outcome=\"taken\"} 2",
        "piecework_otlp_unnamed_total{signal=\"traces\",lacks=\"customer\"} 1",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 1);
}
