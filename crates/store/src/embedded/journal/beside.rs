//! What is kept beside the logs: payloads behind commitments, signed checkpoints.
//!
//! Both are written by the one writer, in its batches, so that they are durable when a call returns.
//! Invariants: what is found under a commitment is what was committed to; a kept checkpoint is of a
//! tree that its log had.

use std::time::Duration;

use fjall::PersistMode;
use proof::commitment::{SALT_BYTES, of_member};
use tlog::{Checkpoint, Note};
use work::Digest;

use super::Journal;
use super::queue::{Aside, Task};
use super::record::{LogName, checkpoint_key};
use crate::{Payload, StoreError};

impl Journal {
    /// Keeps a payload, already joined to its salt.
    pub(in crate::embedded) fn put_payload(
        &self,
        commitment: Digest,
        member: Vec<u8>,
    ) -> Result<(), StoreError> {
        if self.has_payload(&commitment)? {
            return Ok(());
        }
        self.submit_and_wait(Task::Aside(Aside::Payload(commitment, Some(member))))
    }

    /// A payload, where it is kept.
    pub(in crate::embedded) fn payload(
        &self,
        commitment: &Digest,
    ) -> Result<Option<Payload>, StoreError> {
        let value = self
            .keyspaces
            .payloads
            .get(commitment.as_bytes())
            .map_err(|e| self.fault("looking up a payload", e))?;
        let Some(value) = value else { return Ok(None) };
        let (true, Some((salt, bytes))) = (
            of_member(&value) == Some(*commitment),
            value.split_first_chunk::<SALT_BYTES>(),
        ) else {
            let problem = "its salt and bytes are not what was committed to";
            return Err(StoreError::corrupt(
                format!("payload {commitment}"),
                problem,
            ));
        };
        Ok(Some(Payload {
            salt: *salt,
            bytes: bytes.to_vec(),
        }))
    }

    /// Removes a payload and its salt; whether there was one.
    pub(in crate::embedded) fn forget_payload(
        &self,
        commitment: Digest,
    ) -> Result<bool, StoreError> {
        let was_there = self.has_payload(&commitment)?;
        if was_there {
            self.submit_and_wait(Task::Aside(Aside::Payload(commitment, None)))?;
        }
        // Also where it was not: an earlier call may have ended between the two steps.
        self.erase_forgotten()?;
        Ok(was_there)
    }

    fn has_payload(&self, commitment: &Digest) -> Result<bool, StoreError> {
        let key = commitment.as_bytes();
        let found = self.keyspaces.payloads.contains_key(key);
        found.map_err(|e| self.fault("looking up a payload", e))
    }

    /// Makes the tables of `payloads` anew without what was removed, and has the old ones deleted.
    fn erase_forgotten(&self) -> Result<(), StoreError> {
        let payloads = &self.keyspaces.payloads;
        let erase = || {
            payloads.rotate_memtable()?;
            while payloads.sealed_memtable_count() > 0 {
                // Fails where a background worker has failed.
                self.db.persist(PersistMode::Buffer)?;
                std::thread::sleep(Duration::from_millis(1));
            }
            payloads.major_compact()
        };
        erase().map_err(|e| self.fault("erasing payloads", e))?;
        // fjall deletes the tables of an outgrown version when it rotates a memory table, of whichever
        // keyspace, after a later write. An empty commit is one.
        self.submit_and_wait(Task::Nothing)?;
        let rotated = self.keyspaces.commits.rotate_memtable();
        rotated
            .map(|_| ())
            .map_err(|e| self.fault("erasing payloads", e))
    }

    /// Keeps a checkpoint that is known to be the log's.
    pub(in crate::embedded) fn keep_checkpoint(
        &self,
        name: &LogName,
        checkpoint: Checkpoint,
        note: Note,
    ) -> Result<(), StoreError> {
        let aside = Aside::Checkpoint(name.clone(), checkpoint, note);
        self.submit_and_wait(Task::Aside(aside))
    }

    /// The checkpoint of a size, where one is kept.
    pub(super) fn checkpoint_at(
        &self,
        name: &LogName,
        size: u64,
    ) -> Result<Option<Note>, StoreError> {
        let value = self
            .keyspaces
            .checkpoints
            .get(checkpoint_key(name, size))
            .map_err(|e| self.fault("looking up a checkpoint", e))?;
        value
            .map(|value| read_checkpoint(name, size, &value))
            .transpose()
    }

    /// The checkpoint of the largest size up to this one, where one is kept.
    pub(in crate::embedded) fn checkpoint(
        &self,
        name: &LogName,
        at_most: u64,
    ) -> Result<Option<Note>, StoreError> {
        let keys = checkpoint_key(name, 0)..=checkpoint_key(name, at_most);
        let Some(last) = self.keyspaces.checkpoints.range(keys).next_back() else {
            return Ok(None);
        };
        let (key, value) = last
            .into_inner()
            .map_err(|e| self.fault("looking up a checkpoint", e))?;
        let (_, size) = LogName::from_entry_key(&key)?;
        Ok(Some(read_checkpoint(name, size, &value)?))
    }
}

/// Reads a kept checkpoint.
pub(super) fn read_checkpoint(name: &LogName, size: u64, value: &[u8]) -> Result<Note, StoreError> {
    Note::parse(value).map_err(|error| {
        StoreError::corrupt(
            format!("the kept checkpoint of {name} at {size} entries"),
            error.to_string(),
        )
    })
}
