//! Receipts of the corpus: made, checked, and tampered with.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use corpus::book::Book;
use corpus::story;
use proof::receipt::{Receipt, ReceiptError};
use tlog::SignerKey;
use tlog::tlog_proof::TlogProof;
use work::body::Body;

/// A proof of one entry under the head of the first `size`.
fn proved(book: &Book, index: usize, size: usize) -> TlogProof {
    let entries = &book.entries[..size];
    let tree = proof::tree::Tree::of(entries.iter().map(|own| tlog::hash::leaf(own)).collect());
    let (index, size) = (index as u64, size as u64);
    let hashes = tlog::proof::prove_inclusion(&tree, index, size).unwrap();
    let note = corpus::book::checkpoint(entries, &book.parties.seller);
    let extra = book.entries[usize::try_from(index).unwrap()].clone();
    TlogProof::new(extra, index, hashes, note.parse().unwrap()).unwrap()
}

fn position(book: &Book, id: &str) -> usize {
    let mut contents = book.contents.iter();
    contents
        .position(|own| own.event.id.starts_with(id))
        .unwrap()
}

/// The receipt of the verified case v01.
fn receipt(book: &Book) -> Receipt {
    let size = book.entries.len();
    let evidence = position(book, "transcript-a");
    let ids = [
        "01-10T09:00-answered-case=v01",
        "01-10T09:30-verified-case=v01",
    ];
    let mut positions: Vec<usize> = ids.iter().map(|id| position(book, id)).collect();
    positions.push(evidence);
    let Body::Evidence {
        name, commitment, ..
    } = &book.contents[evidence].event.body
    else {
        panic!("no evidence");
    };
    Receipt {
        customer: "acme".to_owned(),
        work: "v01".to_owned(),
        unit: story::UNIT.to_owned(),
        state: "counted".to_owned(),
        why: "verified: suite passed".to_owned(),
        class: Some("verified".to_owned()),
        counted_at: Some("2026-01-10T09:30:00Z".parse().unwrap()),
        price: Some("1.78 USD".parse().unwrap()),
        statement: Some(story::JANUARY.to_owned()),
        evidence: vec![(name.clone(), *commitment)],
        dispute: Some((
            "2026-02-09T09:30:00Z".parse().unwrap(),
            "https://vendor.example".to_owned(),
        )),
        proofs: positions
            .into_iter()
            .map(|at| proved(book, at, size))
            .collect(),
    }
}

#[test]
fn a_receipt_shows_that_its_entries_are_in_the_log() {
    let book = story::world().book;
    let key = book.parties.seller.verifier_key();
    let receipt = receipt(&book);
    let text = receipt.to_text();
    assert_eq!(Receipt::parse(text.as_bytes()).unwrap(), receipt);
    let checked = Receipt::check(text.as_bytes(), key).unwrap();
    assert_eq!(checked.entries.len(), 3);
    assert_eq!(checked.head.0, book.entries.len() as u64);
    // The least there is to say.
    let bare = Receipt {
        class: None,
        counted_at: None,
        price: None,
        statement: None,
        evidence: Vec::new(),
        dispute: None,
        ..receipt
    };
    assert_eq!(
        Receipt::check(bare.to_text().as_bytes(), key)
            .unwrap()
            .receipt,
        bare
    );
}

#[test]
fn a_receipt_that_was_tampered_with_is_refused() {
    let book = story::world().book;
    let key = book.parties.seller.verifier_key();
    let receipt = receipt(&book);
    let check = |receipt: &Receipt| Receipt::check(receipt.to_text().as_bytes(), key);
    let edited = |edit: &dyn Fn(&mut Receipt)| {
        let mut receipt = receipt.clone();
        edit(&mut receipt);
        check(&receipt).unwrap_err()
    };
    let proof_error = |error: ReceiptError| matches!(error, ReceiptError::Proof { .. });
    let altered = |own: &TlogProof, edit: &dyn Fn(&mut Vec<u8>, &mut u64)| {
        let (mut extra, mut index) = (own.extra().to_vec(), own.index());
        edit(&mut extra, &mut index);
        TlogProof::new(extra, index, own.hashes().to_vec(), own.note().clone()).unwrap()
    };
    // Another entry, another place, another head, nothing at all.
    assert!(proof_error(edited(&|own| {
        own.proofs[0] = altered(&own.proofs[0], &|extra, _| extra[60] ^= 1);
    })));
    assert!(proof_error(edited(&|own| {
        own.proofs[0] = altered(&own.proofs[0], &|_, index| *index += 1);
    })));
    assert!(proof_error(edited(
        &|own| own.proofs[1] = proved(&book, 30, 60)
    )));
    assert!(proof_error(edited(
        &|own| own.customer = "globex".to_owned()
    )));
    assert_eq!(
        edited(&|own| own.evidence[0].0 = "photo".to_owned()),
        ReceiptError::Evidence("photo".to_owned())
    );
    assert!(matches!(
        edited(&|own| {
            own.proofs.clear();
            own.evidence.clear();
        }),
        ReceiptError::Form(_)
    ));
    // Another log's key.
    let other = SignerKey::from_seed(key.name().clone(), &[99; 32]);
    let text = receipt.to_text();
    assert!(proof_error(
        Receipt::check(text.as_bytes(), other.verifier_key()).unwrap_err()
    ));
    // Another way of writing.
    for (from, to) in [
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\": 1"),
        ("\"why\"", "\"what\":\"x\",\"why\""),
        ("1.78 USD", "1.780 USD"),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        assert!(Receipt::check(edited.as_bytes(), key).is_err(), "{to}");
    }
}
