//! The rows of a file, CSV or JSON alike, with cells by column reference.

mod csv_rows;
mod error;
mod json_rows;

use std::borrow::Cow;
use std::path::Path;

use work::{Digest, Json};

use crate::csv::Csv;
use crate::input::{self, InputError, Progress};
use crate::json_items::JsonItems;
use crate::lines::Lines;
use crate::map::{Format, Reference, Shape};
use crate::refused::{Refused, original_name};

use csv_rows::CsvRows;
pub use error::{MissingColumn, RowsError};
use json_rows::{JsonPath, JsonRows, json_text};

/// What a read came to.
pub(crate) enum Next {
    End,
    Row,
    Refused(Refused),
}

pub(crate) struct Rows {
    file: String,
    source: Source,
    empty: Vec<String>,
    done: bool,
}

enum Source {
    Csv(CsvRows),
    Json(JsonRows),
}

impl Rows {
    /// Opens a file and finds the columns in it, before the first row is read.
    pub(crate) fn open(
        path: &Path,
        shape: &Shape,
        references: &[Reference],
        progress: &Progress,
    ) -> Result<Rows, RowsError> {
        let contents = input::open(path, progress)?;
        let source = match shape.format.unwrap_or_else(|| format_of(path)) {
            Format::Json => {
                let items = JsonItems::new(contents).map_err(|source| InputError {
                    path: path.to_owned(),
                    source,
                })?;
                let paths = references.iter().map(JsonPath::new).collect();
                Source::Json(JsonRows {
                    items,
                    row: Json::Null,
                    paths,
                    rows: 0,
                })
            }
            Format::Csv => {
                let csv = Csv::new(Lines::new(contents), shape.dialect);
                Source::Csv(CsvRows::open(csv, path, shape, references)?)
            }
        };
        let file = path.display().to_string();
        Ok(Rows {
            file,
            source,
            empty: shape.empty.clone(),
            done: false,
        })
    }

    /// A row that did not come from a file: a JSON object. There is no row after it.
    pub(crate) fn of_value(row: Json, references: &[Reference]) -> Rows {
        Rows {
            file: String::new(),
            source: Source::Json(JsonRows {
                items: JsonItems::none(),
                row,
                paths: references.iter().map(JsonPath::new).collect(),
                rows: 1,
            }),
            empty: Vec::new(),
            done: true,
        }
    }

    /// Reads the next row. A file that cannot be read on is refused at that place and ends.
    pub(crate) fn read(&mut self) -> Next {
        if self.done {
            return Next::End;
        }
        let read = match &mut self.source {
            Source::Csv(rows) => rows.read(),
            Source::Json(rows) => rows.read(),
        };
        match read {
            Ok(Outcome::Row) => Next::Row,
            Ok(Outcome::End) => {
                self.done = true;
                Next::End
            }
            Ok(Outcome::Broken(problem)) => Next::Refused(self.refused("", problem)),
            Err(error) => {
                self.done = true;
                let problem =
                    format!("reading stopped here: {error}; the rows before it were read");
                Next::Refused(Refused {
                    raw: Vec::new(),
                    ..self.refused("", problem)
                })
            }
        }
    }

    /// The current row, refused.
    pub(crate) fn refused(&self, pointer: &str, problem: String) -> Refused {
        let (line, raw, header) = match &self.source {
            Source::Csv(rows) => (
                rows.csv.line(),
                rows.csv.raw().to_vec(),
                rows.header.clone(),
            ),
            Source::Json(rows) => (rows.items.line(), crate::one_line(rows.items.raw()), None),
        };
        Refused {
            file: self.file.clone(),
            line,
            pointer: pointer.to_owned(),
            problem,
            raw,
            header,
        }
    }

    /// A cell of the current row, without the white space around it; `None` where it is unknown.
    pub(crate) fn cell<'a>(
        &'a self,
        reference: usize,
        item: Option<&'a Json>,
    ) -> Option<Cow<'a, str>> {
        let text = match &self.source {
            Source::Csv(rows) => rows.cell(reference)?,
            Source::Json(rows) => {
                let path = rows.paths.get(reference)?;
                let start = if path.of_item { item? } else { &rows.row };
                json_text(path.find(start)?)?
            }
        };
        (!text.is_empty() && !self.empty.iter().any(|word| *word == text)).then_some(text)
    }

    /// The elements of an array of a JSON row; none where there is no such array.
    pub(crate) fn array(&self, path: &str) -> &[Json] {
        let Source::Json(rows) = &self.source else {
            return &[];
        };
        match JsonPath::of(path).find(&rows.row) {
            Some(Json::Array(items)) => items,
            _ => &[],
        }
    }

    /// Whether the file is JSON.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.source, Source::Json(_))
    }

    /// The columns of a CSV file, or the members of the current JSON row by dotted path.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.source {
            Source::Csv(rows) => rows.names.clone(),
            Source::Json(rows) => rows.names(),
        }
    }

    /// A digest of the row's contents: its cells, or its canonical JSON.
    pub(crate) fn digest(&self) -> String {
        let mut text = String::new();
        match &self.source {
            Source::Csv(rows) => {
                for index in 0..rows.csv.len() {
                    let cell = rows.csv.field(index).trim();
                    // The length keeps `a,b` and `ab,` apart.
                    text.push_str(&format!("{}:{cell}", cell.len()));
                }
            }
            Source::Json(rows) => text = rows.row.to_canonical(),
        }
        Digest::of(text.as_bytes()).to_string()[..16].to_owned()
    }

    /// Members that the map speaks of and that no row had: most often a misspelt path.
    pub(crate) fn never_seen(&self) -> Vec<String> {
        let Source::Json(rows) = &self.source else {
            return Vec::new();
        };
        if rows.rows == 0 {
            return Vec::new();
        }
        let unseen = rows.paths.iter().filter(|path| !path.seen && !path.of_item);
        unseen.map(|path| path.name.clone()).collect()
    }
}

enum Outcome {
    End,
    Row,
    Broken(String),
}

/// What a file's name says of its form.
pub(crate) fn format_of(path: &Path) -> Format {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let name = original_name(name.strip_suffix(".gz").unwrap_or(&name));
    if [".json", ".jsonl", ".ndjson"]
        .iter()
        .any(|ending| name.ends_with(ending))
    {
        Format::Json
    } else {
        Format::Csv
    }
}
