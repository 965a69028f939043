//! What the trees must do: be those of RFC 6962 over the stored bytes, and prove it.

use tlog::bundle::{self, BundleId};
use tlog::limits::TILE_WIDTH;
use tlog::proof::{verify_consistency, verify_inclusion};
use tlog::tile::{self, TileId};
use tlog::{Hash, hash};
use work::body::Kind;
use work::{Event, LogKind};

use super::{append, cost, done, event, ids, opened};
use crate::{Store, StoreError, TreeHead, entry};

const SHARED: LogKind = LogKind::Shared;

/// MTH of RFC 6962 section 2.1, as it stands there.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash::empty(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            hash::node(&mth(left), &mth(right))
        }
    }
}

fn leaves(book: &dyn Store, customer: &str, log: LogKind) -> Vec<Hash> {
    done(book.entry_bytes(customer, log, 0..u64::MAX))
        .map(|bytes| hash::leaf(&done(bytes)))
        .collect()
}

/// A log of 700 entries and one of a few, grown side by side in batches of every size.
fn grow(book: &dyn Store) {
    let mut next = 0;
    for batch in [1, 2, 5, 100, 147, 1, 1, 255, 3, 184, 1] {
        let mut events: Vec<Event> = (next..next + batch)
            .map(|number| opened("acme", &number.to_string(), "w1"))
            .collect();
        events.push(cost("acme", &format!("k{next}"), "w1", "0.10"));
        append(book, &events);
        next += batch;
    }
}

pub(super) fn entries_are_their_bytes(book: &dyn Store) {
    let says_yes = event("acme", "7", Kind::Confirmed, "w1", 6, "");
    let says_no = event("acme", "7", Kind::Rejected, "w1", 6, "");
    append(book, &[opened("acme", "1", "w1"), says_yes, says_no]);
    let bytes: Vec<Vec<u8>> = done(book.entry_bytes("acme", SHARED, 0..9))
        .map(done)
        .collect();
    let entries: Vec<crate::Entry> = done(book.entries("acme", SHARED, 0..9)).map(done).collect();
    let read = (0..).zip(&bytes);
    let read = read.map(|(index, bytes)| done(entry::from_bytes(SHARED, index, bytes)));
    assert_eq!(read.collect::<Vec<_>>(), entries);
    assert!(entries[2].conflict && bytes[2].starts_with(b"{\"conflict\":true,\"event\":{"));
    let one = done(book.entry_bytes("acme", SHARED, 1..2))
        .map(done)
        .collect::<Vec<_>>();
    assert_eq!(one, bytes[1..2]);
    assert_eq!(done(book.entry_bytes("acme", SHARED, 3..9)).count(), 0);
    assert_eq!(done(book.entry_bytes("other", SHARED, 0..9)).count(), 0);
    let head = done(book.tree_head("acme", SHARED, None));
    assert_eq!(head.root, mth(&leaves(book, "acme", SHARED)));
}

pub(super) fn heads_are_those_of_rfc_6962(book: &dyn Store) {
    let empty = TreeHead {
        size: 0,
        root: hash::empty(),
    };
    assert_eq!(done(book.tree_head("acme", SHARED, None)), empty);
    assert_eq!(done(book.tree_head("acme", SHARED, Some(0))), empty);
    grow(book);
    for (log, size) in [(SHARED, 700), (LogKind::Seller, 11)] {
        let leaves = leaves(book, "acme", log);
        assert_eq!(leaves.len(), size);
        for at in [0, 1, 2, 3, 11, 255, 256, 257, 511, 512, 513, 699, 700] {
            if at <= size {
                let expected = TreeHead {
                    size: at as u64,
                    root: mth(&leaves[..at]),
                };
                let found = done(book.tree_head("acme", log, Some(at as u64)));
                assert_eq!(found, expected, "at {at}");
            }
        }
        let now = done(book.tree_head("acme", log, None));
        assert_eq!((now.size, now.root), (size as u64, mth(&leaves)));
    }
    let beyond = book.tree_head("acme", SHARED, Some(701));
    assert!(
        matches!(
            beyond,
            Err(StoreError::BeyondHead {
                asked: 701,
                size: 700,
                ..
            })
        ),
        "{beyond:?}"
    );
}

