//! A sample from end to end: the buyer anchors and reveals, the seller draws, both look, and every
//! verifier agrees; whatever lets anybody pick is refused before it is in the log.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use support::{Ran, TestBook, root};

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";
const ISSUE: &str = "statement issue --customer acme --period 2026-01 --by finance";
const DRAW: &str = "sample draw --customer acme --statement acme-0001 --by audit --method";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A book, its buyer's key published, and twelve works of January under a signed contract.
struct Story {
    book: TestBook,
    origin: String,
    vkey: String,
}

impl Story {
    fn new() -> Story {
        let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-02-10T09:00:00Z");
        for number in 1..=12 {
            let line = format!(
                "record done T-{number} --customer acme --at 2026-01-{number:02}T09:00:00Z"
            );
            book.well(&words(&line));
            book.file("chat.txt", &format!("what was said about {number}"));
            book.well(&words(&format!(
                "evidence attach chat.txt --customer acme --work T-{number} --name transcript"
            )));
        }
        for line in [
            "contract sign --customer acme --from 2026-01-01 --by buyer",
            "key create --buyer acme.example/buyer --out buyer.key",
        ] {
            book.well(&words(line));
        }
        let keys = book.json(&words("key show --customer acme"));
        let shared = support::row(&keys, "log", "shared");
        let text = |name: &str| shared[name].as_str().unwrap().to_owned();
        let (origin, vkey) = (text("origin"), text("vkey"));
        let announced = book.well(&["key", "announce", "--key", "buyer.key", "--origin", &origin]);
        book.file("announced.json", &announced);
        book.well(&words(
            "key publish announced.json --customer acme --by finance",
        ));
        Story { book, origin, vkey }
    }

    /// The line that anchors a chain of 3, and its secret in `nonces`.
    fn anchor(&self) -> String {
        let mut anchor =
            words("sample anchor --key buyer.key --customer acme --length 3 --by audit");
        anchor.extend(["--secret", "nonces", "--origin", &self.origin]);
        self.book.well(&anchor)
    }

    fn anchored() -> Story {
        let story = Story::new();
        story.book.file("anchored.jsonl", &story.anchor());
        story.book.well(&words("ingest anchored.jsonl"));
        story
    }

    fn issued() -> Story {
        let story = Story::anchored();
        story.book.well(&words(ISSUE));
        story
    }

    fn reveal(&self, file: &str) -> Ran {
        let reveal = ["sample", "reveal", file, "--secret", "nonces", "--json"];
        self.book.run(&reveal)
    }

    fn nonce(&self) -> String {
        let ran = self.reveal("acme-0001.proof.zip");
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        json["nonce"].as_str().unwrap().to_owned()
    }

    fn draw(&self, more: &str) -> Value {
        let line = format!("{DRAW} {more}");
        self.book.json(&words(&line))[0].clone()
    }

    fn show(&self, statement: &str) -> Value {
        let line = format!("sample show --customer acme --statement {statement}");
        self.book.json(&words(&line))
    }

    /// A command that must fail, saying this, and leave the log as it was.
    #[track_caller]
    fn refused(&self, line: &str, wanted: &str) {
        let size = self.size();
        let ran = self.book.run(&words(line));
        assert_eq!(ran.code, Some(1), "{ran:#?}");
        assert!(ran.stderr.contains(wanted), "no `{wanted}` in {ran:#?}");
        assert_eq!(self.size(), size, "something was appended");
    }

    fn size(&self) -> u64 {
        let head = self.book.json(&words("log checkpoint --customer acme"));
        let text = head["text"].as_str().unwrap_or_default().to_owned();
        let second = text.lines().nth(1);
        second
            .unwrap_or_else(|| panic!("{head:#}"))
            .parse()
            .unwrap()
    }
}

fn names(sample: &Value) -> Vec<String> {
    let works = sample["works"].as_array().unwrap();
    works
        .iter()
        .map(|own| own["work"].as_str().unwrap().to_owned())
        .collect()
}

