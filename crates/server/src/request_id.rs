//! The id of a request: in its answer's `X-Request-Id`, in problems and in the log.
//!
//! A caller may bring one (its own trace); anything else than a short plain word is replaced.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const NAME: HeaderName = HeaderName::from_static("x-request-id");
const BYTES_MAX: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Gives every request an id, and its answer the same.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let brought = request
        .headers()
        .get(NAME)
        .and_then(|own| own.to_str().ok());
    let id = match brought {
        Some(own) if is_plain(own) => own.to_owned(),
        _ => fresh(),
    };
    let mut response = CURRENT.scope(id.clone(), next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(NAME, value);
    }
    response
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=BYTES_MAX).contains(&id.len()) && id.bytes().all(plain)
}

/// Unique within a run of the server, and between runs by the time.
fn fresh() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let now = jiff::Timestamp::now().as_microsecond();
    format!("{now:x}-{:x}", NUMBER.fetch_add(1, Ordering::Relaxed))
}
