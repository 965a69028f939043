//! The definitions by which work counts: read only.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use pages::view::{self, DefinitionRow, Section, Step};
use work::definition::exhibit::exhibit;
use work::{Definition, Digest};

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::Problem;
use crate::routes::definitions::{definitions, one};

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::DEFINITIONS, needs, get(list)),
        look(at::DEFINITION, needs, get(show)),
    ]
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let known = definitions(app, &caller)?;
        let is_one = |id: &str| known.iter().filter(|(own, _)| own.id == id).count() == 1;
        let rows = known.iter().map(|(own, _)| row(own, is_one(&own.id)));
        let rows: Vec<DefinitionRow> = rows.collect();
        let frame = frame(app, &caller, at::DEFINITIONS, "Definitions", Vec::new());
        Ok(pages::screen::definitions(&frame, &rows))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let (own, text) = one(app, &caller, &id)?;
        let above = Step {
            name: "Definitions".to_owned(),
            address: at::DEFINITIONS.to_owned(),
        };
        let frame = frame(app, &caller, at::DEFINITIONS, &own.id, vec![above]);
        Ok(pages::screen::definition(&frame, &whole(&own, text)))
    };
    Ok(page(app.work(shown).await?))
}

fn row(own: &Definition, is_one: bool) -> DefinitionRow {
    let digest = own.digest.to_string();
    DefinitionRow {
        id: own.id.clone(),
        address: if is_one {
            own.id.clone()
        } else {
            digest.clone()
        },
        digest,
        question: own.question.clone(),
        owner: own.owner.clone(),
        classes: (own.counts.iter())
            .map(|class| class.name.to_string())
            .collect(),
    }
}

fn whole(own: &Definition, text: String) -> view::Definition {
    let annex = exhibit(own);
    let english_digest = Digest::of(annex.plain().as_bytes()).to_string();
    let sections = annex.sections.into_iter().map(|section| Section {
        heading: section.heading.to_owned(),
        sentences: section.sentences,
    });
    view::Definition {
        row: row(own, true),
        sections: sections.collect(),
        cases: (annex.cases.into_iter())
            .map(|case| (case.question, case.answer))
            .collect(),
        english_digest,
        text,
    }
}
