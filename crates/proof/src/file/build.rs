//! Making a proof file: entries in, a zip out.
//!
//! The entries go through once. What is kept of them is the packed bundles and the events that the
//! statement is computed from. Invariant: a file that is made is valid under the key given; what
//! could not be proved is refused here.

use std::io::Write;

use pricing::account::Account;
use tlog::bundle::{self, BundleId};
use tlog::frontier::FrontierError;
use tlog::note::NoteError;
use tlog::tile::{Tile, TileBuilder, TileId};
use tlog::{Checkpoint, Frontier, Note, VerifierKey};
use work::body::{Body, Control, StatedCell};
use work::effective::Content;
use work::{Digest, Event};

use super::member::{bundle_name, payload_name, tile_name};
use super::readme::readme;
use super::{About, Engine, Member, Mode, manifest};
use crate::carry::{Carry, LogEntry};
use crate::commitment::{self, SALT_BYTES};
use crate::entry::{Entry, EntryError};
use crate::recompute::{RecomputeError, Recomputed, recompute};
use crate::zip::{WriteError, Writer};

const BUNDLE_ENTRIES: usize = tlog::limits::TILE_WIDTH as usize;

/// What a proof file is made for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The statement's printed number.
    pub number: &'a str,
    /// The log's head: its signed checkpoint, with cosignatures if there are any.
    pub checkpoint: &'a str,
    /// The log's key.
    pub key: &'a VerifierKey,
    /// Payloads to disclose.
    pub payloads: &'a [Payload],
    /// The software that makes the file.
    pub engine: Engine,
}

/// A payload that an entry committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The commitment's salt.
    pub salt: [u8; SALT_BYTES],
    /// The payload.
    pub bytes: Vec<u8>,
}

/// Why no proof file was made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError<E> {
    /// The log cannot be read.
    #[error("the customer log cannot be read")]
    Read(#[source] E),
    /// An entry is damaged.
    #[error("entry {index} of the customer log is damaged: {source}")]
    Entry {
        /// Its position.
        index: u64,
        /// Why.
        source: EntryError,
    },
    /// The checkpoint is not this log's.
    #[error("the checkpoint is not one of this log under this key: {0}")]
    Checkpoint(String),
    /// The entries are not the checkpoint's.
    #[error(
        "the {entries} entries of the log do not have the root that the checkpoint signs for {size}: \
         the stored log or the stored head is damaged; `piecework doctor` compares them"
    )]
    Root {
        /// Entries given.
        entries: u64,
        /// Size signed.
        size: u64,
    },
    /// The statement is not in the log.
    #[error(
        "the log up to its head has no statement `{0}`; `piecework statement list` shows those that \
         were issued"
    )]
    NoStatement(String),
    /// The statement cannot be computed.
    #[error("the statement `{number}` cannot be computed from the log: {problem}")]
    Statement {
        /// Its number.
        number: String,
        /// Why.
        problem: String,
    },
    /// It comes out otherwise.
    #[error(
        "the statement `{number}` was issued with digest {issued} and now computes to {computed}: \
         it cannot be proved by this version"
    )]
    Differs {
        /// Its number.
        number: String,
        /// The digest issued.
        issued: Digest,
        /// The digest computed.
        computed: Digest,
    },
    /// The carry's hashes are not a log's.
    #[error("the carry to go on from is damaged: its hashes are not those of a log of its size")]
    Carry,
    /// A payload that no entry names.
    #[error("no entry of the log commits to the payload with commitment {0}")]
    Payload(Digest),
    /// The zip.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl<E> From<NoteError> for BuildError<E> {
    fn from(error: NoteError) -> BuildError<E> {
        BuildError::Checkpoint(error.to_string())
    }
}

/// Makes the proof file of a statement from the entries of the customer log, in order and up to the
/// checkpoint's size, and writes it to `out`.
///
/// # Errors
/// [`BuildError`]; `out` may then hold a part of the file.
pub fn build<E, B: AsRef<[u8]>>(
    request: &Request<'_>,
    entries: impl IntoIterator<Item = Result<B, E>>,
    out: &mut dyn Write,
) -> Result<About, BuildError<E>> {
    let mut log = Log::default();
    let opened = log.read(request, entries)?;
    let statement = log.draw(&opened.issued)?;
    log.write(request, &opened, Mode::Full, statement, Vec::new(), out)
}

