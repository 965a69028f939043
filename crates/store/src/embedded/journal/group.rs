//! One group commit in the making: decides each delivery against the journal and against what the
//! group itself adds, and collects what will be written.

use std::collections::{BTreeMap, HashMap};

use tlog::{Checkpoint, Frontier, Hash, Note, hash};
use work::limits::CONFLICTS_MAX;
use work::{Digest, EventError, SmolStr};

use super::Journal;
use super::prepare::{Candidate, Prepared, other_log};
use super::queue::Aside;
use super::record::{Chain, Commit, Identity, LogName, Origin, Traceless, checkpoint_key};
use super::tiles::Edges;
use crate::entry::marked_conflict;
use crate::{Outcome, StoreError};

/// What a group adds to one log.
struct Added {
    from: u64,
    /// The tree after the entries.
    tree: Frontier,
    entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
}

/// A group commit in the making.
pub(super) struct Group<'a> {
    journal: &'a Journal,
    commit: Commit,
    identities: HashMap<[u8; 16], Identity>,
    logs: BTreeMap<LogName, Added>,
    payloads: BTreeMap<Digest, Option<Vec<u8>>>,
    checkpoints: BTreeMap<Vec<u8>, Note>,
}

/// What a group writes.
pub(super) struct Writes {
    pub(super) commit: Commit,
    pub(super) entries: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) identities: Vec<([u8; 16], Vec<u8>)>,
    pub(super) heads: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) tiles: Vec<(Vec<u8>, Vec<u8>)>,
    /// By commitment; nothing where it is forgotten.
    pub(super) payloads: BTreeMap<Digest, Option<Vec<u8>>>,
    pub(super) checkpoints: BTreeMap<Vec<u8>, Note>,
}

impl Writes {
    /// How many records they are.
    pub(super) fn count(&self) -> usize {
        let logs = self.entries.len() + self.heads.len() + self.tiles.len();
        1 + logs + self.identities.len() + self.payloads.len() + self.checkpoints.len()
    }
}

