//! The journal: the truth of a book, in fjall.
//!
//! Seven keyspaces, written together in one fsynced batch per group commit: `entries` (log, index ->
//! bytes), `identities` (key -> where its contents are), `heads` (log -> the frontier of its tree),
//! `tiles` (log, level, index -> 256 hashes of the tree, derived from the entries), `commits` (number
//! -> what was appended and the deliveries so far), and beside the logs `checkpoints` (log, size -> its
//! signed note) and `payloads` (commitment -> salt and payload). Nothing in `entries` is ever
//! overwritten or removed. Invariant: they agree at every instant, also after a crash.

mod beside;
mod check;
mod check_trees;
mod copy;
mod group;
mod keyspaces;
mod prepare;
mod queue;
pub(super) mod record;
mod remake;
mod tiles;
mod trees;
mod writer;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use fjall::{Database, Readable as _, Slice, Snapshot};
use jiff::Timestamp;
use tlog::Frontier;
use work::Event;

use self::keyspaces::{Keyspaces, open_keyspaces};
use self::prepare::prepare;
use self::queue::{Part, Queue, Task};
use self::record::{Commit, Identity, LogName, Origin, read_head, read_number};
use crate::entry::from_bytes;
use crate::limits::{BATCH_EVENTS_MAX, PART_EVENTS_MAX, PROBE_BYTES};
use crate::store::RefusedElsewhere;
use crate::{Appended, Deliveries, Entries, Entry, EntryBytes, Outcome, StoreError};

/// Records of one log by number, as they are read.
type LogRecords<T> = Box<dyn Iterator<Item = Result<(u64, T), StoreError>>>;

/// The open journal.
pub(super) struct Journal {
    path: PathBuf,
    db: Database,
    keyspaces: Keyspaces,
    queue: Queue,
    totals: Mutex<Deliveries>,
    number: AtomicU64,
    halt: Mutex<Option<String>>,
    news: (Mutex<u64>, Condvar),
}

/// The journal with its writer, which ends when this is dropped.
pub(super) struct Writing {
    journal: Arc<Journal>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.journal.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Journal {
    /// Opens the journal in `path`, making it where there is none, with its writer.
    pub(super) fn open(path: &Path) -> Result<(Arc<Journal>, Writing), StoreError> {
        let (db, keyspaces) = open_keyspaces(path)?;
        let journal = Journal {
            path: path.to_owned(),
            db,
            keyspaces,
            queue: Queue::default(),
            totals: Mutex::new(Deliveries::default()),
            number: AtomicU64::new(0),
            halt: Mutex::new(None),
            news: (Mutex::new(0), Condvar::new()),
        };
        let last = journal.read_tip()?;
        let journal = Arc::new(journal);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn({
                let journal = Arc::clone(&journal);
                move || writer::run(&journal, last)
            })
            .map_err(|source| StoreError::io("starting the writer", path, source))?;
        let writing = Writing {
            journal: Arc::clone(&journal),
            thread: Some(thread),
        };
        Ok((journal, writing))
    }

    fn read_tip(&self) -> Result<Commit, StoreError> {
        let Some(last) = self.keyspaces.commits.last_key_value() else {
            return Ok(Commit::genesis());
        };
        let (key, value) = last
            .into_inner()
            .map_err(|e| self.fault("reading commits", e))?;
        let number = read_number(&key)?;
        let commit = Commit::from_bytes(&value)?;
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = commit.totals;
        self.number.store(number, Ordering::Release);
        Ok(commit)
    }

    /// Appends events; returns once all that is acknowledged is durable.
    pub(super) fn append(
        &self,
        events: &[Event],
        received_at: Timestamp,
    ) -> Result<Vec<Outcome>, StoreError> {
        if events.len() > BATCH_EVENTS_MAX {
            return Err(StoreError::TooMany {
                what: "events",
                given: events.len(),
                max: BATCH_EVENTS_MAX,
            });
        }
        let mut replies = Vec::with_capacity(events.len().div_ceil(PART_EVENTS_MAX));
        for events in events.chunks(PART_EVENTS_MAX) {
            let prepared = events.iter().map(|event| prepare(event, received_at));
            let events = prepared.collect();
            replies.push(self.submit(Task::Deliveries(events))?);
        }
        let mut outcomes = Vec::with_capacity(events.len());
        for reply in replies {
            outcomes.extend(reply.recv().map_err(|_| self.gone())??);
        }
        Ok(outcomes)
    }

    /// Counts deliveries that were refused elsewhere and arrived at `received_at`.
    pub(super) fn count_refused(
        &self,
        refused: &[RefusedElsewhere],
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        for part in refused.chunks(PART_EVENTS_MAX) {
            let counted = part.iter().map(|own| {
                let name = |name: &Option<String>| name.clone().unwrap_or_default();
                let origin = Origin::new(&name(&own.customer), &name(&own.source), received_at);
                (origin, own.deliveries)
            });
            self.submit_and_wait(Task::RefusedElsewhere(counted.collect()))?;
        }
        Ok(())
    }

    /// Commits nothing, which shows whether the journal takes writes.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        self.submit_and_wait(Task::Nothing)
    }

