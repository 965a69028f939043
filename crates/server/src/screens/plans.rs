//! Plans, and what another text of one would bill: read only.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::checks::document_checks;
use book::previews::Change;
use book::{price_books, quotes};
use pages::screen::at;
use pages::view::{ChangePreview, Entry, PlanRow, PlanSheet, Step};
use pricing::Plan;
use pricing::plan::check;
use work::Definition;

use super::form::{Became, Form, no_such_act, opened, submitted};
use super::frame::frame;
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Problem, of_act};
use crate::routes::definitions::{one_plan, plans_of};
use crate::sent::{day, refused_at};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::PLANS, read, get(list)),
        look(at::PLAN, read, get(show)),
        act(at::PLAN, read, post(enter)),
    ]
}

/// By what a plan is asked for: its id, or its digest.
struct Asked(String);

async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let known = plans_of(app, &caller)?;
        let is_one = |id: &str| known.iter().filter(|own| own.id == id).count() == 1;
        let rows = known.iter().map(|own| row(own, is_one(&own.id)));
        let rows: Vec<PlanRow> = rows.collect();
        let frame = frame(app, &caller, at::PLANS, "Plans", Vec::new());
        Ok(pages::screen::plans(&frame, &rows))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let entry = opened(app, &caller, Permission::ReadCosts)?;
        one(app, &caller, &Asked(id), entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn one(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    with(app, caller, asked, entry, None)
}

fn with(
    app: &App,
    caller: &Caller,
    Asked(id): &Asked,
    entry: Option<&Entry>,
    preview: Option<&ChangePreview>,
) -> Result<String, Problem> {
    let plan = one_plan(app, caller, id)?;
    let title = format!("Plan {}", plan.id);
    let sheet = sheet(app, plan, id)?;
    let above = Step {
        name: "Plans".to_owned(),
        address: at::PLANS.to_owned(),
    };
    let frame = frame(app, caller, at::PLANS, &title, vec![above]).with(entry);
    let entry = entry.cloned().unwrap_or_default();
    Ok(pages::screen::plan(&frame, &sheet, &entry, preview))
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, Asked(id), compared, one).await
}

fn compared(app: &App, caller: &Caller, asked: &Asked, form: &Form) -> Result<Became, Problem> {
    if form.act() != "compare" {
        return Err(no_such_act());
    }
    let customer = form.given("customer");
    let customer = customer.ok_or_else(|| refused_at("/customer", "name a customer"))?;
    caller.require(customer)?;
    let text = form.document("document");
    let text = text.ok_or_else(|| refused_at("/document", "enter the text of the plan"))?;
    let periods = form.given("periods").unwrap_or("0").parse();
    let change = Change {
        customer,
        contract: form.given("contract"),
        document: None,
        plan: Some(text),
        from: day("/from", form.text("from"))?,
        periods: periods.map_err(|_| refused_at("/periods", "it is a whole number"))?,
    };
    let preview = app
        .book()
        .preview_change(&change, app.now())
        .map_err(of_act)?;
    let entry = form.kept(app)?;
    let page = with(app, caller, asked, Some(&entry), Some(&preview))?;
    Ok(Became::Seen(page))
}

fn row(own: &Plan, is_one: bool) -> PlanRow {
    let digest = own.digest.to_string();
    PlanRow {
        id: own.id.clone(),
        version: own.version,
        address: if is_one {
            own.id.clone()
        } else {
            digest.clone()
        },
        digest,
        currency: own.currency.code().to_owned(),
        components: own.components.iter().map(|own| own.id.clone()).collect(),
    }
}

fn sheet(app: &App, plan: Plan, address: &str) -> Result<PlanSheet, Problem> {
    let definitions = app.book().documents()?.definitions;
    let definitions: Vec<&Definition> = definitions.iter().collect();
    let faults = check::check(&plan.components, &definitions).into_iter();
    let needs = check::needed(&plan.components).into_iter().map(|own| {
        let document = own.document.word().replace('_', " ");
        format!(
            "`{}` looks at a {document} of `{}`",
            own.component, own.subject
        )
    });
    let costs = price_books::load(app.store())?;
    let checked = app.book().documents()?.with_plan(&plan.text)?;
    Ok(PlanSheet {
        checks: document_checks(&checked, &app.book().config.checks, app.now()),
        components: quotes::of_plan(&plan),
        faults: faults
            .map(|own| match own.hint {
                Some(hint) => format!("{} ({hint})", own.problem),
                None => own.problem,
            })
            .collect(),
        needs: needs.collect(),
        model_costs: Some(costs.date()),
        row: PlanRow {
            address: address.to_owned(),
            ..row(&plan, true)
        },
        text: plan.text,
    })
}
