//! One column: what its name and its cells say of it.
//!
//! A score is points out of some 30; 20 and more is as good as sure, below 10 is worth a question.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{Confidence, Guess, Role};
use crate::map::template::number;
use crate::map::time::{TimeForm, TimeFormat};

/// Ways to write a time that are tried after RFC 3339 and its relatives.
const FORMS: [&str; 11] = [
    "unix",
    "unix_ms",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M",
    "%d %b %Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
];

type Names = &'static [(&'static str, u32)];

#[rustfmt::skip]
const WORK: Names = &[
    ("ticket", 18), ("case", 18), ("conversation", 18), ("incident", 18), ("work", 18),
    ("issue", 16), ("task", 14), ("job", 14), ("lead", 14), ("document", 12), ("call", 12),
    ("session", 12), ("trace", 10), ("id", 10), ("number", 8), ("request", 8), ("run", 6),
    ("key", 6), ("url", 4),
];
/// Words of names that hold something else than the piece of work, whatever else they say.
#[rustfmt::skip]
const NOT_WORK: &[&str] = &[
    "user", "customer", "account", "agent", "assignee", "organization", "org", "group", "team",
    "state", "status", "type", "count", "kind", "priority", "category", "event", "message", "span",
    "row", "log",
];
#[rustfmt::skip]
const CUSTOMER: Names = &[
    ("customer", 20), ("tenant", 20), ("client", 18), ("organization", 18), ("organisation", 18),
    ("company", 18), ("account", 14), ("org", 14),
];
#[rustfmt::skip]
const DONE_AT: Names = &[
    ("resolved", 22), ("solved", 22), ("completed", 22), ("finished", 22), ("closed", 20),
    ("merged", 20), ("done", 20), ("end", 20), ("ended", 20), ("timestamp", 20), ("occurred", 18),
    ("time", 12), ("date", 12), ("at", 8), ("updated", 8),
];
#[rustfmt::skip]
const OPENED_AT: Names = &[
    ("created", 20), ("opened", 20), ("started", 20), ("start", 20), ("submitted", 18),
    ("began", 18), ("received", 16),
];
#[rustfmt::skip]
const OUTCOME: Names = &[
    ("outcome", 22), ("status", 20), ("resolution", 20), ("result", 20), ("state", 18),
    ("activity", 18), ("disposition", 18), ("success", 18), ("resolved", 16), ("solved", 16), ("event", 14),
    ("reward", 14), ("verdict", 14),
];
const COST: Names = &[("cost", 22), ("costs", 22), ("spend", 14), ("expense", 12)];

/// A column of a sample.
pub(super) struct Column {
    pub(super) name: String,
    /// The words of the name, in lower case.
    words: Vec<String>,
    known: usize,
    pub(super) distinct: usize,
    rows: usize,
    /// The time format that every cell has.
    pub(super) time: Option<&'static str>,
    /// Whether every time says its offset.
    pub(super) has_offset: bool,
    is_number: bool,
}

impl Column {
    pub(super) fn of(name: &str, cells: &[&str], rows: usize) -> Column {
        let is_number = !cells.is_empty() && cells.iter().all(|cell| number(cell).is_ok());
        let words = split_words(name);
        // A number is a time only where the name says so: ids are as large.
        let says_time = [DONE_AT, OPENED_AT].into_iter().flatten();
        let says_time = says_time
            .into_iter()
            .any(|(known, _)| words.iter().any(|w| w == known));
        let time = time_form(cells, is_number).filter(|_| !is_number || says_time);
        let has_offset = match time {
            Some("unix" | "unix_ms") => true,
            Some(form) => fits(form, None, cells),
            None => false,
        };
        Column {
            name: name.to_owned(),
            words,
            known: cells.len(),
            distinct: cells.iter().collect::<BTreeSet<_>>().len(),
            rows,
            time,
            has_offset,
            is_number,
        }
    }

    /// The guess that this column plays a role, for a score.
    pub(super) fn guess(&self, role: Role, score: u32) -> Guess {
        let confidence = match score {
            0..10 => Confidence::Low,
            10..20 => Confidence::Medium,
            _ => Confidence::High,
        };
        let reason = match self.time {
            Some(_) => "its cells are times".to_owned(),
            None if self.distinct == self.rows => "its cells are all different".to_owned(),
            None if self.distinct == 1 => format!("the same in {} rows", self.rows),
            None => format!("{} different values in {} rows", self.distinct, self.rows),
        };
        Guess {
            role,
            answer: self.name.clone(),
            confidence,
            reason,
        }
    }

