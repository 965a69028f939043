//! What customers mean to spend: listed, and set for one.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use book::budgets::{SetBudget, shown};
use money::Amount;
use pages::screen::settings::{self, at};
use pages::view::{BudgetRow, Entry};
use store::operations::BudgetTerms;

use super::keys::above;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::{Code, Problem};
use crate::screens::form::{Became, Form, opened, submitted};
use crate::screens::frame::frame;
use crate::screens::listing::From;
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;

const LISTING: [&str; 1] = ["budgets of customers"];

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::BUDGETS, Needs::Key(Permission::ReadCosts), get(list)),
        act(at::BUDGETS, Needs::Key(Permission::SetBudgets), post(set)),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::SetBudgets)?;
        some(app, &caller, asked.cursor.as_deref(), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn some(
    app: &App,
    caller: &Caller,
    cursor: Option<&str>,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let after: Option<String> = Cursor::place(&LISTING, cursor)?;
    let operations = app.store().operations();
    let found = match &caller.customer {
        None => operations.budgets(after.as_deref(), PAGE_ROWS)?,
        Some(own) => operations.budget(own)?.into_iter().collect(),
    };
    let next = (found.len() == PAGE_ROWS).then(|| found.last().map(|own| own.customer.clone()));
    let next = Cursor::next(&LISTING, next.flatten());
    let next = next.map(|cursor| format!("{}?cursor={cursor}", at::BUDGETS));
    let rows = found.into_iter().filter_map(|own| {
        let customer = own.customer.clone();
        Some(BudgetRow {
            customer,
            budget: shown(own)?,
        })
    });
    let rows: Vec<BudgetRow> = rows.collect();
    let frame = frame(app, caller, at::SETTINGS, "Budgets", above());
    Ok(settings::budgets(
        &frame.with(entry),
        &rows,
        next.as_deref(),
        entry,
    ))
}

fn again(app: &App, caller: &Caller, (): &(), entry: Option<&Entry>) -> Result<String, Problem> {
    some(app, caller, None, entry)
}

async fn set(
    State(app): State<App>,
    Seller(caller): Seller,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, (), changed, again).await
}

/// One of the seller's people: a buyer may set its budget too, and does so in its portal.
struct Seller(Caller);

impl<S: Sync> FromRequestParts<S> for Seller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Seller, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.may(Permission::ReadCosts) {
            return Ok(Seller(caller));
        }
        let detail = "this screen is the seller's; a buyer sets its budget in its portal";
        Err(Problem::new(Code::Forbidden, detail))
    }
}

fn changed(app: &App, caller: &Caller, (): &(), form: &Form) -> Result<Became, Problem> {
    let customer = form.text("customer");
    caller.require(customer)?;
    app.book().require_customer(customer)?;
    let percent = |own: &str| {
        let read = own.trim().trim_end_matches('%').trim_end().parse::<u16>();
        read.map_err(|_| refused_at("/thresholds", format!("`{own}` is not per cent such as 80")))
    };
    let thresholds = form.text("thresholds").split(',');
    let thresholds = thresholds.filter(|own| !own.trim().is_empty()).map(percent);
    let thresholds_percent = thresholds.collect::<Result<Vec<u16>, Problem>>()?;
    let amount = form.given("amount").map(str::parse::<Amount>).transpose();
    let amount =
        amount.map_err(|error| refused_at("/amount", format!("{error}; write `5000.00 USD`")))?;
    let terms = amount.map(|amount| BudgetTerms {
        amount,
        thresholds_percent,
        stops: form.given("stops").is_some(),
        note: None,
    });
    let known = app.store().operations().budget(customer)?;
    let set = SetBudget {
        customer,
        terms,
        expected: known.map_or(0, |own| own.version),
        by: &caller.key,
    };
    app.book().set_budget(&set, app.now())?;
    Ok(Became::Done {
        next: at::BUDGETS.to_owned(),
        told: match amount {
            Some(amount) => format!("The budget of {customer} is {amount} in a statement period."),
            None => format!("{customer} has no budget any more."),
        },
    })
}
