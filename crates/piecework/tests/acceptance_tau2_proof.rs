//! Real input: a statement over 50 conversations of tau2-bench, proved and verified twice, edited and
//! refused twice, laid beside the buyer's records, disputed, decided, credited; and the same steps where
//! the answer must be the opposite. `docs/stories/who-decides.md` tells it.
//!
//! The conversations are real. Planted are the buyer's reopenings, in files that say so
//! (`planted-reopenings.csv`, `planted-too-late.csv` of the example): the data set has none.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};
use support::{TestBook, data, example, number, root};

const DIRECTORY: &str = "tau2-support-agents";
const CUSTOMER: &str = "sierra-azure";
/// The two of the planted reopenings, both counted, and the one that comes too late.
const REOPENED: [&str; 2] = [
    "0d664b27-1006-4461-9a9d-62c9918117f7",
    "b138c86b-fc19-48ff-9899-bd44d4603e0d",
];
const TOO_LATE: &str = "4e488d11-d0bd-49b2-90c7-1682bb72aa89";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The book of vendor and airline, whose files lie side by side; the log's origin.
struct Parties {
    book: TestBook,
    origin: String,
}

impl Parties {
    /// Contract, key and acknowledged exhibit before December; December's 50 conversations after it.
    fn new() -> Option<Parties> {
        let data = data(DIRECTORY)?;
        let book = TestBook::new(
            &format!("{DIRECTORY}/decided-by-database-and-lasting.toml"),
            &format!("{DIRECTORY}/plan.toml"),
            "2025-11-20T09:00:00Z",
        );
        book.well(&words(
            "contract sign --customer sierra-azure --from 2025-12-01 --by head-of-support",
        ));
        let keys = book.json(&words("key show --customer sierra-azure"));
        let origin = support::row(&keys, "log", "shared")["origin"].as_str();
        let origin = origin.unwrap().to_owned();
        book.well(&words(
            "key create --buyer airline.example/desk --out buyer.key",
        ));
        let announced = book.well(&["key", "announce", "--key", "buyer.key", "--origin", &origin]);
        book.file("key.json", &announced);
        book.well(&words(
            "key publish key.json --customer sierra-azure --by finance",
        ));
        book.file("exhibit.txt", &book.well(&words("exhibit --plain")));
        let parties = Parties { book, origin };
        let acknowledged = parties.sign(
            "exhibit.txt",
            "--acknowledge exhibit --customer sierra-azure --by head-of-support",
        );
        assert_eq!(parties.ingest(&acknowledged)["accepted"], 1);

        let Parties { mut book, origin } = parties;
        book.at("2026-01-02T09:00:00Z");
        let read = |name: &str| std::fs::read_to_string(data.join(name)).unwrap();
        let simulations = read("simulations.csv");
        let own: Vec<&str> = simulations
            .lines()
            .filter_map(|line| line.split_once(','))
            .filter(|(_, rest)| rest.starts_with(&format!("{CUSTOMER},")))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(own.len(), 50);
        let names = ["simulations.csv", "messages.csv", "llm_judge_verdicts.csv"];
        let files = names.map(|name| {
            let mut text = String::new();
            for (number, line) in read(name).lines().enumerate() {
                if number == 0 || own.iter().any(|id| line.contains(id)) {
                    writeln!(text, "{line}").unwrap();
                }
            }
            book.file(name, &text)
        });
        let tally = book.import(&format!("{DIRECTORY}/map.toml"), &files);
        assert_eq!(tally["received"], tally["accepted"]);
        let mut tickets = "ticket,what,when,note\n".to_owned();
        for line in simulations.lines().filter(|line| line.contains(CUSTOMER)) {
            let cells: Vec<&str> = line.split(',').collect();
            writeln!(tickets, "{},opened,{},", cells[0], cells[8]).unwrap();
        }
        book.file("tickets.csv", &tickets);
        Some(Parties { book, origin })
    }

    /// Issues a month's statement; its total and its proof file.
    fn issue(&self, period: &str) -> (String, String) {
        let issued = self.book.json(&words(&format!(
            "statement issue --customer {CUSTOMER} --period {period} --by finance"
        )));
        let proof = issued[0]["proof"].as_str().unwrap().to_owned();
        (number(&issued[0]["total"]).to_owned(), proof)
    }

    fn sign(&self, file: &str, more: &str) -> String {
        let mut arguments = vec!["sign", file, "--key", "buyer.key", "--origin", &self.origin];
        arguments.extend(words(more));
        self.book.well(&arguments)
    }

