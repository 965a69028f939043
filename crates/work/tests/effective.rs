//! semantics.md S4 and S5: which contents stand, in whatever order they arrive.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use piecework_work::effective::{Content, Effective, resolve};
use piecework_work::{self as work, Event};
use proptest::prelude::*;

fn answered(id: &str, kind: &str) -> Event {
    Event::parse(&format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.work.answered.v1","subject":"acme","time":"2026-01-05T10:00:00Z","workid":"w1","data":{{"kind":"{kind}"}}}}"#
    ))
    .unwrap()
}

fn correction(id: &str, hour: u8, target: &Event, action: &str, new: Option<&Event>) -> Event {
    let replacement = new.map_or(String::new(), |new| {
        format!(r#","replacement":{}"#, new.canonical())
    });
    Event::parse(&format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.event.corrected.v1","subject":"acme","time":"2026-01-06T{hour:02}:00:00Z","data":{{"action":"{action}","target":{{"source":"{}","id":"{}","digest":"{}","type":"{}"}}{replacement}}}}}"#,
        target.source,
        target.id,
        target.digest(),
        target.body.kind(),
    ))
    .unwrap()
}

fn log(events: &[&Event]) -> Effective {
    let contents = events
        .iter()
        .zip(0..)
        .map(|(event, entry)| Content {
            entry,
            event: (*event).clone(),
        })
        .collect();
    resolve(contents)
}

/// The facts without their positions, which alone may depend on arrival.
fn standing(outcome: &Effective) -> Vec<String> {
    let mut facts: Vec<String> = outcome
        .facts
        .iter()
        .map(|fact| fact.event.canonical())
        .collect();
    facts.sort();
    facts
}

fn ids(refs: &[piecework_work::settle::FactRef]) -> Vec<&str> {
    refs.iter().map(|fact| fact.id.as_str()).collect()
}

#[test]
fn s4_the_first_content_stands_until_a_decision_and_then_both_orders_agree() {
    let (confirmed, rejected) = (answered("7", "answer"), answered("7", "greeting"));
    let first = log(&[&confirmed, &rejected]);
    assert_eq!(standing(&first), [confirmed.canonical()]);
    assert_eq!(
        (ids(&first.conflicts), first.superseded.as_slice()),
        (vec!["7"], &[1][..])
    );
    let other = log(&[&rejected, &confirmed]);
    assert_eq!(standing(&other), [rejected.canonical()]);

    let choice = correction("c1", 9, &rejected, "choose", None);
    for order in [
        [&confirmed, &rejected, &choice],
        [&rejected, &confirmed, &choice],
        [&choice, &confirmed, &rejected],
        [&rejected, &choice, &confirmed],
    ] {
        let decided = log(&order);
        assert_eq!(standing(&decided), [rejected.canonical()]);
        assert!(decided.conflicts.is_empty() && decided.missing_target.is_empty());
    }
}

#[test]
fn s4_a_decision_for_a_content_that_never_came_is_pending() {
    let (known, unknown) = (answered("7", "answer"), answered("7", "route"));
    let choice = correction("c1", 9, &unknown, "choose", None);
    let outcome = log(&[&known, &choice]);
    assert_eq!(standing(&outcome), [known.canonical()]);
    assert_eq!(ids(&outcome.missing_target), ["c1"]);
}

/// c1 replaces e1 by X, c2 replaces e1 by Y, c3 voids c1; c2 arrives before e1.
#[test]
fn s5_correction_forks_end_the_same_in_every_order() {
    let e1 = answered("e1", "answer");
    let (x, y) = (answered("e1", "clarify"), answered("e1", "route"));
    let c1 = correction("c1", 12, &e1, "replace", Some(&x));
    let c2 = correction("c2", 11, &e1, "replace", Some(&y));
    let c3 = correction("c3", 10, &c1, "void", None);
    let forked = log(&[&e1, &c1, &c2]);
    assert_eq!(
        standing(&forked),
        [x.canonical()],
        "the later correction wins"
    );
    assert_eq!(ids(&forked.forks), ["e1"]);
    let events = [&e1, &c1, &c2, &c3];
    for order in permutations(4) {
        let shuffled: Vec<&Event> = order.iter().map(|index| events[*index]).collect();
        let outcome = log(&shuffled);
        assert_eq!(standing(&outcome), [y.canonical()], "{order:?}");
        assert!(outcome.forks.is_empty(), "{order:?}");
    }
}

