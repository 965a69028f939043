//! What the read models must do: find, decide what stands, and be the same when made again.

use work::body::Kind;
use work::{Event, Header, LogKind};

use super::{accepted, append, correction, cost, done, event, ids, opened, statement};
use crate::{FactKind, FactsOf, Outcome, Store};

pub(super) fn entries_of_a_work(book: &dyn Store) {
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

pub(super) fn facts_that_stand(book: &dyn Store) {
    let (first, second) = (
        cost("acme", "k1", "w1", "0.10"),
        cost("acme", "k2", "w2", "0.20"),
    );
    let replaced = cost("acme", "k1", "w1", "0.08");
    let amounts = |which: FactsOf<'_>| -> Vec<String> {
        done(book.facts("acme", FactKind::Cost, which))
            .map(|fact| match done(fact).event.body {
                work::Body::Cost(cost) => cost.amount.map(money::Amount::number),
                other => panic!("{other:?}"),
            })
            .map(Option::unwrap_or_default)
            .collect()
    };
    append(book, &[first.clone(), second.clone()]);
    assert_eq!(amounts(FactsOf::Customer), ["0.10", "0.20"]);
    let within = |range| amounts(FactsOf::Within(range)).len();
    assert_eq!(
        [
            within(0..1),
            within(1..2),
            within(1..u64::MAX),
            within(2..9)
        ],
        [1, 1, 1, 0]
    );
    let replace = correction("c1", &first, "replace", Some(&replaced));
    append(book, std::slice::from_ref(&replace));
    assert_eq!(amounts(FactsOf::Customer), ["0.08", "0.20"]);
    append(book, &[correction("c2", &second, "void", None)]);
    assert_eq!(amounts(FactsOf::Customer), ["0.08"]);
    assert_eq!(amounts(FactsOf::Work("w1")), ["0.08"]);
    assert!(amounts(FactsOf::Work("w2")).is_empty());
    // The replacement is taken back: the first content stands again.
    append(book, &[correction("c3", &replace, "void", None)]);
    assert_eq!(amounts(FactsOf::Customer), ["0.10"]);
    // A correction that came before its target acts when the target comes.
    let late = cost("acme", "k3", "w3", "0.30");
    append(book, &[correction("c4", &late, "void", None)]);
    append(book, &[late]);
    assert_eq!(amounts(FactsOf::Customer), ["0.10"]);
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
        let facts: Vec<Event> = done(book.facts("acme", kind, FactsOf::Customer))
            .map(|fact| done(fact).event)
            .collect();
        assert_eq!(facts, [event]);
    }
}

pub(super) fn a_statement_and_its_parts(book: &dyn Store) {
    let entries = statement("acme", 5_000);
    let (issue, parts) = entries.split_last().unwrap_or_else(|| panic!("no entries"));
    assert!(parts.len() > 10, "{} parts", parts.len());
    // Only some of it: a crash, and then all of it.
    append(book, &parts[..4]);
    let outcomes = append(book, &entries);
    for (index, outcome) in (0..).zip(&outcomes) {
        let log = LogKind::Shared;
        let expected = if index < 4 {
            Outcome::Duplicate { log, index }
        } else {
            accepted(log, index)
        };
        assert_eq!(*outcome, expected);
    }
    let facts = |kind| -> Vec<Event> {
        done(book.facts("acme", kind, FactsOf::Customer))
            .map(|fact| done(fact).event)
            .collect()
    };
    assert_eq!(facts(FactKind::Stated), parts);
    assert_eq!(facts(FactKind::Statement), std::slice::from_ref(issue));
    done(book.rebuild());
    assert_eq!(facts(FactKind::Stated), parts);
}

pub(super) fn customers(book: &dyn Store) {
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

pub(super) fn a_rebuilt_state_is_the_same(book: &dyn Store) {
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
        let costs: Vec<_> = done(book.facts("acme", FactKind::Cost, FactsOf::Customer))
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
