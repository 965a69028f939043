//! [`Checklist`]: what is open of a month before it is closed.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// What is open of a month. Of the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checklist {
    /// The month.
    #[schema(example = "2026-01")]
    pub month: String,
    /// When it was asked for.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Rows that are open.
    pub open: u64,
    /// The rows, always in the same order.
    pub rows: Vec<CloseRow>,
    /// SHA-256 of month and rows.
    pub digest: String,
    /// When the month was closed, the earliest first.
    pub closed: Vec<Closed>,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CloseRow {
    /// `statements`, `drafts`, `refused_events`, `pending_works`, `unassigned_costs`, `source_counts`, `proposals`,
    /// `disputes`, `heads` or `unpriced_costs`.
    pub check: String,
    /// What that is, in words.
    pub about: String,
    /// `ok` or `open`.
    pub state: String,
    /// How many were found.
    pub count: u64,
    /// Which, or of which age.
    pub details: Vec<String>,
    /// The command that mends it.
    pub command: String,
}

/// A month was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Closed {
    /// By whom (a role or a name).
    pub by: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The digest of what the checklist said then.
    pub checklist: String,
    /// Rows that were open.
    pub open: u64,
    /// Why it was closed with them.
    pub reason: Option<String>,
}
