//! `POST /api/v1/events`: events in, acknowledged once they are durable.
//!
//! The address and the forms of bodies are those of OpenMeter, so that its clients work unchanged. Each event
//! is taken or refused by itself, and what is refused is kept for repair (`routes::refused`). A body that cannot be
//! read at all is not: nothing of it was taken, and its sender has it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::problem::{Code, Fault, Problem, Written};
use crate::taking::{Arrived, Became, take};

const ROUTE: &str = "/api/v1/events";
const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What became of a request's events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Events in the request.
    received: u64,
    /// New.
    accepted: u64,
    /// There already, with the same content.
    duplicate: u64,
    /// There already with another content: kept and marked, the first one stands.
    conflicting: u64,
    /// Not taken.
    refused: u64,
    /// Each event, in the order of the request.
    events: Vec<Became>,
}

/// Sends events.
///
/// One CloudEvent, a batch, or plain JSON of either; or one whose envelope is in `ce-` headers. An event is
/// known by `subject`, `source` and `id`: sending it again is harmless. The answer comes when everything that
/// was taken is on disk.
#[utoipa::path(post, path = "/api/v1/events", tag = "events", operation_id = "send_events",
    params(("Prefer" = Option<String>, Header, description = "`return=representation` for what became of each event", example = "return=representation")),
    request_body(
        content(
            (Sent = "application/cloudevents+json", example = json!({"specversion": "1.0", "id": "1", "source": "desk", "type": "piecework.work.opened.v1", "subject": "acme", "time": "2026-01-06T09:00:00Z", "workid": "w1"})),
            (Vec<Sent> = "application/cloudevents-batch+json"),
            (Sent = "application/json"),
        ),
    ),
    responses(
        (status = 200, description = "What became of each event, where the caller prefers to know", body = Taken),
        (status = 204, description = "Every event was taken, or was there already"),
        (status = 400, description = "The body cannot be read (`bad-request`, nothing was done), or some events were not taken (`events-refused`, all others were)", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The media type is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn send(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = body::read(&headers, body).await?;
    let wants_each = wants_each(&headers);
    let headers = texts(&headers)?;
    let taken = move |app: &App| {
        let at = app.now();
        let arrived = Arrived {
            route: ROUTE,
            caller: &caller,
            headers: &headers,
            body: &body,
            at,
            first_at: at,
        };
        let taken = take(app, &arrived)?;
        taken.keep(app)?;
        Ok(taken.became)
    };
    Ok(answer(app.work(taken).await?, wants_each))
}

/// Whether the caller prefers to know what became of each event.
pub(super) fn wants_each(headers: &HeaderMap) -> bool {
    headers.get_all(PREFER).iter().any(|own| {
        let own = own.to_str().unwrap_or_default().to_ascii_lowercase();
        own.split([',', ';'])
            .any(|part| part.trim() == "return=representation")
    })
}

/// An event as it is sent (CloudEvents 1.0). `piecework schema events` describes `data` by `type`.
#[derive(ToSchema)]
#[allow(dead_code)] // the description of what `intake` reads
pub(crate) struct Sent {
    /// `1.0`.
    #[schema(example = "1.0")]
    specversion: String,
    /// The sender's id, unique within `source`.
    id: String,
    /// The system that it comes from.
    #[schema(example = "desk")]
    source: String,
    /// What happened.
    #[schema(example = "piecework.work.answered.v1")]
    r#type: String,
    /// The customer.
    #[schema(example = "acme")]
    subject: String,
    /// When it happened (RFC 3339); its arrival, where it is left out.
    time: Option<String>,
    /// The work that it is about.
    workid: Option<String>,
    /// `application/json`.
    datacontenttype: Option<String>,
    /// Headers and members of the type.
    #[schema(value_type = Option<Object>)]
    data: Option<()>,
}

/// The headers as text: the type of the body, and the envelope of an event in binary mode.
fn texts(headers: &HeaderMap) -> Result<Vec<(String, String)>, Problem> {
    let of_events = |name: &str| name == header::CONTENT_TYPE.as_str() || name.starts_with("ce-");
    let of_events = headers.iter().filter(|(name, _)| of_events(name.as_str()));
    of_events
        .map(|(name, value)| match value.to_str() {
            Ok(text) => Ok((name.as_str().to_owned(), text.to_owned())),
            Err(_) => Err(Problem::new(
                Code::BadRequest,
                format!("the header `{name}` has bytes that are not printable ASCII"),
            )),
        })
        .collect()
}

/// What the caller is told.
pub(super) fn answer(events: Vec<Became>, wants_each: bool) -> Response {
    let count = |is: fn(&Became) -> bool| events.iter().filter(|own| is(own)).count() as u64;
    let refused = count(|own| matches!(own, Became::Refused { .. }));
    if wants_each {
        let taken = Taken {
            received: events.len() as u64,
            accepted: count(|own| matches!(own, Became::Accepted { .. })),
            duplicate: count(|own| matches!(own, Became::Duplicate { .. })),
            conflicting: count(|own| matches!(own, Became::Conflict { .. })),
            refused,
            events,
        };
        let applied = [(APPLIED, HeaderValue::from_static("return=representation"))];
        return (StatusCode::OK, applied, axum::Json(taken)).into_response();
    }
    if refused == 0 {
        return StatusCode::NO_CONTENT.into_response();
    }
    let total = events.len();
    let faults = events.into_iter().filter_map(|own| match own {
        Became::Refused { pointer, detail } => Some(Fault { pointer, detail }),
        _ => None,
    });
    let faults: Vec<Fault> = faults.collect();
    let detail = match faults.as_slice() {
        [only] if total == 1 => format!("{}: {}", only.pointer, only.detail),
        _ => format!("{refused} of {total} events were not taken; all others are durable"),
    };
    let problem = Problem::new(Code::EventsRefused, detail).with_faults(faults);
    problem.into_response()
}
