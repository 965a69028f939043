//! `/v1/customers/{customer}/budget` and `/v1/budgets`: what a customer has spent, and what it means to spend.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use book::budgets::{SetBudget, shown};
use money::Amount;
use pages::view::json::Money;
use pages::view::{Budget, Spending};
use serde::{Deserialize, Serialize};
use store::operations::BudgetTerms;
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::params::{Cursor, PageAsked, Params, page, page_rows, refused};
use crate::precondition::tag;
use crate::problem::{Problem, Refusals, Written};
use crate::sent;

/// Of whom and how much is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// How much is about to be spent.
    #[param(example = "0.99 USD")]
    amount: Option<String>,
}

/// A budget that is to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": {"amount": "5000.00", "currency": "USD"}, "thresholds_percent": [50, 80, 100], "stops": true}))]
pub(crate) struct NewBudget {
    /// The most that is meant to be spent in a statement period.
    amount: Money,
    /// Percentages of it at which `budget.threshold_reached` is told, ascending; at most 16.
    #[serde(default)]
    thresholds_percent: Vec<u16>,
    /// Whether more may not be spent; otherwise it is told alone.
    #[serde(default)]
    stops: bool,
    /// In words, for whoever looks later.
    note: Option<String>,
}

/// A page of budgets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetPage {
    /// By customer.
    budgets: Vec<CustomerBudget>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A budget and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerBudget {
    /// The customer's id.
    #[schema(example = "acme")]
    customer: String,
    /// The budget.
    budget: Budget,
}

/// May I spend?
///
/// What the customer has spent in the statement period that runs, with everything in it that was acknowledged
/// before the request, held against its budget. `allowed` is the answer; `reason` says why.
#[utoipa::path(get, path = "/v1/customers/{customer}/budget", tag = "budgets", operation_id = "get_budget",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "What was spent, and whether more may be", body = Spending,
        headers(("ETag" = String, description = "The version of the budget, for `If-Match`"))), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    caller.require(&customer)?;
    let amount = match asked.amount.as_deref().map(str::parse::<Amount>) {
        Some(Err(error)) => return Err(refused("amount", format!("{error}; send `0.99 USD`"))),
        Some(Ok(amount)) => Some(amount),
        None => None,
    };
    let found = app.work(move |app| Ok(app.book().spending(&customer, amount, app.now())?));
    let spending = found.await?;
    let version = spending.budget.as_ref().map_or(0, |own| own.version);
    Ok(tag(&version)?.on(Json(spending).into_response()))
}

/// Sets the budget.
///
/// A further version; the ones before are kept. `If-Match` names the version that the caller has read.
#[utoipa::path(put, path = "/v1/customers/{customer}/budget", tag = "budgets", operation_id = "set_budget",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("If-Match" = String, Header, description = "The `ETag` of what was read")),
    request_body(content = NewBudget),
    responses((status = 200, description = "As it stands now", body = Spending),
        (status = 412, description = "Another version is in force", body = Written, content_type = "application/problem+json"),
        (status = 428, description = "`If-Match` is missing", body = Written, content_type = "application/problem+json"),
        Refusals))]
pub(crate) async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(&customer)?;
    let new: NewBudget = body::json(&headers, body).await?;
    let terms = BudgetTerms {
        amount: sent::amount("/amount", &new.amount)?,
        thresholds_percent: new.thresholds_percent,
        stops: new.stops,
        note: new.note,
    };
    change(app, caller, customer, headers, Some(terms)).await
}

/// Takes the budget away.
#[utoipa::path(delete, path = "/v1/customers/{customer}/budget", tag = "budgets", operation_id = "remove_budget",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("If-Match" = String, Header, description = "The `ETag` of what was read")),
    responses((status = 200, description = "As it stands now", body = Spending),
        (status = 412, description = "Another version is in force", body = Written, content_type = "application/problem+json"),
        (status = 428, description = "`If-Match` is missing", body = Written, content_type = "application/problem+json"),
        Refusals))]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.require(&customer)?;
    change(app, caller, customer, headers, None).await
}

async fn change(
    app: App,
    caller: Caller,
    customer: String,
    headers: HeaderMap,
    terms: Option<BudgetTerms>,
) -> Result<Response, Problem> {
    let changed = move |app: &App| {
        let now = app.now();
        app.book().require_customer(&customer)?;
        // Read once: what `If-Match` is held against is what the change expects.
        let known = app.store().operations().budget(&customer)?;
        let in_force = known.as_ref().filter(|own| own.terms.is_some());
        tag(&in_force.map_or(0, |own| own.version))?.require(&headers)?;
        let set = SetBudget {
            customer: &customer,
            terms,
            expected: known.map_or(0, |own| own.version),
            by: &caller.key,
        };
        app.book().set_budget(&set, now)?;
        Ok(app.book().spending(&customer, None, now)?)
    };
    let spending = app.work(changed).await?;
    let version = spending.budget.as_ref().map_or(0, |own| own.version);
    Ok(tag(&version)?.on(Json(spending).into_response()))
}

/// Lists the budgets.
#[utoipa::path(get, path = "/v1/budgets", tag = "budgets", operation_id = "list_budgets",
    params(PageAsked),
    responses((status = 200, description = "A page", body = BudgetPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["budgets"];
    let after = asked.cursor.as_deref();
    let after = after.map(|own| Cursor::read(&listing, own)).transpose()?;
    let read = move |app: &App| Ok(app.store().operations().budgets(after.as_deref(), rows)?);
    let found = app.work(read).await?;
    let next = (found.len() == rows).then(|| found.last().map(|own| own.customer.clone()));
    let known = found.into_iter().filter(|own| caller.knows(&own.customer));
    let budgets = known.filter_map(|own| {
        let customer = own.customer.clone();
        let budget = shown(own)?;
        Some(CustomerBudget { customer, budget })
    });
    let listed = BudgetPage {
        budgets: budgets.collect(),
        next_cursor: next.flatten().map(|own| Cursor::write(&listing, &own)),
    };
    Ok(page(&uri, &listed, listed.next_cursor.as_deref()))
}
