//! The buyer as second author: what it signs changes the statement, comes back as a receipt, and
//! stands in the proof file; what anybody else writes in its name is refused.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use serde_json::{Value, json};
use support::{TestBook, number};
use work::Digest;

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";

const JANUARY: [&str; 7] = [
    "statement",
    "preview",
    "--customer",
    "acme",
    "--period",
    "2026-01",
    "--json",
];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A book with two works and a signed contract, and a buyer's key beside it; the log's origin and key.
fn book() -> (TestBook, String, String) {
    let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-02-10T09:00:00Z");
    for work in ["T-1", "T-2"] {
        let line = format!("record done {work} --customer acme --at 2026-01-05T09:00:00Z");
        book.well(&words(&line));
    }
    book.well(&words(
        "contract sign --customer acme --from 2026-01-01 --by buyer",
    ));
    book.well(&words(
        "key create --buyer acme.example/buyer --out buyer.key",
    ));
    let keys = book.json(&words("key show --customer acme"));
    let shared = support::row(&keys, "log", "shared");
    let text = |name: &str| shared[name].as_str().unwrap().to_owned();
    (book, text("origin"), text("vkey"))
}

fn publish(book: &TestBook, origin: &str) {
    let announced = book.well(&["key", "announce", "--key", "buyer.key", "--origin", origin]);
    book.file("announced.json", &announced);
    book.well(&words(
        "key publish announced.json --customer acme --by finance",
    ));
}

fn reopened(work: &str) -> Value {
    json!({"specversion": "1.0", "id": format!("{work}/reopened"), "source": "acme.example/desk",
        "type": "piecework.work.reopened.v1", "subject": "acme", "time": "2026-01-05T10:00:00Z",
        "workid": work, "data": {"conversation": work}})
}

fn sign(book: &TestBook, origin: &str, event: &Value) -> String {
    book.file("events.jsonl", &format!("\n{event}\n"));
    book.well(&[
        "sign",
        "events.jsonl",
        "--key",
        "buyer.key",
        "--origin",
        origin,
    ])
}

fn total(book: &TestBook) -> String {
    let preview: Value = serde_json::from_str(&book.well(&JANUARY)).unwrap();
    number(&preview[0]["total"]).to_owned()
}

/// Ingests one line, which must be refused; what was said.
#[track_caller]
fn refused(book: &TestBook, line: &str) -> String {
    book.file("signed.jsonl", line);
    let ran = book.run(&words("ingest signed.jsonl"));
    assert_eq!(ran.code, Some(3), "{ran:#?}");
    assert!(ran.stdout.contains("refused "), "{ran:#?}");
    ran.stdout
}

