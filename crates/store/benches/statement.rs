//! How fast a statement is drawn from a book, beside the limit of the same run.
//!
//! ```text
//! cargo bench -p piecework-store --bench statement -- [WORKS]
//! ```
//!
//! A customer with `WORKS` works of three facts each. The limit is what any statement from the log
//! must do: read every entry's text and hash it. The statement does that, decides which contents
//! stand, settles every work, rates every cell and draws the lines. Interleaved runs, ratios first.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a program for people

use std::time::{Duration, Instant};

use piecework_store as store;
use pricing::account::Account;
use pricing::statement::draw;
use pricing::{Contract, Plan};
use store::{Embedded, Store};
use work::effective::Content;
use work::{Definition, Digest, Event, LogKind};

const BATCH: usize = 10_000;
const RUNS: usize = 5;

const PLAN: &str = "id = \"bench\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"works\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\nprice = { graduated = [{ up_to = 50_000, unit = \"0.99\" }, { unit = \"0.79\" }] }\n";

fn events(works: u64) -> impl Iterator<Item = Event> {
    (0..works).flat_map(|work| {
        let opened = 1_767_225_600 + i64::try_from(work % 2_000_000).unwrap();
        [("work.opened", 0, ""), ("work.answered", 60, "\"kind\":\"answer\","), ("work.confirmed", 600, "")]
            .into_iter()
            .map(move |(kind, after, data)| {
                let time = jiff::Timestamp::from_second(opened + after).unwrap();
                Event::parse(&format!(
                    r#"{{"specversion":"1.0","id":"{kind}-{work}","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"{time}","workid":"w-{work}","data":{{{data}"case":"c-{work}"}}}}"#
                ))
                .unwrap()
            })
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let works = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000u64);
    let directory = tempfile::tempdir().unwrap();
    let book = Embedded::create(&directory.path().join("book")).unwrap();
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let all: Vec<Event> = events(works).collect();
    for batch in all.chunks(BATCH) {
        book.append(batch, now).unwrap();
    }
    drop(all);
    let definition_text =
        store::conformance::definition("support.resolved_case", "\"case\"", "\"none\"", "24h");
    let definition = Definition::parse(&definition_text).unwrap();
    let plan = Plan::parse(PLAN).unwrap();
    let contract = Contract::parse(&format!(
        "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{}\"\ndefinitions = [\"{}\"]\nstarts = 2026-01-01\ntime_zone = \"UTC\"\ncurrency = \"USD\"\n",
        plan.digest, definition.digest
    ))
    .unwrap();
    let terms = contract.resolve(&plan, &[&definition]).unwrap();
    let cut = "2026-02-01T00:00:00Z".parse().unwrap();
    let (mut limits, mut statements) = (Vec::new(), Vec::new());
    let mut total = String::new();
    for _ in 0..RUNS {
        let head = book.head("acme", LogKind::Shared).unwrap();
        let start = Instant::now();
        let mut digests = 0u64;
        for entry in book.entries("acme", LogKind::Shared, 0..head).unwrap() {
            let digest = Digest::of(entry.unwrap().event.canonical().as_bytes());
            digests = digests.wrapping_add(u64::from(digest.as_bytes()[0]));
        }
        limits.push(start.elapsed());
        std::hint::black_box(digests);

        let start = Instant::now();
        let contents: Vec<Content> = book
            .entries("acme", LogKind::Shared, 0..head)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                Content {
                    entry: entry.index,
                    event: entry.event,
                }
            })
            .collect();
        let account = Account::fold("acme", contents, Some(terms.clone()));
        let statement = draw(&account, None, "acme-2026", cut).unwrap();
        statements.push(start.elapsed());
        total = statement.total.to_string();
    }
    let (limit, statement) = (median(limits), median(statements));
    println!("{works} works, {} entries, total {total}", works * 3);
    println!(
        "limit (read and hash every entry)  {:.3} s",
        limit.as_secs_f64()
    );
    println!(
        "statement from the log             {:.3} s",
        statement.as_secs_f64()
    );
    println!(
        "ratio {:.2} of the limit, {:.0} entries/s",
        limit.as_secs_f64() / statement.as_secs_f64(),
        f64::from(u32::try_from(works * 3).unwrap()) / statement.as_secs_f64()
    );
}
