//! What a customer has spent beside what it means to spend.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Decimal};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Period, json};

/// What a customer has spent in the statement period that runs, and whether it may spend more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spending {
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// Whether more may be spent: as much as was asked, or anything.
    pub allowed: bool,
    /// Why, or why not.
    #[schema(example = "it stays within the budget")]
    pub reason: String,
    /// The instant that the amounts stand at.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Entries of the customer's log that are in them: all that were acknowledged before the answer.
    #[schema(example = 1204)]
    pub entries: u64,
    /// The budget; nothing where none is set.
    pub budget: Option<Budget>,
    /// What was spent in the currency of the budget, or of the first contract; nothing without a contract.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub spent: Option<Amount>,
    /// What is left of the budget, below zero where more was spent.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub remaining: Option<Amount>,
    /// Per cent of the budget that are spent, rounded down.
    #[schema(value_type = Option<String>, example = "80.2")]
    pub used_percent: Option<Decimal>,
    /// Thresholds of the budget that are reached.
    #[schema(example = json!([50, 80]))]
    pub thresholds_reached: Vec<u16>,
    /// By contract.
    pub contracts: Vec<ContractSpending>,
    /// Prepaid credits by currency, with everything that has accrued taken off: provisional, for only a
    /// statement draws them. Empty where none were granted.
    pub credits: Vec<CreditBalance>,
    /// Contracts in another currency than the budget's, which are not counted against it.
    #[schema(example = json!([]))]
    pub not_counted: Vec<String>,
}

/// What is left of prepaid credits in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditBalance {
    /// What may be drawn for what happens now.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub balance: Amount,
    /// What would be drawn if what has accrued were stated now; below zero, what would go back.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub accrued: Amount,
    /// By grant, in the order in which they are drawn.
    pub grants: Vec<CreditLot>,
}

/// What is left of one grant, or of what was restored to it after its expiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditLot {
    /// The grant's id; with `@` and a cut, what the statement of that cut restored.
    #[schema(example = "prepaid-2026")]
    pub credit: String,
    /// What is left; of a grant that does not pay any more, what expires.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub left: Amount,
    /// From when it pays.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// From when it does not pay any more; never where absent.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Whether it pays for what happens now.
    pub pays: bool,
}

/// How much a customer means to spend in a statement period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Budget {
    /// Counted from 1.
    #[schema(example = 1)]
    pub version: u64,
    /// The most that is meant to be spent.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// Percentages of it at which it is told.
    #[schema(example = json!([50, 80, 100]))]
    pub thresholds_percent: Vec<u16>,
    /// Whether more may not be spent; otherwise it is told alone.
    pub stops: bool,
    /// In words.
    pub note: Option<String>,
    /// Id of the API key of who set it.
    #[schema(example = "3f1a9c")]
    pub set_by: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub set_at: Timestamp,
}

/// What was spent under one contract in the statement period that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractSpending {
    /// The contract's id.
    #[schema(example = "acme-2026")]
    pub contract: String,
    /// Whether nobody signed it.
    pub is_draft: bool,
    /// Where the period starts.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Where it ends.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Where the days of the period are counted.
    #[serde(serialize_with = "json::zone")]
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: TimeZone,
    /// What is owed or has accrued: after discounts and caps, before minimums and credits.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub spent: Amount,
    /// The same by component; `_totals` is what discounts and caps of the contract take off.
    pub components: Vec<ComponentSpending>,
    /// Credits given in the period.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub credited: Amount,
    /// The least that is owed for the period, where there is one.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub minimum: Option<Amount>,
    /// What of it is to be spent before more is owed.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub remaining_minimum: Option<Amount>,
    /// What was done beside the cap of the contract, where it has one.
    pub cap: Option<CapSpending>,
}

impl ContractSpending {
    /// The period.
    #[must_use]
    pub fn period(&self) -> Period {
        Period {
            from: self.from,
            until: self.until,
            zone: self.time_zone.clone(),
        }
    }
}

/// What was done beside the cap that a contract agrees on, in the period of the cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CapSpending {
    /// The most of the period.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What becomes of what is done beyond: `absorb`, `stop`, `soft` or `overage`.
    #[schema(example = "stop")]
    pub mode: String,
    /// What was done: after discounts, before the cap.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub done: Amount,
    /// What is left of it, below zero where more was done.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub remaining: Amount,
    /// Whether it is reached.
    pub reached: bool,
    /// Where its period starts.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Where it ends.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// What was spent on one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComponentSpending {
    /// Its id in the plan.
    #[schema(example = "resolutions")]
    pub component: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}
