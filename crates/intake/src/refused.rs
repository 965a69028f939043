//! [`Refused`]: what could not be read, kept where it can be repaired.
//!
//! A refused row is written to a file that is importable again with the same map: the header of the
//! source, then per row a remark with line and reason, then the row as it was. Invariant: nothing is
//! dropped silently; what is too long to keep says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// First line of a file of refused rows.
pub(crate) const TITLE: &[u8] = b"#! piecework: refused rows";
/// How a remark begins.
pub(crate) const REMARK: &[u8] = b"#! ";
/// Written before a row that itself begins like a remark.
pub(crate) const ESCAPE: &[u8] = b"#!=";

/// A row, line or file that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}{at}: {problem}", at = if .pointer.is_empty() { String::new() } else { format!(" {}", .pointer) })]
pub struct Refused {
    /// The file.
    pub file: String,
    /// The line where the row begins, from 1.
    pub line: u64,
    /// JSON pointer of the fault in the event, or the column; empty for the whole row.
    pub pointer: String,
    /// What is wrong and what to do.
    pub problem: String,
    /// The row as it stands in the file; empty where the file itself could not be read on.
    pub raw: Vec<u8>,
    /// The header line of the file, where it has one.
    pub header: Option<Arc<[u8]>>,
}

/// Writes refused rows into a directory, one file per source file, made when first needed.
#[derive(Debug)]
pub struct RefusedFiles {
    directory: PathBuf,
    open: BTreeMap<String, BufWriter<File>>,
}

impl RefusedFiles {
    /// Refused rows of `events.csv` will go to `events.refused.csv` in this directory.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> RefusedFiles {
        RefusedFiles {
            directory: directory.into(),
            open: BTreeMap::new(),
        }
    }

    /// Adds a refused row to its file.
    ///
    /// # Errors
    /// The file system's error.
    pub fn write(&mut self, refused: &Refused) -> io::Result<()> {
        if !self.open.contains_key(&refused.file) {
            let path = self.directory.join(refused_name(&refused.file));
            let mut file = BufWriter::new(File::create(path)?);
            file.write_all(TITLE)?;
            writeln!(
                file,
                " of {}; repair them and import this file with the same map",
                refused.file
            )?;
            if let Some(header) = &refused.header {
                write_row(&mut file, header)?;
            }
            self.open.insert(refused.file.clone(), file);
        }
        let Some(file) = self.open.get_mut(&refused.file) else {
            return Ok(());
        };
        let problem = refused.problem.replace(['\n', '\r'], " ");
        writeln!(
            file,
            "#! line {}: {} {problem}",
            refused.line, refused.pointer
        )?;
        write_row(file, &refused.raw)
    }

    /// Ends the files and names them.
    ///
    /// # Errors
    /// The file system's error.
    pub fn finish(self) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (name, mut file) in self.open {
            file.flush()?;
            paths.push(self.directory.join(refused_name(&name)));
        }
        Ok(paths)
    }
}

/// `events.csv.gz` becomes `events.refused.csv`.
fn refused_name(file: &str) -> String {
    let name = Path::new(file)
        .file_name()
        .map_or(file.into(), |name| name.to_string_lossy());
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let name = original_name(name);
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.refused.{ending}"),
        None => format!("{name}.refused"),
    }
}

/// The name of the file whose refused rows this one holds; its own name otherwise.
pub(crate) fn original_name(name: &str) -> String {
    name.replacen(".refused.", ".", 1)
}

fn write_row(file: &mut impl Write, row: &[u8]) -> io::Result<()> {
    if row.is_empty() {
        return Ok(());
    }
    if row.starts_with(b"#!") {
        file.write_all(ESCAPE)?;
    }
    file.write_all(row)?;
    if row.ends_with(b"\n") {
        Ok(())
    } else {
        file.write_all(b"\n")
    }
}
