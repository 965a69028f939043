//! Any bytes are an error or a result, never a panic, and what they become is bounded.

use piecework_intake::otlp::{Above, Encoding, Mapping, Signal, receive};
use proptest::prelude::*;

#[path = "../../fuzz/otlp.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets share it")]
mod checks;

/// Reads a body in every way.
fn read_all(body: &[u8]) {
    checks::inflate(body);
    for signal in [b' ', b'!', b'"'] {
        let data = [&[signal], body].concat();
        checks::otlp_json(&data);
        checks::otlp_protobuf(&data);
    }
}

/// What must hold of the input of one target.
type Check = fn(&[u8]);

/// A well-formed request of each signal and encoding.
const SEEDS: [(Check, &[u8]); 6] = [
    (
        checks::otlp_json,
        include_bytes!("../../fuzz/seeds/otlp_json/traces"),
    ),
    (
        checks::otlp_json,
        include_bytes!("../../fuzz/seeds/otlp_json/logs"),
    ),
    (
        checks::otlp_json,
        include_bytes!("../../fuzz/seeds/otlp_json/metrics"),
    ),
    (
        checks::otlp_protobuf,
        include_bytes!("../../fuzz/seeds/otlp_protobuf/traces"),
    ),
    (
        checks::otlp_protobuf,
        include_bytes!("../../fuzz/seeds/otlp_protobuf/logs"),
    ),
    (
        checks::otlp_protobuf,
        include_bytes!("../../fuzz/seeds/otlp_protobuf/metrics"),
    ),
];

/// Pieces that meet in requests.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::sample::select(vec![
        &b"{\"resourceSpans\":["[..],
        b"{\"scopeSpans\":[",
        b"{\"spans\":[",
        b"{\"resourceLogs\":[",
        b"{\"scopeLogs\":[",
        b"{\"logRecords\":[",
        b"{\"attributes\":[",
        b"{\"key\":\"gen_ai.system\",",
        b"\"value\":{\"stringValue\":\"x\"}",
        b"}",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\ud800",
        b"null",
        b"1e999",
        b"-",
        b"\xff",
        b"\x0a",
        b"\x12",
        b"\x4a\x02",
        b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02",
        b"\x09",
    ]);
    proptest::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn arbitrary_pieces(bytes in body()) {
        read_all(&bytes);
    }

    #[test]
    fn a_damaged_request(seed in 0usize..6, place in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in proptest::bool::weighted(0.2)) {
        let (check, seed) = SEEDS[seed];
        let mut data = seed.to_vec();
        let place = 1 + place.index(data.len() - 1);
        data[place] = byte;
        if cut {
            data.truncate(place);
        }
        check(&data);
    }
}

/// What a target is started from: something comes of each seed, and damaged by one byte it is anything.
#[test]
fn the_seeds() {
    for (check, seed) in SEEDS {
        check(seed);
        let signal = Signal::ALL[usize::from(seed[0] - b' ')];
        let encoding = if seed[1] == b'{' {
            Encoding::Json
        } else {
            Encoding::Protobuf
        };
        let mapping = Mapping::default();
        let received = receive(
            signal,
            encoding,
            &seed[1..],
            &mapping,
            &mut Above::default(),
        )
        .unwrap();
        assert!(received.counts.taken > 0, "{signal:?} {encoding:?}");
        assert_eq!(received.rejected, [], "{signal:?} {encoding:?}");
    }
}