pub(super) fn proofs_verify(book: &dyn Store) {
    grow(book);
    let leaves = leaves(book, "acme", SHARED);
    let root = |size: u64| done(book.tree_head("acme", SHARED, Some(size))).root;
    let sizes = [1_u64, 2, 3, 7, 256, 257, 512, 600, 700];
    for size in sizes {
        for index in [0, 1, 2, 6, 255, 256, 511, 599, 699] {
            let proof = book.inclusion_proof("acme", SHARED, index, size);
            if index >= size {
                assert!(
                    matches!(proof, Err(StoreError::NoProof { .. })),
                    "{index} in {size}: {proof:?}"
                );
                continue;
            }
            let leaf = leaves[usize::try_from(index).unwrap_or(usize::MAX)];
            done(verify_inclusion(
                &leaf,
                index,
                size,
                &done(proof),
                &root(size),
            ));
        }
        for old in sizes {
            let proof = book.consistency_proof("acme", SHARED, old, size);
            if old > size {
                assert!(
                    matches!(proof, Err(StoreError::NoProof { .. })),
                    "{old} to {size}: {proof:?}"
                );
                continue;
            }
            let (before, after) = (root(old), root(size));
            done(verify_consistency(old, &before, size, &after, &done(proof)));
        }
    }
    for beyond in [
        book.inclusion_proof("acme", SHARED, 0, 701),
        book.consistency_proof("acme", SHARED, 1, 701),
        book.inclusion_proof("acme", SHARED, u64::MAX, u64::MAX),
        book.inclusion_proof("other", SHARED, 0, 1),
    ] {
        assert!(
            matches!(beyond, Err(StoreError::BeyondHead { .. })),
            "{beyond:?}"
        );
    }
    let from_nothing = book.consistency_proof("acme", SHARED, 0, 700);
    assert!(
        matches!(from_nothing, Err(StoreError::NoProof { .. })),
        "{from_nothing:?}"
    );
}

pub(super) fn tiles_and_bundles_are_those_of_c2sp(book: &dyn Store) {
    grow(book);
    let leaves = leaves(book, "acme", SHARED);
    let entries: Vec<Vec<u8>> = done(book.entry_bytes("acme", SHARED, 0..u64::MAX))
        .map(done)
        .collect();
    let width = usize::from(TILE_WIDTH);
    let mut seen = Vec::new();
    for id in tile::tiles(700) {
        let tile = done(book.hash_tile("acme", SHARED, id));
        let tile = tile.unwrap_or_else(|| panic!("{id} is not there"));
        let expected: Vec<Hash> = match id.level() {
            0 => leaves
                .chunks(width)
                .map(<[Hash]>::to_vec)
                .collect::<Vec<_>>()[usize::try_from(id.index()).unwrap_or(usize::MAX)]
            .clone(),
            _ => leaves.chunks_exact(width).map(mth).collect(),
        };
        assert_eq!(tile.hashes(), expected, "{id}");
        seen.push(id.to_string());
    }
    assert_eq!(
        seen,
        [
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/188",
            "tile/1/000.p/2"
        ]
    );
    // One that was partial once is still served, and nothing is that is not there yet.
    let tile = |level, index, width| {
        let id = done(TileId::new(level, index, width));
        let tile = done(book.hash_tile("acme", SHARED, id));
        tile.map(|tile| tile.hashes().to_vec())
    };
    assert_eq!(tile(0, 1, 17), Some(leaves[256..273].to_vec()));
    assert_eq!(tile(1, 0, 1), Some(vec![mth(&leaves[..256])]));
    for (level, index, width) in [(0, 2, 189), (0, 2, 256), (0, 3, 1), (1, 0, 3), (2, 0, 1)] {
        assert_eq!(tile(level, index, width), None, "{level}/{index}.p/{width}");
    }
    for id in bundle::bundles(700) {
        let bytes = done(book.entry_bundle("acme", SHARED, id));
        let bytes = bytes.unwrap_or_else(|| panic!("{id} is not there"));
        let expected = entries
            .chunks(width)
            .nth(usize::try_from(id.index()).unwrap_or(usize::MAX));
        let expected = expected.map(|entries| entries.iter().map(Vec::as_slice).collect());
        assert_eq!(bundle::decode(id, &bytes).ok(), expected, "{id}");
    }
    for (index, width) in [(2, 189), (3, 1)] {
        let id = done(BundleId::new(index, width));
        assert_eq!(done(book.entry_bundle("acme", SHARED, id)), None);
    }
}

pub(super) fn a_log_keeps_its_heads_while_it_grows(book: &dyn Store) {
    let mut heads: Vec<TreeHead> = Vec::new();
    for number in 0..60 {
        // Another customer's log grows beside it, unevenly.
        let mut events = vec![opened("other", &number.to_string(), "w1")];
        let mine = 0..number % 11;
        events.extend(mine.map(|n| opened("acme", &format!("{number}-{n}"), "w1")));
        append(book, &events);
        heads.push(done(book.tree_head("acme", SHARED, None)));
    }
    let last = heads[heads.len() - 1];
    assert_eq!(
        ids(done(book.entries("acme", SHARED, 0..u64::MAX))).len() as u64,
        last.size
    );
    for head in heads {
        assert_eq!(done(book.tree_head("acme", SHARED, Some(head.size))), head);
        if head.size > 0 {
            let proof = done(book.consistency_proof("acme", SHARED, head.size, last.size));
            done(verify_consistency(
                head.size, &head.root, last.size, &last.root, &proof,
            ));
        }
    }
}
