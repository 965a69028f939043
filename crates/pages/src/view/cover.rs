//! [`Cover`]: one document to pay for several statements of a customer, as it was issued and as it stands.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, Party, StatementPaper, Stationery, json};

/// A cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cover {
    /// The printed number.
    #[schema(example = "acme-A0001")]
    pub number: String,
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// Its name.
    pub name: String,
    /// The last day of what its statements are about.
    #[schema(value_type = String, format = Date)]
    pub through: Date,
    /// When it was issued.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The day of its issue.
    #[schema(value_type = String, format = Date)]
    pub issued_on: Date,
    /// The day by which it is to be paid: the last of those of its statements.
    #[schema(value_type = String, format = Date)]
    pub due_on: Date,
    /// Its statements, by contract, then in the order of issue.
    pub parts: Vec<CoverPart>,
    /// What they came to when it was issued, before tax and before credits.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
    /// What of it prepaid credits did not pay.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub payable: Amount,
    /// What is to be paid of its statements that stand; not there of a void cover, as all that follows.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub due: Option<Amount>,
    /// What payments paid of it.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub paid: Option<Amount>,
    /// What credits gave of it.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub credited: Option<Amount>,
    /// What is not asked for any more.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub written_off: Option<Amount>,
    /// What is open: still to be paid.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub balance: Option<Amount>,
    /// As of a statement: `open`, `partly_paid`, `paid`, `credited`, `written_off`, `nothing_due` or `void`.
    pub state: String,
    /// Who issued it (a role).
    pub by: String,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// Its position in the shared log.
    pub entry: u64,
}

/// A statement under a cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverPart {
    /// The printed number.
    #[schema(example = "acme-0001")]
    pub statement: String,
    /// The contract's id.
    pub contract: String,
    /// The instant until which it states.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub cut: Timestamp,
    /// What it came to, before credits.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
    /// What of it prepaid credits did not pay.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub payable: Amount,
    /// What is open of it; nothing where it was voided since.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub balance: Option<Amount>,
    /// SHA-256 of its replayable body.
    pub digest: String,
}

/// What a customer is sent one document to pay for, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverChoice {
    /// `customer`: all statements through one day, in one currency; `contract`: each for itself.
    #[schema(example = "customer")]
    pub per: String,
    /// The first day that it is for, the last of a statement's period.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// When it was chosen.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who chose it (a role).
    pub by: String,
}

/// Statements that wait for a cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AwaitedCover {
    /// The last day of what they are about.
    #[schema(value_type = String, format = Date)]
    pub through: Date,
    /// Their currency.
    #[schema(example = "USD")]
    pub currency: String,
}

/// A cover as a paper, with its statements behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverPaper {
    /// The cover.
    pub cover: Cover,
    /// How it looks.
    pub stationery: Stationery,
    /// Who sells.
    pub vendor: Party,
    /// Who buys.
    pub customer: Party,
    /// Its statements, each as the paper that it is.
    pub statements: Vec<StatementPaper>,
    /// What of the log it rests on; the digest is of its entry.
    pub basis: Basis,
}
