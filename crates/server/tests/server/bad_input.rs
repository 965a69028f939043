//! What is wrong with a request, and what its sender is told: a clear problem each, and a server that goes on.

use piecework_server::limits::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};

use crate::support::{Server, event, gzip};

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
    assert!(wrong.is_empty(), "{wrong:#?}");
    let json = [("content-type", "application/json")];
    let answer = server.events(&json, event("1", "opened")).await;
    assert_eq!(answer.status, 204, "the server goes on");
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 1);
}
