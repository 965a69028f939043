//! The month-end over HTTP: the statement run, four eyes, the close; and who may ask.

use piecework_server::access::Role;
use serde_json::{Value, json};

use crate::desk::{self, JSON, get, of, post};
use crate::support::Server;

async fn ended(server: &Server, place: &str) -> Value {
    loop {
        let report = get(server, Role::Finance, place).await.json();
        if report["run"]["state"] != "running" {
            return report;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn count(report: &Value, state: &str) -> u64 {
    let counts = report["counts"].as_array().unwrap();
    let own = counts.iter().find(|own| own["state"] == state).unwrap();
    own["contracts"].as_u64().unwrap()
}

#[tokio::test]
async fn a_run_is_begun_asked_after_listed_and_gone_on_with() {
    let server = desk::with_works().await;
    desk::sign(&server, "acme").await;
    let body = r#"{"cut":"2026-02-01","by":"finance-lead"}"#;
    let begun = post(&server, Role::Finance, "/v1/statement-runs", body).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    let report = ended(&server, &place).await;
    assert_eq!(report["run"]["state"], "ended", "{report:#}");
    assert_eq!(
        (count(&report, "issued"), count(&report, "refused")),
        (1, 1)
    );
    let rows = get(
        &server,
        Role::Finance,
        &format!("{place}/rows?state=refused"),
    )
    .await;
    let rows = rows.json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1);
    assert_eq!(rows["rows"][0]["customer"], "globex");
    // Page by page they are all there.
    let first = get(&server, Role::Finance, &format!("{place}/rows?limit=1"))
        .await
        .json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("{place}/rows?limit=1&cursor={cursor}");
    let next = get(&server, Role::Finance, &next).await.json();
    assert_eq!(next["rows"][0]["customer"], "globex");
    let wrong = get(&server, Role::Finance, &format!("{place}/rows?state=lost")).await;
    assert_eq!(wrong.code(), "bad-request");
    desk::sign(&server, "globex").await;
    let resumed = post(&server, Role::Finance, &format!("{place}/resume"), "").await;
    assert_eq!(resumed.status, 202, "{}", resumed.text);
    let report = ended(&server, &place).await;
    assert_eq!(
        (count(&report, "issued"), count(&report, "refused")),
        (2, 0)
    );
    let listed = get(&server, Role::Auditor, "/v1/statement-runs")
        .await
        .json();
    assert_eq!(listed["runs"][0]["name"], report["run"]["name"]);
    for customer in ["acme", "globex"] {
        let statements = get(&server, Role::Finance, &of(customer, "statements"))
            .await
            .json();
        assert_eq!(statements["statements"].as_array().unwrap().len(), 1);
    }
    let absent = get(&server, Role::Finance, "/v1/statement-runs/none").await;
    assert_eq!(absent.status, 404);
}

#[tokio::test]
async fn what_cannot_be_run_is_refused() {
    let server = desk::with_works().await;
    for (body, status, pointer) in [
        (r#"{"cut":"soon","by":"finance"}"#, 400, "/cut"),
        (r#"{"cut":"2026-02-01","by":" "}"#, 400, "/by"),
        (
            r#"{"cut":"2026-02-01","by":"f","customers":["nobody"]}"#,
            404,
            "",
        ),
        (r#"{"cut":"2026-02-01","by":"f","more":1}"#, 400, ""),
    ] {
        let answer = post(&server, Role::Finance, "/v1/statement-runs", body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
        if !pointer.is_empty() {
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
        }
    }
}

#[tokio::test]
async fn above_a_limit_another_key_approves() {
    let server = Server::limiting(json!({ "credit": "1 USD" }));
    let server = desk::works_in(server).await;
    desk::sign(&server, "acme").await;
    let gift =
        r#"{"amount":{"amount":"5.00","currency":"USD"},"reason":"an outage","by":"cs-lead"}"#;
    let path = of("acme", "credits");
    let waits = post(&server, Role::Finance, &path, gift).await;
    assert_eq!(
        (waits.status.as_u16(), waits.code().as_str()),
        (409, "proposed"),
        "{}",
        waits.text
    );
    let listed = get(&server, Role::Auditor, "/v1/approvals").await.json();
    let proposal = listed["proposals"][0]["proposal"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(waits.text.contains(&proposal));
    let own = of("acme", &format!("approvals/{proposal}"));
    assert_eq!(
        get(&server, Role::Auditor, &own).await.json()["state"],
        "open"
    );
    // The same key under another name is the same person.
    let approve = format!("{own}/approve");
    let same = post(&server, Role::Finance, &approve, r#"{"by":"cfo"}"#).await;
    assert_eq!(same.code(), "refused", "{}", same.text);
    let other = format!("Bearer {}", server.further_key(98, Role::Finance, None));
    let headers = [JSON, ("authorization", other.as_str())];
    let answer = server.post(&approve, &headers, r#"{"by":"cfo"}"#).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json()["proposal"]["state"], "approved");
    let credits = get(&server, Role::Finance, &path).await.json();
    assert_eq!(credits["credits"][0]["by"], "cs-lead");
    let changes = "/v1/changes?from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z";
    let report = get(&server, Role::Auditor, changes).await.json();
    let gave = report["changes"].as_array().unwrap().iter();
    let gave: Vec<&Value> = gave.filter(|own| own["approved_by"] == "cfo").collect();
    assert_eq!(gave.len(), 1);
    let csv = get(&server, Role::Auditor, &format!("{changes}&format=csv")).await;
    assert!(
        csv.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    assert!(csv.text.starts_with("time,customer,what"));
    // The buyer sees nothing of it.
    let buyer = get(&server, Role::Buyer, "/v1/approvals").await;
    assert_eq!(buyer.status, 403);
}

#[tokio::test]
async fn a_month_is_checked_and_closed() {
    let server = desk::issued().await;
    let path = "/v1/closes/2026-01";
    let early = post(
        &server,
        Role::Finance,
        path,
        r#"{"by":"cfo","reason":"in a hurry"}"#,
    )
    .await;
    assert_eq!(early.code(), "bad-request", "{}", early.text);
    server.pass(43_200);
    let checklist = get(&server, Role::Auditor, path).await.json();
    let rows = checklist["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|own| own["check"] == "statements")
        .unwrap();
    // The statement of the other customer was asked for under a key that was used.
    assert_eq!(row["details"], json!(["globex globex-2026: not issued"]));
    let without = post(&server, Role::Finance, path, r#"{"by":"cfo"}"#).await;
    assert_eq!(without.code(), "refused", "{}", without.text);
    let body = r#"{"by":"cfo","reason":"globex is stated in February"}"#;
    let closed = post(&server, Role::Finance, path, body).await;
    assert_eq!(closed.status, 201, "{}", closed.text);
    assert_eq!(closed.json()["closed"][0]["by"], "cfo");
    let again = post(&server, Role::Finance, path, body).await;
    assert_eq!(again.status, 200, "{}", again.text);
    let wrong = get(&server, Role::Auditor, "/v1/closes/January").await;
    assert_eq!(wrong.code(), "bad-request");
}

/// Money that goes back waits like money that is given, and so does what is not asked for any more.
#[tokio::test]
async fn a_refund_and_a_write_off_above_their_limits_wait_for_another_key() {
    let server = Server::limiting(json!({ "refund": "1 USD", "write_off": "0.10 USD" }));
    let server = desk::works_in(server).await;
    desk::sign(&server, "acme").await;
    let paid = r#"{"amount":{"amount":"5.00","currency":"USD"},"reference":"wire-1"}"#;
    let paid = post(&server, Role::Finance, &of("acme", "payments"), paid).await;
    assert_eq!(paid.status, 201, "{}", paid.text);
    let other = format!("Bearer {}", server.further_key(98, Role::Finance, None));
    let headers = [JSON, ("authorization", other.as_str())];
    for (path, body) in [
        (
            "payments/refund",
            r#"{"payment":"payment/wire-1","amount":{"amount":"3.00","currency":"USD"},"reference":"back-1","reason":"paid twice","by":"ar"}"#,
        ),
        (
            "write-offs",
            r#"{"payment":"payment/wire-1","amount":{"amount":"2.00","currency":"USD"},"reason":"nobody claims it","by":"ar"}"#,
        ),
    ] {
        let path = of("acme", path);
        let waits = post(&server, Role::Finance, &path, body).await;
        assert_eq!(waits.code(), "proposed", "{path}: {}", waits.text);
        // Asked for again, it is the same that waits.
        let again = post(&server, Role::Finance, &path, body).await;
        assert_eq!(again.code(), "proposed", "{path}: {}", again.text);
        let listed = get(&server, Role::Finance, "/v1/approvals").await.json();
        let waiting = listed["proposals"].as_array().unwrap();
        assert_eq!(waiting.len(), 1, "{listed}");
        let proposal = waiting[0]["proposal"].as_str().unwrap();
        let approve = of("acme", &format!("approvals/{proposal}/approve"));
        let same = post(&server, Role::Finance, &approve, r#"{"by":"cfo"}"#).await;
        assert_eq!(same.code(), "refused", "{}", same.text);
        let done = server.post(&approve, &headers, r#"{"by":"cfo"}"#).await;
        assert_eq!(done.status, 201, "{}", done.text);
    }
    let payments = get(&server, Role::Finance, &of("acme", "payments")).await;
    let own = &payments.json()["payments"][0];
    assert_eq!(own["refunded"]["amount"], "3.00", "{own}");
    assert_eq!(own["on_account"]["amount"], "0.00", "{own}");
}
