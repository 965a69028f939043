//! Every bound of this crate, in one place.

/// Longest row, line or JSON value read, in bytes; what is longer is refused and skipped.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Most physical lines of one quoted CSV row.
pub const ROW_LINES_MAX: usize = 10_000;
/// Most events in the body of one request.
pub const HTTP_EVENTS_MAX: usize = 10_000;
/// Most columns of a CSV file.
pub const COLUMNS_MAX: usize = 4_096;
/// Most events that one row may become (an `each` over an array).
pub const EVENTS_PER_ROW_MAX: usize = 1_000;
/// Longest map, in bytes of TOML.
pub const MAP_BYTES_MAX: usize = 1 << 20;
/// Deepest nesting of `any`, `all`, `not` in one `when`.
pub const CONDITION_DEPTH_MAX: usize = 16;
/// Most files in one import.
pub const FILES_MAX: usize = 10_000;
/// Most files of refused rows of one source file in one directory.
pub const REFUSED_FILES_MAX: usize = 1_000;
/// Most rows of one lookup file.
pub const LOOKUP_ROWS_MAX: usize = 2_000_000;
/// Most bytes of text kept from one lookup file.
pub const LOOKUP_BYTES_MAX: usize = 256 << 20;
/// Most keys that one `after` remembers.
pub const AFTER_KEYS_MAX: usize = 2_000_000;
/// Most bytes of keys that one `after` remembers.
pub const AFTER_BYTES_MAX: usize = 256 << 20;
/// Rows that `try` looks at before it guesses.
pub const GUESS_ROWS_MAX: usize = 200;
/// Questions that `try` may ask.
pub const QUESTIONS_MAX: usize = 3;
/// Bytes read from a file at once.
pub(crate) const READ_BYTES: usize = 64 << 10;
