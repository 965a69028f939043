//! `book.toml`: says that a directory is a book, and of which format.
//!
//! Written last when a book is made, so that a directory whose making was interrupted is not taken for a
//! book, and again when a book of an earlier format is opened: what this release adds to it, an earlier one
//! would take for damage.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::StoreError;

/// The format that this release writes. Since 3, commits tell where the deliveries came from that left no
/// entry.
pub(super) const FORMAT: u32 = 3;
/// The earliest format that it reads.
const EARLIEST: u32 = 2;

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

/// Refuses what is not a book that this release reads; whether it is of an earlier format.
pub(super) fn is_earlier(book: &Path) -> Result<bool, StoreError> {
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
            Some(toml::Value::Integer(format))
                if (i64::from(EARLIEST)..=i64::from(FORMAT)).contains(format) =>
            {
                return Ok(*format < i64::from(FORMAT));
            }
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
