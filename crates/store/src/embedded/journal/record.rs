//! The journal's keys and values, as bytes.
//!
//! All numbers are big-endian, so that keys sort as numbers do. Invariant: reading what was written
//! gives it back, and anything else is an error that names the record.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use sha2::Digest as _;
use tlog::tile::TileId;
use tlog::{Frontier, Hash};
use work::limits::ID_BYTES_MAX;
use work::{Digest, LogKind, SmolStr};

use crate::{Deliveries, StoreError};

/// One of a customer's logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::embedded) struct LogName {
    /// The customer.
    pub(in crate::embedded) customer: String,
    /// Which of its logs.
    pub(in crate::embedded) log: LogKind,
}

impl LogName {
    pub(in crate::embedded) fn new(customer: &str, log: LogKind) -> LogName {
        LogName {
            customer: customer.to_owned(),
            log,
        }
    }

    /// The log's key in `heads`, and what its entries' keys begin with. The customer's length stands
    /// in front, so that no log's key is the beginning of another's.
    pub(in crate::embedded) fn key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.customer.len() + 11);
        self.write(&mut key);
        key
    }

    /// The key of an entry.
    pub(in crate::embedded) fn entry_key(&self, index: u64) -> Vec<u8> {
        let mut key = self.key();
        key.extend_from_slice(&index.to_be_bytes());
        key
    }

    /// The key of a full hash tile. Those of one log sort by level, then by index.
    pub(in crate::embedded) fn tile_key(&self, id: TileId) -> Vec<u8> {
        let mut key = self.key();
        key.push(id.level());
        key.extend_from_slice(&id.index().to_be_bytes());
        key
    }

    fn write(&self, out: &mut Vec<u8>) {
        // Admission bounds identifiers far below this.
        let length = u16::try_from(self.customer.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(self.customer.as_bytes());
        out.push(kind_byte(self.log));
    }

    fn read(bytes: &mut Bytes<'_>) -> Option<LogName> {
        let length = usize::from(u16::from_be_bytes(bytes.array()?));
        let customer = std::str::from_utf8(bytes.take(length)?).ok()?.to_owned();
        Some(LogName {
            customer,
            log: bytes.kind()?,
        })
    }

    /// Reads a key of `heads`.
    pub(in crate::embedded) fn from_key(key: &[u8]) -> Result<LogName, StoreError> {
        let mut bytes = Bytes(key);
        let name = LogName::read(&mut bytes).filter(|_| bytes.0.is_empty());
        name.ok_or_else(|| damaged("a log's name"))
    }

    /// Reads the key of an entry.
    pub(in crate::embedded) fn from_entry_key(key: &[u8]) -> Result<(LogName, u64), StoreError> {
        let mut bytes = Bytes(key);
        let read = |bytes: &mut Bytes<'_>| Some((LogName::read(bytes)?, bytes.u64()?));
        let name = read(&mut bytes).filter(|_| bytes.0.is_empty());
        name.ok_or_else(|| damaged("an entry's key"))
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} log of `{}`", self.log.name(), self.customer)
    }
}

fn kind_byte(log: LogKind) -> u8 {
    match log {
        LogKind::Shared => 0,
        LogKind::Seller => 1,
    }
}

fn damaged(record: &str) -> StoreError {
    StoreError::corrupt(record, "its bytes have no meaning")
}

/// What the journal knows of an identity: where its contents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::embedded) struct Identity {
    /// The log of all contents.
    pub(in crate::embedded) log: LogKind,
    /// Position and digest of each content, in the order of the log.
    pub(in crate::embedded) contents: Vec<(u64, Digest)>,
}

impl Identity {
    pub(in crate::embedded) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.contents.len() * 40);
        bytes.push(kind_byte(self.log));
        for (index, digest) in &self.contents {
            bytes.extend_from_slice(&index.to_be_bytes());
            bytes.extend_from_slice(digest.as_bytes());
        }
        bytes
    }

    pub(in crate::embedded) fn from_bytes(value: &[u8]) -> Result<Identity, StoreError> {
        let read = |bytes: &mut Bytes<'_>| {
            let log = bytes.kind()?;
            let mut contents = Vec::with_capacity(1);
            while !bytes.0.is_empty() {
                contents.push((bytes.u64()?, Digest::from_bytes(bytes.array()?)));
            }
            (!contents.is_empty()).then_some(Identity { log, contents })
        };
        read(&mut Bytes(value)).ok_or_else(|| damaged("an identity's record"))
    }
}

/// The tree of a log, as `heads` keeps it: its size and its frontier.
pub(in crate::embedded) fn read_head(name: &LogName, value: &[u8]) -> Result<Frontier, StoreError> {
    Frontier::from_bytes(value)
        .map_err(|error| StoreError::corrupt(format!("the head of {name}"), error.to_string()))
}

