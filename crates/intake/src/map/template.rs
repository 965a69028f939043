//! Templates: `"{case_id}/{activity|lower}"`, the one way in which a map says a value.
//!
//! A template is text with slots; a slot is a column and filters. An unknown cell makes the whole
//! template unknown, unless a filter (`or`, a table with a `""` line) makes it known.

use std::borrow::Cow;

use money::{Decimal, Ratio, Rounding};
use work::Digest;

use super::Table;

/// Decimal places that `over` keeps, where the quotient does not end.
const OVER_PLACES: u8 = 12;

/// A value: the first of its templates that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) alternatives: Vec<Template>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// As written, for messages.
    pub(crate) written: String,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Slot(Slot),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) of: SlotOf,
    pub(crate) filters: Vec<Filter>,
}

/// What a slot stands for before its filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SlotOf {
    /// A column: index into the file's references.
    Column(usize),
    /// A `[let]`: index into the file's lets.
    Let(usize),
    /// `{$type}`: the event's type.
    Type,
    /// `{$row}`: 16 hexadecimal digits of the digest of the whole row.
    Row,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Through a value table.
    Table(usize),
    /// The key of a lookup file: its index, and the column wanted.
    Lookup(usize, usize),
    /// A text for an unknown cell.
    Or(String),
    /// Lower case.
    Lower,
    /// A zero is unknown.
    Nonzero,
    /// A number written `1,234.56` becomes plain.
    Point,
    /// A number written `1.234,56` becomes plain.
    Comma,
    /// Multiplied, exactly.
    Times(Decimal),
    /// Divided, half to even at 12 places.
    Over(Decimal),
    /// Less the number of a `[let]`: its index.
    Minus(usize),
    /// 16 hexadecimal digits of the digest of the text.
    Digest,
}

/// What slots stand for, in one row.
pub(crate) trait Cells {
    /// The cell of a column, `None` where unknown.
    fn column(&self, reference: usize) -> Option<Cow<'_, str>>;
    /// The value of a `[let]`.
    fn of_let(&self, index: usize) -> Result<Option<String>, String>;
    /// The event's type, where one is being made.
    fn kind(&self) -> Option<String>;
    /// The digest of the row.
    fn row(&self) -> String;
    /// A cell of a lookup file.
    fn lookup(&self, lookup: usize, column: usize, key: &str) -> Option<&str>;
    /// The map's tables.
    fn tables(&self) -> &[Table];
}

