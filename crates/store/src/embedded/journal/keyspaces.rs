//! The keyspaces of the journal: how each is laid out on disk, and when a batch may be written.

use std::path::Path;
use std::time::Duration;

use fjall::config::{CompressionPolicy, PartitioningPolicy, PinningPolicy};
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::fault;
use crate::StoreError;
use crate::limits::{
    ENTRIES_MEMTABLE_BYTES, IDENTITIES_MEMTABLE_BYTES, JOURNAL_CACHE_BYTES, JOURNAL_WAL_BYTES_MAX,
    SEALED_MEMTABLES_MAX, UNSORTED_TABLES_MAX, WORKERS,
};

/// The keyspaces.
pub(super) struct Keyspaces {
    pub(super) entries: Keyspace,
    pub(super) identities: Keyspace,
    pub(super) heads: Keyspace,
    pub(super) tiles: Keyspace,
    pub(super) commits: Keyspace,
    pub(super) checkpoints: Keyspace,
    pub(super) payloads: Keyspace,
}

impl Keyspaces {
    pub(super) fn all(&self) -> [&Keyspace; 7] {
        [
            &self.entries,
            &self.identities,
            &self.heads,
            &self.tiles,
            &self.commits,
            &self.checkpoints,
            &self.payloads,
        ]
    }

    /// Waits until background work has caught up far enough that a commit cannot be held inside the
    /// engine, where a worker that died of a full disk would never release it.
    pub(super) fn wait_for_room(&self, db: &Database) -> fjall::Result<()> {
        while self.all().iter().any(|keyspace| {
            keyspace.sealed_memtable_count() >= SEALED_MEMTABLES_MAX
                || keyspace.l0_table_count() >= UNSORTED_TABLES_MAX
        }) {
            // Fails where a background worker has failed.
            db.persist(PersistMode::Buffer)?;
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// Opens the database in `path`, making it where there is none.
pub(super) fn open_keyspaces(path: &Path) -> Result<(Database, Keyspaces), StoreError> {
    let fault = |error| fault(path, "opening the journal", error);
    let db = Database::builder(path)
        .cache_size(JOURNAL_CACHE_BYTES)
        .max_journaling_size(JOURNAL_WAL_BYTES_MAX)
        .worker_threads(WORKERS)
        .open()
        .map_err(fault)?;
    let keyspaces = Keyspaces {
        entries: db.keyspace("entries", entries_options).map_err(fault)?,
        identities: db
            .keyspace("identities", identities_options)
            .map_err(fault)?,
        heads: db.keyspace("heads", small_options).map_err(fault)?,
        tiles: db.keyspace("tiles", hashes_options).map_err(fault)?,
        commits: db.keyspace("commits", small_options).map_err(fault)?,
        checkpoints: db.keyspace("checkpoints", small_options).map_err(fault)?,
        payloads: db.keyspace("payloads", entries_options).map_err(fault)?,
    };
    Ok((db, keyspaces))
}

/// Entries and payloads: written once, read in order or by key; compressed from the second level on.
fn entries_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(ENTRIES_MEMTABLE_BYTES)
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .expect_point_read_hits(true)
}

/// Identities: random keys, looked up once per delivered event and mostly absent. Filters and
/// indexes stay in memory whole (about 12 MB per 10 million keys): unpinned, a lookup in a journal
/// larger than its cache was measured at 390 us instead of 4.
fn identities_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(IDENTITIES_MEMTABLE_BYTES)
        .filter_block_pinning_policy(PinningPolicy::all(true))
        .index_block_pinning_policy(PinningPolicy::all(true))
        .filter_block_partitioning_policy(PartitioningPolicy::all(false))
        .index_block_partitioning_policy(PartitioningPolicy::all(false))
        .data_block_compression_policy(CompressionPolicy::disabled())
}

/// Tiles: written once, read by key; hashes do not compress.
fn hashes_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(IDENTITIES_MEMTABLE_BYTES)
        .data_block_compression_policy(CompressionPolicy::disabled())
        .expect_point_read_hits(true)
}

fn small_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default().max_memtable_size(IDENTITIES_MEMTABLE_BYTES)
}