/// The number of a commit, from its key.
pub(in crate::embedded) fn read_number(key: &[u8]) -> Result<u64, StoreError> {
    Bytes(key).u64().ok_or_else(|| damaged("a commit's number"))
}

/// The key of a kept checkpoint. Those of one log sort by size.
pub(in crate::embedded) fn checkpoint_key(name: &LogName, size: u64) -> Vec<u8> {
    // Made as an entry's key, in another keyspace.
    name.entry_key(size)
}

/// What one group commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::embedded) struct Commit {
    /// Deliveries since the book began, this commit's included.
    pub(in crate::embedded) totals: Deliveries,
    /// Digest over the leaf hash of every entry of the book up to and with this commit: ties the state
    /// to the journal that it was made from, and lets `doctor` see any change.
    pub(in crate::embedded) chain: Digest,
    /// What it appended: log, first index, number of entries; by log.
    pub(in crate::embedded) ranges: Vec<(LogName, u64, u32)>,
    /// The deliveries that left no entry, by where they came from; none in commits of a release that did
    /// not tell.
    pub(in crate::embedded) traceless: BTreeMap<Origin, Traceless>,
}

/// Where deliveries came from, and on which day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::embedded) struct Origin {
    /// The customer that they name; empty where it could not be read.
    pub(in crate::embedded) customer: SmolStr,
    /// The source that they name; empty where it could not be read.
    pub(in crate::embedded) source: SmolStr,
    /// The day of their arrival in UTC, as days since 1970-01-01.
    pub(in crate::embedded) day: i32,
}

/// Deliveries that left no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::embedded) struct Traceless {
    pub(in crate::embedded) duplicate: u64,
    pub(in crate::embedded) refused: u64,
}

const NANOS_PER_DAY: i128 = 24 * 60 * 60 * 1_000_000_000;
/// In the place of a customer's length, which is far smaller: deliveries without entries follow.
const TRACELESS: u16 = u16::MAX;

impl Origin {
    /// Deliveries that arrived at an instant. A name that no event may have is not kept.
    pub(in crate::embedded) fn new(customer: &str, source: &str, at: Timestamp) -> Origin {
        let name = |own: &str| match own.len() <= ID_BYTES_MAX {
            true => SmolStr::new(own),
            false => SmolStr::default(),
        };
        Origin {
            customer: name(customer),
            source: name(source),
            day: day(at),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        for name in [&self.customer, &self.source] {
            // Bounded when it was made.
            let length = u16::try_from(name.len()).unwrap_or_default();
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(name.as_bytes());
        }
        out.extend_from_slice(&self.day.to_be_bytes());
    }

    fn read(bytes: &mut Bytes<'_>) -> Option<Origin> {
        let mut name = || {
            let length = usize::from(u16::from_be_bytes(bytes.array()?));
            Some(SmolStr::new(std::str::from_utf8(bytes.take(length)?).ok()?))
        };
        Some(Origin {
            customer: name()?,
            source: name()?,
            day: i32::from_be_bytes(bytes.array()?),
        })
    }
}

/// The day of an instant in UTC, as days since 1970-01-01.
pub(in crate::embedded) fn day(at: Timestamp) -> i32 {
    // Timestamps lie within a few million days.
    i32::try_from(at.as_nanosecond().div_euclid(NANOS_PER_DAY)).unwrap_or_default()
}

impl Commit {
    /// What stands before the first commit.
    pub(in crate::embedded) fn genesis() -> Commit {
        Commit {
            totals: Deliveries::default(),
            chain: Digest::from_bytes([0; 32]),
            ranges: Vec::new(),
            traceless: BTreeMap::new(),
        }
    }

    pub(in crate::embedded) fn to_bytes(&self) -> Vec<u8> {
        let totals = &self.totals;
        let mut bytes = Vec::with_capacity(72 + self.ranges.len() * 32);
        for count in [
            totals.received,
            totals.accepted,
            totals.duplicate,
            totals.conflicting,
            totals.refused,
        ] {
            bytes.extend_from_slice(&count.to_be_bytes());
        }
        bytes.extend_from_slice(self.chain.as_bytes());
        for (name, from, count) in &self.ranges {
            name.write(&mut bytes);
            bytes.extend_from_slice(&from.to_be_bytes());
            bytes.extend_from_slice(&count.to_be_bytes());
        }
        if !self.traceless.is_empty() {
            bytes.extend_from_slice(&TRACELESS.to_be_bytes());
        }
        for (origin, Traceless { duplicate, refused }) in &self.traceless {
            origin.write(&mut bytes);
            bytes.extend_from_slice(&duplicate.to_be_bytes());
            bytes.extend_from_slice(&refused.to_be_bytes());
        }
        bytes
    }