    /// Has a task without outcomes done; returns once it is durable.
    fn submit_and_wait(&self, task: Task) -> Result<(), StoreError> {
        let reply = self.submit(task)?;
        reply.recv().map_err(|_| self.gone())?.map(|_| ())
    }

    fn submit(
        &self,
        task: Task,
    ) -> Result<std::sync::mpsc::Receiver<Result<Vec<Outcome>, StoreError>>, StoreError> {
        let (reply, answer) = sync_channel(1);
        let bytes = task.bytes();
        let part = Part { task, bytes, reply };
        if self.queue.push(part) {
            Ok(answer)
        } else {
            Err(self.gone())
        }
    }

    fn gone(&self) -> StoreError {
        let reason = self
            .halted()
            .unwrap_or_else(|| "the book is being closed".to_owned());
        StoreError::Halted { reason }
    }

    /// Why the journal takes no writes, if it takes none.
    pub(super) fn halted(&self) -> Option<String> {
        self.halt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Number of the last commit.
    pub(super) fn committed(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Deliveries up to the last commit.
    pub(super) fn deliveries(&self) -> Deliveries {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever follows the journal.
    pub(super) fn announce(&self) {
        *self.news.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.news.1.notify_all();
    }

    /// Waits for news beyond what was `heard`, and returns how much there is.
    pub(super) fn listen(&self, heard: u64) -> u64 {
        let mut news = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        while *news == heard {
            news = self
                .news
                .1
                .wait(news)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *news
    }

    /// What the journal knows of an identity.
    pub(super) fn identity(&self, key: &[u8; 16]) -> Result<Option<Identity>, StoreError> {
        let value = self
            .keyspaces
            .identities
            .get(key)
            .map_err(|e| self.fault("looking up an identity", e))?;
        value.map(|value| Identity::from_bytes(&value)).transpose()
    }

    /// The frontier of a log's tree.
    pub(super) fn tree(&self, name: &LogName) -> Result<Frontier, StoreError> {
        let value = self
            .keyspaces
            .heads
            .get(name.key())
            .map_err(|e| self.fault("looking up a log", e))?;
        value.map_or_else(|| Ok(Frontier::new()), |value| read_head(name, &value))
    }

    /// The size of a log.
    pub(super) fn head(&self, name: &LogName) -> Result<u64, StoreError> {
        Ok(self.tree(name)?.size())
    }

    /// A commit's record.
    pub(super) fn commit(&self, number: u64) -> Result<Option<Commit>, StoreError> {
        let key = number.to_be_bytes();
        let value = self
            .keyspaces
            .commits
            .get(key)
            .map_err(|e| self.fault("looking up a commit", e))?;
        value.map(|value| Commit::from_bytes(&value)).transpose()
    }

    /// What a commit appended.
    pub(super) fn appended(&self, number: u64) -> Result<Appended, StoreError> {
        let commit = self.commit(number)?;
        let commit = commit.ok_or_else(|| {
            StoreError::corrupt(format!("commit {number}"), "its record is missing")
        })?;
        let ranges = commit.ranges.into_iter().map(|(name, from, count)| {
            let range = from..from.saturating_add(u64::from(count));
            (name.customer, name.log, range)
        });
        Ok(Appended {
            number,
            ranges: ranges.collect(),
        })
    }

    /// One entry.
    pub(super) fn entry(&self, name: &LogName, index: u64) -> Result<Option<Entry>, StoreError> {
        let key = name.entry_key(index);
        let value = self
            .keyspaces
            .entries
            .get(key)
            .map_err(|e| self.fault("looking up an entry", e))?;
        value.map(|value| read(name, index, &value)).transpose()
    }

    /// The entries of a log within a range, from a snapshot of now.
    pub(super) fn range(&self, name: &LogName, range: Range<u64>) -> Entries {
        let stored = self.stored(&self.db.snapshot(), name, range);
        let name = name.clone();
        Box::new(stored.map(move |stored| {
            let (index, value) = stored?;
            read(&name, index, &value)
        }))
    }

    /// Their bytes.
    pub(super) fn bytes(&self, name: &LogName, range: Range<u64>) -> EntryBytes {
        let stored = self.stored(&self.db.snapshot(), name, range);
        Box::new(stored.map(|stored| Ok(stored?.1.to_vec())))
    }

    /// The stored bytes of the entries of a log within a range, each with its index.
    fn stored(
        &self,
        snapshot: &Snapshot,
        name: &LogName,
        range: Range<u64>,
    ) -> impl Iterator<Item = Result<(u64, Slice), StoreError>> + Send + use<> {
        let (name, path) = (name.clone(), self.path.clone());
        let mut expected = range.start;
        let keys = name.entry_key(range.start)..name.entry_key(range.end);
        // Engines do not like a range that ends before it begins.
        let found = (!range.is_empty()).then(|| snapshot.range(&self.keyspaces.entries, keys));
        found.into_iter().flatten().map(move |guard| {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| fault(&path, "reading entries", e))?;
            let (_, index) = LogName::from_entry_key(&key)?;
            if index != expected {
                let missing = format!("entry {expected} is missing, {index} follows");
                return Err(StoreError::corrupt(place(&name, expected), missing));
            }
            expected += 1;
            Ok((index, value))
        })
    }

    /// A failure of the engine, told apart by whether the disk is full.
    fn fault(&self, doing: &'static str, error: fjall::Error) -> StoreError {
        fault(&self.path, doing, error)
    }
}

/// Where an entry is, in words.
pub(super) fn place(name: &LogName, index: u64) -> String {
    format!("entry {index} of {name}")
}

/// Reads an entry, naming its place where that fails.
fn read(name: &LogName, index: u64, value: &[u8]) -> Result<Entry, StoreError> {
    from_bytes(name.log, index, value)
        .map_err(|problem| StoreError::corrupt(place(name, index), problem))
}

fn fault(path: &Path, doing: &'static str, error: fjall::Error) -> StoreError {
    match error {
        fjall::Error::Io(source) => StoreError::io(doing, path, source),
        fjall::Error::Storage(fjall::LsmError::Io(source)) => StoreError::io(doing, path, source),
        fjall::Error::Poisoned => match probe(path) {
            Err(source) => StoreError::io(doing, path, source),
            Ok(()) => StoreError::Halted {
                reason: format!("an earlier write in {} failed", path.display()),
            },
        },
        fjall::Error::JournalRecovery(_)
        | fjall::Error::InvalidTrailer
        | fjall::Error::InvalidTag(_)
        | fjall::Error::Decompress(_)
        | fjall::Error::Unrecoverable => {
            StoreError::corrupt(path.display().to_string(), format!("{doing}: {error}"))
        }
        fjall::Error::Storage(fjall::LsmError::ChecksumMismatch { .. }) => {
            StoreError::corrupt(path.display().to_string(), format!("{doing}: {error}"))
        }
        other => StoreError::engine(doing, other),
    }
}

/// Whether the disk takes a write: the engine says that one failed in the background, not why.
fn probe(path: &Path) -> std::io::Result<()> {
    let file = path.with_extension("probe");
    let result = std::fs::write(&file, vec![1; PROBE_BYTES]);
    let _ = std::fs::remove_file(&file);
    result
}
