//! The statement run through the command line, killed wherever it is: every statement is issued exactly once, with
//! numbers without a gap; and four eyes, from the proposal to the change report.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // what a long test did is worth reading

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{TestBook, number, row};

fn name(customer: usize) -> String {
    format!("customer-{customer:02}")
}

/// A book of customers with a signed contract since January, and two resolved conversations of each in each month.
fn signed(customers: usize, months: usize) -> TestBook {
    let book = TestBook::preset("fin-style", &format!("2026-{:02}-03T09:00:00Z", months + 1));
    let mut lines = String::new();
    for customer in 0..customers {
        for month in 1..=months {
            for case in 1..=2 {
                let work = format!("T-{month}-{case}");
                writeln!(
                    lines,
                    r#"{{"specversion":"1.0","id":"{work}","source":"desk","type":"piecework.work.answered.v1","subject":"{}","time":"2026-{month:02}-05T09:00:00Z","workid":"{work}","data":{{"conversation":"{work}","kind":"answer"}}}}"#,
                    name(customer)
                )
                .unwrap();
            }
        }
    }
    let file = book.file("events.jsonl", &lines);
    book.well(&["ingest", file.to_str().unwrap()]);
    for customer in 0..customers {
        let customer = name(customer);
        let from = "2026-01-01";
        book.well(&[
            "contract",
            "sign",
            "--customer",
            &customer,
            "--from",
            from,
            "--by",
            "buyer",
        ]);
    }
    book
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

/// Runs to the end of each month, and kills the run again and again until one comes to its end; how often it was
/// killed.
fn killed_again_and_again(book: &mut TestBook, (customers, months): (usize, usize)) -> u64 {
    let mut kills = 0;
    for month in 1..=months {
        let next = month + 1;
        book.at(&format!("2026-{next:02}-03T09:00:00Z"));
        let cut = format!("2026-{next:02}-01");
        let begin = [
            "statement",
            "run",
            "--cut",
            &cut,
            "--by",
            "finance",
            "--no-proof",
        ];
        let resume = ["statement", "run", "--resume"];
        let begun = Instant::now();
        let mut spent = Duration::from_millis(40);
        loop {
            let runs = book.json(&["statement", "runs"]);
            let newest = runs.as_array().unwrap().first();
            let is_begun = newest.is_some_and(|own| own["cut"] == cut.as_str());
            let arguments = if is_begun { &resume[..] } else { &begin[..] };
            let mut child = book.begin(arguments);
            let kill_at = u64::try_from(spent.as_millis()).unwrap().max(20);
            std::thread::sleep(Duration::from_millis(nth_random(kills, kill_at)));
            if child.try_wait().unwrap().is_some() {
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            // It is given a little longer each time, so that it comes to its end.
            spent += Duration::from_millis(10);
            assert!(begun.elapsed() < Duration::from_secs(500), "it never ends");
        }
        let report = book.json(&["statement", "runs", newest(book).as_str()]);
        assert_eq!(report["run"]["state"], "ended", "{report:#}");
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.len(), customers, "{report:#}");
        assert!(
            rows.iter().all(|own| own["state"] == "issued"),
            "{report:#}"
        );
    }
    kills
}

fn newest(book: &TestBook) -> String {
    let runs = book.json(&["statement", "runs"]);
    runs[0]["name"].as_str().unwrap().to_owned()
}

/// Each customer has one statement of each month, numbered without a gap, and the book is whole.
fn everything_once(book: &TestBook, (customers, months): (usize, usize)) {
    for customer in (0..customers).map(name) {
        let list = book.json(&["statement", "list", "--customer", &customer]);
        let list = list.as_array().unwrap();
        let numbers: Vec<String> = list
            .iter()
            .map(|own| own["number"].as_str().unwrap().to_owned())
            .collect();
        let expected = (1..=months).map(|own| format!("{customer}-{own:04}"));
        assert_eq!(numbers, expected.collect::<Vec<_>>());
        let cuts: BTreeSet<&str> = list
            .iter()
            .map(|own| own["cut"].as_str().unwrap())
            .collect();
        assert_eq!(cuts.len(), months);
        assert!(
            list.iter().all(|own| number(&own["total"]) == "1.98"),
            "{list:#?}"
        );
    }
    book.well(&["doctor"]);
}

#[test]
fn a_run_that_is_killed_is_gone_on_with() {
    let mut book = signed(6, 1);
    let kills = killed_again_and_again(&mut book, (6, 1));
    println!("killed {kills} times");
    everything_once(&book, (6, 1));
}

#[test]
fn slow_a_run_that_is_killed_anywhere_states_everybody_once() {
    let mut book = signed(16, 6);
    let kills = killed_again_and_again(&mut book, (16, 6));
    println!("killed {kills} times");
    assert!(kills >= 20, "killed {kills} times");
    everything_once(&book, (16, 6));
}

#[test]
fn a_dry_run_says_what_a_run_then_issues() {
    let book = signed(2, 1);
    let one = name(1);
    let dry = book.json(&[
        "statement",
        "run",
        "--cut",
        "2026-02-01",
        "--by",
        "finance",
        "--dry-run",
        "--customers",
        &one,
    ]);
    assert_eq!(dry["rows"].as_array().unwrap().len(), 1);
    assert_eq!(dry["rows"][0]["state"], "would_issue");
    assert_eq!(number(&dry["totals"][0]["total"]), "1.98");
    let list = book.json(&["statement", "list", "--customer", &one]);
    assert_eq!(list, Value::Array(Vec::new()));
}

#[test]
fn a_customer_who_is_refused_is_told_and_stops_nobody() {
    let book = signed(2, 1);
    book.well(&[
        "record",
        "done",
        "T-1",
        "--customer",
        "nobody-signed",
        "--at",
        "2026-01-05T09:00:00Z",
    ]);
    let ran = book.run(&["statement", "run", "--cut", "2026-02-01", "--by", "finance"]);
    assert_eq!(ran.code, Some(3), "{ran:#?}");
    assert!(
        ran.stdout.contains("nobody signed a contract"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("2 issued, 1 refused"), "{}", ran.stdout);
    // Issuing writes the proof files.
    let proof = book
        .path()
        .join("book/proofs")
        .join(format!("{}-0001.proof.zip", name(0)));
    assert!(proof.exists(), "{}", proof.display());
}

#[test]
fn four_eyes_from_the_proposal_to_the_report() {
    let book = signed(1, 1);
    let customer = name(0);
    book.define("extends", "approvals.issue = \"1 USD\"\nextends");
    let issue = [
        "statement",
        "issue",
        "--customer",
        &customer,
        "--period",
        "2026-01",
        "--by",
        "billing",
    ];
    let ran = book.run(&issue);
    assert_eq!(ran.code, Some(5), "{ran:#?}");
    let waits = book.json(&["approval", "list"]);
    let proposal = waits[0]["proposal"].as_str().unwrap().to_owned();
    assert!(ran.stderr.contains(&proposal), "{}", ran.stderr);
    let approve = |by: &str| {
        book.run(&[
            "approval",
            "approve",
            &proposal,
            "--customer",
            &customer,
            "--by",
            by,
        ])
    };
    let same = approve("Billing");
    assert_eq!(same.code, Some(1), "{same:#?}");
    let other = approve("cfo");
    assert_eq!(other.code, Some(0), "{other:#?}");
    assert!(
        other.stdout.contains(&format!("issued {customer}-0001")),
        "{}",
        other.stdout
    );
    let changes = book.json(&[
        "approval",
        "report",
        "--from",
        "2026-02-01",
        "--until",
        "2026-03-01",
    ]);
    let issued = row(&changes, "what", &format!("issued {customer}-0001"));
    assert_eq!(issued["proposed_by"], "billing");
    assert_eq!(issued["approved_by"], "cfo");
    assert_eq!(issued["after"], "1.98 USD");
    let text = book.well(&[
        "approval",
        "report",
        "--from",
        "2026-02-01",
        "--until",
        "2026-03-01",
        "--csv",
    ]);
    assert!(
        text.starts_with("time,customer,what,before,after"),
        "{text}"
    );
    let bridge = book.json(&[
        "statement",
        "bridge",
        &format!("{customer}-0001"),
        "--customer",
        &customer,
    ]);
    assert_eq!(number(&bridge["change"]), "1.98");
    assert_eq!(
        number(&row(&bridge["parts"], "part", "volume")["amount"]),
        "1.98"
    );
}
