//! What people see of it: what became of each document, and what would be asked.

use exports::stripe::Step;
use jiff::Timestamp;
use serde::Serialize;
use store::StoreError;
use store::operations::{DocumentState, StripeDocument, StripeFilter, StripeStep};
use utoipa::ToSchema;

use super::follow::found;
use super::plan::{Plan, plan};
use crate::app::App;
use crate::problem::Problem;

/// What Stripe is asked for one statement or cover, or for the void of one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShownDocument {
    /// The customer.
    #[schema(example = "acme")]
    pub customer: String,
    /// `statement`, `void` (of a statement), `cover` or `cover_void`.
    #[schema(example = "statement")]
    pub kind: String,
    /// The number of the statement or the cover.
    #[schema(example = "acme-0001")]
    pub number: String,
    /// When it was issued or voided.
    #[schema(value_type = String, format = DateTime)]
    pub made: Timestamp,
    /// `new` (nothing was sent), `open` (it goes on by itself), `done`, `person` (somebody must look at it) or
    /// `withdrawn` (nothing is to be done any more).
    #[schema(example = "done")]
    pub state: String,
    /// What keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it is looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// What it takes, in order.
    pub steps: Vec<ShownStep>,
}

/// One thing to be brought about at Stripe.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShownStep {
    /// What it is.
    #[schema(example = "invoice")]
    pub name: String,
    /// `open`, `done` or `left` (to a person).
    #[schema(example = "done")]
    pub state: String,
    /// The id at Stripe of what it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "in_1MtHbELkdIwHu7ixl4OzzPMv")]
    pub stripe: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// What was wrong with the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl From<StripeStep> for ShownStep {
    fn from(own: StripeStep) -> ShownStep {
        ShownStep {
            name: own.name,
            state: own.state.word().to_owned(),
            stripe: own.made,
            attempts: own.attempts,
            problem: own.last_problem,
        }
    }
}

/// Documents, the first ones first; each with the number after which the next page begins.
///
/// # Errors
/// Where they cannot be read.
pub fn documents(
    app: &App,
    filter: &StripeFilter<'_>,
    rows: usize,
) -> Result<Vec<(u64, ShownDocument)>, StoreError> {
    let operations = app.store().operations();
    let documents = operations.stripe_documents(filter, rows)?.into_iter();
    documents
        .map(|own| {
            let steps = operations.stripe_steps(own.number)?;
            Ok((
                own.number,
                shown(own, steps.into_iter().map(ShownStep::from).collect()),
            ))
        })
        .collect()
}

fn shown(own: StripeDocument, steps: Vec<ShownStep>) -> ShownDocument {
    ShownDocument {
        customer: own.of.customer,
        kind: own.of.kind,
        number: own.of.name,
        made: own.made,
        state: own.state.word().to_owned(),
        problem: own.problem,
        next_at: own.next_at,
        steps,
    }
}

/// What would be asked for one document.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// The customer.
    pub customer: String,
    /// `statement`, `void` (of a statement), `cover` or `cover_void`.
    pub kind: String,
    /// The number of the statement or the cover.
    pub number: String,
    /// What would be done, step by step, with what would be sent.
    pub steps: Vec<Step>,
    /// Why nothing would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What would be asked of Stripe that was not asked yet. Nothing is sent, and nothing kept.
///
/// # Errors
/// Where the book cannot be read.
pub fn planned(app: &App) -> Result<Vec<Planned>, Problem> {
    let operations = app.store().operations();
    let mut documents = Vec::new();
    let mut after = 0;
    loop {
        let filter = StripeFilter {
            after,
            ..StripeFilter::default()
        };
        let page = operations.stripe_documents(&filter, 500)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        let is_over = |own: &StripeDocument| {
            matches!(own.state, DocumentState::Done | DocumentState::Withdrawn)
        };
        documents.extend(page.into_iter().filter(|own| !is_over(own)));
    }
    let mut from = operations.stripe_followed()?.unwrap_or(0);
    loop {
        let (found, followed) = found(app, from)?;
        documents.extend(found.into_iter().map(|own| StripeDocument {
            number: 0,
            of: own.of,
            made: own.made,
            until: own.until,
            state: DocumentState::New,
            problem: None,
            next_at: None,
        }));
        if followed == from {
            break;
        }
        from = followed;
    }
    let mut all = Vec::new();
    for document in documents {
        let (steps, problem) = match document.state {
            DocumentState::New => match plan(app, &document)? {
                Plan::Steps(steps) => (steps, None),
                Plan::Wait(problem) | Plan::Person(problem) | Plan::Withdrawn(problem) => {
                    (Vec::new(), Some(problem))
                }
            },
            _ => {
                let rows = operations.stripe_steps(document.number)?.into_iter();
                let open = rows.filter(|row| row.state == store::operations::StepState::Open);
                let steps = open.filter_map(|row| serde_json::from_str(&row.step).ok());
                (steps.collect(), document.problem)
            }
        };
        all.push(Planned {
            customer: document.of.customer,
            kind: document.of.kind,
            number: document.of.name,
            steps,
            problem,
        });
    }
    Ok(all)
}
