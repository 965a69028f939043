//! The seller's books: until which day they are closed.
//!
//! Not here: what follows from it (`pricing::accounting` says that). Invariant: books are locked and unlocked by whole
//! months.

use jiff::civil::Date;

use super::wire::{need_text, text};
use crate::SmolStr;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;

/// `books.locked`: nothing is posted any more through this day. `books.unlocked`: only what is through it stays locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The last day that is locked, the last of a month; `None` where nothing stays locked.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who decided it (a role).
    pub by: String,
}

impl Lock {
    pub(super) fn read(data: &mut Fields<'_>, needs_day: bool) -> Result<Lock, EventError> {
        let until: Option<SmolStr> = data.id("until")?;
        let until = match until {
            None if needs_day => return Err(data.fault("until", "this member is required")),
            None => None,
            Some(text) => {
                let day: Option<Date> = text.parse().ok();
                let day = day.filter(|day| day.last_of_month() == *day && day.to_string() == *text);
                let problem =
                    || format!("`{text}` is not the last day of a month, e.g. 2026-01-31");
                Some(day.ok_or_else(|| data.fault("until", problem()))?)
            }
        };
        Ok(Lock {
            until,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("until", self.until.map(|day| Json::text(day.to_string()))),
            ("reason", text(&self.reason)),
            ("by", text(&self.by)),
        ])
    }
}
