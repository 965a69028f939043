//! The full hash tiles that a group commit adds, made by the writer beside the entries that fill them.
//!
//! A tile of level 0 needs 256 leaf hashes, of which earlier commits brought some. The writer remembers
//! these, up to a bound, and reads the entries of those that it does not. A tile of a higher level,
//! once in 65,536 entries, is made of the tiles below.
//!
//! Invariant: a tile is written whole and right, or not at all. Where what it is made of cannot be
//! read, it is left out: reading makes it then of what is below it, and `doctor` reports it.

use std::collections::{BTreeMap, HashMap};

use tlog::Hash;
use tlog::limits::TILE_WIDTH;
use tlog::tile::{Tile, TileId};

use super::Journal;
use super::record::LogName;
use crate::StoreError;
use crate::limits::EDGE_HASHES_MAX;

/// Leaves of a tile of level 0, and tiles below one of a higher level.
const WIDTH: u64 = TILE_WIDTH as u64;

/// The leaf hashes at the right edge of logs: of each, the last ones since its last full tile.
#[derive(Default)]
pub(super) struct Edges {
    logs: HashMap<LogName, Vec<Hash>>,
    hashes: usize,
}

impl Edges {
    /// The tiles that these leaves fill, as records, where they follow the first `from` of the log.
    pub(super) fn tiles(
        &mut self,
        journal: &Journal,
        name: &LogName,
        from: u64,
        leaves: &[Hash],
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        if self.hashes > EDGE_HASHES_MAX {
            *self = Edges::default();
        }
        if !self.logs.contains_key(name) {
            self.logs.insert(name.clone(), Vec::new());
        }
        let Some(edge) = self.logs.get_mut(name) else {
            return Vec::new();
        };
        self.hashes -= edge.len();
        let mut filled = Filled {
            journal,
            name,
            tiles: BTreeMap::new(),
        };
        for (index, leaf) in (from..).zip(leaves) {
            edge.push(*leaf);
            if index % WIDTH == WIDTH - 1 {
                filled.leaf_tile(index / WIDTH, edge);
                edge.clear();
            }
        }
        self.hashes += edge.len();
        let record = |(id, tile): (TileId, Tile)| (name.tile_key(id), tile.to_bytes());
        filled.tiles.into_iter().map(record).collect()
    }
}

/// The tiles of one log that a group fills.
struct Filled<'a> {
    journal: &'a Journal,
    name: &'a LogName,
    tiles: BTreeMap<TileId, Tile>,
}

impl Filled<'_> {
    /// Adds a tile of level 0, whose last hashes are known, and those above that it fills.
    fn leaf_tile(&mut self, index: u64, known: &[Hash]) {
        let begin = index * WIDTH;
        let missing = begin..begin + WIDTH - known.len() as u64;
        let Ok(mut hashes) = self.journal.leaf_hashes(self.name, missing) else {
            return;
        };
        hashes.extend_from_slice(known);
        let mut next = Some((0, index, Tile::new(hashes)));
        while let Some((level, index, tile)) = next.take() {
            let (Ok(id), Ok(tile)) = (TileId::new(level, index, TILE_WIDTH), tile) else {
                return;
            };
            self.tiles.insert(id, tile);
            if index % WIDTH == WIDTH - 1 {
                let (level, index) = (level + 1, index / WIDTH);
                let Ok(hashes) = self.roots_below(level, index) else {
                    return;
                };
                next = Some((level, index, Tile::new(hashes)));
            }
        }
    }

    /// The hashes of a full tile: the roots of the tiles below it.
    fn roots_below(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let below = index * WIDTH..(index + 1) * WIDTH;
        let root = |index| {
            let id = TileId::new(level - 1, index, TILE_WIDTH)?;
            match self.tiles.get(&id) {
                Some(tile) => Ok(tile.root()),
                None => Ok(self.journal.tile(self.name, id)?.root()),
            }
        };
        below.map(root).collect()
    }
}
