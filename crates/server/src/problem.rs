//! [`Problem`]: every refusal, as `application/problem+json` (RFC 9457).
//!
//! Each [`Code`] has a page of its own under `/problems/`, which is its `type`. Not here: what OTLP
//! answers (`google.rpc.Status`, `telemetry`), which is made of the `Refusal` that a response carries. Invariant: no problem carries a secret, nor tells a caller of what it
//! may not know.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

mod of_book;
mod refusals;

pub(crate) use of_book::{faulty, of_act};
pub(crate) use refusals::{Conditional, Refusals};

use crate::limits::{FAULTS_LISTED_MAX, RETRY_AFTER_SECONDS};
use crate::request_id;

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// No key, or none that is known.
    Unauthorized,
    /// The key may not do this.
    Forbidden,
    /// Nothing is there, or nothing that the caller may know of.
    NotFound,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// The body or a parameter cannot be read.
    BadRequest,
    /// Some events of a request were not taken.
    EventsRefused,
    /// More than a request may carry.
    TooLarge,
    /// A media type that is not written.
    NotAcceptable,
    /// A media type or encoding that is not read.
    UnsupportedMediaType,
    /// What is there does not allow it.
    Conflict,
    /// A rule of the book says no.
    Refused,
    /// A second person has to approve it.
    Proposed,
    /// A document has faults.
    Faulty,
    /// The same request is being worked on.
    StillWorkedOn,
    /// The key of a request was another request's.
    KeyReused,
    /// A signature that does not verify.
    NotVerified,
    /// The version that the caller names is not the one that is there.
    PreconditionFailed,
    /// The caller has to name the version that it has read.
    PreconditionRequired,
    /// The key has sent more than it may.
    TooManyRequests,
    /// Too much is going on.
    Busy,
    /// It took too long.
    Timeout,
    /// The book takes no writes.
    Unavailable,
    /// The server is at fault.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: &[Code] = &[
        Code::Unauthorized,
        Code::Forbidden,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::BadRequest,
        Code::EventsRefused,
        Code::TooLarge,
        Code::NotAcceptable,
        Code::UnsupportedMediaType,
        Code::Conflict,
        Code::Refused,
        Code::Proposed,
        Code::Faulty,
        Code::StillWorkedOn,
        Code::KeyReused,
        Code::NotVerified,
        Code::PreconditionFailed,
        Code::PreconditionRequired,
        Code::TooManyRequests,
        Code::Busy,
        Code::Timeout,
        Code::Unavailable,
        Code::Internal,
    ];

    /// The word in `code` and in the path of the page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// The title: always the same for a code.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// What it means and what to do: the page.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.row().3
    }

    const fn row(self) -> (&'static str, StatusCode, &'static str, &'static str) {
        match self {
            Code::Unauthorized => (
                "unauthorized",
                StatusCode::UNAUTHORIZED,
                "A valid API key is needed",
                "Send `Authorization: Bearer <key>`. Keys are made with `piecework api-key create`, links for buyers \
                 with `piecework link create`. One that was revoked or has expired is refused like one that never was.",
            ),
            Code::Forbidden => (
                "forbidden",
                StatusCode::FORBIDDEN,
                "The key may not do this",
                "The key is known, and its role lacks the permission that the route needs. Use a key of another \
                 role; `piecework api-key roles` lists what each may do.",
            ),
            Code::NotFound => (
                "not-found",
                StatusCode::NOT_FOUND,
                "There is no such thing",
                "Nothing is at this address, or nothing that the key may know of.",
            ),
            Code::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The address does not take this method",
                "The `Allow` header names the methods that it takes.",
            ),
            Code::BadRequest => (
                "bad-request",
                StatusCode::BAD_REQUEST,
                "The request cannot be read",
                "`detail` and `errors` say where and why. Nothing was done. Sending the same again will fail \
                 again.",
            ),
            Code::EventsRefused => (
                "events-refused",
                StatusCode::BAD_REQUEST,
                "Some events were not taken",
                "`errors` has each refused event with its place in the request and the reason. They are kept for \
                 repair. All others of the request were taken and are durable. Sending the whole request again is \
                 harmless: what was taken is recognised.",
            ),
            Code::TooLarge => (
                "too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request is too large",
                "Nothing was done. Send it in parts; `detail` names the limit.",
            ),
            Code::NotAcceptable => (
                "not-acceptable",
                StatusCode::NOT_ACCEPTABLE,
                "Nothing is written in that form",
                "`Accept` or `format` names a form that the server does not write this in; the detail says which it \
                 does. A PDF needs a server that was built with the feature `pdf`.",
            ),
            Code::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body is of a kind that is not read here",
                "`detail` lists the media types and encodings that are.",
            ),
            Code::Conflict => (
                "conflict",
                StatusCode::CONFLICT,
                "What is there does not allow it",
                "`detail` says what stands in the way. Nothing was done.",
            ),
            Code::Refused => (
                "refused",
                StatusCode::CONFLICT,
                "A rule of the book says no",
                "`detail` says which rule, and what can be done instead. Nothing was done. A statement is issued \
                 once, a contract is signed before its statements are issued, and what was paid is not voided.",
            ),
            Code::Proposed => (
                "proposed",
                StatusCode::CONFLICT,
                "A second person has to approve it",
                "The act is above a limit of `[approvals]`. Nothing was done yet: it waits as a proposal, which `detail` \
                 names. Somebody else approves or declines it with another key, under `/v1/approvals`; once it is \
                 approved it is done as it was asked for. Asking again meanwhile is answered in the same way.",
            ),
            Code::Faulty => (
                "faulty-document",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The document has faults",
                "`errors` has each fault with its line and column in the document's text, and a hint where there \
                 is one. Nothing was done.",
            ),
            Code::StillWorkedOn => (
                "still-worked-on",
                StatusCode::CONFLICT,
                "The same request is being worked on",
                "A request with this `Idempotency-Key` has not been answered yet. Send it again after the seconds \
                 that `Retry-After` names: it is answered as the first one was.",
            ),
            Code::KeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was another request's",
                "Nothing was done. A key stands for one request: its method, address and body. Send this one under \
                 a key of its own.",
            ),
            Code::NotVerified => (
                "signature-not-verified",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The signature does not verify",
                "Nothing was kept. `detail` says which line is at fault. A buyer signs with a key of its own that the \
                 customer log publishes; `piecework acknowledge` signs a head.",
            ),
            Code::PreconditionFailed => (
                "precondition-failed",
                StatusCode::PRECONDITION_FAILED,
                "It has changed since it was read",
                "Nothing was done. The version in `If-Match` is not the one that is there. Read it again, see what \
                 changed, and send the change with the new `ETag`.",
            ),
            Code::PreconditionRequired => (
                "precondition-required",
                StatusCode::PRECONDITION_REQUIRED,
                "The version that is changed must be named",
                "Nothing was done. Read the resource and send its `ETag` in `If-Match`, so that nobody's change is \
                 overwritten unseen.",
            ),
            Code::TooManyRequests => (
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                "The key has sent more requests than it may",
                "Nothing was done. `RateLimit-Policy` says how many a key may send, `RateLimit` how many are left. \
                 Send it again after the seconds that `Retry-After` names.",
            ),
            Code::Busy => (
                "busy",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests at once",
                "Nothing was done. Send it again after the seconds that `Retry-After` names.",
            ),
            Code::Timeout => (
                "timeout",
                StatusCode::REQUEST_TIMEOUT,
                "The request took too long",
                "The body did not arrive in time, or the work was not done in time. What was asked may have been \
                 done: send it again, with the same ids.",
            ),
            Code::Unavailable => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The book takes no writes now",
                "The server is stopping, its disk is full or failing, or as many refused events wait as may. Nothing acknowledged is lost. Send it \
                 again after the seconds that `Retry-After` names; whoever runs the server finds the reason in its \
                 log and at `/readyz`.",
            ),
            Code::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server failed",
                "It is not your fault. Tell whoever runs the server the `request_id`: its log has the rest.",
            ),
        }
    }
}

