//! The tables and values of a definition document, each with its place.
//!
//! Strict: a key that is not in [`KEYS`] is a fault, with the section it belongs to where there is
//! one. Numbers are taken from their text, never through a binary float.

use std::ops::Range;

use money::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::Placed;
use super::read::Fault;
use super::suggest;
use crate::limits::TEXT_BYTES_MAX;

/// Every section of a definition document and its keys; the first is the top of the file.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "id",
            "question",
            "owner",
            "one_per",
            "only",
            "acts",
            "upgrade_within",
            "abandon_after",
            "counts",
            "after",
            "value",
            "evidence",
            "cost",
            "rollback",
            "attribution",
            "dispute",
        ],
    ),
    ("one_per", &["key", "split"]),
    ("counts", &["class", "when", "abandon_after"]),
    ("after", &["on", "within", "then", "again"]),
    ("value", &["per_unit", "measured"]),
    ("evidence", &["gate", "expected"]),
    ("cost", &["lines"]),
    ("rollback", &["remedy", "undo", "window", "approver"]),
    (
        "attribution",
        &[
            "steps",
            "controls",
            "decided_by",
            "human_touched_share_at_most",
            "counterfactual",
        ],
    ),
    ("dispute", &["window", "default"]),
];

/// Why a text means nothing, and what to write.
pub(super) struct Refusal {
    pub(super) problem: String,
    pub(super) hint: Option<String>,
}

impl Refusal {
    /// A problem that says itself what to write.
    pub(super) fn plain(problem: impl std::fmt::Display) -> Refusal {
        Refusal {
            problem: problem.to_string(),
            hint: None,
        }
    }

    pub(super) fn hinted(problem: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal {
            problem: problem.into(),
            hint: Some(hint.into()),
        }
    }
}

/// A table of the document.
pub(super) struct Section<'d, 'i> {
    name: &'static str,
    table: &'d DeTable<'i>,
    /// Where the section begins.
    pub(super) at: Range<usize>,
}

/// Collects faults while values are taken.
pub(super) struct Document<'t> {
    text: &'t str,
    pub(super) faults: Vec<Fault>,
}

impl<'t> Document<'t> {
    pub(super) fn of(text: &'t str) -> Document<'t> {
        Document {
            text,
            faults: Vec::new(),
        }
    }

    pub(super) fn note(
        &mut self,
        at: Range<usize>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) {
        self.faults.push(Fault {
            span: at,
            problem: problem.into(),
            hint,
        });
    }

    /// A section, its unknown keys noted.
    pub(super) fn section<'d, 'i>(
        &mut self,
        name: &'static str,
        table: &'d DeTable<'i>,
        at: Range<usize>,
    ) -> Section<'d, 'i> {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !keys_of(name).contains(&word) {
                let place = match name {
                    "" => "a definition".to_owned(),
                    "counts" | "after" => format!("`[[{name}]]`"),
                    name => format!("`[{name}]`"),
                };
                let hint = misplaced(name, word);
                self.note(
                    key.span(),
                    format!("{place} has no key `{word}`"),
                    Some(hint),
                );
            }
        }
        Section { name, table, at }
    }

    /// The value of a key that must be there.
    fn needed<'d, 'i>(
        &mut self,
        section: &Section<'d, 'i>,
        key: &str,
        example: &str,
    ) -> Option<&'d Spanned<DeValue<'i>>> {
        let value = section.table.get(key);
        if value.is_none() {
            let place = match section.name {
                "" => "the definition".to_owned(),
                name => format!("`[{name}]`"),
            };
            self.note(
                section.at.clone(),
                format!("{place} has no `{key}`"),
                Some(format!("add `{key} = {example}`")),
            );
        }
        value
    }

