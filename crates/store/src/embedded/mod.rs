//! The embedded store: a book in a directory.
//!
//! `journal/` (fjall) is the truth, `state.db` (SQLite) follows it, `operations.db` has what a server keeps,
//! `book.toml` names the format and `lock` keeps a second process out.

mod format;
mod journal;
mod lock;
mod operations;
mod state;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proof::commitment::{SALT_BYTES, commit};
use tlog::Hash;
use tlog::bundle::BundleId;
use tlog::tile::{Tile, TileId};
use work::body::DocumentKind;
use work::{Definition, Digest, Event, Header, LogKind, SmolStr};

use self::journal::record::LogName;
use self::journal::{Journal, Writing};
use self::lock::Lock;
use self::operations::{OPERATIONS, Tables};
use self::state::{Following, STATE, State};
use crate::entry::identity_key;
use crate::limits::{PAGE_ROWS_MAX, PAYLOAD_BYTES_MAX};
use crate::reconciliation::{DeliveryDay, Reconciliation, UnitDay, Waiting};
use crate::store::RefusedElsewhere;
use crate::totals::{CostDay, CountedDay, PublishedText, Totals};
use crate::tree::{self, Tree};
use crate::{
    Appended, ContractProblem, Customer, DefaultDocuments, Deliveries, Entries, Entry, EntryBytes,
    FactKind, Facts, FactsOf, Found, Health, Operations, Outcome, Payload, Position, SettledSince,
    Store, StoreError, TreeHead, Units, UnitsOf,
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
    operations: Tables,
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
        let is_earlier = format::is_earlier(path)?;
        let lock = Lock::take(path)?;
        if is_earlier {
            format::write(path)?;
        }
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
            operations: Tables::open(&path.join(OPERATIONS))?,
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

    /// The tree of a log up to a head.
    fn tree(
        &self,
        name: &LogName,
        head: TreeHead,
    ) -> Tree<impl Fn(TileId) -> Result<Tile, StoreError>> {
        let tile = {
            let name = name.clone();
            move |id| self.journal.tile(&name, id)
        };
        Tree::new(name.to_string(), head, tile)
    }
}

impl Reconciliation for Embedded {
    fn delivery_days(
        &self,
        customer: &str,
        days: &Range<Date>,
    ) -> Result<Vec<DeliveryDay>, StoreError> {
        self.state.delivery_days(customer, days)
    }

