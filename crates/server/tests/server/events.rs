//! Events in: what becomes of each, and what its sender is told.

use crate::support::{Server, event, gzip};

const JSON: (&str, &str) = ("content-type", "application/json");
const EACH: (&str, &str) = ("prefer", "return=representation");

#[tokio::test]
async fn every_event_has_its_outcome() {
    let server = Server::new();
    let body = format!(
        "[{},{},{},{},{}]",
        event("1", "opened"),
        event("1", "opened"),
        event("1", "confirmed"),
        event("2", "finished"),
        r#"{"id":"3"}"#,
    );
    let answer = server.events(&[JSON, EACH], body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers["preference-applied"],
        "return=representation"
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap());
    let deliveries = server.app.store().deliveries().unwrap();
    let counts = (deliveries.received, deliveries.accepted, deliveries.refused);
    assert_eq!(counts, (5, 1, 2));
}

#[tokio::test]
async fn without_preference_the_answer_is_short() {
    let server = Server::new();
    let taken = server.events(&[JSON], event("1", "opened")).await;
    assert_eq!((taken.status.as_u16(), taken.text.as_str()), (204, ""));
    let mixed = format!("[{},{}]", event("2", "opened"), event("3", "finished"));
    let answer = server.events(&[JSON], mixed).await;
    assert_eq!(answer.code(), "events-refused");
    let json = answer.json();
    assert_eq!(json["errors"][0]["pointer"], "/1/type");
    assert!(
        json["detail"].as_str().unwrap().contains("1 of 2"),
        "{json}"
    );
    // The others were taken.
    let again = server.events(&[JSON, EACH], event("2", "opened")).await;
    assert_eq!(again.json()["events"][0]["outcome"], "duplicate");
}

#[tokio::test]
async fn an_event_without_a_time_sent_again_is_the_same() {
    let server = Server::new();
    let untimed = event("1", "opened").replace(r#""time":"2026-01-06T09:00:00Z","#, "");
    let first = server.events(&[JSON, EACH], untimed.clone()).await.json();
    assert_eq!(first["events"][0]["outcome"], "accepted");
    server.pass(60);
    let again = server.events(&[JSON, EACH], untimed.clone()).await.json();
    assert_eq!(again["events"][0]["outcome"], "duplicate");
    let other = untimed.replace("opened", "confirmed");
    let other = server.events(&[JSON, EACH], other).await.json();
    assert_eq!(other["events"][0]["outcome"], "conflict");
}

#[tokio::test]
async fn a_body_may_be_deflated() {
    let server = Server::new();
    let headers = [JSON, EACH, ("content-encoding", "gzip")];
    let answer = server
        .events(&headers, gzip(event("1", "opened").as_bytes()))
        .await;
    assert_eq!(answer.json()["accepted"], 1);
}

#[tokio::test]
async fn the_envelope_may_be_in_headers() {
    let server = Server::new();
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "desk"),
        ("ce-type", "piecework.usage.recorded.v1"),
        ("ce-subject", "acme"),
        JSON,
        EACH,
    ];
    let answer = server.events(&headers, r#"{"meter":"calls"}"#).await;
    assert_eq!(answer.json()["accepted"], 1, "{}", answer.text);
}

#[tokio::test]
async fn what_piecework_writes_itself_is_refused_from_a_feed() {
    let server = Server::new();
    let issued = event("1", "opened").replace("\"desk\"", "\"piecework\"");
    let answer = server.events(&[JSON], issued).await;
    assert_eq!(answer.json()["errors"][0]["pointer"], "/source");
}

/// The facts of a verb are named by what is known of the work. What it said itself is no news, nor is what
/// came after it.
#[tokio::test]
async fn a_verb_sent_again_is_the_same() {
    let server = Server::new();
    let done = event("1", "opened").replace("work.opened", "done");
    for (outcome, other) in [
        ("accepted", None),
        ("duplicate", None),
        (
            "duplicate",
            Some(event("2", "reopened").replace("\"w1\"}", r#""w1","data":{"case":"C-9"}}"#)),
        ),
    ] {
        if let Some(other) = other {
            assert_eq!(server.events(&[JSON], other).await.status, 204);
        }
        let answer = server.events(&[JSON, EACH], done.clone()).await.json();
        assert_eq!(answer["events"][0]["outcome"], outcome, "{answer}");
    }
    // Another work of the same is another content.
    let other = done.replace("\"w1\"", "\"w2\"");
    let answer = server.events(&[JSON, EACH], other).await.json();
    assert_eq!(answer["events"][0]["outcome"], "conflict");
}

/// A cost is in the seller's log: no fact of the buyer's log inherits a header from it.
#[tokio::test]
async fn a_work_whose_cost_came_first_is_named_all_the_same() {
    let server = Server::new();
    let of = |id: &str, verb: &str, data: &str| {
        let named = event(id, "opened").replace("work.opened", verb);
        named.replace("\"w1\"}", &format!(r#""w1","data":{data}}}"#))
    };
    for sent in [
        of("1", "cost", r#"{"amount":"0.11 USD"}"#),
        of("2", "done", "{}"),
    ] {
        assert_eq!(server.events(&[JSON], sent).await.status, 204);
    }
    let entry = server.app.store().entry("acme", work::LogKind::Shared, 0);
    let headers = entry.unwrap().unwrap().event.headers;
    assert_eq!(headers.get(work::Header::Case).unwrap(), "w1");
}
