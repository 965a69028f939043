//! Refusals in the words of OTLP: `google.rpc.Status`, in the encoding of the request.
//!
//! Whoever refuses (the key, the bounds, the reader) says a problem; [`in_words_of_otlp`] stands around all of
//! them. Source: the OTLP specification, "OTLP/HTTP Response".

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use intake::otlp::answer::{self, Code as Rpc};
use intake::otlp::{Encoding, Signal};

use crate::limits::RETRY_AFTER_SECONDS;
use crate::problem::{Code, Refusal};

/// Whether the path is one of OTLP's.
pub(crate) fn is_path(path: &str) -> bool {
    Signal::ALL.iter().any(|signal| signal.path() == path)
}

/// How a request is written, by its `Content-Type`; `None` for what is not read.
pub(crate) fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = text.split(';').next()?.trim();
    [Encoding::Protobuf, Encoding::Json]
        .into_iter()
        .find(|own| media_type.eq_ignore_ascii_case(self::media_type(*own)))
}

/// The `Content-Type` of an answer.
pub(crate) const fn media_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    }
}

/// Says refusals at the paths of OTLP as their senders read them.
pub(crate) async fn in_words_of_otlp(request: Request, next: Next) -> Response {
    if !is_path(request.uri().path()) {
        return next.run(request).await;
    }
    // Of a body in another form nothing is known; JSON can be read by people.
    let encoding = encoding(request.headers()).unwrap_or(Encoding::Json);
    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        let status = answer::status(encoding, rpc(refusal.code), &refusal.detail);
        *response.body_mut() = Body::from(status);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        let media_type = HeaderValue::from_static(media_type(encoding));
        headers.insert(header::CONTENT_TYPE, media_type);
        if refusal.code == Code::Timeout {
            // A sender of OTLP sends again what it is told to, and drops everything else.
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
    }
    response
}

/// What OTLP has for a refusal: whose fault it is and whether to send again. The status says both.
fn rpc(code: Code) -> Rpc {
    match code.status() {
        StatusCode::UNAUTHORIZED => Rpc::Unauthenticated,
        StatusCode::FORBIDDEN => Rpc::PermissionDenied,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => Rpc::ResourceExhausted,
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Rpc::Unavailable,
        StatusCode::INTERNAL_SERVER_ERROR => Rpc::Internal,
        _ => Rpc::InvalidArgument,
    }
}
