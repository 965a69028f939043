//! The screens of what was billed and what it cost.

use piecework_server::access::Role;
use serde_json::{Value, json};

use crate::sold::sold;
use crate::support::{Answer, Server};

/// A name that would be a script, and turn its neighbours around.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}";

async fn look(server: &Server, role: Role, path: &str) -> Answer {
    server.ask(role, ("GET", path), &[], "").await
}

/// A page that says all of it.
async fn says(server: &Server, path: &str, words: &[&str]) -> String {
    let answer = look(server, Role::Auditor, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    for word in words {
        assert!(
            answer.text.contains(word),
            "{path}: {word}: {}",
            answer.text
        );
    }
    answer.text
}

/// A page that there is not: said to a person, and never as markup of what was asked for.
async fn is_absent(server: &Server, path: &str) {
    let answer = look(server, Role::Finance, path).await;
    assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    assert!(answer.text.starts_with("<!DOCTYPE html>"), "{path}");
    assert!(!answer.text.contains("<script"), "{path}: {}", answer.text);
    assert!(!answer.text.contains('\u{202e}'), "{path}");
}

#[tokio::test]
async fn the_margin_is_of_everybody_or_of_one_customer_and_of_a_month() {
    let server = sold();
    let all = "From price to margin";
    let text = says(
        &server,
        "/margin",
        &[all, "All customers", "By <bdi>customer"],
    )
    .await;
    assert!(text.contains("aria-current=\"page\">Margin"), "{text}");
    let one = "/margin?customer=acme&month=2026-01";
    says(
        &server,
        one,
        &[all, "January 2026", "By <bdi>class", "By <bdi>model"],
    )
    .await;
    says(&server, "/margin?customer=&month=", &["All customers"]).await;
    let none = says(&server, "/margin?month=2025-01", &["No costs are recorded"]).await;
    assert!(none.contains("unknown"), "{none}");
}

/// What is paid at once stands above the statements that it is for, and leads to the document that is sent.
#[tokio::test]
async fn d16_a_cover_stands_above_its_statements_and_leads_to_its_document() {
    let server = sold();
    let act = async |path: &str, body: Value| {
        let path = format!("/v1/customers/acme{path}");
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", path.as_str()),
        ];
        let asked = ("POST", path.as_str());
        let answer = server
            .ask(Role::Finance, asked, &headers, body.to_string())
            .await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    };
    let choice = json!({"per": "customer", "from": "2026-01-31", "by": "procurement"});
    act("/cover-choices", choice).await;
    let wrong = json!({"reason": "wrong address", "by": "finance"});
    act("/statements/acme-0001/void", wrong).await;
    // The log of this book has the plan before the definition.
    let waiver = json!({"customer": "acme", "check": "order", "reason": "written on one day", "until": "2026-12-31", "by": "cfo"});
    let asked = ("POST", "/v1/checks/waive");
    let json = [("content-type", "application/json")];
    let waived = server
        .ask(Role::Finance, asked, &json, waiver.to_string())
        .await;
    assert_eq!(waived.status, 201, "{}", waived.text);
    let issue = json!({"period": "2026-01", "by": "finance"});
    act("/statements", issue).await;
    let list = "/customers/acme/statements";
    let text = says(&server, list, &["acme-0002", "waits for a cover"]).await;
    assert!(!text.contains("id=\"covers\""), "{text}");
    act("/covers", json!({"by": "finance"})).await;
    let document = "href=\"/v1/customers/acme/covers/acme-A0001/document?format=html\"";
    let told = ["id=\"covers\"", document, "297.00", "paid with"];
    let text = says(&server, list, &told).await;
    assert!(!text.contains("waits for a cover"), "{text}");
    let address = "/v1/customers/acme/covers/acme-A0001/document?format=html";
    says(&server, address, &["acme-A0001", "acme-0002", "297.00"]).await;
}

