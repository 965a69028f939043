//! Every single bit of what is signed: a file with one of them flipped is refused.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use std::collections::BTreeMap;

use corpus::assemble::{listed, members, store};
use corpus::story::{self, JANUARY};
use proof::file::Member;
use proof::verify::{Code, Options, verify};

/// The members that are signed, or that say what is signed.
fn parts(members: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let named = [Member::CHECKPOINT, Member::ABOUT, Member::STATEMENT];
    let bundles = members.keys().filter(|name| name.contains("/entries/"));
    bundles
        .map(String::as_str)
        .chain(named)
        .map(str::to_owned)
        .collect()
}

/// Verifies the file with each bit of a member flipped in turn; the codes of the refusals.
fn flip_each(
    members: &BTreeMap<String, Vec<u8>>,
    name: &str,
    lists: bool,
    may_be_valid: impl Fn(usize) -> bool,
) -> BTreeMap<&'static str, usize> {
    let mut codes = BTreeMap::new();
    for bit in 0..members[name].len() * 8 {
        let mut flipped = members.clone();
        flipped.get_mut(name).unwrap()[bit / 8] ^= 1 << (bit % 8);
        let file = store(&if lists { listed(flipped) } else { flipped });
        match verify(&file, &Options::default()).refusal {
            Some(refusal) => *codes.entry(refusal.code.word()).or_default() += 1,
            None => assert!(may_be_valid(bit / 8), "bit {bit} of {name} is not checked"),
        }
    }
    codes
}

/// Without a new `MANIFEST`, every flip is seen there; of `MANIFEST` itself, too.
#[test]
fn slow_no_bit_flips_unseen_by_the_manifest() {
    let members = members(&story::world().small.file(JANUARY));
    for name in parts(&members)
        .iter()
        .map(String::as_str)
        .chain([Member::MANIFEST])
    {
        let codes = flip_each(&members, name, false, |_| false);
        assert_eq!(
            codes.into_keys().collect::<Vec<_>>(),
            [Code::Manifest.word()],
            "{name}"
        );
    }
}

/// With a `MANIFEST` that fits, as a forger would write it, every flip is seen all the same. Only what
/// made the file is said by nobody but `proof.json`.
#[test]
fn slow_no_bit_of_what_is_signed_flips_unseen() {
    let members = members(&story::world().small.file(JANUARY));
    let about = String::from_utf8(members[Member::ABOUT].clone()).unwrap();
    let value = |name: &str| {
        let start = about.find(name).unwrap() + name.len();
        start..start + about[start..].find('"').unwrap()
    };
    let said_alone = [
        value("\"engine\":{\"name\":\""),
        value("\"version\":\""),
        value("\"time_zones\":\""),
    ];
    for name in parts(&members) {
        let codes = flip_each(&members, &name, true, |byte| {
            name == Member::ABOUT && said_alone.iter().any(|range| range.contains(&byte))
        });
        let expected = match name.as_str() {
            Member::STATEMENT => Code::Statement,
            Member::CHECKPOINT => Code::Checkpoint,
            // A bit of it may spoil its form, or claim another key, head, customer or statement.
            Member::ABOUT => continue,
            _ => Code::Tree,
        };
        let codes: Vec<_> = codes.into_keys().collect();
        assert_eq!(codes, [expected.word()], "{name}");
    }
}

/// Any bit of the zip itself: refused, or it packs the same members otherwise.
#[test]
fn slow_no_bit_of_the_file_flips_into_other_members() {
    let file = story::world().small.file(JANUARY);
    let good = members(&file);
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if verify(&flipped, &Options::default()).is_valid() {
            assert_eq!(members(&flipped), good, "bit {bit}");
        }
    }
}
