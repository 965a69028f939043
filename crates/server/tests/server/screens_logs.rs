//! Screens of logs and of what waits, and the page that checks proof files.

use axum::body::Body;
use axum::http::Request;

use piecework_server::access::Role;
use work::LogKind;

use crate::sold::{SECRETS, link, sold};
use crate::support::{Answer, Server, event, start};

async fn look(server: &Server, path: &str, key: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn anybody_gets_the_page_that_checks_proof_files_as_it_is_kept() {
    const KEPT: &str = include_str!("../../../../verifiers/web/verify.html");
    let server = sold();
    let first = look(&server, "/", None).await;
    assert!(first.text.contains(r#"href="/verify""#), "{}", first.text);
    let buyers = link(&server, "acme", Some("acme-0001"), 1);
    for key in [None, Some(buyers.as_str())] {
        let page = look(&server, "/verify", key).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text, KEPT);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        let (own, frames) = policy.rsplit_once("; ").unwrap();
        assert_eq!(frames, "frame-ancestors 'none'");
        let meta = format!(r#"<meta http-equiv="Content-Security-Policy" content="{own}">"#);
        assert!(KEPT.contains(&meta), "{own}");
        assert_eq!(
            page.headers
                .get_all("content-security-policy")
                .iter()
                .count(),
            1
        );
    }
}

async fn seen(server: &Server, role: Role, path: &str) -> String {
    let page = look(server, path, Some(server.key(role))).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text
}

#[tokio::test]
async fn logs_tell_their_length_and_how_much_of_it_is_signed() {
    let server = sold();
    let book = server.app.book();
    let page = seen(&server, Role::Auditor, "/logs").await;
    assert!(page.contains("no head"), "{page}");
    book.checkpoint("acme", LogKind::Shared, Some(4), start())
        .unwrap();
    let entries = server.app.store().head("acme", LogKind::Shared).unwrap();
    let page = seen(&server, Role::Auditor, "/logs").await;
    for told in [
        book.origin("acme").unwrap(),
        book.origin("globex").unwrap(),
        format!(r#"<td class="right number">{entries}</td>"#),
        r#"<a href="/v1/customers/acme/checkpoints/4">4</a>"#.to_owned(),
        format!(r#"<td class="right number">{}</td>"#, entries - 4),
        r#"<a href="/logs" aria-current="page">Logs</a>"#.to_owned(),
    ] {
        assert!(page.contains(&told), "{told}: {page}");
    }
    let head = "/v1/customers/acme/checkpoints/4";
    seen(&server, Role::Auditor, head).await;
    for secret in SECRETS {
        assert!(!page.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn refused_events_wait_with_their_reason_and_age_and_nothing_of_theirs_runs() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    let server = sold();
    let page = seen(&server, Role::Finance, "/events").await;
    assert!(page.contains("No refused event waits."), "{page}");
    assert!(
        page.contains("No cost waits for somebody to say whose it is."),
        "{page}"
    );
    let bad = event("r-1", "finished");
    let hostile = bad
        .replace("acme", "<script>alert(1)</script>\u{202e}")
        .replace("desk", &"s".repeat(10_000));
    let cost = r#"{"specversion":"1.0","id":"c","source":"gateway","type":"piecework.cost.recorded.v1","subject":"_unassigned","time":"2026-01-06T09:00:00Z","data":{"line":"model","amount":"1 USD"}}"#;
    server
        .events(&[JSON], format!("[{bad},{hostile},{cost}]"))
        .await;
    server.pass(23 * 3_600);
    let page = seen(&server, Role::Finance, "/events").await;
    for told in [
        "23\u{a0}hours",
        "<code><bdi>/type</bdi></code>",
        "<bdi>acme</bdi>",
        r#"<a href="/costs/unassigned">1</a> cost names neither a customer nor a work."#,
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(
        !page.contains("<script") && !page.contains('\u{202e}'),
        "{page}"
    );
    assert!(!page.contains(&"s".repeat(5_000)), "a name is cut");

    let scoped = server.key_of(Role::Operator, "globex");
    let page = look(&server, "/events", Some(&scoped)).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("No refused event waits."),
        "of another customer"
    );
    assert!(!page.text.contains("nobody"), "{}", page.text);
    let page = look(&server, "/logs", Some(&scoped)).await;
    assert!(page.text.contains("globex") && !page.text.contains("acme"));
}

#[tokio::test]
async fn refused_events_go_on_at_the_next_page() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    let server = sold();
    let bad: Vec<_> = (0..=100)
        .map(|number| event(&format!("r-{number}"), "finished"))
        .collect();
    server.events(&[JSON], format!("[{}]", bad.join(","))).await;
    let page = seen(&server, Role::Operator, "/events").await;
    let rows = |page: &str| page.matches(r#"<th scope="row">"#).count();
    assert_eq!(rows(&page), 100);
    let (_, next) = page.split_once(r#"<a href="/events?cursor="#).unwrap();
    let (cursor, _) = next.split_once('"').unwrap();
    let next = seen(&server, Role::Operator, &format!("/events?cursor={cursor}")).await;
    assert_eq!(rows(&next), 1);
    assert!(!next.contains("cursor="), "{next}");
    for (path, status) in [
        ("/events?cursor=x", 400),
        ("/logs?cursor=x", 400),
        ("/events?x=1", 400),
    ] {
        let page = look(&server, path, Some(server.key(Role::Operator))).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.text.starts_with("<!DOCTYPE html>"), "{}", page.text);
    }
}

#[tokio::test]
async fn an_empty_book_says_what_will_be_there() {
    let server = Server::new();
    for (path, told) in [
        ("/logs", "There is no log yet."),
        ("/events", "No refused event waits."),
    ] {
        let page = seen(&server, Role::Auditor, path).await;
        assert!(page.contains(told), "{page}");
    }
}
