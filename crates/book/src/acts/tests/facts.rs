//! Disputes, their decisions, samples, reviews, evidence.

use jiff::Timestamp;
use work::Headers;
use work::body::{ReviewResult, SampleMethod, Verdict};
use work::event::Authorship;

use super::super::{About, Attach, Draw, Redact, Review};
use super::statements::{issue, void};
use super::{Desk, at, is_other_act, now};
use crate::Error;
use crate::error::{Absent, Invalid, Refused};

fn about<'a>(headers: &'a Headers, id: Option<&'a str>) -> About<'a> {
    About {
        customer: "acme",
        work: "T-1",
        source: "portal",
        at: None,
        headers,
        id,
    }
}

#[test]
fn a_dispute_and_its_decision_stand_in_the_account() {
    let desk = Desk::signed();
    let headers = Headers::default();
    let none = about(&headers, None);
    let disputed = desk
        .book
        .dispute(&none, "it did not help", at("02-01T09:00"));
    assert_eq!(disputed.unwrap().what.kind, "work.disputed");
    let decided = desk.book.decide(&none, Verdict::Stands, at("02-02T09:00"));
    assert_eq!(decided.unwrap().what.kind, "work.dispute_decided");
    let account = desk.book.account("acme", None).unwrap();
    let disputes = &account.contracts[0].units[0].disputes;
    assert_eq!(disputes.len(), 1);
    assert_eq!(
        disputes[0].decided,
        Some((at("02-02T09:00"), Verdict::Stands))
    );
}

/// It is in the log, and whoever raised it must know that nothing comes of it.
#[test]
fn a_dispute_that_changes_nothing_is_told_so() {
    let desk = Desk::signed();
    let headers = Headers::default();
    let raise = |id: &str, at: Timestamp| {
        let about = about(&headers, Some(id));
        desk.book.dispute(&about, "no", at).unwrap().what
    };
    let first = raise("first", at("02-01T09:00"));
    assert_eq!(first.without_effect, None);
    let again = raise("again", at("02-02T09:00")).without_effect.unwrap();
    assert!(again.contains("open already"), "{again}");
    desk.book
        .decide(&about(&headers, None), Verdict::Stands, at("02-02T10:00"))
        .unwrap();
    let late = raise("late", at("09-02T09:00")).without_effect.unwrap();
    assert!(late.contains("window"), "{late}");
    // Sent again, it is told again.
    assert_eq!(raise("late", at("09-02T10:00")).without_effect, Some(late));
    assert_eq!(raise("first", at("09-02T10:00")).without_effect, None);
}

#[test]
fn under_one_id_a_dispute_is_raised_once_and_decided_once() {
    let desk = Desk::signed();
    let headers = Headers::default();
    let (first, second) = (
        about(&headers, Some("once-1")),
        about(&headers, Some("once-2")),
    );
    desk.once(|book, now| book.dispute(&first, "it did not help", now).unwrap());
    desk.once(|book, now| book.decide(&second, Verdict::Credited, now).unwrap());
    is_other_act(&desk.refuses(|book| book.dispute(&first, "too late", now())));
    is_other_act(&desk.refuses(|book| book.decide(&second, Verdict::Stands, now())));
    is_other_act(&desk.refuses(|book| book.decide(&first, Verdict::Stands, now())));
    let later = About {
        at: Some(at("02-03T11:00")),
        ..first
    };
    is_other_act(&desk.refuses(|book| book.dispute(&later, "it did not help", now())));
}

#[test]
fn two_disputes_at_once_under_one_id_are_one() {
    let desk = Desk::signed();
    let headers = Headers::default();
    let before = desk.entries();
    let both = desk.both(|book| book.dispute(&about(&headers, Some("once-1")), "no", now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), before + 1);
}

#[test]
fn a_fact_of_pieceworks_own_or_none_at_all_is_not_recorded() {
    let desk = Desk::signed();
    let headers = Headers::default();
    for source in ["piecework", "piecework/model-costs"] {
        let own = About {
            source,
            ..about(&headers, None)
        };
        let error = desk.refuses(|book| book.dispute(&own, "no", now()));
        assert!(matches!(error, Error::Invalid(Invalid::OwnSource)));
    }
    let nameless = About {
        work: "",
        ..about(&headers, None)
    };
    let error = desk.refuses(|book| book.dispute(&nameless, "no", now()));
    assert!(
        matches!(error, Error::Invalid(Invalid::Event(_))),
        "{error:?}"
    );
}

#[test]
fn facts_without_an_id_conflict_where_they_say_something_else_of_one_instant() {
    let desk = Desk::signed();
    let headers = Headers::default();
    let none = about(&headers, None);
    desk.book.dispute(&none, "it did not help", now()).unwrap();
    assert!(
        desk.book
            .dispute(&none, "it did not help", now())
            .unwrap()
            .is_known
    );
    let error = desk.book.dispute(&none, "too late", now()).unwrap_err();
    assert!(matches!(error, Error::Refused(Refused::Conflicting { .. })));
    let contents = desk
        .book
        .contents("acme", work::LogKind::Shared, None)
        .unwrap();
    let authored = contents
        .iter()
        .filter(|own| own.event.authorship == Authorship::Buyer);
    assert_eq!(
        authored.count(),
        2,
        "the second one is kept beside the first"
    );
}

