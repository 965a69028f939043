//! [`FourMeters`]: the four surfaces around the work unit, and what flows out of it.

use money::{Amount, Decimal, Quantity};
use serde::Serialize;

use super::{Measure, Period, json};

/// One period of a customer, or of a whole book, as four meters around the work unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FourMeters {
    /// Whose: a customer's name, or "All customers".
    pub scope: String,
    /// When.
    pub period: Period,
    /// The work unit in the middle.
    pub work: WorkCount,
    /// Platform and seats.
    pub access: Meter,
    /// Metered use.
    pub usage: Meter,
    /// Counted work.
    pub outcome: Meter,
    /// What confidence, review, service levels and indemnities added and removed.
    pub risk: Meter,
    /// The four together with contract terms: what the period is charged.
    #[serde(serialize_with = "json::amount")]
    pub charged: Amount,
    /// Of it, terms of the contract that belong to no meter (minimum, cap, discount), if any.
    #[serde(serialize_with = "json::amount_option")]
    pub terms: Option<Amount>,
    /// What the models cost.
    #[serde(serialize_with = "json::amount")]
    pub token_cost: Amount,
    /// The cost of goods sold: model, infra, human review, support.
    #[serde(serialize_with = "json::amount")]
    pub cost: Amount,
    /// Cost entries without a price, which `cost` therefore leaves out.
    pub unpriced: u64,
    /// Cost entries in another currency, which `cost` leaves out too.
    pub unconverted: u64,
    /// `charged - cost`; not known where no cost is recorded at all.
    #[serde(serialize_with = "json::amount_option")]
    pub margin: Option<Amount>,
    /// `margin / charged`, where anything was charged.
    pub margin_share: Option<Decimal>,
    /// What the counted work is worth to the buyer.
    pub value: BuyerValue,
    /// The command that prints these numbers.
    pub command: String,
}

/// The works of a period by where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkCount {
    /// The work unit's id, e.g. `support.resolved_case`.
    pub unit: String,
    /// The job in the buyer's words.
    pub question: Option<String>,
    /// All works of the period.
    pub total: Quantity,
    /// Counted, net of reversals.
    pub counted: Quantity,
    /// The same by class, in the definition's order.
    pub classes: Vec<ClassCount>,
    /// Not settled, or disputed.
    pub pending: Quantity,
    /// Settled as not billable.
    pub not_counted: Quantity,
    /// Counted once and taken back.
    pub reversed: Quantity,
    /// Counted per day of the period, oldest first; empty where it is not wanted.
    pub daily: Vec<Quantity>,
}

/// Counted work of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    /// The class: `confirmed`, `assumed`, `verified`.
    pub class: String,
    /// How many.
    pub quantity: Quantity,
}

/// One surface's meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// What the surface charged; a risk surface may take away.
    #[serde(serialize_with = "json::amount")]
    pub charged: Amount,
    /// The quantity behind it, where there is one.
    pub quantity: Option<Measure>,
    /// The danger of this way of pricing.
    pub danger: Danger,
}

/// The danger indicator of a meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// It was measured.
    Known {
        /// What is measured: "Seats under water".
        name: String,
        /// The reading: "14 of 120".
        reading: String,
        /// How bad it is.
        level: Level,
        /// The whole, in parts that sum to at most 1.
        parts: Vec<Part>,
    },
    /// It was not, and why.
    Unknown {
        /// What would be measured.
        name: String,
        /// Why it is not known, and what would make it known.
        reason: String,
    },
}

/// One part of a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its share of the whole, 0 to 1.
    pub share: Decimal,
}

/// How bad a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing to do.
    Calm,
    /// Look at it.
    Watch,
    /// Act.
    Alarm,
}

impl Level {
    /// The word for people and for the style.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Level::Calm => "calm",
            Level::Watch => "watch",
            Level::Alarm => "alarm",
        }
    }
}

/// What the counted work is worth to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuyerValue {
    /// How much, where the definition states or measures it.
    #[serde(serialize_with = "json::amount_option")]
    pub amount: Option<Amount>,
    /// On what ground: "6.50 USD a case, agreed", "measured", "not stated".
    pub basis: String,
}
