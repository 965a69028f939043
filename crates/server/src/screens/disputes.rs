//! Works that a buyer contests: read only.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use pages::view::{DisputesOf, Narrowing};
use serde::Deserialize;

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::Problem;

pub(super) fn screens() -> Vec<Screen> {
    vec![look(
        at::DISPUTES,
        Needs::Key(Permission::ReadCosts),
        get(list),
    )]
}

/// Whose, and which. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    customer: String,
    open: Option<bool>,
    cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let named = Some(asked.customer.clone()).filter(|own| !own.is_empty());
    let customer = named.or_else(|| caller.customer.clone());
    if let Some(customer) = &customer {
        caller.require(customer)?;
    }
    let shown = move |app: &App| {
        let narrowing = [Narrowing {
            name: "customer",
            label: "Customer, by id",
            placeholder: "acme",
            value: customer.clone().unwrap_or_default(),
        }];
        let frame = frame(app, &caller, at::DISPUTES, "Disputes", Vec::new());
        let Some(customer) = customer else {
            return Ok(pages::screen::disputes(&frame, &narrowing, None, None));
        };
        app.book().chosen(Some(&customer))?;
        let which = asked.open.map_or(String::new(), |own| own.to_string());
        let listing = ["disputes", &customer, &which];
        let from = Cursor::place(&listing, asked.cursor.as_deref())?;
        let found = app.book();
        let found = found.disputes(&customer, asked.open, (from, PAGE_ROWS), app.now())?;
        let next = Cursor::next(&listing, found.next);
        let next = next.map(|cursor| {
            let own = at::disputes(&customer, asked.open);
            format!("{own}&cursor={cursor}")
        });
        let found = DisputesOf {
            customer,
            open: asked.open,
            rows: found.rows,
        };
        let next = next.as_deref();
        Ok(pages::screen::disputes(
            &frame,
            &narrowing,
            Some(&found),
            next,
        ))
    };
    Ok(page(app.work(shown).await?))
}
