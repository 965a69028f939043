//! Every bound of this crate, in one place.
//!
//! An input that crosses one is refused with an error that names it; a test crosses each.

/// Largest size of a tree, so that a size fits the signed 64-bit integers of other languages and
/// databases, and no index computation overflows.
pub const TREE_SIZE_MAX: u64 = (1 << 63) - 1;

/// Largest number of hashes in an inclusion or consistency proof: a tree of [`TREE_SIZE_MAX`] leaves
/// has 63 levels.
pub const PROOF_HASHES_MAX: usize = 63;

/// Largest entry in bytes: its length is a 16-bit number in an entry bundle.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Highest tile level that has a path.
pub const TILE_LEVEL_MAX: u8 = 63;

/// Largest signed note in bytes.
pub const NOTE_BYTES_MAX: usize = 1_000_000;

/// Largest number of signature lines in a note. The specification asks for at least 16.
pub const SIGNATURE_LINES_MAX: usize = 64;

/// Longest key name and origin in bytes: what the binary formats of tlog-cosignature can hold.
pub const NAME_BYTES_MAX: usize = 255;

/// Longest verifier or signer key in characters. An Ed25519 key needs 54 beside the name; the rest
/// lets a key of another type be refused by its type and not by its length.
pub const KEY_TEXT_BYTES_MAX: usize = 4_096;

/// Largest cosignature time, seconds since 1970.
pub const COSIGNATURE_TIME_MAX: u64 = (1 << 63) - 1;

/// Largest extra data of a proof file in bytes: one entry.
pub const EXTRA_BYTES_MAX: usize = ENTRY_BYTES_MAX;

/// Largest proof file in bytes: its note, its extra data in base64, its hashes and its index.
pub const PROOF_FILE_BYTES_MAX: usize = NOTE_BYTES_MAX + 100_000;

/// Largest policy file in bytes.
pub const POLICY_BYTES_MAX: usize = 262_144;

/// Most logs, most witnesses, and most groups in a policy (each). The specification asks for at least
/// 32.
pub const POLICY_ITEMS_MAX: usize = 256;
