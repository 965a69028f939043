//! A buyer sees its own customer, and of it nothing of the seller's.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;

use crate::desk::{self, of};
use crate::support::{Answer, Server};

/// What stands in the book of `globex`, and what is the seller's in that of `acme`.
const HIDDEN: [&str; 7] = [
    "hidden-model",
    "hidden-agent",
    "hidden-provider",
    "0.12",
    "seller_entries",
    "\"margin\"",
    "globex",
];

async fn ask(server: &Server, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", server.key(Role::Buyer));
    let request = Request::builder().method(method).uri(path);
    let request = request
        .header("authorization", bearer)
        .header("content-type", "application/json");
    let request = request
        .header("idempotency-key", "1")
        .header("if-match", "*");
    server.send(request.body(Body::from("{}")).unwrap()).await
}

/// A path of the table about a customer.
fn filled(path: &str, customer: &str) -> String {
    path.replace("{customer}", customer)
        .replace("{contract}", &format!("{customer}-2026"))
        .replace("{number}", &format!("{customer}-0001"))
        .replace("{quote}", &format!("{customer}-Q0001"))
        .replace("{work}", "T-1")
        .replace("{id}", "support.resolved_conversation")
        .replace("{code}", "busy")
}

#[tokio::test]
async fn a_buyer_finds_nothing_of_another_customer_on_any_route() {
    let server = desk::issued().await;
    let mut asked = 0;
    for route in &server.table {
        let path = filled(&route.path, "globex");
        let answer = ask(&server, &route.method, &path).await;
        if route.path.contains("{customer}") {
            asked += 1;
            let status = answer.status.as_u16();
            assert!(
                matches!(status, 403 | 404),
                "{} {path}: {}",
                route.method,
                answer.text
            );
            // What a buyer may not do at all it may not do with its own either: that tells it nothing.
            let own = ask(&server, &route.method, &filled(&route.path, "acme")).await;
            assert_eq!(
                status == 403,
                own.status == 403,
                "{path} is not there at all"
            );
        }
        let text = answer.text.replace("no customer `globex`", "");
        if route.method == "GET" {
            assert!(!text.contains("globex"), "{path}: {}", answer.text);
        }
    }
    assert!(asked >= 20, "{asked}");
    for path in ["/v1/margins?customer=globex", "/v1/margins"] {
        assert_eq!(ask(&server, "GET", path).await.status, 403);
    }
}

#[tokio::test]
async fn a_buyer_sees_its_own_and_nothing_of_the_sellers() {
    let server = desk::issued().await;
    let mut seen = 0;
    for route in &server.table {
        if route.method != "GET" || !route.path.starts_with("/v1/") {
            continue;
        }
        let path = filled(&route.path, "acme");
        // Proofs in a log, and what has a place in one, are walked over a book with heads (`logs`, `proof`).
        if path.contains('{') || path.contains("/proofs/") {
            continue;
        }
        let answer = ask(&server, "GET", &path).await;
        if answer.status == 403 {
            continue;
        }
        // Nothing is credited in this book, nothing quoted and nothing covered.
        let absent = ["/credit-notes/", "/quotes/", "/covers/"];
        let expected = if absent.iter().any(|part| path.contains(part)) {
            404
        } else {
            200
        };
        assert_eq!(answer.status, expected, "{path}: {}", answer.text);
        seen += 1;
        for hidden in HIDDEN {
            assert!(
                !answer.text.contains(hidden),
                "{path} tells {hidden}: {}",
                answer.text
            );
        }
    }
    assert!(seen >= 14, "{seen}");
    let works = ask(&server, "GET", &of("acme", "works")).await.json();
    assert_eq!(works["works"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_buyer_without_events_is_told_of_nobody_else() {
    let server = Server::new();
    let body = crate::support::event("1", "opened").replace("acme", "globex");
    server.events(&[desk::JSON], body).await;
    let customers = ask(&server, "GET", "/v1/customers").await;
    assert_eq!(customers.json()["customers"], serde_json::json!([]));
    let own = ask(&server, "GET", "/v1/customers/acme").await;
    assert_eq!(own.status, 404);
    assert!(!own.text.contains("globex"), "{}", own.text);
}

/// Until it is sent, what is being offered is the seller's own: it may yet be dearer, or never come.
#[tokio::test]
async fn a_quote_is_seen_by_the_buyer_once_it_is_sent() {
    let server = crate::sold::sold();
    let quotes = "/v1/customers/acme/quotes";
    let body = r#"{"from":"2027-01-01","valid_until":"2026-12-31","by":"sales"}"#;
    let drafted = server.json(Role::Finance, "POST", quotes, body).await;
    assert_eq!(drafted.status, 201, "{}", drafted.text);
    let own = format!("{quotes}/acme-Q0001");
    let document = format!("{own}/document?format=html");
    let seen = async |role: Role| {
        let listed = server.json(role, "GET", quotes, "").await.json();
        let listed = listed["quotes"].as_array().unwrap().len();
        let one = server.json(role, "GET", &own, "").await.status;
        let paper = server.json(role, "GET", &document, "").await.status;
        (listed, one.as_u16(), paper.as_u16())
    };
    assert_eq!(seen(Role::Buyer).await, (0, 404, 404));
    assert_eq!(seen(Role::Auditor).await, (1, 200, 200));
    let sent = format!("{own}/send");
    let sent = server
        .json(Role::Finance, "POST", &sent, r#"{"by":"sales"}"#)
        .await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    assert_eq!(seen(Role::Buyer).await, (1, 200, 200));
}
