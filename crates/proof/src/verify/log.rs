//! Checks 8 to 10: every entry, the identities, the signatures.

use std::collections::{BTreeMap, HashMap, HashSet};

use tlog::vkey::SignatureType;
use tlog::{Note, VerifierKey};
use work::body::Kind;
use work::event::Authorship;
use work::{Digest, LogKind};

use super::covered::Beginning;
use super::refusal::{Code, Refusal};
use super::report::Cosigned;
use crate::carry::{Carry, LogEntry};
use crate::entry::{Entry, EntryError};
use crate::file::About;
use crate::signers::Signers;

/// Check 8: every entry reads, belongs to the customer log, and is of the one customer.
pub(super) fn entries(
    read: impl IntoIterator<Item = (u64, Result<Entry, EntryError>)>,
    about: &About,
) -> Result<Vec<LogEntry>, Refusal> {
    let mut entries = Vec::with_capacity(usize::try_from(about.size).unwrap_or(0));
    for (index, entry) in read {
        let refuse = |reason: String| Refusal::new(Code::Entry, format!("entry {index}: {reason}"));
        let entry = entry.map_err(|error| refuse(error.to_string()))?;
        if entry.event.log() != LogKind::Shared {
            return Err(refuse(format!(
                "`{}` does not belong into the customer log",
                entry.event.body.kind()
            )));
        }
        if entry.event.customer != about.customer {
            return Err(refuse(format!(
                "it is of customer `{}`, the file is about `{}`",
                entry.event.customer, about.customer
            )));
        }
        entries.push(LogEntry { index, entry });
    }
    entries.sort_by_key(|own| own.index);
    Ok(entries)
}

/// Check 9: contents of one identity differ, and exactly the later ones are marked.
pub(super) fn identities(entries: &[LogEntry]) -> Result<(), Refusal> {
    let mut first: HashMap<(&str, &str), &LogEntry> = HashMap::with_capacity(entries.len());
    let mut several: HashMap<(&str, &str), HashSet<Digest>> = HashMap::new();
    for own in entries {
        let LogEntry { index, entry } = own;
        let identity = (entry.event.source.as_str(), entry.event.id.as_str());
        let refuse = |reason: &str| {
            let (source, id) = identity;
            let reason = format!("entry {index}, `{id}` of source `{source}`: {reason}");
            Err(Refusal::new(Code::Identity, reason))
        };
        let Some(earlier) = first.get(&identity) else {
            first.insert(identity, own);
            if entry.conflict {
                return refuse("it is marked as a conflict, and is the first of its identity");
            }
            continue;
        };
        if !entry.conflict {
            return refuse(&format!(
                "entry {} has this identity already, and it is not marked as a conflict",
                earlier.index
            ));
        }
        let contents = several
            .entry(identity)
            .or_insert_with(|| HashSet::from([earlier.event().digest()]));
        if !contents.insert(entry.event.digest()) {
            return refuse("the same content is in the log twice");
        }
    }
    Ok(())
}

/// Check 10: signed events, published keys, and what published keys sign of the head.
pub(super) fn signatures(
    entries: &[LogEntry],
    about: &About,
    note: &Note,
    cosigned: &mut Vec<Cosigned>,
) -> Result<(), Refusal> {
    let mut signers = Signers::default();
    for own in entries {
        let index = own.index;
        let taken = signers.take(own.event(), &about.origin);
        taken.map_err(|error| Refusal::new(Code::Signature, format!("entry {index}: {error}")))?;
    }
    check_head(&signers, note, cosigned)
}

/// Lines of the head under published keys verify: successors of the log's key, and the buyer's own,
/// plain or as a cosignature.
fn check_head(signers: &Signers, note: &Note, cosigned: &mut Vec<Cosigned>) -> Result<(), Refusal> {
    let cosigners = signers.buyer().filter_map(|key| {
        let name = key.name().clone();
        VerifierKey::new(name, SignatureType::Cosignature, key.public_key()).ok()
    });
    let cosigners: Vec<VerifierKey> = cosigners.collect();
    let known = signers.seller().chain(signers.buyer());
    let known: Vec<&VerifierKey> = known.chain(&cosigners).collect();
    let signs = |key: &&VerifierKey| {
        let mut lines = note.signatures().iter();
        lines.any(|line| line.name() == key.name() && line.id() == key.id())
    };
    let signing: Vec<&VerifierKey> = known.into_iter().filter(signs).collect();
    if signing.is_empty() {
        return Ok(());
    }
    let verified = note
        .verify(signing)
        .map_err(|error| Refusal::new(Code::Signature, format!("log/checkpoint: {error}")))?;
    for own in verified {
        let line = Cosigned {
            name: own.key.name().to_string(),
            key_id: own.key.id().to_string(),
            time: match own.time {
                Some(time) => time,
                None => continue,
            },
        };
        if !cosigned.contains(&line) {
            cosigned.push(line);
        }
    }
    Ok(())
}

/// How many entries there are of each type.
pub(super) fn kinds(entries: &[LogEntry]) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<Kind, u64> = BTreeMap::new();
    for own in entries {
        *counts.entry(own.event().body.tag()).or_default() += 1;
    }
    let counts = counts.into_iter();
    counts
        .map(|(kind, n)| (kind.wire().to_owned(), n))
        .collect()
}

/// How many entries say that the buyer wrote them, and how many it signed.
pub(super) fn by_buyer(entries: &[LogEntry]) -> (u64, u64) {
    let said = entries
        .iter()
        .filter(|own| own.event().authorship == Authorship::Buyer);
    let signed = entries.iter().filter(|own| own.event().signature.is_some());
    (said.count() as u64, signed.count() as u64)
}

/// Check 8, the beginning: what was brought back reads.
pub(super) fn beginning(
    carry: Option<Carry>,
    brought: Option<&[u8]>,
) -> Result<Option<Beginning>, Refusal> {
    let (Some(carry), Some(brought)) = (carry, brought) else {
        return Ok(None);
    };
    let refuse = |reason: String| Refusal::new(Code::Entry, format!("`brought`: {reason}"));
    let text = std::str::from_utf8(brought).map_err(|_| refuse("it is not text".to_owned()))?;
    let brought = LogEntry::read_lines(text).map_err(|error| refuse(error.to_string()))?;
    Ok(Some(Beginning { carry, brought }))
}
