//! [`Operations`]: what a server keeps beside the book: who may call it, what it answered, what it refused, what
//! customers mean to spend, what it tells others ([`Outbox`]), and what it asks of Stripe ([`StripeOutbox`]).
//!
//! None of this is evidence and none of it decides money, so it is in no log. Unlike the state it cannot
//! be made again: a backup has it. Not here: making keys, deciding what a role may do (`server`).
//! Invariant: a secret that opens something here is never kept, only its SHA-256.

mod answers;
mod budgets;
mod control_totals;
mod links;
mod refused;
mod source_counts;
mod statement_runs;
mod stripe;

use jiff::Timestamp;
use work::Digest;

use crate::{Outbox, StoreError};

pub use answers::{Answers, Begun, KeptAnswer, RequestName};
pub use budgets::{Budget, BudgetTerms, Budgets};
pub use control_totals::{ControlKey, ControlTotal, ControlTotals, SeriesWord};
pub use links::{Link, Links};
pub use refused::{
    Attempt, Decision, Refusal, RefusedEvent, RefusedEvents, RefusedFilter, RefusedState, Sender,
};
pub use source_counts::{SourceCount, SourceCounts, SourceDay};
pub use statement_runs::{AfterRow, RunRow, StatementRun, StatementRuns};
pub use stripe::{
    DocumentOf, DocumentState, NewDocument, SentStep, StepState, StripeDocument, StripeFilter,
    StripeOutbox, StripeStep,
};

/// A key of the API, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The public part, by which it is found.
    pub id: String,
    /// SHA-256 of the secret part.
    pub secret: Digest,
    /// What it may do: a word of the server's.
    pub role: String,
    /// The only customer that it sees; all where absent.
    pub customer: Option<String>,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; never where absent.
    pub expires: Option<Timestamp>,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

/// What a server keeps beside the book. Every call that changes something is durable when it returns.
pub trait Operations:
    Answers
    + Budgets
    + ControlTotals
    + Links
    + RefusedEvents
    + SourceCounts
    + StatementRuns
    + StripeOutbox
{
    /// What is to be told to others over webhooks.
    fn outbox(&self) -> &dyn Outbox;

    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the id is; [`StoreError::Full`] or [`StoreError::Io`].
    fn put_api_key(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// The key of an id.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError>;

    /// All keys, by when they were made.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// Takes a key back; whether there was one that was not yet.
    ///
    /// # Errors
    /// As [`Operations::put_api_key`].
    fn revoke_api_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Ends a key at an instant, unless it ends before; whether there is one that is not revoked.
    ///
    /// # Errors
    /// As [`Operations::put_api_key`].
    fn expire_api_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
}
