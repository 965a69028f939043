//! Every bound of a proof file, crossed by one.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use std::collections::BTreeMap;

use corpus::assemble::{Draft, listed, members};
use corpus::raw_zip::{Raw, RawZip};
use corpus::story::{self, JANUARY};
use proof::file::Member;
use proof::limits::{
    ABOUT_BYTES_MAX, BUNDLE_BYTES_MAX, CARRY_BYTES_MAX, CHECKPOINT_BYTES_MAX, FILE_BYTES_MAX,
    INFLATION_MAX, MANIFEST_BYTES_MAX, MEMBERS_MAX, NAME_BYTES_MAX, PAYLOAD_BYTES_MAX,
    README_BYTES_MAX, RECEIPT_BYTES_MAX, STATEMENT_BYTES_MAX, TILE_BYTES_MAX,
};
use proof::receipt::{Receipt, ReceiptError};
use proof::verify::{Options, verify};
use proof::zip::{Archive, WriteError, Writer, ZipError};

fn empty() -> RawZip {
    RawZip::of(&BTreeMap::new())
}

#[test]
fn members_are_counted() {
    let mut zip = empty();
    for number in 0..MEMBERS_MAX {
        zip.members.push(Raw::stored(&format!("m{number:05}"), b""));
    }
    assert_eq!(
        Archive::open(&zip.bytes()).unwrap().members().len(),
        MEMBERS_MAX
    );
    zip.members.push(Raw::stored("n", b""));
    assert_eq!(
        Archive::open(&zip.bytes()).unwrap_err(),
        ZipError::TooManyMembers
    );

    let mut writer = Writer::new();
    for number in 0..MEMBERS_MAX {
        writer.add(&format!("m{number:05}"), b"", false).unwrap();
    }
    assert!(matches!(
        writer.add("n", b"", false),
        Err(WriteError::TooLarge)
    ));
}

/// Sizes are believed only as far as all of them fit, before anything is unpacked.
#[test]
fn members_inflated_have_a_bound_together() {
    let each = 64 * 1024 * 1024;
    let packed = usize::try_from(each / INFLATION_MAX + 1).unwrap();
    let mut zip = empty();
    let mut sum = 0;
    for number in 0.. {
        let mut raw = Raw::stored(&format!("m{number:02}"), &vec![7; packed]);
        (raw.method, raw.plain) = (8, u32::try_from(each).unwrap());
        zip.members.push(raw);
        sum += each;
        let opened = Archive::open(&zip.bytes()).map(|_| ());
        if sum > FILE_BYTES_MAX {
            assert_eq!(opened, Err(ZipError::InflatedTooLarge));
            break;
        }
        assert_eq!(opened, Ok(()));
    }
}

#[test]
fn names_have_a_bound() {
    let longest = "n".repeat(NAME_BYTES_MAX);
    let zip = |name: &str| {
        let mut zip = empty();
        zip.members.push(Raw::stored(name, b"x"));
        zip.bytes()
    };
    assert!(Archive::open(&zip(&longest)).is_ok());
    assert!(matches!(
        Archive::open(&zip(&format!("{longest}n"))),
        Err(ZipError::Name { .. })
    ));
    assert!(
        Writer::new()
            .add(&format!("{longest}n"), b"", false)
            .is_err()
    );
}

/// Each member of a good file in turn, one byte longer than it may be.
#[test]
fn members_have_bounds_of_their_own() {
    let good = members(&story::world().book.file(JANUARY));
    let first = |prefix: &str| {
        let mut names = good.keys();
        names.find(|name| name.starts_with(prefix)).unwrap()
    };
    for (name, most) in [
        (Member::MANIFEST, MANIFEST_BYTES_MAX),
        (Member::README, README_BYTES_MAX),
        (Member::CHECKPOINT, CHECKPOINT_BYTES_MAX),
        (first("log/tile/entries/"), BUNDLE_BYTES_MAX),
        (first("log/tile/0/"), TILE_BYTES_MAX),
        (Member::ABOUT, ABOUT_BYTES_MAX),
        (Member::STATEMENT, STATEMENT_BYTES_MAX),
        (first("payloads/"), PAYLOAD_BYTES_MAX + 32),
    ] {
        let mut zip = RawZip::of(&good);
        let size = usize::try_from(most).unwrap() + 1;
        let raw = zip.member(name);
        *raw = Raw::stored(name, &vec![b' '; size]);
        raw.deflate();
        let refusal = verify(&zip.bytes(), &Options::default()).refusal.unwrap();
        assert_eq!(refusal.code.word(), "zip", "{name}");
        assert!(
            refusal.reason.contains(&format!("at most {most} are read")),
            "{refusal}"
        );
    }
    // As long as it may be, it is read.
    let mut longest = good.clone();
    longest.insert(
        Member::README.to_owned(),
        vec![b' '; usize::try_from(README_BYTES_MAX).unwrap()],
    );
    assert!(verify(&RawZip::of(&listed(longest)).bytes(), &Options::default()).is_valid());
}

/// What is too long to be made here says so in its header, and is refused before it is unpacked.
#[test]
fn a_carry_and_what_it_brings_have_a_bound() {
    let good = members(&story::world().book.file(JANUARY));
    for name in [Member::BROUGHT, Member::CARRY] {
        for (size, read) in [(CARRY_BYTES_MAX, true), (CARRY_BYTES_MAX + 1, false)] {
            let mut held = good.clone();
            let packed = usize::try_from(size / INFLATION_MAX + 1).unwrap();
            held.insert(name.to_owned(), vec![7; packed]);
            let mut zip = RawZip::of(&held);
            let raw = zip.member(name);
            (raw.method, raw.plain) = (8, u32::try_from(size).unwrap());
            let refusal = verify(&zip.bytes(), &Options::default()).refusal.unwrap();
            assert_eq!(refusal.code.word(), "zip", "{name}");
            let says = format!("at most {CARRY_BYTES_MAX} are read");
            assert_eq!(refusal.reason.contains(&says), !read, "{size}: {refusal}");
        }
    }
}

#[test]
fn signature_lines_are_counted() {
    let good = Draft::of(&story::world().small.file(JANUARY));
    let line = good.checkpoint.lines().last().unwrap();
    for (more, expected) in [(63, None), (64, Some("checkpoint"))] {
        let mut draft = good.clone();
        for number in 0..more {
            let other = line.replacen("\u{2014} vendor", &format!("\u{2014} v{number}"), 1);
            draft.checkpoint.push_str(&format!("{other}\n"));
        }
        let report = verify(&draft.file(), &Options::default());
        assert_eq!(
            report.refusal.map(|own| own.code.word()),
            expected,
            "{more}"
        );
    }
}

#[test]
fn a_receipt_has_a_bound() {
    let text = vec![b' '; RECEIPT_BYTES_MAX + 1];
    assert_eq!(Receipt::parse(&text), Err(ReceiptError::TooLarge));
    let proofs = vec!["\"x\""; proof::limits::RECEIPT_PROOFS_MAX + 1].join(",");
    let text = format!("{{\"evidence\":[],\"proofs\":[{proofs}],\"v\":1}}");
    assert_eq!(Receipt::parse(text.as_bytes()), Err(ReceiptError::TooLarge));
}
