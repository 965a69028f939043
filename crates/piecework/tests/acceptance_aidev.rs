//! Real input: pull requests of coding agents. The unit is a patch that the maintainers merged.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use support::{TestBook, cents, data, number, row};

const DIRECTORY: &str = "aidev-agent-prs";
/// A day after the data was collected.
const NOW: &str = "2025-07-26T00:00:00Z";

fn book() -> Option<TestBook> {
    let data = data(DIRECTORY)?;
    let book = TestBook::new(
        &format!("{DIRECTORY}/definition.toml"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    );
    let files = ["pull_requests.csv", "pr_events.csv"].map(|name| data.join(name));
    let tally = book.import(&format!("{DIRECTORY}/map.toml"), &files);
    assert_eq!(tally["refused"], 0);
    assert_eq!(tally["conflicting"], 0);
    Some(book)
}

#[test]
fn slow_merged_counts_closed_does_not_open_waits() {
    let Some(mut book) = book() else { return };
    // Merged, closed without merge, open, and the share merged: the authors' summary table.
    for (agent, merged, not_merged, open, percent) in [
        ("OpenAI_Codex", 1754, 571, 361, "65.30"),
        ("Copilot", 559, 469, 434, "38.24"),
        ("Claude_Code", 53, 33, 15, "52.48"),
    ] {
        let works = book.json(&["customer", "show", "--customer", agent])["works"].clone();
        let count = |state: &str| works[state].as_u64().unwrap_or(0);
        let all: u64 = works
            .as_object()
            .unwrap()
            .values()
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!(all, merged + not_merged + open, "{agent}: {works}");
        assert_eq!(count("counted: merged"), merged, "{agent}: {works}");
        let share = count("counted: merged") * 100_000 / all;
        let rounded = (share + 5) / 10;
        assert_eq!(
            format!("{}.{:02}", rounded / 100, rounded % 100),
            percent,
            "{agent}"
        );
        // Nothing is written off while a maintainer may still open a request again.
        assert_eq!(count("pending"), not_merged + open, "{agent}: {works}");
    }
    let margin = book.json(&["margin", "--by", "customer"]);
    let codex = row(&margin["tables"][0]["rows"], "name", "OpenAI_Codex");
    assert_eq!(number(&codex["price"]), "8770.00");

    a_merge_that_is_opened_again_is_taken_back(&mut book);
}

/// No request of the data was reopened after its merge (36 were before it), so one is added.
fn a_merge_that_is_opened_again_is_taken_back(book: &mut TestBook) {
    let preview = |book: &TestBook| {
        let arguments = [
            "statement",
            "preview",
            "--customer",
            "Claude_Code",
            "--period",
            "2025-07",
        ];
        book.json(&arguments)[0].clone()
    };
    book.at("2025-09-01T00:00:00Z");
    let before = preview(book);
    let reopened = r#"{"specversion":"1.0","type":"piecework.work.reopened.v1","source":"github","id":"REQUEST/reopened/late","subject":"Claude_Code","workid":"REQUEST","time":"2025-07-25T12:00:00Z","authorship":"buyer","data":{}}"#;
    let explained = book.json(&[
        "statement",
        "explain",
        "--customer",
        "Claude_Code",
        "--period",
        "2025-06",
    ]);
    // The data ends before July; June's merges lie within the reach of 90 days.
    let line = explained["surfaces"][0]["lines"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    let unit = line["works"]["shown"][0]["id"].as_str().unwrap();
    let request = unit.split(['[', ']']).nth(1).unwrap();
    let file = book.file("late.jsonl", &reopened.replace("REQUEST", request));
    let tally = book.json(&["ingest", file.to_str().unwrap()]);
    assert_eq!(tally["accepted"], 1, "{tally}");
    let after = preview(book);
    assert_eq!(cents([&before["total"]]) - cents([&after["total"]]), 500);
    let works = book.json(&["customer", "show", "--customer", "Claude_Code"])["works"].clone();
    assert_eq!(works["counted: merged"], 52, "{works}");
    assert_eq!(works["reversed"], 1, "{works}");
}
