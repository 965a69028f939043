//! Tiles and bundles against the vectors of C2SP and of Tessera, and Tessera's log rebuilt.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use tlog::bundle::{self, BundleError, BundleId};
use tlog::proof::{self, NodeId, NodeReader as _, ProveError, prove_consistency, prove_inclusion};
use tlog::tile::{self, Tile, TileBuilder, TileError, TileId, TileNodes};
use tlog::{Checkpoint, Frontier, Hash, Note, SignerKey, TlogProof, VerifierKey, hash};

mod memory;
use memory::Leaves;

fn tile(level: u8, index: u64, width: u16) -> TileId {
    TileId::new(level, index, width).unwrap()
}

#[test]
fn paths_of_tessera() {
    let check = |tile: TileId, path: &str| {
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    };
    check(tile(0, 0, 256), "tile/0/000");
    check(tile(0, 0, 255), "tile/0/000.p/255");
    check(tile(1, 0, 256), "tile/1/000");
    check(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
    check(tile(15, 455_667, 256), "tile/15/x455/667");
    check(tile(15, 123_456_789, 41), "tile/15/x123/x456/789.p/41");
    check(
        tile(63, u64::MAX, 1),
        "tile/63/x018/x446/x744/x073/x709/x551/615.p/1",
    );
    let check = |bundle: Option<BundleId>, path: &str| {
        assert_eq!(bundle.unwrap().to_string(), path);
        assert_eq!(path.parse(), Ok(bundle.unwrap()));
    };
    check(BundleId::of_entry(0, 256), "tile/entries/000");
    check(BundleId::of_entry(255, 256), "tile/entries/000");
    check(BundleId::of_entry(251, 255), "tile/entries/000.p/255");
    check(BundleId::of_entry(256, 512), "tile/entries/001");
    check(BundleId::of_entry(3, 257), "tile/entries/000");
    check(BundleId::of_entry(256, 257), "tile/entries/001.p/1");
    check(
        BundleId::of_entry(123_456_789 * 256, 123_456_790 * 256),
        "tile/entries/x123/x456/789",
    );
    check(BundleId::new(255, 253).ok(), "tile/entries/255.p/253");
    assert_eq!(BundleId::of_entry(257, 257), None);
    assert_eq!(BundleId::of_entry(0, 1 << 63), None);
    assert_eq!(BundleId::of_entry(u64::MAX, u64::MAX), None);
}

#[test]
fn other_paths_are_refused() {
    for position in [
        "",
        "0",
        "00",
        "0000",
        "1000",
        "x000/001",
        "001/002",
        "x001/x002",
        "x001",
        "x1/002",
        "x001/2",
        "x001//002",
        "/001",
        "001/",
        "001.p/0",
        "001.p/256",
        "001.p/01",
        "001.p/",
        "001.p",
        "001.p/1.p/1",
        "+01",
        "-01",
        "00a",
        " 01",
        "001\n",
        "00\u{661}",
        "x018/x446/x744/x073/x709/x551/616",
        "x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        let refused = |path: String| {
            assert!(path.parse::<TileId>().is_err(), "{path}");
            assert!(path.parse::<BundleId>().is_err(), "{path}");
        };
        refused(format!("tile/0/{position}"));
        refused(format!("tile/entries/{position}"));
    }
    for path in [
        "tile/00/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile//000",
        "tile/000",
        "/tile/0/000",
        "Tile/0/000",
        "tile/8/data/000",
        "checkpoint",
        "",
    ] {
        assert!(path.parse::<TileId>().is_err(), "{path}");
    }
    assert_eq!(
        TileId::new(64, 0, 1),
        Err(TileError::NoSuchLevel { level: 64 })
    );
    assert_eq!(
        TileId::new(0, 0, 0),
        Err(TileError::NoSuchWidth { width: 0 })
    );
    assert_eq!(
        TileId::new(0, 0, 257),
        Err(TileError::NoSuchWidth { width: 257 })
    );
    assert_eq!(
        BundleId::new(0, 257),
        Err(TileError::NoSuchWidth { width: 257 })
    );
}

