//! The embedded store against the conformance suite, and what only a book in a directory has to do.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use piecework_store as store;
use store::conformance::{conformance, event, statement};
use store::embedded::FoundState;
use store::{
    Deliveries, Embedded, FactKind, FactsOf, Outcome, RefusedElsewhere, Store, StoreError,
};
use work::body::Kind;
use work::{Event, LogKind};

fn arrival() -> jiff::Timestamp {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

/// Work facts and costs, four of each to a work.
fn events(customer: &str, from: usize, count: usize) -> Vec<Event> {
    (from..from + count)
        .map(|n| {
            let work = format!("w{}", n / 4);
            match n % 2 {
                0 => event(customer, &n.to_string(), Kind::Opened, &work, 6, ""),
                _ => {
                    let data = r#""line":"model","amount":"0.10 USD""#;
                    event(customer, &n.to_string(), Kind::CostRecorded, &work, 6, data)
                }
            }
        })
        .collect()
}

fn healthy(book: &Embedded, entries: u64) {
    let health = book.doctor().unwrap();
    assert_eq!(health.findings, Vec::<String>::new());
    assert_eq!(health.entries, entries);
}

#[test]
fn the_embedded_store_conforms() {
    let directory = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    conformance(|| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let path = directory.path().join(number.to_string());
        Box::new(Embedded::create(&path).unwrap())
    });
}

#[test]
fn everything_is_there_after_a_clean_close() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    book.append(&events("acme", 0, 1_000), arrival()).unwrap();
    book.count_refused(&[RefusedElsewhere::unnamed(7)], arrival())
        .unwrap();
    let (deliveries, position) = (book.deliveries().unwrap(), book.position());
    let customers = book.customers(None, 10).unwrap();
    drop(book);
    let book = Embedded::open(&path).unwrap();
    assert_eq!(*book.found_state(), FoundState::Whole);
    assert_eq!(book.deliveries().unwrap(), deliveries);
    assert_eq!(book.position().committed, position.committed);
    assert_eq!(book.customers(None, 10).unwrap(), customers);
    for outcome in book.append(&events("acme", 0, 1_000), arrival()).unwrap() {
        assert!(matches!(outcome, Outcome::Duplicate { .. }), "{outcome:?}");
    }
    healthy(&book, 1_000);
}

/// Many callers at once: each event is acknowledged to every caller, and is there once.
#[test]
fn concurrent_callers_share_commits_and_nothing_counts_twice() {
    const CALLERS: usize = 8;
    const BATCHES: usize = 40;
    let directory = tempfile::tempdir().unwrap();
    let book = Embedded::create(&directory.path().join("book")).unwrap();
    // Every two callers send the same events, and each caller one batch that all of them send.
    let outcomes: Vec<Vec<Outcome>> = std::thread::scope(|scope| {
        let callers: Vec<_> =
            (0..CALLERS)
                .map(|caller| {
                    let book = &book;
                    scope.spawn(move || {
                        let mut outcomes = Vec::new();
                        for batch in 0..BATCHES {
                            let customer = format!("customer-{}", caller / 2);
                            outcomes.extend(
                                book.append(&events(&customer, batch * 10, 10), arrival())
                                    .unwrap(),
                            );
                            outcomes.extend(
                                book.append(&events("all", batch * 10, 10), arrival())
                                    .unwrap(),
                            );
                            // A reader sees what was acknowledged to it.
                            let seen = book.customers(None, 100).unwrap();
                            assert!(seen.iter().any(|c| c.customer == customer
                                && c.shared_size >= 5 * (batch as u64 + 1)));
                        }
                        outcomes
                    })
                })
                .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|o| wanted(o)).count() as u64;
    let accepted = count(|o| matches!(o, Outcome::Accepted { .. }));
    let distinct = (CALLERS / 2 + 1) * BATCHES * 10;
    assert_eq!(accepted, distinct as u64);
    let expected = Deliveries {
        received: outcomes.len() as u64,
        accepted,
        duplicate: outcomes.len() as u64 - accepted,
        ..Deliveries::default()
    };
    assert_eq!(book.deliveries().unwrap(), expected);
    let commits = book.position().committed;
    assert!(
        commits < (CALLERS * BATCHES * 2) as u64,
        "{commits} commits: none was shared"
    );
    healthy(&book, accepted);
}

#[test]
fn a_second_process_is_kept_out_and_told_by_whom() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    // A lock of the operating system belongs to the open file, so a second opening in this process
    // stands for one in another.
    let refused = Embedded::open(&path).err().unwrap();
    let message = refused.to_string();
    assert!(matches!(refused, StoreError::Locked { .. }), "{message}");
    assert!(
        message.contains(&std::process::id().to_string()),
        "{message}"
    );
    drop(book);
    Embedded::open(&path).unwrap();
}

