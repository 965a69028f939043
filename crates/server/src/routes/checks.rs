//! `/v1/checks`: what is asked of prices before statements are issued by them, and the waiver of a check.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use book::checks::Waive;
use pages::view::{ContractChecks, WaivedCheck};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use work::body::PriceCheck;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::params::Params;
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{day, done, refused_at, role, words};

/// Whose checks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChecksAsked {
    /// The customer.
    #[param(example = "acme")]
    customer: String,
    /// Only this contract's.
    #[param(example = "acme-2026")]
    contract: Option<String>,
}

/// The checks of a customer's contracts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerChecks {
    /// One for each contract.
    contracts: Vec<ContractChecks>,
}

/// Who waives which check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiving {
    /// The customer.
    #[schema(example = "acme")]
    customer: String,
    /// The contract; the only one where absent.
    #[schema(example = "acme-2026")]
    contract: Option<String>,
    /// `units`, `order`, `attribution`, `proof` or `margin`.
    #[schema(example = "attribution")]
    check: String,
    /// Why. The buyer reads it, but for the margin.
    #[schema(example = "the holdout begins in May")]
    reason: String,
    /// The last day on which it is waived, in the contract's zone; a year from today at most.
    #[schema(example = "2026-06-30")]
    until: String,
    /// Who answers for it (a role or a name).
    #[schema(example = "cfo")]
    by: String,
}

/// The checks of the contracts of a customer. They read its whole log.
#[utoipa::path(get, path = "/v1/checks", tag = "contracts", operation_id = "list_checks", params(ChecksAsked),
    responses((status = 200, description = "The checks of each contract", body = CustomerChecks), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<ChecksAsked>,
) -> Result<Json<CustomerChecks>, Problem> {
    caller.require(&asked.customer)?;
    let found = move |app: &App| {
        let contract = asked.contract.as_deref();
        let contracts = app.book().checks(&asked.customer, contract, app.now())?;
        Ok(Json(CustomerChecks { contracts }))
    };
    app.work(found).await
}

/// Waives a check that fails: statements of the contract are issued until the day. It is an entry of the log that the
/// buyer shares; that of the margin is the seller's own.
#[utoipa::path(post, path = "/v1/checks/waive", tag = "contracts", operation_id = "waive_check",
    request_body(content = Waiving, content_type = "application/json"),
    responses((status = 201, description = "It is waived", body = WaivedCheck),
        (status = 200, description = "The same was waived before", body = WaivedCheck), Refusals))]
pub(crate) async fn waive(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<WaivedCheck>), Problem> {
    let sent: Waiving = body::json(&headers, body).await?;
    caller.require(&sent.customer)?;
    let waived = move |app: &App| {
        let act = Waive {
            customer: &sent.customer,
            contract: sent.contract.as_deref(),
            check: check(&sent.check)?,
            reason: words("/reason", &sent.reason)?,
            until: day("/until", &sent.until)?,
            by: role("/by", &sent.by)?,
            key: Some(&caller.key),
        };
        let waived = app.book().waive(&act, app.now()).map_err(of_act)?;
        Ok((done(waived.is_known), Json(waived.what)))
    };
    app.work(waived).await
}

/// A check by its word.
pub(crate) fn check(text: &str) -> Result<PriceCheck, Problem> {
    let mut words = PriceCheck::WORDS.iter();
    let found = words.find(|(word, _)| *word == text);
    let found = found.map(|(_, check)| *check);
    found.ok_or_else(|| {
        let words: Vec<&str> = PriceCheck::WORDS.iter().map(|(word, _)| *word).collect();
        refused_at("/check", format!("one of: {}", words.join(", ")))
    })
}
