//! Bounds of the store that the conformance suite does not cross: pages, findings, what waits for the
//! writer, what the fold keeps in memory.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use piecework_store as store;
use store::conformance::{definition, event};
use store::limits::{
    BATCH_EVENTS_MAX, FINDINGS_MAX, GOVERNED_KEPT_MAX, GROUP_BYTES_MAX, MESSAGES_KEPT_MAX,
    MESSAGES_TRIMMED_EVERY, PAGE_ROWS_MAX, QUEUE_BYTES_MAX,
};
use store::outbox::{Attempted, Endpoint, NewMessage, SigningSecret, Then};
use store::{DefaultDocuments, Embedded, Outcome, Store, UnitsOf};
use work::Event;
use work::body::{Body, Kind};

fn arrival() -> jiff::Timestamp {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

fn book() -> (tempfile::TempDir, Embedded) {
    let directory = tempfile::tempdir().unwrap();
    let book = Embedded::create(&directory.path().join("book")).unwrap();
    let definitions = vec![definition("done", "\"work\"", "\"none\"", "24h")];
    let time_zone = "UTC".to_owned();
    book.set_default_documents(&DefaultDocuments {
        definitions,
        time_zone,
    })
    .unwrap();
    (directory, book)
}

fn cost(customer: &str, id: usize) -> Event {
    let data = r#""line":"model","amount":"0.10 USD""#;
    event(customer, &id.to_string(), Kind::CostRecorded, "w1", 6, data)
}

#[test]
fn doctor_lists_so_many_differences_and_counts_the_rest() {
    let (directory, book) = book();
    let events: Vec<Event> = (0..100).map(|id| cost("acme", id)).collect();
    book.append(&events, arrival()).unwrap();
    assert_eq!(book.doctor().unwrap().findings, Vec::<String>::new());
    let state = directory.path().join("book/state.db");
    let meddle = rusqlite::Connection::open(state).unwrap();
    let listed = |changed: usize| {
        let sql = format!("UPDATE costs SET amount = '9.99' WHERE entry < {changed}");
        meddle.execute_batch(&sql).unwrap();
        book.doctor().unwrap().findings
    };
    assert_eq!(listed(FINDINGS_MAX).len(), FINDINGS_MAX);
    let findings = listed(FINDINGS_MAX + 1);
    assert_eq!(findings.len(), FINDINGS_MAX + 1);
    let last = findings.last().unwrap();
    assert!(last.contains("at least 1 more differences"), "{last}");
}

/// More customers than a page has rows, and than the fold keeps the documents of.
#[test]
fn slow_customers_come_in_pages() {
    const { assert!(PAGE_ROWS_MAX > GOVERNED_KEPT_MAX) };
    let (_directory, book) = book();
    let name = |number: usize| format!("customer-{number:05}");
    let opened = |number| event(&name(number), "1", Kind::Opened, "w1", 6, "");
    let events: Vec<Event> = (0..=PAGE_ROWS_MAX).map(opened).collect();
    book.append(&events, arrival()).unwrap();
    let page = book.customers(None, usize::MAX).unwrap();
    assert_eq!(page.len(), PAGE_ROWS_MAX);
    let rest = book
        .customers(Some(&page.last().unwrap().customer), usize::MAX)
        .unwrap();
    let rest: Vec<String> = rest.into_iter().map(|own| own.customer).collect();
    assert_eq!(rest, [name(PAGE_ROWS_MAX)]);
    // The first ones were forgotten by the fold, and their works are settled as all others.
    let answered = event(&name(0), "2", Kind::Closed, "w1", 7, "");
    book.append(&[answered], arrival()).unwrap();
    for number in [0, GOVERNED_KEPT_MAX, PAGE_ROWS_MAX] {
        assert_eq!(
            book.units(&name(number), UnitsOf::Customer)
                .unwrap()
                .count(),
            1,
            "{number}"
        );
    }
}

/// Callers together have more under way than may wait and than one commit takes: they are made to
/// wait, and nothing is lost or counted twice.
#[test]
fn slow_callers_wait_where_more_is_under_way_than_may() {
    let (_directory, book) = book();
    let large = |caller: usize, number: usize| {
        let mut event = cost(&format!("customer-{caller}"), number);
        if let Body::Cost(cost) = &mut event.body {
            cost.note = Some("x".repeat(2_040));
        }
        event
    };
    let (callers, each) = (4, BATCH_EVENTS_MAX / 5);
    let bytes = callers * each * large(0, 0).canonical().len();
    assert!(bytes > QUEUE_BYTES_MAX + GROUP_BYTES_MAX, "{bytes}");
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let book = &book;
            scope.spawn(move || {
                let events: Vec<Event> = (0..each).map(|number| large(caller, number)).collect();
                let outcomes = book.append(&events, arrival()).unwrap();
                let accepted = |own: &&Outcome| matches!(own, Outcome::Accepted { .. });
                assert_eq!(outcomes.iter().filter(accepted).count(), each);
            });
        }
    });
    let health = book.doctor().unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
    assert_eq!(health.entries, (callers * each) as u64);
    assert_eq!(book.deliveries().unwrap().duplicate, 0);
}

/// The oldest messages are forgotten beyond so many, and never one that waits.
#[test]
fn slow_so_many_messages_are_kept() {
    let (_directory, book) = book();
    let outbox = book.operations().outbox();
    let endpoint = Endpoint {
        id: "wh_a".to_owned(),
        url: "https://a.example/".to_owned(),
        description: String::new(),
        customer: Some("acme".to_owned()),
        types: Vec::new(),
        created: arrival(),
        disabled: None,
        failing_since: None,
    };
    let secret = SigningSecret {
        key: vec![1; 32].into(),
        created: arrival(),
        ends: None,
    };
    outbox.put_endpoint(&endpoint, &secret).unwrap();
    let message = |number: usize| NewMessage {
        key: number.to_string(),
        id: format!("msg_{number}"),
        kind: "a.b".to_owned(),
        customer: (number < 2).then(|| "acme".to_owned()),
        payload: "{}".to_owned(),
        created: arrival(),
    };
    outbox
        .announce(&[message(0), message(1)], None, None)
        .unwrap();
    let claimed = outbox.claim(arrival(), arrival(), &[]).unwrap().unwrap();
    assert_eq!(claimed.message, "msg_0");
    let given_up = Attempted {
        at: arrival(),
        status: None,
        problem: Some("no answer".to_owned()),
        then: Then::Dead,
        disable: None,
    };
    assert!(outbox.settle(&claimed, &given_up).unwrap());
    let kept = || {
        let all = outbox.endpoint_deliveries("wh_a", None, 10).unwrap();
        all.into_iter().map(|own| own.message).collect::<Vec<_>>()
    };
    let many: Vec<NewMessage> = (2..MESSAGES_KEPT_MAX + MESSAGES_TRIMMED_EVERY)
        .map(message)
        .collect();
    let (most, last) = many.split_at(MESSAGES_KEPT_MAX - 2);
    outbox.announce(most, None, None).unwrap();
    assert_eq!(kept(), ["msg_1", "msg_0"]);
    outbox.announce(last, None, None).unwrap();
    assert_eq!(kept(), ["msg_1"], "it waits");
}
