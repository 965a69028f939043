//! The lock that keeps a second process out of a book.
//!
//! The operating system holds it (an advisory file lock), so that it vanishes with its process; what
//! is written in the file only serves the message of whoever is kept out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;

use crate::StoreError;

/// Held as long as the book is open.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the book at `book`.
    pub(super) fn take(book: &Path) -> Result<Lock, StoreError> {
        let path = book.join("lock");
        let fault = |source| StoreError::io("locking the book", &path, source);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let said = std::fs::read_to_string(&path).unwrap_or_default();
                let said = said.trim();
                let holder = if said.is_empty() {
                    "it did not say which"
                } else {
                    said
                };
                return Err(StoreError::Locked {
                    path: book.to_owned(),
                    holder: holder.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
        let program = std::env::current_exe().ok();
        let program = program
            .as_deref()
            .and_then(Path::file_name)
            .unwrap_or_default();
        let holder = format!("process {}, {}\n", std::process::id(), program.display());
        // Without room for the name the lock still holds.
        if file.set_len(0).is_ok() {
            let _ = file.write_all(holder.as_bytes());
        }
        Ok(Lock { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}
