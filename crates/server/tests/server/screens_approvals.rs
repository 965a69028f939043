//! Forms of screens by the first that had one: acts that wait for a second person.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;
use serde_json::json;

use crate::person::{Person, is_refused, once};
use crate::sold::{sold, sold_by};
use crate::support::Server;

/// A server where voiding waits for a second person, and a void that does.
async fn waiting() -> (Server, String) {
    let server = sold_by(Server::limiting(json!({ "void": "1 USD" })));
    let void = "/v1/customers/acme/statements/acme-0001/void";
    let body = r#"{"reason":"<script>alert(1)</script>","by":"cs-lead"}"#;
    let waits = server.json(Role::Finance, "POST", void, body).await;
    assert_eq!(waits.code(), "proposed");
    let listed = server
        .json(Role::Auditor, "GET", "/v1/approvals", "")
        .await
        .json();
    let proposal = listed["proposals"][0]["proposal"].as_str().unwrap();
    let address = format!("/customers/acme/approvals/{proposal}");
    (server, address)
}

#[tokio::test]
async fn what_waits_is_approved_by_somebody_else() {
    let (server, address) = waiting().await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let leads_here = format!("href=\"{address}\"");
    let words = [
        leads_here.as_str(),
        "void acme-0001",
        "297.00",
        "&lt;script&gt;",
    ];
    auditor.reads("/approvals", &words).await;
    let text = auditor.reads(&address, &["cs-lead"]).await;
    assert!(
        !text.contains("<form class=\"act\""),
        "an auditor decides nothing"
    );
    let finance = Person::of_role(&server, Role::Finance).await;
    finance
        .reads(&address, &["Approve, and do it", "Or decline it"])
        .await;
    // The same key under another name is the same person.
    let same = finance
        .fills_in(&address, "approve", &[("by", "cfo\"'<")])
        .await;
    is_refused(
        &same,
        409,
        &["proposed by cs-lead", "value=\"cfo&quot;'&lt;\""],
    );
    let nobody = finance.fills_in(&address, "approve", &[("by", " ")]).await;
    is_refused(
        &nobody,
        400,
        &["aria-invalid=\"true\"", "id=\"approve-by-fault\""],
    );
    let key = server.further_key(98, Role::Finance, None);
    let second = Person::with_key(&server, &key).await;
    let page = second.reads(&address, &[]).await;
    let fields = [("by", "cfo")];
    let done = second
        .sends(&address, "approve", &once(&page), &fields)
        .await;
    second
        .is_led_on(&done, "Approved, and done: void acme-0001")
        .await;
    let again = second
        .sends(&address, "approve", &once(&page), &fields)
        .await;
    second.is_led_on(&again, "Approved, and done").await;
    let statement = "/customers/acme/statements/acme-0001";
    second.reads(statement, &["VOID"]).await;
    second.reads("/approvals", &["Nothing waits"]).await;
    second
        .reads(
            "/approvals?state=all&customer=acme",
            &["approved", &leads_here],
        )
        .await;
}

#[tokio::test]
async fn what_is_declined_has_a_reason_and_is_not_done() {
    let (server, address) = waiting().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    let without = finance
        .fills_in(&address, "decline", &[("by", "cfo")])
        .await;
    is_refused(
        &without,
        400,
        &["<details class=\"act\" open>", "decline-reason-fault"],
    );
    let fields = [("by", "cfo"), ("reason", "too much")];
    let done = finance.fills_in(&address, "decline", &fields).await;
    let text = finance.is_led_on(&done, "Declined, and not done").await;
    assert!(
        text.contains("too much") && !text.contains("<form class=\"act\""),
        "{text}"
    );
    finance
        .reads("/customers/acme/statements/acme-0001", &["open"])
        .await;
    let twice = finance
        .sends(&address, "approve", "", &[("by", "cfo")])
        .await;
    assert_eq!(twice.status, 409, "{}", twice.text);
}

