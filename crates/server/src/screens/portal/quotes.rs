//! What is offered to the buyer, and its signed answer.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use pages::screen::portal::{self, at};
use pages::view::{Entry, Quote};
use work::Event;

use super::frame::{above, frame};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Problem, of_act};
use crate::routes::quotes::to_buyer;
use crate::screens::form::{Became, Form, opened_of, submitted};
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::QUOTES, read, get(list)),
        look(at::QUOTE, read, get(show)),
        act(at::QUOTE, Needs::Key(Permission::Ingest), post(answer)),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let mut quotes = app.book().quotes(&customer, app.now())?;
        quotes.retain(Quote::was_sent);
        let frame = frame(app, &caller, &customer, (at::QUOTES, "Quotes"), Vec::new());
        Ok(portal::quotes(&frame, &customer, &quotes))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened_of(app, &caller, Permission::Ingest, &of.0)?;
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
    let quote = to_buyer(quote)?;
    let origin = app.book().origin(customer)?;
    let trail = above("Quotes", at::QUOTES, customer);
    let title = format!("Quote {number}");
    let frame = frame(app, caller, customer, (at::QUOTES, &title), trail);
    Ok(portal::quote(&frame.with(entry), &origin, &quote, entry))
}

async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, take, one).await
}

fn take(
    app: &App,
    _: &Caller,
    (customer, quote): &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let event = Event::parse(form.text("event"));
    let event = event.map_err(|error| refused_at("/event", error.to_string()))?;
    let taken = app.book().answer_quote(customer, quote, &event, app.now());
    let taken = taken.map_err(of_act)?.what;
    Ok(Became::Done {
        next: at::quote(customer, quote),
        told: format!("The quote is {} under your signature.", taken.state),
    })
}
