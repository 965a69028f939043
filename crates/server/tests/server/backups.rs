//! Copies of the book: one at a time, under names that no request chooses.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;
use store::{Embedded, Store as _};

use crate::support::{Answer, Server, event};

async fn ask(server: &Server, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", server.key(Role::Operator));
    let request = Request::builder().method(method).uri(path);
    let request = request.header("authorization", bearer).body(Body::empty());
    server.send(request.unwrap()).await
}

#[tokio::test]
async fn a_copy_is_begun_asked_after_and_counted() {
    let server = Server::new();
    let json = [("content-type", "application/json")];
    assert_eq!(server.events(&json, event("1", "opened")).await.status, 204);
    let begun = ask(&server, "POST", "/v1/backups").await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(place, "/v1/backups/20260201T000000.000Z");
    // Of the same instant there is one, being made or whole.
    let again = ask(&server, "POST", "/v1/backups").await;
    assert_eq!(again.code(), "conflict");
    while ask(&server, "GET", &place).await.json()["state"] == "running" {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(ask(&server, "GET", &place).await.json()["state"], "whole");
    let metrics = ask(&server, "GET", "/metrics").await.text;
    let newest = format!(
        "piecework_newest_backup_timestamp_seconds {}\n",
        crate::support::start().as_second()
    );
    assert!(metrics.contains(&newest), "{metrics}");
    let copy = server.backups().join(place.rsplit_once('/').unwrap().1);
    let copy = Embedded::open(&copy).unwrap();
    assert_eq!(copy.deliveries().unwrap().accepted, 1);
    assert!(copy.doctor().unwrap().findings.is_empty());
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_has_failed_and_leaves_nothing() {
    let server = Server::new();
    // A file stands where the copy is to be made.
    let place = server.backups().join(".20260201T000000.000Z");
    std::fs::write(&place, "in the way").unwrap();
    assert_eq!(ask(&server, "POST", "/v1/backups").await.status, 202);
    let path = "/v1/backups/20260201T000000.000Z";
    while ask(&server, "GET", path).await.json()["state"] == "running" {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(ask(&server, "GET", path).await.json()["state"], "failed");
    std::fs::remove_file(place).unwrap();
    server.pass(1);
    assert_eq!(ask(&server, "POST", "/v1/backups").await.status, 202);
}

#[tokio::test]
async fn no_path_comes_from_a_request() {
    let server = Server::new();
    for name in [
        "..",
        "%2e%2e",
        "..%2fbook",
        "book",
        ".20260201T000000.000Z",
        "20260201T000000.000Z%00",
    ] {
        let answer = ask(&server, "GET", &format!("/v1/backups/{name}")).await;
        assert_eq!(answer.status, 404, "{name}: {}", answer.text);
    }
}
