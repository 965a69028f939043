//! [`Home`]: a month of the whole book at a glance, and the months before it.

use jiff::civil::Date;
use money::{Amount, Quantity};

use super::{FourMeters, Reader};

/// The first page of whoever sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Who looks at it, and what else there is to see.
    pub reader: Reader,
    /// The only customer that the reader knows of; all where absent.
    pub customer: Option<String>,
    /// The month, by its first day.
    pub month: Date,
    /// Whether it is not over.
    pub is_running: bool,
    /// The month around one work unit.
    pub meters: FourMeters,
    /// Every work unit of the month, the one counted most first.
    pub units: Vec<HomeUnit>,
    /// This month and those before it, the latest first.
    pub months: Vec<HomeMonth>,
    /// The customers that are charged most in the month.
    pub customers: Vec<HomeCustomer>,
    /// What the month's periods are charged in other currencies, which is in no sum.
    pub others: Vec<Amount>,
    /// Customers whose charges are in the sums.
    pub customers_in: u64,
    /// Customers that are to be asked again: the sums have of them what was known last.
    pub customers_behind: u64,
    /// Customers whose charges cannot be computed, which are in no sum.
    pub customers_failed: u64,
}

/// The works of one definition in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeUnit {
    /// The definition's id.
    pub unit: String,
    /// Counted, net of what was taken back.
    pub counted: Quantity,
}

/// One month in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeMonth {
    /// Its first day.
    pub month: Date,
    /// What access was charged.
    pub access: Amount,
    /// What use was charged.
    pub usage: Amount,
    /// What counted work was charged.
    pub outcome: Amount,
    /// What risk added and took away.
    pub risk: Amount,
    /// Everything, terms of contracts too.
    pub charged: Amount,
    /// Works counted, net of what was taken back.
    pub counted: Quantity,
    /// What it cost; not known where no cost is recorded.
    pub cost: Option<Amount>,
    /// Whether some costs are in no sum, so that it cost at least this.
    pub is_cost_least: bool,
}

/// One customer in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeCustomer {
    /// The id.
    pub customer: String,
    /// The name.
    pub name: String,
    /// What it is charged.
    pub charged: Amount,
}
