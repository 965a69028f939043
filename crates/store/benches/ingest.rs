//! How fast a book takes events, beside what this machine can do at all, in one run.
//!
//! ```text
//! cargo bench -p piecework-store --bench ingest -- [EVENTS] [CALLERS] [settled]
//! ```
//!
//! The limit is what nobody can beat with this event format: read the text, make the canonical form
//! and its digest, write it to a file and `fdatasync` every batch. The book does that and keeps each
//! event once, durable before it answers, in the log of its customer; its state follows. Both are
//! `settled` adds a definition, so that the state settles every work as well. Both are
//! given the same batches of 10,000 lines by the same number of threads.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)] // for people

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use piecework_store as store;
use store::conformance::definition;
use store::conformance::feed::line;
use store::{DefaultDocuments, Embedded, Store};
use work::{Digest, Event};

const BATCH: usize = 10_000;

/// Gives batches of lines to `callers` threads; returns how long each batch took in its thread.
fn run(
    from: u64,
    events: u64,
    callers: usize,
    work: impl Fn(usize, &[String]) + Sync,
) -> (Duration, Vec<Duration>) {
    // Lines are made outside the time that counts: a round at a time, so that memory stays bounded.
    let per_round = callers * 4;
    let mut total = Duration::ZERO;
    let mut each = Vec::new();
    let mut next = from;
    while next < from + events {
        let mut batches: Vec<Vec<String>> = Vec::new();
        while batches.len() < per_round && next < from + events {
            let to = (next + BATCH as u64).min(from + events);
            batches.push((next..to).map(line).collect());
            next = to;
        }
        let taken = AtomicUsize::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..callers)
                .map(|caller| {
                    let (taken, batches, work) = (&taken, &batches, &work);
                    scope.spawn(move || {
                        let mut times = Vec::new();
                        while let Some(batch) = batches.get(taken.fetch_add(1, Ordering::Relaxed)) {
                            let begun = Instant::now();
                            work(caller, batch);
                            times.push(begun.elapsed());
                        }
                        times
                    })
                })
                .collect();
            for thread in threads {
                each.extend(thread.join().unwrap());
            }
        });
        total += begun.elapsed();
    }
    each.sort_unstable();
    (total, each)
}

fn rate(events: u64, time: Duration) -> u128 {
    u128::from(events) * 1_000_000_000 / time.as_nanos().max(1)
}

fn limit(directory: &Path, events: u64, callers: usize) -> u128 {
    let files: Vec<File> = (0..callers)
        .map(|caller| File::create(directory.join(format!("limit-{caller}"))).unwrap())
        .collect();
    let (time, _) = run(0, events, callers, |caller, batch| {
        let mut bytes = Vec::with_capacity(batch.len() * 512);
        for line in batch {
            let text = Event::parse(line).unwrap().canonical();
            bytes.extend_from_slice(Digest::of(text.as_bytes()).as_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        let mut file = &files[caller];
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    });
    rate(events, time)
}

fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

fn disk_bytes(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(path).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => disk_bytes(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let events = numbers.first().copied().unwrap_or(1_000_000);
    let settled = std::env::args().any(|argument| argument == "settled");
    let callers = usize::try_from(numbers.get(1).copied().unwrap_or(2)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let sample: usize = (0..1_000).map(|n| line(n).len()).sum();
    println!(
        "{events} events of {} bytes, batches of {BATCH}, {callers} callers",
        sample / 1_000
    );

    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    if settled {
        let definitions = vec![definition("case", "\"case\"", "\"none\"", "24h")];
        let time_zone = "UTC".to_owned();
        book.set_default_documents(&DefaultDocuments {
            definitions,
            time_zone,
        })
        .unwrap();
    }
    let arrival: jiff::Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    // The limit is measured again beside each part, since others may use the machine meanwhile.
    let (mut done, mut all, mut shares) = (0, Duration::ZERO, Vec::new());
    while done < events {
        let part = 1_000_000.min(events - done);
        let limit = limit(directory.path(), part / 4, callers);
        let (time, each) = run(done, part, callers, |_, batch| {
            let events: Vec<Event> = batch
                .iter()
                .map(|line| Event::parse(line).unwrap())
                .collect();
            book.append(&events, arrival).unwrap();
        });
        done += part;
        all += time;
        let rate = rate(part, time);
        shares.push(rate * 1_000 / limit);
        let position = book.position();
        println!(
            "{done:>9} acknowledged: limit {limit:>7}, book {rate:>7} events/s, {:>2}%; a batch p50 {:?}, \
             p99 {:?}; state {} of {} commits",
            rate * 100 / limit,
            each[each.len() / 2],
            each[each.len() * 99 / 100],
            position.applied,
            position.committed
        );
    }
    let begun = Instant::now();
    let customers = book.customers(None, 10_000).unwrap();
    let behind = begun.elapsed();
    let acknowledged = rate(events, all);
    println!("book: acknowledged                       {acknowledged:>9} events/s");
    println!(
        "book: with the state up to date          {:>9} events/s",
        rate(events, all + behind)
    );
    println!(
        "cost per event, last part / first part   {:>9}",
        format!("{:.2}", shares[0] as f64 / shares[shares.len() - 1] as f64)
    );
    let deliveries = book.deliveries().unwrap();
    println!(
        "{} customers, {} accepted, {} duplicate; peak memory {} MB; disk {} B an event",
        customers.len(),
        deliveries.accepted,
        deliveries.duplicate,
        peak_memory_mb(),
        disk_bytes(&path) / deliveries.accepted
    );
    drop(book);
    let begun = Instant::now();
    let book = Embedded::open(&path).unwrap();
    println!("opened again in {:?}", begun.elapsed());
    let begun = Instant::now();
    let mut read = 0_u64;
    for customer in &customers {
        for log in [work::LogKind::Shared, work::LogKind::Seller] {
            for entry in book.entries(&customer.customer, log, 0..u64::MAX).unwrap() {
                read += u64::from(!entry.unwrap().conflict);
            }
        }
    }
    println!(
        "read back                                {:>9} events/s",
        rate(read, begun.elapsed())
    );
}
