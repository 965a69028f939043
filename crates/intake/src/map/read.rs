//! Reading a map document: its sections and their keys, all the way down to each `[[event]]`.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;
use work::Header;
use work::definition::Fault;

use super::compile::Compiler;
use super::fields::SHARED;
use super::read_event::{read_event, read_time};
use super::toml_section::{Entry, Faults, Section};
use super::{FileMap, Format, LookupSpec, Map, MapError, Reference, Shape, Table};
use crate::limits::MAP_BYTES_MAX;

/// Values that a level sets for the levels below.
pub(super) type Defaults<'t> = BTreeMap<&'static str, Entry<'t>>;

pub(super) fn read(text: &str) -> Result<Map, MapError> {
    let document = bounded_document(text)?;
    let mut faults = Faults::default();
    let section = Section::new("a map", document.span(), document.get_ref());
    let map = read_map(section, &mut faults);
    sorted(faults).map(|()| map)
}

/// The TOML of a document of maps or meters.
pub(super) fn bounded_document(text: &str) -> Result<Spanned<DeTable<'_>>, MapError> {
    let fail = |span, problem: String| MapError {
        faults: vec![Fault {
            span,
            problem,
            hint: None,
        }],
    };
    if text.len() > MAP_BYTES_MAX {
        let problem = format!("the document is longer than {MAP_BYTES_MAX} bytes");
        return Err(fail(0..0, problem));
    }
    DeTable::parse(text)
        .map_err(|error| fail(error.span().unwrap_or(0..0), error.message().to_owned()))
}

/// The faults in the order of the document, if there are any.
pub(super) fn sorted(mut faults: Faults) -> Result<(), MapError> {
    faults
        .0
        .sort_by_key(|fault| (fault.span.start, fault.span.end));
    if faults.0.is_empty() {
        Ok(())
    } else {
        Err(MapError { faults: faults.0 })
    }
}

fn read_map(mut top: Section<'_>, faults: &mut Faults) -> Map {
    let about = top.string("about", faults).map(|(text, _)| text.to_owned());
    let base = read_shape(&mut top, &Shape::default(), faults);
    let tables = read_tables(&mut top, faults);
    let mut lookups = read_lookups(&mut top, &base, faults);
    let shared = take_shared(&mut top);
    let mut files = Vec::new();
    let sections = top.tables("file", faults);
    if sections.is_empty() {
        files.push(read_file(
            &mut top,
            base.clone(),
            &tables,
            &mut lookups,
            &shared,
            faults,
        ));
    } else {
        for (key, instead) in [("event", "[[file.event]]"), ("let", "[file.let]")] {
            if let Some(entry) = top.take(key) {
                faults.add(
                    entry.span(),
                    format!("a map with `[[file]]` has `{instead}` under each file"),
                );
            }
        }
    }
    for mut section in sections {
        let name = section
            .string("name", faults)
            .map(|(text, _)| text.to_owned());
        if name.is_none() {
            faults.hint(
                section.span.clone(),
                "a `[[file]]` needs a `name`",
                "the file's name, or a pattern such as \"messages*.csv\"",
            );
        }
        let mut inherited = shared.clone();
        inherited.extend(take_shared(&mut section));
        let shape = read_shape(&mut section, &base, faults);
        let file = read_file(
            &mut section,
            shape,
            &tables,
            &mut lookups,
            &inherited,
            faults,
        );
        files.push(FileMap { name, ..file });
        section.finish(&shared_keys(), faults);
    }
    top.finish(&shared_keys(), faults);
    Map {
        about,
        tables,
        lookups,
        files,
    }
}

/// The keys that the top level and a `[[file]]` share with events, for messages.
pub(super) fn shared_keys() -> Vec<&'static str> {
    let headers = Header::ALL
        .into_iter()
        .filter(|header| *header != Header::Work);
    SHARED
        .iter()
        .copied()
        .chain(headers.map(Header::name))
        .collect()
}

/// Takes the values that a level sets for the events below it.
pub(super) fn take_shared<'t>(section: &mut Section<'t>) -> Defaults<'t> {
    shared_keys()
        .into_iter()
        .filter_map(|key| Some((key, section.take(key)?)))
        .collect()
}

/// `[table.NAME]`.
pub(super) fn read_tables(top: &mut Section<'_>, faults: &mut Faults) -> Vec<Table> {
    let Some(mut section) = top.table("table", faults) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    for (_, entry) in section.take_all() {
        let Some(rows) = entry.get().as_table() else {
            faults.add(
                entry.span(),
                format!(
                    "write `[table.{}]` and a line `\"theirs\" = \"ours\"` for each word",
                    entry.key
                ),
            );
            continue;
        };
        let mut table = Table {
            name: entry.key.to_owned(),
            words: BTreeMap::new(),
            other: None,
        };
        for (theirs, ours) in rows {
            let Some(word) = ours.get_ref().as_str() else {
                faults.add(
                    ours.span(),
                    "a table maps words to strings; write the value in quotes",
                );
                continue;
            };
            match theirs.get_ref().as_ref() {
                "*" => table.other = Some(word.to_owned()),
                theirs => {
                    table.words.insert(theirs.to_owned(), word.to_owned());
                }
            }
        }
        tables.push(table);
    }
    tables
}

