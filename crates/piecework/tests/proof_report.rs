//! The proof report: the seller makes it from the book, the buyer from the proof file, and they are
//! one page to the byte, without a word of the seller-only log.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use serde_json::{Value, json};
use support::{TestBook, number, row};
use work::Digest;

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"20\"\ndue = \"arrears\"\n";
const REPORT: &str = "report --proof --customer acme --period 2026-01";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Two works by silence, one that the buyer signed; costs that only the seller sees; an exhibit that
/// the buyer signed.
fn book() -> TestBook {
    let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-02-03T09:00:00Z");
    let path = book.path().join("piecework.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let names = "\n[customer.acme]\nname = \"Secretname Incorporated\"\n";
    book.file(
        "piecework.toml",
        &format!("vendor = \"Secretvendor\"\n{config}{names}"),
    );
    for work in ["T-1", "T-2", "T-3"] {
        let line = format!("record done {work} --customer acme --at 2026-01-05T09:00:00Z");
        book.well(&words(&line));
    }
    book.file(
        "costs.jsonl",
        &json!({"specversion": "1.0", "id": "c1", "source": "secretgateway",
            "type": "piecework.cost.recorded.v1", "subject": "acme", "time": "2026-01-05T09:00:00Z",
            "workid": "T-1", "data": {"line": "model", "amount": "0.0731 USD",
                "provider": "secretprovider", "model": "secretmodel-9", "agent": "secretagent"}})
        .to_string(),
    );
    book.well(&words("ingest costs.jsonl"));
    book.well(&words(
        "contract sign --customer acme --from 2026-01-01 --by buyer",
    ));
    book.well(&words(
        "key create --buyer acme.example/buyer --out buyer.key",
    ));
    let keys = book.json(&words("key show --customer acme"));
    let origin = row(&keys, "log", "shared")["origin"]
        .as_str()
        .unwrap()
        .to_owned();
    let announced = book.well(&["key", "announce", "--key", "buyer.key", "--origin", &origin]);
    book.file("announced.json", &announced);
    book.well(&words(
        "key publish announced.json --customer acme --by finance",
    ));
    let sign = ["--key", "buyer.key", "--origin", &origin];
    book.file("exhibit.txt", &book.well(&words("exhibit --plain")));
    let acknowledge = words("sign exhibit.txt --acknowledge exhibit --customer acme --by support");
    let mut signed = book.well(&[&acknowledge[..], &sign[..]].concat());
    book.file(
        "confirmed.jsonl",
        &json!({"specversion": "1.0", "id": "T-1/confirmed", "source": "acme.example/desk",
            "type": "piecework.work.confirmed.v1", "subject": "acme", "time": "2026-01-05T10:00:00Z",
            "workid": "T-1", "data": {"conversation": "T-1"}})
        .to_string(),
    );
    signed.push_str(&book.well(&[&["sign", "confirmed.jsonl"][..], &sign[..]].concat()));
    book.file("signed.jsonl", &signed);
    book.well(&words("ingest signed.jsonl"));
    book
}

fn issue(book: &TestBook) {
    book.well(&words(
        "statement issue --customer acme --period 2026-01 --no-proof --by finance",
    ));
}

#[test]
fn a_draft_has_no_proof_report() {
    let book = book();
    let ran = book.run(&words(REPORT));
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("a draft proves nothing"), "{ran:#?}");
    let ran = book.run(&words("report --proof"));
    assert!(ran.stderr.contains("--customer"), "{ran:#?}");
}

