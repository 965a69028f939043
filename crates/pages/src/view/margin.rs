//! [`MarginBridge`]: from the price to the margin, and who earns it.

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};
use serde::Serialize;
use utoipa::ToSchema;
use work::body::CostLine;

use super::{Period, json};

/// Price, four cost lines, margin. For the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarginBridge {
    /// Of what: a customer's name, or "All customers".
    pub scope: String,
    /// When.
    pub period: Period,
    /// Facts after this instant are not seen.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// What was charged, after discounts, caps, credits and reversals.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub price: Amount,
    /// The cost lines, in the order model, infra, human review, support.
    pub costs: Vec<CostStep>,
    /// Their sum.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub cost: Amount,
    /// The part of it spent on work that does not count.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub failures: Amount,
    /// `price - cost`; not known where no cost is recorded at all.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub margin: Option<Amount>,
    /// `margin / price`, where there is a price and a margin.
    #[schema(value_type = Option<String>)]
    pub margin_share: Option<Decimal>,
    /// Counted units.
    #[schema(value_type = String)]
    pub counted: Quantity,
    /// Price of a counted unit, where one counts.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub price_per_counted: Option<Amount>,
    /// Cost of a counted unit with the failures it carries, where one counts.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub cost_per_counted: Option<Amount>,
    /// The same by customer, class, model.
    pub tables: Vec<MarginTable>,
    /// Costs without a price: shown, counted, never zero.
    pub unpriced: Unpriced,
    /// Costs in another currency, apart from those that nobody knows the price of.
    pub unconverted: Unconverted,
    /// Costs in other currencies that published rates converted; in the sums.
    pub converted: Vec<Converted>,
    /// Costs that belong to no work yet.
    pub unassigned: Unassigned,
    /// The command that prints it.
    pub command: String,
}

/// One cost line of the bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostStep {
    /// The line.
    #[serde(serialize_with = "json::cost_line")]
    #[schema(value_type = String)]
    pub line: CostLine,
    /// What it cost.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// The part of it spent on work that does not count.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub failures: Amount,
}

/// The margin, cut one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarginTable {
    /// The cut: `customer`, `class`, `model`, `plan`, `agent version`.
    pub by: String,
    /// The rows.
    pub rows: Vec<MarginRow>,
}

/// One row of a cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarginRow {
    /// Which customer, class or model.
    pub name: String,
    /// Counted units.
    #[schema(value_type = String)]
    pub counted: Quantity,
    /// What was charged.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub price: Amount,
    /// The cost lines that occurred.
    pub costs: Vec<CostShare>,
    /// Their sum.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub cost: Amount,
    /// `price - cost`; not known where no cost is recorded at all.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub margin: Option<Amount>,
    /// `margin / price`, where there is a price and a margin.
    #[schema(value_type = Option<String>)]
    pub margin_share: Option<Decimal>,
    /// Cost of a counted unit, where one counts.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub cost_per_counted: Option<Amount>,
    /// Works with costs that nobody knows the price of: where there are any, the cost is at least
    /// this, and the margin at most.
    pub unpriced_works: u64,
    /// Works with costs in another currency, to the same effect.
    pub unconverted_works: u64,
}

/// One cost line of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostShare {
    /// The line.
    #[serde(serialize_with = "json::cost_line")]
    #[schema(value_type = String)]
    pub line: CostLine,
    /// What it cost.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// Cost entries that no model cost prices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Unpriced {
    /// How many.
    pub entries: u64,
    /// How many works they belong to.
    pub works: u64,
    /// The models they name.
    pub models: Vec<String>,
}

/// Cost entries in another currency than the margin's, which no sum holds: no rate of exchange is published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Unconverted {
    /// How many.
    pub entries: u64,
    /// How many works they belong to.
    pub works: u64,
    /// By currency, in the order of their codes.
    pub currencies: Vec<OtherCurrency>,
}

/// What one published rate of exchange converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Converted {
    /// How many cost entries.
    pub entries: u64,
    /// What they cost in their own currency.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub told: Amount,
    /// What that comes to.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// So much for one of their currency.
    pub rate: String,
    /// Where the rate was seen.
    pub source: String,
    /// Digest of the document that says so.
    pub document: String,
}

/// The cost entries of one other currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OtherCurrency {
    /// How many.
    pub entries: u64,
    /// Their sum.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// Costs that belong to no work yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unassigned {
    /// How many entries.
    pub entries: u64,
    /// What they cost.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// How they were shared out over works, by name of the rule; `None` where they were not.
    pub rule: Option<String>,
}
