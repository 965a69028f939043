//! The frontier: the least that must be kept of a tree to append to it and know its root.
//!
//! A tree of 13 leaves is complete subtrees of 8, 4 and 1 leaves; their three roots are its frontier
//! (a *compact range* beginning at 0,
//! [transparency-dev/merkle](https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md)).
//! Replaying entries over a frontier is how the completeness of a range is proved: frontier(a), then
//! the entries of \[a, b), give root(a) and root(b) from one code path.
//!
//! Not here: the tree's inner hashes ([`crate::tile`]) and proofs about one leaf ([`crate::proof`]).
//!
//! **Invariant.** A frontier of `size` leaves holds one hash for each 1 bit of `size`, the largest
//! subtree first.

use alloc::vec::Vec;

use crate::hash::{self, Hash};
use crate::limits::TREE_SIZE_MAX;

/// The roots of the complete subtrees of a tree, largest first.
///
/// ```
/// use tlog::{Frontier, hash};
///
/// let mut frontier = Frontier::new();
/// for entry in ["one", "two", "three"] {
///     frontier.push_leaf_hash(hash::leaf(entry.as_bytes()))?;
/// }
/// assert_eq!(frontier.size(), 3);
/// assert_eq!(frontier.hashes().len(), 2); // 3 = 2 + 1
/// # Ok::<(), tlog::frontier::FrontierError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

/// Why a frontier was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The number of hashes does not belong to the size.
    #[error(
        "a tree of {size} leaves has a frontier of {wanted} hashes, got {got}: it belongs to another size"
    )]
    WrongCount {
        /// Leaves.
        size: u64,
        /// Hashes that this size has.
        wanted: u32,
        /// Hashes given.
        got: usize,
    },
    /// The size is 2^63 or more, or would become so.
    #[error("a tree has at most 2^63-1 leaves")]
    TooLarge,
    /// The bytes are no frontier.
    #[error(
        "a stored frontier is 8 bytes of size and 32 for each hash, got {bytes} bytes: the stored head is damaged"
    )]
    WrongLength {
        /// Bytes given.
        bytes: usize,
    },
}

impl Frontier {
    /// The frontier of the empty tree.
    #[must_use]
    pub const fn new() -> Frontier {
        Frontier {
            size: 0,
            hashes: Vec::new(),
        }
    }

    /// A frontier of `size` leaves from the roots of its complete subtrees, largest first.
    ///
    /// # Errors
    ///
    /// The number of hashes is not the number of 1 bits of `size`, or `size` is 2^63 or more.
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Frontier, FrontierError> {
        check_count(size, hashes.len())?;
        Ok(Frontier { size, hashes })
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Appends one leaf ([`hash::leaf`] of the entry).
    ///
    /// # Errors
    ///
    /// The tree is full (2^63-1 leaves); it is left as it was.
    pub fn push_leaf_hash(&mut self, leaf: Hash) -> Result<(), FrontierError> {
        if self.size == TREE_SIZE_MAX {
            return Err(FrontierError::TooLarge);
        }
        push(&mut self.hashes, self.size, leaf);
        self.size += 1;
        Ok(())
    }

    /// The root of the tree: MTH of RFC 6962.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.hashes).unwrap_or_else(hash::empty)
    }

    /// The frontier as bytes, for the head of a stored log: the size in 8 bytes, big-endian, then the
    /// hashes. The encoding does not change.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.hashes.len() * Hash::BYTES);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for hash in &self.hashes {
            bytes.extend_from_slice(hash.as_bytes());
        }
        bytes
    }

    /// The frontier that [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// The bytes are not exactly a size and its hashes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Frontier, FrontierError> {
        let wrong = FrontierError::WrongLength { bytes: bytes.len() };
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(wrong)?;
        let (hashes, []) = rest.as_chunks::<{ Hash::BYTES }>() else {
            return Err(wrong);
        };
        let size = u64::from_be_bytes(*size);
        check_count(size, hashes.len())?;
        let hashes = hashes
            .iter()
            .map(|&bytes| Hash::from_bytes(bytes))
            .collect();
        Ok(Frontier { size, hashes })
    }
}

fn check_count(size: u64, got: usize) -> Result<(), FrontierError> {
    if size > TREE_SIZE_MAX {
        return Err(FrontierError::TooLarge);
    }
    let wanted = size.count_ones();
    if u32::try_from(got) != Ok(wanted) {
        return Err(FrontierError::WrongCount { size, wanted, got });
    }
    Ok(())
}

/// Appends a subtree to the frontier of `size` subtrees of its height.
pub(crate) fn push(frontier: &mut Vec<Hash>, size: u64, subtree: Hash) {
    let mut subtree = subtree;
    for _ in 0..size.trailing_ones() {
        // A frontier has one hash for each 1 bit of its size, so this one is there.
        let Some(left) = frontier.pop() else { break };
        subtree = hash::node(&left, &subtree);
    }
    frontier.push(subtree);
}

/// The root over neighbouring complete subtrees of falling height, or nothing over none.
pub(crate) fn fold(subtrees: &[Hash]) -> Option<Hash> {
    let (&last, larger) = subtrees.split_last()?;
    let over = |right, left: &Hash| hash::node(left, &right);
    Some(larger.iter().rev().fold(last, over))
}
