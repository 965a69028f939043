//! The receipt of one work: its price before and after it is stated, its proofs, and what it keeps
//! from the buyer.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use proof::Receipt;
use serde_json::{Value, json};
use support::{TestBook, row};

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.333\"\n";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Three works of one contract, evidence of the first, and costs that only the seller sees.
fn book() -> (TestBook, String) {
    let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-01-20T09:00:00Z");
    for work in ["T-1", "T-2", "T-3"] {
        let line = format!("record done {work} --customer acme --at 2026-01-05T09:00:00Z");
        book.well(&words(&line));
    }
    book.file(
        "costs.jsonl",
        &json!({"specversion": "1.0", "id": "c1", "source": "gateway", "type": "piecework.cost.recorded.v1",
            "subject": "acme", "time": "2026-01-05T09:00:00Z", "workid": "T-1",
            "data": {"line": "model", "amount": "0.0731 USD", "provider": "secretprovider",
                "model": "secretmodel-9", "agent": "secretagent", "agent_version": "secret-3.1",
                "note": "secretnote"}})
        .to_string(),
    );
    book.well(&words("ingest costs.jsonl"));
    book.file("chat.txt", "the customer said thanks");
    book.well(&words(
        "evidence attach chat.txt --customer acme --work T-1 --name transcript",
    ));
    book.well(&words(
        "contract sign --customer acme --from 2026-01-01 --by buyer",
    ));
    let keys = book.json(&words("key show --customer acme"));
    let key = row(&keys, "log", "shared")["vkey"].as_str().unwrap();
    (book, key.to_owned())
}

fn receipt(book: &TestBook, work: &str) -> Value {
    let text = book.well(&["receipt", "work", "--customer", "acme", "--work", work]);
    serde_json::from_str(&text).unwrap()
}

fn check(book: &TestBook, file: &str, key: &str) -> (Option<i32>, Value) {
    let ran = book.run(&["receipt", "check", file, "--key", key, "--json"]);
    let told =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    (ran.code, told)
}

#[test]
fn the_price_is_expected_until_a_statement_says_it() {
    let (mut book, _) = book();
    let before = receipt(&book, "T-1");
    assert_eq!(before["state"], "counted", "{before:#}");
    assert_eq!(before.get("statement"), None);
    // Three works at 0.333 are 1.00, of which the first has the cent that is left over.
    assert_eq!(before["price"], "0.34 USD");
    book.at("2026-02-03T09:00:00Z");
    book.well(&words(
        "statement issue --customer acme --period 2026-01 --no-proof --by finance",
    ));
    let prices = ["T-1", "T-2", "T-3"].map(|work| {
        let stated = receipt(&book, work);
        assert_eq!(stated["statement"], "acme-0001");
        stated["price"].as_str().unwrap().to_owned()
    });
    assert_eq!(prices, ["0.34 USD", "0.33 USD", "0.33 USD"]);

    book.well(&words(
        "record undo T-1 --customer acme --at 2026-02-02T09:00:00Z",
    ));
    let reopened = receipt(&book, "T-1");
    assert_eq!(
        (&reopened["price"], &reopened["statement"]),
        (&json!("0.34 USD"), &json!("acme-0001"))
    );
    let why = reopened["why"].as_str().unwrap();
    assert!(why.contains("work.reopened"), "{why}");
    assert!(why.contains("expected to make its price 0.00 USD"), "{why}");
    assert_eq!(reopened.get("dispute"), None);
    book.at("2026-03-03T09:00:00Z");
    book.well(&words(
        "statement issue --customer acme --period 2026-02 --no-proof --by finance",
    ));
    let credited = receipt(&book, "T-1");
    assert_eq!(
        (&credited["price"], &credited["statement"]),
        (&json!("0.00 USD"), &json!("acme-0002"))
    );
}

