//! [`Invalid`]: what a caller gave cannot be used, and which argument it was.

/// What was given cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The period is no month.
    #[error("`{0}` is not a month such as 2026-01")]
    Month(String),
    /// Several customers, where one is needed.
    #[error("name one customer with --customer: {}", .known.join(", "))]
    SeveralCustomers {
        /// Those there are.
        known: Vec<String>,
    },
    /// Several contracts, where one is needed.
    #[error("{customer} has several contracts; name one with --contract: {}", .known.join(", "))]
    SeveralContracts {
        /// Whose.
        customer: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Several units of one work, where one is needed.
    #[error("`{work}` is {} units of work; name one with --unit: {}", .known.len(), .known.join(", "))]
    SeveralUnits {
        /// The work.
        work: String,
        /// Its units.
        known: Vec<String>,
    },
}

impl Invalid {
    /// The argument that cannot be used.
    #[must_use]
    pub fn argument(&self) -> &'static str {
        match self {
            Invalid::Month(_) => "period",
            Invalid::SeveralCustomers { .. } => "customer",
            Invalid::SeveralContracts { .. } => "contract",
            Invalid::SeveralUnits { .. } => "unit",
        }
    }
}
