//! What people do: once well, once refused, once more under the same key.

use piecework_server::access::Role;
use piecework_server::limits::KEY_LABEL_BYTES_MAX;
use serde_json::json;

use crate::desk::{self, JSON, get, of, post};
use crate::support::{Answer, Server};

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

/// The same request twice under one key: answered alike, done once.
async fn twice(server: &Server, path: &str, body: &str) -> Answer {
    let headers = [JSON, ("idempotency-key", "twice")];
    let first = server
        .ask(Role::Finance, ("POST", path), &headers, body.to_owned())
        .await;
    let size = server
        .app
        .store()
        .head("acme", work::LogKind::Shared)
        .unwrap();
    let again = server
        .ask(Role::Finance, ("POST", path), &headers, body.to_owned())
        .await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(
        server
            .app
            .store()
            .head("acme", work::LogKind::Shared)
            .unwrap(),
        size
    );
    first
}

#[tokio::test]
async fn a_contract_is_signed_amended_and_ended() {
    let server = desk::with_works().await;
    let draft = get(&server, Role::Finance, &of("acme", "contracts"))
        .await
        .json();
    assert_eq!(draft["contracts"][0]["is_draft"], true);
    let path = of("acme", "contracts");
    for (body, code, status, pointer) in [
        (
            r#"{"from":"soon","by":"procurement"}"#,
            "bad-request",
            400,
            "/from",
        ),
        (
            r#"{"from":"2026-01-01","by":" "}"#,
            "bad-request",
            400,
            "/by",
        ),
        (r#"{"from":"2026-01-01"}"#, "bad-request", 400, ""),
        (
            r#"{"from":"2026-01-01","by":"p","document":"id = 1"}"#,
            "faulty-document",
            422,
            "/document",
        ),
    ] {
        refused(
            &post(&server, Role::Finance, &path, body).await,
            status,
            code,
            pointer,
        );
    }
    let signed = twice(
        &server,
        &path,
        r#"{"from":"2026-01-01","by":"procurement"}"#,
    )
    .await;
    assert_eq!(signed.status, 201, "{}", signed.text);
    let contract = signed.json();
    assert_eq!(
        (&contract["contract"], &contract["is_draft"]),
        (&json!("acme-2026"), &json!(false))
    );
    let again = post(
        &server,
        Role::Finance,
        &path,
        r#"{"from":"2026-01-01","by":"procurement"}"#,
    )
    .await;
    refused(&again, 409, "refused", "");

    let one = of("acme", "contracts/acme-2026");
    let shown = get(&server, Role::Finance, &one).await;
    assert_eq!(shown.json(), contract);
    let tag = signed.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(shown.headers["etag"], tag.as_str());
    let amend = format!("{one}/amend");
    let text = contract["versions"][0]["text"].as_str().unwrap();
    let body =
        json!({"from": "2026-03-01", "by": "procurement", "document": format!("{text}# again\n")});
    let body = body.to_string();
    let unnamed = post(&server, Role::Finance, &amend, &body).await;
    refused(&unnamed, 428, "precondition-required", "");
    let stale = [JSON, ("if-match", "\"0\"")];
    let stale = server
        .ask(Role::Finance, ("POST", &amend), &stale, body.clone())
        .await;
    refused(&stale, 412, "precondition-failed", "");
    let named = [JSON, ("if-match", tag.as_str())];
    let amended = server
        .ask(Role::Finance, ("POST", &amend), &named, body.clone())
        .await;
    assert_eq!(amended.status, 201, "{}", amended.text);
    assert_eq!(amended.json()["versions"].as_array().unwrap().len(), 2);
    let late = server
        .ask(Role::Finance, ("POST", &amend), &named, body)
        .await;
    refused(&late, 412, "precondition-failed", "");

    let tag = amended.headers["etag"].to_str().unwrap();
    let named = [JSON, ("if-match", tag)];
    let end = format!("{one}/end");
    let body = r#"{"at":"2026-06-01","by":"procurement"}"#;
    refused(
        &post(&server, Role::Finance, &end, body).await,
        428,
        "precondition-required",
        "",
    );
    let ended = server
        .ask(Role::Finance, ("POST", &end), &named, body)
        .await;
    assert_eq!(ended.status, 201, "{}", ended.text);
    assert_eq!(ended.json()["ends"], "2026-06-01T00:00:00Z");
}

#[tokio::test]
async fn a_statement_is_issued_once_paid_and_voided() {
    let server = desk::with_works().await;
    let path = of("acme", "statements");
    let body = r#"{"period":"2026-01","by":"finance-lead"}"#;
    refused(
        &post(&server, Role::Finance, &path, body).await,
        400,
        "bad-request",
        "",
    );
    refused(
        &desk::issue(&server, "acme", "draft").await,
        409,
        "refused",
        "",
    );
    desk::sign(&server, "acme").await;
    let future = [JSON, ("idempotency-key", "future")];
    let future = server
        .ask(
            Role::Finance,
            ("POST", &path),
            &future,
            body.replace("-01", "-02"),
        )
        .await;
    refused(&future, 409, "refused", "");
    let issued = twice(&server, &path, body).await;
    assert_eq!(issued.status, 201, "{}", issued.text);
    assert_eq!(issued.json()["number"], "acme-0001");
    assert_eq!(issued.json()["total"]["amount"], "2.97");
    refused(
        &desk::issue(&server, "acme", "globex").await,
        409,
        "refused",
        "",
    );

    let payments = of("acme", "payments");
    let paid = r#"{"statement":"acme-0001","amount":{"amount":"1.00","currency":"USD"},"at":"2026-01-31","reference":"B-1"}"#;
    for (body, status, pointer) in [
        (paid.replace("1.00", "0.00"), 400, "/amount"),
        (paid.replace("1.00", "1,00"), 400, "/amount"),
        (paid.replace("2026-01-31", "soon"), 400, "/at"),
        (paid.replace("acme-0001", "acme-0009"), 404, ""),
    ] {
        let wrong = post(&server, Role::Finance, &payments, &body).await;
        assert_eq!(wrong.status, status, "{}", wrong.text);
        if !pointer.is_empty() {
            assert_eq!(wrong.json()["errors"][0]["pointer"], pointer);
        }
    }
    let first = twice(&server, &payments, paid).await;
    assert_eq!(
        (
            first.status.as_u16(),
            &first.json()["statements"][0]["open"]["amount"]
        ),
        (201, &json!("1.97"))
    );
    let known = post(&server, Role::Finance, &payments, paid).await;
    assert_eq!(
        (
            known.status.as_u16(),
            &known.json()["statements"][0]["open"]["amount"]
        ),
        (200, &json!("1.97"))
    );
    let listed = get(&server, Role::Auditor, &payments).await.json();
    assert_eq!(listed["payments"][0]["reference"], "B-1");

    let void = of("globex", "statements/acme-0001/void");
    let body = r#"{"reason":"wrong plan","by":"finance-lead"}"#;
    refused(
        &post(&server, Role::Finance, &void, body).await,
        404,
        "not-found",
        "",
    );
    let void = of("acme", "statements/acme-0001/void");
    refused(
        &post(&server, Role::Finance, &void, r#"{"reason":"","by":"f"}"#).await,
        400,
        "bad-request",
        "/reason",
    );
    refused(
        &post(&server, Role::Finance, &void, body).await,
        409,
        "refused",
        "",
    );
}

#[tokio::test]
async fn a_void_statement_says_why() {
    let server = desk::with_works().await;
    desk::sign(&server, "acme").await;
    desk::issue(&server, "acme", "1").await;
    let void = of("acme", "statements/acme-0001/void");
    let voided = twice(
        &server,
        &void,
        r#"{"reason":"wrong plan","by":"finance-lead"}"#,
    )
    .await;
    assert_eq!(
        (voided.status.as_u16(), &voided.json()["state"]),
        (201, &json!("void"))
    );
    let shown = get(&server, Role::Finance, &of("acme", "statements/acme-0001"))
        .await
        .json();
    assert_eq!(shown["status"]["void"]["reason"], "wrong plan");
    let again = desk::issue(&server, "acme", "2").await;
    assert_eq!(again.json()["number"], "acme-0002", "{}", again.text);
    let listed = get(&server, Role::Finance, &of("acme", "statements"))
        .await
        .json();
    let states: Vec<&str> = listed["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["void", "open"]);
}

#[tokio::test]
async fn a_credit_is_given_once() {
    let server = desk::with_works().await;
    let path = of("acme", "credits");
    let body =
        r#"{"amount":{"amount":"5.00","currency":"USD"},"reason":"an outage","by":"cs-lead"}"#;
    refused(
        &post(&server, Role::Finance, &path, body).await,
        409,
        "refused",
        "",
    );
    desk::sign(&server, "acme").await;
    refused(
        &post(&server, Role::Finance, &path, &body.replace("5.00", "0.00")).await,
        400,
        "bad-request",
        "/amount",
    );
    refused(
        &post(&server, Role::Finance, &path, &body.replace("USD", "EUR")).await,
        400,
        "bad-request",
        "/amount",
    );
    refused(
        &post(
            &server,
            Role::Finance,
            &path,
            &body.replace("\"5.00\"", "5.00"),
        )
        .await,
        400,
        "bad-request",
        "",
    );
    let given = twice(&server, &path, body).await;
    assert_eq!(
        (given.status.as_u16(), &given.json()["contract"]),
        (201, &json!("acme-2026"))
    );
    let listed = get(&server, Role::Auditor, &path).await.json();
    assert_eq!(listed["credits"].as_array().unwrap().len(), 1);
    assert_eq!(
        listed["credits"][0]["amount"],
        json!({"amount": "5.00", "currency": "USD"})
    );
}

#[tokio::test]
async fn a_dispute_is_raised_and_decided() {
    let server = desk::with_works().await;
    let path = of("acme", "disputes");
    let body = r#"{"work":"T-2","reason":"wrote again","source":"desk"}"#;
    let raised = post(&server, Role::Operator, &path, body).await;
    assert_eq!(
        (raised.status.as_u16(), &raised.json()["kind"]),
        (201, &json!("work.disputed"))
    );
    let open = get(&server, Role::Auditor, &of("acme", "disputes?open=true"))
        .await
        .json();
    assert_eq!(open["disputes"][0]["work"], "T-2");
    let decide = of("acme", "disputes/decide");
    let decision = r#"{"work":"T-2","verdict":"credited","source":"cs-lead"}"#;
    let wrong = post(
        &server,
        Role::Finance,
        &decide,
        &decision.replace("credited", "maybe"),
    )
    .await;
    refused(&wrong, 400, "bad-request", "/verdict");
    let own = post(
        &server,
        Role::Finance,
        &decide,
        &decision.replace("cs-lead", "piecework"),
    )
    .await;
    refused(&own, 400, "bad-request", "/source");
    let decided = twice(&server, &decide, decision).await;
    assert_eq!(decided.status, 201, "{}", decided.text);
    let open = get(&server, Role::Auditor, &of("acme", "disputes?open=true"))
        .await
        .json();
    assert_eq!(open["disputes"], json!([]));
    let all = get(&server, Role::Auditor, &path).await.json();
    assert_eq!(all["disputes"][0]["verdict"], "credited");
    let header = r#"{"work":"T-9","reason":"r","source":"desk","headers":{"colour":"red"}}"#;
    refused(
        &post(&server, Role::Operator, &path, header).await,
        400,
        "bad-request",
        "/headers/colour",
    );
    let review = r#"{"sample":"none","work":"T-2","result":"accepted","by":"quality"}"#;
    let reviews = of("acme", "reviews");
    refused(
        &post(&server, Role::Operator, &reviews, review).await,
        404,
        "not-found",
        "",
    );
    let wrong = review.replace("accepted", "fine");
    refused(
        &post(&server, Role::Operator, &reviews, &wrong).await,
        400,
        "bad-request",
        "/result",
    );
}

#[tokio::test]
async fn a_statement_is_credited_line_by_line_and_the_next_one_makes_the_note() {
    let server = desk::with_works().await;
    let by = r#"{"from":"2026-01-01","by":"procurement"}"#;
    let signed = post(&server, Role::Finance, &of("acme", "contracts"), by).await;
    assert_eq!(signed.status, 201, "{}", signed.text);
    let statements = of("acme", "statements");
    let issue = |month: &str| format!(r#"{{"period":"{month}","by":"finance"}}"#);
    let issued = twice(&server, &statements, &issue("2026-01")).await;
    let number = issued.json()["number"].as_str().unwrap().to_owned();
    let path = format!("{statements}/{number}/credit");
    for (path, body, status, code) in [
        (
            format!("{statements}/acme-0009/credit"),
            r#"{"reason":"r","by":"b"}"#,
            404,
            "not-found",
        ),
        (
            path.clone(),
            r#"{"line":"seats","reason":"r","by":"b"}"#,
            409,
            "refused",
        ),
        (
            path.clone(),
            r#"{"reason":"","by":"b"}"#,
            400,
            "bad-request",
        ),
    ] {
        refused(
            &post(&server, Role::Finance, &path, body).await,
            status,
            code,
            "",
        );
    }
    let body = r#"{"line":"resolutions","reason":"an outage","by":"finance"}"#;
    let credited = twice(&server, &path, body).await.json();
    assert_eq!(credited["charged"], issued.json()["total"]);
    let void = r#"{"reason":"r","by":"b"}"#;
    let answer = post(
        &server,
        Role::Finance,
        &format!("{statements}/{number}/void"),
        void,
    )
    .await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    server.pass(28 * 86_400 + 3_600);
    // The keys of the others are too old by then.
    let bearer = format!("Bearer {}", server.key_of(Role::Finance, "acme"));
    let february = axum::http::Request::post(&statements)
        .header("authorization", &bearer)
        .header("content-type", "application/json")
        .header("idempotency-key", "february")
        .body(axum::body::Body::from(issue("2026-02")));
    let february = server.send(february.unwrap()).await;
    assert_eq!(february.status, 201, "{}", february.text);
    let read = |path: &str| {
        let request = axum::http::Request::get(path).header("authorization", &bearer);
        server.send(request.body(axum::body::Body::empty()).unwrap())
    };
    let listed = read(&of("acme", "credit-notes")).await;
    let notes = listed.json()["credit_notes"].clone();
    assert_eq!(notes[0]["number"], "acme-C0001");
    assert_eq!(notes[0]["origin"], number.as_str());
    assert_eq!(notes[0]["amount"], credited["charged"]);
    assert_eq!(notes[0]["lines"][0]["reason"], "an outage");
    let one = read(&of("acme", "credit-notes/acme-C0001")).await;
    assert_eq!(one.json(), notes[0]);
    let none = read(&of("acme", "credit-notes/acme-C0002")).await;
    refused(&none, 404, "not-found", "");
}

#[tokio::test]
async fn keys_are_made_followed_and_taken_back() {
    let server = desk::with_works().await;
    let path = "/v1/api-keys";
    let body = r#"{"role":"buyer","customer":"acme","label":"portal","days":30}"#;
    for (body, status, code, pointer) in [
        (body.replace("buyer", "root"), 400, "bad-request", "/role"),
        (
            body.replace(r#""customer":"acme","#, ""),
            400,
            "bad-request",
            "/customer",
        ),
        (body.replace("30", "0"), 400, "bad-request", "/days"),
        (
            body.replace("portal", &"p".repeat(KEY_LABEL_BYTES_MAX + 1)),
            400,
            "bad-request",
            "/label",
        ),
        (body.replace("acme", "nobody"), 404, "not-found", ""),
        (body.replace("buyer", "finance"), 403, "forbidden", ""),
    ] {
        refused(
            &post(&server, Role::Operator, path, &body).await,
            status,
            code,
            pointer,
        );
    }
    let made = post(&server, Role::Operator, path, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (id, key) = (made.json()["id"].clone(), made.json()["key"].clone());
    let (id, key) = (id.as_str().unwrap(), key.as_str().unwrap());
    let with = |key: String| {
        let bearer = format!("Bearer {key}");
        let request = axum::http::Request::get("/v1/customers").header("authorization", bearer);
        server.send(request.body(axum::body::Body::empty()).unwrap())
    };
    assert_eq!(with(key.to_owned()).await.status, 200);
    let listed = get(&server, Role::Operator, path).await;
    assert!(listed.text.contains(id));
    assert!(!listed.text.contains(key.split('_').nth(2).unwrap()));

    let rotate = format!("{path}/{id}/rotate");
    let wrong = post(
        &server,
        Role::Operator,
        &rotate,
        r#"{"overlap_hours":100000}"#,
    )
    .await;
    refused(&wrong, 400, "bad-request", "/overlap_hours");
    let next = post(&server, Role::Operator, &rotate, r#"{"overlap_hours":1}"#).await;
    assert_eq!(
        (next.status.as_u16(), &next.json()["customer"]),
        (201, &json!("acme"))
    );
    let next_key = next.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(with(key.to_owned()).await.status, 200);
    server.pass(3_600);
    assert_eq!(with(key.to_owned()).await.status, 401);
    assert_eq!(with(next_key.clone()).await.status, 200);
    let revoke = format!("{path}/{}/revoke", next.json()["id"].as_str().unwrap());
    let revoked = post(&server, Role::Operator, &revoke, "").await;
    assert_eq!(
        (revoked.status.as_u16(), &revoked.json()["in_force"]),
        (200, &json!(false))
    );
    assert_eq!(with(next_key).await.status, 401);
    refused(
        &post(&server, Role::Operator, &revoke, "").await,
        409,
        "conflict",
        "",
    );
    let finance = server
        .key(Role::Finance)
        .split('_')
        .nth(1)
        .unwrap()
        .to_owned();
    let stronger = format!("{path}/{finance}/rotate");
    refused(
        &post(&server, Role::Operator, &stronger, r#"{"overlap_hours":1}"#).await,
        403,
        "forbidden",
        "",
    );
    refused(
        &post(&server, Role::Operator, &format!("{path}/none/revoke"), "").await,
        404,
        "not-found",
        "",
    );
}

#[tokio::test]
async fn a_key_of_one_customer_makes_keys_of_that_one() {
    let server = desk::with_works().await;
    let bearer = format!("Bearer {}", server.key_of(Role::Operator, "acme"));
    let headers = [JSON, ("authorization", bearer.as_str())];
    let body = |customer: &str| format!(r#"{{"role":"auditor","customer":{customer},"label":""}}"#);
    for customer in ["null", "\"globex\""] {
        let answer = server.post("/v1/api-keys", &headers, body(customer)).await;
        refused(&answer, 400, "bad-request", "/customer");
    }
    let made = server
        .post("/v1/api-keys", &headers, body("\"acme\""))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
}
