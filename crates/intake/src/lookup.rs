//! Lookup files: a second file, held by key, of which only the columns asked for are kept.
//!
//! Bounded by [`LOOKUP_ROWS_MAX`] and [`LOOKUP_BYTES_MAX`]. The same key with other contents is an
//! error: which row speaks must not depend on the order of the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::input::{self, Progress};
use crate::limits::{LOOKUP_BYTES_MAX, LOOKUP_ROWS_MAX};
use crate::map::LookupSpec;
use crate::rows::{Next, Rows, RowsError};

/// Why a lookup file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// There is no such file.
    #[error(
        "`[lookup.{name}]` needs {file}, which is neither among the files given nor beside them; give its path too"
    )]
    NotFound {
        /// The lookup.
        name: String,
        /// Its file.
        file: String,
    },
    /// Its rows cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A row is broken, or two rows of one key differ.
    #[error("{path} line {line}: {problem}", path = .path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// The file is larger than memory should hold.
    #[error("{path} is too large to look up: at most {LOOKUP_ROWS_MAX} rows and {LOOKUP_BYTES_MAX} bytes are kept", path = .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// A lookup file in memory.
#[derive(Debug)]
pub(crate) struct Lookup {
    rows: HashMap<String, Box<[Option<Box<str>>]>>,
}

impl Lookup {
    pub(crate) fn load(
        spec: &LookupSpec,
        path: &Path,
        progress: &Progress,
    ) -> Result<Lookup, LookupError> {
        progress.expect(input::size(path).map_err(RowsError::from)?);
        let mut rows = Rows::open(path, &spec.shape, &spec.references, progress)?;
        let mut kept: HashMap<String, Box<[Option<Box<str>>]>> = HashMap::new();
        let mut bytes = 0;
        loop {
            match rows.read() {
                Next::End => return Ok(Lookup { rows: kept }),
                Next::Refused(refused) => {
                    return Err(LookupError::Row {
                        path: path.to_owned(),
                        line: refused.line,
                        problem: refused.problem,
                    });
                }
                Next::Row => {}
            }
            let Some(key) = rows.cell(0, None) else {
                continue;
            };
            let cells: Box<[Option<Box<str>>]> = (0..spec.references.len())
                .map(|reference| rows.cell(reference, None).map(|text| Box::from(&*text)))
                .collect();
            bytes += key.len() + cells.iter().flatten().map(|text| text.len()).sum::<usize>();
            if kept.len() >= LOOKUP_ROWS_MAX || bytes > LOOKUP_BYTES_MAX {
                return Err(LookupError::TooLarge {
                    path: path.to_owned(),
                });
            }
            let key = key.into_owned();
            if kept.get(&key).is_some_and(|known| *known != cells) {
                let refused = rows.refused("", String::new());
                return Err(LookupError::Row {
                    path: path.to_owned(),
                    line: refused.line,
                    problem: format!("a second row with the key `{key}` says something else"),
                });
            }
            kept.insert(key, cells);
        }
    }

    /// A cell of the row with that key; column 0 is the key itself.
    pub(crate) fn get(&self, column: usize, key: &str) -> Option<&str> {
        self.rows.get(key)?.get(column)?.as_deref()
    }
}
