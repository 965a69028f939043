//! Periods from zones and anchor days (semantics.md P3).

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use piecework_pricing::period::{Interval, Period, Rule, Schedule, boundary_of, holding};
use proptest::prelude::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(start: (i16, i8, i8), rules: &[(&str, &str, i8)]) -> Schedule {
    let first = zone(rules[0].1);
    Schedule {
        start: boundary_of(date(start.0, start.1, start.2), &first).unwrap(),
        end: None,
        rules: rules
            .iter()
            .map(|(from, name, anchor_day)| Rule {
                from: at(from),
                zone: zone(name),
                anchor_day: *anchor_day,
                interval: Interval::Month,
            })
            .collect(),
    }
}

fn show(periods: &[Period]) -> Vec<String> {
    periods
        .iter()
        .map(|p| {
            format!(
                "{}..{} {}/{}",
                p.start.date,
                p.end.date,
                p.days(),
                p.whole_days
            )
        })
        .collect()
}

#[test]
fn p3_a_zone_change_leaves_no_gap_and_no_day() {
    // Berlin's March begins six hours before New York's.
    let change = "2026-02-28T23:00:00Z";
    let schedule = schedule(
        (2026, 1, 1),
        &[
            ("2025-12-31T23:00:00Z", "Europe/Berlin", 1),
            (change, "America/New_York", 1),
        ],
    );
    let periods = schedule.periods(at("2026-04-15T00:00:00Z"), None);
    assert_eq!(
        show(&periods),
        [
            "2026-01-01..2026-02-01 31/31",
            "2026-02-01..2026-03-01 28/28",
            "2026-03-01..2026-04-01 31/31",
            "2026-04-01..2026-05-01 30/30",
        ]
    );
    assert_eq!(periods[1].end.at, at(change));
    assert_eq!(periods[2].end.at, at("2026-04-01T04:00:00Z"));
    // The six hours belong to March, whose first day is the longer for it.
    assert_eq!(holding(&periods, at("2026-03-01T02:00:00Z")), Some(2));
    assert_eq!(periods[2].day_start(1), at("2026-03-02T05:00:00Z"));
    assert_eq!(periods[2].first_day_from(at("2026-03-02T05:00:00Z")), 1);
}

#[test]
fn p3_a_zone_change_written_in_the_new_zone_applies_at_the_same_boundary() {
    let rules = [
        ("2025-12-31T23:00:00Z", "Europe/Berlin", 1),
        ("2026-03-01T05:00:00Z", "America/New_York", 1),
    ];
    let periods = schedule((2026, 1, 1), &rules).periods(at("2026-03-15T00:00:00Z"), None);
    assert_eq!(periods[2].end.at, at("2026-04-01T04:00:00Z"));
}

#[test]
fn p3_an_anchor_change_makes_a_stub_at_the_boundary() {
    let rules = [
        ("2026-01-01T00:00:00Z", "UTC", 1),
        ("2026-02-20T00:00:00Z", "UTC", 15),
    ];
    let periods = schedule((2026, 1, 1), &rules).periods(at("2026-04-01T00:00:00Z"), None);
    assert_eq!(
        show(&periods),
        [
            "2026-01-01..2026-02-01 31/31",
            "2026-02-01..2026-03-01 28/28",
            "2026-03-01..2026-03-15 14/28",
            "2026-03-15..2026-04-15 31/31",
        ]
    );
}

#[test]
fn the_anchor_31_is_the_last_day_of_every_month() {
    let periods = schedule((2026, 1, 31), &[("2026-01-31T00:00:00Z", "UTC", 31)]);
    let periods = periods.periods(at("2026-05-01T00:00:00Z"), None);
    assert_eq!(
        show(&periods),
        [
            "2026-01-31..2026-02-28 28/28",
            "2026-02-28..2026-03-31 31/31",
            "2026-03-31..2026-04-30 30/30",
            "2026-04-30..2026-05-31 31/31",
        ]
    );
}

#[test]
fn a_quarter_is_counted_from_the_first_whole_month() {
    let schedule = schedule((2026, 1, 20), &[("2026-01-20T00:00:00Z", "UTC", 1)]);
    let periods = schedule.periods(at("2026-06-01T00:00:00Z"), Some(Interval::Quarter));
    assert_eq!(
        show(&periods),
        [
            "2026-01-20..2026-02-01 12/92",
            "2026-02-01..2026-05-01 89/89",
            "2026-05-01..2026-08-01 92/92"
        ]
    );
}

#[test]
fn p1_tails_go_on_behind_the_end_of_the_term() {
    let mut schedule = schedule((2026, 1, 1), &[("2026-01-01T00:00:00Z", "UTC", 1)]);
    schedule.end = boundary_of(date(2026, 1, 16), &TimeZone::UTC);
    let periods = schedule.periods(at("2026-02-15T00:00:00Z"), None);
    assert_eq!(
        show(&periods),
        [
            "2026-01-01..2026-01-16 15/31",
            "2026-01-16..2026-02-01 16/31",
            "2026-02-01..2026-03-01 28/28"
        ]
    );
    assert_eq!(
        periods.iter().map(|p| p.is_tail).collect::<Vec<_>>(),
        [false, true, true]
    );
}

proptest! {
    /// Whatever the rules, periods touch, and days add up to the calendar's.
    #[test]
    fn every_instant_lies_in_one_period(
        anchors in prop::collection::vec((1i8..=31, 0usize..4, 0i64..900), 1..4),
        probe in 0i64..800,
    ) {
        let zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"];
        let begin = at("2026-01-10T00:00:00Z");
        let mut rules: Vec<Rule> = anchors
            .iter()
            .map(|(day, name, offset)| Rule {
                from: begin + jiff::SignedDuration::from_hours(24 * offset),
                zone: zone(zones[*name]),
                anchor_day: *day,
                interval: Interval::Month,
            })
            .collect();
        rules.sort_by_key(|rule| rule.from);
        rules[0].from = Timestamp::MIN;
        let start = boundary_of(date(2026, 1, 12), &rules[0].zone).unwrap();
        let schedule = Schedule { start, end: None, rules };
        let until = begin + jiff::SignedDuration::from_hours(24 * 900);
        let periods = schedule.periods(until, None);
        for pair in periods.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert!(pair[0].days() > 0 && pair[0].days() <= 62);
        }
        let instant = start.at + jiff::SignedDuration::from_hours(24 * probe + 5);
        let inside = periods.iter().filter(|period| period.holds(instant)).count();
        prop_assert_eq!(inside, 1);
        prop_assert!(holding(&periods, instant).is_some_and(|index| periods[index].holds(instant)));
    }
}
