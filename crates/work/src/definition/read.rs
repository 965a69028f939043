//! Reading a definition document, with the place of every fault.
//!
//! One pass over the TOML collects everything that is wrong: a document comes out whole or not at
//! all, and its author sees all faults at once. The place is in bytes, so that a front end can show
//! the line; nothing here draws.

use std::fmt;

use toml::de::DeTable;

use super::check::{self, Parts, Placed, PlacedClass};
use super::document::{Document, Refusal, Section};
use super::sections::{
    read_after, read_attribution, read_cost_lines, read_dispute, read_evidence, read_rollback,
    read_value,
};
use super::{After, Class, Condition, Definition, OnePer, Predicate, Split, suggest};
use crate::limits::{DEFINITION_BYTES_MAX, ID_BYTES_MAX};
use crate::{Digest, Header, Span};

/// A text that is not a definition or a condition, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError {
    /// The faults, in the order of the text.
    pub faults: Vec<Fault>,
}

/// One fault of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the text that the fault is about.
    pub span: std::ops::Range<usize>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
}

impl std::error::Error for DefinitionError {}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.faults.first() else {
            return f.write_str("not a definition");
        };
        f.write_str(&first.problem)?;
        if let Some(hint) = &first.hint {
            write!(f, " ({hint})")?;
        }
        match self.faults.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(", and one more fault"),
            more => write!(f, ", and {more} more faults"),
        }
    }
}

impl Definition {
    /// Reads a definition document.
    ///
    /// # Errors
    /// [`DefinitionError`] with every fault found: what is misspelt, missing or contradictory, each
    /// with its bytes in `text`.
    pub fn parse(text: &str) -> Result<Definition, DefinitionError> {
        let mut document = Document::of(text);
        if text.len() > DEFINITION_BYTES_MAX {
            let problem = format!(
                "the document has {} bytes, at most {DEFINITION_BYTES_MAX} fit into one log entry",
                text.len()
            );
            document.note(DEFINITION_BYTES_MAX..DEFINITION_BYTES_MAX, problem, None);
            return Err(DefinitionError {
                faults: document.faults,
            });
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            document.note(at, format!("not TOML: {}", error.message()), None);
        }
        // What follows from a broken form would only repeat it.
        let definition = match document.faults.is_empty() {
            true => read_definition(&mut document, table.get_ref(), text),
            false => None,
        };
        document
            .faults
            .sort_by_key(|fault| (fault.span.start, fault.span.end));
        match definition {
            Some(definition) if document.faults.is_empty() => Ok(definition),
            _ => Err(DefinitionError {
                faults: document.faults,
            }),
        }
    }
}

fn read_definition(
    document: &mut Document<'_>,
    table: &DeTable<'_>,
    text: &str,
) -> Option<Definition> {
    let top = document.section("", table, first_line(text));
    let id = document.need_text(&top, "id", "support.resolved_case");
    let id = document.parsed(id, |id| match is_id(id) {
        true => Ok(id.to_owned()),
        false => Err(Refusal::hinted(
            format!("`{id}` is not an id"),
            "lower-case letters, digits and `_ . -`, beginning with a letter, e.g. `support.resolved_case`",
        )),
    });
    let question = document.need_text(&top, "question", "Did it resolve the ticket?");
    let owner = document.need_text(&top, "owner", "support-platform@vendor.example");
    let one_per = read_one_per(document, &top);
    let only = read_condition(document, &top, "only", Condition::parse_only);
    let acts = read_acts(document, &top);
    let upgrade_within = read_span(document, &top, "upgrade_within");
    let counts_sections = document.tables(&top, "counts");
    if top.lacks("counts") {
        document.note(
            top.at.clone(),
            "the definition counts nothing: it has no `[[counts]]`",
            Some(
                "add `[[counts]]` with `class = \"confirmed\"` and `when = \"confirmed\"`"
                    .to_owned(),
            ),
        );
    }
    let abandon_after = read_abandon_after(document, &top, &counts_sections);
    let counts: Vec<PlacedClass> = counts_sections
        .iter()
        .filter_map(|section| read_class(document, section))
        .collect();
    let after: Vec<Placed<After>> = document
        .tables(&top, "after")
        .iter()
        .filter_map(|section| read_after(document, section))
        .collect();
    let value = read_value(document, &top);
    let evidence = read_evidence(document, &top);
    let cost_lines = read_cost_lines(document, &top);
    let rollback = read_rollback(document, &top);
    let attribution = read_attribution(document, &top);
    let dispute = read_dispute(document, &top);
    document.faults.extend(check::check(&Parts {
        only: only.as_ref(),
        acts: &acts,
        counts: &counts,
        after: &after,
        split: one_per
            .as_ref()
            .map_or(Split::None, |one_per| one_per.split),
        upgrade_within: upgrade_within.as_ref(),
        abandon_after,
    }));
    Some(Definition {
        id: id?.value,
        digest: Digest::of(text.as_bytes()),
        question: question?.value,
        owner: owner?.value,
        one_per: one_per?,
        only: only.map(|only| only.value),
        acts: check::acts(&acts, &counts),
        attempts: check::acts(&acts, &[]),
        counts: counts.into_iter().map(|class| class.value).collect(),
        upgrade_within: upgrade_within.map(|span| span.value),
        abandon_after: abandon_after?,
        after: after.into_iter().map(|after| after.value).collect(),
        value,
        evidence: evidence?,
        cost_lines,
        rollback: rollback?,
        attribution,
        dispute,
    })
}