    fn delivery_customers(
        &self,
        days: &Range<Date>,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Vec<(String, Deliveries)>, StoreError> {
        self.state.delivery_customers(days, after, rows)
    }

    fn delivery_totals(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Deliveries, StoreError> {
        self.state.delivery_totals(customer, days)
    }

    fn source_deliveries(
        &self,
        source: &str,
        day: Date,
        customer: Option<&str>,
    ) -> Result<Deliveries, StoreError> {
        self.state.source_deliveries(source, day, customer)
    }

    fn unit_days(
        &self,
        customer: &str,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError> {
        self.state.unit_days(customer, days, as_of)
    }

    fn waiting(&self, customer: Option<&str>, as_of: Timestamp) -> Result<Waiting, StoreError> {
        self.state.waiting(customer, as_of)
    }
}

impl Totals for Embedded {
    fn counted_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<CountedDay>, StoreError> {
        self.state.counted_days(customer, days, as_of)
    }

    fn standing_days(
        &self,
        customer: Option<&str>,
        unit: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError> {
        self.state.standing_days(customer, unit, days, as_of)
    }

    fn cost_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Vec<CostDay>, StoreError> {
        self.state.cost_days(customer, days)
    }

    fn unclaimed_costs(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        rows: usize,
    ) -> Result<Facts, StoreError> {
        self.state.unclaimed_costs(customer, days, rows)
    }

    fn customers_of_work(
        &self,
        work: &str,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.state.customers_of_work(work, after, rows)
    }

    fn published(&self, kind: DocumentKind, rows: usize) -> Result<Vec<PublishedText>, StoreError> {
        self.state.published(kind, rows)
    }
}

impl Store for Embedded {
    fn operations(&self) -> &dyn Operations {
        &self.operations
    }

    fn append(&self, events: &[Event], received_at: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        self.journal.append(events, received_at)
    }

    fn count_refused(
        &self,
        refused: &[RefusedElsewhere],
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.journal.count_refused(refused, received_at)
    }

    fn probe(&self) -> Result<(), StoreError> {
        self.journal.probe()
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

    fn appended(&self, after: u64, commits: usize) -> Result<Vec<Appended>, StoreError> {
        let committed = self.journal.committed();
        let numbers = after.saturating_add(1)..=committed;
        let commits = numbers.take(commits.min(PAGE_ROWS_MAX));
        commits
            .map(|number| self.journal.appended(number))
            .collect()
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

    fn entry_bytes(
        &self,
        customer: &str,
        log: LogKind,
        range: Range<u64>,
    ) -> Result<EntryBytes, StoreError> {
        Ok(self.journal.bytes(&LogName::new(customer, log), range))
    }

    fn tree_head(
        &self,
        customer: &str,
        log: LogKind,
        at: Option<u64>,
    ) -> Result<TreeHead, StoreError> {
        let name = LogName::new(customer, log);
        let head = TreeHead::from(&self.journal.tree(&name)?);
        at.map_or(Ok(head), |size| self.tree(&name, head).head_at(size))
    }

    fn inclusion_proof(
        &self,
        customer: &str,
        log: LogKind,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let name = LogName::new(customer, log);
        let head = TreeHead::from(&self.journal.tree(&name)?);
        let leaf = || self.journal.leaf_hash(&name, index);
        self.tree(&name, head).inclusion(leaf, index, size)
    }

    fn consistency_proof(
        &self,
        customer: &str,
        log: LogKind,
        old_size: u64,
        new_size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let name = LogName::new(customer, log);
        let head = TreeHead::from(&self.journal.tree(&name)?);
        self.tree(&name, head).consistency(old_size, new_size)
    }

    fn hash_tile(
        &self,
        customer: &str,
        log: LogKind,
        tile: TileId,
    ) -> Result<Option<Tile>, StoreError> {
        let name = LogName::new(customer, log);
        let there = TileId::in_log(tile.level(), tile.index(), self.journal.head(&name)?);
        let there = there.is_some_and(|there| there.width() >= tile.width());
        there.then(|| self.journal.tile(&name, tile)).transpose()
    }

    fn entry_bundle(
        &self,
        customer: &str,
        log: LogKind,
        bundle: BundleId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let name = LogName::new(customer, log);
        let there = BundleId::in_log(bundle.index(), self.journal.head(&name)?);
        let there = there.is_some_and(|there| there.width() >= bundle.width());
        there
            .then(|| self.journal.bundle(&name, bundle))
            .transpose()
    }

    fn keep_checkpoint(&self, customer: &str, log: LogKind, note: &str) -> Result<(), StoreError> {
        let name = LogName::new(customer, log);
        let (checkpoint, note) = tree::read_checkpoint(&name.to_string(), note)?;
        let head = self.tree_head(customer, log, Some(checkpoint.size()))?;
        tree::require_root(&name.to_string(), &checkpoint, head)?;
        self.journal.keep_checkpoint(&name, checkpoint, note)
    }

    fn checkpoint(
        &self,
        customer: &str,
        log: LogKind,
        at_most_size: u64,
    ) -> Result<Option<String>, StoreError> {
        let name = LogName::new(customer, log);
        let note = self.journal.checkpoint(&name, at_most_size)?;
        Ok(note.map(|note| note.to_string()))
    }

    fn put_payload(&self, salt: &[u8; SALT_BYTES], payload: &[u8]) -> Result<Digest, StoreError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(StoreError::TooMany {
                what: "bytes of a payload",
                given: payload.len(),
                max: PAYLOAD_BYTES_MAX,
            });
        }
        let commitment = commit(salt, payload);
        let member = [&salt[..], payload].concat();
        self.journal.put_payload(commitment, member)?;
        Ok(commitment)
    }

    fn payload(&self, commitment: &Digest) -> Result<Option<Payload>, StoreError> {
        self.journal.payload(commitment)
    }

    /// In this store the tables of payloads are written anew without it before the call returns, which
    /// takes time in proportion to all payloads; a reading that is under way holds the old ones until it
    /// ends. The write-ahead files keep the bytes until they are retired: after 320 MiB of further writes
    /// at the latest ([`crate::limits::JOURNAL_WAL_BYTES_MAX`], and what is set aside for the next ones).
    fn forget_payload(&self, commitment: &Digest) -> Result<bool, StoreError> {
        self.journal.forget_payload(*commitment)
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
        which: FactsOf<'_>,
    ) -> Result<Facts, StoreError> {
        self.state.facts(customer, kind, which)
    }

    fn customers_of_costs(&self, names: &[(&str, &str)]) -> Result<Vec<Vec<SmolStr>>, StoreError> {
        self.state.customers_of_costs(names)
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

    fn units(&self, customer: &str, which: UnitsOf<'_>) -> Result<Units, StoreError> {
        self.state.units(customer, which)
    }

    fn settled_since(&self, customer: &str, size: u64) -> Result<SettledSince, StoreError> {
        self.state.settled_since(customer, size)
    }

    fn contract_problems(&self, customer: &str) -> Result<Vec<ContractProblem>, StoreError> {
        self.state.contract_problems(customer)
    }

    fn rebuild(&self) -> Result<(), StoreError> {
        self.state.rebuild()?;
        self.journal.remake_tiles()
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
        self.operations.copy(&path.join(OPERATIONS))?;
        self.journal.copy(&path.join("journal"))?;
        sync_all_below(path).map_err(|source| StoreError::io("syncing the copy", path, source))?;
        // Last: what is not whole is not a book.
        format::write(path)
    }
}

/// Writes every file and directory below a path through to the disk.
fn sync_all_below(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            sync_all_below(&entry?.path())?;
        }
    }
    std::fs::File::open(path)?.sync_all()
}