/// `[lookup.NAME]`.
fn read_lookups(top: &mut Section<'_>, base: &Shape, faults: &mut Faults) -> Vec<LookupSpec> {
    let Some(mut section) = top.table("lookup", faults) else {
        return Vec::new();
    };
    let mut lookups = Vec::new();
    for (_, entry) in section.take_all() {
        let Some(table) = entry.get().as_table() else {
            faults.add(
                entry.span(),
                format!("write `[lookup.{}]` with `file` and `key`", entry.key),
            );
            continue;
        };
        let mut section = Section::new(format!("`[lookup.{}]`", entry.key), entry.span(), table);
        let file = section.string("file", faults);
        let key = section.string("key", faults);
        let shape = read_shape(&mut section, base, faults);
        let span = section.span.clone();
        section.finish(&[], faults);
        let (Some((file, _)), Some((key, key_span))) = (file, key) else {
            faults.hint(
                span,
                "a lookup needs `file` and `key`",
                "the second file's name, and its column that holds the key",
            );
            continue;
        };
        lookups.push(LookupSpec {
            name: entry.key.to_owned(),
            file: file.to_owned(),
            shape,
            references: vec![Reference {
                name: key.to_owned(),
                optional: false,
                of_item: false,
                span: key_span,
            }],
        });
    }
    lookups
}

/// The keys that say how a file is cut into cells.
fn read_shape(section: &mut Section<'_>, base: &Shape, faults: &mut Faults) -> Shape {
    let mut shape = base.clone();
    if let Some((word, span)) = section.string("format", faults) {
        match word {
            "csv" => shape.format = Some(Format::Csv),
            "json" => shape.format = Some(Format::Json),
            _ => faults.hint(
                span,
                format!("`{word}` is not a format"),
                "write `csv`, or `json` for JSON lines and JSON arrays",
            ),
        }
    }
    if let Some((text, span)) = section.string("delimiter", faults) {
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => {
                shape.dialect.delimiter = *byte;
            }
            _ => faults.hint(
                span,
                "`delimiter` is one ASCII character",
                "for example \",\", \";\" or \"\\t\"",
            ),
        }
    }
    if let Some((text, span)) = section.string("quote", faults) {
        match text.as_bytes() {
            [] => shape.dialect.quote = None,
            [byte] if byte.is_ascii() => shape.dialect.quote = Some(*byte),
            _ => faults.hint(
                span,
                "`quote` is one ASCII character",
                "or empty where the file knows no quotes",
            ),
        }
    }
    if let Some(header) = section.flag("header", faults) {
        shape.header = header;
    }
    if let Some(entry) = section.strings("columns", faults) {
        shape.columns = Some(entry);
    }
    if let Some(words) = section.strings("empty", faults) {
        shape.empty = words;
    }
    if !shape.header && shape.columns.is_none() {
        faults.hint(
            section.span.clone(),
            "a file without a header needs `columns`",
            "columns = [\"first\", \"second\"]",
        );
    }
    shape
}

/// `[let]`.
pub(super) fn read_lets(
    section: &mut Section<'_>,
    compiler: &mut Compiler<'_>,
    faults: &mut Faults,
) {
    let Some(mut lets) = section.table("let", faults) else {
        return;
    };
    for (_, entry) in lets.take_all() {
        if let Some(value) = compiler.value(entry, faults) {
            compiler.lets.push((entry.key.to_owned(), value));
        }
    }
}

/// The rest of a `[[file]]`, or of a map of one kind of file.
fn read_file<'t>(
    section: &mut Section<'t>,
    shape: Shape,
    tables: &[Table],
    lookups: &mut Vec<LookupSpec>,
    defaults: &Defaults<'t>,
    faults: &mut Faults,
) -> FileMap {
    let mut compiler = Compiler {
        tables,
        lookups,
        references: Vec::new(),
        lets: Vec::new(),
        afters: Vec::new(),
        time: None,
        items: false,
    };
    read_lets(section, &mut compiler, faults);
    compiler.time = read_time(defaults, &mut compiler, faults);
    let events = section.tables("event", faults);
    if events.is_empty() {
        faults.hint(
            section.span.start..section.span.start,
            "there is no `[[event]]`",
            "write one for each kind of event that a row may become",
        );
    }
    let events = events
        .into_iter()
        .filter_map(|event| read_event(event, &mut compiler, defaults, faults))
        .collect();
    let Compiler {
        references,
        lets,
        afters,
        ..
    } = compiler;
    FileMap {
        name: None,
        shape,
        references,
        lets,
        afters,
        events,
    }
}
