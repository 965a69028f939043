//! `/v1/customers/{customer}/contracts`: on which terms a customer buys.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pages::view::Contract;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::precondition::tagged;
use crate::problem::{Problem, Refusals};

/// The contracts of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contracts {
    /// By id. A customer who signed nothing has a draft over the documents in force.
    contracts: Vec<Contract>,
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