    /// The seller takes what the buyer signed; each entry has its receipt.
    fn ingest(&self, signed: &str) -> Value {
        self.book.file("signed.jsonl", signed);
        let tally = self
            .book
            .json(&words("ingest signed.jsonl --receipts receipts"));
        assert_eq!(
            tally["receipts"].as_array().unwrap().len(),
            signed.lines().count()
        );
        tally
    }

    fn decide(&self, work: &str, verdict: &str) {
        self.book.well(&words(&format!(
            "record decide {work} --customer {CUSTOMER} --verdict {verdict}"
        )));
    }

    /// The buyer's export with planted rows of the example, where some are named.
    fn desk(&self, planted: Option<&str>) -> &'static str {
        let mut desk = std::fs::read_to_string(self.book.path().join("tickets.csv")).unwrap();
        if let Some(name) = planted {
            let rows = std::fs::read_to_string(example(&format!("{DIRECTORY}/{name}"))).unwrap();
            for row in rows.lines().skip(1) {
                assert!(row.contains("PLANTED"), "{row}");
                writeln!(desk, "{row}").unwrap();
            }
        }
        self.book.file("desk.csv", &desk);
        "desk.csv"
    }

    /// The buyer's records beside a proof file: exit code and findings; disputes in `disputes.jsonl`.
    fn reconcile(&self, proof: &str, desk: &str) -> (Option<i32>, Value) {
        let map = example(&format!("{DIRECTORY}/buyer-desk.map.toml"));
        let ran = self.book.run(&[
            "reconcile",
            proof,
            desk,
            "--map",
            map.to_str().unwrap(),
            "--pins",
            "rust.pins",
            "--disputes",
            "disputes.jsonl",
            "--json",
        ]);
        let found = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
        (ran.code, found)
    }

    /// What both verifiers say of a file: the Rust one's report, then the Python one's.
    fn verified(&self, proof: &str) -> [Value; 2] {
        let ours = self
            .book
            .run(&["verify", proof, "--pins", "rust.pins", "--json"]);
        let script = root().join("verifiers/python/verify_piecework.py");
        let theirs = Command::new("python3")
            .arg(script)
            .args([proof, "--pins", "python.pins", "--json"])
            .current_dir(self.book.path())
            .output()
            .unwrap();
        let ours: Value = serde_json::from_str(&ours.stdout).unwrap();
        let theirs: Value = serde_json::from_slice(&theirs.stdout).unwrap();
        assert_eq!(ours["verdict"], theirs["verdict"], "{ours:#}\n{theirs:#}");
        assert_eq!(ours["code"], theirs["code"], "{ours:#}\n{theirs:#}");
        [ours, theirs]
    }

    #[track_caller]
    fn valid(&self, proof: &str, total: &str) -> Value {
        let [ours, theirs] = self.verified(proof);
        assert_eq!(ours["verdict"], "valid", "{ours:#}");
        assert_eq!(ours["total"], format!("{total} USD"));
        assert_eq!(theirs["verdict"], "valid", "{theirs:#}");
        ours
    }

    /// Edits a file as `alter-proof.py` does; both refuse it with this code, and a reason.
    #[track_caller]
    fn refused(&self, proof: &str, edit: [&str; 3], code: &str) {
        let script = example(&format!("{DIRECTORY}/alter-proof.py"));
        let status = Command::new("python3")
            .arg(script)
            .args([proof, "edited.zip"])
            .args(edit)
            .current_dir(self.book.path())
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
        let file = |name: &str| std::fs::read(self.book.path().join(name)).unwrap();
        assert_ne!(file("edited.zip"), file(proof), "{edit:?} changes nothing");
        for report in self.verified("edited.zip") {
            assert_eq!(report["code"], code, "{edit:?}: {report:#}");
            assert!(!report["reason"].as_str().unwrap().is_empty());
        }
        let ran = self.book.run(&["verify", "edited.zip"]);
        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(
            ran.stdout.starts_with(&format!("REFUSED ({code}): ")),
            "{ran:?}"
        );
    }
}

fn works(found: &Value, list: &str) -> Vec<String> {
    let items = found[list].as_array().unwrap().iter();
    let mut works: Vec<String> = items
        .map(|own| own["work"].as_str().unwrap().to_owned())
        .collect();
    works.sort();
    works
}

