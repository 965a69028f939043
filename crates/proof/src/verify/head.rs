//! Checks 3 to 7: what the file is about, and the signed head of the log.

use tlog::bundle::BundleId;
use tlog::vkey::SignatureType;
use tlog::{Checkpoint, Frontier, Hash, Note, VerifierKey};

use super::container::Members;
use super::hashes::Hashes;
use super::refusal::{Code, Refusal};
use super::report::Cosigned;
use super::{Head, Options};
use crate::carry::Carry;
use crate::entry::{Entry, EntryError};
use crate::file::{About, Mode};
use crate::tree::Tree;

/// Entries in a full bundle.
const BUNDLE_ENTRIES: u64 = tlog::limits::TILE_WIDTH as u64;

/// Check 3: `proof.json`.
pub(super) fn about(members: &Members) -> Result<About, Refusal> {
    About::parse(&members.about).map_err(|error| Refusal::new(Code::Proof, error))
}

/// Check 4: the log's key, the pinned one where there is one.
pub(super) fn key(about: &About, options: &Options) -> Result<VerifierKey, Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Key, reason);
    let key = match &options.key {
        Some(pinned) => pinned.clone(),
        None => about
            .vkey
            .parse::<VerifierKey>()
            .map_err(|error| refuse(format!("the key in proof.json is no good: {error}")))?,
    };
    if key.name().as_str() != about.origin {
        return Err(refuse(format!(
            "the key is of the log `{}`, the file is of the log `{}`",
            key.name(),
            about.origin
        )));
    }
    if key.kind() != SignatureType::Ed25519 {
        return Err(refuse(format!(
            "the key of `{}` is not of the type that signs logs (0x01)",
            key.name()
        )));
    }
    Ok(key)
}

/// Check 5: the signed head.
pub(super) fn checkpoint(
    members: &Members,
    about: &About,
    key: &VerifierKey,
    options: &Options,
) -> Result<(Note, Vec<Cosigned>), Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Checkpoint, reason);
    let note = Note::parse(&members.checkpoint).map_err(|error| refuse(error.to_string()))?;
    // Read before the key is asked, so that a head of another log says so.
    let head: Checkpoint = note
        .text()
        .parse()
        .map_err(|error: tlog::checkpoint::CheckpointError| refuse(error.to_string()))?;
    if head.origin() != about.origin || head.size() != about.size || *head.root() != about.root {
        return Err(refuse(format!(
            "log/checkpoint is of `{}` with {} entries and root {}; proof.json says `{}`, {} and {}",
            head.origin(),
            head.size(),
            head.root(),
            about.origin,
            about.size,
            about.root
        )));
    }
    let cosigners: Vec<&VerifierKey> = options
        .cosigners
        .iter()
        .filter(|cosigner| *cosigner != key)
        .collect();
    let opened =
        Checkpoint::open(&note, key, cosigners).map_err(|error| refuse(error.to_string()))?;
    let cosigned = opened.cosignatures.iter().map(|own| Cosigned {
        name: own.key.name().to_string(),
        key_id: own.key.id().to_string(),
        time: own.time,
    });
    let cosigned = cosigned.collect();
    Ok((note, cosigned))
}

/// What check 6 finds: the hashes, the entries with their positions, and what stands for those before.
pub(super) struct Found {
    pub(super) hashes: Hashes,
    pub(super) carry: Option<Carry>,
    /// Position of the first of `entries`.
    begin: u64,
    /// By bundle.
    entries: Vec<Vec<Result<Entry, EntryError>>>,
}

impl Found {
    /// The hashes, the carry, and the entries behind it with their positions.
    pub(super) fn parts(
        self,
    ) -> (
        Hashes,
        Option<Carry>,
        impl Iterator<Item = (u64, Result<Entry, EntryError>)>,
    ) {
        let from = self.hashes.begin();
        let entries = (self.begin..).zip(self.entries.into_iter().flatten());
        let since = entries.filter(move |(index, _)| *index >= from);
        (self.hashes, self.carry, since)
    }
}

/// Check 6: bundles and tiles are those of the size, and give the head's root.
pub(super) fn tree(members: &mut Members, about: &About) -> Result<Found, Refusal> {
    let carry = match (about.mode, &members.carry, &members.brought) {
        (Mode::Full, None, None) => None,
        (Mode::Carry { from }, Some(carry), Some(_)) => Some(read_carry(carry, from, about)?),
        _ => {
            let problem = "a file in mode `carry` has the members `carry` and `brought`, and one in \
                           mode `full` has neither";
            return Err(Refusal::new(Code::Tree, problem));
        }
    };
    let begin = carry.as_ref().map_or(0, Carry::coverage) / BUNDLE_ENTRIES * BUNDLE_ENTRIES;
    let (leaves, entries) = bundles(members, about.size, begin)?;
    let hashes = match &carry {
        None => Hashes::Whole(Tree::of(leaves)),
        Some(carry) => continued(&carry.frontier, &leaves, begin)?,
    };
    let computed = hashes.root(about.size);
    if computed != Some(about.root) {
        let computed = computed.map_or_else(|| "none".to_owned(), |root| root.to_string());
        return Err(Refusal::new(
            Code::Tree,
            format!(
                "the {} entries have root {computed}, and the log signed {}: an entry was dropped, \
                 added, moved or altered",
                about.size, about.root
            ),
        ));
    }
    match &hashes {
        Hashes::Whole(tree) => tiles(members, tree, about.size)?,
        Hashes::Continued { .. } => {
            if let Some((id, _)) = members.tiles.first() {
                return Err(Refusal::new(
                    Code::Tree,
                    format!("a file in mode `carry` has no hash tiles, this one has `log/{id}`"),
                ));
            }
        }
    }
    Ok(Found {
        hashes,
        carry,
        begin,
        entries,
    })
}

