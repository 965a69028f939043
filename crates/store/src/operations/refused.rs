//! [`RefusedEvents`]: deliveries that were refused one by one, kept until somebody decides about them.
//!
//! The same bytes refused again for the same reason are one row that counts them, so that a sender that
//! repeats a request fills nothing. Decided rows stay until [`crate::limits::REFUSED_DECIDED_MAX`] newer
//! ones are decided; waiting ones are never removed. Not here: what is refused and why, sending it again
//! (`server`). Invariant: what was kept and waits is there until it is sent or dismissed.

use jiff::Timestamp;

use crate::StoreError;
use crate::reconciliation::Ages;

/// Where a refused event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedState {
    /// Nobody has decided.
    Waiting,
    /// It was sent again, repaired or not, and taken.
    Sent,
    /// Somebody decided that it is not needed.
    Dismissed,
}

impl RefusedState {
    /// The words.
    pub const WORDS: [(&'static str, RefusedState); 3] = [
        ("waiting", RefusedState::Waiting),
        ("sent", RefusedState::Sent),
        ("dismissed", RefusedState::Dismissed),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<RefusedState> {
        let mut words = Self::WORDS.iter();
        words.find(|(own, _)| *own == word).map(|(_, state)| *state)
    }
}

/// Whose delivery it was: what its key may say holds when it is sent again as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Id of the API key.
    pub key: String,
    /// The key's role.
    pub role: String,
    /// The only customer that the key knows; all where absent.
    pub customer: Option<String>,
}

/// A delivery that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The route that it came by.
    pub route: String,
    /// Who sent it.
    pub sender: Sender,
    /// The customer that it names, where it could be read.
    pub customer: Option<String>,
    /// The source that it names, where it could be read.
    pub source: Option<String>,
    /// JSON pointer of the fault, into the element.
    pub pointer: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// The element as it came. Of a longer one than [`crate::limits::REFUSED_RAW_BYTES_MAX`] the
    /// beginning is kept.
    pub raw: Vec<u8>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// [`RefusedState::Sent`] or [`RefusedState::Dismissed`].
    pub state: RefusedState,
    /// When.
    pub at: Timestamp,
    /// By whom: the id of an API key, or who used the command.
    pub by: String,
    /// Why it was dismissed, or what became of what was sent.
    pub why: String,
}

/// A sending that was refused again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// JSON pointer of the fault.
    pub pointer: String,
    /// What is wrong.
    pub reason: String,
}

/// A refused delivery as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// What it is known by.
    pub id: String,
    /// What was refused, and why.
    pub refusal: Refusal,
    /// Bytes that the element had when it came.
    pub raw_bytes: u64,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// When it arrived last.
    pub last_at: Timestamp,
    /// How often it arrived.
    pub deliveries: u64,
    /// Where it stands.
    pub state: RefusedState,
    /// How often it was sent again.
    pub attempts: u64,
    /// The last sending that was refused again.
    pub last_attempt: Option<Attempt>,
    /// What was decided; nothing while it waits.
    pub decision: Option<Decision>,
}

impl RefusedEvent {
    /// Whether only the beginning of the element is kept.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.raw_bytes > self.refusal.raw.len() as u64
    }
}

/// Which refused events are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusedFilter {
    /// Of this customer.
    pub customer: Option<String>,
    /// In this state.
    pub state: Option<RefusedState>,
    /// That arrived at or before this instant.
    pub until: Option<Timestamp>,
}

/// The queue of refused events. Every call that changes something is durable when it returns.
pub trait RefusedEvents: Send + Sync {
    /// Keeps what arrived at `at`, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::QueueFull`] where as much is waiting as may wait; [`StoreError::Full`].
    fn keep_refused(&self, refused: &[Refusal], at: Timestamp) -> Result<(), StoreError>;

    /// One of them.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn refused(&self, id: &str) -> Result<Option<RefusedEvent>, StoreError>;

    /// Those after one, by its number, in the order of arrival; at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// Where they cannot be read.
    fn refused_events(
        &self,
        filter: &RefusedFilter,
        after: u64,
        rows: usize,
    ) -> Result<Vec<RefusedEvent>, StoreError>;

    /// Decides about one that waits; what there is then, which is another's decision where one came
    /// before.
    ///
    /// # Errors
    /// As [`RefusedEvents::keep_refused`].
    fn decide_refused(
        &self,
        id: &str,
        decision: &Decision,
    ) -> Result<Option<RefusedEvent>, StoreError>;

    /// Notes that it was sent again and refused again.
    ///
    /// # Errors
    /// As [`RefusedEvents::keep_refused`].
    fn note_refused_again(&self, id: &str, attempt: &Attempt) -> Result<(), StoreError>;

    /// How many wait, by how long.
    ///
    /// # Errors
    /// Where they cannot be counted.
    fn refused_ages(&self, customer: Option<&str>, now: Timestamp) -> Result<Ages, StoreError>;
}
