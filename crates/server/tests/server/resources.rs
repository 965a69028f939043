//! What people read: well, wrong, and the same numbers as the book's own.

use book::margins::{Costs, Scope};
use book::statements::Previewed;
use piecework_server::access::Role;
use pricing::margin::Dimension;
use serde_json::{Value, json};

use crate::desk::{self, get, of, post};
use crate::support::{Answer, Server};

/// The rows of every page of a listing, each page of so many.
async fn all_pages(server: &Server, path: &str, member: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let sign = if path.contains('?') { '&' } else { '?' };
    let mut next = Some(format!("{path}{sign}limit={limit}"));
    while let Some(path) = next {
        let page = get(server, Role::Finance, &path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let json = page.json();
        rows.extend(json[member].as_array().unwrap().iter().cloned());
        let link = page.headers.get("link");
        next = link.map(|link| {
            let link = link.to_str().unwrap();
            let cursor = json["next_cursor"].as_str().unwrap();
            assert!(
                link.ends_with("rel=\"next\"") && link.contains(cursor),
                "{link}"
            );
            link[1..link.find('>').unwrap()].to_owned()
        });
        assert_eq!(next.is_some(), json.get("next_cursor").is_some());
    }
    rows
}

fn refused(answer: &Answer, status: u16, code: &str, pointer: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (status, code),
        "{}",
        answer.text
    );
    if !pointer.is_empty() {
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            pointer,
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn customers_are_listed_and_told() {
    let server = desk::issued().await;
    let rows = all_pages(&server, "/v1/customers", "customers", 1).await;
    let names: Vec<&str> = rows
        .iter()
        .map(|own| own["customer"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["acme", "globex"]);
    assert_eq!(rows[0]["seller_entries"], 1);
    let answer = get(&server, Role::Auditor, "/v1/customers/acme").await;
    let one = answer.json();
    assert_eq!(
        one["contracts"],
        json!([{"contract": "acme-2026", "is_draft": false}])
    );
    assert_eq!(one["first"], "2026-01-05T09:00:00Z");
    assert_eq!(one["problems"], json!([]));
    let tag = answer.headers["etag"].to_str().unwrap();
    let same = [("if-none-match", tag)];
    let same = server
        .ask(Role::Auditor, ("GET", "/v1/customers/acme"), &same, "")
        .await;
    assert_eq!(same.status, 304);
    for path in [
        "",
        "/contracts",
        "/works",
        "/statements",
        "/statements/preview",
        "/credits",
        "/payments",
        "/disputes",
    ] {
        let nobody = get(
            &server,
            Role::Finance,
            &format!("/v1/customers/nobody{path}"),
        )
        .await;
        refused(&nobody, 404, "not-found", "");
        assert!(!nobody.text.contains("globex"), "{}", nobody.text);
    }
    let wrong = get(&server, Role::Finance, "/v1/customers?limit=0").await;
    refused(&wrong, 400, "bad-request", "?limit");
    let wrong = get(&server, Role::Finance, "/v1/customers?cursor=x").await;
    refused(&wrong, 400, "bad-request", "?cursor");
}

#[tokio::test]
async fn works_are_found_by_what_became_of_them() {
    let server = desk::issued().await;
    let all = all_pages(&server, &of("acme", "works"), "works", 1).await;
    assert_eq!(all.len(), 4);
    for (query, works) in [
        ("?state=counted", vec!["T-1", "T-2", "T-3"]),
        ("?class=confirmed", vec!["T-1"]),
        ("?state=pending", vec!["T-4"]),
        ("?disputed=true", vec!["T-3"]),
        ("?disputed=false&state=counted", vec!["T-1", "T-2"]),
        (
            "?from=2026-01-06T09:00:00Z&until=2026-01-07T09:00:00Z",
            vec!["T-2"],
        ),
        ("?unit=support.resolved_conversation&work=T-2", vec!["T-2"]),
        ("?unit=another", vec![]),
        ("?work=none", vec![]),
    ] {
        let rows = all_pages(&server, &of("acme", &format!("works{query}")), "works", 2).await;
        let mut found: Vec<&str> = rows
            .iter()
            .map(|own| own["work"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, works, "{query}");
    }
    let pending = all.iter().find(|own| own["work"] == "T-4").unwrap();
    assert_eq!(pending["next"]["state"], "not_counted");
    assert_eq!(pending["next"]["reason"], "abandoned");
    for (query, pointer) in [
        ("?state=done", "?state"),
        ("?limit=501", "?limit"),
        ("?from=x", ""),
    ] {
        let wrong = get(
            &server,
            Role::Finance,
            &of("acme", &format!("works{query}")),
        )
        .await;
        refused(&wrong, 400, "bad-request", pointer);
    }
    let page = get(&server, Role::Finance, &of("acme", "works?limit=1"))
        .await
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = of(
        "acme",
        &format!("works?limit=1&state=counted&cursor={cursor}"),
    );
    refused(
        &get(&server, Role::Finance, &other).await,
        400,
        "bad-request",
        "?cursor",
    );
}

#[tokio::test]
async fn a_work_is_told_with_facts_money_and_who_decided() {
    let server = desk::issued().await;
    let told = get(&server, Role::Finance, &of("acme", "works/T-1"))
        .await
        .json();
    let unit = &told["units"][0];
    assert_eq!(
        (&unit["state"], &unit["class"]),
        (&json!("counted"), &json!("confirmed"))
    );
    assert_eq!(unit["decided_by"], "seller");
    assert_eq!(unit["facts"].as_array().unwrap().len(), 3);
    assert_eq!(unit["movements"][0]["quantity"], "1");
    assert_eq!(
        unit["owed"][0]["amount"],
        json!({"amount": "0.99", "currency": "USD"})
    );
    assert_eq!(
        unit["costs"]["cost"],
        json!({"amount": "0.12", "currency": "USD"})
    );
    assert_eq!(
        unit["costs"]["margin"],
        json!({"amount": "0.87", "currency": "USD"})
    );
    assert_eq!(unit["costs"]["entries"][0]["model"], "hidden-model");
    let disputed = get(&server, Role::Finance, &of("acme", "works/T-3"))
        .await
        .json();
    assert_eq!(disputed["units"][0]["disputes"][0]["is_open"], true);
    refused(
        &get(&server, Role::Finance, &of("acme", "works/none")).await,
        404,
        "not-found",
        "",
    );
}

#[tokio::test]
async fn statements_are_the_books_own() {
    let server = desk::issued().await;
    let book = server.app.book();
    let asked = Previewed {
        customer: Some("acme"),
        contract: None,
        period: Some("2026-01"),
        now: server.app.now(),
    };
    let own = serde_json::to_value(&book.preview(&asked).unwrap()[0].statement).unwrap();
    let preview = get(
        &server,
        Role::Finance,
        &of("acme", "statements/preview?period=2026-01"),
    )
    .await;
    assert_eq!(preview.json()["previews"][0]["statement"], own);
    let issued = get(&server, Role::Finance, &of("acme", "statements/acme-0001")).await;
    assert_eq!(issued.json(), own);
    // Two of 0.99: T-3 is disputed, T-4 pending.
    assert_eq!(own["total"], json!({"amount": "1.98", "currency": "USD"}));
    let row = &all_pages(&server, &of("acme", "statements"), "statements", 1).await[0];
    assert_eq!(
        (&row["total"], &row["state"]),
        (&own["total"], &json!("open"))
    );
    let line = own["surfaces"][0]["lines"][0]["component"]
        .as_str()
        .unwrap();
    let line = get(
        &server,
        Role::Finance,
        &of("acme", &format!("statements/acme-0001/explain?line={line}")),
    )
    .await;
    assert_eq!(line.json()["surfaces"], own["surfaces"]);
    let about = get(
        &server,
        Role::Finance,
        &of("acme", "statements/acme-0001/explain?work=T-1"),
    )
    .await;
    let works = &about.json()["surfaces"][0]["lines"][0]["works"]["shown"];
    assert!(works[0]["id"].as_str().unwrap().contains("[T-1]"));
    assert_eq!(works.as_array().unwrap().len(), 1);
    for (below, status, code) in [
        ("statements/none", 404, "not-found"),
        ("statements/none/explain", 404, "not-found"),
        ("statements/acme-0001/explain?line=none", 404, "not-found"),
        ("statements/preview?period=January", 400, "bad-request"),
        ("statements/preview?period=2020-01", 404, "not-found"),
        ("statements/preview?contract=none", 404, "not-found"),
    ] {
        refused(
            &get(&server, Role::Finance, &of("acme", below)).await,
            status,
            code,
            "",
        );
    }
}

#[tokio::test]
async fn margins_are_the_books_own() {
    let server = desk::issued().await;
    let scope = Scope {
        customer: Some("acme".to_owned()),
        month: Some("2026-01-01".parse().unwrap()),
        as_of: server.app.now(),
        costs: Costs::default(),
    };
    let own = server
        .app
        .book()
        .margin(&scope, &[Dimension::Class])
        .unwrap();
    let path = "/v1/margins?customer=acme&month=2026-01&by=class";
    let answer = get(&server, Role::Finance, path).await.json();
    assert_eq!(answer, serde_json::to_value(&own).unwrap());
    assert_eq!(answer["cost"]["amount"], "0.12");
    for (query, status, pointer) in [
        ("?by=colour", 400, "?by"),
        ("?month=x", 400, "?month"),
        ("?customer=nobody", 404, ""),
    ] {
        let wrong = get(&server, Role::Finance, &format!("/v1/margins{query}")).await;
        let code = if status == 400 {
            "bad-request"
        } else {
            "not-found"
        };
        refused(&wrong, status, code, pointer);
    }
}

#[tokio::test]
async fn documents_are_shown_in_plain_english_and_checked() {
    let server = desk::issued().await;
    let listed = get(&server, Role::Auditor, "/v1/definitions").await.json();
    let row = &listed["definitions"][0];
    assert_eq!(row["id"], "support.resolved_conversation");
    assert_eq!(row["classes"], json!(["confirmed", "assumed", "handoff"]));
    for name in [&row["id"], &row["digest"]] {
        let path = format!("/v1/definitions/{}", name.as_str().unwrap());
        let one = get(&server, Role::Auditor, &path).await;
        assert!(one.headers.contains_key("etag"));
        assert!(
            one.json()["english"]
                .as_str()
                .unwrap()
                .contains("Edge cases")
        );
    }
    refused(
        &get(&server, Role::Auditor, "/v1/definitions/none").await,
        404,
        "not-found",
        "",
    );
    let plan = get(&server, Role::Auditor, "/v1/plans").await.json()["plans"][0].clone();
    assert_eq!(plan["currency"], "USD");

    let check = |path: &'static str, body: Value| {
        let (server, body) = (&server, body.to_string());
        async move { post(server, Role::Finance, path, &body).await }
    };
    let text = get(
        &server,
        Role::Auditor,
        "/v1/definitions/support.resolved_conversation",
    )
    .await;
    let text = text.json()["text"].as_str().unwrap().to_owned();
    let well = check("/v1/definitions/check", json!({"text": text})).await;
    assert_eq!(well.json()["digest"], row["digest"]);
    let faulty = check(
        "/v1/definitions/check",
        json!({"text": text.replace("question =", "qestion =")}),
    )
    .await;
    refused(&faulty, 422, "faulty-document", "/text");
    let faults = faulty.json()["errors"].as_array().unwrap().clone();
    let is_misspelt = |own: &&Value| own["detail"].as_str().unwrap().contains("qestion");
    let fault = faults.iter().find(is_misspelt).unwrap();
    assert_eq!(fault["hint"], "did you mean `question`?");
    let line = text
        .lines()
        .position(|own| own.starts_with("question"))
        .unwrap()
        + 1;
    assert_eq!(fault["line"], line, "{}", faulty.text);
    assert!(fault["column"].is_u64());

    let plan = plan["text"].as_str().unwrap();
    let well = check("/v1/plans/check", json!({"text": plan})).await;
    assert_eq!(well.status, 200, "{}", well.text);
    let alone = check("/v1/plans/check", json!({"text": plan, "definitions": []})).await;
    refused(&alone, 422, "faulty-document", "/text");
    assert!(
        alone.text.contains("a unit is defined before it is priced"),
        "{}",
        alone.text
    );
    let beside = check(
        "/v1/plans/check",
        json!({"text": plan, "definitions": [text, "x"]}),
    )
    .await;
    refused(&beside, 422, "faulty-document", "/definitions/1");
    refused(
        &check("/v1/plans/check", json!({"txt": ""})).await,
        400,
        "bad-request",
        "",
    );
}
