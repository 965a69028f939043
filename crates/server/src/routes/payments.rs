//! `/v1/customers/{customer}/payments` and `/write-offs`: what was paid, what it is for, what went back, what nobody
//! will pay.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{Acted, Allocate, For, GiveBack, GiveUp, PaidAt, Payment, VoidMoney};
use money::Amount;
use pages::view::json::Money;
use pages::view::{MoneyAct, SourceRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::body::{Allocation, Balance, OnAccount};
use work::limits::ALLOCATIONS_MAX;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_of, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{amount, done, refused_at, role, words};

/// A page of payments, and of credits that may be for statements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentPage {
    /// Payments by time, then credits in the order of issue.
    payments: Vec<SourceRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// So much for one statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// The printed number of the statement.
    #[schema(example = "acme-0001")]
    statement: String,
    /// How much, above zero, in the statement's currency: no more than is open.
    amount: Money,
}

/// A payment that is recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPayment {
    /// The printed number of the one statement that it is for, as far as that is open; the rest is on account.
    #[schema(example = "acme-0001")]
    statement: Option<String>,
    /// Instead of `statement`: the statements that it is for, by amounts; the rest is on account.
    allocations: Option<Vec<Part>>,
    /// Instead of both: for the statements that were due first first, as far as it goes.
    #[serde(default)]
    oldest_first: bool,
    /// How much, above zero.
    amount: Money,
    /// A day, as banks book payments, or an instant; now where absent.
    #[schema(example = "2026-02-20")]
    at: Option<String>,
    /// The bank's or the payer's reference. A payment with one is recorded once.
    #[schema(example = "INV-77")]
    reference: Option<String>,
}

/// Money on account that is for statements.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allocating {
    /// The payment whose rest it is, by its id.
    #[schema(example = "payment/INV-77")]
    payment: Option<String>,
    /// Or the credit, by the number of the credit note, or of the statement that comes to less than nothing.
    credit: Option<String>,
    /// The one statement that it is for: as much as is on account and open.
    #[schema(example = "acme-0001")]
    statement: Option<String>,
    /// Instead of `statement`: several, by amounts.
    allocations: Option<Vec<Part>>,
    /// Instead of both: the statements that were due first first.
    #[serde(default)]
    oldest_first: bool,
    /// Who decides it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Money on account that went back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refunding {
    /// The payment whose rest it was, by its id.
    #[schema(example = "payment/INV-77")]
    payment: Option<String>,
    /// Or the credit, by its number.
    credit: Option<String>,
    /// How much; all that is on account of it, where absent.
    amount: Option<Money>,
    /// A day or an instant; now where absent.
    #[schema(example = "2026-02-20")]
    at: Option<String>,
    /// The bank's reference. A refund with one is recorded once.
    #[schema(example = "R-78")]
    reference: Option<String>,
    /// Why.
    #[schema(example = "paid twice")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// An entry about money that was wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Voiding {
    /// The id of the payment, allocation, refund or write-off.
    #[schema(example = "payment/INV-77")]
    entry: String,
    /// Why.
    #[schema(example = "of another customer")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// A balance that is given up: one of `statement`, `payment`, `credit`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WritingOff {
    /// What is open of a statement, by its number.
    #[schema(example = "acme-0001")]
    statement: Option<String>,
    /// What is on account of a payment, by its id: it is not owed back any more.
    payment: Option<String>,
    /// What is on account of a credit, by its number.
    credit: Option<String>,
    /// How much; all of it, where absent.
    amount: Option<Money>,
    /// Why.
    #[schema(example = "bank fees")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Lists payments and credits, and what became of each.
