//! `platform`: a fee per period.

use money::{Amount, Currency};

use super::Terms;
use crate::document::Table;

/// A fee per period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// The fee of a whole period.
    pub amount: Amount,
    /// When it is due.
    pub due: Due,
    /// Whether a part of a period pays for its days only.
    pub prorate: bool,
    /// Whether it is charged once, when the component begins, and not in every period.
    pub once: bool,
}

/// When a fee is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At the start of its period.
    Advance,
    /// At its end.
    Arrears,
}

impl Due {
    /// The words of documents.
    pub const WORDS: [(&'static str, Due); 2] =
        [("advance", Due::Advance), ("arrears", Due::Arrears)];
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let amount = table.need("amount", table.amount("amount", currency));
    let due = table.word("due", &Due::WORDS);
    let prorate = table.word("prorate", &[("day", true), ("none", false)]);
    let once = table.flag("once").unwrap_or(false);
    if once && table.has("prorate") {
        table.fault("prorate", "what is charged once is charged in full", None);
    }
    Some(Terms::Platform(Platform {
        amount: amount?,
        due: due.unwrap_or(Due::Advance),
        prorate: prorate.unwrap_or(true) && !once,
        once,
    }))
}
