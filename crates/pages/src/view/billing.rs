//! Rows of what was billed: statements, credits, grants.

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Quantity};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Statement, Surface, json};

/// A statement that was issued, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementRow {
    /// The printed number.
    pub number: String,
    /// The contract's id.
    pub contract: String,
    /// The number of the cover that it is paid with; not there where it is paid for itself.
    #[schema(example = "acme-A0001")]
    pub cover: Option<String>,
    /// Whether it is paid with others, by a cover that is not issued yet.
    pub awaits_cover: bool,
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
    /// The day by which it is to be paid, under a cover that of the cover; nothing of a void one, as all that follows.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<Date>,
    /// What was to be paid of it: what it charges, without what it takes back of earlier ones and what prepaid credits
    /// pay. It is paid, credited, written off, or open.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub due: Option<Amount>,
    /// What payments paid of it.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub paid: Option<Amount>,
    /// What credit notes, and other credits on account, gave of it.
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
    /// Entries of the shared log that it was computed from.
    pub coverage: u64,
    /// SHA-256 of its replayable body.
    pub digest: String,
    /// `open`, `partly_paid`, `paid`, `credited` or `written_off` (and nothing is left to pay), `nothing_due` or `void`.
    pub state: String,
}

/// A statement as it is, or would be if it were issued now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementDraft {
    /// It.
    pub statement: Statement,
    /// The check of its price that keeps it from being issued.
    pub blocking: Option<super::BlockingCheck>,
    /// What keeps facts from being counted, and how to mend it.
    pub hints: Vec<String>,
    /// The month in which its period begins, such as `2026-01`.
    pub month: String,
}

/// A cell that a statement states, in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedLine {
    /// The printed number of the statement.
    pub statement: String,
    /// The contract's id.
    pub contract: String,
    /// `issued` or `void`.
    pub state: &'static str,
    /// The surface.
    pub surface: Surface,
    /// Id of the plan's component.
    pub component: String,
    /// Which part of it, in words.
    pub part: String,
    /// The first instant of the rating period.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// The quantity that the statement adds.
    pub quantity: Quantity,
    /// The amount that it adds.
    pub amount: Amount,
    /// `charge`: it is in the total; `waived`: it is owed and in no total; `paid_by_credit`: what prepaid credits pay.
    pub what: &'static str,
    /// The grant that pays it.
    pub credit: Option<String>,
    /// The key of the cell.
    pub cell: String,
    /// What the tax system that lines are exported to knows it by, where the plan says.
    pub tax_category: Option<String>,
    /// The number of the earlier statement that it takes back of, where it does.
    pub origin: Option<String>,
    /// The number of the cover that its statement is paid with, where it is.
    pub cover: Option<String>,
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

/// What one statement takes back of an earlier one, as a document of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "number": "acme-C0001", "customer": "acme", "contract": "acme-2026", "origin": "acme-0001",
    "statement": "acme-0002", "cut": "2026-03-01T00:00:00Z", "state": "issued",
    "amount": {"amount": "0.99", "currency": "USD"}, "on_account": {"amount": "0.00", "currency": "USD"},
    "lines": [{
        "component": "resolutions", "part": "confirmed",
        "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z",
        "cell": "acme-2026/resolutions/2026-01-01T00:00:00Z/v1/class:confirmed",
        "amount": {"amount": "-0.99", "currency": "USD"}, "reason": null
    }]
}))]
pub struct CreditNote {
    /// The printed number, without gaps in the series.
    #[schema(example = "acme-C0001")]
    pub number: String,
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// The contract's id.
    #[schema(example = "acme-2026")]
    pub contract: String,
    /// The statement that it is against: that one's tax and service period.
    #[schema(example = "acme-0001")]
    pub origin: String,
    /// The statement that states it.
    #[schema(example = "acme-0002")]
    pub statement: String,
    /// The cut of the latter.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub cut: Timestamp,
    /// `issued`, or `void` with the statement that states it.
    #[schema(example = "issued")]
    pub state: String,
    /// What is credited, above zero: never more than is left of the origin.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What more its lines take back: money on the account.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub on_account: Amount,
    /// What it is made of. Their sum is what is credited and on account, below zero.
    pub lines: Vec<CreditNoteLine>,
}

/// One line of a credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditNoteLine {
    /// The component of the origin's line.
    #[schema(example = "resolutions")]
    pub component: String,
    /// Which part of it, in words.
    #[schema(example = "confirmed")]
    pub part: String,
    /// The first instant of the service.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// The cell that states it, by its key.
    pub cell: String,
    /// What the tax system that lines are exported to knows it by, where the plan says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<String>,
    /// How much: below zero; above, where a discount shrinks with what it was on.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// Why, where somebody decided it.
    pub reason: Option<String>,
}
