//! The customers' shared logs.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use pages::view::{CustomerRow, LogRow};
use tlog::Checkpoint;
use work::LogKind;

use super::frame::frame;
use super::listing::From;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::{Code, Problem};

const LISTING: &[&str] = &["logs"];

pub(super) fn screens() -> Vec<Screen> {
    vec![look(at::LOGS, Needs::Key(Permission::ReadCosts), get(list))]
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
        let rows = found.rows.into_iter().map(|own| row(app, own));
        let rows = rows.collect::<Result<Vec<_>, Problem>>()?;
        let next = Cursor::next(LISTING, found.next);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::LOGS));
        let frame = frame(app, &caller, at::LOGS, "Logs", Vec::new());
        Ok(pages::screen::logs(&frame, &rows, next.as_deref()))
    };
    Ok(page(app.work(shown).await?))
}

fn row(app: &App, own: CustomerRow) -> Result<LogRow, Problem> {
    let book = app.book();
    let head = book.signed_head(&own.customer, LogKind::Shared, u64::MAX)?;
    let head = head.map(|note| note.text().parse::<Checkpoint>());
    let head = head.transpose().map_err(|error| {
        tracing::error!(%error, "a kept head cannot be read");
        Problem::new(Code::Internal, "a kept head cannot be read")
    })?;
    Ok(LogRow {
        origin: book.origin(&own.customer)?,
        customer: own.customer,
        name: own.name,
        entries: own.shared_entries,
        signed: head.map(|head| head.size()),
    })
}
