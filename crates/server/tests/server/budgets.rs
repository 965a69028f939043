//! May I spend: what was spent is current with the last commit, and whoever listens is told of thresholds.

use std::time::Duration;

use piecework_server::access::Role;
use piecework_server::budgets::watch;
use piecework_server::webhooks::deliver;
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::support::Server;

const PATH: &str = "/v1/customers/acme/budget";

/// The facts of one conversation that its customer confirmed: 0.99 USD.
fn resolved(number: u32) -> String {
    let fact = |kind: &str, data: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"{number}-{kind}","source":"desk","type":"piecework.work.{kind}.v1","subject":"acme","time":"2026-02-01T00:10:00Z","workid":"w{number}","data":{{"conversation":"c{number}"{data}}}}}"#
        )
    };
    let facts = [
        fact("asked", r#","kind":"question""#),
        fact("answered", r#","kind":"answer""#),
        fact("confirmed", ""),
    ];
    format!("[{}]", facts.join(","))
}

/// A server half an hour into a month.
fn server() -> Server {
    let server = Server::reaching();
    server.pass(30 * 60);
    server
}

async fn resolve(server: &Server, number: u32) {
    let headers = [("content-type", "application/json")];
    let answer = server.events(&headers, resolved(number)).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
}

async fn spending(server: &Server, query: &str) -> Value {
    let path = format!("{PATH}{query}");
    let answer = server.json(Role::Ingest, "GET", &path, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// Sets a budget over the version that is there.
async fn set(server: &Server, budget: Value) -> Value {
    let read = server.json(Role::Finance, "GET", PATH, "").await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let headers = [
        ("content-type", "application/json"),
        ("if-match", tag.as_str()),
    ];
    let answer = server
        .ask(Role::Finance, ("PUT", PATH), &headers, budget.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

#[tokio::test]
async fn what_was_spent_is_current_after_each_commit() {
    let server = server();
    let unknown = server.json(Role::Ingest, "GET", PATH, "").await;
    assert_eq!(unknown.status, 404);
    resolve(&server, 1).await;
    let first = spending(&server, "").await;
    assert_eq!(first["spent"], usd("0.99"));
    assert_eq!(first["allowed"], true);
    assert_eq!(first["budget"], Value::Null);
    assert_eq!(
        first["contracts"][0]["components"][0]["component"],
        "resolutions"
    );
    for number in 2..=5 {
        resolve(&server, number).await;
        let expected = format!("{:.2}", 0.99 * f64::from(number));
        assert_eq!(spending(&server, "").await["spent"], usd(&expected));
    }
}

#[tokio::test]
async fn a_budget_that_stops_says_no_when_it_would_be_passed() {
    let server = server();
    resolve(&server, 1).await;
    let set = set(
        &server,
        json!({"amount": usd("3.00"), "thresholds_percent": [50, 100], "stops": true}),
    )
    .await;
    assert_eq!(set["budget"]["version"], 1);
    assert_eq!(set["remaining"], usd("2.01"));
    assert_eq!(set["used_percent"], "33");
    assert_eq!(
        spending(&server, "?amount=2.01%20USD").await["allowed"],
        true
    );
    let beyond = spending(&server, "?amount=2.02%20USD").await;
    assert_eq!(beyond["allowed"], false);
    assert_eq!(
        beyond["reason"],
        "the budget of 3.00 USD is spent, and it stops"
    );
    resolve(&server, 2).await;
    assert_eq!(
        spending(&server, "").await["thresholds_reached"],
        json!([50])
    );
    resolve(&server, 3).await;
    resolve(&server, 4).await;
    let spent = spending(&server, "").await;
    assert_eq!(spent["allowed"], false);
    assert_eq!(spent["remaining"], usd("-0.96"));
    assert_eq!(spent["thresholds_reached"], json!([50, 100]));
    // The next period begins with nothing spent.
    let march = "2026-03-01T00:00:01Z".parse().unwrap();
    let next = server.app.book().spending("acme", None, march).unwrap();
    assert!(next.allowed && next.spent.unwrap().is_zero(), "{next:?}");
}

#[tokio::test]
async fn a_budget_is_set_over_the_version_that_was_read() {
    let server = server();
    resolve(&server, 1).await;
    let budget = json!({"amount": usd("3.00")}).to_string();
    let json = ("content-type", "application/json");
    let without = server
        .ask(Role::Finance, ("PUT", PATH), &[json], budget.clone())
        .await;
    assert_eq!(without.code(), "precondition-required");
    let old = server.json(Role::Finance, "GET", PATH, "").await.headers["etag"].clone();
    let old = [json, ("if-match", old.to_str().unwrap())];
    let first = server
        .ask(Role::Finance, ("PUT", PATH), &old, budget.clone())
        .await;
    assert_eq!(first.status, 200);
    let second = server.ask(Role::Finance, ("PUT", PATH), &old, budget).await;
    assert_eq!(second.code(), "precondition-failed");
    let new = first.headers["etag"].clone();
    let new = [("if-match", new.to_str().unwrap())];
    let removed = server.ask(Role::Finance, ("DELETE", PATH), &new, "").await;
    assert_eq!(removed.json()["budget"], Value::Null);
    // Taken away, and set again: a further version.
    let again = set(&server, json!({"amount": usd("4.00")})).await;
    assert_eq!(again["budget"]["version"], 3);
    let listed = server
        .json(Role::Finance, "GET", "/v1/budgets", "")
        .await
        .json();
    assert_eq!(listed["budgets"][0]["budget"]["amount"], usd("4.00"));
}

#[tokio::test]
async fn terms_that_make_no_sense_are_refused_with_their_place() {
    let server = server();
    resolve(&server, 1).await;
    let tag = server.json(Role::Finance, "GET", PATH, "").await.headers["etag"].clone();
    let headers = [
        ("content-type", "application/json"),
        ("if-match", tag.to_str().unwrap()),
    ];
    for (budget, word) in [
        (json!({"amount": usd("0.00")}), "above zero"),
        (json!({"amount": usd("-1")}), "above zero"),
        (
            json!({"amount": usd("1"), "thresholds_percent": [80, 50]}),
            "ascending",
        ),
        (
            json!({"amount": usd("1"), "thresholds_percent": [0]}),
            "from 1",
        ),
        (
            json!({"amount": usd("1"), "thresholds_percent": (1..=17).collect::<Vec<u16>>()}),
            "at most 16",
        ),
        (
            json!({"amount": usd("1"), "note": "x".repeat(501)}),
            "500 bytes",
        ),
        (json!({"amount": usd("1"), "stop": true}), "stop"),
        (json!({"amount": {"amount": "1", "currency": "ZZZ"}}), "ZZZ"),
    ] {
        let answer = server
            .ask(Role::Finance, ("PUT", PATH), &headers, budget.to_string())
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.text.contains(word), "{}", answer.text);
    }
    let other = server
        .json(Role::Ingest, "GET", &format!("{PATH}?amount=1%20EUR"), "")
        .await;
    assert_eq!(other.status, 400, "{}", other.text);
}

#[tokio::test]
async fn thresholds_are_told_once_each() {
    let server = server();
    let receiver = Receiver::new(&[]).await;
    let url = format!("http://127.0.0.1:{}/hook", receiver.port);
    let new = json!({"url": url, "types": ["budget.threshold_reached", "budget.exceeded"]});
    let made = server
        .json(Role::Operator, "POST", "/v1/webhooks", &new.to_string())
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    resolve(&server, 1).await;
    set(
        &server,
        json!({"amount": usd("2.50"), "thresholds_percent": [50, 100]}),
    )
    .await;
    let working = [
        tokio::spawn(deliver(server.app.clone())),
        tokio::spawn(watch(server.app.clone())),
    ];
    let mut told = Vec::new();
    for number in 2..=4 {
        resolve(&server, number).await;
        let expected = match number {
            2 => 1, // 1.98 of 2.50: beyond half
            3 => 3, // 2.97: all of it, and more
            _ => 3, // nothing new
        };
        for _ in 0..1_000 {
            told = receiver.got();
            if told.len() >= expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(told.len(), expected);
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(receiver.got().len(), 3);
    let mut said: Vec<String> = told
        .iter()
        .map(|got| serde_json::from_str::<Value>(&got.body).unwrap())
        .map(|body| {
            format!(
                "{} {}",
                body["type"].as_str().unwrap(),
                body["data"]["spent"]["amount"]
            )
        })
        .collect();
    said.sort();
    assert_eq!(
        said,
        [
            "budget.exceeded \"2.97\"",
            "budget.threshold_reached \"1.98\"",
            "budget.threshold_reached \"2.97\"",
        ]
    );
    server.app.drain();
    for own in working {
        own.await.unwrap();
    }
}

/// A cap of the contract is told once for its period, whatever the budget is; a soft one stops nobody.
#[tokio::test]
async fn a_cap_that_is_reached_is_told_once() {
    let server = server();
    let receiver = Receiver::new(&[]).await;
    let url = format!("http://127.0.0.1:{}/hook", receiver.port);
    let new = json!({"url": url, "types": ["cap.reached"]});
    let made = server
        .json(Role::Operator, "POST", "/v1/webhooks", &new.to_string())
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let book = server.app.book();
    let starts = "2026-02-01".parse().unwrap();
    let documents = book.documents().unwrap();
    let (text, _) = book.terms(&documents, "acme", "acme-2026", starts).unwrap();
    let text = format!("{text}\n[totals.cap]\namount = \"1.98\"\nmode = \"soft\"\n");
    let signed = json!({"from": "2026-02-01", "by": "procurement", "document": text});
    let signed = server
        .json(
            Role::Finance,
            "POST",
            "/v1/customers/acme/contracts",
            &signed.to_string(),
        )
        .await;
    assert_eq!(signed.status, 201, "{}", signed.text);
    resolve(&server, 1).await;
    let working = [
        tokio::spawn(deliver(server.app.clone())),
        tokio::spawn(watch(server.app.clone())),
    ];
    for number in 2..=3 {
        resolve(&server, number).await;
        for _ in 0..1_000 {
            if !receiver.got().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let told = receiver.got();
    assert_eq!(told.len(), 1);
    let body: Value = serde_json::from_str(&told[0].body).unwrap();
    assert_eq!(body["data"]["cap"], usd("1.98"));
    assert_eq!(body["data"]["mode"], "soft");
    let now = spending(&server, "").await;
    assert_eq!(now["allowed"], true);
    assert_eq!(now["contracts"][0]["cap"]["done"], usd("2.97"));
    server.app.drain();
    for own in working {
        own.await.unwrap();
    }
}

#[tokio::test]
async fn of_two_budgets_set_over_one_version_one_is_refused() {
    let server = server();
    resolve(&server, 1).await;
    for round in 0..8 {
        let read = server.json(Role::Finance, "GET", PATH, "").await;
        let tag = read.headers["etag"].to_str().unwrap().to_owned();
        let headers = [
            ("content-type", "application/json"),
            ("if-match", tag.as_str()),
        ];
        let put = |amount: String| {
            let budget = json!({ "amount": usd(&amount) }).to_string();
            server.ask(Role::Finance, ("PUT", PATH), &headers, budget)
        };
        let (one, other) = tokio::join!(put(format!("{round}.10")), put(format!("{round}.20")));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!(
            statuses == [200, 409] || statuses == [200, 412],
            "{} {}",
            one.text,
            other.text
        );
        let stands = if one.status == 200 { one } else { other };
        let now = spending(&server, "").await;
        assert_eq!(now["budget"], stands.json()["budget"]);
        assert_eq!(now["budget"]["version"], round + 1);
    }
}
