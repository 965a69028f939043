//! Totals of metrics, as the book keeps them and as the page of metrics shows them.
//!
//! Not here: adding up (`store`), what a metric is (`intake::otlp`). Invariant: no label names a customer or a work,
//! and no label is longer than [`LABEL_BYTES_MAX`].

use intake::otlp::{ControlTotal, Measured, Run};
use money::Decimal;
use store::operations::{self, ControlKey, SeriesWord};

use crate::limits::LABEL_BYTES_MAX;

/// What a request says, as it is kept.
pub(super) fn kept(totals: &[ControlTotal]) -> Vec<operations::ControlTotal> {
    let kept = totals.iter().map(|total| operations::ControlTotal {
        of: ControlKey {
            day: total.day,
            metric: total.metric.clone(),
            measured: word(total.measured).to_owned(),
            provider: bounded(total.provider.as_deref()),
            model: bounded(total.model.as_deref()),
        },
        word: match total.run {
            Run::Delta => None,
            Run::Cumulative { series, since, at } => Some(SeriesWord { series, since, at }),
        },
        value: total.value,
    });
    kept.collect()
}

/// Rows of the page of metrics: labels and value.
pub(super) fn rows(totals: Vec<(ControlKey, Decimal)>) -> Vec<(String, String)> {
    let rows = totals.into_iter().map(|(key, value)| {
        let ControlKey {
            day,
            metric,
            measured,
            provider,
            model,
        } = key;
        let (provider, model) = (escaped(&provider), escaped(&model));
        let labels = format!(
            "{{metric=\"{metric}\",measured=\"{measured}\",day=\"{day}\",provider=\"{provider}\",model=\"{model}\"}}"
        );
        (labels, value.to_string())
    });
    rows.collect()
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

/// A text that becomes a label, bounded.
fn bounded(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    text[..text.floor_char_boundary(LABEL_BYTES_MAX)].to_owned()
}

/// A text as the value of a label.
fn escaped(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for own in text.chars() {
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

    #[test]
    fn labels_are_escaped_and_bounded() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
        let long = "ü".repeat(LABEL_BYTES_MAX);
        assert_eq!(bounded(Some(&long)).len(), LABEL_BYTES_MAX);
    }
}
