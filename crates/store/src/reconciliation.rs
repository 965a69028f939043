//! Counts that say where everything that was delivered is (semantics.md section 5).

use jiff::{SignedDuration, Timestamp};

/// The upper ends of the buckets of ages, with their names; what is older is in one more.
pub const AGES: [(&str, SignedDuration); 4] = [
    ("1d", SignedDuration::from_hours(24)),
    ("3d", SignedDuration::from_hours(3 * 24)),
    ("7d", SignedDuration::from_hours(7 * 24)),
    ("30d", SignedDuration::from_hours(30 * 24)),
];

/// How many there are, by how old they are: in the order of [`AGES`], then older.
pub type Ages = [u64; AGES.len() + 1];

/// The bucket of what began at an instant.
#[must_use]
pub fn bucket(since: Timestamp, now: Timestamp) -> usize {
    let age = now.duration_since(since);
    let bucket = AGES.iter().position(|(_, end)| age < *end);
    bucket.unwrap_or(AGES.len())
}