#[test]
fn what_is_not_a_book_of_this_format_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let refused = Embedded::open(&path).err().unwrap();
    assert!(matches!(refused, StoreError::NotABook { .. }), "{refused}");
    drop(Embedded::create(&path).unwrap());
    let refused = Embedded::create(&path).err().unwrap();
    assert!(matches!(refused, StoreError::Exists { .. }), "{refused}");
    for (text, said) in [
        ("format = 1\n", "format 1"),
        ("format = 4\n", "format 4"),
        ("", "no format"),
        ("=", "nothing readable"),
    ] {
        fs::write(path.join("book.toml"), text).unwrap();
        let refused = Embedded::open(&path).err().unwrap().to_string();
        assert!(
            refused.contains(said) && refused.contains("book.toml"),
            "{refused}"
        );
    }
}

/// A book of the format before is opened, and an earlier release is then told that it is newer.
#[test]
fn a_book_of_the_format_before_is_brought_to_this_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    book.append(&events("acme", 0, 10), arrival()).unwrap();
    drop(book);
    fs::write(path.join("book.toml"), "format = 2\n").unwrap();
    healthy(&Embedded::open(&path).unwrap(), 10);
    let text = fs::read_to_string(path.join("book.toml")).unwrap();
    assert!(text.contains("format = 3"), "{text}");
}

/// The state is a cache: whatever happens to its file, opening the book makes it right.
#[test]
fn a_state_that_is_gone_or_damaged_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    for part in 0..6 {
        book.append(&events("acme", part * 500, 500), arrival())
            .unwrap();
    }
    book.customers(None, 1).unwrap();
    drop(book);
    let state = path.join("state.db");
    let whole = fs::read(&state).unwrap();
    type Damage = fn(&Path, &[u8]);
    let damages: [(&str, Damage); 6] = [
        ("deleted", |state, _| fs::remove_file(state).unwrap()),
        ("empty", |state, _| fs::write(state, "").unwrap()),
        ("half", |state, whole| {
            fs::write(state, &whole[..whole.len() / 2]).unwrap();
        }),
        ("cut in a page", |state, whole| {
            fs::write(state, &whole[..5_000]).unwrap();
        }),
        ("not a database", |state, _| {
            fs::write(state, "not a database").unwrap();
        }),
        ("no schema", |state, whole| {
            let mut bytes = whole.to_vec();
            bytes[100..4_096].fill(0x5a);
            fs::write(state, bytes).unwrap();
        }),
    ];
    for (name, damage) in damages {
        damage(&state, &whole);
        let book = Embedded::open(&path).unwrap();
        assert_ne!(*book.found_state(), FoundState::Whole, "{name}");
        let customers = book.customers(None, 10).unwrap();
        assert_eq!(
            (customers[0].shared_size, customers[0].seller_size),
            (1_500, 1_500),
            "{name}"
        );
        healthy(&book, 3_000);
        drop(book);
        assert_eq!(
            *Embedded::open(&path).unwrap().found_state(),
            FoundState::Whole,
            "{name}"
        );
    }
}

#[test]
fn a_state_of_another_journal_is_not_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("one"), directory.path().join("two"));
    for (path, customer) in [(&one, "acme"), (&two, "umbrella")] {
        let book = Embedded::create(path).unwrap();
        book.append(&events(customer, 0, 10), arrival()).unwrap();
        book.customers(None, 1).unwrap();
    }
    fs::copy(one.join("state.db"), two.join("state.db")).unwrap();
    let book = Embedded::open(&two).unwrap();
    assert!(
        matches!(book.found_state(), FoundState::Unusable(_)),
        "{:?}",
        book.found_state()
    );
    assert_eq!(book.customers(None, 10).unwrap()[0].customer, "umbrella");
    healthy(&book, 10);
}

