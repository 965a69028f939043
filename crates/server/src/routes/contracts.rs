//! `/v1/customers/{customer}/contracts`: on which terms a customer buys.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use book::acts::{Amend, ContractText, End, Open, Renew, RollBack, Sign};
use book::previews::Change;
use pages::view::{ChangePreview, Contract};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::precondition::{tag, tagged};
use crate::problem::{Conditional, Problem, Refusals, of_act};
use crate::sent::{day, done, role};

/// The contracts of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contracts {
    /// By id. A customer who signed nothing has a draft over the documents in force.
    contracts: Vec<Contract>,
}

/// How a contract is signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    /// The first day, in the contract's zone; a document of one's own says it itself.
    #[schema(example = "2026-01-01")]
    from: String,
    /// The contract document (TOML); made of the configuration, over the documents in force, where absent.
    #[schema(example = json!(null))]
    document: Option<String>,
    /// Who signs for the buyer (a role, no name).
    #[schema(example = "procurement")]
    by: String,
}

/// How a contract is amended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amendment {
    /// The first day of the new version, in the contract's zone.
    #[schema(example = "2026-03-01")]
    from: String,
    /// The contract document (TOML); made of the configuration where absent.
    #[schema(example = json!(null))]
    document: Option<String>,
    /// Who approved (a role) re-pricing what was stated, where the day lies before the last cut.
    #[schema(example = json!(null))]
    reprice: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// To which version a contract goes back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Return {
    /// The version whose document is put in force again, as a new version.
    #[schema(example = 1)]
    to_version: u32,
    /// The first day of the new version, in the contract's zone.
    #[schema(example = "2026-04-01")]
    from: String,
    /// Who approved (a role) re-pricing what was stated, where the day lies before the last cut.
    #[schema(example = json!(null))]
    reprice: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// Where a contract goes on from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpeningSent {
    /// The opening document (TOML): tiers, live works, credits, what was billed by another system.
    document: String,
    /// Who acknowledges it for the buyer (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// Until when a contract runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Renewing {
    /// The new last day.
    #[schema(example = "2027-12-31")]
    until: String,
    /// Who agrees for the buyer (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// A change that is looked at before it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposed {
    /// The first day of the new version, in the contract's zone.
    #[schema(example = "2026-04-01")]
    from: String,
    /// The contract document (TOML); made of the configuration where absent.
    #[schema(example = json!(null))]
    document: Option<String>,
    /// How many closed periods to look back at; 3 where absent, at most 36.
    #[schema(example = 3)]
    periods: Option<u32>,
}

/// How a contract is ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ending {
    /// The first day that is no longer covered, in the contract's zone.
    #[schema(example = "2027-01-01")]
    at: String,
    /// Whether both sides agreed, where the contract renews and notice alone is too late or within a term.
    #[serde(default)]
    agreed: bool,
    /// Who ends it (a role).
    #[schema(example = "procurement")]
    by: String,
}

/// Lists the contracts of a customer.
#[utoipa::path(get, path = "/v1/customers/{customer}/contracts", tag = "contracts", operation_id = "list_contracts",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    responses((status = 200, description = "All of them", body = Contracts), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<Contracts>, Problem> {
    let found = move |app: &App| Ok(app.book().agreements(&customer)?);
    Ok(Json(Contracts {
        contracts: app.work(found).await?,
    }))
}

/// One contract, with its versions and terms.
#[utoipa::path(get, path = "/v1/customers/{customer}/contracts/{contract}", tag = "contracts", operation_id = "get_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "draft-acme"),
    ),
    responses((status = 200, description = "It, with an `ETag`", body = Contract),
        (status = 304, description = "It is as `If-None-Match` says"), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = move |app: &App| Ok(app.book().agreement(&customer, &contract)?);
    tagged(&headers, &app.work(found).await?)
}

/// Signs a contract.
///
/// Over the documents in force, which are published to the customer with it. The customer need not have any
/// events yet.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts", tag = "contracts", operation_id = "sign_contract",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = Signature, content_type = "application/json"),
    responses((status = 201, description = "The contract, with an `ETag`", body = Contract),
        (status = 200, description = "It was signed by the same request before", body = Contract), Refusals))]
pub(crate) async fn sign(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: Signature = body::json(&headers, body).await?;
    let signed = move |app: &App| {
        let id = key.id("sign");
        let act = Sign {
            customer: &customer,
            from: day("/from", &sent.from)?,
            document: sent.document.as_deref().map(given),
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let signed = app.book().sign(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &signed.what.contract)?;
        Ok((done(signed.is_known), contract))
    };
    answered(app.work(signed).await?)
}

/// Puts a further version of a contract in force.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/amend", tag = "contracts", operation_id = "amend_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was read; it is needed"),
    ),
    request_body(content = Amendment, content_type = "application/json"),
    responses((status = 201, description = "The contract, with its new `ETag`", body = Contract),
        (status = 200, description = "It was amended by the same request before", body = Contract), Refusals, Conditional))]
pub(crate) async fn amend(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: Amendment = body::json(&headers, body).await?;
    let amended = move |app: &App| {
        let id = key.id("amend");
        let before = app.book().agreement(&customer, &contract)?;
        tag(&before)?.require(&headers)?;
        let reprice = sent.reprice.as_deref();
        let act = Amend {
            customer: &customer,
            contract: Some(&contract),
            from: day("/from", &sent.from)?,
            document: sent.document.as_deref().map(given),
            reprice: reprice.map(|own| role("/reprice", own)).transpose()?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let amended = app.book().amend(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &contract)?;
        Ok((done(amended.is_known), contract))
    };
    answered(app.work(amended).await?)
}

/// Puts the document of an earlier version in force again, as a new version.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/rollback", tag = "contracts", operation_id = "roll_back_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was read; it is needed"),
    ),
    request_body(content = Return, content_type = "application/json"),
    responses((status = 201, description = "The contract, with its new `ETag`", body = Contract),
        (status = 200, description = "It went back by the same request before", body = Contract), Refusals, Conditional))]
