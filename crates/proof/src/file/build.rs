//! Making a proof file: entries in, a zip out.
//!
//! The entries go through once. What is kept of them is the packed bundles and the events that the
//! statement is computed from. Invariant: a file that is made is valid under the key given; what
//! could not be proved is refused here.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;

use tlog::bundle::{self, BundleId};
use tlog::note::NoteError;
use tlog::tile::{Tile, TileBuilder, TileId};
use tlog::{Checkpoint, Frontier, Hash, Note, VerifierKey};
use work::body::{Body, Control, StatedCell};
use work::effective::Content;
use work::{Digest, Event};

use super::member::{bundle_name, payload_name, tile_name};
use super::readme::readme;
use super::{About, Engine, Member, manifest};
use crate::carry::LogEntry;
use crate::commitment::{self, SALT_BYTES};
use crate::entry::{Entry, EntryError};
use crate::recompute::{Drawn, RecomputeError, recompute};
use crate::tree::Tree;
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
        "the statement `{number}` was issued with {what} {issued}, which now computes to {computed}: \
         this version cannot prove it"
    )]
    Differs {
        /// Its number.
        number: String,
        /// What of it differs: its body, its cells, or its carry.
        what: &'static str,
        /// The digest issued.
        issued: Digest,
        /// The digest computed.
        computed: Digest,
    },
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
    let note: Note = request.checkpoint.parse()?;
    let head = Checkpoint::open(&note, request.key, [])
        .map_err(|error| BuildError::Checkpoint(error.to_string()))?
        .checkpoint;
    let mut log = Log::default();
    for bytes in entries {
        log.push(bytes.map_err(BuildError::Read)?.as_ref(), request.number)?;
    }
    log.finish()?;
    if log.frontier.size() != head.size() || log.frontier.root() != *head.root() {
        return Err(BuildError::Root {
            entries: log.frontier.size(),
            size: head.size(),
        });
    }
    let issued = log
        .issued
        .take()
        .ok_or_else(|| BuildError::NoStatement(request.number.to_owned()))?;
    let statement = log.draw(&issued)?;
    let about = issued.about(&head, request);
    log.disclose(request.payloads)?;
    let Log {
        mut zip,
        mut digests,
        ..
    } = log;
    let texts = [
        (Member::README, readme(&about)),
        (Member::CHECKPOINT, note.to_string()),
        (Member::ABOUT, about.to_text()),
        (Member::STATEMENT, statement),
    ];
    for (name, text) in &texts {
        digests.push(((*name).to_owned(), Digest::of(text.as_bytes())));
        zip.add(name, text.as_bytes(), true)?;
    }
    digests.sort();
    let lines = digests
        .iter()
        .map(|(name, digest)| (name.as_str(), *digest));
    zip.add(Member::MANIFEST, manifest(lines).as_bytes(), true)?;
    zip.finish(out)?;
    Ok(about)
}

/// A log on its way into a file.
#[derive(Default)]
struct Log {
    zip: Writer,
    digests: Vec<(String, Digest)>,
    tiles: TileBuilder,
    frontier: Frontier,
    leaves: Vec<Hash>,
    /// The entries of the bundle that is being filled.
    begun: Vec<Vec<u8>>,
    /// Events, until the statement is found.
    contents: Vec<Content>,
    commitments: HashSet<Digest>,
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
    carry: Digest,
}

