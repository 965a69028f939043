//! One request in both encodings gives the same events. The reference implementation
//! (`opentelemetry-proto`) writes both.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use piecework_intake::otlp::{Above, Encoding, Mapping, Received, Signal, receive};
use proptest::prelude::*;
use prost::Message;
use serde::Serialize;

fn read(signal: Signal, encoding: Encoding, body: &[u8]) -> Received {
    receive(
        signal,
        encoding,
        body,
        &Mapping::default(),
        &mut Above::default(),
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

/// Both encodings of a request, which must come to the same.
fn both(signal: Signal, request: &(impl Message + Serialize)) -> Received {
    let protobuf = read(signal, Encoding::Protobuf, &request.encode_to_vec());
    let mut json = read(
        signal,
        Encoding::Json,
        &serde_json::to_vec(request).unwrap(),
    );
    // Why an item is no item is said in the encoding's own words.
    for (own, other) in json.rejected.iter_mut().zip(&protobuf.rejected) {
        own.reason.clone_from(&other.reason);
    }
    assert_eq!(protobuf, json);
    protobuf
}

fn value() -> impl Strategy<Value = any_value::Value> {
    use any_value::Value;
    prop_oneof![
        4 => (0i64..5_000).prop_map(Value::IntValue),
        1 => any::<i64>().prop_map(Value::IntValue),
        2 => (0u32..5_000).prop_map(|n| Value::DoubleValue(f64::from(n))),
        1 => (0.0..1.0f64).prop_map(Value::DoubleValue),
        2 => "[a-z0-9ü ]{0,8}".prop_map(Value::StringValue),
        1 => any::<bool>().prop_map(Value::BoolValue),
        1 => Just(Value::ArrayValue(ArrayValue { values: vec![AnyValue::default()] })),
        1 => Just(Value::BytesValue(vec![1, 2])),
    ]
}

fn key() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "gen_ai.system",
        "gen_ai.provider.name",
        "gen_ai.operation.name",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.response.id",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cost",
        "gen_ai.conversation.id",
        "ai.operationId",
        "llm.token_count.prompt",
        "openinference.span.kind",
        "piecework.unit.id",
        "piecework.customer.id",
        "model",
        "input_tokens",
        "cost_usd",
        "event.name",
        "http.method",
    ])
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let word = prop_oneof![
        3 => value(),
        1 => proptest::sample::select(vec!["chat", "LLM", "invoke_agent", "api_request", "gpt-4o"])
            .prop_map(|word| any_value::Value::StringValue(word.to_owned())),
    ];
    proptest::collection::btree_map(key(), word, 0..9).prop_map(|pairs| {
        let pair = |(key, value): (&str, _)| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        };
        pairs.into_iter().map(pair).collect()
    })
}

fn resource(attributes: Vec<KeyValue>) -> Option<Resource> {
    Some(Resource {
        attributes,
        ..Resource::default()
    })
}

