//! Tiles: the hashes of a log in files of 256, from which every proof can be made.
//!
//! [tlog-tiles v0.1.0](https://c2sp.org/tlog-tiles@v0.1.0). A tile of level 0 holds leaf hashes; a
//! hash in a tile of level `l` is the root over a full tile of level `l - 1`, so over 256^`l` leaves.
//! A log of 70,000 entries is 273 full tiles and one of 112 hashes at level 0, `tile/0/000` to
//! `tile/0/273.p/112`; one full tile and one of 17 at level 1; and one of 1 at level 2.
//!
//! Not here: reading and serving files, and the entries themselves ([`crate::bundle`]). A tile is not
//! to be believed before what was made of it leads to a signed root.

mod builder;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::frontier;
use crate::hash::{self, Hash};
use crate::limits::{TILE_LEVEL_MAX, TILE_WIDTH, TREE_SIZE_MAX};
use crate::proof::{NodeId, NodeReader};
use crate::text;

pub use builder::TileBuilder;

/// The height of a tile: 256 is 2^8.
const HEIGHT: u32 = TILE_WIDTH.ilog2();

/// Which tile. Shown as its path, e.g. `tile/0/x001/x234/067` or `tile/1/000.p/17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

/// The hashes of a tile: 1 to 256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<Hash>);

/// Makes nodes of tiles, for [`crate::proof`]. `fetch` is given tiles that the log of `size` leaves
/// has.
pub struct TileNodes<F> {
    size: u64,
    fetch: F,
}

/// Why a tile or its path was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not a path of tlog-tiles.
    #[error(
        "`{path}` is not a path of tlog-tiles, such as `tile/0/x001/067`, `tile/1/000.p/17` or `tile/entries/000`"
    )]
    NotAPath {
        /// The path as given (shortened).
        path: String,
    },
    /// No such level.
    #[error("a tile has a level of at most {TILE_LEVEL_MAX}, got {level}")]
    NoSuchLevel {
        /// Level given.
        level: u8,
    },
    /// Too wide or empty.
    #[error("a tile or bundle has 1 to {TILE_WIDTH} items, got {width}")]
    NoSuchWidth {
        /// Items given.
        width: usize,
    },
    /// Not the bytes of this tile.
    #[error("{tile} has {} bytes, got {bytes}: the file was cut off or belongs to another size", usize::from(tile.width) * Hash::BYTES)]
    WrongLength {
        /// Tile asked for.
        tile: TileId,
        /// Bytes given.
        bytes: usize,
    },
    /// Not a node of the tree.
    #[error("a log of {size} leaves has no node {} at level {}", id.index, id.level)]
    NoSuchNode {
        /// Node asked for.
        id: NodeId,
        /// Leaves in the log.
        size: u64,
    },
}

impl TileId {
    /// The tile at this place, with `width` hashes.
    ///
    /// # Errors
    ///
    /// A level over 63, or not 1 to 256 hashes.
    pub fn new(level: u8, index: u64, width: u16) -> Result<TileId, TileError> {
        if level > TILE_LEVEL_MAX {
            return Err(TileError::NoSuchLevel { level });
        }
        check_width(usize::from(width))?;
        Ok(TileId {
            level,
            index,
            width,
        })
    }

    /// The tile at this place of a log of `size` leaves, as wide as it is there; nothing if the log
    /// does not have it.
    #[must_use]
    pub fn in_log(level: u8, index: u64, size: u64) -> Option<TileId> {
        let width = width(hashes_at(level, size), index)?;
        Some(TileId {
            level,
            index,
            width,
        })
    }

    /// Level: 0 holds leaf hashes.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Position among the tiles of its level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Hashes in it: 256, or fewer at the right edge of the log.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_position(f, self.index, self.width)
    }
}

impl FromStr for TileId {
    type Err = TileError;

    fn from_str(path: &str) -> Result<TileId, TileError> {
        let parsed = || {
            let (level, position) = path.strip_prefix("tile/")?.split_once('/')?;
            let level = text::from_decimal(level)?.try_into().ok()?;
            let (index, width) = read_position(position)?;
            TileId::new(level, index, width).ok()
        };
        parsed().ok_or_else(|| not_a_path(path))
    }
}

impl Tile {
    /// A tile of these hashes.
    ///
    /// # Errors
    ///
    /// Not 1 to 256 of them.
    pub fn new(hashes: Vec<Hash>) -> Result<Tile, TileError> {
        check_width(hashes.len())?;
        Ok(Tile(hashes))
    }

    /// Reads the bytes of the tile `id`: its hashes, one after the other.
    ///
    /// # Errors
    ///
    /// Not as many bytes as it has.
    pub fn from_bytes(id: TileId, bytes: &[u8]) -> Result<Tile, TileError> {
        if bytes.len() != usize::from(id.width) * Hash::BYTES {
            return Err(TileError::WrongLength {
                tile: id,
                bytes: bytes.len(),
            });
        }
        let (hashes, _) = bytes.as_chunks::<{ Hash::BYTES }>();
        let hashes = hashes.iter().map(|&bytes| Hash::from_bytes(bytes));
        Ok(Tile(hashes.collect()))
    }

