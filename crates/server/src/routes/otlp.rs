//! `POST /v1/traces`, `/v1/logs`, `/v1/metrics`: OTLP over HTTP, as its exporters send it.
//!
//! What model calls cost goes to the seller's logs; metrics are sums to hold the costs against, and no cost.
//! Invariant: 200 means that every cost of the request is durable; lost for good is only what
//! `partial_success` counts.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use intake::limits::OTLP_BODY_BYTES_MAX;
use intake::otlp::{Encoding, Place, Received, Refused, Signal, answer, inflate};
use serde::Serialize;
use store::limits::BATCH_EVENTS_MAX;
use store::{Outcome, RefusedElsewhere, assignment};
use utoipa::ToSchema;
use work::Event;
use work::event::UNASSIGNED;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::problem::{Code, Problem};
use crate::telemetry::{Responses, encoding, media_type};

/// `Export…ServiceResponse`: what was taken. Empty where everything was.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exported {
    /// What was not taken, or a remark where nothing was lost.
    partial_success: Option<PartialSuccess>,
}

/// What of a request is lost for good; it must not be sent again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartialSuccess {
    /// Spans lost, as a decimal number.
    #[schema(example = "1")]
    rejected_spans: Option<String>,
    /// Log records lost, as a decimal number.
    rejected_log_records: Option<String>,
    /// Data points lost, as a decimal number.
    rejected_data_points: Option<String>,
    /// Where and why.
    error_message: Option<String>,
}

/// A message in the encoding of protobuf.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code)] // the description of what `intake` reads and writes
pub(crate) struct Protobuf(Vec<u8>);

/// `google.rpc.Status`: why a request was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = RpcStatus)]
pub(crate) struct Status {
    /// A number of `google.rpc.Code`.
    #[schema(example = 3)]
    code: i32,
    /// What is wrong and what to do.
    message: String,
}

/// Sends traces.
///
/// An `ExportTraceServiceRequest`. Spans that are calls of models become costs; all others are passed over. The
/// answer comes when they are on disk, in the encoding of the request.
#[utoipa::path(post, path = "/v1/traces", tag = "telemetry", operation_id = "send_traces",
    request_body(content((Protobuf = "application/x-protobuf"), (Object = "application/json", example = json!({"resourceSpans": []})))),
    responses(
        (status = 200, description = "Taken, or taken in part", content((Protobuf = "application/x-protobuf"), (Exported = "application/json"))),
        (status = 400, description = "It cannot be read; nothing was taken", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
        (status = 415, description = "The media type is not read here", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
    ))]
pub(crate) async fn traces(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    export(Signal::Traces, app, caller, headers, body).await
}

/// Sends log records.
///
/// An `ExportLogsServiceRequest`. Records that tell of a call of a model become costs; all others are passed over.
#[utoipa::path(post, path = "/v1/logs", tag = "telemetry", operation_id = "send_logs",
    request_body(content((Protobuf = "application/x-protobuf"), (Object = "application/json", example = json!({"resourceLogs": []})))),
    responses(
        (status = 200, description = "Taken, or taken in part", content((Protobuf = "application/x-protobuf"), (Exported = "application/json"))),
        (status = 400, description = "It cannot be read; nothing was taken", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
        (status = 415, description = "The media type is not read here", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
    ))]
pub(crate) async fn logs(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    export(Signal::Logs, app, caller, headers, body).await
}

/// Sends metrics.
///
/// An `ExportMetricsServiceRequest`. Sums of tokens and costs are control totals, which `/metrics` shows; they
/// are never a cost.
#[utoipa::path(post, path = "/v1/metrics", tag = "telemetry", operation_id = "send_metrics",
    request_body(content((Protobuf = "application/x-protobuf"), (Object = "application/json", example = json!({"resourceMetrics": []})))),
    responses(
        (status = 200, description = "Taken, or taken in part", content((Protobuf = "application/x-protobuf"), (Exported = "application/json"))),
        (status = 400, description = "It cannot be read; nothing was taken", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
        (status = 415, description = "The media type is not read here", content((Protobuf = "application/x-protobuf"), (Status = "application/json"))),
    ))]
