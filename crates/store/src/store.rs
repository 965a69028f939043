//! The [`Store`] trait: every command and query that the rest of piecework has for a book.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use jiff::Timestamp;
use proof::commitment::SALT_BYTES;
use tlog::Hash;
use tlog::bundle::BundleId;
use tlog::tile::{Tile, TileId};
use work::effective::Fact;
use work::settle::Unit;
use work::{Definition, Digest, Event, Header, LogKind, SmolStr};

use crate::entry::{half, joined};
use crate::reconciliation::Reconciliation;
use crate::totals::Totals;
use crate::{Entry, Operations, StoreError, TreeHead};

/// What became of one delivered event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// New: appended.
    Accepted {
        /// The log.
        log: LogKind,
        /// Its position there.
        index: u64,
    },
    /// The same content was there already: nothing appended.
    Duplicate {
        /// The log.
        log: LogKind,
        /// Where it is.
        index: u64,
    },
    /// Its identity has another content: appended and marked, and listed until an
    /// `event.corrected` decides (semantics.md S4).
    Conflict {
        /// The log.
        log: LogKind,
        /// Its position there.
        index: u64,
        /// Position of the identity's first content, in the same log.
        first: u64,
    },
    /// Not acceptable: nothing appended.
    Refused {
        /// JSON pointer of the fault; empty for the whole event.
        pointer: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// Deliveries since the book began: `received = accepted + duplicate + conflicting + refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deliveries {
    /// Everything that was delivered.
    pub received: u64,
    /// New events.
    pub accepted: u64,
    /// The same again.
    pub duplicate: u64,
    /// Another content under a known identity.
    pub conflicting: u64,
    /// Not acceptable.
    pub refused: u64,
}

/// Deliveries that were refused before they were events, of one customer and source, as far as those
/// could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusedElsewhere {
    /// The customer that they name.
    pub customer: Option<String>,
    /// The source that they name.
    pub source: Option<String>,
    /// How many.
    pub deliveries: u64,
}

impl RefusedElsewhere {
    /// Deliveries that named nobody.
    #[must_use]
    pub fn unnamed(deliveries: u64) -> RefusedElsewhere {
        RefusedElsewhere {
            deliveries,
            ..RefusedElsewhere::default()
        }
    }
}

/// Where an identity's contents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The log; all contents of an identity are in one.
    pub log: LogKind,
    /// Position and content digest of each content, in the order of the log; the first is the fact
    /// until a correction decides otherwise.
    pub contents: Vec<(u64, Digest)>,
}

/// How far a book is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Number of the last group commit of the journal.
    pub committed: u64,
    /// Number of the last group commit that the state has applied.
    pub applied: u64,
}

/// What one group commit appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its number.
    pub number: u64,
    /// Customer, log, and the entries of that log.
    pub ranges: Vec<(String, LogKind, Range<u64>)>,
}

/// Entries, read as they are asked for, from one snapshot of the book.
pub type Entries = Box<dyn Iterator<Item = Result<Entry, StoreError>> + Send>;

/// Stored bytes of entries, read as they are asked for, from one snapshot of the book.
pub type EntryBytes = Box<dyn Iterator<Item = Result<Vec<u8>, StoreError>> + Send>;

/// What stands behind a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// 32 random bytes, which keep the commitment from being guessed.
    pub salt: [u8; SALT_BYTES],
    /// The payload.
    pub bytes: Vec<u8>,
}

/// A customer of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The customer.
    pub customer: String,
    /// Entries of its shared log.
    pub shared_size: u64,
    /// Entries of its seller-only log.
    pub seller_size: u64,
    /// The earliest time of an event of either log.
    pub first_time: Timestamp,
    /// The latest.
    pub last_time: Timestamp,
}

