//! `/v1/refused`: the queue of refused events, looked at, repaired and sent again, or dismissed.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::operations::{Decision, RefusedEvent, RefusedFilter, RefusedState};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Caller, Role};
use crate::app::App;
use crate::body;
use crate::limits::DISMISSAL_BYTES_MAX;
use crate::params::{Cursor, Params, page, page_rows, refused as parameter_refused};
use crate::precondition::{tag, tagged};
use crate::problem::{Code, Fault, Problem, Written};
use crate::taking::{Arrived, Became, TakenIn, take};

/// Which refused events are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
    /// Those that name this customer.
    #[param(example = "acme")]
    customer: Option<String>,
    /// `waiting`, `sent` or `dismissed`.
    #[param(example = "waiting")]
    state: Option<String>,
    /// Those that arrived so long ago or longer.
    #[param(example = 24)]
    age_hours: Option<u32>,
}

/// A page of refused events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedPage {
    /// In the order of their arrival.
    refused: Vec<Shown>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A refused event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusedEvent)]
pub(crate) struct Shown {
    /// What it is known by.
    #[schema(example = "5f0c1e2d3b4a59687786a5b4c3d2e1f0")]
    id: String,
    /// `waiting`, `sent` or `dismissed`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// The route that it came by.
    #[schema(example = "/api/v1/events")]
    route: String,
    /// Id of the API key that brought it.
    key: String,
    /// When it arrived first.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// When it arrived last.
    #[schema(value_type = String, format = DateTime)]
    last_received_at: Timestamp,
    /// How often it arrived, the same bytes refused for the same reason.
    #[schema(example = 1)]
    deliveries: u64,
    /// The customer that it names, where that can be read.
    customer: Option<String>,
    /// The source that it names, where that can be read.
    source: Option<String>,
    /// JSON pointer into the event.
    #[schema(example = "/type")]
    pointer: String,
    /// What is wrong and what to do.
    reason: String,
    /// How often it was sent again.
    attempts: u64,
    /// The last sending that was refused again.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt: Option<LastAttempt>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decided>,
    /// Bytes that it had.
    bytes: u64,
    /// Whether only its beginning is kept.
    is_cut: bool,
    /// The event as it came; not in listings.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A sending that was refused again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastAttempt {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// JSON pointer into the event that was sent.
    pointer: String,
    /// What is wrong and what to do.
    reason: String,
}

/// What was decided about a refused event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Id of the API key of who decided.
    by: String,
    /// Why it was dismissed, or what became of what was sent.
    why: String,
}

/// A refused event that was sent again and taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resent {
    /// As it stands now.
    refused: Shown,
    /// What became of what was sent.
    became: Became,
}

/// Why a refused event is not needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dismissal {
    /// In words, for whoever looks later.
    #[schema(example = "a test of the sender's")]
    reason: String,
}

