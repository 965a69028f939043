//! [`ControlTotals`]: what metrics say was used, added up by day, to hold the recorded costs against.
//!
//! Not evidence and no money: a metric names no work and no customer. Invariant: of a series that grows since its
//! start the latest word stands for all of it, in whatever order its words come; what is told as a difference is
//! added.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Decimal;
use work::Digest;

use crate::StoreError;

/// What is added up together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlKey {
    /// The day (UTC).
    pub day: Date,
    /// The metric.
    pub metric: String,
    /// What is measured: a word of the server's.
    pub measured: String,
    /// Who ran the model; empty where nobody is named.
    pub provider: String,
    /// The model; empty where none is named.
    pub model: String,
}

/// A word of a series that grows since its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesWord {
    /// What tells the series from every other.
    pub series: Digest,
    /// Its start.
    pub since: Timestamp,
    /// When it was measured.
    pub at: Timestamp,
}

/// A total that a metric tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlTotal {
    /// Of what.
    pub of: ControlKey,
    /// The series that it is a word of; a difference where absent.
    pub word: Option<SeriesWord>,
    /// How much.
    pub value: Decimal,
}

/// Totals of metrics. Every call that changes something is durable when it returns.
pub trait ControlTotals: Send + Sync {
    /// Adds totals, all or nothing. Beyond [`crate::limits::CONTROL_TOTALS_MAX`] sums, or series, the oldest make
    /// room.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Engine`].
    fn add_control_totals(&self, totals: &[ControlTotal]) -> Result<(), StoreError>;

    /// All sums, in the order of their keys.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn control_totals(&self) -> Result<Vec<(ControlKey, Decimal)>, StoreError>;
}
