//! The books add up: by customer and day, against the source, and on the page of metrics.

use piecework_server::access::Role;
use serde_json::{Value, json};
use store::DefaultDocuments;

use crate::support::{Answer, Server, event};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn get(server: &Server, path: &str) -> Answer {
    server.ask(Role::Auditor, ("GET", path), &[], "").await
}

/// Two days of deliveries of two customers, some of them refused, repeated, in conflict or of nobody.
async fn two_days() -> Server {
    let server = Server::new();
    // The keys end a day after the first of February began.
    server.pass(-2 * 3_600);
    let definition = store::conformance::definition("cases", "\"work\"", "\"none\"", "72h");
    let documents = DefaultDocuments {
        definitions: vec![definition],
        ..DefaultDocuments::default()
    };
    server
        .app
        .store()
        .set_default_documents(&documents)
        .unwrap();
    let other = event("1", "opened").replace("acme", "bcme");
    let crm = event("1", "opened")
        .replace("desk", "crm")
        .replace("w1", "w2");
    let body = format!(
        "[{},{},{},{crm},{other},1]",
        event("1", "opened"),
        event("1", "confirmed"),
        event("2", "finished")
    );
    server.events(&[JSON], body).await;
    server.pass(2 * 3_600 - 1);
    server.events(&[JSON], event("1", "opened")).await;
    server.pass(1);
    server.events(&[JSON], event("1", "opened")).await;
    server
}