    fn text_of(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Placed<String>> {
        let at = value.span();
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.note(
                    at,
                    format!("`{key}` is empty"),
                    Some("say it, or ask who knows".to_owned()),
                );
                None
            }
            DeValue::String(text) if text.len() > TEXT_BYTES_MAX => {
                self.note(
                    at,
                    format!("`{key}` is longer than {TEXT_BYTES_MAX} bytes"),
                    None,
                );
                None
            }
            DeValue::String(text) => Some(Placed {
                value: text.clone().into_owned(),
                at,
            }),
            other => {
                let problem = format!(
                    "`{key}` is text in quotes, not {}",
                    article(other.type_str())
                );
                self.note(at, problem, None);
                None
            }
        }
    }

    /// Text that must be there.
    pub(super) fn need_text(
        &mut self,
        section: &Section<'_, '_>,
        key: &str,
        example: &str,
    ) -> Option<Placed<String>> {
        let value = self.needed(section, key, &format!("\"{example}\""))?;
        self.text_of(key, value)
    }

    /// Text, or `None` where the key is absent (or its fault is noted).
    pub(super) fn text(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Placed<String>> {
        let value = section.table.get(key)?;
        self.text_of(key, value)
    }

    /// Text that means something: `read` says what, or why not and what to write.
    pub(super) fn parsed<T>(
        &mut self,
        text: Option<Placed<String>>,
        read: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<Placed<T>> {
        let Placed { value, at } = text?;
        match read(&value) {
            Ok(value) => Some(Placed { value, at }),
            Err(Refusal { problem, hint }) => {
                self.note(at, problem, hint);
                None
            }
        }
    }

    /// One word of a closed list.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        text: Option<Placed<String>>,
        words: &[(&str, T)],
    ) -> Option<Placed<T>> {
        let Placed { value, at } = text?;
        match words.iter().find(|(word, _)| *word == value) {
            Some((_, meaning)) => Some(Placed {
                value: *meaning,
                at,
            }),
            None => {
                let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let hint = suggest::hint(&value, &names);
                self.note(at, format!("`{key}` cannot be `{value}`"), Some(hint));
                None
            }
        }
    }

    /// A list of texts; `None` where the key is absent. A fault in one does not hide the others.
    pub(super) fn texts(
        &mut self,
        section: &Section<'_, '_>,
        key: &str,
    ) -> Option<Placed<Vec<Placed<String>>>> {
        let value = section.table.get(key)?;
        let at = value.span();
        let DeValue::Array(items) = value.get_ref() else {
            let problem = format!(
                "`{key}` is a list, not {}",
                article(value.get_ref().type_str())
            );
            self.note(at, problem, Some(format!("write `{key} = [\"…\"]`")));
            return None;
        };
        let mut texts: Vec<Placed<String>> = Vec::new();
        for item in items.iter() {
            if let Some(text) = self.text_of(key, item) {
                if texts.iter().any(|earlier| earlier.value == text.value) {
                    let problem = format!("`{}` stands twice in `{key}`", text.value);
                    self.note(text.at.clone(), problem, None);
                }
                texts.push(text);
            }
        }
        Some(Placed { value: texts, at })
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Placed<bool>> {
        let value = section.table.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(Placed {
                value: *flag,
                at: value.span(),
            }),
            other => {
                let problem = format!(
                    "`{key}` is `true` or `false`, not {}",
                    article(other.type_str())
                );
                self.note(value.span(), problem, None);
                None
            }
        }
    }

    /// A share between 0 and 1, as a number or in quotes.
    pub(super) fn share(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Decimal> {
        let value = section.table.get(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            // `0x1` comes as the digits `1` in base 16.
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => "",
        };
        match text.parse::<Decimal>() {
            Ok(share) if !share.is_negative() && share <= Decimal::ONE => Some(share),
            _ => {
                let problem = format!("`{key}` is a share between 0 and 1");
                self.note(
                    value.span(),
                    problem,
                    Some(format!("write `{key} = \"0.10\"`")),
                );
                None
            }
        }
    }

    /// A section that must be there.
    pub(super) fn need_table<'d, 'i>(
        &mut self,
        top: &Section<'d, 'i>,
        name: &'static str,
        example: &str,
    ) -> Option<Section<'d, 'i>> {
        if !top.table.contains_key(name) {
            self.note(
                top.at.clone(),
                format!("the definition has no `[{name}]`"),
                Some(format!("add {example}")),
            );
        }
        self.table(top, name)
    }

    /// A section, or `None` where it is absent.
    pub(super) fn table<'d, 'i>(
        &mut self,
        top: &Section<'d, 'i>,
        name: &'static str,
    ) -> Option<Section<'d, 'i>> {
        let value = top.table.get(name)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(self.section(name, table, value.span())),
            other => {
                let problem = format!("`{name}` is a section, not {}", article(other.type_str()));
                self.note(
                    value.span(),
                    problem,
                    Some(format!("write `[{name}]` and its keys below")),
                );
                None
            }
        }
    }

    /// The sections of a repeated table, none where it is absent.
    pub(super) fn tables<'d, 'i>(
        &mut self,
        top: &Section<'d, 'i>,
        name: &'static str,
    ) -> Vec<Section<'d, 'i>> {
        let Some(value) = top.table.get(name) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            let hint = Some(format!(
                "write `[[{name}]]` with two brackets: there may be several"
            ));
            self.note(
                value.span(),
                format!("`{name}` is a list of sections"),
                hint,
            );
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(self.section(name, table, item.span())),
                other => {
                    let problem = format!(
                        "`{name}` is a list of sections, not of {}",
                        other.type_str()
                    );
                    self.note(item.span(), problem, None);
                }
            }
        }
        sections
    }

    /// The bytes of the file that a part of a value stands at: the value's own bytes shifted past
    /// its quotes and escapes; the whole value where that cannot be said.
    pub(super) fn inside(&self, value: &Placed<String>, part: &Range<usize>) -> Range<usize> {
        let raw = &self.text[value.at.clone()];
        match (
            offset_in(raw, &value.value, part.start),
            offset_in(raw, &value.value, part.end),
        ) {
            (Some(start), Some(end)) => value.at.start + start..value.at.start + end,
            _ => value.at.clone(),
        }
    }
}

