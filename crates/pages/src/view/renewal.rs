//! [`RenewalCase`]: what a contract brought a buyer so far, for whoever talks with it about going on.

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};

use super::{ContractSpending, GrantRow, Period};

/// What a contract brought so far, and what speaks against going on. For the seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalCase {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// Every contract of the customer that somebody signed, by id.
    pub contracts: Vec<String>,
    /// The instant that counts as now.
    pub as_of: Timestamp,
    /// The first instant after its term, where it ends.
    pub ends: Option<Timestamp>,
    /// What the statements that stand charge.
    pub stated: Amount,
    /// What the counted work is worth.
    pub value: DeliveredValue,
    /// The last statement periods that have begun, the earliest first.
    pub periods: Vec<RenewalPeriod>,
    /// How many begun periods before them are not shown.
    pub earlier: u64,
    /// What was spent in the period that runs.
    pub spending: Option<ContractSpending>,
    /// The prepaid credits that pay for it.
    pub grants: Vec<GrantRow>,
    /// What speaks against going on.
    pub risks: Vec<String>,
    /// What nobody knows, and what would make it known.
    pub unknown: Vec<String>,
}

/// What counted work is worth, within bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredValue {
    /// Of the works that the buyer's or a third party's fact decided, and that nobody contests; nothing where it is not
    /// known.
    pub at_least: Option<Amount>,
    /// Of all that counted.
    pub at_most: Option<Amount>,
    /// On what ground, in words.
    pub basis: String,
}

/// One statement period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalPeriod {
    /// When.
    pub period: Period,
    /// The statement that states it, by number, and what it charges; nothing where none does.
    pub stated: Option<(String, Amount)>,
    /// Works that opened in it.
    pub works: u64,
    /// Units that counted in it, net of what was taken back.
    pub counted: Quantity,
    /// Of the works that a person reviewed, those accepted.
    pub accepted: Share,
    /// Of the works that a person saw, those overridden.
    pub overridden: Share,
    /// Works in it that were ever disputed.
    pub disputed: u64,
}

/// A part of a whole, and between which shares the true one lies at 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
    /// The lowest and the highest, by Wilson; nothing of nothing.
    pub between: Option<(Decimal, Decimal)>,
}
