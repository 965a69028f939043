//! Rows of what was billed: statements, credits, payments.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// A statement that was issued, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementRow {
    /// The printed number.
    pub number: String,
    /// The contract's id.
    pub contract: String,
    /// The instant until which it states.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub cut: Timestamp,
    /// Which issue of the cut, from 1.
    pub revision: u32,
    /// What it charges.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
    /// What is still to be paid; nothing is to be paid of a void one.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub balance: Option<Amount>,
    /// Entries of the shared log that it was computed from.
    pub coverage: u64,
    /// SHA-256 of its replayable body.
    pub digest: String,
    /// `open`, `partly_paid`, `paid`, `nothing_due` or `void`.
    pub state: String,
}

/// A credit, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditRow {
    /// Its position in the shared log.
    pub entry: u64,
    /// The contract's id.
    pub contract: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// How much was given.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

/// A payment, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaymentRow {
    /// Its position in the shared log.
    pub entry: u64,
    /// The printed number of the statement paid.
    pub statement: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// The bank's or the payer's reference.
    pub reference: Option<String>,
}
