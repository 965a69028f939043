//! `/v1/customers/{customer}/covers` and `/cover-choices`: one document to pay for several statements.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{ChooseCovers, IssueCover, VoidCover};
use jiff::civil::Date;
use pages::view::{AwaitedCover, Cover, CoverChoice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::body::Per;

use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_of, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, refused_at, role, words};

/// A page of covers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverPage {
    /// In the order of issue.
    covers: Vec<Cover>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What a customer chose to be sent one document to pay for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverChoices {
    /// In the order of the log. For a day the one with the latest `from` not after it holds, the later of one day.
    choices: Vec<CoverChoice>,
    /// What statements wait for.
    awaited: Vec<AwaitedCover>,
}

/// A choice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choosing {
    /// `customer`: one document for all statements through one day, in one currency; `contract`: each for itself.
    #[schema(example = "customer")]
    per: String,
    /// The first day that it is for, the last of a statement's period; today where absent.
    #[schema(example = "2026-01-31")]
    from: Option<String>,
    /// Who chose it for the buyer (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// Which statements become one document to pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Covering {
    /// Those through this day; where absent, the only one of which some wait.
    #[schema(example = "2026-01-31")]
    through: Option<String>,
    /// Those in this currency; where absent, the only one.
    #[schema(example = "USD")]
    currency: Option<String>,
    /// Who issues it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Why a cover is voided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidingCover {
    /// In words.
    #[schema(example = "the wrong address")]
    reason: String,
    /// Who approves it (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// Lists the covers of a customer.
#[utoipa::path(get, path = "/v1/customers/{customer}/covers", tag = "covers", operation_id = "list_covers",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = CoverPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["covers".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| Ok(app.book().covers(&customer)?));
    let (covers, next) = page_of(found.await?, from, rows);
    let shown = CoverPage {
        covers,
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One cover, with its statements.
#[utoipa::path(get, path = "/v1/customers/{customer}/covers/{number}", tag = "covers", operation_id = "get_cover",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-A0001"),
    ),
    responses((status = 200, description = "It", body = Cover), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Json<Cover>, Problem> {
    let found = app.work(move |app| Ok(app.book().cover(&customer, &number)?));
    Ok(Json(found.await?))
}

/// Issues a cover over the statements that wait for it.
///
/// A statement run does it by itself. A statement under a cover is paid with it: a payment that names the cover is for its
/// statements, each as far as it is open.
#[utoipa::path(post, path = "/v1/customers/{customer}/covers", tag = "covers", operation_id = "issue_cover",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Covering, content_type = "application/json"),
    responses((status = 201, description = "The cover", body = Cover),
        (status = 200, description = "It was issued by the same request before", body = Cover), Refusals))]
pub(crate) async fn issue(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Cover>), Problem> {
    let sent: Covering = body::json(&headers, body).await?;
    let issued = move |app: &App| {
        let id = key.id("cover");
        let currency = sent.currency.as_deref().map(|code| {
            let detail = "it is not a currency such as USD";
            code.parse().map_err(|_| refused_at("/currency", detail))
        });
        let act = IssueCover {
            customer: &customer,
            through: day("/through", sent.through.as_deref())?,
            currency: currency.transpose()?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let issued = app.book().issue_cover(&act, app.now()).map_err(of_act)?;
        Ok((done(issued.is_known), Json(issued.what)))
    };
    app.work(issued).await
}

/// Voids a cover.
///
/// Its statements stand, and wait for another. Not where something was paid on one of them, or written off.
#[utoipa::path(post, path = "/v1/customers/{customer}/covers/{number}/void", tag = "covers", operation_id = "void_cover",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-A0001"),
    ),
    request_body(content = VoidingCover, content_type = "application/json"),
    responses((status = 201, description = "The cover", body = Cover),
        (status = 200, description = "It was voided by the same request before", body = Cover), Refusals))]
pub(crate) async fn void(
    State(app): State<App>,
    key: RequestKey,
    Path((customer, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Cover>), Problem> {
    let sent: VoidingCover = body::json(&headers, body).await?;
    let voided = move |app: &App| {
        let id = key.id("void-cover");
        let act = VoidCover {
            customer: &customer,
            number: &number,
            reason: words("/reason", &sent.reason)?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let voided = app.book().void_cover(&act, app.now()).map_err(of_act)?;
        Ok((done(voided.is_known), Json(voided.what)))
    };
    app.work(voided).await
}

/// What a customer chose, and what statements wait for.
#[utoipa::path(get, path = "/v1/customers/{customer}/cover-choices", tag = "covers", operation_id = "list_cover_choices",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    responses((status = 200, description = "All of them", body = CoverChoices), Refusals))]
pub(crate) async fn choices(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<CoverChoices>, Problem> {
    let found = move |app: &App| {
        Ok(CoverChoices {
            choices: app.book().cover_choices(&customer)?,
            awaited: app.book().awaited_covers(&customer)?,
        })
    };
    Ok(Json(app.work(found).await?))
}

/// Writes what a customer chose to be sent one document to pay for.
///
/// It is for statements that are issued after it, from its day on.
#[utoipa::path(post, path = "/v1/customers/{customer}/cover-choices", tag = "covers", operation_id = "choose_covers",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Choosing, content_type = "application/json"),
    responses((status = 201, description = "The choice", body = CoverChoice),
        (status = 200, description = "It was made by the same request before", body = CoverChoice), Refusals))]
pub(crate) async fn choose(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<CoverChoice>), Problem> {
    let sent: Choosing = body::json(&headers, body).await?;
    let chosen = move |app: &App| {
        let id = key.id("cover-choice");
        let per = Per::WORDS.iter().find(|(word, _)| *word == sent.per);
        let (_, per) = per.ok_or_else(|| refused_at("/per", "it is `customer` or `contract`"))?;
        let act = ChooseCovers {
            customer: &customer,
            per: *per,
            from: day("/from", sent.from.as_deref())?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let chosen = app.book().choose_covers(&act, app.now()).map_err(of_act)?;
        Ok((done(chosen.is_known), Json(chosen.what)))
    };
    app.work(chosen).await
}

fn day(at: &str, text: Option<&str>) -> Result<Option<Date>, Problem> {
    let detail = "it is not a day such as 2026-01-31";
    let parse = |text: &str| text.parse().map_err(|_| refused_at(at, detail));
    text.map(parse).transpose()
}