#[tokio::test]
async fn a_customers_deliveries_and_units_add_up_day_by_day() {
    let server = two_days().await;
    let path = "/v1/customers/acme/reconciliation?from=2026-01-05&until=2026-02-04";
    let json = get(&server, path).await.json();
    let counts = |own: &Value| {
        [
            "received",
            "accepted",
            "duplicate",
            "conflicting",
            "refused",
        ]
        .map(|name| own[name].as_u64().unwrap())
    };
    assert_eq!(counts(&json["deliveries"]), [6, 2, 2, 1, 1]);
    let days: Vec<_> = json["days"].as_array().unwrap().iter().collect();
    let names: Vec<_> = days
        .iter()
        .map(|own| own["day"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2026-01-06", "2026-01-31", "2026-02-01"]);
    assert_eq!(counts(&days[1]["deliveries"]), [5, 2, 1, 1, 1]);
    assert_eq!(counts(&days[2]["deliveries"]), [1, 0, 1, 0, 0]);
    let sources = &days[1]["sources"];
    assert_eq!(
        (&sources[0]["source"], &sources[1]["source"]),
        (&json!("crm"), &json!("desk"))
    );
    assert_eq!(counts(&sources[1]["deliveries"]), [4, 1, 1, 1, 1]);
    // Both units were opened on the same day, and given up after ten.
    let units = json!({"opened": 2, "pending": 0, "counted": 0, "reversed": 0, "not_counted": 2});
    assert_eq!(days[0]["units"], units);
    assert_eq!(json["units"], units);
    assert_eq!(
        json["entries"],
        json!({"by_day": 3, "kept": 3, "before_days_were_counted": 0, "agrees": true})
    );
    assert_eq!(
        json["waiting"]["refused_events"]["under_1_day"], 1,
        "{json}"
    );
    assert!(json["waiting"].get("unassigned_costs").is_none());
    let never = get(&server, "/v1/customers/none/reconciliation").await;
    assert_eq!(never.code(), "not-found");
}

#[tokio::test]
async fn a_customers_money_is_owed_stated_waived_or_unstated() {
    let server = crate::desk::with_works().await;
    let path = crate::desk::of("acme", "reconciliation");
    let shown = get(&server, &path).await.json();
    let money = shown["money"].as_array().unwrap();
    assert_eq!(money.len(), 1);
    assert_eq!(money[0]["agrees"], true);
    assert_eq!(money[0]["owed"], money[0]["unstated"]);
    assert_ne!(money[0]["owed"]["amount"], "0.00");
    assert_eq!(money[0]["stated"]["amount"], "0.00");
}

#[tokio::test]
async fn the_books_deliveries_add_up_customer_by_customer() {
    let server = two_days().await;
    let first = get(&server, "/v1/reconciliation?limit=2").await;
    assert!(
        first.headers["link"]
            .to_str()
            .unwrap()
            .contains("rel=\"next\"")
    );
    let first = first.json();
    let book = &first["book"];
    assert_eq!(book["deliveries"]["received"], 8);
    assert_eq!(
        book["received"],
        json!({"by_day": 8, "kept": 8, "before_days_were_counted": 0, "agrees": true})
    );
    let names = |page: &Value| {
        let rows = page["customers"].as_array().unwrap().iter();
        rows.map(|own| {
            (
                own["customer"].clone(),
                own["deliveries"]["received"].clone(),
            )
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&first),
        [(json!(null), json!(1)), (json!("acme"), json!(6))]
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = get(
        &server,
        &format!("/v1/reconciliation?limit=2&cursor={cursor}"),
    )
    .await
    .json();
    assert_eq!(names(&second), [(json!("bcme"), json!(1))]);
    assert!(second.get("book").is_none() && second.get("next_cursor").is_none());
    for (query, pointer) in [
        ("?from=2026-02-02&until=2026-02-02", "?until"),
        ("?from=2026-01-01&until=2026-02-02", "?until"),
        (&format!("?from=2026-02-01&cursor={cursor}"), "?cursor"),
    ] {
        let answer = get(&server, &format!("/v1/reconciliation{query}")).await;
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{query}");
    }
    let no_date = get(&server, "/v1/reconciliation?from=yesterday").await;
    assert_eq!(no_date.code(), "bad-request");
}

#[tokio::test]
async fn what_a_source_sent_is_held_against_what_arrived() {
    let server = two_days().await;
    let report = |role, body: Value| {
        let server = &server;
        async move {
            server
                .ask(
                    role,
                    ("POST", "/v1/source-counts"),
                    &[JSON],
                    body.to_string(),
                )
                .await
        }
    };
    let day = "2026-01-31";
    let counts = json!({"counts": [
        {"source": "desk", "day": day, "events": 3},
        {"source": "desk", "day": day, "customer": "bcme", "events": 1},
        {"source": "crm", "day": day, "events": 0},
        {"source": "crm", "day": "2026-02-01", "events": 0},
    ]});
    let reported = report(Role::Ingest, counts).await;
    assert_eq!(reported.status, 204, "{}", reported.text);
    // A buyer's key speaks of its own customer.
    let own = json!({"counts": [{"source": "desk", "day": day, "events": 1}]});
    assert_eq!(report(Role::Buyer, own).await.status, 204);
    let json = get(&server, "/v1/source-counts").await.json();
    let rows: Vec<_> = json["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            let text = |name: &str| own[name].as_str().unwrap_or("").to_owned();
            (
                text("source"),
                text("customer"),
                own["difference"].as_i64().unwrap(),
                text("verdict"),
            )
        })
        .collect();
    let row = |source: &str, customer: &str, difference, verdict: &str| {
        (
            source.to_owned(),
            customer.to_owned(),
            difference,
            verdict.to_owned(),
        )
    };
    assert_eq!(
        rows,
        [
            row("crm", "", 1, "more"),
            row("desk", "", -1, "missing"),
            row("desk", "acme", 0, "matching"),
            row("desk", "bcme", 0, "matching"),
            row("crm", "", 0, "matching"),
        ]
    );
    // What is missing was refused, and is in the queue.
    assert_eq!(json["counts"][1]["arrived"]["refused"], 1);
    // Reported again it is another count; repaired it is not missing any more.
    let again = json!({"counts": [{"source": "desk", "day": day, "events": 2}]});
    report(Role::Operator, again).await;
    let missing = get(&server, "/v1/source-counts?verdict=missing")
        .await
        .json();
    assert_eq!(missing["counts"], json!([]));
    let first = get(&server, "/v1/source-counts?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = get(
        &server,
        &format!("/v1/source-counts?limit=3&cursor={cursor}"),
    )
    .await
    .json();
    assert_eq!(second["counts"].as_array().unwrap().len(), 3);
    assert!(second.get("next_cursor").is_none());

    for (role, member, value) in [
        (Role::Ingest, "source", json!("")),
        (Role::Ingest, "day", json!("2026-02-04")),
        (Role::Ingest, "customer", json!("c".repeat(257))),
        (Role::Buyer, "customer", json!("bcme")),
        (Role::Ingest, "events", json!(u64::MAX)),
    ] {
        let mut count = json!({"source": "desk", "day": day, "events": 1});
        count[member] = value;
        let answer = report(role, json!({"counts": [count]})).await;
        assert_eq!(answer.code(), "bad-request");
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            format!("/counts/0/{member}")
        );
    }
    let many = vec![json!({"source": "desk", "day": day, "events": 1}); 1_001];
    assert_eq!(
        report(Role::Ingest, json!({"counts": many})).await.code(),
        "too-large"
    );
}

#[tokio::test]
async fn metrics_say_what_waits_for_the_book_as_a_whole() {
    let server = two_days().await;
    let counts = json!({"counts": [{"source": "desk", "day": "2026-01-31", "events": 9}]});
    let path = ("POST", "/v1/source-counts");
    server
        .ask(Role::Ingest, path, &[JSON], counts.to_string())
        .await;
    let page = get(&server, "/metrics").await.text;
    for line in [
        "piecework_deliveries_total{outcome=\"refused\"} 2",
        "piecework_refused_events_waiting{age=\"1d\"} 2",
        "piecework_refused_events_waiting{age=\"3d\"} 0",
        "piecework_units_pending{age=\"older\"} 0",
        "piecework_costs_unassigned{age=\"1d\"} 0",
        "piecework_costs_without_work{age=\"30d\"} 0",
        "piecework_source_days{verdict=\"matching\"} 0",
        "piecework_source_days{verdict=\"missing\"} 1",
    ] {
        assert!(page.lines().any(|own| own == line), "{line}\n{page}");
    }
    assert!(!page.contains("acme"), "no customer is named");
}

#[tokio::test]
async fn a_key_of_one_customer_is_told_of_its_own_source_counts() {
    let server = two_days().await;
    let day = "2026-01-31";
    let counts = json!({"counts": [
        {"source": "desk", "day": day, "events": 3},
        {"source": "desk", "day": day, "customer": "acme", "events": 2},
        {"source": "desk", "day": day, "customer": "bcme", "events": 1},
    ]});
    let path = "/v1/source-counts";
    let sent = server
        .ask(Role::Ingest, ("POST", path), &[JSON], counts.to_string())
        .await;
    assert_eq!(sent.status, 204, "{}", sent.text);
    let listed = async |key: &str, query: &str| {
        let request = axum::http::Request::get(format!("{path}?from={day}{query}"))
            .header("authorization", format!("Bearer {key}"))
            .body(axum::body::Body::empty());
        server.send(request.unwrap()).await.json()
    };
    let all = listed(server.key(Role::Auditor), "").await;
    assert_eq!(all["counts"].as_array().unwrap().len(), 3);
    let own = listed(&server.key_of(Role::Auditor, "bcme"), "&limit=1").await;
    let rows = own["counts"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{own}");
    assert_eq!(rows[0]["customer"], "bcme");
    assert!(own["next_cursor"].is_null(), "{own}");
}
