//! What the buyer contests.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::portal::{self, at};
use pages::view::DisputesOf;
use serde::Deserialize;

use super::frame::frame;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::Problem;
use crate::screens::{Screen, look};

pub(super) fn screens() -> Vec<Screen> {
    vec![look(at::DISPUTES, Needs::Key(Permission::Read), get(list))]
}

/// Which of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    open: Option<bool>,
    cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        app.book().chosen(Some(&customer))?;
        let which = asked.open.map_or(String::new(), |own| own.to_string());
        let listing = ["the buyer's disputes", &customer, &which];
        let from = Cursor::place(&listing, asked.cursor.as_deref())?;
        let found = app.book();
        let found = found.disputes(&customer, asked.open, (from, PAGE_ROWS), app.now())?;
        let next = Cursor::next(&listing, found.next).map(|cursor| {
            let open = asked
                .open
                .map_or(String::new(), |own| format!("open={own}&"));
            format!("{}?{open}cursor={cursor}", at::of(at::DISPUTES, &customer))
        });
        let frame = frame(
            app,
            &caller,
            &customer,
            (at::DISPUTES, "Disputes"),
            Vec::new(),
        );
        let found = DisputesOf {
            customer,
            open: asked.open,
            rows: found.rows,
        };
        Ok(portal::disputes(&frame, &found, next.as_deref()))
    };
    Ok(page(app.work(shown).await?))
}
