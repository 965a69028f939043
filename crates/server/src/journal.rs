//! [`read()`]: following the journal: the entries of some kinds that were committed since.
//!
//! Only entries that may be of interest are read whole. Not here: what is made of them (`webhooks`, `stripe`).

use std::ops::Range;

use store::entry::from_bytes;
use store::{Entry, Store, StoreError};
use work::LogKind;
use work::body::Kind;

/// What is read.
pub(crate) struct Reading<'k> {
    /// The commit after which it begins.
    pub(crate) after: u64,
    /// Commits that are read at once.
    pub(crate) commits_max: usize,
    /// Entries that are looked at, one commit more than this at most.
    pub(crate) entries_max: u64,
    /// The kinds of entries; those that conflict are read whatever their kind.
    pub(crate) kinds: &'k [Kind],
}

/// Reads, and gives each entry; the commit up to which it came.
pub(crate) fn read(
    store: &dyn Store,
    reading: &Reading<'_>,
    mut each: impl FnMut(Entry),
) -> Result<u64, StoreError> {
    let mut followed = reading.after;
    let mut entries = 0;
    for commit in store.appended(reading.after, reading.commits_max)? {
        followed = commit.number;
        for (customer, log, range) in &commit.ranges {
            entries += range.end - range.start;
            read_range(
                store,
                (customer, *log, range.clone()),
                reading.kinds,
                &mut each,
            )?;
        }
        if entries >= reading.entries_max {
            break;
        }
    }
    Ok(followed)
}

fn read_range(
    store: &dyn Store,
    (customer, log, range): (&str, LogKind, Range<u64>),
    kinds: &[Kind],
    each: &mut impl FnMut(Entry),
) -> Result<(), StoreError> {
    let stored = store.entry_bytes(customer, log, range.clone())?;
    for (index, bytes) in range.zip(stored) {
        let bytes = bytes?;
        if !may_be_of(kinds, &bytes) {
            continue;
        }
        each(
            from_bytes(log, index, &bytes).map_err(|problem| StoreError::Corrupt {
                place: format!("entry {index} of the {} log of `{customer}`", log.name()),
                problem,
            })?,
        );
    }
    Ok(())
}

/// Whether an entry may be of one of these kinds, or conflict, by its bytes: canonical JSON, in which the type of the event is the last
/// `"type":` that is not within a string.
fn may_be_of(kinds: &[Kind], bytes: &[u8]) -> bool {
    const CONFLICT: &[u8] = b"{\"conflict\":true,";
    const TYPE: &str = "\"type\":\"";
    if bytes.starts_with(CONFLICT) {
        return true;
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let Some(at) = text.rfind(TYPE) else {
        return true;
    };
    let rest = &text[at + TYPE.len()..];
    kinds.iter().any(|kind| {
        let rest = rest.strip_prefix(kind.wire());
        rest.is_some_and(|rest| rest.starts_with('"'))
    })
}
