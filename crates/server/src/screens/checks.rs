//! The five checks of a contract's price, and the waiver of one.
//!
//! The screen reads the whole log of one customer.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::checks::Waive;
use book::error::Absent;
use pages::screen::at;
use pages::view::{Entry, Step};

use super::form::{Became, Form, no_such_act, opened, submitted};
use super::frame::{frame, of_customer};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Problem, of_act};
use crate::routes::checks::check;
use crate::sent::{day, role, words};

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::CHECKS, Needs::Key(Permission::ReadCosts), get(show)),
        act(at::CHECKS, Needs::Key(Permission::Bill), post(enter)),
    ]
}

/// A customer and a contract.
type Of = (String, String);

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<Of>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::Bill)?;
        one(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(
    app: &App,
    caller: &Caller,
    (customer, contract): &Of,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let found = app.book().checks(customer, Some(contract), app.now())?;
    let found = found.into_iter().next();
    let model = found.ok_or_else(|| book::Error::from(absent(customer, contract)))?;
    let mut trail = of_customer(app, customer);
    trail.push(Step {
        name: format!("Contract {contract}"),
        address: at::contract(customer, contract),
    });
    let frame = frame(app, caller, at::CONTRACTS, "Checks of its price", trail).with(entry);
    Ok(pages::screen::checks(&frame, &model, entry))
}

fn absent(customer: &str, contract: &str) -> Absent {
    Absent::Contract {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        known: Vec::new(),
    }
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<Of>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, entered, one).await
}

fn entered(app: &App, caller: &Caller, of: &Of, form: &Form) -> Result<Became, Problem> {
    if form.act() != "waive" {
        return Err(no_such_act());
    }
    Ok(Became::Done {
        told: waived(app, caller, &of.0, form)?,
        next: at::checks(&of.0, &of.1),
    })
}

/// Waives the check that a form names; what was done, in words.
pub(super) fn waived(
    app: &App,
    caller: &Caller,
    customer: &str,
    form: &Form,
) -> Result<String, Problem> {
    let act = Waive {
        customer,
        contract: form.given("contract"),
        check: check(form.text("check"))?,
        reason: words("/reason", form.text("reason"))?,
        until: day("/until", form.text("until"))?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
    };
    let waived = app.book().waive(&act, app.now()).map_err(of_act)?.what;
    Ok(format!(
        "Waived: the check {} keeps no statement of {} from being issued until {}.",
        waived.check, waived.contract, waived.until
    ))
}