/// Makes a proof file that goes on from the carry of an earlier statement. `entries` are those from the
/// beginning of the bundle in which the carry ends ([`first_entry`]); `fetch` gives any earlier entry.
///
/// # Errors
/// [`BuildError`]; `out` may then hold a part of the file.
pub fn build_from_carry<E, B: AsRef<[u8]>>(
    request: &Request<'_>,
    carry: Carry,
    entries: impl IntoIterator<Item = Result<B, E>>,
    mut fetch: impl FnMut(u64) -> Result<B, E>,
    out: &mut dyn Write,
) -> Result<About, BuildError<E>> {
    let from = carry.coverage();
    let mut log = Log::after(&carry).map_err(|_| BuildError::Carry)?;
    let opened = log.read(request, entries)?;
    let since: Vec<LogEntry> = std::mem::take(&mut log.entries)
        .into_iter()
        .filter(|own| (from..opened.issued.coverage).contains(&own.index))
        .collect();
    let brought = carry.touched(&since, |index| {
        let bytes = fetch(index).map_err(BuildError::Read)?;
        let entry = Entry::parse(bytes.as_ref());
        let entry = entry.map_err(|source| BuildError::Entry { index, source })?;
        Ok::<_, BuildError<E>>(LogEntry { index, entry })
    })?;
    let lines = brought.iter().map(|own| format!("{}\n", own.to_line()));
    let members = vec![
        (Member::CARRY, carry.to_text()),
        (Member::BROUGHT, lines.collect()),
    ];
    let issued = &opened.issued;
    let resumed = carry
        .resume(brought, since)
        .map_err(|error| BuildError::Statement {
            number: issued.number.clone(),
            problem: error.to_string(),
        })?;
    let again = |until: u64| Ok(resumed.account(until));
    let statement = issued.compare(recompute(
        resumed.account(issued.coverage),
        again,
        &issued.contract,
        issued.cut,
    ))?;
    log.write(
        request,
        &opened,
        Mode::Carry { from },
        statement,
        members,
        out,
    )
}

/// The first entry that a file in mode `carry` holds: the first of the bundle in which the carry ends.
#[must_use]
pub const fn first_entry(coverage: u64) -> u64 {
    coverage / BUNDLE_ENTRIES as u64 * BUNDLE_ENTRIES as u64
}

/// A log that was read, and the statement found in it.
struct Opened {
    note: Note,
    head: Checkpoint,
    issued: Issued,
}

/// A log on its way into a file.
struct Log {
    /// Whether it begins with entry 0: then its hash tiles go into the file as well.
    is_whole: bool,
    zip: Writer,
    digests: Vec<(String, Digest)>,
    tiles: TileBuilder,
    frontier: Frontier,
    /// The entries of the bundle that is being filled.
    begun: Vec<Vec<u8>>,
    /// Entries, until the statement is found.
    entries: Vec<LogEntry>,
    commitments: std::collections::HashSet<Digest>,
    issued: Option<Issued>,
}

/// The statement that the file is about, as its entry says.
struct Issued {
    index: u64,
    customer: String,
    contract: String,
    number: String,
    cut: jiff::Timestamp,
    revision: u32,
    coverage: u64,
    body: Digest,
    cells: Digest,
}

impl Default for Log {
    /// A log from its beginning.
    fn default() -> Log {
        Log {
            is_whole: true,
            zip: Writer::default(),
            digests: Vec::new(),
            tiles: TileBuilder::default(),
            frontier: Frontier::default(),
            begun: Vec::new(),
            entries: Vec::new(),
            commitments: std::collections::HashSet::new(),
            issued: None,
        }
    }
}