    fn has_word(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// Points for the best word of the name.
    fn named(&self, names: Names) -> Option<u32> {
        let found = names
            .iter()
            .filter(|(name, _)| self.words.iter().any(|word| word == name));
        found.map(|(_, points)| *points).max()
    }

    pub(super) fn as_work(&self) -> Option<u32> {
        let every_row = self.known == self.rows && self.distinct >= 2 && self.time.is_none();
        if !every_row || self.has_word(NOT_WORK) {
            return None;
        }
        let id = if self.has_word(&["id", "number"]) {
            6
        } else {
            0
        };
        let unique = if self.distinct == self.rows { 6 } else { 0 };
        Some(self.named(WORK)? + id + unique)
    }

    pub(super) fn as_customer(&self) -> Option<u32> {
        let often = self.time.is_none() && self.known * 2 >= self.rows;
        often.then(|| self.named(CUSTOMER))?
    }

    pub(super) fn as_time(&self) -> Option<u32> {
        self.time?;
        let penalty = if self.as_opening().is_some() { 8 } else { 0 };
        Some(self.named(DONE_AT).unwrap_or(5).saturating_sub(penalty))
    }

    pub(super) fn as_opening(&self) -> Option<u32> {
        self.time?;
        self.named(OPENED_AT)
    }

    pub(super) fn as_outcome(&self) -> Option<u32> {
        let few = self.time.is_none() && (1..=60).contains(&self.distinct);
        few.then(|| self.named(OUTCOME))?
    }

    pub(super) fn as_cost(&self) -> Option<u32> {
        let is_amount = self.is_number && self.time.is_none();
        is_amount.then(|| self.named(COST))?
    }

    pub(super) fn as_model(&self) -> Option<u32> {
        let is_text = !self.is_number && self.time.is_none() && self.known > 0;
        is_text.then(|| self.named(&[("model", 22)]))?
    }

    pub(super) fn as_tokens(&self, side: &[&str]) -> Option<u32> {
        let is_tokens = self.is_number && self.has_word(&["tokens", "token"]);
        (is_tokens && self.has_word(side)).then_some(22)
    }

    /// The currency of a cost, from the column's name.
    pub(super) fn currency(&self) -> Guess {
        let codes = self.words.iter().map(|word| word.to_uppercase());
        let named = codes
            .filter(|code| code.len() == 3)
            .find(|code| code.parse::<money::Currency>().is_ok());
        let (confidence, reason) = match named {
            Some(_) => (Confidence::High, "the column's name says so"),
            None => (Confidence::Low, "the file does not say"),
        };
        Guess {
            role: Role::Currency,
            answer: named.unwrap_or_else(|| "USD".to_owned()),
            confidence,
            reason: reason.to_owned(),
        }
    }
}

/// The first form in which every cell is a time.
fn time_form(cells: &[&str], is_number: bool) -> Option<&'static str> {
    let utc = || Some(TimeZone::UTC);
    if !is_number {
        return std::iter::once("rfc3339")
            .chain(FORMS.into_iter().skip(2))
            .find(|form| fits(form, utc(), cells));
    }
    // A number is taken for a time only between the years 2000 and 2100.
    let seconds = |cell: &&&str| {
        number(cell).is_ok_and(|n| {
            n > money::Decimal::from_int(946_684_800) && n < money::Decimal::from_int(4_102_444_800)
        })
    };
    let milliseconds = |cell: &&&str| {
        number(cell).is_ok_and(|n| {
            n > money::Decimal::from_int(946_684_800_000)
                && n < money::Decimal::from_int(4_102_444_800_000)
        })
    };
    if cells.iter().filter(seconds).count() == cells.len() {
        Some("unix")
    } else if cells.iter().filter(milliseconds).count() == cells.len() {
        Some("unix_ms")
    } else {
        None
    }
}

fn fits(form: &str, zone: Option<TimeZone>, cells: &[&str]) -> bool {
    let Ok(form) = TimeForm::from_word(form) else {
        return false;
    };
    let format = TimeFormat {
        forms: vec![form],
        zone,
    };
    !cells.is_empty() && cells.iter().all(|cell| format.instant(cell).is_ok())
}

/// `createdAt`, `Created at` and `created_at` are the same two words.
fn split_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