/// One fault within a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// RFC 6901 JSON pointer into the body; `?name` for a parameter of the query.
    pub pointer: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// One fault within a document that a request carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct PlacedFault {
    /// RFC 6901 JSON pointer into the body; `?name` for a parameter of the query.
    #[schema(example = "/3/data/quantity")]
    pointer: String,
    /// What is wrong and what to do.
    #[schema(example = "it is a decimal number such as 2.50")]
    detail: String,
    /// The line, from 1, where it is within the text of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    line: Option<usize>,
    /// The column, from 1, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 8)]
    column: Option<usize>,
    /// What to do, where the detail does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "a unit is defined before it is priced")]
    hint: Option<String>,
}

impl PlacedFault {
    /// Where it is.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong, where within a text, and what to do.
    pub(crate) fn in_words(&self) -> String {
        let place = match (self.line, self.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: "),
            _ => String::new(),
        };
        let hint = self.hint.as_ref();
        let hint = hint.map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{place}{}{hint}", self.detail)
    }
}

impl From<Fault> for PlacedFault {
    fn from(Fault { pointer, detail }: Fault) -> PlacedFault {
        PlacedFault {
            pointer,
            detail,
            line: None,
            column: None,
            hint: None,
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    code: Code,
    detail: String,
    faults: Vec<PlacedFault>,
}

/// What a response refused, for a layer that has to say it in other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What kind of refusal it is.
    pub(crate) code: Code,
    /// What happened, and what to do.
    pub(crate) detail: String,
}

/// A refusal as it is written (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Written {
    /// Address of the page about this kind of problem.
    #[schema(example = "/problems/bad-request")]
    r#type: String,
    /// The kind of problem in words, always the same.
    #[schema(example = "The request cannot be read")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What happened this time, and what to do.
    #[schema(example = "`limit`: a page has 1 to 500 rows")]
    detail: String,
    /// The kind of problem, for programs.
    #[schema(example = "bad-request")]
    code: &'static str,
    /// Faults within the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<PlacedFault>,
    /// Faults that are not listed.
    #[schema(example = 0)]
    #[serde(skip_serializing_if = "is_zero")]
    errors_not_listed: usize,
    /// Names this request in the server's log.
    #[schema(example = "0193b0b2c5e17d0fa1c3")]
    request_id: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it so
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Problem {
    /// A refusal; `detail` says what happened this time and what to do.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem {
            code,
            detail: detail.into(),
            faults: Vec::new(),
        }
    }

    /// With faults at places of the body.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Fault>) -> Problem {
        self.with_placed_faults(faults.into_iter().map(PlacedFault::from).collect())
    }

    fn with_placed_faults(mut self, faults: Vec<PlacedFault>) -> Problem {
        self.faults = faults;
        self
    }

    /// What kind it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What happened, and the faults within the request that are listed.
    pub(crate) fn into_parts(mut self) -> (String, Vec<PlacedFault>) {
        self.faults.truncate(FAULTS_LISTED_MAX);
        (self.detail, self.faults)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem {
            code,
            detail,
            mut faults,
        } = self;
        let refusal = Refusal {
            code,
            detail: detail.clone(),
        };
        let not_listed = faults.len().saturating_sub(FAULTS_LISTED_MAX);
        faults.truncate(FAULTS_LISTED_MAX);
        let written = Written {
            r#type: format!("/problems/{}", code.word()),
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            code: code.word(),
            errors: faults,
            errors_not_listed: not_listed,
            request_id: request_id::current(),
        };
        // Text and numbers alone: this cannot fail.
        let body = serde_json::to_vec(&written).unwrap_or_default();
        let mut response = (code.status(), body).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media_type);
        match code {
            Code::Busy | Code::Unavailable | Code::StillWorkedOn | Code::TooManyRequests => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
            }
            Code::Unauthorized => {
                let scheme = HeaderValue::from_static("Bearer realm=\"piecework\"");
                headers.insert(header::WWW_AUTHENTICATE, scheme);
            }
            _ => {}
        }
        response
    }
}
