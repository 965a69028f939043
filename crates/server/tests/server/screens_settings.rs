//! Settings: keys and secrets that are told once, links, webhooks, budgets; what waits, acted on.

use piecework_server::access::Role;

use crate::person::{Person, is_refused};
use crate::sold::sold;
use crate::support::{Server, event};

/// What stands between two marks of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page
        .split(before)
        .nth(1)
        .unwrap_or_else(|| panic!("{before}: {page}"));
    rest.split(after).next().unwrap()
}

#[tokio::test]
async fn a_key_is_told_once_works_and_is_rotated_and_revoked() {
    let server = sold();
    let operator = Person::of_role(&server, Role::Operator).await;
    let page = "/settings/keys";
    let roles = operator
        .reads(page, &["Make a key", "value=\"ingest\""])
        .await;
    assert!(
        !roles.contains("value=\"finance\""),
        "nobody makes a stronger key"
    );
    let wrong = [
        ("role", "buyer"),
        ("customer", ""),
        ("label", "x"),
        ("days", ""),
    ];
    is_refused(
        &operator.fills_in(page, "create", &wrong).await,
        400,
        &["name it"],
    );
    let wrong = [("role", "ingest"), ("label", "x"), ("days", "soon")];
    is_refused(
        &operator.fills_in(page, "create", &wrong).await,
        400,
        &["a number of days"],
    );
    let asked = [
        ("role", "ingest"),
        ("customer", ""),
        ("label", "our <b>product"),
        ("days", "30"),
    ];
    let made = operator.fills_in(page, "create", &asked).await;
    let text = operator.is_led_on(&made, "The key is pw_").await;
    assert!(text.contains("our &lt;b&gt;product"), "{text}");
    let key = between(&text, "The key is ", " ").to_owned();
    let bearer = format!("Bearer {key}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(
        server.events(&headers, event("1", "opened")).await.status,
        204
    );
    let later = operator.reads(page, &[]).await;
    let secret = key.split('_').nth(2).unwrap();
    assert!(!later.contains(secret), "told once");
    let id = key.split('_').nth(1).unwrap();
    let rotated = operator
        .fills_in(page, "rotate", &[("key", id), ("overlap_hours", "0")])
        .await;
    let text = operator.is_led_on(&rotated, "The key is pw_").await;
    let next = between(&text, "The key is ", " ").to_owned();
    assert_ne!(next, key);
    assert_eq!(
        server.events(&headers, event("2", "opened")).await.status,
        401
    );
    let id = next.split('_').nth(1).unwrap();
    let revoked = operator.fills_in(page, "revoke", &[("key", id)]).await;
    operator
        .is_led_on(&revoked, &format!("The key {id} works no longer"))
        .await;
    let unknown = operator.fills_in(page, "revoke", &[("key", "none")]).await;
    assert_eq!(unknown.status, 404);
    // A program is told by the API, and makes none here.
    let body = "act=create&role=ingest&label=x";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let program = server
        .ask(Role::Operator, ("POST", page), &headers, body)
        .await;
    assert_eq!(program.status, 403, "{}", program.text);
}

