//! What the journal must do: keep each event once, in its log, in order.

use work::body::Kind;
use work::effective::{Content, resolve};
use work::limits::{CONFLICTS_MAX, EVENT_BYTES_MAX};
use work::{Event, LogKind};

use super::{accepted, append, arrival, correction, cost, done, event, ids, opened, refused_at};
use crate::limits::BATCH_EVENTS_MAX;
use crate::{Deliveries, Entry, FactKind, FactsOf, Outcome, RefusedElsewhere, Store, StoreError};

pub(super) fn an_empty_book(book: &dyn Store) {
    assert_eq!(done(book.deliveries()), Deliveries::default());
    assert_eq!(done(book.head("acme", LogKind::Shared)), 0);
    assert_eq!(done(book.entry("acme", LogKind::Shared, 0)), None);
    assert_eq!(done(book.find("acme", "desk", "1")), None);
    assert_eq!(
        done(book.entries("acme", LogKind::Shared, 0..10)).count(),
        0
    );
    assert_eq!(done(book.work_entries("acme", "w1")).count(), 0);
    assert_eq!(
        done(book.facts("acme", FactKind::Cost, FactsOf::Customer)).count(),
        0
    );
    assert!(done(book.customers(None, 10)).is_empty());
    assert_eq!(append(book, &[]), []);
    done(book.probe());
    done(book.count_refused(&[RefusedElsewhere::unnamed(3)], arrival()));
    let refused = Deliveries {
        received: 3,
        refused: 3,
        ..Deliveries::default()
    };
    assert_eq!(done(book.deliveries()), refused);
}

pub(super) fn an_event_counts_once(book: &dyn Store) {
    let (a, b) = (opened("acme", "1", "w1"), opened("acme", "2", "w2"));
    let outcomes = append(book, &[a.clone(), a.clone(), b.clone()]);
    let first = accepted(LogKind::Shared, 0);
    let again = Outcome::Duplicate {
        log: LogKind::Shared,
        index: 0,
    };
    assert_eq!(
        outcomes,
        [first, again.clone(), accepted(LogKind::Shared, 1)]
    );
    let later = done(book.append(
        &[b.clone(), a.clone()],
        arrival() + jiff::SignedDuration::from_hours(5),
    ));
    assert_eq!(
        later,
        [
            Outcome::Duplicate {
                log: LogKind::Shared,
                index: 1
            },
            again
        ]
    );
    assert_eq!(done(book.head("acme", LogKind::Shared)), 2);
    let found = done(book.find("acme", "desk", "2"));
    let found = found.unwrap_or_else(|| panic!("not found"));
    assert_eq!(
        (found.log, found.contents),
        (LogKind::Shared, vec![(1, b.digest())])
    );
    let expected = Entry {
        log: LogKind::Shared,
        index: 1,
        received_at: arrival(),
        conflict: false,
        event: b,
    };
    assert_eq!(done(book.entry("acme", LogKind::Shared, 1)), Some(expected));
    let counts = Deliveries {
        received: 5,
        accepted: 2,
        duplicate: 3,
        ..Deliveries::default()
    };
    assert_eq!(done(book.deliveries()), counts);
}

