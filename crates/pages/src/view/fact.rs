//! [`Fact`] and [`Work`]: the ground under every number.

use jiff::Timestamp;
use money::{Amount, Quantity};
use serde::Serialize;
use utoipa::ToSchema;
use work::event::Authorship;

use super::json;

/// One entry of the customer's shared log.
///
/// Entries of the seller-only log have no view here: what a statement shows, a buyer may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fact {
    /// When it happened.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// The kind, without prefix and version: `work.answered`.
    pub kind: String,
    /// What it says, in a few words: `answer, confidence 0.93`.
    pub says: String,
    /// Source of the event.
    pub source: String,
    /// Id of the event within its source.
    pub id: String,
    /// Index in the customer's shared log.
    pub index: u64,
    /// Who authored it.
    #[serde(serialize_with = "json::authorship")]
    #[schema(value_type = String)]
    pub authorship: Authorship,
    /// Whether its author signed it; what the buyer said and did not sign, the seller relayed.
    pub is_signed: bool,
}

/// One performed work under a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Work {
    /// Its id.
    pub id: String,
    /// The class it counts in, or the reason that it does not.
    pub class: String,
    /// When it settled.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub settled: Timestamp,
    /// Units: 1, or what a partial reversal left.
    #[schema(value_type = String)]
    pub quantity: Quantity,
    /// Its share of the cell, by largest remainder (semantics.md D2).
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub share: Amount,
    /// Who authored the fact that decided it.
    #[serde(serialize_with = "json::authorship")]
    #[schema(value_type = String)]
    pub decided_by: Authorship,
    /// Its facts in the order of settlement.
    pub facts: Vec<Fact>,
}
