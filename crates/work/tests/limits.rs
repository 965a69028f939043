//! Limits that no other test crosses: each reached, and crossed by one.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use jiff::{SignedDuration, Timestamp};
use piecework_work::effective::{Content, resolve};
use piecework_work::limits::{
    APPROVED_ENTRIES_MAX, CORRECTION_DEPTH_MAX, FUTURE_HOURS_MAX, SPAN_DAYS_MAX,
};
use piecework_work::{Event, Span};

/// The days are counted whole: `docs/reference/recompute/definitions.md`.
#[test]
fn a_span_is_at_most_ten_years() {
    for (unit, a_day) in [('d', 1), ('h', 24), ('m', 24 * 60)] {
        let first_over = (SPAN_DAYS_MAX + 1) * a_day;
        let longest = format!("{}{unit}", first_over - 1);
        assert_eq!(longest.parse::<Span>().unwrap().to_string(), longest);
        let over = format!("{first_over}{unit}");
        assert!(over.parse::<Span>().is_err(), "{over}");
    }
}

#[test]
fn an_event_is_at_most_a_day_ahead_of_its_arrival() {
    let event = answered();
    let arrival = event.time - SignedDuration::from_hours(FUTURE_HOURS_MAX);
    assert!(event.check_arrival(arrival).is_ok());
    let before: Timestamp = arrival - SignedDuration::from_nanos(1);
    let refused = event.check_arrival(before).unwrap_err();
    assert_eq!(refused.pointer, "/time");
}

#[test]
fn an_approval_names_at_most_so_many_entries() {
    let names = |count: usize| {
        let done: Vec<String> = (0..count).map(|own| format!("\"credit/{own}\"")).collect();
        let text = format!(
            r#"{{"specversion":"1.0","id":"p/decided","source":"piecework","type":"piecework.approval.decided.v1","subject":"acme","time":"2026-01-05T10:00:00Z","data":{{"proposal":"p","answer":"approved","by":"cfo","done":[{}]}}}}"#,
            done.join(",")
        );
        Event::parse(&text)
            .map(drop)
            .map_err(|refused| refused.pointer)
    };
    assert_eq!(names(APPROVED_ENTRIES_MAX), Ok(()));
    let over = names(APPROVED_ENTRIES_MAX + 1);
    assert_eq!(over, Err("/data/done".into()));
}

fn answered() -> Event {
    let text = r#"{"specversion":"1.0","id":"000","source":"desk","type":"piecework.work.answered.v1","subject":"acme","time":"2026-01-05T10:00:00Z","workid":"w1"}"#;
    Event::parse(text).unwrap()
}

fn void(id: usize, target: &Event) -> Event {
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id:03}","source":"desk","type":"piecework.event.corrected.v1","subject":"acme","time":"2026-01-06T10:00:00Z","data":{{"action":"void","target":{{"source":"desk","id":"{}","digest":"{}","type":"{}"}}}}}}"#,
        target.id,
        target.digest(),
        target.body.kind(),
    );
    Event::parse(&text).unwrap()
}

/// Each correction voids the one before, and the first voids a fact: it stands where they are even in
/// number. What is further from the fact than is followed changes nothing any more.
#[test]
fn corrections_of_corrections_are_followed_so_far() {
    let stands = |corrections: usize, reversed: bool| {
        let mut events = vec![answered()];
        for id in 1..=corrections {
            events.push(void(id, &events[id - 1]));
        }
        if reversed {
            events.reverse();
        }
        let contents = events.into_iter().zip(0..);
        let contents = contents.map(|(event, entry)| Content { entry, event });
        !resolve(contents.collect()).facts.is_empty()
    };
    for reversed in [false, true] {
        for corrections in 0..=CORRECTION_DEPTH_MAX + 1 {
            let even = corrections % 2 == 0;
            assert_eq!(stands(corrections, reversed), even, "{corrections}");
        }
        for beyond in [CORRECTION_DEPTH_MAX + 2, CORRECTION_DEPTH_MAX + 3, 500] {
            let as_far = stands(CORRECTION_DEPTH_MAX + 1, reversed);
            assert_eq!(stands(beyond, reversed), as_far, "{beyond}");
        }
    }
}
