//! [`Entry`]: one line of a customer log, strictly read.
//!
//! `docs/reference/proof-file.md` section 2: `{"event":{…},"received_at":"…"}`, with
//! `"conflict":true` in front where the identity had another content already. Not here: what the
//! log as a whole must be ([`mod@crate::verify`]). Invariant: bytes that are read are exactly the bytes
//! that would be written for what was read, down to the members of the event.

use std::fmt::Write as _;

use jiff::Timestamp;
use work::event::EventError;
use work::{Event, Json};

use crate::limits::ENTRY_BYTES_MAX;
use crate::profile::{self, ProfileError};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it arrived, by the seller's clock.
    pub received_at: Timestamp,
    /// Whether the identity had another content already.
    pub conflict: bool,
    /// What happened.
    pub event: Event,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Too long.
    #[error("it has {0} bytes, an entry has at most {ENTRY_BYTES_MAX}")]
    TooLong(usize),
    /// Not in the strict profile.
    #[error("it is not strict JSON at {0}")]
    Profile(#[from] ProfileError),
    /// Not the members of an entry.
    #[error("an entry has the members `event` and `received_at`, and `conflict` where it is true")]
    Members,
    /// Not a time.
    #[error("`received_at` is not a time such as 2026-01-06T09:00:00.25Z")]
    ReceivedAt,
    /// Not an event.
    #[error("event{0}")]
    Event(#[from] EventError),
    /// Written in another way than the one there is.
    #[error(
        "the event is written in another way than the one there is, from byte {0} on: \
         a number, time or amount in another form, or a member that says the default"
    )]
    NotCanonical(usize),
}

impl Entry {
    /// Reads the bytes of an entry.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn parse(bytes: &[u8]) -> Result<Entry, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let Json::Object(members) = profile::parse(bytes)? else {
            return Err(EntryError::Members);
        };
        let (conflict, event, received_at) = match members.as_slice() {
            [(first, event), (second, at)] if first == "event" && second == "received_at" => {
                (false, event, at)
            }
            [(mark, Json::Bool(true)), (first, event), (second, at)]
                if mark == "conflict" && first == "event" && second == "received_at" =>
            {
                (true, event, at)
            }
            _ => return Err(EntryError::Members),
        };
        let received_at = received_at
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or(EntryError::ReceivedAt)?;
        let entry = Entry {
            received_at,
            conflict,
            event: Event::from_json(event)?,
        };
        let written = entry.to_bytes();
        if written != bytes {
            let same = written.iter().zip(bytes).take_while(|(a, b)| a == b);
            return Err(EntryError::NotCanonical(same.count()));
        }
        Ok(entry)
    }

    /// The bytes of the entry: what is hashed into the log.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let event = |text: &mut String| self.event.to_json().write(text);
        write(event, self.received_at, self.conflict)
    }
}

/// The bytes of an entry, from the event's canonical text.
#[must_use]
pub fn to_bytes(event: &str, received_at: Timestamp, conflict: bool) -> Vec<u8> {
    write(|text| text.push_str(event), received_at, conflict)
}

fn write(event: impl FnOnce(&mut String), received_at: Timestamp, conflict: bool) -> Vec<u8> {
    let mut text = String::with_capacity(512);
    let mark = if conflict { "\"conflict\":true," } else { "" };
    let _ = write!(text, "{{{mark}\"event\":"); // a string takes whatever is written
    event(&mut text);
    let _ = write!(text, ",\"received_at\":\"{received_at}\"}}");
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"event":{"data":{"kind":"answer"},"id":"7","source":"desk","specversion":"1.0","subject":"acme","time":"2026-01-06T09:00:00Z","type":"piecework.work.answered.v1","workid":"w1"},"received_at":"2026-01-06T09:00:00.25Z"}"#;

    #[test]
    fn the_example_of_the_page_reads_back() {
        let entry = Entry::parse(ENTRY.as_bytes()).unwrap();
        assert_eq!(entry.to_bytes(), ENTRY.as_bytes());
        let conflicting = ENTRY.replacen('{', r#"{"conflict":true,"#, 1);
        let entry = Entry::parse(conflicting.as_bytes()).unwrap();
        assert!(entry.conflict);
        assert_eq!(entry.to_bytes(), conflicting.as_bytes());
    }

    #[test]
    fn an_entry_is_written_in_one_way() {
        for (from, to) in [
            ("{\"event\"", "{\"conflict\":false,\"event\""),
            (".25Z", ".250Z"),
            (".25Z", ".25+00:00"),
            ("09:00:00Z", "10:00:00+01:00"),
            ("\"data\"", "\"authorship\":\"seller\",\"data\""),
            (
                "\"kind\":\"answer\"",
                "\"confidence\":\"0.90\",\"kind\":\"answer\"",
            ),
            ("\"received_at\"", "\"received\""),
            (".25Z\"}", ".25Z\",\"x\":1}"),
        ] {
            let text = ENTRY.replacen(from, to, 1);
            assert_ne!(text, ENTRY, "{from}");
            assert!(Entry::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(
            Entry::parse(&vec![b' '; ENTRY_BYTES_MAX + 1]),
            Err(EntryError::TooLong(ENTRY_BYTES_MAX + 1))
        );
    }
}