#[test]
fn slow_a_bill_is_proved_edited_reconciled_disputed_and_credited() {
    let Some(mut parties) = Parties::new() else {
        return;
    };
    let (total, december) = parties.issue("2025-12");
    assert_eq!(total, "22.77");
    let report = parties.valid(&december, "22.77");
    let documents = &report["documents"];
    let definition = support::row(documents, "what", "definition");
    assert_eq!(definition["before_first_work"], true, "{definition}");
    assert_eq!(report["signed_by_buyer"], "1");

    // A disk turns a bit; a cheat makes everything agree that can be made to without the key.
    parties.refused(&december, ["", "", ""], "zip");
    parties.refused(&december, ["22.77", "32.77", "statement.json"], "statement");
    parties.refused(&december, ["0.99", "0.49", "log/tile/entries"], "tree");

    // What the buyer has and the seller never said.
    parties.book.at("2026-01-05T09:00:00Z");
    let desk = parties.desk(Some("planted-reopenings.csv"));
    let (code, found) = parties.reconcile(&december, desk);
    assert_eq!(code, Some(4));
    assert_eq!(works(&found, "in_question"), REOPENED);
    assert_eq!(found["amount_in_question"], "1.98 USD");
    assert_eq!(works(&found, "matched").len(), 23);
    assert_eq!(works(&found, "mine_not_billed").len(), 27);
    assert_eq!(works(&found, "billed_not_mine"), [""; 0]);

    let disputes = parties.sign("disputes.jsonl", "");
    assert_eq!(parties.ingest(&disputes)["accepted"], 2);
    parties.book.at("2026-01-08T09:00:00Z");
    for work in REOPENED {
        parties.decide(work, "credited");
    }
    parties.book.at("2026-02-02T09:00:00Z");
    let (total, january) = parties.issue("2026-01");
    assert_eq!(total, "-1.98");
    let report = parties.valid(&january, "-1.98");
    assert_eq!(report["signed_by_buyer"], "3");
    assert_eq!(report["log"]["head_pinned"], true);
    // The old file is valid still, and shows an older log than the one that both have seen.
    for report in parties.verified(&december) {
        assert_eq!(report["code"], "pin", "{report:#}");
    }
}

#[test]
fn slow_where_records_agree_or_the_count_was_right_nothing_is_credited() {
    let Some(mut parties) = Parties::new() else {
        return;
    };
    let (_, december) = parties.issue("2025-12");
    parties.valid(&december, "22.77");
    parties.book.at("2026-01-05T09:00:00Z");
    let (code, found) = parties.reconcile(&december, parties.desk(None));
    assert_eq!(code, Some(0), "{found:#}");
    assert_eq!(works(&found, "in_question"), [""; 0]);
    assert_eq!(found["amount_in_question"], "0.00 USD");
    let disputes = std::fs::read_to_string(parties.book.path().join("disputes.jsonl")).unwrap();
    assert_eq!(disputes, "", "there is nothing to dispute");

    // It came back when that no longer mattered: the buyer disputes it, and the count stands.
    let dispute = json!({"specversion": "1.0", "id": "late/disputed", "source": "airline.example/desk",
        "type": "piecework.work.disputed.v1", "subject": CUSTOMER, "time": "2026-01-15T09:00:00Z",
        "workid": TOO_LATE, "data": {"reason": "the passenger came back on 12 January"}});
    parties.book.at("2026-01-15T10:00:00Z");
    parties.book.file("dispute.jsonl", &dispute.to_string());
    let signed = parties.sign("dispute.jsonl", "");
    assert_eq!(parties.ingest(&signed)["accepted"], 1);
    parties.decide(TOO_LATE, "stands");
    parties.book.at("2026-02-02T09:00:00Z");
    let (total, january) = parties.issue("2026-01");
    assert_eq!(total, "0.00");
    parties.valid(&january, "0.00");
    let (code, found) = parties.reconcile(&january, parties.desk(Some("planted-too-late.csv")));
    assert_eq!(code, Some(0), "{found:#}");
    assert_eq!(found["unreported"], 1);
    assert_eq!(found["amount_in_question"], "0.00 USD");
}

/// The same dispute, decided the other way, is the credit that the test above must not see.
#[test]
fn slow_a_dispute_is_worth_what_is_decided() {
    let Some(mut parties) = Parties::new() else {
        return;
    };
    parties.issue("2025-12");
    parties.book.at("2026-01-15T10:00:00Z");
    parties.book.well(&words(&format!(
        "record dispute {TOO_LATE} --customer {CUSTOMER} --reason late"
    )));
    parties.decide(TOO_LATE, "credited");
    parties.book.at("2026-02-02T09:00:00Z");
    let (total, january) = parties.issue("2026-01");
    assert_eq!(total, "-0.99");
    parties.valid(&january, "-0.99");
}
