//! [`ControlTotal`]: what metrics say was used, to hold the recorded costs against.
//!
//! A metric names a model and no work, so it is never a cost: a sum of the same calls that the spans
//! report one by one. Invariant: a total that grows from its start (cumulative) is never added to
//! another; the receiver keeps the latest of each series.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Decimal;
use pricing::model_costs::canonical_provider;
use work::Digest;

use super::attributes::{Attributes, Value};
use super::metric::{Metric, Point};
use super::request::Piece;
use super::span::instant;
use crate::limits::OTLP_ITEMS_MAX;

/// What is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measured {
    /// Input tokens, cached ones included.
    Input,
    /// Input tokens that were neither read from nor written to a cache.
    InputUncached,
    /// Input tokens read from a cache.
    CacheRead,
    /// Input tokens written to a cache.
    CacheWrite,
    /// Output tokens, reasoning included.
    Output,
    /// Reasoning tokens.
    Reasoning,
    /// US dollars, as the sender reckons.
    CostUsd,
}

/// A sum of one model's usage on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlTotal {
    /// The metric.
    pub metric: String,
    /// What is summed up.
    pub measured: Measured,
    /// The day (UTC) on which the latest of it was measured.
    pub day: Date,
    /// Who ran the model.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The service that measured.
    pub service: Option<String>,
    /// Tokens, or dollars.
    pub value: Decimal,
    /// How this total and the next one of its series go together.
    pub run: Run,
}

/// How totals of one series go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// This one is added to the others.
    Delta,
    /// This one stands for all since its start; the latest of a series and start counts.
    Cumulative {
        /// All attributes of the point and its resource, by their digest.
        series: Digest,
        /// Start of the series.
        since: Timestamp,
        /// When it was measured.
        at: Timestamp,
    },
}

