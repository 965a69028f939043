//! Requests as no client writes them: each is refused or answered as what it is, and the server goes on.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Frame;
use piecework_server::access::Role;
use piecework_server::limits::{HEADERS_MAX, IN_FLIGHT_MAX, PROBE_EVERY, REQUEST_TIME_MAX};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::connections::listening;
use crate::support::{Server, event};

/// Status of the first answer to some bytes, after which the sender may hang up; 0 where the connection ended
/// without one.
async fn status(address: std::net::SocketAddr, request: &[u8], hangs_up: bool) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may end the connection before it has read everything.
    let _ = stream.write_all(request).await;
    if hangs_up {
        let _ = stream.shutdown().await;
    }
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(Duration::from_secs(30), read).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let code = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    (code.unwrap_or_default(), text)
}

#[tokio::test]
async fn requests_that_no_client_writes_are_refused_and_change_nothing() {
    let server = Server::new();
    let (address, stop, running) = listening(&server).await;
    let key = server.key(Role::Ingest).to_owned();
    let body = event("1", "opened");
    let post = |more: &str, body: &str| {
        format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\nconnection: close\r\n{more}\r\n{body}"
        )
    };
    let length = body.len();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let header = |lines: &str| format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{lines}\r\n");
    let cases: &[(&str, String, &[u16])] = &[
        // What could be read as two requests by two parties is read as none.
        (
            "two lengths",
            post(
                &format!("content-length: 5\r\ncontent-length: {length}\r\n"),
                &body,
            ),
            &[0, 400],
        ),
        (
            "a length and chunks",
            post(
                &format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
                "0\r\n\r\n",
            ),
            &[0, 400],
        ),
        (
            "an unknown transfer encoding",
            post("transfer-encoding: cow\r\n", &body),
            &[0, 400, 501],
        ),
        (
            "a length that is no number",
            post("content-length: +5\r\n", &body),
            &[0, 400],
        ),
        (
            "a length beyond all numbers",
            post("content-length: 99999999999999999999\r\n", &body),
            &[0, 400],
        ),
        (
            "a chunk that is no number",
            post("transfer-encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
            &[0, 400],
        ),
        (
            "a chunk beyond all numbers",
            post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\n"),
            &[0, 400],
        ),
        (
            "a body that ends early",
            post(&format!("content-length: {}\r\n", length + 1), &body),
            &[0, 400],
        ),
        // Headers.
        ("a header across lines", header("x: a\r\n b\r\n"), &[0, 400]),
        ("a header with a zero", header("x: a\0b\r\n"), &[0, 400]),
        ("a header without a name", header(": a\r\n"), &[0, 400]),
        ("a space before the colon", header("x : a\r\n"), &[0, 400]),
        (
            "as many headers as may be",
            header(&"x: a\r\n".repeat(HEADERS_MAX - 1)),
            &[200],
        ),
        (
            "one header too many",
            header(&"x: a\r\n".repeat(HEADERS_MAX)),
            &[431],
        ),
        (
            "a long request line",
            get(&format!("/{}", "a".repeat(100_000))),
            &[0, 400, 414, 431],
        ),
        (
            "no host at all",
            "GET /healthz HTTP/1.1\r\n\r\n".to_owned(),
            &[200, 400],
        ),
        // Methods and versions.
        (
            "a method that is none",
            "G@T / HTTP/1.1\r\n\r\n".to_owned(),
            &[0, 400],
        ),
        (
            "a tunnel",
            "CONNECT other.example:443 HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
            &[400, 404, 405],
        ),
        (
            "a trace",
            "TRACE /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
            &[405],
        ),
        (
            "another method by header",
            get("/api/v1/events")
                .replace("connection", "x-http-method-override: POST\r\nconnection"),
            &[401, 405],
        ),
        (
            "HTTP/2 without asking",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            &[0, 400, 505],
        ),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\u{fc}".to_owned(),
            &[0, 400],
        ),
        // Paths.
        (
            "another server's address",
            get("http://other.example/healthz"),
            &[200, 404],
        ),
        ("dots", get("/healthz/../metrics"), &[404]),
        ("encoded dots", get("/%2e%2e/%2e%2e/etc/passwd"), &[404]),
        (
            "twice encoded",
            get("/problems/%252e%252e%252fbusy"),
            &[404],
        ),
        ("a zero", get("/problems/busy%00"), &[404]),
        ("not UTF-8", get("/problems/%ff"), &[400, 404]),
        ("a backslash", get("/problems/..\\busy"), &[0, 400, 404]),
        ("parameters of a path", get("/healthz;a=b"), &[404]),
        ("an encoded slash", get("/v1%2fbackups"), &[404]),
        ("another case", get("/HEALTHZ"), &[404]),
        // Keys.
        (
            "two keys, the first one wrong",
            post("", "")
                .replace(&format!("Bearer {key}"), "Bearer x")
                .replace(
                    "connection",
                    &format!("authorization: Bearer {key}\r\nconnection"),
                ),
            &[401],
        ),
        (
            "a long key",
            post("", "").replace(&key, &"pw_".repeat(2_000)),
            &[401],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, request, expected) in cases {
        let (status, said) = status(address, request.as_bytes(), true).await;
        if !expected.contains(&status) {
            wrong.push(format!("{name}: {status}, not {expected:?}: {said}"));
        }
        assert!(!said.contains(&key), "{name} tells the key");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let well = post(&format!("content-length: {length}\r\n"), &body);
    assert_eq!(
        status(address, well.as_bytes(), false).await.0,
        204,
        "the server goes on"
    );
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 1);
    stop.send(()).unwrap();
    running.await.unwrap();
}

