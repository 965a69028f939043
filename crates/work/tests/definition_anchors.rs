//! Anchors and causes: which fact a condition speaks of.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use jiff::Timestamp;
use jiff::tz::TimeZone;
use piecework_work as work;
use work::definition::Timeline;
use work::effective::Fact;
use work::event::Authorship;
use work::settle::{Unit, scopes, settle};
use work::{Definition, Event};

/// The units of one case under a definition of one class.
fn units(when: &str, events: &[(&str, &str, &str)]) -> Vec<Unit> {
    let sketch = include_str!("definition_sketch.toml");
    let (head, tail) = (
        &sketch[..sketch.find("[[counts]]").unwrap()],
        &sketch[sketch.find("[[after]]").unwrap()..],
    );
    let class = format!("abandon_after = \"30d\"\n[[counts]]\nclass = \"c\"\nwhen = \"{when}\"\n");
    let text = format!("{head}{class}{tail}").replace("gate = [\"resolution\"]", "");
    let definition = Definition::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let facts: Vec<Fact> = (0u64..)
        .zip(events)
        .map(|(entry, (time, kind, by))| {
            let (kind, word) = kind.split_once(' ').unwrap_or((kind, ""));
            let data = if word.is_empty() { String::new() } else { format!(r#","kind":"{word}""#) };
            let event = Event::parse(&format!(
                r#"{{"specversion":"1.0","id":"{entry}","source":"desk","subject":"acme","time":"2026-01-{time}:00Z",
                "authorship":"{by}","type":"piecework.work.{kind}.v1","data":{{"case":"1"{data}}}}}"#
            ))
            .unwrap();
            Fact { entry, event, corrected_by: None }
        })
        .collect();
    let timeline = Timeline::of(&definition, TimeZone::UTC);
    scopes(&definition, &facts)
        .iter()
        .flat_map(|(scope, facts)| settle(&timeline, scope, facts, Timestamp::MAX))
        .collect()
}

/// The first answer after the last question is not the first answer of all.
#[test]
fn the_first_fact_since_an_anchor_is_looked_for_after_it() {
    let when = "all(answered where kind = answer, elapsed(24h, first answered since last asked))";
    let units = units(
        when,
        &[
            ("05T09:00", "asked question", "buyer"),
            ("05T10:00", "answered answer", "seller"),
            ("05T20:00", "asked question", "buyer"),
            ("05T21:00", "answered answer", "seller"),
            ("05T22:00", "answered answer", "seller"),
        ],
    );
    assert_eq!(
        units[0].movements[0].instant.to_string(),
        "2026-01-06T21:00:00Z"
    );
}

/// A part of `any` that does not hold decides nothing, whoever wrote the facts in it.
#[test]
fn a_part_that_does_not_hold_is_no_cause() {
    let when =
        "any(all(answered where kind = answer, confirmed, closed), answered where kind = answer)";
    let units = units(
        when,
        &[
            ("05T09:00", "confirmed", "buyer"),
            ("05T10:00", "answered answer", "seller"),
        ],
    );
    let movement = &units[0].movements[0];
    assert_eq!(movement.causes.len(), 1, "{:?}", movement.causes);
    assert_eq!(movement.basis.decided_by, Authorship::Seller);
}
