//! Stories and their shorthand: events a line each in, movements a line each out.
//!
//! Written down for people in `docs/reference/definitions.md`. Used by every test that tells stories:
//! the example definitions here, the presets in `pricing`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::work::body::Kind;
use crate::work::definition::Timeline;
use crate::work::effective::{Content, resolve};
use crate::work::settle::{MovementKind, Unit, inherit_headers, scopes, settle};
use crate::work::{Definition, Digest, Event, Header, Json, SmolStr};

/// A file of stories.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stories {
    /// Where days are counted and times are read; UTC where it is absent.
    zone: Option<String>,
    /// What every event carries, e.g. `channel=chat`.
    every_event: Option<String>,
    pub(crate) story: Vec<Story>,
}

/// One story.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Story {
    name: String,
    /// One event a line: time, kind, attributes and headers.
    events: String,
    /// One movement a line: time, change, class.
    movements: String,
    /// The state of each unit at the end.
    state: Option<String>,
    /// Until when; for ever where it is absent.
    as_of: Option<String>,
}

/// What a file of stories tells otherwise than settlement does; nothing where all is well.
pub(crate) fn faults(name: &str, definition: &Definition, text: &str) -> String {
    let mut wrong = String::new();
    let stories: Stories =
        toml::from_str(text).unwrap_or_else(|error| panic!("{name}: stories: {error}"));
    let zone = stories.zone.as_deref().unwrap_or("UTC");
    let zone = TimeZone::get(zone).unwrap();
    let every = stories.every_event.as_deref().unwrap_or("");
    for story in &stories.story {
        let events = events(story, every, definition, &zone);
        let as_of = story
            .as_of
            .as_ref()
            .map_or(Timestamp::MAX, |at| instant(at, &zone));
        let units = settled(definition, &events, &zone, as_of);
        let told = tidy(&story.movements);
        let found = movements(&units, as_of, &zone);
        if told != found {
            wrong += &format!(
                "\n{name}: {}\n  told:  {told:?}\n  found: {found:?}\n",
                story.name
            );
        }
        let states = states(&units, as_of);
        if story.state.as_ref().is_some_and(|told| *told != states) {
            wrong += &format!(
                "\n{name}: {}\n  told state:  {:?}\n  found state: {states:?}\n",
                story.name, story.state
            );
        }
        let backwards: Vec<Event> = events.iter().rev().cloned().collect();
        assert_eq!(
            units,
            settled(definition, &backwards, &zone, as_of),
            "{name}: {}",
            story.name
        );
    }
    wrong
}

pub(crate) fn settled(
    definition: &Definition,
    events: &[Event],
    zone: &TimeZone,
    as_of: Timestamp,
) -> Vec<Unit> {
    let contents = (0..)
        .zip(events)
        .map(|(entry, event)| Content {
            entry,
            event: event.clone(),
        })
        .collect();
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    let timeline = Timeline::of(definition, zone.clone());
    scopes(definition, &facts)
        .iter()
        .flat_map(|(key, facts)| settle(&timeline, key, facts, as_of))
        .collect()
}

pub(crate) fn instant(text: &str, zone: &TimeZone) -> Timestamp {
    let time: DateTime = text
        .trim()
        .replacen(' ', "T", 1)
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    zone.to_timestamp(time).unwrap()
}

/// The lines that say something, their white space made one.
pub(crate) fn tidy(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            line.split('#')
                .next()
                .unwrap_or("")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|line| !line.is_empty())
        .collect()
}

fn movements(units: &[Unit], as_of: Timestamp, zone: &TimeZone) -> Vec<String> {
    let mut all: Vec<_> = units.iter().flat_map(|unit| &unit.movements).collect();
    all.retain(|movement| movement.instant <= as_of);
    all.sort_by_key(|movement| movement.instant);
    all.iter()
        .map(|movement| {
            let at = movement.instant.to_zoned(zone.clone());
            let seconds = if at.second() == 0 {
                "%F %H:%M"
            } else {
                "%F %H:%M:%S"
            };
            let change = match (movement.kind, movement.value) {
                (MovementKind::Valued, Some(value)) if value.is_negative() => value.to_string(),
                (_, Some(value)) => format!("+{value}"),
                (_, None) if movement.quantity.is_negative() => movement.quantity.to_string(),
                (_, None) => format!("+{}", movement.quantity),
            };
            format!("{} {change} {}", at.strftime(seconds), movement.class)
        })
        .collect()
}

