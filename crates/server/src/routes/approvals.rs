//! `/v1/approvals`: what waits for a second person; and `/v1/changes`: who changed what.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use book::approvals::{Between, Deciding, csv};
use jiff::Timestamp;
use pages::view::{ChangeRow, Proposal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::params::{Cursor, Params, page, page_of, page_rows, refused};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, role, words};

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProposalsAsked {
    /// Only this customer's.
    #[param(example = "acme")]
    customer: Option<String>,
    /// `open`, which is what is listed where this is left out, or `all`.
    #[param(example = "open")]
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// A page of proposals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalPage {
    /// The oldest first.
    proposals: Vec<Proposal>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approving {
    /// Who approves it (a role or a name): somebody else than who proposed it, with another key.
    #[schema(example = "cfo")]
    by: String,
    /// Why.
    #[schema(example = "agreed with the customer")]
    reason: Option<String>,
}

/// What is declined, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declining {
    /// Who declines it (a role or a name).
    #[schema(example = "cfo")]
    by: String,
    /// Why.
    #[schema(example = "too much")]
    reason: String,
}

/// A proposal that was approved, and what was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovedProposal {
    /// The proposal.
    proposal: Proposal,
    /// The number of the statement that it issued.
    #[schema(example = "acme-0002")]
    statement: Option<String>,
}

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesAsked {
    /// From when.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: String,
    /// Until when, not included.
    #[param(example = "2026-02-01T00:00:00Z")]
    until: String,
    /// Only this customer's.
    #[param(example = "acme")]
    customer: Option<String>,
    /// `json`, or `csv`.
    #[param(example = "json")]
    format: Option<String>,
}

/// What was changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// By time.
    changes: Vec<ChangeRow>,
}

/// Lists what waits for a second person.
#[utoipa::path(get, path = "/v1/approvals", tag = "approvals", operation_id = "list_approvals",
    params(ProposalsAsked),
    responses((status = 200, description = "A page", body = ProposalPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<ProposalsAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let is_open = match asked.state.as_deref() {
        None | Some("open") => true,
        Some("all") => false,
        Some(_) => return Err(refused("state", "it is `open` or `all`")),
    };
    let customer = of_customer(&caller, asked.customer)?;
    let listing = [
        "approvals".to_owned(),
        customer.clone().unwrap_or_default(),
        is_open.to_string(),
    ];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| {
        Ok(app
            .book()
            .proposals(customer.as_deref(), is_open, app.now())?)
    });
    let (proposals, next) = page_of(found.await?, from, rows);
    let shown = ProposalPage {
        proposals,
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// The customer that a caller asks about, or the only one that it knows of.
fn of_customer(caller: &Caller, asked: Option<String>) -> Result<Option<String>, Problem> {
    if let Some(customer) = &asked {
        caller.require(customer)?;
    }
    Ok(asked.or_else(|| caller.customer.clone()))
}

/// One proposal.
#[utoipa::path(get, path = "/v1/customers/{customer}/approvals/{proposal}", tag = "approvals", operation_id = "get_approval",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("proposal" = String, Path, description = "The proposal's id", example = "p-7f3a90c1"),
    ),
    responses((status = 200, description = "It", body = Proposal), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((customer, proposal)): Path<(String, String)>,
) -> Result<Json<Proposal>, Problem> {
    let found = app.work(move |app| Ok(app.book().proposal(&customer, &proposal, app.now())?));
    Ok(Json(found.await?))
}

/// Approves a proposal: it is done exactly as it was proposed.
#[utoipa::path(post, path = "/v1/customers/{customer}/approvals/{proposal}/approve", tag = "approvals", operation_id = "approve",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("proposal" = String, Path, description = "The proposal's id", example = "p-7f3a90c1"),
    ),
    request_body(content = Approving, content_type = "application/json"),
    responses((status = 201, description = "It was approved, and done", body = ApprovedProposal),
        (status = 200, description = "The same person approved it before", body = ApprovedProposal), Refusals))]
pub(crate) async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path((customer, proposal)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<ApprovedProposal>), Problem> {
    let sent: Approving = body::json(&headers, body).await?;
    let approved = move |app: &App| {
        let reason = sent.reason.as_deref();
        let act = Deciding {
            customer: &customer,
            proposal: &proposal,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            reason: reason.map(|own| words("/reason", own)).transpose()?,
        };
        let approved = app.book().approve(&act, app.now()).map_err(of_act)?;
        if let Some(number) = &approved.what.statement {
            // The statement stands without it: a proof file can be made at any time.
            if let Err(error) = app.book().keep_proof_file(&customer, number, app.now()) {
                tracing::error!(%error, "the proof file of a statement was not written");
            }
        }
        let shown = ApprovedProposal {
            proposal: approved.what.proposal,
            statement: approved.what.statement,
        };
        Ok((done(approved.is_known), Json(shown)))
    };
    app.work(approved).await
}

/// Declines a proposal: it is not done.
#[utoipa::path(post, path = "/v1/customers/{customer}/approvals/{proposal}/decline", tag = "approvals", operation_id = "decline",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("proposal" = String, Path, description = "The proposal's id", example = "p-7f3a90c1"),
    ),
    request_body(content = Declining, content_type = "application/json"),
    responses((status = 201, description = "It was declined", body = Proposal),
        (status = 200, description = "It was declined by the same request before", body = Proposal), Refusals))]
pub(crate) async fn decline(
    State(app): State<App>,
    caller: Caller,
    Path((customer, proposal)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Proposal>), Problem> {
    let sent: Declining = body::json(&headers, body).await?;
    let declined = move |app: &App| {
        let act = Deciding {
            customer: &customer,
            proposal: &proposal,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            reason: Some(words("/reason", &sent.reason)?),
        };
        let declined = app.book().decline(&act, app.now()).map_err(of_act)?;
        Ok((done(declined.is_known), Json(declined.what)))
    };
    app.work(declined).await
}

/// The change report: what was changed in a time, who asked for it, who approved it, before and behind.
#[utoipa::path(get, path = "/v1/changes", tag = "approvals", operation_id = "list_changes",
    params(ChangesAsked),
    responses((status = 200, description = "What was changed", content(
        (Changes = "application/json"),
        (String = "text/csv"),
    )), Refusals))]
pub(crate) async fn changes(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<ChangesAsked>,
) -> Result<Response, Problem> {
    let instant = |name: &str, text: &str| -> Result<Timestamp, Problem> {
        let detail = "it is not an instant such as 2026-01-01T00:00:00Z";
        text.parse().map_err(|_| refused(name, detail))
    };
    let (from, until) = (
        instant("from", &asked.from)?,
        instant("until", &asked.until)?,
    );
    let is_csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(refused("format", "it is `json` or `csv`")),
    };
    let customer = of_customer(&caller, asked.customer)?;
    let found = app.work(move |app| {
        Ok(app.book().changes(&Between {
            customer: customer.as_deref(),
            from,
            until,
        })?)
    });
    let changes = found.await?;
    if is_csv {
        let media_type = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
        return Ok((media_type, csv(&changes)).into_response());
    }
    Ok(Json(Changes { changes }).into_response())
}
