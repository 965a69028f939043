//! Checks what stands on the entries and beside them: heads, hash tiles, kept checkpoints, payloads.

use std::iter::Peekable;

use fjall::{Readable as _, Snapshot};
use proof::commitment::of_member;
use tlog::tile::TileBuilder;
use tlog::{Checkpoint, Frontier, Hash, Note, hash};

use super::beside::read_checkpoint;
use super::check::Findings;
use super::record::{LogName, checkpoint_key, read_head};
use super::{Journal, LogRecords};
use crate::StoreError;

/// What the logs account for.
#[derive(Default)]
struct Accounted {
    tiles: u64,
    checkpoints: u64,
}

impl Journal {
    /// Computes every log's tree from its entries and compares. Reads every entry and payload.
    pub(super) fn check_trees(&self, findings: &mut Findings) -> Result<(), StoreError> {
        let snapshot = self.db.snapshot();
        let (mut accounted, mut all_read) = (Accounted::default(), true);
        for guard in snapshot.iter(&self.keyspaces.heads) {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| self.fault("reading heads", e))?;
            let name = LogName::from_key(&key)?;
            match read_head(&name, &value) {
                Ok(head) => self.check_tree(&snapshot, &name, &head, &mut accounted, findings)?,
                Err(error) => {
                    findings.add(error.to_string());
                    all_read = false;
                }
            }
        }
        if all_read {
            self.check_strays(&snapshot, &accounted, findings)?;
        }
        self.check_payloads(&snapshot, findings)
    }

    fn check_tree(
        &self,
        snapshot: &Snapshot,
        name: &LogName,
        head: &Frontier,
        accounted: &mut Accounted,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let mut checkpoints = self.checkpoints(snapshot, name).peekable();
        let (mut tree, mut tiles) = (Frontier::new(), TileBuilder::new());
        for stored in self.stored(snapshot, name, 0..head.size()) {
            check_checkpoint(name, &tree, &mut checkpoints, accounted, findings)?;
            let leaf = match stored {
                Ok((_, entry)) => hash::leaf(&entry),
                Err(StoreError::Corrupt { .. }) => break, // an entry is missing, which is said elsewhere
                Err(error) => return Err(error),
            };
            if tree.push_leaf_hash(leaf).is_err() {
                break;
            }
            for (id, tile) in tiles.push_leaf_hash(leaf) {
                match self.stored_tile(name, id) {
                    Ok(Some(stored)) if stored == tile => {}
                    Ok(None) => findings.add(format!("{id} of {name} is missing")),
                    Ok(Some(_)) | Err(StoreError::Corrupt { .. }) => {
                        findings.add(format!("{id} of {name} is not what its entries hash to"));
                    }
                    Err(error) => return Err(error),
                }
                accounted.tiles += 1;
            }
        }
        check_checkpoint(name, &tree, &mut checkpoints, accounted, findings)?;
        if let Some(Ok((size, _))) = checkpoints.peek() {
            findings.add(format!(
                "a checkpoint of {name} is kept for {size} entries, and there are {}",
                tree.size()
            ));
        }
        accounted.checkpoints += checkpoints.count() as u64;
        if tree != *head {
            findings.add(format!(
                "the head of {name} has the root {}, and its entries have {}",
                head.root(),
                tree.root()
            ));
        }
        Ok(())
    }

    /// The kept checkpoints of a log, by size.
    fn checkpoints(&self, snapshot: &Snapshot, name: &LogName) -> LogRecords<Note> {
        let keys = checkpoint_key(name, 0)..=checkpoint_key(name, u64::MAX);
        let (name, path) = (name.clone(), self.path.clone());
        let found = snapshot.range(&self.keyspaces.checkpoints, keys);
        Box::new(found.map(move |guard| {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| super::fault(&path, "reading checkpoints", e))?;
            let (_, size) = LogName::from_entry_key(&key)?;
            Ok((size, read_checkpoint(&name, size, &value)?))
        }))
    }

    fn check_strays(
        &self,
        snapshot: &Snapshot,
        accounted: &Accounted,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        for (keyspace, wanted, what) in [
            (&self.keyspaces.tiles, accounted.tiles, "hash tiles"),
            (
                &self.keyspaces.checkpoints,
                accounted.checkpoints,
                "checkpoints",
            ),
        ] {
            let mut found = 0;
            for guard in snapshot.iter(keyspace) {
                guard.key().map_err(|e| self.fault("reading keys", e))?;
                found += 1;
            }
            if found > wanted {
                findings.add(format!(
                    "{} {what} belong to no log or lie beyond its head",
                    found - wanted
                ));
            }
        }
        Ok(())
    }

    fn check_payloads(
        &self,
        snapshot: &Snapshot,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        for guard in snapshot.iter(&self.keyspaces.payloads) {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| self.fault("reading payloads", e))?;
            let commitment = of_member(&value);
            if commitment.is_none_or(|commitment| commitment.as_bytes()[..] != key[..]) {
                let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                findings.add(format!("payload {name} is not what was committed to"));
            }
        }
        Ok(())
    }
}

/// Looks whether a checkpoint is kept for the tree as it is here, and says what the tree is not.
fn check_checkpoint(
    name: &LogName,
    tree: &Frontier,
    checkpoints: &mut Peekable<LogRecords<Note>>,
    accounted: &mut Accounted,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let here = |next: &Result<(u64, Note), StoreError>| match next {
        Ok((size, _)) => *size == tree.size(),
        Err(_) => true,
    };
    while let Some(next) = checkpoints.next_if(here) {
        accounted.checkpoints += 1;
        let note = match next {
            Ok((_, note)) => note,
            Err(error @ StoreError::Corrupt { .. }) => {
                findings.add(error.to_string());
                continue;
            }
            Err(error) => return Err(error),
        };
        let root: Option<Hash> = note
            .text()
            .parse()
            .ok()
            .filter(|checkpoint: &Checkpoint| checkpoint.size() == tree.size())
            .map(|checkpoint| *checkpoint.root());
        if root != Some(tree.root()) {
            findings.add(format!(
                "the checkpoint kept for {} entries of {name} is not of its tree, whose root there is {}",
                tree.size(),
                tree.root()
            ));
        }
    }
    Ok(())
}
