//! [`Hashes`]: the hashes of a log as far as a file has them, and its root at every size from there.

use tlog::{Frontier, Hash};

use crate::tree::Tree;

/// The hashes of a log.
#[derive(Debug, Clone)]
pub(super) enum Hashes {
    /// Of the whole log.
    Whole(Tree),
    /// From a carry on.
    Continued {
        /// What the carry stands for.
        base: Frontier,
        /// The leaves after it.
        leaves: Vec<Hash>,
    },
}

impl Hashes {
    /// Leaves in the log.
    pub(super) fn size(&self) -> u64 {
        match self {
            Hashes::Whole(tree) => tree.size(),
            Hashes::Continued { base, leaves } => base.size() + leaves.len() as u64,
        }
    }

    /// The first size of which the root can be told.
    pub(super) fn begin(&self) -> u64 {
        match self {
            Hashes::Whole(_) => 0,
            Hashes::Continued { base, .. } => base.size(),
        }
    }

    /// The hash of a leaf, where the file has the whole log.
    pub(super) fn leaf(&self, index: u64) -> Option<Hash> {
        match self {
            Hashes::Whole(tree) => tree.leaf(index),
            Hashes::Continued { .. } => None,
        }
    }

    /// The root over the first `size` leaves; `None` where it cannot be told.
    pub(super) fn root(&self, size: u64) -> Option<Hash> {
        match self {
            Hashes::Whole(tree) => tree.root(size),
            Hashes::Continued { .. } => Some(self.frontier(size)?.root()),
        }
    }

    /// The frontier of the first `size` leaves; `None` where it cannot be told.
    pub(super) fn frontier(&self, size: u64) -> Option<Frontier> {
        match self {
            Hashes::Whole(tree) => tree.frontier(size),
            Hashes::Continued { base, leaves } => {
                let more = usize::try_from(size.checked_sub(base.size())?).ok()?;
                let mut frontier = base.clone();
                for leaf in leaves.get(..more)? {
                    frontier.push_leaf_hash(*leaf).ok()?;
                }
                Some(frontier)
            }
        }
    }
}
