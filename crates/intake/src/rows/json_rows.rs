//! Rows of a JSON file: objects, whose members are named by dotted paths.

use std::borrow::Cow;
use std::io;

use work::Json;

use super::Outcome;
use crate::json_items::{Item, JsonItems};
use crate::map::Reference;

pub(super) struct JsonRows {
    pub(super) items: JsonItems,
    pub(super) row: Json,
    pub(super) paths: Vec<JsonPath>,
    pub(super) rows: u64,
}

pub(super) struct JsonPath {
    pub(super) name: String,
    pub(super) segments: Vec<String>,
    pub(super) of_item: bool,
    pub(super) seen: bool,
}

impl JsonRows {
    pub(super) fn read(&mut self) -> io::Result<Outcome> {
        match self.items.read()? {
            Item::End => return Ok(Outcome::End),
            Item::Broken(problem) => return Ok(Outcome::Broken(problem)),
            Item::Value => {}
        }
        match Json::parse(self.items.text()) {
            Ok(row @ Json::Object(_)) => self.row = row,
            Ok(_) => return Ok(Outcome::Broken("expected a JSON object".to_owned())),
            Err(error) => {
                let hint = "one object a line, or one array of objects";
                return Ok(Outcome::Broken(format!("{error} ({hint})")));
            }
        }
        self.rows += 1;
        for path in self
            .paths
            .iter_mut()
            .filter(|path| !path.seen && !path.of_item)
        {
            path.seen = path.find(&self.row).is_some();
        }
        Ok(Outcome::Row)
    }
}

impl JsonRows {
    /// The members of the current row, nested ones by dotted path.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        add_names(&self.row, "", &mut names);
        names
    }
}

fn add_names(value: &Json, prefix: &str, names: &mut Vec<String>) {
    let Json::Object(members) = value else { return };
    for (key, member) in members {
        let name = if prefix.is_empty() {
            key.to_string()
        } else {
            format!("{prefix}.{key}")
        };
        if matches!(member, Json::Object(inner) if !inner.is_empty()) {
            add_names(member, &name, names);
        } else {
            names.push(name);
        }
    }
}

impl JsonPath {
    pub(super) fn new(reference: &Reference) -> JsonPath {
        // An optional member is one that may be missing in every row.
        let seen = reference.optional;
        JsonPath {
            of_item: reference.of_item,
            seen,
            ..JsonPath::of(&reference.name)
        }
    }

    pub(super) fn of(name: &str) -> JsonPath {
        let segments = name.split('.').map(str::to_owned).collect();
        JsonPath {
            name: name.to_owned(),
            segments,
            of_item: false,
            seen: false,
        }
    }

    /// The member: one of exactly that name, or else down the dots; a number counts in an array.
    pub(super) fn find<'j>(&self, start: &'j Json) -> Option<&'j Json> {
        if let Some(member) = start.get(&self.name) {
            return Some(member);
        }
        self.segments
            .iter()
            .try_fold(start, |value, segment| match value {
                Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
                value => value.get(segment),
            })
    }
}

/// A value as a cell: scalars as written, lists and objects as canonical JSON, empty ones unknown.
pub(super) fn json_text(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::Null => None,
        Json::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Json::Number(text) => Some(Cow::Borrowed(text)),
        Json::String(text) => Some(Cow::Borrowed(text.trim())),
        Json::Array(items) if items.is_empty() => None,
        Json::Object(members) if members.is_empty() => None,
        nested => Some(Cow::Owned(nested.to_canonical())),
    }
}
