//! [`SourceCounts`]: how many events a source says that it sent, day by day.
//!
//! Claims from outside, to be held against what arrived. Invariant: of one source, day and customer the last
//! report stands.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;

/// Which count it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceDay {
    /// The day in UTC.
    pub day: Date,
    /// The source, as its events name it.
    pub source: String,
    /// The customer that its events name; all together where absent.
    pub customer: Option<String>,
}

/// How many events a source says that it sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCount {
    /// Of what.
    pub of: SourceDay,
    /// How many events, each once however often it was sent.
    pub events: u64,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Id of the API key that reported it.
    pub reported_by: String,
}

/// Counts at the sources. Every call that changes something is durable when it returns.
pub trait SourceCounts: Send + Sync {
    /// Keeps counts, each in place of an earlier one of the same source, day and customer.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Engine`].
    fn put_source_counts(&self, counts: &[SourceCount]) -> Result<(), StoreError>;

    /// Counts from a day on, after one, by day, source and customer, at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]); of one customer alone where it is named.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn source_counts(
        &self,
        from: Date,
        customer: Option<&str>,
        after: Option<&SourceDay>,
        rows: usize,
    ) -> Result<Vec<SourceCount>, StoreError>;
}
