//! `piecework refused`: events that the server refused, while no server has the book.

use anyhow::{Context as _, Result};
use server::access::{Caller, Role};
use server::repair::{Shown, dismiss, find, send_again};
use store::operations::{RefusedFilter, RefusedState};

use super::serve::app;
use crate::Done;
use crate::cli::{DismissRefused, ListRefused, OneRefused, RefusedCommand, ResendRefused};
use crate::context::Context;
use crate::output::table;

/// Events that are listed; the rest is counted as more.
const LISTED_MAX: usize = 1_000;

/// Runs the command.
pub fn run(context: &Context, command: &RefusedCommand) -> Result<Done> {
    match command {
        RefusedCommand::List(args) => list(context, args),
        RefusedCommand::Show(args) => show(context, args),
        RefusedCommand::Resend(args) => resend(context, args),
        RefusedCommand::Dismiss(args) => dismissed(context, args),
    }
}

fn list(context: &Context, args: &ListRefused) -> Result<Done> {
    let filter = RefusedFilter {
        customer: args.customer.clone(),
        state: (!args.all).then_some(RefusedState::Waiting),
        until: None,
    };
    let book = context.book()?;
    let operations = book.store.operations();
    let mut found = operations.refused_events(&filter, 0, LISTED_MAX + 1)?;
    let is_more = found.len() > LISTED_MAX;
    found.truncate(LISTED_MAX);
    let shown: Vec<Shown> = found.into_iter().map(|own| Shown::of(own, false)).collect();
    context.out.value(&shown, |rows| {
        let rows = rows.iter().map(|own| {
            vec![
                own.id.clone(),
                own.state.to_owned(),
                own.received_at.to_string(),
                own.customer.clone().unwrap_or_default(),
                own.source.clone().unwrap_or_default(),
                own.pointer.clone(),
                own.reason.clone(),
            ]
        });
        let titles = [
            "id", "state", "received", "customer", "source", "at", "reason",
        ];
        let mut lines = vec![table(&titles, rows)];
        if is_more {
            lines.push(format!(
                "and more than these {LISTED_MAX}; a server lists all"
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

fn show(context: &Context, args: &OneRefused) -> Result<Done> {
    let app = app(context, None)?;
    tell(context, &Shown::of(find(&app, None, &args.id)?, true))
}

fn resend(context: &Context, args: &ResendRefused) -> Result<Done> {
    let repaired = match &args.repaired {
        None => None,
        Some(path) => {
            let read = std::fs::read(path);
            Some(read.with_context(|| format!("cannot read {}", path.display()))?)
        }
    };
    let app = app(context, None)?;
    let found = find(&app, None, &args.id)?;
    let resent = send_again(&app, &operator(&args.by), &found, repaired)?;
    context.out.value(&resent, |own| vec![own.in_words()])?;
    Ok(Done::Well)
}

fn dismissed(context: &Context, args: &DismissRefused) -> Result<Done> {
    let app = app(context, None)?;
    let dismissed = dismiss(&app, &operator(&args.by), &args.id, &args.reason)?;
    tell(context, &Shown::of(dismissed, true))
}

/// Whoever has the book may do what an operator may.
fn operator(name: &str) -> Caller {
    Caller {
        key: name.to_owned(),
        role: Role::Operator,
        customer: None,
        statement: None,
        is_of_link: false,
        session: None,
    }
}

fn tell(context: &Context, own: &Shown) -> Result<Done> {
    context.out.value(own, |own| {
        let mut lines = vec![
            format!(
                "{} of {}, arrived {}",
                own.state, own.route, own.received_at
            ),
            format!("{}: {}", own.pointer, own.reason),
        ];
        if let Some(decision) = &own.decision {
            let by = &decision.by;
            lines.push(format!(
                "{} by {by} at {}: {}",
                own.state, decision.at, decision.why
            ));
        }
        lines.extend(own.text.clone());
        if own.is_cut {
            lines.push(format!("only the beginning of {} bytes is kept", own.bytes));
        }
        lines
    })?;
    Ok(Done::Well)
}