    pub(in crate::embedded) fn from_bytes(value: &[u8]) -> Result<Commit, StoreError> {
        let read = |bytes: &mut Bytes<'_>| {
            let totals = Deliveries {
                received: bytes.u64()?,
                accepted: bytes.u64()?,
                duplicate: bytes.u64()?,
                conflicting: bytes.u64()?,
                refused: bytes.u64()?,
            };
            let chain = Digest::from_bytes(bytes.array()?);
            let mut ranges = Vec::new();
            while !bytes.0.is_empty() && !bytes.0.starts_with(&TRACELESS.to_be_bytes()) {
                let name = LogName::read(bytes)?;
                ranges.push((name, bytes.u64()?, u32::from_be_bytes(bytes.array()?)));
            }
            let mut traceless = BTreeMap::new();
            let _ = bytes.take(TRACELESS.to_be_bytes().len());
            while !bytes.0.is_empty() {
                let origin = Origin::read(bytes)?;
                let (duplicate, refused) = (bytes.u64()?, bytes.u64()?);
                traceless.insert(origin, Traceless { duplicate, refused });
            }
            Some(Commit {
                totals,
                chain,
                ranges,
                traceless,
            })
        };
        read(&mut Bytes(value)).ok_or_else(|| damaged("a commit's record"))
    }
}

/// Computes [`Commit::chain`]: over the chain before, and each range with its entries' leaf hashes.
pub(in crate::embedded) struct Chain(sha2::Sha256);

impl Chain {
    /// Continues the chain of the commit before.
    pub(in crate::embedded) fn after(chain: &Digest) -> Chain {
        Chain(sha2::Sha256::new_with_prefix(chain.as_bytes()))
    }

    /// Begins a range of so many entries, which follow.
    pub(in crate::embedded) fn range(&mut self, name: &LogName, from: u64, count: u32) {
        self.0.update(name.entry_key(from)); // begins with its own length
        self.0.update(count.to_be_bytes());
    }

    /// Adds one entry of the range.
    pub(in crate::embedded) fn add(&mut self, leaf: &Hash) {
        self.0.update(leaf.as_bytes());
    }

    pub(in crate::embedded) fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn kind(&mut self) -> Option<LogKind> {
        match self.take(1)? {
            [0] => Some(LogKind::Shared),
            [1] => Some(LogKind::Seller),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = LogName> {
        (".{0,40}", any::<bool>()).prop_map(|(customer, shared)| {
            LogName::new(
                &customer,
                if shared {
                    LogKind::Shared
                } else {
                    LogKind::Seller
                },
            )
        })
    }

    fn origin() -> impl Strategy<Value = Origin> {
        (".{0,300}", ".{0,20}", any::<i64>()).prop_map(|(customer, source, second)| {
            let at = Timestamp::from_second(second % 200_000_000_000).unwrap();
            Origin::new(&customer, &source, at)
        })
    }

    fn digest() -> impl Strategy<Value = Digest> {
        any::<[u8; 32]>().prop_map(Digest::from_bytes)
    }

    proptest! {
        #[test]
        fn records_read_back(
            names in prop::collection::vec((name(), any::<u64>(), any::<u32>()), 0..8),
            contents in prop::collection::vec((any::<u64>(), digest()), 1..5),
            chain in digest(),
            counts in any::<[u64; 5]>(),
            traceless in prop::collection::btree_map(origin(), any::<[u64; 2]>(), 0..4),
        ) {
            let [received, accepted, duplicate, conflicting, refused] = counts;
            let totals = Deliveries { received, accepted, duplicate, conflicting, refused };
            let traceless = traceless.into_iter();
            let traceless = traceless.map(|(origin, [duplicate, refused])| (origin, Traceless { duplicate, refused }));
            let commit = Commit { totals, chain, ranges: names.clone(), traceless: traceless.collect() };
            prop_assert_eq!(Commit::from_bytes(&commit.to_bytes()).unwrap(), commit);
            let identity = Identity { log: LogKind::Seller, contents };
            prop_assert_eq!(Identity::from_bytes(&identity.to_bytes()).unwrap(), identity.clone());
            prop_assert!(Identity::from_bytes(&identity.to_bytes()[..20]).is_err());
            for (name, index, _) in names {
                prop_assert_eq!(LogName::from_key(&name.key()).unwrap(), name.clone());
                prop_assert_eq!(LogName::from_entry_key(&name.entry_key(index)).unwrap(), (name, index));
            }
        }

        #[test]
        fn entries_of_one_log_sort_by_index_and_never_mix(
            a in name(), b in name(), i in any::<u64>(), j in any::<u64>(),
        ) {
            prop_assert_eq!(a.entry_key(i).cmp(&a.entry_key(j)), i.cmp(&j));
            if a != b {
                prop_assert!(!b.entry_key(j).starts_with(&a.key()));
            }
        }
    }
}
