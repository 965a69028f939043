//! How much one document holds. What is left out is counted in it, and said where it can be had.

/// Rows of one table. A document is read; what is longer than this is looked up, in the CSV.
pub const TABLE_ROWS_MAX: usize = 4_000;
/// Works in dispute that are named.
pub const DISPUTED_NAMED_MAX: usize = 12;
/// Characters of one text in a document; longer ones end in an ellipsis.
pub const TEXT_CHARS_MAX: usize = 400;
/// Characters without a place to break a line at, in a PDF.
pub const UNBROKEN_CHARS_MAX: usize = 16;
/// Bytes of a sheet that is set as PDF.
pub const SHEET_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a logo.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;
