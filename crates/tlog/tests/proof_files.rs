//! Proof files and policies: an account's entry, a slot of an epoch, a book with a witness.

#![allow(clippy::unwrap_used)]

use tlog::checkpoint::CheckpointError;
use tlog::policy::{PolicyError, PolicyFault};
use tlog::proof::{ProofError, prove_inclusion, verify_inclusion};
use tlog::tlog_proof::TlogProofError;
use tlog::{Checkpoint, CosignerKey, Hash, Note, Policy, SignerKey, TlogProof, hash};

mod memory;
use memory::Leaves;

const BOOK: &str = "vendor.example/book+d43ce223+AROY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK";
const WITNESS: &str = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

/// The record of an account's head in slot 1 of epoch 2.
const SLOT_RECORD: &str = r#"{"epoch":"2","kind":"slot","log":"vendor.example/log/8f3a","root":"XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=","salt":"AAECAwQFBgcICQoLDA0ODw==","size":"8","slot":"1","v":1}"#;

fn epoch_record(epoch: u64, root: &Hash) -> String {
    format!(
        r#"{{"epoch":"{epoch}","kind":"epoch","root":"{root}","slots":"4","time":"2026-11-22T20:4{epoch}:00Z","v":1}}"#
    )
}

fn slots() -> Leaves {
    let dummy = |slot: u8| hash::leaf(&[b"dummy", &[slot; 32][..]].concat());
    Leaves::of([
        dummy(0),
        hash::leaf(SLOT_RECORD.as_bytes()),
        dummy(2),
        dummy(3),
    ])
}

fn book() -> (Leaves, [String; 3]) {
    let sha256 = |byte: u8| Hash::from_bytes(<sha2::Sha256 as sha2::Digest>::digest([byte]).into());
    let records = [
        epoch_record(0, &sha256(0)),
        epoch_record(1, &sha256(1)),
        epoch_record(2, &slots().root(4)),
    ];
    let leaves = Leaves::of(records.iter().map(|record| hash::leaf(record.as_bytes())));
    (leaves, records)
}

fn signers() -> (SignerKey, CosignerKey) {
    (
        SignerKey::from_seed("vendor.example/book".parse().unwrap(), &[8; 32]),
        CosignerKey::from_seed("witness.example/w1".parse().unwrap(), &[9; 32]),
    )
}

fn signed_book() -> Note {
    let (log, witness) = signers();
    let checkpoint = Checkpoint::new("vendor.example/book", 3, book().0.root(3)).unwrap();
    let mut note = checkpoint.sign(&log).unwrap();
    note.add(witness.cosign(&checkpoint, 1_795_380_180).unwrap())
        .unwrap();
    note
}

#[test]
fn a_slot_is_proved_in_its_epoch() {
    assert_eq!(
        hash_of(SLOT_RECORD),
        "d08d913c0bfd47b8b0c20c46f399c0ae332915c883bed4b6d12e9ce93a1a73c5"
    );
    let slots = slots();
    assert_eq!(
        slots.root(4).to_string(),
        "EIsLjmcb1rbJdO1tqndtLi1oEedX+TR9bOwDoZjz95c="
    );
    let path = prove_inclusion(&slots, 1, 4).unwrap();
    assert_eq!(
        memory::shown(&path),
        "GaeKMj1mKUhtkhmkOgnCxUKVlq0H9RKl9lrgXjomQdw= RU8+MKc6B2yOrsZLkfNGl3F0OEGlxTCRhfov8KYECek="
    );
    let record = hash::leaf(SLOT_RECORD.as_bytes());
    assert_eq!(
        verify_inclusion(&record, 1, 4, &path, &slots.root(4)),
        Ok(())
    );
    // In no other slot.
    for slot in [0, 2, 3] {
        assert!(verify_inclusion(&record, slot, 4, &path, &slots.root(4)).is_err());
    }
}

fn hash_of(text: &str) -> String {
    Hash::from_bytes(<sha2::Sha256 as sha2::Digest>::digest(text).into()).to_hex()
}

