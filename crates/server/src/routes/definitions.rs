//! `/v1/definitions` and `/v1/plans`: the documents by which work counts and is priced.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use book::agreements::Governing;
use book::documents::{self, FaultyDocument};
use pricing::Plan;
use pricing::plan::check::check;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::Definition;
use work::body::DocumentKind;
use work::definition::exhibit::exhibit;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::precondition::tagged;
use crate::problem::{Code, Problem, Refusals, faulty};

/// The definitions that govern somebody the caller knows of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Definitions {
    /// By id.
    definitions: Vec<DefinitionRow>,
}

/// A definition, in a listing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DefinitionRow {
    /// The id.
    id: String,
    /// SHA-256 of its text, by which contracts name it.
    digest: String,
    /// The job, as the buyer would ask.
    question: String,
    /// Who answers for it.
    owner: String,
    /// Its classes, in the order of precedence.
    classes: Vec<String>,
}

/// A definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Definition)]
pub(crate) struct DefinitionShown {
    /// As in a listing.
    #[serde(flatten)]
    row: DefinitionRow,
    /// Its text (TOML).
    text: String,
    /// The same in plain English with edge cases answered: the annex that both sides sign.
    english: String,
    /// SHA-256 of the English, which a buyer acknowledges.
    english_digest: String,
}

/// The plans that govern somebody the caller knows of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plans {
    /// By id.
    plans: Vec<PlanShown>,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanShown {
    /// The id.
    id: String,
    /// The seller's number of it.
    version: u32,
    /// SHA-256 of its text, by which contracts name it.
    digest: String,
    /// The currency of every price in it.
    currency: String,
    /// Its priced lines, by id, in the order of the text.
    components: Vec<String>,
    /// Its text (TOML).
    text: String,
}

/// The text of a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefinitionText {
    /// TOML.
    #[schema(
        example = "id = \"support.resolved_case\"\nquestion = \"Did it resolve the ticket?\"\n"
    )]
    text: String,
}

/// The text of a plan, and of the definitions that it is read beside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanText {
    /// TOML.
    #[schema(example = "id = \"hybrid\"\nversion = 1\ncurrency = \"USD\"\n")]
    text: String,
    /// The texts of the definitions that it prices; those in force where absent.
    #[schema(example = json!(["id = \"support.resolved_case\"\n"]))]
    definitions: Option<Vec<String>>,
}

/// Lists definitions.
///
/// Those in force for whoever signed nothing. A key of one customer is told of those that govern that customer.
#[utoipa::path(get, path = "/v1/definitions", tag = "definitions", operation_id = "list_definitions",
    responses((status = 200, description = "All of them", body = Definitions), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Definitions>, Problem> {
    let found = app.work(move |app| definitions(app, &caller)).await?;
    Ok(Json(Definitions {
        definitions: found.iter().map(|(own, _)| row(own)).collect(),
    }))
}

/// One definition: its text, and what it says in plain English.
#[utoipa::path(get, path = "/v1/definitions/{id}", tag = "definitions", operation_id = "get_definition",
    params(("id" = String, Path, description = "Its id, or its digest where several are of that id", example = "support.outcome")),
    responses((status = 200, description = "It, with an `ETag`", body = DefinitionShown),
        (status = 304, description = "It is as `If-None-Match` says"), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.work(move |app| {
        let (own, text) = one(app, &caller, &id)?;
        Ok(shown(&own, text))
    });
    tagged(&headers, &found.await?)
}

/// Checks the text of a definition. Nothing is kept.
#[utoipa::path(post, path = "/v1/definitions/check", tag = "definitions", operation_id = "check_definition",
    request_body(content = DefinitionText, content_type = "application/json"),
    responses((status = 200, description = "It can be used; what it says", body = DefinitionShown), Refusals))]
pub(crate) async fn check_definition(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DefinitionShown>, Problem> {
    let DefinitionText { text } = body::json(&headers, body).await?;
    let checked = move |_: &App| {
        let definition = definition("/text", &text)?;
        Ok(shown(&definition, text))
    };
    Ok(Json(app.work(checked).await?))
}

/// Lists plans.
///
/// That in force for whoever signed nothing. A key of one customer is told of those that govern that customer.
#[utoipa::path(get, path = "/v1/plans", tag = "plans", operation_id = "list_plans",
    responses((status = 200, description = "All of them", body = Plans), Refusals))]
pub(crate) async fn plans(State(app): State<App>, caller: Caller) -> Result<Json<Plans>, Problem> {
    let found = app.work(move |app| plans_of(app, &caller)).await?;
    Ok(Json(Plans {
        plans: found.into_iter().map(plan_shown).collect(),
    }))
}

/// Checks the text of a plan beside definitions. Nothing is kept.
#[utoipa::path(post, path = "/v1/plans/check", tag = "plans", operation_id = "check_plan",
    request_body(content = PlanText, content_type = "application/json"),
    responses((status = 200, description = "It can be used", body = PlanShown), Refusals))]
