//! Checks 3 to 7: what the file is about, and the signed head of the log.

use tlog::vkey::SignatureType;
use tlog::{Checkpoint, Hash, Note, VerifierKey};

use super::container::Members;
use super::refusal::{Code, Refusal};
use super::report::Cosigned;
use super::{Head, Options};
use crate::entry::{Entry, EntryError};
use crate::file::About;
use crate::tree::Tree;

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

/// Check 6: bundles and tiles are those of the size, and give the head's root. The tree, and the
/// entries in order.
pub(super) fn tree(
    members: &mut Members,
    about: &About,
) -> Result<(Tree, Vec<Result<Entry, EntryError>>), Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Tree, reason);
    let size = about.size;
    if members.bundles.len() as u64 != size.div_ceil(256) {
        return Err(refuse(format!(
            "a log of {size} entries has {} bundles, the file has {}",
            size.div_ceil(256),
            members.bundles.len()
        )));
    }
    let mut leaves: Vec<Hash> = Vec::new();
    let mut entries = Vec::new();
    let expected = tlog::bundle::bundles(size);
    for ((id, bundle), must) in members.bundles.drain(..).zip(expected) {
        if id != must {
            return Err(refuse(format!(
                "a log of {size} entries has `log/{must}`, the file has `log/{id}`"
            )));
        }
        let bundle = bundle.map_err(refuse)?;
        leaves.extend(bundle.leaves);
        entries.extend(bundle.entries);
    }
    let tree = Tree::of(leaves);
    let computed = tree.root(size);
    if computed != Some(about.root) {
        let computed = computed.map_or_else(|| "none".to_owned(), |root| root.to_string());
        return Err(refuse(format!(
            "the {size} entries have root {computed}, and the log signed {}: an entry was dropped, \
             added, moved or altered",
            about.root
        )));
    }
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
    Ok((tree, entries))
}

/// Check 7: the head continues the one that was verified before.
pub(super) fn pin(tree: &Tree, options: &Options) -> Result<(), Refusal> {
    let Some(Head { size, root }) = options.head else {
        return Ok(());
    };
    let refuse = |reason: String| Err(Refusal::new(Code::Pin, reason));
    match tree.root(size) {
        Some(found) if found == root => Ok(()),
        Some(found) => refuse(format!(
            "the first {size} entries have root {found}, and the head verified before had {root}: \
             the log was rewritten. Keep both files, they show it"
        )),
        None => refuse(format!(
            "the head of this file has {} entries, and one of {size} was verified before: ask for a \
             file that is made now",
            tree.size()
        )),
    }
}
