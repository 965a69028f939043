//! `/v1/customers/{customer}/credit-notes`: what statements took back of earlier ones; and the decision that a
//! statement is not to be paid.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{CreditStatement, Credited};
use money::Amount;
use pages::view::CreditNote;
use pages::view::json::{self, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_of, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, role, words};

/// A page of credit notes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditNotePage {
    /// In the order of issue.
    credit_notes: Vec<CreditNote>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What of a statement is not to be paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crediting {
    /// The line: a component, or the key of a cell; the whole statement where absent.
    #[schema(example = "resolutions")]
    line: Option<String>,
    /// Why, in words.
    #[schema(example = "an outage")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// A statement of which something was credited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditedStatement {
    /// The printed number.
    #[schema(example = "acme-0001")]
    statement: String,
    /// The keys of the cells of the lines; nothing for the whole statement.
    lines: Vec<String>,
    /// What the statement charged of it. The next statement gives back what of it is still charged.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    charged: Amount,
    /// Why.
    reason: String,
    /// Who approved it (a role).
    by: String,
}

impl From<Credited> for CreditedStatement {
    fn from(own: Credited) -> CreditedStatement {
        CreditedStatement {
            statement: own.statement,
            lines: own.lines,
            charged: own.charged,
            reason: own.reason,
            by: own.by,
        }
    }
}

/// Lists the credit notes of a customer.
#[utoipa::path(get, path = "/v1/customers/{customer}/credit-notes", tag = "credits", operation_id = "list_credit_notes",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = CreditNotePage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["credit-notes".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| Ok(app.book().credit_notes(&customer)?));
    let found = found.await?;
    let (credit_notes, next) = page_of(found, from, rows);
    let shown = CreditNotePage {
        credit_notes,
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One credit note.
#[utoipa::path(get, path = "/v1/customers/{customer}/credit-notes/{number}", tag = "credits", operation_id = "get_credit_note",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-C0001"),
    ),
    responses((status = 200, description = "It", body = CreditNote), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Json<CreditNote>, Problem> {
    let found = app.work(move |app| Ok(app.book().credit_note(&customer, &number)?));
    Ok(Json(found.await?))
}

/// Credits a statement, or a line of it.
///
/// A decision, no amount: the next statement gives back what of it is still charged, with a credit note.
#[utoipa::path(post, path = "/v1/customers/{customer}/statements/{number}/credit", tag = "credits", operation_id = "credit_statement",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
    ),
    request_body(content = Crediting, content_type = "application/json"),
    responses((status = 201, description = "What was decided", body = CreditedStatement),
        (status = 200, description = "It was decided by the same request before", body = CreditedStatement), Refusals))]
pub(crate) async fn credit(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path((customer, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<CreditedStatement>), Problem> {
    let sent: Crediting = body::json(&headers, body).await?;
    let credited = move |app: &App| {
        let id = key.id("credit-statement");
        let act = CreditStatement {
            customer: &customer,
            number: &number,
            line: sent.line.as_deref(),
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let credited = app
            .book()
            .credit_statement(&act, app.now())
            .map_err(of_act)?;
        Ok((done(credited.is_known), Json(credited.what.into())))
    };
    app.work(credited).await
}