#[tokio::test]
async fn a_statement_is_found_from_the_list_and_leads_to_what_proves_it() {
    let server = sold();
    let address = "/customers/acme/statements";
    let leads_here = format!("href=\"{address}\"");
    says(&server, "/customers/acme", &[&leads_here]).await;
    let own = "href=\"/customers/acme/statements/acme-0001\"";
    says(
        &server,
        address,
        &[own, "acme-2026", ">open<", "297.00", "2026-01-31"],
    )
    .await;
    let statement = "/customers/acme/statements/acme-0001";
    let text = says(
        &server,
        statement,
        &[
            "Statement acme-0001",
            "Billing statement",
            "297.00",
            "href=\"/customers/acme/statements\"",
        ],
    )
    .await;
    let of_api = "/v1/customers/acme/statements/acme-0001";
    for what in [
        "document?format=html",
        "document?format=pdf",
        "proof",
        "proof-report",
    ] {
        assert!(
            text.contains(&format!("href=\"{of_api}/{what}\"")),
            "{what}: {text}"
        );
    }
    for what in ["document?format=html", "proof", "proof-report"] {
        let answer = server
            .ask(Role::Auditor, ("GET", &format!("{of_api}/{what}")), &[], "")
            .await;
        assert_eq!(answer.status, 200, "{what}");
    }
    let bridge = format!("{statement}/bridge");
    assert!(text.contains(&format!("href=\"{bridge}\"")), "{text}");
    says(
        &server,
        &bridge,
        &[
            "From the last statement to this one",
            "There was none before",
            "297.00",
        ],
    )
    .await;
    says(
        &server,
        "/customers/globex/statements",
        &["Nothing was stated yet"],
    )
    .await;
    for secret in crate::sold::SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_dispute_is_listed_with_the_day_by_which_it_is_decided() {
    let server = sold();
    says(&server, "/disputes", &["Name a customer"]).await;
    says(&server, "/disputes?customer=acme", &["There is none"]).await;
    let body = r#"{"work":"T-1","reason":"<script>alert(1)</script>","source":"<script>desk"}"#;
    let raised = server.json(Role::Operator, "POST", "/v1/customers/acme/disputes", body);
    let raised = raised.await;
    assert_eq!(raised.status, 201, "{}", raised.text);
    let words = [
        "T-1",
        "support.fin_outcome",
        "<strong>open</strong>",
        "&lt;script&gt;desk",
    ];
    let text = says(&server, "/disputes?customer=acme&open=true", &words).await;
    let work = "/customers/acme/works/T-1";
    assert!(text.contains(&format!("href=\"{work}\"")), "{text}");
    says(&server, work, &["T-1"]).await;
    assert!(text.contains("aria-current=\"page\">Open"), "{text}");
    assert!(!text.contains("<script"), "{text}");
    says(
        &server,
        "/disputes?customer=acme&open=false",
        &["There is none"],
    )
    .await;
}

#[tokio::test]
async fn a_definition_says_in_english_and_in_its_text_what_counts() {
    let server = sold();
    let answer = server
        .ask(Role::Auditor, ("GET", "/v1/definitions"), &[], "")
        .await;
    let known = answer.json()["definitions"].as_array().unwrap().clone();
    assert!(!known.is_empty());
    for own in known {
        let id = own["id"].as_str().unwrap();
        let address = format!("/definitions/{id}");
        says(
            &server,
            "/definitions",
            &[&format!("href=\"{address}\""), id],
        )
        .await;
        let one = server
            .ask(Role::Auditor, ("GET", &format!("/v1{address}")), &[], "")
            .await;
        let digest = one.json()["english_digest"].as_str().unwrap().to_owned();
        let words = [
            "In plain English",
            "The text",
            &digest,
            own["digest"].as_str().unwrap(),
        ];
        let text = says(&server, &address, &words).await;
        assert!(text.contains(&format!("id = &quot;{id}&quot;")), "{text}");
    }
}

#[tokio::test]
async fn what_it_cost_is_shown_to_no_buyer() {
    let server = sold();
    for path in [
        "/margin",
        "/margin?customer=acme",
        "/customers/acme/statements",
        "/definitions",
        "/definitions/support.fin_outcome",
        "/disputes",
        "/disputes?customer=acme",
        "/customers/acme/statements/acme-0001",
        "/customers/acme/statements/acme-0001/bridge",
    ] {
        let answer = look(&server, Role::Buyer, path).await;
        assert_eq!(answer.status, 403, "{path}");
        for secret in crate::sold::SECRETS {
            assert!(!answer.text.contains(secret), "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let server = sold();
    let hostile = "%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE";
    for path in [
        "/customers/nobody/statements",
        "/definitions/nothing",
        "/definitions/%3Cscript%3E",
        "/disputes?customer=nobody",
        "/customers/acme/statements/acme-0002",
        "/customers/acme/statements/acme-0002/bridge",
        "/customers/globex/statements/acme-0001",
    ] {
        is_absent(&server, path).await;
    }
    is_absent(
        &server,
        &format!("/customers/{}/statements", hostile.replace('/', "%2F")),
    )
    .await;
    is_absent(
        &server,
        &format!("/customers/acme/statements/{}", hostile.replace('/', "%2F")),
    )
    .await;
    is_absent(&server, "/margin?customer=nobody").await;
    is_absent(&server, &format!("/margin?customer={hostile}")).await;
    let wrong = look(&server, Role::Finance, "/margin?month=January").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("<!DOCTYPE html>"), "{}", wrong.text);
    let own = server.key_of(Role::Finance, "acme");
    let request = axum::http::Request::get("/margin?customer=globex")
        .header("authorization", format!("Bearer {own}"));
    let answer = server.send(request.body(axum::body::Body::empty()).unwrap());
    assert_eq!(answer.await.status, 404);
}

#[tokio::test]
async fn a_hostile_name_is_text() {
    let server = sold();
    let json = [("content-type", "application/json")];
    let cost = format!(
        r#"{{"specversion":"1.0","id":"h","source":"desk","type":"piecework.cost.recorded.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"T-1","data":{{"line":"model","amount":"900000 USD","model":"{HOSTILE}","provider":"{HOSTILE}"}}}}"#
    );
    let sent = server.events(&json, cost).await;
    assert_eq!(sent.status, 204, "{}", sent.text);
    let shown = ["&lt;script&gt;alert(1)&lt;/script&gt;"];
    let text = says(&server, "/margin?customer=acme", &shown).await;
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
}