/// The first line that says something: where a fault of the whole document is shown.
fn first_line(text: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim_end();
        if !said.is_empty() && !said.starts_with('#') {
            return start..start + said.len();
        }
        start += line.len();
    }
    0..0
}

fn is_id(id: &str) -> bool {
    id.len() <= ID_BYTES_MAX
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-'))
}

/// A condition in a key; its faults get their place in the file.
pub(super) fn read_condition<T>(
    document: &mut Document<'_>,
    section: &Section<'_, '_>,
    key: &str,
    parse: impl FnOnce(&str) -> Result<T, DefinitionError>,
) -> Option<Placed<T>> {
    let text = document.text(section, key)?;
    placed(document, &text, parse)
}

fn placed<T>(
    document: &mut Document<'_>,
    text: &Placed<String>,
    parse: impl FnOnce(&str) -> Result<T, DefinitionError>,
) -> Option<Placed<T>> {
    match parse(&text.value) {
        Ok(value) => Some(Placed {
            value,
            at: text.at.clone(),
        }),
        Err(error) => {
            for fault in error.faults {
                let at = document.inside(text, &fault.span);
                document.note(at, fault.problem, fault.hint);
            }
            None
        }
    }
}

pub(super) fn read_span(
    document: &mut Document<'_>,
    section: &Section<'_, '_>,
    key: &str,
) -> Option<Placed<Span>> {
    let text = document.text(section, key);
    let span = document.parsed(text, |text| text.parse::<Span>().map_err(Refusal::plain))?;
    if matches!(
        span.value,
        Span::Minutes(0) | Span::Hours(0) | Span::Days(0)
    ) {
        document.note(span.at, format!("`{key}` of no length never applies"), None);
        return None;
    }
    Some(span)
}

/// A span that must be there and end.
pub(super) fn need_ending_span(
    document: &mut Document<'_>,
    section: &Section<'_, '_>,
    key: &str,
    example: &str,
) -> Option<Span> {
    if !section.has(key) {
        document.need_text(section, key, example);
        return None;
    }
    let span = read_span(document, section, key)?;
    if span.value == Span::Forever {
        let hint = Some(format!("write a span such as `{example}`"));
        document.note(span.at, format!("`{key}` must come to an end"), hint);
        return None;
    }
    Some(span.value)
}

fn read_one_per(document: &mut Document<'_>, top: &Section<'_, '_>) -> Option<OnePer> {
    let example = "`one_per = { key = [\"case\"] }`: the headers that tell one unit from the next";
    let section = document.need_table(top, "one_per", example)?;
    let keys = document.texts(&section, "key");
    let headers: Vec<(&str, Header)> = Header::ALL
        .iter()
        .map(|header| (header.name(), *header))
        .collect();
    let key = match keys {
        None if section.has("key") => None,
        Some(keys) if !keys.value.is_empty() => {
            let wanted = keys.value.len();
            let key: Vec<Header> = keys
                .value
                .into_iter()
                .filter_map(|name| document.word("key", Some(name), &headers))
                .map(|header| header.value)
                .collect();
            (key.len() == wanted).then_some(key)
        }
        _ => {
            document.note(
                section.at_key("key"),
                "`one_per` names no key: nothing tells one unit from the next",
                Some("write `key = [\"case\"]`, or another shared header".to_owned()),
            );
            None
        }
    };
    let split = document.text(&section, "split");
    let split = document.parsed(split, read_split);
    Some(OnePer {
        key: key?,
        split: split.map_or(Split::None, |split| split.value),
    })
}

