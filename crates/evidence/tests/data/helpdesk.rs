//! A help desk's tickets: somebody takes charge again after the first "Resolve ticket". A window of 72
//! hours hides a large part of it.

use std::collections::BTreeMap;

use piecework_evidence::Confidence;
use piecework_evidence::rate::Share;

use crate::support::{Table, data, decimals};

/// Seconds since 0000-03-01 of `2010-01-13T08:40:25Z` (days by H. Hinnant's civil calendar).
fn seconds(timestamp: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| timestamp[range].parse::<i64>().unwrap();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    86_400 * days + 3_600 * part(11..13) + 60 * part(14..16) + part(17..19)
}

#[test]
fn what_a_window_hides() {
    let Some(path) = data("helpdesk-italy/events.csv") else {
        return;
    };
    let table = Table::read(&path);
    let mut tickets: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for row in table.rows() {
        let event = (seconds(row.text("timestamp")), row.text("activity"));
        tickets.entry(row.text("case_id")).or_default().push(event);
    }
    assert_eq!(tickets.len(), 4_580);
    let mut resolved = 0;
    let mut hours_until_reopened = Vec::new();
    for events in tickets.values() {
        let at = |activity: &'static str| events.iter().filter(move |event| event.1 == activity);
        let Some(first) = at("Resolve ticket").map(|event| event.0).min() else {
            continue;
        };
        resolved += 1;
        let again = at("Take in charge ticket")
            .map(|event| event.0)
            .filter(|at| *at > first)
            .min();
        hours_until_reopened.extend(again.map(|at| (at - first) as f64 / 3_600.0));
    }
    assert_eq!(resolved, 4_569);
    // pandas; of all 149 a window of three days sees 85, one of a week 114.
    for (hours, reopened) in [
        (24.0, 64),
        (72.0, 85),
        (168.0, 114),
        (336.0, 130),
        (720.0, 146),
    ] {
        let seen = hours_until_reopened
            .iter()
            .filter(|gap| **gap <= hours)
            .count() as u64;
        assert_eq!(seen, reopened, "{hours} h");
    }
    assert_eq!(hours_until_reopened.len(), 149);
    let within_72 = Share::new(85, resolved).unwrap();
    let ever = Share::new(149, resolved).unwrap();
    decimals(100.0 * within_72.rate(), 1.86, 2);
    decimals(100.0 * ever.rate(), 3.26, 2);
    // More than the sampling error of the rate that the window shows.
    assert!(within_72.wilson(Confidence::P95).high < ever.wilson(Confidence::P95).low);
}
