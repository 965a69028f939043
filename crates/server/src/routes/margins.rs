//! `/v1/margins`: price and cost side by side. For the seller.

use axum::Json;
use axum::extract::State;
use book::margins::{Costs, Scope};
use book::periods::month;
use pages::view::MarginBridge;
use pricing::margin::Dimension;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::Caller;
use crate::app::App;
use crate::params::{Params, refused};
use crate::problem::{Problem, Refusals};

/// Which margin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Of this customer; of all where absent.
    #[param(example = "acme")]
    customer: Option<String>,
    /// Of this month; of everything where absent.
    #[param(example = "2026-01")]
    month: Option<String>,
    /// How it is cut: `work`, `unit`, `class`, `customer`, `plan`, `month`, `model`, `agent` or `agent_version`.
    #[param(example = "class")]
    by: Option<String>,
}

/// The margin.
///
/// From the price to the margin by cost line, and the same cut one way: by customer where nothing else is said.
#[utoipa::path(get, path = "/v1/margins", tag = "margins", operation_id = "get_margin",
    params(Asked),
    responses((status = 200, description = "The margin", body = MarginBridge), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<MarginBridge>, Problem> {
    if let Some(customer) = &asked.customer {
        caller.require(customer)?;
    }
    let by = asked.by.as_deref().unwrap_or("customer");
    let known = Dimension::WORDS.iter().find(|(word, _)| *word == by);
    let dimension = known.map(|(_, dimension)| *dimension).ok_or_else(|| {
        let words: Vec<&str> = Dimension::WORDS.iter().map(|(word, _)| *word).collect();
        refused("by", format!("it is one of {}", words.join(", ")))
    })?;
    let first = match asked.month.as_deref().map(month).transpose() {
        Ok(first) => first,
        Err(error) => return Err(refused("month", error.to_string())),
    };
    let computed = move |app: &App| {
        let scope = Scope {
            customer: asked.customer.or(caller.customer),
            month: first,
            as_of: app.now(),
            costs: Costs::default(),
        };
        Ok(app.book().margin(&scope, &[dimension])?)
    };
    Ok(Json(app.work(computed).await?))
}
