//! Reading a document of meters: each `[[meter]]` is an `[[event]]` of a map, whose rows are the
//! CloudEvents of one type and whose type the meter's class decides.

use std::collections::BTreeMap;

use pricing::plan::Aggregate;
use toml::Spanned;
use toml::de::DeTable;

use super::compile::Compiler;
use super::read::{bounded_document, read_lets, read_tables, shared_keys, sorted, take_shared};
use super::read_event::read_event;
use super::toml_section::{Faults, Section};
use super::{FileMap, Map, MapError, Shape};
use crate::meters::{Class, Document, Meter, TypePattern};

/// Characters that would mean something in a template.
const NOT_IN_IDS: [char; 6] = ['{', '}', '|', '"', '\\', '\''];

pub(crate) fn read_meters(text: &str) -> Result<Document, MapError> {
    let document = bounded_document(text)?;
    let mut faults = Faults::default();
    let mut top = Section::new("meters", document.span(), document.get_ref());
    let about = top
        .string("about", &mut faults)
        .map(|(text, _)| text.to_owned());
    let mut sections = top.tables("meter", &mut faults);
    if sections.is_empty() {
        let start = document.span().start;
        faults.hint(
            start..start,
            "there is no `[[meter]]`",
            "write one for each meter that events move",
        );
    }
    let mut meters: Vec<Meter> = Vec::new();
    for section in &mut sections {
        let meter = read_meter(section, &mut faults);
        if meters.iter().any(|known| known.id == meter.id) && !meter.id.is_empty() {
            let problem = format!("the meter `{}` is declared twice", meter.id);
            faults.add(section.span.clone(), problem);
        }
        meters.push(meter);
    }
    // What the meter decides stands in a document of its own, so that one reader reads both.
    let decided: Vec<String> = meters.iter().map(decided).collect();
    let decided: Vec<Spanned<DeTable<'_>>> = decided
        .iter()
        .filter_map(|text| DeTable::parse(text).ok())
        .collect();
    let tables = read_tables(&mut top, &mut faults);
    let mut compiler = Compiler {
        tables: &tables,
        lookups: &mut Vec::new(),
        references: Vec::new(),
        lets: Vec::new(),
        afters: Vec::new(),
        time: None,
        items: false,
    };
    read_lets(&mut top, &mut compiler, &mut faults);
    let shared = take_shared(&mut top);
    let mut events = Vec::new();
    for ((mut section, own), meter) in sections.into_iter().zip(&decided).zip(&meters) {
        let defaults = {
            let mut all = shared.clone();
            all.extend(take_shared(&mut section));
            all
        };
        section.supply(own.get_ref(), |key| defaults.contains_key(key));
        let span = section.span.clone();
        let event = read_event(section, &mut compiler, &defaults, &mut faults);
        if !compiler.afters.is_empty() {
            compiler.afters.clear();
            faults.hint(
                span,
                "`after` looks at the other rows of a file, and a meter sees one event",
                "use it in a map, with `piecework import`",
            );
        }
        events.extend(event.map(|event| (meter.clone(), event)));
    }
    top.finish(&shared_keys(), &mut faults);
    let Compiler {
        references, lets, ..
    } = compiler;
    let (meters, events) = events.into_iter().unzip();
    let file = FileMap {
        name: None,
        shape: Shape::default(),
        references,
        lets,
        afters: Vec::new(),
        events,
    };
    let map = Map {
        about,
        tables,
        lookups: Vec::new(),
        files: vec![file],
    };
    sorted(faults).map(|()| Document { map, meters })
}

/// The keys that make a meter one.
fn read_meter(section: &mut Section<'_>, faults: &mut Faults) -> Meter {
    let id = match section.string("id", faults) {
        Some((id, span)) => {
            if id.is_empty() || id.contains(NOT_IN_IDS) || id.contains(char::is_control) {
                faults.add(
                    span,
                    "a meter's `id` is a word without quotes, braces and bars",
                );
                String::new()
            } else {
                id.to_owned()
            }
        }
        None => {
            faults.hint(
                section.span.clone(),
                "the meter has no `id`",
                "the name that a plan's `[[meter]]` has for it",
            );
            String::new()
        }
    };
    let types = read_types(section, faults);
    let class = match section.string("class", faults) {
        Some((word, span)) => {
            let known = Class::WORDS.iter().find(|(own, _)| *own == word);
            if known.is_none() {
                faults.hint(
                    span,
                    format!("`{word}` is not a class"),
                    "`usage` becomes usage.recorded, `cost` becomes cost.recorded, `value` becomes work.valued",
                );
            }
            known.map_or(Class::Usage, |(_, class)| *class)
        }
        None => {
            faults.hint(
                section.span.clone(),
                "the meter has no `class`",
                "every meter says what its unit is: `cost`, `usage` or `value`",
            );
            Class::Usage
        }
    };
    let aggregate = read_aggregate(section, class, faults);
    check_fields(section, class, aggregate, faults);
    for key in ["each", "meter"] {
        if let Some(entry) = section.take(key) {
            faults.add(entry.span(), format!("a meter knows no key `{key}`"));
        }
    }
    Meter {
        id,
        class,
        types,
        aggregate,
    }
}

