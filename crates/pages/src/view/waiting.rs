//! What arrived and waits for somebody: one refused event, and costs that name nobody.

use jiff::Timestamp;
use money::Amount;

/// A refused event, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedOne {
    /// What it is known by.
    pub id: String,
    /// `waiting`, `sent` or `dismissed`.
    pub state: &'static str,
    /// The way that it came by.
    pub route: String,
    /// The key that brought it.
    pub key: String,
    /// When it came first, and last.
    pub received: (Timestamp, Timestamp),
    /// How often it came.
    pub deliveries: u64,
    /// Where in it the fault is, and what is wrong.
    pub fault: (String, String),
    /// The fault that the last repair had.
    pub last: Option<(Timestamp, String)>,
    /// Who decided, when and why.
    pub decided: Option<String>,
    /// Whether only its beginning is kept, so that it cannot be sent again as it came.
    pub is_cut: bool,
    /// Its text.
    pub text: String,
}

/// A cost that names no customer, or none of the works that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnassignedCost {
    /// Its source.
    pub source: String,
    /// Its id within the source.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// The cost line.
    pub line: &'static str,
    /// How much; unknown where only tokens are told.
    pub amount: Option<Amount>,
    /// The model.
    pub model: Option<String>,
    /// In words.
    pub note: Option<String>,
}
