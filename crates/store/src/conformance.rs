//! What every store must do, whatever it keeps its book in: one suite for all implementations.
//!
//! [`conformance`] runs each check on a book of its own and panics, as a test does, where one fails.

use jiff::Timestamp;
use work::body::Kind;
use work::effective::{Content, resolve};
use work::limits::{CONFLICTS_MAX, EVENT_BYTES_MAX};
use work::{Event, Header, LogKind};

use crate::limits::BATCH_EVENTS_MAX;
use crate::{Deliveries, Entry, FactKind, Outcome, Store, StoreError};

type Check = fn(&dyn Store);

/// Runs every check on books that `make` makes, each empty.
///
/// # Panics
/// Where the store does not conform.
#[allow(clippy::missing_panics_doc)]
pub fn conformance(make: impl Fn() -> Box<dyn Store>) {
    let checks: [(&str, Check); 11] = [
        ("an empty book", an_empty_book),
        ("an event counts once", an_event_counts_once),
        (
            "s4: conflicts are kept and marked",
            s4_conflicts_are_kept_and_marked,
        ),
        (
            "events are refused one by one",
            events_are_refused_one_by_one,
        ),
        (
            "l2: corrections stay in the log of their target",
            l2_corrections_stay_in_their_log,
        ),
        ("logs do not mix", logs_do_not_mix),
        ("ranges of entries", ranges_of_entries),
        ("entries of a work", entries_of_a_work),
        ("facts that stand", facts_that_stand),
        ("customers", customers),
        ("a rebuilt state is the same", a_rebuilt_state_is_the_same),
    ];
    for (name, check) in checks {
        let book = make();
        check(book.as_ref());
        let deliveries = done(book.deliveries());
        let sum = deliveries.accepted
            + deliveries.duplicate
            + deliveries.conflicting
            + deliveries.refused;
        assert_eq!(deliveries.received, sum, "{name}: {deliveries:?}");
        let health = done(book.doctor());
        assert!(health.findings.is_empty(), "{name}: {:?}", health.findings);
        assert_eq!(
            health.entries,
            deliveries.accepted + deliveries.conflicting,
            "{name}"
        );
    }
}

/// An event for tests: `kind` with the members of `data`, of one work, on a day of January 2026.
///
/// # Panics
/// Where the parts do not make an event.
#[must_use]
pub fn event(customer: &str, id: &str, kind: Kind, work: &str, day: u32, data: &str) -> Event {
    let work = if work.is_empty() {
        String::new()
    } else {
        format!(r#","workid":"{work}""#)
    };
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"{}","subject":"{customer}","time":"2026-01-{day:02}T09:00:00Z"{work},"data":{{{data}}}}}"#,
        kind.wire()
    );
    match Event::parse(&text) {
        Ok(event) => event,
        Err(error) => panic!("{text}: {error}"),
    }
}