impl Log {
    fn push<E>(&mut self, bytes: &[u8], number: &str) -> Result<(), BuildError<E>> {
        let index = self.frontier.size();
        let entry = Entry::parse(bytes).map_err(|source| BuildError::Entry { index, source })?;
        if let Body::Evidence { digest, .. } = &entry.event.body {
            self.commitments.insert(*digest);
        }
        if self.issued.is_none() {
            self.issued = Issued::of(index, &entry.event, number);
            self.contents.push(Content {
                entry: index,
                event: entry.event,
            });
        }
        let leaf = tlog::hash::leaf(bytes);
        self.frontier
            .push_leaf_hash(leaf)
            .map_err(|_| WriteError::TooLarge)?;
        self.leaves.push(leaf);
        for (id, tile) in self.tiles.push_leaf_hash(leaf) {
            self.tile(id, &tile)?;
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
        for (id, tile) in self.tiles.partial() {
            self.tile(id, &tile)?;
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

    /// The statement's body, computed from what it covers.
    fn draw<E>(&mut self, issued: &Issued) -> Result<String, BuildError<E>> {
        let mut contents = std::mem::take(&mut self.contents);
        contents.truncate(usize::try_from(issued.coverage).unwrap_or(usize::MAX));
        let again = |coverage: u64| self.contents(coverage.min(issued.coverage));
        let drawn = recompute(
            &issued.customer,
            contents,
            again,
            &issued.contract,
            issued.cut,
        );
        let drawn = drawn.map_err(|error| BuildError::Statement {
            number: issued.number.clone(),
            problem: match error {
                RecomputeError::Statement(error) => error.to_string(),
                RecomputeError::Read(()) => "its earlier entries are not there".to_owned(),
            },
        })?;
        let body = drawn.statement.body();
        let differs = |what, issued_as, computed| BuildError::Differs {
            number: issued.number.clone(),
            what,
            issued: issued_as,
            computed,
        };
        let computed = Digest::of(body.as_bytes());
        if computed != issued.body {
            return Err(differs("body", issued.body, computed));
        }
        let cells = StatedCell::digest(&drawn.statement.cells);
        if cells != issued.cells {
            return Err(differs("cells", issued.cells, cells));
        }
        let carry = self.carry(issued, &drawn)?;
        if carry != issued.carry {
            return Err(differs("carry", issued.carry, carry));
        }
        Ok(body)
    }

    /// The digest of the carry of what the statement covers.
    fn carry<E>(&self, issued: &Issued, drawn: &Drawn) -> Result<Digest, BuildError<E>> {
        let fetch = |positions: &BTreeSet<u64>| {
            let until = positions.last().map_or(0, |last| last + 1);
            let entries = self.again(until, |index, bytes| {
                let is_wanted = positions.contains(&index);
                Some(
                    is_wanted
                        .then(|| LogEntry::from_bytes(index, bytes))
                        .flatten(),
                )
            })?;
            Ok(entries.into_iter().flatten().collect())
        };
        let carry = drawn.carry(&Tree::of(self.leaves.clone()), fetch);
        carry.map_err(|()| BuildError::Statement {
            number: issued.number.clone(),
            problem: "its earlier entries are not there".to_owned(),
        })
    }

    /// The events of the first so many entries.
    fn contents(&self, until: u64) -> Result<Vec<Content>, ()> {
        self.again(until, |entry, bytes| {
            let event = Entry::parse(bytes).ok()?.event;
            Some(Content { entry, event })
        })
    }

    /// The first so many entries, out of the packed bundles.
    fn again<T>(
        &self,
        until: u64,
        mut read: impl FnMut(u64, &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, ()> {
        let mut entries = Vec::new();
        for id in bundle::bundles(self.frontier.size()) {
            let bytes = self.zip.plain(&bundle_name(id)).ok_or(())?;
            for bytes in bundle::decode(id, &bytes).map_err(|_| ())? {
                let index = entries.len() as u64;
                if index == until {
                    return Ok(entries);
                }
                entries.push(read(index, bytes).ok_or(())?);
            }
        }
        Ok(entries)
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
            carry,
            ..
        }) = &event.body
        else {
            return None;
        };
        (number == wanted).then(|| Issued {
            index,
            customer: event.customer.clone(),
            contract: contract.clone(),
            number: number.clone(),
            cut: *cut,
            revision: *revision,
            coverage: *coverage,
            body: *body,
            cells: *cells_digest,
            carry: *carry,
        })
    }

    fn about(&self, head: &Checkpoint, request: &Request<'_>) -> About {
        About {
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