prop_compose! {
    fn a_span()(
        id in 1u8..8,
        parent in 0u8..8,
        short in proptest::bool::weighted(0.05),
        end in 0u64..3,
        code in 0i32..3,
        attributes in attributes(),
    ) -> Span {
        Span {
            trace_id: vec![1; if short { 15 } else { 16 }],
            span_id: vec![id; 8],
            parent_span_id: if parent == 0 { Vec::new() } else { vec![parent; 8] },
            name: format!("span {id}"),
            start_time_unix_nano: 1_767_225_600_000_000_000,
            end_time_unix_nano: end * 1_767_225_600_000_000_001,
            attributes,
            status: Some(Status { code, ..Status::default() }),
            ..Span::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn traces(own in attributes(), spans in proptest::collection::vec(a_span(), 0..12)) {
        let request = |spans: Vec<Span>| ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: resource(own.clone()),
                scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            }],
        };
        let received = both(Signal::Traces, &request(spans.clone()));
        let counts = received.counts;
        prop_assert_eq!(counts.items, spans.len() as u64);
        prop_assert_eq!(
            counts.taken + counts.repeated + counts.passed_over + counts.rejected,
            counts.items,
            "every span is accounted for"
        );
        prop_assert_eq!(counts.taken, received.events.len() as u64);
        // What came in is what the strict reader takes, and its order does not matter where no span
        // is there twice and none stands above itself.
        for event in &received.events {
            prop_assert_eq!(&work::Event::parse(&event.canonical()).unwrap(), event);
        }
        let ids: std::collections::BTreeSet<_> = spans.iter().map(|span| &span.span_id).collect();
        if ids.len() == spans.len() && spans.iter().all(|span| span.parent_span_id < span.span_id) {
            let turned = spans.into_iter().rev().collect();
            prop_assert_eq!(both(Signal::Traces, &request(turned)).events, received.events);
        }
    }

    #[test]
    fn logs(own in attributes(), records in proptest::collection::vec((attributes(), value(), 0u64..2), 0..8)) {
        let record = |(attributes, body, time): (_, _, u64)| LogRecord {
            time_unix_nano: time * 1_767_225_600_000_000_000,
            body: Some(AnyValue { value: Some(body) }),
            attributes,
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            ..LogRecord::default()
        };
        let request = ExportLogsServiceRequest {
            resource_logs: vec![ResourceLogs {
                resource: resource(own),
                scope_logs: vec![ScopeLogs {
                    log_records: records.into_iter().map(record).collect(),
                    ..ScopeLogs::default()
                }],
                ..ResourceLogs::default()
            }],
        };
        both(Signal::Logs, &request);
    }

    #[test]
    fn metrics(
        points in proptest::collection::vec((0u64..3, any::<bool>(), 0.0..9.0f64, attributes()), 0..6),
        temporality in 0i32..3,
        kind in 0u8..3,
        name in proptest::sample::select(vec![
            "gen_ai.client.inference.usage.input_tokens", "gen_ai.client.token.usage", "claude_code.cost.usage",
        ]),
    ) {
        let time = |steps: u64| steps * 1_767_225_600_000_000_000;
        let data = match kind {
            0 => metric::Data::Sum(Sum {
                data_points: points.iter().map(|(at, whole, value, attributes)| NumberDataPoint {
                    time_unix_nano: time(*at),
                    value: Some(if *whole {
                        number_data_point::Value::AsInt(7)
                    } else {
                        number_data_point::Value::AsDouble(*value)
                    }),
                    attributes: attributes.clone(),
                    ..NumberDataPoint::default()
                }).collect(),
                aggregation_temporality: temporality,
                is_monotonic: true,
            }),
            1 => metric::Data::Histogram(Histogram {
                data_points: points.iter().map(|(at, has_sum, value, attributes)| HistogramDataPoint {
                    time_unix_nano: time(*at),
                    count: 4,
                    sum: has_sum.then_some(*value),
                    bucket_counts: vec![4],
                    attributes: attributes.clone(),
                    ..HistogramDataPoint::default()
                }).collect(),
                aggregation_temporality: temporality,
            }),
            _ => metric::Data::ExponentialHistogram(ExponentialHistogram {
                data_points: points.iter().map(|(at, has_sum, value, attributes)| ExponentialHistogramDataPoint {
                    time_unix_nano: time(*at),
                    count: 4,
                    sum: has_sum.then_some(*value),
                    attributes: attributes.clone(),
                    ..ExponentialHistogramDataPoint::default()
                }).collect(),
                aggregation_temporality: temporality,
            }),
        };
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                scope_metrics: vec![ScopeMetrics {
                    metrics: vec![Metric { name: name.to_owned(), data: Some(data), ..Metric::default() }],
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        };
        both(Signal::Metrics, &request);
    }
}

/// Parts of one resource may come in any order and in several pieces.
#[test]
fn a_resource_in_pieces() {
    let attribute = |key: &str, value: &str| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    };
    let span = Span {
        trace_id: vec![1; 16],
        span_id: vec![1; 8],
        end_time_unix_nano: 1,
        attributes: vec![
            attribute("gen_ai.operation.name", "chat"),
            attribute("gen_ai.request.model", "m"),
        ],
        ..Span::default()
    };
    let scopes = ResourceSpans {
        scope_spans: vec![ScopeSpans {
            spans: vec![span],
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    let part = |attribute| ResourceSpans {
        resource: resource(vec![attribute]),
        ..ResourceSpans::default()
    };
    let mut group = scopes.encode_to_vec();
    group.extend(part(attribute("piecework.unit.id", "w1")).encode_to_vec());
    group.extend(part(attribute("piecework.customer.id", "acme")).encode_to_vec());
    let body = crate::support::field(1, &group);
    let event = &read(Signal::Traces, Encoding::Protobuf, &body).events[0];
    assert_eq!(
        (event.work.as_deref(), event.customer.as_str()),
        (Some("w1"), "acme")
    );
}
