//! `POST /api/v1/events`: events in, acknowledged once they are durable.
//!
//! The address and the forms of bodies are those of OpenMeter, so that its clients work unchanged. Each event
//! is taken or refused by itself.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use intake::{Delivery, Message, Unreadable};
use serde::Serialize;
use store::admission::Admission;
use store::{Outcome, Store};
use utoipa::ToSchema;
use work::{Event, LogKind};

use crate::access::{Caller, Role};
use crate::app::App;
use crate::body;
use crate::problem::{Code, Fault, Problem, Written};

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

/// What became of one event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Became {
    /// New, and durable.
    Accepted {
        /// `shared` with the buyer, or the `seller`'s alone.
        #[schema(example = "shared")]
        log: &'static str,
        /// Its position in the log.
        index: u64,
    },
    /// The same content was there.
    Duplicate {
        /// The log.
        log: &'static str,
        /// Where it is.
        index: u64,
    },
    /// Another content was there under the same source and id. It stands until an `event.corrected` chooses.
    Conflict {
        /// The log.
        log: &'static str,
        /// Where this content is kept.
        index: u64,
        /// Where the content is that stands.
        first: u64,
    },
    /// Not taken.
    Refused {
        /// JSON pointer within the event.
        pointer: String,
        /// What is wrong and what to do.
        detail: String,
    },
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
    let message = message(&headers, body)?;
    let wants_each = headers.get_all(PREFER).iter().any(|own| {
        let own = own.to_str().unwrap_or_default().to_ascii_lowercase();
        own.split([',', ';'])
            .any(|part| part.trim() == "return=representation")
    });
    let became = app.work(move |app| take(app, &caller, message)).await?;
    Ok(answer(became, wants_each))
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

fn message(headers: &HeaderMap, body: Vec<u8>) -> Result<Message, Problem> {
    let text = |value: &HeaderValue, name: &str| {
        let text = value.to_str().map(str::to_owned);
        text.map_err(|_| {
            let detail = format!("the header `{name}` has bytes that are not printable ASCII");
            Problem::new(Code::BadRequest, detail)
        })
    };
    let content_type = match headers.get(header::CONTENT_TYPE) {
        Some(value) => text(value, "content-type")?,
        None => String::new(),
    };
    let mut envelope = Vec::new();
    for (name, value) in headers {
        if let Some(member) = name.as_str().strip_prefix("ce-") {
            envelope.push((member.to_owned(), text(value, name.as_str())?));
        }
    }
    Ok(Message {
        content_type,
        envelope,
        body,
    })
}

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Problem {
        let code = match error {
            Unreadable::MediaType(_) | Unreadable::Charset(_) => Code::UnsupportedMediaType,
            Unreadable::Body(_) => Code::BadRequest,
            Unreadable::TooMany => Code::TooLarge,
        };
        Problem::new(code, error.to_string())
    }
}

/// Appends what may be appended.
fn take(app: &App, caller: &Caller, message: Message) -> Result<Vec<Became>, Problem> {
    let received_at = app.now();
    let deliveries = message.deliveries(received_at)?;
    let mut admission = Admission::to(app.store(), |customer: &str| app.origin(customer));
    let mut events = Vec::with_capacity(deliveries.len());
    let mut became: Vec<Option<Became>> = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        match admit(app, caller, &mut admission, delivery)? {
            Ok(event) => {
                events.push(event);
                became.push(None);
            }
            Err(refused) => became.push(Some(refused)),
        }
    }
    let refused = became.iter().filter(|own| own.is_some()).count();
    if refused > 0 {
        app.store().count_refused(refused as u64)?;
    }
    let mut outcomes = app.store().append(&events, received_at)?.into_iter();
    let became = became.into_iter().map(|own| match own {
        Some(refused) => refused,
        // One outcome for each event that was appended.
        None => outcomes.next().map_or_else(lost, Became::from),
    });
    Ok(became.collect())
}

fn lost() -> Became {
    Became::Refused {
        pointer: String::new(),
        detail: "the book did not say what became of it; send it again".to_owned(),
    }
}

/// The event to append, or why there is none.
fn admit(
    app: &App,
    caller: &Caller,
    admission: &mut Admission<'_>,
    delivery: Delivery,
) -> Result<Result<Event, Became>, Problem> {
    let refused = |pointer: &str, detail: String| {
        Ok(Err(Became::Refused {
            pointer: pointer.to_owned(),
            detail,
        }))
    };
    let mut event = match delivery.event {
        Ok(event) => *event,
        Err(fault) => return refused(&fault.pointer, fault.problem),
    };
    if !caller.knows(&event.customer) {
        let detail = "the key is of another customer".to_owned();
        return refused("/subject", detail);
    }
    if caller.role == Role::Buyer && event.signature.is_none() {
        let detail = "what a buyer sends is signed with its own key; `piecework sign` does it";
        return refused("/signature", detail.to_owned());
    }
    if !delivery.is_timed {
        take_known_time(app.store(), &mut event)?;
    }
    let objection = admission.objection(&event).map_err(|error| {
        tracing::error!(%error, "an event cannot be admitted");
        Problem::new(Code::Internal, "the log of the customer cannot be read")
    })?;
    match objection {
        Some(objection) => refused(objection.pointer, objection.problem),
        None => Ok(Ok(event)),
    }
}

/// An event that did not say when it happened, and is there already, is the same again: it has the time of
/// the first.
fn take_known_time(store: &dyn Store, event: &mut Event) -> Result<(), Problem> {
    let found = store.find(&event.customer, &event.source, &event.id)?;
    let first = found.and_then(|found| Some((found.log, found.contents.first()?.0)));
    if let Some((log, index)) = first
        && let Some(entry) = store.entry(&event.customer, log, index)?
    {
        event.time = entry.event.time;
    }
    Ok(())
}

impl From<Outcome> for Became {
    fn from(outcome: Outcome) -> Became {
        match outcome {
            Outcome::Accepted { log, index } => Became::Accepted {
                log: LogKind::name(log),
                index,
            },
            Outcome::Duplicate { log, index } => Became::Duplicate {
                log: log.name(),
                index,
            },
            Outcome::Conflict { log, index, first } => Became::Conflict {
                log: log.name(),
                index,
                first,
            },
            Outcome::Refused { pointer, problem } => Became::Refused {
                pointer,
                detail: problem,
            },
        }
    }
}

fn answer(events: Vec<Became>, wants_each: bool) -> Response {
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
    let is_alone = events.len() == 1;
    let total = events.len();
    let faults = events.into_iter().enumerate().filter_map(|(at, own)| {
        let Became::Refused { pointer, detail } = own else {
            return None;
        };
        let pointer = if is_alone {
            pointer
        } else {
            format!("/{at}{pointer}")
        };
        Some(Fault { pointer, detail })
    });
    let faults: Vec<Fault> = faults.collect();
    let detail = match faults.as_slice() {
        [only] if is_alone => format!("{}: {}", only.pointer, only.detail),
        _ => format!("{refused} of {total} events were not taken; all others are durable"),
    };
    let problem = Problem::new(Code::EventsRefused, detail).with_faults(faults);
    problem.into_response()
}
