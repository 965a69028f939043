//! Checks of prices over HTTP and on screens: what blocks is said, somebody answers for it, and the buyer reads it.

use piecework_server::access::Role;
use serde_json::{Value, json};
use work::LogKind;

use crate::desk::{self, get, post};
use crate::person::{Person, is_refused};
use crate::support::Server;

const PREVIEW: &str = "/customers/acme/statements/preview?period=2026-01";
const CONTRACT: &str = "/customers/acme/contracts/acme-2026";
const CHECKS: &str = "/customers/acme/contracts/acme-2026/checks";

async fn doubted() -> Server {
    let server = desk::works_in(Server::doubting()).await;
    desk::sign(&server, "acme").await;
    server
}

fn check<'v>(found: &'v Value, name: &str) -> &'v Value {
    let checks = found["contracts"][0]["checks"].as_array().unwrap();
    checks.iter().find(|own| own["check"] == name).unwrap()
}

fn waiver() -> Value {
    json!({"customer": "acme", "check": "attribution", "reason": "a holdout begins in May", "until": "2026-05-31", "by": "cfo"})
}

#[tokio::test]
async fn what_blocks_is_read_and_waived_over_http() {
    let server = doubted().await;
    let refused = desk::issue(&server, "acme", "1").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(refused.code(), "refused");
    assert!(
        refused.text.contains("the check `attribution` fails"),
        "{}",
        refused.text
    );
    let path = "/v1/checks?customer=acme";
    let found = get(&server, Role::Auditor, path).await.json();
    assert_eq!(found["contracts"][0]["blocks"], true);
    assert_eq!(check(&found, "attribution")["verdict"], "fail");
    assert_eq!(
        check(&found, "order")["reasons"][0]["entries"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    for (member, wrong, pointer) in [
        ("check", "everything", "/check"),
        ("until", "soon", "/until"),
        ("until", "2028-01-01", "/until"),
        ("reason", " ", "/reason"),
    ] {
        let mut sent = waiver();
        sent[member] = json!(wrong);
        let refused = post(
            &server,
            Role::Finance,
            "/v1/checks/waive",
            &sent.to_string(),
        )
        .await;
        assert_eq!(refused.code(), "bad-request", "{}", refused.text);
        assert!(refused.text.contains(pointer), "{}", refused.text);
    }
    let sent = waiver().to_string();
    let waived = post(&server, Role::Finance, "/v1/checks/waive", &sent).await;
    assert_eq!(waived.status, 201, "{}", waived.text);
    assert_eq!(waived.json()["log"], "shared");
    let again = post(&server, Role::Finance, "/v1/checks/waive", &sent).await;
    assert_eq!(again.status, 200, "{}", again.text);
    let found = get(&server, Role::Auditor, path).await.json();
    assert_eq!(found["contracts"][0]["blocks"], false);
    assert_eq!(check(&found, "attribution")["waived"]["by"], "cfo");
    let issued = desk::issue(&server, "acme", "2").await;
    assert_eq!(issued.status, 201, "{}", issued.text);
    // What passes is not waived.
    let mut other = waiver();
    other["check"] = json!("order");
    let refused = post(
        &server,
        Role::Finance,
        "/v1/checks/waive",
        &other.to_string(),
    )
    .await;
    assert_eq!(refused.code(), "refused", "{}", refused.text);
    // A buyer is told no margin; what was waived of its price is in its own log.
    assert_eq!(get(&server, Role::Buyer, path).await.status, 403);
    let head = server.app.store().head("acme", LogKind::Shared).unwrap();
    let entries = server
        .app
        .store()
        .entries("acme", LogKind::Shared, 0..head)
        .unwrap();
    let kinds = entries.map(|own| own.unwrap().event.body.kind());
    assert_eq!(
        kinds
            .filter(|kind| *kind == "piecework.check.waived.v1")
            .count(),
        1
    );
    let absent = get(&server, Role::Auditor, "/v1/checks?customer=nobody").await;
    assert_eq!(absent.status, 404);
}

#[tokio::test]
async fn a_statement_is_refused_by_a_check_then_waived_on_its_screen_and_issued() {
    let server = doubted().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    let draft = finance
        .reads(
            PREVIEW,
            &[
                "It is not issued, because the check",
                "attribution",
                "Waive it",
                CHECKS,
            ],
        )
        .await;
    assert!(!draft.contains("Issue it"), "{draft}");
    finance
        .reads(CONTRACT, &["It is not issued, because the check"])
        .await;
    finance
        .reads(
            CHECKS,
            &[
                "No statement of it is issued.",
                "tier E: assumed",
                "piecework check acme-2026",
                "/receipt\">entry ",
            ],
        )
        .await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let seen = auditor
        .reads(CHECKS, &["No statement of it is issued."])
        .await;
    assert!(!seen.contains("Waive it"), "an auditor answers for nothing");
    let mut fields = [
        ("contract", "acme-2026"),
        ("check", "attribution"),
        ("reason", "<script>alert(1)</script>"),
        ("until", "2029-01-01"),
        ("by", "cfo"),
    ];
    let far = finance.fills_in(CHECKS, "waive", &fields).await;
    is_refused(&far, 400, &["waive-until-fault", "2029-01-01"]);
    let far = finance.fills_in(PREVIEW, "waive", &fields).await;
    is_refused(&far, 400, &["waive-until-fault"]);
    fields[3].1 = "2026-05-31";
    let waived = finance.fills_in(PREVIEW, "waive", &fields).await;
    let text = finance
        .is_led_on(&waived, "Waived: the check attribution keeps no statement of acme-2026 from being issued until 2026-05-31.")
        .await;
    assert!(!text.contains("It is not issued"), "{text}");
    let checks = finance
        .reads(CHECKS, &["Waived until 2026-05-31 by", "&lt;script&gt;"])
        .await;
    assert!(!checks.contains("<script>alert"), "{checks}");
    let fields = [
        ("contract", "acme-2026"),
        ("period", "2026-01"),
        ("by", "cfo"),
    ];
    let issued = finance.fills_in(PREVIEW, "issue", &fields).await;
    finance.is_led_on(&issued, "Issued as acme-0001.").await;
}

#[tokio::test]
async fn checks_of_what_is_not_there_are_a_page_that_says_so() {
    let server = doubted().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    for path in [
        "/customers/nobody/contracts/acme-2026/checks",
        "/customers/acme/contracts/other/checks",
        "/customers/acme/contracts/%3Cscript%3E/checks",
    ] {
        let answer = finance.looks(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("<script"), "{path}");
    }
    finance
        .reads("/plans/fin-style", &["Are cost units kept apart", "tier E"])
        .await;
    finance
        .reads(
            "/definitions/support.resolved_conversation",
            &["whose the outcome is", "tier E"],
        )
        .await;
}