impl<'a> Group<'a> {
    /// A group after `last`.
    pub(super) fn after(journal: &'a Journal, last: &Commit) -> Group<'a> {
        Group {
            journal,
            commit: Commit {
                totals: last.totals,
                chain: last.chain,
                ranges: Vec::new(),
                traceless: BTreeMap::new(),
            },
            identities: HashMap::new(),
            logs: BTreeMap::new(),
            payloads: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
        }
    }

    /// Adds what is kept beside the logs.
    pub(super) fn aside(&mut self, aside: Aside) -> Result<(), StoreError> {
        match aside {
            Aside::Payload(commitment, value) => {
                self.payloads.insert(commitment, value);
            }
            Aside::Checkpoint(name, checkpoint, note) => {
                self.keep_checkpoint(&name, &checkpoint, &note)?;
            }
        }
        Ok(())
    }

    /// Keeps a checkpoint, with the signatures of one that is there already.
    fn keep_checkpoint(
        &mut self,
        name: &LogName,
        checkpoint: &Checkpoint,
        note: &Note,
    ) -> Result<(), StoreError> {
        let key = checkpoint_key(name, checkpoint.size());
        let known = match self.checkpoints.remove(&key) {
            Some(known) => Some(known),
            None => self.journal.checkpoint_at(name, checkpoint.size())?,
        };
        let refuse = |problem: String| StoreError::Checkpoint {
            log: name.to_string(),
            size: checkpoint.size(),
            problem,
        };
        let mut kept = match known {
            None => note.clone(),
            Some(known) if known.text() == note.text() => known,
            Some(known) => {
                let other = known.text().lines().next().unwrap_or_default();
                let problem = format!("one is kept already, of the origin `{other}`");
                self.checkpoints.insert(key, known);
                return Err(refuse(problem));
            }
        };
        for signature in note.signatures() {
            if let Err(error) = kept.add(signature.clone()) {
                return Err(refuse(error.to_string()));
            }
        }
        self.checkpoints.insert(key, kept);
        Ok(())
    }

    /// Counts deliveries that were refused elsewhere.
    pub(super) fn count_refused(&mut self, origin: Origin, deliveries: u64) {
        self.commit.totals.received += deliveries;
        self.commit.totals.refused += deliveries;
        self.traceless(origin).refused += deliveries;
    }

    /// The count of deliveries of an origin that leave no entry.
    fn traceless(&mut self, origin: Origin) -> &mut Traceless {
        self.commit.traceless.entry(origin).or_default()
    }

    /// Decides one delivery.
    pub(super) fn decide(&mut self, prepared: Prepared) -> Result<Outcome, StoreError> {
        let (origin, outcome) = match prepared {
            Prepared::Refused(origin, error) => (origin, refused(error)),
            Prepared::Candidate(candidate) => {
                let origin = Origin {
                    customer: SmolStr::new(&candidate.name.customer),
                    source: candidate.source.clone(),
                    day: candidate.day,
                };
                (origin, self.decide_candidate(*candidate)?)
            }
        };
        match &outcome {
            Outcome::Duplicate { .. } => self.traceless(origin).duplicate += 1,
            Outcome::Refused { .. } => self.traceless(origin).refused += 1,
            Outcome::Accepted { .. } | Outcome::Conflict { .. } => {}
        }
        let totals = &mut self.commit.totals;
        totals.received += 1;
        *match &outcome {
            Outcome::Accepted { .. } => &mut totals.accepted,
            Outcome::Duplicate { .. } => &mut totals.duplicate,
            Outcome::Conflict { .. } => &mut totals.conflicting,
            Outcome::Refused { .. } => &mut totals.refused,
        } += 1;
        Ok(outcome)
    }

    fn decide_candidate(&mut self, candidate: Candidate) -> Result<Outcome, StoreError> {
        let log = candidate.name.log;
        let known = self.identity(&candidate.key)?;
        if let Some(known) = &known {
            if known.log != log {
                return Ok(refused(other_log(false, log, known.log)));
            }
            let same = known
                .contents
                .iter()
                .find(|(_, digest)| *digest == candidate.digest);
            if let Some((index, _)) = same {
                return Ok(Outcome::Duplicate { log, index: *index });
            }
            if known.contents.len() >= CONFLICTS_MAX {
                return Ok(refused(EventError {
                    pointer: "/id".to_owned(),
                    problem: format!(
                        "{CONFLICTS_MAX} different contents arrived under this source and id, \
                         and no further one is kept; decide with `event.corrected`, and let the \
                         sender use each id once"
                    ),
                }));
            }
        }
        if let Some(target) = &candidate.target
            && let Some(target) = self.identity(target)?
            && target.log != log
        {
            return Ok(refused(other_log(true, log, target.log)));
        }
        let (key, digest) = (candidate.key, candidate.digest);
        let index = self.append(candidate, known.is_some())?;
        let content = (index, digest);
        let (identity, outcome) = match known {
            None => (
                Identity {
                    log,
                    contents: vec![content],
                },
                Outcome::Accepted { log, index },
            ),
            Some(mut known) => {
                known.contents.push(content);
                let first = known.contents[0].0; // never empty: `from_bytes` refuses that
                (known, Outcome::Conflict { log, index, first })
            }
        };
        self.identities.insert(key, identity);
        Ok(outcome)
    }

    fn identity(&self, key: &[u8; 16]) -> Result<Option<Identity>, StoreError> {
        match self.identities.get(key) {
            Some(identity) => Ok(Some(identity.clone())),
            None => self.journal.identity(key),
        }
    }

    fn append(&mut self, candidate: Candidate, conflict: bool) -> Result<u64, StoreError> {
        if !self.logs.contains_key(&candidate.name) {
            let tree = self.journal.tree(&candidate.name)?;
            let added = Added {
                from: tree.size(),
                tree,
                entries: Vec::new(),
                leaves: Vec::new(),
            };
            self.logs.insert(candidate.name.clone(), added);
        }
        let added = self.logs.get_mut(&candidate.name).ok_or_else(|| {
            StoreError::corrupt("the group commit", "a log went missing while it was made")
        })?;
        let (entry, leaf) = if conflict {
            let entry = marked_conflict(&candidate.entry);
            let leaf = hash::leaf(&entry);
            (entry, leaf)
        } else {
            (candidate.entry, candidate.leaf)
        };
        let index = added.tree.size();
        added
            .tree
            .push_leaf_hash(leaf)
            .map_err(|error| StoreError::engine("appending to a log", error))?;
        added.entries.push(entry);
        added.leaves.push(leaf);
        Ok(index)
    }

    /// What the group writes, in the order of its keys.
    pub(super) fn finish(mut self, edges: &mut Edges) -> Writes {
        let mut chain = Chain::after(&self.commit.chain);
        let mut entries = Vec::new();
        let mut heads = Vec::with_capacity(self.logs.len());
        let mut tiles = Vec::new();
        for (name, added) in self.logs {
            // A group is bounded far below 2^32 entries.
            let count = u32::try_from(added.entries.len()).unwrap_or(u32::MAX);
            chain.range(&name, added.from, count);
            for (index, (entry, leaf)) in
                (added.from..).zip(added.entries.into_iter().zip(&added.leaves))
            {
                chain.add(leaf);
                entries.push((name.entry_key(index), entry));
            }
            heads.push((name.key(), added.tree.to_bytes()));
            tiles.extend(edges.tiles(self.journal, &name, added.from, &added.leaves));
            self.commit.ranges.push((name, added.from, count));
        }
        if !entries.is_empty() {
            self.commit.chain = chain.finish();
        }
        let mut identities: Vec<_> = self
            .identities
            .into_iter()
            .map(|(key, identity)| (key, identity.to_bytes()))
            .collect();
        identities.sort_unstable_by_key(|(key, _)| *key);
        Writes {
            commit: self.commit,
            entries,
            identities,
            heads,
            tiles,
            payloads: self.payloads,
            checkpoints: self.checkpoints,
        }
    }
}

fn refused(error: EventError) -> Outcome {
    Outcome::Refused {
        pointer: error.pointer,
        problem: error.problem,
    }
}
