//! What issued statements come to, collected by a stand-in for Stripe that holds its rules (`clients/stripe_fake.py`).

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::server::{Served, Server};
use support::{TestBook, cents, number};

const KEY: &str = "sk_test_piecework";
const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n\
    [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 100\n\
    [[component]]\nid = \"resolutions\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";

fn script(name: &str) -> PathBuf {
    support::root().join("clients").join(name)
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// The stand-in; ended when dropped.
struct Fake {
    process: Child,
    address: String,
}

impl Fake {
    fn new(directory: &Path) -> Fake {
        let file = directory.join("stripe-address");
        let mut process = Command::new("python3")
            .arg(script("stripe_fake.py"))
            .arg(&file)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !file.exists() {
            assert!(process.try_wait().unwrap().is_none(), "the stand-in ended");
            assert!(Instant::now() < deadline, "the stand-in does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = std::fs::read_to_string(&file).unwrap();
        Fake { process, address }
    }

    fn tell(&self, what: &str, body: &Value) -> Value {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let body = body.to_string();
        let length = body.len();
        let request = format!(
            "POST /_fake/{what} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    fn fault(&self, at: impl Into<Value>, what: &str) {
        self.tell("fault", &json!({"at": at.into(), "do": what}));
    }

    /// Its clock is the book's.
    fn at(&self, now: &str) {
        let now: jiff::Timestamp = now.parse().unwrap();
        self.tell("now", &json!({"now": now.as_second()}));
    }

    fn state(&self) -> Value {
        self.tell("state", &json!({}))
    }

    /// The invoices of a statement that are not void.
    fn invoices(&self, statement: &str) -> Vec<Value> {
        let state = self.state();
        let all = state["invoices"].as_array().unwrap().iter();
        let own = all.filter(|own| own["metadata"]["piecework_statement"] == statement);
        own.filter(|own| own["status"] != "void").cloned().collect()
    }

    /// What all invoices that are not void come to, less what credit notes that are not void give back.
    fn collected(&self) -> i64 {
        let state = self.state();
        let sum = |what: &str, of: &str| -> i64 {
            let all = state[what].as_array().unwrap().iter();
            let standing = all.filter(|own| own["status"] != "void");
            standing.map(|own| own[of].as_i64().unwrap()).sum()
        };
        sum("invoices", "total") - sum("credit_notes", "amount")
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A book whose statements go to a stand-in.
struct Desk {
    book: TestBook,
    fake: Fake,
}

impl Desk {
    /// Two customers with work in January, of which one is known at Stripe.
    fn new() -> Desk {
        let book = TestBook::planned("definitions/fin.toml", PLAN, "2026-02-03T09:00:00Z");
        for customer in ["acme", "globex"] {
            for work in ["T-1", "T-2", "T-3"] {
                let line =
                    format!("record done {work} --customer {customer} --at 2026-01-05T09:00:00Z");
                book.well(&words(&line));
            }
            book.well(&words(&format!(
                "contract sign --customer {customer} --from 2026-01-01 --by buyer"
            )));
        }
        let fake = Fake::new(book.path());
        fake.at(book.now());
        let desk = Desk { book, fake };
        desk.configure("finalize = true");
        desk
    }

    /// Writes what the configuration says of Stripe, in place of what it said.
    fn configure(&self, more: &str) {
        let path = self.book.path().join("piecework.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, _) = text.split_once("\n[stripe]").unwrap_or((&text, ""));
        let base = &self.fake.address;
        let text = format!(
            "{before}\n[stripe]\nenabled = true\nfrom = \"2026-01-01\"\nkey_env = \"STRIPE_SECRET\"\nbase = \"{base}\"\n\
             {more}\n[customer.acme]\nstripe = \"cus_acme\"\n"
        );
        std::fs::write(path, text).unwrap();
    }

    fn month(&mut self, now: &str) {
        self.book.at(now);
        self.fake.at(now);
    }

    fn issue(&self, customer: &str, month: &str) -> Value {
        let line = format!("statement issue --customer {customer} --period {month} --by finance");
        self.book.json(&words(&line))[0].clone()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_piecework"));
        command
            .args(arguments)
            .current_dir(self.book.path())
            .env("PIECEWORK_NOW", self.book.now())
            .env("STRIPE_SECRET", KEY)
            .env("NO_COLOR", "1")
            .env_remove("PIECEWORK_CONFIG");
        command
    }

    /// Runs a command of `stripe`: its exit code and what it printed on both.
    fn stripe(&self, line: &str) -> (Option<i32>, String) {
        let mut arguments = vec!["stripe"];
        arguments.extend(line.split(' '));
        let output = self.command(&arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains(KEY), "the key is shown: {text}");
        (output.status.code(), text)
    }

    /// Pushes, and everything is there then but globex's.
    #[track_caller]
    fn push(&self) {
        let (code, text) = self.stripe("push");
        assert!(matches!(code, Some(0 | 3)), "{text}");
        for document in self.documents("acme") {
            let state = document["state"].as_str().unwrap();
            assert!(state == "done" || state == "withdrawn", "{document:#}");
        }
    }

    fn documents(&self, customer: &str) -> Vec<Value> {
        let (code, text) = self.stripe(&format!("status --customer {customer} --json"));
        assert_eq!(code, Some(0), "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// What was issued for January, and what it comes to.
fn january() -> (Desk, Value) {
    let desk = Desk::new();
    let issued = desk.issue("acme", "2026-01");
    assert_eq!(number(&issued["total"]), "202.97");
    (desk, issued)
}

#[test]
fn stripes_own_client_finds_its_rules_in_the_stand_in() {
    let python = support::root().join("target/clients/python/bin/python");
    let has = |python: &Path| {
        let ran = Command::new(python)
            .args(["-c", "import stripe"])
            .stderr(Stdio::null())
            .status();
        ran.is_ok_and(|status| status.success())
    };
    if !has(&python) {
        assert!(
            std::env::var_os("CI").is_none(),
            "{} is missing; dev/test installs it",
            python.display()
        );
        println!("skipped: Stripe's client is not there");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(&python)
        .arg(script("stripe_fake.py"))
        .arg(directory.path().join("address"))
        .arg(&python)
        .arg(script("stripe_client.py"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_statement_becomes_one_invoice_whose_total_is_its_own() {
    let (desk, issued) = january();
    desk.issue("globex", "2026-01");
    let (code, text) = desk.stripe("push");
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("[customer.\"globex\"]"), "{text}");
    let invoices = desk.fake.invoices("acme-0001");
    assert_eq!(invoices.len(), 1);
    let own = &invoices[0];
    assert_eq!(
        (own["status"].as_str(), own["total"].as_i64()),
        (Some("open"), Some(20_297))
    );
    assert_eq!(own["metadata"]["piecework_digest"], issued["digest"]);
    assert_eq!(
        own["custom_fields"],
        json!([{"name": "Statement", "value": "acme-0001"}])
    );
    assert_eq!(own["collection_method"], "send_invoice");
    let items = desk.fake.state()["items"].clone();
    let amounts: Vec<_> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["amount"].clone())
        .collect();
    assert_eq!(amounts, [json!(10_000), json!(10_000), json!(297)]);
    assert_eq!(desk.fake.collected(), 20_297);
    // Nothing twice, whenever it is run again.
    let before = desk.fake.state()["requests"].clone();
    desk.push();
    assert_eq!(desk.fake.state()["requests"], before);
}

#[test]
fn a_dry_run_asks_nothing_and_keeps_nothing() {
    let (desk, _) = january();
    let (code, text) = desk.stripe("push --dry-run");
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "platform",
        "100.00 USD",
        "2.97 USD",
        "202.97 USD",
        "finalize",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(desk.fake.state()["requests"], 0);
    assert_eq!(desk.documents("acme"), [json!(null); 0]);
}

#[test]
fn without_finalize_an_invoice_stays_a_draft() {
    let (desk, _) = january();
    desk.configure("finalize = false");
    desk.push();
    assert_eq!(desk.fake.invoices("acme-0001")[0]["status"], "draft");
}

/// Beside what acme has: a fee of 20.00 for each month that is over, and one cover for both.
const VOICE: &str = "id = \"voice\"\nversion = 1\ncurrency = \"USD\"\n\
    [[component]]\nid = \"voice\"\nkind = \"platform\"\namount = 20\ndue = \"arrears\"\n";

/// A customer with two contracts that chose covers.
fn two_contracts() -> Desk {
    let desk = Desk::new();
    desk.book.file("given.toml", VOICE);
    let contract = format!(
        "id = \"voice\"\ncustomer = \"acme\"\nplan = \"{}\"\ndefinitions = []\ncurrency = \"USD\"\n\
         time_zone = \"UTC\"\nstarts = 2026-01-01\n[invoice]\ndue_days = 30\npo_number = \"PO 7\"\n",
        work::Digest::of(VOICE.as_bytes())
    );
    let file = desk.book.file("voice.toml", &contract);
    let file = file.to_str().unwrap();
    let sign =
        format!("contract sign --customer acme --from 2026-01-01 --document {file} --by buyer");
    desk.book.well(&words(&sign));
    desk.book.file("given.toml", PLAN);
    desk.cover("choose --from 2026-01-31 --by procurement");
    desk
}

impl Desk {
    fn cover(&self, line: &str) -> String {
        self.book
            .well(&words(&format!("cover {line} --customer acme")))
    }

    /// What became of a document at Stripe: its state, and what keeps it.
    fn became(&self, kind: &str, number: &str) -> (String, String) {
        let all = self.documents("acme");
        let mut all = all.iter();
        let own = all.find(|own| own["kind"] == kind && own["number"] == number);
        let own = own.unwrap_or_else(|| panic!("no {kind} {number}"));
        let word = |name: &str| own[name].as_str().unwrap_or_default().to_owned();
        (word("state"), word("problem"))
    }

    /// The invoices of a cover that are not void.
    fn cover_invoices(&self, cover: &str) -> Vec<Value> {
        let state = self.fake.state();
        let all = state["invoices"].as_array().unwrap().iter();
        let own = all.filter(|own| own["metadata"]["piecework_cover"] == cover);
        own.filter(|own| own["status"] != "void").cloned().collect()
    }
}

/// January of both contracts under a cover, and nothing sent.
fn covered() -> Desk {
    let desk = two_contracts();
    desk.issue("acme", "2026-01");
    desk.cover("issue --by finance");
    desk
}

#[test]
fn d16_a_cover_becomes_one_invoice_with_the_lines_of_each_of_its_statements() {
    let desk = two_contracts();
    desk.issue("acme", "2026-01");
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("waits for its cover"),
        "{text}"
    );
    assert_eq!(desk.fake.state()["requests"], 0);
    desk.cover("issue --by finance");
    let (_, text) = desk.stripe("push --dry-run");
    assert!(text.contains("222.97 USD"), "{text}");
    desk.push();
    let invoices = desk.cover_invoices("acme-A0001");
    assert_eq!(invoices.len(), 1);
    let own = &invoices[0];
    assert_eq!(
        (own["status"].as_str(), own["total"].as_i64()),
        (Some("open"), Some(22_297))
    );
    let fields =
        json!([{"name": "Cover", "value": "acme-A0001"}, {"name": "PO number", "value": "PO 7"}]);
    assert_eq!(own["custom_fields"], fields);
    // Thirty days from February 3, to the end of the last of them: the day that the cover itself says.
    let shown = desk
        .book
        .json(&["cover", "show", "acme-A0001", "--customer", "acme"]);
    assert_eq!(shown["due_on"], "2026-03-05");
    let end: jiff::Timestamp = "2026-03-05T23:59:59Z".parse().unwrap();
    assert_eq!(own["due_date"], end.as_second());
    let state = desk.fake.state();
    let items = state["items"].as_array().unwrap().iter();
    let items: Vec<_> = items
        .map(|item| {
            (
                item["metadata"]["piecework_statement"].as_str().unwrap(),
                item["amount"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            ("acme-0001", 10_000),
            ("acme-0001", 10_000),
            ("acme-0001", 297),
            ("acme-0002", 2_000)
        ]
    );
    for number in ["acme-0001", "acme-0002"] {
        let (state, problem) = desk.became("statement", number);
        assert_eq!(state, "withdrawn");
        assert_eq!(problem, "invoiced with the cover acme-A0001");
    }
    // Nothing twice, whenever it is run again.
    let before = desk.fake.state()["requests"].clone();
    desk.push();
    assert_eq!(desk.fake.state()["requests"], before);
}

#[test]
fn d16_a_statement_voided_before_its_cover_is_sent_is_not_invoiced_and_after_it_is_credited() {
    let desk = covered();
    let void = |number: &str| {
        let line = format!(
            "statement void --customer acme --number {number} --by finance --reason mistake"
        );
        desk.book.well(&words(&line));
    };
    void("acme-0002");
    desk.push();
    assert_eq!(desk.fake.collected(), 20_297);
    assert_eq!(desk.became("void", "acme-0002").0, "withdrawn");
    // What is issued in its place has the next cover.
    desk.issue("acme", "2026-01");
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297);
    // Its own invoice is open: what was invoiced of it is credited on it, and the cover stays.
    void("acme-0001");
    desk.push();
    assert_eq!(desk.fake.collected(), 2_000);
    let state = desk.fake.state();
    let notes = state["credit_notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert_eq!(notes[0]["amount"], 20_297);
    assert_eq!(
        notes[0]["invoice"],
        desk.cover_invoices("acme-A0001")[0]["id"]
    );
    assert_eq!(desk.became("void", "acme-0001").0, "done");
    desk.issue("acme", "2026-01");
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297);
}

#[test]
fn d16_what_is_paid_of_a_covers_invoice_is_a_payment_of_its_statements_and_recorded_once() {
    let desk = covered();
    desk.configure("finalize = true\npayments = true");
    desk.push();
    let open = || -> Vec<String> {
        let rows = desk.book.json(&["statement", "list", "--customer", "acme"]);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| number(&row["balance"]).to_owned()).collect()
    };
    assert_eq!(open(), ["202.97", "20.00"]);
    let invoice = desk.cover_invoices("acme-A0001")[0]["id"].clone();
    let pay = |cents: i64| {
        desk.fake
            .tell("pay", &json!({"invoice": invoice, "amount": cents}));
        // However often it is looked at.
        desk.push();
        desk.push();
    };
    pay(20_000);
    assert_eq!(open(), ["2.97", "20.00"]);
    pay(2_297);
    assert_eq!(open(), ["0.00", "0.00"]);
    let shown = desk
        .book
        .json(&["cover", "show", "acme-A0001", "--customer", "acme"]);
    assert_eq!(
        (number(&shown["paid"]), shown["state"].as_str()),
        ("222.97", Some("paid"))
    );
    // Settled: nobody looks at it any more.
    let before = desk.fake.state()["requests"].clone();
    desk.push();
    assert_eq!(desk.fake.state()["requests"], before);
}

#[test]
fn a_payment_that_was_recorded_by_hand_is_left_alone_where_payments_are_not_recorded() {
    let (desk, _) = january();
    desk.push();
    let invoice = desk.fake.invoices("acme-0001")[0]["id"].clone();
    desk.fake
        .tell("pay", &json!({"invoice": invoice, "amount": 20_297}));
    desk.push();
    let rows = desk.book.json(&["statement", "list", "--customer", "acme"]);
    assert_eq!(number(&rows[0]["balance"]), "202.97");
    // What was done before it was said is recorded by hand.
    desk.configure("finalize = true\npayments = true");
    desk.push();
    let rows = desk.book.json(&["statement", "list", "--customer", "acme"]);
    assert_eq!(number(&rows[0]["balance"]), "202.97");
}

/// January and February under covers, with one resolution of January taken back in February.
fn covered_months() -> Desk {
    let mut desk = covered();
    undone(&mut desk);
    desk.issue("acme", "2026-02");
    desk.cover("issue --by finance");
    desk
}

/// What is collected of them.
const COVERED: i64 = 22_297 + 9_901 + 2_000;

#[track_caller]
fn is_covered_whole(desk: &Desk, what: &str) {
    let state = desk.fake.state();
    let count = |of: &str| state[of].as_array().unwrap().len();
    assert_eq!(
        (count("invoices"), count("items"), count("credit_notes")),
        (2, 6, 1),
        "{what}: {state:#}"
    );
    assert_eq!(desk.fake.collected(), COVERED, "{what}");
}

#[test]
fn d16_what_is_taken_back_of_a_covered_statement_is_a_credit_note_against_its_covers_invoice() {
    let desk = covered_months();
    desk.push();
    is_covered_whole(&desk, "both months");
    let state = desk.fake.state();
    let note = &state["credit_notes"][0];
    assert_eq!(note["amount"], 99);
    assert_eq!(note["invoice"], desk.cover_invoices("acme-A0001")[0]["id"]);
    assert_eq!(note["metadata"]["piecework_statement"], "acme-0003");
    // The void of what credits takes the credit back, and credits what was invoiced of it.
    desk.book.well(&words(
        "statement void --customer acme --number acme-0003 --by finance --reason mistake",
    ));
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297 + 2_000);
    // A cover on whose invoice a later statement credited goes to a person.
    desk.issue("acme", "2026-02");
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), COVERED);
    desk.cover("void acme-A0001 --reason address --by finance");
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("void both at Stripe"),
        "{text}"
    );
}

#[test]
fn d16_a_void_of_a_cover_withdraws_its_invoice_and_its_statements_have_the_next() {
    let desk = covered();
    let void = |number: &str| {
        desk.cover(&format!("void {number} --reason address --by finance"));
    };
    // Never sent.
    void("acme-A0001");
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("waits for its cover"),
        "{text}"
    );
    assert_eq!(desk.fake.state()["requests"], 0);
    // Open.
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297);
    void("acme-A0002");
    desk.push();
    assert_eq!(desk.fake.collected(), 0);
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297);
    // One of its statements voided first: what was credited for that goes with the invoice.
    desk.book.well(&words(
        "statement void --customer acme --number acme-0002 --by finance --reason mistake",
    ));
    desk.push();
    assert_eq!(desk.fake.collected(), 20_297);
    void("acme-A0003");
    desk.push();
    assert_eq!(desk.fake.collected(), 0);
    desk.issue("acme", "2026-01");
    desk.cover("issue --by finance");
    desk.push();
    assert_eq!(desk.fake.collected(), 22_297);
}

#[test]
fn d16_a_fault_at_any_request_of_a_cover_does_nothing_twice_and_loses_nothing() {
    for fault in [
        "drop_before",
        "drop_after",
        "busy",
        "fail_before",
        "fail_after",
    ] {
        let desk = covered_months();
        for at in (1..=40).step_by(3) {
            desk.fake.fault(at, fault);
        }
        for _ in 0..3 {
            desk.stripe("push");
        }
        desk.fake.tell("well", &json!({}));
        desk.push();
        is_covered_whole(&desk, fault);
    }
}

/// Takes one resolution of January back in February.
fn undone(desk: &mut Desk) {
    desk.month("2026-03-03T09:00:00Z");
    desk.book.well(&words(
        "record undo T-2 --customer acme --at 2026-02-10T09:00:00Z",
    ));
}

#[test]
fn d14_what_is_taken_back_is_a_credit_note_against_its_invoice() {
    let (mut desk, first) = january();
    desk.push();
    undone(&mut desk);
    let second = desk.issue("acme", "2026-02");
    assert_eq!(number(&second["total"]), "99.01");
    desk.push();
    let state = desk.fake.state();
    let notes = state["credit_notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert_eq!(
        notes[0]["invoice"],
        desk.fake.invoices("acme-0001")[0]["id"]
    );
    assert_eq!(
        (
            notes[0]["amount"].as_i64(),
            notes[0]["post_payment_amount"].as_i64()
        ),
        (Some(99), Some(0))
    );
    assert_eq!(desk.fake.invoices("acme-0002")[0]["total"], 10_000);
    let ours = cents([&first["total"], &second["total"]]);
    assert_eq!(i128::from(desk.fake.collected()), ours);
}

#[test]
fn d14_what_was_paid_is_credited_to_the_balance() {
    let (mut desk, _) = january();
    desk.push();
    let invoice = desk.fake.invoices("acme-0001")[0]["id"].clone();
    desk.fake
        .tell("pay", &json!({"invoice": invoice, "amount": 20_297}));
    undone(&mut desk);
    desk.issue("acme", "2026-02");
    desk.push();
    let state = desk.fake.state();
    assert_eq!(state["credit_notes"][0]["post_payment_amount"], 99);
    assert_eq!(state["customers"][0]["balance"], -99);
}

#[test]
fn d9_what_prepaid_credits_pay_is_an_item_below_zero_and_comes_back_as_no_credit_note() {
    let mut desk = Desk::new();
    let grant = [
        "credit",
        "grant",
        "--customer",
        "acme",
        "--grant",
        "g1",
        "--amount",
        "2.00 USD",
        "--paid",
        "2.00 USD",
        "--component",
        "resolutions",
        "--starts",
        "2026-01-01T00:00:00Z",
        "--by",
        "finance",
    ];
    desk.book.well(&grant);
    desk.issue("acme", "2026-01");
    desk.push();
    assert_eq!(desk.fake.invoices("acme-0001")[0]["total"], 20_297 - 200);
    let items = desk.fake.state()["items"].clone();
    let items = items.as_array().unwrap();
    let paid: Vec<_> = items
        .iter()
        .filter(|own| own["description"] == "Paid by prepaid credits")
        .collect();
    assert_eq!((paid.len(), paid[0]["amount"].as_i64()), (1, Some(-200)));
    // 0.99 is taken back: it goes back to the credits first, and is no money.
    undone(&mut desk);
    desk.issue("acme", "2026-02");
    desk.push();
    let state = desk.fake.state();
    assert_eq!(state["credit_notes"], json!([]));
    assert_eq!(desk.fake.collected(), 20_297 - 200 + 10_000);
}

#[test]
fn d14_a_credit_waits_for_the_draft_that_it_is_against() {
    let (mut desk, _) = january();
    desk.configure("finalize = false");
    desk.push();
    undone(&mut desk);
    desk.issue("acme", "2026-02");
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("is a draft; finalize it"),
        "{text}"
    );
    let invoice = desk.fake.invoices("acme-0001")[0]["id"].clone();
    desk.fake.tell("finalize", &json!({"invoice": invoice}));
    desk.push();
    assert_eq!(desk.fake.collected(), 20_297 + 9_901);
}

#[test]
fn d7_a_void_withdraws_what_is_open_and_leaves_what_is_paid_to_a_person() {
    let (desk, _) = january();
    let void = |number: &str| {
        let line = format!(
            "statement void --customer acme --number {number} --by finance --reason mistake"
        );
        desk.book.well(&words(&line));
    };
    // Never sent.
    void("acme-0001");
    desk.push();
    assert_eq!(desk.fake.state()["requests"], 0);
    // Open.
    desk.issue("acme", "2026-01");
    desk.push();
    void("acme-0002");
    desk.push();
    assert_eq!(desk.fake.state()["invoices"][0]["status"], "void");
    // A draft.
    desk.configure("finalize = false");
    desk.issue("acme", "2026-01");
    desk.push();
    void("acme-0003");
    desk.push();
    assert_eq!(desk.fake.state()["invoices"].as_array().unwrap().len(), 1);
    // Paid.
    desk.configure("finalize = true");
    desk.issue("acme", "2026-01");
    desk.push();
    let invoice = desk.fake.invoices("acme-0004")[0]["id"].clone();
    desk.fake
        .tell("pay", &json!({"invoice": invoice, "amount": 20_297}));
    void("acme-0004");
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("was paid at Stripe"),
        "{text}"
    );
    let handled = "handled --customer acme --statement acme-0004 --by finance";
    assert_eq!(desk.stripe(handled).0, Some(0));
    desk.push();
}

#[test]
fn an_invoice_that_somebody_changed_is_not_finalized() {
    let (desk, _) = january();
    // The look at the total, each time.
    for at in 5..8 {
        desk.fake.fault(at, "busy");
    }
    assert_eq!(desk.stripe("push").0, Some(3));
    let invoice = desk.fake.invoices("acme-0001")[0]["id"].clone();
    let item =
        json!({"customer": "cus_acme", "invoice": invoice, "amount": "1", "currency": "usd"});
    desk.fake.tell("item", &item);
    let (code, text) = desk.stripe("push");
    assert!(
        code == Some(3) && text.contains("comes to 202.98 USD"),
        "{text}"
    );
    assert_eq!(desk.fake.invoices("acme-0001")[0]["status"], "draft");
}

/// Requests of a push of two statements with a credit note, and what is collected then.
const COLLECTED: i64 = 20_297 + 9_901;

/// January and February issued, nothing sent.
fn two_months() -> Desk {
    let (mut desk, _) = january();
    undone(&mut desk);
    desk.issue("acme", "2026-02");
    desk
}

/// Everything is there once.
#[track_caller]
fn is_whole(desk: &Desk, what: &str) {
    let state = desk.fake.state();
    let count = |of: &str| state[of].as_array().unwrap().len();
    assert_eq!(
        (count("invoices"), count("items"), count("credit_notes")),
        (2, 4, 1),
        "{what}: {state:#}"
    );
    assert_eq!(desk.fake.collected(), COLLECTED, "{what}");
    for own in state["invoices"].as_array().unwrap() {
        assert_eq!(own["status"], "open", "{what}");
    }
}

#[test]
fn a_fault_at_any_request_does_nothing_twice_and_loses_nothing() {
    let desk = two_months();
    desk.push();
    let requests = desk.fake.state()["requests"].as_i64().unwrap();
    is_whole(&desk, "no fault");
    drop(desk);
    for fault in [
        "drop_before",
        "drop_after",
        "busy",
        "down",
        "fail_before",
        "fail_after",
    ] {
        let desk = two_months();
        // Every third request has it, so that what follows it is as it should be, and is met by one itself.
        for at in (1..=2 * requests).step_by(3) {
            desk.fake.fault(at, fault);
        }
        for _ in 0..3 {
            desk.stripe("push");
        }
        desk.fake.tell("well", &json!({}));
        desk.push();
        is_whole(&desk, fault);
    }
}

#[test]
fn a_key_that_stripe_has_forgotten_is_not_sent_again() {
    let mut desk = two_months();
    // Done, and never answered.
    desk.fake.fault("all", "drop_after");
    desk.stripe("push");
    desk.fake.tell("well", &json!({}));
    assert_eq!(desk.fake.invoices("acme-0001").len(), 1);
    desk.month("2026-03-05T09:00:00Z");
    desk.push();
    is_whole(&desk, "two days later");
}

#[test]
fn a_wrong_key_waits_and_is_shown_nowhere() {
    let (desk, _) = january();
    let push = |key: &str| {
        let output = desk
            .command(&["stripe", "push"])
            .env("STRIPE_SECRET", key)
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = push("sk_test_wrong");
    assert!(
        code == Some(3) && text.contains("401") && !text.contains("wrong"),
        "{text}"
    );
    let (code, text) = push("");
    assert!(code == Some(1) && text.contains("STRIPE_SECRET"), "{text}");
    let (code, text) = push("pk_live_1");
    assert!(code == Some(1) && !text.contains("pk_live_1"), "{text}");
    desk.push();
    assert_eq!(desk.fake.collected(), 20_297);
    for file in ["piecework.toml", "book/operations.db"] {
        let bytes = std::fs::read(desk.book.path().join(file)).unwrap();
        let found = bytes.windows(KEY.len()).any(|own| own == KEY.as_bytes());
        assert!(!found, "{file}");
    }
}

#[test]
fn what_was_issued_before_is_not_collected_again() {
    let (desk, _) = january();
    let path = desk.book.path().join("piecework.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("from = \"2026-01-01\"", "from = \"2026-02-04\""),
    )
    .unwrap();
    desk.push();
    assert_eq!(desk.fake.state()["requests"], 0);
    std::fs::write(&path, text.replace("from = \"2026-01-01\"\n", "")).unwrap();
    let (code, text) = desk.stripe("push");
    assert!(code == Some(1) && text.contains("from which day"), "{text}");
}

/// Pushes in a process that the stand-in kills at its `at`th request, before or after it does what is asked; whether it
/// came to that.
fn killed(desk: &Desk, at: i64, when: &str) -> bool {
    // It begins once the stand-in knows whom to kill.
    let mut child = Command::new("sh")
        .args(["-c", "read go; exec \"$0\" stripe push"])
        .arg(env!("CARGO_BIN_EXE_piecework"))
        .current_dir(desk.book.path())
        .env("PIECEWORK_NOW", desk.book.now())
        .env("STRIPE_SECRET", KEY)
        .env_remove("PIECEWORK_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let fault = json!({"at": at, "do": when, "pid": child.id()});
    desk.fake.tell("fault", &fault);
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let status = child.wait().unwrap();
    desk.fake.tell("well", &json!({}));
    status.code().is_none()
}

/// Pushes again and again, and is killed at the `at`th request of each time, until one gets through; how often that was.
fn killed_until_through(at: i64, when: &str) -> usize {
    let desk = two_months();
    let mut kills = 0;
    while killed(&desk, at, when) {
        kills += 1;
        assert!(kills < 200, "it never gets through");
    }
    desk.push();
    is_whole(&desk, &format!("{when} {at}"));
    kills
}

#[test]
fn a_process_that_is_killed_goes_on_where_it_was() {
    // Killed at the first request of each time, nothing would ever be noted; at the second, one step each time is.
    assert!(killed_until_through(2, "kill_after") >= 5);
}

/// What is issued over HTTP the server collects by itself; killed in between, it goes on where it was, and what is voided it
/// takes back.
#[test]
fn a_server_collects_what_it_issues_and_goes_on_after_a_kill() {
    let Desk { book, fake } = Desk::new();
    let mut served = Served::of(book);
    served.env.push(("STRIPE_SECRET", KEY));
    let act = |server: &Server<'_>, path: &str, body: &Value| {
        let path = format!("/v1/customers/acme/statements{path}");
        let (status, body) = server.ask("finance", "POST", &path, &body.to_string());
        assert_eq!(status, 201, "{body}");
    };
    let comes_to = |cents: i64| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while fake.collected() != cents {
            assert!(Instant::now() < deadline, "{:#}", fake.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let mut server = served.start();
    let fault = json!({"at": 3, "do": "kill_after", "pid": server.id()});
    fake.tell("fault", &fault);
    act(&server, "", &json!({"period": "2026-01", "by": "finance"}));
    assert!(server.is_killed());
    fake.tell("well", &json!({}));
    drop(server);
    let server = served.start();
    comes_to(20_297);
    assert_eq!(fake.invoices("acme-0001").len(), 1);
    let wrong = json!({"reason": "wrong address", "by": "finance"});
    act(&server, "/acme-0001/void", &wrong);
    comes_to(0);
    assert_eq!(fake.invoices("acme-0001").len(), 0, "none that is not void");
}

/// The same of a cover, from the choice to the void.
#[test]
fn d16_a_server_collects_a_cover_and_goes_on_after_a_kill() {
    let Desk { book, fake } = two_contracts();
    let mut served = Served::of(book);
    served.env.push(("STRIPE_SECRET", KEY));
    let act = |server: &Server<'_>, path: &str, body: &Value| {
        let path = format!("/v1/customers/acme{path}");
        let (status, body) = server.ask("finance", "POST", &path, &body.to_string());
        assert_eq!(status, 201, "{body}");
    };
    let comes_to = |cents: i64| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while fake.collected() != cents {
            assert!(Instant::now() < deadline, "{:#}", fake.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let mut server = served.start();
    let fault = json!({"at": 4, "do": "kill_after", "pid": server.id()});
    fake.tell("fault", &fault);
    for contract in ["acme-2026", "voice"] {
        let issue = json!({"period": "2026-01", "contract": contract, "by": "finance"});
        act(&server, "/statements", &issue);
    }
    act(&server, "/covers", &json!({"by": "finance"}));
    assert!(server.is_killed());
    fake.tell("well", &json!({}));
    drop(server);
    let server = served.start();
    comes_to(22_297);
    let wrong = json!({"reason": "wrong address", "by": "finance"});
    act(&server, "/covers/acme-A0001/void", &wrong);
    comes_to(0);
}

#[test]
fn slow_a_hundred_kills() {
    let mut kills = 0;
    for when in ["kill_before", "kill_after"] {
        // A step is two requests at most, a look and what it leads to: it is through before the third.
        let first = if when == "kill_before" { 3 } else { 2 };
        for at in first..=16 {
            kills += killed_until_through(at, when);
        }
        // Wherever it is, and at once again.
        for at in 1..=16 {
            let desk = two_months();
            kills += usize::from(killed(&desk, at, when));
            kills += usize::from(killed(&desk, 1, when));
            desk.push();
            is_whole(&desk, &format!("{when} {at}, then 1"));
        }
    }
    println!("{kills} kills");
    assert!(kills >= 100, "{kills}");
}