fn states(units: &[Unit], as_of: Timestamp) -> String {
    let states: Vec<String> = units
        .iter()
        .map(|unit| unit.state_at(as_of).to_string())
        .collect();
    states.join(", ")
}

fn events(story: &Story, every: &str, definition: &Definition, zone: &TimeZone) -> Vec<Event> {
    let events: Vec<Event> = tidy(&story.events)
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let mut parts = words(line);
            for extra in words(every) {
                let (key, _) = extra.split_once('=').unwrap();
                if !parts
                    .iter()
                    .any(|part| part.starts_with(&format!("{key}=")))
                {
                    parts.push(extra);
                }
            }
            event(&parts, index, definition, zone)
        })
        .collect();
    assert!(!events.is_empty(), "{}: no events", story.name);
    events
}

/// `2026-01-05 09:00 answered greeting channel=chat`: a bare word is the kind's first attribute; the
/// definition's key headers are there without being written. What is not about work has its whole
/// name: `cost.recorded model amount='0.11 USD'`, `seat.assigned anna`.
pub(crate) fn event(
    parts: &[String],
    index: usize,
    definition: &Definition,
    zone: &TimeZone,
) -> Event {
    let line = parts.join(" ");
    let at = instant(&format!("{} {}", parts[0], parts[1]), zone);
    let name = parts[2].as_str();
    let kind = Kind::from_condition_name(name)
        .or_else(|| Kind::from_wire(&format!("piecework.work.{name}.v1")))
        .or_else(|| Kind::from_wire(&format!("piecework.{name}.v1")))
        .unwrap_or_else(|| panic!("`{name}` is no kind: {line}"));
    let mut work = None;
    let mut authorship = None;
    let mut data: Vec<(SmolStr, Json)> = Vec::new();
    let mut put = |key: &str, value: &str| {
        let value = match (key, value.rsplit_once(' ')) {
            ("amount", Some((number, currency))) => Json::object([
                ("amount", Some(Json::text(number))),
                ("currency", Some(Json::text(currency))),
            ]),
            ("configured" | "visible", _) => Json::Bool(value == "true"),
            _ => Json::text(value),
        };
        data.push((key.into(), value));
    };
    for part in &parts[3..] {
        match part.split_once('=') {
            Some(("work", value)) => work = Some(value.to_owned()),
            Some(("by", value)) => authorship = Some(Json::text(value)),
            Some((key, value)) => put(key, value),
            None => put(first_attribute(kind), part),
        }
    }
    if kind == Kind::Evidence {
        put("commitment", &Digest::of(b"").to_string());
    }
    if kind == Kind::Verified && !parts.iter().any(|part| part.starts_with("check=")) {
        put("check", "check");
    }
    let keys = if kind.is_about_work() {
        definition.one_per.key.as_slice()
    } else {
        &[]
    };
    for header in keys {
        match header {
            Header::Work => work = work.or_else(|| Some("work-1".to_owned())),
            header
                if !parts
                    .iter()
                    .any(|p| p.starts_with(&format!("{}=", header.name()))) =>
            {
                put(header.name(), &format!("{}-1", header.name()));
            }
            _ => {}
        }
    }
    let json = Json::object([
        ("specversion", Some(Json::text("1.0"))),
        ("id", Some(Json::text(format!("{:03}", index + 1)))),
        ("source", Some(Json::text("story"))),
        ("type", Some(Json::text(kind.wire()))),
        ("subject", Some(Json::text("customer"))),
        ("time", Some(Json::text(at.to_string()))),
        ("workid", work.map(Json::text)),
        ("authorship", authorship),
        ("data", Some(Json::Object(data))),
    ]);
    Event::from_json(&json).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The attribute that a bare word after the kind means.
fn first_attribute(kind: Kind) -> &'static str {
    match kind {
        Kind::DisputeDecided => "verdict",
        Kind::Disputed => "reason",
        Kind::CostRecorded => "line",
        Kind::Usage => "meter",
        Kind::SeatAssigned | Kind::SeatReleased => "seat",
        kind => kind
            .attributes()
            .first()
            .unwrap_or_else(|| panic!("{kind:?} has no attributes")),
    }
}

/// The words of a line; quotes keep spaces.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
