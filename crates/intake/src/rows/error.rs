//! Why the rows of a file cannot be read at all.

use std::path::PathBuf;

use crate::input::InputError;

/// Why the rows of a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The file has no header.
    #[error("{path} has no header line: {problem}", path = .path.display())]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// What stands there instead.
        problem: String,
    },
    /// Columns that the map speaks of are not in the file.
    #[error("{path} has no column {columns}; it has: {header}", path = .path.display(), columns = missing_list(.missing), header = .header.join(", "))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The columns.
        missing: Vec<MissingColumn>,
        /// The columns that the file has.
        header: Vec<String>,
    },
    /// A column name stands twice in the header, so that it names no column.
    #[error("{path} has two columns named `{column}`; give the columns names of your own with `columns = [...]`", path = .path.display())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// `columns` and the file disagree.
    #[error("{path} has {found} columns, but `columns` names {named}", path = .path.display())]
    ColumnCount {
        /// The file.
        path: PathBuf,
        /// Columns of the file.
        found: usize,
        /// Columns of the map.
        named: usize,
    },
}

/// A column that a map speaks of and the file does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// The column.
    pub column: String,
    /// The column of the file that may be meant.
    pub nearest: Option<String>,
    /// Where the map speaks of it.
    pub span: std::ops::Range<usize>,
}

fn missing_list(missing: &[MissingColumn]) -> String {
    let list: Vec<String> = missing
        .iter()
        .map(|column| match &column.nearest {
            Some(near) => format!("`{}` (did you mean `{near}`?)", column.column),
            None => format!("`{}`", column.column),
        })
        .collect();
    list.join(", ")
}
