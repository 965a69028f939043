//! Requests that carry an `Idempotency-Key` are done once.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::Request;
use hyper::body::Frame;
use piecework_server::access::Role;
use piecework_server::limits::KEPT_ANSWER_BYTES_MAX;
use store::operations::{Begun, RequestName};
use tokio::sync::Notify;
use tower::ServiceExt as _;
use work::Digest;

use crate::support::{Answer, Server, event};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn one_refused(server: &Server) -> String {
    server.events(&[JSON], event("1", "finished")).await;
    let all = server
        .ask(Role::Operator, ("GET", "/v1/refused"), &[], "")
        .await;
    all.json()["refused"][0]["id"].as_str().unwrap().to_owned()
}

async fn dismiss(server: &Server, id: &str, key: &str, body: &str) -> Answer {
    let path = format!("/v1/refused/{id}/dismiss");
    let headers = [JSON, ("idempotency-key", key)];
    server
        .ask(Role::Operator, ("POST", &path), &headers, body.to_owned())
        .await
}

#[tokio::test]
async fn a_request_sent_again_is_answered_as_before() {
    let server = Server::new();
    let id = one_refused(&server).await;
    let body = r#"{"reason":"a test"}"#;
    let first = dismiss(&server, &id, "\"k-1\"", body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert!(first.headers.get("idempotency-replayed").is_none());
    server.pass(60);
    // With quotes or without it is the same key.
    let again = dismiss(&server, &id, "k-1", body).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    // Another body, or another address, is another request.
    let other = dismiss(&server, &id, "k-1", r#"{"reason":"none"}"#).await;
    assert_eq!(
        (other.status.as_u16(), other.code().as_str()),
        (422, "idempotency-key-reused")
    );
    let elsewhere = dismiss(&server, "none", "k-1", body).await;
    assert_eq!(elsewhere.code(), "idempotency-key-reused");
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let server = Server::new();
    let id = one_refused(&server).await;
    assert_eq!(dismiss(&server, &id, "k", "{}").await.code(), "bad-request");
    let repaired = dismiss(&server, &id, "k", r#"{"reason":"a test"}"#).await;
    assert_eq!(repaired.status, 200, "{}", repaired.text);
}

#[tokio::test]
async fn keys_are_read_strictly() {
    let server = Server::new();
    let id = one_refused(&server).await;
    let long = "k".repeat(256);
    for key in ["", "\"", "a b", "\"a\";q=1", &long] {
        let answer = dismiss(&server, &id, key, r#"{"reason":"a test"}"#).await;
        assert_eq!(answer.code(), "bad-request", "{key}");
        assert!(answer.text.contains("Idempotency-Key"));
    }
}

/// The server ended between the act and the answer: the same request is let through, another is not.
#[tokio::test]
async fn a_request_that_was_begun_before_is_done_again() {
    let server = Server::new();
    let id = one_refused(&server).await;
    let body = r#"{"reason":"a test"}"#;
    let operator = server.key(Role::Operator).split('_').nth(1).unwrap();
    let name = RequestName {
        caller: operator.to_owned(),
        route: "POST /v1/refused/{id}/dismiss".to_owned(),
        key: "k".to_owned(),
    };
    let text = format!("POST\n/v1/refused/{id}/dismiss\n{body}");
    let operations = server.app.store().operations();
    let print = Digest::of(text.as_bytes());
    let begun = operations.begin_request(&name, &print, crate::support::start());
    assert_eq!(begun.unwrap(), Begun::New);
    let other = dismiss(&server, &id, "k", r#"{"reason":"none"}"#).await;
    assert_eq!(other.code(), "idempotency-key-reused");
    let same = dismiss(&server, &id, "k", body).await;
    assert_eq!(same.status, 200, "{}", same.text);
    let again = dismiss(&server, &id, "k", body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn the_same_request_while_the_first_is_worked_on_is_told_to_wait() {
    let server = Server::new();
    let id = one_refused(&server).await;
    // A body whose end never comes keeps the first one under way.
    let polled = Arc::new(Notify::new());
    let path = format!("/v1/refused/{id}/dismiss");
    let request = Request::post(&path)
        .header(
            "authorization",
            format!("Bearer {}", server.key(Role::Operator)),
        )
        .header("idempotency-key", "k")
        .body(Body::new(Endless(polled.clone())))
        .unwrap();
    let first = tokio::spawn(server.router.clone().oneshot(request));
    polled.notified().await;
    let body = r#"{"reason":"a test"}"#;
    let waiting = dismiss(&server, &id, "k", body).await;
    assert_eq!(
        (waiting.status.as_u16(), waiting.code().as_str()),
        (409, "still-worked-on")
    );
    assert_eq!(waiting.headers["retry-after"], "1");
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    // Whoever ended without an answer gave the key back.
    let done = dismiss(&server, &id, "k", body).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

/// A body whose end never comes; says when it is waited for.
struct Endless(Arc<Notify>);

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.notify_one();
        Poll::Pending
    }
}

/// What is longer than what is kept is done again, which what it does must bear.
#[tokio::test]
async fn a_long_answer_is_not_kept() {
    let server = Server::new();
    let long = "x".repeat(KEPT_ANSWER_BYTES_MAX);
    let event = event("1", "finished").replace("\"w1\"", &format!("\"{long}\""));
    server.events(&[JSON], event).await;
    let all = server.ask(Role::Operator, ("GET", "/v1/refused"), &[], "");
    let id = all.await.json()["refused"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..2 {
        let done = dismiss(&server, &id, "k", r#"{"reason":"a test"}"#).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert!(done.text.len() > KEPT_ANSWER_BYTES_MAX);
        assert!(done.headers.get("idempotency-replayed").is_none());
    }
    let other = dismiss(&server, &id, "k", r#"{"reason":"none"}"#).await;
    assert_eq!(other.code(), "idempotency-key-reused");
}

#[tokio::test]
async fn the_document_names_the_header() {
    let server = Server::new();
    let operation = &server.document["paths"]["/v1/refused/{id}/dismiss"]["post"];
    let parameters = operation["parameters"].as_array().unwrap();
    assert!(
        parameters
            .iter()
            .any(|own| own["name"] == "Idempotency-Key")
    );
    for status in ["409", "422"] {
        assert!(operation["responses"][status].is_object(), "{status}");
    }
}
