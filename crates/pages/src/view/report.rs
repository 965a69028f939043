//! [`Report`]: one self-contained page of everything above.

use jiff::Timestamp;
use serde::Serialize;

use super::{Comparison, FourMeters, MarginBridge, Period, Statement, WhoDecides, json};

/// What `piecework report --html` writes, for the seller: it holds costs and margins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose book.
    pub vendor: String,
    /// The page's title: "Report", "Demo", "What the pilot earned".
    pub title: String,
    /// When.
    pub period: Period,
    /// One figure per work unit and currency.
    pub meters: Vec<FourMeters>,
    /// One per contract.
    pub statements: Vec<Statement>,
    /// One per currency.
    pub margins: Vec<MarginBridge>,
    /// The same facts under other definitions.
    pub comparisons: Vec<Comparison>,
    /// Stories.
    pub stories: Vec<WhoDecides>,
    /// Out of what it was made.
    pub provenance: Provenance,
}

/// Out of what a page was made: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The instant up to which facts are seen.
    #[serde(serialize_with = "json::instant")]
    pub as_of: Timestamp,
    /// Entries of the shared logs that were read.
    pub shared_entries: u64,
    /// Entries of the seller-only logs that were read.
    pub seller_entries: u64,
    /// The software and its version.
    pub software: String,
    /// The command that makes the page again.
    pub command: String,
}
