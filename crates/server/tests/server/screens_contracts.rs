//! The screens of contracts and quotes, and their forms.

use piecework_server::access::Role;

use crate::desk;
use crate::person::{Person, is_refused, once, says};
use crate::sold::sold;
use crate::support::Server;

const CONTRACT: &str = "/customers/acme/contracts/acme-2026";
/// A name that would be a script, and turn its neighbours around.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}";

fn is_tame(text: &str) {
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
}

#[tokio::test]
async fn a_contract_is_found_from_the_list_and_says_its_terms_in_words() {
    let server = sold();
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let leads_here = format!("href=\"{CONTRACT}\"");
    auditor
        .reads(
            "/contracts",
            &[&leads_here, "2026-01-01 00:00", "by <bdi>buyer"],
        )
        .await;
    auditor
        .reads("/contracts?customer=acme", &[&leads_here])
        .await;
    auditor
        .reads(
            "/contracts?customer=globex",
            &["Nobody signed a contract here"],
        )
        .await;
    auditor.reads("/customers/acme", &[&leads_here]).await;
    let words = [
        "in force",
        "outcomes",
        "price",
        "<bdi>0.99</bdi>",
        "Versions",
        "The texts",
        "id = &quot;acme-2026&quot;",
        "no minimum",
        "no cap",
    ];
    let text = auditor.reads(CONTRACT, &words).await;
    for secret in crate::sold::SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    auditor
        .reads("/customers/globex/contracts/draft-globex", &["DRAFT"])
        .await;
    for path in [
        "/customers/acme/contracts/none",
        "/customers/globex/contracts/acme-2026",
        "/customers/nobody/contracts/acme-2026",
        "/customers/acme/contracts/none/change",
        "/contracts?customer=nobody",
        "/customers/acme/quotes/none",
        "/quotes?customer=nobody",
        "/customers/acme/contracts/%3Cscript%3E",
    ] {
        let answer = auditor.looks(path).await;
        assert_eq!(answer.status, 404, "{path}");
        is_tame(&answer.text);
    }
}

#[tokio::test]
async fn a_change_is_looked_at_before_it_is_put_in_force() {
    let server = desk::issued().await;
    let finance = Person::of_role(&server, Role::Finance).await;
    let change = format!("{CONTRACT}/change");
    let page = finance
        .reads(&change, &["acme-2026", "See what it would do"])
        .await;
    let version = page.split("name=\"version\" value=\"").nth(1).unwrap();
    let version = version.split("\">").next().unwrap().replace("&quot;", "\"");
    let contract = format!("/v1{CONTRACT}");
    let contract = server
        .json(Role::Auditor, "GET", &contract, "")
        .await
        .json();
    let text = contract["versions"][0]["text"].as_str().unwrap();
    let half = format!("{text}\n[totals]\ndiscount_percent = 50\n");
    let mut fields = vec![
        ("version", version.as_str()),
        ("from", "2026-03-01"),
        ("document", half.as_str()),
        ("periods", "1"),
        ("by", ""),
        ("reprice", ""),
    ];
    let seen = finance.fills_in(&change, "preview", &fields).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let words = [
        "What it would do",
        "discount on the total",
        "50 %",
        "The whole bill",
    ];
    says("preview", &seen.text, &words);
    let after = server
        .json(Role::Auditor, "GET", &format!("/v1{CONTRACT}"), "")
        .await;
    assert_eq!(after.json(), contract, "nothing is written");
    // What is wrong is said beside what was entered.
    fields[2].1 = "id = \"acme-2026\"\nnonsense = 1\n";
    let faulty = finance.fills_in(&change, "preview", &fields).await;
    is_refused(
        &faulty,
        422,
        &["nonsense = 1", "line 2, column 1", "preview-document-fault"],
    );
    fields[2].1 = half.as_str();
    let unsaid = finance.fills_in(&change, "amend", &fields).await;
    is_refused(&unsaid, 400, &["preview-by-fault"]);
    fields[4].1 = "procurement";
    let done = finance.fills_in(&change, "amend", &fields).await;
    let told = "The new version governs what opens from 2026-03-01 on.";
    let text = finance.is_led_on(&done, told).await;
    assert!(
        text.contains("procurement") && text.contains("50 %"),
        "{text}"
    );
    // The page was opened on the version before.
    fields[1].1 = "2026-04-01";
    let stale = finance.fills_in(&change, "amend", &fields).await;
    is_refused(&stale, 412, &["somebody changed it since"]);
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let seen = auditor.reads(&change, &["takes a key that may sign"]).await;
    assert!(!seen.contains("<textarea"), "{seen}");
}

