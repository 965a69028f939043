//! What values an attribute can have, so that a literal that can never match is a fault.
//!
//! The names come from [`Kind::attributes`] and [`crate::Header`]; this module adds their types. A shared
//! header is text of any content.

use crate::body::{AnswerKind, AskKind, CheckResult, Kind, ReviewResult};

use super::condition::Attribute;

/// The type of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// One word of a closed list.
    Words(Vec<&'static str>),
    /// Text that the sender chooses.
    Text,
    /// A number.
    Number,
    /// A number between 0 and 1.
    Share,
    /// `true` or `false`.
    Flag,
}

/// The type of an attribute of a kind.
#[must_use]
pub fn values(kind: Kind, attribute: &Attribute) -> Values {
    let Attribute::Own(name) = attribute else {
        return Values::Text;
    };
    match (kind, *name) {
        (Kind::Asked, "kind") => Values::Words(listed(AskKind::WORDS)),
        (Kind::Answered, "kind") => Values::Words(listed(AnswerKind::WORDS)),
        (Kind::Verified, "result") => Values::Words(listed(CheckResult::WORDS)),
        (Kind::Reviewed, "result") => Values::Words(listed(ReviewResult::WORDS)),
        (_, "confidence" | "edit_share") => Values::Share,
        (_, "score" | "minutes" | "amount") => Values::Number,
        (_, "configured" | "visible") => Values::Flag,
        _ => Values::Text,
    }
}

fn listed<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use crate::body::Value;

    /// An event of the kind with every attribute present.
    fn full(kind: Kind) -> Event {
        let data = match kind {
            Kind::Asked => r#"{"kind":"thanks"}"#,
            Kind::Answered => r#"{"kind":"route","confidence":"0.5","review":"full"}"#,
            Kind::Verified => r#"{"result":"failed","check":"tests"}"#,
            Kind::Escalated => r#"{"configured":true}"#,
            Kind::HumanReplied => r#"{"visible":false,"minutes":"3"}"#,
            Kind::Overridden => r#"{"minutes":"3"}"#,
            Kind::Closed | Kind::Rejected => r#"{"reason":"duplicate"}"#,
            Kind::Rated => r#"{"score":"4"}"#,
            Kind::Valued => r#"{"amount":{"amount":"5","currency":"USD"}}"#,
            Kind::Reviewed => r#"{"result":"edited","edit_share":"0.1","minutes":"2"}"#,
            Kind::Evidence => {
                r#"{"name":"transcript","commitment":"0000000000000000000000000000000000000000000000000000000000000000"}"#
            }
            _ => "{}",
        };
        Event::parse(&format!(
            r#"{{"specversion":"1.0","id":"1","source":"t","subject":"acme","workid":"w",
            "time":"2026-01-01T00:00:00Z","type":"{}","data":{data}}}"#,
            kind.wire()
        ))
        .unwrap()
    }

    /// The types here are those of the values that events carry.
    #[test]
    fn every_attribute_has_the_type_of_its_values() {
        for kind in Kind::CONDITIONS {
            let event = full(*kind);
            for name in kind.attributes() {
                let value = event.body.attribute(name).unwrap();
                match (values(*kind, &Attribute::Own(name)), value) {
                    (Values::Words(words), Value::Text(word)) => {
                        assert!(words.contains(&word.as_str()), "{kind:?} {name}");
                    }
                    (Values::Text, Value::Text(_))
                    | (Values::Number | Values::Share, Value::Number(_))
                    | (Values::Flag, Value::Flag(_)) => {}
                    (values, value) => panic!("{kind:?} {name}: {values:?} but {value:?}"),
                }
            }
        }
    }
}