pub(crate) async fn check_plan(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PlanShown>, Problem> {
    let sent: PlanText = body::json(&headers, body).await?;
    let checked = move |app: &App| {
        let plan = plan("/text", &sent.text)?;
        let definitions = match sent.definitions {
            None => app.book().documents()?.definitions.clone(),
            Some(texts) => (texts.iter().enumerate())
                .map(|(at, text)| definition(&format!("/definitions/{at}"), text))
                .collect::<Result<Vec<_>, _>>()?,
        };
        let definitions: Vec<&Definition> = definitions.iter().collect();
        let faults = check(&plan.components, &definitions);
        if faults.is_empty() {
            return Ok(plan_shown(plan));
        }
        let faulty_plan = FaultyDocument {
            name: "the plan".to_owned(),
            text: sent.text,
            faults,
        };
        Err(faulty("/text", &faulty_plan))
    };
    Ok(Json(app.work(checked).await?))
}

/// The documents of a kind that the caller may know of.
fn governing(app: &App, caller: &Caller, kind: DocumentKind) -> Result<Vec<Governing>, Problem> {
    let mut known = app.book().governing(caller.customer.as_deref())?;
    known.retain(|own| own.kind == kind);
    Ok(known)
}

/// The plans that the caller may know of, by id and version.
pub(crate) fn plans_of(app: &App, caller: &Caller) -> Result<Vec<Plan>, Problem> {
    let mut found = Vec::new();
    for own in governing(app, caller, DocumentKind::Plan)? {
        found.push(plan("", &own.text)?);
    }
    found.sort_by(|a, b| (&a.id, a.version).cmp(&(&b.id, b.version)));
    Ok(found)
}

/// One of them, by its id, or by its digest where several are of that id.
pub(crate) fn one_plan(app: &App, caller: &Caller, id: &str) -> Result<Plan, Problem> {
    let is_asked = |own: &Plan| own.id == id || own.digest.to_string() == id;
    let mut found = plans_of(app, caller)?.into_iter().filter(is_asked);
    only("plan", id, (found.next(), found.next()))
}

/// The definition of an id, or of a digest where several are of that id.
fn one(app: &App, caller: &Caller, id: &str) -> Result<(Definition, String), Problem> {
    the_one(definitions(app, caller)?, id)
}

/// The one of that id or digest, with what goes with it.
pub(crate) fn the_one<T>(
    known: Vec<(Definition, T)>,
    id: &str,
) -> Result<(Definition, T), Problem> {
    let is_asked = |own: &Definition| own.id == id || own.digest.to_string() == id;
    let mut found = known.into_iter().filter(|(own, _)| is_asked(own));
    only("definition", id, (found.next(), found.next()))
}

/// The only one that an id or a digest names.
fn only<T>(what: &str, id: &str, found: (Option<T>, Option<T>)) -> Result<T, Problem> {
    match found {
        (Some(found), None) => Ok(found),
        (None, _) => Err(Problem::new(
            Code::NotFound,
            format!("there is no {what} `{id}`"),
        )),
        (Some(_), Some(_)) => Err(Problem::new(
            Code::Conflict,
            format!("several {what}s are `{id}`; name one by its digest"),
        )),
    }
}

/// The definitions that the caller may know of, with their texts, by id.
pub(crate) fn definitions(
    app: &App,
    caller: &Caller,
) -> Result<Vec<(Definition, String)>, Problem> {
    let mut found = Vec::new();
    for own in governing(app, caller, DocumentKind::Definition)? {
        found.push((definition("", &own.text)?, own.text));
    }
    found.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    Ok(found)
}

/// A definition, whose text is at `pointer` of the body.
pub(crate) fn definition(pointer: &str, text: &str) -> Result<Definition, Problem> {
    match documents::definition("the definition", text) {
        Ok(definition) => Ok(definition),
        Err(book::Error::Faulty(document)) => Err(faulty(pointer, &document)),
        Err(error) => Err(error.into()),
    }
}

/// A plan, whose text is at `pointer` of the body.
fn plan(pointer: &str, text: &str) -> Result<Plan, Problem> {
    Plan::parse(text).map_err(|error| {
        let document = FaultyDocument {
            name: "the plan".to_owned(),
            text: text.to_owned(),
            faults: error.faults,
        };
        faulty(pointer, &document)
    })
}

fn row(definition: &Definition) -> DefinitionRow {
    DefinitionRow {
        id: definition.id.clone(),
        digest: definition.digest.to_string(),
        question: definition.question.clone(),
        owner: definition.owner.clone(),
        classes: (definition.counts.iter())
            .map(|class| class.name.to_string())
            .collect(),
    }
}

fn shown(definition: &Definition, text: String) -> DefinitionShown {
    let english = exhibit(definition).plain();
    DefinitionShown {
        row: row(definition),
        text,
        english_digest: work::Digest::of(english.as_bytes()).to_string(),
        english,
    }
}

fn plan_shown(plan: Plan) -> PlanShown {
    PlanShown {
        id: plan.id,
        version: plan.version,
        digest: plan.digest.to_string(),
        currency: plan.currency.code().to_owned(),
        components: plan.components.into_iter().map(|own| own.id).collect(),
        text: plan.text,
    }
}
