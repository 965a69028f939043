//! `/v1/customers`: who is in the book.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use pages::view::{Customer, CustomerRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::params::{Cursor, PageAsked, Params, page, page_rows};
use crate::precondition::tagged;
use crate::problem::{Problem, Refusals};

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPage {
    /// By id.
    customers: Vec<CustomerRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

const LISTING: &[&str] = &["customers"];

/// Lists customers.
///
/// A key of one customer is told of that one. What the seller-only log tells is shown to those who may read costs.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", operation_id = "list_customers",
    params(PageAsked),
    responses((status = 200, description = "A page", body = CustomerPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let after: Option<String> = Cursor::place(LISTING, asked.cursor.as_deref())?;
    let found = move |app: &App| {
        let mut found = match &caller.customer {
            None => app.book().customers_after(after.as_deref(), rows)?,
            Some(own) => app.book().only_customer(own)?,
        };
        for row in &mut found.rows {
            show_to(&caller, row);
        }
        Ok(found)
    };
    let found = app.work(found).await?;
    let shown = CustomerPage {
        customers: found.rows,
        next_cursor: Cursor::next(LISTING, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One customer.
///
/// Its logs' sizes, its contracts, what keeps a contract from governing, and entries that changed nothing.
#[utoipa::path(get, path = "/v1/customers/{customer}", tag = "customers", operation_id = "get_customer",
    params(("customer" = String, Path, description = "Its id", example = "acme")),
    responses((status = 200, description = "It, with an `ETag`", body = Customer),
        (status = 304, description = "It is as `If-None-Match` says"), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = move |app: &App| {
        let mut found = app.book().customer(&customer)?;
        show_to(&caller, &mut found.row);
        Ok(found)
    };
    tagged(&headers, &app.work(found).await?)
}

/// Leaves out what the caller may not know.
fn show_to(caller: &Caller, row: &mut CustomerRow) {
    if !caller.role.may(Permission::ReadCosts) {
        row.seller = None;
    }
}
