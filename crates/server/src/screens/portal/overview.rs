//! The first page of the portal.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use pages::screen::portal::{self, at};

use super::budget;
use super::frame::frame;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::{Screen, look};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::PORTAL, read, get(own)),
        look(at::OVERVIEW, read, get(show)),
    ]
}

/// Leads whoever knows one customer to its portal.
async fn own(caller: Caller) -> Result<Response, Problem> {
    let customer = caller.customer.ok_or_else(|| {
        let detail = "you know all customers: a customer's portal is at /portal/ and its id";
        Problem::new(Code::NotFound, detail)
    })?;
    let next = at::of(at::OVERVIEW, &customer);
    let headers = [
        (header::LOCATION, next),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = budget::opened(app, &caller)?;
        one(app, &caller, &customer, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

/// The page, with the form of the budget where the caller may set one.
pub(super) fn one(
    app: &App,
    caller: &Caller,
    customer: &String,
    entry: Option<&pages::view::Entry>,
) -> Result<String, Problem> {
    let shown = app.book().overview(customer, app.now())?;
    let title = (at::OVERVIEW, shown.row.name.as_str());
    let frame = frame(app, caller, customer, title, Vec::new());
    Ok(portal::overview(&frame.with(entry), &shown, entry))
}
