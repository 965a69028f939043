//! No bytes make a parser or the verifier panic; what the profile accepts, others write alike.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

#[path = "../fuzz/checks.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets share it")]
mod checks;
mod corpus;

use std::sync::{LazyLock, OnceLock};

use corpus::assemble::Draft;
use corpus::many::many;
use corpus::raw_zip::RawZip;
use corpus::story::{self, JANUARY};
use proof::profile;
use proof::verify::{Options, verify};
use proof::zip::Writer;
use proptest::prelude::*;
use tlog::SignerKey;

fn good() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| story::world().small.file(JANUARY))
}

/// Texts near the profile: the signs of JSON, escapes, numbers at the bounds.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"b\":1".to_owned()),
        Just("{\"a\":".to_owned()),
        Just("\\u000a".to_owned()),
        Just("\"\\n\\u001f\\\"\"".to_owned()),
        Just("9007199254740991".to_owned()),
        Just("9007199254740992".to_owned()),
        Just("-0".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just(" ".to_owned()),
        Just("\u{10000}".to_owned()),
        "[ -~]{0,3}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Values of the profile, in its own form.
fn value(depth: u32) -> BoxedStrategy<serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        "[\u{0}-\u{24}\u{7f}-\u{82}\u{e000}\u{10000}\"\\\\]{0,6}".prop_map(Value::from),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        4 => leaf,
        1 => prop::collection::vec(value(depth - 1), 0..4).prop_map(Value::from),
        1 => object(depth - 1),
    ]
    .boxed()
}

fn object(depth: u32) -> impl Strategy<Value = serde_json::Value> {
    prop::collection::btree_map("[ -~\n]{0,4}", value(depth), 0..5)
        .prop_map(|members| serde_json::Value::Object(members.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_profile_is_the_form_of_rfc_8785(value in object(3)) {
        let text = serde_jcs::to_string(&value).unwrap();
        prop_assert_eq!(&serde_json_canonicalizer::to_string(&value).unwrap(), &text);
        let json = profile::parse(text.as_bytes());
        prop_assert_eq!(json.map(|json| json.to_canonical()), Ok(text));
    }

    #[test]
    fn what_the_profile_accepts_others_write_alike(text in nearly_json()) {
        if let Ok(json) = profile::parse(text.as_bytes()) {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&serde_jcs::to_string(&value).unwrap(), &text);
            prop_assert_eq!(&serde_json_canonicalizer::to_string(&value).unwrap(), &text);
            prop_assert_eq!(&json.to_canonical(), &text);
            prop_assert_eq!(work::Json::parse(&text), Ok(json));
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for check in CHECKS {
            check(&bytes);
        }
        prop_assert!(!verify(&bytes, &Options::default()).is_valid());
    }

    /// Bytes of a well-formed input overwritten.
    #[test]
    fn no_mutation_makes_a_parser_panic(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)
    ) {
        let (check, bytes) = seed;
        let mut bytes = bytes.to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }
}

type Check = fn(&[u8]);

const CHECKS: [Check; 8] = [
    checks::profile,
    checks::entry,
    checks::about,
    checks::receipt,
    checks::carry,
    checks::zip,
    checks::verify,
    checks::member,
];

const SEEDS: &[(Check, &[u8])] = &[
    (
        checks::profile,
        include_bytes!("../fuzz/seeds/profile/entry"),
    ),
    (checks::entry, include_bytes!("../fuzz/seeds/entry/signed")),
    (
        checks::about,
        include_bytes!("../fuzz/seeds/about/proof.json"),
    ),
    (
        checks::receipt,
        include_bytes!("../fuzz/seeds/receipt/verified"),
    ),
    (checks::carry, include_bytes!("../fuzz/seeds/carry/january")),
    (
        checks::zip,
        include_bytes!("../fuzz/seeds/zip/small.proof.zip"),
    ),
    (
        checks::member,
        include_bytes!("../fuzz/seeds/member/proof.json"),
    ),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Bytes of a good file overwritten, cut out, or put in.
    #[test]
    fn no_mutation_of_a_file_makes_the_verifier_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..8)
    ) {
        let mut file = good().to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(file.len().max(1));
            match kind {
                0 | 1 => if let Some(own) = file.get_mut(at) { *own = byte },
                2 => { file.drain(at..(at + usize::from(byte)).min(file.len())); }
                _ => file.insert(at, byte),
            }
        }
        let report = verify(&file, &Options::default());
        let _ = report.to_json().to_canonical();
    }

    /// The same within one member, listed and packed properly, so that the later checks see it.
    #[test]
    fn no_mutation_of_a_member_makes_the_verifier_panic(
        member in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut members = corpus::assemble::members(good());
        let name = members.keys().nth(member.index(members.len())).unwrap().clone();
        let bytes = members.get_mut(&name).unwrap();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let file = corpus::assemble::pack(&corpus::assemble::listed(members));
        let report = verify(&file, &Options::default());
        let _ = report.to_json().to_canonical();
    }

    #[test]
    fn what_is_packed_is_unpacked(
        members in prop::collection::btree_map(
            "[a-zA-Z0-9_-]{1,6}(/[a-z0-9]{1,5}){0,2}",
            prop::collection::vec(0..4u8, 0..500),
            1..6
        )
    ) {
        let pack = || {
            let mut zip = Writer::new();
            for (name, bytes) in members.iter().rev() {
                zip.add(name, bytes, bytes.len() % 2 == 0).unwrap();
            }
            let mut file = Vec::new();
            zip.finish(&mut file).unwrap();
            file
        };
        let file = pack();
        prop_assert_eq!(&file, &pack(), "the same members gave other bytes");
        prop_assert_eq!(corpus::assemble::members(&file), members.clone());
        // Stored by other hands, it is the same to the reader.
        prop_assert_eq!(corpus::assemble::members(&RawZip::of(&members).bytes()), members);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Entries altered by the seller, who signs them again: the first fault is named, whichever thread
    /// comes upon one first, and where there is none the statement comes out alike.
    #[test]
    fn threads_make_no_difference_to_what_is_refused(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), b' '..b'~'),
            0..4
        )
    ) {
        let (draft, key) = &*MANY;
        let mut draft = draft.clone();
        for (entry, at, byte) in edits {
            let entry = entry.get_mut(&mut draft.entries);
            *at.get_mut(entry) = byte;
        }
        let file = draft.resign(key).file();
        let alone = verify(&file, &Options::default());
        for threads in [2, 3] {
            let options = Options { threads, ..Options::default() };
            prop_assert_eq!(&verify(&file, &options), &alone);
        }
    }
}

/// A log of several bundles, and the key that signs it.
static MANY: LazyLock<(Draft, SignerKey)> = LazyLock::new(|| {
    let book = many(150);
    (Draft::of(&book.file(JANUARY)), book.parties.seller)
});

/// The report does not depend on how many threads unpack.
#[test]
fn threads_make_no_difference() {
    let world = story::world();
    let file = world.book.file(JANUARY);
    let alone = verify(&file, &Options::default());
    assert!(alone.is_valid(), "{:?}", alone.refusal);
    for threads in [2, 3, 64] {
        let options = Options {
            threads,
            ..Options::default()
        };
        assert_eq!(verify(&file, &options), alone);
    }
}

/// The same log at the same head gives the same bytes.
#[test]
fn a_file_is_reproducible() {
    let (one, other) = (story::world(), story::world());
    assert_eq!(one.book.file(JANUARY), other.book.file(JANUARY));
}