/// `doctor` says where the state differs from the journal's fold, and `rebuild` mends it.
#[test]
fn doctor_finds_what_somebody_changed_in_the_state() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    book.append(&events("acme", 0, 100), arrival()).unwrap();
    healthy(&book, 100);
    let meddle = rusqlite::Connection::open(path.join("state.db")).unwrap();
    meddle
        .execute_batch(
            "UPDATE costs SET amount = '9.99' WHERE entry = 3;
             DELETE FROM facts WHERE value = 'w7' AND entry = 14;
             INSERT INTO seats VALUES (1, 5, 'desk', '99', '2026', 'ann', 1);",
        )
        .unwrap();
    let findings = book.doctor().unwrap().findings;
    for said in [
        "table `costs`: row (1, 3) is different",
        "table `facts`: row (1, `work`, `w7`, 0, 14) is missing",
        "table `seats`: row (1, 5) should not be there",
    ] {
        assert!(
            findings.iter().any(|finding| finding.contains(said)),
            "{said}: {findings:?}"
        );
    }
    book.rebuild().unwrap();
    healthy(&book, 100);
}

/// A statement goes into one commit, however many parts it has, and its lines are read whole or not
/// at all.
#[test]
fn the_lines_of_a_statement_are_those_of_all_its_parts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    let state = rusqlite::Connection::open(path.join("state.db")).unwrap();
    let lines = |customer: &str| -> Vec<(i64, String)> {
        book.customers(None, 1).unwrap(); // waits for the state
        let sql = "SELECT position, cell FROM v1_statement_lines
                   WHERE customer = ?1 ORDER BY position";
        let mut select = state.prepare(sql).unwrap();
        let rows = select.query_map([customer], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    let entries = statement("acme", 5_000);
    let before = book.position().committed;
    book.append(&entries, arrival()).unwrap();
    assert_eq!(book.position().committed, before + 1);
    let found = lines("acme");
    assert_eq!(found.len(), 5_000);
    for (expected, (position, cell)) in found.iter().enumerate() {
        assert_eq!(*position, i64::try_from(expected).unwrap());
        assert!(cell.ends_with(&format!("class:{expected:05}")), "{cell}");
    }
    let mut partial = statement("umbrella", 5_000);
    partial.remove(3);
    book.append(&partial, arrival()).unwrap();
    assert_eq!(lines("umbrella"), []);
}

/// A state that cannot be written keeps nobody from being acknowledged; its readers are told, and it
/// goes on once the cause is gone.
#[test]
fn a_state_that_cannot_follow_is_an_error_for_readers_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    book.append(&events("acme", 0, 10), arrival()).unwrap();
    book.customers(None, 1).unwrap();
    let meddle = rusqlite::Connection::open(path.join("state.db")).unwrap();
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON facts
                   BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END";
    meddle.execute_batch(trigger).unwrap();
    let outcomes = book.append(&events("acme", 10, 10), arrival()).unwrap();
    assert!(matches!(outcomes[9], Outcome::Accepted { .. }));
    let error = book.customers(None, 1).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, StoreError::Behind { .. }), "{message}");
    assert!(message.contains("the disk is on fire"), "{message}");
    assert_eq!(book.head("acme", LogKind::Shared).unwrap(), 10);
    meddle.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(book.customers(None, 1).unwrap()[0].shared_size, 10);
    healthy(&book, 20);
}

#[test]
fn a_backup_is_a_book_of_one_instant() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("book"), directory.path().join("copy"));
    let book = Embedded::create(&path).unwrap();
    book.append(&events("acme", 0, 9_000), arrival()).unwrap();
    book.backup(&copy).unwrap();
    assert!(matches!(book.backup(&copy), Err(StoreError::Exists { .. })));
    book.append(&events("acme", 9_000, 10), arrival()).unwrap();
    let copied = Embedded::open(&copy).unwrap();
    assert_eq!(*copied.found_state(), FoundState::Whole);
    assert_eq!(
        copied
            .facts("acme", FactKind::Cost, FactsOf::Customer)
            .unwrap()
            .count(),
        4_500
    );
    healthy(&copied, 9_000);
    // A copy goes on by itself.
    copied.append(&events("acme", 9_000, 2), arrival()).unwrap();
    healthy(&copied, 9_002);
    healthy(&book, 9_010);
}