/// The correction of `target` by `action`, with a replacement where there is one.
///
/// The correction of a correction names the type of what is corrected in the end, which decides the
/// log of both.
///
/// # Panics
/// Where the parts do not make an event.
#[must_use]
pub fn correction(id: &str, target: &Event, action: &str, replacement: Option<&Event>) -> Event {
    let replacement = replacement.map(|event| format!(r#","replacement":{}"#, event.canonical()));
    let kind = match &target.body {
        work::Body::Corrected { target_kind, .. } => target_kind.wire(),
        body => body.kind(),
    };
    let data = format!(
        r#""target":{{"source":"{}","id":"{}","digest":"{}","type":"{kind}"}},"action":"{action}"{}"#,
        target.source,
        target.id,
        target.digest(),
        replacement.unwrap_or_default()
    );
    event(&target.customer, id, Kind::Corrected, "", 20, &data)
}

fn arrival() -> Timestamp {
    done("2026-02-01T00:00:00Z".parse())
}

fn done<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

fn append(book: &dyn Store, events: &[Event]) -> Vec<Outcome> {
    done(book.append(events, arrival()))
}

fn accepted(log: LogKind, index: u64) -> Outcome {
    Outcome::Accepted { log, index }
}

fn refused_at(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused { pointer, .. } => pointer,
        other => panic!("not refused: {other:?}"),
    }
}

fn opened(customer: &str, id: &str, work: &str) -> Event {
    event(customer, id, Kind::Opened, work, 6, "")
}

fn cost(customer: &str, id: &str, work: &str, amount: &str) -> Event {
    let data = format!(r#""line":"model","amount":"{amount} USD""#);
    event(customer, id, Kind::CostRecorded, work, 6, &data)
}

fn ids(entries: impl Iterator<Item = Result<Entry, StoreError>>) -> Vec<String> {
    entries.map(|entry| done(entry).event.id).collect()
}

fn an_empty_book(book: &dyn Store) {
    assert_eq!(done(book.deliveries()), Deliveries::default());
    assert_eq!(done(book.head("acme", LogKind::Shared)), 0);
    assert_eq!(done(book.entry("acme", LogKind::Shared, 0)), None);
    assert_eq!(done(book.find("acme", "desk", "1")), None);
    assert_eq!(
        done(book.entries("acme", LogKind::Shared, 0..10)).count(),
        0
    );
    assert_eq!(done(book.work_entries("acme", "w1")).count(), 0);
    assert_eq!(done(book.facts("acme", FactKind::Cost, None)).count(), 0);
    assert!(done(book.customers(None, 10)).is_empty());
    assert_eq!(append(book, &[]), []);
    done(book.count_refused(3));
    let refused = Deliveries {
        received: 3,
        refused: 3,
        ..Deliveries::default()
    };
    assert_eq!(done(book.deliveries()), refused);
}

fn an_event_counts_once(book: &dyn Store) {
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

fn s4_conflicts_are_kept_and_marked(book: &dyn Store) {
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

fn events_are_refused_one_by_one(book: &dyn Store) {
    let good = opened("acme", "1", "w1");
    let mut early = opened("acme", "2", "w1");
    early.time = arrival() + jiff::SignedDuration::from_hours(25);
    let mut empty_source = opened("acme", "3", "w1");
    empty_source.source = String::new();
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

fn l2_corrections_stay_in_their_log(book: &dyn Store) {
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
    taken.id = "k1".to_owned();
    assert_eq!(refused_at(&append(book, &[taken])[0]), "/id");
}

fn logs_do_not_mix(book: &dyn Store) {
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

fn ranges_of_entries(book: &dyn Store) {
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

fn entries_of_a_work(book: &dyn Store) {
    let case = |id: &str, work: &str, case: &str| {
        event(
            "acme",
            id,
            Kind::Opened,
            work,
            6,
            &format!(r#""case":"{case}","channel":"chat""#),
        )
    };
    let moved_away = case("2", "w1", "c1");
    let replacement = case("2", "w2", "c1");
    append(
        book,
        &[
            case("1", "w1", "c1"),
            moved_away.clone(),
            opened("acme", "3", "w3"),
            cost("acme", "k1", "w1", "0.10"),
        ],
    );
    append(
        book,
        &[correction("c1", &moved_away, "replace", Some(&replacement))],
    );
    assert_eq!(
        ids(done(book.work_entries("acme", "w1"))),
        ["1", "2", "c1", "k1"]
    );
    // A replacement is found under its own headers, together with what it replaces.
    assert_eq!(ids(done(book.work_entries("acme", "w2"))), ["2", "c1"]);
    assert_eq!(ids(done(book.work_entries("acme", "w3"))), ["3"]);
    assert_eq!(
        ids(done(book.entries_with("acme", Header::Case, "c1"))),
        ["1", "2", "c1"]
    );
    // A dimension is found as well, by reading.
    assert_eq!(
        ids(done(book.entries_with("acme", Header::Channel, "chat"))),
        ["1", "2", "c1"]
    );
    assert!(ids(done(book.work_entries("other", "w1"))).is_empty());
}

fn facts_that_stand(book: &dyn Store) {
    let (first, second) = (
        cost("acme", "k1", "w1", "0.10"),
        cost("acme", "k2", "w2", "0.20"),
    );
    let replaced = cost("acme", "k1", "w1", "0.08");
    let amounts = |work: Option<&str>| -> Vec<String> {
        done(book.facts("acme", FactKind::Cost, work))
            .map(|fact| match done(fact).event.body {
                work::Body::Cost(cost) => cost.amount.map(money::Amount::number),
                other => panic!("{other:?}"),
            })
            .map(Option::unwrap_or_default)
            .collect()
    };
    append(book, &[first.clone(), second.clone()]);
    assert_eq!(amounts(None), ["0.10", "0.20"]);
    let replace = correction("c1", &first, "replace", Some(&replaced));
    append(book, std::slice::from_ref(&replace));
    assert_eq!(amounts(None), ["0.08", "0.20"]);
    append(book, &[correction("c2", &second, "void", None)]);
    assert_eq!(amounts(None), ["0.08"]);
    assert_eq!(amounts(Some("w1")), ["0.08"]);
    assert!(amounts(Some("w2")).is_empty());
    // The replacement is taken back: the first content stands again.
    append(book, &[correction("c3", &replace, "void", None)]);
    assert_eq!(amounts(None), ["0.10"]);
    // A correction that came before its target acts when the target comes.
    let late = cost("acme", "k3", "w3", "0.30");
    append(book, &[correction("c4", &late, "void", None)]);
    append(book, &[late]);
    assert_eq!(amounts(None), ["0.10"]);
    let usage = event(
        "acme",
        "u1",
        Kind::Usage,
        "",
        6,
        r#""meter":"pages","quantity":"3""#,
    );
    let seat = event("acme", "s1", Kind::SeatAssigned, "", 6, r#""seat":"ann""#);
    append(book, &[usage.clone(), seat.clone()]);
    for (kind, event) in [(FactKind::Usage, usage), (FactKind::Seat, seat)] {
        let facts: Vec<Event> = done(book.facts("acme", kind, None))
            .map(|fact| done(fact).event)
            .collect();
        assert_eq!(facts, [event]);
    }
}

fn customers(book: &dyn Store) {
    append(
        book,
        &[
            event("b", "1", Kind::Opened, "w1", 9, ""),
            opened("a", "1", "w1"),
        ],
    );
    append(
        book,
        &[
            event("b", "2", Kind::Closed, "w1", 3, ""),
            cost("b", "k1", "w1", "0.10"),
        ],
    );
    let all = done(book.customers(None, 10));
    assert_eq!(
        all.iter().map(|c| &*c.customer).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!((all[1].shared_size, all[1].seller_size), (2, 1));
    assert_eq!(all[1].first_time.to_string(), "2026-01-03T09:00:00Z");
    assert_eq!(all[1].last_time.to_string(), "2026-01-09T09:00:00Z");
    assert_eq!(done(book.customers(None, 1)), all[..1]);
    assert_eq!(done(book.customers(Some("a"), 10)), all[1..]);
    assert!(done(book.customers(Some("b"), 10)).is_empty());
}

fn a_rebuilt_state_is_the_same(book: &dyn Store) {
    let target = cost("acme", "k0", "w0", "0.10");
    for batch in 0..5 {
        let events: Vec<Event> = (0..40)
            .map(|number| cost("acme", &format!("k{}", batch * 40 + number), "w0", "0.10"))
            .collect();
        append(book, &events);
        append(
            book,
            &[opened(&format!("customer-{}", 9 - batch), "1", "w0")],
        );
    }
    append(book, &[correction("c1", &target, "void", None)]);
    let look = || {
        let customers = done(book.customers(None, 100));
        let costs: Vec<_> = done(book.facts("acme", FactKind::Cost, None))
            .map(done)
            .collect();
        (customers, costs, ids(done(book.work_entries("acme", "w0"))))
    };
    let before = look();
    assert_eq!(
        (before.0.len(), before.1.len(), before.2.len()),
        (6, 199, 201)
    );
    done(book.rebuild());
    assert_eq!(look(), before);
    let position = book.position();
    assert_eq!(position.applied, position.committed);
}
