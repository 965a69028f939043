//! Contracts, and what a change of one would do.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::{Amend, ContractText, End, Renew, RollBack};
use book::previews::Change;
use pages::screen::at;
use pages::view::{ChangePreview, Entry, Narrowing, Step};
use serde::Deserialize;

use super::form::{Became, Form, no_such_act, opened_of, submitted};
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
        let entry = opened_of(app, &caller, Permission::Contract, &of.0)?;
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
    match form.act() {
        "preview" => previewed(app, caller, of, form, document(form)?),
        "amend" => amended(app, caller, of, form, document(form)?),
        "renew" => renewed(app, of, form),
        "end" => ended(app, of, form),
        "roll_back" => rolled_back(app, caller, of, form),
        _ => Err(no_such_act()),
    }
}

fn document(form: &Form) -> Result<ContractText<'_>, Problem> {
    let text = form.document("document");
    Ok(ContractText {
        name: "the contract document",
        text: text.ok_or_else(|| refused_at("/document", "enter the contract document"))?,
    })
}

/// Refuses where somebody changed the contract since the form was opened.
fn is_as_seen(
    app: &App,
    (customer, contract): &(String, String),
    form: &Form,
) -> Result<(), Problem> {
    tag(&app.book().agreement(customer, contract)?)?.require_text(form.text("version"))
}

fn renewed(app: &App, of: &(String, String), form: &Form) -> Result<Became, Problem> {
    is_as_seen(app, of, form)?;
    let id = form.id("renew");
    let act = Renew {
        customer: &of.0,
        contract: Some(&of.1),
        until: day("/until", form.text("until"))?,
        by: role("/by", form.text("by"))?,
        id: id.as_deref(),
    };
    app.book().renew(&act, app.now()).map_err(of_act)?;
    Ok(Became::Done {
        next: at::contract(&of.0, &of.1),
        told: format!("It runs until {}.", act.until),
    })
}

fn ended(app: &App, of: &(String, String), form: &Form) -> Result<Became, Problem> {
    is_as_seen(app, of, form)?;
    let id = form.id("end");
    let act = End {
        customer: &of.0,
        contract: Some(&of.1),
        at: day("/from", form.text("from"))?,
        agreed: form.given("agreed").is_some(),
        by: role("/by", form.text("by"))?,
        id: id.as_deref(),
    };
    app.book().end(&act, app.now()).map_err(of_act)?;
    Ok(Became::Done {
        next: at::contract(&of.0, &of.1),
        told: format!("Nothing opens under it from {} on.", act.at),
    })
}

fn rolled_back(
    app: &App,
    caller: &Caller,
    of: &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    is_as_seen(app, of, form)?;
    let id = form.id("roll-back");
    let to_version = form.text("to_version").parse();
    let reprice = form.given("reprice");
    let act = RollBack {
        customer: &of.0,
        contract: Some(&of.1),
        to_version: to_version.map_err(|_| refused_at("/to_version", "name a version"))?,
        from: day("/from", form.text("from"))?,
        reprice: reprice.map(|own| role("/reprice", own)).transpose()?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    app.book().roll_back(&act, app.now()).map_err(of_act)?;
    Ok(Became::Done {
        next: at::contract(&of.0, &of.1),
        told: format!(
            "Version {to} is in force again from {from} on.",
            to = act.to_version,
            from = act.from
        ),
    })
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
    of: &(String, String),
    form: &Form,
    document: ContractText<'_>,
) -> Result<Became, Problem> {
    is_as_seen(app, of, form)?;
    let (customer, contract) = of;
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