#[test]
fn s5_a_correction_names_a_digest_so_it_cannot_hit_another_content() {
    let (meant, there) = (answered("e1", "route"), answered("e1", "answer"));
    let void = correction("c1", 9, &meant, "void", None);
    let outcome = log(&[&there, &void]);
    assert_eq!(standing(&outcome), [there.canonical()]);
    assert_eq!(ids(&outcome.missing_target), ["c1"]);
    let early = log(&[&void]);
    assert_eq!(
        (standing(&early).len(), ids(&early.missing_target)),
        (0, vec!["c1"])
    );
}

#[test]
fn a_void_takes_the_fact_away_and_a_void_of_the_void_brings_it_back() {
    let e1 = answered("e1", "answer");
    let void = correction("c1", 9, &e1, "void", None);
    assert!(log(&[&e1, &void]).facts.is_empty());
    let restore = correction("c2", 10, &void, "void", None);
    assert_eq!(standing(&log(&[&e1, &void, &restore])), [e1.canonical()]);
}

#[test]
fn corrections_there_and_back_end() {
    let (a, b) = (answered("e1", "answer"), answered("e1", "route"));
    let there = correction("c1", 9, &a, "replace", Some(&b));
    let back = correction("c2", 10, &b, "replace", Some(&a));
    assert_eq!(standing(&log(&[&a, &there, &back])), [a.canonical()]);
}

