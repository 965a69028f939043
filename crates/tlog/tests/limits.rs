//! Every limit, reached and crossed.

#![allow(clippy::unwrap_used)]

use tlog::checkpoint::CheckpointError;
use tlog::frontier::FrontierError;
use tlog::limits::{
    EXTRA_BYTES_MAX, KEY_TEXT_BYTES_MAX, NAME_BYTES_MAX, NOTE_BYTES_MAX, POLICY_BYTES_MAX,
    POLICY_ITEMS_MAX, PROOF_FILE_BYTES_MAX, PROOF_HASHES_MAX, SIGNATURE_LINES_MAX, TREE_SIZE_MAX,
};
use tlog::note::NoteError;
use tlog::policy::{PolicyError, PolicyFault};
use tlog::proof::{self, ProofError, verify_consistency, verify_inclusion};
use tlog::tlog_proof::TlogProofError;
use tlog::vkey::{KeyError, KeyName};
use tlog::{
    Checkpoint, CosignerKey, Frontier, Note, Policy, SignerKey, TlogProof, VerifierKey, hash,
};

fn signer(name: &str) -> SignerKey {
    SignerKey::from_seed(name.parse().unwrap(), &[1; 32])
}

#[test]
fn tree_size() {
    let hash = hash::empty();
    let mut full = Frontier::from_hashes(TREE_SIZE_MAX - 1, vec![hash; 62]).unwrap();
    full.push_leaf_hash(hash).unwrap();
    assert_eq!((full.size(), full.hashes().len()), (TREE_SIZE_MAX, 63));
    let before = full.clone();
    assert_eq!(full.push_leaf_hash(hash), Err(FrontierError::TooLarge));
    assert_eq!(full, before);
    assert_eq!(Frontier::from_bytes(&full.to_bytes()), Ok(full));
    assert_eq!(
        Frontier::from_hashes(1 << 63, vec![hash]),
        Err(FrontierError::TooLarge)
    );
    assert_eq!(
        Frontier::from_hashes(3, vec![hash]),
        Err(FrontierError::WrongCount {
            size: 3,
            wanted: 2,
            got: 1
        })
    );
    assert_eq!(
        Frontier::from_bytes(&[0; 7]),
        Err(FrontierError::WrongLength { bytes: 7 })
    );
    assert_eq!(
        Frontier::from_bytes(&[0; 41]),
        Err(FrontierError::WrongLength { bytes: 41 })
    );
    assert!(Frontier::from_bytes(&[0; 40]).is_err());
    assert_eq!(Frontier::from_bytes(&[0; 8]), Ok(Frontier::new()));

    let size = 1 << 63;
    let too_large = ProofError::SizeTooLarge { size };
    assert_eq!(proof::inclusion_nodes(0, size), Err(too_large));
    assert_eq!(proof::consistency_nodes(1, size), Err(too_large));
    assert_eq!(proof::frontier_nodes(size), Err(too_large));
    assert_eq!(verify_inclusion(&hash, 0, size, &[], &hash), Err(too_large));
    assert_eq!(
        verify_consistency(1, &hash, size, &hash, &[]),
        Err(too_large)
    );
    assert_eq!(proof::inclusion_nodes(0, TREE_SIZE_MAX).unwrap().len(), 63);
    assert_eq!(
        proof::inclusion_nodes(TREE_SIZE_MAX - 1, TREE_SIZE_MAX)
            .unwrap()
            .len(),
        62
    );
    assert_eq!(proof::frontier_nodes(TREE_SIZE_MAX).unwrap().len(), 63);
    assert!(Checkpoint::new("a", TREE_SIZE_MAX, hash).is_ok());
    assert!(matches!(
        Checkpoint::new("a", size, hash),
        Err(CheckpointError::NotASize { .. })
    ));
}

