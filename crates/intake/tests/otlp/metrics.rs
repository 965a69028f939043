//! Metrics: control totals by model and day, never events.

use piecework_intake::otlp::{ControlTotal, Measured, Run, Signal};

use crate::support::{attributes, json, told};

const DAY: u64 = 86_400_000_000_000;
/// 1 January 2026.
const NEW_YEAR: u64 = 1_767_225_600_000_000_000;

fn point(at: u64, number: &str, pairs: &[(&str, &str)]) -> String {
    format!(
        "{{\"startTimeUnixNano\":\"{NEW_YEAR}\",\"timeUnixNano\":\"{at}\",{number},\"attributes\":{}}}",
        attributes(pairs)
    )
}

fn metric(name: &str, kind: &str, temporality: &str, points: &[String]) -> String {
    format!(
        "{{\"name\":\"{name}\",\"{kind}\":{{\"aggregationTemporality\":{temporality},\"dataPoints\":[{}]}}}}",
        points.join(",")
    )
}

fn metrics(metrics: &[String]) -> String {
    format!(
        "{{\"resourceMetrics\":[{{\"resource\":{{\"attributes\":{}}},\"scopeMetrics\":[{{\"metrics\":[{}]}}]}}]}}",
        attributes(&[("service.name", "desk")]),
        metrics.join(",")
    )
}

fn told_totals(totals: &[ControlTotal]) -> Vec<String> {
    totals
        .iter()
        .map(|own| {
            let model = own.model.as_deref().unwrap_or("?");
            let provider = own.provider.as_deref().unwrap_or("?");
            let run = match own.run {
                Run::Delta => "delta".to_owned(),
                Run::Cumulative { since, at, .. } => format!("{since}..{at}"),
            };
            format!(
                "{:?} {} {provider}/{model} {} {run}",
                own.measured, own.day, own.value
            )
        })
        .collect()
}

#[test]
fn deltas_add_up_by_model_and_day() {
    let of = |class, model| {
        [
            ("gen_ai.token.type", class),
            ("gen_ai.response.model", model),
            ("gen_ai.provider.name", "azure.ai.openai"),
        ]
    };
    let points = [
        point(
            NEW_YEAR,
            "\"count\":\"2\",\"sum\":100",
            &of("input", "gpt-5"),
        ),
        point(
            NEW_YEAR + 1,
            "\"count\":\"1\",\"sum\":20.0",
            &of("input", "gpt-5"),
        ),
        point(
            NEW_YEAR + 1,
            "\"count\":\"1\",\"sum\":7",
            &of("output", "gpt-5"),
        ),
        point(
            NEW_YEAR + DAY,
            "\"count\":\"1\",\"sum\":1",
            &of("input", "gpt-5"),
        ),
        point(
            NEW_YEAR,
            "\"count\":\"1\",\"sum\":3",
            &of("input", "gpt-4o"),
        ),
    ];
    let delta = "\"AGGREGATION_TEMPORALITY_DELTA\"";
    let received = json(
        Signal::Metrics,
        &metrics(&[metric(
            "gen_ai.client.token.usage",
            "histogram",
            delta,
            &points,
        )]),
    );
    assert_eq!(received.events, []);
    assert_eq!(
        told_totals(&received.control_totals),
        [
            "Input 2026-01-01 azure/gpt-4o 3 delta",
            "Input 2026-01-01 azure/gpt-5 120 delta",
            "Input 2026-01-02 azure/gpt-5 1 delta",
            "Output 2026-01-01 azure/gpt-5 7 delta",
        ]
    );
    assert!(
        received
            .control_totals
            .iter()
            .all(|own| own.service.as_deref() == Some("desk"))
    );
}

#[test]
fn of_a_cumulative_series_the_latest_counts() {
    let of = |at, value| {
        let pairs = [("model", "claude-opus-4-7"), ("type", "cacheRead")];
        point(at, &format!("\"asInt\":\"{value}\""), &pairs)
    };
    let points = [
        of(NEW_YEAR + 2, 50),
        of(NEW_YEAR + 3, 80),
        of(NEW_YEAR + 1, 20),
    ];
    let received = json(
        Signal::Metrics,
        &metrics(&[metric("claude_code.token.usage", "sum", "2", &points)]),
    );
    assert_eq!(
        told_totals(&received.control_totals),
        [
            "CacheRead 2026-01-01 ?/claude-opus-4-7 80 2026-01-01T00:00:00Z..2026-01-01T00:00:00.000000003Z"
        ]
    );
}

#[test]
fn every_kind_of_point() {
    let pairs = [("gen_ai.request.model", "m")];
    let named = |name: &str| format!("gen_ai.client.inference.{name}");
    let received = json(
        Signal::Metrics,
        &metrics(&[
            metric(
                &named("usage.input_tokens"),
                "sum",
                "1",
                &[point(NEW_YEAR, "\"asInt\":5", &pairs)],
            ),
            metric(
                &named("usage.output_tokens"),
                "sum",
                "1",
                &[point(NEW_YEAR, "\"asDouble\":6.0", &pairs)],
            ),
            metric(
                &named("operation.output_tokens"),
                "exponentialHistogram",
                "1",
                &[point(NEW_YEAR, "\"count\":9,\"sum\":7", &pairs)],
            ),
            metric(
                "claude_code.cost.usage",
                "sum",
                "1",
                &[point(NEW_YEAR, "\"asDouble\":0.1", &pairs)],
            ),
        ]),
    );
    let mut values: Vec<(Measured, String)> = received
        .control_totals
        .iter()
        .map(|own| (own.measured, own.value.to_string()))
        .collect();
    values.sort();
    let expected = [
        (Measured::Input, "5"),
        (Measured::Output, "6"),
        (Measured::Output, "7"),
        (Measured::CostUsd, "0.1"),
    ];
    assert_eq!(
        values,
        expected.map(|(measured, value)| (measured, value.to_owned()))
    );
}

#[test]
fn points_that_are_no_totals_are_rejected_one_by_one() {
    let pairs = [("gen_ai.request.model", "m")];
    let name = "gen_ai.client.inference.usage.input_tokens";
    let good = point(NEW_YEAR, "\"asInt\":5", &pairs);
    let points = [
        good.clone(),
        point(NEW_YEAR, "\"asDouble\":\"NaN\"", &pairs),
        point(0, "\"asInt\":5", &pairs),
        point(NEW_YEAR, "\"count\":3", &pairs), // a histogram's point without a sum says nothing
    ];
    let received = json(
        Signal::Metrics,
        &metrics(&[metric(name, "sum", "1", &points)]),
    );
    assert_eq!(received.control_totals[0].value.to_string(), "5");
    assert_eq!(received.rejected_items(), 3, "{}", told(&received));
    let unspecified = json(
        Signal::Metrics,
        &metrics(&[metric(name, "sum", "0", std::slice::from_ref(&good))]),
    );
    assert!(
        unspecified.rejected[0]
            .reason
            .contains("neither delta nor cumulative")
    );
    let typeless = json(
        Signal::Metrics,
        &metrics(&[metric("gen_ai.client.token.usage", "sum", "1", &[good])]),
    );
    assert!(typeless.rejected[0].reason.contains("gen_ai.token.type"));
    let other = json(
        Signal::Metrics,
        &metrics(&[metric("http.server.duration", "sum", "9", &[])]),
    );
    assert_eq!(other.counts.passed_over, 1);
}