#[test]
fn an_epoch_is_proved_in_its_book() {
    let (leaves, records) = book();
    let hashes = prove_inclusion(&leaves, 2, 3).unwrap();
    let record = records[2].clone().into_bytes();
    let proof = TlogProof::new(record.clone(), 2, hashes, signed_book()).unwrap();
    let file = proof.to_string();
    assert_eq!(
        file,
        format!(
            "c2sp.org/tlog-proof@v1\nextra {}\nindex 2\nvx1DTTP7MljcYL+Mwilgsn12NgMKAz7Mgc3S5UXBCfI=\n\nvendor.example/book\n3\nkrQF3OYe8ZXwLowrgEnZQHADRF+xtbIFcPgUtVmSa9E=\n\n— vendor.example/book 1DziI7iCygP1dkHr02tfkExITj6pLmnwNmlqkYVq8G0yFW5uNAA0/r/bkeJ7KDZj/aX2cAmXmNciFTwYO39UTfYRXgQ=\n— witness.example/w1 JLXZ/gAAAABrA1PUsCojhgoQapW77AN6P2e1Lc2rMr3wDEqL2ccTSBxHkYRV3VaFjkIHaNYIDirHeFmJbq6wwfffnu5hVvTRoVygBQ==\n",
            "eyJlcG9jaCI6IjIiLCJraW5kIjoiZXBvY2giLCJyb290IjoiRUlzTGptY2IxcmJKZE8xdHFuZHRMaTFvRWVkWCtUUjliT3dEb1pqejk1Yz0iLCJzbG90cyI6IjQiLCJ0aW1lIjoiMjAyNi0xMS0yMlQyMDo0MjowMFoiLCJ2IjoxfQ=="
        )
    );
    let proof: TlogProof = file.parse().unwrap();
    let policy = policy(&format!("log {BOOK}\nwitness w1 {WITNESS}\nquorum w1\n"));
    let leaf = hash::leaf(&record);
    let opened = proof.verify_under(&leaf, &policy).unwrap();
    assert_eq!(opened.checkpoint.size(), 3);
    assert_eq!(opened.log.to_string(), BOOK);
    assert_eq!(opened.cosignatures[0].time, 1_795_380_180);

    // Another place, another entry, another log.
    let elsewhere: TlogProof = file.replace("index 2", "index 1").parse().unwrap();
    assert!(matches!(
        elsewhere.verify_under(&leaf, &policy),
        Err(TlogProofError::Inclusion(ProofError::WrongLength { .. }))
    ));
    assert!(matches!(
        proof.verify_under(&hash::leaf(b"{}"), &policy),
        Err(TlogProofError::Inclusion(ProofError::RootMismatch { .. }))
    ));
    let other = SignerKey::from_seed("vendor.example/book".parse().unwrap(), &[7; 32]);
    assert!(matches!(
        proof.verify(&leaf, other.verifier_key(), []),
        Err(TlogProofError::Checkpoint(CheckpointError::Note(_)))
    ));
    // Extra data is not authenticated; the proof says nothing about it.
    let relabelled: TlogProof = file.replace("extra eyJ", "extra AAA").parse().unwrap();
    assert!(relabelled.verify_under(&leaf, &policy).is_ok());
    assert!(
        relabelled
            .verify_under(&hash::leaf(relabelled.extra()), &policy)
            .is_err()
    );
}

