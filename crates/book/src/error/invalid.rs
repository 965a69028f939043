//! [`Invalid`]: what a caller gave cannot be used, and which argument it was.

use tlog::checkpoint::CheckpointError;
use tlog::note::NoteError;

use crate::limits::{LINK_DAYS_MAX, LINK_LABEL_BYTES_MAX};

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
    /// The end of a link.
    #[error("a link for a buyer ends within {LINK_DAYS_MAX} days, and not at once")]
    LinkEnd,
    /// The words that say whom a link is for.
    #[error("say whom the link is for in one line of 1 to {LINK_LABEL_BYTES_MAX} bytes")]
    LinkLabel,
    /// A name that no link can carry.
    #[error(
        "the name of the customer or of the statement has a control character, which no link can carry"
    )]
    LinkName,
    /// A text that is no signed head.
    #[error("the cosigned head cannot be read")]
    Note(#[source] NoteError),
    /// A signed text that is no head.
    #[error("what is cosigned is no head of a log")]
    Head(#[source] CheckpointError),
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
            Invalid::LinkEnd => "expires",
            Invalid::LinkLabel => "label",
            Invalid::LinkName => "customer",
            Invalid::Note(_) | Invalid::Head(_) => "note",
        }
    }
}
