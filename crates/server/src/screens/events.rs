//! Refused events that wait, and costs of nobody.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use pages::screen::at;
use pages::view::RefusedRow;
use store::operations::{RefusedEvent, RefusedFilter, RefusedState};
use work::event::UNASSIGNED;

use super::frame::frame;
use super::listing::From;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::Problem;

const LISTING: &[&str] = &["refused events that wait"];

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(Permission::ReadCosts);
    vec![look(at::EVENTS, needs, get(list))]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let after: Option<u64> = Cursor::place(LISTING, asked.cursor.as_deref())?;
    let shown = move |app: &App| {
        let now = app.now();
        let waiting = RefusedFilter {
            customer: caller.customer.clone(),
            state: Some(RefusedState::Waiting),
            until: None,
        };
        let operations = app.store().operations();
        // One further, to know whether there are more.
        let mut found = operations.refused_events(&waiting, after.unwrap_or(0), PAGE_ROWS + 1)?;
        let is_more = found.len() > PAGE_ROWS;
        found.truncate(PAGE_ROWS);
        let last = found.last().filter(|_| is_more).map(|own| own.number);
        let next = Cursor::next(LISTING, last);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::EVENTS));
        let costs = match &caller.customer {
            None => {
                let waiting = app.store().waiting(Some(UNASSIGNED), now)?;
                Some(waiting.unassigned.iter().sum())
            }
            Some(_) => None,
        };
        let rows: Vec<_> = found.into_iter().map(|own| row(own, now)).collect();
        let frame = frame(app, &caller, at::EVENTS, "What waits", Vec::new());
        Ok(pages::screen::events(&frame, &rows, next.as_deref(), costs))
    };
    Ok(page(app.work(shown).await?))
}

fn row(own: RefusedEvent, now: Timestamp) -> RefusedRow {
    let age = now.duration_since(own.received_at).as_secs() / 60;
    RefusedRow {
        id: own.id,
        received_at: own.received_at,
        // A clock that was set back makes nothing negative.
        age_minutes: u64::try_from(age).unwrap_or(0),
        deliveries: own.deliveries,
        customer: own.refusal.customer,
        source: own.refusal.source,
        pointer: own.refusal.pointer,
        reason: own.refusal.reason,
    }
}
