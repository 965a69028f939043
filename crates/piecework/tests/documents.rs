//! Statements and credit notes as documents, and tables for spreadsheets, through the command line and the server.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::collections::BTreeMap;

use money::Amount;
use support::{TestBook, number, row};

const PLAN: &str = "id = \"p\"\nversion = 1\ncurrency = \"HUF\"\n\
    [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 45000\n\
    [[component]]\nid = \"resolutions\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"350\"\n";

const CONFIGURATION: &str = r#"
[stationery]
pay = ["IBAN HU42 1177"]

[contract.invoice]
po_number = "PO-4711"
due_days = 30
[contract.invoice.seller]
name = "Műhely Zrt."
address = ["Budapest"]
tax_id = "HU12345678"
[contract.invoice.buyer]
name = "Åkesson AB"
address = ["Malmö"]
attention = "Accounts payable"
[[contract.invoice.cost_centre]]
name = "Nord"
percent = 60
[[contract.invoice.cost_centre]]
name = "Süd"
percent = 40
"#;

/// Two months of a customer whose ids look like formulas; of the first, a work was taken back in the second.
fn book() -> TestBook {
    let mut book = TestBook::planned("definitions/fin.toml", PLAN, "2026-02-10T09:00:00Z");
    let configuration = book.path().join("piecework.toml");
    let mut text = std::fs::read_to_string(&configuration).unwrap();
    text.push_str(CONFIGURATION);
    std::fs::write(&configuration, text).unwrap();
    let record = |verb: &str, work: &str, at: &str| {
        // Behind `--`, an id that begins with a hyphen is no option.
        let which = ["record", verb, "--customer", "acme", "--at", at];
        book.well(&[&which[..], &["--", work]].concat());
    };
    record("done", "=1+1", "2026-01-05T09:00:00Z");
    record("done", "-2", "2026-01-06T09:00:00Z");
    record("done", "@x", "2026-01-07T09:00:00Z");
    record("done", "007", "2026-02-06T09:00:00Z");
    let sign = ["contract", "sign", "--customer", "acme"];
    book.well(&[&sign[..], &["--from", "2026-01-01", "--by", "buyer"]].concat());
    let issue = |book: &TestBook, period: &str| {
        let which = ["statement", "issue", "--customer", "acme"];
        book.well(&[&which[..], &["--period", period, "--by", "finance"]].concat());
    };
    issue(&book, "2026-01");
    let goodwill = ["credit", "--customer", "acme", "--statement", "acme-0001"];
    let of = [
        "--line",
        "resolutions",
        "--reason",
        "an outage",
        "--by",
        "finance",
    ];
    book.well(&[&goodwill[..], &of].concat());
    book.at("2026-03-03T09:00:00Z");
    issue(&book, "2026-02");
    book
}

const DOCUMENT: [&str; 5] = ["statement", "document", "acme-0002", "--customer", "acme"];

#[test]
fn a_statement_is_a_document_that_is_the_same_whenever_it_is_made() {
    let mut book = book();
    let file = book.path().join("a.html");
    let write = |book: &TestBook| {
        let out = ["-o", file.to_str().unwrap()];
        let told = book.json(&[&DOCUMENT[..], &out].concat());
        let digest = told["digest"].as_str().unwrap().to_owned();
        (std::fs::read_to_string(&file).unwrap(), digest)
    };
    let (page, digest) = write(&book);
    for expected in [
        "Műhely Zrt.",
        "Åkesson AB",
        "Tax id: HU12345678",
        "PO-4711",
        "2026-04-02", // issued on March 3, due in 30 days
        "2026-02-01 to 2026-02-28",
        "What changed since acme-0001",
        "acme-C0001",
        "IBAN HU42 1177",
        "Süd",
        // February's fee and work, less January's works.
        "44,300.00\u{a0}HUF",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    // What happens later is in later documents.
    book.at("2026-04-20T09:00:00Z");
    let pay = ["payment", "record", "--customer", "acme"];
    let what = ["--statement", "acme-0002", "--amount", "45350 HUF"];
    book.well(&[&pay[..], &what].concat());
    assert_eq!(write(&book), (page, digest));
}

#[test]
fn a_credit_note_is_a_document() {
    let book = book();
    let file = book.path().join("c.html");
    let which = [
        "credit-note",
        "document",
        "acme-C0001",
        "--customer",
        "acme",
    ];
    book.well(&[&which[..], &["-o", file.to_str().unwrap()]].concat());
    let page = std::fs::read_to_string(&file).unwrap();
    for expected in [
        "1,050.00\u{a0}HUF",
        "against statement acme-0001",
        "an outage",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}

#[cfg(not(feature = "pdf"))]
#[test]
fn where_there_is_no_pdf_the_remedy_is_said() {
    let ran = book().run(&[&DOCUMENT[..], &["--format", "pdf"]].concat());
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("--features pdf"), "{}", ran.stderr);
}

#[cfg(feature = "pdf")]
#[test]
fn a_pdf_is_set_once_and_kept() {
    let book = book();
    let file = book.path().join("a.pdf");
    let write = || {
        let out = ["--format", "pdf", "-o", file.to_str().unwrap()];
        book.well(&[&DOCUMENT[..], &out].concat());
        std::fs::read(&file).unwrap()
    };
    let set = write();
    assert!(set.starts_with(b"%PDF-"));
    let kept = std::fs::read_dir(book.path().join("book/documents")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().path()).collect();
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}")
    };
    assert!(std::fs::read(kept).unwrap() == set);
    // Whatever a later release would make of it.
    std::fs::write(kept, b"as it was issued").unwrap();
    assert_eq!(write(), b"as it was issued");
    // A statement that is void is another document.
    let void = [
        "statement",
        "void",
        "--customer",
        "acme",
        "--number",
        "acme-0002",
    ];
    book.well(&[&void[..], &["--reason", "wrong", "--by", "finance"]].concat());
    assert!(write().starts_with(b"%PDF-"));
}