/// A statement of one work, and how it is drawn from.
fn stated() -> (Desk, Draw<'static>) {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    let draw = Draw {
        customer: "acme",
        statement: "acme-0001",
        method: SampleMethod::BottomK,
        stratum: "all",
        size: 2,
        nonce: None,
        is_seller_seeded: false,
        by: "audit",
    };
    (desk, draw)
}

fn review<'a>(id: Option<&'a str>) -> Review<'a> {
    Review {
        customer: "acme",
        sample: "acme-0001/bottom_k/all",
        work: "T-1",
        result: ReviewResult::Accepted,
        edit_share: None,
        minutes: None,
        by: "desk-lead",
        id,
    }
}

#[test]
fn a_sample_is_drawn_once_however_often_it_is_asked_for() {
    let (desk, draw) = stated();
    let drawn = desk.book.draw_sample(&draw, now()).unwrap();
    assert!(!drawn.is_known);
    assert_eq!(drawn.what.works[0].name, "T-1");
    let after = desk.entries();
    assert!(desk.book.draw_sample(&draw, now()).unwrap().is_known);
    assert_eq!(desk.entries(), after);
    let none = Draw {
        statement: "acme-0009",
        ..draw
    };
    let error = desk.refuses(|book| book.draw_sample(&none, now()));
    assert!(matches!(error, Error::Absent(Absent::Statement { .. })));
    let smaller = Draw { size: 1, ..draw };
    let error = desk.refuses(|book| book.draw_sample(&smaller, now()));
    assert!(matches!(
        error,
        Error::Refused(Refused::SmallerSample { .. })
    ));
}

#[test]
fn two_draws_at_once_are_one() {
    let (desk, draw) = stated();
    let before = desk.entries();
    let both = desk.both(|book| book.draw_sample(&draw, now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), before + 1);
}

#[test]
fn nothing_is_drawn_from_a_void_statement() {
    let (desk, draw) = stated();
    desk.book.void(&void(), now()).unwrap();
    let error = desk.refuses(|book| book.draw_sample(&draw, now()));
    assert!(matches!(error, Error::Refused(Refused::DrawsVoid { .. })));
}

#[test]
fn only_what_a_sample_has_is_reviewed_and_under_one_id_once() {
    let (desk, draw) = stated();
    let error = desk.refuses(|book| book.review(&review(None), now()));
    assert!(matches!(error, Error::Absent(Absent::Sample { .. })));
    desk.book.draw_sample(&draw, now()).unwrap();
    let other = Review {
        work: "T-9",
        ..review(None)
    };
    let error = desk.refuses(|book| book.review(&other, now()));
    assert!(matches!(error, Error::Absent(Absent::Sampled { .. })));
    let by_id = review(Some("once-1"));
    let reviewed = desk.once(|book, now| book.review(&by_id, now).unwrap());
    assert_eq!(reviewed.source, "review/desk-lead");
    let changed = Review {
        result: ReviewResult::Rejected,
        ..by_id
    };
    is_other_act(&desk.refuses(|book| book.review(&changed, now())));
}

#[test]
fn two_reviews_at_once_under_one_id_are_one() {
    let (desk, draw) = stated();
    desk.book.draw_sample(&draw, now()).unwrap();
    let before = desk.entries();
    let both = desk.both(|book| book.review(&review(Some("once-1")), now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), before + 1);
}

fn attach(id: Option<&str>) -> Attach<'_> {
    Attach {
        customer: "acme",
        work: "T-1",
        name: "transcript",
        payload: b"Hello",
        source: "desk",
        id,
    }
}

#[test]
fn evidence_is_attached_once_under_one_id_and_then_redacted() {
    let desk = Desk::signed();
    let by_id = attach(Some("once-1"));
    let attached = desk.once(|book, now| book.attach(&by_id, now).unwrap());
    let commitment = attached.commitment.parse().unwrap();
    let kept = desk.book.store.payload(&commitment).unwrap();
    assert_eq!(kept.unwrap().bytes, b"Hello");
    let other = Attach {
        payload: b"Goodbye",
        ..by_id
    };
    is_other_act(&desk.refuses(|book| book.attach(&other, now())));
    let redact = Redact {
        customer: "acme",
        source: "desk",
        event: "once-1",
        reason: "asked for",
        by: "privacy",
    };
    let redacted = desk.book.redact(&redact, now()).unwrap();
    assert_eq!((redacted.what.deleted, redacted.is_known), (1, false));
    let again = desk.book.redact(&redact, now()).unwrap();
    assert_eq!((again.what.deleted, again.is_known), (0, true));
    assert!(desk.book.store.payload(&commitment).unwrap().is_none());
    assert!(desk.book.attach(&by_id, now()).unwrap().is_known);
    let none = Redact {
        event: "once-9",
        ..redact
    };
    let error = desk.refuses(|book| book.redact(&none, now()));
    assert!(matches!(error, Error::Absent(Absent::Evidence { .. })));
}

#[test]
fn evidence_attached_twice_at_once_under_one_id_is_there_once() {
    let desk = Desk::signed();
    let before = desk.entries();
    let both = desk.both(|book| book.attach(&attach(Some("once-1")), now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), before + 1);
}