impl Value {
    /// The text, or `None` where it is unknown.
    pub(crate) fn text(&self, cells: &impl Cells) -> Result<Option<String>, String> {
        for template in &self.alternatives {
            if let Some(text) = template.text(cells)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// As written in the map.
    pub(crate) fn written(&self) -> String {
        let all: Vec<String> = self
            .alternatives
            .iter()
            .map(|template| format!("\"{}\"", template.written))
            .collect();
        all.join(", else ")
    }

    /// Whether the value depends on the row.
    pub(crate) fn has_slots(&self) -> bool {
        let mut parts = self
            .alternatives
            .iter()
            .flat_map(|template| &template.parts);
        parts.any(|part| matches!(part, Part::Slot(_)))
    }

    /// The texts that the value can have, where the map alone decides: constants, and slots that end
    /// in a table.
    pub(crate) fn possible<'a>(&'a self, tables: &'a [Table]) -> Option<Vec<&'a str>> {
        let mut all = Vec::new();
        for template in &self.alternatives {
            match template.parts.as_slice() {
                [] => {}
                [Part::Text(text)] => all.push(text.as_str()),
                [Part::Slot(Slot { filters, .. })] => match filters.last() {
                    Some(Filter::Table(index)) => {
                        all.extend(tables[*index].values().filter(|value| !value.is_empty()));
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        Some(all)
    }
}

impl Template {
    pub(crate) fn text(&self, cells: &impl Cells) -> Result<Option<String>, String> {
        let mut text = String::with_capacity(self.written.len() + 32);
        for part in &self.parts {
            match part {
                Part::Text(constant) => text.push_str(constant),
                Part::Slot(slot) => match slot.text(cells)? {
                    Some(value) => text.push_str(&value),
                    None => return Ok(None),
                },
            }
        }
        Ok((!text.is_empty()).then_some(text))
    }
}

impl Slot {
    fn text<'a>(&self, cells: &'a impl Cells) -> Result<Option<Cow<'a, str>>, String> {
        let mut value: Option<Cow<'a, str>> = match &self.of {
            SlotOf::Column(reference) => cells.column(*reference),
            SlotOf::Let(index) => cells.of_let(*index)?.map(Cow::Owned),
            SlotOf::Type => cells.kind().map(Cow::Owned),
            SlotOf::Row => Some(Cow::Owned(cells.row())),
        };
        for filter in &self.filters {
            value = filter.apply(value, cells)?.filter(|text| !text.is_empty());
        }
        Ok(value)
    }
}

impl Filter {
    fn apply<'a>(
        &self,
        value: Option<Cow<'a, str>>,
        cells: &'a impl Cells,
    ) -> Result<Option<Cow<'a, str>>, String> {
        let owned = |decimal: Decimal| Some(Cow::Owned(decimal.to_string()));
        Ok(match (self, value) {
            (Filter::Or(text), None) => Some(Cow::Owned(text.clone())),
            (Filter::Table(index), None) => cells.tables()[*index]
                .words
                .get("")
                .map(|word| Cow::Owned(word.clone())),
            (_, None) => None,
            (Filter::Or(_), value) => value,
            (Filter::Table(index), Some(word)) => {
                let table = &cells.tables()[*index];
                match table.words.get(&*word).or(table.other.as_ref()) {
                    Some(ours) => Some(Cow::Owned(ours.clone())),
                    None => {
                        return Err(format!(
                            "`{word}` is not in `[table.{}]`; add it there, or a line `\"*\" = \"...\"` for every other word",
                            table.name
                        ));
                    }
                }
            }
            (Filter::Lookup(lookup, column), Some(key)) => cells
                .lookup(*lookup, *column, &key)
                .map(|text| Cow::Owned(text.to_owned())),
            (Filter::Lower, Some(text)) => Some(Cow::Owned(text.to_lowercase())),
            (Filter::Nonzero, Some(text)) => {
                if number(&text)?.is_zero() {
                    None
                } else {
                    Some(text)
                }
            }
            (Filter::Point, Some(text)) => owned(plain(&text, '.', ',')?),
            (Filter::Comma, Some(text)) => owned(plain(&text, ',', '.')?),
            (Filter::Times(factor), Some(text)) => {
                let product = number(&text)?
                    .times(*factor)
                    .map_err(|error| error.to_string())?;
                owned(product)
            }
            (Filter::Minus(index), Some(text)) => match cells.of_let(*index)? {
                None => None,
                Some(less) => owned(
                    number(&text)?
                        .minus(number(&less)?)
                        .map_err(|error| error.to_string())?,
                ),
            },
            (Filter::Digest, Some(text)) => Some(Cow::Owned(
                Digest::of(text.as_bytes()).to_string()[..16].to_owned(),
            )),
            (Filter::Over(divisor), Some(text)) => {
                let quotient = Ratio::of(number(&text)?, *divisor)
                    .and_then(|ratio| ratio.rounded(OVER_PLACES, Rounding::HalfEven))
                    .map_err(|error| error.to_string())?;
                owned(quotient)
            }
        })
    }
}

/// A decimal straight from its text.
pub(crate) fn number(text: &str) -> Result<Decimal, String> {
    text.parse()
        .map_err(|error: money::MoneyError| error.to_string())
}

/// A number as people write it, without its groups and currency sign.
fn plain(text: &str, point: char, group: char) -> Result<Decimal, String> {
    let digits: String = text
        .trim_matches(|c: char| "$€£¥ \u{a0}\u{202f}".contains(c))
        .chars()
        .filter(|c| *c != group && !" '\u{a0}\u{202f}".contains(*c))
        .map(|c| if c == point { '.' } else { c })
        .collect();
    number(&digits)
}
