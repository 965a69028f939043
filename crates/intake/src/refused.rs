//! [`Refused`]: what could not be read, kept where it can be repaired.
//!
//! A refused row is written to a file that is importable again with the same map: the header of the
//! source, then per row a remark with line and reason, then the row as it was. Invariant: nothing is
//! dropped silently; what is too long to keep says so.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::limits::REFUSED_FILES_MAX;

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

/// Writes refused rows into a directory, one new file per source file, made when first needed.
#[derive(Debug)]
pub struct RefusedFiles {
    directory: PathBuf,
    /// By source file.
    open: BTreeMap<String, (PathBuf, BufWriter<File>)>,
}

impl RefusedFiles {
    /// Refused rows of `events.csv` will go to `events.refused.csv` in this directory, or to
    /// `events.refused.2.csv` where that exists: no earlier file of refused rows is written over.
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
        let file = match self.open.entry(refused.file.clone()) {
            Entry::Occupied(entry) => &mut entry.into_mut().1,
            Entry::Vacant(entry) => {
                let (path, mut file) = create(&self.directory, &refused.file)?;
                file.write_all(TITLE)?;
                writeln!(
                    file,
                    " of {}; repair them and import this file with the same map",
                    refused.file
                )?;
                if let Some(header) = &refused.header {
                    write_row(&mut file, header)?;
                }
                &mut entry.insert((path, file)).1
            }
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
        for (path, mut file) in self.open.into_values() {
            file.flush()?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// Makes a file for the refused rows of `file`, under a name that is not taken.
fn create(directory: &Path, file: &str) -> io::Result<(PathBuf, BufWriter<File>)> {
    let mut number = 1;
    loop {
        let path = directory.join(refused_name(file, number));
        match File::create_new(&path) {
            Ok(file) => return Ok((path, BufWriter::new(file))),
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists && number < REFUSED_FILES_MAX =>
            {
                number += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// `events.csv.gz` becomes `events.refused.csv`, the second time `events.refused.2.csv`.
fn refused_name(file: &str, number: usize) -> String {
    let name = Path::new(file)
        .file_name()
        .map_or(file.into(), |name| name.to_string_lossy());
    let name = original_name(name.strip_suffix(".gz").unwrap_or(&name));
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) => (stem, format!(".{ending}")),
        None => (name.as_str(), String::new()),
    };
    match number {
        1 => format!("{stem}.refused{ending}"),
        number => format!("{stem}.refused.{number}{ending}"),
    }
}

/// The name of the file whose refused rows this one holds; its own name otherwise.
pub(crate) fn original_name(name: &str) -> String {
    let Some((stem, rest)) = name.split_once(".refused") else {
        return name.to_owned();
    };
    let ending = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    match (rest.is_empty(), rest.starts_with('.'), ending.is_empty()) {
        (true, ..) | (_, true, true) => stem.to_owned(),
        (_, true, false) => format!("{stem}.{ending}"),
        _ => name.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::{original_name, refused_name};

    #[test]
    fn a_file_of_refused_rows_is_named_after_its_source_and_finds_back() {
        for (file, number, expected) in [
            ("dir/events.csv", 1, "events.refused.csv"),
            ("events.csv.gz", 2, "events.refused.2.csv"),
            ("events.refused.csv", 2, "events.refused.2.csv"),
            ("events", 3, "events.refused.3"),
        ] {
            let name = refused_name(file, number);
            assert_eq!(name, expected);
            let source = file.rsplit('/').next().unwrap();
            let source = source.trim_end_matches(".gz").replace(".refused", "");
            assert_eq!(original_name(&name), source);
        }
        assert_eq!(original_name("refused.csv"), "refused.csv");
        assert_eq!(
            original_name("events.refusedly.csv"),
            "events.refusedly.csv"
        );
    }
}
