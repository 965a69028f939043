//! [`Totals`]: what metrics say was used, added up by day.
//!
//! A series that is told as a delta is added; of one that grows since its start the latest stands for all of
//! it. Invariant: no label names a customer or a work, and no label is longer than
//! [`LABEL_BYTES_MAX`].

use std::collections::BTreeMap;

use intake::otlp::{ControlTotal, Measured, Run};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Decimal;
use work::Digest;

use crate::limits::{CONTROL_TOTALS_MAX, LABEL_BYTES_MAX};

/// What is added up together: the day first, so that the oldest goes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    day: Date,
    metric: String,
    measured: Measured,
    provider: Option<String>,
    model: Option<String>,
}

/// A series that grows since its start: its latest word.
struct Latest {
    key: Key,
    at: Timestamp,
    value: Decimal,
}

/// Sums of metrics.
#[derive(Default)]
pub(super) struct Totals {
    deltas: BTreeMap<Key, Decimal>,
    series: BTreeMap<(Digest, Timestamp), Latest>,
}

impl Totals {
    /// Adds what a request says.
    pub(super) fn add(&mut self, totals: &[ControlTotal]) {
        for total in totals {
            let key = Key {
                day: total.day,
                metric: total.metric.clone(),
                measured: total.measured,
                provider: total.provider.as_deref().map(label),
                model: total.model.as_deref().map(label),
            };
            match &total.run {
                Run::Delta => {
                    let sum = self.deltas.entry(key).or_insert(Decimal::ZERO);
                    // Sums beyond what can be counted stand still; they are held against costs, not added to them.
                    *sum = sum.plus(total.value).unwrap_or(*sum);
                }
                Run::Cumulative { series, since, at } => {
                    let latest = Latest {
                        key,
                        at: *at,
                        value: total.value,
                    };
                    let known = self.series.entry((*series, *since));
                    known
                        .and_modify(|own| {
                            if own.at <= latest.at {
                                *own = Latest {
                                    key: latest.key.clone(),
                                    ..latest
                                };
                            }
                        })
                        .or_insert(latest);
                }
            }
        }
        while self.deltas.len() > CONTROL_TOTALS_MAX {
            self.deltas.pop_first();
        }
        if self.series.len() > CONTROL_TOTALS_MAX {
            self.forget_oldest_series();
        }
    }

    fn forget_oldest_series(&mut self) {
        let mut latest: Vec<Timestamp> = self.series.values().map(|own| own.at).collect();
        latest.sort_unstable();
        // Half of them at once, so that this is seldom.
        let bound = latest[latest.len() / 2];
        self.series.retain(|_, own| own.at > bound);
    }

    /// Rows of the page of metrics: labels and value.
    pub(super) fn rows(&self) -> Vec<(String, String)> {
        let mut sums = self.deltas.clone();
        for own in self.series.values() {
            let sum = sums.entry(own.key.clone()).or_insert(Decimal::ZERO);
            *sum = sum.plus(own.value).unwrap_or(*sum);
        }
        let rows = sums.into_iter().map(|(key, value)| {
            let Key {
                day,
                metric,
                measured,
                provider,
                model,
            } = key;
            let measured = word(measured);
            let provider = provider.unwrap_or_default();
            let model = model.unwrap_or_default();
            let labels = format!(
                "{{metric=\"{metric}\",measured=\"{measured}\",day=\"{day}\",provider=\"{provider}\",model=\"{model}\"}}"
            );
            (labels, value.to_string())
        });
        rows.collect()
    }
}

const fn word(measured: Measured) -> &'static str {
    match measured {
        Measured::Input => "input_tokens",
        Measured::InputUncached => "input_tokens_not_cached",
        Measured::CacheRead => "cache_read_tokens",
        Measured::CacheWrite => "cache_write_tokens",
        Measured::Output => "output_tokens",
        Measured::Reasoning => "reasoning_tokens",
        Measured::CostUsd => "cost_usd",
    }
}

/// A text as the value of a label, escaped and bounded.
fn label(text: &str) -> String {
    let end = text.floor_char_boundary(LABEL_BYTES_MAX);
    let mut label = String::with_capacity(end);
    for own in text[..end].chars() {
        match own {
            '\\' => label.push_str("\\\\"),
            '"' => label.push_str("\\\""),
            '\n' => label.push_str("\\n"),
            own => label.push(own),
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(model: &str, value: i64, run: Run) -> ControlTotal {
        ControlTotal {
            metric: "gen_ai.client.token.usage".to_owned(),
            measured: Measured::Input,
            day: "2026-01-06".parse().unwrap(),
            provider: Some("openai".to_owned()),
            model: Some(model.to_owned()),
            service: None,
            value: value.to_string().parse().unwrap(),
            run,
        }
    }

    fn grown(series: &str, at: i64) -> Run {
        Run::Cumulative {
            series: Digest::of(series.as_bytes()),
            since: Timestamp::UNIX_EPOCH,
            at: Timestamp::from_second(at).unwrap(),
        }
    }

    #[test]
    fn deltas_are_added_and_of_what_grows_the_latest_stands() {
        let mut totals = Totals::default();
        totals.add(&[total("m", 3, Run::Delta), total("m", 4, Run::Delta)]);
        totals.add(&[total("m", 10, grown("a", 1)), total("m", 30, grown("a", 3))]);
        // One that comes late changes nothing; another series is another.
        totals.add(&[
            total("m", 20, grown("a", 2)),
            total("m", 100, grown("b", 1)),
        ]);
        let rows = totals.rows();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].1, "137");
        assert_eq!(
            rows[0].0,
            "{metric=\"gen_ai.client.token.usage\",measured=\"input_tokens\",day=\"2026-01-06\",\
             provider=\"openai\",model=\"m\"}"
        );
    }

    #[test]
    fn labels_are_escaped_and_bounded() {
        assert_eq!(label("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
        assert_eq!(label(&"ü".repeat(LABEL_BYTES_MAX)).len(), LABEL_BYTES_MAX);
    }

    #[test]
    fn memory_is_bounded() {
        let mut totals = Totals::default();
        for number in 0..=CONTROL_TOTALS_MAX {
            let name = number.to_string();
            let at = i64::try_from(number).unwrap();
            totals.add(&[total(&name, 1, Run::Delta), total("m", 1, grown(&name, at))]);
        }
        assert_eq!(totals.deltas.len(), CONTROL_TOTALS_MAX);
        assert!(totals.series.len() <= CONTROL_TOTALS_MAX);
        let newest = Timestamp::from_second(i64::try_from(CONTROL_TOTALS_MAX).unwrap()).unwrap();
        assert!(totals.series.values().any(|own| own.at == newest));
    }
}
