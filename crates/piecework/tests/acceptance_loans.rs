//! Real input: loan applications of a Dutch bank. The draft counts when the bank decides on it.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use support::{TestBook, data, number, row};

const DIRECTORY: &str = "loan-applications";
/// Refusals are two weeks old, and nothing is abandoned yet.
const NOW: &str = "2012-04-01T00:00:00Z";

/// One row of the log: case, activity, lifecycle, time.
fn rows(data: &std::path::Path) -> Vec<[String; 4]> {
    let file = std::fs::File::open(data.join("events.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',').map(str::to_owned);
            std::array::from_fn(|_| cells.next().unwrap())
        })
        .collect()
}

#[test]
fn slow_the_banks_decision_counts_the_draft() {
    let Some(data) = data(DIRECTORY) else { return };
    let book = TestBook::new(
        &format!("{DIRECTORY}/definition.toml"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    );
    let tally = book.import(
        &format!("{DIRECTORY}/map.toml"),
        &[data.join("events.csv.gz")],
    );
    assert_eq!(tally["received"], tally["accepted"]);

    let works = book.json(&["customer", "show", "--customer", "dutch-bank"])["works"].clone();
    let count = |state: &str| works[state].as_u64().unwrap_or(0);
    // The log's own numbers: 2,246 approved, 7,635 declined, 2,807 cancelled, 399 undecided.
    assert_eq!(
        count("counted: approved_alone") + count("counted: approved_with_help"),
        2_246
    );
    assert_eq!(count("counted: declined"), 7_635, "{works}");
    assert_eq!(count("counted: withdrawn"), 2_807, "{works}");
    assert_eq!(count("pending"), 399, "{works}");

    // Whom nobody had to call and nobody suspected, from the rows themselves.
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut approved: BTreeMap<String, bool> = BTreeMap::new();
    for [case, activity, lifecycle, _] in rows(&data) {
        match (activity.as_str(), lifecycle.as_str()) {
            ("W_Nabellen incomplete dossiers" | "W_Beoordelen fraude", "START") => {
                touched.insert(case);
            }
            ("A_APPROVED", _) => {
                let alone = !touched.contains(&case);
                approved.insert(case, alone);
            }
            _ => {}
        }
    }
    let alone = approved.values().filter(|alone| **alone).count();
    assert_eq!(count("counted: approved_alone"), alone as u64);

    let margin = book.json(&["margin", "--by", "class"]);
    let rows = &margin["tables"][0]["rows"];
    let price = |class: &str| number(&row(rows, "name", class)["price"]).to_owned();
    assert_eq!(price("declined"), "11452.50");
    assert_eq!(price("withdrawn"), "0.00", "shown, and free");
    assert_eq!(price("approved_alone"), format!("{}.00", 6 * alone));
}

#[test]
fn slow_a_refusal_counts_when_it_has_stood_for_two_weeks() {
    let Some(data) = data(DIRECTORY) else { return };
    let mut book = TestBook::new(
        &format!("{DIRECTORY}/definition.toml"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    );
    book.import(
        &format!("{DIRECTORY}/map.toml"),
        &[data.join("events.csv.gz")],
    );
    let declined = |from: &str, until: &str| -> u64 {
        rows(&data)
            .iter()
            .filter(|[_, activity, _, time]| {
                activity == "A_DECLINED" && from <= time.as_str() && time.as_str() <= until
            })
            .count() as u64
    };
    // Two weeks before the instant from which we look. What was refused later waits.
    book.at("2012-02-15T00:00:00Z");
    let works = book.json(&["customer", "show", "--customer", "dutch-bank"])["works"].clone();
    assert_eq!(
        works["counted: declined"],
        declined("2011", "2012-02-01T00:00:00"),
        "{works}"
    );
    assert!(
        declined("2012-02-01T00:00:01", "2012-02-15T00:00:00") > 300,
        "some wait"
    );
}