async fn drafted(server: &Server, person: &Person<'_>) -> String {
    let fields = [
        ("from", "2026-04-01"),
        ("valid_until", "2026-03-31"),
        ("words", HOSTILE),
        ("document", ""),
        ("by", "sales"),
    ];
    let answer = person
        .fills_in("/customers/newco/quotes", "draft", &fields)
        .await;
    person.is_led_on(&answer, "Drafted as newco-Q0001.").await;
    assert_eq!(
        server
            .app
            .book()
            .quotes("newco", server.app.now())
            .unwrap()
            .len(),
        1
    );
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_quote_is_drafted_sent_and_accepted_by_forms() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    finance
        .reads(
            "/quotes",
            &["Nothing was offered", "Name a customer to draft"],
        )
        .await;
    finance
        .reads(
            "/quotes?customer=newco",
            &["Nothing was offered", "Draft a quote"],
        )
        .await;
    let faulty = finance
        .fills_in(
            "/customers/newco/quotes",
            "draft",
            &[("from", "soon"), ("by", "sales")],
        )
        .await;
    is_refused(
        &faulty,
        400,
        &["draft-from-fault", "is not a day", "value=\"sales\""],
    );
    let address = drafted(&server, &finance).await;
    let all = finance
        .reads("/quotes", &["newco-Q0001", "2026-03-31"])
        .await;
    assert!(all.contains("/quotes?customer=newco"), "{all}");
    let page = finance
        .reads(
            &address,
            &[
                "draft",
                "resolutions",
                "Send it to the buyer",
                "/document?format=pdf",
            ],
        )
        .await;
    is_tame(&page);
    let early = finance
        .fills_in(&address, "accept", &[("how", "by letter"), ("by", "it")])
        .await;
    assert_eq!(early.status, 409, "{}", early.text);
    let sent = finance
        .sends(&address, "send", &once(&page), &[("by", "sales")])
        .await;
    finance
        .is_led_on(&sent, "Sent: the buyer may accept it")
        .await;
    let again = finance
        .sends(&address, "send", &once(&page), &[("by", "sales")])
        .await;
    finance
        .is_led_on(&again, "Sent: the buyer may accept it")
        .await;
    let accepted = [("how", HOSTILE), ("by", "procurement")];
    let accepted = finance.fills_in(&address, "accept", &accepted).await;
    let text = finance
        .is_led_on(&accepted, "The acceptance is recorded")
        .await;
    is_tame(&text);
    assert!(
        text.contains("href=\"/customers/newco/contracts/newco-2026\""),
        "{text}"
    );
    finance.reads("/contracts", &["newco-2026"]).await;
    let document = format!("/v1{address}/document?format=html");
    assert_eq!(finance.looks(&document).await.status, 200);
}

#[tokio::test]
async fn a_quote_is_taken_back_and_declined_with_a_reason() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    let address = drafted(&server, &finance).await;
    let sent = finance.fills_in(&address, "send", &[("by", "sales")]).await;
    assert_eq!(sent.status, 303);
    let silent = finance.fills_in(&address, "decline", &[("by", "it")]).await;
    is_refused(&silent, 400, &["decline-reason-fault"]);
    let fields = [("reason", "too dear"), ("by", "procurement")];
    let declined = finance.fills_in(&address, "decline", &fields).await;
    finance
        .is_led_on(&declined, "It is recorded that the buyer declined it.")
        .await;
    let late = finance.sends(&address, "withdraw", "", &fields).await;
    assert_eq!(late.status, 409, "{}", late.text);
    let own = server.key_of(Role::Finance, "globex");
    let globex = Person::with_key(&server, &own).await;
    for path in [
        address.as_str(),
        CONTRACT,
        "/quotes?customer=newco",
        "/contracts?customer=acme",
    ] {
        assert_eq!(globex.looks(path).await.status, 404, "{path}");
    }
    globex
        .reads("/contracts", &["Nobody signed a contract here"])
        .await;
}

#[tokio::test]
async fn a_contract_is_renewed_rolled_back_and_ended_by_forms() {
    let server = sold();
    let finance = Person::of_role(&server, Role::Finance).await;
    let change = format!("{CONTRACT}/change");
    let version = async || {
        let page = finance
            .reads(&change, &["Go back to an earlier version"])
            .await;
        let found = page.split("name=\"version\" value=\"").nth(1).unwrap();
        let found = found.split('"').next().unwrap();
        found.replace("&quot;", "\"")
    };
    let seen = version().await;
    let fields = [
        ("version", seen.as_str()),
        ("from", "2026-12-01"),
        ("to_version", "9"),
        ("by", "cfo"),
        ("reprice", ""),
    ];
    let none = finance.fills_in(&change, "roll_back", &fields).await;
    is_refused(&none, none.status.as_u16(), &["no version 9"]);
    let fields = [
        ("version", seen.as_str()),
        ("from", "2026-12-01"),
        ("to_version", "1"),
        ("by", "cfo"),
        ("reprice", ""),
    ];
    let back = finance.fills_in(&change, "roll_back", &fields).await;
    let told = "Version 1 is in force again from 2026-12-01 on.";
    finance.is_led_on(&back, told).await;
    // The page was opened on the version before.
    let fields = [
        ("version", seen.as_str()),
        ("from", "2027-01-01"),
        ("agreed", "yes"),
        ("by", "cfo"),
    ];
    let stale = finance.fills_in(&change, "end", &fields).await;
    is_refused(&stale, 412, &["somebody changed it since"]);
    let seen = version().await;
    let fields = [
        ("version", seen.as_str()),
        ("from", "2027-01-01"),
        ("agreed", "yes"),
        ("by", ""),
    ];
    let nobody = finance.fills_in(&change, "end", &fields).await;
    is_refused(&nobody, 400, &["end-by-fault"]);
    let fields = [
        ("version", seen.as_str()),
        ("from", "2027-01-01"),
        ("agreed", "yes"),
        ("by", "cfo"),
    ];
    let ended = finance.fills_in(&change, "end", &fields).await;
    finance
        .is_led_on(&ended, "Nothing opens under it from 2027-01-01 on.")
        .await;
}
