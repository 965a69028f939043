//! What was agreed, and the definitions by which work counts.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::portal::{self, at};
use work::body::DocumentKind;

use super::frame::{above, frame};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::definitions::whole;
use crate::screens::{Screen, look};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::CONTRACTS, read, get(list)),
        look(at::DEFINITION, read, get(definition)),
    ]
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let agreed = app.book().agreed(&customer)?;
        let frame = frame(
            app,
            &caller,
            &customer,
            (at::CONTRACTS, "Contract"),
            Vec::new(),
        );
        Ok(portal::contracts(&frame, &customer, &agreed))
    };
    Ok(page(app.work(shown).await?))
}

async fn definition(
    State(app): State<App>,
    caller: Caller,
    Path((customer, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        app.book().chosen(Some(&customer))?;
        let governing = app.book().governing(Some(&customer))?.into_iter();
        let mut definitions = governing.filter(|own| own.kind == DocumentKind::Definition);
        let found = definitions.find(|own| own.digest.to_string() == id);
        let found = found.ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("no contract of yours names the definition `{id}`"),
            )
        })?;
        let own = book::documents::definition("the definition", &found.text)?;
        let trail = above("Contract", at::CONTRACTS, &customer);
        let frame = frame(app, &caller, &customer, (at::CONTRACTS, &own.id), trail);
        Ok(portal::definition(&frame, &whole(&own, found.text)))
    };
    Ok(page(app.work(shown).await?))
}
