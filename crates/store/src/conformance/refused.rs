//! The queue of refused events, answers to requests that carry a key, counts at the sources.

use jiff::{SignedDuration, Timestamp};
use work::Digest;

use super::done;
use crate::Store;
use crate::limits::REFUSED_RAW_BYTES_MAX;
use crate::operations::{
    Attempt, Begun, Decision, KeptAnswer, Refusal, RefusedFilter, RefusedState, RequestName,
    Sender, SourceCount, SourceDay,
};

fn at(second: i64) -> Timestamp {
    done(Timestamp::from_second(1_770_000_000 + second))
}

fn refusal(raw: &str) -> Refusal {
    Refusal {
        route: "/api/v1/events".to_owned(),
        sender: Sender {
            key: "k".to_owned(),
            role: "ingest".to_owned(),
            customer: None,
        },
        customer: Some("acme".to_owned()),
        source: None,
        pointer: "/type".to_owned(),
        reason: "it is no type".to_owned(),
        raw: raw.as_bytes().to_vec(),
    }
}

pub(super) fn refused_events_wait_until_somebody_decides(book: &dyn Store) {
    let queue = book.operations();
    done(queue.keep_refused(&[refusal("a"), refusal("b")], at(1)));
    // The same again, from another key of the same rights, is counted.
    let mut again = refusal("a");
    again.sender.key = "another".to_owned();
    done(queue.keep_refused(&[again], at(2)));
    let long = refusal(&"c".repeat(REFUSED_RAW_BYTES_MAX + 1));
    let other = Refusal {
        customer: None,
        ..long.clone()
    };
    done(queue.keep_refused(&[long], at(3)));
    let all = done(queue.refused_events(&RefusedFilter::default(), 0, 10));
    let texts: Vec<_> = all.iter().map(|own| own.refusal.raw.len()).collect();
    assert_eq!(texts, [1, 1, REFUSED_RAW_BYTES_MAX]);
    assert_eq!((all[0].deliveries, all[1].deliveries), (2, 1));
    assert_eq!((all[0].received_at, all[0].last_at), (at(1), at(2)));
    assert_eq!((all[1].is_cut(), all[2].is_cut()), (false, true));
    // Of another whole with the same beginning it is told apart.
    let mut different = other;
    different.raw.push(b'd');
    different.customer = Some("bcme".to_owned());
    done(queue.keep_refused(&[different], at(4)));
    let of = |filter: RefusedFilter, after| {
        let page = done(queue.refused_events(&filter, after, 10));
        page.into_iter().map(|own| own.number).collect::<Vec<_>>()
    };
    assert_eq!(of(RefusedFilter::default(), 0), [1, 2, 3, 4]);
    let customer = Some("acme".to_owned());
    let (state, until) = (Some(RefusedState::Waiting), Some(at(1)));
    let own = RefusedFilter {
        customer,
        ..RefusedFilter::default()
    };
    assert_eq!(of(own.clone(), 1), [2, 3]);
    assert_eq!(
        of(
            RefusedFilter {
                state,
                until,
                ..own.clone()
            },
            0
        ),
        [1, 2]
    );
    let day = SignedDuration::from_hours(24);
    assert_eq!(
        done(queue.refused_ages(Some("acme"), at(2) + day)),
        [1, 2, 0, 0, 0]
    );

    let attempt = Attempt {
        at: at(5),
        pointer: "/id".to_owned(),
        reason: "none".to_owned(),
    };
    done(queue.note_refused_again(&all[0].id, &attempt));
    let sent = Decision {
        state: RefusedState::Sent,
        at: at(6),
        by: "k".to_owned(),
        why: "accepted".to_owned(),
    };
    let decided = done(queue.decide_refused(&all[0].id, &sent));
    let decided = decided.as_ref();
    assert_eq!(decided.map(|own| own.attempts), Some(2));
    assert_eq!(
        decided.and_then(|own| own.last_attempt.clone()),
        Some(attempt)
    );
    // The first decision stands, also when the same bytes come again.
    let dismissed = Decision {
        state: RefusedState::Dismissed,
        ..sent.clone()
    };
    done(queue.decide_refused(&all[0].id, &dismissed));
    done(queue.keep_refused(&[refusal("a")], at(7)));
    let found = done(queue.refused(&all[0].id));
    assert_eq!(
        found.as_ref().and_then(|own| own.decision.clone()),
        Some(sent)
    );
    assert_eq!(found.map(|own| own.deliveries), Some(3));
    assert_eq!(of(RefusedFilter { state, ..own }, 0), [2, 3]);
    assert_eq!(done(queue.decide_refused("none", &dismissed)), None);
}

pub(super) fn a_request_is_answered_once(book: &dyn Store) {
    let kept = book.operations();
    let name = |key: &str| RequestName {
        caller: "k".to_owned(),
        route: "POST /x".to_owned(),
        key: key.to_owned(),
    };
    let (print, other) = (Digest::of(b"1"), Digest::of(b"2"));
    let begin = |key, print| done(kept.begin_request(&name(key), print, at(1)));
    assert_eq!(begin("a", &print), Begun::New);
    assert_eq!(begin("a", &print), Begun::Before);
    assert_eq!(begin("a", &other), Begun::Other);
    assert_eq!(begin("b", &other), Begun::New);
    done(kept.forget_request(&name("b")));
    assert_eq!(begin("b", &print), Begun::New);
    let answer = KeptAnswer {
        status: 201,
        headers: vec![("location".to_owned(), "/x/1".to_owned())],
        body: b"{}".to_vec(),
    };
    done(kept.keep_answer(&name("a"), &answer));
    // What was answered is not forgotten.
    done(kept.forget_request(&name("a")));
    assert_eq!(begin("a", &print), Begun::Answered(answer));
    assert_eq!(begin("a", &other), Begun::Other);
}

pub(super) fn the_last_count_of_a_source_and_day_stands(book: &dyn Store) {
    let kept = book.operations();
    let count = |day: &str, source: &str, customer: Option<&str>, events| SourceCount {
        of: SourceDay {
            day: done(day.parse()),
            source: source.to_owned(),
            customer: customer.map(str::to_owned),
        },
        events,
        reported_at: at(1),
        reported_by: "k".to_owned(),
    };
    let own = [
        count("2026-02-02", "desk", None, 3),
        count("2026-02-01", "desk", Some("acme"), 2),
        count("2026-02-01", "desk", None, 1),
    ];
    done(kept.put_source_counts(&own));
    let [later, of_acme, of_all] = own;
    let again = count("2026-02-02", "desk", None, u64::from(u32::MAX));
    done(kept.put_source_counts(std::slice::from_ref(&again)));
    assert_eq!(again.of, later.of);
    let from = |day: &str, after: Option<&SourceDay>, rows| {
        done(kept.source_counts(done(day.parse()), None, after, rows))
    };
    let all = [of_all, of_acme, again];
    assert_eq!(from("2026-01-01", None, 9), all);
    assert_eq!(from("2026-01-01", Some(&all[0].of), 1), all[1..2]);
    assert_eq!(from("2026-02-02", None, 9), all[2..]);
    let first = done("2026-01-01".parse());
    let of = |customer| done(kept.source_counts(first, Some(customer), None, 9));
    assert_eq!(of("acme"), all[1..2]);
    assert_eq!(of("globex"), []);
}
