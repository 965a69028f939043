//! [`RevenueSchedule`]: what was performed, month by month, against what was stated.

use jiff::civil::Date;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// The months of one contract. For the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueSchedule {
    /// The customer.
    pub customer: String,
    /// The contract.
    pub contract: String,
    /// The months, ascending, without a gap.
    pub months: Vec<RevenueMonth>,
    /// Whether revenue may be taken as what may be invoiced (ASC 606-10-55-18, IFRS 15 B16): nothing in the contract's prices
    /// stands against it.
    pub right_to_invoice: bool,
    /// What stands against it.
    pub obstacles: Vec<Obstacle>,
}

/// One month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueMonth {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    pub month: Date,
    /// Whether the books are locked through it: it shows what was known then, and what was learnt since is in the first
    /// month that was open.
    pub is_locked: bool,
    /// Performed and not stated when it begins.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub opening_contract_asset: Amount,
    /// Stated and not performed when it begins, with what is expected to be taken back.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub opening_deferred: Amount,
    /// The month's revenue, by what it is for.
    pub revenue: Vec<StreamRevenue>,
    /// Their sum.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub recognised: Amount,
    /// Stated in the month, less what was voided in it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub stated: Amount,
    /// Performed and not stated when it ends.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub contract_asset: Amount,
    /// Stated and not performed when it ends.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub deferred: Amount,
    /// Stated and expected to be taken back when it ends.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub refund_liability: Amount,
    /// Work that counts and may still be taken back when it ends, by unit.
    pub contestable: Vec<ContestableWork>,
}

/// What was earned with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamRevenue {
    /// `access`, `usage`, `outcome`, `risk`, `commitment` (a minimum that was not used) or `concession` (a credit given
    /// by hand).
    pub stream: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// The counted works of a unit that may still be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContestableWork {
    /// The work-unit definition.
    pub unit: String,
    /// How many.
    pub works: u64,
    /// What they are charged.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What of it is not revenue yet, by the estimate.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub constrained: Amount,
    /// Works that nothing can take back any more.
    pub past_works: u64,
    /// How many of these were taken back.
    pub past_taken_back: u64,
}

/// Something by which the invoice does not follow the value performed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Obstacle {
    /// The component, or `totals`.
    pub place: String,
    /// What it is.
    pub why: String,
}