#[test]
fn a_correction_must_keep_identity_customer_and_log() {
    let e1 = answered("e1", "answer");
    let good = correction("c1", 9, &e1, "replace", Some(&answered("e1", "route"))).canonical();
    let at = |text: &str| Event::parse(text).unwrap_err().pointer;
    let renamed = good.replace(
        r#""id":"e1","source":"desk","specversion""#,
        r#""id":"e2","source":"desk","specversion""#,
    );
    assert_eq!(at(&renamed), "/data/replacement/id");
    let itself = good.replace(r#""id":"c1""#, r#""id":"e1""#);
    assert_eq!(at(&itself), "/data/target");
    let moved = good.replacen(r#""subject":"acme""#, r#""subject":"other""#, 1);
    assert_eq!(at(&moved), "/data/replacement/subject");
}

/// A feed may send corrections; it must not undo what piecework wrote, nor put it there.
#[test]
fn what_piecework_wrote_is_not_corrected() {
    let voided = Event::parse(
        r#"{"specversion":"1.0","id":"v1","source":"piecework","type":"piecework.statement.voided.v1","subject":"acme","time":"2026-01-05T10:00:00Z","data":{"number":"acme-0001","reason":"wrong","by":"finance"}}"#,
    )
    .unwrap();
    let honest = correction("c1", 9, &answered("v1", "answer"), "void", None).canonical();
    let at = |text: &str| Event::parse(text).unwrap_err().pointer;
    let named = honest.replace("work.answered", "statement.voided");
    assert_eq!(at(&named), "/data/target/type");
    let smuggled = correction(
        "c1",
        9,
        &answered("v1", "answer"),
        "replace",
        Some(&answered("v1", "route")),
    )
    .canonical()
    .replace(
        r#""data":{"kind":"route"}"#,
        r#""data":{"by":"x","number":"acme-0001","reason":"r"}"#,
    )
    .replace(
        r#""type":"piecework.work.answered.v1","workid":"w1"}"#,
        r#""type":"piecework.statement.voided.v1"}"#,
    );
    assert_eq!(at(&smuggled), "/data/replacement/type");
    let anchored = smuggled
        .replace(
            r#""data":{"by":"x","number":"acme-0001","reason":"r"}"#,
            &format!(
                r#""data":{{"anchor":"{}","by":"x","length":"3"}}"#,
                "ab".repeat(32)
            ),
        )
        .replace("statement.voided", "sample.anchored");
    assert_eq!(at(&anchored), "/data/replacement/type");
    // One that lies about the type of its target is read, and changes nothing.
    let anchored = Event::parse(&format!(
        r#"{{"specversion":"1.0","id":"v1","source":"piecework","type":"piecework.sample.anchored.v1","subject":"acme","time":"2026-01-05T10:00:00Z","data":{{"anchor":"{}","by":"buyer","length":"3"}}}}"#,
        "ab".repeat(32)
    ))
    .unwrap();
    for target in [voided, anchored] {
        let lying = honest
            .replace(
                r#""source":"desk","type":"piecework.work"#,
                r#""source":"piecework","type":"piecework.work"#,
            )
            .replace(
                &answered("v1", "answer").digest().to_string(),
                &target.digest().to_string(),
            );
        let lying = Event::parse(&lying).unwrap();
        for order in [[&target, &lying], [&lying, &target]] {
            let outcome = log(&order);
            assert_eq!(standing(&outcome), [target.canonical()]);
            assert_eq!(ids(&outcome.missing_target), ["c1"]);
        }
    }
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for rest in permutations(n - 1) {
        for at in 0..=rest.len() {
            let mut next = rest.clone();
            next.insert(at, n - 1);
            all.push(next);
        }
    }
    all
}

proptest! {
    /// Facts plus decisions: with one content per identity, arrival decides nothing.
    #[test]
    fn any_order_of_arrival_gives_the_same_facts(
        steps in prop::collection::vec((0usize..4, 0u8..3, 0usize..8, 0u8..20), 0..12),
        seed in any::<u64>(),
    ) {
        let kinds = ["answer", "clarify", "greeting", "route"];
        let mut events: Vec<Event> = (0..4).map(|n| answered(&format!("e{n}"), kinds[n])).collect();
        for (index, (kind, action, target, hour)) in steps.into_iter().enumerate() {
            let target = events[target % events.len()].clone();
            let new = answered(&target.id, kinds[kind]);
            let is_answer = target.id.starts_with('e');
            let event = match action {
                0 if is_answer => correction(&format!("c{index}"), hour, &target, "replace", Some(&new)),
                1 => correction(&format!("c{index}"), hour, &target, "choose", None),
                _ => correction(&format!("c{index}"), hour, &target, "void", None),
            };
            events.push(event);
        }
        let straight: Vec<&Event> = events.iter().collect();
        let expected = log(&straight);
        let mut shuffled = straight.clone();
        let mut state = seed | 1;
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from(state >> 33).unwrap() % (last + 1);
            shuffled.swap(last, other);
        }
        let outcome = log(&shuffled);
        prop_assert_eq!(standing(&outcome), standing(&expected));
        prop_assert_eq!(outcome.forks, expected.forks);
        prop_assert_eq!(outcome.missing_target, expected.missing_target);
    }
}

/// An event under the buyer's hand; the form is what counts here, not the key.
fn signed(event: &Event) -> Event {
    Event {
        authorship: work::event::Authorship::Buyer,
        signature: work::Signature::from_hex("acme/buyer+01020304", &"0a".repeat(64)).map(Box::new),
        ..event.clone()
    }
}

#[test]
fn what_the_buyer_signed_only_the_buyer_takes_back() {
    let reopened = signed(&answered("7", "answer"));
    let seller = correction("c1", 1, &reopened, "void", None);
    let outcome = log(&[&reopened, &seller]);
    assert_eq!(standing(&outcome), [reopened.canonical()]);
    assert_eq!(ids(&outcome.powerless), ["c1"]);

    // Another content under the same identity does not open a way around it.
    let other = answered("7", "greeting");
    let choice = correction("c2", 1, &other, "choose", None);
    let outcome = log(&[&reopened, &other, &choice]);
    assert_eq!(standing(&outcome), [reopened.canonical()]);

    let buyer = signed(&seller);
    let outcome = log(&[&reopened, &buyer]);
    assert!(outcome.facts.is_empty());
    assert!(outcome.powerless.is_empty());
}
