//! Answers about the tree of a log, from its hash tiles, checked against its head.
//!
//! For every store: it brings the head and a way to read tiles. Not here: where tiles are kept, and
//! signatures. Invariant: no root and no proof leaves here that does not lead to the head; a damaged
//! tile is an error and never a wrong proof.

use std::cell::RefCell;
use std::collections::HashMap;

use tlog::checkpoint::CheckpointError;
use tlog::note::NoteError;
use tlog::proof::{self, ProofError, ProveError};
use tlog::tile::{Tile, TileId, TileNodes};
use tlog::{Checkpoint, Frontier, Hash, Note};

use crate::StoreError;

/// Size and root of a log's tree (RFC 6962).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Entries.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

impl From<&Frontier> for TreeHead {
    fn from(tree: &Frontier) -> TreeHead {
        TreeHead {
            size: tree.size(),
            root: tree.root(),
        }
    }
}

/// Reads a note that is to be kept as a checkpoint of `log`.
pub(crate) fn read_checkpoint(log: &str, note: &str) -> Result<(Checkpoint, Note), StoreError> {
    let unreadable = |problem: String| StoreError::NotACheckpoint {
        log: log.to_owned(),
        problem,
    };
    let note: Note = note
        .parse()
        .map_err(|error: NoteError| unreadable(error.to_string()))?;
    let checkpoint = note.text().parse();
    let checkpoint = checkpoint.map_err(|error: CheckpointError| unreadable(error.to_string()))?;
    Ok((checkpoint, note))
}

/// Refuses a checkpoint whose root is not that of the log's tree at its size.
pub(crate) fn require_root(
    log: &str,
    checkpoint: &Checkpoint,
    head: TreeHead,
) -> Result<(), StoreError> {
    if *checkpoint.root() == head.root {
        return Ok(());
    }
    Err(StoreError::Checkpoint {
        log: log.to_owned(),
        size: checkpoint.size(),
        problem: format!(
            "it says the root {}, and the log's there is {}",
            checkpoint.root(),
            head.root
        ),
    })
}

/// The tree of one log up to its head.
pub(crate) struct Tree<F> {
    log: String,
    head: TreeHead,
    tile: F,
    /// A proof asks for several hashes of one tile.
    read: RefCell<HashMap<TileId, Tile>>,
}

impl<F: Fn(TileId) -> Result<Tile, StoreError>> Tree<F> {
    /// The tree of `log` (in words) with this head, whose tiles `tile` reads.
    pub(crate) fn new(log: String, head: TreeHead, tile: F) -> Tree<F> {
        let read = RefCell::default();
        Tree {
            log,
            head,
            tile,
            read,
        }
    }

    /// The tree as it was at `size` entries.
    pub(crate) fn head_at(&self, size: u64) -> Result<TreeHead, StoreError> {
        if size > self.head.size {
            return Err(StoreError::BeyondHead {
                log: self.log.clone(),
                asked: size,
                size: self.head.size,
            });
        }
        if size == self.head.size {
            return Ok(self.head);
        }
        let nodes = proof::frontier_nodes(size).map_err(|error| self.no_proof(error))?;
        let reader = self.nodes();
        let hashes = nodes
            .into_iter()
            .map(|id| proof::NodeReader::node(&reader, id))
            .collect::<Result<_, _>>()?;
        let tree = Frontier::from_hashes(size, hashes)
            .map_err(|error| StoreError::engine("computing a tree", error))?;
        let head = TreeHead::from(&tree);
        if size > 0 {
            let proof = proof::prove_consistency(&reader, size, self.head.size);
            let proof = proof.map_err(|error| self.unproved(error))?;
            let (old, new) = (&head.root, &self.head.root);
            proof::verify_consistency(size, old, self.head.size, new, &proof)
                .map_err(|_| self.damaged())?;
        }
        Ok(head)
    }

    /// The proof that the entry with this leaf hash has this index in the tree of `size` entries.
    pub(crate) fn inclusion(
        &self,
        leaf: impl FnOnce() -> Result<Hash, StoreError>,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let head = self.head_at(size)?;
        let proof = proof::prove_inclusion(&self.nodes(), index, size);
        let proof = proof.map_err(|error| self.unproved(error))?;
        proof::verify_inclusion(&leaf()?, index, size, &proof, &head.root)
            .map_err(|_| self.damaged())?;
        Ok(proof)
    }

    /// The proof that the tree of `new_size` entries begins with the tree of `old_size`.
    pub(crate) fn consistency(
        &self,
        old_size: u64,
        new_size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let new = self.head_at(new_size)?;
        let proof = proof::prove_consistency(&self.nodes(), old_size, new_size);
        let proof = proof.map_err(|error| self.unproved(error))?;
        let old = self.head_at(old_size)?;
        proof::verify_consistency(old_size, &old.root, new_size, &new.root, &proof)
            .map_err(|_| self.damaged())?;
        Ok(proof)
    }

    /// All nodes of older trees are nodes of the head's.
    fn nodes(&self) -> TileNodes<impl Fn(TileId) -> Result<Tile, StoreError>> {
        TileNodes::new(self.head.size, |id| {
            if let Some(tile) = self.read.borrow().get(&id) {
                return Ok(tile.clone());
            }
            let tile = (self.tile)(id)?;
            self.read.borrow_mut().insert(id, tile.clone());
            Ok(tile)
        })
    }

    fn unproved(&self, error: ProveError<StoreError>) -> StoreError {
        match error {
            ProveError::Proof(error) => self.no_proof(error),
            ProveError::Read { source, .. } => source,
        }
    }

    fn no_proof(&self, source: ProofError) -> StoreError {
        StoreError::NoProof {
            log: self.log.clone(),
            source,
        }
    }

    fn damaged(&self) -> StoreError {
        StoreError::Tiles {
            log: self.log.clone(),
        }
    }
}
