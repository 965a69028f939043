//! The thread that follows the journal.
//!
//! Between two transactions it lets commits gather for a moment, because a transaction writes the pages that its
//! events share once; not while somebody waits for the state, and not while it is behind.

use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::file::{set_applied, write_back_after};
use super::fold::Fold;
use super::governed::Cache;
use super::{State, Writer};
use crate::StoreError;
use crate::limits::{GATHER_EVENTS_MAX, GATHER_TIME_MAX, STATE_WAL_PAGES, STATE_WAL_PAGES_BEHIND};

/// The following thread, which ends when this is dropped.
pub(in crate::embedded) struct Following {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Following {
    /// Starts to follow.
    pub(in crate::embedded) fn start(state: &Arc<State>) -> Result<Following, StoreError> {
        let thread = std::thread::Builder::new()
            .name("state".to_owned())
            .spawn({
                let state = Arc::clone(state);
                move || state.follow()
            })
            .map_err(|source| StoreError::io("starting the state", &state.path, source))?;
        Ok(Following {
            state: Arc::clone(state),
            thread: Some(thread),
        })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.state.progress().stopped = true;
        self.state.asked.notify_all();
        self.state.journal.announce();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn follow(&self) {
        let mut heard = 0;
        loop {
            if self.progress().stopped {
                self.moved.notify_all();
                return;
            }
            match self.step() {
                Ok(Some(events)) => {
                    if events < GATHER_EVENTS_MAX {
                        self.gather(GATHER_TIME_MAX);
                    }
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    self.remember_damage(&error);
                    let mut progress = self.progress();
                    progress.failures += 1;
                    progress.reason = error.to_string();
                    self.moved.notify_all();
                }
            }
            heard = self.journal.listen(heard);
        }
    }

    /// Waits for so long, or until somebody waits for the state.
    fn gather(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut progress = self.progress();
        while progress.waiting == 0 && !progress.stopped {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.asked.wait_timeout(progress, left);
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Applies some commits, and says how many events they have; `None` where there were none.
    fn step(&self) -> Result<Option<usize>, StoreError> {
        let mut writer = self.writer();
        let after = self.progress().applied;
        let until = self.journal.committed();
        if after.number >= until {
            return Ok(None);
        }
        let Writer {
            connection,
            cache,
            defaults,
        } = &mut *writer;
        let transaction = connection
            .unchecked_transaction()
            .map_err(|e| self.fault("beginning", e))?;
        let mut fold = Fold {
            journal: &self.journal,
            connection: &transaction,
            cache,
            defaults,
            events: 0,
            again: Vec::new(),
        };
        let folded = fold.apply(after, until);
        let (again, events) = (fold.again, fold.events);
        let applied = folded.and_then(|applied| {
            let noted = set_applied(&transaction, applied)
                .and_then(|()| write_back_after(&transaction, wal_pages(events)));
            noted.map_err(|e| self.fault("noting the position", e))?;
            transaction
                .commit()
                .map_err(|e| self.fault("applying commits", e))?;
            Ok(applied)
        });
        // What was read inside a transaction that failed may never have been.
        let applied = applied.inspect_err(|_| *cache = Cache::default())?;
        let mut lately = self.lately();
        again.into_iter().for_each(|own| lately.note(own));
        drop(lately);
        self.progress().applied = applied;
        self.moved.notify_all();
        Ok(Some(events))
    }
}

/// Pages of the write-ahead file after which it is written back, behind a transaction of so many events.
fn wal_pages(events: usize) -> i64 {
    if events < GATHER_EVENTS_MAX {
        STATE_WAL_PAGES
    } else {
        STATE_WAL_PAGES_BEHIND
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::embedded::journal::{Journal, Writing};

    /// Far longer than anybody waits for a test.
    const FOR_EVER: Duration = Duration::from_secs(24 * 3_600);

    /// A state that nobody follows but the test.
    fn state() -> (Arc<State>, Writing, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let (journal, writing) = Journal::open(&directory.path().join("journal")).unwrap();
        let (state, _) = State::open(&directory.path().join("state.db"), &journal).unwrap();
        (Arc::new(state), writing, directory)
    }

    #[test]
    fn whoever_waits_for_the_state_ends_the_gathering() {
        let (state, _writing, _directory) = state();
        state.journal.probe().unwrap();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| state.wait());
            state.gather(FOR_EVER);
            assert_eq!(state.step().unwrap(), Some(0));
            reader.join().unwrap().unwrap();
        });
        assert_eq!(state.progress().waiting, 0);
        assert_eq!(state.applied(), 1);
    }

    #[test]
    fn the_end_of_the_book_ends_the_gathering() {
        let (state, _writing, _directory) = state();
        std::thread::scope(|scope| {
            let gathering = scope.spawn(|| state.gather(FOR_EVER));
            state.progress().stopped = true;
            state.asked.notify_all();
            gathering.join().unwrap();
        });
    }

    #[test]
    fn gathering_ends_by_itself_and_what_gathered_is_one_transaction() {
        let (state, _writing, _directory) = state();
        for _ in 0..3 {
            state.journal.probe().unwrap();
        }
        state.gather(Duration::from_millis(1));
        assert_eq!(state.step().unwrap(), Some(0));
        assert_eq!(state.applied(), 3);
        assert_eq!(state.step().unwrap(), None);
    }

    #[test]
    fn the_write_ahead_file_is_short_unless_the_state_is_behind() {
        assert_eq!(wal_pages(0), STATE_WAL_PAGES);
        assert_eq!(wal_pages(GATHER_EVENTS_MAX - 1), STATE_WAL_PAGES);
        assert_eq!(wal_pages(GATHER_EVENTS_MAX), STATE_WAL_PAGES_BEHIND);
        let (state, _writing, _directory) = state();
        state.journal.probe().unwrap();
        state.step().unwrap();
        let writer = state.writer();
        let pages = writer
            .connection
            .query_row("PRAGMA wal_autocheckpoint", [], |row| row.get(0));
        assert_eq!(pages, Ok(STATE_WAL_PAGES));
    }
}
