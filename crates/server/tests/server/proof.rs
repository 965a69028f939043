//! Proof files, reports, receipts and samples over HTTP.

use piecework_server::access::Role;
use proof::verify::{Options, verify};
use work::Digest;

use crate::sold::{SECRETS, sold};
use crate::support::{Answer, Server};

const PROOF: &str = "/v1/customers/acme/statements/acme-0001/proof";

async fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    server.ask(Role::Buyer, ("GET", path), headers, "").await
}

#[tokio::test]
async fn the_proof_file_is_served_and_verifies() {
    let server = sold();
    let key = server.app.book().keyring().unwrap();
    let key = key.signer(work::LogKind::Shared, "acme").unwrap();
    for path in [PROOF.to_owned(), format!("{PROOF}?kind=whole")] {
        let answer = get(&server, &path, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/zip");
        let digest = Digest::of(&answer.bytes).to_string();
        assert_eq!(answer.headers["etag"], format!("\"{digest}\""));
        let options = Options {
            key: Some(key.verifier_key().clone()),
            ..Options::default()
        };
        let report = verify(&answer.bytes, &options);
        assert!(report.refusal.is_none(), "{:?}", report.refusal);
        assert_eq!(report.statement.unwrap().number, "acme-0001");
        let etag = answer.headers["etag"].to_str().unwrap().to_owned();
        let again = get(&server, &path, &[("if-none-match", &etag)]).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    }
    let proofs = server.app.book().proofs_directory().unwrap();
    assert_eq!(
        std::fs::read_dir(proofs).unwrap().count(),
        0,
        "nothing stays behind"
    );
}

#[tokio::test]
async fn the_file_that_issuing_kept_is_served_where_it_is_the_statements() {
    let server = sold();
    let book = server.app.book();
    book.keep_proof_file("acme", "acme-0001", server.app.now())
        .unwrap();
    let kept = std::fs::read(book.kept_proof_file("acme-0001")).unwrap();
    assert_eq!(get(&server, PROOF, &[]).await.bytes, kept);
    // Another customer's file under the same name is not.
    std::fs::write(book.kept_proof_file("acme-0001"), b"another's").unwrap();
    let made = get(&server, PROOF, &[]).await;
    assert_ne!(made.bytes, b"another's");
    assert!(verify(&made.bytes, &Options::default()).refusal.is_none());
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let server = sold();
    for (path, code) in [
        (format!("{PROOF}?kind=carry"), "refused"),
        (format!("{PROOF}?kind=half"), "bad-request"),
        (PROOF.replace("0001", "0009"), "not-found"),
        (PROOF.replace("acme/", "globex/"), "not-found"),
        (
            format!("{}-report", PROOF.replace("0001", "0009")),
            "not-found",
        ),
        (
            "/v1/customers/acme/works/T-9999/receipt".to_owned(),
            "not-found",
        ),
        (
            "/v1/customers/globex/works/G-0/receipt".to_owned(),
            "not-found",
        ),
        ("/v1/customers/globex/samples".to_owned(), "not-found"),
    ] {
        let answer = get(&server, &path, &[]).await;
        assert_eq!(answer.code(), code, "{path}");
        assert!(!answer.text.contains("/tmp"), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_proof_report_is_the_page_of_the_command() {
    let server = sold();
    let answer = get(&server, &format!("{PROOF}-report"), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let prefix = server
        .app
        .book()
        .prefix("acme", "acme-0001", server.app.now());
    let report = book::proof_report::proof_report(prefix.unwrap()).unwrap();
    assert!(answer.text == pages::proof_report_page(&report));
}

#[tokio::test]
async fn a_works_receipt_is_text_that_checks_or_a_fragment() {
    let server = sold();
    let key = server.app.book().keyring().unwrap();
    let key = key.signer(work::LogKind::Shared, "acme").unwrap();
    let path = "/v1/customers/acme/works/T-7/receipt";
    let text = get(&server, path, &[]).await;
    assert_eq!(text.status, 200, "{}", text.text);
    let checked = proof::Receipt::check(text.text.as_bytes(), key.verifier_key()).unwrap();
    assert_eq!(checked.receipt.work, "T-7");
    assert_eq!(checked.receipt.statement.as_deref(), Some("acme-0001"));
    let html = get(&server, path, &[("accept", "text/html")]).await;
    assert_eq!(html.headers["content-type"], "text/html; charset=utf-8");
    let [inside] = pages::receipts_in(&html.text).try_into().unwrap();
    proof::Receipt::check(inside.as_bytes(), key.verifier_key()).unwrap();
    for own in [text, html] {
        assert!(SECRETS.iter().all(|secret| !own.text.contains(secret)));
    }
}

#[tokio::test]
async fn samples_are_listed() {
    let server = sold();
    let answer = get(&server, "/v1/customers/acme/samples", &[]).await;
    assert_eq!(answer.json(), serde_json::json!({"samples": []}));
}
