//! The embedded store: a book in a directory.
//!
//! `journal/` (fjall) is the truth, `state.db` (SQLite) follows it, `book.toml` names the format and
//! `lock` keeps a second process out.

mod format;
mod journal;
mod lock;
mod state;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use work::{Definition, Event, Header, LogKind};

use self::journal::record::LogName;
use self::journal::{Journal, Writing};
use self::lock::Lock;
use self::state::{Following, STATE, State};
use crate::entry::identity_key;
use crate::{
    ContractProblem, Customer, DefaultDocuments, Deliveries, Entries, Entry, FactKind, Facts,
    Found, Health, Outcome, Position, Store, StoreError, Units,
};

pub use self::state::Found as FoundState;

/// A book in a directory, open in this process.
// Fields are dropped in this order: both threads end before the lock is given back.
pub struct Embedded {
    path: PathBuf,
    _following: Following,
    _writing: Writing,
    state: Arc<State>,
    journal: Arc<Journal>,
    found: FoundState,
    _lock: Lock,
}

impl Embedded {
    /// Makes an empty book in `path` and opens it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is one, [`StoreError::Io`] or [`StoreError::Full`] where
    /// the files cannot be made.
    pub fn create(path: &Path) -> Result<Embedded, StoreError> {
        std::fs::create_dir_all(path)
            .map_err(|source| StoreError::io("making the book's directory", path, source))?;
        let lock = Lock::take(path)?;
        if format::is_book(path) {
            return Err(StoreError::Exists {
                path: path.to_owned(),
            });
        }
        let book = Embedded::with_lock(path, lock)?;
        format::write(path)?;
        Ok(book)
    }

    /// Opens the book in `path`.
    ///
    /// # Errors
    /// [`StoreError::NotABook`], [`StoreError::Format`], [`StoreError::Locked`]; what the journal
    /// meets while it recovers.
    pub fn open(path: &Path) -> Result<Embedded, StoreError> {
        format::check(path)?;
        let lock = Lock::take(path)?;
        Embedded::with_lock(path, lock)
    }

    fn with_lock(path: &Path, lock: Lock) -> Result<Embedded, StoreError> {
        let (journal, writing) = Journal::open(&path.join("journal"))?;
        let (state, found) = State::open(&path.join(STATE), &journal)?;
        let state = Arc::new(state);
        Ok(Embedded {
            path: path.to_owned(),
            _following: Following::start(&state)?,
            _writing: writing,
            state,
            journal,
            found,
            _lock: lock,
        })
    }

    /// How the state was found when the book was opened.
    #[must_use]
    pub fn found_state(&self) -> &FoundState {
        &self.found
    }

    /// The book's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Store for Embedded {
    fn append(&self, events: &[Event], received_at: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        self.journal.append(events, received_at)
    }

    fn count_refused(&self, deliveries: u64) -> Result<(), StoreError> {
        self.journal.count_refused(deliveries)
    }

    fn deliveries(&self) -> Result<Deliveries, StoreError> {
        Ok(self.journal.deliveries())
    }

    fn position(&self) -> Position {
        Position {
            committed: self.journal.committed(),
            applied: self.state.applied(),
        }
    }

    fn head(&self, customer: &str, log: LogKind) -> Result<u64, StoreError> {
        self.journal.head(&LogName::new(customer, log))
    }

    fn entries(
        &self,
        customer: &str,
        log: LogKind,
        range: Range<u64>,
    ) -> Result<Entries, StoreError> {
        Ok(self.journal.range(&LogName::new(customer, log), range))
    }

    fn entry(&self, customer: &str, log: LogKind, index: u64) -> Result<Option<Entry>, StoreError> {
        self.journal.entry(&LogName::new(customer, log), index)
    }

    fn find(&self, customer: &str, source: &str, id: &str) -> Result<Option<Found>, StoreError> {
        let identity = self.journal.identity(&identity_key(customer, source, id))?;
        Ok(identity.map(|found| Found {
            log: found.log,
            contents: found.contents,
        }))
    }

    fn customers(&self, after: Option<&str>, rows: usize) -> Result<Vec<Customer>, StoreError> {
        self.state.customers(after, rows)
    }

    fn entries_with(
        &self,
        customer: &str,
        header: Header,
        value: &str,
    ) -> Result<Entries, StoreError> {
        self.state.entries_with(customer, header, value)
    }

    fn facts(
        &self,
        customer: &str,
        kind: FactKind,
        work: Option<&str>,
    ) -> Result<Facts, StoreError> {
        self.state.facts(customer, kind, work)
    }

    fn set_default_documents(&self, documents: &DefaultDocuments) -> Result<(), StoreError> {
        let refuse = |what: String, problem: String| StoreError::Document { what, problem };
        let mut ids = BTreeSet::new();
        for text in &documents.definitions {
            let definition = Definition::parse(text)
                .map_err(|error| refuse("a default definition".to_owned(), error.to_string()))?;
            if !ids.insert(definition.id.clone()) {
                let problem = "it is given twice".to_owned();
                return Err(refuse(
                    format!("the default definition `{}`", definition.id),
                    problem,
                ));
            }
        }
        TimeZone::get(&documents.time_zone).map_err(|error| {
            refuse(
                format!("the time zone `{}`", documents.time_zone),
                error.to_string(),
            )
        })?;
        self.state.set_defaults(documents)
    }

    fn units(&self, customer: &str, work: Option<&str>) -> Result<Units, StoreError> {
        self.state.units(customer, work)
    }

    fn contract_problems(&self, customer: &str) -> Result<Vec<ContractProblem>, StoreError> {
        self.state.contract_problems(customer)
    }

    fn rebuild(&self) -> Result<(), StoreError> {
        self.state.rebuild()
    }

    fn doctor(&self) -> Result<Health, StoreError> {
        let mut health = self.journal.check()?;
        health.findings.extend(state::compare(&self.state)?);
        Ok(health)
    }

    fn backup(&self, path: &Path) -> Result<(), StoreError> {
        if path.exists() {
            return Err(StoreError::Exists {
                path: path.to_owned(),
            });
        }
        std::fs::create_dir_all(path)
            .map_err(|source| StoreError::io("making the copy's directory", path, source))?;
        // The state first: what it lacks then, the copy's journal gives it when it is opened.
        self.state.copy(&path.join(STATE))?;
        self.journal.copy(&path.join("journal"))?;
        format::write(path)
    }
}
