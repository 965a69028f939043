//! The one writer: takes groups from the queue, commits each in one fsynced batch, and answers.
//!
//! An outcome is sent only after the commit that it stands for has returned. After a failed write
//! nothing further is written: what reached the disk is unknown until the book is opened again.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use fjall::PersistMode;

use super::group::{Group, Writes};
use super::queue::Part;
use super::record::Commit;
use super::{Journal, Tip};
use crate::limits::{SEALED_MEMTABLES_MAX, UNSORTED_TABLES_MAX};
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
    wait_for_room(journal)?;
    let number = journal.committed() + 1;
    let count = writes.entries.len() + writes.identities.len() + writes.heads.len() + 1;
    let mut batch = fjall::OwnedWriteBatch::with_capacity(journal.db.clone(), count)
        .durability(Some(PersistMode::SyncAll));
    for (key, entry) in writes.entries {
        batch.insert(&journal.entries, key, entry);
    }
    for (key, identity) in writes.identities {
        batch.insert(&journal.identities, key, identity);
    }
    for (key, head) in writes.heads {
        batch.insert(&journal.heads, key, head.to_be_bytes());
    }
    let chain = writes.commit.chain;
    let totals = writes.commit.totals;
    batch.insert(
        &journal.commits,
        number.to_be_bytes(),
        writes.commit.to_bytes(),
    );
    batch
        .commit()
        .map_err(|error| journal.fault("committing entries", error))?;
    *journal.tip.lock().unwrap_or_else(PoisonError::into_inner) = Tip {
        number,
        chain,
        totals,
    };
    journal.number.store(number, Ordering::Release);
    journal.announce();
    Ok(())
}

/// Waits until the journal's background work has caught up far enough that the commit cannot be
/// held inside the engine, where a worker that died of a full disk would never release it.
fn wait_for_room(journal: &Journal) -> Result<(), StoreError> {
    let keyspaces = [
        &journal.entries,
        &journal.identities,
        &journal.heads,
        &journal.commits,
    ];
    while keyspaces.iter().any(|keyspace| {
        keyspace.sealed_memtable_count() >= SEALED_MEMTABLES_MAX
            || keyspace.l0_table_count() >= UNSORTED_TABLES_MAX
    }) {
        // Fails where a background worker has failed.
        let alive = journal.db.persist(PersistMode::Buffer);
        alive.map_err(|error| journal.fault("writing tables", error))?;
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
