//! The screens of customers and works.

use piecework_server::access::Role;
use work::LogKind;

use crate::sold::{WORKS, sold};
use crate::support::{Answer, Server, start};

/// What no page may let through: a script, and a mark that turns its neighbours around.
const HOSTILE: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE";

async fn look(server: &Server, role: Role, path: &str) -> Answer {
    server.ask(role, ("GET", path), &[], "").await
}

async fn says(server: &Server, path: &str, words: &[&str]) -> String {
    let answer = look(server, Role::Auditor, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    for word in words {
        let text = &answer.text;
        assert!(text.contains(word), "{path}: {word}: {text}");
    }
    answer.text
}

/// The addresses on a page that begin so, without the marks of HTML.
fn addresses(page: &str, beginning: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .map(|own| own.replace("&amp;", "&"))
        .filter(|own| own.starts_with(beginning))
        .collect()
}

#[tokio::test]
async fn a_customer_says_how_far_its_log_is_signed_and_acknowledged() {
    let server = sold();
    let book = server.app.book();
    let words = [
        "no head was signed yet",
        "acme-2026",
        "href=\"/works?customer=acme\"",
    ];
    says(&server, "/customers/acme", &words).await;
    book.checkpoint("acme", LogKind::Shared, Some(4), start())
        .unwrap();
    says(&server, "/customers/acme", &["signed by the seller alone"]).await;
    let origin = book.origin("acme").unwrap();
    says(&server, "/customers/acme", &[&origin]).await;
    let list = says(&server, "/customers", &["href=\"/customers/globex\""]).await;
    assert!(!list.contains("_unassigned"), "{list}");
}

#[tokio::test]
async fn the_first_page_leads_to_every_screen_that_its_reader_may_see() {
    let server = sold();
    let first = says(&server, "/", &[]).await;
    for address in [
        "/customers",
        "/works",
        "/definitions",
        "/disputes",
        "/margin",
        "/logs",
        "/events",
    ] {
        assert!(
            addresses(&first, address).contains(&address.to_owned()),
            "{address}"
        );
        says(&server, address, &["aria-current=\"page\""]).await;
    }
    let buyers = look(&server, Role::Buyer, "/").await.text;
    assert!(addresses(&buyers, "/margin").is_empty(), "{buyers}");
    assert!(addresses(&buyers, "/customers").is_empty(), "{buyers}");
}

#[tokio::test]
async fn every_work_is_found_page_by_page_and_once() {
    let server = sold();
    let mut next = "/works?customer=acme&state=&class=&unit=&from=&until=&disputed=".to_owned();
    let mut found = Vec::new();
    loop {
        let page = says(&server, &next, &[]).await;
        found.extend(addresses(&page, "/customers/acme/works/"));
        match addresses(&page, "/works?customer=acme&cursor=").pop() {
            Some(address) => next = address,
            None => break,
        }
    }
    assert_eq!(found.len(), WORKS);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), WORKS, "each once");
    let one = says(&server, "/works?customer=acme&work=T-7", &["T-7"]).await;
    assert_eq!(addresses(&one, "/customers/acme/works/").len(), 1);
    let none = "/works?customer=acme&until=2020-01-01";
    says(&server, none, &["No work is so"]).await;
}

#[tokio::test]
async fn a_work_leads_to_the_proof_of_each_fact() {
    let server = sold();
    let words = ["Work T-7", "counted", "777.77", "marker-model", "0.99"];
    let page = says(&server, "/customers/acme/works/T-7", &words).await;
    server
        .app
        .book()
        .checkpoint("acme", LogKind::Shared, None, start())
        .unwrap();
    let proofs = addresses(&page, "/v1/customers/acme/");
    assert!(proofs.len() >= 3, "{proofs:?}");
    for address in proofs {
        let answer = look(&server, Role::Auditor, &address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_or_of_others_is_a_page_that_says_so() {
    let server = sold();
    let hostile = format!("/customers/{HOSTILE}");
    for (path, status) in [
        ("/customers/nobody", 404),
        ("/customers/_unassigned", 404),
        (&*hostile, 404),
        (&*format!("{hostile}/works/T-1"), 404),
        ("/customers/acme/works/T-none", 404),
        (&*format!("/customers/acme/works/{HOSTILE}"), 404),
        ("/works?customer=nobody", 404),
        ("/works?customer=acme&from=yesterday", 400),
        ("/works?customer=acme&disputed=perhaps", 400),
        ("/works?customer=acme&cursor=x", 400),
        ("/works?colour=red", 400),
    ] {
        let answer = look(&server, Role::Finance, path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.text.starts_with("<!DOCTYPE html>"), "{path}");
        assert!(!answer.text.contains("<script"), "{path}");
        assert!(!answer.text.contains('\u{202e}'), "{path}");
    }
    let found = format!("/works?customer=acme&work={HOSTILE}&class=%22%3E%3Cscript%3E");
    let page = says(&server, &found, &["&lt;script&gt;"]).await;
    assert!(
        !page.contains("<script") && !page.contains('\u{202e}'),
        "{page}"
    );
    let other = server.key_of(Role::Auditor, "globex");
    for path in [
        "/customers/acme",
        "/works?customer=acme",
        "/customers/acme/works/T-7",
    ] {
        let request = axum::http::Request::get(path)
            .header("authorization", format!("Bearer {other}"))
            .body(axum::body::Body::empty());
        assert_eq!(server.send(request.unwrap()).await.status, 404, "{path}");
    }
}
