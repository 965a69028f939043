//! Reading a carry: strict JSON, one object a line.
//!
//! The first line says what the carry is of; the others are the log in order, each either an entry
//! as the log keeps it, or a group at the place of its first entry. `docs/reference/proof-file.md`
//! section 9 is the format; [`super::write`] writes it. Invariant: reading what was written gives the carry
//! back, and a text that would not have been written is refused.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal};
use pricing::account::CarriedUnit;
use tlog::{Frontier, Hash};
use work::event::Authorship;
use work::settle::{
    Attempt, Basis, FactRef, Movement, MovementKind, NotCounted, State, Unit, UnitKey,
};
use work::{Header, Headers, Json, SmolStr};

use super::{Carry, Group, LogEntry};
use crate::Entry;

/// A text is not a carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the carry: {problem}")]
pub struct CarryError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl Carry {
    /// Reads the text.
    ///
    /// # Errors
    /// [`CarryError`] with the line.
    pub fn from_text(text: &str) -> Result<Carry, CarryError> {
        let fault = |line: usize, problem: &str| CarryError {
            line,
            problem: problem.to_owned(),
        };
        let mut lines = text.split_inclusive('\n').zip(1..);
        let (head, _) = lines.next().ok_or_else(|| fault(1, "it is empty"))?;
        let mut carry = Json::parse(head)
            .ok()
            .and_then(|head| read_head(&head))
            .ok_or_else(|| fault(1, "it is not the head of a carry"))?;
        for (line, number) in lines {
            let json = Json::parse(line).map_err(|error| fault(number, &error.to_string()))?;
            if json.get("entry").is_some() {
                let entry =
                    LogEntry::from_json(&json).map_err(|problem| fault(number, &problem))?;
                carry.kept.push(entry);
            } else {
                let group = read_group(&json)
                    .ok_or_else(|| fault(number, "it is neither an entry nor a group"))?;
                carry.groups.push(group);
            }
        }
        let mut held: Vec<u64> = carry.kept.iter().map(|entry| entry.index).collect();
        held.extend(carry.groups.iter().flat_map(|group| &group.entries));
        held.sort_unstable();
        if !held.iter().copied().eq(0..carry.coverage()) {
            return Err(fault(1, "its entries are not the log's, each once"));
        }
        // Whatever was left out, doubled, out of order or written otherwise shows here.
        let written = carry.to_text();
        if written != text {
            let same = written
                .lines()
                .zip(text.lines())
                .take_while(|(a, b)| a == b);
            return Err(fault(
                same.count() + 1,
                "it is not what a carry of this content would say",
            ));
        }
        Ok(carry)
    }
}

fn read_head(json: &Json) -> Option<Carry> {
    let hashes = items(json.get("frontier")?)?.iter();
    let hashes: Vec<Hash> = hashes
        .map(|hash| hash.as_str()?.parse().ok())
        .collect::<Option<_>>()?;
    Some(Carry {
        customer: json.get("customer")?.as_str()?.to_owned(),
        frontier: Frontier::from_hashes(parsed(json.get("coverage")?)?, hashes).ok()?,
        cut: parsed(json.get("cut")?)?,
        groups: Vec::new(),
        kept: Vec::new(),
    })
}

impl LogEntry {
    fn from_json(json: &Json) -> Result<LogEntry, String> {
        let index = json.get("entry").and_then(parsed);
        let (Some(index), Some(content)) = (index, json.get("content")) else {
            return Err("it is not an entry with its position".to_owned());
        };
        let entry = Entry::parse(content.to_canonical().as_bytes())
            .map_err(|error| format!("the entry: {error}"))?;
        Ok(LogEntry { index, entry })
    }

    /// Reads lines of entries, each as [`LogEntry::to_line`] writes it, ascending.
    ///
    /// # Errors
    /// [`CarryError`] with the line.
    pub fn read_lines(text: &str) -> Result<Vec<LogEntry>, CarryError> {
        let mut entries: Vec<LogEntry> = Vec::new();
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            let fault = |problem: String| CarryError {
                line: number,
                problem,
            };
            let json = Json::parse(line).map_err(|error| fault(error.to_string()))?;
            let own = LogEntry::from_json(&json).map_err(fault)?;
            if format!("{}\n", own.to_line()) != line {
                return Err(fault("it is not what would be written".to_owned()));
            }
            if entries.last().is_some_and(|last| last.index >= own.index) {
                return Err(fault("it is out of order".to_owned()));
            }
            entries.push(own);
        }
        Ok(entries)
    }
}