/// Whether each event adds one, so that it says no quantity.
const fn is_of_ones(aggregate: Aggregate) -> bool {
    matches!(aggregate, Aggregate::Count | Aggregate::Unique)
}

/// Refuses fields that the aggregate does not read, and the lack of the one that it does.
fn check_fields(
    section: &mut Section<'_>,
    class: Class,
    aggregate: Aggregate,
    faults: &mut Faults,
) {
    let word = aggregate.word();
    if is_of_ones(aggregate)
        && let Some(entry) = section.take("quantity")
    {
        faults.hint(
            entry.span(),
            format!("`{word}` counts and takes no `quantity`"),
            "write aggregate = \"sum\"",
        );
    }
    if aggregate != Aggregate::Unique
        && let Some(entry) = section.take("item")
    {
        faults.hint(
            entry.span(),
            format!("`{word}` reads no `item`"),
            "write aggregate = \"unique\", which counts each item once",
        );
    }
    if class != Class::Usage {
        return;
    }
    let (needed, hint) = if aggregate == Aggregate::Unique {
        ("item", "what is counted once, e.g. item = \"{data.user}\"")
    } else {
        (
            "quantity",
            "the field that is read, e.g. quantity = \"{data.tokens}\"",
        )
    };
    let is_needed = aggregate != Aggregate::Count;
    if is_needed && !section.has(needed) {
        let problem = format!("`{word}` needs `{needed}`");
        faults.hint(section.span.clone(), problem, hint);
    }
}

fn read_types(section: &mut Section<'_>, faults: &mut Faults) -> Vec<TypePattern> {
    let Some(entry) = section.take("type") else {
        faults.hint(
            section.span.clone(),
            "the meter has no `type`",
            "the CloudEvents type that moves it, or a beginning of it such as \"chat.*\"",
        );
        return Vec::new();
    };
    let words: Vec<&str> = match (entry.get().as_str(), entry.get().as_array()) {
        (Some(word), _) => vec![word],
        (_, Some(items)) => items
            .iter()
            .filter_map(|item| item.get_ref().as_str())
            .collect(),
        _ => Vec::new(),
    };
    let mut types = Vec::new();
    for word in &words {
        match TypePattern::of(word) {
            Some(_) if word.starts_with("piecework.") || *word == "*" => {
                faults.hint(
                    entry.span(),
                    format!("`{word}` is not for a meter"),
                    "piecework's own types are facts already, and a meter names the types it reads",
                );
            }
            Some(pattern) => types.push(pattern),
            None => faults.add(
                entry.span(),
                format!("`{word}` is not a type; a `*` stands only at its end"),
            ),
        }
    }
    if words.is_empty() {
        faults.add(entry.span(), "`type` must be a string or a list of strings");
    }
    types
}

fn read_aggregate(section: &mut Section<'_>, class: Class, faults: &mut Faults) -> Aggregate {
    let Some((word, span)) = section.string("aggregate", faults) else {
        return Aggregate::Sum;
    };
    let known = Aggregate::WORDS.iter().find(|(own, _)| *own == word);
    match (known, class) {
        (Some((_, aggregate)), Class::Usage) => *aggregate,
        (Some((_, Aggregate::Sum)), _) => Aggregate::Sum,
        (Some(_), _) => {
            faults.hint(
                span,
                format!("only usage is put together by `{word}`"),
                "a cost or a value has an `amount` in each event, and amounts are summed",
            );
            Aggregate::Sum
        }
        (None, _) => {
            let words: Vec<&str> = Aggregate::WORDS.iter().map(|(word, _)| *word).collect();
            faults.hint(
                span,
                format!("`{word}` is not an aggregate"),
                format!("one of: {}", words.join(", ")),
            );
            Aggregate::Sum
        }
    }
}

/// What the meter decides of its events, as keys of an `[[event]]`.
fn decided(meter: &Meter) -> String {
    let mut keys: BTreeMap<&str, String> = BTreeMap::from([
        ("id", format!("{{id}}/{}", meter.id)),
        ("source", "{source}".to_owned()),
        ("customer", "{subject}".to_owned()),
        ("time", "{time}".to_owned()),
        ("work", "{workid?}".to_owned()),
        ("traceparent", "{traceparent?}".to_owned()),
        ("type", meter.class.kind().word().to_owned()),
    ]);
    if meter.class == Class::Usage {
        keys.insert("meter", meter.id.clone());
    }
    if is_of_ones(meter.aggregate) {
        keys.insert("quantity", "1".to_owned());
    }
    keys.iter()
        .map(|(key, value)| format!("{key} = \"{value}\"\n"))
        .collect()
}
