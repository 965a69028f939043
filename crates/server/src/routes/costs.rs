//! Costs that came without a customer or a work: to list, and to assign.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body as Sent;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::assignment::{self, Assignment, AssignmentError};
use utoipa::{IntoParams, ToSchema};
use work::Event;
use work::body::Body;
use work::event::UNASSIGNED;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::limits::ASSIGNED_MAX;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Code, Problem, Written};

/// Which costs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// This customer's costs without a work; without it, the costs of nobody.
    #[param(example = "acme")]
    customer: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// A page of costs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Costs {
    /// The costs, in the order in which they came.
    costs: Vec<Cost>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cost {
    /// The customer; `_unassigned` for nobody.
    #[schema(example = "_unassigned")]
    customer: String,
    /// Its source.
    #[schema(example = "otlp")]
    source: String,
    /// Its id.
    #[schema(example = "response:chatcmpl-0123456789abcdef")]
    id: String,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// The cost line.
    #[schema(example = "model")]
    line: &'static str,
    /// What the sender said that it cost, as a decimal number and a currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0.000315 USD")]
    amount: Option<String>,
    /// Who ran the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Tokens by class, as decimal numbers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tokens: BTreeMap<&'static str, String>,
    /// The work that it names. It may lead to a customer already: the margin knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    /// The trace that it was in. It may lead to a work already.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    /// How it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Costs, and whose they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assign {
    /// The costs, up to 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    costs: Vec<Named>,
    /// Whose they are.
    #[schema(example = "acme")]
    customer: String,
    /// The work that they were for.
    #[schema(example = "T-42")]
    work: Option<String>,
    /// The work-unit definition, where the work alone does not tell.
    unit: Option<String>,
}

/// A cost by its name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// Its source.
    #[schema(example = "otlp")]
    source: String,
    /// Its id.
    #[schema(example = "response:chatcmpl-0123456789abcdef")]
    id: String,
}

/// What became of each.
#[derive(Serialize, ToSchema)]
pub(crate) struct Assigned {
    /// Each cost, in the order of the request.
    costs: Vec<Outcome>,
}

/// What became of one cost.
#[derive(Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It has its customer and work now.
    Assigned,
    /// It had them already.
    Unchanged,
    /// It cannot have them.
    Refused {
        /// Why, and what to do.
        detail: String,
    },
}

/// Lists costs that belong to nobody.
///
/// Or, with `customer`, that customer's costs without a work.
#[utoipa::path(get, path = "/v1/costs/unassigned", tag = "costs", operation_id = "list_unassigned_costs",
    params(Which),
    responses(
        (status = 200, description = "A page of them", body = Costs),
        (status = 400, description = "A parameter cannot be read", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The key may not know of the customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(which): Params<Which>,
) -> Result<Response, Problem> {
    let rows = page_rows(which.limit)?;
    let customer = which.customer.unwrap_or_else(|| UNASSIGNED.to_owned());
    caller.require(&customer)?;
    let listing = ["unassigned costs", customer.as_str()];
    let from: u64 = match &which.cursor {
        None => 0,
        Some(cursor) => Cursor::read(&listing, cursor)?
            .parse()
            .map_err(|_| refused("cursor", "it names no place"))?,
    };
    let of = customer.clone();
    let read = move |app: &App| Ok(assignment::unassigned(app.store(), &of, from, rows)?);
    let (costs, next) = app.work(read).await?;
    let costs = Costs {
        costs: costs.into_iter().filter_map(Cost::of).collect(),
        next_cursor: next.map(|next| Cursor::write(&listing, &next.to_string())),
    };
    Ok(page(&uri, &costs, costs.next_cursor.as_deref()))
}

/// Gives costs their customer and their work.
///
/// Nothing is rewritten: what belonged to nobody is recorded under the customer with the same source and id, and
/// taken back where it was; a cost that lacks its work alone is corrected. Doing it again is harmless, and
/// finishes what was interrupted. Each cost is assigned or refused by itself.
#[utoipa::path(post, path = "/v1/costs/assign", tag = "costs", operation_id = "assign_costs",
    request_body(content((Assign = "application/json", example = json!({"costs": [{"source": "otlp", "id": "response:chatcmpl-0123456789abcdef"}], "customer": "acme", "work": "T-42"})))),
    responses(
        (status = 200, description = "What became of each", body = Assigned),
        (status = 400, description = "The body cannot be read; nothing was done", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The key may not know of the customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn assign(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Json<Assigned>, Problem> {
    let asked: Assign = body::json(&headers, sent).await?;
    if !(1..=ASSIGNED_MAX).contains(&asked.costs.len()) {
        let detail = format!("`costs` has from 1 to {ASSIGNED_MAX} costs");
        return Err(Problem::new(Code::BadRequest, detail));
    }
    caller.require(&asked.customer)?;
    let costs = app.work(move |app| {
        let outcomes = asked.costs.iter().map(|cost| one(app, &asked, cost));
        outcomes.collect::<Result<Vec<Outcome>, Problem>>()
    });
    Ok(Json(Assigned {
        costs: costs.await?,
    }))
}

fn one(app: &App, asked: &Assign, cost: &Named) -> Result<Outcome, Problem> {
    let assignment = Assignment {
        source: cost.source.as_str().into(),
        id: cost.id.as_str().into(),
        customer: asked.customer.as_str().into(),
        work: asked.work.as_deref().map(Into::into),
        unit: asked.unit.as_deref().map(Into::into),
    };
    match assignment::assign(app.store(), &assignment, app.now()) {
        Ok(true) => Ok(Outcome::Assigned),
        Ok(false) => Ok(Outcome::Unchanged),
        Err(AssignmentError::Store(error)) => Err(error.into()),
        Err(error) => Ok(Outcome::Refused {
            detail: error.to_string(),
        }),
    }
}

impl Cost {
    fn of(event: Event) -> Option<Cost> {
        let trace = event.trace_id();
        let Body::Cost(cost) = event.body else {
            return None;
        };
        let tokens = cost.tokens.iter();
        Some(Cost {
            customer: event.customer.to_string(),
            source: event.source.to_string(),
            id: event.id.to_string(),
            time: event.time,
            line: cost.line.word(),
            amount: cost.amount.map(|amount| amount.to_string()),
            provider: cost.provider,
            model: cost.model,
            tokens: tokens
                .map(|(class, count)| (class.word(), count.to_string()))
                .collect(),
            work: event.work.map(|work| work.to_string()),
            trace,
            note: cost.note,
        })
    }
}
