//! What can be said of an event before the journal is asked: done in the caller's thread.
//!
//! Makes the entry's bytes, its leaf hash, the content's digest and the keys, and proves that the text
//! can be read back, since an entry that nobody can read would stay in its log for ever.

use jiff::Timestamp;
use proof::entry::to_bytes;
use tlog::{Hash, hash};
use work::body::Body;
use work::limits::{EVENT_BYTES_MAX, ID_BYTES_MAX};
use work::{Digest, Event, EventError, LogKind, SmolStr};

use super::record::{LogName, Origin, day};
use crate::entry::identity_key;

/// A delivery on its way to the writer.
pub(super) enum Prepared {
    /// Refused without asking the journal.
    Refused(Origin, EventError),
    /// To be decided by what the journal holds.
    Candidate(Box<Candidate>),
}

/// An event that may be appended.
pub(super) struct Candidate {
    pub(super) key: [u8; 16],
    pub(super) name: LogName,
    pub(super) source: SmolStr,
    /// The day of its arrival.
    pub(super) day: i32,
    /// The entry as it is where its identity is new, which nearly all are.
    pub(super) entry: Vec<u8>,
    /// The leaf hash of `entry`.
    pub(super) leaf: Hash,
    /// Of the content, without arrival and mark.
    pub(super) digest: Digest,
    pub(super) target: Option<[u8; 16]>,
}

impl Prepared {
    /// Bytes that it holds while it waits.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Prepared::Refused(origin, _) => 64 + origin.customer.len() + origin.source.len(),
            Prepared::Candidate(candidate) => candidate.entry.len() + 256,
        }
    }
}

/// Checks an event by itself.
pub(super) fn prepare(event: &Event, received_at: Timestamp) -> Prepared {
    match check(event, received_at) {
        Ok(candidate) => Prepared::Candidate(Box::new(candidate)),
        Err(error) => {
            let origin = Origin::new(&event.customer, &event.source, received_at);
            Prepared::Refused(origin, error)
        }
    }
}

fn check(event: &Event, received_at: Timestamp) -> Result<Candidate, EventError> {
    event.check_arrival(received_at)?;
    let fault = |pointer: &str, problem: String| EventError {
        pointer: pointer.to_owned(),
        problem,
    };
    let json = event.to_json();
    match Event::from_json(&json) {
        Ok(read) if read == *event => {}
        Ok(_) => {
            let problem = "the event does not survive its own wire format; it was put together \
                           with members that its type does not have";
            return Err(fault("", problem.to_owned()));
        }
        Err(error) => return Err(error),
    }
    let text = json.to_canonical();
    if text.len() > EVENT_BYTES_MAX {
        let problem = format!(
            "the event has {} bytes in canonical form, at most {EVENT_BYTES_MAX} are kept in a \
             log; keep a large payload outside and name its commitment with `evidence.attached`",
            text.len()
        );
        return Err(fault("", problem));
    }
    debug_assert!(
        event.customer.len() <= ID_BYTES_MAX,
        "reading back has bounded it"
    );
    let target = match &event.body {
        Body::Corrected {
            target_source,
            target_id,
            ..
        } => Some(identity_key(&event.customer, target_source, target_id)),
        Body::Control(work::body::Control::DataRedacted {
            target_source,
            target_id,
            ..
        }) => Some(identity_key(&event.customer, target_source, target_id)),
        _ => None,
    };
    let entry = to_bytes(&text, received_at, false);
    Ok(Candidate {
        key: identity_key(&event.customer, &event.source, &event.id),
        name: LogName::new(&event.customer, event.log()),
        source: event.source.clone(),
        day: day(received_at),
        digest: Digest::of(text.as_bytes()),
        leaf: hash::leaf(&entry),
        entry,
        target,
    })
}

/// The refusal of an event whose identity, or whose target, is in the customer's other log.
pub(super) fn other_log(correction: bool, own: LogKind, other: LogKind) -> EventError {
    if correction {
        EventError {
            pointer: "/data/target".to_owned(),
            problem: format!(
                "the target is in the {} log and this event belongs to the {} log; name the type \
                 of what is corrected (of a correction's correction, the type of the event that is \
                 corrected in the end), so that it joins its target",
                other.name(),
                own.name()
            ),
        }
    } else {
        EventError {
            pointer: "/id".to_owned(),
            problem: format!(
                "the source has used this id for an event of the {} log; send this one, which \
                 belongs to the {} log, under an id of its own",
                other.name(),
                own.name()
            ),
        }
    }
}
