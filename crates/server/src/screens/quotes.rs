//! Quotes: drafted, sent, taken back, and the buyer's answer recorded.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::{ContractText, DraftQuote, Step as QuoteStep, StepQuote};
use pages::screen::{QuotesOf, at};
use pages::view::{Entry, Narrowing, Step};
use serde::Deserialize;

use super::form::{Became, Form, no_such_act, opened_of, submitted};
use super::frame::{frame, of_customer};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, page_of};
use crate::problem::{Problem, of_act};
use crate::sent::{day, role, words};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    let contract = Needs::Key(Permission::Contract);
    vec![
        look(at::QUOTES, read, get(named)),
        look(at::QUOTES_TO, read, get(list)),
        act(at::QUOTES_TO, contract, post(draft)),
        look(at::QUOTE, read, get(show)),
        act(at::QUOTE, contract, post(step)),
    ]
}

/// Whose, and where the listing goes on. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    customer: String,
    cursor: Option<String>,
}

/// The listing of everybody's quotes.
const EVERYBODY: &[&str] = &["quotes"];

/// What the listing is of: a customer, and where it goes on.
type Of = (Option<String>, Option<String>);

async fn named(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let named = Some(asked.customer).filter(|own| !own.is_empty());
    let customer = named.or_else(|| caller.customer.clone());
    if let Some(customer) = &customer {
        caller.require(customer)?;
    }
    let of = (customer, asked.cursor);
    let shown = move |app: &App| {
        let named = of.0.as_deref().unwrap_or_default();
        let entry = opened_of(app, &caller, Permission::Contract, named)?;
        listed(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

async fn list(
    state: State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let asked = Asked {
        customer,
        cursor: None,
    };
    named(state, caller, Params(asked)).await
}

fn listed(
    app: &App,
    caller: &Caller,
    (customer, cursor): &Of,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let narrowing = [Narrowing {
        name: "customer",
        label: "Customer, by id",
        placeholder: "all customers",
        value: customer.clone().unwrap_or_default(),
    }];
    let frame = frame(app, caller, at::QUOTES, "Quotes", Vec::new()).with(entry);
    let Some(customer) = customer else {
        let after: Option<String> = Cursor::place(EVERYBODY, cursor.as_deref())?;
        let found = app
            .book()
            .quotes_after(after.as_deref(), PAGE_ROWS, app.now())?;
        let next = Cursor::next(EVERYBODY, found.next);
        let next = next.map(|cursor| format!("{}?cursor={cursor}", at::QUOTES));
        let rows = QuotesOf::Everybody(&found.rows);
        let next = next.as_deref();
        return Ok(pages::screen::quotes(&frame, &narrowing, rows, next, entry));
    };
    let listing = ["quotes", customer];
    let from: usize = Cursor::place(&listing, cursor.as_deref())?.unwrap_or(0);
    // Whoever may draft the first quote to somebody may ask for one of whom nothing is known.
    let is_new = entry.is_some() && !app.book().is_customer(customer)?;
    let found = if is_new {
        Vec::new()
    } else {
        app.book().quotes(customer, app.now())?
    };
    let (rows, next) = page_of(found, from, PAGE_ROWS);
    let next = Cursor::next(&listing, next);
    let next = next.map(|cursor| format!("{}&cursor={cursor}", at::quotes_of(customer)));
    let found = QuotesOf::Customer(customer, &rows);
    Ok(pages::screen::quotes(
        &frame,
        &narrowing,
        found,
        next.as_deref(),
        entry,
    ))
}

async fn draft(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, (Some(customer), None), drafted, listed).await
}

fn drafted(app: &App, _: &Caller, (customer, _): &Of, form: &Form) -> Result<Became, Problem> {
    let id = form.id("quote");
    let own = form.given("words");
    let document = form.document("document");
    let act = DraftQuote {
        customer: customer.as_deref().unwrap_or_default(),
        from: day("/from", form.text("from"))?,
        document: document.map(|text| ContractText {
            name: "the contract document",
            text,
        }),
        valid_until: day("/valid_until", form.text("valid_until"))?,
        words: own.map(|own| words("/words", own)).transpose()?,
        by: role("/by", form.text("by"))?,
        id: id.as_deref(),
    };
    let quote = app
        .book()
        .draft_quote(&act, app.now())
        .map_err(of_act)?
        .what;
    Ok(Became::Done {
        next: at::quote(&quote.customer, &quote.quote),
        told: format!(
            "Drafted as {}. The buyer may accept it once it is sent.",
            quote.quote
        ),
    })
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened_of(app, &caller, Permission::Contract, &of.0)?;
        one(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(
    app: &App,
    caller: &Caller,
    (customer, number): &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let quote = app.book().quote(customer, number, app.now())?;
    let mut trail = of_customer(app, customer);
    trail.push(Step {
        name: "Quotes".to_owned(),
        address: at::quotes_of(customer),
    });
    let title = format!("Quote {number}");
    let frame = frame(app, caller, at::QUOTES, &title, trail).with(entry);
    Ok(pages::screen::quote(&frame, &quote, entry))
}

async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, stepped, one).await
}

fn stepped(
    app: &App,
    _: &Caller,
    (customer, quote): &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let (step, part, told) = match form.act() {
        "send" => (
            QuoteStep::Send,
            "quote-sent",
            "Sent: the buyer may accept it from now on.",
        ),
        "accept" => (
            QuoteStep::Accept(words("/how", form.text("how"))?),
            "quote-accepted",
            "The acceptance is recorded, and the contract is signed.",
        ),
        "decline" => (
            QuoteStep::Decline(words("/reason", form.text("reason"))?),
            "quote-declined",
            "It is recorded that the buyer declined it.",
        ),
        "withdraw" => (
            QuoteStep::Withdraw(words("/reason", form.text("reason"))?),
            "quote-withdrawn",
            "It is taken back.",
        ),
        _ => return Err(no_such_act()),
    };
    let id = form.id(part);
    let act = StepQuote {
        customer,
        quote,
        step,
        by: role("/by", form.text("by"))?,
        id: id.as_deref(),
    };
    app.book().step_quote(&act, app.now()).map_err(of_act)?;
    Ok(Became::Done {
        next: at::quote(customer, quote),
        told: told.to_owned(),
    })
}
