//! The carry: what a prefix of a customer log comes to, so that the next statement can be recomputed
//! from it and the entries since (semantics.md L1).
//!
//! A statement by difference looks at every work that was ever counted. The carry holds the settled
//! ones as they were settled, in **groups**, and everything that may still move (open works, usage,
//! seats, documents, statements, what was corrected or disputed) as the entries themselves. Whatever
//! later touches a group brings the group's own entries back; the group's digest says that they are
//! all of them. Not here: whether a log may be trusted (that is verification).
//!
//! Invariant: an account resumed from a carry and the entries since draws up the same statements, to
//! the byte, as one folded from the whole log; and the carry of a log does not depend on which carry
//! it was made from.

mod seal;
mod text;
mod touch;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pricing::account::{Account, CarriedUnit};
use tlog::{Frontier, Hash};
use work::Event;
use work::effective::Content;

use crate::Entry;

pub use seal::{seal, seal_whole};
pub use text::CarryError;

/// What a prefix of a customer log comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carry {
    /// The customer.
    pub customer: String,
    /// The prefix: so many entries.
    pub frontier: Frontier,
    /// Works settled before this instant may be in groups.
    pub cut: Timestamp,
    /// Settled units, ascending by their first entry.
    pub groups: Vec<Group>,
    /// The entries that no group holds, ascending.
    pub kept: Vec<LogEntry>,
}

/// Units that share facts or works, and the entries that settled them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Positions of the entries, ascending.
    pub entries: Vec<u64>,
    /// Over the positions and hashes of the entries: [`group_digest`].
    pub digest: Hash,
    /// The units.
    pub units: Vec<CarriedUnit>,
}

/// One entry of a log, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its position.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
}

impl LogEntry {
    /// The event in it.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.entry.event
    }

    /// The hash of the entry as a leaf of the log.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        tlog::hash::leaf(&self.entry.to_bytes())
    }

    /// The entry as the fold takes it, itself used up.
    #[must_use]
    pub fn into_content(self) -> Content {
        Content {
            entry: self.index,
            event: self.entry.event,
        }
    }

    /// The entry as the fold takes it.
    #[must_use]
    pub fn content(&self) -> Content {
        Content {
            entry: self.index,
            event: self.entry.event.clone(),
        }
    }
}

/// A carry does not fit the entries that are laid beside it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// The entries brought back for a group are not those that settled it.
    #[error(
        "the entries brought back for the group that begins with entry {first} are not those that \
         the carry commits to"
    )]
    NotTheGroup {
        /// The group's first entry.
        first: u64,
    },
    /// An entry was brought back that nothing touches, or twice.
    #[error("entry {entry} was brought back, and nothing since concerns it")]
    Stray {
        /// The entry.
        entry: u64,
    },
    /// Something since touches a group, and an entry of the group is missing.
    #[error(
        "something since concerns works that entry {entry} helped to settle, and it is missing"
    )]
    Missing {
        /// The entry.
        entry: u64,
    },
    /// A contract was changed backwards, so that settled works may be settled otherwise.
    #[error(
        "entry {entry} changes what was agreed before the cut {cut} of the carry; only the whole log \
         shows what that does"
    )]
    BackDated {
        /// The entry.
        entry: u64,
        /// The carry's cut.
        cut: Timestamp,
    },
}

/// The digest of a group: over position and leaf hash of each of its entries, ascending.
#[must_use]
pub fn group_digest(entries: impl IntoIterator<Item = (u64, Hash)>) -> Hash {
    let mut bytes = Vec::new();
    for (index, leaf) in entries {
        bytes.extend_from_slice(&index.to_be_bytes());
        bytes.extend_from_slice(leaf.as_bytes());
    }
    Hash::from_bytes(*work::Digest::of(&bytes).as_bytes())
}

/// A carry with what came after it: the whole log, as far as statements look at it.
#[derive(Debug, Clone)]
pub struct Resumed {
    /// Groups that nothing touched.
    pub groups: Vec<Group>,
    /// Entries at hand, ascending: kept, brought back, and new.
    pub entries: Vec<LogEntry>,
    customer: String,
    coverage: u64,
}

impl Carry {
    /// Entries of the log that the carry stands for.
    #[must_use]
    pub fn coverage(&self) -> u64 {
        self.frontier.size()
    }

