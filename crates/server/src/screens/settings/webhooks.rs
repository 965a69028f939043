//! Endpoints of webhooks: listed, made, tested, changed, deleted, and what was sent to one.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use pages::screen::settings::{self, at};
use pages::view::{Entry, Step, WebhookDeliveryRow, WebhookRow};
use store::outbox::{Delivery, Endpoint};

use super::keys::above;
use super::once;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params};
use crate::problem::Problem;
use crate::routes::webhooks::{
    NewWebhook, WebhookChange, change_one, create_one, delete_one, find, known, redeliver_one,
    rotate_one, test_one,
};
use crate::screens::form::{Became, Form, no_such_act, opened, submitted};
use crate::screens::frame::frame;
use crate::screens::listing::From;
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;
use crate::webhooks::EventType;

const NEEDS: Permission = Permission::Administer;

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(NEEDS);
    vec![
        look(at::WEBHOOKS, needs, get(list)),
        act(at::WEBHOOKS, needs, post(create)),
        look(at::WEBHOOK, needs, get(show)),
        act(at::WEBHOOK, needs, post(change)),
    ]
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, NEEDS)?;
        all(app, &caller, &(), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn all(app: &App, caller: &Caller, (): &(), entry: Option<&Entry>) -> Result<String, Problem> {
    let rows: Vec<WebhookRow> = known(app, caller)?.into_iter().map(row).collect();
    let types = EventType::ALL.map(|own| (own.word(), own.about()));
    let frame = frame(app, caller, at::SETTINGS, "Webhooks", above());
    let entry = entry.cloned().unwrap_or_default();
    Ok(settings::webhooks(
        &frame.with(Some(&entry)),
        &rows,
        &types,
        &entry,
    ))
}

fn row(own: Endpoint) -> WebhookRow {
    WebhookRow {
        id: own.id,
        url: own.url,
        description: own.description,
        customer: own.customer,
        types: own.types,
        disabled: own
            .disabled
            .map(|own| format!("{} since {}", own.why, own.at)),
        failing_since: own.failing_since,
    }
}

async fn create(State(app): State<App>, caller: Caller, form: Form) -> Result<Response, Problem> {
    submitted(&app, caller, form, (), created, all).await
}

fn created(app: &App, caller: &Caller, (): &(), form: &Form) -> Result<Became, Problem> {
    once(caller)?;
    let types = form.text("types").split(',').map(str::trim);
    let new = NewWebhook {
        url: form.text("url").to_owned(),
        description: form.text("description").to_owned(),
        customer: form.given("customer").map(str::to_owned),
        types: types
            .filter(|own| !own.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    let (endpoint, secret) = create_one(app, caller, new)?;
    Ok(Became::Done {
        next: at::webhook(&endpoint.id),
        told: secret_told(&secret),
    })
}

fn secret_told(secret: &str) -> String {
    format!("What signs its messages is {secret} \u{2014} keep it now: it is not shown again.")
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Params(asked): Params<From>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, NEEDS)?;
        let cursor = asked.cursor.as_deref();
        one(app, &caller, (&id, cursor), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(
    app: &App,
    caller: &Caller,
    (id, cursor): (&str, Option<&str>),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let listing = ["deliveries of a webhook", id];
    let before: Option<u64> = Cursor::place(&listing, cursor)?;
    let endpoint = find(app, caller, id)?;
    let outbox = app.store().operations().outbox();
    // One further, to know whether there are more.
    let mut found = outbox.endpoint_deliveries(&endpoint.id, before, PAGE_ROWS + 1)?;
    let is_more = found.len() > PAGE_ROWS;
    found.truncate(PAGE_ROWS);
    let last = found.last().filter(|_| is_more).map(|own| own.number);
    let next = Cursor::next(&listing, last);
    let next = next.map(|cursor| format!("{}?cursor={cursor}", at::webhook(id)));
    let rows: Vec<WebhookDeliveryRow> = found.into_iter().map(delivery).collect();
    let mut trail = above();
    trail.push(Step {
        name: "Webhooks".to_owned(),
        address: at::WEBHOOKS.to_owned(),
    });
    let frame = frame(app, caller, at::SETTINGS, &endpoint.url, trail);
    let entry = entry.cloned().unwrap_or_default();
    let frame = frame.with(Some(&entry));
    Ok(settings::webhook(
        &frame,
        &row(endpoint),
        &rows,
        next.as_deref(),
        &entry,
    ))
}

fn delivery(own: Delivery) -> WebhookDeliveryRow {
    let status = own.last_status.map(|own| own.to_string());
    let last: Vec<String> = status.into_iter().chain(own.last_problem).collect();
    WebhookDeliveryRow {
        message: own.message,
        kind: own.kind,
        created: own.created,
        state: own.state.word(),
        attempts: own.attempts,
        next_attempt: own.next_at,
        last: (!last.is_empty()).then(|| last.join(": ")),
    }
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, id, changed, again).await
}

fn again(
    app: &App,
    caller: &Caller,
    id: &String,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    one(app, caller, (id, None), entry)
}

fn changed(app: &App, caller: &Caller, id: &String, form: &Form) -> Result<Became, Problem> {
    let enable = |enabled: bool| {
        let change = WebhookChange {
            enabled: Some(enabled),
            ..WebhookChange::default()
        };
        change_one(app, &find(app, caller, id)?, change)
    };
    let mut next = at::webhook(id);
    let told = match form.act() {
        "test" => format!("The test {} is on its way.", test_one(app, caller, id)?),
        "enable" => {
            enable(true)?;
            "It is on: what waited is sent.".to_owned()
        }
        "disable" => {
            enable(false)?;
            "It is off: messages wait for 30 days.".to_owned()
        }
        "rotate" => {
            once(caller)?;
            let hours = form.text("overlap_hours").parse();
            let hours =
                hours.map_err(|_| refused_at("/overlap_hours", "it is a number of hours"))?;
            secret_told(&rotate_one(app, caller, id, hours)?.0)
        }
        "redeliver" => {
            let message = form.text("message");
            redeliver_one(app, caller, id, message)?;
            format!("{message} is on its way again.")
        }
        "delete" => {
            delete_one(app, caller, id)?;
            at::WEBHOOKS.clone_into(&mut next);
            "The endpoint is deleted.".to_owned()
        }
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done { next, told })
}
