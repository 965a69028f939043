//! What is wrong with a request, and what its sender is told: a clear problem each, and a server that goes on.

use piecework_server::access::Role;
use piecework_server::limits::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};

use crate::support::{Answer, Server, event, gzip};

struct Case {
    name: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    code: &'static str,
    says: &'static str,
}

fn case(
    name: &'static str,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Vec<u8>>,
    code: &'static str,
    says: &'static str,
) -> Case {
    Case {
        name,
        headers: headers.to_vec(),
        body: body.into(),
        code,
        says,
    }
}

fn cases() -> Vec<Case> {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const GZIP: (&str, &str) = ("content-encoding", "gzip");
    let bomb = gzip(&vec![b' '; INFLATED_BYTES_MAX + 1]);
    assert!(bomb.len() < BODY_BYTES_MAX / 10);
    let large = event("1", "opened").replace("\"w1\"", &format!("\"{}\"", "w".repeat(65_536)));
    let future = event("1", "opened").replace("2026-01-06", "2036-01-06");
    let twice = event("1", "opened").replacen("\"id\"", "\"id\":\"0\",\"id\"", 1);
    vec![
        case(
            "malformed JSON",
            &[JSON],
            "{\"id\":",
            "bad-request",
            "invalid JSON",
        ),
        case("no body", &[JSON], "", "bad-request", "expected one event"),
        case(
            "a member twice",
            &[JSON],
            twice,
            "events-refused",
            "duplicate member name",
        ),
        case(
            "deep nesting",
            &[JSON],
            "[".repeat(100_000),
            "bad-request",
            "cannot be read",
        ),
        case(
            "another media type",
            &[("content-type", "text/csv")],
            "a,b",
            "unsupported-media-type",
            "application/json",
        ),
        case(
            "no media type",
            &[],
            "{}",
            "unsupported-media-type",
            "application/json",
        ),
        case(
            "another charset",
            &[("content-type", "application/json; charset=latin1")],
            "{}",
            "unsupported-media-type",
            "in UTF-8",
        ),
        case(
            "another encoding",
            &[JSON, ("content-encoding", "br")],
            "{}",
            "unsupported-media-type",
            "send gzip",
        ),
        case(
            "not the gzip it says",
            &[JSON, GZIP],
            "{}",
            "bad-request",
            "not the gzip",
        ),
        case(
            "gzip cut short",
            &[JSON, GZIP],
            gzip(b"{}")[..12].to_vec(),
            "bad-request",
            "not the gzip",
        ),
        case(
            "a gzip bomb",
            &[JSON, GZIP],
            bomb,
            "too-large",
            "once inflated",
        ),
        case(
            "a large body",
            &[JSON],
            vec![b' '; BODY_BYTES_MAX + 1],
            "too-large",
            "send it in parts",
        ),
        case(
            "a million events",
            &[JSON],
            format!("[{}0]", "0,".repeat(1_000_000)),
            "too-large",
            "more than 10000 elements",
        ),
        case(
            "an event of 65,536 bytes",
            &[JSON],
            large,
            "events-refused",
            "at most 60000 are kept",
        ),
        case(
            "a clock far ahead",
            &[JSON],
            future,
            "events-refused",
            "check the sender's clock",
        ),
        case(
            "a batch that is none",
            &[("content-type", "application/cloudevents-batch+json")],
            "{}",
            "bad-request",
            "a batch is an array",
        ),
        case(
            "a header that is no text",
            &[JSON, ("ce-specversion", "1.0"), ("ce-id", "%ff")],
            "{}",
            "bad-request",
            "the header ce-id",
        ),
    ]
}

/// What is wrong with requests that are not events.
async fn of_other_routes(
    server: &Server,
) -> Vec<(&'static str, Answer, &'static str, &'static str)> {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const KEY: (&str, &str) = ("idempotency-key", "k");
    let ask = |path: String, headers: Vec<(&'static str, &'static str)>, body: &'static str| async move {
        let method = if body.is_empty() { "GET" } else { "POST" };
        server
            .ask(Role::Operator, (method, &path), &headers, body)
            .await
    };
    let page = ask("/v1/refused?limit=1".to_owned(), vec![], "")
        .await
        .json();
    let id = page["refused"][0]["id"].as_str().unwrap();
    let dismiss = format!("/v1/refused/{id}/dismiss");
    let reason = r#"{"reason":"a test"}"#;
    let first = ask(dismiss.clone(), vec![JSON, KEY], reason).await;
    assert_eq!(first.status, 200, "{}", first.text);
    vec![
        (
            "a replayed Idempotency-Key with another body",
            ask(dismiss.clone(), vec![JSON, KEY], r#"{"reason":"another"}"#).await,
            "idempotency-key-reused",
            "another method, address or body",
        ),
        (
            "an Idempotency-Key that is none",
            ask(
                dismiss.clone(),
                vec![JSON, ("idempotency-key", "\"open")],
                reason,
            )
            .await,
            "bad-request",
            "one string of 1 to 255",
        ),
        (
            "a version that has passed",
            ask(dismiss.clone(), vec![JSON, ("if-match", "\"0\"")], reason).await,
            "precondition-failed",
            "read it again",
        ),
        (
            "a member that is not there",
            ask(dismiss, vec![JSON], r#"{"reason":"x","why":"y"}"#).await,
            "bad-request",
            "unknown field `why`",
        ),
        (
            "a cursor that was changed",
            ask("/v1/refused?cursor=AQAA".to_owned(), vec![], "").await,
            "bad-request",
            "?cursor",
        ),
        (
            "a parameter that is not there",
            ask("/v1/refused?page=2".to_owned(), vec![], "").await,
            "bad-request",
            "unknown field `page`",
        ),
    ]
}

#[tokio::test]
async fn bad_requests_are_told_what_is_wrong_and_change_nothing() {
    let server = Server::new();
    let mut wrong = Vec::new();
    for Case {
        name,
        headers,
        body,
        code,
        says,
    } in cases()
    {
        let answer = server.events(&headers, body).await;
        if answer.code() != code || !answer.text.contains(says) {
            wrong.push(format!("{name}: {}", answer.text));
        }
        let page = axum::http::Request::get(format!("/problems/{code}"));
        let page = server
            .send(page.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(page.status, 200, "{name}");
    }
    for (name, answer, code, says) in of_other_routes(&server).await {
        if answer.code() != code || !answer.text.contains(says) {
            wrong.push(format!("{name}: {}", answer.text));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let json = [("content-type", "application/json")];
    let answer = server.events(&json, event("1", "opened")).await;
    assert_eq!(answer.status, 204, "the server goes on");
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 1);
}
