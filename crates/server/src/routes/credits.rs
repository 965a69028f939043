//! `/v1/customers/{customer}/credits` and `/payments`: what was given, and what was paid.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use pages::view::{CreditRow, PaymentRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

/// Lists the credits that were given.
#[utoipa::path(get, path = "/v1/customers/{customer}/credits", tag = "credits", operation_id = "list_credits",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = CreditPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
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
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = PaymentPage), Refusals))]
pub(crate) async fn payments(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
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
