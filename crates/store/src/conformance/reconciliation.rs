//! Counts by customer, day and source are what was delivered.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use work::Event;
use work::body::Kind;

use super::{arrival, cost, done, event, opened};
use crate::reconciliation::UnitDay;
use crate::{DefaultDocuments, Deliveries, RefusedElsewhere, Store};

const ALWAYS: Range<Date> = Date::MIN..Date::MAX;

fn of(source: &str, event: Event) -> Event {
    Event {
        source: source.into(),
        ..event
    }
}

/// Accepted, duplicate, conflicting and refused.
fn counts(deliveries: &Deliveries) -> [u64; 4] {
    let Deliveries {
        received,
        accepted,
        duplicate,
        conflicting,
        refused,
    } = *deliveries;
    assert_eq!(received, accepted + duplicate + conflicting + refused);
    [accepted, duplicate, conflicting, refused]
}

fn days(book: &dyn Store, customer: &str) -> BTreeMap<(String, String), [u64; 4]> {
    let days = done(book.delivery_days(customer, &ALWAYS)).into_iter();
    days.map(|own| {
        let source = own.source.unwrap_or_default();
        ((own.day.to_string(), source), counts(&own.deliveries))
    })
    .collect()
}

fn key(day: &str, source: &str) -> (String, String) {
    (day.to_owned(), source.to_owned())
}

pub(super) fn deliveries_by_customer_day_and_source(book: &dyn Store) {
    let a = opened("acme", "1", "w1");
    let conflict = event("acme", "1", Kind::Confirmed, "w1", 6, "");
    let elsewhere = of("crm", opened("acme", "2", "w2"));
    let late = Event {
        time: arrival() + SignedDuration::from_hours(100),
        ..opened("acme", "3", "w3")
    };
    let first = [a.clone(), a.clone(), conflict, elsewhere.clone(), late];
    done(book.append(&first, arrival() - SignedDuration::from_nanos(1)));
    let second = [a, elsewhere, cost("bcme", "4", "w4", "1")];
    done(book.append(&second, arrival()));
    let named = RefusedElsewhere {
        customer: Some("acme".to_owned()),
        source: Some("desk".to_owned()),
        deliveries: 2,
    };
    // A name that no event may have is not kept.
    let long = RefusedElsewhere {
        customer: Some("c".repeat(1_000)),
        ..RefusedElsewhere::unnamed(4)
    };
    let refused = [RefusedElsewhere::unnamed(3), named, long];
    done(book.count_refused(&refused, arrival()));

    let (before, after) = ("2026-01-31", "2026-02-01");
    let expected = BTreeMap::from([
        (key(before, "crm"), [1, 0, 0, 0]),
        (key(before, "desk"), [1, 1, 1, 1]),
        (key(after, "crm"), [0, 1, 0, 0]),
        (key(after, "desk"), [0, 1, 0, 2]),
    ]);
    let unnamed = BTreeMap::from([(key(after, ""), [0, 0, 0, 7])]);
    for round in 0..2 {
        assert_eq!(days(book, "acme"), expected, "{round}");
        assert_eq!(days(book, ""), unnamed, "{round}");
        // Whether it was counted as it came or again from the journal.
        done(book.rebuild());
    }
    assert_eq!(
        done(book.delivery_totals(None, &ALWAYS)),
        done(book.deliveries())
    );
    let own = done(book.delivery_totals(Some("acme"), &ALWAYS));
    assert_eq!(counts(&own), [2, 3, 1, 3]);
    let day = date(2026, 2, 1);
    let by_customer = |after: Option<&str>, rows| {
        let found = done(book.delivery_customers(&(day..Date::MAX), after, rows));
        let found = found.into_iter();
        found
            .map(|(name, own)| (name, counts(&own)))
            .collect::<Vec<_>>()
    };
    let (nobody, acme) = (
        (String::new(), [0, 0, 0, 7]),
        ("acme".to_owned(), [0, 2, 0, 2]),
    );
    let bcme = ("bcme".to_owned(), [1, 0, 0, 0]);
    assert_eq!(by_customer(None, 2), [nobody, acme.clone()]);
    assert_eq!(by_customer(Some(""), 9), [acme, bcme]);
    let source = |day, customer| counts(&done(book.source_deliveries("desk", day, customer)));
    assert_eq!(source(day, None), [1, 1, 0, 2]);
    assert_eq!(source(day, Some("bcme")), [1, 0, 0, 0]);
    assert_eq!(source(date(2026, 1, 30), None), [0; 4]);
}

pub(super) fn units_by_day_and_what_waits(book: &dyn Store) {
    done(book.set_default_documents(&DefaultDocuments {
        definitions: vec![super::definition("cases", "\"work\"", "\"none\"", "72h")],
        ..DefaultDocuments::default()
    }));
    let on = |id: &str, kind, work: &str, day| event("acme", id, kind, work, day, "");
    let events = [
        on("1", Kind::Opened, "w1", 6),
        event("acme", "8", Kind::Answered, "w1", 6, r#""kind":"answer""#),
        on("2", Kind::Confirmed, "w1", 7),
        on("3", Kind::Opened, "w2", 6),
        on("4", Kind::Opened, "w3", 8),
        cost("acme", "5", "", "1"),
        cost("acme", "6", "w1", "1"),
        cost("_unassigned", "7", "", "1"),
    ];
    done(book.append(&events, arrival()));
    let at = |text: &str| done::<Timestamp, _>(text.parse());
    let days = |as_of| {
        let all = done(book.unit_days("acme", &ALWAYS, at(as_of)));
        for own in &all {
            let UnitDay {
                opened,
                pending,
                counted,
                reversed,
                not_counted,
                ..
            } = own;
            assert_eq!(*opened, pending + counted + reversed + not_counted);
        }
        let all = all.into_iter();
        all.map(|own| (own.day.to_string(), own.pending, own.counted))
            .collect::<Vec<_>>()
    };
    let (sixth, eighth) = ("2026-01-06".to_owned(), "2026-01-08".to_owned());
    let later = [(sixth.clone(), 1, 1), (eighth.clone(), 1, 0)];
    assert_eq!(days("2026-01-09T00:00:00Z"), later);
    // Before it was confirmed it waited; what is yet to be opened waits as well.
    assert_eq!(
        days("2026-01-06T10:00:00Z"),
        [(sixth.clone(), 2, 0), (eighth.clone(), 1, 0)]
    );
    // What nobody answered was given up after ten days.
    assert_eq!(
        days("2026-01-18T10:00:00Z"),
        [(sixth, 0, 1), (eighth, 0, 0)]
    );
    assert_eq!(done(book.unit_days("none", &ALWAYS, arrival())), []);

    let waiting = done(book.waiting(Some("acme"), at("2026-01-09T09:00:00Z")));
    assert_eq!(waiting.pending, [0, 1, 1, 0, 0]);
    assert_eq!(waiting.without_work.iter().sum::<u64>(), 1);
    assert_eq!(waiting.unassigned, [0; 5]);
    let all = done(book.waiting(None, at("2026-01-12T10:00:00Z")));
    assert_eq!(all.pending, [0, 0, 2, 0, 0]);
    assert_eq!(all.unassigned, [0, 0, 1, 0, 0]);
    let all = done(book.waiting(None, arrival() + SignedDuration::from_hours(40 * 24)));
    assert_eq!((all.pending, all.unassigned), ([0; 5], [0, 0, 0, 0, 1]));
    assert_eq!(
        done(book.waiting(None, at("2026-01-06T10:00:00Z"))).pending,
        [2, 0, 0, 0, 0]
    );
}
