//! Costs of nobody: listed, and assigned.

use piecework_server::access::Role;
use piecework_server::limits::ASSIGNED_MAX;
use serde_json::{Value, json};

use crate::support::{Answer, Server, event};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn server() -> Server {
    let server = Server::new();
    let mut events: Vec<String> = (1..=5)
        .map(|number| {
            format!(
                r#"{{"specversion":"1.0","id":"k{number}","source":"gateway","type":"piecework.cost.recorded.v1","subject":"_unassigned",
                "time":"2026-01-06T09:00:00Z","data":{{"line":"model","model":"gpt-4o-mini","provider":"openai","tokens":{{"input":"{number}"}}}}}}"#
            )
        })
        .collect();
    events.push(event("1", "opened"));
    let answer = server
        .events(&[JSON], format!("[{}]", events.join(",")))
        .await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    server
}

async fn assign(server: &Server, body: &Value) -> Answer {
    let to = ("POST", "/v1/costs/assign");
    server
        .ask(Role::Finance, to, &[JSON], body.to_string())
        .await
}

#[tokio::test]
async fn costs_of_nobody_are_listed_in_pages() {
    let server = server().await;
    let mut ids = Vec::new();
    let mut path = "/v1/costs/unassigned?limit=2".to_owned();
    loop {
        let page = server
            .ask(Role::Auditor, ("GET", &path), &[], "")
            .await
            .json();
        let costs = page["costs"].as_array().unwrap().clone();
        assert_eq!(
            costs[0]["tokens"],
            json!({"input": costs[0]["id"].as_str().unwrap()[1..]})
        );
        ids.extend(
            costs
                .into_iter()
                .map(|own| own["id"].as_str().unwrap().to_owned()),
        );
        match page.get("next_cursor") {
            Some(next) => {
                path = format!(
                    "/v1/costs/unassigned?limit=2&cursor={}",
                    next.as_str().unwrap()
                );
            }
            None => break,
        }
    }
    assert_eq!(ids, ["k1", "k2", "k3", "k4", "k5"]);
    for query in ["limit=0", "limit=501", "limit=x", "cursor=x", "other=1"] {
        let path = format!("/v1/costs/unassigned?{query}");
        let answer = server.ask(Role::Auditor, ("GET", &path), &[], "").await;
        assert_eq!(answer.code(), "bad-request", "{query}");
    }
}

#[tokio::test]
async fn a_cost_is_assigned_once_and_nothing_is_rewritten() {
    let server = server().await;
    let named = |ids: &[&str]| -> Vec<Value> {
        let named = ids.iter().map(|id| json!({"source": "gateway", "id": id}));
        named.collect()
    };
    let body = json!({"costs": named(&["k1", "k9"]), "customer": "acme", "work": "w1"});
    let answer = assign(&server, &body).await.json();
    assert_eq!(answer["costs"][0]["outcome"], "assigned", "{answer}");
    assert_eq!(answer["costs"][1]["outcome"], "refused");
    let again = assign(&server, &body).await.json();
    assert_eq!(again["costs"][0]["outcome"], "unchanged");
    assert_eq!(server.costs("_unassigned").len(), 4);
    let own = server.costs("acme");
    assert!(
        own.len() == 1 && own[0].contains(r#""workid":"w1""#),
        "{own:?}"
    );
    // Both logs have every word that was ever said.
    let store = server.app.store();
    let sizes = ["_unassigned", "acme"].map(|own| store.head(own, work::LogKind::Seller).unwrap());
    assert_eq!(sizes, [6, 1]);

    let unknown = json!({"costs": named(&["k2"]), "customer": "nobody-knows"});
    let answer = assign(&server, &unknown).await.json();
    let detail = answer["costs"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("name a customer"), "{detail}");
    for costs in [vec![], vec![named(&["k1"])[0].clone(); ASSIGNED_MAX + 1]] {
        let body = json!({"costs": costs, "customer": "acme"});
        assert_eq!(assign(&server, &body).await.code(), "bad-request");
    }
    assert_eq!(
        assign(&server, &json!({"costs": 1})).await.code(),
        "bad-request"
    );
}
