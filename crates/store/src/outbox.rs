//! [`Outbox`]: what is to be told to others over webhooks, and to whom.
//!
//! Endpoints with their signing secrets; messages, each with one delivery for every endpoint that takes it.
//! Not here: which types there are, how a message is signed and sent, when a failed delivery is tried again
//! (`server`). Invariants: a key is announced once; a message and its deliveries are written together or not
//! at all, and with them how far the journal was read for them; no two claims hold one delivery at the same
//! time.

use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::StoreError;

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The id: `wh_…`.
    pub id: String,
    /// The address.
    pub url: String,
    /// What it is for, in its owner's words.
    pub description: String,
    /// The only customer that it hears of; everything where absent.
    pub customer: Option<String>,
    /// The types that it takes; all where empty.
    pub types: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Since when and why nothing is sent to it.
    pub disabled: Option<Disabled>,
    /// The first of the failures in a row that its last attempts were.
    pub failing_since: Option<Timestamp>,
}

/// Why nothing is sent to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// In words.
    pub why: String,
}

/// What changes of an endpoint; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointChange {
    /// Another address.
    pub url: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Other types.
    pub types: Option<Vec<String>>,
    /// Enables it, or disables it. Either way its failures so far are forgotten.
    pub disabled: Option<Option<Disabled>>,
}

/// What signs messages. Unlike an API key it is kept itself, since it must sign.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret {
    /// The key of the HMAC.
    pub key: Zeroizing<Vec<u8>>,
    /// When it was made.
    pub created: Timestamp,
    /// When it signs no more, where another one has followed it.
    pub ends: Option<Timestamp>,
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SigningSecret { created, ends, .. } = self;
        write!(f, "SigningSecret({created}, until {ends:?})")
    }
}

/// A message to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What it is about, in the maker's words: the same key again is the same message.
    pub key: String,
    /// The id: `msg_…`.
    pub id: String,
    /// The type.
    pub kind: String,
    /// The customer whose endpoints may hear of it, beside those that hear of everything; only those where
    /// absent.
    pub customer: Option<String>,
    /// What is sent, as it is signed.
    pub payload: String,
    /// When it was made.
    pub created: Timestamp,
}

/// What became of a delivery so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is to be attempted.
    Waiting,
    /// It was answered well.
    Done,
    /// It is given up.
    Dead,
}

impl DeliveryState {
    /// The words.
    pub const WORDS: [(&'static str, DeliveryState); 3] = [
        ("waiting", DeliveryState::Waiting),
        ("done", DeliveryState::Done),
        ("dead", DeliveryState::Dead),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<DeliveryState> {
        let mut words = Self::WORDS.iter();
        words.find(|(own, _)| *own == word).map(|(_, state)| *state)
    }
}

/// A message on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Counts deliveries in the order in which they were made.
    pub number: u64,
    /// The message's id.
    pub message: String,
    /// Its type.
    pub kind: String,
    /// Its customer.
    pub customer: Option<String>,
    /// When the message was made.
    pub created: Timestamp,
    /// What became of it.
    pub state: DeliveryState,
    /// Attempts so far, or since it was asked for again.
    pub attempts: u32,
    /// The next attempt, while it waits.
    pub next_at: Option<Timestamp>,
    /// The last attempt's end.
    pub last_at: Option<Timestamp>,
    /// The HTTP status that it had, if any.
    pub last_status: Option<u16>,
    /// What was wrong with it, in words.
    pub last_problem: Option<String>,
}

/// A delivery that is to be attempted now, and nobody else's until the claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The delivery.
    pub number: u64,
    /// Names this claim.
    pub claim: u64,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its secrets in force, the newest first.
    pub secrets: Vec<SigningSecret>,
    /// The message's id.
    pub message: String,
    /// What is sent.
    pub payload: String,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    /// When it ended.
    pub at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What was wrong, in words; absent where it was answered well.
    pub problem: Option<String>,
    /// What follows.
    pub then: Then,
    /// Why the endpoint is disabled from now on, if it is.
    pub disable: Option<String>,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing: it was answered well.
    Done,
    /// Another attempt.
    Again(Timestamp),
    /// Nothing: it is given up.
    Dead,
}