#[test]
fn other_proof_files_are_refused() {
    let (leaves, _) = book();
    let hashes = prove_inclusion(&leaves, 0, 3).unwrap();
    let file = TlogProof::new(b"!".to_vec(), 0, hashes, signed_book())
        .unwrap()
        .to_string();
    let check = |from: &str, to: &str, expected: TlogProofError| {
        let changed = file.replacen(from, to, 1);
        assert_ne!(changed, file, "{from:?}");
        assert_eq!(changed.parse::<TlogProof>(), Err(expected), "{to:?}");
    };
    check("proof@v1", "proof@v2", TlogProofError::NotAProofFile);
    check("c2sp", "\u{feff}c2sp", TlogProofError::NotAProofFile);
    check("proof@v1\n", "proof@v1\r\n", TlogProofError::NotAProofFile);
    check("extra IQ==\n", "extra \n", TlogProofError::NotExtra);
    check("extra IQ==\n", "extra IQ\n", TlogProofError::NotExtra);
    check("extra IQ==\n", "extra IR==\n", TlogProofError::NotExtra);
    check(
        "extra IQ==\n",
        "extra IQ==\nextra IQ==\n",
        TlogProofError::NotAnIndex,
    );
    check("extra IQ==\n", "Extra IQ==\n", TlogProofError::NotAnIndex);
    check("index 0\n", "", TlogProofError::NotAnIndex);
    check("index 0\n", "index 00\n", TlogProofError::NotAnIndex);
    check("index 0\n", "index -1\n", TlogProofError::NotAnIndex);
    check("index 0\n", "index  0\n", TlogProofError::NotAnIndex);
    check(
        "index 0\n",
        "index 9223372036854775808\n",
        TlogProofError::NotAnIndex,
    );
    check(
        "index 0\n",
        "index 0\nnohash\n",
        TlogProofError::NotAHash { at: 1 },
    );
    check(
        "\n\nvendor",
        "\n\n\nvendor",
        TlogProofError::Checkpoint(CheckpointError::NotThreeLines { lines: 4 }),
    );
    check(
        "\n3\n",
        "\n3\nmore\n",
        TlogProofError::Checkpoint(CheckpointError::NotThreeLines { lines: 4 }),
    );
    assert_eq!("".parse::<TlogProof>(), Err(TlogProofError::CutOff));
    assert_eq!(
        TlogProof::parse(b"\xff"),
        Err(TlogProofError::NotUtf8 { at: 0 })
    );
    // Cut off anywhere but after the log's own signature.
    let shorter = |&end: &usize| TlogProof::parse(&file.as_bytes()[..end]).is_ok();
    let signed = file.find("\u{2014} witness").unwrap();
    assert_eq!(
        (0..file.len()).filter(shorter).collect::<Vec<_>>(),
        [signed]
    );
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

/// The example of the specification: 2 of X1, X2, X3, and any of Y1, Y2, Y3.
#[test]
fn a_quorum_of_groups() {
    let log = SignerKey::from_seed("log.example".parse().unwrap(), &[100; 32]);
    let names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"];
    let witnesses: Vec<_> = (1_u8..)
        .zip(names)
        .map(|(seed, name)| CosignerKey::from_seed(name.parse().unwrap(), &[seed; 32]))
        .collect();
    let key = |at: usize| witnesses[at].verifier_key();
    let policy = policy(&format!(
        "# logs\nlog {}\n\n witness X1 {}\n\twitness X2 {} https://x2.example\nwitness\tX3   {}\ngroup X-witnesses 2 X1 X2 X3\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {} \ngroup Y-witnesses any Y1 Y2 Y3\n   # both\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log.verifier_key(),
        key(0),
        key(1),
        key(2),
        key(3),
        key(4),
        key(5)
    ));
    assert_eq!(policy.witnesses().count(), 6);
    assert_eq!(policy.logs(), [log.verifier_key().clone()]);
    let checkpoint = Checkpoint::new("log.example", 1, hash::leaf(b"")).unwrap();
    // Every subset of the witnesses.
    for subset in 0..64_u8 {
        let mut note = checkpoint.sign(&log).unwrap();
        let cosigners = (0..6).filter(|at| subset >> at & 1 == 1);
        for at in cosigners.clone() {
            note.add(witnesses[at].cosign(&checkpoint, 1).unwrap())
                .unwrap();
        }
        let quorum = (subset & 0b000_111).count_ones() >= 2 && subset & 0b111_000 != 0;
        match policy.open(&note) {
            Ok(opened) => {
                assert!(quorum, "{subset:06b}");
                assert_eq!(opened.cosignatures.len(), cosigners.count());
            }
            Err(refused) => {
                assert!(!quorum, "{subset:06b}");
                let expected = PolicyError::QuorumMissed {
                    quorum: "X-and-Y".into(),
                    cosigners: cosigners.count(),
                };
                assert_eq!(refused, expected);
            }
        }
    }
}

#[test]
fn a_log_that_the_policy_does_not_name_is_refused() {
    let note = signed_book();
    assert!(
        policy(&format!("log {BOOK}\nquorum none\n"))
            .open(&note)
            .is_ok()
    );
    let refused = policy("quorum none\n").open(&note).unwrap_err();
    assert!(matches!(
        refused,
        PolicyError::Checkpoint(CheckpointError::Note(_))
    ));
    // The witness alone is no log.
    let refused = policy(&format!("witness w {WITNESS}\nquorum w\n"))
        .open(&note)
        .unwrap_err();
    assert!(matches!(
        refused,
        PolicyError::Checkpoint(CheckpointError::NotSignedByLog { .. })
    ));
    // Another log of the policy may not sign for this one.
    let other = SignerKey::from_seed("other.example".parse().unwrap(), &[1; 32]);
    let by_other = Note::sign(note.text(), &[&other]).unwrap();
    let two = policy(&format!(
        "log {BOOK}\nlog {}\nquorum none\n",
        other.verifier_key()
    ));
    assert!(matches!(
        two.open(&by_other).unwrap_err(),
        PolicyError::Checkpoint(CheckpointError::NotSignedByLog { .. })
    ));
    assert!(two.open(&note).is_ok());
}

#[test]
fn other_policies_are_refused() {
    let check = |policy: &str, line: usize, expected: &str| match Policy::parse(policy.as_bytes()) {
        Err(PolicyError::Line { line: at, fault }) => {
            assert_eq!(at, line, "{policy}");
            let fault = fault.to_string();
            assert!(fault.contains(expected), "{policy}: {fault}");
        }
        other => panic!("{policy}: {other:?}"),
    };
    let cosigner = |seed: u8, name: &str| {
        let key = CosignerKey::from_seed(name.parse().unwrap(), &[seed; 32]);
        key.verifier_key().to_string()
    };
    let book_as = |name: &str| {
        let key = SignerKey::from_seed(name.parse().unwrap(), &[8; 32]);
        key.verifier_key().to_string()
    };
    let witness_as = |name: &str| cosigner(9, name);
    let (w, b) = (WITNESS, BOOK);
    // The same key again, under its own name, another name, and in the other role.
    check(
        &format!("log {b}\nlog {b}\nquorum none\n"),
        2,
        "stands in the policy already",
    );
    check(
        &format!("log {b}\nlog {}\nquorum none\n", book_as("x")),
        2,
        "stands in the policy already",
    );
    check(
        &format!("witness a {w}\nwitness b {w}\nquorum none\n"),
        2,
        "stands in the policy already",
    );
    check(
        &format!(
            "witness a {w}\nwitness b {}\nquorum none\n",
            witness_as("x")
        ),
        2,
        "stands in the policy already",
    );
    check(
        &format!("log {b}\nwitness b {}\nquorum none\n", cosigner(8, "x")),
        2,
        "stands in the policy already",
    );
    // Types and shapes.
    check(&format!("log {w}\nquorum none\n"), 1, "of type 0x04");
    check(&format!("witness a {b}\nquorum none\n"), 1, "of type 0x01");
    check("log nokey\nquorum none\n", 1, "not a verifier key");
    // A point of small order, well written.
    check(
        "log weak.example+6ee080f1+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nquorum none\n",
        1,
        "small order",
    );
    check("quorum none\nquorum none\n", 2, "already");
    check("quorum\n", 1, "write");
    check("quorum a b\n", 1, "write");
    check("Quorum none\n", 1, "write");
    check("log\nquorum none\n", 1, "write");
    check(&format!("log {b} url more\nquorum none\n"), 1, "write");
    check("quorum nobody\n", 1, "`nobody`");
    check(&format!("quorum a\nwitness a {w}\n"), 1, "`a`");
    check("quorum none", 1, "does not end in a newline");
    check("quorum none\r\n", 1, "0x0d");
    check("quorum none\n\x7f\n", 2, "0x7f");
    // Groups.
    check(&format!("witness none {w}\nquorum none\n"), 1, "`none`");
    check(
        &format!("witness a {w}\ngroup a any a\nquorum a\n"),
        2,
        "defined already",
    );
    check(
        &format!("witness a {w}\ngroup none any a\nquorum none\n"),
        2,
        "`none`",
    );
    check(
        &format!("witness a {w}\ngroup g any none\nquorum g\n"),
        2,
        "`none`",
    );
    check("group g any g\nquorum g\n", 1, "`g`");
    check("group g any\nquorum none\n", 1, "needs `all`");
    check("group g\nquorum none\n", 1, "write");
    check(
        &format!("witness a {w}\ngroup g any a a\nquorum g\n"),
        2,
        "may count only once",
    );
    check(
        &format!("witness a {w}\ngroup g any a\ngroup h any a\nquorum g\n"),
        3,
        "may count only once",
    );
    for k in ["0", "2", "01", "1.0", "-1", "some", "99999999999999999999"] {
        check(
            &format!("witness a {w}\ngroup g {k} a\nquorum g\n"),
            2,
            "a number from 1 to 1",
        );
    }
    assert_eq!(Policy::parse(b""), Err(PolicyError::NoQuorum));
    assert_eq!(
        Policy::parse(b"# quorum none\n"),
        Err(PolicyError::NoQuorum)
    );
}

/// Names are octets: they need not be UTF-8, and similar ones differ.
#[test]
fn names_in_a_policy_are_octets() {
    let file = |name: &[u8]| {
        [
            b"witness \xff\x4b ",
            WITNESS.as_bytes(),
            b"\nquorum ",
            name,
            b"\n",
        ]
        .concat()
    };
    assert!(Policy::parse(&file(b"\xff\x4b")).is_ok());
    assert_eq!(
        Policy::parse(&file(b"\xff\xe2\x84\xaa")),
        Err(PolicyError::Line {
            line: 2,
            fault: PolicyFault::UnknownName {
                name: "\\xff\\xe2\\x84\\xaa".into()
            }
        })
    );
}