/// For each level, the number of full tiles and the width of the partial one.
fn widths(size: u64) -> BTreeMap<u8, (usize, u16)> {
    let mut widths = BTreeMap::new();
    for tile in tile::tiles(size) {
        let (full, partial): &mut (usize, u16) = widths.entry(tile.level()).or_default();
        match tile.width() {
            256 => *full += 1,
            width => *partial = width,
        }
    }
    widths
}

#[test]
fn tiles_of_a_size() {
    assert_eq!(widths(0), BTreeMap::new());
    assert_eq!(widths(1), BTreeMap::from([(0, (0, 1))]));
    assert_eq!(widths(256), BTreeMap::from([(0, (1, 0)), (1, (0, 1))]));
    assert_eq!(
        widths(70_000),
        BTreeMap::from([(0, (273, 112)), (1, (1, 17)), (2, (0, 1))])
    );
    assert_eq!(bundle::bundles(70_000).count(), 274);
    assert_eq!(
        bundle::bundles(70_000).last().unwrap().to_string(),
        "tile/entries/273.p/112"
    );
    assert_eq!(bundle::bundles(0).count(), 0);
    // The largest log has tiles of eight levels; a larger one has none.
    let largest = (1 << 63) - 1;
    assert_eq!(TileId::in_log(7, 0, largest), Some(tile(7, 0, 127)));
    assert_eq!(TileId::in_log(8, 0, largest), None);
    assert_eq!(
        TileId::in_log(0, (1 << 55) - 1, largest),
        Some(tile(0, (1 << 55) - 1, 255))
    );
    assert_eq!(TileId::in_log(0, 1 << 55, largest), None);
    assert_eq!(TileId::in_log(0, u64::MAX, largest), None);
    assert_eq!(tile::tiles(1 << 63).count(), 0);
    assert_eq!(bundle::bundles(1 << 63).count(), 0);
}

/// 70,000 leaves: the tiles that are built are those of the size, their tops are right, and they
/// give the root and proofs.
#[test]
fn a_log_is_built_and_proved_from_tiles() {
    let size = 70_000;
    let (mut builder, mut frontier) = (TileBuilder::new(), Frontier::new());
    let mut tiles = BTreeMap::new();
    let leaves: Vec<_> = (0..size)
        .map(|at: u64| hash::leaf(&at.to_be_bytes()))
        .collect();
    for &leaf in &leaves {
        tiles.extend(builder.push_leaf_hash(leaf));
        frontier.push_leaf_hash(leaf).unwrap();
    }
    tiles.extend(builder.partial());
    let log = Leaves::of(leaves);
    let mut expected: Vec<_> = tile::tiles(size).collect();
    expected.sort();
    assert!(tiles.keys().eq(&expected));
    assert_eq!(
        tiles[&tile(2, 0, 1)].hashes(),
        [log.node(NodeId {
            level: 16,
            index: 0
        })
        .unwrap()]
    );

    let nodes = TileNodes::new(size, |id| {
        tiles
            .get(&id)
            .cloned()
            .ok_or(TileError::NoSuchWidth { width: 0 })
    });
    let frontier_nodes = proof::frontier_nodes(size).unwrap().into_iter();
    let hashes = frontier_nodes.map(|id| nodes.node(id).unwrap()).collect();
    assert_eq!(Frontier::from_hashes(size, hashes), Ok(frontier.clone()));
    assert_eq!(frontier.root(), log.root(size));
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let proof = prove_inclusion(&nodes, index, size).unwrap();
        assert_eq!(proof, prove_inclusion(&log, index, size).unwrap());
        let leaf = log.leaf(index);
        proof::verify_inclusion(&leaf, index, size, &proof, &frontier.root()).unwrap();
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000] {
        let proof = prove_consistency(&nodes, old, size).unwrap();
        assert_eq!(proof, prove_consistency(&log, old, size).unwrap());
        let root = log.root(old);
        proof::verify_consistency(old, &root, size, &frontier.root(), &proof).unwrap();
    }
    // A node that the log does not have, and a tile shorter than it should be.
    let id = NodeId {
        level: 0,
        index: size,
    };
    assert_eq!(nodes.node(id), Err(TileError::NoSuchNode { id, size }));
    let id = NodeId {
        level: 64,
        index: 0,
    };
    assert_eq!(nodes.node(id), Err(TileError::NoSuchNode { id, size }));
    let short = TileNodes::new(size, |_| Tile::new(vec![hash::empty()]));
    assert!(matches!(
        prove_inclusion(&short, 0, size),
        Err(ProveError::Read {
            source: TileError::WrongLength { bytes: 32, .. },
            ..
        })
    ));
}

