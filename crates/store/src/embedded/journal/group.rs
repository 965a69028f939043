//! One group commit in the making: decides each delivery against the journal and against what the
//! group itself adds, and collects what will be written.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use work::EventError;
use work::limits::CONFLICTS_MAX;

use super::Journal;
use super::prepare::{Candidate, Prepared, other_log};
use super::record::{Chain, Commit, Identity, LogName};
use crate::entry::to_bytes;
use crate::{Outcome, StoreError};

/// What a group adds to one log.
struct Added {
    from: u64,
    entries: Vec<Vec<u8>>,
}

/// A group commit in the making.
pub(super) struct Group<'a> {
    journal: &'a Journal,
    commit: Commit,
    identities: HashMap<[u8; 16], Identity>,
    logs: BTreeMap<LogName, Added>,
}

/// What a group writes.
pub(super) struct Writes {
    pub(super) commit: Commit,
    pub(super) entries: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) identities: Vec<([u8; 16], Vec<u8>)>,
    pub(super) heads: Vec<(Vec<u8>, u64)>,
}

impl<'a> Group<'a> {
    /// A group after `last`.
    pub(super) fn after(journal: &'a Journal, last: &Commit) -> Group<'a> {
        Group {
            journal,
            commit: Commit {
                ranges: Vec::new(),
                ..last.clone()
            },
            identities: HashMap::new(),
            logs: BTreeMap::new(),
        }
    }

    /// Counts deliveries that were refused elsewhere.
    pub(super) fn count_refused(&mut self, deliveries: u64) {
        self.commit.totals.received += deliveries;
        self.commit.totals.refused += deliveries;
    }

    /// Decides one delivery.
    pub(super) fn decide(
        &mut self,
        prepared: Prepared,
        received_at: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let outcome = match prepared {
            Prepared::Refused(error) => refused(error),
            Prepared::Candidate(candidate) => self.decide_candidate(&candidate, received_at)?,
        };
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

    fn decide_candidate(
        &mut self,
        candidate: &Candidate,
        received_at: Timestamp,
    ) -> Result<Outcome, StoreError> {
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
        let index = self.append(candidate, received_at, known.is_some())?;
        let content = (index, candidate.digest);
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
        self.identities.insert(candidate.key, identity);
        Ok(outcome)
    }

    fn identity(&self, key: &[u8; 16]) -> Result<Option<Identity>, StoreError> {
        match self.identities.get(key) {
            Some(identity) => Ok(Some(identity.clone())),
            None => self.journal.identity(key),
        }
    }

    fn append(
        &mut self,
        candidate: &Candidate,
        received_at: Timestamp,
        conflict: bool,
    ) -> Result<u64, StoreError> {
        if !self.logs.contains_key(&candidate.name) {
            let from = self.journal.head(&candidate.name)?;
            self.logs.insert(
                candidate.name.clone(),
                Added {
                    from,
                    entries: Vec::new(),
                },
            );
        }
        let added = self.logs.get_mut(&candidate.name).ok_or_else(|| {
            StoreError::corrupt("the group commit", "a log went missing while it was made")
        })?;
        let index = added.from + added.entries.len() as u64;
        added
            .entries
            .push(to_bytes(&candidate.text, received_at, conflict));
        Ok(index)
    }

    /// What the group writes, in the order of its keys.
    pub(super) fn finish(mut self) -> Writes {
        let mut chain = Chain::after(&self.commit.chain);
        let mut entries = Vec::new();
        let mut heads = Vec::with_capacity(self.logs.len());
        for (name, added) in self.logs {
            let count = added.entries.len();
            for (index, entry) in (added.from..).zip(added.entries) {
                let key = name.entry_key(index);
                chain.add(&key, &entry);
                entries.push((key, entry));
            }
            heads.push((name.key(), added.from + count as u64));
            // A group is bounded far below 2^32 entries.
            let count = u32::try_from(count).unwrap_or(u32::MAX);
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
        }
    }
}

fn refused(error: EventError) -> Outcome {
    Outcome::Refused {
        pointer: error.pointer,
        problem: error.problem,
    }
}
