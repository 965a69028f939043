//! The month-end at size: one large customer, and many small ones, beside the limit of the same run.
//!
//! ```text
//! cargo bench -p piecework-book --bench month_end -- statement [WORKS]
//! cargo bench -p piecework-book --bench month_end -- run [CUSTOMERS] [WORKS OF EACH]
//! ```
//!
//! *statement*: a customer with so many confirmed works of two months, and a plan of 25 meters with 60 tiers each beside
//! the works' price (a plan's document has at most 48,000 bytes, which are some 2,500 tiers). Each month's usage fills
//! every tier. The account is folded; the second month is previewed apart from the first, with 1,500 tiers under 26
//! lines for people; both months are issued in one statement, with 3,000 tiers and two amounts of works; each once, on
//! every processor. *run*: a dry run and a run over everybody, with one thread
//! and with two. The limit reads and hashes every entry once. Beside the time on the clock stands that of a processor,
//! which others on the machine hardly change: of all threads of the process. Memory is the process's peak.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // for people
#![allow(clippy::disallowed_types)] // a measurement reads the clock

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piecework_book as book;
use store::Outcome;
use work::{Digest, Event, LogKind};
use zeroize::Zeroizing;

use book::acts::{Due, Issue, Sign};
use book::config::{Config, OwnDocuments};
use book::runs::{Run, Working};
use book::statements::Previewed;
use book::{Book, presets};

/// Events appended at a time.
const BATCH: usize = 8_000;
const METERS: usize = 25;
const TIERS: usize = 60;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: usize| {
        let numbers = arguments.iter().filter_map(|own| own.parse().ok());
        numbers.clone().nth(at).unwrap_or(usual)
    };
    match arguments.first().map(String::as_str) {
        Some("run") => run(number(0, 2_000), number(1, 100)),
        _ => statement(number(0, 100_000)),
    }
}

