//! One call, told by several feeds: which report counts.
//!
//! An application's telemetry and its gateway both report one answer of a provider, by the provider's id of it.
//! Not here: what is in the book, and taking back what was recorded there before (`server`). Invariant: which of
//! two reports counts depends on what they say and not on which came first.

use work::Event;
use work::body::Body;
use work::event::UNASSIGNED;

use crate::limits::RESPONSE_ID_BYTES_MIN;
use crate::{litellm, otlp};

/// The provider's id of the answer that a cost is of; `None` for what is no cost of a feed, or has no id that no
/// other answer can have.
#[must_use]
pub fn response_of(event: &Event) -> Option<&str> {
    if !matches!(event.body, Body::Cost(_)) {
        return None;
    }
    let id = match event.source.as_str() {
        litellm::SOURCE => event.id.as_str(),
        otlp::SOURCE => event.id.strip_prefix(otlp::RESPONSE)?,
        _ => return None,
    };
    (id.len() >= RESPONSE_ID_BYTES_MIN).then_some(id)
}

/// The sources and ids under which an answer may be known.
#[must_use]
pub fn names_of(response: &str) -> [(&'static str, String); 2] {
    [
        (litellm::SOURCE, response.to_owned()),
        (otlp::SOURCE, format!("{}{response}", otlp::RESPONSE)),
    ]
}

/// Whether two reports of one answer may stand for each other: they are of one customer, or one of them is of
/// nobody. What two customers are said to have cost is for people to decide.
#[must_use]
pub fn are_comparable(a: &Event, b: &Event) -> bool {
    a.customer == b.customer || a.customer == UNASSIGNED || b.customer == UNASSIGNED
}

/// Whether a report counts rather than another one of the same answer: the one that names a customer, then a
/// work, then what was used or paid, and of equals the gateway's, which pays the provider.
#[must_use]
pub fn counts_rather(own: &Event, than: &Event) -> bool {
    says(own) > says(than)
}

fn says(event: &Event) -> (bool, bool, bool, bool) {
    let has_counts = match &event.body {
        Body::Cost(cost) => cost.amount.is_some() || !cost.tokens.is_empty(),
        _ => false,
    };
    (
        event.customer != UNASSIGNED,
        event.work.is_some(),
        has_counts,
        event.source == litellm::SOURCE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(source: &str, id: &str, customer: &str, more: &str, data: &str) -> Event {
        let text = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"piecework.cost.recorded.v1","subject":"{customer}",
            "time":"2026-01-01T00:00:00Z"{more},"data":{{"line":"model","model":"m"{data}}}}}"#
        );
        Event::parse(&text).unwrap()
    }

    #[test]
    fn an_answer_has_one_id_under_every_name() {
        let id = "chatcmpl-0123456789";
        for (source, own) in names_of(id) {
            let event = cost(source, &own, "acme", "", "");
            assert_eq!(response_of(&event), Some(id));
        }
        for (source, own) in [
            ("litellm", "chatcmpl-7"),
            ("otlp", "response:chatcmpl-7"),
            ("otlp", "span:0123456789abcdef/01"),
            ("billing", id),
        ] {
            assert_eq!(response_of(&cost(source, own, "acme", "", "")), None);
        }
    }

    #[test]
    fn the_report_that_says_more_counts_and_of_equals_the_gateways() {
        let id = "chatcmpl-0123456789";
        let otlp_id = format!("response:{id}");
        let counts = r#","tokens":{"input":"1"}"#;
        let work = r#","workid":"w""#;
        // From what says least to what says most.
        let reports = [
            cost("otlp", &otlp_id, "_unassigned", "", ""),
            cost("litellm", id, "_unassigned", "", ""),
            cost("otlp", &otlp_id, "_unassigned", "", counts),
            cost("litellm", id, "_unassigned", "", counts),
            cost("litellm", id, "_unassigned", work, ""),
            cost("litellm", id, "acme", "", counts),
            cost("otlp", &otlp_id, "acme", work, ""),
            cost("litellm", id, "acme", work, ""),
        ];
        for (at, own) in reports.iter().enumerate() {
            for (other_at, other) in reports.iter().enumerate() {
                assert_eq!(counts_rather(own, other), at > other_at, "{at} {other_at}");
            }
        }
        let others = cost("litellm", id, "other", "", "");
        assert!(!are_comparable(&others, &reports[6]));
        assert!(are_comparable(&others, &reports[0]));
    }
}
