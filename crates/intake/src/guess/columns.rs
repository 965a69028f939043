//! Which column is what, by its name and by what stands in it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{Confidence, Guess, Question, Role, Sample};
use crate::map::template::number;
use crate::map::time::{TimeForm, TimeFormat};

/// Ways to write a time that are tried, besides RFC 3339 and its relatives.
const PATTERNS: [&str; 11] = [
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

/// The columns of a sample with what their cells look like.
pub(super) struct Columns {
    all: Vec<Column>,
}

struct Column {
    name: String,
    /// The name's words, in lower case.
    words: Vec<String>,
    known: usize,
    distinct: usize,
    rows: usize,
    /// The time format that every cell has.
    time: Option<&'static str>,
    /// Whether every time says its offset.
    has_offset: bool,
    is_number: bool,
}

impl Columns {
    pub(super) fn of(sample: &Sample) -> Columns {
        let all = sample
            .names()
            .iter()
            .enumerate()
            .map(|(index, name)| {
                Column::of(
                    name,
                    &sample.cells(index).collect::<Vec<_>>(),
                    sample.rows(),
                )
            })
            .collect();
        Columns { all }
    }

    /// The guesses, and how times are written.
    pub(super) fn guesses(&self) -> (Vec<Guess>, String) {
        let mut guesses = Vec::new();
        let work = self.best(Role::Work, Column::as_work);
        let outcome = self.best(Role::Outcome, Column::as_outcome);
        let done = self.best(Role::Time, Column::as_time);
        let opened = self.best(Role::Opened, Column::as_opening);
        let opened = opened.filter(|guess| done.as_ref().is_none_or(|d| d.answer != guess.answer));
        let time = done.or_else(|| {
            let only = opened.clone()?;
            Some(Guess {
                role: Role::Time,
                ..only
            })
        });
        let opened = opened.filter(|guess| time.as_ref().is_some_and(|t| t.answer != guess.answer));
        let time_column = time.as_ref().and_then(|guess| self.named(&guess.answer));
        let time_format = time_column
            .and_then(|column| column.time)
            .unwrap_or("rfc3339")
            .to_owned();
        if time_column.is_some_and(|column| !column.has_offset) {
            guesses.push(Guess {
                role: Role::Zone,
                answer: "UTC".to_owned(),
                confidence: Confidence::Low,
                reason: "the times name no zone".to_owned(),
            });
        }
        let cost = self.best(Role::Cost, Column::as_cost);
        if let Some(column) = cost.as_ref().and_then(|guess| self.named(&guess.answer)) {
            guesses.push(column.currency());
        }
        guesses.extend([work, outcome, time, opened, cost].into_iter().flatten());
        guesses.extend(self.best(Role::Customer, Column::as_customer));
        guesses.extend(self.best(Role::Model, Column::as_model));
        guesses.extend(self.best(Role::InputTokens, |c| {
            c.as_tokens(&["input", "prompt", "in"])
        }));
        guesses.extend(self.best(Role::OutputTokens, |c| {
            c.as_tokens(&["output", "completion", "out", "generated"])
        }));
        guesses.sort_by_key(|guess| guess.role);
        (guesses, time_format)
    }

    /// What to ask about columns, the most important first.
    pub(super) fn questions(&self, guesses: &[Guess]) -> Vec<Question> {
        let mut questions = Vec::new();
        let sure = |role| {
            guesses
                .iter()
                .any(|guess| guess.role == role && guess.confidence > Confidence::Low)
        };
        let named = |test: &dyn Fn(&Column) -> Option<u32>| self.ranked(test);
        if !sure(Role::Work) {
            questions.push(Question {
                role: Role::Work,
                text: "Which column names the piece of work (ticket, conversation, document)?"
                    .to_owned(),
                candidates: named(&|column| Some(column.as_work().unwrap_or(0))),
            });
        }
        if !sure(Role::Time) {
            questions.push(Question {
                role: Role::Time,
                text: "Which column says when it was done?".to_owned(),
                candidates: named(&|column| column.time.map(|_| column.as_time().unwrap_or(0))),
            });
        }
        if guesses.iter().any(|guess| guess.role == Role::Zone) {
            questions.push(Question {
                role: Role::Zone,
                text: "In which time zone are the times? They do not say.".to_owned(),
                candidates: [
                    "UTC",
                    "Europe/Berlin",
                    "America/New_York",
                    "America/Los_Angeles",
                ]
                .map(str::to_owned)
                .to_vec(),
            });
        }
        questions
    }

    fn named(&self, name: &str) -> Option<&Column> {
        self.all.iter().find(|column| column.name == name)
    }

    /// Columns by falling score; of equals the first in the file.
    fn ranked(&self, score: &dyn Fn(&Column) -> Option<u32>) -> Vec<String> {
        let mut ranked: Vec<(u32, &Column)> = self
            .all
            .iter()
            .filter_map(|column| Some((score(column)?, column)))
            .collect();
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        ranked
            .into_iter()
            .take(6)
            .map(|(_, column)| column.name.clone())
            .collect()
    }

    fn best(&self, role: Role, score: impl Fn(&Column) -> Option<u32>) -> Option<Guess> {
        let name = self.ranked(&|column| score(column)).into_iter().next()?;
        let column = self.named(&name)?;
        let points = score(column)?;
        let confidence = match points {
            0..10 => Confidence::Low,
            10..20 => Confidence::Medium,
            _ => Confidence::High,
        };
        let reason = column.looks();
        Some(Guess {
            role,
            answer: name,
            confidence,
            reason,
        })
    }
}

impl Column {
    fn of(name: &str, cells: &[&str], rows: usize) -> Column {
        let distinct = cells.iter().collect::<BTreeSet<_>>().len();
        let utc = Some(TimeZone::UTC);
        let fits = |form: &str, zone: Option<TimeZone>| {
            let Ok(form) = TimeForm::from_word(form) else {
                return false;
            };
            let format = TimeFormat {
                forms: vec![form],
                zone,
            };
            !cells.is_empty() && cells.iter().all(|cell| format.instant(cell).is_ok())
        };
        let is_number = !cells.is_empty() && cells.iter().all(|cell| number(cell).is_ok());
        // A number is taken for a time only between the years 2000 and 2100.
        let seconds = money::Decimal::from_int;
        let plausible = |form: &str| match form {
            "unix" => cells.iter().all(|cell| {
                number(cell).is_ok_and(|n| n > seconds(946_684_800) && n < seconds(4_102_444_800))
            }),
            "unix_ms" => cells
                .iter()
                .all(|cell| number(cell).is_ok_and(|n| n > seconds(946_684_800_000))),
            _ => true,
        };
        let time = if !is_number && fits("rfc3339", utc.clone()) {
            Some("rfc3339")
        } else {
            PATTERNS
                .into_iter()
                .find(|form| plausible(form) && fits(form, utc.clone()))
        };
        let has_offset = match time {
            Some("unix" | "unix_ms") => true,
            Some(form) => fits(form, None),
            None => false,
        };
        Column {
            name: name.to_owned(),
            words: split_words(name),
            known: cells.len(),
            distinct,
            rows,
            time,
            has_offset,
            is_number,
        }
    }

    fn looks(&self) -> String {
        match self.time {
            Some(_) => "its cells are times".to_owned(),
            None if self.distinct == self.rows => "its cells are all different".to_owned(),
            None => format!("{} different cells in {} rows", self.distinct, self.rows),
        }
    }

    /// Points for the first of these words that the name has.
    fn named(&self, words: &[(&str, u32)]) -> Option<u32> {
        let found = words
            .iter()
            .filter(|(word, _)| self.words.iter().any(|own| own == word));
        found.map(|(_, points)| *points).max()
    }

    fn as_work(&self) -> Option<u32> {
        if self.time.is_some() || self.known < self.rows || self.distinct < 2 {
            return None;
        }
        let by_name = self.named(&[
            ("ticket", 18),
            ("case", 18),
            ("conversation", 18),
            ("incident", 18),
            ("issue", 16),
            ("work", 18),
            ("task", 14),
            ("job", 14),
            ("document", 12),
            ("lead", 14),
            ("call", 12),
            ("session", 12),
            ("trace", 10),
            ("request", 8),
            ("run", 6),
            ("number", 8),
            ("key", 6),
            ("id", 10),
            ("url", 4),
        ])?;
        let is_id = u32::from(
            self.words
                .iter()
                .any(|word| word == "id" || word == "number"),
        );
        let foreign = self.named(&[
            ("user", 20),
            ("customer", 20),
            ("account", 20),
            ("agent", 20),
            ("org", 20),
            ("group", 20),
        ]);
        (by_name + 6 * is_id)
            .checked_sub(foreign.unwrap_or(0))
            .filter(|points| *points > 0)
    }

    fn as_customer(&self) -> Option<u32> {
        if self.time.is_some() || self.known * 2 < self.rows {
            return None;
        }
        self.named(&[
            ("customer", 20),
            ("client", 18),
            ("tenant", 20),
            ("organization", 18),
            ("organisation", 18),
            ("company", 18),
            ("account", 14),
            ("org", 14),
        ])
    }

    fn as_time(&self) -> Option<u32> {
        self.time?;
        let by_name = self.named(&[
            ("resolved", 22),
            ("solved", 22),
            ("closed", 20),
            ("completed", 22),
            ("finished", 22),
            ("merged", 20),
            ("done", 20),
            ("end", 20),
            ("ended", 20),
            ("timestamp", 20),
            ("time", 12),
            ("date", 12),
            ("at", 8),
            ("occurred", 18),
            ("updated", 8),
        ]);
        let opening = self.as_opening().is_some();
        // A date that not every row has is a weak clock.
        Some(
            by_name
                .unwrap_or(5)
                .saturating_sub(if opening { 8 } else { 0 }),
        )
    }

    fn as_opening(&self) -> Option<u32> {
        self.time?;
        self.named(&[
            ("created", 20),
            ("opened", 20),
            ("started", 20),
            ("start", 20),
            ("submitted", 18),
            ("received", 16),
            ("began", 18),
        ])
    }

    fn as_outcome(&self) -> Option<u32> {
        if self.time.is_some() || self.distinct > 60 || self.known == 0 {
            return None;
        }
        self.named(&[
            ("outcome", 22),
            ("status", 20),
            ("resolution", 20),
            ("state", 18),
            ("result", 20),
            ("activity", 18),
            ("event", 14),
            ("disposition", 18),
            ("resolved", 16),
            ("success", 18),
            ("reward", 14),
            ("verdict", 14),
        ])
    }

    fn as_cost(&self) -> Option<u32> {
        if !self.is_number || self.time.is_some() {
            return None;
        }
        self.named(&[("cost", 22), ("costs", 22), ("spend", 14), ("expense", 12)])
    }

    fn as_model(&self) -> Option<u32> {
        (!self.is_number && self.time.is_none()).then_some(())?;
        self.named(&[("model", 22)])
    }

    fn as_tokens(&self, sides: &[&str]) -> Option<u32> {
        let is_tokens = self.is_number
            && self
                .words
                .iter()
                .any(|word| word == "tokens" || word == "token");
        (is_tokens && self.words.iter().any(|word| sides.contains(&word.as_str()))).then_some(22)
    }

    fn currency(&self) -> Guess {
        let named = self.words.iter().find_map(|word| {
            let code = word.to_uppercase();
            let known = code.len() == 3 && code.parse::<money::Currency>().is_ok();
            known.then_some(code)
        });
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