#[test]
fn proof_hashes() {
    let hash = hash::empty();
    for count in [PROOF_HASHES_MAX + 1, 1000] {
        let wrong = ProofError::WrongLength { got: count };
        let proof = vec![hash; count];
        assert_eq!(
            verify_inclusion(&hash, 0, TREE_SIZE_MAX, &proof, &hash),
            Err(wrong)
        );
        assert_eq!(
            verify_consistency(1, &hash, TREE_SIZE_MAX, &hash, &proof),
            Err(wrong)
        );
    }
    // As many as there may be are looked at.
    let proof = [hash; PROOF_HASHES_MAX];
    assert!(matches!(
        verify_inclusion(&hash, 0, TREE_SIZE_MAX, &proof, &hash),
        Err(ProofError::RootMismatch { .. })
    ));
    let note = Checkpoint::new("log.example", 1, hash)
        .unwrap()
        .sign(&signer("log.example"))
        .unwrap();
    let file = |hashes| TlogProof::new(vec![], 0, vec![hash; hashes], note.clone());
    let largest = file(PROOF_HASHES_MAX).unwrap();
    assert_eq!(largest.to_string().parse(), Ok(largest.clone()));
    assert_eq!(
        file(PROOF_HASHES_MAX + 1),
        Err(TlogProofError::TooManyHashes)
    );
    let more = largest
        .to_string()
        .replace("index 0\n", &format!("index 0\n{hash}\n"));
    assert_eq!(
        more.parse::<TlogProof>(),
        Err(TlogProofError::TooManyHashes)
    );
}

#[test]
fn note_bytes() {
    let key = signer("log.example");
    let line = Note::sign("\n", &[&key]).unwrap().to_string().len() - 2;
    let text = |bytes: usize| "x".repeat(bytes - 1) + "\n";
    let largest = Note::sign(&text(NOTE_BYTES_MAX - 1 - line), &[&key])
        .unwrap()
        .to_string();
    assert_eq!(largest.len(), NOTE_BYTES_MAX);
    assert!(largest.parse::<Note>().is_ok());
    let over = NoteError::TooLarge {
        bytes: NOTE_BYTES_MAX + 1,
    };
    assert_eq!(
        Note::sign(&text(NOTE_BYTES_MAX - line), &[&key]),
        Err(over.clone())
    );
    assert_eq!(Note::parse(format!("x{largest}").as_bytes()), Err(over));
}

#[test]
fn signature_lines() {
    let note = |lines: usize| {
        let signed = Note::sign("text\n", &[&signer("log.example")])
            .unwrap()
            .to_string();
        let (_, line) = signed.split_once("\n\n").unwrap();
        format!("text\n\n{}", line.repeat(lines))
    };
    let key = signer("log.example");
    let largest: Note = note(SIGNATURE_LINES_MAX).parse().unwrap();
    assert_eq!(largest.verify([key.verifier_key()]).unwrap().len(), 1);
    for lines in [SIGNATURE_LINES_MAX + 1, 101] {
        assert_eq!(
            note(lines).parse::<Note>(),
            Err(NoteError::TooManySignatures)
        );
    }
    let keys: Vec<_> = (0..=SIGNATURE_LINES_MAX)
        .map(|at| signer(&format!("k{at}")))
        .collect();
    let keys: Vec<_> = keys.iter().collect();
    assert!(Note::sign("text\n", &keys[1..]).is_ok());
    assert_eq!(
        Note::sign("text\n", &keys),
        Err(NoteError::TooManySignatures)
    );
}