#[utoipa::path(get, path = "/v1/customers/{customer}/payments", tag = "payments", operation_id = "list_payments",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = PaymentPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["payments".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| Ok(app.book().payments(&customer)?));
    let (payments, next) = page_of(found.await?, from, rows);
    let shown = PaymentPage {
        payments,
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// Records a payment.
#[utoipa::path(post, path = "/v1/customers/{customer}/payments", tag = "payments", operation_id = "record_payment",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewPayment, content_type = "application/json"),
    responses((status = 201, description = "The payment", body = MoneyAct),
        (status = 200, description = "It was recorded before", body = MoneyAct), Refusals))]
pub(crate) async fn record(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MoneyAct>), Problem> {
    let sent: NewPayment = body::json(&headers, body).await?;
    let acted = move |app: &App| {
        let id = key.id("payment");
        let parts = parts(sent.allocations.as_deref())?;
        let act = Payment {
            customer: &customer,
            amount: amount("/amount", &sent.amount)?,
            of: of(
                sent.statement.as_deref(),
                parts.as_deref(),
                sent.oldest_first,
            )?,
            at: at(sent.at.as_deref())?,
            reference: sent.reference.as_deref(),
            id: id.as_deref(),
        };
        Ok(told(app.book().pay(&act, app.now()).map_err(of_act)?))
    };
    app.work(acted).await
}

/// Allocates money on account to statements.
#[utoipa::path(post, path = "/v1/customers/{customer}/payments/allocate", tag = "payments", operation_id = "allocate_payment",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Allocating, content_type = "application/json"),
    responses((status = 201, description = "What it is for now", body = MoneyAct),
        (status = 200, description = "It was done by the same request before", body = MoneyAct), Refusals))]
pub(crate) async fn allocate(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MoneyAct>), Problem> {
    let sent: Allocating = body::json(&headers, body).await?;
    let acted = move |app: &App| {
        let id = key.id("allocate");
        let parts = parts(sent.allocations.as_deref())?;
        let of = of(
            sent.statement.as_deref(),
            parts.as_deref(),
            sent.oldest_first,
        )?;
        if of == For::OnAccount {
            let detail = "say what it is for: `statement`, `allocations` or `oldest_first`";
            return Err(refused_at("/statement", detail));
        }
        let act = Allocate {
            customer: &customer,
            from: &from(sent.payment, sent.credit)?,
            of,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        Ok(told(app.book().allocate(&act, app.now()).map_err(of_act)?))
    };
    app.work(acted).await
}

/// Records that money on account went back to the customer.
#[utoipa::path(post, path = "/v1/customers/{customer}/payments/refund", tag = "payments", operation_id = "refund_payment",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Refunding, content_type = "application/json"),
    responses((status = 201, description = "The refund", body = MoneyAct),
        (status = 200, description = "It was recorded before", body = MoneyAct), Refusals))]
pub(crate) async fn refund(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MoneyAct>), Problem> {
    let sent: Refunding = body::json(&headers, body).await?;
    let acted = move |app: &App| {
        let id = key.id("refund");
        let act = GiveBack {
            customer: &customer,
            from: &from(sent.payment, sent.credit)?,
            amount: maybe_amount(sent.amount.as_ref())?,
            at: at(sent.at.as_deref())?,
            reference: sent.reference.as_deref(),
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        Ok(told(app.book().refund(&act, app.now()).map_err(of_act)?))
    };
    app.work(acted).await
}

/// Voids an entry about money that was wrong.
///
/// A payment is voided with all that names it, but not while a refund of it stands. Then its statement may be voided.
#[utoipa::path(post, path = "/v1/customers/{customer}/payments/void", tag = "payments", operation_id = "void_payment",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Voiding, content_type = "application/json"),
    responses((status = 201, description = "The void", body = MoneyAct),
        (status = 200, description = "It was voided before", body = MoneyAct), Refusals))]
