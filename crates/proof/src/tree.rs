//! [`Tree`]: the hashes of a log whose leaves are all known, and its root at every earlier size.
//!
//! Invariant: a level holds one hash for each full 256 of the level below, so every subtree's root is
//! at most eight steps away.

use std::convert::Infallible;

use tlog::Hash;
use tlog::frontier::Frontier;
use tlog::proof::{NodeId, NodeReader, frontier_nodes};
use tlog::tile::{Tile, TileId};

const WIDTH: usize = tlog::limits::TILE_WIDTH as usize;
const HEIGHT: u32 = tlog::limits::TILE_WIDTH.ilog2();

/// The hashes of a log.
#[derive(Debug, Clone)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over leaf hashes.
    #[must_use]
    pub fn of(leaves: Vec<Hash>) -> Tree {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() >= WIDTH) {
            levels.push(below.chunks_exact(WIDTH).map(root).collect());
        }
        Tree { levels }
    }

    /// Leaves in it.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64 // there is always the level of leaves
    }

    /// The hash of a leaf; `None` where there are not so many.
    #[must_use]
    pub fn leaf(&self, index: u64) -> Option<Hash> {
        let index = usize::try_from(index).ok()?;
        self.levels.first()?.get(index).copied()
    }

    /// The root over the first `size` leaves; `None` where there are not so many.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        self.frontier(size).map(|frontier| frontier.root())
    }

    /// The frontier of the first `size` leaves; `None` where there are not so many.
    #[must_use]
    pub fn frontier(&self, size: u64) -> Option<Frontier> {
        if size > self.size() {
            return None;
        }
        let nodes = frontier_nodes(size).ok()?;
        let hashes = nodes.into_iter().map(|id| self.find(id));
        Frontier::from_hashes(size, hashes.collect::<Option<_>>()?).ok()
    }

    /// The bytes of a tile; `None` where the log has no such tile.
    #[must_use]
    pub fn tile(&self, id: TileId) -> Option<Vec<u8>> {
        let begin = usize::try_from(id.index()).ok()?.checked_mul(WIDTH)?;
        let end = begin.checked_add(usize::from(id.width()))?;
        let hashes = self.levels.get(usize::from(id.level()))?.get(begin..end)?;
        let bytes: Vec<[u8; Hash::BYTES]> = hashes.iter().map(|hash| *hash.as_bytes()).collect();
        Some(bytes.concat())
    }

    fn find(&self, id: NodeId) -> Option<Hash> {
        let level = self.levels.get(usize::try_from(id.level / HEIGHT).ok()?)?;
        let width = 1usize << (id.level % HEIGHT);
        let begin = usize::try_from(id.index).ok()?.checked_mul(width)?;
        Some(root(level.get(begin..begin.checked_add(width)?)?))
    }
}

impl NodeReader for Tree {
    type Error = Infallible;

    /// A node of the tree. One that does not exist is answered with the hash of nothing, which proves
    /// nothing.
    fn node(&self, id: NodeId) -> Result<Hash, Infallible> {
        Ok(self.find(id).unwrap_or_else(tlog::hash::empty))
    }
}

/// The root over 2^n hashes.
fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        hashes => {
            Tile::new(hashes.to_vec()).map_or_else(|_| tlog::hash::empty(), |tile| tile.root())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_has_the_root_that_its_leaves_give() {
        let leaves: Vec<Hash> = (0..70_000u32)
            .map(|leaf| tlog::hash::leaf(&leaf.to_be_bytes()))
            .collect();
        let tree = Tree::of(leaves.clone());
        let mut frontier = Frontier::new();
        for (size, leaf) in (1u64..).zip(leaves) {
            frontier.push_leaf_hash(leaf).unwrap();
            if size < 1_100 || size % 997 == 0 || size > 69_990 || size.is_power_of_two() {
                assert_eq!(tree.root(size), Some(frontier.root()), "{size}");
            }
        }
        assert_eq!(tree.root(0), Some(tlog::hash::empty()));
        assert_eq!(tree.root(70_001), None);
    }

    #[test]
    fn the_tiles_are_those_of_the_builder() {
        let mut builder = tlog::tile::TileBuilder::new();
        let mut made = Vec::new();
        let leaves: Vec<Hash> = (0..66_000u32)
            .map(|leaf| tlog::hash::leaf(&leaf.to_be_bytes()))
            .collect();
        for leaf in &leaves {
            made.extend(builder.push_leaf_hash(*leaf));
        }
        made.extend(builder.partial());
        let tree = Tree::of(leaves);
        let ids: Vec<TileId> = tlog::tile::tiles(66_000).collect();
        assert_eq!(ids.len(), made.len());
        for (id, tile) in made {
            assert_eq!(tree.tile(id), Some(tile.to_bytes()), "{id}");
        }
    }
}
