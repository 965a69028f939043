//! Connections as they really are: slow, abusive, cut off; and a server that is asked to stop.

use std::time::Duration;

use piecework_server::{Ended, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::support::{Server, event};

/// A server that listens; its address, what stops it, and how it ended.
pub async fn listening(
    server: &Server,
) -> (
    std::net::SocketAddr,
    oneshot::Sender<()>,
    tokio::task::JoinHandle<Ended>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (app, router) = (server.app.clone(), server.router.clone());
    let stopped = async {
        let _ = stopped.await;
    };
    let running = tokio::spawn(serve(listener, app, router, stopped));
    (address, stop, running)
}

async fn said(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn abuse_of_headers_ends_the_connection_and_nothing_else() {
    let server = Server::new();
    let (address, stop, running) = listening(&server).await;
    let long = format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
        "y".repeat(100_000)
    );
    let many = format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "x: y\r\n".repeat(1_000)
    );
    let strange = "GET /healthz HTTP/9.9\r\n\r\n".to_owned();
    let bad_length = "POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345".to_owned();
    for request in [long, many, strange, bad_length] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(request.as_bytes()).await;
        let said = said(&mut stream).await;
        let refused = said.is_empty() || said.starts_with("HTTP/1.1 4");
        assert!(refused, "{said}");
    }
    for path in [
        "/../etc/passwd",
        "/%2e%2e/x",
        "/problems/..%2f..%2fx",
        "//healthz",
        "/api/v1/events/",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let said = said(&mut stream).await;
        assert!(said.starts_with("HTTP/1.1 404"), "{path}: {said}");
    }
    stop.send(()).unwrap();
    assert_eq!(running.await.unwrap(), Ended::Well);
}

#[tokio::test]
async fn slow_headers_are_not_waited_for() {
    let server = Server::new();
    let (address, stop, running) = listening(&server).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HT").await.unwrap();
    // Others are served meanwhile.
    let mut other = TcpStream::connect(address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    other.write_all(request).await.unwrap();
    assert!(said(&mut other).await.starts_with("HTTP/1.1 200"));
    let said = said(&mut stream).await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 408"),
        "{said}"
    );
    stop.send(()).unwrap();
    assert_eq!(running.await.unwrap(), Ended::Well);
}

#[tokio::test]
async fn what_is_under_way_is_answered_when_the_server_stops() {
    let server = Server::new();
    let (address, stop, running) = listening(&server).await;
    let body = event("1", "opened");
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        server.key(piecework_server::access::Role::Ingest),
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..10]).await.unwrap();
    // The request is being worked on once another one is answered after it.
    let mut other = TcpStream::connect(address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    other.write_all(request).await.unwrap();
    assert!(said(&mut other).await.starts_with("HTTP/1.1 200"));
    stop.send(()).unwrap();
    while !server.app.is_draining() {
        tokio::task::yield_now().await;
    }
    stream.write_all(&body.as_bytes()[10..]).await.unwrap();
    let said = said(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 204"), "{said}");
    assert_eq!(running.await.unwrap(), Ended::Well);
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 1);
}
