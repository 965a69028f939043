//! Parsers under random and mutated inputs: nothing panics, what is accepted is printed back, and
//! what was altered is not verified.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use proptest::prelude::*;
use tlog::proof::prove_inclusion;
use tlog::{Checkpoint, CosignerKey, Frontier, Note, Policy, SignerKey, TlogProof, bundle, hash};

#[path = "../fuzz/checks.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets share it")]
mod checks;
mod memory;
use memory::Leaves;

/// A log of 300 entries, its head signed and witnessed, and the proof of entry 7.
struct Sample {
    policy: Policy,
    note: Note,
    proof: TlogProof,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let log = SignerKey::from_seed("log.example".parse().unwrap(), &[1; 32]);
    let witness = CosignerKey::from_seed("witness.example".parse().unwrap(), &[2; 32]);
    let leaves = Leaves::of((0..300_u16).map(|at| hash::leaf(&at.to_be_bytes())));
    let checkpoint = Checkpoint::new("log.example", 300, leaves.root(300)).unwrap();
    let mut note = checkpoint.sign(&log).unwrap();
    note.add(witness.cosign(&checkpoint, 1_800_000_000).unwrap())
        .unwrap();
    let hashes = prove_inclusion(&leaves, 7, 300).unwrap();
    let policy = format!(
        "log {}\nwitness w {}\nquorum w\n",
        log.verifier_key(),
        witness.verifier_key()
    );
    Sample {
        policy: Policy::parse(policy.as_bytes()).unwrap(),
        proof: TlogProof::new(vec![], 7, hashes, note.clone()).unwrap(),
        note,
    }
});

/// One change to some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Set(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
    Cut(prop::sample::Index),
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Edit::Set(at, byte) => bytes[at.index(length)] = *byte,
            Edit::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Edit::Insert(at, byte) => bytes.insert(at.index(length), *byte),
            Edit::Remove(at) => drop(bytes.remove(at.index(length))),
            Edit::Repeat(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                let part = bytes[from.min(to)..from.max(to)].to_vec();
                let _ = bytes.splice(from..from, part);
            }
            Edit::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(&b"\n \t+=0aA/x.p"[..])];
    prop_oneof![
        (at(), byte()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        at().prop_map(Edit::Remove),
        (at(), at()).prop_map(|(from, to)| Edit::Repeat(from, to)),
        at().prop_map(Edit::Cut),
    ]
}

fn mutated(original: impl Into<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let original = original.into();
    prop::collection::vec(edit(), 0..4).prop_map(move |edits| {
        let mut bytes = original.clone();
        edits.iter().for_each(|edit| edit.apply(&mut bytes));
        bytes
    })
}

/// Some bytes without form, or something well-formed after a few edits.
fn near(original: impl Into<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        4 => mutated(original),
    ]
}

const SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const POLICY: &str = "# who\nlog vendor.example/book+d43ce223+AROY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK\nwitness w witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY url\ngroup g 1 w\nquorum g\n";

fn frontier() -> Vec<u8> {
    let mut frontier = Frontier::new();
    for at in 0..13_u8 {
        frontier.push_leaf_hash(hash::leaf(&[at])).unwrap();
    }
    frontier.to_bytes()
}

