//! `/v1/customers/{customer}/works`: what became of each piece of work.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use book::listings::WorksAsked;
use jiff::Timestamp;
use pages::view::{WorkRow, WorkStory};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Problem, Refusals};

/// Which works are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
    /// `pending`, `counted`, `reversed` or `not_counted`.
    #[param(example = "counted")]
    state: Option<String>,
    /// Counted in this class.
    #[param(example = "confirmed")]
    class: Option<String>,
    /// Of this definition.
    #[param(example = "support.outcome")]
    unit: Option<String>,
    /// Opened at this instant or after it.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// Opened before this instant.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-02-01T00:00:00Z")]
    until: Option<Timestamp>,
    /// With facts of this work id.
    #[param(example = "ticket-1")]
    work: Option<String>,
    /// With a dispute that is open, or without one.
    #[param(example = false)]
    disputed: Option<bool>,
}

/// A page of works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkPage {
    /// In an order that does not change. A page may have fewer rows than asked for, or none, and still not be
    /// the last.
    works: Vec<WorkRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The units of one work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkStories {
    /// One for each definition and each time that it was begun anew.
    units: Vec<WorkStory>,
}

/// What the states of works are called.
const STATES: [&str; 4] = ["pending", "counted", "reversed", "not_counted"];

/// Lists works.
#[utoipa::path(get, path = "/v1/customers/{customer}/works", tag = "works", operation_id = "list_works",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = WorkPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    if asked
        .state
        .as_deref()
        .is_some_and(|own| !STATES.contains(&own))
    {
        return Err(refused(
            "state",
            format!("it is one of {}", STATES.join(", ")),
        ));
    }
    let text = |own: Option<String>| own.unwrap_or_default();
    let instant = |own: Option<Timestamp>| text(own.map(|own| own.to_string()));
    let listing = [
        "works".to_owned(),
        customer.clone(),
        text(asked.state.clone()),
        text(asked.class.clone()),
        text(asked.unit.clone()),
        instant(asked.from),
        instant(asked.until),
        text(asked.work.clone()),
        text(asked.disputed.map(|own| own.to_string())),
    ];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from = Cursor::place(&listing, asked.cursor.as_deref())?;
    let found = move |app: &App| {
        app.book().chosen(Some(&customer))?;
        let asked = WorksAsked {
            state: asked.state.as_deref(),
            class: asked.class.as_deref(),
            unit: asked.unit.as_deref(),
            from: asked.from,
            until: asked.until,
            is_disputed: asked.disputed,
            work: asked.work.as_deref(),
        };
        Ok(app
            .book()
            .works(&customer, &asked, (from, rows), app.now())?)
    };
    let found = app.work(found).await?;
    let shown = WorkPage {
        works: found.rows,
        next_cursor: Cursor::next(&listing, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One work, with its story.
///
/// States, movements, facts and who wrote them, disputes, what is owed; what it cost and its margin for those who
/// may read costs.
#[utoipa::path(get, path = "/v1/customers/{customer}/works/{work}", tag = "works", operation_id = "get_work",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("work" = String, Path, description = "As its people call it, or a work id", example = "ticket-1"),
    ),
    responses((status = 200, description = "Its units", body = WorkStories), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, work)): Path<(String, String)>,
) -> Result<Json<WorkStories>, Problem> {
    let with_costs = caller.role.may(Permission::ReadCosts);
    let told = move |app: &App| Ok(app.book().work(&customer, &work, with_costs, app.now())?);
    Ok(Json(WorkStories {
        units: app.work(told).await?,
    }))
}
