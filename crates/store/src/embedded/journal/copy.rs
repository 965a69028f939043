//! Copies a journal, at one instant, into an empty directory.

use std::path::Path;

use fjall::{OwnedWriteBatch, PersistMode, Readable as _};

use super::keyspaces::{Keyspaces, open_keyspaces};
use super::{Database, Journal, fault};
use crate::StoreError;
use crate::limits::{COPY_BYTES_MAX, COPY_ENTRIES_MAX};

impl Journal {
    /// Writes a copy of every commit up to now into `path`.
    pub(in crate::embedded) fn copy(&self, path: &Path) -> Result<(), StoreError> {
        let snapshot = self.db.snapshot();
        let (db, target) = open_keyspaces(path)?;
        let to = |error| fault(path, "writing the copy", error);
        for (source, into) in self.keyspaces.all().into_iter().zip(target.all()) {
            let (mut batch, mut bytes) = (db.batch(), 0);
            for guard in snapshot.iter(source) {
                let (key, value) = guard.into_inner().map_err(|e| self.fault("reading", e))?;
                bytes += key.len() + value.len();
                batch.insert(into, key, value);
                if batch.len() >= COPY_ENTRIES_MAX || bytes >= COPY_BYTES_MAX {
                    commit(&db, &target, batch).map_err(to)?;
                    (batch, bytes) = (db.batch(), 0);
                }
            }
            commit(&db, &target, batch).map_err(to)?;
        }
        db.persist(PersistMode::SyncAll).map_err(to)
    }
}

fn commit(db: &Database, target: &Keyspaces, batch: OwnedWriteBatch) -> fjall::Result<()> {
    target.wait_for_room(db)?;
    batch.commit()
}
