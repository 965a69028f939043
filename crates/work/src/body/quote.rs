//! Quotes: what is offered to a customer, and what becomes of the offer.
//!
//! Each step is an entry; what is offered stands in the quote's document, which the first entry names by its
//! digest. Not here: which step may follow which (`pricing` folds them). Invariant: a quote that can be
//! accepted is named by its number and its digest, so that nobody accepts another text under the same number.

use super::wire::{maybe_text, need_text, text};
use super::{Control, Kind};
use crate::Digest;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;

/// A step of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteEntry {
    /// `quote.drafted`: there is a quote under a number of its own.
    Drafted {
        /// The number, gapless per customer.
        quote: String,
        /// Digest of the quote's document.
        digest: Digest,
        /// Who drafted it (a role).
        by: String,
    },
    /// `quote.sent`: the buyer may accept it.
    Sent {
        /// The number.
        quote: String,
        /// Who sent it (a role).
        by: String,
    },
    /// `quote.accepted`: the buyer wants it as it is. Signed with the buyer's key, or recorded by the seller.
    Accepted {
        /// The number.
        quote: String,
        /// Digest of the document that is accepted.
        digest: Digest,
        /// How the buyer said so, where the seller records it.
        how: Option<String>,
        /// Who accepted it for the buyer (a role).
        by: String,
    },
    /// `quote.declined`: the buyer does not want it.
    Declined {
        /// The number.
        quote: String,
        /// Why.
        reason: String,
        /// Who declined it for the buyer (a role).
        by: String,
    },
    /// `quote.withdrawn`: the seller takes it back.
    Withdrawn {
        /// The number.
        quote: String,
        /// Why.
        reason: String,
        /// Who withdrew it (a role).
        by: String,
    },
}

impl QuoteEntry {
    /// The number of the quote.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            QuoteEntry::Drafted { quote, .. }
            | QuoteEntry::Sent { quote, .. }
            | QuoteEntry::Accepted { quote, .. }
            | QuoteEntry::Declined { quote, .. }
            | QuoteEntry::Withdrawn { quote, .. } => quote,
        }
    }

    /// Who took the step (a role).
    #[must_use]
    pub fn by(&self) -> &str {
        match self {
            QuoteEntry::Drafted { by, .. }
            | QuoteEntry::Sent { by, .. }
            | QuoteEntry::Accepted { by, .. }
            | QuoteEntry::Declined { by, .. }
            | QuoteEntry::Withdrawn { by, .. } => by,
        }
    }

    pub(super) const fn tag(&self) -> Kind {
        match self {
            QuoteEntry::Drafted { .. } => Kind::QuoteDrafted,
            QuoteEntry::Sent { .. } => Kind::QuoteSent,
            QuoteEntry::Accepted { .. } => Kind::QuoteAccepted,
            QuoteEntry::Declined { .. } => Kind::QuoteDeclined,
            QuoteEntry::Withdrawn { .. } => Kind::QuoteWithdrawn,
        }
    }

    /// Reads a step of one of the kinds above; of any other kind, a withdrawal.
    pub(super) fn read(kind: Kind, data: &mut Fields<'_>) -> Result<Control, EventError> {
        let quote = data.need_id("quote")?;
        Ok(Control::Quote(match kind {
            Kind::QuoteDrafted => QuoteEntry::Drafted {
                quote,
                digest: data.need_digest("digest")?,
                by: data.need_id("by")?,
            },
            Kind::QuoteSent => QuoteEntry::Sent {
                quote,
                by: data.need_id("by")?,
            },
            Kind::QuoteAccepted => QuoteEntry::Accepted {
                quote,
                digest: data.need_digest("digest")?,
                how: data.text("how")?,
                by: data.need_id("by")?,
            },
            Kind::QuoteDeclined => QuoteEntry::Declined {
                quote,
                reason: need_text(data, "reason")?,
                by: data.need_id("by")?,
            },
            _ => QuoteEntry::Withdrawn {
                quote,
                reason: need_text(data, "reason")?,
                by: data.need_id("by")?,
            },
        }))
    }

    pub(super) fn members(&self) -> Json {
        let named = |digest: &Digest| text(&digest.to_string());
        match self {
            QuoteEntry::Drafted { quote, digest, by } => Json::object([
                ("quote", text(quote)),
                ("digest", named(digest)),
                ("by", text(by)),
            ]),
            QuoteEntry::Sent { quote, by } => {
                Json::object([("quote", text(quote)), ("by", text(by))])
            }
            QuoteEntry::Accepted {
                quote,
                digest,
                how,
                by,
            } => Json::object([
                ("quote", text(quote)),
                ("digest", named(digest)),
                ("how", maybe_text(how.as_ref())),
                ("by", text(by)),
            ]),
            QuoteEntry::Declined { quote, reason, by }
            | QuoteEntry::Withdrawn { quote, reason, by } => Json::object([
                ("quote", text(quote)),
                ("reason", text(reason)),
                ("by", text(by)),
            ]),
        }
    }
}