fn read_group(json: &Json) -> Option<Group> {
    let units = items(json.get("units")?)?;
    Some(Group {
        digest: Hash::from_hex(json.get("digest")?.as_str()?).ok()?,
        entries: items(json.get("entries")?)?
            .iter()
            .map(parsed)
            .collect::<Option<_>>()?,
        units: units.iter().map(read_unit).collect::<Option<_>>()?,
    })
}

fn read_unit(json: &Json) -> Option<CarriedUnit> {
    let mut facts = Vec::new();
    let mut entries = Vec::new();
    for fact in items(json.get("facts")?)? {
        let [entry, source, id] = items(fact)? else {
            return None;
        };
        entries.push(parsed(entry)?);
        facts.push(FactRef {
            source: shared(source)?,
            id: shared(id)?,
        });
    }
    let movements = items(json.get("movements")?)?.iter();
    let opened: Timestamp = parsed(json.get("opened")?)?;
    let since = parsed(json.get("since")?)?;
    let detail = json.get("detail").and_then(Json::as_str);
    let state = match (json.get("state")?.as_str()?, detail) {
        ("counted", Some(class)) => State::Counted(class.into()),
        ("reversed", None) => State::Reversed,
        ("not_counted", Some(reason)) => {
            let mut reasons = NotCounted::ALL.into_iter();
            State::NotCounted(reasons.find(|known| known.name() == reason)?)
        }
        _ => return None,
    };
    let attempt = match json.get("attempt") {
        None => None,
        Some(attempt) => Some(Attempt {
            at: parsed(attempt.get("at")?)?,
            act: fact_at(&facts, attempt.get("act")?)?,
            by: read_author(attempt.get("by")?)?,
        }),
    };
    Some(CarriedUnit {
        contract: json.get("contract")?.as_str()?.to_owned(),
        entries,
        unit: Unit {
            key: UnitKey {
                unit: shared(json.get("unit")?)?,
                scope: texts(json.get("scope")?)?,
                opened_by: fact_at(&facts, json.get("opened_by")?)?,
            },
            opened,
            version: parsed(json.get("version")?)?,
            movements: movements
                .map(|own| read_movement(&facts, own))
                .collect::<Option<_>>()?,
            states: vec![(opened, State::Pending), (since, state)],
            disputes: Vec::new(),
            attempt,
            headers: read_headers(json.get("headers")?)?,
            human_touches: Vec::new(),
            listed: Vec::new(),
            works: texts(json.get("works")?)?,
            traces: Vec::new(),
            evidence: Vec::new(),
            facts,
        },
    })
}

fn read_movement(facts: &[FactRef], json: &Json) -> Option<Movement> {
    let kind = json.get("kind")?.as_str()?;
    let optional = |name: &str| json.get(name).map(|own| own.as_str());
    let causes = items(json.get("causes")?)?.iter();
    Some(Movement {
        instant: parsed(json.get("at")?)?,
        kind: MovementKind::WORDS
            .iter()
            .find(|(word, _)| *word == kind)?
            .1,
        class: shared(json.get("class")?)?,
        quantity: parsed::<Decimal>(json.get("quantity")?)?,
        value: match optional("value") {
            None => None,
            Some(value) => Some(value?.parse::<Amount>().ok()?),
        },
        counted_at: parsed(json.get("counted_at")?)?,
        causes: causes
            .map(|own| fact_at(facts, own))
            .collect::<Option<_>>()?,
        basis: Arc::new(Basis {
            confidence: match optional("confidence") {
                None => None,
                Some(confidence) => Some(confidence?.parse().ok()?),
            },
            review: optional("review").flatten().map(str::to_owned),
            headers: read_headers(json.get("headers")?)?,
            decided_by: read_author(json.get("decided_by")?)?,
        }),
    })
}

fn read_headers(json: &Json) -> Option<Headers> {
    let Json::Object(members) = json else {
        return None;
    };
    let mut headers = Headers::default();
    for (name, value) in members {
        headers.set(Header::from_name(name)?, shared(value)?);
    }
    Some(headers)
}

fn fact_at(facts: &[FactRef], json: &Json) -> Option<FactRef> {
    let Json::Number(place) = json else {
        return None;
    };
    facts.get(place.parse::<usize>().ok()?).cloned()
}

fn items(json: &Json) -> Option<&[Json]> {
    match json {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn texts(json: &Json) -> Option<Vec<SmolStr>> {
    items(json)?.iter().map(shared).collect()
}

fn shared(json: &Json) -> Option<SmolStr> {
    match json {
        Json::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn parsed<T: std::str::FromStr>(json: &Json) -> Option<T> {
    json.as_str()?.parse().ok()
}

fn read_author(json: &Json) -> Option<Authorship> {
    let word = json.as_str()?;
    let mut words = Authorship::WORDS.iter();
    words.find(|(own, _)| *own == word).map(|(_, by)| *by)
}