impl Section<'_, '_> {
    /// Whether the key is there, well formed or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is absent, or an empty list.
    pub(super) fn lacks(&self, key: &str) -> bool {
        match self.table.get(key).map(Spanned::get_ref) {
            None => true,
            Some(DeValue::Array(items)) => items.is_empty(),
            Some(_) => false,
        }
    }

    /// The bytes of a key's value, or of the section where it is absent.
    pub(super) fn at_key(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or(self.at.clone(), Spanned::span)
    }
}

fn keys_of(section: &str) -> &'static [&'static str] {
    KEYS.iter()
        .find(|(name, _)| *name == section)
        .map_or(&[], |(_, keys)| keys)
}

/// What to do with a key that the section does not have.
fn misplaced(section: &str, key: &str) -> String {
    if section == "after" && key == "where" {
        return "write it into `on`, e.g. `on = \"rated where score <= 3\"`".to_owned();
    }
    if let Some(near) = suggest::nearest(key, keys_of(section)) {
        return format!("did you mean `{near}`?");
    }
    let home = KEYS
        .iter()
        .find(|(name, keys)| *name != section && keys.contains(&key));
    match home {
        Some(("", _)) => {
            format!("`{key}` belongs at the top of the file, above the first `[section]`")
        }
        Some((name, _)) => format!("`{key}` belongs in `[{name}]`"),
        None => format!("one of: {}", keys_of(section).join(", ")),
    }
}

fn article(noun: &str) -> String {
    match noun.chars().next() {
        Some('a' | 'e' | 'i' | 'o' | 'u') => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// Where byte `wanted` of a string's value stands in the string as written, quotes included.
fn offset_in(raw: &str, value: &str, wanted: usize) -> Option<usize> {
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| raw.starts_with(quote))?;
    let escapes = quote.starts_with('"');
    let mut at = quote.len();
    if quote.len() == 3 {
        at += [("\r\n", 2), ("\n", 1)]
            .iter()
            .find(|(end, _)| raw[at..].starts_with(end))
            .map_or(0, |(_, n)| *n);
    }
    for (index, c) in value.char_indices() {
        if quote.len() == 3 && escapes {
            at += continued_line(&raw[at..]);
        }
        if index >= wanted {
            return Some(at);
        }
        let rest = raw.get(at..)?;
        at += match rest.chars().next()? {
            '\\' if escapes => match rest[1..].chars().next()? {
                'u' => 6,
                'U' => 10,
                'x' => 4,
                _ => 2,
            },
            '\r' if c == '\n' => 2,
            written => written.len_utf8(),
        };
    }
    Some(at)
}

/// Length of a backslash at a line's end and the white space it joins over.
fn continued_line(raw: &str) -> usize {
    let Some(rest) = raw.strip_prefix('\\') else {
        return 0;
    };
    let joined = rest.trim_start();
    if rest[..rest.len() - joined.len()].contains('\n') {
        raw.len() - joined.len()
    } else {
        0
    }
}
