//! What a book in a directory does for its trees and for what lies beside its logs: finds damage,
//! mends what is derived, copies everything, and lets go of what was forgotten.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::fs;
use std::path::{Path, PathBuf};

use fjall::{Keyspace, KeyspaceCreateOptions};
use piecework_store as store;
use proof::commitment::commit;
use store::conformance::event;
use store::{Embedded, Store, StoreError, TreeHead};
use tlog::tile::{self, TileBuilder, TileId};
use tlog::{Checkpoint, Frontier, SignerKey, hash, proof as tree_proof};
use work::body::Kind;
use work::{Event, LogKind};

const SHARED: LogKind = LogKind::Shared;

fn arrival() -> jiff::Timestamp {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

fn opened(from: usize, count: usize) -> Vec<Event> {
    (from..from + count)
        .map(|n| event("acme", &n.to_string(), Kind::Opened, "w1", 6, ""))
        .collect()
}

fn findings(book: &Embedded) -> Vec<String> {
    book.doctor().unwrap().findings
}

fn signed(head: TreeHead) -> String {
    let name = "vendor.example/log/8f3a";
    let key = SignerKey::from_seed(name.parse().unwrap(), &[7; 32]);
    let checkpoint = Checkpoint::new(name, head.size, head.root).unwrap();
    checkpoint.sign(&key).unwrap().to_string()
}

/// A closed book of 700 entries, a checkpoint and a payload.
fn book(path: &Path) {
    let book = Embedded::create(path).unwrap();
    book.append(&opened(0, 700), arrival()).unwrap();
    let head = book.tree_head("acme", SHARED, Some(600)).unwrap();
    book.keep_checkpoint("acme", SHARED, &signed(head)).unwrap();
    book.put_payload(&[3; 32], b"what the agent said").unwrap();
    assert_eq!(findings(&book), Vec::<String>::new());
}

/// Changes the journal of a closed book.
fn meddle(path: &Path, keyspace: &str, change: impl FnOnce(&Keyspace)) {
    let db = fjall::Database::builder(path.join("journal"))
        .open()
        .unwrap();
    change(
        &db.keyspace(keyspace, KeyspaceCreateOptions::default)
            .unwrap(),
    );
    db.persist(fjall::PersistMode::SyncAll).unwrap();
}

/// Puts something else in place of the value of the first key.
fn replace_first(keyspace: &Keyspace, with: impl FnOnce(&[u8]) -> Vec<u8>) {
    let (key, value) = keyspace.first_key_value().unwrap().into_inner().unwrap();
    keyspace.insert(key, with(&value)).unwrap();
}

fn flipped(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    value[20] ^= 1;
    value
}

#[test]
fn a_damaged_tile_is_an_error_until_it_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    book(&path);
    meddle(&path, "tiles", |tiles| replace_first(tiles, flipped));
    let book = Embedded::open(&path).unwrap();
    assert_eq!(
        findings(&book),
        ["tile/0/000 of the shared log of `acme` is not what its entries hash to"]
    );
    for proof in [
        book.inclusion_proof("acme", SHARED, 1, 700),
        book.inclusion_proof("acme", SHARED, 699, 700),
        book.inclusion_proof("acme", SHARED, 5, 300),
    ] {
        assert!(matches!(proof, Err(StoreError::Tiles { .. })), "{proof:?}");
    }
    // A proof that needs none of the damaged hashes is still right.
    book.inclusion_proof("acme", SHARED, 0, 700).unwrap();
    let at = book.tree_head("acme", SHARED, Some(300));
    assert!(matches!(at, Err(StoreError::Tiles { .. })), "{at:?}");
    book.rebuild().unwrap();
    assert_eq!(findings(&book), Vec::<String>::new());
    let proof = book.inclusion_proof("acme", SHARED, 1, 700).unwrap();
    assert_eq!(proof.len(), 10);
}

