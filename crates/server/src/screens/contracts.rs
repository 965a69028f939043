//! Contracts, and what a change of one would do.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::{Amend, ContractText};
use book::previews::Change;
use pages::screen::at;
use pages::view::{ChangePreview, Entry, Narrowing, Step};
use serde::Deserialize;

use super::form::{Became, Form, no_such_act, opened, submitted};
use super::frame::{frame, of_customer};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::precondition::tag;
use crate::problem::{Problem, of_act};
use crate::sent::{day, refused_at, role};

const LISTING: &[&str] = &["contracts"];

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::CONTRACTS, read, get(list)),
        look(at::CONTRACT, read, get(show)),
        look(at::CHANGE, read, get(change)),
        act(at::CHANGE, Needs::Key(Permission::Contract), post(enter)),
    ]
}

/// Whose, and where the listing goes on. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    customer: String,
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
    let after: Option<String> = Cursor::place(LISTING, asked.cursor.as_deref())?;
    let shown = move |app: &App| {
        let from = (after.as_deref(), PAGE_ROWS);
        let found = app.book().contracts_after(customer.as_deref(), from)?;
        let next = Cursor::next(LISTING, found.next);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::CONTRACTS));
        let narrowing = [Narrowing {
            name: "customer",
            label: "Customer, by id",
            placeholder: "all customers",
            value: asked.customer,
        }];
        let frame = frame(app, &caller, at::CONTRACTS, "Contracts", Vec::new());
        let next = next.as_deref();
        Ok(pages::screen::contracts(
            &frame,
            &narrowing,
            &found.rows,
            next,
        ))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, contract)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let sheet = app.book().contract_sheet(&customer, &contract, app.now())?;
        let title = format!("Contract {contract}");
        let trail = of_customer(app, &customer);
        let frame = frame(app, &caller, at::CONTRACTS, &title, trail);
        Ok(pages::screen::contract(&frame, &sheet))
    };
    Ok(page(app.work(shown).await?))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::Contract)?;
        changing(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn changing(
    app: &App,
    caller: &Caller,
    of: &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    changing_to(app, caller, of, entry, None)
}

fn changing_to(
    app: &App,
    caller: &Caller,
    (customer, contract): &(String, String),
    entry: Option<&Entry>,
    preview: Option<&ChangePreview>,
) -> Result<String, Problem> {
    let own = app.book().agreement(customer, contract)?;
    let mut trail = of_customer(app, customer);
    trail.push(Step {
        name: format!("Contract {contract}"),
        address: at::contract(customer, contract),
    });
    let frame = frame(app, caller, at::CONTRACTS, "What a change would do", trail).with(entry);
    let version = tag(&own)?;
    Ok(pages::screen::contract_change(
        &frame,
        (&own, version.text()),
        entry,
        preview,
    ))
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, entered, changing).await
}

fn entered(
    app: &App,
    caller: &Caller,
    of: &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let document = form.document("document");
    let document =
        document.ok_or_else(|| refused_at("/document", "enter the contract document"))?;
    let document = ContractText {
        name: "the contract document",
        text: document,
    };
    match form.act() {
        "preview" => previewed(app, caller, of, form, document),
        "amend" => amended(app, caller, of, form, document),
        _ => Err(no_such_act()),
    }
}

fn previewed(
    app: &App,
    caller: &Caller,
    of: &(String, String),
    form: &Form,
    document: ContractText<'_>,
) -> Result<Became, Problem> {
    let periods = form.given("periods").unwrap_or("0").parse();
    let change = Change {
        customer: &of.0,
        contract: Some(&of.1),
        document: Some(document),
        plan: None,
        from: day("/from", form.text("from"))?,
        periods: periods.map_err(|_| refused_at("/periods", "it is a whole number"))?,
    };
    let preview = app
        .book()
        .preview_change(&change, app.now())
        .map_err(of_act)?;
    let entry = form.kept(app)?;
    let page = changing_to(app, caller, of, Some(&entry), Some(&preview))?;
    Ok(Became::Seen(page))
}

fn amended(
    app: &App,
    caller: &Caller,
    (customer, contract): &(String, String),
    form: &Form,
    document: ContractText<'_>,
) -> Result<Became, Problem> {
    tag(&app.book().agreement(customer, contract)?)?.require_text(form.text("version"))?;
    let id = form.id("amend");
    let reprice = form.given("reprice");
    let act = Amend {
        customer,
        contract: Some(contract),
        from: day("/from", form.text("from"))?,
        document: Some(document),
        reprice: reprice.map(|own| role("/reprice", own)).transpose()?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    app.book().amend(&act, app.now()).map_err(of_act)?;
    Ok(Became::Done {
        next: at::contract(customer, contract),
        told: format!("The new version governs what opens from {} on.", act.from),
    })
}
