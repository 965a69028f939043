//! No bytes make a reader panic, and every element of a delivery comes back once.

use piecework_intake::delivery::{Delivery, What, decode};
use piecework_intake::litellm::LiteLlm;
use piecework_intake::meters::{Meters, READY_METERS};
use proptest::prelude::*;

use crate::support::{arrival, meters};

/// Pieces of what is really sent, and bytes that are not.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","type":"litellm_tokens","data":{"model":"m","cost":1}}"#.to_vec()),
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","workid":"w","type":"piecework.done.v1"}"#.to_vec()),
        Just(br#"{"specversion":"1.0","id":"i","source":"s","subject":"c","type":"piecework.undo.v1","data":{"event":{"id":"i"}}}"#.to_vec()),
        Just(br#"{"id":"i","model":"m","status":"success","startTime":1.5,"prompt_tokens":3,"response_cost":0.1,"metadata":{"usage_object":{"#.to_vec()),
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
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_delivery_is_an_error_or_a_bounded_result(
        body in body(),
        media in prop_oneof![Just("application/json"), Just("application/cloudevents+json"), Just("application/cloudevents-batch+json")],
        headers in proptest::collection::vec(("(ce-)?[a-z]{0,4}", "[ -~é]{0,8}"), 0..4),
    ) {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let delivery = Delivery { content_type: Some(media), headers: &headers, body: &body };
        let meters = meters(READY_METERS[0].text);
        if let Ok(items) = decode(&delivery, arrival(), &meters) {
            prop_assert!(items.len() <= body.len() + 1);
            for item in &items {
                if let What::Events(events) | What::Verb(events) = &item.what {
                    prop_assert!(!events.is_empty() && events.len() <= 4);
                }
            }
            // The same bytes, the same events.
            prop_assert_eq!(decode(&delivery, arrival(), &meters).unwrap(), items);
        }
    }

    #[test]
    fn any_calls_are_an_error_or_a_bounded_result(body in body()) {
        if let Ok(items) = LiteLlm::default().decode(&body, arrival()) {
            prop_assert!(items.len() <= body.len() + 1);
            for item in items {
                if let What::Events(events) = item.what {
                    prop_assert_eq!(events.len(), 1);
                }
            }
        }
    }

    #[test]
    fn any_document_of_meters_is_an_error_or_meters(text in "(\\[\\[meter\\]\\]\n|id = \"a\"\n|type = \"t\\*?\"\n|class = \"(cost|usage|value)\"\n|aggregate = \"(count|sum)\"\n|quantity = \"\\{data.n\\}\"\n|[a-z\\[\\]{}=\" ]{0,6}\n){0,10}") {
        let _ = Meters::parse(&text);
    }
}
