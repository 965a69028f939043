//! The definitions by which work counts: read only.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use pages::view::{self, DefinitionRow, Section, Step};
use work::body::DocumentKind;
use work::definition::exhibit::exhibit;
use work::{Definition, Digest};

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PUBLISHED_SHOWN_MAX;
use crate::page::page;
use crate::problem::Problem;
use crate::routes::definitions::{definition, definitions, the_one};

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::DEFINITIONS, needs, get(list)),
        look(at::DEFINITION, needs, get(show)),
    ]
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let (known, more) = known(app, &caller)?;
        let is_one = |id: &str| known.iter().filter(|own| own.definition.id == id).count() == 1;
        let rows = known.iter().map(|own| row(own, is_one(&own.definition.id)));
        let rows: Vec<DefinitionRow> = rows.collect();
        let frame = frame(app, &caller, at::DEFINITIONS, "Definitions", Vec::new());
        Ok(pages::screen::definitions(&frame, &rows, more))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let (known, _) = known(app, &caller)?;
        let known = known.into_iter().map(|own| (own.definition.clone(), own));
        let (_, own) = the_one(known.collect(), &id)?;
        let above = Step {
            name: "Definitions".to_owned(),
            address: at::DEFINITIONS.to_owned(),
        };
        let frame = frame(
            app,
            &caller,
            at::DEFINITIONS,
            &own.definition.id,
            vec![above],
        );
        Ok(pages::screen::definition(&frame, &whole(&own)))
    };
    Ok(page(app.work(shown).await?))
}

/// A definition that the reader may know of.
struct Known {
    definition: Definition,
    text: String,
    is_default: bool,
    customers: u64,
}

/// The definitions in force for whoever signed nothing and those that were published, by id; whether there are more. To a
/// key of one customer, those that govern it.
fn known(app: &App, caller: &Caller) -> Result<(Vec<Known>, bool), Problem> {
    let governing = definitions(app, caller)?.into_iter();
    let is_of_one = caller.customer.is_some();
    let mut known: Vec<Known> = governing
        .map(|(definition, text)| Known {
            definition,
            text,
            is_default: !is_of_one,
            customers: u64::from(is_of_one),
        })
        .collect();
    if is_of_one {
        return Ok((known, false));
    }
    let kind = DocumentKind::Definition;
    // One further, to know whether there are more.
    let mut published = app.store().published(kind, PUBLISHED_SHOWN_MAX + 1)?;
    let is_more = published.len() > PUBLISHED_SHOWN_MAX;
    published.truncate(PUBLISHED_SHOWN_MAX);
    for own in published {
        if let Some(same) = known
            .iter_mut()
            .find(|same| same.definition.digest == own.digest)
        {
            same.customers = own.customers;
            continue;
        }
        let Ok(definition) = definition("", &own.text) else {
            tracing::warn!(digest = %own.digest, "a published definition cannot be read");
            continue;
        };
        known.push(Known {
            definition,
            text: own.text,
            is_default: false,
            customers: own.customers,
        });
    }
    known.sort_by(|a, b| a.definition.id.cmp(&b.definition.id));
    Ok((known, is_more))
}

fn row(known: &Known, is_one: bool) -> DefinitionRow {
    let own = &known.definition;
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
        is_default: known.is_default,
        customers: known.customers,
    }
}

fn whole(known: &Known) -> view::Definition {
    let own = &known.definition;
    let annex = exhibit(own);
    let english_digest = Digest::of(annex.plain().as_bytes()).to_string();
    let sections = annex.sections.into_iter().map(|section| Section {
        heading: section.heading.to_owned(),
        sentences: section.sentences,
    });
    view::Definition {
        row: row(known, true),
        sections: sections.collect(),
        cases: (annex.cases.into_iter())
            .map(|case| (case.question, case.answer))
            .collect(),
        english_digest,
        text: known.text.clone(),
    }
}