/// A body of which nothing ever comes.
struct Never;

impl hyper::body::Body for Never {
    type Data = hyper::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Pending
    }
}

/// A body that comes so slowly that it does not come: the sender is told, and its place is free again.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::new();
    let begun = tokio::time::Instant::now();
    let answer = server
        .events(&[("content-type", "application/json")], Body::new(Never))
        .await;
    assert_eq!(answer.code(), "timeout");
    assert!(begun.elapsed() >= REQUEST_TIME_MAX && begun.elapsed() < 2 * REQUEST_TIME_MAX);
    let json = [("content-type", "application/json")];
    assert_eq!(server.events(&json, event("1", "opened")).await.status, 204);
}

#[tokio::test]
async fn more_than_can_be_worked_on_is_told_to_come_back() {
    let server = Server::new();
    let places: Vec<_> = (0..IN_FLIGHT_MAX)
        .map(|_| server.app.enter().unwrap())
        .collect();
    let json = [("content-type", "application/json")];
    let busy = server.events(&json, event("1", "opened")).await;
    assert_eq!(busy.code(), "busy");
    assert_eq!(busy.headers["retry-after"], "1");
    // Whether it lives is told at any load.
    let health = axum::http::Request::get("/healthz").body(Body::empty());
    assert_eq!(server.send(health.unwrap()).await.status, 200);
    drop(places);
    assert_eq!(server.events(&json, event("1", "opened")).await.status, 204);
}

/// Whoever asks needs no key, and each probe leaves a commit.
#[tokio::test]
async fn being_asked_whether_it_takes_work_does_not_fill_the_journal() {
    let server = Server::new();
    let begun = std::time::Instant::now();
    let mut committed = Vec::new();
    for _ in 0..100 {
        let request = axum::http::Request::get("/readyz").body(Body::empty());
        let ready = server.send(request.unwrap()).await;
        assert_eq!(ready.status, 200);
        committed.push(ready.json()["committed"].as_u64().unwrap());
    }
    let probes = begun.elapsed().as_secs() / PROBE_EVERY.as_secs() + 1;
    assert!(committed[99] - committed[0] < probes, "{committed:?}");
    assert!(committed[0] > 0, "the first one probes");
}
