//! The one writer: takes groups from the queue, commits each in one fsynced batch, and answers.
//!
//! An outcome is sent only after the commit that it stands for has returned. After a failed write
//! nothing further is written: what reached the disk is unknown until the book is opened again.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use fjall::PersistMode;

use super::Journal;
use super::group::{Group, Writes};
use super::queue::Part;
use super::record::Commit;
use crate::{Outcome, StoreError};

/// Runs until the queue is closed.
pub(super) fn run(journal: &Arc<Journal>, mut last: Commit) {
    while let Some(parts) = journal.queue.take() {
        if let Some(reason) = journal.halted() {
            for part in parts {
                let _ = part.reply.send(Err(StoreError::Halted {
                    reason: reason.clone(),
                }));
            }
            continue;
        }
        match commit(journal, &last, parts) {
            Ok(commit) => last = commit,
            Err(reason) => {
                *journal.halt.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                journal.announce();
            }
        }
    }
}

/// Commits one group and answers its callers; an error is why the journal must halt.
fn commit(journal: &Journal, last: &Commit, parts: Vec<Part>) -> Result<Commit, String> {
    let mut group = Group::after(journal, last);
    let mut answers = Vec::with_capacity(parts.len());
    for part in parts {
        group.count_refused(part.refused_elsewhere);
        let outcomes: Result<Vec<Outcome>, StoreError> = part
            .events
            .into_iter()
            .map(|event| group.decide(event, part.received_at))
            .collect();
        match outcomes {
            Ok(outcomes) => answers.push((part.reply, outcomes)),
            // The record of one identity or log cannot be read. What the part has added so far is
            // whole and counted; it is only not answered for, and may be sent again.
            Err(error) => {
                let _ = part.reply.send(Err(error));
            }
        }
    }
    let writes = group.finish();
    let commit = writes.commit.clone();
    match write(journal, writes) {
        Ok(()) => {
            for (reply, outcomes) in answers {
                let _ = reply.send(Ok(outcomes));
            }
            Ok(commit)
        }
        Err(error) => {
            let reason = error.to_string();
            let mut first = Some(error);
            for (reply, _) in answers {
                let error = first.take();
                let halted = || StoreError::Halted {
                    reason: reason.clone(),
                };
                let _ = reply.send(Err(error.unwrap_or_else(halted)));
            }
            Err(reason)
        }
    }
}

fn write(journal: &Journal, writes: Writes) -> Result<(), StoreError> {
    let room = journal.keyspaces.wait_for_room(&journal.db);
    room.map_err(|error| journal.fault("writing tables", error))?;
    let number = journal.committed() + 1;
    let count = writes.entries.len() + writes.identities.len() + writes.heads.len() + 1;
    let mut batch = fjall::OwnedWriteBatch::with_capacity(journal.db.clone(), count)
        .durability(Some(PersistMode::SyncAll));
    for (key, entry) in writes.entries {
        batch.insert(&journal.keyspaces.entries, key, entry);
    }
    for (key, identity) in writes.identities {
        batch.insert(&journal.keyspaces.identities, key, identity);
    }
    for (key, head) in writes.heads {
        batch.insert(&journal.keyspaces.heads, key, head.to_be_bytes());
    }
    let totals = writes.commit.totals;
    batch.insert(
        &journal.keyspaces.commits,
        number.to_be_bytes(),
        writes.commit.to_bytes(),
    );
    batch
        .commit()
        .map_err(|error| journal.fault("committing entries", error))?;
    *journal
        .totals
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = totals;
    journal.number.store(number, Ordering::Release);
    journal.announce();
    Ok(())
}
