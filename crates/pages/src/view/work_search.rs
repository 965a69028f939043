//! [`WorkSearch`]: which works a reader looks for.

/// What was entered into the form of a search, as it was entered; empty where nothing was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkSearch {
    /// Of this customer.
    pub customer: String,
    /// With facts of this work id.
    pub work: String,
    /// In this state.
    pub state: String,
    /// Counted in this class.
    pub class: String,
    /// Of this definition.
    pub unit: String,
    /// Opened on this day or after it.
    pub from: String,
    /// Opened before this day.
    pub until: String,
    /// `true` with an open dispute, `false` without one.
    pub disputed: String,
}