    /// The groups that entries since touch, directly or through one another.
    ///
    /// `fetch` brings back an entry of the log by its position.
    ///
    /// # Errors
    /// Whatever `fetch` says.
    pub fn touched<E>(
        &self,
        since: &[LogEntry],
        mut fetch: impl FnMut(u64) -> Result<LogEntry, E>,
    ) -> Result<Vec<LogEntry>, E> {
        let mut back: BTreeSet<usize> = BTreeSet::new();
        let mut at_hand: Vec<LogEntry> = self.kept.iter().chain(since).cloned().collect();
        let mut brought = Vec::new();
        loop {
            let more = touch::touched(&self.customer, &self.groups, &at_hand);
            let new: Vec<usize> = more.difference(&back).copied().collect();
            if new.is_empty() {
                brought.sort_by_key(|entry: &LogEntry| entry.index);
                return Ok(brought);
            }
            for group in new {
                back.insert(group);
                for index in &self.groups[group].entries {
                    let entry = fetch(*index)?;
                    at_hand.push(entry.clone());
                    brought.push(entry);
                }
            }
            at_hand.sort_by_key(|entry| entry.index);
        }
    }

    /// Goes on from the carry with the entries brought back and those since.
    ///
    /// # Errors
    /// [`ResumeError`] where they are not what they must be.
    pub fn resume(
        self,
        brought: Vec<LogEntry>,
        since: Vec<LogEntry>,
    ) -> Result<Resumed, ResumeError> {
        let by_index: BTreeMap<u64, &LogEntry> =
            brought.iter().map(|entry| (entry.index, entry)).collect();
        let wanted = self.touched(&since, |index| match by_index.get(&index) {
            Some(entry) => Ok((*entry).clone()),
            None => Err(ResumeError::Missing { entry: index }),
        })?;
        let first_stray = brought
            .iter()
            .zip(wanted.iter().map(Some).chain(std::iter::repeat(None)))
            .find(|(entry, wanted)| Some(*entry) != *wanted);
        if let Some((stray, _)) = first_stray {
            return Err(ResumeError::Stray { entry: stray.index });
        }
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in self.groups {
            let own = group.entries.iter().filter_map(|own| by_index.get(own));
            let own: Vec<(u64, Hash)> = own.map(|entry| (entry.index, entry.leaf())).collect();
            if own.is_empty() {
                groups.push(group);
            } else if group_digest(own) != group.digest {
                let first = group.entries.first().copied().unwrap_or_default();
                return Err(ResumeError::NotTheGroup { first });
            }
        }
        let start = self.frontier.size();
        let coverage = since.last().map_or(start, |last| last.index + 1);
        let mut entries = self.kept;
        entries.extend(brought);
        entries.extend(since);
        entries.sort_by_key(|entry| entry.index);
        check_contracts(&self.customer, &entries, start, self.cut)?;
        Ok(Resumed {
            groups,
            entries,
            customer: self.customer,
            coverage,
        })
    }
}

/// A change of contract since that reaches behind the cut could settle carried works otherwise.
fn check_contracts(
    customer: &str,
    entries: &[LogEntry],
    since: u64,
    cut: Timestamp,
) -> Result<(), ResumeError> {
    use work::body::{Body, Control};
    let contents: Vec<Content> = entries.iter().map(LogEntry::content).collect();
    let account = touch::contracts(customer, &contents);
    for own in entries.iter().filter(|entry| entry.index >= since) {
        let reaches_back = match &own.event().body {
            Body::Control(
                Control::ContractAmended { effective, .. }
                | Control::ContractEnded { effective, .. },
            ) => *effective < cut,
            Body::Control(Control::ContractSigned { contract, .. }) => account
                .contract(contract)
                .is_some_and(|held| held.agreement.schedule.start.at < cut),
            Body::Corrected { target_kind, .. } => target_kind.is_control(),
            _ => false,
        };
        if reaches_back {
            return Err(ResumeError::BackDated {
                entry: own.index,
                cut,
            });
        }
    }
    Ok(())
}

impl Resumed {
    /// The whole log, with nothing carried.
    #[must_use]
    pub fn from_genesis(customer: &str, entries: Vec<LogEntry>) -> Resumed {
        Resumed {
            groups: Vec::new(),
            customer: customer.to_owned(),
            coverage: entries.last().map_or(0, |last| last.index + 1),
            entries,
        }
    }

    /// The account of the first `until` entries.
    ///
    /// Where `until` lies before what the carry stood for, there is no such account to be had.
    #[must_use]
    pub fn account(&self, until: u64) -> Account {
        let contents = self.entries.iter().filter(|entry| entry.index < until);
        let contents: Vec<Content> = contents.map(LogEntry::content).collect();
        let units = self.groups.iter().flat_map(|group| &group.units);
        let mut account =
            Account::resume(&self.customer, contents, units.cloned().collect(), None, 1);
        account.coverage = until.min(self.coverage);
        account
    }
}