pub(crate) async fn metrics(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    export(Signal::Metrics, app, caller, headers, body).await
}

async fn export(
    signal: Signal,
    app: App,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let encoding = encoding(&headers).ok_or_else(|| {
        let detail = "the body is `application/x-protobuf` or `application/json`";
        Problem::new(Code::UnsupportedMediaType, detail)
    })?;
    let mut sent = body::receive(&app, &headers, body, OTLP_BODY_BYTES_MAX).await?;
    let answer = app.work(move |app| take(app, &caller, signal, encoding, sent.inflated(inflate)?));
    let media_type = media_type(encoding);
    Ok(([(header::CONTENT_TYPE, media_type)], answer.await?).into_response())
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let is_size = refused.is_size();
        let code = if is_size {
            Code::TooLarge
        } else {
            Code::BadRequest
        };
        Problem::new(code, refused.message())
    }
}

/// Records what a request says; the answer's body.
fn take(
    app: &App,
    caller: &Caller,
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
) -> Result<Vec<u8>, Problem> {
    let telemetry = app.telemetry();
    let mut received = telemetry.read(signal, encoding, body, app.mapping())?;
    let events = owned(caller, &mut received);
    if signal != Signal::Metrics && !received.rejected.is_empty() {
        let rejected = RefusedElsewhere::unnamed(received.rejected.len() as u64);
        app.store().count_refused(&[rejected], app.now())?;
    }
    // Held until all of it is durable, so that two reports of one response are judged one after the other.
    let mut responses = telemetry.responses();
    record(app, &mut responses, events, &mut received)?;
    drop(responses);
    telemetry.count(signal, received.counts);
    Ok(answer::accepted(signal, encoding, &received))
}

/// The events that the caller may say. A key of one customer names that customer where nothing else does.
fn owned(caller: &Caller, received: &mut Received) -> Vec<(Place, Event)> {
    let events = std::mem::take(&mut received.events);
    let mut owned = Vec::with_capacity(events.len());
    let places = std::mem::take(&mut received.places);
    for (place, mut event) in places.into_iter().zip(events) {
        caller.claim(&mut event);
        if caller.knows(&event.customer) {
            owned.push((place, event));
        } else {
            received.counts.taken -= 1;
            received.reject(place, "the key is of another customer".to_owned(), 1);
        }
    }
    owned
}

/// Appends costs. Those of a customer that were of nobody so far are taken back there, once the customer has
/// them.
fn record(
    app: &App,
    responses: &mut Responses,
    mut reports: Vec<(Place, Event)>,
    received: &mut Received,
) -> Result<(), Problem> {
    let counts = &mut received.counts;
    reports.retain(|(_, event)| {
        let is_told = event.customer == UNASSIGNED && responses.has(&event.id);
        counts.taken -= u64::from(is_told);
        counts.repeated += u64::from(is_told);
        !is_told
    });
    let (places, events): (Vec<Place>, Vec<Event>) = reports.into_iter().unzip();
    let mut taken_back = Vec::new();
    let outcomes = append(app, &events)?;
    for ((place, event), outcome) in places.into_iter().zip(&events).zip(outcomes) {
        match outcome {
            Outcome::Accepted { .. } | Outcome::Duplicate { .. } => {}
            Outcome::Conflict { .. } => {
                let text = format!("`{}` is there with another content, which counts", event.id);
                received.note(place, text);
            }
            Outcome::Refused { pointer, problem } => {
                received.counts.taken -= 1;
                received.reject(place, format!("{pointer}: {problem}"), 1);
                continue;
            }
        }
        if event.customer != UNASSIGNED {
            responses.insert(&event.id);
            taken_back.extend(assignment::taking_back(app.store(), event)?);
        }
    }
    append(app, &taken_back)?;
    Ok(())
}

fn append(app: &App, events: &[Event]) -> Result<Vec<Outcome>, Problem> {
    let received_at = app.now();
    let mut outcomes = Vec::with_capacity(events.len());
    for part in events.chunks(BATCH_EVENTS_MAX) {
        outcomes.extend(app.store().append(part, received_at)?);
    }
    Ok(outcomes)
}
