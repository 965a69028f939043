//! What customers owe: `/v1/ageing`, `/v1/customers/{customer}/ageing`, `/account` and `/balance-confirmation`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use book::receivables::AsOf;
use jiff::civil::Date;
use pages::view::{AccountStatement, Ageing, AgeingRow, BalanceConfirmation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::params::{Params, refused};
use crate::problem::{Problem, Refusals};

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgeingAsked {
    /// As of the end of this day, or of this instant; now where absent.
    #[param(example = "2026-02-28")]
    as_of: Option<String>,
    /// `json` or `csv`.
    #[param(example = "json")]
    format: Option<String>,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysAsked {
    /// From this day on; from the first movement where absent.
    #[param(value_type = Option<String>, format = Date, example = "2026-01-01")]
    from: Option<Date>,
    /// Through this day; everything where absent.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-28")]
    through: Option<Date>,
}

/// As of which day, and by how many entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalanceAsked {
    /// As of the end of this day; today where absent.
    #[param(value_type = Option<String>, format = Date, example = "2026-01-31")]
    day: Option<Date>,
    /// By the first so many entries of the customer log, as an earlier confirmation says; by all where absent.
    log_size: Option<u64>,
}

/// A customer's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accounts {
    /// One for each currency.
    accounts: Vec<AccountStatement>,
}

/// What is open of all customers, by how long it has been due.
#[utoipa::path(get, path = "/v1/ageing", tag = "payments", operation_id = "get_ageing",
    params(AgeingAsked),
    responses((status = 200, description = "By customer and in total", body = Ageing), Refusals))]
pub(crate) async fn ageing(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<AgeingAsked>,
) -> Result<Response, Problem> {
    aged(app, caller.customer, asked).await
}

/// What is open of a customer, statement by statement.
#[utoipa::path(get, path = "/v1/customers/{customer}/ageing", tag = "payments", operation_id = "get_customer_ageing",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), AgeingAsked),
    responses((status = 200, description = "What is open", body = Ageing), Refusals))]
pub(crate) async fn of_customer(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(asked): Params<AgeingAsked>,
) -> Result<Response, Problem> {
    aged(app, Some(customer), asked).await
}

async fn aged(app: App, customer: Option<String>, asked: AgeingAsked) -> Result<Response, Problem> {
    let as_of = match asked.as_of.as_deref().map(str::parse::<AsOf>).transpose() {
        Ok(as_of) => as_of,
        Err(error) => return Err(refused("as_of", error.to_string())),
    };
    let is_csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(refused("format", "it is `json` or `csv`")),
    };
    let found = app.work(move |app| {
        let as_of = as_of.unwrap_or(AsOf::Instant(app.now()));
        Ok(app.book().ageing(customer.as_deref(), as_of)?)
    });
    let found = found.await?;
    if !is_csv {
        return Ok(Json(found).into_response());
    }
    let bytes = exports::ageing_csv::write(found.customers.iter().map(csv_row));
    let bytes = bytes.map_err(|error| super::books::unwritten(&error))?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], bytes).into_response())
}

fn csv_row(own: &AgeingRow) -> exports::ageing_csv::Row<'_> {
    exports::ageing_csv::Row {
        customer: own.customer.as_deref().unwrap_or_default(),
        name: own.name.as_deref().unwrap_or_default(),
        amounts: [
            own.not_due,
            own.days_1_30,
            own.days_31_60,
            own.days_61_90,
            own.days_over_90,
            own.open,
            own.on_account,
        ],
    }
}

/// A customer's account, movement by movement.
///
/// Every statement, payment, refund and write-off, and what is owed after it: what is open less what is on account.
#[utoipa::path(get, path = "/v1/customers/{customer}/account", tag = "payments", operation_id = "get_account",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), DaysAsked),
    responses((status = 200, description = "The account", body = Accounts), Refusals))]
pub(crate) async fn account(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(asked): Params<DaysAsked>,
) -> Result<Json<Accounts>, Problem> {
    let found = app.work(move |app| {
        let days = (asked.from, asked.through);
        Ok(app.book().account_statements(&customer, days, app.now())?)
    });
    Ok(Json(Accounts {
        accounts: found.await?,
    }))
}

/// What a buyer is asked to confirm: its open items as of a day.
///
/// The text with its digest, which the buyer may sign with its own key: `document.acknowledged` of a `balance`.
#[utoipa::path(get, path = "/v1/customers/{customer}/balance-confirmation", tag = "payments", operation_id = "get_balance_confirmation",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), BalanceAsked),
    responses((status = 200, description = "The document", body = BalanceConfirmation), Refusals))]
pub(crate) async fn confirmation(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(asked): Params<BalanceAsked>,
) -> Result<Json<BalanceConfirmation>, Problem> {
    let found = app.work(move |app| {
        let book = app.book();
        let today = app.now().to_zoned(book.books_zone()?).date();
        let day = asked.day.unwrap_or(today);
        Ok(book.balance_confirmation(&customer, day, asked.log_size)?)
    });
    Ok(Json(found.await?))
}
