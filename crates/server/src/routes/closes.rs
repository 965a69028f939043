//! `/v1/closes/{month}`: what is open of a month, and the record that it was closed.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use book::closes::CloseMonth;
use pages::view::Checklist;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, role, words};

/// Who closes a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closing {
    /// Who closes it (a role).
    #[schema(example = "finance-lead")]
    by: String,
    /// Why it is closed with open rows; needed where there are any.
    #[schema(example = "the dispute goes into February")]
    reason: Option<String>,
}

/// What is open of a month.
#[utoipa::path(get, path = "/v1/closes/{month}", tag = "statements", operation_id = "check_close",
    params(("month" = String, Path, description = "The month", example = "2026-01")),
    responses((status = 200, description = "The checklist", body = Checklist), Refusals))]
pub(crate) async fn check(
    State(app): State<App>,
    caller: Caller,
    Path(month): Path<String>,
) -> Result<Json<Checklist>, Problem> {
    caller.require_everybody()?;
    let found = app.work(move |app| Ok(app.book().close_checklist(&month, app.now())?));
    Ok(Json(found.await?))
}

/// Records that a month is closed, with what the checklist said. Closing locks nothing.
#[utoipa::path(post, path = "/v1/closes/{month}", tag = "statements", operation_id = "record_close",
    params(("month" = String, Path, description = "The month", example = "2026-01")),
    request_body(content = Closing, content_type = "application/json"),
    responses((status = 201, description = "It is recorded", body = Checklist),
        (status = 200, description = "The same was recorded before", body = Checklist), Refusals))]
pub(crate) async fn record(
    State(app): State<App>,
    caller: Caller,
    Path(month): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Checklist>), Problem> {
    caller.require_everybody()?;
    let sent: Closing = body::json(&headers, body).await?;
    let closed = move |app: &App| {
        let reason = sent.reason.as_deref();
        let act = CloseMonth {
            month: &month,
            by: role("/by", &sent.by)?,
            reason: reason.map(|own| words("/reason", own)).transpose()?,
        };
        let closed = app.book().close_month(&act, app.now()).map_err(of_act)?;
        Ok((done(closed.is_known), Json(closed.what.checklist)))
    };
    app.work(closed).await
}
