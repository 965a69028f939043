//! What is set up.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use pages::screen::settings::{self, at};
use pages::view::{Settings, SettingsGroup};

use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::Problem;
use crate::screens::frame::frame;
use crate::screens::{Screen, look};

/// The further screens: name, address, what is there, what it needs.
const FURTHER: [(&str, &str, &str, Permission); 4] = [
    (
        "API keys",
        at::KEYS,
        "who may call the server",
        Permission::Administer,
    ),
    ("Links", at::LINKS, "what a buyer opens", Permission::Share),
    (
        "Webhooks",
        at::WEBHOOKS,
        "who is told what happens",
        Permission::Administer,
    ),
    (
        "Budgets",
        at::BUDGETS,
        "what customers mean to spend",
        Permission::ReadCosts,
    ),
];

pub(super) fn screens() -> Vec<Screen> {
    vec![look(
        at::SETTINGS,
        Needs::Key(Permission::ReadCosts),
        get(show),
    )]
}

async fn show(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let further = FURTHER.iter().filter(|(.., needs)| caller.may(*needs));
        let shown = Settings {
            groups: vec![seller(app), documents(app)?, server(app)],
            further: further
                .map(|(name, address, what, _)| (*name, *address, *what))
                .collect(),
        };
        let frame = frame(app, &caller, at::SETTINGS, "Settings", Vec::new());
        Ok(settings::overview(&frame, &shown))
    };
    Ok(page(app.work(shown).await?))
}

fn or_none(text: Option<&String>) -> String {
    text.map_or_else(|| "none".to_owned(), String::clone)
}

fn seller(app: &App) -> SettingsGroup {
    let config = &app.book().config;
    SettingsGroup {
        heading: "The seller",
        rows: vec![
            ("Name on statements", or_none(config.vendor.as_ref())),
            (
                "Where the logs can be read",
                or_none(config.proof.log.as_ref()),
            ),
            ("Stripe collects", yes(app.stripe().is_some())),
        ],
    }
}

fn documents(app: &App) -> Result<SettingsGroup, Problem> {
    let config = &app.book().config;
    let documents = app.book().documents()?;
    let definitions: Vec<&str> = documents
        .definitions
        .iter()
        .map(|own| own.id.as_str())
        .collect();
    let preset = or_none(config.extends.as_ref());
    Ok(SettingsGroup {
        heading: "Documents in force for whoever signed no contract",
        rows: vec![
            ("Preset", preset),
            ("Definitions", definitions.join(", ")),
            (
                "Plan",
                format!("{} version {}", documents.plan.id, documents.plan.version),
            ),
            (
                "Customers with terms of their own",
                config.customer.len().to_string(),
            ),
        ],
    })
}

fn server(app: &App) -> SettingsGroup {
    let config = &app.book().config;
    SettingsGroup {
        heading: "The server",
        rows: vec![
            ("Release", env!("CARGO_PKG_VERSION").to_owned()),
            ("Address", app.site().origin().to_owned()),
            (
                "Texts of model calls are kept",
                yes(config.server.keep_texts),
            ),
            ("Copies of the book are made", yes(app.backups().is_some())),
            ("Documents are set as PDF", yes(app.typesetter().is_some())),
            (
                "Tables are written as XLSX",
                yes(app.spreadsheet().is_some()),
            ),
        ],
    }
}

fn yes(own: bool) -> String {
    if own { "yes" } else { "no" }.to_owned()
}
