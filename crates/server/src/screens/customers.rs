//! Customers.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use pages::view::Step;
use serde::Deserialize;

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::Problem;

const LISTING: &[&str] = &["customers"];

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::CUSTOMERS, Permission::ReadCosts, get(list)),
        look("/customers/{customer}", Permission::ReadCosts, get(show)),
    ]
}

/// Where a listing goes on.
#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let after: Option<String> = Cursor::place(LISTING, asked.cursor.as_deref())?;
    let shown = move |app: &App| {
        let found = match &caller.customer {
            None => app.book().customers_after(after.as_deref(), PAGE_ROWS)?,
            Some(own) => app.book().only_customer(own)?,
        };
        let next = Cursor::next(LISTING, found.next);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::CUSTOMERS));
        let frame = frame(app, &caller, at::CUSTOMERS, "Customers", Vec::new());
        Ok(pages::screen::customers(
            &frame,
            &found.rows,
            next.as_deref(),
        ))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let overview = app.book().overview(&customer, app.now())?;
        let above = Step {
            name: "Customers".to_owned(),
            address: at::CUSTOMERS.to_owned(),
        };
        let frame = frame(app, &caller, at::CUSTOMERS, &overview.row.name, vec![above]);
        Ok(pages::screen::customer(&frame, &overview))
    };
    Ok(page(app.work(shown).await?))
}
