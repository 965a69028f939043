//! `/v1/refused`: the queue of refused events, looked at, repaired and sent again, or dismissed.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::operations::{RefusedFilter, RefusedState};
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::params::{Cursor, Params, page, page_rows, refused as parameter_refused};
use crate::precondition::{tag, tagged};
use crate::problem::{Problem, Written};
use crate::repair::{Resent, Shown, dismiss as dismiss_one, find, send_again};

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
/// Every event that was refused one by one is here until it is sent again or dismissed, in the order of arrival. A key
/// of one customer is shown those that name it.
#[utoipa::path(get, path = "/v1/refused", tag = "refused", operation_id = "list_refused",
    params(Asked),
    responses(
        (status = 200, description = "A page", body = RefusedPage),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The key is of another customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    if let Some(customer) = &asked.customer {
        caller.require(customer)?;
    }
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
        customer: caller.customer.or_else(|| asked.customer.clone()),
        state,
        until: asked.age_hours.map(|hours| before(app.now(), hours)),
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
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app
        .work(move |app| find(app, caller.customer.as_deref(), &id))
        .await?;
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
        let found = find(app, caller.customer.as_deref(), &id)?;
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
    let dismissed = move |app: &App| {
        let found = find(app, caller.customer.as_deref(), &id)?;
        tag(&Shown::of(found, true))?.check(&headers)?;
        let decided = dismiss_one(app, &caller, &id, &reason)?;
        Ok(Shown::of(decided, true))
    };
    Ok(Json(app.work(dismissed).await?))
}

/// So many hours before an instant; the first instant there is, where there are not so many.
fn before(instant: Timestamp, hours: u32) -> Timestamp {
    let earlier = instant.checked_sub(SignedDuration::from_hours(hours.into()));
    earlier.unwrap_or(Timestamp::MIN)
}
