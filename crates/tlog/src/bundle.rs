//! Entry bundles: the entries of a log in files of 256.
//!
//! [tlog-tiles v0.1.0, log entries](https://c2sp.org/tlog-tiles@v0.1.0#log-entries). Each entry is its
//! length in two bytes, big-endian, and its bytes; so an entry has at most 65,535 bytes. The entries
//! of `tile/entries/<N>` hash to the leaf hashes of `tile/0/<N>`.
//!
//! Not here: what an entry says, and compression, which belongs to the transport.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::limits::{ENTRY_BYTES_MAX, TILE_WIDTH, TREE_SIZE_MAX};
use crate::tile::{self, TileError};

/// Which bundle. Shown as its path, e.g. `tile/entries/x123/x456/789` or `tile/entries/000.p/15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundleId {
    index: u64,
    width: u16,
}

/// Why a bundle was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Too many entries, or none.
    #[error(transparent)]
    Width(#[from] TileError),
    /// An entry whose length has no two bytes.
    #[error(
        "entry {at} of the bundle has {bytes} bytes, and an entry has at most {ENTRY_BYTES_MAX}: keep a large payload outside and log its commitment"
    )]
    EntryTooLarge {
        /// Which entry of the bundle, from 0.
        at: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// The bytes end too early.
    #[error("{bundle} ends within entry {at}: the file was cut off")]
    CutOff {
        /// Bundle asked for.
        bundle: BundleId,
        /// Which entry of the bundle, from 0.
        at: u16,
    },
    /// Bytes after the last entry.
    #[error("{bundle} has {bytes} bytes after its last entry: it belongs to another size")]
    LeftOver {
        /// Bundle asked for.
        bundle: BundleId,
        /// Bytes too many.
        bytes: usize,
    },
}

impl BundleId {
    /// The bundle at this place, with `width` entries.
    ///
    /// # Errors
    ///
    /// Not 1 to 256 entries.
    pub fn new(index: u64, width: u16) -> Result<BundleId, TileError> {
        tile::check_width(usize::from(width))?;
        Ok(BundleId { index, width })
    }

    /// The bundle at this place of a log of `size` leaves, as wide as it is there; nothing if the log
    /// does not have it.
    #[must_use]
    pub fn in_log(index: u64, size: u64) -> Option<BundleId> {
        if size > TREE_SIZE_MAX {
            return None;
        }
        let width = tile::width(size, index)?;
        Some(BundleId { index, width })
    }

    /// The bundle of a log of `size` leaves that holds this entry; nothing if the log does not have
    /// it.
    #[must_use]
    pub fn of_entry(entry: u64, size: u64) -> Option<BundleId> {
        let bundle = BundleId::in_log(entry / u64::from(TILE_WIDTH), size)?;
        (entry < size).then_some(bundle)
    }

    /// Position among the bundles.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Entries in it: 256, or fewer at the right edge of the log.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        tile::write_position(f, self.index, self.width)
    }
}

impl FromStr for BundleId {
    type Err = TileError;

    fn from_str(path: &str) -> Result<BundleId, TileError> {
        let parsed = || {
            let (index, width) = tile::read_position(path.strip_prefix("tile/entries/")?)?;
            BundleId::new(index, width).ok()
        };
        parsed().ok_or_else(|| tile::not_a_path(path))
    }
}

/// The bundles of a log of `size` leaves, left to right; none of 2^63 or more.
pub fn bundles(size: u64) -> impl Iterator<Item = BundleId> {
    (0..).map_while(move |index| BundleId::in_log(index, size))
}

/// The bytes of a bundle.
///
/// # Errors
///
/// Not 1 to 256 entries, or one is too large.
pub fn encode<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    tile::check_width(entries.len())?;
    let mut bundle = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let bytes = entry.len();
        let length = u16::try_from(bytes).map_err(|_| BundleError::EntryTooLarge { at, bytes })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries of the bundle `id`.
///
/// # Errors
///
/// The bytes are not exactly that many entries.
pub fn decode(id: BundleId, bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut rest = bundle;
    let mut entries = Vec::new();
    for at in 0..id.width {
        let (entry, after) = split_entry(rest).ok_or(BundleError::CutOff { bundle: id, at })?;
        entries.push(entry);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(BundleError::LeftOver {
            bundle: id,
            bytes: rest.len(),
        });
    }
    Ok(entries)
}

fn split_entry(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
