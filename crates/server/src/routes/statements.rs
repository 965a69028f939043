//! `/v1/customers/{customer}/statements`: what was billed, what would be, and why.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{Due, Issue, Void};
use book::error::Absent;
use book::statements::Previewed;
use pages::view::{Bridge, Statement, StatementRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_of, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, role, words};

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

/// Which statement is issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuing {
    /// The contract; the only one where absent.
    #[schema(example = "acme-2026")]
    contract: Option<String>,
    /// The month in which its period begins; the last period that has ended where absent.
    #[schema(example = "2026-01")]
    period: Option<String>,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Why a statement is voided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Voiding {
    /// In words.
    #[schema(example = "the wrong plan was in force")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Lists the statements that were issued.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements", tag = "statements", operation_id = "list_statements",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = StatementPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["statements".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app
        .work(move |app| Ok(app.book().statements(&customer)?))
        .await?;
    let (statements, next) = page_of(found, from, rows);
    let shown = StatementPage {
        statements,
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

/// Issues a statement, and writes its proof file beside the book.
#[utoipa::path(post, path = "/v1/customers/{customer}/statements", tag = "statements", operation_id = "issue_statement",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Issuing, content_type = "application/json"),
    responses((status = 201, description = "The statement", body = StatementRow),
        (status = 200, description = "It was issued by the same request before", body = StatementRow), Refusals))]
pub(crate) async fn issue(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<StatementRow>), Problem> {
    let sent: Issuing = body::json(&headers, body).await?;
    let issued = move |app: &App| {
        let id = key.id("issue");
        let act = Issue {
            customer: &customer,
            contract: sent.contract.as_deref(),
            due: sent.period.as_deref().map_or(Due::Last, Due::Period),
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let issued = app.book().issue(&act, app.now()).map_err(of_act)?;
        let number = &issued.what.number;
        // The statement stands without it: a proof file can be made at any time.
        if let Err(error) = app.book().keep_proof_file(&customer, number, app.now()) {
            tracing::error!(%error, "the proof file of a statement was not written");
        }
        Ok((done(issued.is_known), Json(row(app, &customer, number)?)))
    };
    app.work(issued).await
}

/// Why a statement's total is another than the last one's.
///
/// Volume, mix, tier, price, fees, risk, late facts, reversals, terms, holdbacks, credits: the parts sum to the change.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}/bridge", tag = "statements", operation_id = "get_statement_bridge",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
    ),
    responses((status = 200, description = "The bridge", body = Bridge), Refusals))]
pub(crate) async fn bridge(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Json<Bridge>, Problem> {
    let found = app.work(move |app| Ok(app.book().bridge(&customer, &number)?));
    Ok(Json(found.await?))
}

/// Voids a statement. What it stated is owed again, and stated under a new number.
#[utoipa::path(post, path = "/v1/customers/{customer}/statements/{number}/void", tag = "statements", operation_id = "void_statement",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
    ),
    request_body(content = Voiding, content_type = "application/json"),
    responses((status = 201, description = "The statement", body = StatementRow),
        (status = 200, description = "It was voided by the same request before", body = StatementRow), Refusals))]
pub(crate) async fn void(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path((customer, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<StatementRow>), Problem> {
    let sent: Voiding = body::json(&headers, body).await?;
    let voided = move |app: &App| {
        let id = key.id("void");
        let act = Void {
            customer: &customer,
            number: &number,
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let voided = app.book().void(&act, app.now()).map_err(of_act)?;
        Ok((done(voided.is_known), Json(row(app, &customer, &number)?)))
    };
    app.work(voided).await
}

/// A statement as a listing shows it.
pub(crate) fn row(app: &App, customer: &str, number: &str) -> Result<StatementRow, Problem> {
    let mut rows = app.book().statements(customer)?.into_iter();
    let found = rows.find(|own| own.number == number);
    Ok(found.ok_or_else(|| {
        book::Error::from(Absent::Statement {
            customer: customer.to_owned(),
            number: number.to_owned(),
        })
    })?)
}
