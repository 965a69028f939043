//! Endpoints, messages and their deliveries.

use jiff::{SignedDuration, Timestamp};
use work::LogKind;
use work::body::Kind;
use zeroize::Zeroizing;

use super::{append, cost, done, event, opened};
use crate::limits::{
    ENDPOINTS_MAX, MESSAGE_BYTES_MAX, MESSAGE_KEY_BYTES_MAX, SECRETS_MAX, WAITING_MAX,
};
use crate::outbox::{
    Attempted, Claimed, Delivery, DeliveryState, Disabled, Endpoint, EndpointChange, NewMessage,
    Redelivery, SigningSecret, Then,
};
use crate::{Outbox, Store, StoreError};

fn at(second: i64) -> Timestamp {
    done(Timestamp::from_second(1_770_000_000 + second))
}

fn endpoint(id: &str, customer: Option<&str>, types: &[&str]) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        url: format!("https://{id}.example/hook"),
        description: "the desk".to_owned(),
        customer: customer.map(str::to_owned),
        types: types.iter().map(|&own| own.to_owned()).collect(),
        created: at(0) + SignedDuration::from_micros(7),
        disabled: None,
        failing_since: None,
    }
}

fn secret(byte: u8, created: i64) -> SigningSecret {
    SigningSecret {
        key: Zeroizing::new(vec![byte; 32]),
        created: at(created),
        ends: None,
    }
}

