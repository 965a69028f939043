//! Sums by day are those over the works and costs that there are.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use money::{Amount, Quantity};
use work::body::{Body, Control, DocumentKind, Kind};
use work::event::UNASSIGNED;
use work::settle::{State, Unit};
use work::{Digest, Event};

use super::units::{Draw, definition, feed};
use super::{append, correction, cost, done, event};
use crate::reconciliation::UnitDay;
use crate::{DefaultDocuments, FactKind, FactsOf, Store, UnitsOf};

const ALWAYS: Range<Date> = Date::MIN..Date::MAX;

fn day(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

fn units(book: &dyn Store, customers: &[&str]) -> Vec<Unit> {
    let all = customers
        .iter()
        .flat_map(|own| done(book.units(own, UnitsOf::Customer)));
    all.map(|own| done(own).unit).collect()
}

type Counted = BTreeMap<(Date, String, String, String), Quantity>;

fn counted(book: &dyn Store, customer: Option<&str>, as_of: Timestamp) -> Counted {
    let days = done(book.counted_days(customer, &ALWAYS, as_of)).into_iter();
    let rows = days.map(|own| {
        let decided_by = own.decided_by.word().to_owned();
        let key = (
            own.day,
            own.unit.to_string(),
            own.class.to_string(),
            decided_by,
        );
        (key, own.quantity)
    });
    rows.collect()
}

fn counted_one_by_one(units: &[Unit], as_of: Timestamp) -> Counted {
    let mut sums = Counted::new();
    for unit in units {
        for own in unit.movements.iter().filter(|own| own.instant <= as_of) {
            let decided_by = own.basis.decided_by.word().to_owned();
            let day = day(own.counted_at);
            let key = (
                day,
                unit.key.unit.to_string(),
                own.class.to_string(),
                decided_by,
            );
            let sum = sums.entry(key).or_default();
            *sum = done(sum.plus(own.quantity));
        }
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

fn standing_one_by_one(units: &[Unit], as_of: Timestamp) -> Vec<UnitDay> {
    let mut days: BTreeMap<Date, UnitDay> = BTreeMap::new();
    for unit in units.iter().filter(|own| own.opened <= as_of) {
        let opened = day(unit.opened);
        let state = match unit.state_at(as_of) {
            State::Pending => "pending",
            State::Counted(_) => "counted",
            State::Reversed => "reversed",
            State::NotCounted(_) => "not_counted",
        };
        let own = days.entry(opened).or_insert_with(|| UnitDay::none(opened));
        own.add(Some(state), 1);
    }
    days.into_values().collect()
}

pub(super) fn works_by_day_are_the_works_one_by_one(book: &dyn Store) {
    let documents = DefaultDocuments {
        definitions: vec![
            definition("by.work", r#""work""#, r#""none""#, "30h"),
            definition("by.user", r#""channel", "user""#, r#""reopen""#, "30h"),
        ],
        ..DefaultDocuments::default()
    };
    done(book.set_default_documents(&documents));
    let mut draw = Draw(0x0bad_5eed_0bad_5eed);
    let customers = ["a", "b"];
    let mut moments = 0;
    for round in 0..6 {
        for customer in customers {
            let events = feed(customer, 60, &mut draw).into_iter();
            let events = events.map(|own| Event {
                id: format!("{round}/{}", own.id).as_str().into(),
                ..own
            });
            append(book, &events.collect::<Vec<_>>());
        }
        // Facts come between nine and nineteen: later on a day only deadlines decide.
        for as_of in [
            "2026-01-05T20:00:00Z",
            "2026-01-17T22:30:00Z",
            "2026-01-31T23:59:59.999999999Z",
            "2026-03-01T00:00:00Z",
        ] {
            let as_of: Timestamp = done(as_of.parse());
            for (customer, of) in [
                (None, &customers[..]),
                (Some("a"), &customers[..1]),
                (Some("nobody"), &[]),
            ] {
                let units = units(book, of);
                let expected = counted_one_by_one(&units, as_of);
                assert_eq!(counted(book, customer, as_of), expected, "{round} {as_of}");
                moments += expected.len();
                let standing = done(book.standing_days(customer, None, &ALWAYS, as_of));
                assert_eq!(
                    standing,
                    standing_one_by_one(&units, as_of),
                    "{round} {as_of}"
                );
                let by_work: Vec<Unit> = units
                    .iter()
                    .filter(|own| own.key.unit == "by.work")
                    .cloned()
                    .collect();
                let standing_by_work =
                    book.standing_days(customer, Some("by.work"), &ALWAYS, as_of);
                assert_eq!(done(standing_by_work), standing_one_by_one(&by_work, as_of));
                let some = date(2026, 1, 10)..date(2026, 1, 12);
                let mut within = standing;
                within.retain(|own| some.contains(&own.day));
                assert_eq!(
                    done(book.standing_days(customer, None, &some, as_of)),
                    within
                );
            }
        }
        let end: Timestamp = done("2026-03-01T00:00:00Z".parse());
        let before = counted(book, None, end);
        match round {
            2 => done(book.rebuild()),
            3 => {
                // Under no definition nothing counts, and what counted is gone.
                done(book.set_default_documents(&DefaultDocuments::default()));
                assert_eq!(counted(book, None, end), Counted::new());
                assert_eq!(done(book.standing_days(None, None, &ALWAYS, end)), []);
                done(book.set_default_documents(&documents));
            }
            _ => continue,
        }
        assert_eq!(counted(book, None, end), before);
    }
    assert!(moments > 100, "{moments} sums show too little");
}

/// By day and line: entries, and the amount where one is claimed.
fn costs(
    book: &dyn Store,
    customer: Option<&str>,
) -> Vec<(String, &'static str, u64, Option<Amount>)> {
    let days = done(book.cost_days(customer, &ALWAYS)).into_iter();
    days.map(|own| {
        (
            own.day.to_string(),
            own.line.word(),
            own.entries,
            own.amount,
        )
    })
    .collect()
}

pub(super) fn costs_by_day_are_the_costs_one_by_one(book: &dyn Store) {
    let of = |id: &str, day, data: &str| event("acme", id, Kind::CostRecorded, "w1", day, data);
    let usd = |text: &str| -> Option<Amount> { Some(done(text.parse())) };
    let model = |id: &str, day| {
        of(
            id,
            day,
            r#""line":"model","model":"m","tokens":{"input":"5"}"#,
        )
    };
    let first = cost("acme", "1", "w1", "0.10");
    let third = cost("acme", "3", "w1", "4");
    append(
        book,
        &[
            first.clone(),
            cost("acme", "2", "w1", "0.0000002"),
            third.clone(),
            of("4", 7, r#""line":"infra","amount":"2 EUR""#),
            of("5", 7, r#""line":"support","amount":"0 USD""#),
            model("6", 7),
            model("7", 8),
            of("8", 8, r#""line":"model","amount":"0 USD""#),
            cost(UNASSIGNED, "9", "", "1"),
        ],
    );
    let six = "2026-01-06".to_owned();
    let (seven, eight) = ("2026-01-07".to_owned(), "2026-01-08".to_owned());
    let rest = [
        (seven.clone(), "infra", 1, usd("2 EUR")),
        (seven.clone(), "model", 1, None),
        (seven.clone(), "support", 1, usd("0 USD")),
        (eight.clone(), "model", 2, None),
    ];
    let with = |first| {
        let mut all = vec![first];
        all.extend(rest.clone());
        all
    };
    let own = with((six.clone(), "model", 3, usd("4.1000002 USD")));
    assert_eq!(costs(book, Some("acme")), own);
    assert_eq!(
        costs(book, None),
        with((six.clone(), "model", 4, usd("5.1000002 USD")))
    );
    assert_eq!(costs(book, Some("nobody")), []);
    // What is taken back or replaced is in no sum, and of two contents of one name the one that stands is.
    let replacement = cost("acme", "3", "w1", "7");
    let another = cost("acme", "2", "w1", "100");
    append(
        book,
        &[
            correction("c1", &first, "void", None),
            correction("c2", &third, "replace", Some(&replacement)),
            another,
        ],
    );
    let own = with((six.clone(), "model", 2, usd("7.0000002 USD")));
    for round in 0..2 {
        assert_eq!(costs(book, Some("acme")), own, "{round}");
        assert_eq!(
            costs(book, None),
            with((six.clone(), "model", 3, usd("8.0000002 USD")))
        );
        let sum = |customer: &str| {
            let facts = done(book.facts(customer, FactKind::Cost, FactsOf::Customer));
            let amounts = facts.filter_map(|own| match done(own).event.body {
                Body::Cost(cost) => cost.amount,
                _ => None,
            });
            let mut sum = Quantity::ZERO;
            for own in amounts.filter(|own| own.currency().code() == "USD") {
                sum = done(sum.plus(own.value()));
            }
            sum
        };
        assert_eq!(sum("acme").to_string(), "7.0000002", "{round}");
        done(book.rebuild());
    }
    let unclaimed = |customer, days: Range<Date>, rows| {
        let facts = done(book.unclaimed_costs(customer, &days, rows));
        facts
            .map(|own| done(own).event.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(unclaimed(None, ALWAYS, 9), ["6", "7", "8"]);
    assert_eq!(unclaimed(Some("acme"), ALWAYS, 2), ["6", "7"]);
    assert_eq!(unclaimed(Some(UNASSIGNED), ALWAYS, 9).len(), 0);
    assert_eq!(
        unclaimed(None, date(2026, 1, 8)..date(2026, 1, 9), 9),
        ["7", "8"]
    );
}

pub(super) fn works_and_documents_are_found_over_all_customers(book: &dyn Store) {
    done(book.set_default_documents(&DefaultDocuments {
        definitions: vec![definition("cases", r#""work""#, r#""none""#, "72h")],
        ..DefaultDocuments::default()
    }));
    let opened = |customer: &str, work: &str| event(customer, work, Kind::Opened, work, 6, "");
    append(
        book,
        &[
            opened("acme", "w1"),
            opened("bcme", "w1"),
            opened("bcme", "w2"),
            opened("ccme", "w1"),
        ],
    );
    let customers = |work: &str, after, rows| done(book.customers_of_work(work, after, rows));
    assert_eq!(customers("w1", None, 2), ["acme", "bcme"]);
    assert_eq!(customers("w1", Some("bcme"), 2), ["ccme"]);
    assert_eq!(customers("w2", None, 9), ["bcme"]);
    assert!(customers("w3", None, 9).is_empty());

    let published = |customer: &str, id: &str, text: &str, document| Event {
        id: id.into(),
        source: work::event::PIECEWORK.into(),
        work: None,
        headers: work::Headers::default(),
        body: Body::Control(Control::DocumentPublished {
            document,
            text: text.to_owned(),
            audience: work::body::Audience::Shared,
            by: "it".to_owned(),
        }),
        ..opened(customer, "w1")
    };
    let definition = DocumentKind::Definition;
    append(
        book,
        &[
            published("acme", "d1", "one", definition),
            published("acme", "d2", "two", definition),
            published("bcme", "d1", "one", definition),
            published("bcme", "d3", "a plan", DocumentKind::Plan),
        ],
    );
    let found = |kind, rows| {
        let found = done(book.published(kind, rows)).into_iter();
        let mut found: Vec<(String, u64)> = found
            .inspect(|own| assert_eq!(own.digest, Digest::of(own.text.as_bytes())))
            .map(|own| (own.text, own.customers))
            .collect();
        found.sort();
        found
    };
    let (one, two) = (("one".to_owned(), 2), ("two".to_owned(), 1));
    assert_eq!(found(definition, 9), [one, two]);
    assert_eq!(found(definition, 1).len(), 1);
    assert_eq!(found(DocumentKind::Plan, 9), [("a plan".to_owned(), 1)]);
    assert!(found(DocumentKind::Contract, 9).is_empty());
}
