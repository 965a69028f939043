//! The first rows of a file.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use crate::csv::Dialect;
use crate::input::{self, InputError, Progress};
use crate::limits::GUESS_ROWS_MAX;
use crate::map::{Format, Reference, Shape};
use crate::rows::{Next, Rows, RowsError, format_of};

/// Words that stand for an unknown cell in many files.
pub(super) const NULLS: [&str; 6] = ["NULL", "null", "None", "N/A", "n/a", "NaN"];

/// Header and first rows of a file, as far as guessing needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    file: String,
    format: Format,
    delimiter: char,
    names: Vec<String>,
    /// Cells by row and column; `None` where unknown.
    rows: Vec<Vec<Option<String>>>,
    /// Whether some cell was one of [`NULLS`].
    has_null: bool,
}

impl Sample {
    /// Reads at most [`GUESS_ROWS_MAX`] rows of a file; broken rows are passed over.
    ///
    /// # Errors
    /// [`RowsError`] where the file cannot be read or has no header.
    pub fn read(path: &Path) -> Result<Sample, RowsError> {
        Sample::read_up_to(path, GUESS_ROWS_MAX)
    }

    /// Reads at most so many rows of a file, so that no word of a column stays unknown; broken rows are passed over.
    ///
    /// # Errors
    /// As [`Sample::read`].
    pub fn read_up_to(path: &Path, rows_max: usize) -> Result<Sample, RowsError> {
        let progress = Progress::default();
        let mut shape = Shape::default();
        let format = first_byte_format(path)?.unwrap_or_else(|| format_of(path));
        shape.format = Some(format);
        if format == Format::Csv {
            shape.dialect.delimiter = delimiter(path)?;
        }
        let names = names(path, &shape, &progress)?;
        let references: Vec<Reference> = names
            .iter()
            .map(|name| Reference {
                name: name.clone(),
                optional: true,
                of_item: false,
                span: 0..0,
            })
            .collect();
        let mut rows = Rows::open(path, &shape, &references, &progress)?;
        let (mut cells, mut has_null) = (Vec::new(), false);
        for _ in 0..rows_max {
            match rows.read() {
                Next::End => break,
                Next::Refused(_) => continue,
                Next::Row => {}
            }
            let row = (0..names.len()).map(|column| {
                let cell = rows.cell(column, None)?;
                let is_null = NULLS.contains(&&*cell);
                has_null |= is_null;
                (!is_null).then(|| cell.into_owned())
            });
            cells.push(row.collect());
        }
        let file = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Sample {
            file,
            format,
            delimiter: char::from(shape.dialect.delimiter),
            names,
            rows: cells,
            has_null,
        })
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of rows looked at.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(super) fn has_null(&self) -> bool {
        self.has_null
    }

    pub(super) fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The known cells of a column.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column)?.as_deref())
    }

    /// The different words of a column, the most frequent first.
    pub(super) fn distinct(&self, name: &str) -> Vec<String> {
        let Some(column) = self.names.iter().position(|known| known == name) else {
            return Vec::new();
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for cell in self.cells(column) {
            *counts.entry(cell).or_default() += 1;
        }
        let mut words: Vec<(&str, usize)> = counts.into_iter().collect();
        words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        words.into_iter().map(|(word, _)| word.to_owned()).collect()
    }
}

/// All column names: of a CSV header, or of the members that any of the first JSON rows has.
fn names(path: &Path, shape: &Shape, progress: &Progress) -> Result<Vec<String>, RowsError> {
    let mut rows = Rows::open(path, shape, &[], progress)?;
    let mut names = rows.names();
    if shape.format == Some(Format::Json) {
        for _ in 0..GUESS_ROWS_MAX {
            match rows.read() {
                Next::End => break,
                Next::Refused(_) => {}
                Next::Row => {
                    for name in rows.names() {
                        if !names.contains(&name) {
                            names.push(name);
                        }
                    }
                }
            }
        }
    }
    Ok(names)
}

/// JSON shows itself by its first character, whatever the file is called.
fn first_byte_format(path: &Path) -> Result<Option<Format>, RowsError> {
    let line = first_bytes(path)?;
    let first = line.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(matches!(first, Some(b'{' | b'[')).then_some(Format::Json))
}

/// The delimiter that the header line has most of, outside quotes.
fn delimiter(path: &Path) -> Result<u8, RowsError> {
    let bytes = first_bytes(path)?;
    let header = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let quote = Dialect::default().quote;
    let count = |delimiter: u8| {
        let mut quoted = false;
        header
            .iter()
            .filter(|byte| {
                quoted ^= Some(**byte) == quote;
                !quoted && **byte == delimiter
            })
            .count()
    };
    // The last of equals wins, so the commonest stands last.
    let delimiters = [b'|', b'\t', b';', b','];
    Ok(delimiters
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b','))
}

fn first_bytes(path: &Path) -> Result<Vec<u8>, RowsError> {
    let mut contents = input::open(path, &Progress::default())?;
    let start = contents.fill_buf().map_err(|source| InputError {
        path: path.to_owned(),
        source,
    })?;
    Ok(start
        .strip_prefix(&[0xEF, 0xBB, 0xBF])
        .unwrap_or(start)
        .to_vec())
}
