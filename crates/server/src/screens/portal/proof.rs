//! The shared log, as its buyer checks it.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::portal::{self, at};
use pages::view::OwnLog;
use tlog::Checkpoint;
use work::LogKind;

use super::frame::frame;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::{Screen, look};

/// Statements whose proof files are offered: the latest.
const STATEMENTS: usize = 24;

pub(super) fn screens() -> Vec<Screen> {
    vec![look(at::PROOF, Needs::Key(Permission::Read), get(show))]
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| one(app, &caller, &customer, None);
    Ok(page(app.work(shown).await?))
}

/// The page; `refused` where a head was not taken.
pub(super) fn one(
    app: &App,
    caller: &Caller,
    customer: &str,
    refused: Option<String>,
) -> Result<String, Problem> {
    let log = log(app, customer)?;
    let mut frame = frame(app, caller, customer, (at::PROOF, "Proof"), Vec::new());
    if let Some(refused) = refused {
        frame.told = Some(pages::view::Told::Refused(refused));
    }
    Ok(portal::proof(&frame, customer, &log))
}

fn log(app: &App, customer: &str) -> Result<OwnLog, Problem> {
    let book = app.book();
    book.require_customer(customer)?;
    let keyring = book.keyring().map_err(Problem::from)?;
    let keys = keyring.signers(LogKind::Shared, customer, app.now());
    let keys = keys.map_err(book::Error::from)?;
    let origin = book.origin(customer)?;
    let note = book.signed_head(customer, LogKind::Shared, u64::MAX)?;
    let head = note.as_ref().map(|note| note.text().parse::<Checkpoint>());
    let head = head.transpose().map_err(|error| {
        tracing::error!(%error, "a kept head cannot be read");
        Problem::new(Code::Internal, "a kept head cannot be read")
    })?;
    let statements = book.statements(customer)?;
    let first = statements.len().saturating_sub(STATEMENTS);
    let others = |note: &tlog::Note| {
        let mut lines = note.signatures().iter();
        lines.any(|own| own.name().as_str() != origin)
    };
    Ok(OwnLog {
        keys: (keys.iter())
            .map(|key| key.verifier_key().to_string())
            .collect(),
        size: app.store().head(customer, LogKind::Shared)?,
        signed: head.map(|head| head.size()),
        is_acknowledged: note.as_ref().is_some_and(others),
        note: note.map(|note| note.to_string()),
        statements: (statements.into_iter().skip(first))
            .map(|own| own.number)
            .collect(),
        origin,
    })
}
