//! The checks of a price, and the waiver of one.
//!
//! Not here: what a check finds (`book` says that). Invariant: what a waiver is of decides who may see it: the buyer sees
//! every one but that of the margin, which is the seller's alone (semantics.md L2).

use jiff::civil::Date;

use super::cover::day;
use super::wire::{need_text, text};
use super::words::words;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;

words! {
    /// What is asked of a price before statements are issued by it.
    PriceCheck {
        /// Cost units are kept apart from what the buyer values.
        Units = "units",
        /// The unit was defined before it was priced.
        Order = "order",
        /// Whose the outcome is was decided, with reasons.
        Attribution = "attribution",
        /// The evidence that the definition needs is there.
        Proof = "proof",
        /// The margin is known.
        Margin = "margin",
    }
}

impl PriceCheck {
    /// Whether only the seller may see what it finds, and that it was waived.
    #[must_use]
    pub const fn is_the_sellers_own(self) -> bool {
        matches!(self, PriceCheck::Margin)
    }
}

/// `check.waived`: statements of a contract are issued although a check fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckWaived {
    /// The contract's id.
    pub contract: String,
    /// Which check.
    pub check: PriceCheck,
    /// Why.
    pub reason: String,
    /// The last day on which it is waived, in the contract's zone.
    pub until: Date,
    /// Who waived it (a role).
    pub by: String,
}

impl CheckWaived {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<CheckWaived, EventError> {
        Ok(CheckWaived {
            contract: data.need_id("contract")?,
            check: data.need_word("check", PriceCheck::WORDS)?,
            reason: need_text(data, "reason")?,
            until: day(data, "until")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("contract", text(&self.contract)),
            ("check", text(self.check.word())),
            ("reason", text(&self.reason)),
            ("until", text(&self.until.to_string())),
            ("by", text(&self.by)),
        ])
    }
}
