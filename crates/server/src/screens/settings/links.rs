//! Links for buyers: listed, made, taken back.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use pages::screen::settings::{self, at};
use pages::view::{Entry, LinkRow, Narrowing};
use serde::Deserialize;

use super::keys::above;
use super::once;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::params::Params;
use crate::problem::Problem;
use crate::routes::links::{Asked as NewLink, create_one, revoke_one};
use crate::screens::form::{Became, Form, no_such_act, opened, submitted};
use crate::screens::frame::frame;
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;

const NEEDS: Permission = Permission::Share;

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::LINKS, Needs::Key(NEEDS), get(show)),
        act(at::LINKS, Needs::Key(NEEDS), post(change)),
    ]
}

/// Whose. A field that was left empty is sent empty.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    #[serde(default)]
    customer: String,
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Params(of): Params<Of>,
) -> Result<Response, Problem> {
    let own = Some(of.customer).filter(|own| !own.is_empty());
    let customer = own.or_else(|| caller.customer.clone()).unwrap_or_default();
    let shown = move |app: &App| {
        let entry = opened(app, &caller, NEEDS)?;
        of_customer(app, &caller, &customer, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn of_customer(
    app: &App,
    caller: &Caller,
    customer: &String,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let rows = if customer.is_empty() {
        None
    } else {
        caller.require(customer)?;
        app.book().require_customer(customer)?;
        let links = app.store().operations().links(customer)?.into_iter();
        Some(
            links
                .map(|own| row(own, app.now()))
                .collect::<Vec<LinkRow>>(),
        )
    };
    let narrowing = Narrowing {
        name: "customer",
        label: "Customer, by id",
        placeholder: "acme",
        value: customer.clone(),
    };
    let frame = frame(app, caller, at::SETTINGS, "Links", above());
    let entry = entry.cloned().unwrap_or_default();
    let frame = frame.with(Some(&entry));
    Ok(settings::links(&frame, &narrowing, rows.as_deref(), &entry))
}

fn row(own: store::Link, now: Timestamp) -> LinkRow {
    LinkRow {
        in_force: own.is_in_force(now),
        id: own.id,
        statement: own.statement,
        label: own.label,
        created: own.created,
        expires: own.expires,
        revoked: own.revoked,
    }
}

async fn change(State(app): State<App>, caller: Caller, form: Form) -> Result<Response, Problem> {
    let customer = form.text("customer").to_owned();
    submitted(&app, caller, form, customer, changed, of_customer).await
}

fn changed(app: &App, caller: &Caller, customer: &String, form: &Form) -> Result<Became, Problem> {
    caller.require(customer)?;
    let told = match form.act() {
        "create" => {
            once(caller)?;
            let days = form.text("days").parse();
            let asked = NewLink {
                label: form.text("label").to_owned(),
                days: days.map_err(|_| refused_at("/days", "it is a number of days"))?,
                statement: form.given("statement").map(str::to_owned),
            };
            let (_, url) = create_one(app, customer.clone(), asked)?;
            format!("The link is {url} \u{2014} send it now: it is not shown again.")
        }
        "revoke" => {
            let id = form.text("link");
            revoke_one(app, customer, id)?;
            format!("The link {id} opens nothing any more.")
        }
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done {
        next: at::links(customer),
        told,
    })
}
