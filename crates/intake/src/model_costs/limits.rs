//! Bounds of a price book.

/// Largest price book, in bytes of text.
pub const BOOK_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Conditional prices of one model.
pub const CONDITIONS_MAX: usize = 32;
/// Nesting of a matching rule.
pub const MATCH_DEPTH_MAX: usize = 8;