/// A lookup of an absent identity is answered by filters that stay in memory, in a journal several
/// times larger than its cache (unpinned, it was measured at 390 us instead of 4).
#[test]
fn slow_absent_identities_are_told_without_reading_the_journal() {
    let directory = tempfile::tempdir().unwrap();
    let book = Embedded::create(&directory.path().join("book")).unwrap();
    let count = if cfg!(debug_assertions) {
        30_000
    } else {
        1_000_000
    };
    // Identities are found by a digest, so that their number matters, not their order.
    let text = "x".repeat(1_500);
    for part in 0..count / 2_000 {
        let events: Vec<Event> = (part * 2_000..(part + 1) * 2_000)
            .map(|n| {
                let data = format!(r#""reason":"{text}""#);
                event("acme", &n.to_string(), Kind::Closed, "w1", 6, &data)
            })
            .collect();
        book.append(&events, arrival()).unwrap();
    }
    drop(book);
    let book = Embedded::open(&directory.path().join("book")).unwrap();
    let begun = std::time::Instant::now();
    let lookups = 20_000;
    for n in 0..lookups {
        assert_eq!(
            book.find("acme", "desk", &format!("absent-{n}")).unwrap(),
            None
        );
    }
    let each = begun.elapsed() / lookups;
    assert!(each.as_micros() < 100, "{each:?} for each absent identity");
    let present: BTreeSet<u64> = (0..1_000)
        .map(|n| {
            book.find("acme", "desk", &(n * 7).to_string())
                .unwrap()
                .unwrap()
                .contents[0]
                .0
        })
        .collect();
    assert_eq!(present.len(), 1_000);
}

/// A byte changed on disk is an error that names the place, never a wrong answer.
#[test]
fn slow_a_damaged_table_is_an_error_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book");
    let book = Embedded::create(&path).unwrap();
    let text = "some reason ".repeat(150);
    for part in 0..8 {
        let events: Vec<Event> = (part * 2_000..(part + 1) * 2_000)
            .map(|n| {
                let data = format!(r#""reason":"{n} {text}""#);
                event("acme", &n.to_string(), Kind::Closed, "w1", 6, &data)
            })
            .collect();
        book.append(&events, arrival()).unwrap();
    }
    book.customers(None, 1).unwrap();
    drop(book);
    drop(Embedded::open(&path).unwrap());
    let mut tables: Vec<_> = walk(&path.join("journal"))
        .into_iter()
        .filter(|file| file.parent().unwrap().ends_with("tables"))
        .collect();
    tables.sort_by_key(|file| std::cmp::Reverse(fs::metadata(file).unwrap().len()));
    let file = &tables[0];
    let length = fs::metadata(file).unwrap().len();
    {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let mut table = OpenOptions::new().write(true).open(file).unwrap();
        table.seek(SeekFrom::Start(length / 2)).unwrap();
        table.write_all(&[0xA5; 64]).unwrap();
    }
    let book = Embedded::open(&path).unwrap();
    let mut faults = Vec::new();
    for log in [LogKind::Shared, LogKind::Seller] {
        for entry in book.entries("acme", log, 0..u64::MAX).unwrap() {
            if let Err(error) = entry {
                faults.push(error.to_string());
                break;
            }
        }
    }
    let doctor = book.doctor().map(|health| health.findings);
    assert!(!faults.is_empty() || !matches!(&doctor, Ok(findings) if findings.is_empty()));
    for fault in faults {
        assert!(fault.contains("damaged"), "{fault}");
    }
}

fn walk(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Secrets that sign webhooks are in the file, so that its owner alone reads it, and a copy of it.
#[test]
fn only_its_owner_reads_the_operational_tables() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("book"), directory.path().join("copy"));
    let book = Embedded::create(&path).unwrap();
    // A book of an earlier release has a file that others could read.
    std::fs::set_permissions(
        path.join("operations.db"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    drop(book);
    let book = Embedded::open(&path).unwrap();
    book.operations()
        .outbox()
        .announce(&[], None, Some(7))
        .unwrap();
    book.backup(&copy).unwrap();
    for file in [&path, &copy] {
        for part in ["operations.db", "operations.db-wal", "operations.db-shm"] {
            let part = file.join(part);
            if let Ok(metadata) = std::fs::metadata(&part) {
                let mode = metadata.permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{}", part.display());
            }
        }
        assert!(file.join("operations.db").exists());
    }
    drop(book);
    let copy = Embedded::open(&copy).unwrap();
    assert_eq!(copy.operations().outbox().followed().unwrap(), Some(7));
}
