//! Statements through the command line: as long as they need to be, for every contract, and paid.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::fmt::Write as _;

use support::{TestBook, number, row};

/// A book whose plan has many monthly fees, signed ten years ago.
fn ten_years() -> TestBook {
    let mut plan = "id = \"modules\"\nversion = 1\ncurrency = \"USD\"\n".to_owned();
    for module in 0..44 {
        writeln!(
            plan,
            "[[component]]\nid = \"module-{module:02}\"\nkind = \"platform\"\namount = {}",
            module + 1
        )
        .unwrap();
    }
    let book = TestBook::planned("definitions/fin.toml", &plan, "2026-02-03T09:00:00Z");
    book.well(&[
        "record",
        "done",
        "T-1",
        "--customer",
        "acme",
        "--at",
        "2026-01-05T09:00:00Z",
    ]);
    book.well(&[
        "contract",
        "sign",
        "--customer",
        "acme",
        "--from",
        "2016-01-01",
        "--by",
        "buyer",
    ]);
    book
}

#[test]
fn a_first_statement_over_ten_years_is_issued_listed_replayed_voided_and_issued_again() {
    let book = ten_years();
    let issue = [
        "statement",
        "issue",
        "--customer",
        "acme",
        "--period",
        "2025-12",
        "--by",
        "finance",
    ];
    // 1 + 2 + ... + 44 a month, and January's fees are due by December's end.
    let total = (990 * 121).to_string() + ".00";
    let issued = book.json(&issue);
    assert_eq!(number(&issued[0]["total"]), total);
    let list = || book.json(&["statement", "list", "--customer", "acme"]);
    assert_eq!(number(&row(&list(), "number", "acme-0001")["total"]), total);
    let replay = |number: &str| {
        book.json(&[
            "statement",
            "replay",
            "--customer",
            "acme",
            "--number",
            number,
        ])
    };
    assert_eq!(replay("acme-0001")["equal"], true);
    let preview = book.json(&[
        "statement",
        "preview",
        "--customer",
        "acme",
        "--period",
        "2026-01",
    ]);
    assert_eq!(number(&preview[0]["total"]), "990.00");
    book.well(&[
        "statement",
        "void",
        "--customer",
        "acme",
        "--number",
        "acme-0001",
        "--reason",
        "wrong plan",
        "--by",
        "finance",
    ]);
    assert_eq!(number(&book.json(&issue)[0]["total"]), total);
    assert_eq!(replay("acme-0002")["equal"], true);
    assert_eq!(row(&list(), "number", "acme-0001")["state"], "void");
    assert_eq!(row(&list(), "number", "acme-0002")["revision"], 2);
}