/// Kinds of facts that are kept by kind, beside the facts about work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// `cost.recorded`, of the seller-only log.
    Cost,
    /// `usage.recorded`.
    Usage,
    /// `seat.assigned` and `seat.released`.
    Seat,
    /// `document.published` for buyer and seller.
    Document,
    /// `document.published` for the seller alone.
    SellerDocument,
    /// `contract.signed`, `contract.amended`, `contract.ended`, `contract.opened`.
    Contract,
    /// `quote.drafted` and every step that follows it.
    Quote,
    /// `statement.stated`: parts of statements, issued or not.
    Stated,
    /// `statement.issued`.
    Statement,
    /// `statement.voided`.
    Void,
    /// `credit.issued`.
    Credit,
    /// `credit.granted`, `credit.amended`, `credit.voided`.
    Grant,
    /// `statement.credited`.
    Decision,
    /// `payment.recorded`, `payment.allocated`, `payment.refunded`, `payment.voided`, `balance.written_off`.
    Payment,
    /// `books.locked`, `books.unlocked`. Seller-only log.
    Lock,
    /// `approval.proposed`, `approval.decided`, of the seller-only log.
    Approval,
}

/// Which facts of a kind.
#[derive(Debug, Clone)]
pub enum FactsOf<'a> {
    /// All of a customer.
    Customer,
    /// Those of a work.
    Work(&'a str),
    /// Those whose identity has its first content at an entry within.
    Within(Range<u64>),
}

/// Facts that stand after conflicts and corrections, read as they are asked for.
pub type Facts = Box<dyn Iterator<Item = Result<Fact, StoreError>> + Send>;

/// The documents that govern customers without a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultDocuments {
    /// Texts of definitions.
    pub definitions: Vec<String>,
    /// Where days are counted: a name of the time-zone database.
    pub time_zone: String,
}

impl Default for DefaultDocuments {
    /// None, in UTC.
    fn default() -> DefaultDocuments {
        DefaultDocuments {
            definitions: Vec::new(),
            time_zone: "UTC".to_owned(),
        }
    }
}

/// The works that are settled together under one contract and definition: what one key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub(crate) [u8; 16]);

impl ScopeId {
    /// The scope of some values of a definition's key, under a contract or under none.
    #[must_use]
    pub fn of(contract: Option<&str>, definition: &Definition, key: &[SmolStr]) -> ScopeId {
        let headers = headers_of(definition);
        let mut parts = vec![contract.unwrap_or_default(), &definition.id, &headers];
        parts.extend(key.iter().map(SmolStr::as_str));
        ScopeId(half(Digest::of(&joined(&parts))))
    }
}

/// The headers of a definition's key, by name.
pub(crate) fn headers_of(definition: &Definition) -> String {
    let key = definition.one_per.key.iter();
    key.map(|header| header.name())
        .collect::<Vec<_>>()
        .join(",")
}

