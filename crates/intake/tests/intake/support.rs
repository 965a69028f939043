//! A scratch directory of files, and imports from it.

use std::path::{Path, PathBuf};

use piecework_intake::{Import, ImportError, Input, Map, Options, Refused};
use work::Event;

/// The directory of a data set, or `None` with a word on standard error where there is no data.
pub(crate) fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PIECEWORK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let directory = root.join(set);
    if directory.is_dir() {
        return Some(directory);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "CI needs {}",
        directory.display()
    );
    eprintln!(
        "skipped: {} is not there; set PIECEWORK_DATA",
        directory.display()
    );
    None
}

pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Scratch {
        let scratch = Scratch(tempfile::tempdir().unwrap());
        for (name, contents) in files {
            std::fs::write(scratch.path(name), contents).unwrap();
        }
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Imports files by name.
    pub(crate) fn import(&self, map: &str, names: &[&str]) -> (Vec<Event>, Vec<Refused>) {
        self.try_import(map, names)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_import(
        &self,
        map: &str,
        names: &[&str],
    ) -> Result<(Vec<Event>, Vec<Refused>), ImportError> {
        let map = Map::parse(map).unwrap_or_else(|error| panic!("{:#?}", error.faults));
        let inputs: Vec<Input> = names
            .iter()
            .map(|name| Input::new(self.path(name)))
            .collect();
        let import = Import::open(&map, &inputs, Options::default())?;
        let (mut events, mut refused) = (Vec::new(), Vec::new());
        for item in import {
            match item {
                Ok(event) => events.push(event),
                Err(fault) => refused.push(fault),
            }
        }
        Ok((events, refused))
    }
}

/// Imports one CSV text.
pub(crate) fn import_csv(map: &str, text: impl AsRef<[u8]>) -> (Vec<Event>, Vec<Refused>) {
    Scratch::new(&[("rows.csv", text.as_ref())]).import(map, &["rows.csv"])
}

/// Imports one JSON text.
pub(crate) fn import_json(map: &str, text: impl AsRef<[u8]>) -> (Vec<Event>, Vec<Refused>) {
    Scratch::new(&[("rows.jsonl", text.as_ref())]).import(map, &["rows.jsonl"])
}
