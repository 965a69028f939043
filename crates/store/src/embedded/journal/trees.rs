//! Reads the trees of the logs: leaf hashes, hash tiles, entry bundles.
//!
//! Full tiles are stored; a tile that is not full, and one that is missing, is made of what is below
//! it. Invariant: what is read here depends on the entries alone, whichever tiles are stored.

use std::ops::Range;

use tlog::bundle::{self, BundleId};
use tlog::limits::TILE_WIDTH;
use tlog::tile::{Tile, TileId};
use tlog::{Hash, hash};

use super::record::LogName;
use super::{Journal, place};
use crate::StoreError;

impl Journal {
    /// The leaf hashes of a log within a range, all of which exist.
    pub(in crate::embedded) fn leaf_hashes(
        &self,
        name: &LogName,
        range: Range<u64>,
    ) -> Result<Vec<Hash>, StoreError> {
        let stored = self.stored(&self.db.snapshot(), name, range.clone());
        let hashes = stored.map(|stored| Ok(hash::leaf(&stored?.1)));
        let hashes: Vec<Hash> = hashes.collect::<Result<_, StoreError>>()?;
        self.all_there(name, &range, hashes.len())?;
        Ok(hashes)
    }

    /// The leaf hash of an entry, which exists.
    pub(in crate::embedded) fn leaf_hash(
        &self,
        name: &LogName,
        index: u64,
    ) -> Result<Hash, StoreError> {
        let hashes = self.leaf_hashes(name, index..index + 1)?;
        hashes.into_iter().next().ok_or_else(|| {
            StoreError::corrupt(place(name, index), "it is missing, and the head counts it")
        })
    }

    /// A hash tile of a log, which has it.
    pub(in crate::embedded) fn tile(&self, name: &LogName, id: TileId) -> Result<Tile, StoreError> {
        if id.width() == TILE_WIDTH
            && let Some(tile) = self.stored_tile(name, id)?
        {
            return Ok(tile);
        }
        let first = id.index() * u64::from(TILE_WIDTH);
        let range = first..first + u64::from(id.width());
        let hashes = match id.level().checked_sub(1) {
            None => self.leaf_hashes(name, range)?,
            Some(below) => range
                .map(|index| {
                    let id = TileId::new(below, index, TILE_WIDTH)?;
                    Ok(self.tile(name, id)?.root())
                })
                .collect::<Result<_, StoreError>>()?,
        };
        Ok(Tile::new(hashes)?)
    }

    /// A full hash tile, where it is stored.
    pub(in crate::embedded) fn stored_tile(
        &self,
        name: &LogName,
        id: TileId,
    ) -> Result<Option<Tile>, StoreError> {
        let value = self
            .keyspaces
            .tiles
            .get(name.tile_key(id))
            .map_err(|e| self.fault("looking up a hash tile", e))?;
        Ok(value
            .map(|value| Tile::from_bytes(id, &value))
            .transpose()?)
    }

    /// The bytes of an entry bundle of a log, which has it.
    pub(in crate::embedded) fn bundle(
        &self,
        name: &LogName,
        id: BundleId,
    ) -> Result<Vec<u8>, StoreError> {
        let first = id.index() * u64::from(TILE_WIDTH);
        let range = first..first + u64::from(id.width());
        let stored = self.stored(&self.db.snapshot(), name, range.clone());
        let entries = stored.map(|stored| Ok(stored?.1));
        let entries: Vec<_> = entries.collect::<Result<_, StoreError>>()?;
        self.all_there(name, &range, entries.len())?;
        bundle::encode(&entries)
            .map_err(|error| StoreError::corrupt(place(name, range.start), error.to_string()))
    }

    fn all_there(
        &self,
        name: &LogName,
        range: &Range<u64>,
        found: usize,
    ) -> Result<(), StoreError> {
        let index = range.start + found as u64;
        if index < range.end {
            let problem = "it is missing, and the head counts it";
            return Err(StoreError::corrupt(place(name, index), problem));
        }
        Ok(())
    }
}
