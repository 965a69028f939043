//! [`post()`]: one attempt to deliver a message, over what sends to others ([`crate::outgoing`]).
//!
//! Invariant: an attempt ends within [`WEBHOOK_TIME_MAX`], and what is answered beyond the status is thrown away.

use axum::http::{HeaderValue, Method, header};

use super::options::Options;
use crate::limits::{WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_TIME_MAX};
use crate::outgoing::{Outgoing, SendError, send, text};

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

/// Posts a message.
pub(super) async fn post(options: &Options, post: &Post<'_>) -> Result<Answer, SendError> {
    let value = |text: &str| {
        HeaderValue::try_from(text).map_err(|error| SendError::Request(error.to_string()))
    };
    let name = axum::http::HeaderName::from_static;
    let headers = vec![
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (name("webhook-id"), value(post.id)?),
        (
            name("webhook-timestamp"),
            HeaderValue::from(post.unix_seconds),
        ),
        (name("webhook-signature"), value(post.signatures)?),
    ];
    let outgoing = Outgoing {
        method: Method::POST,
        url: post.url,
        headers,
        body: post.body,
        time_max: WEBHOOK_TIME_MAX,
        answer_bytes_max: WEBHOOK_ANSWER_BYTES_MAX,
    };
    let answer = send(options, &outgoing).await?;
    Ok(Answer {
        status: answer.status,
        retry_after: text(&answer.headers, "retry-after").map(str::to_owned),
    })
}
