//! Reading one `[[event]]`: its type, what the type needs, and the values that levels above set.

use jiff::tz::TimeZone;
use work::Header;
use work::body::Kind;
use work::event::Authorship;

use super::compile::Compiler;
use super::fields::{self, Form, KINDS};
use super::read::{Defaults, shared_keys, take_shared};
use super::template::Value;
use super::time::{TimeForm, TimeFormat};
use super::toml_section::{Entry, Faults, Section};
use super::{BodyField, EventMap, KindOf, Table, TimeOf};
use crate::nearest::nearest;

pub(super) fn read_event<'t>(
    mut section: Section<'t>,
    compiler: &mut Compiler<'_>,
    defaults: &Defaults<'t>,
    faults: &mut Faults,
) -> Option<EventMap> {
    let each = section
        .string("each", faults)
        .map(|(text, _)| text.to_owned());
    compiler.items = each.is_some();
    let mut all = defaults.clone();
    all.extend(take_shared(&mut section));
    let span = section.span.clone();
    let kind = read_kind(&mut section, compiler, faults);
    let time = read_time(&all, compiler, faults);
    let when = section
        .table("when", faults)
        .map(|when| compiler.condition(when, 0, faults));
    let mut value = |key: &str| all.get(key).map(|entry| compiler.value(*entry, faults));
    let (customer, source, id, work) = (
        value("customer"),
        value("source"),
        value("id"),
        value("work"),
    );
    let (authorship, traceparent) = (value("authorship"), value("traceparent"));
    let headers: Vec<(Header, Option<Value>)> = Header::ALL
        .into_iter()
        .filter(|header| *header != Header::Work)
        .filter_map(|header| Some((header, value(header.name())?)))
        .collect();
    if !all.contains_key("time") {
        faults.hint(
            span.clone(),
            "the event has no `time`",
            "when it happened, e.g. time = \"{timestamp}\"",
        );
    }
    if id.is_none() {
        faults.hint(
            span.clone(),
            "the event has no `id`",
            "what makes the fact the same fact when the file is imported again, e.g. id = \"{case_id}/{$type}/{timestamp}\"",
        );
    }
    if let (Some(Some(value)), Some(entry)) = (&authorship, all.get("authorship")) {
        let words: Vec<&str> = Authorship::WORDS.iter().map(|(word, _)| *word).collect();
        check_words(value, &words, *entry, compiler.tables, faults);
    }
    let (kind, possible) = kind?;
    let time_format = time.as_ref().map(|time| &time.format);
    let body = read_body(&mut section, &possible, time_format, compiler, faults);
    section.finish(&shared_keys(), faults);
    Some(EventMap {
        kind,
        when: match when {
            None => None,
            Some(condition) => Some(condition?),
        },
        each,
        customer: customer.flatten(),
        source: source.flatten(),
        id: id??,
        time: time?,
        work: work.flatten(),
        authorship: authorship.flatten(),
        traceparent: traceparent.flatten(),
        headers: headers
            .into_iter()
            .filter_map(|(header, value)| Some((header, value?)))
            .collect(),
        body,
    })
}

/// `type`, and the types that it can be.
fn read_kind(
    section: &mut Section<'_>,
    compiler: &mut Compiler<'_>,
    faults: &mut Faults,
) -> Option<(KindOf, Vec<Kind>)> {
    let Some(entry) = section.take("type") else {
        faults.hint(
            section.span.clone(),
            "the event has no `type`",
            format!("one of: {}", kind_names().join(", ")),
        );
        return None;
    };
    let value = compiler.value(entry, faults)?;
    let Some(names) = value.possible(compiler.tables) else {
        faults.hint(
            entry.span(),
            "the type must be a constant or end in a table",
            "type = \"{activity|kind}\" with `[table.kind]`",
        );
        return None;
    };
    let mut kinds = Vec::new();
    for name in &names {
        match KINDS.iter().find(|kind| kind.word() == *name) {
            Some(kind) => kinds.push(*kind),
            None => {
                let known = kind_names();
                let hint = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of: {}", known.join(", ")),
                };
                faults.hint(
                    entry.span(),
                    format!("`{name}` is not an event type that a map can make"),
                    hint,
                );
            }
        }
    }
    let fixed = value.alternatives.len() == 1 && names.len() == 1 && !value.has_slots();
    match kinds.as_slice() {
        [] => None,
        [kind] if fixed => Some((KindOf::Fixed(*kind), kinds)),
        _ => Some((KindOf::Told(value), kinds)),
    }
}

