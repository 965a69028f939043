//! Statements through the command line: as long as they need to be, for every contract, and paid.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::fmt::Write as _;

use support::{TestBook, number, row};

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

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

const FEE: &str = "id = \"fee\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 10\n";

/// A customer with four contracts over one plan: two by the calendar month, one by the quarter since
/// December, one from the 15th to the 15th.
fn four_contracts() -> TestBook {
    let book = TestBook::planned("definitions/fin.toml", FEE, "2026-02-03T09:00:00Z");
    book.well(&[
        "record",
        "done",
        "T-1",
        "--customer",
        "acme",
        "--at",
        "2026-01-05T09:00:00Z",
    ]);
    for (id, starts, terms) in [
        ("chat", "2026-01-01", ""),
        ("mail", "2026-01-01", ""),
        ("quarterly", "2025-12-01", "billing = \"quarter\"\n"),
        ("fifteenth", "2026-01-15", "anchor_day = 15\n"),
    ] {
        let text = format!(
            "id = \"{id}\"\ncustomer = \"acme\"\nplan = \"{}\"\ndefinitions = []\n\
             currency = \"USD\"\ntime_zone = \"UTC\"\nstarts = {starts}\n{terms}",
            work::Digest::of(FEE.as_bytes())
        );
        let file = book.file(&format!("{id}.toml"), &text);
        book.well(&[
            "contract",
            "sign",
            "--customer",
            "acme",
            "--from",
            starts,
            "--document",
            file.to_str().unwrap(),
            "--by",
            "buyer",
        ]);
    }
    book
}

