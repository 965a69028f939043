//! The files of an import, and which part of the map reads which.

use std::path::{Path, PathBuf};

use crate::ImportError;
use crate::map::Map;
use crate::refused::original_name;

/// A file to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The file.
    pub path: PathBuf,
    /// The name of the `[[file]]` that reads it; `None` where the file's own name tells.
    pub name: Option<String>,
}

impl Input {
    /// A file that is recognised by its own name.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Input {
        Input {
            path: path.into(),
            name: None,
        }
    }

    /// A file as the command line gives it: `path`, or `name=path` where its own name does not tell.
    #[must_use]
    pub fn from_argument(argument: &str) -> Input {
        match argument.split_once('=') {
            Some((name, path)) if !Path::new(argument).exists() => Input {
                path: path.into(),
                name: Some(name.to_owned()),
            },
            _ => Input::new(argument),
        }
    }

    /// The name that a `[[file]]` is matched with: without `.gz` and `.refused`.
    fn match_name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let name = self
            .path
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        original_name(name.strip_suffix(".gz").unwrap_or(&name))
    }
}

/// The part of the map that reads a file; `None` for a file that is only looked up.
pub(crate) fn file_map(map: &Map, input: &Input) -> Result<Option<usize>, ImportError> {
    if let [only] = map.files.as_slice()
        && only.name.is_none()
    {
        return Ok(Some(0));
    }
    let name = input.match_name();
    let found = map.files.iter().position(|file| {
        file.name
            .as_deref()
            .is_some_and(|pattern| matches(pattern, &name))
    });
    if found.is_some()
        || map
            .lookups
            .iter()
            .any(|lookup| matches(&lookup.file, &name))
    {
        return Ok(found);
    }
    Err(ImportError::NoFileMap {
        path: input.path.clone(),
        names: map.file_names().into_iter().map(str::to_owned).collect(),
    })
}

/// A lookup's file: among the files given, or beside one of them, plain or compressed.
pub(crate) fn lookup_path(file: &str, inputs: &[Input]) -> Option<PathBuf> {
    if let Some(input) = inputs
        .iter()
        .find(|input| matches(file, &input.match_name()))
    {
        return Some(input.path.clone());
    }
    inputs.iter().find_map(|input| {
        let directory = input.path.parent().unwrap_or(Path::new(""));
        let beside = [directory.join(file), directory.join(format!("{file}.gz"))];
        beside.into_iter().find(|path| path.is_file())
    })
}

/// Whether a name is of a pattern, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, expected) in [
            ("events.csv", "events.csv", true),
            ("events.csv", "old-events.csv", false),
            ("events*.csv", "events-2026-01.csv", true),
            ("*", "anything", true),
            ("*.csv", "events.csv.bak", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ab", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