#[test]
fn a_missing_tile_is_made_of_the_entries_and_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    book(&path);
    let id = TileId::new(0, 1, 256).unwrap();
    let before = Embedded::open(&path).unwrap();
    let tile = before.hash_tile("acme", SHARED, id).unwrap();
    drop(before);
    meddle(&path, "tiles", |tiles| {
        let last = tiles.last_key_value().unwrap().key().unwrap();
        tiles.remove(last).unwrap();
    });
    let book = Embedded::open(&path).unwrap();
    assert_eq!(
        findings(&book),
        ["tile/0/001 of the shared log of `acme` is missing"]
    );
    assert_eq!(book.hash_tile("acme", SHARED, id).unwrap(), tile);
    book.rebuild().unwrap();
    assert_eq!(findings(&book), Vec::<String>::new());
}

#[test]
fn doctor_finds_what_somebody_changed_beside_the_entries() {
    let directory = tempfile::tempdir().unwrap();
    let changed = |name: &str, keyspace: &str, change: &dyn Fn(&Keyspace)| -> Vec<String> {
        let path = directory.path().join(name);
        book(&path);
        meddle(&path, keyspace, change);
        findings(&Embedded::open(&path).unwrap())
    };
    let says = |findings: Vec<String>, said: &[&str]| {
        assert_eq!(findings.len(), said.len(), "{findings:?}");
        for (finding, said) in findings.iter().zip(said) {
            assert!(finding.contains(said), "{said}: {finding}");
        }
    };
    says(
        changed("head", "heads", &|heads| replace_first(heads, flipped)),
        &["the head of the shared log of `acme` has the root"],
    );
    says(
        changed("half a head", "heads", &|heads| {
            replace_first(heads, |value| value[..20].to_vec());
        }),
        &["the head of the shared log of `acme` is damaged"],
    );
    let forged = |size| {
        let root = hash::leaf(b"another history");
        signed(TreeHead { size, root }).into_bytes()
    };
    says(
        changed("checkpoint", "checkpoints", &|checkpoints| {
            replace_first(checkpoints, |_| forged(600));
        }),
        &["the checkpoint kept for 600 entries of the shared log of `acme` is not of its tree"],
    );
    says(
        changed("beyond", "checkpoints", &|checkpoints| {
            let key = checkpoints.first_key_value().unwrap().key().unwrap();
            let key = [&key[..key.len() - 8], &701_u64.to_be_bytes()].concat();
            checkpoints.insert(key, forged(701)).unwrap();
        }),
        &["a checkpoint of the shared log of `acme` is kept for 701 entries, and there are 700"],
    );
    says(
        changed("stray", "tiles", &|tiles| {
            let key = tiles.last_key_value().unwrap().key().unwrap();
            let key = [&key[..key.len() - 8], &9_u64.to_be_bytes()].concat();
            tiles.insert(key, [0; 8_192]).unwrap();
        }),
        &["1 hash tiles belong to no log or lie beyond its head"],
    );
    says(
        changed("payload", "payloads", &|payloads| {
            replace_first(payloads, flipped);
        }),
        &["is not what was committed to"],
    );
}

#[test]
fn a_payload_that_was_changed_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    book(&path);
    meddle(&path, "payloads", |payloads| {
        replace_first(payloads, flipped);
    });
    let commitment = commit(&[3; 32], b"what the agent said");
    let error = Embedded::open(&path).unwrap().payload(&commitment);
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&commitment.to_string()), "{error}");
}

#[test]
fn a_backup_holds_trees_checkpoints_and_payloads() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("book"), directory.path().join("copy"));
    book(&path);
    let original = Embedded::open(&path).unwrap();
    original.backup(&copy).unwrap();
    original.append(&opened(700, 100), arrival()).unwrap();
    let copied = Embedded::open(&copy).unwrap();
    assert_eq!(findings(&copied), Vec::<String>::new());
    let kept = |book: &Embedded| book.checkpoint("acme", SHARED, 700).unwrap();
    assert_eq!(kept(&copied), kept(&original));
    let commitment = commit(&[3; 32], b"what the agent said");
    assert!(copied.payload(&commitment).unwrap().is_some());
    let then = original.tree_head("acme", SHARED, Some(700)).unwrap();
    assert_eq!(copied.tree_head("acme", SHARED, None).unwrap(), then);
    // The copy's log goes on from its own head.
    copied.append(&opened(700, 100), arrival()).unwrap();
    let now = |book: &Embedded| book.tree_head("acme", SHARED, None).unwrap();
    assert_eq!(now(&copied), now(&original));
}

