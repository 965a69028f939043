//! Real input: customer-service agents of tau2-bench. Who decides that a conversation was resolved?

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use serde_json::Value;
use support::{TestBook, data, example, number, root, rounded, row};

const NOW: &str = "2026-11-01T00:00:00Z";
const DIRECTORY: &str = "tau2-support-agents";

fn definition(name: &str) -> String {
    format!("{DIRECTORY}/{name}.toml")
}

/// The whole data set, under the definition where the database decides.
fn book() -> Option<TestBook> {
    let data = data(DIRECTORY)?;
    let book = TestBook::new(
        &definition("decided-by-database"),
        &format!("{DIRECTORY}/plan.toml"),
        NOW,
    );
    let files =
        ["simulations.csv", "messages.csv", "llm_judge_verdicts.csv"].map(|name| data.join(name));
    let tally = book.import(&format!("{DIRECTORY}/map.toml"), &files);
    assert_eq!(tally["received"], tally["accepted"]);
    let again = book.import(&format!("{DIRECTORY}/map.toml"), &files);
    assert_eq!(
        again["duplicate"], tally["received"],
        "the same import twice changes nothing"
    );
    Some(book)
}

/// What a run's margin says under a definition: counted, charged, margin over the agent's own cost.
fn under(book: &TestBook, definition: &str, customer: &str) -> [String; 3] {
    book.define("decided-by-database", definition);
    let margin = book.json(&["margin", "--customer", customer, "--line", "model"]);
    book.define(definition, "decided-by-database");
    [
        number(&margin["counted"]).to_owned(),
        number(&margin["price"]).to_owned(),
        rounded(&margin["margin_share"], 3),
    ]
}

#[test]
fn slow_who_decides() {
    let Some(book) = book() else { return };
    let run = "sierra-azure";
    assert_eq!(
        under(&book, "decided-by-judge", run),
        ["46", "45.54", "0.908"]
    );
    assert_eq!(
        under(&book, "decided-by-database", run),
        ["23", "22.77", "0.815"]
    );
    assert_eq!(
        under(&book, "decided-without-hand-off", run),
        ["19", "18.81", "0.777"]
    );

    let agent = book.json(&["margin", "--customer", run, "--line", "model"]);
    assert_eq!(rounded(&agent["cost"], 6), "4.203311");
    let judge = book.json(&["margin", "--customer", run, "--agent", "quick_triage_v1"]);
    assert_eq!(
        rounded(&judge["cost"], 6),
        "0.427911",
        "the judge's own cost stands apart"
    );

    // The same three numbers on the bill.
    let owed = |definition: &str| -> String {
        book.define("decided-by-database", definition);
        let drafts = book.json(&[
            "statement",
            "preview",
            "--customer",
            run,
            "--period",
            "2025-12",
        ]);
        book.define(definition, "decided-by-database");
        number(&drafts[0]["total"]).to_owned()
    };
    assert_eq!(
        [
            "decided-by-judge",
            "decided-by-database",
            "decided-without-hand-off"
        ]
        .map(owed),
        ["45.54", "22.77", "18.81"]
    );

    // The judge passes 24 of the 27 conversations that failed, and misses one of the 23.
    let compared = book.json(&[
        "compare",
        example(&definition("decided-by-judge")).to_str().unwrap(),
        "current",
        "--customer",
        run,
        "--list",
        "100",
    ]);
    assert_eq!(number(&compared["left_only"]), "24");
    assert_eq!(number(&compared["right_only"]), "1");
    assert_eq!(number(&compared["both"]), "22");
    assert_eq!(number(&compared["difference"]), "-22.77");
    assert_eq!(compared["works"].as_array().unwrap().len(), 25);

    hand_off(&book);
    cost_per_success(&book);
    unpriced_is_not_free(&book);
}

/// Whether a hand-off counts is one clause of the definition, and half of the margin.
fn hand_off(book: &TestBook) {
    assert_eq!(
        under(book, "decided-by-database", "aide"),
        ["36", "35.64", "0.595"]
    );
    assert_eq!(
        under(book, "decided-without-hand-off", "aide"),
        ["21", "20.79", "0.305"]
    );

    let text =
        |name| std::fs::read_to_string(root().join("examples").join(definition(name))).unwrap();
    let (with, without) = (
        text("decided-by-database"),
        text("decided-without-hand-off"),
    );
    let differing: Vec<_> = with
        .lines()
        .zip(without.lines())
        .filter(|(with, without)| with != without && !with.starts_with('#'))
        .collect();
    assert_eq!(
        differing,
        [(
            "when = \"verified where check = database and result = passed\"",
            "when = \"all(verified where check = database and result = passed, not(escalated))\""
        )]
    );
}

/// Cost per conversation that reached its goal, failures carried: the table of the data set's README.
fn cost_per_success(book: &TestBook) {
    let margin = book.json(&["margin", "--by", "customer", "--line", "model"]);
    let rows = &margin["tables"][0]["rows"];
    let check = |customer: &str, counted: &str, cost: &str| {
        let row = row(rows, "name", customer);
        assert_eq!(number(&row["counted"]), counted, "{customer}");
        let digits = cost.split_once('.').unwrap().1.len();
        assert_eq!(
            rounded(&row["cost_per_counted"], digits),
            cost,
            "{customer}"
        );
    };
    check("button", "38", "0.54");
    check("ironshell-opus", "31", "0.57");
    check("aide", "36", "0.40");
    check("sierra-azure", "23", "0.18");
    check("ironshell-gpt-5.4", "30", "0.09");
    check("sierra-airline", "10", "0.078");
    check("sierra-retail", "34", "0.056");
}

/// A recorded cost of 0 with tokens is a cost that nobody knows.
fn unpriced_is_not_free(book: &TestBook) {
    for (customer, model) in [
        ("sierra-tuned-airline", "gpt-4.1 (fine-tuned tau2-full-sft)"),
        ("sierra-tuned-retail", "gpt-4.1 (fine-tuned tau2-full-sft)"),
    ] {
        let margin = book.json(&["margin", "--customer", customer]);
        assert!(
            margin["unpriced"]["entries"].as_u64().unwrap() > 0,
            "{customer}"
        );
        assert_eq!(margin["unpriced"]["models"], Value::from(vec![model]));
        let shown = book.well(&["margin", "--customer", customer]);
        assert!(
            shown.contains("unpriced") && shown.contains("≤ 100.0 %"),
            "{shown}"
        );
    }
    let works = |customer: &str| {
        book.json(&["margin", "--customer", customer])["unpriced"]["works"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(works("sierra-tuned-airline"), 20);
    assert_eq!(works("sierra-tuned-retail"), 40);
    assert_eq!(works("sierra-azure"), 0);
}
