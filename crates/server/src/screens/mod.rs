//! Pages for people who signed in: thin readers of the book, and forms that do what the API does.
//!
//! The seller's screens need [`Permission::ReadCosts`](crate::access::Permission::ReadCosts) or more, which no buyer has; a buyer's are under `/portal/`
//! and read nothing but the shared log. Invariants: what a form changes goes through the same function of the book
//! as the API's route; a refusal is a page too; nothing here is in the API's document.

// A form's act takes a reference to what its address names, whatever that is (`form::Act`).
#![allow(clippy::ptr_arg)]

mod approvals;
mod billing;
mod checks;
mod contracts;
mod customers;
mod definitions;
mod disputes;
mod events;
mod form;
mod frame;
mod home;
mod listing;
mod logs;
mod margin;
mod plans;
mod portal;
mod quotes;
mod refusal;
mod renewal;
mod settings;
mod statements;
mod verify;
mod waiting;
mod works;

use axum::http::Method;
use axum::routing::MethodRouter;

use crate::api::Needs;
use crate::app::App;

pub(crate) use frame::places;
pub(crate) use home::home;
pub(crate) use refusal::{refusals_as_pages, wrong_address};

/// A screen, or what a form of one does.
pub(crate) struct Screen {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) handler: MethodRouter<App>,
}

/// All of them, in the order of the data.
pub(crate) fn all() -> Vec<Screen> {
    [
        customers::screens(),
        works::screens(),
        statements::screens(),
        billing::screens(),
        renewal::screens(),
        contracts::screens(),
        checks::screens(),
        quotes::screens(),
        plans::screens(),
        definitions::screens(),
        disputes::screens(),
        approvals::screens(),
        margin::screens(),
        logs::screens(),
        events::screens(),
        waiting::screens(),
        settings::screens(),
        verify::screens(),
        portal::screens(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a form of a screen does.
fn act(path: &'static str, needs: Needs, handler: MethodRouter<App>) -> Screen {
    Screen {
        method: Method::POST,
        path,
        needs,
        handler,
    }
}

/// A screen that is looked at.
fn look(path: &'static str, needs: Needs, handler: MethodRouter<App>) -> Screen {
    Screen {
        method: Method::GET,
        path,
        needs,
        handler,
    }
}
