//! Margins through the command line: what is in no sum is said, and apart.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use support::{TestBook, number};

const PRICE: &str = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 10\n";

fn cost(book: &TestBook, work: &str, at: &str, more: &[&str]) {
    let start = ["record", "cost", work, "--customer", "acme", "--at", at];
    book.well(&[&start, more].concat());
}

#[test]
fn a_cost_in_another_currency_is_told_apart_from_an_unknown_model() {
    let book = TestBook::planned("definitions/fin.toml", PRICE, "2026-02-03T09:00:00Z");
    let at = "2026-01-05T09:00:00Z";
    for work in ["T-1", "T-2"] {
        book.well(&["record", "done", work, "--customer", "acme", "--at", at]);
    }
    cost(
        &book,
        "T-1",
        "2026-01-05T09:01:00Z",
        &["--amount", "0.40 USD", "--line", "infra"],
    );
    cost(
        &book,
        "T-1",
        "2026-01-05T09:02:00Z",
        &["--model", "house-7b", "--tokens", "input=100"],
    );
    cost(
        &book,
        "T-1",
        "2026-01-05T09:03:00Z",
        &["--amount", "0.30 EUR", "--line", "support"],
    );
    cost(
        &book,
        "T-2",
        "2026-01-05T09:04:00Z",
        &["--amount", "0.20 EUR", "--line", "infra"],
    );
    cost(
        &book,
        "T-2",
        "2026-01-05T09:05:00Z",
        &["--amount", "50 JPY", "--line", "human_review"],
    );
    let margin = ["margin", "--customer", "acme", "--period", "2026-01"];
    let json = book.json(&margin);
    assert_eq!(number(&json["cost"]), "0.40");
    assert_eq!(json["unpriced"]["entries"], 1);
    assert_eq!(json["unpriced"]["works"], 1);
    assert_eq!(json["unconverted"]["entries"], 3);
    assert_eq!(json["unconverted"]["works"], 2);
    let currencies = &json["unconverted"]["currencies"];
    assert_eq!(currencies[0]["entries"], 2);
    assert_eq!(number(&currencies[0]["amount"]), "0.50");
    assert_eq!(currencies[0]["amount"]["currency"], "EUR");
    assert_eq!(currencies[1]["amount"]["currency"], "JPY");
    let text = book.well(&margin);
    for said in [
        "unpriced: 1 cost entry on 1 work without a known price (house-7b)",
        "not converted: 3 cost entries on 2 works in EUR and JPY; no rate of exchange is published, so \
         these numbers leave out 0.50 EUR and 50 JPY and are bounds (≤, ≥)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.contains("≤ "), "{text}");
    let work = book.well(&["work", "show", "T-2", "--customer", "acme"]);
    assert!(
        work.contains("0.20 EUR: no rate of exchange is published (infra"),
        "{work}"
    );
    assert!(!work.contains("no price known"), "{work}");

    // A rate of exchange converts what happened while it holds, and is of no customer.
    let rate = book.file(
        "rate.toml",
        "subject = \"EUR/USD\"\nfrom = 2026-01-01T00:00:00Z\nrate = \"1.0842\"\nsource = \"ECB of 2026-01-02\"\n",
    );
    book.well(&["publish", "fx", rate.to_str().unwrap(), "--by", "finance"]);
    let json = book.json(&margin);
    // 0.40 + 0.50 x 1.0842
    assert_eq!(number(&json["cost"]), "0.9421");
    assert_eq!(json["unconverted"]["entries"], 1);
    assert_eq!(json["converted"][0]["entries"], 2);
    assert_eq!(json["converted"][0]["rate"], "1.0842");
    let text = book.well(&margin);
    let said = "converted: 2 cost entries in EUR at 1.0842, 0.5421 USD in all (ECB of 2026-01-02; document ";
    assert!(text.contains(said), "{said}: {text}");
}

/// A calibration, a measure and a baseline go to a customer, and are refused with their place where they are none.
#[test]
fn a_document_is_published_to_a_customer_or_told_what_is_wrong_with_it() {
    let book = TestBook::planned("definitions/fin.toml", PRICE, "2026-02-03T09:00:00Z");
    book.well(&[
        "contract",
        "sign",
        "--customer",
        "acme",
        "--from",
        "2026-01-01",
        "--by",
        "buyer",
    ]);
    let measure = book.file(
        "measure.toml",
        "subject = \"availability\"\nfrom = 2026-01-01T00:00:00Z\nuntil = 2026-02-01T00:00:00Z\nvalue = \"99.62\"\n",
    );
    let publish = [
        "publish",
        "measure",
        measure.to_str().unwrap(),
        "--customer",
        "acme",
        "--by",
        "operations",
    ];
    assert!(book.well(&publish).contains("published to acme as "));
    assert!(book.well(&publish).contains("published before"));
}

#[test]
fn a_margin_in_one_currency_says_nothing_of_conversions() {
    let book = TestBook::planned("definitions/fin.toml", PRICE, "2026-02-03T09:00:00Z");
    let at = "2026-01-05T09:00:00Z";
    book.well(&["record", "done", "T-1", "--customer", "acme", "--at", at]);
    cost(
        &book,
        "T-1",
        at,
        &["--amount", "0.40 USD", "--line", "infra"],
    );
    let text = book.well(&["margin", "--customer", "acme", "--period", "2026-01"]);
    assert!(!text.contains("convert") && !text.contains('≤'), "{text}");
}