impl Log {
    fn push<E>(&mut self, bytes: &[u8], number: &str) -> Result<(), BuildError<E>> {
        let index = self.frontier.size();
        let entry = Entry::parse(bytes).map_err(|source| BuildError::Entry { index, source })?;
        if let Body::Evidence { commitment, .. } = &entry.event.body {
            self.commitments.insert(*commitment);
        }
        if self.issued.is_none() {
            self.issued = Issued::of(index, &entry.event, number);
            self.entries.push(LogEntry { index, entry });
        }
        let leaf = tlog::hash::leaf(bytes);
        self.frontier
            .push_leaf_hash(leaf)
            .map_err(|_| WriteError::TooLarge)?;
        if self.is_whole {
            for (id, tile) in self.tiles.push_leaf_hash(leaf) {
                self.tile(id, &tile)?;
            }
        }
        self.begun.push(bytes.to_vec());
        if self.begun.len() == BUNDLE_ENTRIES {
            self.bundle()?;
        }
        Ok(())
    }

    /// The partial bundle and tiles at the log's right edge.
    fn finish<E>(&mut self) -> Result<(), BuildError<E>> {
        if !self.begun.is_empty() {
            self.bundle()?;
        }
        if self.is_whole {
            for (id, tile) in self.tiles.partial() {
                self.tile(id, &tile)?;
            }
        }
        Ok(())
    }

    fn bundle<E>(&mut self) -> Result<(), BuildError<E>> {
        let begun = std::mem::take(&mut self.begun);
        // Entries were read, so each is short enough, and there are 1 to 256 of them.
        let bytes = bundle::encode(&begun).map_err(|_| WriteError::TooLarge)?;
        let id = BundleId::in_log((self.frontier.size() - 1) / 256, self.frontier.size());
        let id = id.ok_or(WriteError::TooLarge)?;
        self.add(&bundle_name(id), &bytes, true)
    }

    fn tile<E>(&mut self, id: TileId, tile: &Tile) -> Result<(), BuildError<E>> {
        self.add(&tile_name(id), &tile.to_bytes(), false)
    }

    fn add<E>(&mut self, name: &str, bytes: &[u8], packs: bool) -> Result<(), BuildError<E>> {
        self.digests.push((name.to_owned(), Digest::of(bytes)));
        self.zip.add(name, bytes, packs)?;
        Ok(())
    }

    /// The log from the beginning of the bundle in which a carry ends.
    fn after(carry: &Carry) -> Result<Log, FrontierError> {
        let begin = first_entry(carry.coverage());
        // The perfect subtrees of a whole number of bundles are the largest of the frontier's.
        let whole = usize::try_from(begin.count_ones()).unwrap_or(usize::MAX);
        let hashes = carry.frontier.hashes().iter().take(whole).copied();
        Ok(Log {
            frontier: Frontier::from_hashes(begin, hashes.collect())?,
            is_whole: false,
            ..Log::default()
        })
    }

    /// Takes the entries up to the head, which must be theirs, and finds the statement.
    fn read<E, B: AsRef<[u8]>>(
        &mut self,
        request: &Request<'_>,
        entries: impl IntoIterator<Item = Result<B, E>>,
    ) -> Result<Opened, BuildError<E>> {
        let note: Note = request.checkpoint.parse()?;
        let head = Checkpoint::open(&note, request.key, [])
            .map_err(|error| BuildError::Checkpoint(error.to_string()))?
            .checkpoint;
        for bytes in entries {
            self.push(bytes.map_err(BuildError::Read)?.as_ref(), request.number)?;
        }
        self.finish()?;
        if self.frontier.size() != head.size() || self.frontier.root() != *head.root() {
            return Err(BuildError::Root {
                entries: self.frontier.size(),
                size: head.size(),
            });
        }
        let issued = self
            .issued
            .take()
            .ok_or_else(|| BuildError::NoStatement(request.number.to_owned()))?;
        Ok(Opened { note, head, issued })
    }

