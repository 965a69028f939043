//! [`WhoDecides`]: the same works, counted by different deciders.

use money::{Amount, Decimal, Quantity};
use serde::Serialize;

use super::json;

/// What a bill and a margin become when somebody else decides what counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoDecides {
    /// The question, e.g. "Who decides that a conversation was resolved?"
    pub title: String,
    /// The works: how many, whose, from where.
    pub setting: String,
    /// The price of a counted unit.
    #[serde(serialize_with = "json::amount")]
    pub price: Amount,
    /// All works.
    pub works: Quantity,
    /// The deciders, most generous first.
    pub deciders: Vec<Decider>,
    /// What is left out of the costs, e.g. the judge's own.
    pub aside: Option<String>,
    /// What to do with it, in a sentence.
    pub moral: String,
    /// The command that prints it.
    pub command: String,
}

/// One way of deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decider {
    /// Who: "LLM judge quick_triage_v1".
    pub name: String,
    /// By what rule.
    pub rule: String,
    /// Counted units.
    pub counted: Quantity,
    /// What the buyer pays.
    #[serde(serialize_with = "json::amount")]
    pub charged: Amount,
    /// What the works cost.
    #[serde(serialize_with = "json::amount")]
    pub cost: Amount,
    /// `charged - cost`.
    #[serde(serialize_with = "json::amount")]
    pub margin: Amount,
    /// `margin / charged`, where anything is charged.
    pub margin_share: Option<Decimal>,
}
