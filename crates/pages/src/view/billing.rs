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

/// A grant of prepaid credits, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantRow {
    /// Its id.
    pub grant: String,
    /// The contract that it pays for; every one in its currency where absent.
    pub contract: Option<String>,
    /// How much it pays in all.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What was paid for it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub paid: Amount,
    /// A lower number is drawn first.
    pub priority: u32,
    /// From when it pays.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub starts: Timestamp,
    /// From when it does not pay any more.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// What it pays for: surfaces and components; everything where empty.
    pub covers: Vec<String>,
    /// What statements drew on it and on what was restored to it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub drawn: Amount,
    /// What statements restored.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub restored: Amount,
    /// What has expired: breakage.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub expired: Amount,
    /// What statements left of it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub balance: Amount,
    /// Whether it was voided.
    pub voided: bool,
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
