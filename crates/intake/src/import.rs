//! [`Import`]: files and a map in, events out (`piecework import`).
//!
//! Everything that can be wrong before the first row (files that no part of the map reads, columns
//! that are not there) is an [`ImportError`] of [`Import::open`]; what is wrong in a row is a
//! [`Refused`] and stops nothing. A row is taken whole or refused whole. Invariant: memory is bounded
//! by one row, the lookup files and the keys of `after`, whatever the size of the files.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

use jiff::Timestamp;
use work::Event;

use crate::input::{self, InputError, Progress};
use crate::inputs::{Input, file_map, lookup_path};
use crate::limits::{AFTER_BYTES_MAX, AFTER_KEYS_MAX, FILES_MAX};
use crate::lookup::{Lookup, LookupError};
use crate::make::{Context, Fault, events_of};
use crate::map::condition::Earlier;
use crate::map::{FileMap, Map};
use crate::refused::Refused;
use crate::rows::{Next, Rows, RowsError};

/// What an import is told beside the map.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The customer of events whose map names none.
    pub customer: Option<String>,
    /// The source of events whose map names none.
    pub source: Option<String>,
    /// When the rows arrived: an event that claims to happen long after it is refused with its row.
    /// Without it no event is refused for its time.
    pub received_at: Option<Timestamp>,
    /// Told how far reading has come.
    pub progress: Progress,
}

/// Why an import cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No files were given.
    #[error("no file to import; give at least one")]
    NoFiles,
    /// Too many files.
    #[error("{0} files, at most {FILES_MAX} are imported at once")]
    TooManyFiles(usize),
    /// No part of the map reads the file.
    #[error("no `[[file]]` of the map is named like {path}; it has {names}. Say which one it is: `NAME={path}`", path = .path.display(), names = .names.join(", "))]
    NoFileMap {
        /// The file.
        path: PathBuf,
        /// The names that the map has.
        names: Vec<String>,
    },
    /// An event has no customer or source.
    #[error(
        "the map names no `{key}` for `{event}`; write `{key} = \"...\"` in the map, or give it on the command line"
    )]
    Unnamed {
        /// `customer` or `source`.
        key: &'static str,
        /// The type of the event.
        event: String,
    },
    /// `each` needs JSON.
    #[error("{path} is CSV, but the map uses `each`, which reads arrays in JSON", path = .path.display())]
    EachInCsv {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be opened.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A file's rows cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A lookup file cannot be used.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An `after` met more keys than memory should hold.
    #[error("`after` has to remember more than {AFTER_KEYS_MAX} keys or {AFTER_BYTES_MAX} bytes of them in {path}; split the file by key", path = .path.display())]
    TooManyKeys {
        /// The file.
        path: PathBuf,
    },
}

/// What an import has met so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows that were read, refused ones included.
    pub rows: u64,
    /// Rows that the map turns into no event.
    pub rows_without_event: u64,
    /// Events made.
    pub events: u64,
    /// Rows refused.
    pub refused: u64,
}

/// The events of an import, in the order of files and rows.
pub struct Import<'m> {
    map: &'m Map,
    options: Options,
    lookups: Vec<Lookup>,
    /// Per file map and `after`: the earliest time of each key.
    seen: Vec<Vec<HashMap<String, Timestamp>>>,
    files: VecDeque<(PathBuf, usize)>,
    current: Option<(Rows, usize)>,
    ready: VecDeque<Event>,
    counts: Counts,
    notes: Vec<String>,
}