#[test]
fn names_and_keys() {
    let longest = "n".repeat(NAME_BYTES_MAX);
    let (fits, over) = (longest.clone(), format!("{longest}n"));
    assert!(fits.parse::<KeyName>().is_ok());
    assert!(matches!(
        over.parse::<KeyName>(),
        Err(KeyError::NotAName { .. })
    ));
    assert!(Checkpoint::new(&fits, 0, hash::empty()).is_ok());
    assert!(matches!(
        Checkpoint::new(&over, 0, hash::empty()),
        Err(CheckpointError::NotAnOrigin { .. })
    ));
    let key = signer(&fits).verifier_key().to_string();
    assert!(key.parse::<VerifierKey>().is_ok());
    // A key of ML-DSA-44 (1,312 bytes) is refused by its type, and a longer text unread.
    let of = |base64: usize| format!("n+00000000+Bg{}", "A".repeat(base64 - 2));
    assert!(matches!(
        of(1752).parse::<VerifierKey>(),
        Err(KeyError::WrongType { byte: 6, .. })
    ));
    let over = of(KEY_TEXT_BYTES_MAX);
    assert!(matches!(
        over.parse::<VerifierKey>(),
        Err(KeyError::NotAVerifierKey { .. })
    ));
    let over = format!("PRIVATE+KEY+{over}");
    assert!(matches!(
        over.parse::<SignerKey>(),
        Err(KeyError::NotASignerKey)
    ));
}

#[test]
fn proof_file_bytes() {
    let key = signer("log.example");
    let note = Checkpoint::new("log.example", 1, hash::empty())
        .unwrap()
        .sign(&key)
        .unwrap();
    let file = |extra: usize| TlogProof::new(vec![7; extra], 0, vec![], note.clone());
    let largest = file(EXTRA_BYTES_MAX).unwrap();
    assert_eq!(largest.to_string().parse(), Ok(largest.clone()));
    assert_eq!(file(EXTRA_BYTES_MAX + 1), Err(TlogProofError::NotExtra));
    // 65,535 bytes fill their base64; four more characters are three more bytes.
    let more = largest.to_string().replace("extra ", "extra AAAA");
    assert_eq!(more.parse::<TlogProof>(), Err(TlogProofError::NotExtra));
    assert_eq!(
        TlogProof::parse(&vec![b' '; PROOF_FILE_BYTES_MAX + 1]),
        Err(TlogProofError::TooLarge {
            bytes: PROOF_FILE_BYTES_MAX + 1
        })
    );
    assert_eq!(
        TlogProof::parse(&vec![b' '; PROOF_FILE_BYTES_MAX]),
        Err(TlogProofError::CutOff)
    );
    // The largest note, extra data and proof together are within the limit of the file.
    let parts = NOTE_BYTES_MAX + EXTRA_BYTES_MAX.div_ceil(3) * 4 + PROOF_HASHES_MAX * 45 + 100;
    assert!(parts <= PROOF_FILE_BYTES_MAX);
}

#[test]
fn policy_bytes_and_items() {
    let padded = |bytes: usize| {
        let comment = "#".repeat(bytes - "\nquorum none\n".len());
        format!("{comment}\nquorum none\n")
    };
    assert!(Policy::parse(padded(POLICY_BYTES_MAX).as_bytes()).is_ok());
    assert_eq!(
        Policy::parse(padded(POLICY_BYTES_MAX + 1).as_bytes()),
        Err(PolicyError::TooLarge {
            bytes: POLICY_BYTES_MAX + 1
        })
    );
    let seed = |at: usize| {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&at.to_be_bytes());
        seed
    };
    let log = |at: usize| {
        let key = SignerKey::from_seed("l".parse().unwrap(), &seed(at));
        format!("log {}\n", key.verifier_key())
    };
    let witness = |at: usize| {
        let key = CosignerKey::from_seed("w".parse().unwrap(), &seed(at));
        format!("witness w{at} {}\n", key.verifier_key())
    };
    let group = |at: usize| match at {
        0 => format!("{}group g0 any w0\n", witness(0)),
        at => format!("group g{at} any g{}\n", at - 1),
    };
    let items: [&dyn Fn(usize) -> String; 3] = [&log, &witness, &group];
    for item in items {
        let lines = |count: usize| (0..count).map(item).collect::<String>() + "quorum none\n";
        assert!(Policy::parse(lines(POLICY_ITEMS_MAX).as_bytes()).is_ok());
        assert!(matches!(
            Policy::parse(lines(POLICY_ITEMS_MAX + 1).as_bytes()),
            Err(PolicyError::Line {
                fault: PolicyFault::TooMany,
                ..
            })
        ));
    }
}