/// At any size, a builder goes on from the tiles at the right edge.
#[test]
fn building_is_resumed_from_partial_tiles() {
    let mut builder = TileBuilder::new();
    for size in 0..70_000_u64 {
        if size.is_multiple_of(9_973) || (size + 1) % 256 < 3 {
            let edge: BTreeMap<_, _> = builder.partial().into_iter().collect();
            let resumed = TileBuilder::resume(size, |id| {
                edge.get(&id)
                    .cloned()
                    .ok_or(TileError::NoSuchWidth { width: 0 })
            });
            assert_eq!(resumed.as_ref(), Ok(&builder), "{size}");
        }
        builder.push_leaf_hash(hash::leaf(&size.to_be_bytes()));
    }
    let narrow = TileBuilder::resume(15, |_| Tile::new(vec![hash::empty()]));
    assert!(matches!(
        narrow,
        Err(TileError::WrongLength { bytes: 32, .. })
    ));
}

#[test]
fn tiles_are_read_and_written() {
    let hashes: Vec<_> = (0..3_u8).map(|at| hash::leaf(&[at])).collect();
    let written = Tile::new(hashes).unwrap().to_bytes();
    let read = Tile::from_bytes(tile(0, 0, 3), &written).unwrap();
    assert_eq!(read.to_bytes(), written);
    for wrong in [
        &written[..95],
        &[&written[..], &[0]].concat(),
        &written[..64],
        &[],
    ] {
        assert_eq!(
            Tile::from_bytes(tile(0, 0, 3), wrong),
            Err(TileError::WrongLength {
                tile: tile(0, 0, 3),
                bytes: wrong.len()
            })
        );
    }
    assert_eq!(Tile::new(vec![]), Err(TileError::NoSuchWidth { width: 0 }));
    assert!(Tile::new(vec![hash::empty(); 257]).is_err());
    assert_eq!(read.node(0, 2), Some(hash::leaf(&[2])));
    assert_eq!(
        read.node(1, 0),
        Some(hash::node(&hash::leaf(&[0]), &hash::leaf(&[1])))
    );
    for (height, at) in [(0, 3), (1, 1), (2, 0), (64, 0), (63, 2), (0, usize::MAX)] {
        assert_eq!(read.node(height, at), None);
    }
}