impl<'m> Import<'m> {
    /// Opens the files, finds every column, loads lookups, and runs the passes that `after` needs.
    ///
    /// # Errors
    /// [`ImportError`]; nothing has been made into an event then.
    pub fn open(
        map: &'m Map,
        inputs: &[Input],
        options: Options,
    ) -> Result<Import<'m>, ImportError> {
        match inputs.len() {
            0 => return Err(ImportError::NoFiles),
            count if count > FILES_MAX => return Err(ImportError::TooManyFiles(count)),
            _ => {}
        }
        check_names(map, &options)?;
        let mut files = VecDeque::new();
        for input in inputs {
            let index = file_map(map, input)?;
            if let Some(index) = index {
                files.push_back((input.path.clone(), index));
            }
        }
        for (path, index) in &files {
            let file = &map.files[*index];
            let rows = Rows::open(path, &file.shape, &file.references, &Progress::default())?;
            if !rows.is_json() && file.events.iter().any(|event| event.each.is_some()) {
                return Err(ImportError::EachInCsv { path: path.clone() });
            }
            let passes = if file.afters.is_empty() { 1 } else { 2 };
            options.progress.expect(input::size(path)? * passes);
        }
        let mut lookups = Vec::new();
        for spec in &map.lookups {
            let path = lookup_path(&spec.file, inputs).ok_or_else(|| LookupError::NotFound {
                name: spec.name.clone(),
                file: spec.file.clone(),
            })?;
            lookups.push(Lookup::load(spec, &path, &options.progress)?);
        }
        let seen = map
            .files
            .iter()
            .map(|file| vec![HashMap::new(); file.afters.len()])
            .collect();
        let mut import = Import {
            map,
            options,
            lookups,
            seen,
            files,
            current: None,
            ready: VecDeque::new(),
            counts: Counts::default(),
            notes: Vec::new(),
        };
        import.remember()?;
        Ok(import)
    }

    /// What has been met so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What a reader should know when the import is over: members of the map's paths that no JSON
    /// row had.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The first pass of files whose map uses `after`: the earliest time of each key.
    fn remember(&mut self) -> Result<(), ImportError> {
        for (path, index) in &self.files {
            let file = &self.map.files[*index];
            if file.afters.is_empty() {
                continue;
            }
            let mut rows = Rows::open(path, &file.shape, &file.references, &self.options.progress)?;
            let seen = &mut self.seen[*index];
            let mut bytes = 0;
            loop {
                match rows.read() {
                    Next::End => break,
                    // A broken row is reported when it is its turn to become an event.
                    Next::Refused(_) => continue,
                    Next::Row => {}
                }
                for (after, seen) in file.afters.iter().zip(seen.iter_mut()) {
                    let context = Context::new(self.map, file, &rows, &self.lookups);
                    let Ok(Some((key, time))) = context.seen_by(after) else {
                        continue;
                    };
                    let earliest = seen.get(&key).is_none_or(|known| time < *known);
                    if earliest {
                        bytes += key.len();
                        seen.insert(key, time);
                    }
                    if seen.len() > AFTER_KEYS_MAX || bytes > AFTER_BYTES_MAX {
                        return Err(ImportError::TooManyKeys { path: path.clone() });
                    }
                }
            }
        }
        Ok(())
    }

    /// Opens the next file; `None` when there is none left.
    fn next_file(&mut self) -> Option<Result<(), Refused>> {
        let (path, index) = self.files.pop_front()?;
        let file = &self.map.files[index];
        match Rows::open(&path, &file.shape, &file.references, &self.options.progress) {
            Ok(rows) => {
                self.current = Some((rows, index));
                Some(Ok(()))
            }
            // The file was read when the import began, so it has changed since.
            Err(error) => {
                self.counts.refused += 1;
                Some(Err(Refused {
                    file: path.display().to_string(),
                    line: 0,
                    pointer: String::new(),
                    problem: error.to_string(),
                    raw: Vec::new(),
                    header: None,
                }))
            }
        }
    }

    /// Makes the events of the next row of the current file; `None` at its end.
    fn next_row(&mut self) -> Option<Result<(), Refused>> {
        let (rows, index) = self.current.as_mut()?;
        match rows.read() {
            Next::End => {
                for path in rows.never_seen() {
                    self.notes
                        .push(format!("no row had `{path}`, which the map speaks of"));
                }
                self.current = None;
                return None;
            }
            Next::Refused(refused) => {
                self.counts.rows += 1;
                self.counts.refused += 1;
                return Some(Err(refused));
            }
            Next::Row => self.counts.rows += 1,
        }
        let file: &FileMap = &self.map.files[*index];
        let context = Context::new(self.map, file, rows, &self.lookups);
        let earlier = Seen(&self.seen[*index]);
        match events_of(&context, &earlier, &self.options) {
            Ok(events) => {
                self.counts.rows_without_event += u64::from(events.is_empty());
                self.counts.events += events.len() as u64;
                self.ready.extend(events);
                Some(Ok(()))
            }
            Err(Fault { pointer, problem }) => {
                self.counts.refused += 1;
                Some(Err(rows.refused(&pointer, problem)))
            }
        }
    }
}

impl Iterator for Import<'_> {
    type Item = Result<Event, Refused>;

    fn next(&mut self) -> Option<Result<Event, Refused>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            let step = if self.current.is_some() {
                self.next_row()
            } else {
                Some(self.next_file()?)
            };
            if let Some(Err(refused)) = step {
                return Some(Err(refused));
            }
        }
    }
}

struct Seen<'a>(&'a [HashMap<String, Timestamp>]);

impl Earlier for Seen<'_> {
    fn first_seen(&self, after: usize, key: &str) -> Option<Timestamp> {
        self.0.get(after)?.get(key).copied()
    }
}

/// Refuses a map that leaves an event without customer or source.
fn check_names(map: &Map, options: &Options) -> Result<(), ImportError> {
    for event in map.files.iter().flat_map(|file| &file.events) {
        for (key, known) in [
            (
                "customer",
                event.customer.is_some() || options.customer.is_some(),
            ),
            ("source", event.source.is_some() || options.source.is_some()),
        ] {
            if !known {
                return Err(ImportError::Unnamed {
                    key,
                    event: event.kind.name(),
                });
            }
        }
    }
    Ok(())
}
