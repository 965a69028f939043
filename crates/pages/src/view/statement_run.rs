//! [`StatementRun`]: a run over the statements that are due, and what became of each.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// A run over the statements that are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementRun {
    /// Its name: when it was begun.
    #[schema(example = "20260203T090000.000Z")]
    pub name: String,
    /// The first day that it does not state any more, in the zone of each contract.
    #[schema(example = "2026-02-01")]
    pub cut: String,
    /// Only these customers; everybody where empty.
    pub customers: Vec<String>,
    /// Who approves what it issues (a role).
    pub by: String,
    /// Whether it only says what it would issue.
    pub dry_run: bool,
    /// `running`, `interrupted` (it can be gone on with), or `ended`.
    pub state: String,
    /// Customers that it is about.
    pub customers_of: u64,
    /// Customers that it has looked at.
    pub customers_done: u64,
    /// When it was begun.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub begun: Timestamp,
    /// When it came to its end.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "run": {"name": "20260203T090000.000Z", "cut": "2026-02-01", "customers": [], "by": "finance-lead",
        "dry_run": false, "state": "running", "customers_of": 2000, "customers_done": 640,
        "begun": "2026-02-03T09:00:00Z", "ended": null},
    "counts": [{"state": "issued", "contracts": 638}, {"state": "refused", "contracts": 2}],
    "totals": [{"total": {"amount": "6316.20", "currency": "USD"},
        "surfaces": [{"surface": "outcome", "amount": {"amount": "6316.20", "currency": "USD"}}]}]
}))]
pub struct StatementRunReport {
    /// The run.
    pub run: StatementRun,
    /// How many, by what became of them.
    pub counts: Vec<RunCount>,
    /// What is charged by what it issued, or would issue; one for each currency.
    pub totals: Vec<RunTotal>,
}

/// How many contracts' statements came to something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunCount {
    /// `issued`, `would_issue`, `proposed` (a second person has to approve it), `would_propose`, `nothing_to_state`
    /// or `refused`.
    pub state: String,
    /// How many: statements, and contracts that have none.
    pub contracts: u64,
}

/// What statements of one currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunTotal {
    /// All of them.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
    /// By surface; they sum to the total.
    pub surfaces: Vec<RunSurface>,
}

/// What statements come to on one surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunSurface {
    /// `access`, `usage`, `outcome`, `risk`, or `contract` for what is of the whole contract.
    pub surface: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// What became of one statement in a run, or of a contract that has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "customer": "acme", "contract": "acme-2026", "cut": "2026-02-01T00:00:00Z", "state": "issued",
    "statement": "acme-0001", "total": {"amount": "9.90", "currency": "USD"},
    "surfaces": [{"surface": "outcome", "amount": {"amount": "9.90", "currency": "USD"}}], "detail": null
}))]
pub struct RunRow {
    /// The customer's id.
    pub customer: String,
    /// The contract's id; empty where the customer could not be looked at.
    pub contract: String,
    /// The instant until which the statement states.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cut: Option<Timestamp>,
    /// As in the counts.
    pub state: String,
    /// The printed number.
    pub statement: Option<String>,
    /// What it charges.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub total: Option<Amount>,
    /// By surface.
    pub surfaces: Vec<RunSurface>,
    /// Why nothing is stated, or what is wrong.
    pub detail: Option<String>,
}
