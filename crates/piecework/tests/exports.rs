//! The seller's books: revenue by month, double entry that beancount accepts, costs in FOCUS.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use support::{TestBook, number, root, row};

const PLAN: &str = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n\
    [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 3650\nevery = \"year\"\n\
    [[component]]\nid = \"resolutions\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";

/// Two months of a customer: a year's fee in advance, work, costs with eight digits, a statement voided and issued again.
fn book() -> TestBook {
    let mut book = TestBook::planned("definitions/fin.toml", PLAN, "2026-03-03T09:00:00Z");
    for (work, at) in [
        ("T-1", "2026-01-05T09:00:00Z"),
        ("T-2", "2026-01-06T09:00:00Z"),
        ("T-3", "2026-02-06T09:00:00Z"),
    ] {
        book.well(&["record", "done", work, "--customer", "acme", "--at", at]);
        let later = at.replace("09:00", "09:01");
        for (at, amount, line) in [
            (at, "0.01234567 USD", "infra"),
            (later.as_str(), "0.30 EUR", "support"),
        ] {
            let cost = ["record", "cost", work, "--customer", "acme", "--at", at];
            book.well(&[&cost[..], &["--amount", amount, "--line", line]].concat());
        }
    }
    let sign = [
        "contract",
        "sign",
        "--customer",
        "acme",
        "--from",
        "2026-01-01",
        "--by",
        "buyer",
    ];
    book.well(&sign);
    let issue = |period: &str| {
        let by = ["--by", "finance"];
        let which = [
            "statement",
            "issue",
            "--customer",
            "acme",
            "--period",
            period,
        ];
        book.well(&[&which[..], &by[..]].concat());
    };
    issue("2026-01");
    book.well(&[
        "statement",
        "void",
        "--customer",
        "acme",
        "--number",
        "acme-0001",
        "--reason",
        "wrong address",
        "--by",
        "finance",
    ]);
    issue("2026-01");
    book.at("2026-04-02T09:00:00Z");
    book
}

#[test]
fn revenue_is_told_by_month_with_what_stands_against_invoicing_it() {
    let book = book();
    let schedules = book.json(&["revenue", "--through", "2026-03"]);
    let own = &schedules[0];
    assert_eq!(
        (own["customer"].as_str(), own["right_to_invoice"].as_bool()),
        (Some("acme"), Some(false))
    );
    let month = |at: usize, key: &str| number(&own["months"][at][key]).to_owned();
    assert_eq!(month(0, "recognised"), "311.98");
    assert_eq!(month(0, "contract_asset"), "311.98");
    assert_eq!(month(1, "recognised"), "280.99");
    // Issued, voided and issued again on March 3: the year's fee, and two works of January.
    assert_eq!(month(2, "stated"), "3651.98");
    assert_eq!(month(2, "deferred"), "2749.01");
    let told = book.well(&["revenue"]);
    assert!(
        told.contains("platform: it is invoiced before it is performed"),
        "{told}"
    );
}

#[test]
fn an_estimate_holds_back_what_may_be_taken_back() {
    let book = book();
    let configuration = book.path().join("piecework.toml");
    let mut text = std::fs::read_to_string(&configuration).unwrap();
    text.push_str(
        "[accounting.constraint.\"support.fin_outcome\"]\npercent = \"50\"\nwithin = \"30d\"\n",
    );
    std::fs::write(&configuration, &text).unwrap();
    let schedules = book.json(&["revenue", "--through", "2026-02"]);
    let february = &schedules[0]["months"][1];
    // January held 0.99 back of its two works; that is over in February, which holds back half of its own:
    // 280.00 + 0.99 - 0.50 + 0.99.
    assert_eq!(number(&february["recognised"]), "281.48");
    let broken = text.replace("\"50\"", "\"150\"");
    std::fs::write(&configuration, broken).unwrap();
    let ran = book.run(&["revenue"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr
            .contains("constraint.\"support.fin_outcome\".percent"),
        "{}",
        ran.stderr
    );
}

#[test]
fn costs_leave_in_the_columns_of_focus() {
    let csv = book().well(&["export", "costs"]);
    let mut lines = csv.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| head.iter().position(|own| *own == name).unwrap();
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(first[at("BilledCost")], "0.01234567");
    assert_eq!(first[at("BillingCurrency")], "USD");
    assert_eq!(first[at("x_WorkId")], "T-1");
    assert_eq!(lines.count(), 5);
}

/// The balances of beancount's own reading of the journal are those of the trial balance, to the last digit.
#[test]
fn beancount_accepts_the_journal_and_comes_to_the_trial_balance() {
    let python = root().join("target/clients/python/bin/python");
    if !python.exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "dev/test installs {}",
            python.display()
        );
        println!("skipped: {} is not there", python.display());
        return;
    }
    let book = book();
    let journal = book.file("journal.beancount", &book.well(&["export", "journal"]));
    let output = Command::new(python)
        .arg(root().join("clients/beancount_balances.py"))
        .arg(&journal)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let theirs: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    let rows = book.json(&["export", "trial-balance"]);
    let ours: BTreeMap<String, String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            let (account, currency) = (
                own["account"].as_str().unwrap(),
                &own["balance"]["currency"],
            );
            (
                format!("{account} {}", currency.as_str().unwrap()),
                number(&own["balance"]).to_owned(),
            )
        })
        .collect();
    assert_eq!(ours, theirs);
    let asset = row(&rows, "account", "Assets:Receivable:Acme");
    assert_eq!(number(&asset["balance"]), "3651.98");
    // A journal that does not balance is refused, so that what was accepted was checked.
    let text = std::fs::read_to_string(&journal).unwrap();
    let tampered = text.replacen("3651.98 USD", "3651.99 USD", 1);
    assert_ne!(text, tampered);
    let tampered = book.file("tampered.beancount", &tampered);
    let python = root().join("target/clients/python/bin/python");
    let script = root().join("clients/beancount_balances.py");
    let output = Command::new(python)
        .arg(script)
        .arg(&tampered)
        .output()
        .unwrap();
    assert!(!output.status.success());
}

#[test]
fn a_general_ledger_gets_a_line_a_posting() {
    let book = book();
    let csv = book.well(&["export", "journal", "--format", "csv"]);
    assert!(
        csv.starts_with("date,account,debit,credit,currency,memo,ref\n"),
        "{csv}"
    );
    let statement = "2026-03-03,Assets:Receivable:Acme,3651.98,,USD,statement acme-0001,acme-0001";
    assert!(csv.contains(statement), "{csv}");
    let voided =
        "2026-03-03,Assets:Receivable:Acme,,3651.98,USD,statement acme-0001 voided,acme-0001";
    assert!(csv.contains(voided), "{csv}");
}

#[test]
fn nothing_is_earned_without_a_contract() {
    let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-03-03T09:00:00Z");
    book.well(&[
        "record",
        "done",
        "T-1",
        "--customer",
        "acme",
        "--at",
        "2026-01-05T09:00:00Z",
    ]);
    assert_eq!(book.json(&["revenue"]), Value::Array(Vec::new()));
    assert!(book.well(&["revenue"]).contains("No contract is signed"));
}