fn statement(works: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut book = tiered(directory.path());
    book.threads = std::thread::available_parallelism().map_or(1, Into::into);
    let facts = (0..works).flat_map(|work| confirmed("acme", work));
    let usage = (0..METERS * 2).map(|number| {
        let (meter, month) = (number % METERS, number / METERS + 1);
        let data = format!(r#"{{"meter":"m{meter}","quantity":"{}"}}"#, TIERS * 10);
        event(
            "acme",
            &format!("u{number}"),
            ("usage.recorded", month),
            "",
            &data,
        )
    });
    append(&book, facts.chain(usage));
    sign(&book, "acme");
    drop(book.store.customers(None, 1).unwrap()); // until the state has settled them
    let limit = timed(|| read_and_hash(&book, "acme"));
    let fold = timed(|| drop(book.account("acme", None).unwrap()));
    let asked = Previewed {
        customer: Some("acme"),
        contract: None,
        period: Some("2026-02"),
        now: now(),
    };
    println!("peak memory {} MB before it is asked", peak_mb());
    let (mut lines, mut tiers) = (0, 0);
    let preview = timed(|| {
        let shown = book.preview(&asked).unwrap();
        let all = shown[0].statement.surfaces.iter();
        for line in all.flat_map(|own| &own.lines) {
            lines += 1;
            tiers += line.cells.len();
        }
    });
    let act = Issue {
        customer: "acme",
        contract: None,
        due: Due::Period("2026-02"),
        by: "finance",
        key: None,
        id: None,
    };
    let mut total = String::new();
    let issue = timed(|| total = book.issue(&act, now()).unwrap().what.total.to_string());
    println!(
        "{works} works, {tiers} tiers with an amount in {lines} lines of the last period, {total} charged in all"
    );
    let told = |what: &str, took: Took| {
        println!(
            "{what:<28}{:>10.2?}  of a processor {:>10.2?}  {:>6.1} of the limit",
            took.clock,
            took.processor,
            took.processor.as_secs_f64() / limit.processor.as_secs_f64()
        );
    };
    told("limit: read and hash", limit);
    told("fold the account", fold);
    told("preview, folded already", preview);
    told("issue, folded already", issue);
    println!("peak memory {} MB", peak_mb());
}

fn run(customers: usize, works: usize) {
    let directory = tempfile::tempdir().unwrap();
    let preset = presets::find("resolve-the-ticket").unwrap();
    let config = Config::of_preset(preset, &directory.path().join("book"));
    let book = Book::create(config, random(), now()).unwrap();
    let names: Vec<String> = (0..customers).map(|own| format!("c{own:05}")).collect();
    for names in names.chunks(100) {
        let facts = names
            .iter()
            .flat_map(|name| (0..works).flat_map(|work| confirmed(name, work)));
        append(&book, facts);
    }
    for name in &names {
        sign(&book, name);
    }
    drop(book.store.customers(None, 1).unwrap());
    let limit = timed(|| names.iter().for_each(|name| read_and_hash(&book, name)));
    println!("{customers} customers with {works} works each");
    println!("limit: read and hash  {:.2?}", limit.clock);
    for (is_dry, threads) in [(true, 1), (true, 2), (false, 2)] {
        let later = now()
            + jiff::SignedDuration::from_secs(i64::try_from(threads).unwrap() + i64::from(is_dry));
        let asked = Run {
            cut: "2026-02-01".parse().unwrap(),
            customers: &[],
            by: "finance",
            key: None,
            is_dry,
            proves: false,
        };
        let begun = book.begin_run(&asked, later).unwrap();
        let took = timed(|| {
            let mut working = Working {
                resumes: false,
                threads,
                clock: &now,
                stops: &|| false,
                told: &mut |_, _| {},
            };
            assert!(book.work_on_run(&begun, &mut working).unwrap());
        });
        let word = if is_dry { "dry run" } else { "run" };
        let all = took.processor;
        println!(
            "{word}, {threads} threads  {:.2?}, of a processor {all:.2?}  {:.1} of the limit's, {:.0} customers a second",
            took.clock,
            all.as_secs_f64() / limit.processor.as_secs_f64(),
            customers as f64 / took.clock.as_secs_f64()
        );
    }
    println!("peak memory {} MB", peak_mb());
}

/// A book whose plan has the meters beside an outcome.
fn tiered(path: &Path) -> Book {
    let preset = presets::find("resolve-the-ticket").unwrap();
    let definition = preset.definitions[0];
    std::fs::write(path.join("definition.toml"), definition).unwrap();
    let unit = definition
        .lines()
        .find_map(|line| line.strip_prefix("id = "))
        .unwrap();
    let mut plan = format!(
        "id = \"tiers\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"works\"\nkind = \"outcome\"\nunit = {unit}\nprice = \"0.99\"\n"
    );
    for meter in 0..METERS {
        write!(plan, "[[meter]]\nid = \"m{meter}\"\nclass = \"usage\"\n[[component]]\nid = \"c{meter}\"\nkind = \"metered\"\nmeter = \"m{meter}\"\nprice = {{ graduated = [").unwrap();
        for tier in 1..TIERS {
            write!(plan, "{{up_to={},unit=1}},", tier * 10).unwrap();
        }
        plan.push_str("{unit=2}] }\n");
    }
    std::fs::write(path.join("plan.toml"), plan).unwrap();
    let preset = Config::of_preset(preset, &path.join("book"));
    let config = Config {
        extends: None,
        documents: Some(OwnDocuments {
            definitions: vec![path.join("definition.toml")],
            plan: path.join("plan.toml"),
        }),
        ..preset
    };
    Book::create(config, random(), now()).unwrap()
}

fn random() -> book::Random {
    Arc::new(|| Ok(Zeroizing::new([7; 32])))
}

fn now() -> Timestamp {
    "2026-03-03T00:00:00Z".parse().unwrap()
}

fn sign(book: &Book, customer: &str) {
    let act = Sign {
        customer,
        from: "2026-01-01".parse().unwrap(),
        document: None,
        by: "buyer",
        id: None,
    };
    book.sign(&act, now()).unwrap();
}

fn event(customer: &str, id: &str, (kind, month): (&str, usize), work: &str, data: &str) -> Event {
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.{kind}.v1","subject":"{customer}","time":"2026-{month:02}-06T09:00:00Z"{work},"data":{data}}}"#
    );
    Event::parse(&text).unwrap()
}

fn confirmed(customer: &str, work: usize) -> [Event; 2] {
    let name = format!(r#","workid":"w{work}""#);
    let month = work % 2 + 1;
    let fact = |kind: &str, more: &str| {
        let data = format!(r#"{{"case":"c{work}"{more}}}"#);
        event(
            customer,
            &format!("{work}-{kind}"),
            (kind, month),
            &name,
            &data,
        )
    };
    [
        fact("work.answered", r#","kind":"answer""#),
        fact("work.confirmed", ""),
    ]
}

fn append(book: &Book, facts: impl Iterator<Item = Event>) {
    let mut facts = facts.peekable();
    while facts.peek().is_some() {
        let batch: Vec<Event> = facts.by_ref().take(BATCH).collect();
        for outcome in book.store.append(&batch, now()).unwrap() {
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        }
    }
}

fn read_and_hash(book: &Book, customer: &str) {
    let entries = book
        .store
        .entry_bytes(customer, LogKind::Shared, 0..u64::MAX);
    for bytes in entries.unwrap() {
        std::hint::black_box(Digest::of(&bytes.unwrap()));
    }
}

/// What something took.
#[derive(Clone, Copy)]
struct Took {
    clock: Duration,
    /// Of all threads of the process.
    processor: Duration,
}

fn timed(what: impl FnOnce()) -> Took {
    let (started, before) = (Instant::now(), processor());
    what();
    Took {
        clock: started.elapsed(),
        processor: processor() - before,
    }
}

/// The time of a processor that the process has had, as the system counts it: in hundredths of a second.
fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything, the twelfth and thirteenth are its own time and the system's for it.
    let (_, numbers) = text.rsplit_once(')').unwrap_or_default();
    let ticks = numbers.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|own| own.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The most memory that the process had, as the system says it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
