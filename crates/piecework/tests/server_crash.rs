//! A server that is killed while it takes events: what was acknowledged is there once, and nothing is there by
//! half.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // what a long test did is worth reading

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use support::server::{Feed, Served};

/// How often the server is killed (100 unless told).
const KILLS: &str = "PIECEWORK_KILLS";
/// Feeds at once: one of single events, the others of batches.
const FEEDS: usize = 3;
const BATCH: u64 = 7;

fn event(number: u64) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{number}","source":"desk","type":"piecework.usage.recorded.v1","subject":"customer-{}","time":"2026-01-06T09:00:00Z","data":{{"meter":"calls"}}}}"#,
        number % 3
    )
}

/// The numbers of one request, and its body.
fn request(first: u64, count: u64) -> (std::ops::Range<u64>, String) {
    let numbers = first..first + count;
    let events: Vec<String> = numbers.clone().map(event).collect();
    (numbers, format!("[{}]", events.join(",")))
}

/// Sends until the connection ends; what was acknowledged.
fn feed(mut feed: Feed, next: &AtomicU64, count: u64) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    loop {
        let (numbers, body) = request(next.fetch_add(count, Ordering::SeqCst), count);
        match feed.send(&body, false) {
            Some((204, _)) => acknowledged.extend(numbers),
            Some((status, text)) => panic!("{status} {text}"),
            None => return acknowledged,
        }
    }
}

/// A number below `below` that is the same in every run.
fn nth_random(n: u64, below: u64) -> u64 {
    // SplitMix64.
    let mut z = n
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % below
}

#[test]
fn slow_a_server_killed_under_load_loses_nothing_that_it_acknowledged() {
    let kills: u64 = std::env::var(KILLS).map_or(100, |own| own.parse().unwrap());
    let served = Served::new();
    let next = AtomicU64::new(0);
    let mut acknowledged: Vec<u64> = Vec::new();
    for kill in 0..kills {
        let mut server = served.start();
        let feeds: Vec<Feed> = (0..FEEDS).map(|_| server.feed()).collect();
        std::thread::scope(|scope| {
            let next = &next;
            let feeds: Vec<_> = feeds
                .into_iter()
                .enumerate()
                .map(|(at, own)| {
                    let count = if at == 0 { 1 } else { BATCH };
                    scope.spawn(move || feed(own, next, count))
                })
                .collect();
            std::thread::sleep(Duration::from_millis(nth_random(kill, 60)));
            server.kill();
            for own in feeds {
                acknowledged.extend(own.join().unwrap());
            }
        });
    }
    let sent = next.load(Ordering::SeqCst);
    println!(
        "{kills} kills: {sent} events sent, {} acknowledged",
        acknowledged.len()
    );
    assert!(
        acknowledged.len() as u64 > kills,
        "the feeds were hardly at work"
    );

    // Everything is sent again. What was acknowledged is known; what was not is known or new.
    let server = served.start();
    let before = server.deliveries();
    let mut feed = server.feed();
    let mut known = vec![false; usize::try_from(sent).unwrap()];
    for first in (0..sent).step_by(500) {
        let (numbers, body) = request(first, 500.min(sent - first));
        let (status, text) = feed.send(&body, true).unwrap();
        assert_eq!(status, 200, "{text}");
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        let events = answer["events"].as_array().unwrap();
        for (number, own) in numbers.zip(events) {
            let outcome = own["outcome"].as_str().unwrap();
            assert!(matches!(outcome, "accepted" | "duplicate"), "{own}");
            known[usize::try_from(number).unwrap()] = outcome == "duplicate";
        }
    }
    for number in acknowledged {
        let at = usize::try_from(number).unwrap();
        assert!(
            known[at],
            "event {number} was acknowledged and is not there"
        );
    }
    let there = known.iter().filter(|known| **known).count() as u64;
    assert_eq!(before[1], there, "what was there, once each");
    let [_, accepted, _, conflicting, refused] = server.deliveries();
    assert_eq!((accepted, conflicting, refused), (sent, 0, 0));
    drop(server);
    assert!(served.book.well(&["doctor"]).contains("no fault found"));
}
