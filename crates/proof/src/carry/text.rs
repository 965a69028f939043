//! The carry as text: strict JSON, one object a line.
//!
//! The first line says what the carry is of; the others are the log in order, each either an entry
//! as the log keeps it, or a group at the place of its first entry. `docs/reference/proof-file.md`
//! section 9 is the format. Invariant: reading what was written gives the carry back, and a text that
//! would not have been written is refused.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal};
use pricing::account::CarriedUnit;
use sha2::{Digest as _, Sha256};
use tlog::{Frontier, Hash};
use work::event::Authorship;
use work::settle::{
    Attempt, Basis, FactRef, Movement, MovementKind, NotCounted, State, Unit, UnitKey,
};
use work::{Digest, Header, Headers, Json, SmolStr, threads};

use super::{Carry, Group, LogEntry};
use crate::Entry;

/// First member of the first line.
const FORMAT: &str = "piecework/carry/v1";

/// Lines that are written before they are hashed.
const LINES_AT_ONCE: usize = 4_096;

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
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.head();
        for line in self.lines() {
            text.push_str(&line.to_text());
        }
        text
    }

    /// The digest that a `statement.issued` entry names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest_on(1)
    }

    /// The digest, from lines that are written on so many threads. The text is never in memory whole.
    #[must_use]
    pub fn digest_on(&self, threads: usize) -> Digest {
        let mut text = Sha256::new();
        text.update(self.head());
        for lines in self.lines().chunks(LINES_AT_ONCE) {
            for line in threads::map(threads, lines, Line::to_text) {
                text.update(line);
            }
        }
        Digest::from_bytes(text.finalize().into())
    }

    /// The first line, with its line feed.
    fn head(&self) -> String {
        let frontier = self.frontier.hashes().iter();
        let head = Json::object([
            ("carry", text(FORMAT)),
            ("coverage", text(&self.coverage().to_string())),
            ("customer", text(&self.customer)),
            ("cut", text(&self.cut.to_string())),
            (
                "frontier",
                Some(Json::Array(
                    frontier.map(|hash| Json::text(hash.to_string())).collect(),
                )),
            ),
        ]);
        head.to_canonical() + "\n"
    }

    /// The lines after it, in their order.
    fn lines(&self) -> Vec<Line<'_>> {
        let kept = self.kept.iter();
        let groups = self.groups.iter();
        let mut lines: Vec<(Option<u64>, Line<'_>)> = kept
            .map(|own| (Some(own.index), Line::Kept(own)))
            .chain(groups.map(|own| (own.entries.first().copied(), Line::Group(own))))
            .collect();
        lines.sort_by_key(|(first, _)| *first);
        lines.into_iter().map(|(_, line)| line).collect()
    }

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

/// A line after the first.
enum Line<'c> {
    Kept(&'c LogEntry),
    Group(&'c Group),
}

impl Line<'_> {
    /// With its line feed.
    fn to_text(&self) -> String {
        let mut line = match self {
            Line::Kept(own) => own.to_line(),
            Line::Group(group) => group_json(group).to_canonical(),
        };
        line.push('\n');
        line
    }
}

fn text(value: &str) -> Option<Json> {
    Some(Json::text(value))
}

fn position(value: u64) -> Json {
    Json::text(value.to_string())
}

fn group_json(group: &Group) -> Json {
    Json::object([
        ("digest", text(&group.digest.to_hex())),
        (
            "entries",
            Some(Json::Array(
                group.entries.iter().map(|own| position(*own)).collect(),
            )),
        ),
        (
            "units",
            Some(Json::Array(group.units.iter().map(unit_json).collect())),
        ),
    ])
}

fn unit_json(own: &CarriedUnit) -> Json {
    let unit = &own.unit;
    let facts = unit.facts.iter().zip(&own.entries);
    let facts = facts.map(|(fact, entry)| {
        Json::Array(vec![
            position(*entry),
            Json::text(fact.source.clone()),
            Json::text(fact.id.clone()),
        ])
    });
    let texts = |list: &[SmolStr]| {
        let texts = list.iter().cloned().map(Json::text);
        Some(Json::Array(texts.collect()))
    };
    let (since, state) = unit
        .states
        .last()
        .map_or((unit.opened, &State::Pending), |(since, state)| {
            (*since, state)
        });
    let (word, detail) = match state {
        State::Pending => ("pending", None),
        State::Counted(class) => ("counted", text(class)),
        State::Reversed => ("reversed", None),
        State::NotCounted(reason) => ("not_counted", text(reason.name())),
    };
    let attempt = unit.attempt.as_ref().map(|attempt| {
        Json::object([
            ("act", Some(place_of(unit, &attempt.act))),
            ("at", text(&attempt.at.to_string())),
            ("by", text(attempt.by.word())),
        ])
    });
    Json::object([
        ("attempt", attempt),
        ("contract", text(&own.contract)),
        ("detail", detail),
        ("facts", Some(Json::Array(facts.collect()))),
        ("headers", Some(headers_json(&unit.headers))),
        (
            "movements",
            Some(Json::Array(
                unit.movements
                    .iter()
                    .map(|own| movement_json(unit, own))
                    .collect(),
            )),
        ),
        ("opened", text(&unit.opened.to_string())),
        ("opened_by", Some(place_of(unit, &unit.key.opened_by))),
        ("scope", texts(&unit.key.scope)),
        ("since", text(&since.to_string())),
        ("state", text(word)),
        ("unit", text(&unit.key.unit)),
        ("version", text(&unit.version.to_string())),
        ("works", texts(&unit.works)),
    ])
}

fn movement_json(unit: &Unit, own: &Movement) -> Json {
    let basis = &own.basis;
    let causes = own.causes.iter().map(|cause| place_of(unit, cause));
    Json::object([
        ("at", text(&own.instant.to_string())),
        ("causes", Some(Json::Array(causes.collect()))),
        ("class", text(&own.class)),
        (
            "confidence",
            basis.confidence.map(|own| Json::text(own.to_string())),
        ),
        ("counted_at", text(&own.counted_at.to_string())),
        ("decided_by", text(basis.decided_by.word())),
        ("headers", Some(headers_json(&basis.headers))),
        ("kind", text(own.kind.word())),
        ("quantity", text(&own.quantity.to_string())),
        ("review", basis.review.as_deref().and_then(text)),
        ("value", own.value.map(|own| Json::text(own.to_string()))),
    ])
}

/// The place of a fact among the unit's; sealing made sure that it is there.
fn place_of(unit: &Unit, fact: &FactRef) -> Json {
    let place = unit.facts.iter().position(|own| own == fact);
    Json::Number(place.unwrap_or(usize::MAX).to_string().into())
}

fn headers_json(headers: &Headers) -> Json {
    let members = headers.iter();
    let members = members.map(|(header, value)| (header.name().into(), Json::text(value.clone())));
    Json::Object(members.collect())
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
    /// The line of a carry, or of what is brought back, without its line feed.
    #[must_use]
    pub fn to_line(&self) -> String {
        let content = self.entry.to_bytes();
        format!(
            "{{\"content\":{},\"entry\":\"{}\"}}",
            String::from_utf8_lossy(&content), // an entry is written as text
            self.index
        )
    }

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
