//! Real input: four years of help-desk tickets, billed month by month. However the same facts come
//! in, the bill is the same.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::path::{Path, PathBuf};

use intake::{Import, Input, Map, Options};
use serde_json::Value;
use support::{TestBook, cents, data, example, number};
use work::Digest;

const CUSTOMER: &str = "helpdesk-italy";
const DIRECTORY: &str = "helpdesk-italy";
/// Every ticket's last resolution is more than 72 hours past, and no later than the last cut.
const NOW: &str = "2014-02-01T00:00:00Z";
const LAST: &str = "2014-01";

fn book() -> TestBook {
    TestBook::new(
        &format!("{DIRECTORY}/assumed-after-72h.toml"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    )
}

fn sign(book: &TestBook) {
    book.well(&[
        "contract",
        "sign",
        "--customer",
        CUSTOMER,
        "--from",
        "2010-01-01",
        "--by",
        "buyer-finance",
    ]);
}

fn import(book: &TestBook, file: PathBuf) {
    let tally = book.import(&format!("{DIRECTORY}/map.toml"), &[file]);
    assert_eq!(tally["accepted"], 14_316);
    assert_eq!(
        tally["duplicate"], 101,
        "rows that are equal in every column"
    );
}

/// Issues every monthly statement and gives their totals and digests.
fn issue(book: &TestBook) -> Vec<Value> {
    let arguments = [
        "statement",
        "issue",
        "--through",
        LAST,
        "--customer",
        CUSTOMER,
        "--by",
        "finance",
    ];
    let issued = book.json(&arguments).as_array().unwrap().clone();
    assert_eq!(issued.len(), 49, "January 2010 to January 2014");
    issued
}

fn totals(issued: &[Value]) -> i128 {
    cents(issued.iter().map(|statement| &statement["total"]))
}

fn digests(issued: &[Value]) -> Vec<&str> {
    issued
        .iter()
        .map(|statement| statement["digest"].as_str().unwrap())
        .collect()
}

fn reconciled(book: &TestBook) -> Value {
    let reconciled = book.json(&["reconcile", "--customer", CUSTOMER]);
    assert_eq!(reconciled["balanced"], true, "{reconciled:#}");
    reconciled
}

/// What everything comes to where nothing was stated before.
fn at_once(data: &Path) -> i128 {
    let book = book();
    import(&book, data.join("events.csv"));
    let arguments = [
        "statement",
        "preview",
        "--customer",
        CUSTOMER,
        "--period",
        LAST,
    ];
    let draft = book.json(&arguments)[0].clone();
    let owed = reconciled(&book)["owed"].clone();
    // The draft is the last month's; beside it stands what the earlier ones add, and the whole.
    let earlier = &draft["earlier"];
    let parts = cents([&draft["total"], &earlier["amount"]]);
    assert_eq!(parts, cents([&owed]));
    assert_eq!(cents([&earlier["together"]]), parts);
    cents([&owed])
}

#[test]
fn slow_which_tickets_and_how_much_money() {
    let Some(data) = data(DIRECTORY) else { return };
    let book = book();
    import(&book, data.join("events.csv"));
    let strict = example(&format!("{DIRECTORY}/no-rework-for-14-days.toml"));
    let compared = book.json(&[
        "compare",
        "current",
        strict.to_str().unwrap(),
        "--list",
        "1000",
    ]);
    // 149 tickets were taken in charge again after a resolution; one of them was never resolved anew
    // and counts under neither.
    let reworked = reworked(&data);
    assert_eq!(reworked.len(), 149);
    let listed: Vec<&str> = compared["works"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["work"].as_str().unwrap())
        .collect();
    assert!(listed.iter().all(|work| reworked.contains(*work)));
    assert_eq!(listed.len(), 148);
    assert_eq!(number(&compared["left_only"]), "148");
    assert_eq!(number(&compared["right_only"]), "0");
    assert_eq!(number(&compared["left"]["counted"]), "4568");
    assert_eq!(number(&compared["difference"]), "-146.52");
}

/// Tickets on which somebody took charge again after a resolution, from the rows themselves.
fn reworked(data: &Path) -> std::collections::BTreeSet<String> {
    let text = std::fs::read_to_string(data.join("events.csv")).unwrap();
    let mut rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    rows.sort_by_key(|row| row[2]);
    let mut resolved = std::collections::BTreeSet::new();
    let mut reworked = std::collections::BTreeSet::new();
    for row in rows {
        match row[1] {
            "Resolve ticket" => {
                resolved.insert(row[0]);
            }
            "Take in charge ticket" if resolved.contains(row[0]) => {
                reworked.insert(row[0].to_owned());
            }
            _ => {}
        }
    }
    reworked
}

#[test]
fn slow_monthly_statements_sum_to_rating_at_once_however_the_rows_are_ordered() {
    let Some(data) = data(DIRECTORY) else { return };
    let at_once = at_once(&data);

    let straight = book();
    import(&straight, data.join("events.csv"));
    sign(&straight);
    let issued = issue(&straight);
    assert_eq!(totals(&issued), at_once);
    let balance = reconciled(&straight);
    assert_eq!(cents([&balance["stated"]]), at_once);
    assert_eq!(cents([&balance["unstated"]]), 0);

    // Every statement folds again from its own prefix of the log to the same bytes.
    for statement in [&issued[0], &issued[23], &issued[48]] {
        let number = statement["number"].as_str().unwrap();
        let replayed = straight.json(&[
            "statement",
            "replay",
            "--customer",
            CUSTOMER,
            "--number",
            number,
        ]);
        assert_eq!(replayed["equal"], true, "{replayed:#}");
    }

    let text = std::fs::read_to_string(data.join("events.csv")).unwrap();
    let (head, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let mut reversed = rows.clone();
    reversed.reverse();
    let mut shuffled = rows.clone();
    shuffled.sort_by_key(|row| Digest::of(row.as_bytes()).to_string());
    assert_ne!(shuffled, rows);
    for order in [reversed, shuffled] {
        let other = book();
        let file = other.file("events.csv", &format!("{head}\n{}\n", order.join("\n")));
        import(&other, file);
        sign(&other);
        assert_eq!(
            digests(&issue(&other)),
            digests(&issued),
            "the same statements to the byte"
        );
    }
}

#[test]
fn slow_adjustments_bring_what_came_late_to_the_same_cent() {
    let Some(data) = data(DIRECTORY) else { return };
    let at_once = at_once(&data);
    let map =
        Map::parse(&std::fs::read_to_string(example(&format!("{DIRECTORY}/map.toml"))).unwrap())
            .unwrap();
    let inputs = [Input::new(data.join("events.csv"))];
    let events: Vec<String> = Import::open(&map, &inputs, Options::default())
        .unwrap()
        .map(|event| event.unwrap().canonical())
        .collect();
    // A tenth by the digest of the event: the same tenth in every run, and no pattern in it.
    let (late, early): (Vec<String>, Vec<String>) = events.into_iter().partition(|event| {
        Digest::of(event.as_bytes()).to_string().as_bytes()[0].is_multiple_of(10)
    });
    assert!(
        late.len() > 1_000 && early.len() > 10_000,
        "{} late, {} early",
        late.len(),
        early.len()
    );

    let mut book = book();
    let ingest = |book: &TestBook, name: &str, events: &[String]| {
        let file = book.file(name, &(events.join("\n") + "\n"));
        let tally = book.json(&["ingest", file.to_str().unwrap()]);
        assert_eq!(tally["refused"], 0, "{tally}");
    };
    ingest(&book, "early.jsonl", &early);
    sign(&book);
    let closed = issue(&book);
    assert_ne!(
        totals(&closed),
        at_once,
        "what is missing makes a difference"
    );

    ingest(&book, "late.jsonl", &late);
    book.at("2014-03-01T00:00:00Z");
    let last = book.json(&[
        "statement",
        "issue",
        "--period",
        "2014-02",
        "--customer",
        CUSTOMER,
        "--by",
        "finance",
    ]);
    assert_eq!(totals(&closed) + totals(last.as_array().unwrap()), at_once);
    let balance = reconciled(&book);
    assert_eq!(cents([&balance["stated"]]), at_once);
    assert_eq!(cents([&balance["unstated"]]), 0);

    let shown = book.json(&[
        "statement",
        "preview",
        "--customer",
        CUSTOMER,
        "--period",
        "2014-02",
    ]);
    let adjustments = shown[0]["adjustments"].as_array().unwrap();
    assert!(
        adjustments.len() > 40,
        "nearly every month is adjusted: {}",
        adjustments.len()
    );
    assert!(
        adjustments
            .iter()
            .all(|own| !own["causes"].as_array().unwrap().is_empty()),
        "every adjustment names the facts that caused it"
    );
    assert_eq!(
        cents(adjustments.iter().map(|own| &own["difference"])),
        totals(last.as_array().unwrap())
    );
}
