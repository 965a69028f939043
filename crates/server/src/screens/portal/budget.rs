//! How much the buyer means to spend: the form of the first page. No link sets it.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use book::budgets::SetBudget;
use money::Amount;
use pages::screen::portal::at;
use pages::view::Entry;
use store::operations::BudgetTerms;

use super::overview::one;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::screens::form::{self, Became, Form, submitted};
use crate::screens::{Screen, act};
use crate::sent::refused_at;

const NEEDS: Permission = Permission::SetBudgets;

pub(super) fn screens() -> Vec<Screen> {
    vec![act(at::BUDGET, Needs::Key(NEEDS), post(set))]
}

/// What the form begins with, where the caller may set a budget.
pub(super) fn opened(app: &App, caller: &Caller) -> Result<Option<Entry>, Problem> {
    form::opened(app, caller, NEEDS)
}

async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, customer, change, one).await
}

fn change(app: &App, caller: &Caller, customer: &String, form: &Form) -> Result<Became, Problem> {
    let amount: Amount = (form.text("amount").parse())
        .map_err(|error| refused_at("/amount", format!("{error}; write `5000.00 USD`")))?;
    app.book().require_customer(customer)?;
    let known = app.store().operations().budget(customer)?;
    let in_force = known.as_ref().filter(|own| own.terms.is_some());
    if form.text("version") != in_force.map_or(0, |own| own.version).to_string() {
        let detail = "the budget was changed since this page was opened; look at what it is now";
        return Err(Problem::new(Code::PreconditionFailed, detail));
    }
    // What the form does not ask for stays.
    let before = in_force.and_then(|own| own.terms.clone());
    let terms = BudgetTerms {
        amount,
        thresholds_percent: before
            .as_ref()
            .map_or_else(Vec::new, |own| own.thresholds_percent.clone()),
        stops: form.given("stops").is_some(),
        note: before.and_then(|own| own.note),
    };
    let set = SetBudget {
        customer,
        terms: Some(terms),
        expected: known.map_or(0, |own| own.version),
        by: &caller.key,
    };
    app.book().set_budget(&set, app.now())?;
    Ok(Became::Done {
        next: at::of(at::OVERVIEW, customer),
        told: format!("The budget is {amount} in a statement period."),
    })
}
