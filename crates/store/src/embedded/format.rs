//! `book.toml`: says that a directory is a book, and of which format.
//!
//! Written last when a book is made and never again, so that a directory whose making was
//! interrupted is not taken for a book.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::StoreError;

/// The format that this release reads and writes.
pub(super) const FORMAT: u32 = 2;

const NAME: &str = "book.toml";

/// Whether the directory says that it is a book.
pub(super) fn is_book(book: &Path) -> bool {
    book.join(NAME).exists()
}

/// Marks a directory as a book.
pub(super) fn write(book: &Path) -> Result<(), StoreError> {
    let (path, new) = (book.join(NAME), book.join("book.toml.new"));
    let text = format!(
        "# A piecework book. `journal` is the truth and must be kept; `state.db` can be made again.\n\
         format = {FORMAT}\n"
    );
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(book)?.sync_all()
    };
    write().map_err(|source| StoreError::io("writing `book.toml`", &path, source))
}

/// Refuses what is not a book of this format.
pub(super) fn check(book: &Path) -> Result<(), StoreError> {
    let path = book.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::NotABook {
                path: book.to_owned(),
            });
        }
        Err(source) => return Err(StoreError::io("reading `book.toml`", &path, source)),
    };
    let found = match text.parse::<toml::Table>() {
        Err(error) => format!("nothing readable ({})", error.message()),
        Ok(table) => match table.get("format") {
            Some(toml::Value::Integer(format)) if *format == i64::from(FORMAT) => return Ok(()),
            Some(other) => format!("format {other}"),
            None => "no format".to_owned(),
        },
    };
    Err(StoreError::Format {
        path,
        found,
        expected: FORMAT,
    })
}
