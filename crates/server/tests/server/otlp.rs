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

const RESPONSE: &str = "chatcmpl-0123456789abcdef";

/// What the gateway tells of the same call.
fn gateways(customer: &str) -> String {
    format!(
        r#"{{"id":"{RESPONSE}","status":"success","startTime":1767225600,"model":"gpt-4o-mini","custom_llm_provider":"openai",
        "response_cost":0.5,"prompt_tokens":100,"completion_tokens":20,"end_user":{customer}}}"#
    )
}

async fn tell(server: &Server, call: &str) -> serde_json::Value {
    let headers = [JSON, ("prefer", "return=representation")];
    let answer = server.post("/ingest/litellm", &headers, call.to_owned());
    answer.await.json()["events"][0].clone()
}

/// An application's span and its gateway's callback tell one call. Which one counts depends on what they say, and
/// not on which comes first, nor on what is sent again.
#[tokio::test]
async fn a_call_that_a_gateway_and_a_span_tell_is_one_cost_whoever_comes_first() {
    let response = ("gen_ai.response.id", RESPONSE);
    let customer = ("piecework.customer.id", "acme");
    let work = ("piecework.unit.id", "w1");
    for (span, gateways, counts) in [
        // Both know the same: the gateway, which pays.
        (
            call(1, &[response, customer]),
            gateways("\"acme\""),
            "litellm",
        ),
        (call(1, &[response]), gateways("null"), "litellm"),
        // The span knows whose it is, or what for.
        (call(1, &[response, customer]), gateways("null"), "otlp"),
        (
            call(1, &[response, customer, work]),
            gateways("\"acme\""),
            "otlp",
        ),
        // The gateway alone knows whose it is.
        (call(1, &[response, work]), gateways("\"acme\""), "litellm"),
    ] {
        let mut told = Vec::new();
        for gateway_first in [false, true, false] {
            let server = Server::new();
            for again in 0..2 {
                if gateway_first || again > 0 {
                    tell(&server, &gateways).await;
                }
                send(&server, std::slice::from_ref(&span)).await;
                tell(&server, &gateways).await;
            }
            let own = ["acme", "_unassigned"].map(|own| server.costs(own));
            let own = own.concat();
            assert_eq!(own.len(), 1, "{own:?}");
            assert!(
                own[0].contains(&format!("\"source\":\"{counts}\"")),
                "{own:?}"
            );
            told.push(own);
        }
        assert!(told.iter().all(|own| *own == told[0]), "{told:?}");
    }
}

#[tokio::test]
async fn what_two_customers_are_said_to_have_cost_stands_twice() {
    let response = ("gen_ai.response.id", RESPONSE);
    let server = Server::new();
    send(
        &server,
        &[call(1, &[response, ("piecework.customer.id", "acme")])],
    )
    .await;
    assert_eq!(
        tell(&server, &gateways("\"other\"")).await["outcome"],
        "accepted"
    );
    assert_eq!(["acme", "other"].map(|own| server.costs(own).len()), [1, 1]);
}

#[tokio::test]
async fn a_short_id_of_an_answer_tells_no_call_from_another() {
    let server = Server::new();
    send(&server, &[call(1, &[("gen_ai.response.id", "chatcmpl-7")])]).await;
    let own = gateways("null").replace(RESPONSE, "chatcmpl-7");
    assert_eq!(tell(&server, &own).await["outcome"], "accepted");
    assert_eq!(server.costs("_unassigned").len(), 2);
}

