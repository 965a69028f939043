//! [`StripeOutbox`]: what Stripe is to be asked, what it was asked, and what it answered.
//!
//! A document (a statement, a cover, the void of one) becomes steps once, and the steps stay as they were made. A step is
//! noted as sent before it is sent, with its body, so that the same is sent again under the same key. Not here: what
//! the steps are and when they are tried again (`exports`, `server`). Invariants: a document is there once for each
//! customer, kind and name; its steps are written together or not at all; how far the journal was read is written with
//! the documents that were found there.

use jiff::Timestamp;

use crate::StoreError;

/// What is to be brought about for one thing in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeDocument {
    /// Counts documents in the order in which they were found.
    pub number: u64,
    /// What it is of.
    pub of: DocumentOf,
    /// When it was made in the book.
    pub made: Timestamp,
    /// Entries of the customer's shared log up to the one that made it.
    pub until: u64,
    /// What became of it.
    pub state: DocumentState,
    /// What keeps it, in words.
    pub problem: Option<String>,
    /// When it is looked at again, while it is not over.
    pub next_at: Option<Timestamp>,
}

/// What a document is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentOf {
    /// The customer.
    pub customer: String,
    /// `statement`, `void` (of a statement), `cover` or `cover_void`.
    pub kind: String,
    /// The number of the statement or the cover.
    pub name: String,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// It has no steps yet.
    New,
    /// Some of its steps are to be done.
    Open,
    /// All were.
    Done,
    /// A person must look at it.
    Person,
    /// Nothing is to be done about it any more.
    Withdrawn,
}

impl DocumentState {
    /// The words.
    pub const WORDS: [(&'static str, DocumentState); 5] = [
        ("new", DocumentState::New),
        ("open", DocumentState::Open),
        ("done", DocumentState::Done),
        ("person", DocumentState::Person),
        ("withdrawn", DocumentState::Withdrawn),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<DocumentState> {
        let mut words = Self::WORDS.iter();
        words.find(|(own, _)| *own == word).map(|(_, state)| *state)
    }
}

/// A step of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeStep {
    /// The document.
    pub document: u64,
    /// Its place among the document's, from 0.
    pub place: u32,
    /// What people call it.
    pub name: String,
    /// The step as it was made, in JSON of whoever made it.
    pub step: String,
    /// What became of it.
    pub state: StepState,
    /// Counts the keys under which it was sent, from 0.
    pub generation: u32,
    /// What was sent under the last of them, and when first; nothing where nothing was.
    pub sent: Option<SentStep>,
    /// Whether it must be looked for before it is sent again: what came of the last time is not known.
    pub is_unclear: bool,
    /// The id of what it made.
    pub made: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// The last one's end.
    pub last_at: Option<Timestamp>,
    /// Its HTTP status, if there was one.
    pub last_status: Option<u16>,
    /// What was wrong with it, in words.
    pub last_problem: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It is to be done.
    Open,
    /// It was done.
    Done,
    /// It is left to a person, and the others go on.
    Left,
}

impl StepState {
    /// The words.
    pub const WORDS: [(&'static str, StepState); 3] = [
        ("open", StepState::Open),
        ("done", StepState::Done),
        ("left", StepState::Left),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<StepState> {
        let mut words = Self::WORDS.iter();
        words.find(|(own, _)| *own == word).map(|(_, state)| *state)
    }
}

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentStep {
    /// The path.
    pub path: String,
    /// The body.
    pub body: String,
    /// When it was sent first.
    pub at: Timestamp,
}

/// A document that was found in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// What it is of.
    pub of: DocumentOf,
    /// When it was made in the book.
    pub made: Timestamp,
    /// Entries of the customer's shared log up to the one that made it.
    pub until: u64,
}

/// Which documents are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StripeFilter<'a> {
    /// Only this customer's.
    pub customer: Option<&'a str>,
    /// Only those in this state.
    pub state: Option<DocumentState>,
    /// Only those after this one.
    pub after: u64,
}

/// What Stripe is asked. Every call that changes something is one transaction, durable when it returns. Instants are
/// kept to the microsecond.
pub trait StripeOutbox: Send + Sync {
    /// The commit up to which the journal was read; nothing before the first time.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn stripe_followed(&self) -> Result<Option<u64>, StoreError>;

    /// Keeps the documents that were found up to a commit; those that are there already stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Full`] or [`StoreError::Engine`].
    fn stripe_follow(&self, found: &[NewDocument], commit: u64) -> Result<(), StoreError>;

    /// Gives a document its steps, each by its name and its JSON, and opens it. One that has steps keeps them.
    ///
    /// # Errors
    /// As [`StripeOutbox::stripe_follow`].
    fn stripe_plan(&self, document: u64, steps: &[(String, String)]) -> Result<(), StoreError>;

    /// The documents, by number, at most `rows`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn stripe_documents(
        &self,
        filter: &StripeFilter<'_>,
        rows: usize,
    ) -> Result<Vec<StripeDocument>, StoreError>;

    /// The document of something.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn stripe_document(&self, of: &DocumentOf) -> Result<Option<StripeDocument>, StoreError>;

    /// The first of the documents that are not over and are to be looked at by an instant, after one of a number.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn stripe_due(&self, by: Timestamp, after: u64) -> Result<Option<StripeDocument>, StoreError>;

    /// When the next document that is not over is to be looked at.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn stripe_next(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The steps of a document, in their order.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn stripe_steps(&self, document: u64) -> Result<Vec<StripeStep>, StoreError>;

    /// Notes what is known of a step.
    ///
    /// # Errors
    /// As [`StripeOutbox::stripe_follow`].
    fn stripe_note_step(&self, step: &StripeStep) -> Result<(), StoreError>;

    /// Notes what is known of a document: state, problem and when it is looked at again.
    ///
    /// # Errors
    /// As [`StripeOutbox::stripe_follow`].
    fn stripe_note(&self, document: &StripeDocument) -> Result<(), StoreError>;

    /// Has documents that a person was to look at, or that wait, looked at now, with the steps that were left; how many.
    ///
    /// # Errors
    /// As [`StripeOutbox::stripe_follow`].
    fn stripe_retry(
        &self,
        customer: Option<&str>,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, StoreError>;
}