#[tokio::test]
async fn a_form_is_read_within_bounds_and_from_own_pages_alone() {
    let (server, address) = waiting().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    let none = finance.sends(&address, "shred", "", &[("by", "cfo")]).await;
    assert_eq!(none.status, 400, "{}", none.text);
    let most = "x".repeat(256 * 1024);
    let large = finance
        .sends(&address, "approve", "", &[("by", &most)])
        .await;
    assert_eq!(large.status, 413);
    let many: Vec<(String, &str)> = (0..80).map(|at| (format!("f{at}"), "")).collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(name, own)| (name.as_str(), *own))
        .collect();
    let many = finance.sends(&address, "approve", "", &many).await;
    assert_eq!(many.status, 400, "{}", many.text);
    let json = server
        .json(Role::Finance, "POST", &address, r#"{"by":"cfo"}"#)
        .await;
    assert_eq!(json.status, 415);
    for site in ["cross-site", "same-site", "none"] {
        let request = Request::post(&address)
            .header("cookie", &finance.cookie)
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = server
            .send(request.body(Body::from("by=cfo")).unwrap())
            .await;
        assert_eq!(answer.status, 403, "{site}");
    }
    for path in [
        "/customers/acme/approvals/none",
        "/customers/globex/approvals/none",
    ] {
        assert_eq!(finance.looks(path).await.status, 404, "{path}");
    }
    assert_eq!(
        finance.looks("/approvals?customer=nobody").await.status,
        404
    );
}

#[tokio::test]
async fn a_key_of_one_customer_sees_its_own_alone() {
    let (server, address) = waiting().await;
    let globex = server.key_of(Role::Finance, "globex");
    let person = Person::with_key(&server, &globex).await;
    person.reads("/approvals", &["Nothing waits"]).await;
    assert_eq!(person.looks(&address).await.status, 404);
    assert_eq!(person.looks("/approvals?customer=acme").await.status, 404);
    let empty = sold();
    let auditor = Person::of_role(&empty, Role::Auditor).await;
    auditor
        .reads("/approvals?customer=&state=", &["Nothing waits"])
        .await;
}

/// Two pages were open, and both were sent: one act, or one that waits.
#[tokio::test]
async fn a_form_that_was_opened_twice_is_one_act() {
    let server = sold_by(Server::limiting(json!({ "write_off": "5 USD" })));
    let finance = Person::of_role(&server, Role::Finance).await;
    let statement = "/customers/acme/statements/acme-0001";
    let both = async || {
        let one = finance.reads(statement, &["Write off what is open"]).await;
        (one, finance.reads(statement, &[]).await)
    };
    let (one, other) = both().await;
    let paid = [
        ("amount", "2.00"),
        ("currency", "USD"),
        ("at", ""),
        ("reference", ""),
    ];
    for page in [&one, &other] {
        let sent = finance.sends(statement, "pay", &once(page), &paid).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
    }
    let payments = server
        .json(Role::Finance, "GET", "/v1/customers/acme/payments", "")
        .await
        .json();
    let payments = payments["payments"].as_array().unwrap().iter();
    let own = payments
        .filter(|own| own["amount"]["amount"] == "2.00")
        .count();
    assert_eq!(own, 1);
    // Opened once more, it is another payment.
    let again = finance.fills_in(statement, "pay", &paid).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let (one, other) = both().await;
    let given_up = [
        ("amount", "6.00"),
        ("currency", "USD"),
        ("reason", "an outage"),
        ("by", "ar"),
    ];
    for page in [&one, &other] {
        let sent = finance
            .sends(statement, "write_off", &once(page), &given_up)
            .await;
        finance.is_led_on(&sent, "Nothing was done yet").await;
    }
    let waiting = server
        .json(Role::Auditor, "GET", "/v1/approvals", "")
        .await
        .json();
    assert_eq!(
        waiting["proposals"].as_array().unwrap().len(),
        1,
        "{waiting}"
    );
    // Something else from the same page is not taken for the same.
    let (one, _) = both().await;
    let small = [
        ("amount", "1.00"),
        ("currency", "USD"),
        ("reason", "bank fees"),
        ("by", "ar"),
    ];
    let sent = finance
        .sends(statement, "write_off", &once(&one), &small)
        .await;
    finance.is_led_on(&sent, "Written off: 1.00 USD").await;
    let other = [
        ("amount", "1.50"),
        ("currency", "USD"),
        ("reason", "bank fees"),
        ("by", "ar"),
    ];
    let sent = finance
        .sends(statement, "write_off", &once(&one), &other)
        .await;
    is_refused(&sent, 409, &["already for something else"]);
}
