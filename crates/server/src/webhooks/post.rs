//! [`post()`]: one attempt to deliver a message: resolve, check, connect, send, read the status.
//!
//! The name is resolved here, every address that it has is checked, and the connection goes to one of those:
//! no second look-up comes in between, so that a name cannot lead elsewhere after the check. A redirect is an
//! answer like any other and is not followed. No proxy is asked. Invariant: an attempt ends within
//! [`WEBHOOK_TIME_MAX`], and reads so many bytes at most.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::rustls::pki_types::ServerName;

use super::options::Options;
use super::target::{Target, TargetError};
use crate::limits::{
    HEADERS_BYTES_MAX, HEADERS_MAX, WEBHOOK_ADDRESSES_MAX, WEBHOOK_ANSWER_BYTES_MAX,
    WEBHOOK_TIME_MAX,
};

/// What is posted.
pub(super) struct Post<'m> {
    /// The address.
    pub(super) url: &'m str,
    /// The message's id.
    pub(super) id: &'m str,
    /// When the attempt is made.
    pub(super) unix_seconds: i64,
    /// The signatures.
    pub(super) signatures: &'m str,
    /// The body.
    pub(super) body: &'m str,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The text of `Retry-After`.
    pub(super) retry_after: Option<String>,
}

/// Why there was no answer. No message repeats the URL, whose path may be a secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("the URL is refused: {0}")]
    Target(#[from] TargetError),
    #[error("the name `{host}` cannot be resolved: {source}")]
    Resolve {
        host: String,
        source: std::io::Error,
    },
    #[error("the name `{0}` has no address")]
    NoAddress(String),
    #[error("no connection to {address}: {source}")]
    Connect {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("no encrypted connection: {0}")]
    Tls(std::io::Error),
    #[error("the message cannot be sent: {0}")]
    Request(String),
    #[error("the connection broke: {0}")]
    Http(#[from] hyper::Error),
    #[error("it was not answered within {} s", WEBHOOK_TIME_MAX.as_secs())]
    Timeout,
}

/// Posts a message.
pub(super) async fn post(options: &Options, post: &Post<'_>) -> Result<Answer, PostError> {
    let attempt = tokio::time::timeout(WEBHOOK_TIME_MAX, attempt(options, post));
    attempt.await.unwrap_or(Err(PostError::Timeout))
}

async fn attempt(options: &Options, post: &Post<'_>) -> Result<Answer, PostError> {
    let target = Target::parse(post.url, &options.guard)?;
    let request = request(&target, post)?;
    let stream = connect(&target, options).await?;
    if !target.is_tls {
        return exchange(stream, request).await;
    }
    let name = ServerName::try_from(target.host.clone());
    let name = name.map_err(|error| PostError::Tls(std::io::Error::other(error)))?;
    let stream = options.tls.connect(name, stream).await;
    exchange(stream.map_err(PostError::Tls)?, request).await
}

fn request(target: &Target, post: &Post<'_>) -> Result<Request<Full<Bytes>>, PostError> {
    let user_agent = concat!("piecework/", env!("CARGO_PKG_VERSION"));
    let request = Request::post(target.path.as_str())
        .header(header::HOST, target.authority.as_str())
        .header(header::USER_AGENT, user_agent)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header("webhook-id", post.id)
        .header("webhook-timestamp", post.unix_seconds)
        .header("webhook-signature", post.signatures)
        .body(Full::new(Bytes::copy_from_slice(post.body.as_bytes())));
    request.map_err(|error| PostError::Request(error.to_string()))
}

/// A connection to an address of the target's host. Every address that the name has must be allowed, not only
/// the one that is tried first.
async fn connect(target: &Target, options: &Options) -> Result<TcpStream, PostError> {
    let host = target.host.as_str();
    let resolved = tokio::net::lookup_host((host, target.port)).await;
    let resolved = resolved.map_err(|source| PostError::Resolve {
        host: host.to_owned(),
        source,
    })?;
    let addresses: Vec<SocketAddr> = resolved.collect();
    for address in &addresses {
        target.check(address.ip(), &options.guard)?;
    }
    let mut failed = PostError::NoAddress(host.to_owned());
    for address in addresses.into_iter().take(WEBHOOK_ADDRESSES_MAX) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(source) => failed = PostError::Connect { address, source },
        }
    }
    Err(failed)
}

/// Sends the request and reads the answer. What it says beyond its status is read to a bound, and thrown away.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Answer, PostError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    // Ends with this attempt, however that ends.
    let mut running = JoinSet::new();
    running.spawn(connection);
    let response = sender.send_request(request).await?;
    let answer = Answer {
        status: response.status().as_u16(),
        retry_after: retry_after(response.headers()),
    };
    let mut body = response.into_body();
    let mut left = WEBHOOK_ANSWER_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => break,
        }
    }
    Ok(answer)
}

fn retry_after(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::RETRY_AFTER);
    let text = value.map(HeaderValue::to_str)?.ok()?;
    Some(text.trim().to_owned())
}
