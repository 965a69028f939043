//! Facts as people see them: when, what, who said so, and where in the log.

use std::collections::HashMap;

use pages::view::Fact;
use work::effective::Content;
use work::settle::FactRef;
use work::{Json, SmolStr};

/// The facts of one shared log, by source and id.
pub struct Facts {
    known: HashMap<FactRef, Fact>,
}

impl Facts {
    /// The facts of a log's contents; the first content of an identity speaks for it.
    pub fn of(contents: &[Content]) -> Facts {
        let mut known = HashMap::with_capacity(contents.len());
        for content in contents {
            let event = &content.event;
            let reference = FactRef {
                source: event.source.clone(),
                id: event.id.clone(),
            };
            known.entry(reference).or_insert_with(|| fact(content));
        }
        Facts { known }
    }

    /// The facts named, those that are known, at most `most`.
    pub fn named(&self, references: &[FactRef], most: usize) -> Vec<Fact> {
        references
            .iter()
            .filter_map(|reference| self.known.get(reference))
            .take(most)
            .cloned()
            .collect()
    }
}

/// An entry as people see it.
pub fn fact(content: &Content) -> Fact {
    let event = &content.event;
    Fact {
        time: event.time,
        kind: event.body.tag().word().to_owned(),
        says: says(&event.body.members()),
        source: event.source.to_string(),
        id: event.id.to_string(),
        index: content.entry,
        authorship: event.authorship,
        is_signed: event.signature.is_some(),
    }
}

/// What an event's members say, in a few words: `answer, confidence 0.93`.
fn says(members: &[(SmolStr, Json)]) -> String {
    let words: Vec<String> = members
        .iter()
        .filter_map(|(key, value)| {
            let value = match value {
                Json::String(text) | Json::Number(text) => text.to_string(),
                Json::Bool(true) => return Some(key.replace('_', " ")),
                Json::Bool(false) => return Some(format!("not {}", key.replace('_', " "))),
                Json::Object(_) => match (value.get("amount"), value.get("currency")) {
                    (Some(Json::String(number)), Some(Json::String(currency))) => {
                        format!("{number} {currency}")
                    }
                    _ => return None,
                },
                Json::Array(_) | Json::Null => return None,
            };
            Some(match key.as_str() {
                "kind" | "result" | "verdict" | "name" | "meter" | "seat" => value,
                _ => format!("{} {value}", key.replace('_', " ")),
            })
        })
        .collect();
    words.join(", ")
}
