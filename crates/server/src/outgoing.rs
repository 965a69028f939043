//! [`send()`]: one request to somebody else's server: resolve, check, connect, send, read the answer.
//!
//! The name is resolved here, every address that it has is checked, and the connection goes to one of those:
//! no second look-up comes in between, so that a name cannot lead elsewhere after the check. A redirect is an
//! answer like any other and is not followed. No proxy is asked. Not here: what is sent to whom (`webhooks`, `stripe`).
//! Invariant: a request ends within its time, and reads so many bytes at most.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::limits::{HEADERS_BYTES_MAX, HEADERS_MAX, OUTGOING_ADDRESSES_MAX};
use crate::webhooks::{Options, Target, TargetError};

/// What is sent.
pub(crate) struct Outgoing<'m> {
    pub(crate) method: Method,
    /// The address.
    pub(crate) url: &'m str,
    /// Beside those that every request has.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: &'m str,
    /// From resolving the name to the answer.
    pub(crate) time_max: Duration,
    /// Bytes of the answer's body that are read before the connection is closed.
    pub(crate) answer_bytes_max: usize,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, unless it was longer than what is read.
    pub(crate) body: Option<Vec<u8>>,
}

/// Why there was no answer. No message repeats the URL, whose path may be a secret, or a header.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
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
    #[error("it was not answered within {} s", .0.as_secs())]
    Timeout(Duration),
}

/// Sends a request.
pub(crate) async fn send(options: &Options, own: &Outgoing<'_>) -> Result<Answer, SendError> {
    let attempt = tokio::time::timeout(own.time_max, attempt(options, own));
    attempt
        .await
        .unwrap_or(Err(SendError::Timeout(own.time_max)))
}

async fn attempt(options: &Options, own: &Outgoing<'_>) -> Result<Answer, SendError> {
    let target = Target::parse(own.url, &options.guard)?;
    let request = request(&target, own)?;
    let stream = connect(&target, options).await?;
    let bytes = own.answer_bytes_max;
    if !target.is_tls {
        return exchange(stream, request, bytes).await;
    }
    let name = ServerName::try_from(target.host.clone());
    let name = name.map_err(|error| SendError::Tls(std::io::Error::other(error)))?;
    let stream = options.tls.connect(name, stream).await;
    exchange(stream.map_err(SendError::Tls)?, request, bytes).await
}

fn request(target: &Target, own: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, SendError> {
    let user_agent = concat!("piecework/", env!("CARGO_PKG_VERSION"));
    let mut request = Request::builder()
        .method(own.method.clone())
        .uri(target.path.as_str())
        .header(header::HOST, target.authority.as_str())
        .header(header::USER_AGENT, user_agent)
        .header(header::CONNECTION, "close");
    for (name, value) in &own.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(own.body.as_bytes())));
    request.map_err(|error| SendError::Request(error.to_string()))
}

/// A connection to an address of the target's host. Every address that the name has must be allowed, not only
/// the one that is tried first.
async fn connect(target: &Target, options: &Options) -> Result<TcpStream, SendError> {
    let host = target.host.as_str();
    let resolved = tokio::net::lookup_host((host, target.port)).await;
    let resolved = resolved.map_err(|source| SendError::Resolve {
        host: host.to_owned(),
        source,
    })?;
    let addresses: Vec<SocketAddr> = resolved.collect();
    for address in &addresses {
        target.check(address.ip(), &options.guard)?;
    }
    let mut failed = SendError::NoAddress(host.to_owned());
    for address in addresses.into_iter().take(OUTGOING_ADDRESSES_MAX) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(source) => failed = SendError::Connect { address, source },
        }
    }
    Err(failed)
}

/// Sends the request and reads the answer, its body to a bound.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    bytes_max: usize,
) -> Result<Answer, SendError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    // Ends with this attempt, however that ends.
    let mut running = JoinSet::new();
    running.spawn(connection);
    let response = sender.send_request(request).await?;
    let (head, mut body) = response.into_parts();
    let mut read = Some(Vec::new());
    while let Some(frame) = body.frame().await {
        // The status has come, and says what was done, also where the rest of the body does not come.
        let Ok(frame) = frame else {
            read = None;
            break;
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        match &mut read {
            Some(read) if read.len() + data.len() <= bytes_max => read.extend_from_slice(data),
            _ => {
                read = None;
                break;
            }
        }
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: read,
    })
}

/// A header of an answer, as text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?;
    Some(value.to_str().ok()?.trim())
}
