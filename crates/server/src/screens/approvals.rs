//! What waits for a second person, and its decision.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::approvals::Deciding;
use pages::screen::at;
use pages::view::{Entry, Narrowing, Step};
use serde::Deserialize;

use super::form::{Became, Form, no_such_act, opened_of, submitted};
use super::frame::frame;
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, page_of};
use crate::problem::{Problem, of_act};
use crate::sent::{refused_at, role, words};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::APPROVALS, read, get(list)),
        look(at::APPROVAL, read, get(show)),
        act(at::APPROVAL, Needs::Key(Permission::Bill), post(decide)),
    ]
}

/// Whose, and which. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    customer: String,
    #[serde(default)]
    state: String,
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
    let is_open = asked.state != "all";
    let shown = move |app: &App| {
        let whose = customer.clone().unwrap_or_default();
        let which = if is_open { "open" } else { "all" };
        let listing = ["approvals", &whose, which];
        let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
        let found = app.book();
        let found = found.proposals(customer.as_deref(), is_open, app.now())?;
        let (rows, next) = page_of(found, from, PAGE_ROWS);
        let next = Cursor::next(&listing, next);
        let next = next.map(|cursor| {
            let (own, whose) = (at::APPROVALS, at::segment(&whose));
            format!("{own}?customer={whose}&state={which}&cursor={cursor}")
        });
        let narrowing = [
            Narrowing {
                name: "customer",
                label: "Customer, by id",
                placeholder: "all customers",
                value: asked.customer,
            },
            Narrowing {
                name: "state",
                label: "`all` for what is decided, too",
                placeholder: "open",
                value: asked.state,
            },
        ];
        let frame = frame(app, &caller, at::APPROVALS, "Approvals", Vec::new());
        let rows = (rows.as_slice(), is_open);
        Ok(pages::screen::approvals(
            &frame,
            &narrowing,
            rows,
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

fn one(
    app: &App,
    caller: &Caller,
    (customer, proposal): &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let own = app.book().proposal(customer, proposal, app.now())?;
    let above = Step {
        name: "Approvals".to_owned(),
        address: at::APPROVALS.to_owned(),
    };
    let title = format!("Approval {proposal}");
    let frame = frame(app, caller, at::APPROVALS, &title, vec![above]);
    Ok(pages::screen::approval(&frame.with(entry), &own, entry))
}

async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, decided, one).await
}

fn decided(
    app: &App,
    caller: &Caller,
    (customer, proposal): &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let reason = form.given("reason");
    let act = Deciding {
        customer,
        proposal,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        reason: reason.map(|own| words("/reason", own)).transpose()?,
    };
    let told = match form.act() {
        "approve" => {
            let approved = app.book().approve(&act, app.now()).map_err(of_act)?.what;
            match &approved.statement {
                Some(number) => {
                    keep_proof_file(app, customer, number);
                    format!("Approved, and done: statement {number} is issued.")
                }
                None => format!("Approved, and done: {}.", approved.proposal.what),
            }
        }
        "decline" if act.reason.is_none() => {
            return Err(refused_at("/reason", "say why it is declined"));
        }
        "decline" => {
            let declined = app.book().decline(&act, app.now()).map_err(of_act)?.what;
            format!("Declined, and not done: {}.", declined.what)
        }
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done {
        next: at::approval(customer, proposal),
        told,
    })
}

/// Writes the proof file of a statement that was issued. The statement stands without it: one can be made at any
/// time.
pub(super) fn keep_proof_file(app: &App, customer: &str, number: &str) {
    if let Err(error) = app.book().keep_proof_file(customer, number, app.now()) {
        tracing::error!(%error, "the proof file of a statement was not written");
    }
}
