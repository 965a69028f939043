//! How fast a proof file is made and verified, beside the limit of the same run.
//!
//! ```text
//! cargo bench -p piecework-proof --bench verify -- [WORKS]
//! ```
//!
//! A log of `WORKS` works of three facts each, and the first statement over all of them. The limits are what no
//! verifier goes without: unpacking the file and hashing every entry, and settling and rating every
//! work. Interleaved runs, ratios first.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a program for people

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::time::{Duration, Instant};

use corpus::book::{Book, CONTRACT, CUSTOMER};
use corpus::story::{CUT_FEBRUARY, DEFINITION, JANUARY, contract};
use pricing::Account;
use pricing::statement::draw;
use proof::verify::{Options, verify};
use proof::zip::Archive;
use work::Event;
use work::body::{Control, DocumentKind};
use work::effective::Content;

const RUNS: usize = 3;

const PLAN: &str = "id = \"bench\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"works\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\nprice = { graduated = [{ up_to = 50_000, unit = \"0.99\" }, { unit = \"0.79\" }] }\n";

fn main() {
    let works = std::env::args()
        .filter_map(|text| text.parse().ok())
        .next()
        .unwrap_or(30_000u64);
    let book = book(works);
    let entries = book.entries.len();
    let begun = Instant::now();
    let file = book.file(JANUARY);
    let made = begun.elapsed();
    let options = |threads| Options {
        threads,
        ..Options::default()
    };
    let (mut unpack, mut settle, mut one, mut two) = (vec![], vec![], vec![], vec![]);
    for _ in 0..RUNS {
        unpack.push(timed(|| unpacked(&file)));
        settle.push(timed(|| settled(&book)));
        one.push(timed(|| assert!(verify(&file, &options(1)).is_valid())));
        two.push(timed(|| assert!(verify(&file, &options(2)).is_valid())));
    }
    let [unpack, settle, one, two] = [unpack, settle, one, two].map(median);
    let limit = unpack + settle;
    println!(
        "{entries} entries, {} bytes, made in {made:.2?}",
        file.len()
    );
    println!(
        "limit      {limit:>9.2?}  unpack and hash {unpack:.2?}, settle and rate {settle:.2?}"
    );
    for (name, time) in [("1 thread", one), ("2 threads", two)] {
        let ratio = time.as_secs_f64() / limit.as_secs_f64();
        println!("{name:<10} {time:>9.2?}  {ratio:.2} of the limit");
    }
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn unpacked(file: &[u8]) {
    let archive = Archive::open(file).unwrap();
    for packed in archive.members() {
        let plain = packed.unpack().unwrap();
        std::hint::black_box(tlog::hash::leaf(&plain));
    }
}

fn settled(book: &Book) {
    let contents: Vec<Content> = book.contents.clone();
    let account = Account::fold(CUSTOMER, contents, None);
    let cut = CUT_FEBRUARY.parse().unwrap();
    std::hint::black_box(draw(&account, None, CONTRACT, cut).unwrap());
}

fn book(works: u64) -> Book {
    let mut book = Book::new();
    let plan = book.publish("2025-12-01T09:00:00Z", DocumentKind::Plan, PLAN);
    let definition = book.publish("2025-12-01T09:00:00Z", DocumentKind::Definition, DEFINITION);
    let terms = "starts = 2026-01-01\ntime_zone = \"Europe/Berlin\"\ncurrency = \"USD\"";
    let text = contract(plan, &[definition], terms);
    let document = book.publish("2025-12-02T09:00:00Z", DocumentKind::Contract, &text);
    book.control(
        "2025-12-20T09:00:00Z",
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
    for work in 0..works {
        let opened = 1_767_225_600 + i64::try_from(work % 2_000_000).unwrap();
        for (kind, after, data) in [
            ("work.opened", 0, ""),
            ("work.answered", 60, "\"kind\":\"answer\","),
            ("work.confirmed", 600, ""),
        ] {
            let time = jiff::Timestamp::from_second(opened + after).unwrap();
            let event = Event::parse(&format!(
                r#"{{"specversion":"1.0","id":"{kind}-{work}","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"{time}","workid":"w-{work}","data":{{{data}"case":"c-{work}"}}}}"#
            ));
            book.push_new(event.unwrap());
        }
    }
    book.issue(CUT_FEBRUARY);
    book
}