#[tokio::test]
async fn a_link_is_told_once_opens_the_portal_and_is_taken_back() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    finance.reads("/settings/links", &["Name a customer"]).await;
    let page = "/settings/links?customer=acme";
    finance.reads(page, &["It has none"]).await;
    let asked = |days: &'static str| {
        [
            ("customer", "acme"),
            ("label", "accounts payable"),
            ("days", days),
            ("statement", ""),
        ]
    };
    is_refused(
        &finance.fills_in(page, "create", &asked("93")).await,
        400,
        &["accounts payable"],
    );
    let made = finance.fills_in(page, "create", &asked("7")).await;
    let text = finance
        .is_led_on(&made, "The link is https://work.vendor.example/link/pwl_")
        .await;
    let link = between(&text, "https://work.vendor.example", " ").to_owned();
    let opened = finance.looks(&link).await;
    assert_eq!(opened.headers["location"], "/portal/acme");
    let later = finance.reads(page, &["accounts payable", "opens"]).await;
    assert!(!later.contains("pwl_"), "told once");
    let id = between(&later, "<option value=\"", "\"").to_owned();
    let revoked = finance
        .fills_in(page, "revoke", &[("customer", "acme"), ("link", &id)])
        .await;
    finance
        .is_led_on(&revoked, &format!("The link {id} opens nothing"))
        .await;
    assert_eq!(finance.looks(&link).await.status, 401);
    let nobody = finance.looks("/settings/links?customer=nobody").await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn an_endpoint_is_made_tested_switched_off_and_deleted() {
    let server = Server::reaching();
    let operator = Person::of_role(&server, Role::Operator).await;
    let page = "/settings/webhooks";
    operator.reads(page, &["Nobody is told anything yet"]).await;
    let asked = |url: &'static str, types: &'static str| {
        [
            ("url", url),
            ("description", "<i>books"),
            ("customer", ""),
            ("types", types),
        ]
    };
    is_refused(
        &operator
            .fills_in(page, "create", &asked("ftp://x", ""))
            .await,
        400,
        &["ftp://x"],
    );
    is_refused(
        &operator
            .fills_in(page, "create", &asked("http://127.0.0.1:1/x", "paid"))
            .await,
        400,
        &["no type of messages"],
    );
    let made = operator
        .fills_in(
            page,
            "create",
            &asked("http://127.0.0.1:1/x", "statement.issued"),
        )
        .await;
    let text = operator
        .is_led_on(&made, "What signs its messages is whsec_")
        .await;
    assert!(
        text.contains("http://127.0.0.1:1/x") && text.contains("statement.issued"),
        "{text}"
    );
    let own = made.headers["location"].to_str().unwrap().to_owned();
    let tested = operator.fills_in(&own, "test", &[]).await;
    let text = operator.is_led_on(&tested, "The test msg_").await;
    assert!(text.contains("waiting"), "{text}");
    assert!(!text.contains("whsec_"), "told once");
    let off = operator.fills_in(&own, "disable", &[]).await;
    operator.is_led_on(&off, "It is off").await;
    is_refused(
        &operator.fills_in(&own, "test", &[]).await,
        409,
        &["disabled"],
    );
    let on = operator.fills_in(&own, "enable", &[]).await;
    operator.is_led_on(&on, "It is on").await;
    let message = between(
        &operator.reads(&own, &[]).await,
        "name=\"message\" value=\"",
        "\"",
    )
    .to_owned();
    let again = operator
        .fills_in(&own, "redeliver", &[("message", &message)])
        .await;
    operator
        .is_led_on(&again, &format!("{message} is on its way again"))
        .await;
    let further = operator
        .fills_in(&own, "rotate", &[("overlap_hours", "1")])
        .await;
    operator
        .is_led_on(&further, "What signs its messages is whsec_")
        .await;
    let gone = operator.fills_in(&own, "delete", &[]).await;
    operator.is_led_on(&gone, "The endpoint is deleted").await;
    assert_eq!(operator.looks(&own).await.status, 404);
}

#[tokio::test]
async fn a_budget_is_set_and_taken_away() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    let page = "/settings/budgets";
    finance.reads(page, &["Nobody has set one"]).await;
    let wrong = [("customer", "acme"), ("amount", "much"), ("thresholds", "")];
    is_refused(&finance.fills_in(page, "set", &wrong).await, 400, &["much"]);
    let asked = [
        ("customer", "acme"),
        ("amount", "400.00 USD"),
        ("thresholds", "50, 80 %"),
        ("stops", "true"),
    ];
    let set = finance.fills_in(page, "set", &asked).await;
    let text = finance
        .is_led_on(&set, "The budget of acme is 400.00 USD")
        .await;
    assert!(text.contains("nothing more may be spent"), "{text}");
    let taken = finance
        .fills_in(page, "set", &[("customer", "acme"), ("amount", "")])
        .await;
    finance
        .is_led_on(&taken, "acme has no budget any more")
        .await;
    let nobody = finance
        .fills_in(page, "set", &[("customer", "nobody"), ("amount", "1 USD")])
        .await;
    assert_eq!(nobody.status, 404);
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let seen = auditor.reads(page, &[]).await;
    assert!(!seen.contains("Set a budget"), "{seen}");
}

