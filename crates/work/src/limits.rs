//! Every bound of this crate, in one place.

/// Longest identifier (`id`, `source`, customer, work, header value), in bytes.
pub const ID_BYTES_MAX: usize = 256;
/// Longest free text inside an event (reasons, notes), in bytes.
pub const TEXT_BYTES_MAX: usize = 2_048;
/// Largest event, in bytes of JSON text. A log entry must stay below 65,536 bytes
/// (C2SP tlog-tiles: an entry's length is a 16-bit number); a larger payload stays outside, behind a commitment.
pub const EVENT_BYTES_MAX: usize = 60_000;
/// Cells of one `statement.stated`, in bytes of canonical JSON; the rest of an event is its envelope.
pub const STATED_BYTES_MAX: usize = 50_000;
/// Parts of one statement: some 60,000 cells. All parts are appended at once, in one commit.
pub const STATEMENT_PARTS_MAX: u32 = 256;
/// Names of surfaces or components that one grant of prepaid credits pays for.
pub const GRANT_SCOPE_MAX: usize = 64;
/// Days for which what is restored to an expired grant may be drawn: ten years.
pub const RESTORE_DAYS_MAX: u32 = 3_660;
/// Statements that one payment, or one act that allocates money on account, is for.
pub const ALLOCATIONS_MAX: usize = 100;
/// Entries by which an approval names what was done under it.
pub const APPROVED_ENTRIES_MAX: usize = 128;
/// Statements under one cover: as many as one payment is for.
pub const COVER_PARTS_MAX: usize = ALLOCATIONS_MAX;
/// How far past its arrival an event may claim to have happened, in hours.
pub const FUTURE_HOURS_MAX: i64 = 24;
/// Different contents kept for one identity before further ones are refused.
pub const CONFLICTS_MAX: usize = 16;
/// Longest chain of nonces that a buyer commits to.
pub const NONCES_MAX: u32 = 10_000;
/// Works in one sample: their positions fit one event.
pub const SAMPLE_ITEMS_MAX: usize = 2_000;
/// Largest definition document, in bytes: published, it fits into one event even when every quote
/// and line end in it is escaped.
pub const DEFINITION_BYTES_MAX: usize = 40_000;
/// Predicates in one definition.
pub const PREDICATES_MAX: usize = 256;
/// Nesting of `all`, `any`, `not` in one condition.
pub const CONDITION_DEPTH_MAX: usize = 16;
/// Longest span in a definition, in days (ten years).
pub const SPAN_DAYS_MAX: i64 = 3_660;
/// Corrections of corrections that are followed.
pub const CORRECTION_DEPTH_MAX: usize = 64;
