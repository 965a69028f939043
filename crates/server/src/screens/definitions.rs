//! The definitions by which work counts, and what another text of one would count: read only.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::checks::document_checks;
use book::comparisons::Compared;
use book::periods::month;
use pages::limits::DIFFERING_WORKS_MAX;
use pages::screen::at;
use pages::view::{self, CheckRow, Comparison, DefinitionRow, Entry, Section, Step};
use work::body::{DocumentKind, PriceCheck};
use work::definition::exhibit::exhibit;
use work::{Definition, Digest};

use super::form::{Became, Form, no_such_act, opened, submitted};
use super::frame::frame;
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PUBLISHED_SHOWN_MAX;
use crate::page::page;
use crate::problem::{Problem, of_act};
use crate::routes::definitions::{definition, definitions, the_one};
use crate::sent::refused_at;

pub(super) fn screens() -> Vec<Screen> {
    let needs = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::DEFINITIONS, needs, get(list)),
        look(at::DEFINITION, needs, get(show)),
        look(at::COMPARE, needs, get(compare)),
        act(at::COMPARE, needs, post(enter)),
    ]
}

/// By what a definition is asked for: its id, or its digest.
struct Asked(String);

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
        let name = own.definition.id.clone();
        let frame = frame(app, &caller, at::DEFINITIONS, &name, vec![above]);
        let checks = checks(app, &own.definition)?;
        let mut model = whole(&own.definition, own.text);
        model.row.address = id;
        Ok(pages::screen::definition(&frame, &model, &checks))
    };
    Ok(page(app.work(shown).await?))
}

/// What documents say of whose the outcome is that the plan in force prices by a definition.
fn checks(app: &App, definition: &Definition) -> Result<Vec<CheckRow>, Problem> {
    let mut documents = app.book().documents()?;
    documents.definitions = vec![definition.clone()];
    let mut rows = document_checks(&documents, &app.book().config.checks, app.now());
    rows.retain(|own| own.check == PriceCheck::Attribution.word() && !own.reasons.is_empty());
    Ok(rows)
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

/// The definition of an id or a digest among those that the reader may know of, with its text.
fn one(app: &App, caller: &Caller, id: &str) -> Result<(Definition, String), Problem> {
    let (known, _) = known(app, caller)?;
    let known = known.into_iter().map(|own| (own.definition, own.text));
    the_one(known.collect(), id)
}

async fn compare(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::ReadCosts)?;
        comparing(app, &caller, &Asked(id), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn comparing(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    comparing_with(app, caller, asked, entry, None)
}

fn comparing_with(
    app: &App,
    caller: &Caller,
    Asked(id): &Asked,
    entry: Option<&Entry>,
    comparison: Option<&Comparison>,
) -> Result<String, Problem> {
    let (own, text) = one(app, caller, id)?;
    let step = |name: &str, address: String| Step {
        name: name.to_owned(),
        address,
    };
    let trail = vec![
        step("Definitions", at::DEFINITIONS.to_owned()),
        step(&own.id, at::definition(id)),
    ];
    let title = "What another text would count";
    let frame = frame(app, caller, at::DEFINITIONS, title, trail).with(entry);
    let entry = entry.cloned().unwrap_or_default();
    Ok(pages::screen::compare(
        &frame,
        (id, &text),
        &entry,
        comparison,
    ))
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, Asked(id), entered, comparing).await
}

fn entered(app: &App, caller: &Caller, asked: &Asked, form: &Form) -> Result<Became, Problem> {
    if form.act() != "compare" {
        return Err(no_such_act());
    }
    let customer = form.given("customer");
    let customer = customer.ok_or_else(|| refused_at("/customer", "name a customer"))?;
    caller.require(customer)?;
    let text = form.document("document");
    let text = text.ok_or_else(|| refused_at("/document", "enter the text of the definition"))?;
    let (left, _) = one(app, caller, &asked.0)?;
    let right = definition("/document", text)?;
    if right.id != left.id {
        let detail = format!("it is of `{}`, and compared is `{}`", right.id, left.id);
        return Err(refused_at("/document", detail));
    }
    let month = form.given("month").map(month).transpose();
    let month = month.map_err(|_| refused_at("/month", "it is a month such as 2026-01"))?;
    let compared = Compared {
        left: &left,
        right: &right,
        names: [format!("{}.toml", left.id), "entered.toml".to_owned()],
        customer: Some(customer),
        month,
        flat: None,
        as_of: app.now(),
        list: DIFFERING_WORKS_MAX,
    };
    let plan = app.book().documents()?.plan;
    let comparison = app.book().compare(&plan, &compared).map_err(of_act)?;
    let entry = form.kept(app)?;
    let page = comparing_with(app, caller, asked, Some(&entry), Some(&comparison))?;
    Ok(Became::Seen(page))
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

/// A definition with its annex.
pub(super) fn whole(own: &Definition, text: String) -> view::Definition {
    let annex = exhibit(own);
    let english_digest = Digest::of(annex.plain().as_bytes()).to_string();
    let sections = annex.sections.into_iter().map(|section| Section {
        heading: section.heading.to_owned(),
        sentences: section.sentences,
    });
    view::Definition {
        row: row(
            &Known {
                definition: own.clone(),
                text: String::new(),
                is_default: false,
                customers: 0,
            },
            true,
        ),
        sections: sections.collect(),
        cases: (annex.cases.into_iter())
            .map(|case| (case.question, case.answer))
            .collect(),
        english_digest,
        text,
    }
}