    /// This tile, if it is as wide as `id`.
    fn of(self, id: TileId) -> Result<Tile, TileError> {
        if self.0.len() != usize::from(id.width) {
            return Err(TileError::WrongLength {
                tile: id,
                bytes: self.0.len() * Hash::BYTES,
            });
        }
        Ok(self)
    }

    /// The tile as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes: Vec<_> = self.0.iter().map(|hash| *hash.as_bytes()).collect();
        bytes.concat()
    }

    /// Its hashes, left to right.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// The root over its hashes. Of a full tile, it is a hash of the tile above.
    #[must_use]
    pub fn root(&self) -> Hash {
        root(&self.0)
    }

    /// The root over 2^`height` of its hashes, the `at`th such group; nothing if it does not have
    /// all of them.
    #[must_use]
    pub fn node(&self, height: u32, at: usize) -> Option<Hash> {
        let width = 1_usize.checked_shl(height)?;
        let first = at.checked_mul(width)?;
        let hashes = self.0.get(first..first.checked_add(width)?)?;
        Some(root(hashes))
    }
}

/// The tiles of a log of `size` leaves, level by level, left to right; none of 2^63 or more.
pub fn tiles(size: u64) -> impl Iterator<Item = TileId> {
    (0..=TILE_LEVEL_MAX).flat_map(move |level| {
        let tiles = hashes_at(level, size).div_ceil(u64::from(TILE_WIDTH));
        (0..tiles).filter_map(move |index| TileId::in_log(level, index, size))
    })
}

impl<F> TileNodes<F> {
    /// Nodes of the log of `size` leaves.
    pub fn new(size: u64, fetch: F) -> TileNodes<F> {
        TileNodes { size, fetch }
    }
}

impl<F, E> NodeReader for TileNodes<F>
where
    F: Fn(TileId) -> Result<Tile, E>,
    E: From<TileError>,
{
    type Error = E;

    fn node(&self, id: NodeId) -> Result<Hash, E> {
        let missing = TileError::NoSuchNode {
            id,
            size: self.size,
        };
        let Some((tile, at)) = id.tile(self.size) else {
            return Err(missing.into());
        };
        let hash = (self.fetch)(tile)?.of(tile)?.node(id.level % HEIGHT, at);
        hash.ok_or_else(|| missing.into())
    }
}

impl NodeId {
    /// The tile of a log of `size` leaves that holds what is under this node, and the node's position
    /// among those of its height in it.
    fn tile(self, size: u64) -> Option<(TileId, usize)> {
        let level = u8::try_from(self.level / HEIGHT).ok()?;
        // Nodes of this height in one tile: 256, 128, … 2.
        let nodes = u64::from(TILE_WIDTH) >> (self.level % HEIGHT);
        let at = usize::try_from(self.index % nodes).ok()?;
        Some((TileId::in_log(level, self.index / nodes, size)?, at))
    }
}

/// Hashes in the tiles of a level: one for each full 256^`level` leaves.
fn hashes_at(level: u8, size: u64) -> u64 {
    match size {
        0..=TREE_SIZE_MAX => size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0),
        _ => 0,
    }
}

/// How many of `items` are in the group of 256 with this index; nothing if it begins after them.
pub(crate) fn width(items: u64, index: u64) -> Option<u16> {
    let before = index.checked_mul(u64::from(TILE_WIDTH))?;
    let rest = items.checked_sub(before).filter(|&rest| rest > 0)?;
    u16::try_from(rest.min(u64::from(TILE_WIDTH))).ok()
}

pub(crate) fn check_width(width: usize) -> Result<(), TileError> {
    if !(1..=usize::from(TILE_WIDTH)).contains(&width) {
        return Err(TileError::NoSuchWidth { width });
    }
    Ok(())
}

/// `067` as it is, 1234067 as `x001/x234/067`; then `.p/<width>` if it is not full.
pub(crate) fn write_position(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    for group in (1..=6).rev() {
        let rest = index / 1000_u64.pow(group);
        if rest > 0 {
            write!(f, "x{:03}/", rest % 1000)?;
        }
    }
    write!(f, "{:03}", index % 1000)?;
    if width < TILE_WIDTH {
        write!(f, ".p/{width}")?;
    }
    Ok(())
}

/// The index and width of a position, if it is written as [`write_position`] does.
pub(crate) fn read_position(position: &str) -> Option<(u64, u16)> {
    struct Position(u64, u16);
    impl fmt::Display for Position {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_position(f, self.0, self.1)
        }
    }
    let (groups, width) = match position.split_once(".p/") {
        Some((groups, width)) => (groups, text::from_decimal(width)?.try_into().ok()?),
        None => (position, TILE_WIDTH),
    };
    let mut index = 0_u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let number: u64 = digits.parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(number)?;
    }
    let canonical = text::eq_display(position, &Position(index, width));
    canonical.then_some((index, width))
}

pub(crate) fn not_a_path(path: &str) -> TileError {
    TileError::NotAPath {
        path: text::shortened(path, 80),
    }
}

/// The root over hashes of complete subtrees of one height.
fn root(hashes: &[Hash]) -> Hash {
    let mut subtrees = Vec::new();
    for (size, &hash) in (0..).zip(hashes) {
        frontier::push(&mut subtrees, size, hash);
    }
    frontier::fold(&subtrees).unwrap_or_else(hash::empty)
}