#[test]
fn its_text_and_its_page_are_checked_under_the_logs_key() {
    let (book, key) = book();
    let base = words("receipt work --customer acme --work T-1");
    let with = |more: &str| [base.clone(), words(more)].concat().join(" ");
    book.well(&words(&with("--out t1.json")));
    book.well(&words(&with("--html --out t1.html")));
    let text = book.well(&words(&with("--json")));
    book.file("printed.json", &text);
    let page = std::fs::read_to_string(book.path().join("t1.html")).unwrap();
    book.file(
        "page.html",
        &format!("<!DOCTYPE html><body><h1>T-1</h1>{page}</body>"),
    );
    for file in ["t1.json", "printed.json", "t1.html", "page.html"] {
        let (code, told) = check(&book, file, &key);
        assert_eq!(
            (code, &told["verdict"]),
            (Some(0), &json!("valid")),
            "{told:#}"
        );
        assert_eq!(
            (&told["work"], &told["price"]),
            (&json!("T-1"), &json!("0.34 USD"))
        );
        assert_eq!(told["evidence"][0]["name"], "transcript");
        let kinds: Vec<&str> = told["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| own["kind"].as_str().unwrap())
            .collect();
        assert!(
            kinds.contains(&"piecework.evidence.attached.v1"),
            "{kinds:?}"
        );
    }
    let said = book.well(&["receipt", "check", "t1.html", "--key", &key]);
    assert!(
        said.contains("price 0.34 USD expected, not yet stated"),
        "{said}"
    );

    // Whatever is wrong with it, a program is told why, and the exit code is that of a check.
    book.file("several.html", &format!("{page}{page}"));
    book.file("nothing.txt", "a receipt");
    book.file("cut.json", &text[..text.len() / 2]);
    book.file("other.json", &text.replace("transcript", "photograph"));
    let other = book.json(&words("key show --customer acme"));
    let other = row(&other, "log", "seller")["vkey"]
        .as_str()
        .unwrap()
        .to_owned();
    for (file, key, wanted) in [
        ("several.html", &key, "has 2 receipts"),
        ("nothing.txt", &key, "this is no receipt"),
        ("cut.json", &key, "this is no receipt"),
        ("other.json", &key, "names the evidence `photograph`"),
        ("t1.html", &other, "proof 1"),
    ] {
        let (code, told) = check(&book, file, key);
        assert_eq!(
            (code, &told["verdict"]),
            (Some(4), &json!("refused")),
            "{file}"
        );
        let reason = told["reason"].as_str().unwrap();
        assert!(reason.contains(wanted), "{file}: {reason}");
    }
}

#[test]
fn it_says_until_when_and_where_it_may_be_disputed() {
    let (mut book, _) = book();
    let own = receipt(&book, "T-1")["dispute"].clone();
    let place = own["where"].as_str().unwrap();
    assert!(
        place.contains("`work.disputed`") && place.contains("piecework sign"),
        "{place}"
    );
    let path = book.path().join("piecework.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let url = "https://vendor.example/disputes?customer={customer}&work={work}";
    book.file(
        "piecework.toml",
        &format!("{config}\n[receipt]\ndispute_url = \"{url}\"\n"),
    );
    assert_eq!(
        receipt(&book, "T-1")["dispute"]["where"],
        "https://vendor.example/disputes?customer=acme&work=T-1"
    );
    let html = book.well(&words("receipt work --customer acme --work T-1 --html"));
    assert!(
        html.contains("href=\"https://vendor.example/disputes?customer=acme&amp;work=T-1\""),
        "{html}"
    );
    book.at("2027-01-01T00:00:00Z");
    assert_eq!(receipt(&book, "T-1").get("dispute"), None);
    book.file(
        "piecework.toml",
        &format!("{config}\n[receipt]\ndispute_url = \"http://x.example\"\n"),
    );
    let ran = book.run(&words("check"));
    assert!(ran.stderr.contains("must begin with https://"), "{ran:#?}");
}

#[test]
fn nothing_of_the_seller_only_log_is_in_a_receipt() {
    let (book, _) = book();
    // The seller sees them, so they are in the book.
    let shown = book.well(&words("work show T-1 --customer acme"));
    assert!(
        shown.contains("secretmodel-9") && shown.contains("0.0731"),
        "{shown}"
    );
    for work in ["T-1", "T-2", "T-3"] {
        for form in ["--json", "--html"] {
            let arguments = [
                "receipt",
                "work",
                "--customer",
                "acme",
                "--work",
                work,
                form,
            ];
            let mut text = book.well(&arguments);
            // The entries in the proofs are written in base64.
            let inside = match form {
                "--html" => pages::receipts_in(&text).remove(0),
                _ => text.trim_end().to_owned(),
            };
            for proof in Receipt::parse(inside.as_bytes()).unwrap().proofs {
                text.push_str(std::str::from_utf8(proof.extra()).unwrap());
            }
            let text = text.to_lowercase();
            for word in ["secret", "0.0731", "gateway", "cost", "model", "agent"] {
                assert!(!text.contains(word), "{work} {form} says {word}: {text}");
            }
        }
    }
}

#[test]
fn a_work_or_a_unit_that_is_not_there_is_told() {
    let (book, _) = book();
    let ran = book.run(&words("receipt work --customer acme --work T-9"));
    assert!(ran.stderr.contains("has no work `T-9`"), "{ran:#?}");
    let ran = book.run(&words(
        "receipt work --customer acme --work T-1 --unit support.other",
    ));
    assert!(ran.stderr.contains("has no work `T-1` of unit"), "{ran:#?}");
    let one = receipt(&book, "T-1");
    let named = book.well(&words(
        "receipt work --customer acme --work T-1 --unit support.fin_outcome",
    ));
    assert_eq!(serde_json::from_str::<Value>(&named).unwrap(), one);
}

/// A lead that was started again is two units, of which each has a receipt of its own.
#[test]
fn of_several_units_of_a_work_one_is_named() {
    const LEADS: &str = "id = \"sdr\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"leads\"\nkind = \"outcome\"\nunit = \"sales.agentforce_lead\"\nprice = \"2\"\n";
    let book = TestBook::planned(
        "definitions/agentforce-sdr.toml",
        LEADS,
        "2026-01-20T09:00:00Z",
    );
    let event = |id: &str, kind: &str, data: Value| {
        json!({"specversion": "1.0", "id": id, "source": "crm", "type": format!("piecework.work.{kind}.v1"),
            "subject": "acme", "time": format!("2026-01-0{id}T09:00:00Z"), "workid": "L-1", "data": data})
    };
    let mail = json!({"kind": "answer", "channel": "email", "lead": "L-1"});
    let lines = [
        event("1", "answered", mail.clone()),
        event("2", "reopened", json!({"lead": "L-1"})),
        event("3", "answered", mail),
    ];
    book.file(
        "leads.jsonl",
        &lines.map(|line| line.to_string()).join("\n"),
    );
    book.well(&words("ingest leads.jsonl"));
    let base = words("receipt work --customer acme --work L-1");
    let ran = book.run(&base);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("is 2 units of work"), "{ran:#?}");
    for (name, counted_at) in [
        ("sales.agentforce_lead[L-1]@crm:1", "2026-01-01T09:00:00Z"),
        ("sales.agentforce_lead[L-1]@crm:2", "2026-01-03T09:00:00Z"),
    ] {
        assert!(ran.stderr.contains(name), "{ran:#?}");
        let text = book.well(&[&base[..], &["--unit", name]].concat());
        let one: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(one["counted_at"], counted_at);
        assert_eq!(one["price"], "2.00 USD");
    }
}
