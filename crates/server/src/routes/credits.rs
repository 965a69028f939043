//! `/v1/customers/{customer}/credits` and `/payments`: what was given, and what was paid.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{Credit, Payment};
use jiff::Timestamp;
use money::Amount;
use pages::view::json::{self, Money};
use pages::view::{CreditRow, PaymentRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{amount, done, refused_at, role, words};

/// A page of credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditPage {
    /// In the order of the log.
    credits: Vec<CreditRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A page of payments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentPage {
    /// In the order of the log.
    payments: Vec<PaymentRow>,
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

/// A payment that is recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPayment {
    /// The printed number of the statement paid.
    #[schema(example = "acme-0001")]
    statement: String,
    /// How much, above zero, in the statement's currency. It may be more than is open.
    amount: Money,
    /// A day, as banks book payments, or an instant; now where absent.
    #[schema(example = "2026-02-20")]
    at: Option<String>,
    /// The bank's or the payer's reference. A payment with one is recorded once.
    #[schema(example = "INV-77")]
    reference: Option<String>,
}

/// A payment that was recorded, and what the statement stands at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paid {
    /// The printed number of the statement paid.
    statement: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    amount: Amount,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// The bank's or the payer's reference.
    reference: Option<String>,
    /// What the statement charges.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    total: Amount,
    /// What is still to be paid of it; below zero where more was paid.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    balance: Amount,
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

/// Lists the payments that were recorded.
#[utoipa::path(get, path = "/v1/customers/{customer}/payments", tag = "payments", operation_id = "list_payments",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = PaymentPage), Refusals))]
pub(crate) async fn payments(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["payments".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| Ok(app.book().payments(&customer, (from, rows))?));
    let found = found.await?;
    let shown = PaymentPage {
        payments: found.rows,
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

/// Records a payment on a statement.
#[utoipa::path(post, path = "/v1/customers/{customer}/payments", tag = "payments", operation_id = "record_payment",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewPayment, content_type = "application/json"),
    responses((status = 201, description = "The payment", body = Paid),
        (status = 200, description = "It was recorded before", body = Paid), Refusals))]
pub(crate) async fn pay(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Paid>), Problem> {
    let sent: NewPayment = body::json(&headers, body).await?;
    let paid = move |app: &App| {
        let id = key.id("payment");
        let at = match sent.at.as_deref().map(str::parse).transpose() {
            Ok(at) => at,
            Err(_) => {
                let detail = "it is neither a day such as 2026-02-20 nor an instant such as 2026-02-20T09:30:00Z";
                return Err(refused_at("/at", detail));
            }
        };
        let act = Payment {
            customer: &customer,
            statement: &sent.statement,
            amount: amount("/amount", &sent.amount)?,
            at,
            reference: sent.reference.as_deref(),
            id: id.as_deref(),
        };
        let paid = app.book().pay(&act, app.now()).map_err(of_act)?;
        let shown = Paid {
            statement: paid.what.statement,
            amount: paid.what.amount,
            time: paid.what.at,
            reference: paid.what.reference,
            total: paid.what.total,
            balance: paid.what.balance,
        };
        Ok((done(paid.is_known), Json(shown)))
    };
    app.work(paid).await
}
