//! `/v1/customers/{customer}/disputes`: works that the buyer contests.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use pages::view::DisputeRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::params::{Cursor, Params, page, page_rows};
use crate::problem::{Problem, Refusals};

/// Which disputes are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
    /// Those that are open, or those that are decided.
    #[param(example = true)]
    open: Option<bool>,
}

/// A page of disputes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputePage {
    /// In an order that does not change. A page may have fewer rows than asked for, or none, and still not be
    /// the last.
    disputes: Vec<DisputeRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists disputes.
#[utoipa::path(get, path = "/v1/customers/{customer}/disputes", tag = "disputes", operation_id = "list_disputes",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = DisputePage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let open = asked.open.map_or(String::new(), |own| own.to_string());
    let listing = ["disputes".to_owned(), customer.clone(), open];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from = Cursor::place(&listing, asked.cursor.as_deref())?;
    let found = move |app: &App| {
        app.book().chosen(Some(&customer))?;
        let (open, from) = (asked.open, (from, rows));
        Ok(app.book().disputes(&customer, open, from, app.now())?)
    };
    let found = app.work(found).await?;
    let shown = DisputePage {
        disputes: found.rows,
        next_cursor: Cursor::next(&listing, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}
