//! A book whose process is killed, and a book on a full disk: nothing acknowledged is lost, nothing is
//! there twice, the state equals the fold of the journal, and every head that was signed is a head of
//! what comes back.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // what a long test did is worth reading

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use jiff::civil::Date;
use piecework_store as store;
use store::conformance::{correction, definition, event};
use store::{
    DefaultDocuments, Embedded, Outcome, Reconciliation as _, Store, StoreError, TreeHead, UnitsOf,
};
use tlog::proof::verify_consistency;
use tlog::{Checkpoint, Note, SignerKey};
use work::body::Kind;
use work::{Event, LogKind};

/// Where the writer that is killed finds its book; set for the child process only.
const BOOK: &str = "PIECEWORK_CRASH_BOOK";
/// The event that it begins with.
const FROM: &str = "PIECEWORK_CRASH_FROM";
/// How often it is killed, at random points (200 unless told).
const KILLS: &str = "PIECEWORK_KILLS";

fn arrival() -> jiff::Timestamp {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

/// The feed: event `n`, always the same. Several customers, both logs, a further content under one
/// identity now and then, and a correction.
fn nth(n: usize) -> Event {
    let customer = format!("customer-{}", n / 50 % 5);
    let work = format!("w{}", n / 6);
    let cost = |n: usize, amount: &str| {
        let data = format!(r#""line":"model","amount":"{amount} USD""#);
        event(
            &customer,
            &n.to_string(),
            Kind::CostRecorded,
            &work,
            6,
            &data,
        )
    };
    match n % 50 {
        10 => cost(n - 1, "0.11"),
        20 => correction(&format!("c{n}"), &cost(n - 5, "0.10"), "void", None),
        n50 if n50 % 2 == 1 => cost(n, "0.10"),
        _ => event(&customer, &n.to_string(), Kind::Opened, &work, 6, ""),
    }
}

/// The same feed in larger events.
fn large_nth(n: usize) -> Event {
    let mut event = nth(n);
    if let work::Body::Cost(cost) = &mut event.body {
        cost.note = Some(format!("{n} ").repeat(300));
    }
    event
}

fn open(path: &Path) -> Result<Embedded, StoreError> {
    let book = match Embedded::open(path) {
        // Killed while it was made: made again.
        Err(StoreError::NotABook { .. }) => Embedded::create(path),
        other => other,
    }?;
    let definitions = vec![definition("done", "\"work\"", "\"none\"", "24h")];
    let time_zone = "UTC".to_owned();
    book.set_default_documents(&DefaultDocuments {
        definitions,
        time_zone,
    })?;
    Ok(book)
}

/// Every event of the feed before `acknowledged` is there once; what is there beyond it is a
/// beginning of the rest.
fn verify(book: &Embedded, nth: fn(usize) -> Event, acknowledged: usize) -> usize {
    let mut n = 0;
    loop {
        let event = nth(n);
        let found = book
            .find(&event.customer, &event.source, &event.id)
            .unwrap();
        let digest = event.digest();
        let places: Vec<u64> = found
            .iter()
            .flat_map(|found| found.contents.iter())
            .filter(|content| content.1 == digest)
            .map(|content| content.0)
            .collect();
        if places.is_empty() {
            break;
        }
        assert_eq!(places.len(), 1, "event {n} is there {} times", places.len());
        let entry = book
            .entry(&event.customer, event.log(), places[0])
            .unwrap()
            .unwrap();
        assert_eq!(entry.event, event);
        n += 1;
    }
    assert!(
        n >= acknowledged,
        "event {n} was acknowledged and is lost ({acknowledged} were)"
    );
    let units = book.units("customer-0", UnitsOf::Customer).unwrap().count();
    assert!(n < 300 || units > 0, "{n} events, and nothing is settled");
    // Also duplicates, which leave no entry, are counted by day as they were in all.
    let by_day = book.delivery_totals(None, &(Date::MIN..Date::MAX)).unwrap();
    assert_eq!(by_day, book.deliveries().unwrap());
    let health = book.doctor().unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
    assert_eq!(health.entries, n as u64);
    n
}

/// The key of a customer's log; the seed is no secret here.
fn key(customer: &str, log: LogKind) -> SignerKey {
    let name = format!("vendor.example/{customer}/{}", log.name());
    SignerKey::from_seed(name.parse().unwrap(), &[7; 32])
}

/// Signs the head of a log as it is now, keeps it, and says so; of an empty log there is nothing to say.
fn sign(book: &Embedded, customer: &str, log: LogKind, out: &mut impl std::io::Write) {
    let head = book.tree_head(customer, log, None).unwrap();
    if head.size == 0 {
        return;
    }
    let key = key(customer, log);
    let origin = key.verifier_key().name().as_str();
    let checkpoint = Checkpoint::new(origin, head.size, head.root).unwrap();
    let note = checkpoint.sign(&key).unwrap().to_string();
    book.keep_checkpoint(customer, log, &note).unwrap();
    let TreeHead { size, root } = head;
    writeln!(out, "signed {customer} {} {size} {root}", log.name()).unwrap();
    out.flush().unwrap();
}

/// What a child said before it was killed.
#[derive(Default)]
struct Said {
    acknowledged: Option<usize>,
    /// The last head that it signed of each log.
    signed: BTreeMap<(String, String), TreeHead>,
}

impl Said {
    fn hear(mut self, line: &str) -> Said {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["acknowledged", count] => self.acknowledged = count.parse().ok(),
            ["signed", customer, log, size, root] => {
                // The last line may have been cut off, and then it was not said.
                if let (Ok(size), Ok(root)) = (size.parse(), root.parse()) {
                    let log = (customer.to_owned(), log.to_owned());
                    self.signed.insert(log, TreeHead { size, root });
                }
            }
            _ => {}
        }
        self
    }
}

/// Every head that was signed is a head of its log: the tree has that root at that size, continues from
/// there to its head now, and the book has the note.
fn verify_signed(book: &Embedded, signed: &BTreeMap<(String, String), TreeHead>) {
    for ((customer, log_name), head) in signed {
        let log = [LogKind::Shared, LogKind::Seller]
            .into_iter()
            .find(|log| log.name() == log_name)
            .unwrap();
        let now = book.tree_head(customer, log, None).unwrap();
        let proof = book
            .consistency_proof(customer, log, head.size, now.size)
            .unwrap();
        verify_consistency(head.size, &head.root, now.size, &now.root, &proof).unwrap();
        let then = book.tree_head(customer, log, Some(head.size)).unwrap();
        assert_eq!(then, *head);
        let note = book.checkpoint(customer, log, head.size).unwrap().unwrap();
        let note: Note = note.parse().unwrap();
        let key = key(customer, log);
        let opened = Checkpoint::open(&note, key.verifier_key(), []).unwrap();
        let kept = (opened.checkpoint.size(), *opened.checkpoint.root());
        assert_eq!(kept, (head.size, head.root));
    }
}

/// What was acknowledged last is there, before the next import could bring it again: as much of it as
/// one call appends.
fn verify_acknowledged(book: &Embedded, acknowledged: usize) {
    for n in acknowledged.saturating_sub(2_600)..acknowledged {
        let event = nth(n);
        let found = book
            .find(&event.customer, &event.source, &event.id)
            .unwrap();
        let digest = event.digest();
        let mut contents = found.iter().flat_map(|found| found.contents.iter());
        assert!(
            contents.any(|content| content.1 == digest),
            "event {n} was acknowledged and is lost ({acknowledged} were)"
        );
    }
}

/// The last head that the book kept of each log, told or not, is signed and is a head of its log.
fn verify_kept(book: &Embedded) -> usize {
    let mut kept = 0;
    for number in 0..5 {
        let customer = format!("customer-{number}");
        for log in [LogKind::Shared, LogKind::Seller] {
            let Some(note) = book.checkpoint(&customer, log, u64::MAX).unwrap() else {
                continue;
            };
            let note: Note = note.parse().unwrap();
            let key = key(&customer, log);
            let opened = Checkpoint::open(&note, key.verifier_key(), []).unwrap();
            let (size, root) = (opened.checkpoint.size(), *opened.checkpoint.root());
            let head = book.tree_head(&customer, log, None).unwrap();
            let proof = book.consistency_proof(&customer, log, size, head.size);
            verify_consistency(size, &root, head.size, &head.root, &proof.unwrap()).unwrap();
            kept += 1;
        }
    }
    kept
}

/// The child: imports the feed, saying what is acknowledged and what it signs, until it is killed.
#[test]
fn the_writer_that_is_killed() {
    let (Ok(path), Ok(from)) = (std::env::var(BOOK), std::env::var(FROM)) else {
        return; // only a part of the test below
    };
    let mut next: usize = from.parse().unwrap();
    let book = open(Path::new(&path)).unwrap();
    let mut out = std::io::stdout().lock();
    for size in (0..).map(|round| [1, 7, 300, 40, 2_600][round % 5]) {
        let outcomes = book
            .append(&(next..next + size).map(nth).collect::<Vec<_>>(), arrival())
            .unwrap();
        assert!(
            !outcomes
                .iter()
                .any(|o| matches!(o, Outcome::Refused { .. })),
            "{outcomes:?}"
        );
        next += size;
        writeln!(out, "acknowledged {next}").unwrap();
        out.flush().unwrap();
        let customer = nth(next - 1).customer;
        for log in [LogKind::Shared, LogKind::Seller] {
            sign(&book, &customer, log, &mut out);
        }
    }
}

#[test]
fn slow_two_hundred_kills_lose_nothing_and_keep_every_signed_head() {
    let kills: u64 = std::env::var(KILLS).map_or(200, |kills| kills.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let mut acknowledged = 0_usize;
    let mut signed = BTreeMap::new();
    let mut productive = 0;
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for kill in 0..kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_writer_that_is_killed", "--nocapture"])
            .env(BOOK, &path)
            // The import begins again a little before the end: what is there already is a duplicate.
            .env(FROM, acknowledged.saturating_sub(100).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (began, begins) = channel();
        let reader = std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok).inspect(|line| {
                if line.starts_with("acknowledged ") {
                    let _ = began.send(());
                }
            });
            lines.fold(Said::default(), |said, line| said.hear(&line))
        });
        // One in four dies at whatever moment of its start, the others while they import.
        if kill % 4 > 0 {
            let _ = begins.recv_timeout(Duration::from_secs(60));
        }
        std::thread::sleep(Duration::from_millis(random % 250));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
        let told = reader.join().unwrap();
        if let Some(last) = told.acknowledged {
            assert!(last + 100 >= acknowledged);
            productive += 1;
            acknowledged = acknowledged.max(last);
        }
        signed.extend(told.signed);
        let book = open(&path).unwrap();
        verify_acknowledged(&book, acknowledged);
        verify_signed(&book, &signed);
        assert!(verify_kept(&book) >= signed.len());
        drop(book);
        if kill % 25 == 24 || kill + 1 == kills {
            let book = open(&path).unwrap();
            let there = verify(&book, nth, acknowledged);
            println!(
                "{} kills: {acknowledged} acknowledged, {there} there, {} logs signed",
                kill + 1,
                signed.len()
            );
        }
    }
    assert!(
        productive > kills / 2,
        "only {productive} of {kills} runs acknowledged anything"
    );
    // The import runs again from the beginning, to the end, and changes only what was missing.
    let book = open(&path).unwrap();
    let there = verify(&book, nth, acknowledged);
    for from in (0..there).step_by(10_000) {
        let to = (from + 10_000).min(there);
        for outcome in book
            .append(&(from..to).map(nth).collect::<Vec<_>>(), arrival())
            .unwrap()
        {
            assert!(matches!(outcome, Outcome::Duplicate { .. }), "{outcome:?}");
        }
    }
    assert_eq!(verify(&book, nth, there), there);
}

