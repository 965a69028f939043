//! `/v1/customers/{customer}/credits`: what was given.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::Credit;
use money::Amount;
use pages::view::CreditRow;
use pages::view::json::{self, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{amount, done, role, words};

/// A page of credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditPage {
    /// In the order of the log.
    credits: Vec<CreditRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A credit that is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredit {
    /// The contract; the only one where absent.
    #[schema(example = "acme-2026")]
    contract: Option<String>,
    /// How much, above zero, in the contract's currency.
    amount: Money,
    /// Why.
    #[schema(example = "the outage of 12 January")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "cs-lead")]
    by: String,
}

/// A credit that was given. The next statement states it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Given {
    /// The contract.
    contract: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    amount: Amount,
    /// Why.
    reason: String,
    /// Who approved it (a role).
    by: String,
}

/// Lists the credits that were given.
#[utoipa::path(get, path = "/v1/customers/{customer}/credits", tag = "credits", operation_id = "list_credits",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = CreditPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["credits".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| Ok(app.book().credits(&customer, (from, rows))?));
    let found = found.await?;
    let shown = CreditPage {
        credits: found.rows,
        next_cursor: Cursor::next(&listing, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// Gives a credit.
#[utoipa::path(post, path = "/v1/customers/{customer}/credits", tag = "credits", operation_id = "give_credit",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewCredit, content_type = "application/json"),
    responses((status = 201, description = "The credit", body = Given),
        (status = 200, description = "It was given by the same request before", body = Given), Refusals))]
pub(crate) async fn give(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Given>), Problem> {
    let sent: NewCredit = body::json(&headers, body).await?;
    let given = move |app: &App| {
        let id = key.id("credit");
        let act = Credit {
            customer: &customer,
            contract: sent.contract.as_deref(),
            amount: amount("/amount", &sent.amount)?,
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let given = app.book().credit(&act, app.now()).map_err(of_act)?;
        let shown = Given {
            contract: given.what.contract,
            amount: given.what.amount,
            reason: given.what.reason,
            by: given.what.by,
        };
        Ok((done(given.is_known), Json(shown)))
    };
    app.work(given).await
}
