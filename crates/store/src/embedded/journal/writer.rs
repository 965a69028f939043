//! The one writer: takes groups from the queue, commits each in one fsynced batch, and answers.
//!
//! An outcome is sent only after the commit that it stands for has returned. After a failed write
//! nothing further is written: what reached the disk is unknown until the book is opened again.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use fjall::PersistMode;

use super::Journal;
use super::group::{Group, Writes};
use super::queue::{Part, Task};
use super::record::Commit;
use super::tiles::Edges;
use crate::{Outcome, StoreError};

/// Runs until the queue is closed.
pub(super) fn run(journal: &Arc<Journal>, mut last: Commit) {
    let mut edges = Edges::default();
    while let Some(parts) = journal.queue.take() {
        if let Some(reason) = journal.halted() {
            for part in parts {
                let _ = part.reply.send(Err(StoreError::Halted {
                    reason: reason.clone(),
                }));
            }
            continue;
        }
        match commit(journal, &last, &mut edges, parts) {
            Ok(commit) => last = commit,
            Err(reason) => {
                *journal.halt.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                journal.announce();
            }
        }
    }
}

/// Commits one group and answers its callers; an error is why the journal must halt.
fn commit(
    journal: &Journal,
    last: &Commit,
    edges: &mut Edges,
    parts: Vec<Part>,
) -> Result<Commit, String> {
    let mut group = Group::after(journal, last);
    let mut answers = Vec::with_capacity(parts.len());
    for part in parts {
        match take(&mut group, part.task) {
            Ok(outcomes) => answers.push((part.reply, outcomes)),
            // The record of one identity or log cannot be read, or what is to be kept is refused. What
            // the part has added so far is whole and counted; it is only not answered for, and may be
            // sent again.
            Err(error) => {
                let _ = part.reply.send(Err(error));
            }
        }
    }
    let writes = group.finish(edges);
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

/// Takes one task into the group.
fn take(group: &mut Group<'_>, task: Task) -> Result<Vec<Outcome>, StoreError> {
    match task {
        Task::Deliveries(events) => events
            .into_iter()
            .map(|event| group.decide(event))
            .collect(),
        Task::RefusedElsewhere(refused) => {
            for (origin, deliveries) in refused {
                group.count_refused(origin, deliveries);
            }
            Ok(Vec::new())
        }
        Task::Nothing => Ok(Vec::new()),
        Task::Aside(aside) => group.aside(aside).map(|()| Vec::new()),
    }
}

fn write(journal: &Journal, writes: Writes) -> Result<(), StoreError> {
    let room = journal.keyspaces.wait_for_room(&journal.db);
    room.map_err(|error| journal.fault("writing tables", error))?;
    let number = journal.committed() + 1;
    // Content and what finds it (length, extents), which is all that reading it back needs. With the times of the
    // file as well, every single event would also wait for a commit of the file system's own journal.
    let mut batch = fjall::OwnedWriteBatch::with_capacity(journal.db.clone(), writes.count())
        .durability(Some(PersistMode::SyncData));
    for (key, entry) in writes.entries {
        batch.insert(&journal.keyspaces.entries, key, entry);
    }
    for (key, identity) in writes.identities {
        batch.insert(&journal.keyspaces.identities, key, identity);
    }
    for (key, head) in writes.heads {
        batch.insert(&journal.keyspaces.heads, key, head);
    }
    for (key, tile) in writes.tiles {
        batch.insert(&journal.keyspaces.tiles, key, tile);
    }
    for (commitment, payload) in writes.payloads {
        let key = *commitment.as_bytes();
        match payload {
            Some(payload) => batch.insert(&journal.keyspaces.payloads, key, payload),
            None => batch.remove(&journal.keyspaces.payloads, key),
        }
    }
    for (key, note) in writes.checkpoints {
        batch.insert(&journal.keyspaces.checkpoints, key, note.to_string());
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