fn read_carry(bytes: &[u8], from: u64, about: &About) -> Result<Carry, Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Tree, reason);
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("`carry` is not text".to_owned()))?;
    let carry = Carry::from_text(text).map_err(|error| refuse(error.to_string()))?;
    if carry.coverage() != from || carry.customer != about.customer || from >= about.size {
        return Err(refuse(format!(
            "`carry` is of {} entries of `{}`; proof.json says {from} of `{}`, in a log of {}",
            carry.coverage(),
            carry.customer,
            about.customer,
            about.size
        )));
    }
    Ok(carry)
}

/// The hashes from a carry on. The entries before it in the first bundle must lead to it.
fn continued(base: &Frontier, leaves: &[Hash], begin: u64) -> Result<Hashes, Refusal> {
    let refuse = || {
        Refusal::new(
            Code::Tree,
            "the entries before the carry's end do not lead to the carry's hashes",
        )
    };
    // The perfect subtrees of a whole number of bundles are the largest of the frontier's.
    let whole = usize::try_from(begin.count_ones()).map_err(|_| refuse())?;
    let hashes = base.hashes().get(..whole).ok_or_else(refuse)?;
    let mut reached = Frontier::from_hashes(begin, hashes.to_vec()).map_err(|_| refuse())?;
    let before = usize::try_from(base.size() - begin).map_err(|_| refuse())?;
    for leaf in leaves.get(..before).ok_or_else(refuse)? {
        reached.push_leaf_hash(*leaf).map_err(|_| refuse())?;
    }
    if reached != *base {
        return Err(refuse());
    }
    Ok(Hashes::Continued {
        base: base.clone(),
        leaves: leaves[before..].to_vec(),
    })
}

type Entries = (Vec<Hash>, Vec<Vec<Result<Entry, EntryError>>>);

/// The leaves and entries of the bundles from one that begins with entry `begin` on.
fn bundles(members: &mut Members, size: u64, begin: u64) -> Result<Entries, Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Tree, reason);
    let first = begin / BUNDLE_ENTRIES;
    let count = size.div_ceil(BUNDLE_ENTRIES) - first;
    if members.bundles.len() as u64 != count {
        return Err(refuse(format!(
            "a log of {size} entries has {count} bundles from entry {begin} on, the file has {}",
            members.bundles.len()
        )));
    }
    let mut leaves: Vec<Hash> = Vec::new();
    let mut entries = Vec::new();
    let expected = (first..).map_while(|index| BundleId::in_log(index, size));
    for ((id, bundle), must) in members.bundles.drain(..).zip(expected) {
        if id != must {
            return Err(refuse(format!(
                "a log of {size} entries has `log/{must}`, the file has `log/{id}`"
            )));
        }
        let bundle = bundle.map_err(refuse)?;
        leaves.extend(bundle.leaves);
        entries.push(bundle.entries);
    }
    Ok((leaves, entries))
}

/// The hash tiles are all that the size implies, with the hashes of the tree.
fn tiles(members: &Members, tree: &Tree, size: u64) -> Result<(), Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Tree, reason);
    let mut present = members.tiles.iter();
    for must in tlog::tile::tiles(size) {
        let Some((id, bytes)) = present.next() else {
            return Err(refuse(format!("the hash tile `log/{must}` is missing")));
        };
        if *id != must {
            return Err(refuse(format!(
                "a log of {size} entries has `log/{must}`, the file has `log/{id}`"
            )));
        }
        if tree.tile(must).as_ref() != Some(bytes) {
            return Err(refuse(format!(
                "the hash tile `log/{must}` holds other hashes than the entries have"
            )));
        }
    }
    if let Some((id, _)) = present.next() {
        return Err(refuse(format!(
            "a log of {size} entries has no hash tile `log/{id}`"
        )));
    }
    Ok(())
}

/// Check 7: the head continues the one that was verified before.
pub(super) fn pin(hashes: &Hashes, options: &Options) -> Result<(), Refusal> {
    let Some(Head { size, root }) = options.head else {
        return Ok(());
    };
    let refuse = |reason: String| Err(Refusal::new(Code::Pin, reason));
    match hashes.root(size) {
        Some(found) if found == root => Ok(()),
        Some(found) => refuse(format!(
            "the first {size} entries have root {found}, and the head verified before had {root}: \
             the log was rewritten. Keep both files, they show it"
        )),
        None if size < hashes.begin() => refuse(format!(
            "this file goes on from entry {}, and the head verified before has {size} entries: ask \
             for the statements between, or for a file of the whole log",
            hashes.begin()
        )),
        None => refuse(format!(
            "the head of this file has {} entries, and one of {size} was verified before: ask for a \
             file that is made now",
            hashes.size()
        )),
    }
}
