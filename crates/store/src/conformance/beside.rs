//! What is kept beside the logs: checkpoints that are the log's, payloads that are what was committed
//! to.

use proof::commitment::commit;
use tlog::{Checkpoint, CosignerKey, SignerKey, hash};
use work::{Digest, LogKind};

use super::{append, done, opened};
use crate::limits::PAYLOAD_BYTES_MAX;
use crate::{Payload, Store, StoreError, TreeHead};

const SHARED: LogKind = LogKind::Shared;
const ORIGIN: &str = "vendor.example/log/8f3a";

fn signed(origin: &str, head: TreeHead, seed: u8) -> String {
    let key = SignerKey::from_seed(done(origin.parse()), &[seed; 32]);
    let checkpoint = done(Checkpoint::new(origin, head.size, head.root));
    done(checkpoint.sign(&key)).to_string()
}

pub(super) fn checkpoints_are_the_logs(book: &dyn Store) {
    let head = |size| done(book.tree_head("acme", SHARED, Some(size)));
    let kept = |at_most| done(book.checkpoint("acme", SHARED, at_most));
    let keep = |note: &str| book.keep_checkpoint("acme", SHARED, note);
    append(
        book,
        &[opened("acme", "1", "w1"), opened("acme", "2", "w1")],
    );
    assert_eq!(kept(u64::MAX), None);
    let two = signed(ORIGIN, head(2), 7);
    done(keep(&two));
    append(book, &[opened("acme", "3", "w1")]);
    // A head is signed when somebody asks, so also one that has been outgrown.
    let one = signed(ORIGIN, head(1), 7);
    done(keep(&one));
    assert_eq!(kept(0), None);
    assert_eq!(kept(1).as_ref(), Some(&one));
    assert_eq!((kept(2), kept(3)), (Some(two.clone()), Some(two.clone())));
    assert_eq!(done(book.checkpoint("acme", LogKind::Seller, 9)), None);
    assert_eq!(done(book.checkpoint("acm", SHARED, 9)), None);
    // Another root, a size that is not there, another origin, and what is no checkpoint.
    let forged = TreeHead {
        size: 2,
        root: hash::leaf(b"another history"),
    };
    for refused in [
        signed(ORIGIN, forged, 7),
        signed(ORIGIN, TreeHead { size: 3, ..forged }, 7),
        signed("vendor.example/elsewhere", head(2), 7),
    ] {
        let error = keep(&refused);
        assert!(
            matches!(error, Err(StoreError::Checkpoint { .. })),
            "{refused}{error:?}"
        );
    }
    let beyond = keep(&signed(ORIGIN, TreeHead { size: 4, ..forged }, 7));
    assert!(
        matches!(beyond, Err(StoreError::BeyondHead { .. })),
        "{beyond:?}"
    );
    for text in ["", "vendor.example\n2\n", &two[..two.len() - 1]] {
        let error = keep(text);
        assert!(
            matches!(error, Err(StoreError::NotACheckpoint { .. })),
            "{text}{error:?}"
        );
    }
    assert_eq!(kept(9), Some(two));
}

pub(super) fn signatures_of_a_checkpoint_are_kept_together(book: &dyn Store) {
    append(book, &[opened("acme", "1", "w1")]);
    let head = done(book.tree_head("acme", SHARED, None));
    let note = signed(ORIGIN, head, 7);
    let lines = |note: &str| note.lines().skip(4).map(str::to_owned).collect::<Vec<_>>();
    // Two cosigners bring their own copies of what the log signed.
    let checkpoint = done(Checkpoint::new(ORIGIN, head.size, head.root));
    let cosigned = |name: &str, time| {
        let key = CosignerKey::from_seed(done(name.parse()), &[9; 32]);
        let mut copy: tlog::Note = done(note.parse());
        done(copy.add(done(key.cosign(&checkpoint, time))));
        copy.to_string()
    };
    let (early, late) = (cosigned("buyer.example", 10), cosigned("buyer.example", 20));
    for note in [
        &note,
        &cosigned("witness.example", 10),
        &early,
        &late,
        &note,
    ] {
        done(book.keep_checkpoint("acme", SHARED, note));
    }
    let kept = done(book.checkpoint("acme", SHARED, 1)).unwrap_or_default();
    let mut kept = lines(&kept);
    kept.sort();
    let mut expected = vec![
        lines(&note)[0].clone(),
        lines(&cosigned("witness.example", 10))[1].clone(),
        lines(&late)[1].clone(),
    ];
    expected.sort();
    assert_eq!(kept, expected);
}

pub(super) fn payloads_stand_behind_commitments(book: &dyn Store) {
    // The vector of docs/reference/proof-file.md section 2.
    let salt = std::array::from_fn(|at| u8::try_from(at).unwrap_or(u8::MAX));
    let payload = br#"{"ticket":"88231","reply":"..."}"#;
    let vector: tlog::Hash = done("K9FZZqG/yB1DRbWN3ETIo+lCjadcAVQYWMVh+lLa/J0=".parse());
    let commitment = Digest::from_bytes(*vector.as_bytes());
    assert_eq!(done(book.payload(&commitment)), None);
    assert!(!done(book.forget_payload(&commitment)));
    assert_eq!(done(book.put_payload(&salt, payload)), commitment);
    assert_eq!(done(book.put_payload(&salt, payload)), commitment);
    let expected = Payload {
        salt,
        bytes: payload.to_vec(),
    };
    assert_eq!(done(book.payload(&commitment)), Some(expected.clone()));
    // The same payload under another salt is another one, and so is an empty one.
    let other = done(book.put_payload(&[0; 32], payload));
    let empty = done(book.put_payload(&[0; 32], b""));
    assert_ne!(other, commitment);
    assert!(done(book.forget_payload(&other)));
    assert!(!done(book.forget_payload(&other)));
    assert_eq!(done(book.payload(&other)), None);
    assert_eq!(done(book.payload(&commitment)), Some(expected));
    assert_eq!(
        done(book.payload(&empty)).map(|payload| payload.bytes),
        Some(Vec::new())
    );
    // What was forgotten may be told again.
    assert_eq!(done(book.put_payload(&[0; 32], payload)), other);
    assert!(done(book.payload(&other)).is_some());
}

pub(super) fn payloads_have_a_largest_size(book: &dyn Store) {
    let mut payload = vec![7; PAYLOAD_BYTES_MAX];
    let commitment = done(book.put_payload(&[1; 32], &payload));
    let kept = done(book.payload(&commitment)).map(|payload| payload.bytes);
    assert_eq!(kept.as_ref(), Some(&payload));
    payload.push(7);
    let refused = book.put_payload(&[1; 32], &payload);
    assert!(
        matches!(refused, Err(StoreError::TooMany { .. })),
        "{refused:?}"
    );
    assert_eq!(done(book.payload(&commit(&[1; 32], &payload))), None);
}