/// A true inclusion or consistency proof, in the form that [`checks::proofs`] reads.
fn proof_bytes() -> Vec<u8> {
    let leaves = Leaves::of((0..13_u8).map(|at| hash::leaf(&[at])));
    let proof = prove_inclusion(&leaves, 7, 13).unwrap();
    let hashes = [&[leaves.leaf(7), leaves.root(13)][..], &proof].concat();
    let hashes = hashes.iter().flat_map(|hash| *hash.as_bytes());
    [7_u64.to_be_bytes(), 13_u64.to_be_bytes()]
        .concat()
        .into_iter()
        .chain(hashes)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn hash(data in near(hash::empty().to_string())) { checks::hash(&data); }
    #[test]
    fn hash_in_hex(data in near(hash::empty().to_hex())) { checks::hash(&data); }
    #[test]
    fn frontier_bytes(data in near(frontier())) { checks::frontier(&data); }
    #[test]
    fn proofs(data in near(proof_bytes())) { checks::proofs(&data); }
    #[test]
    fn vkey(data in near(checks::KEY)) { checks::vkey(&data); }
    #[test]
    fn skey(data in near(SECRET)) { checks::skey(&data); }
    #[test]
    fn note(data in near(SAMPLE.note.to_string())) { checks::note(&data); }
    #[test]
    fn checkpoint(data in near(SAMPLE.note.text())) { checks::checkpoint(&data); }
    #[test]
    fn tile_path(data in near("tile/3/x001/x234/067.p/17")) { checks::path(&data); }
    #[test]
    fn bundle_path(data in near("tile/entries/x001/x234/067.p/17")) { checks::path(&data); }
    #[test]
    fn tile(data in near([&[2][..], &[7; 96]].concat())) { checks::tile(&data); }
    #[test]
    fn bundle_bytes(data in near(b"\x02\0\x03one\0\x00\0\x05three".as_slice())) { checks::bundle(&data); }
    #[test]
    fn tlog_proof(data in near(SAMPLE.proof.to_string())) { checks::tlog_proof(&data); }
    #[test]
    fn policy(data in near(POLICY)) { checks::policy(&data); }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A frontier, a bundle and a path of any value are read back.
    #[test]
    fn what_is_written_is_read(
        leaves in 0..600_u64,
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..=256),
        level in 0..=63_u8, index in any::<u64>(), width in 1..=256_u16,
    ) {
        let mut frontier = Frontier::new();
        for at in 0..leaves {
            frontier.push_leaf_hash(hash::leaf(&at.to_be_bytes())).unwrap();
        }
        prop_assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Ok(frontier));
        let written = bundle::encode(&entries).unwrap();
        let id = bundle::BundleId::new(index, u16::try_from(entries.len()).unwrap()).unwrap();
        prop_assert_eq!(bundle::decode(id, &written).unwrap(), entries);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        let tile = tlog::tile::TileId::new(level, index, width).unwrap();
        prop_assert_eq!(tile.to_string().parse(), Ok(tile));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A signed, witnessed proof without extra data: whatever still verifies says what was signed.
    #[test]
    fn an_altered_proof_is_not_verified(data in mutated(SAMPLE.proof.to_string())) {
        let Sample { policy, note, proof } = &*SAMPLE;
        let leaf = hash::leaf(&7_u16.to_be_bytes());
        let Ok(read) = TlogProof::parse(&data) else { return Ok(()) };
        if let Ok(opened) = read.verify_under(&leaf, policy) {
            prop_assert_eq!(read.index(), 7);
            prop_assert_eq!(read.hashes(), proof.hashes());
            prop_assert_eq!(read.note().text(), note.text());
            prop_assert_eq!(opened.cosignatures[0].time, 1_800_000_000);
            // Only lines of unknown keys or repeated lines can have been added.
            for line in note.signatures() {
                prop_assert!(read.note().signatures().contains(line));
            }
        }
    }

    /// Every single bit of it counts.
    #[test]
    fn an_altered_bit_is_not_verified(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let Sample { policy, proof, .. } = &*SAMPLE;
        let leaf = hash::leaf(&7_u16.to_be_bytes());
        let mut data = proof.to_string().into_bytes();
        Edit::Flip(at, bit).apply(&mut data);
        let verified = TlogProof::parse(&data).is_ok_and(|read| read.verify_under(&leaf, policy).is_ok());
        prop_assert!(!verified);
    }

    /// Nor does the proof hold for another entry.
    #[test]
    fn another_entry_is_not_verified(entry in prop::collection::vec(any::<u8>(), 0..4)) {
        prop_assume!(entry != 7_u16.to_be_bytes());
        let Sample { policy, proof, .. } = &*SAMPLE;
        prop_assert!(proof.verify_under(&hash::leaf(&entry), policy).is_err());
    }
}
