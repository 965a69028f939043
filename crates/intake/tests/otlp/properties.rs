//! Any bytes are an error or a result, never a panic, and what they become is bounded.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use piecework_intake::otlp::{Above, Encoding, Mapping, Signal, answer, inflate, receive};
use proptest::prelude::*;
use prost::Message as _;

use crate::support::{span, traces};

/// Reads bytes in every way. One item needs two bytes at least, and gives one event at most.
fn read_all(bytes: &[u8]) {
    let _ = inflate(bytes);
    for signal in Signal::ALL {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let mapping = Mapping::default();
            match receive(signal, encoding, bytes, &mapping, &mut Above::default()) {
                Ok(received) => {
                    let items = received.counts.items;
                    assert!(items <= bytes.len() as u64 / 2 + 1);
                    assert!(received.events.len() as u64 <= items);
                    assert!(received.rejected_items() <= bytes.len() as u64);
                    assert!(answer::accepted(signal, encoding, &received).len() < 20_000);
                }
                Err(refused) => assert!(answer::refused(encoding, &refused).len() < 20_000),
            }
        }
    }
}

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

    /// A request with one byte changed, in either encoding.
    #[test]
    fn a_damaged_request(place in 0usize..4_000, byte in any::<u8>()) {
        let pairs = [
            ("gen_ai.system", "openai"),
            ("gen_ai.response.id", "chatcmpl-D9q5H84raMm0zTH5wd3lQfBgjuWAD"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.usage.input_tokens", "10"),
            ("gen_ai.usage.cost", "0.25"),
            ("piecework.unit.id", "w1"),
        ];
        let text = traces(&[("service.name", "desk")], &[span(1, 0, &pairs), span(2, 1, &pairs)]);
        let request: ExportTraceServiceRequest = serde_json::from_str(&text).unwrap();
        for mut body in [text.into_bytes(), request.encode_to_vec()] {
            let place = place % body.len();
            body[place] = byte;
            read_all(&body);
        }
    }
}
