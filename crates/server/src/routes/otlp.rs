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
use intake::otlp::{
    Encoding, Place, Received, Refused, SOURCE, Signal, answer, inflate, kept, texts,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{Outcome, RefusedElsewhere};
use utoipa::ToSchema;
use work::Event;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::problem::{Code, Problem};
use crate::taking::{self, Arrived, Became, Kept, TakenIn, append_all};
use crate::telemetry::{Report, add_totals, encoding, media_type};

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

/// A request of telemetry.
pub(crate) struct Request<'a> {
    pub(crate) signal: Signal,
    pub(crate) encoding: Encoding,
    pub(crate) arrived: Arrived<'a>,
}

/// Records what a request says; the answer's body.
fn take(
    app: &App,
    caller: &Caller,
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
) -> Result<Vec<u8>, Problem> {
    let at = app.now();
    let request = Request {
        signal,
        encoding,
        arrived: Arrived {
            route: signal.path(),
            caller,
            headers: &[],
            body,
            at,
            first_at: at,
        },
    };
    let (received, taken) = receive(app, &request)?;
    taken.keep(app)?;
    app.telemetry().count(signal, received.counts);
    Ok(answer::accepted(signal, encoding, &received))
}

/// Records what a request says. Items that are lost are to be kept; what became of the others is in no order.
pub(crate) fn receive(app: &App, request: &Request<'_>) -> Result<(Received, TakenIn), Problem> {
    let Request {
        signal,
        encoding,
        arrived,
    } = request;
    let (telemetry, mapping) = (app.telemetry(), app.mapping());
    let mut received = telemetry.read(*signal, *encoding, arrived.body, mapping)?;
    add_totals(app.store(), &received.control_totals)?;
    let events = owned(arrived.caller, &mut received);
    // What is rejected from here on the book has counted, because it was asked.
    let uncounted = received.rejected.len();
    let there = record(app, events, &mut received, arrived.at)?;
    if app.keeps_texts() && !there.is_empty() {
        let places = there.iter().map(|(place, ..)| *place).collect();
        let texts = texts(*signal, *encoding, arrived.body, &places)?;
        for (place, event, _) in &there {
            if let Some(texts) = texts.get(place) {
                taking::keep_texts(app, event, texts, arrived.at)?;
            }
        }
    }
    let mut taken = TakenIn {
        became: there.into_iter().map(|(.., own)| own.into()).collect(),
        refused: Vec::new(),
        uncounted: Vec::new(),
        at: arrived.at,
    };
    // Metrics are totals and no deliveries; a point that is none is told and not kept.
    if *signal == Signal::Metrics || received.rejected.is_empty() {
        return Ok((received, taken));
    }
    let places = received.rejected.iter().map(|own| own.place).collect();
    let kept = kept(*signal, *encoding, arrived.body, mapping, &places)?;
    for (number, own) in received.rejected.iter().enumerate() {
        let item = kept.get(&own.place);
        let kept = Kept {
            customer: item.and_then(|own| own.customer.clone()),
            source: Some(SOURCE.to_owned()),
            text: item.map(|own| own.text.clone()).unwrap_or_default(),
        };
        if number < uncounted {
            taken.uncounted.push(RefusedElsewhere {
                customer: kept.customer.clone(),
                source: kept.source.clone(),
                deliveries: 1,
            });
        }
        let pointer = own.place.alone().to_string();
        taken.became.push(Became::Refused {
            pointer: pointer.clone(),
            detail: own.reason.clone(),
        });
        let refusal = taking::refusal(arrived, kept, &pointer, &own.reason);
        taken.refused.push(refusal);
    }
    Ok((received, taken))
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

/// Appends costs. Those for which another report of the same call counts are not recorded, and those in whose
/// place one of these stands are taken back, once it is there.
fn record(
    app: &App,
    reports: Vec<(Place, Event)>,
    received: &mut Received,
    at: Timestamp,
) -> Result<Vec<(Place, Event, Outcome)>, Problem> {
    // Held until all of it is durable, so that two reports of one call are judged one after the other.
    let turn = app.telemetry().turn(app.store());
    let events: Vec<&Event> = reports.iter().map(|(_, event)| event).collect();
    let judged = turn.judge(&events)?;
    let mut counting = Vec::with_capacity(reports.len());
    for ((place, event), report) in reports.into_iter().zip(judged) {
        match report {
            Report::Counts(instead_of) => counting.push((place, event, instead_of)),
            Report::ToldBy(_) => {
                received.counts.taken -= 1;
                received.counts.repeated += 1;
            }
        }
    }
    let events: Vec<Event> = counting.iter().map(|(_, event, _)| event.clone()).collect();
    let outcomes = append_all(app, &events, at)?;
    let mut taken_back = Vec::new();
    let mut there = Vec::with_capacity(outcomes.len());
    for ((place, event, instead_of), outcome) in counting.into_iter().zip(outcomes) {
        match &outcome {
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
        taken_back.extend(turn.taking_back(&event, &instead_of)?);
        there.push((place, event, outcome));
    }
    append_all(app, &taken_back, at)?;
    Ok(there)
}
