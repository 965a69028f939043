//! Makes the hash tiles again from the entries.

use fjall::Readable as _;
use tlog::tile::TileBuilder;
use tlog::{Frontier, hash};

use super::Journal;
use super::record::{LogName, read_head};
use crate::StoreError;
use crate::limits::COPY_BYTES_MAX;

impl Journal {
    /// Writes every full tile that is missing or is not what its entries hash to.
    ///
    /// Tiles depend on the entries alone, so that the writer, which adds tiles meanwhile, writes the
    /// same ones.
    pub(in crate::embedded) fn remake_tiles(&self) -> Result<(), StoreError> {
        if let Some(reason) = self.halted() {
            return Err(StoreError::Halted { reason });
        }
        let snapshot = self.db.snapshot();
        let mut batch = self.db.batch();
        let mut bytes = 0;
        for guard in snapshot.iter(&self.keyspaces.heads) {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| self.fault("reading heads", e))?;
            let name = LogName::from_key(&key)?;
            let head = read_head(&name, &value)?;
            let (mut tree, mut tiles) = (Frontier::new(), TileBuilder::new());
            for stored in self.stored(&snapshot, &name, 0..head.size()) {
                let leaf = hash::leaf(&stored?.1);
                tree.push_leaf_hash(leaf)
                    .map_err(|error| StoreError::engine("computing a tree", error))?;
                for (id, tile) in tiles.push_leaf_hash(leaf) {
                    if !matches!(self.stored_tile(&name, id), Ok(Some(stored)) if stored == tile) {
                        let tile = tile.to_bytes();
                        bytes += tile.len();
                        batch.insert(&self.keyspaces.tiles, name.tile_key(id), tile);
                    }
                }
                if bytes > COPY_BYTES_MAX {
                    let full = std::mem::replace(&mut batch, self.db.batch());
                    self.write_tiles(full)?;
                    bytes = 0;
                }
            }
            if tree != head {
                let problem = "its entries have another root than it says";
                return Err(StoreError::corrupt(format!("the head of {name}"), problem));
            }
        }
        self.write_tiles(batch)
    }

    fn write_tiles(&self, batch: fjall::OwnedWriteBatch) -> Result<(), StoreError> {
        let write = || {
            self.keyspaces.wait_for_room(&self.db)?;
            batch.commit()
        };
        write().map_err(|e| self.fault("writing hash tiles", e))
    }
}