pub(crate) async fn roll_back(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: Return = body::json(&headers, body).await?;
    let rolled_back = move |app: &App| {
        let id = key.id("rollback");
        let before = app.book().agreement(&customer, &contract)?;
        tag(&before)?.require(&headers)?;
        let reprice = sent.reprice.as_deref();
        let act = RollBack {
            customer: &customer,
            contract: Some(&contract),
            to_version: sent.to_version,
            from: day("/from", &sent.from)?,
            reprice: reprice.map(|own| role("/reprice", own)).transpose()?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
            id: id.as_deref(),
        };
        let rolled_back = app.book().roll_back(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &contract)?;
        Ok((done(rolled_back.is_known), contract))
    };
    answered(app.work(rolled_back).await?)
}

/// What a change of contract would do to the bill, on the customer's own facts.
///
/// The bill by the contract as it is, the bill by the new terms, and the lines that differ: of the period that
/// runs, and of closed ones. Nothing is written.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/preview", tag = "contracts", operation_id = "preview_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
    ),
    request_body(content = Proposed, content_type = "application/json"),
    responses((status = 200, description = "Both bills", body = ChangePreview), Refusals))]
pub(crate) async fn preview(
    State(app): State<App>,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ChangePreview>, Problem> {
    let sent: Proposed = body::json(&headers, body).await?;
    let previewed = move |app: &App| {
        let change = Change {
            customer: &customer,
            contract: Some(&contract),
            document: sent.document.as_deref().map(given),
            plan: None,
            from: day("/from", &sent.from)?,
            periods: usize::try_from(sent.periods.unwrap_or(3)).unwrap_or(usize::MAX),
        };
        app.book()
            .preview_change(&change, app.now())
            .map_err(of_act)
    };
    Ok(Json(app.work(previewed).await?))
}

/// Lets a contract go on from where another system stopped. Once, before its first statement.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/open", tag = "contracts", operation_id = "open_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
    ),
    request_body(content = OpeningSent, content_type = "application/json"),
    responses((status = 201, description = "The contract, with its `ETag`", body = Contract),
        (status = 200, description = "It was opened by the same document before", body = Contract), Refusals))]
pub(crate) async fn open(
    State(app): State<App>,
    key: RequestKey,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: OpeningSent = body::json(&headers, body).await?;
    let opened = move |app: &App| {
        let id = key.id("open");
        let act = Open {
            customer: &customer,
            contract: Some(&contract),
            document: ContractText {
                name: "the opening",
                text: &sent.document,
            },
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let opened = app.book().open_contract(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &contract)?;
        Ok((done(opened.is_known), contract))
    };
    answered(app.work(opened).await?)
}

/// Lets a contract run until a later day, on the same terms.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/renew", tag = "contracts", operation_id = "renew_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was read; it is needed"),
    ),
    request_body(content = Renewing, content_type = "application/json"),
    responses((status = 201, description = "The contract, with its new `ETag`", body = Contract),
        (status = 200, description = "It was renewed so before", body = Contract), Refusals, Conditional))]
pub(crate) async fn renew(
    State(app): State<App>,
    key: RequestKey,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: Renewing = body::json(&headers, body).await?;
    let renewed = move |app: &App| {
        let id = key.id("renew");
        let before = app.book().agreement(&customer, &contract)?;
        tag(&before)?.require(&headers)?;
        let act = Renew {
            customer: &customer,
            contract: Some(&contract),
            until: day("/until", &sent.until)?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let renewed = app.book().renew(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &contract)?;
        Ok((done(renewed.is_known), contract))
    };
    answered(app.work(renewed).await?)
}

/// Ends a contract.
#[utoipa::path(post, path = "/v1/customers/{customer}/contracts/{contract}/end", tag = "contracts", operation_id = "end_contract",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("contract" = String, Path, description = "The contract's id", example = "acme-2026"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was read; it is needed"),
    ),
    request_body(content = Ending, content_type = "application/json"),
    responses((status = 201, description = "The contract, with its new `ETag`", body = Contract),
        (status = 200, description = "It was ended so before", body = Contract), Refusals, Conditional))]
pub(crate) async fn end(
    State(app): State<App>,
    key: RequestKey,
    Path((customer, contract)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sent: Ending = body::json(&headers, body).await?;
    let ended = move |app: &App| {
        let id = key.id("end");
        let before = app.book().agreement(&customer, &contract)?;
        tag(&before)?.require(&headers)?;
        let act = End {
            customer: &customer,
            contract: Some(&contract),
            at: day("/at", &sent.at)?,
            agreed: sent.agreed,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let ended = app.book().end(&act, app.now()).map_err(of_act)?;
        let contract = app.book().agreement(&customer, &contract)?;
        Ok((done(ended.is_known), contract))
    };
    answered(app.work(ended).await?)
}

fn given(text: &str) -> ContractText<'_> {
    ContractText {
        name: "the contract document",
        text,
    }
}

/// The contract after an act, with its tag.
fn answered((status, contract): (StatusCode, Contract)) -> Result<Response, Problem> {
    let mut response = tagged(&HeaderMap::new(), &contract)?;
    *response.status_mut() = status;
    Ok(response)
}