#[test]
fn every_contract_with_the_period_is_issued_and_one_that_cannot_be_stops_no_other() {
    let book = four_contracts();
    let issue = |more: &[&str]| {
        let start = [
            "statement",
            "issue",
            "--customer",
            "acme",
            "--by",
            "finance",
        ];
        book.run(&[&start, more].concat())
    };
    let ran = issue(&["--period", "2026-01"]);
    // The one from the 15th is not over; the quarterly one has no period that begins in January.
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    for said in ["chat", "mail", "acme-0001", "acme-0002"] {
        assert!(ran.stdout.contains(said), "{said}: {ran:#?}");
    }
    for said in [
        "the statement of one contract could not be issued; what is listed as issued stands",
        "acme fifteenth: the period of acme ends at 2026-02-15T00:00:00Z, which is not over yet",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {ran:#?}");
    }
    assert!(!ran.stderr.contains("quarterly"), "{ran:#?}");
    let rows = book.json(&["statement", "list", "--customer", "acme"]);
    assert_eq!(rows.as_array().unwrap().len(), 2);
    // What is issued is not issued again, and one contract by itself fails as itself.
    let again = issue(&["--period", "2026-01", "--contract", "mail"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("nothing to issue"), "{again:#?}");
    let ran = issue(&["--period", "2026-01", "--contract", "quarterly"]);
    assert!(
        ran.stderr
            .contains("no statement period that begins in 2026-01"),
        "{ran:#?}"
    );
    let ran = issue(&["--period", "2026-01", "--contract", "voice"]);
    assert!(
        ran.stderr
            .contains("acme has no contract `voice`; it has chat, fifteenth"),
        "{ran:#?}"
    );
    let ran = issue(&["--period", "2025-12", "--contract", "quarterly"]);
    assert!(
        ran.stderr
            .contains("ends at 2026-03-01T00:00:00Z, which is not over"),
        "{ran:#?}"
    );
}

#[test]
fn the_flag_narrows_to_one_contract() {
    let book = four_contracts();
    let issued = book.json(&[
        "statement",
        "issue",
        "--customer",
        "acme",
        "--period",
        "2026-01",
        "--contract",
        "mail",
        "--by",
        "finance",
    ]);
    assert_eq!(issued.as_array().unwrap().len(), 1);
    assert_eq!(issued[0]["contract"], "mail");
    assert_eq!(number(&issued[0]["total"]), "20.00");
    let through = book.json(&[
        "statement",
        "issue",
        "--customer",
        "acme",
        "--through",
        "2026-01",
        "--contract",
        "chat",
        "--by",
        "finance",
    ]);
    assert_eq!(through[0]["number"], "acme-0002");
}

#[test]
fn a_preview_shows_the_period_asked_for_and_says_what_earlier_ones_add() {
    let book = four_contracts();
    let preview = |contract: &str| {
        let arguments = [
            "statement",
            "preview",
            "--customer",
            "acme",
            "--period",
            "2026-01",
            "--contract",
            contract,
        ];
        (book.json(&arguments), book.well(&arguments))
    };
    // Signed from January on: nothing is earlier.
    assert!(preview("mail").0[0]["earlier"].is_null());
    let earlier = book.json(&[
        "statement",
        "preview",
        "--customer",
        "acme",
        "--period",
        "2026-03",
        "--contract",
        "mail",
    ]);
    // January's and February's fee, and March's that is due in advance, are in February's statement.
    assert_eq!(number(&earlier[0]["total"]), "10.00");
    assert_eq!(number(&earlier[0]["earlier"]["amount"]), "30.00");
    assert_eq!(number(&earlier[0]["earlier"]["together"]), "40.00");
    let text = book.well(&[
        "statement",
        "preview",
        "--customer",
        "acme",
        "--period",
        "2026-03",
        "--contract",
        "mail",
    ]);
    let said = "not stated yet: 1 January 2026 to 28 February 2026, which adds 30.00 USD to what is \
        issued now, 40.00 USD in all; `piecework statement issue --customer acme --contract mail \
        --through 2026-02 --by ROLE` states it first";
    assert!(text.contains(said), "{text}");
    // What is issued covers what is due and unstated.
    let mut later = book;
    later.at("2026-04-03T09:00:00Z");
    let issued = later.json(&[
        "statement",
        "issue",
        "--customer",
        "acme",
        "--period",
        "2026-03",
        "--contract",
        "mail",
        "--by",
        "finance",
    ]);
    assert_eq!(number(&issued[0]["total"]), "40.00");
}

#[test]
fn a_draft_that_nobody_signed_shows_its_last_month() {
    let book = TestBook::planned("definitions/fin.toml", FEE, "2026-03-03T09:00:00Z");
    book.well(&[
        "record",
        "done",
        "T-1",
        "--customer",
        "acme",
        "--at",
        "2025-11-05T09:00:00Z",
    ]);
    let text = book.well(&["statement", "preview", "--customer", "acme"]);
    let said = "not stated yet: 1 November 2025 to 31 January 2026, which adds 40.00 USD to what is \
        issued now, 50.00 USD in all; `piecework statement preview --customer acme --period 2026-01` \
        shows it";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("10.00 USD"), "{text}");
}

/// What `statement list` says of `acme-0001`: its state and its balance.
fn paid(book: &TestBook) -> (String, String) {
    let rows = book.json(&["statement", "list", "--customer", "acme"]);
    let row = row(&rows, "number", "acme-0001");
    (
        row["state"].as_str().unwrap().to_owned(),
        number(&row["balance"]).to_owned(),
    )
}

#[test]
fn payments_make_a_statement_partly_paid_then_paid_and_too_much_is_told() {
    let book = four_contracts();
    book.well(&[
        "statement",
        "issue",
        "--customer",
        "acme",
        "--period",
        "2026-01",
        "--contract",
        "mail",
        "--by",
        "finance",
    ]);
    let pay = |more: &[&str]| {
        let start = ["payment", "record", "--customer", "acme"];
        book.run(&[&start, more].concat())
    };
    let said = |book: &TestBook, state: &str, balance: &str| {
        assert_eq!(paid(book), (state.to_owned(), balance.to_owned()));
    };
    said(&book, "open", "20.00");
    let first = [
        "--statement",
        "acme-0001",
        "--amount",
        "12.50 USD",
        "--at",
        "2026-02-02",
        "--reference",
        "SEPA 77",
    ];
    let ran = pay(&first);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(
        ran.stdout.contains(
            "12.50 USD paid at 2026-02-02T00:00:00Z, as `payment/SEPA 77`\n  acme-0001: 7.50 USD of 20.00 USD is open"
        ),
        "{ran:#?}"
    );
    said(&book, "partly_paid", "7.50");
    // The same reference again is the same payment; with another amount it is a mistake.
    let again = pay(&first);
    assert!(again.stdout.contains("known already"), "{again:#?}");
    let other = pay(&[
        "--statement",
        "acme-0001",
        "--amount",
        "13 USD",
        "--reference",
        "SEPA 77",
    ]);
    assert_eq!(other.code, Some(1));
    assert!(
        other
            .stderr
            .contains("recorded already, of 12.50 USD and not 13.00 USD"),
        "{other:#?}"
    );
    said(&book, "partly_paid", "7.50");
    let rest = pay(&["--statement", "acme-0001", "--amount", "7.50 USD"]);
    assert!(
        rest.stdout.contains("nothing of 20.00 USD is open"),
        "{rest:#?}"
    );
    said(&book, "paid", "0.00");
    let more = pay(&[
        "--statement",
        "acme-0001",
        "--amount",
        "1 USD",
        "--reference",
        "SEPA 78",
    ]);
    assert_eq!(more.code, Some(0), "{more:#?}");
    assert!(more.stdout.contains("1.00 USD is on account"), "{more:#?}");
    said(&book, "paid", "0.00");
    let void = book.run(&[
        "statement",
        "void",
        "--customer",
        "acme",
        "--number",
        "acme-0001",
        "--reason",
        "r",
        "--by",
        "finance",
    ]);
    assert!(
        void.stderr.contains("give a credit instead of voiding it"),
        "{void:#?}"
    );
}

#[test]
fn a_credited_statement_is_owed_no_more_and_both_proofs_of_it_hold() {
    let mut book = TestBook::planned("definitions/fin.toml", FEE, "2026-02-03T09:00:00Z");
    for command in [
        "record done T-1 --customer acme --at 2026-01-05T09:00:00Z",
        "contract sign --customer acme --from 2026-01-01 --by procurement",
        "statement issue --customer acme --period 2026-01 --by finance",
    ] {
        book.well(&words(command));
    }
    let credit = "credit --customer acme --statement acme-0001 --reason outage --by cs-lead";
    let none = book.run(&words(&format!("{credit} --line seats")));
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.contains("has no line `seats`"), "{none:#?}");
    let said = book.well(&words(&format!("{credit} --line platform")));
    assert!(said.contains("which charged 20.00 USD"), "{said}");
    book.at("2026-04-03T09:00:00Z");
    book.well(&words(
        "statement issue --customer acme --period 2026-03 --by finance",
    ));
    // The fees of March and of April, in advance; those of January and February are given back.
    let rows = book.json(&words("statement list --customer acme"));
    let stands = |which: &str| {
        let row = row(&rows, "number", which);
        (row["state"].clone(), number(&row["balance"]).to_owned())
    };
    assert_eq!(stands("acme-0001"), ("credited".into(), "0.00".to_owned()));
    assert_eq!(stands("acme-0002"), ("open".into(), "20.00".to_owned()));
    assert_eq!(number(&row(&rows, "number", "acme-0002")["total"]), "0.00");
    let notes = book.json(&words("credit-note list --customer acme"));
    assert_eq!(notes[0]["number"], "acme-C0001");
    assert_eq!(number(&notes[0]["amount"]), "20.00");
    let shown = book.well(&words("credit-note show acme-C0001 --customer acme"));
    assert!(
        shown.contains("against statement acme-0001") && shown.contains("outage"),
        "{shown}"
    );
    book.well(&words("verify book/proofs/acme-0002.proof.zip"));
    book.well(&words(
        "prove --customer acme --statement acme-0002 --carry --out carried.zip",
    ));
    book.well(&words("verify carried.zip"));
    let void = "statement void --customer acme --number acme-0001 --reason r --by finance";
    let void = book.run(&words(void));
    assert!(void.stderr.contains("credit the rest"), "{void:#?}");
}
