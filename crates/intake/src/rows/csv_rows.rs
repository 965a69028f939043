//! Rows of a CSV file with a header.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::Arc;

use work::Json;

use super::json_rows::{JsonPath, json_text};
use super::{MissingColumn, Outcome, RowsError};
use crate::csv::{Csv, Read};
use crate::input::InputError;
use crate::map::{Reference, Shape};
use crate::nearest::nearest;

pub(super) struct CsvRows {
    pub(super) csv: Csv,
    pub(super) names: Vec<String>,
    /// Where each reference stands in a row; `None` for an optional column that is not there.
    pub(super) columns: Vec<Option<Column>>,
    pub(super) header: Option<Arc<[u8]>>,
    /// The first row was read to count the columns, and is still to be given out.
    pub(super) held: bool,
}

/// Where a reference stands in a row.
pub(super) struct Column {
    index: usize,
    /// The path inside the cell, of a column that holds JSON.
    inside: Option<JsonPath>,
}

impl CsvRows {
    /// The cell of a reference, without the white space around it.
    pub(super) fn cell(&self, reference: usize) -> Option<Cow<'_, str>> {
        let column = self.columns.get(reference)?.as_ref()?;
        let text = self.csv.field(column.index).trim();
        let Some(path) = &column.inside else {
            return Some(Cow::Borrowed(text));
        };
        let json = Json::parse(text).ok()?;
        json_text(path.find(&json)?).map(|text| Cow::Owned(text.into_owned()))
    }

    pub(super) fn open(
        mut csv: Csv,
        path: &Path,
        shape: &Shape,
        references: &[Reference],
    ) -> Result<CsvRows, RowsError> {
        let first = csv.read().map_err(|source| InputError {
            path: path.to_owned(),
            source,
        })?;
        let no_header = |problem: &str| RowsError::NoHeader {
            path: path.to_owned(),
            problem: problem.to_owned(),
        };
        match first {
            Read::Row => {}
            Read::End => return Err(no_header("the file is empty")),
            Read::Broken(problem) => return Err(no_header(&problem)),
        }
        let names: Vec<String> = match &shape.columns {
            Some(names) if names.len() != csv.len() => {
                return Err(RowsError::ColumnCount {
                    path: path.to_owned(),
                    found: csv.len(),
                    named: names.len(),
                });
            }
            Some(names) => names.clone(),
            None => (0..csv.len())
                .map(|index| csv.field(index).trim().to_owned())
                .collect(),
        };
        let header = shape.header.then(|| Arc::from(csv.raw()));
        let columns = find_columns(path, &names, references)?;
        Ok(CsvRows {
            csv,
            names,
            columns,
            header,
            held: !shape.header,
        })
    }

    pub(super) fn read(&mut self) -> io::Result<Outcome> {
        if std::mem::take(&mut self.held) {
            return Ok(Outcome::Row);
        }
        Ok(match self.csv.read()? {
            Read::End => Outcome::End,
            Read::Row => Outcome::Row,
            Read::Broken(problem) => Outcome::Broken(problem),
        })
    }
}

fn find_columns(
    path: &Path,
    names: &[String],
    references: &[Reference],
) -> Result<Vec<Option<Column>>, RowsError> {
    let mut missing = Vec::new();
    let mut columns = Vec::new();
    for reference in references {
        let mut at = names
            .iter()
            .enumerate()
            .filter(|(_, name)| **name == reference.name);
        let found = at.next().map(|(index, _)| Column {
            index,
            inside: None,
        });
        if found.is_some() && at.next().is_some() {
            let column = reference.name.clone();
            return Err(RowsError::Ambiguous {
                path: path.to_owned(),
                column,
            });
        }
        // A name that itself ends in a question mark: `{Solved?}` is the column `Solved?`.
        let found = found.or_else(|| {
            let asked = format!("{}?", reference.name);
            let index = names
                .iter()
                .position(|name| reference.optional && *name == asked)?;
            Some(Column {
                index,
                inside: None,
            })
        });
        // `{Tags.team}`: a member of the JSON in the column `Tags`.
        let found = found.or_else(|| {
            let (column, path) = reference.name.split_once('.')?;
            let index = names.iter().position(|name| name == column)?;
            Some(Column {
                index,
                inside: Some(JsonPath::of(path)),
            })
        });
        if found.is_none() && !reference.optional {
            let near = nearest(&reference.name, names.iter().map(String::as_str));
            missing.push(MissingColumn {
                column: reference.name.clone(),
                nearest: near.map(str::to_owned),
                span: reference.span.clone(),
            });
        }
        columns.push(found);
    }
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(RowsError::Missing {
            path: path.to_owned(),
            missing,
            header: names.to_vec(),
        })
    }
}