    /// The statement's body, computed from the whole log.
    fn draw<E>(&mut self, issued: &Issued) -> Result<String, BuildError<E>> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.truncate(usize::try_from(issued.coverage).unwrap_or(usize::MAX));
        let contents = entries.into_iter().map(LogEntry::into_content).collect();
        let account = Account::fold(&issued.customer, contents, None);
        let again = |until: u64| self.again(&issued.customer, until.min(issued.coverage));
        issued.compare(recompute(account, again, &issued.contract, issued.cut))
    }

    /// The account of the first so many entries, out of the packed bundles.
    fn again(&self, customer: &str, coverage: u64) -> Result<Account, ()> {
        let mut contents = Vec::new();
        for id in bundle::bundles(self.frontier.size()) {
            if contents.len() as u64 >= coverage {
                break;
            }
            let bytes = self.zip.plain(&bundle_name(id)).ok_or(())?;
            for bytes in bundle::decode(id, &bytes).map_err(|_| ())? {
                let event = Entry::parse(bytes).map_err(|_| ())?.event;
                let entry = contents.len() as u64;
                contents.push(Content { entry, event });
            }
        }
        contents.truncate(usize::try_from(coverage).unwrap_or(usize::MAX));
        Ok(Account::fold(customer, contents, None))
    }

    /// Adds what is not of the log, and writes the zip.
    fn write<E>(
        mut self,
        request: &Request<'_>,
        opened: &Opened,
        mode: Mode,
        statement: String,
        members: Vec<(&str, String)>,
        out: &mut dyn Write,
    ) -> Result<About, BuildError<E>> {
        let about = opened.issued.about(&opened.head, request, mode);
        self.disclose(request.payloads)?;
        let texts = [
            (Member::README, readme(&about)),
            (Member::CHECKPOINT, opened.note.to_string()),
            (Member::ABOUT, about.to_text()),
            (Member::STATEMENT, statement),
        ];
        for (name, text) in texts.into_iter().chain(members) {
            self.add(name, text.as_bytes(), true)?;
        }
        self.digests.sort();
        let lines = self.digests.iter();
        let lines = manifest(lines.map(|(name, digest)| (name.as_str(), *digest)));
        self.zip.add(Member::MANIFEST, lines.as_bytes(), true)?;
        self.zip.finish(out)?;
        Ok(about)
    }

    fn disclose<E>(&mut self, payloads: &[Payload]) -> Result<(), BuildError<E>> {
        for payload in payloads {
            let commitment = commitment::commit(&payload.salt, &payload.bytes);
            if !self.commitments.contains(&commitment) {
                return Err(BuildError::Payload(commitment));
            }
            let bytes = [&payload.salt[..], &payload.bytes].concat();
            self.add(&payload_name(commitment), &bytes, true)?;
        }
        Ok(())
    }
}

impl Issued {
    fn of(index: u64, event: &Event, wanted: &str) -> Option<Issued> {
        let Body::Control(Control::StatementIssued {
            contract,
            cut,
            revision,
            number,
            coverage,
            body,
            cells_digest,
            ..
        }) = &event.body
        else {
            return None;
        };
        (number == wanted).then(|| Issued {
            index,
            customer: event.customer.to_string(),
            contract: contract.clone(),
            number: number.clone(),
            cut: *cut,
            revision: *revision,
            coverage: *coverage,
            body: *body,
            cells: *cells_digest,
        })
    }

    /// The body that was computed, where it is the one that was issued.
    fn compare<E>(
        &self,
        drawn: Result<Recomputed, RecomputeError<()>>,
    ) -> Result<String, BuildError<E>> {
        let drawn = drawn.map_err(|error| BuildError::Statement {
            number: self.number.clone(),
            problem: match error {
                RecomputeError::Statement(error) => error.to_string(),
                RecomputeError::Read(()) => "its earlier entries are not there".to_owned(),
            },
        })?;
        let body = drawn.statement.body();
        let computed = Digest::of(body.as_bytes());
        let cells = StatedCell::digest(&drawn.statement.cells);
        if computed != self.body || cells != self.cells {
            return Err(BuildError::Differs {
                number: self.number.clone(),
                issued: self.body,
                computed,
            });
        }
        Ok(body)
    }

    fn about(&self, head: &Checkpoint, request: &Request<'_>, mode: Mode) -> About {
        About {
            mode,
            customer: self.customer.clone(),
            contract: self.contract.clone(),
            number: self.number.clone(),
            cut: self.cut,
            revision: self.revision,
            origin: head.origin().to_owned(),
            vkey: request.key.to_string(),
            coverage: self.coverage,
            size: head.size(),
            root: *head.root(),
            issued: self.index,
            time_zones: crate::time_zones().to_owned(),
            engine: request.engine.clone(),
        }
    }
}
