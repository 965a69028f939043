//! [`Map`]: how the rows of a foreign file become events, as a TOML document.
//!
//! The language is in `docs/reference/maps.md`. A map is stateless but for two declared look-ups: a
//! second file by key (`[lookup.x]`), and `after`, which asks whether another row of the same key
//! happened earlier *by its time*, so that the order of rows never matters. Invariant: the same file
//! and map give the same events byte for byte, in whatever order the rows stand.

mod compile;
mod compile_condition;
pub(crate) mod condition;
pub(crate) mod fields;
mod read;
mod read_event;
mod read_meters;
pub(crate) mod template;
pub(crate) mod time;
mod toml_section;

use std::collections::BTreeMap;

use work::Header;
use work::body::Kind;
use work::definition::Fault;

use crate::csv::Dialect;
pub(crate) use read_meters::read_meters;

use condition::{After, Condition};
use fields::Form;
use template::Value;
use time::TimeFormat;

/// Why a text is not a map, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the map has {}: {}", if .faults.len() == 1 { "a fault".to_owned() } else { format!("{} faults", .faults.len()) }, .faults.first().map_or("", |fault| fault.problem.as_str()))]
pub struct MapError {
    /// The faults, in the order of the file.
    pub faults: Vec<Fault>,
}

/// A map, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// What the map is for, in a sentence.
    pub about: Option<String>,
    pub(crate) tables: Vec<Table>,
    pub(crate) lookups: Vec<LookupSpec>,
    pub(crate) files: Vec<FileMap>,
}

impl Map {
    /// Reads a map from TOML.
    ///
    /// # Errors
    /// [`MapError`] with the place of every fault: unknown keys, templates that name no table,
    /// event types and words that do not exist, sections that are missing.
    pub fn parse(text: &str) -> Result<Map, MapError> {
        read::read(text)
    }

    /// The names or patterns of the files that the map reads, where it names them.
    #[must_use]
    pub fn file_names(&self) -> Vec<&str> {
        self.files
            .iter()
            .filter_map(|file| file.name.as_deref())
            .collect()
    }

    /// The columns without which the map reads nothing, over all its files.
    #[must_use]
    pub fn columns_needed(&self) -> Vec<&str> {
        self.files
            .iter()
            .flat_map(|file| &file.references)
            .filter(|reference| !reference.optional && !reference.of_item)
            .map(|reference| reference.name.as_str())
            .collect()
    }
}

/// A value table: `[table.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Foreign word to ours; the key `""` stands for an unknown cell.
    pub(crate) words: BTreeMap<String, String>,
    /// The value of `"*"`: every other word.
    pub(crate) other: Option<String>,
}

impl Table {
    /// Every value that the table can give.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.words.values().chain(&self.other).map(String::as_str)
    }
}

/// A second file, looked up by key: `[lookup.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookupSpec {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) shape: Shape,
    /// The key column first, then the columns that templates ask for.
    pub(crate) references: Vec<Reference>,
}

/// How a file is cut into rows and cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// `None` where the file's name decides.
    pub(crate) format: Option<Format>,
    pub(crate) dialect: Dialect,
    /// Whether the first row of a CSV file names the columns.
    pub(crate) header: bool,
    /// Names given in the map, in the order of the columns.
    pub(crate) columns: Option<Vec<String>>,
    /// Cell texts that mean "unknown", beside the empty one.
    pub(crate) empty: Vec<String>,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape {
            format: None,
            dialect: Dialect::default(),
            header: true,
            columns: None,
            empty: Vec::new(),
        }
    }
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Json,
}

/// A column that templates speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: String,
    /// Written `{name?}`: the file need not have it.
    pub(crate) optional: bool,
    /// Written `{item.name}` under `each`: a member of the array's element.
    pub(crate) of_item: bool,
    pub(crate) span: std::ops::Range<usize>,
}

/// One `[[file]]`, or the map's own top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileMap {
    /// Name or pattern; `None` for a map of one kind of file.
    pub(crate) name: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) references: Vec<Reference>,
    pub(crate) lets: Vec<(String, Value)>,
    pub(crate) afters: Vec<After>,
    pub(crate) events: Vec<EventMap>,
}

/// One `[[event]]`: what a row becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventMap {
    pub(crate) kind: KindOf,
    pub(crate) when: Option<Condition>,
    /// Path of the array of which each element becomes an event.
    pub(crate) each: Option<String>,
    pub(crate) customer: Option<Value>,
    pub(crate) source: Option<Value>,
    pub(crate) id: Value,
    pub(crate) time: TimeOf,
    pub(crate) work: Option<Value>,
    pub(crate) authorship: Option<Value>,
    pub(crate) traceparent: Option<Value>,
    pub(crate) headers: Vec<(Header, Value)>,
    pub(crate) body: Vec<BodyField>,
}

/// The type of an event: fixed, or told by a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KindOf {
    Fixed(Kind),
    Told(Value),
}

/// When an event happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeOf {
    pub(crate) value: Value,
    pub(crate) format: TimeFormat,
}

