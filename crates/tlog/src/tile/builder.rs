//! Building the tiles of a log as it grows.
//!
//! Not here: keeping them. A store writes what [`TileBuilder::push_leaf_hash`] gives, and for each
//! checkpoint what [`TileBuilder::partial`] gives; it goes on later with [`TileBuilder::resume`].
//!
//! **Invariant.** After `size` leaves, the tiles given so far and the partial ones are those of
//! [`super::tiles`].

use alloc::vec::Vec;

use super::{Tile, TileError, TileId, hashes_at};
use crate::hash::Hash;
use crate::limits::{TILE_LEVEL_MAX, TILE_WIDTH};

/// Makes the tiles of a log, leaf by leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TileBuilder {
    /// For each level, how many full tiles it has had and the hashes since.
    levels: Vec<(u64, Vec<Hash>)>,
}

impl TileBuilder {
    /// A builder for an empty log.
    #[must_use]
    pub const fn new() -> TileBuilder {
        TileBuilder { levels: Vec::new() }
    }

    /// A builder for a log of `size` leaves, to append to it. `fetch` is given the tiles at its right
    /// edge that are not full: those of [`TileBuilder::partial`].
    ///
    /// # Errors
    ///
    /// `fetch` fails, or gives a tile of another width.
    pub fn resume<E: From<TileError>>(
        size: u64,
        fetch: impl Fn(TileId) -> Result<Tile, E>,
    ) -> Result<TileBuilder, E> {
        let mut builder = TileBuilder::new();
        for level in 0..=TILE_LEVEL_MAX {
            let hashes = hashes_at(level, size);
            if hashes == 0 {
                break;
            }
            let index = hashes / u64::from(TILE_WIDTH);
            let edge = match TileId::in_log(level, index, size) {
                Some(id) => fetch(id)?.of(id)?.0,
                None => Vec::new(),
            };
            builder.levels.push((index, edge));
        }
        Ok(builder)
    }

    /// Appends one leaf; gives the tiles that it fills, lowest first. Usually none.
    pub fn push_leaf_hash(&mut self, leaf: Hash) -> Vec<(TileId, Tile)> {
        let mut full = Vec::new();
        let mut next = Some(leaf);
        for level in 0..=TILE_LEVEL_MAX {
            let Some(hash) = next.take() else { break };
            if self.levels.len() == usize::from(level) {
                self.levels.push((0, Vec::new()));
            }
            let Some((index, hashes)) = self.levels.get_mut(usize::from(level)) else {
                break;
            };
            hashes.push(hash);
            if hashes.len() == usize::from(TILE_WIDTH) {
                let tile = Tile(core::mem::take(hashes));
                next = Some(tile.root());
                let id = TileId {
                    level,
                    index: *index,
                    width: TILE_WIDTH,
                };
                full.push((id, tile));
                *index += 1;
            }
        }
        full
    }

    /// The tiles at the right edge that are not full, lowest first.
    #[must_use]
    pub fn partial(&self) -> Vec<(TileId, Tile)> {
        let tile = |(level, (index, hashes)): (u8, &(u64, Vec<Hash>))| {
            let id = TileId {
                level,
                index: *index,
                width: u16::try_from(hashes.len())
                    .ok()
                    .filter(|&width| width > 0)?,
            };
            Some((id, Tile(hashes.clone())))
        };
        (0..).zip(&self.levels).filter_map(tile).collect()
    }
}
