//! [`Backups`]: copies of the book, made while it is served.
//!
//! A copy has a name that says when it was begun, in a directory that the operator chose; no part of a path comes
//! from a request. Not here: what a copy consists of (`store`), carrying it elsewhere, and deleting old ones.
//! Invariants: a directory under a name without a dot in front is a whole copy, and is on disk; one copy is made
//! at a time.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use store::{Store, StoreError};
use utoipa::ToSchema;

use crate::problem::{Code, Problem};

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// It is being made.
    Running,
    /// It is there, and on disk.
    Whole,
    /// It was not made; the log of the server has the reason.
    Failed,
}

/// Where copies go, and the last one that this process began.
#[derive(Debug)]
pub struct Backups {
    directory: PathBuf,
    last: Mutex<Option<(String, BackupState)>>,
}

impl Backups {
    /// Copies into a directory, which is made where it is not there. What an earlier process left unfinished is
    /// taken away.
    ///
    /// # Errors
    /// Where the directory cannot be made, read or written.
    pub fn into_directory(directory: PathBuf) -> io::Result<Backups> {
        fs::create_dir_all(&directory)?;
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if name
                .to_str()
                .and_then(|own| own.strip_prefix('.'))
                .is_some_and(is_name)
            {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Backups {
            directory,
            last: Mutex::default(),
        })
    }

    /// Begins a copy at an instant; its name.
    ///
    /// # Errors
    /// [`Code::Conflict`] while another is being made, or where there is one of that instant.
    pub(crate) fn begin(&self, now: Timestamp) -> Result<String, Problem> {
        let mut last = self.last();
        if let Some((name, BackupState::Running)) = last.as_ref() {
            let detail = format!("the copy `{name}` is being made; wait for its end");
            return Err(Problem::new(Code::Conflict, detail));
        }
        let name = now.strftime("%Y%m%dT%H%M%S.%3fZ").to_string();
        if self.directory.join(&name).exists() {
            let detail = format!("there is a copy `{name}` of the same instant");
            return Err(Problem::new(Code::Conflict, detail));
        }
        *last = Some((name.clone(), BackupState::Running));
        Ok(name)
    }

    /// Makes the copy that was begun under a name.
    pub(crate) fn make(&self, store: &dyn Store, name: &str) {
        // Where it panics, nobody is to wait for it.
        let mut ending = Ending {
            backups: self,
            name,
            state: BackupState::Failed,
        };
        match self.copy(store, name) {
            Ok(()) => {
                tracing::info!(name, "a copy of the book was made");
                ending.state = BackupState::Whole;
            }
            Err(error) => tracing::error!(name, %error, "no copy of the book was made"),
        }
    }

    /// Says that a copy that was begun is not made.
    pub(crate) fn give_up(&self, name: &str) {
        *self.last() = Some((name.to_owned(), BackupState::Failed));
    }

    fn copy(&self, store: &dyn Store, name: &str) -> Result<(), StoreError> {
        let new = self.directory.join(format!(".{name}"));
        let made = store.backup(&new).and_then(|()| {
            let whole = self.directory.join(name);
            fs::rename(&new, &whole)
                .and_then(|()| File::open(&self.directory)?.sync_all())
                .map_err(|source| StoreError::Io {
                    doing: "finishing the copy",
                    path: whole.clone(),
                    source,
                })
        });
        if made.is_err() {
            // It may not have come so far; what stays is taken away when the server starts.
            let _ = fs::remove_dir_all(&new);
        }
        made
    }

    /// How far a copy is; `None` where there is none of that name.
    pub(crate) fn state(&self, name: &str) -> Option<BackupState> {
        let last = self.last();
        let own = last.as_ref().filter(|(own, _)| own == name);
        let own = own.map(|(_, state)| *state);
        own.or_else(|| {
            let is_there = is_name(name) && self.directory.join(name).is_dir();
            is_there.then_some(BackupState::Whole)
        })
    }

    /// When the newest whole copy was begun, for `/metrics`: 0 where there is none.
    pub(crate) fn metric(&self) -> String {
        let name = "piecework_newest_backup_timestamp_seconds";
        let newest = self.newest().unwrap_or_default().as_second();
        format!(
            "# HELP {name} When the newest whole copy of the book was begun; 0 where there is none.\n\
             # TYPE {name} gauge\n{name} {newest}\n"
        )
    }

    fn newest(&self) -> Option<Timestamp> {
        let entries = fs::read_dir(&self.directory).ok()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let newest = names.filter(|own| is_name(own)).max()?;
        newest.parse().ok()
    }

    fn last(&self) -> MutexGuard<'_, Option<(String, BackupState)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says how a copy ended, however it did.
struct Ending<'b> {
    backups: &'b Backups,
    name: &'b str,
    state: BackupState,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.backups.last() = Some((self.name.to_owned(), self.state));
    }
}

/// Whether it is a name of ours: `20260201T093000.000Z`.
fn is_name(name: &str) -> bool {
    const FORM: &[u8] = b"00000000T000000.000Z";
    name.len() == FORM.len()
        && name.bytes().zip(FORM).all(|(own, form)| match form {
            b'0' => own.is_ascii_digit(),
            _ => own == *form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_instants_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("backups");
        let backups = Backups::into_directory(path.clone()).unwrap();
        let now: Timestamp = "2026-02-01T09:30:00.123456Z".parse().unwrap();
        let name = backups.begin(now).unwrap();
        assert_eq!(name, "20260201T093000.123Z");
        assert!(is_name(&name));
        assert_eq!(backups.state(&name), Some(BackupState::Running));
        assert_eq!(backups.begin(now).unwrap_err().code(), Code::Conflict);
        fs::create_dir(path.join(&name)).unwrap();
        let newest = backups.newest().unwrap();
        assert_eq!(newest, "2026-02-01T09:30:00.123Z".parse().unwrap());
        for other in [
            "",
            ".",
            "..",
            "../x",
            "20260201T093000.123Z/..",
            "book",
            "20260201T093000.12€",
        ] {
            assert_eq!(backups.state(other), None, "{other}");
        }
    }

    #[test]
    fn what_was_left_unfinished_is_taken_away_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        for name in [".20260201T093000.123Z", "20260201T093000.123Z", ".cache"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        Backups::into_directory(path.to_owned()).unwrap();
        let there = |name: &str| path.join(name).exists();
        assert!(!there(".20260201T093000.123Z"));
        assert!(there("20260201T093000.123Z") && there(".cache"));
    }
}
