//! Inclusion and consistency proofs: which hashes they are made of, making them, checking them.
//!
//! Made as [RFC 6962 section 2.1.1](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1.1) and
//! [2.1.2](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1.2) say, checked with the iterative
//! algorithms of [RFC 9162 section 2.1.3.2](https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.3.2)
//! and [2.1.4.2](https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1.4.2). A proof is a list of
//! [`Subtree`]s of the log; each is one stored hash, or, at the right edge of the tree, a few.
//!
//! Not here: where hashes are stored (a [`NodeReader`] brings them), and whether a root is the log's
//! (a signed [`crate::Checkpoint`] says that). Consistency *from the empty tree* is refused: every
//! tree is consistent with it, so such a proof shows nothing.

use alloc::vec::Vec;

use crate::frontier;
use crate::hash::{self, Hash};
use crate::limits::{PROOF_HASHES_MAX, TREE_SIZE_MAX};

/// Why a proof was refused or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The size is 2^63 or more.
    #[error("a tree has at most 2^63-1 leaves, got a size of {size}")]
    SizeTooLarge {
        /// Leaves.
        size: u64,
    },
    /// The tree has no such leaf.
    #[error("there is no leaf {index} in a tree of {size}: ask for an index below the size")]
    NoSuchLeaf {
        /// Leaf asked for.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// Consistency from nothing.
    #[error("every tree is consistent with the empty one: there is nothing to prove from size 0")]
    FromEmpty,
    /// The old tree is larger than the new one.
    #[error("a tree of {new_size} leaves cannot continue a tree of {old_size}: the log has shrunk")]
    Shrunk {
        /// Leaves in the old tree.
        old_size: u64,
        /// Leaves in the new tree.
        new_size: u64,
    },
    /// The proof has too many or too few hashes for its sizes.
    #[error(
        "the proof has {got} hashes, which does not fit its sizes: it belongs to another tree or was altered"
    )]
    WrongLength {
        /// Hashes given.
        got: usize,
    },
    /// The proof leads to another root.
    #[error(
        "the proof leads to root {computed}, not to {expected}: the entry, the proof or the tree was altered"
    )]
    RootMismatch {
        /// Root that the proof leads to.
        computed: Hash,
        /// Root that was to be shown.
        expected: Hash,
    },
}

/// One hash of the log: the root over leaves \[`index` * 2^`level`, (`index` + 1) * 2^`level`), all of
/// which exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Height over the leaves; 0 is a leaf.
    pub level: u32,
    /// Position among the nodes of its level.
    pub index: u64,
}

/// Where stored node hashes come from: tiles, a database, a list in memory.
pub trait NodeReader {
    /// Why a hash could not be read.
    type Error;

    /// The hash of a node.
    ///
    /// # Errors
    ///
    /// As the store says. A node that is asked for exists in the tree the proof was asked for.
    fn node(&self, id: NodeId) -> Result<Hash, Self::Error>;
}

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// There is no such proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The reader failed.
    #[error("cannot read node {} at level {} of the log", id.index, id.level)]
    Read {
        /// Node asked for.
        id: NodeId,
        /// What the reader said.
        source: E,
    },
}

/// The leaves \[`first`, `end`) under one node of some tree; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    first: u64,
    end: u64,
}

impl Subtree {
    /// First leaf.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// One past the last leaf.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The complete subtrees it is made of, largest first: one, unless it is the right edge of the
    /// tree.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let Subtree { mut first, end } = *self;
        core::iter::from_fn(move || {
            let level = (end - first).checked_ilog2()?;
            let id = NodeId {
                level,
                index: first >> level,
            };
            first += 1 << level;
            Some(id)
        })
    }

    /// Its root, from the hashes of [`Subtree::nodes`].
    ///
    /// # Errors
    ///
    /// The reader fails.
    pub fn root<R: NodeReader>(&self, reader: &R) -> Result<Hash, ProveError<R::Error>> {
        let read = |id| match reader.node(id) {
            Ok(hash) => Ok(hash),
            Err(source) => Err(ProveError::Read { id, source }),
        };
        let hashes = self.nodes().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(frontier::fold(&hashes).unwrap_or_else(hash::empty))
    }
}

/// The nodes of a tree's frontier, largest first: read them to begin appending to a stored log.
///
/// # Errors
///
/// `size` is 2^63 or more.
pub fn frontier_nodes(size: u64) -> Result<Vec<NodeId>, ProofError> {
    let whole = Subtree {
        first: 0,
        end: tree_size(size)?,
    };
    Ok(whole.nodes().collect())
}