fn read_split(text: &str) -> Result<Split, Refusal> {
    let forms = "one of: none, reopen, window(24h, from = start), window(3d, from = idle)";
    let refuse = || {
        let hint = match suggest::nearest(text, &["none", "reopen"]) {
            Some(near) => format!("did you mean `{near}`?"),
            None => forms.to_owned(),
        };
        Refusal::hinted(format!("`split` cannot be `{text}`"), hint)
    };
    match text {
        "none" => return Ok(Split::None),
        "reopen" => return Ok(Split::Reopen),
        _ => {}
    }
    let inner = text
        .strip_prefix("window(")
        .and_then(|rest| rest.strip_suffix(')'));
    let (span, from) = inner
        .and_then(|inner| inner.split_once(','))
        .ok_or_else(refuse)?;
    let span = span.trim().parse::<Span>().map_err(Refusal::plain)?;
    if matches!(
        span,
        Span::Forever | Span::Minutes(0) | Span::Hours(0) | Span::Days(0)
    ) {
        return Err(Refusal::hinted(
            format!("a window of `{span}` splits nothing"),
            "write `none`, or a span such as `24h`",
        ));
    }
    let from = from
        .split_once('=')
        .filter(|(from, _)| from.trim() == "from");
    match from.map(|(_, from)| from.trim()) {
        Some("start") => Ok(Split::WindowFromStart(span)),
        Some("idle") => Ok(Split::WindowIdle(span)),
        _ => Err(refuse()),
    }
}

fn read_acts(document: &mut Document<'_>, top: &Section<'_, '_>) -> Vec<Placed<Predicate>> {
    let Some(texts) = document.texts(top, "acts") else {
        return Vec::new();
    };
    if texts.value.is_empty() {
        document.note(
            texts.at,
            "`acts` is empty; an answer of kind `answer` is an act without being declared",
            Some("leave it out, or name what is sold, e.g. `acts = [\"opened\"]`".to_owned()),
        );
    }
    texts
        .value
        .iter()
        .filter_map(|text| placed(document, text, Predicate::parse_single))
        .collect()
}

/// `abandon_after`, at the top or inside a `[[counts]]` table: the definition's either way.
fn read_abandon_after(
    document: &mut Document<'_>,
    top: &Section<'_, '_>,
    counts: &[Section<'_, '_>],
) -> Option<Span> {
    let mut found: Option<Placed<Span>> = None;
    let mut present = false;
    for section in std::iter::once(top).chain(counts) {
        if !section.has("abandon_after") {
            continue;
        }
        present = true;
        let Some(span) = need_ending_span(document, section, "abandon_after", "30d") else {
            continue;
        };
        match &found {
            Some(first) if first.value != span => {
                let problem = format!(
                    "`abandon_after` is `{}` elsewhere and `{span}` here; a definition has one",
                    first.value
                );
                document.note(
                    section.at_key("abandon_after"),
                    problem,
                    Some("write it once, at the top of the file".to_owned()),
                );
            }
            Some(_) => {}
            None => {
                found = Some(Placed {
                    value: span,
                    at: section.at_key("abandon_after"),
                });
            }
        }
    }
    if !present {
        document.note(
            top.at.clone(),
            "the definition has no `abandon_after`: a unit that never settles would stay open for ever",
            Some("add `abandon_after = \"30d\"`".to_owned()),
        );
    }
    found.map(|span| span.value)
}

fn read_class(document: &mut Document<'_>, section: &Section<'_, '_>) -> Option<PlacedClass> {
    let name = document.need_text(section, "class", "confirmed");
    let name = document.parsed(name, |name| match is_id(name) {
        true => Ok(name.to_owned()),
        false => Err(Refusal::hinted(
            format!("`{name}` is not the name of a class"),
            "lower-case letters, digits and `_ . -`, beginning with a letter",
        )),
    });
    if !section.has("when") {
        document.need_text(section, "when", "answered where kind = answer");
    }
    let when = read_condition(document, section, "when", Condition::parse)?;
    let name = name?;
    let class = Class {
        name: name.value,
        when: when.value,
    };
    Some(PlacedClass {
        value: class,
        name_at: name.at,
        at: when.at,
    })
}
