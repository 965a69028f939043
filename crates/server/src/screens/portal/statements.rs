//! Statements for the buyer. Each folds the account of its customer, which the book keeps for the next reader.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::portal::{self, at};
use pages::view::Step;

use super::frame::{above, frame};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, page_of};
use crate::problem::Problem;
use crate::routes::statements::row;
use crate::screens::listing::From;
use crate::screens::{Screen, look};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::STATEMENTS, read, get(list)),
        look(at::SO_FAR, read, get(so_far)),
        look(
            at::STATEMENT,
            Needs::Key(Permission::ReadStatement),
            get(show),
        ),
        look(at::BRIDGE, read, get(bridge)),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let listing = ["the buyer's statements", &customer];
        let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
        let (rows, next) = page_of(app.book().statements(&customer)?, from, PAGE_ROWS);
        let next = Cursor::next(&listing, next);
        let next =
            next.map(|cursor| format!("{}?cursor={cursor}", at::of(at::STATEMENTS, &customer)));
        let title = (at::STATEMENTS, "Statements");
        let frame = frame(app, &caller, &customer, title, Vec::new());
        Ok(portal::statements(
            &frame,
            &customer,
            &rows,
            next.as_deref(),
        ))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let statement = app.book().issued(&customer, &number)?;
        let row = row(app, &customer, &number)?;
        let sees_all = caller.may(Permission::Read);
        let trail = if sees_all {
            above("Statements", at::STATEMENTS, &customer)
        } else {
            Vec::new()
        };
        let title = format!("Statement {number}");
        let frame = frame(app, &caller, &customer, (at::STATEMENTS, &title), trail);
        Ok(portal::statement(
            &frame, &customer, &row, &statement, sees_all,
        ))
    };
    Ok(page(app.work(shown).await?))
}

async fn so_far(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let drafts = app.book().so_far(&customer, app.now())?;
        let trail = above("Statements", at::STATEMENTS, &customer);
        let frame = frame(
            app,
            &caller,
            &customer,
            (at::STATEMENTS, "The period so far"),
            trail,
        );
        Ok(portal::so_far(&frame, &drafts))
    };
    Ok(page(app.work(shown).await?))
}

async fn bridge(
    State(app): State<App>,
    caller: Caller,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let bridge = app.book().bridge(&customer, &number)?;
        let mut trail = above("Statements", at::STATEMENTS, &customer);
        trail.push(Step {
            address: at::statement(at::STATEMENT, &customer, &number),
            name: number.clone(),
        });
        let title = format!("Bridge to statement {number}");
        let frame = frame(app, &caller, &customer, (at::STATEMENTS, &title), trail);
        Ok(pages::screen::bridge(&frame, &bridge))
    };
    Ok(page(app.work(shown).await?))
}