/// A member of an event's `data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyField {
    /// The member; `tokens.input` for a nested one.
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) value: Value,
    /// How a time is written, for [`Form::Time`].
    pub(crate) time: Option<TimeFormat>,
}

#[cfg(test)]
mod tests {
    use work::Header;

    use super::compile::FILTERS;
    use super::fields::{KINDS, SHARED, fields};

    /// Every key that the code takes, by the calls that take it.
    fn keys_in(source: &str) -> Vec<&str> {
        let calls = ["take", "string", "strings", "flag", "table", "tables"];
        let mut keys = Vec::new();
        for call in calls {
            for (at, _) in source.match_indices(&format!(".{call}(\"")) {
                let key = &source[at + call.len() + 3..];
                keys.extend(key.split('"').next());
            }
        }
        keys
    }

    #[test]
    fn every_key_is_named_in_the_reference() {
        let docs = include_str!("../../../../docs/reference/maps.md");
        let sources = [
            include_str!("read.rs"),
            include_str!("read_event.rs"),
            include_str!("compile_condition.rs"),
        ];
        let mut keys: Vec<&str> = sources.into_iter().flat_map(keys_in).collect();
        assert!(
            keys.len() > 20,
            "the keys are found in the sources: {keys:?}"
        );
        keys.extend([
            "any", "all", "above", "below", "$type", "$row", "rfc3339", "unix", "unix_ms",
        ]);
        keys.extend(SHARED.iter().chain(&FILTERS));
        keys.extend(Header::ALL.map(Header::name));
        for kind in KINDS {
            keys.push(kind.word());
            keys.extend(
                fields(*kind)
                    .iter()
                    .map(|field| field.name.rsplit('.').next().unwrap()),
            );
        }
        for key in keys {
            let named = ["`", "{", "{ ", "[", ", "].iter().any(|before| {
                docs.match_indices(&format!("{before}{key}"))
                    .any(|(at, text)| {
                        !docs[at + text.len()..]
                            .starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    })
            });
            assert!(named, "docs/reference/maps.md does not name `{key}`");
        }
    }

    #[test]
    fn every_key_of_a_meter_is_named_in_the_reference() {
        let docs = include_str!("../../../../docs/reference/feeds.md");
        let mut keys = keys_in(include_str!("read_meters.rs"));
        assert!(keys.len() > 5, "the keys are found in the source: {keys:?}");
        keys.retain(|key| *key != "each");
        keys.extend(pricing::plan::Aggregate::WORDS.map(|(word, _)| word));
        keys.extend(crate::meters::Class::WORDS.map(|(word, _)| word));
        keys.extend(SHARED.iter().filter(|key| **key != "id"));
        for key in keys {
            let is_named =
                docs.contains(&format!("`{key}`")) || docs.contains(&format!("[[{key}]]"));
            assert!(is_named, "docs/reference/feeds.md does not name `{key}`");
        }
    }

    /// The table of the reference says what each type takes; the reader of events agrees with it.
    #[test]
    fn the_keys_of_every_type_are_those_that_events_take() {
        use super::fields::{Form, words};
        use work::{Event, Json, SmolStr};
        for kind in KINDS {
            let mut data = vec![(SmolStr::new("case"), Json::text("c"))];
            let mut tokens = Vec::new();
            for field in fields(*kind) {
                let value = match field.form {
                    Form::Text if field.name == "commitment" => Json::text("0".repeat(64)),
                    Form::Text => Json::text("text"),
                    Form::Word => Json::text(words(*kind, field.name)[0]),
                    Form::Number => Json::text("0.5"),
                    Form::Amount => Json::text("1.50 USD"),
                    // A credit has no tokens, which are here to be tried too.
                    Form::Flag => Json::Bool(field.name != "credit"),
                    Form::Time if field.name == "from" => Json::text("2026-01-01T00:00:00Z"),
                    Form::Time => Json::text("2026-02-01T00:00:00Z"),
                };
                match field.name.split_once('.') {
                    Some((_, class)) => tokens.push((class.into(), value)),
                    None => data.push((field.name.into(), value)),
                }
            }
            if !tokens.is_empty() {
                data.push(("tokens".into(), Json::Object(tokens)));
            }
            let event = |data: &[(SmolStr, Json)]| {
                Event::from_json(&Json::object([
                    ("specversion", Some(Json::text("1.0"))),
                    ("id", Some(Json::text("i"))),
                    ("source", Some(Json::text("s"))),
                    ("type", Some(Json::text(kind.wire()))),
                    ("subject", Some(Json::text("c"))),
                    ("time", Some(Json::text("2026-01-01T00:00:00Z"))),
                    ("data", Some(Json::Object(data.to_vec()))),
                ]))
            };
            event(&data).unwrap_or_else(|error| panic!("{}: {error}", kind.word()));
            for field in fields(*kind).iter().filter(|field| field.required) {
                let without: Vec<(SmolStr, Json)> = data
                    .iter()
                    .filter(|(name, _)| name != field.name)
                    .cloned()
                    .collect();
                assert!(
                    event(&without).is_err(),
                    "{} without `{}`",
                    kind.word(),
                    field.name
                );
            }
        }
    }
}
