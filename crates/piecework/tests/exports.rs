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
    [[component]]\nid = \"resolutions\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n\
    tax_category = \"digital-services\"\n";

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
    money(&book);
    let journal = book.file(
        "journal.beancount",
        &book.well(&["export", "journal", "--through", "2026-04"]),
    );
    let output = Command::new(python)
        .arg(root().join("clients/beancount_balances.py"))
        .arg(&journal)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let theirs: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    let rows = book.json(&["export", "trial-balance", "--through", "2026-04"]);
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
    // 3651.98 stated; 3700.00 paid, of which 8.02 went back; 30.00 written off; and a payment that was voided.
    assert_eq!(number(&asset["balance"]), "-70.00");
    let accounts = book.json(&["account", "--customer", "acme", "--through", "2026-04-30"]);
    assert_eq!(number(&accounts[0]["closing"]), "-70.00");
    for (account, amount) in [
        ("Expenses:Write-Offs:Acme", "30.00"),
        ("Assets:Cash", "3691.98"),
    ] {
        let own = row(&rows, "account", account);
        assert_eq!(number(&own["balance"]), amount, "{account}");
    }
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

/// A payment oldest first with its rest on account, a refund, a write-off, and a payment that was wrong.
fn money(book: &TestBook) {
    let of = |verb: &[&str], more: &[&str]| {
        let customer = ["--customer", "acme"];
        book.well(&[verb, &customer[..], more].concat())
    };
    let pay = ["payment", "record"];
    let approved = ["--reason", "agreed", "--by", "finance-lead"];
    of(
        &pay,
        &[
            "--amount",
            "3621.98 USD",
            "--statement",
            "acme-0002",
            "--at",
            "2026-03-10",
            "--reference",
            "B-1",
        ],
    );
    of(
        &["write-off"],
        &[&["--statement", "acme-0002"][..], &approved[..]].concat(),
    );
    of(
        &pay,
        &[
            "--amount",
            "78.02 USD",
            "--at",
            "2026-03-11",
            "--reference",
            "B-2",
        ],
    );
    of(
        &["payment", "refund"],
        &[
            &[
                "--payment",
                "payment/B-2",
                "--amount",
                "8.02 USD",
                "--at",
                "2026-03-12",
            ][..],
            &approved[..],
        ]
        .concat(),
    );
    of(
        &pay,
        &[
            "--amount",
            "1000 USD",
            "--at",
            "2026-03-11",
            "--reference",
            "B-3",
        ],
    );
    of(
        &["payment", "void"],
        &[&["--entry", "payment/B-3"][..], &approved[..]].concat(),
    );
}