/// What decides the measure where the metric's name does not: an attribute and its values.
type ByAttribute = (&'static str, &'static [(&'static str, Measured)]);

/// The metrics that are totals, by name.
const METRICS: &[(&str, Result<Measured, ByAttribute>)] = &[
    (
        "gen_ai.client.token.usage",
        Err((
            "gen_ai.token.type",
            &[("input", Measured::Input), ("output", Measured::Output)],
        )),
    ),
    (
        "gen_ai.client.inference.usage.input_tokens",
        Ok(Measured::Input),
    ),
    (
        "gen_ai.client.inference.usage.output_tokens",
        Ok(Measured::Output),
    ),
    (
        "gen_ai.client.inference.usage.cache_read.input_tokens",
        Ok(Measured::CacheRead),
    ),
    (
        "gen_ai.client.inference.usage.cache_write.input_tokens",
        Ok(Measured::CacheWrite),
    ),
    (
        "gen_ai.client.inference.usage.reasoning.output_tokens",
        Ok(Measured::Reasoning),
    ),
    (
        "gen_ai.client.inference.operation.input_tokens",
        Ok(Measured::Input),
    ),
    (
        "gen_ai.client.inference.operation.output_tokens",
        Ok(Measured::Output),
    ),
    (
        "claude_code.token.usage",
        Err((
            "type",
            &[
                ("input", Measured::InputUncached),
                ("output", Measured::Output),
                ("cacheRead", Measured::CacheRead),
                ("cacheCreation", Measured::CacheWrite),
            ],
        )),
    ),
    ("claude_code.cost.usage", Ok(Measured::CostUsd)),
];

/// Names of the model and of its provider on a metric's points.
const MODEL: [&str; 3] = ["gen_ai.response.model", "gen_ai.request.model", "model"];
const PROVIDER: [&str; 2] = ["gen_ai.provider.name", "gen_ai.system"];

/// The totals of a request, as they add up.
#[derive(Default)]
pub(super) struct Totals {
    sums: BTreeMap<Key, Decimal>,
    series: BTreeMap<(Digest, Timestamp), ControlTotal>,
}

/// Metric, measure, day, provider, model, service.
type Key = (
    &'static str,
    Measured,
    Date,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl Totals {
    /// Takes a metric in. Returns how many of its points are none, and why the first is not.
    pub(super) fn take(
        &mut self,
        piece: Piece<'_>,
        resource: &Attributes<'_>,
        points_left: &mut usize,
    ) -> Result<bool, (usize, String)> {
        let metric = Metric::read(piece).map_err(|problem| (1, problem))?;
        let known = METRICS.iter().find(|(name, _)| *name == metric.name);
        let Some((name, measured)) = known else {
            return Ok(false);
        };
        let mut faults = 0;
        let mut first = None;
        for point in &metric.points {
            let taken = match points_left.checked_sub(1) {
                None => Err(format!("more than {OTLP_ITEMS_MAX} points in one request")),
                Some(left) => {
                    *points_left = left;
                    self.point(name, measured, &metric, *point, resource)
                }
            };
            if let Err(problem) = taken {
                faults += 1;
                first.get_or_insert(problem);
            }
        }
        match first {
            Some(problem) => Err((faults, problem)),
            None => Ok(true),
        }
    }

    fn point(
        &mut self,
        name: &'static str,
        measured: &Result<Measured, ByAttribute>,
        metric: &Metric<'_>,
        piece: Piece<'_>,
        resource: &Attributes<'_>,
    ) -> Result<(), String> {
        let point = Point::read(piece, metric.kind)?;
        let measured = match measured {
            Ok(measured) => *measured,
            Err((attribute, values)) => {
                let value = point
                    .attributes
                    .text(attribute)
                    .map_err(|bad| bad.to_string())?;
                let value = value.ok_or_else(|| format!("no `{attribute}`"))?;
                let known = values.iter().find(|(own, _)| *own == value);
                known
                    .ok_or_else(|| format!("`{attribute}` of `{value}`"))?
                    .1
            }
        };
        let Some(Value::Number(value)) = point.value else {
            return Err("a point without a number".to_owned());
        };
        let at = instant(point.time)?.ok_or("a point without a time")?;
        let text = |attributes: &Attributes<'_>, names: &[&str]| {
            names
                .iter()
                .find_map(|name| attributes.text(name).ok().flatten())
        };
        let day = at.to_zoned(TimeZone::UTC).date();
        let provider = text(&point.attributes, &PROVIDER).map(|name| canonical_provider(&name));
        let model = text(&point.attributes, &MODEL);
        let service = text(resource, &["service.name"]);
        match metric.temporality {
            1 => {
                let sum = self
                    .sums
                    .entry((name, measured, day, provider, model, service))
                    .or_default();
                *sum = sum.plus(value).map_err(|error| error.to_string())?;
            }
            2 => {
                let all: Vec<_> = resource.iter().chain(point.attributes.iter()).collect();
                let series = Digest::of(format!("{name} {measured:?} {all:?}").as_bytes());
                let since = instant(point.start)?.unwrap_or(Timestamp::UNIX_EPOCH);
                let total = ControlTotal {
                    metric: name.to_owned(),
                    measured,
                    day,
                    provider,
                    model,
                    service,
                    value,
                    run: Run::Cumulative { series, since, at },
                };
                let latest = self
                    .series
                    .entry((series, since))
                    .or_insert_with(|| total.clone());
                if latest.at() < Some(at) {
                    *latest = total;
                }
            }
            _ => return Err("neither delta nor cumulative".to_owned()),
        }
        Ok(())
    }

    /// The totals, in order.
    pub(super) fn finish(self) -> Vec<ControlTotal> {
        let sums = self.sums.into_iter().map(|(key, value)| {
            let (metric, measured, day, provider, model, service) = key;
            ControlTotal {
                metric: metric.to_owned(),
                measured,
                day,
                provider,
                model,
                service,
                value,
                run: Run::Delta,
            }
        });
        sums.chain(self.series.into_values()).collect()
    }
}

impl ControlTotal {
    /// When a cumulative total was measured.
    const fn at(&self) -> Option<Timestamp> {
        match self.run {
            Run::Delta => None,
            Run::Cumulative { at, .. } => Some(at),
        }
    }
}
