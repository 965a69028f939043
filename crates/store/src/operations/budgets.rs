//! [`Budgets`]: how much a customer means to spend in a period.
//!
//! A budget asks and warns; it changes no price and no statement, so it is in no log. What a contract caps is in
//! the contract. Invariant: no version of a budget is changed or forgotten; the last one is in force.

use jiff::Timestamp;
use money::Amount;

use crate::StoreError;

/// How much a customer means to spend in a statement period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The customer.
    pub customer: String,
    /// Counted from 1 for each customer.
    pub version: u64,
    /// What it sets; nothing where the budget was taken away.
    pub terms: Option<BudgetTerms>,
    /// Id of the API key of who set it.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
}

/// What a budget sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetTerms {
    /// The most that is meant to be spent.
    pub amount: Amount,
    /// Percentages of it at which somebody is told, ascending.
    pub thresholds_percent: Vec<u16>,
    /// Whether more may not be spent; otherwise it is told alone.
    pub stops: bool,
    /// In words, for whoever looks later.
    pub note: Option<String>,
}

/// Budgets by customer. Every call that changes something is durable when it returns.
pub trait Budgets: Send + Sync {
    /// Sets the terms of a customer's budget, or takes it away: a further version. `expected` is the version that
    /// is in force, 0 where there is none; nothing is changed where it is another.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Engine`].
    fn set_budget(&self, budget: &Budget, expected: u64) -> Result<bool, StoreError>;

    /// The version in force of a customer's budget; also of one that was taken away.
    ///
    /// # Errors
    /// [`StoreError::Engine`]; [`StoreError::Corrupt`] where it cannot be read.
    fn budget(&self, customer: &str) -> Result<Option<Budget>, StoreError>;

    /// The budgets in force, by customer, after `after`, at most `rows`; none that was taken away.
    ///
    /// # Errors
    /// As [`Budgets::budget`].
    fn budgets(&self, after: Option<&str>, rows: usize) -> Result<Vec<Budget>, StoreError>;
}
