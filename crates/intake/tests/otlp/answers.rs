//! Answers, read back by the reference implementation.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use piecework_intake::otlp::answer::{self, Code};
use piecework_intake::otlp::{Encoding, Received, Refused, Signal};
use prost::Message as _;

use crate::support::{json, span, traces};

fn taken() -> Received {
    json(Signal::Traces, &traces(&[], &[]))
}

/// One span lost.
fn in_part() -> Received {
    let broken = span(1, 0, &[]).replace("\"spanId\":\"0000000000000001\"", "\"spanId\":\"01\"");
    json(Signal::Traces, &traces(&[], &[broken]))
}

#[test]
fn a_request_taken_whole_has_no_partial_success() {
    for signal in Signal::ALL {
        assert_eq!(answer::accepted(signal, Encoding::Protobuf, &taken()), b"");
        assert_eq!(answer::accepted(signal, Encoding::Json, &taken()), b"{}");
    }
}

#[test]
fn what_is_lost_is_counted_and_told() {
    let received = in_part();
    assert_eq!(received.rejected_items(), 1);
    let bytes = |signal| answer::accepted(signal, Encoding::Protobuf, &received);
    let expected = "/resourceSpans/0/scopeSpans/0/spans/0: spanId: `01` is no id of 8 bytes";
    let trace = ExportTraceServiceResponse::decode(&bytes(Signal::Traces)[..]).unwrap();
    let partial = trace.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(
        partial.error_message.starts_with(expected),
        "{}",
        partial.error_message
    );
    let logs = ExportLogsServiceResponse::decode(&bytes(Signal::Logs)[..]).unwrap();
    assert_eq!(logs.partial_success.unwrap().rejected_log_records, 1);
    let metrics = ExportMetricsServiceResponse::decode(&bytes(Signal::Metrics)[..]).unwrap();
    assert_eq!(metrics.partial_success.unwrap().rejected_data_points, 1);

    let text =
        |signal| String::from_utf8(answer::accepted(signal, Encoding::Json, &received)).unwrap();
    assert!(
        text(Signal::Traces).contains("\"rejectedSpans\":\"1\""),
        "64-bit numbers are strings"
    ); // protobuf's JSON mapping
    assert!(text(Signal::Logs).contains("\"rejectedLogRecords\":\"1\""));
    assert!(text(Signal::Metrics).contains("\"rejectedDataPoints\":\"1\""));
}

#[test]
fn a_remark_is_a_warning_with_nothing_rejected() {
    let sum = span(
        1,
        0,
        &[
            ("gen_ai.operation.name", "invoke_agent"),
            ("gen_ai.usage.input_tokens", "5"),
        ],
    );
    let received = json(Signal::Traces, &traces(&[], &[sum]));
    let bytes = answer::accepted(Signal::Traces, Encoding::Protobuf, &received);
    let partial = ExportTraceServiceResponse::decode(&bytes[..])
        .unwrap()
        .partial_success
        .unwrap();
    assert_eq!(partial.rejected_spans, 0);
    assert!(
        partial.error_message.contains("sums up calls"),
        "{}",
        partial.error_message
    );
}

#[test]
fn a_message_is_bounded() {
    let broken = span(1, 0, &[]).replace("\"traceId\":\"", "\"traceId\":\"ü");
    let received = json(Signal::Traces, &traces(&[], &vec![broken; 500]));
    let bytes = answer::accepted(Signal::Traces, Encoding::Protobuf, &received);
    let partial = ExportTraceServiceResponse::decode(&bytes[..])
        .unwrap()
        .partial_success
        .unwrap();
    assert_eq!(partial.rejected_spans, 500);
    assert!((1_900..=2_048).contains(&partial.error_message.len()));
}

#[test]
fn a_refused_request_is_answered_by_a_status() {
    #[derive(prost::Message)]
    struct Status {
        #[prost(int32, tag = "1")]
        code: i32,
        #[prost(string, tag = "2")]
        message: String,
    }
    let other = Refused::OtherSignal {
        sent_to: Signal::Traces,
        is: Signal::Logs,
    };
    for (code, number, message) in [
        (Code::InvalidArgument, 3, other.message()),
        (Code::ResourceExhausted, 8, Refused::TooLarge.message()),
        (Code::Unavailable, 14, "later".to_owned()),
    ] {
        let status = answer::status(Encoding::Protobuf, code, &message);
        let status = Status::decode(&status[..]).unwrap();
        assert_eq!((status.code, &status.message), (number, &message));
        let json = answer::status(Encoding::Json, code, &message);
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let expected = serde_json::json!({ "code": number, "message": message });
        assert_eq!(json, expected);
    }
}
