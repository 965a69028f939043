//! The screens of plans, and what another text of a plan or a definition would do.

use piecework_server::access::Role;

use crate::desk;
use crate::person::{Person, is_refused, says};

/// The id and the text of the plan in force.
async fn in_force(server: &crate::support::Server, what: &str) -> (String, String) {
    let listed = server
        .json(Role::Auditor, "GET", &format!("/v1/{what}"), "")
        .await
        .json();
    let own = listed[what][0].clone();
    let id = own["id"].as_str().unwrap().to_owned();
    let one = format!("/v1/{what}/{id}");
    let text = match own["text"].as_str() {
        Some(text) => text.to_owned(),
        None => {
            let one = server.json(Role::Auditor, "GET", &one, "").await.json();
            one["text"].as_str().unwrap().to_owned()
        }
    };
    (id, text)
}

#[tokio::test]
async fn a_plan_says_what_it_sells_and_what_another_text_would_bill() {
    let server = desk::issued().await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let (id, text) = in_force(&server, "plans").await;
    let address = format!("/plans/{id}");
    auditor
        .reads("/plans", &[&format!("href=\"{address}\"")])
        .await;
    let words = [
        "It fits",
        "price",
        "What models cost is of",
        "The text",
        "See what it would do",
    ];
    auditor.reads(&address, &words).await;
    let dearer = text.replace("0.99", "1.10");
    assert_ne!(text, dearer);
    let mut fields = vec![
        ("customer", "acme"),
        ("contract", ""),
        ("from", "2026-03-01"),
        ("periods", "1"),
        ("document", dearer.as_str()),
    ];
    let seen = auditor.fills_in(&address, "compare", &fields).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    says(
        "compared",
        &seen.text,
        &["What it would do", "The whole bill", "1.10", "+0.22"],
    );
    fields[4].1 = "id = \"x\"\nnonsense = 1\n";
    let faulty = auditor.fills_in(&address, "compare", &fields).await;
    is_refused(&faulty, 422, &["nonsense = 1", "compare-document-fault"]);
    fields[4].1 = dearer.as_str();
    fields[0].1 = "nobody";
    let absent = auditor.fills_in(&address, "compare", &fields).await;
    assert_eq!(absent.status, 404, "{}", absent.text);
    says(
        "absent",
        &absent.text,
        &["Nothing was done.", "there is no customer"],
    );
    fields[0].1 = "";
    let unnamed = auditor.fills_in(&address, "compare", &fields).await;
    is_refused(&unnamed, 400, &["compare-customer-fault"]);
    let own = server.key_of(Role::Auditor, "globex");
    let globex = Person::with_key(&server, &own).await;
    fields[0].1 = "acme";
    let foreign = globex.fills_in(&address, "compare", &fields).await;
    assert_eq!(foreign.status, 404, "{}", foreign.text);
    assert!(!foreign.text.contains("+0.22"), "{}", foreign.text);
    assert_eq!(auditor.looks("/plans/%3Cscript%3E").await.status, 404);
}

#[tokio::test]
async fn a_changed_definition_moves_the_bill() {
    let server = desk::issued().await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let (id, text) = in_force(&server, "definitions").await;
    let address = format!("/definitions/{id}/compare");
    auditor
        .reads(
            &format!("/definitions/{id}"),
            &[&format!("href=\"{address}\"")],
        )
        .await;
    auditor
        .reads(&address, &["Another text", "Compare them"])
        .await;
    let mut fields = vec![
        ("customer", "acme"),
        ("month", "2026-01"),
        ("document", text.as_str()),
    ];
    let same = auditor.fills_in(&address, "compare", &fields).await;
    assert_eq!(same.status, 200, "{}", same.text);
    says(
        "same",
        &same.text,
        &[
            "The same month under two definitions",
            "The buyer pays the same",
            "piecework compare",
        ],
    );
    fields[2].1 = "id = \"other\"\n";
    let faulty = auditor.fills_in(&address, "compare", &fields).await;
    is_refused(&faulty, 422, &["compare-document-fault"]);
    fields[1].1 = "January";
    fields[2].1 = text.as_str();
    let month = auditor.fills_in(&address, "compare", &fields).await;
    is_refused(&month, 400, &["compare-month-fault", "value=\"January\""]);
    assert_eq!(auditor.looks("/definitions/none/compare").await.status, 404);
}
