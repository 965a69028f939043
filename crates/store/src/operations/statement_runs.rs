//! [`StatementRuns`]: what became of every contract in a run over the statements that are due.
//!
//! A report, no evidence: what was issued is in the logs, and a run that is gone on with looks there. Invariant: a
//! row that says that a statement was issued is not changed by going on; every other row of a customer is replaced
//! when the customer is looked at again.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;

use crate::StoreError;

/// A run over the statements that are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRun {
    /// Its name.
    pub name: String,
    /// The first day that it does not state any more.
    pub cut: Date,
    /// Only these customers, by id; everybody where empty.
    pub customers: Vec<String>,
    /// Who approves what it issues (a role).
    pub by: String,
    /// Id of the API key of who asked for it; nothing where it was no key.
    pub key: Option<String>,
    /// Whether it only says what it would issue.
    pub is_dry: bool,
    /// Whether it writes the proof file of each statement.
    pub proves: bool,
    /// Customers that it is about.
    pub size: u64,
    /// When it was begun.
    pub begun: Timestamp,
    /// When it came to its end the last time; nothing before that, and while it is gone on with.
    pub ended: Option<Timestamp>,
}

/// What became of one statement, or of a contract that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The customer's id.
    pub customer: String,
    /// The contract's id; empty where the customer could not be read.
    pub contract: String,
    /// The instant until which the statement states; nothing where there is none.
    pub cut: Option<Timestamp>,
    /// What became of it, in a word.
    pub state: String,
    /// The printed number.
    pub number: Option<String>,
    /// What it charges.
    pub total: Option<Amount>,
    /// What it charges by surface, in words; the sum is the total.
    pub surfaces: Vec<(String, Amount)>,
    /// Why, or what is wrong.
    pub detail: Option<String>,
}

/// Behind which row of a run a page goes on: customer, contract, and the cut as text.
pub type AfterRow = (String, String, String);

/// Runs by name. Every call that changes something is durable when it returns.
pub trait StatementRuns: Send + Sync {
    /// Keeps a new run. Beyond [`crate::limits::RUNS_KEPT_MAX`] the oldest one leaves with its rows.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the name is; [`StoreError::Full`], [`StoreError::Engine`].
    fn begin_run(&self, run: &StatementRun) -> Result<(), StoreError>;

    /// Says when a run came to its end, or that it is gone on with.
    ///
    /// # Errors
    /// As [`StatementRuns::begin_run`].
    fn end_run(&self, name: &str, ended: Option<Timestamp>) -> Result<(), StoreError>;

    /// The run of a name.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn run(&self, name: &str) -> Result<Option<StatementRun>, StoreError>;

    /// The runs, the newest first, before one of this name, at most `rows`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn runs(&self, before: Option<&str>, rows: usize) -> Result<Vec<StatementRun>, StoreError>;

    /// Keeps what became of customers: each with its rows, in place of those that do not say `kept`.
    ///
    /// # Errors
    /// As [`StatementRuns::begin_run`].
    fn put_run_rows(
        &self,
        name: &str,
        customers: &[(String, Vec<RunRow>)],
        kept: &str,
    ) -> Result<(), StoreError>;

    /// Rows of a run by customer, contract and cut, only those `of` a state and of a customer where one is named, after
    /// one, at most `rows`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn run_rows(
        &self,
        name: &str,
        of: (Option<&str>, Option<&str>),
        after: Option<&AfterRow>,
        rows: usize,
    ) -> Result<Vec<RunRow>, StoreError>;

    /// Customers of a run that there are rows of.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn run_customers(&self, name: &str) -> Result<u64, StoreError>;
}

impl RunRow {
    /// Where a page goes on behind the row.
    #[must_use]
    pub fn place(&self) -> AfterRow {
        let cut = self.cut.map_or_else(String::new, |cut| cut.to_string());
        (self.customer.clone(), self.contract.clone(), cut)
    }
}
