//! Strict reading of a TOML document, with the place of every fault.
//!
//! Numbers are read from their text, so that `0.99` never passes through a binary float. Every key
//! is taken once; what is left over is a fault. Not here: what the keys mean.

use std::cell::{Ref, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency, Decimal, Rate};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use work::definition::Fault;

use crate::limits::{DOCUMENT_BYTES_MAX, FAULTS_MAX, ID_BYTES_MAX};

/// A document that cannot be used, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} fault{} in the {document}: {}", .faults.len(), if .faults.len() == 1 { "" } else { "s" }, .faults.first().map_or("", |f| f.problem.as_str()))]
pub struct DocumentError {
    /// Which document: `plan` or `contract`.
    pub document: &'static str,
    /// The faults, in the order of the file.
    pub faults: Vec<Fault>,
}

/// Collects faults while reading goes on.
#[derive(Default)]
pub(crate) struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, span: Range<usize>, problem: impl Into<String>, hint: Option<&str>) {
        let mut faults = self.0.borrow_mut();
        if faults.len() < FAULTS_MAX {
            let hint = hint.map(str::to_owned);
            faults.push(Fault {
                span,
                problem: problem.into(),
                hint,
            });
        }
    }

    pub(crate) fn extend(&self, more: Vec<Fault>) {
        let mut faults = self.0.borrow_mut();
        faults.extend(more);
        faults.truncate(FAULTS_MAX);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(crate) fn all(&self) -> Ref<'_, Vec<Fault>> {
        self.0.borrow()
    }

    /// The faults, sorted by place.
    pub(crate) fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        faults.sort_by(|a, b| {
            a.span
                .start
                .cmp(&b.span.start)
                .then(a.problem.cmp(&b.problem))
        });
        faults
    }
}

/// Parses the text as TOML, or says where it is not.
pub(crate) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Fault> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Fault {
            span: 0..0,
            problem: format!(
                "the document has {} bytes; at most {DOCUMENT_BYTES_MAX} fit a log entry",
                text.len()
            ),
            hint: Some("split the plan, or shorten its comments".to_owned()),
        });
    }
    DeTable::parse(text).map_err(|error| Fault {
        span: error.span().unwrap_or(0..0),
        problem: error.message().to_owned(),
        hint: None,
    })
}

/// A table that is being read.
pub(crate) struct Table<'t> {
    map: &'t DeTable<'t>,
    span: Range<usize>,
    taken: RefCell<BTreeSet<&'static str>>,
    /// Where faults go.
    pub(crate) faults: &'t Faults,
}

impl<'t> Table<'t> {
    pub(crate) fn new(map: &'t DeTable<'t>, span: Range<usize>, faults: &'t Faults) -> Table<'t> {
        Table {
            map,
            span,
            taken: RefCell::default(),
            faults,
        }
    }

    /// What is read.
    pub(crate) fn map(&self) -> &'t DeTable<'t> {
        self.map
    }

    /// The bytes of the table.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The bytes of a key's value, or of the table where the key is absent.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        self.entry(key)
            .map_or_else(|| self.span(), |(_, value)| value.span())
    }

    fn entry(&self, key: &str) -> Option<(&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>)> {
        self.map
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
    }

    /// Adds a fault at a key.
    pub(crate) fn fault(&self, key: &str, problem: impl Into<String>, hint: Option<&str>) {
        self.faults.add(self.span_of(key), problem, hint);
    }

    /// Takes a value.
    pub(crate) fn take(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.taken.borrow_mut().insert(key);
        self.entry(key).map(|(_, value)| value)
    }

