//! `/v1/customers/{customer}/statements`: what was billed, what would be, and why.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use book::statements::Previewed;
use pages::view::{Statement, StatementRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::params::{Cursor, Params, page, page_rows};
use crate::problem::{Problem, Refusals};

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// Which preview.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewAsked {
    /// The month in which the period begins; the last period that has ended where absent.
    #[param(example = "2026-01")]
    period: Option<String>,
    /// Only of this contract; of all where absent.
    #[param(example = "draft-acme")]
    contract: Option<String>,
}

/// What of a statement is explained.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExplainAsked {
    /// Only the lines of this component.
    #[param(example = "outcomes")]
    line: Option<String>,
    /// Only what is about this work.
    #[param(example = "ticket-1")]
    work: Option<String>,
}

/// A page of statements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementPage {
    /// In the order of issue.
    statements: Vec<StatementRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Statements as they are, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Previews {
    /// One for each contract.
    previews: Vec<PreviewShown>,
}

/// A statement as it is, or would be if it were issued now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preview)]
pub(crate) struct PreviewShown {
    /// The statement.
    statement: Statement,
    /// What keeps facts from being counted, and how to mend it; for the seller.
    hints: Vec<String>,
}

/// Lists the statements that were issued.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements", tag = "statements", operation_id = "list_statements",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = StatementPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["statements".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app
        .work(move |app| Ok(app.book().statements(&customer)?))
        .await?;
    let until = found.len().min(from.saturating_add(rows));
    let next = (until < found.len()).then_some(until);
    let shown = StatementPage {
        statements: found.into_iter().skip(from).take(rows).collect(),
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// Previews statements.
///
/// What a period's statement is, or would be if it were issued now: lines, cells, adjustments, works, the
/// reconciliation.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/preview", tag = "statements", operation_id = "preview_statements",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PreviewAsked),
    responses((status = 200, description = "One for each contract", body = Previews), Refusals))]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<PreviewAsked>,
) -> Result<Json<Previews>, Problem> {
    let is_seller = caller.role.may(Permission::ReadCosts);
    let previewed = move |app: &App| {
        Ok(app.book().preview(&Previewed {
            customer: Some(&customer),
            contract: asked.contract.as_deref(),
            period: asked.period.as_deref(),
            now: app.now(),
        })?)
    };
    let previews = app.work(previewed).await?.into_iter();
    let previews = previews.map(|own| PreviewShown {
        statement: own.statement,
        hints: if is_seller { own.hints } else { Vec::new() },
    });
    Ok(Json(Previews {
        previews: previews.collect(),
    }))
}

/// One statement, as it was issued.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}", tag = "statements", operation_id = "get_statement",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
    ),
    responses((status = 200, description = "It", body = Statement), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Json<Statement>, Problem> {
    let found = move |app: &App| Ok(app.book().issued(&customer, &number)?);
    Ok(Json(app.work(found).await?))
}

/// What stands behind the lines of a statement.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}/explain", tag = "statements", operation_id = "explain_statement",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
        ExplainAsked,
    ),
    responses((status = 200, description = "The statement with only those lines", body = Statement), Refusals))]
pub(crate) async fn explain(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<ExplainAsked>,
) -> Result<Json<Statement>, Problem> {
    let found = move |app: &App| {
        let about = (asked.line.as_deref(), asked.work.as_deref());
        Ok(app.book().explain_issued(&customer, &number, about)?)
    };
    Ok(Json(app.work(found).await?))
}