fn message(key: &str, kind: &str, customer: Option<&str>, created: i64) -> NewMessage {
    NewMessage {
        key: key.to_owned(),
        id: format!("msg_{key}"),
        kind: kind.to_owned(),
        customer: customer.map(str::to_owned),
        payload: format!(r#"{{"about":"{key}"}}"#),
        created: at(created),
    }
}

fn announce(outbox: &dyn Outbox, messages: &[NewMessage]) -> Vec<bool> {
    done(outbox.announce(messages, None, None))
}

fn all(outbox: &dyn Outbox, endpoint: &str) -> Vec<Delivery> {
    done(outbox.endpoint_deliveries(endpoint, None, usize::MAX))
}

fn messages(outbox: &dyn Outbox, endpoint: &str) -> Vec<String> {
    let all = all(outbox, endpoint);
    all.into_iter().map(|own| own.message).collect()
}

fn claim(outbox: &dyn Outbox, now: i64) -> Option<Claimed> {
    done(outbox.claim(at(now), at(now + 30), &[]))
}

fn failed(now: i64, then: Then) -> Attempted {
    Attempted {
        at: at(now),
        status: Some(500),
        problem: Some("it answered 500".to_owned()),
        then,
        disable: None,
    }
}

fn went_well(now: i64) -> Attempted {
    Attempted {
        at: at(now),
        status: Some(204),
        problem: None,
        then: Then::Done,
        disable: None,
    }
}

pub(super) fn endpoints_are_kept_and_changed(book: &dyn Store) {
    let outbox = book.operations().outbox();
    let (own, other) = (
        endpoint("wh_b", None, &[]),
        endpoint("wh_a", Some("acme"), &["a.x", "b.y"]),
    );
    done(outbox.put_endpoint(&own, &secret(1, 0)));
    done(outbox.put_endpoint(&other, &secret(2, 0)));
    let taken = outbox.put_endpoint(&own, &secret(3, 0));
    assert!(matches!(taken, Err(StoreError::Taken { .. })));
    assert_eq!(done(outbox.endpoints()), [other.clone(), own.clone()]);
    assert_eq!(done(outbox.endpoint("wh_b")), Some(own));
    assert_eq!(done(outbox.endpoint("wh_c")), None);
    let disabled = Disabled {
        at: at(5),
        why: "by hand".to_owned(),
    };
    let change = EndpointChange {
        url: Some("https://else.example/".to_owned()),
        disabled: Some(Some(disabled.clone())),
        ..EndpointChange::default()
    };
    let changed = done(outbox.change_endpoint("wh_a", &change));
    let mut expected = Endpoint {
        url: "https://else.example/".to_owned(),
        disabled: Some(disabled),
        ..other
    };
    assert_eq!(changed.as_ref(), Some(&expected));
    let change = EndpointChange {
        types: Some(Vec::new()),
        description: Some(String::new()),
        disabled: Some(None),
        ..EndpointChange::default()
    };
    expected.types.clear();
    expected.description.clear();
    expected.disabled = None;
    assert_eq!(
        done(outbox.change_endpoint("wh_a", &change)),
        Some(expected)
    );
    assert_eq!(done(outbox.change_endpoint("wh_c", &change)), None);
    assert!(done(outbox.delete_endpoint("wh_a")));
    assert!(!done(outbox.delete_endpoint("wh_a")));
    assert_eq!(done(outbox.signing_secrets("wh_a", at(0))), []);
    for number in 1..ENDPOINTS_MAX {
        let own = endpoint(&format!("wh_{number}"), None, &[]);
        done(outbox.put_endpoint(&own, &secret(4, 0)));
    }
    let beyond = outbox.put_endpoint(&endpoint("wh_z", None, &[]), &secret(4, 0));
    assert!(matches!(beyond, Err(StoreError::Enough { .. })));
}

pub(super) fn secrets_overlap_and_end(book: &dyn Store) {
    let outbox = book.operations().outbox();
    done(outbox.put_endpoint(&endpoint("wh_a", None, &[]), &secret(1, 0)));
    let in_force = |now: i64| -> Vec<u8> {
        let secrets = done(outbox.signing_secrets("wh_a", at(now)));
        secrets.iter().map(|own| own.key[0]).collect()
    };
    assert_eq!(in_force(0), [1]);
    assert!(done(outbox.rotate_secret("wh_a", &secret(2, 10), at(100))));
    assert_eq!(in_force(99), [2, 1]);
    assert_eq!(in_force(100), [2]);
    // An overlap never lengthens that of one before.
    assert!(done(outbox.rotate_secret("wh_a", &secret(3, 20), at(200))));
    assert_eq!(in_force(99), [3, 2, 1]);
    assert_eq!(in_force(199), [3, 2]);
    for byte in 4..=SECRETS_MAX {
        let byte = done(u8::try_from(byte));
        done(outbox.rotate_secret("wh_a", &secret(byte, 30), at(200)));
    }
    let beyond = outbox.rotate_secret("wh_a", &secret(9, 40), at(200));
    assert!(matches!(beyond, Err(StoreError::Enough { .. })));
    assert_eq!(in_force(50).len(), SECRETS_MAX);
    // Without an overlap there is always room.
    assert!(done(outbox.rotate_secret("wh_a", &secret(9, 50), at(50))));
    assert_eq!(in_force(0), [9]);
    assert!(!done(outbox.rotate_secret("wh_b", &secret(1, 0), at(0))));
    let shown = format!("{:?}", done(outbox.signing_secrets("wh_a", at(60))));
    assert!(!shown.contains('9') || !shown.contains("[9"), "{shown}");
}

pub(super) fn a_key_is_announced_once_to_whom_it_concerns(book: &dyn Store) {
    let outbox = book.operations().outbox();
    for (id, customer, types) in [
        ("wh_all", None, &[][..]),
        ("wh_acme", Some("acme"), &[][..]),
        ("wh_budget", None, &["budget.exceeded"][..]),
    ] {
        done(outbox.put_endpoint(&endpoint(id, customer, types), &secret(1, 0)));
    }
    let off = EndpointChange {
        disabled: Some(Some(Disabled {
            at: at(0),
            why: "by hand".to_owned(),
        })),
        ..EndpointChange::default()
    };
    done(outbox.change_endpoint("wh_all", &off));
    let sent = [
        message("1", "dispute.raised", Some("acme"), 1),
        message("2", "budget.exceeded", Some("zeta"), 2),
        message("3", "event.conflicted", None, 3),
    ];
    assert_eq!(announce(outbox, &sent), [true, true, true]);
    assert_eq!(announce(outbox, &sent[1..]), [false, false]);
    // One that is disabled misses nothing: it waits.
    assert_eq!(messages(outbox, "wh_all"), ["msg_3", "msg_2", "msg_1"]);
    assert_eq!(messages(outbox, "wh_acme"), ["msg_1"]);
    assert_eq!(messages(outbox, "wh_budget"), ["msg_2"]);
    let test = message("4", "webhook.test", None, 4);
    assert_eq!(
        done(outbox.announce(&[test], Some("wh_budget"), None)),
        [true]
    );
    assert_eq!(messages(outbox, "wh_budget"), ["msg_4", "msg_2"]);
    assert_eq!(all(outbox, "wh_all").len(), 3);
    let first = &all(outbox, "wh_acme")[0];
    let expected = Delivery {
        number: first.number,
        message: "msg_1".to_owned(),
        kind: "dispute.raised".to_owned(),
        customer: Some("acme".to_owned()),
        created: at(1),
        state: DeliveryState::Waiting,
        attempts: 0,
        next_at: Some(at(1)),
        last_at: None,
        last_status: None,
        last_problem: None,
    };
    assert_eq!(first, &expected);
    let page = done(outbox.endpoint_deliveries("wh_all", Some(all(outbox, "wh_all")[0].number), 1));
    assert_eq!(page[0].message, "msg_2");
    for (mut own, what) in [
        (message("5", "a.b", None, 5), 0),
        (message("6", "a.b", None, 6), 1),
    ] {
        if what == 0 {
            own.payload = "x".repeat(MESSAGE_BYTES_MAX + 1);
        } else {
            own.key = "x".repeat(MESSAGE_KEY_BYTES_MAX + 1);
        }
        let refused = outbox.announce(&[own], None, None);
        assert!(matches!(refused, Err(StoreError::TooMany { .. })));
    }
}

pub(super) fn a_delivery_has_one_claim_at_a_time(book: &dyn Store) {
    let outbox = book.operations().outbox();
    done(outbox.put_endpoint(&endpoint("wh_a", None, &[]), &secret(1, 0)));
    done(outbox.put_endpoint(&endpoint("wh_b", None, &["b.c"]), &secret(2, 0)));
    assert_eq!(done(outbox.next_due(&[])), None);
    announce(
        outbox,
        &[
            message("1", "a.b", None, 10),
            message("2", "b.c", Some("acme"), 20),
        ],
    );
    assert_eq!(done(outbox.next_due(&[])), Some(at(10)));
    assert_eq!(done(outbox.next_due(&["wh_a"])), Some(at(20)));
    assert_eq!(done(outbox.next_due(&["wh_a", "wh_b"])), None);
    assert_eq!(claim(outbox, 9), None);
    let Some(first) = claim(outbox, 50) else {
        panic!("nothing was due")
    };
    assert_eq!((first.message.as_str(), first.attempt), ("msg_1", 1));
    assert_eq!(first.payload, r#"{"about":"1"}"#);
    assert_eq!(first.endpoint, endpoint("wh_a", None, &[]));
    assert_eq!(first.secrets, [secret(1, 0)]);
    let rest: Vec<String> = std::iter::from_fn(|| claim(outbox, 50))
        .map(|own| format!("{} {}", own.message, own.endpoint.id))
        .collect();
    assert_eq!(rest, ["msg_2 wh_a", "msg_2 wh_b"]);
    assert_eq!(done(outbox.waiting()), 3);
    // Whoever claimed it may have died: it is due again when the claim ends, and the old claim is void.
    let Some(again) = claim(outbox, 80) else {
        panic!("the claim did not end")
    };
    assert_eq!((again.message.as_str(), again.attempt), ("msg_1", 2));
    assert!(!done(outbox.settle(&first, &went_well(81))));
    let third = Then::Again(at(90));
    assert!(done(outbox.settle(&again, &failed(82, third))));
    assert!(!done(outbox.settle(&again, &went_well(83))));
    let noted = all(outbox, "wh_a");
    let noted = noted.iter().find(|own| own.message == "msg_1");
    let told = noted.map(|own| (own.state, own.attempts, own.next_at, own.last_status));
    let expected = (DeliveryState::Waiting, 2, Some(at(90)), Some(500));
    assert_eq!(told, Some(expected));
}

pub(super) fn attempts_decide_of_their_endpoint(book: &dyn Store) {
    let outbox = book.operations().outbox();
    done(outbox.put_endpoint(&endpoint("wh_a", None, &[]), &secret(1, 0)));
    announce(outbox, &[message("1", "a.b", None, 0)]);
    let attempt = |now: i64, attempted: &Attempted| {
        let Some(claimed) = claim(outbox, now) else {
            panic!("nothing was due at {now}")
        };
        assert!(done(outbox.settle(&claimed, attempted)));
        let endpoint = done(outbox.endpoint("wh_a"));
        endpoint.map(|own| (own.failing_since, own.disabled.map(|own| own.why)))
    };
    let (again, since) = (Then::Again(at(10)), Some(at(1)));
    assert_eq!(attempt(1, &failed(1, again)), Some((since, None)));
    assert_eq!(attempt(10, &failed(11, Then::Dead)), Some((since, None)));
    // Asked for again, it begins anew.
    let asked = |now: i64| done(outbox.redeliver("wh_a", "msg_1", at(now)));
    assert_eq!(asked(20), Redelivery::Due);
    let Some(claimed) = claim(outbox, 20) else {
        panic!("it was not due")
    };
    assert_eq!(claimed.attempt, 1);
    assert_eq!(asked(21), Redelivery::UnderWay);
    assert_eq!(done(outbox.waiting()), 1);
    assert!(done(outbox.settle(&claimed, &went_well(22))));
    assert_eq!(done(outbox.waiting()), 0);
    let endpoint = done(outbox.endpoint("wh_a"));
    assert_eq!(endpoint.and_then(|own| own.failing_since), None);
    assert_eq!(all(outbox, "wh_a")[0].state, DeliveryState::Done);
    assert_eq!(asked(30), Redelivery::Due);
    let gone = Attempted {
        disable: Some("gone".to_owned()),
        ..failed(31, Then::Dead)
    };
    assert_eq!(attempt(30, &gone), Some((None, Some("gone".to_owned()))));
    assert_eq!(
        done(outbox.redeliver("wh_a", "msg_2", at(40))),
        Redelivery::Unknown
    );
    // Nothing is sent to one that is disabled, until it is enabled.
    announce(outbox, &[message("2", "a.b", None, 40)]);
    assert_eq!(claim(outbox, 40), None);
    assert_eq!(done(outbox.next_due(&[])), None);
    let on = EndpointChange {
        disabled: Some(None),
        ..EndpointChange::default()
    };
    done(outbox.change_endpoint("wh_a", &on));
    assert_eq!(
        claim(outbox, 40).map(|own| own.message),
        Some("msg_2".to_owned())
    );
}

pub(super) fn messages_are_forgotten_and_their_keys_later(book: &dyn Store) {
    let outbox = book.operations().outbox();
    done(outbox.put_endpoint(&endpoint("wh_a", None, &[]), &secret(1, 0)));
    let (old, new) = (message("1", "a.b", None, 0), message("2", "a.b", None, 50));
    announce(outbox, &[old.clone(), new]);
    done(outbox.forget_messages(at(10), at(-10)));
    assert_eq!(messages(outbox, "wh_a"), ["msg_2"]);
    assert_eq!(announce(outbox, std::slice::from_ref(&old)), [false]);
    done(outbox.forget_messages(at(10), at(10)));
    assert_eq!(announce(outbox, &[old]), [true]);
}

pub(super) fn an_endpoint_has_so_many_waiting(book: &dyn Store) {
    let outbox = book.operations().outbox();
    done(outbox.put_endpoint(&endpoint("wh_a", None, &[]), &secret(1, 0)));
    let many: Vec<NewMessage> = (0..=WAITING_MAX)
        .map(|number| message(&format!("{number:05}"), "a.b", None, 0))
        .collect();
    announce(outbox, &many[..WAITING_MAX]);
    let dead = |number: usize| {
        let before = done(outbox.endpoint_deliveries("wh_a", Some(number as u64), 1));
        before[0].state == DeliveryState::Dead
    };
    assert!(!dead(2));
    announce(outbox, &many[WAITING_MAX..]);
    assert!(dead(2));
    assert!(!dead(3));
    assert_eq!(done(outbox.next_due(&[])), Some(at(0)));
}

pub(super) fn the_journal_is_followed_commit_by_commit(book: &dyn Store) {
    let outbox = book.operations().outbox();
    assert_eq!(done(outbox.followed()), None);
    assert_eq!(done(book.appended(0, usize::MAX)), []);
    append(
        book,
        &[opened("acme", "1", "w1"), cost("acme", "2", "w1", "0.10")],
    );
    append(
        book,
        &[opened("zeta", "1", "w1"), opened("acme", "3", "w2")],
    );
    let other = event("acme", "1", Kind::Closed, "w1", 7, "");
    append(book, &[other]);
    let commits = done(book.appended(0, usize::MAX));
    assert_eq!(
        commits.last().map(|own| own.number),
        Some(book.position().committed)
    );
    let mut shared = Vec::new();
    let mut seller = 0;
    for (customer, log, range) in commits.iter().flat_map(|own| &own.ranges) {
        match log {
            LogKind::Seller => seller += range.end - range.start,
            LogKind::Shared => {
                for entry in done(book.entries(customer, *log, range.clone())) {
                    let entry = done(entry);
                    shared.push((customer.clone(), entry.index, entry.conflict));
                }
            }
        }
    }
    shared.sort();
    let expected = [
        ("acme", 0, false),
        ("acme", 1, false),
        ("acme", 2, true),
        ("zeta", 0, false),
    ];
    let expected = expected.map(|(customer, index, own)| (customer.to_owned(), index, own));
    assert_eq!((shared.as_slice(), seller), (&expected[..], 1));
    let first = done(book.appended(0, 1));
    assert_eq!(first, commits[..1]);
    assert_eq!(
        done(book.appended(first[0].number, usize::MAX)),
        commits[1..]
    );
    // How far it was followed is written with what was found.
    done(outbox.announce(&[message("1", "a.b", None, 0)], None, Some(first[0].number)));
    assert_eq!(done(outbox.followed()), Some(first[0].number));
    let too_long = NewMessage {
        payload: "x".repeat(MESSAGE_BYTES_MAX + 1),
        ..message("2", "a.b", None, 0)
    };
    assert!(outbox.announce(&[too_long], None, Some(99)).is_err());
    assert_eq!(done(outbox.followed()), Some(first[0].number));
}