/// What a month was locked with it keeps to the last byte; what is learnt of it later is in the first month that was
/// open, and the months sum to the same.
#[test]
fn a_locked_month_keeps_what_was_known_and_the_roll_forward_is_exact() {
    let mut book = book();
    let lock = |book: &TestBook, verb: &str, more: &[&str]| {
        let by = ["--reason", "reported", "--by", "controller"];
        book.run(&[&["books", verb], more, &by[..]].concat())
    };
    let not_over = lock(&book, "lock", &["--until", "2026-04-30"]);
    assert!(
        not_over.stderr.contains("2026-04-30 is not over yet"),
        "{not_over:#?}"
    );
    let no_month = lock(&book, "lock", &["--until", "2026-02-27"]);
    assert!(
        no_month.stderr.contains("not the last day of a month"),
        "{no_month:#?}"
    );
    assert_eq!(
        lock(&book, "lock", &["--until", "2026-02-28"]).code,
        Some(0)
    );
    let again = lock(&book, "lock", &["--until", "2026-01-31"]);
    assert!(again.stderr.contains("nothing would change"), "{again:#?}");
    let closed = |book: &TestBook| book.well(&["export", "journal", "--through", "2026-02"]);
    let before = closed(&book);
    let months = |book: &TestBook| {
        let schedules = book.json(&["revenue", "--through", "2026-03"]);
        let months = schedules[0]["months"].as_array().unwrap().clone();
        months
            .iter()
            .map(|own| {
                let key = |key: &str| number(&own[key]).to_owned();
                let opening = key("opening_deferred");
                (
                    key("recognised"),
                    opening,
                    key("deferred"),
                    own["is_locked"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let of_locked = months(&book);
    assert_eq!(of_locked[1].3, Value::Bool(true));
    assert_eq!(of_locked[2].3, Value::Bool(false));
    // A work and a cost of February that are told in April.
    book.at("2026-04-03T09:00:00Z");
    let late = ["--customer", "acme", "--at", "2026-02-10T09:00:00Z"];
    book.well(&[&["record", "done", "T-9"][..], &late[..]].concat());
    let cost = ["--amount", "0.25 USD", "--line", "infra"];
    book.well(&[&["record", "cost", "T-9"][..], &late[..], &cost[..]].concat());
    assert_eq!(closed(&book), before, "a locked month has the same bytes");
    let learnt = months(&book);
    assert_eq!(learnt[..2], of_locked[..2]);
    let cents =
        |own: &(String, String, String, Value)| own.0.replace('.', "").parse::<i64>().unwrap();
    assert_eq!(cents(&learnt[2]) - cents(&of_locked[2]), 99);
    for pair in learnt.windows(2) {
        assert_eq!(
            pair[0].2, pair[1].1,
            "what a month closes with the next opens with"
        );
    }
    let march = book.well(&[
        "export",
        "journal",
        "--through",
        "2026-03",
        "--format",
        "csv",
    ]);
    let said = "2026-03-01,Expenses:Cost-Of-Goods-Sold:Infra:Acme,0.25,,USD,\"infra costs of locked months, learnt since\"";
    assert!(march.contains(said), "{march}");
    // What is dated into a locked month is refused, and nothing was changed by it.
    let pay = |book: &TestBook, day: &str| {
        let amount = ["--customer", "acme", "--amount", "1 USD", "--at", day];
        book.run(&[&["payment", "record"][..], &amount[..]].concat())
    };
    let refused = pay(&book, "2026-02-28");
    assert!(
        refused.stderr.contains("locked through 2026-02-28")
            && refused.stderr.contains("books unlock"),
        "{refused:#?}"
    );
    assert_eq!(pay(&book, "2026-03-01").code, Some(0));
    // Unlocked, the work is of its month again, and all months come to the same.
    assert_eq!(
        lock(&book, "unlock", &["--until", "2026-01-31"]).code,
        Some(0)
    );
    let open = months(&book);
    assert_eq!(cents(&open[1]) - cents(&of_locked[1]), 99);
    let sum = |months: &[(String, String, String, Value)]| months.iter().map(cents).sum::<i64>();
    assert_eq!(sum(&open), sum(&learnt));
    let listed = book.json(&["books", "list"]);
    assert_eq!(listed["locked_until"].as_str(), Some("2026-01-31"));
    assert_eq!(listed["acts"].as_array().unwrap().len(), 2);
}

#[test]
fn a_general_ledger_gets_a_line_a_posting() {
    let book = book();
    let csv = book.well(&["export", "journal", "--format", "csv"]);
    assert!(
        csv.starts_with("date,account,debit,credit,currency,memo,ref,tax_category,cover\n"),
        "{csv}"
    );
    let statement = "2026-03-03,Assets:Receivable:Acme,3651.98,,USD,statement acme-0001,acme-0001";
    assert!(csv.contains(statement), "{csv}");
    let voided =
        "2026-03-03,Assets:Receivable:Acme,,3651.98,USD,statement acme-0001 voided,acme-0001";
    assert!(csv.contains(voided), "{csv}");
    // D14: what is charged is posted by tax category, and comes to what is to be paid.
    let rows = csv
        .lines()
        .map(|line| line.split(',').collect::<Vec<&str>>());
    let charged = rows.filter(|row| {
        row[1].starts_with("Liabilities:Deferred-Revenue") && row[5] == "statement acme-0001"
    });
    let charged: Vec<(String, String)> = charged
        .map(|row| (row[7].to_owned(), row[3].to_owned()))
        .collect();
    let of = |category: &str, amount: &str| (category.to_owned(), amount.to_owned());
    assert_eq!(
        charged,
        [of("", "3650.00"), of("digital-services", "1.98")],
        "{csv}"
    );
    let text = book.well(&["export", "journal"]);
    assert!(
        text.contains("    tax-category: \"digital-services\""),
        "{text}"
    );
}

/// D16: whoever books what is paid at once finds the cover's number beside the statement's.
#[test]
fn d16_what_leaves_the_system_names_the_cover() {
    let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-03-03T09:00:00Z");
    let run = |line: &str| book.well(&line.split(' ').collect::<Vec<_>>());
    run("record done T-1 --customer acme --at 2026-01-05T09:00:00Z");
    run("contract sign --customer acme --from 2026-01-01 --by buyer");
    run("cover choose --customer acme --from 2026-01-31 --by procurement");
    run("statement issue --customer acme --period 2026-01 --by finance");
    run("cover issue --customer acme --by finance");
    for table in ["statements", "lines"] {
        let csv = run(&format!("export {table}"));
        let mut lines = csv.lines();
        assert!(lines.next().unwrap().ends_with(",cover"), "{csv}");
        assert!(lines.all(|line| line.ends_with(",acme-A0001")), "{csv}");
    }
    let csv = run("export journal --through 2026-03 --format csv");
    let stated = csv
        .lines()
        .filter(|line| line.contains(",statement acme-0001,"));
    assert!(
        stated.clone().count() > 1 && stated.clone().all(|line| line.ends_with(",acme-A0001")),
        "{csv}"
    );
    let text = run("export journal --through 2026-03");
    assert!(
        text.contains("\"statement acme-0001\" ^acme-0001 ^acme-A0001"),
        "{text}"
    );
}

/// D14: what a tax system knows a line by stands on the statement's lines; where the plan says nothing, nothing does.
#[test]
fn d14_a_line_carries_its_tax_category() {
    let book = book();
    let preview = [
        "statement",
        "preview",
        "--customer",
        "acme",
        "--period",
        "2026-01",
    ];
    let statement = book.json(&preview);
    let shown = statement.to_string();
    assert_eq!(
        shown
            .matches("\"tax_category\":\"digital-services\"")
            .count(),
        1,
        "{shown}"
    );
    assert!(shown.contains("\"component\":\"platform\""), "{shown}");
    assert_eq!(shown.matches("tax_category").count(), 1, "{shown}");
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