pub(crate) async fn void(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MoneyAct>), Problem> {
    let sent: Voiding = body::json(&headers, body).await?;
    let acted = move |app: &App| {
        let id = key.id("void-payment");
        let act = VoidMoney {
            customer: &customer,
            entry: &sent.entry,
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let done = app.book().void_money(&act, app.now());
        Ok(told(done.map_err(of_act)?))
    };
    app.work(acted).await
}

/// Writes off what is open of a statement, or what is on account.
#[utoipa::path(post, path = "/v1/customers/{customer}/write-offs", tag = "payments", operation_id = "write_off",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = WritingOff, content_type = "application/json"),
    responses((status = 201, description = "The write-off", body = MoneyAct),
        (status = 200, description = "It was done by the same request before", body = MoneyAct), Refusals))]
pub(crate) async fn write_off(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MoneyAct>), Problem> {
    let sent: WritingOff = body::json(&headers, body).await?;
    let acted = move |app: &App| {
        let id = key.id("write-off");
        let of = match (sent.statement, sent.payment, sent.credit) {
            (Some(number), None, None) => Balance::Statement(number),
            (None, payment, credit) => Balance::OnAccount(from(payment, credit)?),
            _ => return Err(refused_at("/statement", "name one balance")),
        };
        let act = GiveUp {
            customer: &customer,
            of: &of,
            amount: maybe_amount(sent.amount.as_ref())?,
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        Ok(told(app.book().write_off(&act, app.now()).map_err(of_act)?))
    };
    app.work(acted).await
}

fn told(acted: Acted<MoneyAct>) -> (StatusCode, Json<MoneyAct>) {
    (done(acted.is_known), Json(acted.what))
}

fn at(text: Option<&str>) -> Result<Option<PaidAt>, Problem> {
    let detail =
        "it is neither a day such as 2026-02-20 nor an instant such as 2026-02-20T09:30:00Z";
    let parse = |text: &str| text.parse().map_err(|_| refused_at("/at", detail));
    text.map(parse).transpose()
}

fn maybe_amount(sent: Option<&Money>) -> Result<Option<Amount>, Problem> {
    sent.map(|own| amount("/amount", own)).transpose()
}

fn from(payment: Option<String>, credit: Option<String>) -> Result<OnAccount, Problem> {
    match (payment, credit) {
        (Some(id), None) => Ok(OnAccount::Payment(id)),
        (None, Some(number)) => Ok(OnAccount::Credit(number)),
        _ => Err(refused_at("/payment", "name one: `payment` or `credit`")),
    }
}

fn parts(sent: Option<&[Part]>) -> Result<Option<Vec<Allocation>>, Problem> {
    let Some(sent) = sent else {
        return Ok(None);
    };
    if !(1..=ALLOCATIONS_MAX).contains(&sent.len()) {
        let detail = format!("there are 1 to {ALLOCATIONS_MAX} parts");
        return Err(refused_at("/allocations", detail));
    }
    let mut parts: Vec<Allocation> = Vec::with_capacity(sent.len());
    for (index, own) in sent.iter().enumerate() {
        let at = |member| format!("/allocations/{index}/{member}");
        let part = Allocation {
            statement: own.statement.clone(),
            amount: amount(&at("amount"), &own.amount)?,
        };
        if part.amount.is_zero() || part.amount.is_negative() {
            return Err(refused_at(&at("amount"), "a part is above zero"));
        }
        if parts.iter().any(|known| known.statement == part.statement) {
            return Err(refused_at(&at("statement"), "it stands in the parts twice"));
        }
        parts.push(part);
    }
    Ok(Some(parts))
}

fn of<'a>(
    statement: Option<&'a str>,
    parts: Option<&'a [Allocation]>,
    oldest_first: bool,
) -> Result<For<'a>, Problem> {
    match (statement, parts, oldest_first) {
        (Some(number), None, false) => Ok(For::Statement(number)),
        (None, Some(parts), false) => Ok(For::Parts(parts)),
        (None, None, true) => Ok(For::OldestDueFirst),
        (None, None, false) => Ok(For::OnAccount),
        _ => {
            let detail = "say one of `statement`, `allocations` and `oldest_first`";
            Err(refused_at("/statement", detail))
        }
    }
}