/// The files of a book that hold some bytes, by their path in it.
fn files_with(path: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if fs::read(&path)
            .is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
        {
            found.push(path);
        }
    }
    found
}

fn in_tables(files: &[PathBuf]) -> bool {
    files
        .iter()
        .any(|file| file.parent().unwrap().ends_with("tables"))
}

/// Bytes that look random, so that no table makes them small.
fn noise(seed: u64, megabytes: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..megabytes * 128 * 1024).flat_map(next).collect()
}

/// A forgotten payload is in no table when the call returns, and leaves the write-ahead files as these
/// are retired.
#[test]
fn slow_a_forgotten_payload_leaves_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    let secret = b"ticket 88231: my daughter's diagnosis";
    let commitment = book.put_payload(&[9; 32], secret).unwrap();
    let mut written = 0;
    let mut write = || {
        written += 1;
        book.put_payload(&[0; 32], &noise(written, 8)).unwrap();
    };
    // Until its memory table has been written out.
    while !in_tables(&files_with(&path, secret)) {
        write();
    }
    assert!(book.forget_payload(&commitment).unwrap());
    let left = files_with(&path, secret);
    assert!(!in_tables(&left), "{left:?}");
    assert_eq!(book.payload(&commitment).unwrap(), None);
    // As much as the documentation of `forget_payload` says.
    for _ in 0..320 / 8 {
        write();
    }
    let begun = std::time::Instant::now();
    while !files_with(&path, secret).is_empty() {
        assert!(
            begun.elapsed().as_secs() < 60,
            "{:?}",
            files_with(&path, secret)
        );
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(book);
    let book = Embedded::open(&path).unwrap();
    assert_eq!(book.payload(&commitment).unwrap(), None);
    assert_eq!(findings(&book), Vec::<String>::new());
}

/// A tile of the second level fills at 65,536 entries, whatever the writer remembers of them.
#[test]
fn slow_tiles_of_the_second_level_fill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let (mut tiles, mut tree) = (TileBuilder::new(), Frontier::new());
    let mut full = Vec::new();
    let mut next = 0;
    drop(Embedded::create(&path).unwrap());
    for part in [30_000, 35_000, 535, 1, 264] {
        // Opened again: the writer remembers nothing.
        let book = Embedded::open(&path).unwrap();
        for chunk in opened(next, part).chunks(20_000) {
            book.append(chunk, arrival()).unwrap();
        }
        let range = next as u64..u64::MAX;
        for bytes in book.entry_bytes("acme", SHARED, range).unwrap() {
            let leaf = hash::leaf(&bytes.unwrap());
            tree.push_leaf_hash(leaf).unwrap();
            full.extend(tiles.push_leaf_hash(leaf));
        }
        next += part;
        let head = book.tree_head("acme", SHARED, None).unwrap();
        assert_eq!(head, TreeHead::from(&tree));
    }
    let book = Embedded::open(&path).unwrap();
    assert_eq!(full.len(), 257 + 1);
    for (id, tile) in full.into_iter().chain(tiles.partial()) {
        let found = book.hash_tile("acme", SHARED, id).unwrap();
        assert_eq!(found.as_ref(), Some(&tile), "{id}");
    }
    assert_eq!(tile::tiles(next as u64).count(), 258 + 1 + 1 + 1);
    assert_eq!(findings(&book), Vec::<String>::new());
    let head = TreeHead::from(&tree);
    for index in [0, 65_535, 65_536, 65_799] {
        let proof = book
            .inclusion_proof("acme", SHARED, index, head.size)
            .unwrap();
        let bytes = book.entry_bytes("acme", SHARED, index..index + 1).unwrap();
        let leaf = hash::leaf(&bytes.last().unwrap().unwrap());
        tree_proof::verify_inclusion(&leaf, index, head.size, &proof, &head.root).unwrap();
    }
}
