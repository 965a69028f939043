//! Settings: how the server is set up, keys, links, webhooks, budgets.
//!
//! Each form does what the API's route does, by the same function. What may be told once alone, a key or a secret, is
//! told to the session that made it, on the screen behind the redirect, and is nowhere else: so these forms are for who
//! has signed in ([`once`]).

mod budgets;
mod keys;
mod links;
mod overview;
mod webhooks;

use super::Screen;
use crate::access::Caller;
use crate::problem::{Code, Problem};

pub(super) fn screens() -> Vec<Screen> {
    [
        overview::screens(),
        keys::screens(),
        links::screens(),
        webhooks::screens(),
        budgets::screens(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Refuses to make a secret that nobody would be told.
fn once(caller: &Caller) -> Result<(), Problem> {
    match &caller.session {
        Some(_) => Ok(()),
        None => {
            let detail = "this is told to whoever has signed in; a program makes it by the API";
            Err(Problem::new(Code::Forbidden, detail))
        }
    }
}
