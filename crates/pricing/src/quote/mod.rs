//! Quotes: what is offered to a customer, and what became of it.
//!
//! A quote is a document that names a contract's text by its digest. It is drafted, sent, and then accepted,
//! declined or withdrawn, or its last day passes; each step is an entry of the log. Acceptance signs the very
//! text that was quoted. Not here: the fold of the entries ([`crate::account`]). Invariant: what is accepted was
//! sent before, and not withdrawn, declined or expired.

mod document;
mod expected;

use std::sync::Arc;

use jiff::Timestamp;
use work::Digest;
use work::body::QuoteEntry;
use work::event::Authorship;

use crate::contract::InForce;

pub use document::{Expected, QuoteDocument};
pub use expected::expected;

/// A quote of a customer.
#[derive(Debug, Clone)]
pub struct Quote {
    /// What is offered.
    pub document: QuoteDocument,
    /// Digest of the document's text.
    pub digest: Digest,
    /// The terms that it offers.
    pub terms: Arc<InForce>,
    /// The first instant at which it cannot be accepted any more.
    pub expires: Timestamp,
    /// What was done, in the order of the log; the first is the draft.
    pub steps: Vec<QuoteStep>,
}

/// A step of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteStep {
    /// Position of its entry in the log.
    pub entry: u64,
    /// When.
    pub at: Timestamp,
    /// Who says so.
    pub authorship: Authorship,
    /// Whether the buyer's key signed the entry.
    pub is_signed: bool,
    /// What.
    pub what: QuoteEntry,
}

/// What has become of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteState {
    /// The buyer has not been asked.
    Draft,
    /// The buyer may accept it.
    Sent,
    /// The buyer wants it, and its contract is signed.
    Accepted,
    /// The buyer does not want it.
    Declined,
    /// The seller took it back.
    Withdrawn,
    /// Its last day passed.
    Expired,
}

impl QuoteState {
    /// What a quote is at an instant, after its last step.
    #[must_use]
    pub fn after(last: Option<&QuoteEntry>, expires: Timestamp, at: Timestamp) -> QuoteState {
        let state = match last {
            None | Some(QuoteEntry::Drafted { .. }) => QuoteState::Draft,
            Some(QuoteEntry::Sent { .. }) => QuoteState::Sent,
            Some(QuoteEntry::Accepted { .. }) => QuoteState::Accepted,
            Some(QuoteEntry::Declined { .. }) => QuoteState::Declined,
            Some(QuoteEntry::Withdrawn { .. }) => QuoteState::Withdrawn,
        };
        match state {
            QuoteState::Draft | QuoteState::Sent if at >= expires => QuoteState::Expired,
            state => state,
        }
    }

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            QuoteState::Draft => "draft",
            QuoteState::Sent => "sent",
            QuoteState::Accepted => "accepted",
            QuoteState::Declined => "declined",
            QuoteState::Withdrawn => "withdrawn",
            QuoteState::Expired => "expired",
        }
    }
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteRefusal {
    /// The quote is not there.
    #[error("there is no quote `{0}`; `piecework quote list` shows those there are")]
    Absent(String),
    /// It is not in a state for that.
    #[error("the quote `{quote}` is {}: {}", .state.word(), remedy(*.state))]
    Not {
        /// The quote.
        quote: String,
        /// Its state.
        state: QuoteState,
    },
    /// Another document than the one under that number.
    #[error(
        "the quote `{quote}` is the document {known}, not {given}: accept what it says, or ask for another"
    )]
    OtherDocument {
        /// The quote.
        quote: String,
        /// Its document.
        known: Digest,
        /// The one named.
        given: Digest,
    },
    /// The number is not the next one.
    #[error("the next quote is `{next}`, not `{given}`: numbers have no gaps")]
    Number {
        /// The next number.
        next: String,
        /// The one given.
        given: String,
    },
    /// The document does not go with the texts that it names.
    #[error("the quote `{quote}` {why}")]
    Document {
        /// The quote.
        quote: String,
        /// What is wrong.
        why: String,
    },
    /// More quotes than a customer may have.
    #[error("a customer has at most {} quotes", crate::limits::QUOTES_MAX)]
    TooMany,
}

const fn remedy(state: QuoteState) -> &'static str {
    match state {
        QuoteState::Draft => "send it first with `piecework quote send`",
        QuoteState::Sent => "it is with the buyer; withdraw it and draft another",
        QuoteState::Accepted => "its contract is signed; amend or end the contract",
        QuoteState::Declined | QuoteState::Withdrawn | QuoteState::Expired => {
            "draft another with `piecework quote create`"
        }
    }
}

impl Quote {
    /// A quote as it is drafted, without a step.
    ///
    /// # Errors
    /// [`QuoteRefusal::Document`] where the document is not of these terms.
    pub fn of(
        document: QuoteDocument,
        digest: Digest,
        terms: InForce,
    ) -> Result<Quote, QuoteRefusal> {
        let contract = &terms.contract;
        let refuse = |why: &str| QuoteRefusal::Document {
            quote: document.number.clone(),
            why: why.to_owned(),
        };
        if contract.customer != document.customer {
            return Err(refuse("is for another customer than its contract"));
        }
        if contract.plan != document.plan
            || contract.definitions != document.definitions
            || contract.currency != document.currency
        {
            return Err(refuse(
                "names another plan, other definitions or another currency than its contract",
            ));
        }
        let expires = document.expires(&contract.time_zone);
        let expires =
            expires.ok_or_else(|| refuse("has a last day that its zone does not have"))?;
        Ok(Quote {
            expires,
            document,
            digest,
            terms: Arc::new(terms),
            steps: Vec::new(),
        })
    }

    /// The number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.document.number
    }

    /// What has become of it at an instant.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> QuoteState {
        let last = self.steps.last().map(|step| &step.what);
        QuoteState::after(last, self.expires, at)
    }

    /// Whether a step may be taken at an instant.
    ///
    /// # Errors
    /// [`QuoteRefusal`].
    pub fn may(&self, step: &QuoteEntry, at: Timestamp) -> Result<(), QuoteRefusal> {
        let state = self.state(at);
        let refused = || QuoteRefusal::Not {
            quote: self.number().to_owned(),
            state,
        };
        let fits = match step {
            QuoteEntry::Drafted { .. } => false,
            QuoteEntry::Sent { .. } => state == QuoteState::Draft,
            QuoteEntry::Accepted { .. } | QuoteEntry::Declined { .. } => state == QuoteState::Sent,
            QuoteEntry::Withdrawn { .. } => matches!(state, QuoteState::Draft | QuoteState::Sent),
        };
        if !fits {
            return Err(refused());
        }
        match step {
            QuoteEntry::Accepted { digest, .. } if *digest != self.digest => {
                Err(QuoteRefusal::OtherDocument {
                    quote: self.number().to_owned(),
                    known: self.digest,
                    given: *digest,
                })
            }
            _ => Ok(()),
        }
    }
}