/// As hexadecimal digits.
impl fmt::Display for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no [`ScopeId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a scope is 32 hexadecimal digits")]
pub struct ScopeIdError;

impl FromStr for ScopeId {
    type Err = ScopeIdError;

    fn from_str(text: &str) -> Result<ScopeId, ScopeIdError> {
        let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.len() != 32 || !is_hexadecimal {
            return Err(ScopeIdError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| ScopeIdError)?;
        Ok(ScopeId(number.to_be_bytes()))
    }
}

/// Which settled units.
#[derive(Debug, Clone, Copy)]
pub enum UnitsOf<'a> {
    /// All of a customer.
    Customer,
    /// Those that hold facts of a work.
    Work(&'a str),
    /// Those of a scope.
    Scope(ScopeId),
    /// Those of a scope and of the scopes after it.
    From(ScopeId),
    /// Those that were opened last by an instant, the last first.
    Latest {
        /// The instant.
        by: Timestamp,
        /// How many at most; at most [`crate::limits::PAGE_ROWS_MAX`].
        rows: usize,
    },
}

/// Which scopes were settled again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettledSince {
    /// These, by the entries of the shared log up to this size.
    Scopes(u64, Vec<ScopeId>),
    /// That is not known: any may have been.
    Unknown,
}

/// A settled unit and the contract that governs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledUnit {
    /// What it is settled with.
    pub scope: ScopeId,
    /// The contract; `None` under the default documents.
    pub contract: Option<String>,
    /// The unit, settled without a horizon: read it by its instants.
    pub unit: Unit,
}

/// Settled units, read as they are asked for, from one snapshot of the state.
pub type Units = Box<dyn Iterator<Item = Result<SettledUnit, StoreError>> + Send>;

/// Why a contract does not govern, so that works under it stay unsettled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractProblem {
    /// The contract.
    pub contract: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What an inspection of a book found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// What is wrong, in words, with its place; bounded.
    pub findings: Vec<String>,
    /// Entries looked at.
    pub entries: u64,
}

/// A book: commands that append to its journal, queries on its journal and on its state.
///
/// Every method may be called from many threads. Queries on the state first wait until the state has
/// applied everything that was acknowledged before the call.
pub trait Store: Reconciliation + Totals {
    /// What a server keeps beside the book.
    fn operations(&self) -> &dyn Operations;

    /// Appends events that arrived at `received_at`, and returns what became of each, in their
    /// order, once all of it is durable.
    ///
    /// Events are refused one by one, never the batch: by [`Event::check_arrival`], for a content
    /// that could not be read back, for an identity or a correction's target that lives in the
    /// customer's other log, and for more than [`work::limits::CONFLICTS_MAX`] contents of one
    /// identity. Sending the same events again is harmless at any time.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`crate::limits::BATCH_EVENTS_MAX`]; [`StoreError::Full`] or
    /// [`StoreError::Halted`] where the journal cannot be written, after which some of the events may
    /// be there and all may be sent again.
    fn append(&self, events: &[Event], received_at: Timestamp) -> Result<Vec<Outcome>, StoreError>;

    /// Counts deliveries that arrived at `received_at` and were refused before they were events
    /// (unreadable lines, rows that a map could not turn into events).
    ///
    /// # Errors
    /// As [`Store::append`].
    fn count_refused(
        &self,
        refused: &[RefusedElsewhere],
        received_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whether the book takes writes: goes all the way that an append goes, with nothing.
    ///
    /// # Errors
    /// As [`Store::append`].
    fn probe(&self) -> Result<(), StoreError>;

    /// Deliveries since the book began.
    ///
    /// # Errors
    /// [`StoreError::Engine`] where the journal cannot be read.
    fn deliveries(&self) -> Result<Deliveries, StoreError>;

    /// How far the journal and the state are.
    fn position(&self) -> Position;

    /// What the group commits after the one of this number appended, in their order, at most `commits` of
    /// them (and [`crate::limits::PAGE_ROWS_MAX`]): how one follows the journal.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where a commit's record cannot be read.
    fn appended(&self, after: u64, commits: usize) -> Result<Vec<Appended>, StoreError>;

    /// Number of entries in one of a customer's logs; 0 for a customer without any.
    ///
    /// # Errors
    /// [`StoreError::Engine`] where the journal cannot be read.
    fn head(&self, customer: &str, log: LogKind) -> Result<u64, StoreError>;

    /// The entries of one of a customer's logs within `range`, ascending; what lies beyond the head
    /// is not there. Memory does not grow with the range.
    ///
    /// # Errors
    /// Each item may be [`StoreError::Corrupt`] or [`StoreError::Engine`].
    fn entries(
        &self,
        customer: &str,
        log: LogKind,
        range: Range<u64>,
    ) -> Result<Entries, StoreError>;

    /// One entry, or `None` beyond the head.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it cannot be read.
    fn entry(&self, customer: &str, log: LogKind, index: u64) -> Result<Option<Entry>, StoreError>;

    /// The stored bytes of the same entries: the leaves of the log's tree, and what a proof file holds.
    ///
    /// # Errors
    /// As [`Store::entries`].
    fn entry_bytes(
        &self,
        customer: &str,
        log: LogKind,
        range: Range<u64>,
    ) -> Result<EntryBytes, StoreError>;

    /// Size and root of the tree of one of a customer's logs: now, or as it was at a size.
    ///
    /// # Errors
    /// [`StoreError::BeyondHead`] for a size that the log does not have; [`StoreError::Tiles`] where the
    /// stored hashes do not lead to the head.
    fn tree_head(
        &self,
        customer: &str,
        log: LogKind,
        at: Option<u64>,
    ) -> Result<TreeHead, StoreError>;

    /// The proof that the entry at `index` is in the log's tree of `size` entries
    /// ([`tlog::proof::verify_inclusion`]).
    ///
    /// # Errors
    /// As [`Store::tree_head`]; [`StoreError::NoProof`] for an index that the tree does not have.
    fn inclusion_proof(
        &self,
        customer: &str,
        log: LogKind,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreError>;

    /// The proof that the log's tree of `new_size` entries begins with its tree of `old_size`
    /// ([`tlog::proof::verify_consistency`]).
    ///
    /// # Errors
    /// As [`Store::tree_head`]; [`StoreError::NoProof`] from the empty tree, of which there is nothing
    /// to prove, and where the sizes are the wrong way round.
    fn consistency_proof(
        &self,
        customer: &str,
        log: LogKind,
        old_size: u64,
        new_size: u64,
    ) -> Result<Vec<Hash>, StoreError>;

    /// A hash tile of a log, full or as wide as asked; `None` where the log is not that long.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where what it is made of cannot be read.
    fn hash_tile(
        &self,
        customer: &str,
        log: LogKind,
        tile: TileId,
    ) -> Result<Option<Tile>, StoreError>;

    /// The bytes of an entry bundle of a log, full or as wide as asked; `None` where the log is not
    /// that long.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where an entry cannot be read.
    fn entry_bundle(
        &self,
        customer: &str,
        log: LogKind,
        bundle: BundleId,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps the signed head of a log, a note of [tlog-checkpoint](https://c2sp.org/tlog-checkpoint):
    /// once for each size. The same text again adds signatures that it has more, in place of earlier
    /// ones by the same keys. Signatures are kept, not verified.
    ///
    /// # Errors
    /// [`StoreError::NotACheckpoint`]; [`StoreError::BeyondHead`]; [`StoreError::Checkpoint`] where its
    /// root is not the log's at its size, and where another text is kept for that size.
    fn keep_checkpoint(&self, customer: &str, log: LogKind, note: &str) -> Result<(), StoreError>;

    /// The kept checkpoint of the largest size up to `at_most_size`, as text.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it cannot be read.
    fn checkpoint(
        &self,
        customer: &str,
        log: LogKind,
        at_most_size: u64,
    ) -> Result<Option<String>, StoreError>;

    /// Keeps a payload and returns the commitment to it
    /// ([`proof::commitment::commit`]), once it is durable: call this before appending the entry that
    /// names it. The salt is 32 random bytes, new for each payload. Keeping the same again does nothing.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`crate::limits::PAYLOAD_BYTES_MAX`]; as [`Store::append`].
    fn put_payload(&self, salt: &[u8; SALT_BYTES], payload: &[u8]) -> Result<Digest, StoreError>;

    /// What stands behind a commitment, where it is kept here and was not forgotten.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it is not what was committed to.
    fn payload(&self, commitment: &Digest) -> Result<Option<Payload>, StoreError>;

    /// Deletes a payload and its salt; whether there was one. The commitment then says nothing.
    ///
    /// From the return on it is in no answer and no later copy of the book. What an implementation
    /// promises of its files, it documents; backups taken before, and the disk below, keep what they
    /// have.
    ///
    /// # Errors
    /// As [`Store::append`].
    fn forget_payload(&self, commitment: &Digest) -> Result<bool, StoreError>;

    /// Where the contents of an identity are, or `None` where it was never accepted.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the identity's record cannot be read.
    fn find(&self, customer: &str, source: &str, id: &str) -> Result<Option<Found>, StoreError>;

    /// Customers in the order of their names, after `after`, at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError::Behind`] where the state cannot follow.
    fn customers(&self, after: Option<&str>, rows: usize) -> Result<Vec<Customer>, StoreError>;

    /// The entries of both logs whose event, or whose replacement, carries a header of this value,
    /// with every further content and correction that decides what they stand for: what
    /// [`work::effective::resolve`] needs. Shared log first, each ascending.
    ///
    /// Fast for headers that name something (work, case, conversation, issue, user, lead, document,
    /// repository, patch, deal); reads the customer's whole logs for the others.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; each item may be [`StoreError::Corrupt`].
    fn entries_with(
        &self,
        customer: &str,
        header: Header,
        value: &str,
    ) -> Result<Entries, StoreError>;

    /// The entries of one work: [`Store::entries_with`] of its `workid`.
    ///
    /// # Errors
    /// As [`Store::entries_with`].
    fn work_entries(&self, customer: &str, work: &str) -> Result<Entries, StoreError> {
        self.entries_with(customer, Header::Work, work)
    }

    /// The facts of one kind that stand, in the order of the log. Costs and usage alone belong to works:
    /// of a work there are none of other kinds.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; each item may be [`StoreError::Corrupt`].
    fn facts(
        &self,
        customer: &str,
        kind: FactKind,
        which: FactsOf<'_>,
    ) -> Result<Facts, StoreError>;

    /// The customers under which a cost stands, for each of the names (source and id) in their order. Sources
    /// beside [`work::event::FEEDS_OF_CALLS`] are not looked up.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn customers_of_costs(&self, names: &[(&str, &str)]) -> Result<Vec<Vec<SmolStr>>, StoreError>;

    /// Sets the documents that govern customers without a contract, in place of all earlier ones.
    ///
    /// Setting the same again does nothing; setting others settles every work again, which readers
    /// wait for.
    ///
    /// # Errors
    /// [`StoreError::Document`] where one of them cannot be read; nothing is changed then.
    fn set_default_documents(&self, documents: &DefaultDocuments) -> Result<(), StoreError>;

    /// Settled units of a customer, in an order that does not change; [`UnitsOf::Latest`] in that of their opening.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; each item may be [`StoreError::Corrupt`].
    fn units(&self, customer: &str, which: UnitsOf<'_>) -> Result<Units, StoreError>;

    /// The scopes of a customer that were settled again by the entries of its shared log from position
    /// `size` on: what whoever knows the units as of that size has to read again.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn settled_since(&self, customer: &str, size: u64) -> Result<SettledSince, StoreError>;

    /// What keeps a customer's contracts from governing; empty where nothing does.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn contract_problems(&self, customer: &str) -> Result<Vec<ContractProblem>, StoreError>;

    /// Makes what is derived again: the state from the journal, for which readers wait, and the hash
    /// tiles from the entries.
    ///
    /// # Errors
    /// [`StoreError::Behind`] where the journal cannot be folded; [`StoreError::Corrupt`] where the
    /// entries of a log do not lead to its head.
    fn rebuild(&self) -> Result<(), StoreError>;

    /// Reads the whole book and reports whatever does not agree: entries with their commits, the
    /// index of identities and the heads with the entries, hash tiles and kept checkpoints with the trees
    /// of the entries, payloads with their commitments, the deliveries with what was appended, the state
    /// with a fresh fold.
    ///
    /// # Errors
    /// What keeps the book from being read at all.
    fn doctor(&self) -> Result<Health, StoreError>;

    /// Writes a copy of the book into `path`, which must not exist yet; the copy is a book of its
    /// own, of one instant, while this one goes on.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Full`] or [`StoreError::Io`].
    fn backup(&self, path: &Path) -> Result<(), StoreError>;
}
