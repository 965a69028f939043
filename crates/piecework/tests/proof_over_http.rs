//! The buyer over HTTP: opens a link, fetches the proof file and has both verifiers read it, signs a dispute on its
//! own machine, posts it, and checks the receipt without the server.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::TestBook;
use support::server::{Served, Server};

const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";
const NOW: &str = "2026-02-10T09:00:00Z";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A book with a statement, the buyer's published key, and a link.
struct Sold {
    served: Served,
    origin: String,
    vkey: String,
    link: String,
}

impl Sold {
    fn new() -> Sold {
        let book = TestBook::planned("definitions/fin.toml", PLAN, NOW);
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
        let (origin, vkey) = (text("origin"), text("vkey"));
        let announced = book.well(&["key", "announce", "--key", "buyer.key", "--origin", &origin]);
        book.file("announced.json", &announced);
        book.well(&words(
            "key publish announced.json --customer acme --by finance",
        ));
        book.well(&words(
            "statement issue --customer acme --period 2026-01 --by finance",
        ));
        let made = book.json(&words("link create --customer acme --for 7d"));
        let url = made["url"].as_str().unwrap();
        let link = url
            .strip_prefix("http://127.0.0.1:8480/link/")
            .unwrap()
            .to_owned();
        Sold {
            served: Served::of(book),
            origin,
            vkey,
            link,
        }
    }
}

/// What was answered.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One request under a link, on a connection of its own.
fn ask(server: &Server<'_>, link: &str, line: &str, headers: &str, body: &str) -> Answer {
    let host = server.address().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {link}\r\nconnection: close\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer
        .windows(4)
        .position(|own| own == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..split].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: answer[split + 4..].to_vec(),
    }
}

/// What the second verifier, in Python, says of a file.
fn python(file: &Path, vkey: &str) -> String {
    let verifier = support::root().join("verifiers/python/verify_piecework.py");
    let ran = Command::new("python3")
        .arg(verifier)
        .arg(file)
        .args(["--key", vkey])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn both_verifiers_accept_the_served_proof_file() {
    let sold = Sold::new();
    let server = sold.served.start();
    for query in ["", "?kind=whole"] {
        let number = sold_number(&server, &sold.link);
        let line = format!("GET /v1/customers/acme/statements/{number}/proof{query}");
        let answer = ask(&server, &sold.link, &line, "", "");
        assert_eq!(answer.status, 200, "{}", answer.head);
        let file = sold.served.book.path().join("served.zip");
        std::fs::write(&file, &answer.body).unwrap();
        let verified = sold
            .served
            .book
            .well(&["verify", "served.zip", "--key", &sold.vkey]);
        assert!(verified.contains("acme"), "{verified}");
        python(&file, &sold.vkey);
    }
}

/// The number of acme's statement, by the page that the link opens.
fn sold_number(server: &Server<'_>, link: &str) -> String {
    let page = ask(server, link, "GET /", "", "");
    let page = String::from_utf8(page.body).unwrap();
    let (_, rest) = page.split_once("/v1/customers/acme/statements/").unwrap();
    rest.split('/').next().unwrap().to_owned()
}

#[test]
fn a_dispute_signed_offline_comes_back_as_a_receipt_that_checks_offline() {
    let sold = Sold::new();
    let dispute = json!({"specversion": "1.0", "id": "T-1/disputed", "source": "acme.example/desk",
        "type": "piecework.work.disputed.v1", "subject": "acme", "time": "2026-02-01T10:00:00Z",
        "workid": "T-1", "data": {"conversation": "T-1", "reason": "not resolved"}});
    sold.served.book.file("dispute.jsonl", &dispute.to_string());
    let signed = sold.served.book.well(&[
        "sign",
        "dispute.jsonl",
        "--origin",
        &sold.origin,
        "--key",
        "buyer.key",
    ]);

    let server = sold.served.start();
    let headers = "content-type: application/cloudevents+json\r\nprefer: return=representation\r\n";
    let unsigned = ask(
        &server,
        &sold.link,
        "POST /api/v1/events",
        headers,
        &dispute.to_string(),
    );
    assert_eq!(unsigned.json()["events"][0]["pointer"], "/signature");
    let taken = ask(
        &server,
        &sold.link,
        "POST /api/v1/events",
        headers,
        signed.trim(),
    );
    let became = taken.json()["events"][0].clone();
    assert_eq!(became["outcome"], "accepted", "{became}");
    let index = became["index"].as_u64().unwrap();

    let line = format!("GET /v1/customers/acme/entries/{index}/receipt");
    let receipt = ask(&server, &sold.link, &line, "", "");
    assert_eq!(receipt.status, 200, "{}", receipt.head);
    drop(server);
    let file = sold.served.book.path().join("dispute.tlog-proof");
    std::fs::write(&file, &receipt.body).unwrap();
    let checked = sold.served.book.json(&[
        "receipt",
        "check",
        "dispute.tlog-proof",
        "--key",
        &sold.vkey,
    ]);
    assert_eq!(checked["verdict"], "valid", "{checked}");
    assert_eq!(checked["kind"], "piecework.work.disputed.v1");
    assert!(
        checked["signer"]
            .as_str()
            .unwrap()
            .starts_with("acme.example/buyer+")
    );
}

#[test]
fn a_head_that_the_buyer_cosigned_is_kept_over_http() {
    let sold = Sold::new();
    let server = sold.served.start();
    let number = sold_number(&server, &sold.link);
    let line = format!("GET /v1/customers/acme/statements/{number}/proof");
    let file = ask(&server, &sold.link, &line, "", "");
    std::fs::write(sold.served.book.path().join("served.zip"), &file.body).unwrap();
    let cosigned = sold
        .served
        .book
        .well(&["acknowledge", "served.zip", "--key", "buyer.key"]);
    let size = cosigned.lines().nth(1).unwrap();
    let line = format!("POST /v1/customers/acme/checkpoints/{size}/cosignatures");
    let kept = ask(
        &server,
        &sold.link,
        &line,
        "content-type: text/plain\r\n",
        &cosigned,
    );
    assert_eq!(kept.status, 200, "{}", String::from_utf8_lossy(&kept.body));
    assert!(
        kept.json()["note"]
            .as_str()
            .unwrap()
            .contains("\u{2014} acme.example/buyer ")
    );
}

#[test]
fn a_link_is_listed_and_revoked_by_its_id() {
    let sold = Sold::new();
    let links = sold.served.book.json(&words("link list --customer acme"));
    let id = links[0]["id"].as_str().unwrap();
    assert_eq!(links[0]["in_force"], true);
    sold.served
        .book
        .well(&["link", "revoke", id, "--customer", "acme"]);
    let server = sold.served.start();
    assert_eq!(
        ask(&server, &sold.link, "GET /v1/customers/acme/logs", "", "").status,
        401
    );
}
