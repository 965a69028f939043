//! A small book: two customers with the same works, one contract signed, one statement issued.

use piecework_server::access::Role;

use crate::support::{Answer, Server};

pub const JSON: (&str, &str) = ("content-type", "application/json");

/// Four conversations of a customer: confirmed, assumed, disputed, pending; and what the first cost.
const WORKS: &str = r#"[
    ["T-1/asked", "2026-01-05T09:00:00Z", "work.asked", "T-1", {"conversation": "T-1", "kind": "question"}],
    ["T-1/answered", "2026-01-05T09:01:00Z", "work.answered", "T-1", {"conversation": "T-1", "kind": "answer"}],
    ["T-1/cost", "2026-01-05T09:01:00Z", "cost.recorded", "T-1", {"line": "model", "amount": "0.12 USD", "provider": "hidden-provider", "model": "hidden-model", "agent": "hidden-agent"}],
    ["T-1/thanks", "2026-01-05T09:03:00Z", "work.asked", "T-1", {"conversation": "T-1", "kind": "affirmation"}],
    ["T-2/answered", "2026-01-06T09:00:00Z", "work.answered", "T-2", {"conversation": "T-2", "kind": "answer"}],
    ["T-3/answered", "2026-01-07T09:00:00Z", "work.answered", "T-3", {"conversation": "T-3", "kind": "answer"}],
    ["T-4/asked", "2026-01-08T09:00:00Z", "work.asked", "T-4", {"conversation": "T-4", "kind": "question"}]
]"#;

/// The book with events of `acme` and `globex`.
pub async fn with_works() -> Server {
    works_in(Server::new()).await
}

/// The same in a server of one's own.
pub async fn works_in(server: Server) -> Server {
    for customer in ["acme", "globex"] {
        let events: Vec<serde_json::Value> = serde_json::from_str(WORKS).unwrap();
        let events: Vec<serde_json::Value> = events
            .iter()
            .map(|own| {
                serde_json::json!({
                    "specversion": "1.0", "source": "desk", "subject": customer,
                    "id": own[0], "time": own[1], "workid": own[3], "data": own[4],
                    "type": format!("piecework.{}.v1", own[2].as_str().unwrap()),
                })
            })
            .collect();
        let body = serde_json::to_string(&events).unwrap();
        let answer = server.events(&[JSON], body).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    server.pass(3_600);
    server
}

/// The same, where `acme` and `globex` signed, `T-3` is disputed and January is stated.
pub async fn issued() -> Server {
    let server = with_works().await;
    for customer in ["acme", "globex"] {
        sign(&server, customer).await;
        let body =
            r#"{"work":"T-3","reason":"wrote again","source":"desk","at":"2026-01-20T09:00:00Z"}"#;
        let disputed = post(&server, Role::Operator, &of(customer, "disputes"), body).await;
        assert_eq!(disputed.status, 201, "{}", disputed.text);
        issue(&server, customer, "1").await;
    }
    server
}

pub async fn sign(server: &Server, customer: &str) -> Answer {
    let body = r#"{"from":"2026-01-01","by":"procurement"}"#;
    let signed = post(server, Role::Finance, &of(customer, "contracts"), body).await;
    assert_eq!(signed.status, 201, "{}", signed.text);
    signed
}

pub async fn issue(server: &Server, customer: &str, key: &str) -> Answer {
    let headers = [JSON, ("idempotency-key", key)];
    let path = of(customer, "statements");
    let body = r#"{"period":"2026-01","by":"finance-lead"}"#;
    server
        .ask(Role::Finance, ("POST", &path), &headers, body)
        .await
}

/// A path below a customer.
pub fn of(customer: &str, below: &str) -> String {
    format!("/v1/customers/{customer}/{below}")
}

pub async fn get(server: &Server, role: Role, path: &str) -> Answer {
    server.ask(role, ("GET", path), &[], "").await
}

pub async fn post(server: &Server, role: Role, path: &str, body: &str) -> Answer {
    let body = body.to_owned();
    server.ask(role, ("POST", path), &[JSON], body).await
}
