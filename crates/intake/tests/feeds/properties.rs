//! What must hold of every input, tried on inputs that are nearly right. The fuzz targets call the same
//! checks.

use proptest::prelude::*;

use crate::checks;

const SEEDS: [&[u8]; 6] = [
    include_bytes!("../../fuzz/seeds/delivery/batch.json"),
    include_bytes!("../../fuzz/seeds/binary/cost"),
    include_bytes!("../../fuzz/seeds/litellm/call.json"),
    include_bytes!("../../fuzz/seeds/meters/litellm.toml"),
    include_bytes!("../../fuzz/seeds/map/focus.csv"),
    include_bytes!("../../fuzz/seeds/map/spend.csv"),
];

/// Every check of every form.
fn all(data: &[u8]) {
    checks::delivery(data);
    checks::binary(data);
    checks::litellm(data);
    checks::meters(data);
    checks::map(data);
}

#[test]
fn the_seeds_hold() {
    for seed in SEEDS {
        all(seed);
    }
}

/// Pieces of what is really sent, and bytes that are not.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","type":"litellm_tokens","data":{"model":"m","cost":1}}"#.to_vec()),
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","workid":"w","type":"piecework.done.v1"}"#.to_vec()),
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","type":"piecework.undo.v1","data":{"event":{"id":"i"}}}"#.to_vec()),
        Just(br#"{"id":"i","model":"m","status":"success","startTime":1.5,"prompt_tokens":3,"response_cost":0.1,"metadata":{"usage_object":{"#.to_vec()),
        Just(b"[[meter]]\nid = \"a\"\ntype = \"t*\"\n".to_vec()),
        Just(b"class = \"usage\"\naggregate = \"count\"\n".to_vec()),
        Just(b"class = \"value\"\namount = \"{data.x} USD\"\n".to_vec()),
        Just(b"ce-id: %41\nce-type: piecework.cost.v1\n".to_vec()),
        Just(b"}}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b",".to_vec()),
        Just(b"{\"".to_vec()),
        Just(b"\":".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\\u".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"-1e999999999".to_vec()),
        Just(vec![0xff]),
        "[a-z0-9 ]{0,4}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn nearly_anything_is_an_error_or_a_bounded_result(body in body()) {
        all(&body);
    }

    /// A seed with a piece cut out or put in.
    #[test]
    fn a_seed_that_was_damaged_is_an_error_or_a_bounded_result(
        seed in 0..SEEDS.len(),
        at in any::<prop::sample::Index>(),
        gone in 0usize..12,
        put in prop_oneof![proptest::collection::vec(any::<u8>(), 0..3), "[\\[\\]{}\",:0-9.eE+-]{0,4}".prop_map(String::into_bytes)],
    ) {
        let seed = SEEDS[seed];
        let at = at.index(seed.len());
        let rest = seed.get(at + gone..).unwrap_or_default();
        all(&[&seed[..at], &put, rest].concat());
    }
}
