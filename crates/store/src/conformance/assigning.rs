//! Costs of nobody that become somebody's: in the book at every instant, and never twice what stands.

use jiff::SignedDuration;
use work::Event;
use work::event::UNASSIGNED;

use super::{append, arrival, cost, done, opened};
use crate::assignment::{Assignment, AssignmentError, assign, unassigned};
use crate::{FactKind, FactsOf, Outcome, Store};

fn to(customer: &str, id: &str, work: Option<&str>) -> Assignment {
    Assignment {
        source: "desk".into(),
        id: id.into(),
        customer: customer.into(),
        work: work.map(Into::into),
        unit: None,
    }
}

fn standing(book: &dyn Store, customer: &str) -> Vec<(String, String)> {
    let facts = done(book.facts(customer, FactKind::Cost, FactsOf::Customer)).map(|fact| {
        let event = done(fact).event;
        let work = event.work.unwrap_or_default();
        (event.id.to_string(), work.to_string())
    });
    facts.collect()
}

fn own(id: &str, work: &str) -> (String, String) {
    (id.to_owned(), work.to_owned())
}

fn assigned(book: &dyn Store, assignment: &Assignment) -> bool {
    done(assign(book, assignment, arrival()))
}

fn refused(book: &dyn Store, assignment: &Assignment) -> AssignmentError {
    match assign(book, assignment, arrival()) {
        Ok(changed) => panic!("it was assigned: {changed}"),
        Err(error) => error,
    }
}

pub(super) fn a_cost_of_nobody_becomes_a_customers(book: &dyn Store) {
    append(
        book,
        &[opened("acme", "1", "w1"), opened("other", "1", "w1")],
    );
    append(book, &[cost(UNASSIGNED, "k1", "", "0.10")]);
    assert!(assigned(book, &to("acme", "k1", Some("w1"))));
    assert_eq!(standing(book, "acme"), [own("k1", "w1")]);
    assert_eq!(standing(book, UNASSIGNED), []);
    // Again, it is done; to another work, it is replaced, and back; to another customer, it is not.
    assert!(!assigned(book, &to("acme", "k1", Some("w1"))));
    for (second, work) in (1..).zip(["w2", "w1", "w3"]) {
        let later = arrival() + SignedDuration::from_secs(second);
        assert!(done(assign(book, &to("acme", "k1", Some(work)), later)));
        assert_eq!(standing(book, "acme"), [own("k1", work)]);
    }
    let error = refused(book, &to("other", "k1", Some("w1")));
    assert!(matches!(error, AssignmentError::NotFound { .. }), "{error}");
    // A customer's own, which lacks its work.
    append(book, &[cost("acme", "k2", "", "0.20")]);
    let listed = |customer| done(unassigned(book, customer, 0, 9)).0;
    assert_eq!(listed("acme").len(), 1);
    assert!(assigned(book, &to("acme", "k2", Some("w1"))));
    assert!(listed("acme").is_empty());
    for (assignment, expected) in [
        (to("nobody-knows", "k3", None), "name a customer"),
        (to(UNASSIGNED, "k3", None), "name a customer"),
        (to("acme", "k3", None), "no cost `k3`"),
    ] {
        let error = refused(book, &assignment).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// What a crash between the two steps leaves behind is visible, is finished by doing it again, and goes to
/// nobody else.
pub(super) fn a_half_done_assignment_is_finished(book: &dyn Store) {
    append(
        book,
        &[opened("acme", "1", "w1"), opened("other", "1", "w1")],
    );
    let nobodys = cost(UNASSIGNED, "k1", "", "0.10");
    let recorded = Event {
        customer: "acme".into(),
        ..nobodys.clone()
    };
    append(book, &[nobodys, recorded]);
    let error = refused(book, &to("other", "k1", None));
    assert!(
        matches!(error, AssignmentError::OtherCustomer(_)),
        "{error}"
    );
    assert!(assigned(book, &to("acme", "k1", Some("w1"))));
    assert_eq!(standing(book, "acme"), [own("k1", "w1")]);
    assert_eq!(standing(book, UNASSIGNED), []);
    // Another cost of the same name is another, whose ever it is.
    append(
        book,
        &[
            cost("acme", "k2", "", "0.20"),
            cost(UNASSIGNED, "k2", "", "0.30"),
        ],
    );
    let error = refused(book, &to("acme", "k2", Some("w1")));
    assert!(matches!(error, AssignmentError::Taken(_)), "{error}");
    assert_eq!(standing(book, UNASSIGNED), [own("k2", "")]);
}

pub(super) fn costs_of_nobody_are_listed_in_pages(book: &dyn Store) {
    let costs: Vec<Event> = (0..5)
        .map(|number| cost(UNASSIGNED, &format!("k{number}"), "", "0.10"))
        .collect();
    let outcomes = append(book, &costs);
    assert!(matches!(outcomes[4], Outcome::Accepted { .. }));
    let mut pages = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from {
        let (page, next) = done(unassigned(book, UNASSIGNED, start, 2));
        pages.push(page.len());
        from = next;
    }
    assert_eq!(pages, [2, 2, 1]);
}