#[test]
fn bundles_are_read_and_written() {
    let id = |width| BundleId::new(0, width).unwrap();
    let entries: [&[u8]; 3] = [b"one", b"", b"three"];
    let written = bundle::encode(&entries).unwrap();
    assert_eq!(written, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(bundle::decode(id(3), &written).unwrap(), entries);
    assert_eq!(
        bundle::decode(id(2), &written),
        Err(BundleError::LeftOver {
            bundle: id(2),
            bytes: 7
        })
    );
    for (width, bytes, at) in [(4, 14, 3), (3, 13, 2), (3, 8, 2), (3, 6, 1), (3, 0, 0)] {
        assert_eq!(
            bundle::decode(id(width), &written[..bytes]),
            Err(BundleError::CutOff {
                bundle: id(width),
                at
            })
        );
    }
    let largest = vec![7; 65_535];
    let written = bundle::encode(&[&largest]).unwrap();
    assert_eq!(bundle::decode(id(1), &written).unwrap(), [&largest]);
    assert_eq!(
        bundle::encode(&[&largest[..], &[7; 65_536]]),
        Err(BundleError::EntryTooLarge {
            at: 1,
            bytes: 65_536
        })
    );
    assert!(bundle::encode(&[b""; 256]).is_ok());
    assert!(bundle::encode(&[b""; 257]).is_err());
    assert!(bundle::encode::<&[u8]>(&[]).is_err());
}

const TESSERA_KEY: &str =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
/// Published with the log, in its `build_log.sh`.
const TESSERA_SECRET: &str =
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";

fn tessera_file(path: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tessera_log/");
    std::fs::read(format!("{root}{path}")).unwrap()
}

/// The entries of Tessera's log, as their bundle has them.
fn tessera_entries() -> Vec<String> {
    let file = tessera_file("tile/entries/000.p/15");
    let entries = bundle::decode(BundleId::of_entry(0, 15).unwrap(), &file).unwrap();
    let text = |entry: &&[u8]| String::from_utf8(entry.to_vec()).unwrap();
    entries.iter().map(text).collect()
}

/// We write every file that Tessera wrote, byte for byte, and no other.
#[test]
fn tessera_log_is_rebuilt() {
    let entries = tessera_entries();
    assert_eq!(
        entries.join(" "),
        "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
    );
    let secret: SignerKey = TESSERA_SECRET.parse().unwrap();
    let (mut builder, mut frontier) = (TileBuilder::new(), Frontier::new());
    let mut files = BTreeMap::new();
    let mut publish = |frontier: &Frontier, builder: &TileBuilder| {
        let size = frontier.size();
        let checkpoint = Checkpoint::new("example.com/log/testdata", size, frontier.root());
        let signed = checkpoint.unwrap().sign(&secret).unwrap().to_string();
        files.insert(format!("checkpoint.{size}"), signed.clone().into_bytes());
        files.insert("checkpoint".into(), signed.into_bytes());
        for (id, tile) in builder.partial() {
            files.insert(id.to_string(), tile.to_bytes());
        }
        for id in bundle::bundles(size) {
            let entries = &entries[..usize::from(id.width())];
            files.insert(id.to_string(), bundle::encode(entries).unwrap());
        }
    };
    publish(&frontier, &builder);
    for entry in &entries {
        let leaf = hash::leaf(entry.as_bytes());
        assert!(builder.push_leaf_hash(leaf).is_empty());
        frontier.push_leaf_hash(leaf).unwrap();
        publish(&frontier, &builder);
    }
    let written: String = files
        .iter()
        .map(|(path, file)| {
            let digest = Hash::from_bytes(Sha256::digest(file).into());
            format!("{digest:x}  {path}\n")
        })
        .collect();
    assert_eq!(written, include_str!("data/tessera_log/SHA256SUMS"));
    for path in [
        "checkpoint.7",
        "checkpoint.15",
        "tile/0/000.p/15",
        "tile/entries/000.p/15",
    ] {
        assert_eq!(files[path], tessera_file(path), "{path}");
    }
}

/// We read their log: checkpoints, entries, tiles, and proofs from tiles.
#[test]
fn tessera_log_is_verified() {
    let key: VerifierKey = TESSERA_KEY.parse().unwrap();
    let note = Note::parse(&tessera_file("checkpoint.15")).unwrap();
    let head = Checkpoint::open(&note, &key, []).unwrap().checkpoint;
    assert_eq!(
        head.root().to_string(),
        "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="
    );
    let earlier = Note::parse(&tessera_file("checkpoint.7")).unwrap();
    let earlier = Checkpoint::open(&earlier, &key, []).unwrap().checkpoint;
    assert_eq!(
        earlier.root().to_string(),
        "IrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U="
    );

    let nodes = TileNodes::new(15, |id: TileId| {
        Tile::from_bytes(id, &tessera_file(&id.to_string()))
    });
    let proof = prove_consistency(&nodes, 7, 15).unwrap();
    proof::verify_consistency(7, earlier.root(), 15, head.root(), &proof).unwrap();
    for (index, entry) in (0..).zip(tessera_entries()) {
        let hashes = prove_inclusion(&nodes, index, 15).unwrap();
        let proof = TlogProof::new(entry.clone().into(), index, hashes, note.clone()).unwrap();
        let read: TlogProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        let leaf = hash::leaf(read.extra());
        assert_eq!(read.verify(&leaf, &key, []).unwrap().checkpoint, head);
        assert!(read.verify(&hash::leaf(b"another"), &key, []).is_err());
    }
}
