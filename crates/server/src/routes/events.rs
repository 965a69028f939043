//! `POST /api/v1/events`: events in, acknowledged once they are durable.
//!
//! The address and the forms of bodies are those of OpenMeter, so that its clients work unchanged. Each event
//! is taken or refused by itself.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use intake::delivery::{Delivery, DeliveryError, Item, Undo, UndoError, What, decode, is_repeated};
use serde::Serialize;
use store::admission::Admission;
use store::limits::BATCH_EVENTS_MAX;
use store::{Outcome, Store};
use utoipa::ToSchema;
use work::{Event, LogKind};

use crate::access::{Caller, Role};
use crate::app::App;
use crate::body;
use crate::naming::named;
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
    /// Understood, and there is nothing to record.
    Nothing {
        /// Why.
        detail: String,
    },
    /// Not taken.
    Refused {
        /// JSON pointer into the body.
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
    let wants_each = headers.get_all(PREFER).iter().any(|own| {
        let own = own.to_str().unwrap_or_default().to_ascii_lowercase();
        own.split([',', ';'])
            .any(|part| part.trim() == "return=representation")
    });
    let headers = texts(&headers)?;
    let became = app
        .work(move |app| take(app, &caller, &headers, &body))
        .await?;
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

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Problem {
        let code = match error {
            DeliveryError::MediaType(_) => Code::UnsupportedMediaType,
            DeliveryError::TooLong(..) | DeliveryError::TooMany(_) => Code::TooLarge,
            _ => Code::BadRequest,
        };
        Problem::new(code, error.to_string())
    }
}

/// What an element of the request came to before the book was asked.
enum Ready {
    /// So many events to append, one after the other.
    Events(usize),
    /// Nothing to append.
    Told(Became),
}

/// Appends what may be appended.
fn take(
    app: &App,
    caller: &Caller,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Vec<Became>, Problem> {
    let received_at = app.now();
    let content_type = headers
        .iter()
        .find(|(name, _)| name == header::CONTENT_TYPE.as_str());
    let envelope: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let delivery = Delivery {
        content_type: content_type.map(|(_, value)| value.as_str()),
        headers: &envelope,
        body,
    };
    let items = decode(&delivery, received_at, app.meters())?;
    let mut admission = Admission::to(app.store(), |customer: &str| app.origin(customer));
    let mut events = Vec::with_capacity(items.len());
    let mut ready = Vec::with_capacity(items.len());
    for item in items {
        ready.push(match admit(app, caller, &mut admission, item)? {
            Ok(own) => {
                let count = own.len();
                events.extend(own);
                Ready::Events(count)
            }
            Err(told) => Ready::Told(told),
        });
    }
    let is_refused = |own: &&Ready| matches!(own, Ready::Told(Became::Refused { .. }));
    let refused = ready.iter().filter(is_refused).count();
    if refused > 0 {
        app.store().count_refused(refused as u64)?;
    }
    let mut outcomes = Vec::with_capacity(events.len());
    for part in events.chunks(BATCH_EVENTS_MAX) {
        outcomes.extend(app.store().append(part, received_at)?);
    }
    let mut outcomes = outcomes.into_iter();
    let became = ready.into_iter().map(|own| match own {
        Ready::Told(told) => told,
        Ready::Events(count) => together(outcomes.by_ref().take(count)),
    });
    Ok(became.collect())
}

/// What became of the events that one element of the request stands for: the least good of it.
fn together(outcomes: impl Iterator<Item = Outcome>) -> Became {
    let grade = |own: &Outcome| match own {
        Outcome::Duplicate { .. } => 0,
        Outcome::Accepted { .. } => 1,
        Outcome::Conflict { .. } => 2,
        Outcome::Refused { .. } => 3,
    };
    // Of equal ones the first.
    let worst = outcomes.reduce(|a, b| if grade(&b) > grade(&a) { b } else { a });
    worst.map_or_else(lost, Became::from)
}

fn lost() -> Became {
    Became::Refused {
        pointer: String::new(),
        detail: "the book did not say what became of it; send it again".to_owned(),
    }
}

/// The events to append, or what is told instead.
fn admit(
    app: &App,
    caller: &Caller,
    admission: &mut Admission<'_>,
    item: Item,
) -> Result<Result<Vec<Event>, Became>, Problem> {
    let place = item
        .index
        .map_or(String::new(), |index| format!("/{index}"));
    let refused = |pointer: &str, detail: String| {
        Ok(Err(Became::Refused {
            pointer: format!("{place}{pointer}"),
            detail,
        }))
    };
    let mut events = match item.what {
        What::Events(events) => events,
        What::Verb(events) => named(app, events)?,
        What::Undo(undo) => {
            if !caller.knows(&undo.target.customer) {
                return refused("/subject", "the key is of another customer".to_owned());
            }
            match undone(app.store(), &undo)? {
                Ok(events) => events,
                Err(error) => return refused("/data/event", error.to_string()),
            }
        }
        What::Nothing(detail) => return Ok(Err(Became::Nothing { detail })),
        What::Refused(refusal) => {
            return Ok(Err(Became::Refused {
                pointer: refusal.pointer,
                detail: refusal.problem,
            }));
        }
    };
    for event in &mut events {
        if !caller.knows(&event.customer) {
            return refused("/subject", "the key is of another customer".to_owned());
        }
        if caller.role == Role::Buyer && event.signature.is_none() {
            let detail = "what a buyer sends is signed with its own key; `piecework sign` does it";
            return refused("/signature", detail.to_owned());
        }
        if !item.is_timed {
            take_known_time(app.store(), event)?;
        }
        let objection = admission.objection(event).map_err(|error| {
            tracing::error!(%error, "an event cannot be admitted");
            Problem::new(Code::Internal, "the log of the customer cannot be read")
        })?;
        if let Some(objection) = objection {
            return refused(objection.pointer, objection.problem);
        }
    }
    Ok(Ok(events))
}

/// The corrections that an undo stands for, by what the book has of its targets.
fn undone(store: &dyn Store, undo: &Undo) -> Result<Result<Vec<Event>, UndoError>, Problem> {
    let mut found = Vec::new();
    for target in undo.targets() {
        let known = store.find(&target.customer, &target.source, &target.id)?;
        for (index, _) in known.iter().flat_map(|own| &own.contents) {
            let log = known.as_ref().map_or(LogKind::Shared, |own| own.log);
            if let Some(entry) = store.entry(&target.customer, log, *index)? {
                found.push(entry.event);
            }
        }
    }
    Ok(undo.corrections(&found))
}

/// An event that did not say when it happened, and is there already, is the same again: it has the time of
/// the content that it repeats.
fn take_known_time(store: &dyn Store, event: &mut Event) -> Result<(), Problem> {
    let Some(found) = store.find(&event.customer, &event.source, &event.id)? else {
        return Ok(());
    };
    for (index, _) in &found.contents {
        if let Some(entry) = store.entry(&event.customer, found.log, *index)?
            && is_repeated(event, &entry.event)
        {
            event.time = entry.event.time;
            return Ok(());
        }
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
