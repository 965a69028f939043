//! [`Entry`]: an event as a log keeps it.
//!
//! The bytes are canonical JSON: `{"event":{…},"received_at":"…"}`, with `"conflict":true` in front
//! where the entry is a further content of an identity that has one already (semantics.md S4).
//! Invariant: the bytes of an entry never change, and reading them gives the entry back.

use jiff::Timestamp;
use work::{Digest, Event, Json, LogKind};

use crate::error::StoreError;

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The log.
    pub log: LogKind,
    /// Position in the log, from 0.
    pub index: u64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Whether the identity had another content already, which stands until a correction decides.
    pub conflict: bool,
    /// What happened.
    pub event: Event,
}

/// The bytes of an entry, marked as of an identity that has another content already.
#[must_use]
pub fn marked_conflict(entry: &[u8]) -> Vec<u8> {
    [b"{\"conflict\":true,", entry.get(1..).unwrap_or_default()].concat()
}

/// Reads the stored bytes of an entry of a customer's log, naming its place where that fails.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(
    (customer, log): (&str, LogKind),
    index: u64,
    bytes: &[u8],
) -> Result<Entry, StoreError> {
    from_bytes(log, index, bytes).map_err(|problem| {
        let place = format!("entry {index} of the {} log of `{customer}`", log.name());
        StoreError::corrupt(place, problem)
    })
}

/// Reads the bytes of an entry.
///
/// # Errors
/// What is wrong with the bytes, in words.
pub fn from_bytes(log: LogKind, index: u64, bytes: &[u8]) -> Result<Entry, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let json = Json::parse(text).map_err(|e| e.to_string())?;
    let received_at = json
        .get("received_at")
        .and_then(Json::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or("no time of arrival")?;
    let conflict = json.get("conflict") == Some(&Json::Bool(true));
    let event = json.get("event").ok_or("no event")?;
    let event = Event::from_json(event).map_err(|e| format!("event{e}"))?;
    Ok(Entry {
        log,
        index,
        received_at,
        conflict,
        event,
    })
}

/// Length-prefixed parts, so that no two lists of parts have the same bytes.
pub(crate) fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        // An identifier has at most 256 bytes; a longer one is refused before it comes here, and
        // would only share its prefix's length.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// The key of an identity: 16 bytes cut from a SHA-256, since customers choose their ids.
#[must_use]
pub fn identity_key(customer: &str, source: &str, id: &str) -> [u8; 16] {
    half(Digest::of(&joined(&[customer, source, id])))
}

/// The first half of a digest, which tells things of a book apart as well.
pub(crate) fn half(digest: Digest) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.as_bytes()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use proof::entry::to_bytes;

    use super::*;

    const EVENT: &str = r#"{"data":{"reason":"a \"b\"\n\u0001 ü"},"id":"7","source":"desk","specversion":"1.0","subject":"acme","time":"2026-01-06T09:00:00Z","type":"piecework.work.rejected.v1","workid":"w1"}"#;

    #[test]
    fn entries_are_canonical_and_read_back() {
        let event = Event::parse(EVENT).unwrap();
        assert_eq!(event.canonical(), EVENT);
        let received_at = "2026-01-06T09:00:00.25Z".parse().unwrap();
        for conflict in [false, true] {
            let bytes = to_bytes(&event.canonical(), received_at, conflict);
            if conflict {
                let first = to_bytes(&event.canonical(), received_at, false);
                assert_eq!(marked_conflict(&first), bytes);
            }
            let text = std::str::from_utf8(&bytes).unwrap();
            assert_eq!(Json::parse(text).unwrap().to_canonical(), text);
            let entry = from_bytes(LogKind::Shared, 3, &bytes).unwrap();
            let expected = Entry {
                log: LogKind::Shared,
                index: 3,
                received_at,
                conflict,
                event: event.clone(),
            };
            assert_eq!(entry, expected);
        }
    }

    #[test]
    fn damaged_bytes_are_refused_in_words() {
        let received_at = "2026-01-06T09:00:00Z".parse().unwrap();
        let bytes = to_bytes(EVENT, received_at, false);
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(
                from_bytes(LogKind::Shared, 0, &bytes[..cut]).is_err(),
                "{cut}"
            );
        }
        let unknown = to_bytes(&EVENT.replace("rejected", "rejoiced"), received_at, false);
        let problem = from_bytes(LogKind::Shared, 0, &unknown).unwrap_err();
        assert!(problem.starts_with("event/type: "), "{problem}");
    }

    #[test]
    fn identities_do_not_run_into_each_other() {
        assert_ne!(identity_key("a", "bc", "d"), identity_key("ab", "c", "d"));
        assert_ne!(identity_key("a", "b", "cd"), identity_key("a", "bc", "d"));
    }
}