fn kind_names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.word()).collect()
}

pub(super) fn read_time(
    all: &Defaults<'_>,
    compiler: &mut Compiler<'_>,
    faults: &mut Faults,
) -> Option<TimeOf> {
    let zone = match all.get("zone") {
        None => None,
        Some(entry) => {
            let zone = entry
                .get()
                .as_str()
                .and_then(|name| TimeZone::get(name).ok());
            if zone.is_none() {
                faults.hint(
                    entry.span(),
                    "`zone` is not a time zone",
                    "an IANA name such as \"UTC\" or \"Europe/Rome\"",
                );
            }
            zone
        }
    };
    let mut forms = Vec::new();
    if let Some(entry) = all.get("time_format") {
        let words: Vec<&str> = match (entry.get().as_str(), entry.get().as_array()) {
            (Some(word), _) => vec![word],
            (_, Some(items)) => items
                .iter()
                .filter_map(|item| item.get_ref().as_str())
                .collect(),
            _ => Vec::new(),
        };
        if words.is_empty() {
            faults.add(
                entry.span(),
                "`time_format` must be a string or a list of strings",
            );
        }
        for word in words {
            match TimeForm::from_word(word) {
                Ok(form) => forms.push(form),
                Err(problem) => faults.add(entry.span(), problem),
            }
        }
    } else {
        forms.push(TimeForm::Rfc3339);
    }
    let entry = all.get("time")?;
    let value = compiler.value(*entry, faults)?;
    Some(TimeOf {
        value,
        format: TimeFormat { forms, zone },
    })
}

/// The keys of the event's type: `data` on the wire.
fn read_body(
    section: &mut Section<'_>,
    kinds: &[Kind],
    time_format: Option<&TimeFormat>,
    compiler: &mut Compiler<'_>,
    faults: &mut Faults,
) -> Vec<BodyField> {
    let mut body = Vec::new();
    let mut tokens = None;
    for kind in kinds {
        for field in fields::fields(*kind) {
            let entry = match field.name.split_once('.') {
                Some(("tokens", class)) => {
                    if tokens.is_none() {
                        tokens = Some(section.table("tokens", faults));
                    }
                    tokens
                        .as_mut()
                        .and_then(Option::as_mut)
                        .and_then(|tokens| tokens.take(class))
                }
                _ => section.take(field.name),
            };
            let read = body
                .iter()
                .any(|known: &BodyField| known.name == field.name);
            let Some(entry) = entry else {
                if field.required && !read {
                    faults.hint(
                        section.span.clone(),
                        format!("`{}` needs `{}`", kind.word(), field.name),
                        "the event would be refused without it",
                    );
                }
                continue;
            };
            let Some(value) = compiler.value(entry, faults) else {
                continue;
            };
            if field.form == Form::Word {
                check_words(
                    &value,
                    &fields::words(*kind, field.name),
                    entry,
                    compiler.tables,
                    faults,
                );
            }
            let time = (field.form == Form::Time).then_some(time_format).flatten();
            body.push(BodyField {
                name: field.name.to_owned(),
                form: field.form,
                value,
                time: time.cloned(),
            });
        }
    }
    if let Some(Some(tokens)) = tokens {
        tokens.finish(&[], faults);
    }
    body
}

/// Refuses words that the event would be refused for, as far as the map alone decides them.
fn check_words(
    value: &Value,
    words: &[&str],
    entry: Entry<'_>,
    tables: &[Table],
    faults: &mut Faults,
) {
    for text in value.possible(tables).unwrap_or_default() {
        if !words.contains(&text) {
            faults.hint(
                entry.span(),
                format!("`{}` cannot be `{text}`", entry.key),
                format!("one of: {}", words.join(", ")),
            );
        }
    }
}