    /// Whether the key's value is a table.
    pub(crate) fn is_table(&self, key: &str) -> bool {
        let value = self.entry(key).map(|(_, value)| value.get_ref());
        matches!(value, Some(DeValue::Table(_)))
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Says that a key is missing where `value` is absent and no fault stands at the key.
    pub(crate) fn need<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            self.faults
                .add(self.span(), format!("`{key}` is missing"), None);
        }
        value
    }

    /// A string of at most [`ID_BYTES_MAX`] bytes that can be part of a cell's key.
    pub(crate) fn id(&self, key: &'static str) -> Option<String> {
        let text = self.text(key)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.is_empty()
            || text.len() > ID_BYTES_MAX
            || text.starts_with('_')
            || !text.chars().all(plain)
        {
            self.fault(
                key,
                format!("`{key}` must be 1 to {ID_BYTES_MAX} letters, digits, `.`, `-` or `_`, not beginning with `_`"),
                None,
            );
            return None;
        }
        Some(text)
    }

    /// A string.
    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            other => self.wrong(key, "a string", other),
        }
    }

    fn wrong<T>(&self, key: &str, expected: &str, found: &DeValue<'_>) -> Option<T> {
        self.fault(
            key,
            format!("`{key}` must be {expected}, not {}", found.type_str()),
            None,
        );
        None
    }

    /// A boolean.
    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong(key, "true or false", other),
        }
    }

    /// A whole number of at least `least`.
    pub(crate) fn count(&self, key: &'static str, least: u32) -> Option<u32> {
        let number = self.decimal(key)?;
        let count = number
            .is_integer()
            .then(|| u32::try_from(number.mantissa()).ok())
            .flatten();
        match count.filter(|count| *count >= least) {
            None => {
                self.fault(
                    key,
                    format!("`{key}` must be a whole number of at least {least}"),
                    None,
                );
                None
            }
            some => some,
        }
    }

    /// A decimal number, in quotes or bare.
    pub(crate) fn decimal(&self, key: &'static str) -> Option<Decimal> {
        let value = self.take(key)?;
        let Some(text) = number_text(value.get_ref()) else {
            return self.wrong(key, "a decimal number", value.get_ref());
        };
        self.parsed(key, text.parse())
    }

    fn parsed<T>(&self, key: &str, value: Result<T, money::MoneyError>) -> Option<T> {
        value
            .map_err(|error| self.fault(key, format!("`{key}`: {error}"), None))
            .ok()
    }

    /// A decimal number under a key that is not one of a closed list.
    pub(crate) fn named_decimal(&self, key: &str) -> Option<Decimal> {
        let (_, value) = self.entry(key)?;
        match number_text(value.get_ref()) {
            Some(text) => self.parsed(key, text.parse()),
            None => self.wrong(key, "a decimal number", value.get_ref()),
        }
    }

    /// A decimal number that is not negative.
    pub(crate) fn quantity(&self, key: &'static str) -> Option<Decimal> {
        let number = self.decimal(key)?;
        if number.is_negative() {
            self.fault(key, format!("`{key}` must not be negative"), None);
            return None;
        }
        Some(number)
    }

    /// A percentage from 0 to 100 (`100` is the whole), as a share of one.
    pub(crate) fn share_of_percent(&self, key: &'static str) -> Option<Decimal> {
        let percent = self.quantity(key)?;
        if percent > Decimal::from_int(100) {
            let hint = "fifteen per cent is 15; more than the whole cannot be taken off";
            self.fault(
                key,
                format!("`{key}` is a percentage: 0 to 100"),
                Some(hint),
            );
            return None;
        }
        self.parsed(key, percent.times(hundredth()))
    }

    /// A price: `0.99`, or `0.99 USD` where the currency must be the document's.
    pub(crate) fn rate(&self, key: &'static str, currency: Currency) -> Option<Rate> {
        let value = self.take(key)?;
        let Some(text) = number_text(value.get_ref()) else {
            return self.wrong(key, "a price such as \"0.99\"", value.get_ref());
        };
        self.parsed(key, price_text(&text, currency).and_then(Rate::new))
    }

    /// An amount that is not negative, in the document's currency.
    pub(crate) fn amount(&self, key: &'static str, currency: Currency) -> Option<Amount> {
        self.rate(key, currency)
            .map(|rate| Amount::new(rate.value(), currency))
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Some(*value),
            None => {
                let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.fault(
                    key,
                    format!("`{text}` is not one of: {}", list.join(", ")),
                    None,
                );
                None
            }
        }
    }

    /// A local date.
    pub(crate) fn date(&self, key: &'static str) -> Option<Date> {
        let value = self.take(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            other => return self.wrong(key, "a date such as 2026-01-31", other),
        };
        match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => Some(date),
            _ => {
                self.fault(
                    key,
                    format!("`{text}` is not a date such as 2026-01-31"),
                    None,
                );
                None
            }
        }
    }

    /// An instant with its offset, bare or in quotes.
    pub(crate) fn instant(&self, key: &'static str) -> Option<Timestamp> {
        let value = self.take(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(instant) => instant.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            other => return self.wrong(key, "an instant such as 2026-02-01T00:00:00Z", other),
        };
        let read = is_instant(&text)
            .then(|| text.parse::<Timestamp>().ok())
            .flatten();
        if read.is_none() {
            self.fault(
                key,
                format!("`{text}` is not an instant with its offset, such as 2026-02-01T00:00:00Z"),
                Some("a local midnight in winter's Berlin is 2026-02-01T00:00:00+01:00"),
            );
        }
        read
    }

    /// A line of text: 1 to `most` bytes without control characters.
    pub(crate) fn line(&self, key: &'static str, most: usize) -> Option<String> {
        let text = self.text(key)?;
        if text.is_empty() || text.len() > most || text.chars().any(char::is_control) {
            self.fault(key, format!("`{key}` is a line of 1 to {most} bytes"), None);
            return None;
        }
        Some(text)
    }

    /// The string under a key, looked at and not taken.
    pub(crate) fn string(&self, key: &str) -> Option<&'t str> {
        match self.entry(key)?.1.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// A nested table.
    pub(crate) fn table(&self, key: &'static str) -> Option<Table<'t>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(map) => Some(Table::new(map, value.span(), self.faults)),
            other => self.wrong(key, "a table", other),
        }
    }

    /// An array of tables; empty where absent.
    pub(crate) fn tables(&self, key: &'static str, most: usize) -> Vec<Table<'t>> {
        let mut tables = Vec::new();
        for value in self.array(key, most) {
            match value.get_ref() {
                DeValue::Table(map) => tables.push(Table::new(map, value.span(), self.faults)),
                other => {
                    let _: Option<()> = self.wrong(key, "a list of tables", other);
                }
            }
        }
        tables
    }

    /// A list of strings; empty where absent.
    pub(crate) fn texts(&self, key: &'static str, most: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.array(key, most) {
            match value.get_ref() {
                DeValue::String(text) => texts.push(text.clone().into_owned()),
                other => {
                    let _: Option<()> = self.wrong(key, "a list of strings", other);
                }
            }
        }
        texts
    }

    fn array(&self, key: &'static str, most: usize) -> &'t [Spanned<DeValue<'t>>] {
        let Some(value) = self.take(key) else {
            return &[];
        };
        match value.get_ref() {
            DeValue::Array(items) if items.len() > most => {
                self.fault(
                    key,
                    format!(
                        "`{key}` has {} entries; at most {most} are read",
                        items.len()
                    ),
                    None,
                );
                &[]
            }
            DeValue::Array(items) => items,
            other => {
                let _: Option<()> = self.wrong(key, "a list", other);
                &[]
            }
        }
    }

    /// Makes a fault of every key that nobody took.
    pub(crate) fn finish(&self) {
        let taken = self.taken.borrow();
        for (name, _) in self.map {
            if !taken.contains(name.get_ref().as_ref()) {
                self.faults.add(
                    name.span(),
                    format!("`{}` is not a key here", name.get_ref()),
                    Some("docs/reference/plans.md lists the keys; check the spelling"),
                );
            }
        }
    }
}

