//! Statements that were issued.
//!
//! Each folds the account of one customer, which the book keeps for the next reader.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use pages::screen::at;
use pages::view::{Entry, Step};
use serde::Deserialize;

use super::billing;
use super::form::opened_of;
use super::frame::{frame, of_customer};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, page_of};
use crate::problem::Problem;
use crate::routes::statements::row;

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::STATEMENTS, needs, get(list)),
        look(at::STATEMENT, needs, get(show)),
        act(
            at::STATEMENT,
            Needs::Key(Permission::Bill),
            post(billing::act_on),
        ),
        look(at::BRIDGE, needs, get(bridge)),
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
    Path(customer): Path<String>,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let listing = ["statements", &customer];
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let shown = move |app: &App| {
        let found = app.book().statements(&customer)?;
        let (rows, next) = page_of(found, from, PAGE_ROWS);
        // The latest covers stand above the first page.
        let mut covers = match from {
            0 => app.book().covers(&customer)?,
            _ => Vec::new(),
        };
        covers.drain(..covers.len().saturating_sub(PAGE_ROWS));
        let next = Cursor::next(&["statements", &customer], next);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::statements(&customer)));
        let frame = frame(
            app,
            &caller,
            at::CUSTOMERS,
            "Statements",
            of_customer(app, &customer),
        );
        Ok(pages::screen::statements(
            &frame,
            &customer,
            (&covers, &rows),
            next.as_deref(),
        ))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened_of(app, &caller, Permission::Bill, &of.0)?;
        one(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

/// A statement, with what its forms begin with.
pub(super) fn one(
    app: &App,
    caller: &Caller,
    (customer, number): &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let statement = app.book().issued(customer, number)?;
    let row = row(app, customer, number)?;
    let mut trail = of_customer(app, customer);
    trail.push(all(customer));
    let title = format!("Statement {number}");
    let frame = frame(app, caller, at::CUSTOMERS, &title, trail).with(entry);
    Ok(pages::screen::statement(
        &frame, customer, &row, &statement, entry,
    ))
}

async fn bridge(
    State(app): State<App>,
    caller: Caller,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let bridge = app.book().bridge(&customer, &number)?;
        let mut trail = of_customer(app, &customer);
        trail.push(all(&customer));
        trail.push(Step {
            address: at::statement(&customer, &number),
            name: number.clone(),
        });
        let title = format!("Bridge to statement {number}");
        let frame = frame(app, &caller, at::CUSTOMERS, &title, trail);
        Ok(pages::screen::bridge(&frame, &bridge))
    };
    Ok(page(app.work(shown).await?))
}

/// The screen of all statements of a customer.
pub(super) fn all(customer: &str) -> Step {
    Step {
        name: "Statements".to_owned(),
        address: at::statements(customer),
    }
}
