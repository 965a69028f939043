//! `when`: which rows become an event.

use jiff::Timestamp;
use money::Decimal;

use super::TimeOf;
use super::template::{Cells, Template, Value, number};

/// A condition over the cells of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Cell(Template, Test),
    /// Index into the file's [`After`]s.
    After(usize),
}

/// A test of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// One of the words; an unknown cell is the empty word.
    Is(Vec<String>),
    /// None of the words.
    IsNot(Vec<String>),
    /// Known, or unknown.
    Present(bool),
    Above(Decimal),
    Below(Decimal),
}

/// `after`: whether a row of the same key happened earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) key: Value,
    /// Which rows are looked for.
    pub(crate) seen: Condition,
    /// When a row happened.
    pub(crate) time: TimeOf,
}

/// What a condition asks beside the cells: the earliest row seen for an `after`.
pub(crate) trait Earlier {
    /// When the first row that the `after` looks for happened, for the key.
    fn first_seen(&self, after: usize, key: &str) -> Option<Timestamp>;
}

impl Condition {
    /// Whether the row meets the condition. `afters` are the file's.
    pub(crate) fn holds<C: Cells>(
        &self,
        cells: &C,
        afters: &[After],
        earlier: &dyn Earlier,
    ) -> Result<bool, String> {
        Ok(match self {
            Condition::All(parts) => {
                for part in parts {
                    if !part.holds(cells, afters, earlier)? {
                        return Ok(false);
                    }
                }
                true
            }
            Condition::Any(parts) => {
                for part in parts {
                    if part.holds(cells, afters, earlier)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Not(part) => !part.holds(cells, afters, earlier)?,
            Condition::Cell(template, test) => test.holds(template.text(cells)?.as_deref())?,
            Condition::After(index) => {
                let Some(after) = afters.get(*index) else {
                    return Ok(false);
                };
                let Some(key) = after.key.text(cells)? else {
                    return Ok(false);
                };
                match earlier.first_seen(*index, &key) {
                    None => false,
                    Some(first) => after.time.instant(cells)? > first,
                }
            }
        })
    }
}

impl Test {
    fn holds(&self, text: Option<&str>) -> Result<bool, String> {
        let word = text.unwrap_or_default();
        Ok(match self {
            Test::Is(words) => words.iter().any(|other| other == word),
            Test::IsNot(words) => !words.iter().any(|other| other == word),
            Test::Present(known) => text.is_some() == *known,
            Test::Above(bound) => text.map(number).transpose()?.is_some_and(|n| n > *bound),
            Test::Below(bound) => text.map(number).transpose()?.is_some_and(|n| n < *bound),
        })
    }
}

impl TimeOf {
    /// The instant, which must be known.
    pub(crate) fn instant(&self, cells: &impl Cells) -> Result<Timestamp, String> {
        let text = self.value.text(cells)?;
        let text = text.ok_or_else(|| {
            format!(
                "the time is unknown: {} is empty here",
                self.value.written()
            )
        })?;
        self.format.instant(&text)
    }
}