/// What was voided by hand counts for nothing, and takes nothing's place.
#[tokio::test]
async fn a_report_that_was_voided_takes_nothing_back() {
    let server = Server::new();
    let span = call(1, &[("gen_ai.response.id", RESPONSE)]);
    tell(&server, &gateways("null")).await;
    let digest = server.costs("_unassigned")[0].clone();
    let digest = work::Event::parse(&digest).unwrap().digest();
    let void = format!(
        r#"{{"specversion":"1.0","id":"v","source":"desk","type":"piecework.event.corrected.v1","subject":"_unassigned","time":"2026-01-06T09:00:00Z",
        "data":{{"target":{{"source":"litellm","id":"{RESPONSE}","digest":"{digest}","type":"piecework.cost.recorded.v1"}},"action":"void"}}}}"#
    );
    let headers = [("content-type", "application/cloudevents+json")];
    let answer = server.post("/api/v1/events", &headers, void).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    send(&server, &[span]).await;
    assert_eq!(
        tell(&server, &gateways("null")).await["outcome"],
        "duplicate"
    );
    let own = server.costs("_unassigned");
    assert!(
        own.len() == 1 && own[0].contains("\"source\":\"otlp\""),
        "{own:?}"
    );
}

/// The rows of the queue of refused events, each with its text.
async fn queue(server: &Server) -> Vec<serde_json::Value> {
    let asked = server.ask(Role::Operator, ("GET", "/v1/refused"), &[], "");
    let mut rows = Vec::new();
    for row in asked.await.json()["refused"].as_array().unwrap() {
        let path = format!("/v1/refused/{}", row["id"].as_str().unwrap());
        let shown = server.ask(Role::Operator, ("GET", &path), &[], "").await;
        rows.push(shown.json());
    }
    rows
}

#[tokio::test]
async fn a_lost_span_is_kept_without_texts_and_can_be_mended() {
    let server = Server::new();
    let texts = [
        ("gen_ai.prompt.0.content", "my secret"),
        ("gen_ai.output.messages", "the answer to it"),
        (
            "metadata",
            r#"{\"note\":\"my secret\",\"customer_id\":\"acme\"}"#,
        ),
    ];
    // More was read from the cache than came in.
    let contradicting = call(1, &texts).replace(
        r#"{"key":"gen_ai.usage.output_tokens""#,
        r#"{"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"700"}},{"key":"gen_ai.usage.output_tokens""#,
    );
    let status = r#""status":{"code":1,"message":"my secret"},"attributes""#;
    let contradicting = contradicting.replace("\"attributes\"", status);
    for _ in 0..2 {
        let answer = send(&server, &[contradicting.clone(), call(2, &[])]).await;
        assert_eq!(answer.json()["partialSuccess"]["rejectedSpans"], "1");
    }
    let rows = queue(&server).await;
    assert_eq!((rows.len(), &rows[0]["deliveries"]), (1, &2.into()));
    let row = &rows[0];
    for (name, expected) in [
        ("route", "/v1/traces"),
        ("customer", "acme"),
        ("source", "otlp"),
        ("pointer", "/resourceSpans/0/scopeSpans/0/spans/0"),
    ] {
        assert_eq!(row[name], expected, "{row}");
    }
    let text = row["text"].as_str().unwrap();
    for secret in ["secret", "answer", "note"] {
        assert!(!row.to_string().contains(secret), "{row}");
    }
    let resend = format!("/v1/refused/{}/resend", row["id"].as_str().unwrap());
    let again = server
        .ask(Role::Operator, ("POST", &resend), &[JSON], "")
        .await;
    assert_eq!(again.code(), "events-refused", "{}", again.text);
    let mended = text.replace("\"700\"", "\"70\"");
    let sent = server
        .ask(Role::Operator, ("POST", &resend), &[JSON], mended)
        .await;
    assert_eq!(
        sent.json()["became"]["outcome"],
        "accepted",
        "{}",
        sent.text
    );
    let own = server.costs("acme");
    assert!(
        own[0].contains(r#""tokens":{"cache_read":"70","input":"30","output":"20"}"#),
        "{own:?}"
    );
    assert_eq!(server.app.store().deliveries().unwrap().refused, 3);
}

#[tokio::test]
async fn what_cannot_be_taken_apart_is_listed_without_its_text() {
    let server = Server::new();
    let body = traces(&["7".to_owned(), "{\"my secret\":1}".to_owned()]);
    let answer = server.post("/v1/traces", &[JSON], body).await;
    assert_eq!(answer.json()["partialSuccess"]["rejectedSpans"], "2");
    let rows = queue(&server).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(!format!("{rows:?}").contains("secret"), "{rows:?}");
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
