//! May I spend: how long a balance takes beside rating the whole log, in one run.
//!
//! ```text
//! cargo bench -p piecework-book --bench balance -- [WORKS]
//! ```
//!
//! One customer of the preset `resolve-the-ticket` with so many confirmed works. *First* is the first question after a
//! start, which reads the settled works; *again* is one with nothing new; *after a commit* is one behind a commit of one
//! more work, which the state has to apply and the totals have to follow; *whole* folds the log and rates everything.
//!
//! Not here: HTTP, which adds what a request costs (`crates/piecework/benches/load.rs`).

#![allow(clippy::unwrap_used, clippy::print_stdout)] // for people
#![allow(clippy::disallowed_types)] // a measurement reads the clock

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piecework_book as book;
use pricing::cell::owed;
use work::Event;
use zeroize::Zeroizing;

use book::config::Config;
use book::{Book, presets};

/// Works appended at a time.
const BATCH: usize = 4_000;
/// Questions of each kind.
const QUESTIONS: usize = 200;

fn main() {
    let number = std::env::args().find_map(|argument| argument.parse().ok());
    let works: usize = number.unwrap_or(100_000);
    let directory = tempfile::tempdir().unwrap();
    let preset = presets::find("resolve-the-ticket").unwrap();
    let config = Config::of_preset(preset, &directory.path().join("book"));
    let random = Arc::new(|| Ok(Zeroizing::new([7; 32])));
    let book = Book::create(config, random, at("2026-01-01T00:00:00Z")).unwrap();
    for first in (0..works).step_by(BATCH) {
        append(&book, first..works.min(first + BATCH));
    }
    // Until the state has settled them: that is not the balance's time.
    let settled = timed(|| drop(book.store.customers(None, 1).unwrap()));
    let now = at("2026-01-20T00:00:00Z");
    let first = timed(|| drop(book.balance("acme", now).unwrap()));
    let again = (0..QUESTIONS).map(|_| timed(|| drop(book.balance("acme", now).unwrap())));
    let again: Vec<Duration> = again.collect();
    let behind = (works..works + QUESTIONS).map(|work| {
        append(&book, work..work + 1);
        timed(|| drop(book.balance("acme", now).unwrap()))
    });
    let behind: Vec<Duration> = behind.collect();
    let spent = book.balance("acme", now).unwrap().contracts[0].spent;
    let whole = timed(|| {
        let account = book.account("acme", None).unwrap();
        let held = &account.contracts[0];
        drop(owed(&held.agreement, &held.facts(), now).unwrap());
    });
    println!("{works} works, {spent} spent");
    println!("settling what came {settled:.1?}, then:");
    println!("first            {first:>10.1?}");
    println!("again            {}", spread(again));
    println!("after a commit   {}", spread(behind));
    println!("whole            {whole:>10.1?}");
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn timed(what: impl FnOnce()) -> Duration {
    let started = Instant::now();
    what();
    started.elapsed()
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let part = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!(
        "p50 {:.2?}, p99 {:.2?}, most {:.2?}",
        part(50),
        part(99),
        part(100)
    )
}

fn append(book: &Book, works: std::ops::Range<usize>) {
    let facts = works.flat_map(|work| {
        let fact = |kind: &str, data: &str| {
            let text = format!(
                r#"{{"specversion":"1.0","id":"{work}-{kind}","source":"desk","type":"piecework.work.{kind}.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"w{work}","data":{{"case":"c{work}"{data}}}}}"#
            );
            Event::parse(&text).unwrap()
        };
        [fact("answered", r#","kind":"answer""#), fact("confirmed", "")]
    });
    let facts: Vec<Event> = facts.collect();
    let outcomes = book.store.append(&facts, at("2026-01-10T00:00:00Z"));
    for outcome in outcomes.unwrap() {
        assert!(
            matches!(outcome, store::Outcome::Accepted { .. }),
            "{outcome:?}"
        );
    }
}
