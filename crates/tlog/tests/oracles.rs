//! The same answers as three published implementations: `tlog_tiles` (a port of Go's `sumdb/tlog`),
//! `ct-merkle` and `signed_note` (a port of Go's `sumdb/note`).

#![allow(clippy::unwrap_used)]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use signed_note::{NoteError as OtherError, StandardSigner, StandardVerifier, VerifierList};
use tlog::proof::{prove_consistency, prove_inclusion, verify_consistency, verify_inclusion};
use tlog::{Frontier, Hash, Note, SignerKey, VerifierKey, hash};
use tlog_tiles::tlog as go;

mod memory;
use memory::Leaves;

const SIZE_MAX: u64 = 300;

fn entry(index: u64) -> [u8; 8] {
    index.to_be_bytes()
}

fn log() -> Leaves {
    Leaves::of((0..SIZE_MAX).map(|index| hash::leaf(&entry(index))))
}

/// The stored hashes of `tlog_tiles`.
struct Stored(Vec<go::Hash>);

impl go::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<go::Hash>, tlog_tiles::Error> {
        let hash = |&index: &u64| self.0[usize::try_from(index).unwrap()];
        Ok(indexes.iter().map(hash).collect())
    }
}

fn stored() -> Stored {
    let mut stored = Stored(Vec::new());
    for index in 0..SIZE_MAX {
        let hashes = go::stored_hashes(index, &entry(index), &stored).unwrap();
        stored.0.extend(hashes);
    }
    stored
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn go_bytes(proof: &[go::Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

/// Every leaf of every tree up to 300, and every pair of sizes.
#[test]
fn slow_proofs_are_those_of_tlog_tiles_and_ct_merkle() {
    let (log, stored) = (log(), stored());
    let mut tree = MemoryBackedTree::<sha2::Sha256, [u8; 8]>::new();
    let mut frontier = Frontier::new();
    for size in 1..=SIZE_MAX {
        let last = size - 1;
        tree.push(entry(last));
        frontier.push_leaf_hash(log.leaf(last)).unwrap();
        let root = frontier.root();
        assert_eq!(root, log.root(size));
        assert_eq!(root.as_bytes()[..], tree.root().as_bytes()[..]);
        assert_eq!(root.as_bytes(), &go::tree_hash(size, &stored).unwrap().0);
        for index in 0..size {
            let proof = prove_inclusion(&log, index, size).unwrap();
            let theirs = tree.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(bytes(&proof), theirs.as_bytes(), "leaf {index} in {size}");
            let theirs = go::prove_record(size, index, &stored).unwrap();
            assert_eq!(bytes(&proof), go_bytes(&theirs), "leaf {index} in {size}");
            assert_eq!(
                verify_inclusion(&log.leaf(index), index, size, &proof, &root),
                Ok(())
            );

            let old = index + 1;
            let proof = prove_consistency(&log, old, size).unwrap();
            let theirs = tree.prove_consistency(usize::try_from(size - old).unwrap());
            assert_eq!(bytes(&proof), theirs.as_bytes(), "{old} to {size}");
            let theirs = go::prove_tree(size, old, &stored).unwrap();
            assert_eq!(bytes(&proof), go_bytes(&theirs), "{old} to {size}");
            assert_eq!(
                verify_consistency(old, &log.root(old), size, &root, &proof),
                Ok(())
            );
        }
    }
}

/// A proof of one place or size, offered for another: the verifiers agree whether it holds.
#[test]
fn slow_proofs_for_other_places_are_refused_as_tlog_tiles_refuses_them() {
    let log = log();
    let theirs = |hash: Hash| go::Hash(*hash.as_bytes());
    for size in 1..=17 {
        for index in 0..size {
            let proof = prove_inclusion(&log, index, size).unwrap();
            let go_proof = proof.iter().copied().map(theirs).collect();
            let (leaf, root) = (log.leaf(index), log.root(size));
            for (at, in_size) in (0..20).flat_map(|at| (0..20).map(move |size| (at, size))) {
                let ours = verify_inclusion(&leaf, at, in_size, &proof, &root).is_ok();
                let go = go::check_record(&go_proof, in_size, theirs(root), at, theirs(leaf));
                assert_eq!(ours, go.is_ok(), "{index} in {size} as {at} in {in_size}");
            }
            let old = index + 1;
            let proof = prove_consistency(&log, old, size).unwrap();
            let go_proof = proof.iter().copied().map(theirs).collect();
            let old_root = log.root(old);
            for (from, to) in (1..20).flat_map(|from| (1..20).map(move |to| (from, to))) {
                let ours = verify_consistency(from, &old_root, to, &root, &proof).is_ok();
                let go = go::check_tree(&go_proof, to, theirs(root), from, theirs(old_root));
                assert_eq!(ours, go.is_ok(), "{old} to {size} as {from} to {to}");
            }
        }
    }
}

const SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fn their_verdict(note: &signed_note::Note, key: &str) -> Result<usize, OtherError> {
    let key = StandardVerifier::new(key).unwrap();
    let (verified, _) = note.verify(&VerifierList::new(vec![Box::new(key)]))?;
    Ok(verified.len())
}

/// Notes out of the pieces that the format is made of, well-formed or not.
fn pieces() -> impl Strategy<Value = String> {
    let signed = Note::sign("text\n", &[&SECRET.parse().unwrap()])
        .unwrap()
        .to_string();
    let line = signed.split_once("\n\n").unwrap().1.to_owned();
    let piece = prop_oneof![
        4 => Just("\n".to_owned()),
        3 => Just("text\n".to_owned()),
        3 => Just(line),
        2 => Just("— ".to_owned()),
        1 => Just("- ".to_owned()),
        1 => Just("Name ".to_owned()),
        1 => Just("Na+me ".to_owned()),
        1 => Just("PeterNeumann ".to_owned()),
        1 => Just("AAAAAAA=\n".to_owned()),
        1 => Just("AAAAAA==\n".to_owned()),
        1 => Just("AAAAAAB=\n".to_owned()),
        1 => Just("x08go/Zz\n".to_owned()),
        1 => "[ \\x00-\\x20\u{a0}\u{85}\u{2003}é]",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Within our limits, the same notes are well-formed, and the same are verified; but we look at
    /// every signature of a known key, and they at its first.
    #[test]
    fn notes_are_those_of_signed_note(text in pieces()) {
        let (ours, theirs) = (text.parse::<Note>(), signed_note::Note::from_bytes(text.as_bytes()));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.text().as_bytes(), theirs.text());
            prop_assert_eq!(ours.to_string().into_bytes(), theirs.to_bytes());
            let key: VerifierKey = KEY.parse().unwrap();
            let verified = ours.verify([&key]);
            match their_verdict(&theirs, KEY) {
                Ok(count) => prop_assert!(verified.is_err() || verified.unwrap().len() == count),
                Err(_) => prop_assert!(verified.is_err()),
            }
            // Without repeated keys there is no difference.
            let mut names: Vec<_> = ours.signatures().iter().map(|line| (line.name(), line.id())).collect();
            let lines = names.len();
            names.sort();
            names.dedup();
            if names.len() == lines {
                prop_assert_eq!(ours.verify([&key]).is_ok(), their_verdict(&theirs, KEY).is_ok());
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Any text that is one of a note is signed to the same bytes.
    #[test]
    fn signatures_are_those_of_signed_note(text in "[ -~\n\u{80}-\u{10ffff}]{0,40}\n") {
        let key: SignerKey = SECRET.parse().unwrap();
        let ours = Note::sign(&text, &[&key]).unwrap();
        let mut theirs = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        theirs.add_sigs(&[&StandardSigner::new(SECRET).unwrap()]).unwrap();
        prop_assert_eq!(ours.to_string().into_bytes(), theirs.to_bytes());
    }

    /// Every name that may be a key's gives the same key text, and no other name gives one.
    #[test]
    fn key_names_are_those_of_signed_note(name in "[ -~\u{80}-\u{3000}]{0,12}") {
        let ours = name.parse::<tlog::vkey::KeyName>();
        prop_assert_eq!(ours.is_ok(), signed_note::is_key_name_valid(&name));
        if let Ok(ours) = ours {
            let key = SignerKey::from_seed(ours, &[5; 32]);
            let public = key.verifier_key().to_string();
            prop_assert!(StandardVerifier::new(&public).is_ok());
            prop_assert!(StandardSigner::new(&key.to_secret_text()).is_ok());
        }
    }
}

/// Why notes are not left to it: the same signature, two texts.
#[test]
fn signed_note_takes_a_weak_key() {
    let weak = "weak.example+6ee080f1+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut payload = vec![0x6e, 0xe0, 0x80, 0xf1, 1];
    payload.resize(4 + 64, 0);
    let [id, signature @ ..] = payload.as_chunks::<4>().0 else {
        unreachable!("the payload has 68 bytes");
    };
    let signature = signed_note::Signature::new(
        "weak.example".into(),
        u32::from_be_bytes(*id),
        signature.concat(),
    );
    let signature = [signature.unwrap()];
    for text in ["I owe 10\n", "I owe 1000\n"] {
        let note = signed_note::Note::new(text.as_bytes(), &signature).unwrap();
        assert!(matches!(their_verdict(&note, weak), Ok(1)));
        assert!(Note::parse(&note.to_bytes()).is_ok());
    }
    assert!(weak.parse::<VerifierKey>().is_err());
}
