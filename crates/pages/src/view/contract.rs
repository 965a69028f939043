//! [`Contract`]: a contract over time, with the terms of each version.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ContractSpending, Document, GrantRow, QuotedComponent, json};

/// A contract that was signed, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRow {
    /// The customer's id.
    pub customer: String,
    /// The customer's name to print.
    pub name: String,
    /// The contract's id.
    pub contract: String,
    /// When it was signed.
    pub signed: Timestamp,
    /// Who signed it for the buyer (a role).
    pub by: String,
    /// From when its last amendment governs.
    pub amended: Option<Timestamp>,
    /// From when nothing opens under it, where somebody ended it.
    pub ended: Option<Timestamp>,
}

/// What the screen of a contract shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractSheet {
    /// The contract.
    pub contract: Contract,
    /// The instant that counts as now.
    pub as_of: Timestamp,
    /// What was spent in the period that runs.
    pub spending: Option<ContractSpending>,
    /// The prepaid credits that pay for it.
    pub grants: Vec<GrantRow>,
    /// The check of its price that keeps its statements from being issued.
    pub blocking: Option<super::BlockingCheck>,
}

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
    /// Every version that there ever was, by number: who, when, and what it changed.
    pub history: Vec<VersionTold>,
    /// Where it goes on from, where another system counted and billed before it.
    pub opening: Option<ContractOpening>,
}

/// What another system counted and billed before a contract began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractOpening {
    /// Which system, and as of when, in words.
    pub system: String,
    /// SHA-256 of the document.
    pub document: String,
    /// What it states, a line each.
    pub states: Vec<String>,
    /// What was billed there and is not paid.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub unpaid: Amount,
    /// The text of the document (TOML).
    pub text: String,
}

/// How one version came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionTold {
    /// The number, from 1.
    pub version: u32,
    /// From when it governs what opens.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Which step of its document it is: `contract`, `trial` or `phase`.
    pub step: String,
    /// SHA-256 of its document.
    pub document: String,
    /// The plan, by id and version.
    pub plan: String,
    /// When its document was put in force; nothing for a draft.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Who acknowledged it for the buyer (a role).
    pub by: Option<String>,
    /// Who approved (a role) re-pricing what was stated.
    pub reprice: Option<String>,
    /// Whether it governs: a later document may have reached behind it.
    pub governs: bool,
    /// What it changed against the version before it, in words.
    pub changes: Vec<String>,
}

/// What a change of contract would do to the bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangePreview {
    /// The contract.
    pub contract: String,
    /// From when the change would govern.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub effective: Timestamp,
    /// What it changes, in words.
    pub changes: Vec<String>,
    /// The period that runs, as far as it is known, with the change from its own day on.
    pub current: Option<BillPreview>,
    /// Closed periods, the earliest first, as if the change had held since the first of them.
    pub closed: Vec<BillPreview>,
    /// Whether works were settled again, because a definition changes.
    pub resettled: bool,
    /// A text for the buyer that says all this.
    pub letter: String,
}

/// One period by the contract as it is, and by the new terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillPreview {
    /// Where it starts.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Where it ends.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// What is owed for it by the contract as it is.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub before: Amount,
    /// What would be owed.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub after: Amount,
    /// The lines that differ.
    pub lines: Vec<BillPreviewLine>,
}

/// A line by the contract as it is, and by the new terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillPreviewLine {
    /// The component.
    pub component: String,
    /// The part of it, such as `class:confirmed`.
    pub part: String,
    /// The quantity by the contract as it is.
    #[schema(example = "120")]
    pub quantity_before: String,
    /// Its amount.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub before: Amount,
    /// The quantity by the new terms.
    #[schema(example = "118")]
    pub quantity_after: String,
    /// Its amount.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub after: Amount,
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
    /// What is sold, in the plan's order, with the terms of each in words.
    pub terms: Vec<QuotedComponent>,
    /// The contract's own text first, then plan and definitions, each by digest.
    pub documents: Vec<Document>,
    /// The text of the contract document (TOML).
    pub text: String,
}
