//! [`Bridge`]: why a statement's total is another than the last one's.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// Why a statement's total is another than the last one's. The parts sum to the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Bridge {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The last statement; nothing, where this is the first.
    pub last: Option<BridgeEnd>,
    /// This statement.
    pub this: BridgeEnd,
    /// By how much the total changed.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub change: Amount,
    /// What made the change, always in the same order; a part that did nothing is zero.
    pub parts: Vec<BridgePart>,
}

/// A statement that a bridge begins or ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BridgeEnd {
    /// The printed number.
    pub number: String,
    /// The instant until which it states.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub cut: Timestamp,
    /// What it charges.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
}

/// One cause of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BridgePart {
    /// `volume`, `mix`, `tier`, `price`, `fees`, `risk`, `late_facts`, `reversals`, `terms`, `holdback` or `credits`.
    pub part: String,
    /// What that is, in words.
    pub words: String,
    /// What it did.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// Where, by component of the plan; the components of a part sum to it.
    pub components: Vec<BridgeComponent>,
}

/// What a cause did to one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BridgeComponent {
    /// The component's id; `_totals` and `_credit` are of the whole contract.
    pub component: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}
