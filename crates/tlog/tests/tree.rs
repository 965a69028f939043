//! Trees against the vectors of Certificate Transparency and of transparency-dev/merkle.

#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use tlog::proof::{
    self, NodeId, NodeReader, ProofError, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};
use tlog::{Frontier, Hash, hash};

mod memory;
use memory::Leaves;

/// The eight entries of the test vectors of Certificate Transparency, with the root after each.
const ENTRIES: [(&[u8], &str, &str); 8] = [
    (
        b"",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        b"\x00",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        b"\x10",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        b"\x20\x21",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        b"\x30\x31",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        b"\x40\x41\x42\x43",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

fn ct_leaves() -> Leaves {
    Leaves::of(ENTRIES.iter().map(|(entry, ..)| hash::leaf(entry)))
}

#[test]
fn hashes_of_rfc_6962() {
    assert_eq!(
        hash::empty().to_hex(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hash::leaf(b"L123456").to_hex(),
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    );
}

#[test]
fn roots_of_the_ct_log() {
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), hash::empty());
    for (size, (entry, leaf, root)) in (1..).zip(ENTRIES) {
        assert_eq!(hash::leaf(entry).to_hex(), leaf);
        frontier.push_leaf_hash(hash::leaf(entry)).unwrap();
        assert_eq!(frontier.root().to_hex(), root);
        assert_eq!(frontier.size(), size);
        assert_eq!(frontier.hashes().len(), size.count_ones() as usize);
        assert_eq!(
            Frontier::from_bytes(&frontier.to_bytes()).as_ref(),
            Ok(&frontier)
        );
        assert_eq!(
            Frontier::from_hashes(size, frontier.hashes().to_vec()).as_ref(),
            Ok(&frontier)
        );
    }
}

#[test]
fn inclusion_proofs_of_the_ct_log() {
    let log = ct_leaves();
    let check = |index: u64, size: u64, expected: &str| {
        let proof = prove_inclusion(&log, index, size).unwrap();
        assert_eq!(memory::shown(&proof), expected, "leaf {index} in {size}");
        let (leaf, root) = (log.leaf(index), log.root(size));
        assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
    };
    check(
        0,
        8,
        "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
    );
    check(
        5,
        8,
        "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    );
    check(2, 3, "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=");
    check(
        1,
        5,
        "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
    );
    check(0, 1, "");
}

#[test]
fn consistency_proofs_of_the_ct_log() {
    let log = ct_leaves();
    let check = |old: u64, new: u64, expected: &str| {
        let proof = prove_consistency(&log, old, new).unwrap();
        assert_eq!(memory::shown(&proof), expected, "{old} to {new}");
        let (old_root, new_root) = (log.root(old), log.root(new));
        assert_eq!(
            verify_consistency(old, &old_root, new, &new_root, &proof),
            Ok(())
        );
    };
    check(
        1,
        8,
        "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
    );
    check(
        6,
        8,
        "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    );
    check(
        2,
        5,
        "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
    );
    check(
        6,
        7,
        "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    );
    check(8, 8, "");
}

/// Frontier(3) is two hashes; pushing leaves 3 to 7 over it gives the root of all eight.
#[test]
fn a_range_is_replayed_from_its_frontier() {
    let log = ct_leaves();
    let nodes = proof::frontier_nodes(3).unwrap();
    assert_eq!(
        nodes,
        [NodeId { level: 1, index: 0 }, NodeId { level: 0, index: 2 }]
    );
    let hashes = nodes.into_iter().map(|id| log.node(id).unwrap()).collect();
    let mut frontier = Frontier::from_hashes(3, hashes).unwrap();
    assert_eq!(frontier.root(), log.root(3));
    for index in 3..8 {
        frontier.push_leaf_hash(log.leaf(index)).unwrap();
    }
    assert_eq!(frontier.root(), log.root(8));
}

#[test]
fn consistency_is_refused_where_it_shows_nothing_or_cannot_be() {
    let log = ct_leaves();
    let (empty, three, eight) = (hash::empty(), log.root(3), log.root(8));
    assert_eq!(
        verify_consistency(0, &empty, 8, &eight, &[]),
        Err(ProofError::FromEmpty)
    );
    assert_eq!(
        verify_consistency(0, &empty, 0, &empty, &[]),
        Err(ProofError::FromEmpty)
    );
    assert_eq!(proof::consistency_nodes(0, 8), Err(ProofError::FromEmpty));
    let shrunk = ProofError::Shrunk {
        old_size: 8,
        new_size: 3,
    };
    assert_eq!(verify_consistency(8, &eight, 3, &three, &[]), Err(shrunk));
    assert_eq!(proof::consistency_nodes(8, 3), Err(shrunk));
    // The same size: the same root and no hashes.
    assert_eq!(
        verify_consistency(3, &three, 3, &three, &[three]),
        Err(ProofError::WrongLength { got: 1 })
    );
    assert_eq!(
        verify_consistency(3, &three, 3, &eight, &[]),
        Err(ProofError::RootMismatch {
            computed: eight,
            expected: three
        })
    );
    assert_eq!(
        proof::inclusion_nodes(8, 8),
        Err(ProofError::NoSuchLeaf { index: 8, size: 8 })
    );
}

/// What is wrong with each altered copy of a proof: a hash changed, lost, added or moved.
fn altered(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let other = hash::leaf(b"other");
    let mut copies = Vec::new();
    let mut copy = |edit: &dyn Fn(&mut Vec<Hash>)| {
        let mut copy = proof.to_vec();
        edit(&mut copy);
        copies.push(copy);
    };
    for at in 0..proof.len() {
        copy(&|proof| proof[at] = other);
        copy(&|proof| {
            proof.remove(at);
        });
        copy(&|proof| proof.insert(at, other));
        copy(&|proof| proof.insert(at, proof[at]));
        if at > 0 {
            copy(&|proof| proof.swap(at - 1, at));
        }
    }
    copy(&|proof| proof.push(other));
    copies
}

/// Both roots, the leaf, and each hash of a proof count.
#[test]
fn altered_proofs_are_refused() {
    let log = Leaves::of((0..17_u8).map(|at| hash::leaf(&[at])));
    let other = hash::leaf(b"other");
    for size in 1..=17 {
        let root = log.root(size);
        for index in 0..size {
            let leaf = log.leaf(index);
            let proof = prove_inclusion(&log, index, size).unwrap();
            let verify =
                |leaf, proof: &[Hash], root| verify_inclusion(leaf, index, size, proof, root);
            assert_eq!(verify(&leaf, &proof, &root), Ok(()));
            assert!(verify(&other, &proof, &root).is_err());
            assert!(verify(&leaf, &proof, &other).is_err());
            for altered in altered(&proof) {
                assert!(verify(&leaf, &altered, &root).is_err(), "{index} in {size}");
            }

            let (old, old_root) = (index + 1, log.root(index + 1));
            let proof = prove_consistency(&log, old, size).unwrap();
            let verify = |old_root, proof: &[Hash], root| {
                verify_consistency(old, old_root, size, root, proof)
            };
            assert_eq!(verify(&old_root, &proof, &root), Ok(()));
            assert!(verify(&other, &proof, &root).is_err(), "{old} to {size}");
            assert!(
                verify(&old_root, &proof, &other).is_err(),
                "{old} to {size}"
            );
            for altered in altered(&proof) {
                assert!(
                    verify(&old_root, &altered, &root).is_err(),
                    "{old} to {size}"
                );
            }
        }
    }
}

#[derive(Deserialize)]
struct Probes {
    inclusion: Vec<InclusionProbe>,
    consistency: Vec<ConsistencyProbe>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InclusionProbe {
    case: String,
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsistencyProbe {
    case: String,
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

impl InclusionProbe {
    /// What is not 32 bytes cannot even be given to the verifier: it is refused earlier.
    fn accepted(&self) -> Option<()> {
        let (leaf, root) = (self.leaf_hash.parse().ok()?, self.root.parse().ok()?);
        let proof = hashes(self.proof.as_deref())?;
        verify_inclusion(&leaf, self.leaf_idx, self.tree_size, &proof, &root).ok()
    }
}

impl ConsistencyProbe {
    fn accepted(&self) -> Option<()> {
        let (root1, root2) = (self.root1.parse().ok()?, self.root2.parse().ok()?);
        let proof = hashes(self.proof.as_deref())?;
        verify_consistency(self.size1, &root1, self.size2, &root2, &proof).ok()
    }
}

fn hashes(proof: Option<&[String]>) -> Option<Vec<Hash>> {
    let proof = proof.unwrap_or_default().iter();
    proof.map(|hash| hash.parse().ok()).collect()
}

#[test]
fn probes_of_transparency_dev() {
    let probes: Probes = serde_json::from_str(include_str!("data/merkle_probes.json")).unwrap();
    assert_eq!((probes.inclusion.len(), probes.consistency.len()), (98, 98));
    for probe in &probes.inclusion {
        assert_eq!(probe.accepted().is_none(), probe.want_err, "{}", probe.case);
    }
    let otherwise: Vec<_> = probes
        .consistency
        .iter()
        .filter(|probe| probe.accepted().is_none() != probe.want_err)
        .map(|probe| probe.case.as_str())
        .collect();
    // Its two "roots" are the same twelve bytes of text, which no type of 32 bytes can hold.
    assert_eq!(
        otherwise,
        ["consistency/additional/sizes-are-equal-one-and-proof-is-empty"]
    );
}

#[test]
fn hexadecimal_and_base64_name_the_same_hash() {
    let leaf = hash::leaf(b"");
    let hex = leaf.to_hex();
    assert_eq!(Hash::from_hex(&hex), Ok(leaf));
    assert_eq!(leaf.to_string().parse(), Ok(leaf));
    for wrong in [
        "",
        &hex[1..],
        &hex.to_uppercase(),
        &format!("{hex}00"),
        &"é".repeat(32),
    ] {
        assert_eq!(Hash::from_hex(wrong), Err(hash::HashError::NotHex));
        assert_eq!(wrong.parse::<Hash>(), Err(hash::HashError::NotBase64));
    }
}