#[tokio::test]
async fn settings_say_how_the_server_is_set_up_and_no_secret() {
    let server = sold();
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let words = [
        "fin-style@1",
        "https://work.vendor.example",
        "href=\"/settings/budgets\"",
    ];
    let page = auditor.reads("/settings", &words).await;
    assert!(!page.contains("href=\"/settings/keys\""), "{page}");
    assert!(!page.contains("secret"), "{page}");
}

#[tokio::test]
async fn a_refused_event_is_repaired_or_dismissed_on_its_screen() {
    let server = Server::new();
    let json = [("content-type", "application/json")];
    for id in ["1", "2"] {
        let broken = event(id, "opened").replace("2026-01-06T09:00:00Z", "yesterday");
        assert_eq!(server.events(&json, broken).await.status, 400);
    }
    let operator = Person::of_role(&server, Role::Operator).await;
    let list = operator.reads("/events", &["href=\"/events/"]).await;
    let ids: Vec<&str> = list
        .split("href=\"/events/")
        .skip(1)
        .map(|own| own.split('"').next().unwrap())
        .collect();
    let [first, second] = ids.as_slice() else {
        panic!("{ids:?}");
    };
    let own = format!("/events/{first}");
    operator
        .reads(&own, &["yesterday", "Repair it and send it again"])
        .await;
    let still = event("1", "opened").replace("09:00:00Z", "25:00:00Z");
    is_refused(
        &operator
            .fills_in(&own, "resend", &[("event", &still)])
            .await,
        400,
        &["25:00:00Z"],
    );
    let repaired = operator
        .fills_in(&own, "resend", &[("event", &event("1", "opened"))])
        .await;
    operator
        .is_led_on(&repaired, "It was sent again, and is in the log")
        .await;
    let own = format!("/events/{second}");
    is_refused(
        &operator.fills_in(&own, "dismiss", &[("reason", "")]).await,
        400,
        &[],
    );
    let dismissed = operator
        .fills_in(&own, "dismiss", &[("reason", "a <b>test")])
        .await;
    operator.is_led_on(&dismissed, "It is dismissed").await;
    let text = operator.reads(&own, &["a &lt;b&gt;test"]).await;
    assert!(!text.contains("Repair it and send it again"), "{text}");
    let auditor = Person::of_role(&server, Role::Auditor).await;
    assert!(!auditor.reads(&own, &[]).await.contains("<textarea"));
    assert_eq!(operator.looks("/events/none").await.status, 404);
}

#[tokio::test]
async fn a_cost_of_nobody_is_given_to_a_customer() {
    let server = sold();
    let json = [("content-type", "application/json")];
    let cost = r#"{"specversion":"1.0","id":"c:1","source":"gate:way","type":"piecework.cost.recorded.v1","subject":"_unassigned","time":"2026-01-06T09:00:00Z","data":{"line":"model","amount":"1.25 USD"}}"#;
    assert_eq!(server.events(&json, cost).await.status, 204);
    let finance = Person::of_role(&server, Role::Finance).await;
    let page = "/costs/unassigned";
    let text = finance.reads(page, &["1.25", "gate:way"]).await;
    let choice = between(&text, "<option value=\"", "\"").to_owned();
    assert_eq!(choice, "8:gate:wayc:1");
    let nobody = finance
        .fills_in(page, "assign", &[("cost", &choice), ("customer", "nobody")])
        .await;
    is_refused(&nobody, 409, &["nobody"]);
    let done = finance
        .fills_in(
            page,
            "assign",
            &[("cost", &choice), ("customer", "acme"), ("work", "T-1")],
        )
        .await;
    let text = finance
        .is_led_on(&done, "c:1 of gate:way is a cost of acme")
        .await;
    assert!(text.contains("No cost waits"), "{text}");
}
