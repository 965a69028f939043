//! A statement proved, verified twice, spoilt and refused, and laid beside the buyer's own records:
//! what the seller never reported is found, disputed, decided and credited.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::process::Command;

use serde_json::Value;
use support::{TestBook, number, root};

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";

/// The map of the buyer's help desk.
const MAP: &str = r#"
source = "acme.example/desk"
customer = "acme"
time = "{when}"
zone = "UTC"
conversation = "{ticket}"
work = "{ticket}"
id = "{ticket}/{what}"
[table.fact]
opened = "work.opened"
reopened = "work.reopened"
"human replied" = "work.human_replied"
[[event]]
type = "{what|fact}"
"#;

/// The buyer's export. T-2 and T-4 came back to its people: planted here, the seller never says so.
const MINE: &str = "\
ticket,what,when
T-1,opened,2026-01-05 09:00
T-2,opened,2026-01-05 09:00
T-2,reopened,2026-01-06 10:00
T-4,opened,2026-01-05 09:00
T-4,reopened,2026-01-07 16:30
T-9,opened,2026-01-20 09:00
";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Four works done and answered for good, a contract, and January's statement with its proof file.
fn book() -> (TestBook, String) {
    let mut book = TestBook::planned("definitions/fin.toml", PLAN, "2026-01-31T09:00:00Z");
    for work in ["T-1", "T-2", "T-3", "T-4"] {
        book.well(&words(&format!(
            "record done {work} --customer acme --header conversation={work} --at 2026-01-05T09:00:00Z"
        )));
    }
    book.well(&words(
        "contract sign --customer acme --from 2026-01-01 --by buyer",
    ));
    book.at("2026-02-02T09:00:00Z");
    let issued = book.json(&words(
        "statement issue --customer acme --period 2026-01 --by cfo",
    ));
    assert_eq!(number(&issued[0]["total"]), "3.96");
    let proof = issued[0]["proof"].as_str().unwrap().to_owned();
    book.file("map.toml", MAP);
    book.file("mine.csv", MINE);
    (book, proof)
}

fn names<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap().iter();
    items.map(|own| own[member].as_str().unwrap()).collect()
}

/// The second verifier's verdict.
fn second_verdict(book: &TestBook, proof: &str) -> (i32, Value) {
    let script = root().join("verifiers/python/verify_piecework.py");
    let output = Command::new("python3")
        .arg(script)
        .args([proof, "--json"])
        .current_dir(book.path())
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), report)
}

#[test]
fn what_the_seller_never_reported_is_found_disputed_and_credited() {
    let (mut book, proof) = book();
    book.well(&["verify", &proof, "--pins", "acme.pins"]);
    let (code, report) = second_verdict(&book, &proof);
    assert_eq!(
        (code, report["verdict"].as_str()),
        (0, Some("valid")),
        "{report}"
    );

    let ran = book.run(&[
        "reconcile",
        &proof,
        "mine.csv",
        "--map",
        "map.toml",
        "--disputes",
        "disputes.jsonl",
        "--facts",
        "facts.jsonl",
        "--json",
    ]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(names(&found["matched"], "work"), ["T-1", "T-2", "T-4"]);
    assert_eq!(names(&found["billed_not_mine"], "work"), ["T-3"]);
    assert_eq!(names(&found["mine_not_billed"], "work"), ["T-9"]);
    assert_eq!(names(&found["in_question"], "work"), ["T-2", "T-4"]);
    assert_eq!(found["amount_in_question"], "1.98 USD");
    assert_eq!(found["unreported"], 2);

    // The seller takes the disputes, decides one for the buyer, and the next statement credits it.
    let tally = book.json(&words("ingest disputes.jsonl"));
    assert_eq!(tally["accepted"], 2, "{tally}");
    book.well(&words(
        "record decide T-2 --customer acme --verdict credited --header conversation=T-2",
    ));
    book.well(&words(
        "record decide T-4 --customer acme --verdict stands --header conversation=T-4",
    ));
    book.at("2026-03-02T09:00:00Z");
    let issued = book.json(&words(
        "statement issue --customer acme --period 2026-02 --by cfo",
    ));
    assert_eq!(number(&issued[0]["total"]), "-0.99");
    let february = issued[0]["proof"].as_str().unwrap();
    let verified = book.well(&["verify", february, "--pins", "acme.pins"]);
    assert!(
        verified.contains("continues the one that you verified before"),
        "{verified}"
    );
    let (code, report) = second_verdict(&book, february);
    assert_eq!(
        (code, report["verdict"].as_str()),
        (0, Some("valid")),
        "{report}"
    );

    // February also proves itself from January's carry, to both.
    book.well(&words("prove --customer acme --carry --out from-carry.zip"));
    let verified = book.well(&["verify", "from-carry.zip", "--pins", "acme.pins"]);
    assert!(
        verified.contains("rests on the carry of statement acme-0001"),
        "{verified}"
    );
    let (code, report) = second_verdict(&book, "from-carry.zip");
    assert_eq!(
        (code, report["verdict"].as_str()),
        (0, Some("valid")),
        "{report}"
    );
}

#[test]
fn records_are_not_compared_with_a_file_that_was_edited() {
    let (book, proof) = book();
    let path = book.path().join(&proof);
    let mut file = std::fs::read(&path).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    std::fs::write(&path, file).unwrap();
    assert_eq!(book.run(&["verify", &proof]).code, Some(4));
    assert_eq!(second_verdict(&book, &proof).0, 1);
    let ran = book.run(&["reconcile", &proof, "mine.csv", "--map", "map.toml"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("refused"), "{ran:?}");
}

#[test]
fn records_that_cannot_be_read_are_told_with_their_place() {
    let (book, proof) = book();
    book.file("mine.csv", &MINE.replace("2026-01-07 16:30", "yesterday"));
    let ran = book.run(&["reconcile", &proof, "mine.csv", "--map", "map.toml"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("mine.csv:6"), "{ran:?}");
    let ran = book.run(&["reconcile", &proof, "mine.csv"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
}
