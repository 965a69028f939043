//! The example definitions and their stories: events in, movements out.
//!
//! `examples/definitions/<name>.stories.toml` stands beside each `<name>.toml`. Its form is written
//! down in `docs/reference/definitions.md`, for people who want to add one.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use piecework_work as work;
use serde::Deserialize;
use work::body::Kind;
use work::definition::Timeline;
use work::effective::{Content, resolve};
use work::settle::{MovementKind, State, Unit, inherit_headers, scopes, settle};
use work::{Definition, Event, Header, Json};

/// A file of stories.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stories {
    /// Where days are counted and times are read; UTC where it is absent.
    zone: Option<String>,
    /// What every event carries, e.g. `channel=chat`.
    every_event: Option<String>,
    story: Vec<Story>,
}

/// One story.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
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

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/definitions")
}

fn files(ending: &str) -> BTreeSet<String> {
    std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap()
}

fn definition(name: &str) -> Definition {
    let text = read(&format!("{name}.toml"));
    Definition::parse(&text).unwrap_or_else(|error| panic!("{name}.toml: {error}"))
}

/// Every row of the trade's definitions is there, with its source and at least three stories.
#[test]
fn every_definition_names_its_source_and_has_stories() {
    let definitions = files(".toml");
    assert_eq!(definitions, files(".stories.toml"));
    for row in [
        "fin",
        "zendesk-2024",
        "zendesk-2026-tiers",
        "agentforce-conversation",
        "agentforce-action",
        "agentforce-sdr",
        "sierra",
        "decagon",
        "hubspot",
        "gorgias-chat",
        "gorgias-email",
        "redo",
        "simple-chat",
        "deway",
        "helper",
        "placement",
        "net-new-revenue",
        "recovered-money",
        "ada",
        "chargeflow",
        "freddy-chat",
        "freddy-email",
        "piqely-meeting",
    ] {
        assert!(definitions.contains(row), "{row}");
    }
    for name in definitions {
        let text = read(&format!("{name}.toml"));
        assert!(
            text.starts_with("# ") && text.contains("# Source: ") && text.contains("2026"),
            "{name}"
        );
        let stories: Stories = toml::from_str(&read(&format!("{name}.stories.toml"))).unwrap();
        assert!(
            stories.story.len() >= 3,
            "{name} has fewer than three stories"
        );
    }
}

#[test]
fn every_story_ends_as_it_is_told() {
    let mut wrong = String::new();
    for name in files(".stories.toml") {
        let definition = definition(&name);
        let stories: Stories = toml::from_str(&read(&format!("{name}.stories.toml")))
            .unwrap_or_else(|error| panic!("{name}.stories.toml: {error}"));
        let zone = stories.zone.as_deref().unwrap_or("UTC");
        let zone = TimeZone::get(zone).unwrap();
        let every = stories.every_event.as_deref().unwrap_or("");
        for story in &stories.story {
            let events = events(story, every, &definition, &zone);
            let as_of = story
                .as_of
                .as_ref()
                .map_or(Timestamp::MAX, |at| instant(at, &zone));
            let units = settled(&definition, &events, &zone, as_of);
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
                settled(&definition, &backwards, &zone, as_of),
                "{name}: {}",
                story.name
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A definition of the trade that the language cannot say is refused with the name of what is missing.
///
/// Agent Red: a conversation ends, and is billed, after 30 minutes of silence, when the customer closes
/// it, when it is escalated, or after 50 turns (agentredcx.com/billing/billable-conversation-spec, read
/// 2026-11-23). Everything but the 50 turns can be said: conditions do not count facts.
#[test]
fn a_limit_on_turns_is_refused_by_name() {
    let text = read("decagon.toml");
    let (head, rest) = text.split_once("\nwhen = ").unwrap();
    let (_, tail) = rest.split_once("[evidence]").unwrap();
    let said = |when: &str| format!("{head}\nwhen = \"{when}\"\n\n[evidence]{tail}");
    let ends = "closed, escalated, quiet(30m, last answered)";
    let whole = format!("all(answered where kind = answer, any({ends}, count(asked) >= 50))");
    let error = Definition::parse(&said(&whole)).unwrap_err();
    assert_eq!(error.faults[0].problem, "there is no `count(…)`");
    assert!(
        error.faults[0]
            .hint
            .as_ref()
            .unwrap()
            .contains("do not count or add facts")
    );
    let rest = format!("all(answered where kind = answer, any({ends}))");
    Definition::parse(&said(&rest)).unwrap();
}

fn settled(
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

fn instant(text: &str, zone: &TimeZone) -> Timestamp {
    let time: DateTime = text
        .trim()
        .replacen(' ', "T", 1)
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    zone.to_timestamp(time).unwrap()
}

/// The lines that say something, their white space made one.
fn tidy(text: &str) -> Vec<String> {
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
        .map(|unit| match unit.state_at(as_of) {
            State::Pending => "pending".to_owned(),
            State::Counted(class) => format!("counted {class}"),
            State::Reversed => "reversed".to_owned(),
            State::NotCounted(why) => format!("not counted: {}", why.name()),
        })
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
/// definition's key headers are there without being written.
fn event(parts: &[String], index: usize, definition: &Definition, zone: &TimeZone) -> Event {
    let line = parts.join(" ");
    let at = instant(&format!("{} {}", parts[0], parts[1]), zone);
    let name = parts[2].as_str();
    let kind = Kind::from_condition_name(name)
        .or_else(|| Kind::from_wire(&format!("piecework.work.{name}.v1")))
        .unwrap_or_else(|| panic!("`{name}` is no kind: {line}"));
    let mut work = None;
    let mut authorship = None;
    let mut data: Vec<(String, Json)> = Vec::new();
    let mut put = |key: &str, value: &str| {
        let value = match (key, value.rsplit_once(' ')) {
            ("amount", Some((number, currency))) => Json::object([
                ("amount", Some(Json::text(number))),
                ("currency", Some(Json::text(currency))),
            ]),
            ("configured" | "visible", _) => Json::Bool(value == "true"),
            _ => Json::text(value),
        };
        data.push((key.to_owned(), value));
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
        put("digest", &work::Digest::of(b"").to_string());
    }
    if kind == Kind::Verified && !parts.iter().any(|part| part.starts_with("check=")) {
        put("check", "check");
    }
    for header in &definition.one_per.key {
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
        kind => kind
            .attributes()
            .first()
            .unwrap_or_else(|| panic!("{kind:?} has no attributes")),
    }
}

/// The words of a line; quotes keep spaces.
fn words(line: &str) -> Vec<String> {
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
