//! The thread that follows the journal.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::file::set_applied;
use super::fold::Fold;
use super::governed::Cache;
use super::{State, Writer};
use crate::StoreError;

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
                Ok(true) => continue,
                Ok(false) => {}
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

    /// Applies some commits; false where there were none.
    fn step(&self) -> Result<bool, StoreError> {
        let mut writer = self.writer();
        let after = self.progress().applied;
        let until = self.journal.committed();
        if after.number >= until {
            return Ok(false);
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
            again: Vec::new(),
        };
        let folded = fold.apply(after, until);
        let again = fold.again;
        let applied = folded.and_then(|applied| {
            let noted = set_applied(&transaction, applied);
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
        Ok(true)
    }
}