/// Whether a text is `2026-02-01T00:00:00`, perhaps a point and at most six digits, and `Z` or `+01:00`.
fn is_instant(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let is_shaped = |(byte, shape): (&u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    let Some((clock, rest)) = text.as_bytes().split_at_checked(shape.len()) else {
        return false;
    };
    let digits = |text: &[u8], counts: std::ops::RangeInclusive<usize>| {
        counts.contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
    };
    let offset = match rest.split_first() {
        Some((b'.', fraction)) => {
            let end = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let (fraction, offset) = fraction.split_at(end);
            if !digits(fraction, 1..=6) {
                return false;
            }
            offset
        }
        _ => rest,
    };
    let is_offset = match offset {
        b"Z" => true,
        [b'+' | b'-', hours @ .., b':', a, b] => digits(hours, 2..=2) && digits(&[*a, *b], 2..=2),
        _ => false,
    };
    clock.iter().zip(shape).all(is_shaped) && is_offset
}

/// One hundredth, exactly.
fn hundredth() -> Decimal {
    // 1 / 10^2 has two digits after the point, far below the most that fit.
    Decimal::new(1, 2).unwrap_or_default()
}

fn number_text(value: &DeValue<'_>) -> Option<String> {
    let text = match value {
        DeValue::String(text) => return Some(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => return None,
    };
    Some(text.replace('_', "").trim_start_matches('+').to_owned())
}

fn price_text(text: &str, currency: Currency) -> Result<Decimal, money::MoneyError> {
    match text.split_once(' ') {
        None => text.parse(),
        Some(_) => {
            let amount: Amount = text.parse()?;
            if amount.currency() == currency {
                Ok(amount.value())
            } else {
                Err(money::MoneyError::CurrencyMismatch {
                    left: currency,
                    right: amount.currency(),
                })
            }
        }
    }
}
