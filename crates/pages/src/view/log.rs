//! [`LogRow`]: a log and how much of it is signed.

/// A customer's shared log, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// The customer's id.
    pub customer: String,
    /// The customer's name to print.
    pub name: String,
    /// The log's name, which its heads and keys carry.
    pub origin: String,
    /// Entries that it has.
    pub entries: u64,
    /// Entries under the head that was signed last; no head was where absent.
    pub signed: Option<u64>,
}
