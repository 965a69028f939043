//! What the generated month promises, whatever the seed.

use std::collections::{BTreeMap, BTreeSet};

use work::body::{Body, Kind};
use work::event::{Authorship, UNASSIGNED};
use work::{Event, Header};

use super::*;

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

fn count(events: &[Event], wanted: impl Fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| wanted(event)).count()
}

#[test]
fn every_event_reads_strictly_and_back() {
    let month = month(SEED);
    for event in month.events.iter().chain(&month.late) {
        let text = event.canonical();
        match Event::parse(&text) {
            Ok(read) => assert_eq!(read, *event, "{text}"),
            Err(error) => panic!("{error}: {text}"),
        }
    }
    for event in &month.events {
        event.check_arrival(month.close).unwrap();
    }
    for event in &month.late {
        event.check_arrival(month.next_close).unwrap();
    }
}

#[test]
fn one_seed_is_one_month_and_another_is_another() {
    let (first, again, other) = (month(7), month(7), month(8));
    assert_eq!(first.events, again.events);
    assert_eq!(first.late, again.late);
    assert_eq!(first.redelivered, again.redelivered);
    assert_ne!(first.events, other.events);
}

/// The digest was taken on x86-64 Linux; another platform gives the same.
#[test]
fn the_month_is_the_same_on_every_platform() {
    let mut all = String::new();
    let month = month(SEED);
    for event in month.events.iter().chain(&month.late) {
        all.push_str(&event.canonical());
        all.push('\n');
    }
    let digest = work::Digest::of(all.as_bytes());
    assert_eq!(digest.short(), "PLATFORM");
}

#[test]
fn identities_are_unique_and_time_ascends() {
    for seed in [1, 2, SEED] {
        let month = month(seed);
        let all: Vec<&Event> = month.events.iter().chain(&month.late).collect();
        let identities: BTreeSet<_> = all.iter().map(|event| event.identity()).collect();
        assert_eq!(identities.len(), all.len());
        assert!(
            month
                .events
                .windows(2)
                .all(|pair| pair[0].time <= pair[1].time)
        );
        assert!(
            month
                .late
                .windows(2)
                .all(|pair| pair[0].time <= pair[1].time)
        );
        assert!(month.events.iter().all(|event| event.time < month.close));
        assert!(month.late.iter().all(|event| event.time < month.next_close));
        assert!(
            month
                .redelivered
                .iter()
                .all(|event| month.events.contains(event))
        );
        assert!(!month.redelivered.is_empty());
    }
}

#[test]
fn three_customers_of_very_different_size() {
    for seed in 1..6 {
        let month = month(seed);
        let mut opened: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &month.events {
            if event.body.tag() == Kind::Opened {
                *opened.entry(&event.customer).or_default() += 1;
            }
        }
        let sizes: Vec<usize> = month
            .customers
            .iter()
            .map(|customer| opened[customer.id])
            .collect();
        for (size, expected) in sizes.iter().zip([40.0, 600.0, 6_000.0]) {
            let ratio = f64::from(u32::try_from(*size).unwrap()) / expected;
            assert!((0.85..1.15).contains(&ratio), "{sizes:?}");
        }
    }
}

/// The ratios that the sources of `profile` give.
#[test]
fn the_ratios_are_those_of_real_desks() {
    let month = month(SEED);
    let works = count(&month.events, |event| event.body.tag() == Kind::Opened);
    let of_kind = |kind: Kind| count(&month.events, |event| event.body.tag() == kind);
    let within = |what: &str, part: usize, low: f64, high: f64| {
        let share = share(part, works);
        assert!((low..high).contains(&share), "{what}: {share}");
    };
    within("handed over", of_kind(Kind::Escalated), 0.20, 0.36);
    within("confirmed", of_kind(Kind::Confirmed), 0.07, 0.18);
    within("verified", of_kind(Kind::Verified), 0.10, 0.25);
    within("reviewed", of_kind(Kind::Reviewed), 0.02, 0.08);
    within("rated", of_kind(Kind::Rated), 0.08, 0.18);
    let reopened =
        of_kind(Kind::Reopened) + count(&month.late, |event| event.body.tag() == Kind::Reopened);
    within("reopened", reopened, 0.033, 0.10);
    let (mut prompt, mut output) = (0.0, 0.0);
    for event in &month.events {
        if let Body::Cost(cost) = &event.body {
            for (class, count) in &cost.tokens {
                let count: f64 = count.to_string().parse().unwrap();
                match class.word() {
                    "output" | "reasoning" => output += count,
                    _ => prompt += count,
                }
            }
        }
    }
    let works = f64::from(u32::try_from(works).unwrap());
    assert!(
        (35_000.0..80_000.0).contains(&(prompt / works)),
        "{}",
        prompt / works
    );
    assert!(
        (700.0..4_000.0).contains(&(output / works)),
        "{}",
        output / works
    );
}

/// What the demonstration shows must be there in every month.
#[test]
fn every_story_is_told_whatever_the_seed() {
    for seed in 0..8 {
        let month = month(seed);
        let has = |events: &[Event], wanted: fn(&Event) -> bool| events.iter().any(wanted);
        let model = |event: &Event| match &event.body {
            Body::Cost(cost) => cost.model.clone(),
            _ => None,
        };
        let models: BTreeSet<String> = month.events.iter().filter_map(model).collect();
        assert_eq!(
            models.into_iter().collect::<Vec<_>>(),
            ["claude-haiku-4-5", "claude-sonnet-4-5", "lang-tagger-7b"]
        );
        assert_eq!(
            count(&month.events, |event| event.body.tag() == Kind::Disputed),
            1
        );
        assert_eq!(
            count(&month.late, |event| event.body.tag()
                == Kind::DisputeDecided),
            1
        );
        assert_eq!(
            count(&month.late, |event| event.body.tag() == Kind::Corrected),
            2
        );
        assert!(has(&month.events, |event| event.body.tag()
            == Kind::SeatReleased));
        assert!(has(&month.events, |event| event.customer == UNASSIGNED));
        assert!(has(&month.events, |event| event.body.tag() == Kind::Reviewed));
        assert!(has(&month.events, |event| event.authorship
            == Authorship::ThirdParty));
        assert!(has(&month.events, |event| event.authorship == Authorship::Buyer));
        assert!(has(&month.events, |event| event
            .headers
            .get(Header::Environment)
            == Some("test")));
        // A feed that was down: December's facts that arrive after the close.
        assert!(month.late.iter().any(|event| event.time < month.close));
        assert!(
            month
                .late
                .iter()
                .any(|event| event.body.tag() == Kind::Reopened)
        );
    }
}
