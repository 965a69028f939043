//! `/v1/stripe`: what of issued statements and covers is at Stripe, and what keeps the rest.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use store::operations::{DocumentState, StripeFilter};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Problem, Written};
use crate::stripe::{ShownDocument, documents};

/// A page of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StripePage {
    /// Whether this server speaks to Stripe.
    is_enabled: bool,
    /// In the order in which they were issued and voided.
    documents: Vec<ShownDocument>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which documents are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Of this customer.
    #[param(example = "acme")]
    customer: Option<String>,
    /// In this state: `new`, `open`, `done`, `person` or `withdrawn`.
    #[param(example = "person")]
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// Lists what Stripe was asked for issued and voided statements and covers, and what became of it.
#[utoipa::path(get, path = "/v1/stripe", tag = "stripe", operation_id = "list_stripe",
    params(Asked),
    responses(
        (status = 200, description = "A page", body = StripePage),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let state = match asked.state.as_deref() {
        None => None,
        Some(word) => Some(DocumentState::of_word(word).ok_or_else(|| {
            refused(
                "state",
                "it is one of new, open, done, person and withdrawn",
            )
        })?),
    };
    let listing = [
        "stripe",
        asked.customer.as_deref().unwrap_or_default(),
        asked.state.as_deref().unwrap_or_default(),
    ];
    let after = match &asked.cursor {
        None => 0,
        Some(cursor) => {
            let place = Cursor::read(&listing, cursor)?;
            place
                .parse()
                .map_err(|_| refused("cursor", "it names no place"))?
        }
    };
    let customer = asked.customer.clone();
    let found = move |app: &App| {
        let filter = StripeFilter {
            customer: customer.as_deref(),
            state,
            after,
        };
        Ok(documents(app, &filter, rows + 1)?)
    };
    let mut found = app.work(found).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| is_more);
    let next_cursor = last.map(|(number, _)| Cursor::write(&listing, &number.to_string()));
    let shown = StripePage {
        is_enabled: app.stripe().is_some(),
        documents: found.into_iter().map(|(_, own)| own).collect(),
        next_cursor,
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}
