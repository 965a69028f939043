//! Facts as people see them: when, what, who said so, and where in the log.

use pages::view::Fact;
use work::effective::Content;
use work::settle::FactRef;
use work::{Json, LogKind, SmolStr};

use crate::Result;
use crate::book::Book;

/// The facts of a customer's shared log, by source and id. A page names few of them, so each is looked up.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The book.
    pub book: &'a Book,
    /// Whose log.
    pub customer: &'a str,
}

impl Facts<'_> {
    /// The facts named, those that are known, at most `most`; the first content of an identity speaks for it.
    ///
    /// # Errors
    /// Where an entry cannot be read.
    pub fn named(self, references: &[FactRef], most: usize) -> Result<Vec<Fact>> {
        let known = references.iter().map(|own| self.of(own));
        known.filter_map(Result::transpose).take(most).collect()
    }

    fn of(self, FactRef { source, id }: &FactRef) -> Result<Option<Fact>> {
        let (store, customer) = (&self.book.store, self.customer);
        let Some(found) = store.find(customer, source, id)? else {
            return Ok(None);
        };
        let first = found.contents.first().map(|(index, _)| *index);
        let Some(index) = first.filter(|_| found.log == LogKind::Shared) else {
            return Ok(None);
        };
        let entry = store.entry(customer, LogKind::Shared, index)?;
        Ok(entry.map(|own| {
            fact(&Content {
                entry: own.index,
                event: own.event,
            })
        }))
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
