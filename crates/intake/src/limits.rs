//! Every bound of this crate, in one place.

/// Longest row, line or JSON value read, in bytes; what is longer is refused and skipped.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Most physical lines of one quoted CSV row.
pub const ROW_LINES_MAX: usize = 10_000;
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
/// Longest delivery of events over HTTP, in bytes after decompression.
pub const DELIVERY_BYTES_MAX: usize = 16 << 20;
/// Most events of one delivery, and calls of one delivery of a gateway.
pub const DELIVERY_EVENTS_MAX: usize = 10_000;
/// Longest delivery of calls by a gateway, in bytes: prompts and answers come with them, and go.
pub const CALLS_BYTES_MAX: usize = 64 << 20;
/// Most attributes of one event in headers.
pub const ATTRIBUTES_MAX: usize = 64;
/// Rows that `try` looks at before it guesses.
pub const GUESS_ROWS_MAX: usize = 200;
/// Questions that `try` may ask.
pub const QUESTIONS_MAX: usize = 3;
/// Bytes read from a file at once.
pub(crate) const READ_BYTES: usize = 64 << 10;
/// Largest OTLP request, in bytes after inflation; what the OTLP specification recommends.
pub const OTLP_BODY_BYTES_MAX: usize = 64 << 20;
/// Most resources and scopes of one OTLP request, together.
pub const OTLP_GROUPS_MAX: usize = 10_000;
/// Most spans, log records or metric points of one OTLP request.
pub const OTLP_ITEMS_MAX: usize = 100_000;
/// Most attributes of one span, log record, point or resource. Some senders write every message of a
/// long conversation as attributes of its own.
pub const OTLP_ATTRIBUTES_MAX: usize = 16_384;
/// Longest attribute that holds JSON and is looked into, in bytes.
pub const OTLP_JSON_ATTRIBUTE_BYTES_MAX: usize = 64 << 10;
/// Shortest response id that tells one call from every other, in bytes. Small servers number theirs.
pub const RESPONSE_ID_BYTES_MIN: usize = 16;
/// Remarks kept of one OTLP request; further ones are counted.
pub const OTLP_NOTES_MAX: usize = 1_000;
/// Longest message in the answer to an OTLP request, in bytes.
pub const OTLP_MESSAGE_BYTES_MAX: usize = 2_048;
/// Spans remembered as standing above calls that earlier requests counted.
pub const OTLP_ABOVE_SPANS_MAX: usize = 100_000;
