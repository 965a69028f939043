//! [`Contract`]: a contract over time, with the terms of each version.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Document, json};

/// A contract over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contract {
    /// The id, the same in every version.
    pub contract: String,
    /// The customer.
    pub customer: String,
    /// Whether nobody signed it.
    pub is_draft: bool,
    /// The first instant of its term.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub starts: Timestamp,
    /// The first instant after its term, where it ends.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends: Option<Timestamp>,
    /// Its versions, by the instant from which they govern what opens.
    pub versions: Vec<ContractVersion>,
}

/// One version of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractVersion {
    /// The number, from 1.
    pub version: u32,
    /// From when it governs what opens.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The plan, by id and version.
    pub plan: String,
    /// The currency of every price.
    pub currency: String,
    /// How often a statement is made: `month`, `quarter` or `year`.
    pub billing: String,
    /// Where days and months are counted.
    pub time_zone: String,
    /// The components that it sells, by id, in the plan's order.
    pub components: Vec<String>,
    /// The contract's own text first, then plan and definitions, each by digest.
    pub documents: Vec<Document>,
    /// The text of the contract document (TOML).
    pub text: String,
}