#[test]
fn a_signed_event_changes_the_statement_and_comes_back_as_a_receipt() {
    let (book, origin, vkey) = book();
    let line = sign(&book, &origin, &reopened("T-1"));
    let said = refused(&book, &line);
    assert!(
        said.contains("a key that no earlier entry publishes"),
        "{said}"
    );
    publish(&book, &origin);
    let before = total(&book);
    book.file("signed.jsonl", &line);
    let tally = book.json(&words("ingest signed.jsonl --receipts receipts"));
    assert_eq!(tally["accepted"], 1);
    assert_ne!(total(&book), before, "the buyer's word did not count");

    let receipt = tally["receipts"][0].as_str().unwrap();
    let check = ["receipt", "check", receipt, "--key", &vkey];
    let shown = book.json(&check);
    assert_eq!(shown["id"], "T-1/reopened");
    assert_eq!(shown["entry"], tally["signed"][0]["entry"]);
    assert!(
        shown["signer"]
            .as_str()
            .unwrap()
            .starts_with("acme.example/buyer+")
    );
    // A receipt that was lost is written again; nothing else happens.
    let again = book.json(&words("ingest signed.jsonl --receipts others"));
    assert_eq!(
        (&again["duplicate"], &again["accepted"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(again["receipts"].as_array().unwrap().len(), 1);

    let text = book.well(&["log", "inclusion", "--customer", "acme", "--index", "0"]);
    let other = book.file("other.tlog-proof", &(text.replace("index 0", "index 1")));
    let ran = book.run(&["receipt", "check", other.to_str().unwrap(), "--key", &vkey]);
    assert_eq!(ran.code, Some(4), "{ran:#?}");
}

/// The statement and the verifier of its proof file say one thing.
#[test]
fn the_buyers_part_of_a_statement_is_told_by_signature() {
    let (book, origin, _) = book();
    publish(&book, &origin);
    let confirmed = |work: &str| {
        json!({"specversion": "1.0", "id": format!("{work}/confirmed"), "source": "acme.example/desk",
            "type": "piecework.work.confirmed.v1", "subject": "acme", "time": "2026-01-05T10:00:00Z",
            "workid": work, "authorship": "buyer", "data": {"conversation": work}})
    };
    book.file("said.jsonl", &format!("{}\n", confirmed("T-2")));
    book.well(&words("ingest said.jsonl"));
    book.file("signed.jsonl", &sign(&book, &origin, &confirmed("T-1")));
    book.well(&words("ingest signed.jsonl"));
    let preview: Value = serde_json::from_str(&book.well(&JANUARY)).unwrap();
    let buyers = support::row(&preview[0]["authorship"], "authorship", "buyer");
    assert_eq!(number(&buyers["amount"]), "1.98");
    assert_eq!(number(&buyers["by_signature"]["signed"]), "0.99");
    assert_eq!(number(&buyers["by_signature"]["unsigned"]), "0.99");
    let said = book.well(&JANUARY[..6]);
    assert!(
        said.contains("buyer 1.98 USD (it signed 0.99 USD, 0.99 USD is said in its name"),
        "{said}"
    );
    let issued = book.json(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    let stated = support::row(&issued[0]["authorship"], "authorship", "buyer");
    assert_eq!(stated["by_signature"], buyers["by_signature"]);
    book.well(&words("prove --customer acme"));
    let report = book.json(&words("verify acme-0001.proof.zip"));
    assert_eq!(
        report["by_signature"],
        json!({"signed": "0.99 USD", "unsigned": "0.99 USD", "not_at_hand": "0.00 USD"})
    );
    let said = book.well(&words("verify acme-0001.proof.zip"));
    assert!(
        said.contains("the buyer's part: it signed 0.99 USD"),
        "{said}"
    );
}

#[test]
fn what_somebody_else_wrote_in_the_buyers_name_is_refused() {
    let (book, origin, _) = book();
    publish(&book, &origin);
    let before = total(&book);
    let line = sign(&book, &origin, &reopened("T-1"));
    let forged = refused(&book, &line.replace("T-1", "T-2"));
    assert!(forged.contains("does not fit the event"), "{forged}");
    assert!(forged.contains("piecework sign --origin"), "{forged}");
    let elsewhere = sign(&book, "vendor.example/log/other", &reopened("T-1"));
    let said = refused(&book, &elsewhere);
    assert!(said.contains("signed for another log"), "{said}");

    let mut own = reopened("T-1");
    own["source"] = json!("piecework");
    let said = refused(&book, &own.to_string());
    assert!(said.contains("name the system"), "{said}");

    let anchor = json!({"specversion": "1.0", "id": "a", "source": "acme.example/desk",
        "type": "piecework.sample.anchored.v1", "subject": "acme", "time": "2026-02-01T00:00:00Z",
        "data": {"anchor": Digest::of(b"x").to_string(), "length": "3", "by": "audit"}});
    let said = refused(&book, &anchor.to_string());
    assert!(said.contains("never by a feed"), "{said}");
    book.file("signed.jsonl", &sign(&book, &origin, &anchor));
    book.well(&words("ingest signed.jsonl"));

    let drawn = json!({"specversion": "1.0", "id": "d", "source": "acme.example/desk",
        "type": "piecework.sample.drawn.v1", "subject": "acme", "time": "2026-02-01T00:00:00Z",
        "data": {"sample": "s", "statement": "acme-0001", "method": "bottom_k", "stratum": "all",
            "size": "1", "seed": Digest::of(b"x").to_string(), "items": ["0"], "by": "audit"}});
    let said = refused(&book, &sign(&book, &origin, &drawn));
    assert!(said.contains("not taken from a feed"), "{said}");
    assert!(said.contains("piecework sample draw"), "{said}");
    assert_eq!(total(&book), before);

    book.well(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    book.well(&words("prove --customer acme"));
    book.well(&words("verify acme-0001.proof.zip"));
}

#[test]
fn a_buyer_signs_its_own_kinds_or_nothing() {
    let (book, origin, _) = book();
    let mut answered = reopened("T-2");
    answered["type"] = json!("piecework.work.answered.v1");
    answered["data"] = json!({"kind": "answer"});
    let (good, bad) = (reopened("T-1"), answered);
    for (text, wanted) in [
        (format!("{good}\n\n{bad}\n"), "line 3 of events.jsonl"),
        (
            format!("{good}\n{bad}\n"),
            "a buyer does not sign `work.answered`",
        ),
        (format!("{good}\nnonsense\n"), "line 2 of events.jsonl"),
        ("\n".to_owned(), "has no events"),
    ] {
        book.file("events.jsonl", &text);
        let ran = book.run(&[
            "sign",
            "events.jsonl",
            "--key",
            "buyer.key",
            "--origin",
            &origin,
        ]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:#?}");
        assert!(ran.stderr.contains(wanted), "{wanted}: {ran:#?}");
    }
}

#[test]
fn an_exhibit_is_acknowledged_by_the_digest_of_its_text() {
    let (book, origin, _) = book();
    publish(&book, &origin);
    let text = book.well(&words("exhibit --plain"));
    let plain = book.json(&words("exhibit --plain"));
    assert_eq!(plain["digest"], Digest::of(text.as_bytes()).to_string());
    book.file("exhibit.txt", &text);
    let by = "sign exhibit.txt --acknowledge exhibit --customer acme --by head-of-support";
    let mut arguments = words(by);
    arguments.extend(["--key", "buyer.key", "--origin", &origin]);
    let event = book.well(&arguments);
    assert!(event.contains(plain["digest"].as_str().unwrap()), "{event}");
    book.file("signed.jsonl", &event);
    book.well(&words("ingest signed.jsonl"));
    book.well(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    book.well(&words("prove --customer acme"));
    let shown = book.well(&words("verify acme-0001.proof.zip"));
    assert!(
        shown.contains(": acknowledged by the buyer in entry"),
        "{shown}"
    );

    book.file("exhibit.txt", "anything");
    let ran = book.run(&arguments);
    assert!(ran.stderr.contains("exhibit --plain"), "{ran:#?}");
}

/// The open items of a day are a text that is made again byte for byte by the size of the log, whatever came since; the
/// buyer signs its digest, and the proof file with that in it verifies.
#[test]
fn a_balance_is_confirmed_by_the_digest_of_its_text() {
    let (book, origin, _) = book();
    publish(&book, &origin);
    book.well(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    let mut confirm = words("balance confirm --customer acme --day 2026-12-31 --out balance.txt");
    let asked = book.json(&confirm);
    let text = std::fs::read_to_string(book.path().join("balance.txt")).unwrap();
    assert_eq!(asked["digest"], Digest::of(text.as_bytes()).to_string());
    assert_eq!(asked["text"].as_str(), Some(text.as_str()));
    assert!(
        text.contains("acme-0001") && text.contains("root "),
        "{text}"
    );
    assert_eq!(asked["acknowledged"], serde_json::Value::Null);
    let size = asked["log_size"].to_string();
    let by = "sign balance.txt --acknowledge balance --customer acme --by accounts-payable";
    let mut arguments = words(by);
    arguments.extend(["--key", "buyer.key", "--origin", &origin]);
    book.file("signed.jsonl", &book.well(&arguments));
    book.well(&words("ingest signed.jsonl"));
    let mut pay = words("payment record --customer acme --statement acme-0001 --amount");
    pay.push("1 USD");
    book.well(&pay);
    confirm.extend(["--log-size", &size]);
    let again = book.json(&confirm);
    assert_eq!(again["digest"], asked["digest"]);
    assert!(again["acknowledged"].is_string(), "{again:#}");
    let other = book.json(&words("balance confirm --customer acme --day 2026-12-31"));
    assert_ne!(other["digest"], asked["digest"]);
    book.well(&words("prove --customer acme"));
    assert_eq!(
        book.json(&words("verify acme-0001.proof.zip"))["verdict"],
        "valid"
    );
}

#[test]
fn evidence_is_attached_disclosed_and_redacted() {
    let (book, _, _) = book();
    book.file("chat.txt", "the customer said thanks");
    let attach = words("evidence attach chat.txt --customer acme --work T-1 --name transcript");
    let attached = book.json(&attach);
    let commitment = attached["commitment"].as_str().unwrap();
    book.well(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    let prove = ["prove", "--customer", "acme", "--disclose", commitment];
    book.well(&prove);
    book.well(&words("verify acme-0001.proof.zip"));

    let id = attached["id"].as_str().unwrap();
    let mut redact = words("evidence redact --customer acme --by dpo --reason erasure --id");
    redact.push(id);
    let said = book.well(&redact);
    assert!(said.contains("deleted what"), "{said}");
    let said = book.well(&redact);
    assert!(said.contains("redacted before"), "{said}");
    let ran = book.run(&prove);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("it was redacted"), "{ran:#?}");
    book.well(&words("prove --customer acme"));
    let shown = book.json(&words("verify acme-0001.proof.zip"));
    assert_eq!(shown["verdict"], "valid");
    assert_eq!(
        shown["redactions"].as_array().unwrap().len(),
        1,
        "{shown:#}"
    );
    let ran = book.run(&words(
        "evidence redact --customer acme --by dpo --reason erasure --id nothing",
    ));
    assert!(ran.stderr.contains("has no evidence `nothing`"), "{ran:#?}");
}

/// A second key of the buyer, in `next.key`; what announces it, signed with a key of this file.
fn successor(book: &TestBook, origin: &str, before: &str) -> String {
    let mut announce = words("key announce --key next.key --customer acme --by it-security");
    announce.extend(["--origin", origin, "--succeeds", before]);
    book.well(&announce)
}

#[test]
fn a_buyers_next_key_is_signed_with_the_one_before() {
    let (book, origin, _) = book();
    for out in ["next.key", "stranger.key"] {
        book.well(&[
            "key",
            "create",
            "--buyer",
            "acme.example/buyer",
            "--out",
            out,
        ]);
    }
    // Without a key in the log nothing signs for the next.
    let said = refused(&book, &successor(&book, &origin, "buyer.key"));
    assert!(
        said.contains("a key that no earlier entry publishes"),
        "{said}"
    );
    publish(&book, &origin);

    // The seller cannot put a second one in the buyer's name: no proof file would ever be valid again.
    let announce = ["key", "announce", "--key", "next.key", "--origin", &origin];
    book.file("announced.json", &book.well(&announce));
    let ran = book.run(&words(
        "key publish announced.json --customer acme --by finance",
    ));
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.stderr.contains("--succeeds OLD.key"), "{ran:#?}");
    let said = refused(&book, &successor(&book, &origin, "stranger.key"));
    assert!(
        said.contains("a key that no earlier entry publishes"),
        "{said}"
    );

    // What the next key signs counts from its publication on.
    book.file("events.jsonl", &reopened("T-1").to_string());
    let mut by_next = words("sign events.jsonl --key next.key --origin");
    by_next.push(&origin);
    let line = book.well(&by_next);
    let before = total(&book);
    refused(&book, &line);
    let key = successor(&book, &origin, "buyer.key");
    book.file("both.jsonl", &format!("{key}{line}"));
    let tally = book.json(&words("ingest both.jsonl"));
    assert_eq!(tally["accepted"], 2, "{tally:#}");
    assert_ne!(total(&book), before);
    // So does what the old one signs still, and a key is published once.
    let mut old = reopened("T-2");
    old["id"] = json!("T-2/again");
    book.file("signed.jsonl", &sign(&book, &origin, &old));
    book.well(&words("ingest signed.jsonl"));
    book.file("events.jsonl", &key);
    let again = book.json(&words("ingest events.jsonl"));
    assert_eq!(again["duplicate"], 1, "{again:#}");

    book.well(&words(
        "statement issue --customer acme --period 2026-01 --by finance",
    ));
    book.well(&words("prove --customer acme"));
    let mut cosign = words("acknowledge acme-0001.proof.zip --key next.key");
    book.file("cosigned.txt", &book.well(&cosign));
    cosign = words("acknowledge cosigned.txt --customer acme");
    book.well(&cosign);
    book.well(&words("prove --customer acme"));
    let report = book.json(&words("verify acme-0001.proof.zip"));
    assert_eq!(report["verdict"], "valid", "{report:#}");
    assert_eq!(report["signed_by_buyer"], "3");
    assert_eq!(report["cosignatures"][0]["name"], "acme.example/buyer");
}