/// Lists refused events.
///
/// Every event that was refused one by one is here until it is sent again or dismissed, in the order of arrival.
#[utoipa::path(get, path = "/v1/refused", tag = "refused", operation_id = "list_refused",
    params(Asked),
    responses(
        (status = 200, description = "A page", body = RefusedPage),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let state =
        match &asked.state {
            None => None,
            Some(word) => Some(RefusedState::of_word(word).ok_or_else(|| {
                parameter_refused("state", "it is `waiting`, `sent` or `dismissed`")
            })?),
        };
    let age = asked.age_hours.map(|hours| hours.to_string());
    let part = |own: &Option<String>| own.clone().unwrap_or_default();
    let listing = [
        "refused".to_owned(),
        part(&asked.customer),
        part(&asked.state),
        part(&age),
    ];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let after = match &asked.cursor {
        None => 0,
        Some(cursor) => {
            let place = Cursor::read(&listing, cursor)?;
            place
                .parse()
                .map_err(|_| parameter_refused("cursor", "it names no place"))?
        }
    };
    let filter = RefusedFilter {
        customer: asked.customer.clone(),
        state,
        until: asked
            .age_hours
            .map(|hours| app.now() - SignedDuration::from_hours(hours.into())),
    };
    let found = move |app: &App| {
        Ok(app
            .store()
            .operations()
            .refused_events(&filter, after, rows + 1)?)
    };
    let mut found = app.work(found).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    let next_cursor = found.last().filter(|_| is_more);
    let next_cursor = next_cursor.map(|last| Cursor::write(&listing, &last.number.to_string()));
    let shown = RefusedPage {
        refused: found.into_iter().map(|own| Shown::of(own, false)).collect(),
        next_cursor,
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One refused event, with its text.
#[utoipa::path(get, path = "/v1/refused/{id}", tag = "refused", operation_id = "get_refused",
    params(("id" = String, Path, description = "What it is known by", example = "5f0c1e2d3b4a59687786a5b4c3d2e1f0")),
    responses(
        (status = 200, description = "It, with an `ETag`", body = Shown),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.work(move |app| find(app, &id)).await?;
    tagged(&headers, &Shown::of(found, true))
}

/// Sends a refused event again.
///
/// As it came, or repaired: then the body is the event that is sent in its place. It goes the way that every event
/// goes. As it came it may say what the key that brought it may say; repaired, what the caller's may. Sending it
/// twice is harmless.
#[utoipa::path(post, path = "/v1/refused/{id}/resend", tag = "refused", operation_id = "resend_refused",
    params(
        ("id" = String, Path, description = "What it is known by", example = "5f0c1e2d3b4a59687786a5b4c3d2e1f0"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was looked at"),
    ),
    request_body(content = Option<super::events::Sent>, description = "The repaired event; nothing to send it as it came", content_type = "application/json"),
    responses(
        (status = 200, description = "It was taken, or was there already", body = Resent),
        (status = 400, description = "It was refused again, and waits", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It was dismissed, or only its beginning is kept", body = Written, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn resend(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Resent>, Problem> {
    let repaired = body::read(&headers, body).await?;
    let repaired = Some(repaired).filter(|body| !body.is_empty());
    let sent = move |app: &App| {
        let found = find(app, &id)?;
        tag(&Shown::of(found.clone(), true))?.check(&headers)?;
        send_again(app, &caller, &found, repaired)
    };
    Ok(Json(app.work(sent).await?))
}

/// Dismisses a refused event: it is not needed.
#[utoipa::path(post, path = "/v1/refused/{id}/dismiss", tag = "refused", operation_id = "dismiss_refused",
    params(
        ("id" = String, Path, description = "What it is known by", example = "5f0c1e2d3b4a59687786a5b4c3d2e1f0"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was looked at"),
    ),
    request_body(content = Dismissal, content_type = "application/json"),
    responses(
        (status = 200, description = "It is dismissed", body = Shown),
        (status = 400, description = "The body says no reason", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It was sent again and taken", body = Written, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>, Problem> {
    let Dismissal { reason } = body::json(&headers, body).await?;
    let reason = reason.trim().to_owned();
    if !(1..=DISMISSAL_BYTES_MAX).contains(&reason.len()) {
        let detail = format!("the reason has 1 to {DISMISSAL_BYTES_MAX} bytes");
        let fault = Fault {
            pointer: "/reason".to_owned(),
            detail: detail.clone(),
        };
        return Err(Problem::new(Code::BadRequest, detail).with_faults(vec![fault]));
    }
    let dismissed = move |app: &App| {
        let found = find(app, &id)?;
        tag(&Shown::of(found, true))?.check(&headers)?;
        let decided = decide(app, &caller, &id, RefusedState::Dismissed, reason)?;
        if decided.state == RefusedState::Sent {
            let detail = "it was sent again and taken; what it became is in the log";
            return Err(Problem::new(Code::Conflict, detail));
        }
        Ok(Shown::of(decided, true))
    };
    Ok(Json(app.work(dismissed).await?))
}

fn find(app: &App, id: &str) -> Result<RefusedEvent, Problem> {
    let found = app.store().operations().refused(id)?;
    found.ok_or_else(|| Problem::new(Code::NotFound, "there is no such refused event"))
}

fn decide(
    app: &App,
    caller: &Caller,
    id: &str,
    state: RefusedState,
    why: String,
) -> Result<RefusedEvent, Problem> {
    let decision = Decision {
        state,
        at: app.now(),
        by: caller.key.clone(),
        why,
    };
    let decided = app.store().operations().decide_refused(id, &decision)?;
    decided.ok_or_else(|| Problem::new(Code::NotFound, "there is no such refused event"))
}

/// Sends one again: as it came under the rights that it came with, repaired under the caller's.
fn send_again(
    app: &App,
    caller: &Caller,
    found: &RefusedEvent,
    repaired: Option<Vec<u8>>,
) -> Result<Resent, Problem> {
    let conflict = |detail: &str| Err(Problem::new(Code::Conflict, detail));
    if found.state == RefusedState::Dismissed {
        return conflict("it was dismissed; send the event itself, if it is needed after all");
    }
    if repaired.is_none() && found.is_cut() {
        return conflict("only its beginning is kept; send the repaired event in the body");
    }
    let sender = match &repaired {
        Some(_) => caller.clone(),
        None => brought_by(found)?,
    };
    let body = repaired.unwrap_or_else(|| found.refusal.raw.clone());
    let media_type = (
        "content-type".to_owned(),
        "application/cloudevents+json".to_owned(),
    );
    let at = app.now();
    let taken = take(
        app,
        &Arrived {
            route: "/v1/refused/{id}/resend",
            caller: &sender,
            headers: &[media_type],
            body: &body,
            at,
            first_at: found.received_at,
        },
    )?;
    note(app, &found.id, at, &taken)?;
    taken.count(app)?;
    let became = taken.became.into_iter().next();
    let became = became.ok_or_else(|| Problem::new(Code::Internal, "nothing became of it"))?;
    if let Became::Refused { pointer, detail } = became {
        let fault = Fault {
            pointer: pointer.clone(),
            detail: detail.clone(),
        };
        let problem = Problem::new(Code::EventsRefused, format!("{pointer}: {detail}"));
        return Err(problem.with_faults(vec![fault]));
    }
    let decided = decide(
        app,
        caller,
        &found.id,
        RefusedState::Sent,
        became.in_words(),
    )?;
    Ok(Resent {
        refused: Shown::of(decided, true),
        became,
    })
}

/// Notes a refusal on the row that it is of, instead of making another.
fn note(app: &App, id: &str, at: Timestamp, taken: &TakenIn) -> Result<(), Problem> {
    for refusal in &taken.refused {
        let attempt = store::operations::Attempt {
            at,
            pointer: refusal.pointer.clone(),
            reason: refusal.reason.clone(),
        };
        app.store().operations().note_refused_again(id, &attempt)?;
    }
    Ok(())
}

/// The caller that brought it, with the rights that its key had.
fn brought_by(found: &RefusedEvent) -> Result<Caller, Problem> {
    let sender = &found.refusal.sender;
    let role = Role::of_word(&sender.role);
    let role =
        role.ok_or_else(|| Problem::new(Code::Internal, "the sender's role is not known"))?;
    Ok(Caller {
        key: sender.key.clone(),
        role,
        customer: sender.customer.clone(),
        // A link to one statement sends nothing.
        statement: None,
    })
}

impl Shown {
    fn of(own: RefusedEvent, with_text: bool) -> Shown {
        let is_cut = own.is_cut();
        let text = String::from_utf8_lossy(&own.refusal.raw);
        Shown {
            text: with_text.then(|| text.into_owned()),
            id: own.id,
            state: own.state.word(),
            route: own.refusal.route,
            key: own.refusal.sender.key,
            received_at: own.received_at,
            last_received_at: own.last_at,
            deliveries: own.deliveries,
            customer: own.refusal.customer,
            source: own.refusal.source,
            pointer: own.refusal.pointer,
            reason: own.refusal.reason,
            attempts: own.attempts,
            last_attempt: own.last_attempt.map(|own| LastAttempt {
                at: own.at,
                pointer: own.pointer,
                reason: own.reason,
            }),
            decision: own.decision.map(|own| Decided {
                at: own.at,
                by: own.by,
                why: own.why,
            }),
            bytes: own.raw_bytes,
            is_cut,
        }
    }
}
