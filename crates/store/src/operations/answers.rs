//! [`Answers`]: what became of requests that carry a key of their sender's, so that a request that is
//! sent again is answered again and not done again.
//!
//! The route and the caller are part of what a request is known by. Not here: which requests carry keys,
//! which answers are worth keeping (`server`). Invariant: one key of one caller on one route stands for
//! one request, whose fingerprint is kept before it is begun.

use jiff::Timestamp;
use work::Digest;

use crate::StoreError;

/// What a request is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestName {
    /// Id of the caller's API key.
    pub caller: String,
    /// Method and route.
    pub route: String,
    /// The key that its sender chose.
    pub key: String,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// Headers, name and value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a request that is about to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is new.
    New,
    /// It was begun and its answer was never kept: the server ended in between, or the answer was not
    /// one to keep.
    Before,
    /// It was answered.
    Answered(KeptAnswer),
    /// Another request has its name.
    Other,
}

/// Answers to requests, by name. Every call that changes something is durable when it returns.
pub trait Answers: Send + Sync {
    /// Begins a request, unless it was answered, or its name is another request's.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Engine`]; [`StoreError::Corrupt`] where a kept answer cannot be
    /// read.
    fn begin_request(
        &self,
        name: &RequestName,
        fingerprint: &Digest,
        at: Timestamp,
    ) -> Result<Begun, StoreError>;

    /// Keeps the answer to a request that was begun.
    ///
    /// # Errors
    /// As [`Answers::begin_request`].
    fn keep_answer(&self, name: &RequestName, answer: &KeptAnswer) -> Result<(), StoreError>;

    /// Gives the name of a request back that came to nothing.
    ///
    /// # Errors
    /// As [`Answers::begin_request`].
    fn forget_request(&self, name: &RequestName) -> Result<(), StoreError>;
}
