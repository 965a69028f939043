//! A book is copied while it is served and events keep coming: the copy is a book of one instant, a prefix of the
//! original, and says the same.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::server::{Feed, Served, Server};
use support::{TestBook, row};

const NOW: &str = "2026-02-10T00:00:00Z";
const CUSTOMERS: [&str; 3] = ["acme", "birch", "cedar"];
/// Feeds that go on while the copy is made.
const FEEDS: u64 = 3;

fn event(number: u64, kind: &str, month: u64) -> String {
    let customer = CUSTOMERS[usize::try_from(number).unwrap() % CUSTOMERS.len()];
    let day = number % 28 + 1;
    format!(
        r#"{{"specversion":"1.0","id":"{month}/{number}","source":"desk","type":"piecework.{kind}.v1","subject":"{customer}","time":"2026-{month:02}-{day:02}T09:00:00Z","workid":"{month}/{}"}}"#,
        number / 9
    )
}

/// The events of a month of work, in one request.
fn month(numbers: std::ops::Range<u64>, month: u64) -> String {
    let events: Vec<String> = numbers.map(|number| event(number, "done", month)).collect();
    format!("[{}]", events.join(","))
}

/// Sends events of February until it is told to stop; how many were acknowledged.
fn keep_sending(mut feed: Feed, next: &AtomicU64, is_over: &AtomicBool) -> u64 {
    let mut acknowledged = 0;
    while !is_over.load(Ordering::SeqCst) {
        let number = next.fetch_add(7, Ordering::SeqCst);
        let (status, text) = feed.send(&month(number..number + 7, 2), false).unwrap();
        assert_eq!(status, 204, "{text}");
        acknowledged += 7;
    }
    acknowledged
}

/// Asks for a copy and waits until it is whole; its name.
fn copied(server: &Server<'_>) -> String {
    let begun = server.call("operator", "POST", "/v1/backups");
    assert!(begun.starts_with("HTTP/1.1 202 "), "{begun}");
    let name = json(&begun)["name"].as_str().unwrap().to_owned();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let answer = server.call("operator", "GET", &format!("/v1/backups/{name}"));
        match json(&answer)["state"].as_str().unwrap() {
            "whole" => return name,
            "running" => assert!(Instant::now() < deadline, "{answer}"),
            _ => panic!("{answer}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn json(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_copy_made_under_load_is_a_prefix_of_the_book_and_says_the_same() {
    let served = Served::of(TestBook::preset("fin-style", NOW));
    let (original, is_over) = (&served.book, AtomicBool::new(false));
    // January is whole before the copy is made, and a statement of it is issued.
    let server = served.start();
    assert_eq!(server.feed().send(&month(0..900, 1), false).unwrap().0, 204);
    drop(server);
    let signed = [
        "contract",
        "sign",
        "--customer",
        "acme",
        "--from",
        "2026-01-01",
    ];
    original.well(&[&signed[..], &["--by", "buyer"]].concat());
    let issued = [
        "statement",
        "issue",
        "--customer",
        "acme",
        "--period",
        "2026-01",
    ];
    original.well(&[&issued[..], &["--by", "finance"]].concat());

    let to = ["--listen", "127.0.0.1:0", "--backup-to", "copies"];
    let server = served.start_with(&to, None);
    let next = AtomicU64::new(0);
    let (name, sent) = std::thread::scope(|scope| {
        let (next, is_over) = (&next, &is_over);
        let feeds: Vec<_> = (0..FEEDS)
            .map(|_| server.feed())
            .map(|feed| scope.spawn(move || keep_sending(feed, next, is_over)))
            .collect();
        while next.load(Ordering::SeqCst) < 500 {
            std::thread::sleep(Duration::from_millis(2));
        }
        let before = next.load(Ordering::SeqCst);
        let name = copied(&server);
        // They went on meanwhile.
        assert!(next.load(Ordering::SeqCst) > before);
        is_over.store(true, Ordering::SeqCst);
        let sent: u64 = feeds.into_iter().map(|feed| feed.join().unwrap()).sum();
        (name, sent)
    });
    drop(server);

    // Restored as the documentation says: the copy in the book's place, and the secret beside it.
    let restored = restored(original.path(), &format!("copies/{name}"));
    let copy = |arguments: &[&str]| original.well(&[arguments, &["--config", &restored]].concat());
    assert!(copy(&["doctor"]).contains("no fault found"));
    assert!(original.well(&["doctor"]).contains("no fault found"));
    let sizes = |book: &dyn Fn(&[&str]) -> String| -> Value {
        serde_json::from_str(&book(&["customer", "list", "--json"])).unwrap()
    };
    let (whole, part) = (sizes(&|own| original.well(own)), sizes(&copy));
    let mut total = (0, 0);
    for customer in CUSTOMERS {
        let size = |of: &Value| {
            row(of, "customer", customer)["shared_entries"]
                .as_u64()
                .unwrap()
        };
        let (of_copy, of_whole) = (size(&part), size(&whole));
        total = (total.0 + of_copy, total.1 + of_whole);
        // The head of the copy is the head that the original had at that size.
        let head = ["log", "checkpoint", "--customer", customer, "--size"];
        let at = of_copy.to_string();
        let head = [&head[..], &[&at]].concat();
        assert_eq!(
            root_of(&copy(&head)),
            root_of(&original.well(&head)),
            "{customer}"
        );
        // January is the same to the byte.
        let january = [
            "statement",
            "preview",
            "--customer",
            customer,
            "--period",
            "2026-01",
            "--json",
        ];
        assert_eq!(
            statement(&copy(&january)),
            statement(&original.well(&january)),
            "{customer}"
        );
    }
    assert!(total.0 >= 900 + 500 && total.0 <= total.1, "{total:?}");
    assert!(total.1 >= 900 + sent, "{total:?}");
    let replay = [
        "statement",
        "replay",
        "--customer",
        "acme",
        "--number",
        "acme-0001",
    ];
    assert!(copy(&replay).contains("equal, byte for byte"));
    assert_eq!(copy(&replay), original.well(&replay));
}

/// Puts a copy in the place of a book, with its secret; the configuration that names it.
fn restored(directory: &Path, copy: &str) -> String {
    let secret = directory.join("book/secret.toml");
    std::fs::copy(secret, directory.join(copy).join("secret.toml")).unwrap();
    let text = std::fs::read_to_string(directory.join("piecework.toml")).unwrap();
    std::fs::write(
        directory.join("restored.toml"),
        format!("book = \"{copy}\"\n{text}"),
    )
    .unwrap();
    "restored.toml".to_owned()
}

/// Size and root of a checkpoint, without its signature, which has a time of its own.
fn root_of(checkpoint: &str) -> Vec<&str> {
    checkpoint.lines().take(3).collect()
}

/// A statement without what counts deliveries of the whole book.
fn statement(json: &str) -> Value {
    let mut statement: Value = serde_json::from_str(json).unwrap();
    for own in statement.as_array_mut().unwrap() {
        own.as_object_mut().unwrap().remove("reconciliation");
    }
    statement
}