/// A small file system in memory, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount one.
    fn mount(size: &str) -> Option<SmallDisk> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"])
            .arg(directory.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(SmallDisk(directory))
    }

    fn grow(&self, size: &str) {
        let grown = Command::new("mount")
            .args(["-o", &format!("remount,size={size}")])
            .arg(self.0.path())
            .status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Imports until the disk is full, then gives it room: every acknowledged event is there.
#[test]
fn slow_a_full_disk_is_a_clear_error_and_loses_nothing() {
    let feed = |from: usize| (from..from + 2_000).map(large_nth).collect::<Vec<_>>();
    // Sizes at which different files meet the end: the journal's write-ahead file, its tables, the
    // state.
    let mut ran = false;
    for size in ["24m", "40m", "90m"] {
        let Some(disk) = SmallDisk::mount(size) else {
            break;
        };
        ran = true;
        let path = disk.0.path().join("book");
        let mut acknowledged = 0;
        let book = open(&path).unwrap();
        let error = loop {
            match book.append(&feed(acknowledged), arrival()) {
                Ok(_) => acknowledged += 2_000,
                Err(error) => break error,
            }
            assert!(acknowledged < 2_000_000, "the disk of {size} is never full");
        };
        let message = error.to_string();
        assert!(
            matches!(error, StoreError::Full { .. } | StoreError::Halted { .. }),
            "{size}: {message}"
        );
        assert!(
            message.contains("nothing acknowledged is lost"),
            "{size}: {message}"
        );
        // It stays refused until the book is opened again, and what is there can still be read.
        let again = book.append(&feed(0), arrival()).unwrap_err();
        assert!(
            matches!(again, StoreError::Halted { .. }),
            "{size}: {again}"
        );
        let first = large_nth(0);
        assert!(
            book.find(&first.customer, &first.source, &first.id)
                .unwrap()
                .is_some()
        );
        drop(book);
        disk.grow("600m");
        let book = open(&path).unwrap();
        let there = verify(&book, large_nth, acknowledged);
        println!("{size}: {acknowledged} acknowledged, {there} there; {message}");
        book.append(&feed(there), arrival()).unwrap();
        verify(&book, large_nth, there + 2_000);
    }
    if !ran {
        println!("skipped: only root may mount a small disk");
    }
}
