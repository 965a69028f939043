//! API keys: listed, made, rotated, revoked.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use pages::screen::settings::{self, at};
use pages::view::{Entry, KeyRow, Step};

use super::once;
use crate::access::{Caller, Permission, Role};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::Problem;
use crate::routes::api_keys::{NewKey, create_one, known, revoke_one, rotate_one};
use crate::screens::form::{Became, Form, no_such_act, opened, submitted};
use crate::screens::frame::frame;
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;

const NEEDS: Permission = Permission::Administer;

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::KEYS, Needs::Key(NEEDS), get(show)),
        act(at::KEYS, Needs::Key(NEEDS), post(change)),
    ]
}

/// The screen above.
pub(super) fn above() -> Vec<Step> {
    vec![Step {
        name: "Settings".to_owned(),
        address: at::SETTINGS.to_owned(),
    }]
}

async fn show(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, NEEDS)?;
        all(app, &caller, &(), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn all(app: &App, caller: &Caller, (): &(), entry: Option<&Entry>) -> Result<String, Problem> {
    let rows = known(app, caller)?.into_iter().map(|own| KeyRow {
        id: own.id,
        role: own.role,
        customer: own.customer,
        label: own.label,
        created: own.created,
        expires: own.expires,
        revoked: own.revoked,
        in_force: own.in_force,
    });
    let rows: Vec<KeyRow> = rows.collect();
    // Nobody makes a key that may do more than its own.
    let roles = Role::WORDS.iter();
    let roles = roles.filter(|(_, role)| caller.role.lacks(*role).is_none());
    let roles: Vec<&str> = roles.map(|(word, _)| *word).collect();
    let frame = frame(app, caller, at::SETTINGS, "API keys", above());
    let entry = entry.cloned().unwrap_or_default();
    Ok(settings::keys(
        &frame.with(Some(&entry)),
        &rows,
        &roles,
        &entry,
    ))
}

async fn change(State(app): State<App>, caller: Caller, form: Form) -> Result<Response, Problem> {
    submitted(&app, caller, form, (), changed, all).await
}

fn changed(app: &App, caller: &Caller, (): &(), form: &Form) -> Result<Became, Problem> {
    let told = match form.act() {
        "create" => {
            once(caller)?;
            let days = form.given("days").map(str::parse::<u32>).transpose();
            let asked = NewKey {
                role: form.text("role").to_owned(),
                customer: form.given("customer").map(str::to_owned),
                label: form.text("label").to_owned(),
                days: days.map_err(|_| refused_at("/days", "it is a number of days"))?,
            };
            shown_once(&create_one(app, caller, asked)?.key)
        }
        "rotate" => {
            once(caller)?;
            let hours = form.text("overlap_hours").parse();
            let hours =
                hours.map_err(|_| refused_at("/overlap_hours", "it is a number of hours"))?;
            shown_once(&rotate_one(app, caller, form.text("key"), hours)?.key)
        }
        "revoke" => {
            let key = revoke_one(app, caller, form.text("key"))?;
            format!("The key {} works no longer.", key.id)
        }
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done {
        next: at::KEYS.to_owned(),
        told,
    })
}

fn shown_once(key: &str) -> String {
    format!("The key is {key} \u{2014} keep it now: it is not shown again.")
}