/// What is asked for to be delivered again, and why that may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redelivery {
    /// It is attempted at once.
    Due,
    /// It is being attempted now.
    UnderWay,
    /// The endpoint had no such message, or it is no longer kept.
    Unknown,
}

/// Endpoints and messages. Every call that changes something is one transaction, durable when it returns.
/// Instants are kept to the microsecond.
pub trait Outbox: Send + Sync {
    /// Keeps a new endpoint with its first secret.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the id is; [`StoreError::Enough`] beyond
    /// [`crate::limits::ENDPOINTS_MAX`]; [`StoreError::Full`] or [`StoreError::Io`].
    fn put_endpoint(&self, endpoint: &Endpoint, secret: &SigningSecret) -> Result<(), StoreError>;

    /// All endpoints, by when they were made.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError>;

    /// The endpoint of an id.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn endpoint(&self, id: &str) -> Result<Option<Endpoint>, StoreError>;

    /// Changes an endpoint; what it is then, or `None` where there is none.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn change_endpoint(
        &self,
        id: &str,
        change: &EndpointChange,
    ) -> Result<Option<Endpoint>, StoreError>;

    /// Deletes an endpoint with its secrets and deliveries; whether there was one.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn delete_endpoint(&self, id: &str) -> Result<bool, StoreError>;

    /// The secrets of an endpoint that are in force at an instant, the newest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn signing_secrets(
        &self,
        endpoint: &str,
        at: Timestamp,
    ) -> Result<Vec<SigningSecret>, StoreError>;

    /// Keeps a further secret, and ends all earlier ones at `old_end` at the latest; whether there is such an
    /// endpoint. Those that have ended by the time that the new one was made are deleted.
    ///
    /// # Errors
    /// [`StoreError::Enough`] where [`crate::limits::SECRETS_MAX`] would be in force at once; as
    /// [`Outbox::put_endpoint`].
    fn rotate_secret(
        &self,
        endpoint: &str,
        secret: &SigningSecret,
        old_end: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Keeps messages, each with a delivery for every endpoint that takes it (or for the one that `only`
    /// names), and that the journal was read for them up to the commit `followed`. Whether each is new: one
    /// whose key was announced before is passed over.
    ///
    /// An endpoint has at most [`crate::limits::WAITING_MAX`] deliveries that wait: the oldest ones beyond
    /// are given up.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] for a payload beyond [`crate::limits::MESSAGE_BYTES_MAX`] or a key beyond
    /// [`crate::limits::MESSAGE_KEY_BYTES_MAX`]; as [`Outbox::put_endpoint`].
    fn announce(
        &self,
        messages: &[NewMessage],
        only: Option<&str>,
        followed: Option<u64>,
    ) -> Result<Vec<bool>, StoreError>;

    /// The commit of the journal up to which it was read for messages.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn followed(&self) -> Result<Option<u64>, StoreError>;

    /// Claims the delivery that has been due longest, of an endpoint that is enabled and not in `except`,
    /// until an instant. A claim that is not settled by then is as if it had failed.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        except: &[&str],
    ) -> Result<Option<Claimed>, StoreError>;

    /// When [`Outbox::claim`] has something next.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn next_due(&self, except: &[&str]) -> Result<Option<Timestamp>, StoreError>;

    /// Deliveries that wait, to all endpoints together.
    ///
    /// # Errors
    /// Where they cannot be counted.
    fn waiting(&self) -> Result<u64, StoreError>;

    /// Notes what a claimed attempt came to; whether the claim still held.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn settle(&self, claimed: &Claimed, attempted: &Attempted) -> Result<bool, StoreError>;

    /// Deliveries to an endpoint, the newest first, those before a number, at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// Where they cannot be read.
    fn endpoint_deliveries(
        &self,
        endpoint: &str,
        before: Option<u64>,
        rows: usize,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Has a message delivered to an endpoint once more, from the first attempt.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn redeliver(
        &self,
        endpoint: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<Redelivery, StoreError>;

    /// Forgets messages made before one instant, and keys announced before another. Also at any time, the
    /// oldest messages beyond [`crate::limits::MESSAGES_KEPT_MAX`] that wait for nothing are forgotten.
    ///
    /// # Errors
    /// As [`Outbox::put_endpoint`].
    fn forget_messages(
        &self,
        made_before: Timestamp,
        announced_before: Timestamp,
    ) -> Result<(), StoreError>;
}