pub(super) fn s4_conflicts_are_kept_and_marked(book: &dyn Store) {
    let says_yes = event("acme", "7", Kind::Confirmed, "w1", 6, "");
    let says_no = event("acme", "7", Kind::Rejected, "w1", 6, "");
    let conflict = Outcome::Conflict {
        log: LogKind::Shared,
        index: 1,
        first: 0,
    };
    let outcomes = append(book, &[says_yes.clone(), says_no.clone()]);
    assert_eq!(outcomes, [accepted(LogKind::Shared, 0), conflict]);
    // The further content again is a duplicate of itself.
    let again = Outcome::Duplicate {
        log: LogKind::Shared,
        index: 1,
    };
    assert_eq!(append(book, std::slice::from_ref(&says_no)), [again]);
    let marks: Vec<bool> = done(book.entries("acme", LogKind::Shared, 0..9))
        .map(|entry| done(entry).conflict)
        .collect();
    assert_eq!(marks, [false, true]);
    let standing = |book: &dyn Store| {
        let contents = done(book.work_entries("acme", "w1"))
            .map(done)
            .map(|entry| Content {
                entry: entry.index,
                event: entry.event,
            })
            .collect();
        let facts = resolve(contents).facts;
        facts.into_iter().map(|fact| fact.event).collect::<Vec<_>>()
    };
    assert_eq!(standing(book), std::slice::from_ref(&says_yes));
    append(book, &[correction("c1", &says_no, "choose", None)]);
    assert_eq!(standing(book), std::slice::from_ref(&says_no));
    // Contents are kept up to a bound, then refused.
    for number in 2..CONFLICTS_MAX {
        let data = format!(r#""reason":"{number}""#);
        let outcome = &append(book, &[event("acme", "7", Kind::Rejected, "w1", 6, &data)])[0];
        assert!(
            matches!(outcome, Outcome::Conflict { first: 0, .. }),
            "{outcome:?}"
        );
    }
    let further = event(
        "acme",
        "7",
        Kind::Rejected,
        "w1",
        6,
        r#""reason":"one too many""#,
    );
    assert_eq!(refused_at(&append(book, &[further])[0]), "/id");
    assert!(matches!(
        append(book, &[says_yes])[0],
        Outcome::Duplicate { index: 0, .. }
    ));
}

pub(super) fn events_are_refused_one_by_one(book: &dyn Store) {
    let good = opened("acme", "1", "w1");
    let mut early = opened("acme", "2", "w1");
    early.time = arrival() + jiff::SignedDuration::from_hours(25);
    let mut empty_source = opened("acme", "3", "w1");
    empty_source.source = work::SmolStr::default();
    let mut no_scope = opened("acme", "4", "w1");
    no_scope.work = None;
    let text = "x".repeat(EVENT_BYTES_MAX);
    let mut large = event(
        "acme",
        "5",
        Kind::DocumentPublished,
        "",
        6,
        r#""kind":"plan","text":"t","by":"cfo""#,
    );
    if let work::Body::Control(work::body::Control::DocumentPublished { text: own, .. }) =
        &mut large.body
    {
        *own = text;
    }
    let outcomes = append(book, &[early, empty_source, no_scope, large, good]);
    assert_eq!(refused_at(&outcomes[0]), "/time");
    assert_eq!(refused_at(&outcomes[1]), "/source");
    assert_eq!(refused_at(&outcomes[2]), "/workid");
    assert_eq!(refused_at(&outcomes[3]), "");
    assert_eq!(outcomes[4], accepted(LogKind::Shared, 0));
    let too_many = vec![opened("acme", "6", "w1"); BATCH_EVENTS_MAX + 1];
    let error = book.append(&too_many, arrival());
    assert!(
        matches!(error, Err(StoreError::TooMany { .. })),
        "{error:?}"
    );
    let counts = Deliveries {
        received: 5,
        accepted: 1,
        refused: 4,
        ..Deliveries::default()
    };
    assert_eq!(done(book.deliveries()), counts);
}

pub(super) fn l2_corrections_stay_in_their_log(book: &dyn Store) {
    let price = cost("acme", "k1", "w1", "0.10");
    let work = opened("acme", "1", "w1");
    let lower = cost("acme", "k1", "w1", "0.08");
    let mut wrong_log = correction("c1", &price, "void", None);
    if let work::Body::Corrected { target_kind, .. } = &mut wrong_log.body {
        *target_kind = Kind::Opened;
    }
    // The target stands in the same batch, or before it.
    let outcomes = append(book, &[price.clone(), work.clone(), wrong_log.clone()]);
    assert_eq!(outcomes[0], accepted(LogKind::Seller, 0));
    assert_eq!(refused_at(&outcomes[2]), "/data/target");
    assert_eq!(refused_at(&append(book, &[wrong_log])[0]), "/data/target");
    let right_log = correction("c1", &price, "replace", Some(&lower));
    assert_eq!(append(book, &[right_log]), [accepted(LogKind::Seller, 1)]);
    // A correction may come before its target.
    let unseen = opened("acme", "later", "w1");
    let before = correction("c2", &unseen, "void", None);
    assert_eq!(append(book, &[before]), [accepted(LogKind::Shared, 1)]);
    // One identity lives in one log.
    let mut taken = work;
    taken.id = "k1".into();
    assert_eq!(refused_at(&append(book, &[taken])[0]), "/id");
}

pub(super) fn logs_do_not_mix(book: &dyn Store) {
    // Names that are the beginning of each other, and the same identity for each customer.
    let customers = ["a", "ab", "ab/c", "ü", "_unassigned"];
    let events: Vec<Event> = customers
        .iter()
        .flat_map(|customer| {
            [
                opened(customer, "1", "w1"),
                cost(customer, "k1", "w1", "0.10"),
            ]
        })
        .collect();
    for outcome in append(book, &events) {
        assert!(
            matches!(outcome, Outcome::Accepted { index: 0, .. }),
            "{outcome:?}"
        );
    }
    for customer in customers {
        for (log, id) in [(LogKind::Shared, "1"), (LogKind::Seller, "k1")] {
            assert_eq!(done(book.head(customer, log)), 1);
            let entries: Vec<Entry> = done(book.entries(customer, log, 0..u64::MAX))
                .map(done)
                .collect();
            assert_eq!(entries.len(), 1);
            assert_eq!(
                (&*entries[0].event.customer, &*entries[0].event.id),
                (customer, id)
            );
        }
        assert_eq!(ids(done(book.work_entries(customer, "w1"))), ["1", "k1"]);
    }
}

pub(super) fn ranges_of_entries(book: &dyn Store) {
    let events: Vec<Event> = (0..1_000)
        .map(|number| opened("acme", &number.to_string(), "w1"))
        .collect();
    append(book, &events);
    append(book, &[opened("acmf", "x", "w1")]);
    let range = |from, to| ids(done(book.entries("acme", LogKind::Shared, from..to)));
    assert_eq!(range(0, 3), ["0", "1", "2"]);
    assert_eq!(range(255, 258), ["255", "256", "257"]);
    assert_eq!(range(998, u64::MAX), ["998", "999"]);
    assert!(range(5, 5).is_empty() && range(7, 5).is_empty() && range(1_000, 1_001).is_empty());
    // A reading stands still while the log grows.
    let reading = done(book.entries("acme", LogKind::Shared, 0..u64::MAX));
    append(book, &[opened("acme", "new", "w1")]);
    assert_eq!(ids(reading).len(), 1_000);
}