/// What the verifier in Python says.
fn python(story: &Story, file: &str) -> Value {
    let output = Command::new("python3")
        .arg(root().join("verifiers/python/verify_piecework.py"))
        .args([file, "--json"])
        .current_dir(story.book.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_sample_is_drawn_extended_reviewed_and_verified() {
    let story = Story::issued();
    let book = &story.book;
    book.well(&words("prove --customer acme"));
    let nonce = story.nonce();

    let first = story.draw(&format!("bottom_k --size 3 --nonce {nonce}"));
    assert_eq!(first["sample"], "acme-0001/bottom_k/all");
    assert_eq!(first["population"], 12);
    assert_eq!(first["by_buyers_nonce"], true);
    assert_eq!(first["works"][0]["units"][0]["class"], "assumed");
    assert_eq!(first["works"][0]["evidence"][0]["name"], "transcript");
    let size = story.size();
    let again = story.draw(&format!("bottom-k --size 3 --nonce {nonce}"));
    assert_eq!((again, story.size()), (first.clone(), size));
    // More works, with the nonce that the statement has.
    let more = story.draw("bottom_k --size 6");
    assert_eq!(names(&more)[..3], names(&first));
    assert_eq!(more["drawn"].as_array().unwrap().len(), 2);
    let by_money = story.draw("money --size 4 --stratum unit:support.fin_outcome");
    assert_eq!(by_money["items"].as_array().unwrap().len(), 4);

    // One of the first was redacted after it was drawn; one is reviewed by each side.
    let drawn = names(&more);
    let evidence = &more["works"][0]["evidence"][0];
    let entry = evidence["entry"].as_u64().unwrap();
    let redact = redaction(book, &drawn[0], evidence["commitment"].as_str().unwrap());
    assert!(entry < size);
    book.well(&redact.iter().map(String::as_str).collect::<Vec<_>>());
    let review = |work: &str, result: &str| {
        format!(
            "review record {work} --sample acme-0001/bottom_k/all --result {result} --minutes 4 \
             --by quality --customer acme"
        )
    };
    book.well(&words(&review(&drawn[1], "edited")));
    book.well(&words(&review(&drawn[2], "accepted")));
    book.well(&words("prove --customer acme"));
    let signed = format!(
        "review record {} --sample acme-0001/bottom_k/all --result rejected --by desk-lead \
         --proof acme-0001.proof.zip --key buyer.key",
        drawn[2]
    );
    book.file("review.jsonl", &book.well(&words(&signed)));
    book.well(&words("ingest review.jsonl"));

    let shown = story.show("acme-0001");
    let sample = support::row(&shown, "sample", "acme-0001/bottom_k/all");
    let verdicts: Vec<&str> = sample["works"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(
        verdicts,
        [
            "redacted",
            "edited",
            "rejected",
            "unreviewed",
            "unreviewed",
            "unreviewed"
        ]
    );
    assert_eq!(sample["works"][2]["reviews"].as_array().unwrap().len(), 2);
    let estimate = &sample["estimate"];
    assert_eq!(
        (
            &estimate["failed"],
            &estimate["unreviewed"],
            &estimate["passed"]
        ),
        (&json!(2), &json!(3), &json!(1))
    );
    // 2 and 5 of 6 at 95 %, from the binomial: P(X <= 2 | 0.7286617) = P(X <= 5 | 0.9914876) = 0.05.
    assert_eq!(estimate["at_best"]["upper_95"], "0.728662");
    assert_eq!(estimate["at_worst"]["upper_95"], "0.991488");

    book.well(&words("prove --customer acme"));
    let report = book.json(&words("verify acme-0001.proof.zip"));
    assert_eq!(report["verdict"], "valid");
    assert_eq!(report["chain"]["number"], "1");
    let samples = report["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 3, "{samples:#?}");
    assert!(samples.iter().all(|own| own["by_buyers_nonce"] == true));
    // The redacted work failed, in every sample that has it.
    let item = more["items"][0].to_string();
    assert_eq!(samples[0]["failed"], json!([item]));
    assert_eq!(samples[1]["failed"], json!([item]));
    let checked = python(&story, "acme-0001.proof.zip");
    assert_eq!(checked["verdict"], "valid");
    let theirs = checked["samples"].as_array().unwrap();
    assert_eq!(theirs.len(), 3);
    assert_eq!(theirs[0]["failed"], json!([item]));

    // The buyer sees the same from the file, and that its nonce was used as it meant it.
    let own = book.json(&words(
        "sample show acme-0001.proof.zip --secret nonces --statement acme-0001",
    ));
    assert_eq!(own, story.show("acme-0001"));
    let told = book.well(&words("sample show --customer acme"));
    for wanted in [
        "sample acme-0001/bottom_k/all: 6 of 12 works",
        "nobody picked it",
        "rejected by acme.example/buyer/desk-lead (the buyer, signed)",
        "edited by review/quality (the seller), in 4 minutes",
        "1 passed (1 after edits), 2 failed (1 redacted after the draw), 3 unreviewed, of 6 drawn",
        "if all unreviewed pass: 33.33 % failed, at most 72.87 % of the works at 95 %",
    ] {
        assert!(told.contains(wanted), "no `{wanted}` in {told}");
    }
}

/// The command that redacts what a work's commitment stands for.
fn redaction(book: &TestBook, work: &str, commitment: &str) -> Vec<String> {
    let shown = book.json(&words(&format!("work show {work} --customer acme")));
    let id = format!("{work}/transcript/{}", &commitment[..12]);
    assert!(shown.to_string().contains(&id), "{id} in {shown:#}");
    let line = "evidence redact --customer acme --reason retention --by privacy --id";
    let line = words(line).into_iter().map(str::to_owned);
    line.chain([id]).collect()
}

#[test]
fn what_would_let_the_seller_pick_is_refused() {
    let story = Story::issued();
    story.book.well(&words("prove --customer acme"));
    let other = "0".repeat(64);
    // Without the nonce of a buyer who has a chain.
    story.refused(&format!("{DRAW} bottom_k --size 3"), "sample reveal");
    story.refused(
        &format!("{DRAW} bottom_k --size 3 --nonce {other}"),
        "its nonce is not that of `acme-0001`, which is number 1 of the buyer's chain; compare it",
    );
    story.refused(
        &format!("{DRAW} bottom_k --size 3 --nonce xyz"),
        "is not 64 hexadecimal digits",
    );
    story.refused(
        "sample draw --customer acme --statement acme-0009 --method money --size 3 --by audit",
        "has no statement `acme-0009`",
    );
    let nonce = story.nonce();
    let draw = format!("{DRAW} bottom_k --size 3 --nonce {nonce}");
    story.refused(
        &format!("{draw} --stratum unit:other"),
        "there is nothing to draw",
    );
    story.book.well(&words(&draw));
    // A second roll of the dice, with no nonce or another.
    for again in [
        format!("{DRAW} bottom_k --size 3 --seller-seeded"),
        format!("{DRAW} money --size 3 --seller-seeded"),
        format!("{DRAW} bottom_k --size 9 --nonce {other}"),
        format!("{DRAW} bottom_k --size 3 --nonce {other}"),
    ] {
        story.refused(&again, "drawn from before, with another nonce");
    }
    story.refused(
        &format!("{DRAW} bottom_k --size 2"),
        "would leave works out",
    );
    // What was not drawn is not reviewed, and what nobody drew has no works.
    let outside = (1..=12).map(|number| format!("T-{number}"));
    let drawn = names(&story.show("acme-0001")[0]);
    let outside = outside
        .into_iter()
        .find(|own| !drawn.contains(own))
        .unwrap();
    let review = |work: &str, sample: &str| {
        format!(
            "review record {work} --sample {sample} --result accepted --by quality --customer acme"
        )
    };
    story.refused(
        &review(&outside, "acme-0001/bottom_k/all"),
        "is not in the sample",
    );
    story.refused(
        &review(&drawn[0], "acme-0001/money/all"),
        "drawn are acme-0001/bottom_k/all",
    );
    story.book.well(&words(
        "statement void --number acme-0001 --customer acme --reason typo --by finance",
    ));
    story.refused(&format!("{DRAW} bottom_k --size 9"), "is void");
}

#[test]
fn a_draw_of_the_sellers_own_is_allowed_and_said_loudly() {
    let story = Story::new();
    let book = &story.book;
    book.well(&words(ISSUE));
    let told = book.well(&words(&format!("{DRAW} bottom_k --size 12")));
    assert!(told.contains("SELLER-SEEDED, NOT PROOF"), "{told}");
    assert!(
        told.contains("0 passed, 0 failed, 12 unreviewed, of 12 drawn"),
        "{told}"
    );
    assert!(told.contains("nothing is known yet"), "{told}");
    let review = "review record T-4 --sample acme-0001/bottom_k/all --result accepted --by quality";
    book.well(&words(&format!("{review} --customer acme")));
    let told = book.well(&words("sample show --customer acme"));
    let whole = "if all unreviewed fail: 91.67 % failed, and every work was drawn";
    assert!(told.contains(whole), "{told}");
    let shown = story.show("acme-0001");
    assert_eq!(shown[0]["by_buyers_nonce"], false);
    assert!(
        shown[0]["note"]
            .as_str()
            .unwrap()
            .starts_with("SELLER-SEEDED, NOT PROOF")
    );
    book.well(&words("prove --customer acme"));
    let told = book.well(&words("verify acme-0001.proof.zip"));
    assert!(told.contains("SELLER-SEEDED, NOT PROOF"), "{told}");
    assert_eq!(
        python(&story, "acme-0001.proof.zip")["samples"][0]["nonce"],
        false
    );

    // A chain that comes afterwards changes nothing for that statement.
    book.file("anchored.jsonl", &story.anchor());
    book.well(&words("ingest anchored.jsonl"));
    book.well(&words("prove --customer acme"));
    let ran = story.reveal("acme-0001.proof.zip");
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let none = "no chain of nonces was anchored before `acme-0001` was issued";
    assert!(ran.stderr.contains(none), "{ran:#?}");
    let nonce = "1".repeat(64);
    story.refused(
        &format!("{DRAW} bottom_k --size 20 --nonce {nonce}"),
        "drawn from before, with another nonce",
    );
}

#[test]
fn a_buyer_who_has_a_chain_is_overruled_only_by_name() {
    let story = Story::issued();
    let draw = format!("{DRAW} money --size 3 --seller-seeded");
    story.book.well(&words(&draw));
    story.book.well(&words("prove --customer acme"));
    let ran = story.reveal("acme-0001.proof.zip");
    assert!(
        ran.stderr.contains("was drawn from without your nonce"),
        "{ran:#?}"
    );
}

#[test]
fn the_secret_is_its_owners_alone_and_remembers() {
    let story = Story::anchored();
    let secret = story.book.path().join("nonces");
    let mode = || std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let before = std::fs::read_to_string(&secret).unwrap();
    let mut again =
        words("sample anchor --key buyer.key --customer acme --by audit --secret nonces");
    again.extend(["--origin", &story.origin]);
    let ran = story.book.run(&again);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:#?}");
    assert!(ran.stderr.contains("was left alone"), "{ran:#?}");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), before);

    story.book.well(&words(ISSUE));
    story.book.well(&words("prove --customer acme"));
    let nonce = story.nonce();
    assert_eq!(mode(), 0o600);
    let shown = story
        .book
        .well(&words("sample reveal acme-0001.proof.zip --secret nonces"));
    assert!(
        shown.contains(&nonce) && shown.contains("as it was revealed before"),
        "{shown}"
    );
    assert!(!shown.contains("NOT PINNED"), "{shown}");
    story.draw(&format!("money --size 1 --nonce {nonce}"));
    story.book.well(&words("prove --customer acme"));
    let looks = || {
        let show = words("sample show acme-0001.proof.zip --secret nonces");
        [story.reveal("acme-0001.proof.zip"), story.book.run(&show)]
    };
    for ran in looks() {
        assert_eq!(ran.code, Some(0), "{ran:#?}");
    }
    // A log in which the value is for what another entry issues is not the one that was seen.
    let known = std::fs::read_to_string(&secret).unwrap();
    let json: Value = serde_json::from_str(&known).unwrap();
    let entry = json["revealed"][0]["entry"].as_u64().unwrap();
    let (from, to) = (
        format!("\"entry\": {entry}"),
        format!("\"entry\": {}", entry - 1),
    );
    assert!(known.contains(&from), "{known}");
    std::fs::write(&secret, known.replace(&from, &to)).unwrap();
    for ran in looks() {
        assert_eq!(ran.code, Some(1), "{ran:#?}");
        assert!(ran.stderr.contains("was written anew"), "{ran:#?}");
    }
    // An old copy does not know what it gave away, nor what log it saw.
    std::fs::write(&secret, before).unwrap();
    for ran in looks() {
        assert_eq!(ran.code, Some(1), "{ran:#?}");
        assert!(ran.stderr.contains("it is an old copy"), "{ran:#?}");
    }
}

/// A draw of one work of a statement.
fn one_of(statement: &str, nonce: &str) -> String {
    format!(
        "sample draw --customer acme --statement {statement} --method money --size 1 --by audit \
         --nonce {nonce}"
    )
}

#[test]
fn a_nonce_is_good_for_its_statement_alone() {
    let mut story = Story::issued();
    story.book.well(&words("prove --customer acme"));
    let secret = story.book.path().join("nonces");
    let unrevealed = std::fs::read(&secret).unwrap();
    let first = story.nonce();
    // As if the seller had hashed it from a later one: whoever has a value has those before it.
    std::fs::write(&secret, unrevealed).unwrap();
    story.book.at("2026-05-10T09:00:00Z");
    let issue = |number: u32, month: u32| {
        for line in [
            format!("record done N-{month} --customer acme --at 2026-{month:02}-12T09:00:00Z"),
            format!("statement issue --customer acme --period 2026-{month:02} --by finance"),
            format!("prove --customer acme --statement acme-{number:04}"),
        ] {
            story.book.well(&words(&line));
        }
    };
    issue(2, 2);
    // The value of January, which the seller knew before it issued February.
    story.refused(
        &one_of("acme-0002", &first),
        "its nonce is not that of `acme-0002`, which is number 2 of the buyer's chain; it is that of \
         `acme-0001`",
    );
    // February was voided and issued again: both used a value up, and nobody drew from January.
    story.book.well(&words(
        "statement void --number acme-0002 --customer acme --reason typo --by finance",
    ));
    for line in [
        "statement issue --customer acme --period 2026-02 --by finance",
        "prove --customer acme --statement acme-0003",
    ] {
        story.book.well(&words(line));
    }
    let ran = story.reveal("acme-0003.proof.zip");
    let third: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&third["number"], &third["length"]), (&json!(3), &json!(3)));
    let third = third["nonce"].as_str().unwrap();
    // A file that goes on from a carry has what a reveal needs, and not what the works were.
    story.book.well(&words(
        "prove --customer acme --statement acme-0003 --carry --out carried.proof.zip",
    ));
    let carried = story.reveal("carried.proof.zip");
    assert!(carried.stdout.contains(third), "{carried:#?}");
    let ran = story
        .book
        .run(&words("sample show carried.proof.zip --secret nonces"));
    assert!(ran.stderr.contains("made without --carry"), "{ran:#?}");
    story.refused(&one_of("acme-0001", third), "it is that of `acme-0003`");
    story.book.well(&words(&one_of("acme-0003", third)));
    story.book.well(&words(&one_of("acme-0001", &first)));
    story.book.well(&words("prove --customer acme"));
    story
        .book
        .well(&words("sample show acme-0003.proof.zip --secret nonces"));
    let report = story.book.json(&words("verify acme-0003.proof.zip"));
    let chain = &report["chain"];
    assert_eq!(
        (&chain["length"], &chain["statements"], &chain["number"]),
        (&json!("3"), &json!("3"), &json!("3"))
    );

    // The chain is at its end: the next statement has none until the buyer anchors again.
    issue(4, 3);
    let ran = story.reveal("acme-0004.proof.zip");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:#?}");
    assert!(
        ran.stderr.contains("is statement 4 behind the anchor"),
        "{ran:#?}"
    );
    story.refused(
        &one_of("acme-0004", third),
        "and `acme-0004` has none: it is statement 4 under a chain of 3 nonces; let the buyer run",
    );
    let mut other =
        words("sample anchor --key buyer.key --customer acme --by audit --secret other");
    other.extend(["--origin", &story.origin]);
    story.book.file("anchored.jsonl", &story.book.well(&other));
    story.book.well(&words("ingest anchored.jsonl"));
    issue(5, 4);
    // Each statement keeps its own chain.
    let ran = story.reveal("acme-0005.proof.zip");
    assert!(ran.stderr.contains("is another one, anchored"), "{ran:#?}");
    let fresh = story
        .book
        .json(&words("sample reveal acme-0005.proof.zip --secret other"));
    assert_eq!(
        (&fresh["number"], &fresh["length"]),
        (&json!(1), &json!(120))
    );
    let fresh = fresh["nonce"].as_str().unwrap();
    story.refused(&one_of("acme-0004", fresh), "has none");
    story.book.well(&words(&one_of("acme-0005", fresh)));
    story.book.well(&words("prove --customer acme"));
    assert_eq!(story.reveal("acme-0003.proof.zip").code, Some(0));
    for secret in ["nonces", "other"] {
        story.book.well(&words(&format!(
            "sample show acme-0005.proof.zip --secret {secret}"
        )));
    }
}

#[test]
fn nothing_is_revealed_for_what_does_not_hold() {
    let story = Story::new();
    let book = &story.book;
    let anchor = story.anchor();
    book.well(&words(ISSUE));
    book.well(&words("prove --customer acme"));
    let reveal = |wanted: &str, more: &[&str]| {
        let mut arguments = words("sample reveal acme-0001.proof.zip --secret nonces");
        arguments.extend(more);
        let before = std::fs::read(book.path().join("nonces")).unwrap();
        let ran = book.run(&arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:#?}");
        assert!(ran.stderr.contains(wanted), "no `{wanted}` in {ran:#?}");
        let after = std::fs::read(book.path().join("nonces")).unwrap();
        assert_eq!(before, after, "something is remembered");
    };
    let none = "no chain of nonces was anchored before `acme-0001` was issued";
    reveal(none, &[]);
    book.file("anchored.jsonl", &anchor);
    book.well(&words("ingest anchored.jsonl"));
    book.well(&words("prove --customer acme"));
    reveal(none, &["--key", &story.vkey]);
    let keys = book.json(&words("key show --customer acme"));
    let seller = support::row(&keys, "log", "seller")["vkey"]
        .as_str()
        .unwrap()
        .to_owned();
    reveal("is refused (key)", &["--key", &seller]);
    let mut bytes = std::fs::read(book.path().join("acme-0001.proof.zip")).unwrap();
    let last = bytes.len() / 2;
    bytes[last] ^= 1;
    std::fs::write(book.path().join("acme-0001.proof.zip"), bytes).unwrap();
    reveal("nothing was revealed: acme-0001.proof.zip is refused", &[]);
}
