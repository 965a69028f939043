//! Real input: incidents of an IT company. Resolved is the product's word, closed is the desk's.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::collections::BTreeMap;
use std::io::Read as _;

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use support::{TestBook, data, example, number};

const DIRECTORY: &str = "servicenow-incidents";
const NOW: &str = "2017-04-01T00:00:00Z";

/// What the rows of an incident amount to.
#[derive(Default)]
struct Incident {
    reopened: u32,
    /// The `reopen_count` of the last row that says so.
    resolved: Option<u32>,
    /// When it was closed for the first time, and when it was first opened again.
    closed: Option<DateTime>,
    opened_again: Option<DateTime>,
}

impl Incident {
    /// Opened again beyond the definition's reach of 30 days: the count stands.
    fn came_back_too_late(&self) -> bool {
        let (Some(closed), Some(again)) = (self.closed, self.opened_again) else {
            return false;
        };
        again > closed.checked_add(30.days()).unwrap()
    }
}

fn incidents(data: &std::path::Path) -> BTreeMap<String, Incident> {
    let file = std::fs::File::open(data.join("events.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let mut incidents: BTreeMap<String, Incident> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let incident = incidents.entry(cells[0].to_owned()).or_default();
        let reopened: u32 = cells[4].parse().unwrap();
        incident.reopened = incident.reopened.max(reopened);
        let time: DateTime = cells[8].parse().unwrap();
        let earliest = |known: Option<DateTime>| Some(known.map_or(time, |known| known.min(time)));
        if reopened > 0 {
            incident.opened_again = earliest(incident.opened_again);
        } else if cells[1] == "Closed" {
            incident.closed = earliest(incident.closed);
        }
        if cells[1] == "Resolved" {
            incident.resolved = incident.resolved.max(Some(reopened));
        }
    }
    incidents
}

#[test]
fn slow_what_was_resolved_counts_when_it_is_closed_and_reopening_takes_it_back() {
    let Some(data) = data(DIRECTORY) else { return };
    let book = TestBook::new(
        &format!("{DIRECTORY}/resolved-and-closed.toml"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    );
    let tally = book.import(
        &format!("{DIRECTORY}/map.toml"),
        &[data.join("events.csv.gz")],
    );
    assert_eq!(tally["refused"], 0);
    assert_eq!(tally["conflicting"], 0);

    let incidents = incidents(&data);
    assert_eq!(incidents.len(), 24_918);
    assert_eq!(
        incidents.values().filter(|own| own.reopened > 0).count(),
        275,
        "the log's own number"
    );
    // All are closed at the end; one counts where the resolution is of its last opening.
    let counted = incidents
        .values()
        .filter(|own| own.resolved == Some(own.reopened))
        .count();
    let first_time = incidents
        .values()
        .filter(|own| own.resolved.is_some() && (own.reopened == 0 || own.came_back_too_late()))
        .count();

    let works = book.json(&["customer", "show", "--customer", "it-company"])["works"].clone();
    assert_eq!(works["counted: closed"], counted as u64, "{works}");
    let all: u64 = works
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(all, 24_918);
    assert_eq!(
        works["not counted: abandoned"],
        24_918 - counted as u64,
        "{works}"
    );

    // Some were closed half a year after they were resolved, and given up in between: the closing
    // finds the answer (S11), so a patient definition counts the same works.
    let patient =
        std::fs::read_to_string(example(&format!("{DIRECTORY}/resolved-and-closed.toml")))
            .unwrap()
            .replace("abandon_after = \"30d\"", "abandon_after = \"365d\"");
    assert!(patient.contains("\"365d\""));
    let patient = book.file("patient.toml", &patient);
    let compared = book.json(&["compare", "current", patient.to_str().unwrap()]);
    assert_eq!(number(&compared["right"]["counted"]), counted.to_string());
    assert_eq!(number(&compared["left_only"]), "0");
    assert_eq!(number(&compared["right_only"]), "0");

    let strict = example(&format!("{DIRECTORY}/first-time-right.toml"));
    let compared = book.json(&["compare", "current", strict.to_str().unwrap()]);
    assert_eq!(number(&compared["left"]["counted"]), counted.to_string());
    assert_eq!(
        number(&compared["right"]["counted"]),
        first_time.to_string()
    );
    assert_eq!(
        number(&compared["left_only"]),
        (counted - first_time).to_string()
    );
    assert_eq!(
        number(&compared["difference"]),
        format!("-{}.00", 2 * (counted - first_time))
    );
}
