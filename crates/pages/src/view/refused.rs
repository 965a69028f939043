//! [`RefusedRow`]: what arrived and stands in no log.

use jiff::Timestamp;

/// A refused event that waits for somebody, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// What it is known by.
    pub id: String,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// Whole minutes since.
    pub age_minutes: u64,
    /// How often it arrived, the same bytes refused for the same reason.
    pub deliveries: u64,
    /// The customer that it names, where that can be read.
    pub customer: Option<String>,
    /// The source that it names, where that can be read.
    pub source: Option<String>,
    /// JSON pointer into the event.
    pub pointer: String,
    /// What is wrong and what to do.
    pub reason: String,
}
