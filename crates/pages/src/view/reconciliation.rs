//! [`Reconciliation`]: where every delivery, entry, work and coin went (semantics.md section 5).

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// The three equations of one customer at one instant and one length of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reconciliation {
    /// The instant up to which facts are seen.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// N: entries of the shared log that were read.
    pub log_length: u64,
    /// Deliveries to the whole book, of all customers and both of their logs: for the seller alone, so on no statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<Deliveries>,
    /// Accepted entries by class.
    pub entries: Classes,
    /// Works by class.
    pub works: Classes,
    /// Everything the contract makes of the facts.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub owed: Amount,
    /// On statements in force, this one included.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub stated: Amount,
    /// Waived.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub waived: Amount,
    /// Not stated yet.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub unstated: Amount,
    /// Whether all three equations hold; whoever computed them says so.
    pub balanced: bool,
    /// The command that prints it.
    pub command: String,
}

/// The money of one contract: `owed = stated + waived + unstated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractMoney {
    /// The contract's id.
    #[schema(example = "acme-2026")]
    pub contract: String,
    /// Whether nobody signed it.
    pub is_draft: bool,
    /// By the prices, before any rule that does not charge.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub owed: Amount,
    /// Charged by the statements in force.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub stated: Amount,
    /// Waived by them.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub waived: Amount,
    /// Neither yet.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub unstated: Amount,
    /// Whether the parts make the whole.
    pub agrees: bool,
}

/// `received = accepted + duplicate + conflicting + refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deliveries {
    /// Everything that arrived.
    pub received: u64,
    /// New and kept.
    pub accepted: u64,
    /// Known already, same content.
    pub duplicate: u64,
    /// Known identity, other content.
    pub conflicting: u64,
    /// Not readable as an event.
    pub refused: u64,
}

/// Each thing has exactly one class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Classes {
    /// How many there are.
    pub total: u64,
    /// Causes of a cell, zero-priced ones included.
    pub rated: u64,
    /// Not decided yet, by reason. Unknown is pending, never not billable.
    pub pending: Vec<Reason>,
    /// Decided against, by reason.
    pub not_billable: Vec<Reason>,
}

/// So many for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// The reason: `open`, `disputed`, `no_price`, `reversed`.
    pub reason: String,
    /// How many.
    pub count: u64,
}