/// The subtrees whose roots show that leaf `index` is in the tree of `size` leaves, in proof order:
/// the leaf's sibling first.
///
/// # Errors
///
/// The tree has no such leaf, or is too large.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<Subtree>, ProofError> {
    if index >= tree_size(size)? {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut first, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            proof.push(Subtree { first: middle, end });
            end = middle;
        } else {
            proof.push(Subtree { first, end: middle });
            first = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The subtrees whose roots show that the tree of `new_size` leaves begins with the tree of
/// `old_size`, in proof order. Empty if the sizes are equal.
///
/// # Errors
///
/// The old tree is empty or larger than the new one, or the new one is too large.
pub fn consistency_nodes(old_size: u64, new_size: u64) -> Result<Vec<Subtree>, ProofError> {
    continues(old_size, new_size)?;
    let (mut first, mut end) = (0, new_size);
    let mut proof = Vec::new();
    while end != old_size {
        let middle = first + split(end - first);
        if old_size <= middle {
            proof.push(Subtree { first: middle, end });
            end = middle;
        } else {
            proof.push(Subtree { first, end: middle });
            first = middle;
        }
    }
    // A verifier knows the old root, but not the root of its last part.
    if first > 0 {
        proof.push(Subtree { first, end });
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that leaf `index` is in the tree of `size` leaves.
///
/// # Errors
///
/// The tree has no such leaf, or the reader fails.
pub fn prove_inclusion<R: NodeReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let subtrees = inclusion_nodes(index, size)?;
    subtrees.iter().map(|part| part.root(reader)).collect()
}

/// The proof that the tree of `new_size` leaves begins with the tree of `old_size`.
///
/// # Errors
///
/// There is no such proof ([`consistency_nodes`]), or the reader fails.
pub fn prove_consistency<R: NodeReader>(
    reader: &R,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let subtrees = consistency_nodes(old_size, new_size)?;
    subtrees.iter().map(|part| part.root(reader)).collect()
}

/// Checks that `leaf` is leaf `index` of the tree with this `size` and `root`.
///
/// # Errors
///
/// It is not, or the proof does not show it.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= tree_size(size)? {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let wrong_length = ProofError::WrongLength { got: proof.len() };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(wrong_length);
    }
    // RFC 9162 section 2.1.3.2, whose fn and sn are `at` and `last` here.
    let (mut at, mut last) = (index, size - 1);
    let mut r = *leaf;
    for p in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            r = hash::node(p, &r);
            let zeros = at.trailing_zeros(); // `at` is not 0 here, as `last` is not
            at >>= zeros;
            last >>= zeros;
        } else {
            r = hash::node(&r, p);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(r, *root)
}

/// Checks that the tree with `new_size` and `new_root` begins with the tree with `old_size` and
/// `old_root`.
///
/// # Errors
///
/// It does not, or the proof does not show it. From size 0 there is nothing to show, and a caller
/// that begins with an empty log says so itself.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    continues(old_size, new_size)?;
    let wrong_length = ProofError::WrongLength { got: proof.len() };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(wrong_length);
    }
    if old_size == new_size {
        return match proof {
            [] => same_root(*new_root, *old_root),
            _ => Err(wrong_length),
        };
    }
    // RFC 9162 section 2.1.4.2, whose fn and sn are `at` and `last` here. If the old tree is one
    // complete subtree, its root is the first hash.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length)?;
        (*first, rest)
    };
    let (mut at, mut last) = (old_size - 1, new_size - 1);
    let ones = at.trailing_ones();
    at >>= ones;
    last >>= ones;
    let (mut fr, mut sr) = (first, first);
    for c in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            fr = hash::node(c, &fr);
            sr = hash::node(c, &sr);
            let zeros = at.trailing_zeros(); // `at` is not 0 here, as `last` is not
            at >>= zeros;
            last >>= zeros;
        } else {
            sr = hash::node(&sr, c);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(fr, *old_root)?;
    same_root(sr, *new_root)
}

fn tree_size(size: u64) -> Result<u64, ProofError> {
    if size > TREE_SIZE_MAX {
        return Err(ProofError::SizeTooLarge { size });
    }
    Ok(size)
}

fn continues(old_size: u64, new_size: u64) -> Result<(), ProofError> {
    tree_size(new_size)?;
    if old_size > new_size {
        return Err(ProofError::Shrunk { old_size, new_size });
    }
    if old_size == 0 {
        return Err(ProofError::FromEmpty);
    }
    Ok(())
}

fn same_root(computed: Hash, expected: Hash) -> Result<(), ProofError> {
    if computed != expected {
        return Err(ProofError::RootMismatch { computed, expected });
    }
    Ok(())
}

/// The largest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}