#[test]
fn it_says_who_decided_and_what_the_buyer_signed() {
    let book = book();
    issue(&book);
    book.well(&words(
        "record dispute T-2 --customer acme --reason no --at 2026-02-02T09:00:00Z",
    ));
    let told = book.json(&words(REPORT));
    let report = &told["report"];
    assert_eq!(number(&report["total"]), "22.97");
    assert_eq!(number(&report["agreed"]), "20.00");
    let buyers = row(&report["authorship"], "authorship", "buyer");
    assert_eq!(number(&buyers["by_signature"]["signed"]), "0.99");
    assert_eq!(
        number(&row(&report["authorship"], "authorship", "seller")["amount"]),
        "1.98"
    );
    let signed = &report["definitions"][0]["acknowledged"];
    assert_eq!(
        (&signed["by"], &signed["is_this_text"]),
        (&json!("support"), &json!(true))
    );
    let text = std::fs::read(book.path().join("exhibit.txt")).unwrap();
    assert_eq!(
        report["definitions"][0]["exhibit"],
        Digest::of(&text).to_string()
    );
    let disputed = row(&report["works"], "state", "counted: assumed, disputed");
    assert_eq!(
        (&disputed["stated"]["count"], &disputed["now"]["count"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(report["disputes"]["shown"][0]["work"], "T-2");
    assert_eq!(report["samples"], json!([]));
    let page = std::fs::read_to_string(book.path().join("acme-0001.report.html")).unwrap();
    assert!(page.contains("No sample was drawn from this statement."));
    let statement = book.json(&words("statement preview --customer acme --period 2026-01"));
    assert_eq!(statement[0]["authorship"], report["authorship"]);
}

#[test]
fn the_buyer_makes_the_same_page_from_the_proof_file() {
    let mut book = book();
    issue(&book);
    let told = book.json(&words(&format!("{REPORT} --html acme.html")));
    let page = std::fs::read(book.path().join("acme.html")).unwrap();
    let digest = told["digest"].as_str().unwrap().to_owned();
    assert_eq!(digest, format!("sha256:{}", Digest::of(&page)));
    book.well(&words("prove --customer acme"));
    let replay = |more: &str| words(&format!("replay acme-0001.proof.zip {more}")).join(" ");
    let again = book.json(&words(&replay(&format!(
        "--report {digest} --out again.html"
    ))));
    assert_eq!(
        (&again["equal"], &again["digest"]),
        (&json!(true), &json!(digest))
    );
    assert_eq!(again["report"], told["report"]);
    assert_eq!(std::fs::read(book.path().join("again.html")).unwrap(), page);
    // Without a digest it is only made; with another it is refused.
    assert_eq!(book.json(&words(&replay("--report")))["equal"], Value::Null);
    let ran = book.run(&words(&replay(&format!("--report {}", "0".repeat(64)))));
    assert_eq!(ran.code, Some(4));
    assert!(
        ran.stdout.contains("DIFFERENT from sha256:0000"),
        "{ran:#?}"
    );

    // The log goes on: the page of then is that of so many entries of a newer file.
    book.at("2026-02-04T09:00:00Z");
    book.well(&words(
        "record dispute T-2 --customer acme --reason no --at 2026-02-04T08:00:00Z",
    ));
    book.well(&words("prove --customer acme"));
    let ran = book.run(&words(&replay(&format!("--report {digest}"))));
    assert_eq!(ran.code, Some(4), "{ran:#?}");
    let size = &told["report"]["log"]["size"];
    book.well(&words(&replay(&format!("--report {digest} --size {size}"))));
    let ran = book.run(&words(&replay("--report --size 1000")));
    assert!(
        ran.stderr.contains("ask for a newer proof file"),
        "{ran:#?}"
    );
    let ran = book.run(&words(&replay("--report --size 2")));
    assert!(ran.stderr.contains("issue no statement"), "{ran:#?}");
}

#[test]
fn nothing_of_the_seller_only_log_or_its_configuration_is_in_it() {
    let book = book();
    issue(&book);
    let json = book
        .well(&words(&format!("{REPORT} --json")))
        .to_lowercase();
    let page = std::fs::read_to_string(book.path().join("acme-0001.report.html")).unwrap();
    let (head, rest) = page.split_once("<style>").unwrap();
    let page = format!("{head}{}", rest.split_once("</style>").unwrap().1).to_lowercase();
    for text in [json, page] {
        for word in ["secret", "0.0731", "margin", "cost"] {
            assert!(!text.contains(word), "it says {word}: {text}");
        }
    }
}