/// The server has PDFs set by a child process.
#[cfg(feature = "pdf")]
#[test]
fn a_server_gives_the_pdf_that_the_command_gives() {
    use std::process::Command;
    let book = book();
    let file = book.path().join("a.pdf");
    let out = file.to_str().unwrap();
    book.well(&[&DOCUMENT[..], &["--format", "pdf", "-o", out]].concat());
    let by_command = std::fs::read(&file).unwrap();
    std::fs::remove_dir_all(book.path().join("book/documents")).unwrap();
    let served = support::server::Served::of(book);
    let server = served.start();
    let address = format!(
        "{}/v1/customers/acme/statements/acme-0002/document?format=pdf",
        server.address()
    );
    let key = format!("authorization: Bearer {}", served.key("finance"));
    let got = Command::new("curl")
        .args(["-sS", "-f", "-o", out, "-H", &key, &address])
        .output()
        .unwrap();
    assert!(got.status.success(), "{got:?}");
    assert!(std::fs::read(&file).unwrap() == by_command);
}

/// A table by its head.
fn table(book: &TestBook, which: &str) -> Vec<BTreeMap<String, String>> {
    let text = book.well(&["export", which]);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.deserialize().map(Result::unwrap).collect()
}

#[test]
fn lines_sum_to_their_statements_and_no_id_is_a_formula() {
    let book = book();
    let statements = table(&book, "statements");
    let lines = table(&book, "lines");
    assert_eq!(statements.len(), 2);
    for statement in &statements {
        let is_own = |line: &&BTreeMap<String, String>| {
            line["statement"] == statement["number"] && line["what"] == "charge"
        };
        let amounts = lines.iter().filter(is_own).map(|line| -> Amount {
            let amount = format!("{} {}", line["amount"], line["currency"]);
            amount.parse().unwrap()
        });
        let sum = Amount::sum("HUF".parse().unwrap(), amounts).unwrap();
        assert_eq!(sum.number(), statement["total"]);
    }
    let works = table(&book, "works").into_iter();
    let mut works: Vec<String> = works.map(|mut row| row.remove("work").unwrap()).collect();
    works.sort();
    assert_eq!(works, ["'-2", "'=1+1", "'@x", "007"]);
    let list = book.json(&["statement", "list", "--customer", "acme"]);
    let first = row(&list, "number", "acme-0001");
    assert_eq!(number(&first["total"]), statements[0]["total"]);
}

#[cfg(not(feature = "xlsx"))]
#[test]
fn where_there_is_no_xlsx_the_remedy_is_said() {
    let ran = book().run(&["export", "works", "--format", "xlsx"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("--features xlsx"), "{}", ran.stderr);
}

/// Another program reads what was written: ids as text, amounts as exact numbers.
#[cfg(feature = "xlsx")]
#[test]
fn another_program_reads_the_spreadsheets() {
    use std::process::Command;
    let python = support::root().join("target/clients/python/bin/python");
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
    for which in ["statements", "lines", "works"] {
        let file = book.path().join(format!("{which}.xlsx"));
        let out = ["--format", "xlsx", "-o", file.to_str().unwrap()];
        book.well(&[&["export", which][..], &out].concat());
        let csv = book.file(&format!("{which}.csv"), &book.well(&["export", which]));
        let read = Command::new(&python)
            .arg(support::root().join("clients/read_xlsx.py"))
            .args([&file, &csv])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{told}");
    }
}

#[test]
fn a_quote_is_a_document_and_a_draft_says_that_it_is_one() {
    let book = book();
    let create = [
        "quote",
        "create",
        "--customer",
        "globex",
        "--from",
        "2026-04-01",
    ];
    let until = ["--valid-until", "2026-03-31", "--by", "sales"];
    book.well(&[&create[..], &until].concat());
    let write = || {
        let file = book.path().join("q.html");
        let which = ["quote", "document", "globex-Q0001", "--customer", "globex"];
        book.well(&[&which[..], &["-o", file.to_str().unwrap()]].concat());
        std::fs::read_to_string(&file).unwrap()
    };
    let draft = write();
    assert!(draft.contains(">DRAFT<"), "{draft}");
    let send = ["quote", "send", "globex-Q0001", "--customer", "globex"];
    book.well(&[&send[..], &["--by", "sales"]].concat());
    let sent = write();
    assert!(!sent.contains("DRAFT"), "{sent}");
    for expected in [
        "valid until 2026-03-31",
        "Műhely Zrt.",
        "platform",
        "resolutions",
        "350",
    ] {
        assert!(sent.contains(expected), "{expected} in {sent}");
    }
}
