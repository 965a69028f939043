//! What is done by forms about statements and disputes.

use piecework_server::access::Role;
use serde_json::json;

use crate::desk;
use crate::person::{Person, is_refused, once};
use crate::sold::{sold, sold_by};
use crate::support::Server;

const STATEMENT: &str = "/customers/acme/statements/acme-0001";
const PREVIEW: &str = "/customers/acme/statements/preview?period=2026-01";

#[tokio::test]
async fn a_statement_is_looked_at_and_issued() {
    let server = desk::with_works().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    let draft = finance
        .reads(PREVIEW, &["Before it is issued", "It cannot be issued"])
        .await;
    assert!(!draft.contains("Issue it"), "nobody signed: {draft}");
    desk::sign(&server, "acme").await;
    let page = finance
        .reads(PREVIEW, &["Issue it", "acme-2026", "Billing statement"])
        .await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let seen = auditor.reads(PREVIEW, &["Before it is issued"]).await;
    assert!(!seen.contains("Issue it"), "an auditor issues nothing");
    let fields = [("contract", "acme-2026"), ("period", "2026-01"), ("by", "")];
    let nobody = finance.fills_in(PREVIEW, "issue", &fields).await;
    is_refused(&nobody, 400, &["issue-by-fault", "value=\"2026-01\""]);
    let early = [
        ("contract", "acme-2026"),
        ("period", "2026-02"),
        ("by", "cfo"),
    ];
    let early = finance.fills_in(PREVIEW, "issue", &early).await;
    is_refused(&early, 409, &["is not over yet"]);
    let fields = [
        ("contract", "acme-2026"),
        ("period", "2026-01"),
        ("by", "cfo"),
    ];
    let issued = finance.sends(PREVIEW, "issue", &once(&page), &fields).await;
    finance.is_led_on(&issued, "Issued as acme-0001.").await;
    let twice = finance.sends(PREVIEW, "issue", &once(&page), &fields).await;
    finance.is_led_on(&twice, "Issued as acme-0001.").await;
    finance.reads(PREVIEW, &["This period is stated"]).await;
    assert!(server.app.book().kept_proof_file("acme-0001").exists());
}

#[tokio::test]
async fn a_statement_is_paid_and_credited_and_what_was_paid_is_not_voided() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    finance
        .reads(
            STATEMENT,
            &["Record a payment", "value=\"297.00\"", "Void it"],
        )
        .await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let seen = auditor.reads(STATEMENT, &["297.00"]).await;
    assert!(!seen.contains("Void it"), "an auditor voids nothing");
    let mut fields = [
        ("amount", "much"),
        ("currency", "USD"),
        ("at", "2026-01-31"),
        ("reference", "B-1"),
    ];
    let much = finance.fills_in(STATEMENT, "pay", &fields).await;
    is_refused(
        &much,
        400,
        &[
            "<details class=\"act\" open>",
            "pay-amount-fault",
            "value=\"much\"",
        ],
    );
    fields[0].1 = "100";
    let paid = finance.fills_in(STATEMENT, "pay", &fields).await;
    let text = finance
        .is_led_on(&paid, "Recorded: 100.00 USD were paid.")
        .await;
    assert!(text.contains("197.00"), "{text}");
    // The reference is known: the payment is recorded once.
    let again = finance.fills_in(STATEMENT, "pay", &fields).await;
    assert_eq!(again.status, 303, "{}", again.text);
    assert!(finance.looks(STATEMENT).await.text.contains("197.00"));
    let why = [("reason", "<script>the wrong plan"), ("by", "cfo")];
    let void = finance.fills_in(STATEMENT, "void", &why).await;
    is_refused(&void, 409, &["&lt;script&gt;the wrong plan", "paid"]);
    let line = [("line", "nothing"), ("reason", "an outage"), ("by", "cfo")];
    let absent = finance.fills_in(STATEMENT, "credit", &line).await;
    assert!(absent.status.is_client_error(), "{}", absent.text);
    assert!(absent.text.contains("Nothing was done."), "{}", absent.text);
    let line = [("line", "outcomes"), ("reason", "an outage"), ("by", "cfo")];
    let credited = finance.fills_in(STATEMENT, "credit", &line).await;
    finance
        .is_led_on(
            &credited,
            "Decided: the next statement gives back what of 297.00 USD",
        )
        .await;
}

#[tokio::test]
async fn what_is_above_a_limit_waits_for_a_second_person() {
    let server = sold_by(Server::limiting(json!({ "void": "1 USD" })));
    let finance = Person::of_role(&server, Role::Finance).await;
    let why = [("reason", "the wrong plan"), ("by", "cs-lead")];
    let void = finance.fills_in(STATEMENT, "void", &why).await;
    let text = finance
        .is_led_on(&void, "Nothing was done yet: it is above a limit")
        .await;
    assert!(text.contains("void acme-0001"), "{text}");
    finance.reads(STATEMENT, &["Void it", "open"]).await;
}

#[tokio::test]
async fn a_dispute_is_raised_and_decided_by_forms() {
    let server = sold();
    let work = "/customers/acme/works/T-1/dispute";
    let operator = Person::of_role(&server, Role::Operator).await;
    let page = operator
        .reads(work, &["Nobody contests this work", "Record the dispute"])
        .await;
    let silent = operator
        .fills_in(work, "raise", &[("source", "desk")])
        .await;
    is_refused(&silent, 400, &["raise-reason-fault"]);
    let raise = [("reason", "<script>wrote again"), ("source", "desk")];
    let raised = operator.sends(work, "raise", &once(&page), &raise).await;
    let text = operator
        .is_led_on(&raised, "The dispute is recorded.")
        .await;
    assert!(
        text.contains("Open") && !text.contains("Decide it"),
        "an operator decides nothing: {text}"
    );
    assert!(!text.contains("<script"), "{text}");
    let decide = [("verdict", "credited"), ("source", "cs-lead")];
    let not_its = operator.fills_in(work, "decide", &decide).await;
    assert_eq!(not_its.status, 403);
    let finance = Person::of_role(&server, Role::Finance).await;
    let leads_here = format!("href=\"{work}\"");
    finance
        .reads("/disputes?customer=acme", &[&leads_here, "decide it"])
        .await;
    server.pass(60);
    let wrong = [("verdict", "perhaps"), ("source", "cs-lead")];
    let wrong = finance.fills_in(work, "decide", &wrong).await;
    is_refused(&wrong, 400, &["decide-verdict-fault"]);
    let decided = finance.fills_in(work, "decide", &decide).await;
    let text = finance.is_led_on(&decided, "The dispute is decided.").await;
    assert!(
        text.contains("Decided on") && text.contains("credited"),
        "{text}"
    );
    for path in [
        "/customers/acme/works/none/dispute",
        "/customers/globex/works/T-1/dispute",
    ] {
        assert_eq!(finance.looks(path).await.status, 404, "{path}");
    }
}
