//! Every bound of this crate, in one place.
//!
//! Those of the file are `docs/reference/proof-file.md` section 5; an independent verifier has the
//! same ones, so that no file is good for one and bad for the other.

/// Bytes of a proof file, and of all its members inflated: 0xFFFFFFFF is the mark of zip64.
pub const FILE_BYTES_MAX: u64 = 0xFFFF_FFFE;
/// Members of a proof file: 0xFFFF is the mark of zip64.
pub const MEMBERS_MAX: usize = 0xFFFE;
/// Bytes of a member's name.
pub const NAME_BYTES_MAX: usize = 255;
/// Bytes of `MANIFEST`: a line of 64 digits, two spaces and a name for each member.
pub const MANIFEST_BYTES_MAX: u64 = MEMBERS_MAX as u64 * (64 + 2 + NAME_BYTES_MAX as u64 + 1);
/// Bytes of `README.txt`.
pub const README_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes of `log/checkpoint` (a signed note).
pub const CHECKPOINT_BYTES_MAX: u64 = tlog::limits::NOTE_BYTES_MAX as u64;
/// Bytes of `carry`, and of `brought`.
pub const CARRY_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of `proof.json`.
pub const ABOUT_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes of `statement.json`.
pub const STATEMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a payload, without its salt.
pub const PAYLOAD_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of an entry.
pub const ENTRY_BYTES_MAX: usize = tlog::limits::ENTRY_BYTES_MAX;
/// Bytes of a bundle of 256 entries.
pub const BUNDLE_BYTES_MAX: u64 = 256 * (2 + ENTRY_BYTES_MAX as u64);
/// Bytes of a hash tile.
pub const TILE_BYTES_MAX: u64 = 256 * 32;
/// Most bytes that one byte of deflate stands for, rounded up (zlib's technical notes give 1032).
pub const INFLATION_MAX: u64 = 1_040;
/// Deepest nesting of an entry.
pub const DEPTH_MAX: usize = work::json::DEPTH_MAX;
/// Greatest magnitude of an integer in the strict profile.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
/// Proofs in a receipt.
pub const RECEIPT_PROOFS_MAX: usize = 1_000;
/// Bytes of a receipt.
pub const RECEIPT_BYTES_MAX: usize = 64 * 1024 * 1024;
