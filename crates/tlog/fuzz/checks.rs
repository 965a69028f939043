//! What must hold of every input, one function for each parser. The fuzz targets drive them with
//! coverage, and `tests/parsers.rs` with random and mutated inputs.
//!
//! Each checks that nothing panics, and that what is accepted is printed back byte for byte.

use tlog::bundle::{self, BundleId};
use tlog::proof::{verify_consistency, verify_inclusion};
use tlog::tile::{Tile, TileId};
use tlog::{
    Checkpoint, CosignerKey, Frontier, Hash, Note, Policy, SignerKey, TlogProof, VerifierKey,
};

pub const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

pub fn hash(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(hash) = text.parse::<Hash>() {
        assert_eq!(hash.to_string(), text);
    }
    if let Ok(hash) = Hash::from_hex(text) {
        assert_eq!(hash.to_hex(), text);
    }
}

pub fn frontier(data: &[u8]) {
    if let Ok(mut frontier) = Frontier::from_bytes(data) {
        assert_eq!(frontier.to_bytes(), data);
        let size = frontier.size();
        let pushed = frontier.push_leaf_hash(frontier.root());
        assert_eq!(frontier.size(), size + u64::from(pushed.is_ok()));
        let count = usize::try_from(frontier.size().count_ones());
        assert_eq!(Ok(frontier.hashes().len()), count);
    }
}

/// Sizes and hashes as they come: 8 bytes, 8 bytes, then hashes.
pub fn proofs(data: &[u8]) {
    let Some((first, rest)) = data.split_first_chunk::<8>() else {
        return;
    };
    let Some((second, rest)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let hashes = rest.as_chunks::<32>().0.iter();
    let hashes: Vec<_> = hashes.map(|&bytes| Hash::from_bytes(bytes)).collect();
    let [one, two, proof @ ..] = &hashes[..] else {
        return;
    };
    let (a, b) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
    if verify_inclusion(one, a, b, proof, two).is_ok() {
        assert!(a < b && proof.len() < 64);
    }
    if verify_consistency(a, one, b, two, proof).is_ok() {
        assert!(0 < a && a <= b && proof.len() < 64);
    }
}

pub fn vkey(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
        let again = VerifierKey::new(key.name().clone(), key.kind(), key.public_key());
        assert_eq!(again, Ok(key));
    }
}

pub fn skey(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = text.parse::<SignerKey>() {
        assert_eq!(key.to_secret_text().as_str(), text);
        vkey(key.verifier_key().to_string().as_bytes());
    }
    if let Ok(key) = text.parse::<CosignerKey>() {
        assert_eq!(key.to_secret_text().as_str(), text);
        vkey(key.verifier_key().to_string().as_bytes());
    }
}

pub fn note(data: &[u8]) {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.to_string().as_bytes(), data);
        let key = KEY.parse().expect("it is a key");
        if let Ok(verified) = note.verify([&key]) {
            assert_eq!(verified.len(), 1);
        }
    }
}

pub fn checkpoint(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_text(), text);
        let parts = (checkpoint.origin(), checkpoint.size(), *checkpoint.root());
        let again = Checkpoint::new(parts.0, parts.1, parts.2);
        assert_eq!(again, Ok(checkpoint));
    }
}

pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(tile) = text.parse::<TileId>() {
        assert_eq!(tile.to_string(), text);
    }
    if let Ok(bundle) = text.parse::<BundleId>() {
        assert_eq!(bundle.to_string(), text);
    }
}

/// The first byte says how wide the tile or bundle should be.
pub fn tile(data: &[u8]) {
    let Some((&width, data)) = data.split_first() else {
        return;
    };
    let id = TileId::new(0, 0, u16::from(width) + 1).expect("1 to 256");
    if let Ok(tile) = Tile::from_bytes(id, data) {
        assert_eq!(tile.to_bytes(), data);
        assert_eq!(tile.hashes().len(), usize::from(width) + 1);
        assert_eq!(tile.node(8, 0), (width == 255).then(|| tile.root()));
    }
}

/// The first byte says how wide the tile or bundle should be.
pub fn bundle(data: &[u8]) {
    let Some((&width, data)) = data.split_first() else {
        return;
    };
    let id = BundleId::new(0, u16::from(width) + 1).expect("1 to 256");
    if let Ok(entries) = bundle::decode(id, data) {
        assert_eq!(entries.len(), usize::from(width) + 1);
        assert_eq!(bundle::encode(&entries).as_deref(), Ok(data));
    }
}

pub fn tlog_proof(data: &[u8]) {
    if let Ok(proof) = TlogProof::parse(data) {
        assert_eq!(proof.to_string().as_bytes(), data);
    }
}

/// A policy is not printed; but each of its keys is, and none stands in it twice.
pub fn policy(data: &[u8]) {
    if let Ok(policy) = Policy::parse(data) {
        let keys: Vec<_> = policy.logs().iter().chain(policy.witnesses()).collect();
        for (at, key) in keys.iter().enumerate() {
            vkey(key.to_string().as_bytes());
            let again = |later: &&VerifierKey| later.public_key() == key.public_key();
            assert!(!keys[at + 1..].iter().any(again));
        }
    }
}
