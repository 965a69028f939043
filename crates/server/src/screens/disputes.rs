//! Works that a buyer contests: the list, and one of them, where a dispute is raised and decided.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::About;
use pages::screen::{MayDispute, at};
use pages::view::{DisputesOf, Entry, Narrowing, Step};
use serde::Deserialize;
use work::Headers;
use work::body::Verdict;

use super::form::{Became, Form, no_such_act, opened_of, submitted};
use super::frame::{frame, of_customer};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::{Code, Problem, of_act};
use crate::routes::disputes::word;
use crate::sent::{role, words};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::DISPUTES, read, get(list)),
        look(at::DISPUTE, read, get(show)),
        act(at::DISPUTE, Needs::Key(Permission::Record), post(enter)),
    ]
}

/// Whose, and which. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    customer: String,
    open: Option<bool>,
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
    let shown = move |app: &App| {
        let narrowing = [Narrowing {
            name: "customer",
            label: "Customer, by id",
            placeholder: "acme",
            value: customer.clone().unwrap_or_default(),
        }];
        let frame = frame(app, &caller, at::DISPUTES, "Disputes", Vec::new());
        let Some(customer) = customer else {
            return Ok(pages::screen::disputes(&frame, &narrowing, None, None));
        };
        app.book().chosen(Some(&customer))?;
        let which = asked.open.map_or(String::new(), |own| own.to_string());
        let listing = ["disputes", &customer, &which];
        let from = Cursor::place(&listing, asked.cursor.as_deref())?;
        let found = app.book();
        let found = found.disputes(&customer, asked.open, (from, PAGE_ROWS), app.now())?;
        let next = Cursor::next(&listing, found.next);
        let next = next.map(|cursor| {
            let own = at::disputes(&customer, asked.open);
            format!("{own}&cursor={cursor}")
        });
        let found = DisputesOf {
            customer,
            open: asked.open,
            rows: found.rows,
        };
        let next = next.as_deref();
        Ok(pages::screen::disputes(
            &frame,
            &narrowing,
            Some(&found),
            next,
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
        let entry = opened_of(app, &caller, Permission::Record, &of.0)?;
        one(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(
    app: &App,
    caller: &Caller,
    (customer, work): &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let stories = app.book().work(customer, work, true, app.now())?;
    let mut trail = of_customer(app, customer);
    trail.push(Step {
        name: format!("Work {work}"),
        address: at::work(customer, work),
    });
    let title = format!("Disputes about {work}");
    let frame = frame(app, caller, at::DISPUTES, &title, trail).with(entry);
    let may = MayDispute {
        raise: caller.may(Permission::Record),
        decide: caller.may(Permission::Bill),
    };
    let entry = entry.map(|entry| (entry, may));
    let of = (customer.as_str(), work.as_str());
    Ok(pages::screen::dispute(&frame, of, &stories, entry))
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, entered, one).await
}

fn entered(
    app: &App,
    caller: &Caller,
    (customer, work): &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let part = match form.act() {
        "raise" => "dispute",
        "decide" if caller.may(Permission::Bill) => "decision",
        "decide" => {
            let detail = "deciding a dispute takes a key that may bill";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        _ => return Err(no_such_act()),
    };
    // What people call a work is what its definition counts by; facts name it by its work id.
    let stories = app.book().work(customer, work, false, app.now())?;
    let mut ids = stories.iter().flat_map(|own| &own.works);
    let id_of_work = ids
        .clone()
        .find(|own| *own == work)
        .or_else(|| ids.next())
        .unwrap_or(work);
    let id = form.id(part);
    let about = About {
        customer,
        work: id_of_work,
        source: role("/source", form.text("source"))?,
        at: None,
        headers: &Headers::default(),
        id: id.as_deref(),
    };
    let told = if part == "dispute" {
        let reason = words("/reason", form.text("reason"))?;
        let raised = app.book().dispute(&about, reason, app.now());
        match raised.map_err(of_act)?.what.without_effect {
            Some(why) => format!("The dispute changes nothing: {why}."),
            None => "The dispute is recorded. While it is open, the work is not stated.".to_owned(),
        }
    } else {
        let verdict = word("/verdict", Verdict::WORDS, form.text("verdict"))?;
        app.book()
            .decide(&about, verdict, app.now())
            .map_err(of_act)?;
        "The dispute is decided.".to_owned()
    };
    Ok(Became::Done {
        next: at::dispute(customer, work),
        told,
    })
}
