//! [`WorkRow`] and [`WorkStory`]: what became of each piece of work, and why.

use jiff::Timestamp;
use money::{Amount, Quantity};
use serde::Serialize;
use utoipa::ToSchema;
use work::body::CostLine;
use work::event::Authorship;

use super::{Fact, json};

/// A unit of work, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkRow {
    /// The work, by the values of the definition's key.
    pub work: String,
    /// Id of the definition that decides it.
    pub unit: String,
    /// The signed contract that governs it; none under the documents in force.
    pub contract: Option<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// When it was opened.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub opened: Timestamp,
    /// Whether a dispute of it is open.
    pub is_disputed: bool,
    /// How its open dispute is decided if nobody decides it before.
    pub decision: Option<Decision>,
    /// What the deadlines that run will make of it; nothing where none does.
    pub next: Option<Standing>,
}

/// A unit of work of one customer among those of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOf {
    /// The customer.
    pub customer: String,
    /// Its name.
    pub name: String,
    /// The unit.
    pub row: WorkRow,
}

/// Where a unit of work stands, from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// `pending`, `counted`, `reversed` or `not_counted`.
    pub state: String,
    /// The class that it counts in, where it counts.
    pub class: Option<String>,
    /// Why it does not count, where it does not.
    pub reason: Option<String>,
    /// From when.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// How a dispute is decided by default, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    /// `stands` or `credited`.
    pub verdict: String,
    /// The deadline.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Everything that is known of a unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkStory {
    /// As in a listing.
    #[serde(flatten)]
    pub row: WorkRow,
    /// The work ids that its facts carry.
    pub works: Vec<String>,
    /// Its states so far.
    pub states: Vec<Standing>,
    /// What counted and what was taken back.
    pub movements: Vec<Moved>,
    /// Its disputes.
    pub disputes: Vec<DisputeRow>,
    /// Its facts in the order of settlement.
    pub facts: Vec<Fact>,
    /// How many facts there are, of which `facts` may show the first.
    pub facts_total: u64,
    /// Facts that changed nothing: after settlement and without a rule, or beyond its reach.
    pub changed_nothing: Vec<Named>,
    /// Who authored the fact that decided it, where it counts.
    #[schema(value_type = Option<String>)]
    #[serde(serialize_with = "json::authorship_option")]
    pub decided_by: Option<Authorship>,
    /// Whether that fact's author signed it.
    pub is_decision_signed: bool,
    /// What is owed for it, by component.
    pub owed: Vec<OwedShare>,
    /// Whether that is told; its statement alone tells it otherwise.
    #[serde(skip)]
    pub is_owed_told: bool,
    /// What it cost; for the seller alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<WorkCosts>,
}

/// One movement of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moved {
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it does: `count`, `reverse`.
    pub kind: String,
    /// The class that it concerns.
    pub class: String,
    /// How many units: below zero for what is taken back.
    #[schema(value_type = String)]
    pub quantity: Quantity,
    /// The facts that caused it.
    pub causes: Vec<Named>,
}

/// A fact by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// Source of the event.
    pub source: String,
    /// Id of the event within its source.
    pub id: String,
}

/// A dispute of a unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisputeRow {
    /// The work.
    pub work: String,
    /// Id of the definition.
    pub unit: String,
    /// When it was raised.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub raised: Timestamp,
    /// The fact that raised it.
    pub cause: Named,
    /// Whether it is open now.
    pub is_open: bool,
    /// When it is decided: by a fact, or by default at the deadline.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided: Option<Timestamp>,
    /// How: by a fact, or by default at the deadline.
    pub verdict: Option<String>,
}

/// A page of the disputes of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputesOf {
    /// The customer's id.
    pub customer: String,
    /// Only those that are open, or that are decided; all where absent.
    pub open: Option<bool>,
    /// They, in an order that does not change.
    pub rows: Vec<DisputeRow>,
}

/// What is owed for a unit under one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwedShare {
    /// Id of the plan's component.
    pub component: String,
    /// The class, where it has one.
    pub part: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// How much where a coin that cannot be divided is this unit's, which the statement decides; absent where nothing is
    /// left over, or it is decided.
    #[serde(
        serialize_with = "json::amount_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<json::Money>)]
    pub with_coin: Option<Amount>,
}

/// What a unit of work cost, beside what is owed for it. For the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkCosts {
    /// Each cost.
    pub entries: Vec<CostRow>,
    /// Their sum, without those that no price is known of.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub cost: Amount,
    /// Entries that are not in the sum: no price is known, or no conversion.
    pub not_in_sum: u64,
    /// What is owed for it without what it cost; not known where no cost is recorded, and at most this where
    /// some entries are not in the sum.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub margin: Option<Amount>,
}

/// One cost of a unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostRow {
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// The cost line.
    #[serde(serialize_with = "json::cost_line")]
    #[schema(value_type = String)]
    pub line: CostLine,
    /// The model, where one was run.
    pub model: Option<String>,
    /// How much; nothing where no price is known.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub amount: Option<Amount>,
    /// How much in a currency that nothing converts.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub unconverted: Option<Amount>,
}
