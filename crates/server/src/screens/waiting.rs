//! What waits, acted on: a refused event repaired or dismissed, a cost of nobody assigned.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use pages::screen::at;
use pages::view::{Entry, RefusedOne, Step, UnassignedCost};
use store::assignment::{self, Assignment, AssignmentError};
use work::Event;
use work::body::Body;
use work::event::UNASSIGNED;

use super::form::{Became, Form, no_such_act, opened, submitted};
use super::frame::frame;
use super::listing::From;
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::{Code, Problem};
use crate::repair::{Shown, dismiss, find, send_again};
use crate::sent::{refused_at, words};

const LISTING: [&str; 1] = ["costs of nobody"];

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::REFUSED_EVENT, read, get(show)),
        act(
            at::REFUSED_EVENT,
            Needs::Key(Permission::Administer),
            post(decide),
        ),
        look(at::UNASSIGNED_COSTS, read, get(costs)),
        act(
            at::UNASSIGNED_COSTS,
            Needs::Key(Permission::AssignCosts),
            post(assign),
        ),
    ]
}

fn above() -> Vec<Step> {
    vec![Step {
        name: "What waits".to_owned(),
        address: at::EVENTS.to_owned(),
    }]
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::Administer)?;
        one(app, &caller, &id, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(app: &App, caller: &Caller, id: &String, entry: Option<&Entry>) -> Result<String, Problem> {
    let own = Shown::of(find(app, caller.customer.as_deref(), id)?, true);
    let decided = own.decision;
    let own = RefusedOne {
        state: own.state,
        route: own.route,
        key: own.key,
        received: (own.received_at, own.last_received_at),
        deliveries: own.deliveries,
        fault: (own.pointer, own.reason),
        last: own
            .last_attempt
            .map(|last| (last.at, format!("{} {}", last.pointer, last.reason))),
        decided: decided.map(|own| format!("{} at {} by {}", own.why, own.at, own.by)),
        is_cut: own.is_cut,
        text: own.text.unwrap_or_default(),
        id: own.id,
    };
    let frame = frame(app, caller, at::EVENTS, "A refused event", above());
    Ok(pages::screen::refused_event(
        &frame.with(entry),
        &own,
        entry,
    ))
}

async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, id, decided, one).await
}

fn decided(app: &App, caller: &Caller, id: &String, form: &Form) -> Result<Became, Problem> {
    let found = find(app, caller.customer.as_deref(), id)?;
    let told = match form.act() {
        "resend" => {
            let repaired = form.document("event");
            let repaired =
                repaired.ok_or_else(|| refused_at("/event", "there is no event in it"))?;
            let repaired = Some(repaired.as_bytes().to_vec());
            let sent = send_again(app, caller, &found, repaired);
            // It waits on: what is wrong with it now is told beside it.
            let sent = sent.map_err(|problem| match problem.code() {
                Code::EventsRefused => refused_at("/event", problem.into_parts().0),
                _ => problem,
            });
            sent?;
            "It was sent again, and is in the log."
        }
        "dismiss" => {
            dismiss(app, caller, id, words("/reason", form.text("reason"))?)?;
            "It is dismissed."
        }
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done {
        next: at::EVENTS.to_owned(),
        told: told.to_owned(),
    })
}

async fn costs(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::AssignCosts)?;
        nobodys(app, &caller, asked.cursor.as_deref(), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn nobodys(
    app: &App,
    caller: &Caller,
    cursor: Option<&str>,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    caller.require_everybody()?;
    let from: u64 = Cursor::place(&LISTING, cursor)?.unwrap_or(0);
    let (found, next) = assignment::unassigned(app.store(), UNASSIGNED, from, PAGE_ROWS)?;
    let rows: Vec<UnassignedCost> = found.into_iter().filter_map(cost).collect();
    let next = Cursor::next(&LISTING, next);
    let next = next.map(|cursor| format!("{}?cursor={cursor}", at::UNASSIGNED_COSTS));
    let frame = frame(app, caller, at::EVENTS, "Costs of nobody", above());
    let frame = frame.with(entry);
    Ok(pages::screen::unassigned_costs(
        &frame,
        &rows,
        next.as_deref(),
        entry,
    ))
}

fn cost(event: Event) -> Option<UnassignedCost> {
    let Body::Cost(cost) = event.body else {
        return None;
    };
    Some(UnassignedCost {
        source: event.source.to_string(),
        id: event.id.to_string(),
        time: event.time,
        line: cost.line.word(),
        amount: cost.amount,
        model: cost.model,
        note: cost.note,
    })
}

fn again(app: &App, caller: &Caller, (): &(), entry: Option<&Entry>) -> Result<String, Problem> {
    nobodys(app, caller, None, entry)
}

async fn assign(State(app): State<App>, caller: Caller, form: Form) -> Result<Response, Problem> {
    submitted(&app, caller, form, (), assigned, again).await
}

/// The source and the id that a choice names: how long the source is, then both.
fn named(choice: &str) -> Option<(&str, &str)> {
    let (length, both) = choice.split_once(':')?;
    both.split_at_checked(length.parse().ok()?)
}

fn assigned(app: &App, caller: &Caller, (): &(), form: &Form) -> Result<Became, Problem> {
    let customer = form.text("customer");
    caller.require(customer)?;
    let (source, id) =
        named(form.text("cost")).ok_or_else(|| refused_at("/cost", "choose a cost"))?;
    let assignment = Assignment {
        source: source.into(),
        id: id.into(),
        customer: customer.into(),
        work: form.given("work").map(Into::into),
        unit: form.given("unit").map(Into::into),
    };
    let is_changed = match assignment::assign(app.store(), &assignment, app.now()) {
        Ok(is_changed) => is_changed,
        Err(AssignmentError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Problem::new(Code::Refused, error.to_string())),
    };
    let told = if is_changed {
        "is a cost of"
    } else {
        "was a cost already of"
    };
    Ok(Became::Done {
        next: at::UNASSIGNED_COSTS.to_owned(),
        told: format!("{id} of {source} {told} {customer}."),
    })
}
