//! The buyer's portal: what it tells and hides, and whose word is written down.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;
use proof::signature::sign;
use tlog::{Checkpoint, CosignerKey};
use work::event::Authorship;
use work::{Event, LogKind};

use crate::person::{Person, is_refused};
use crate::sold::{SECRETS, WORKS, buyer_key, link, sold};
use crate::support::{Answer, Server, start};

/// Costs of acme beside those of its works, so that the length of the seller's log is a number of its own.
const FURTHER_COSTS: usize = 17;

/// What was sold, with further costs, and a quote that was sent.
async fn with_quote() -> Server {
    let server = sold();
    let costs: Vec<String> = (0..FURTHER_COSTS)
        .map(|own| {
            format!(
                r#"{{"specversion":"1.0","id":"further-{own}","source":"desk","type":"piecework.cost.recorded.v1","subject":"acme","time":"2026-01-07T09:00:00Z","data":{{"line":"model","amount":"777.77 USD","model":"marker-model"}}}}"#
            )
        })
        .collect();
    let body = format!("[{}]", costs.join(","));
    let answer = server
        .events(&[("content-type", "application/json")], body)
        .await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let quote = r#"{"from":"2027-01-01","valid_until":"2026-12-31","by":"sales"}"#;
    let quotes = "/v1/customers/acme/quotes";
    let drafted = server.json(Role::Finance, "POST", quotes, quote).await;
    assert_eq!(drafted.status, 201, "{}", drafted.text);
    let path = format!("{quotes}/acme-Q0001/send");
    let sent = server
        .json(Role::Finance, "POST", &path, r#"{"by":"sales"}"#)
        .await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    server
}

/// Whoever opened a link.
async fn by_link<'a>(server: &'a Server, statement: Option<&str>) -> Person<'a> {
    let text = link(server, "acme", statement, 24);
    let request = Request::get(format!("/link/{text}")).body(Body::empty());
    let opened = server.send(request.unwrap()).await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    let next = opened.headers["location"].to_str().unwrap();
    assert!(next.starts_with("/portal/acme"), "{next}");
    Person::with_cookie(server, &opened)
}

/// Every address of the portal that is looked at.
fn addresses(server: &Server) -> Vec<String> {
    let definition = server.app.book().agreed("acme").unwrap();
    let definition = definition[0].definitions[0].digest.clone();
    let screens = server
        .table
        .iter()
        .filter(|own| own.is_screen && own.method == "GET");
    let screens = screens.filter(|own| own.path.starts_with("/portal/"));
    let filled = screens.map(|own| {
        let path = own
            .path
            .replace("{customer}", "acme")
            .replace("{number}", "acme-0001")
            .replace("{work}", "T-1")
            .replace("{id}", &definition)
            .replace("{quote}", "acme-Q0001");
        if path.ends_with("/say") {
            format!("{path}?kind=disputed&reason=no")
        } else {
            path
        }
    });
    filled.collect()
}

#[tokio::test]
async fn no_page_of_the_portal_tells_a_cost_another_customer_or_how_long_another_log_is() {
    let server = with_quote().await;
    let store = server.app.store();
    let seller = store.head("acme", LogKind::Seller).unwrap();
    assert_eq!(seller, (WORKS + FURTHER_COSTS) as u64);
    let all = store.deliveries().unwrap().received;
    assert!(all > seller && all != store.head("acme", LogKind::Shared).unwrap());
    let hidden: Vec<String> = SECRETS
        .iter()
        .map(|own| (*own).to_owned())
        .chain(["globex".to_owned(), "seller_entries".to_owned()])
        .chain([seller, all].map(|own| format!(">{own}<")))
        .collect();
    let people = [
        by_link(&server, None).await,
        Person::of_role(&server, Role::Buyer).await,
        Person::of_role(&server, Role::Auditor).await,
    ];
    let paths = addresses(&server);
    assert!(paths.len() >= 15, "{paths:?}");
    for path in &paths {
        for person in &people {
            let text = person.reads(path, &["<h1>"]).await;
            for word in &hidden {
                assert!(!text.contains(word), "{path} tells {word}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_link_to_a_statement_opens_that_and_nothing_else_of_the_portal() {
    let server = with_quote().await;
    let person = by_link(&server, Some("acme-0001")).await;
    let own = "/portal/acme/statements/acme-0001";
    let text = person.reads(own, &["Statement acme-0001", "297.00"]).await;
    assert!(!text.contains("/portal/acme/works"), "{text}");
    for path in addresses(&server) {
        let expected = if path == own { 200 } else { 403 };
        assert_eq!(person.looks(&path).await.status, expected, "{path}");
    }
    let other = server.key_of(Role::Buyer, "globex");
    let other = Person::with_key(&server, &other).await;
    for path in addresses(&server) {
        assert_eq!(other.looks(&path).await.status, 404, "{path}");
    }
}

/// The event that a page offers to relay.
fn offered(page: &str) -> Option<String> {
    let found = page
        .split("name=\"event\" value=\"")
        .nth(1)?
        .split('"')
        .next()?;
    Some(found.replace("&quot;", "\"").replace("&amp;", "&"))
}

/// The event that a page offers to sign.
fn to_sign(page: &str) -> String {
    let found = page
        .split("aria-label=\"The event to sign\"><code>")
        .nth(1)
        .unwrap();
    found
        .split("</code>")
        .next()
        .unwrap()
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// What was said of works in the buyer's name.
fn said(server: &Server) -> Vec<Event> {
    let entries = server
        .app
        .store()
        .entries("acme", LogKind::Shared, 0..u64::MAX);
    let events = entries.unwrap().map(|own| own.unwrap().event);
    events
        .filter(|own| own.authorship == Authorship::Buyer)
        .collect()
}

const SAY: &str = "/portal/acme/works/T-7/say";

#[tokio::test]
async fn a_dispute_by_a_link_is_written_down_as_the_buyers_word_relayed_by_the_seller() {
    let server = sold();
    let person = by_link(&server, None).await;
    person
        .reads(
            "/portal/acme/works/T-7",
            &["We dispute it", "under your own signature"],
        )
        .await;
    let page = person
        .reads(
            &format!("{SAY}?kind=disputed&reason=It+was+wrong&score="),
            &["relayed by the seller, not signed"],
        )
        .await;
    let event = offered(&page).unwrap();
    server.pass(60);
    let sent = person.sends(SAY, "", "", &[("event", &event)]).await;
    let text = person
        .is_led_on(&sent, "We dispute it: it is in the log")
        .await;
    for words in [
        "relayed by the seller, not signed",
        "disputed",
        "portal/link-",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let facts = said(&server);
    let [own] = facts.as_slice() else {
        panic!("{facts:?}");
    };
    assert!(own.signature.is_none(), "nobody signed it");
    assert!(own.source.starts_with("portal/link-"), "{}", own.source);
    assert_eq!(own.work.as_deref(), Some("T-7"));
    person
        .reads(
            "/portal/acme/disputes?open=true",
            &["T-7", "<strong>open</strong>"],
        )
        .await;
    // Sent again, as a browser does that goes back: once.
    let again = person.sends(SAY, "", "", &[("event", &event)]).await;
    assert_eq!(again.status, 303);
    assert_eq!(said(&server).len(), 1);
}

#[tokio::test]
async fn by_a_link_nothing_is_relayed_that_may_raise_the_bill() {
    let server = sold();
    let person = by_link(&server, None).await;
    for (asked, kind) in [
        ("kind=confirmed", "confirmed"),
        ("kind=rated&score=5", "rated"),
    ] {
        let page = person
            .reads(&format!("{SAY}?{asked}"), &["Not by a link"])
            .await;
        assert_eq!(offered(&page), None, "{kind}");
        // What a page of its own never offered, made by hand.
        let event = to_sign(&page).replace("portal/signed", &format!("portal/{}", "link-0"));
        let sent = person.sends(SAY, "", "", &[("event", &event)]).await;
        assert_eq!(sent.status, 403, "{}", sent.text);
    }
    assert!(said(&server).is_empty());
    let buyer = Person::of_role(&server, Role::Buyer).await;
    let page = buyer.reads(&format!("{SAY}?kind=confirmed"), &[]).await;
    let sent = buyer
        .sends(SAY, "", "", &[("event", &offered(&page).unwrap())])
        .await;
    buyer
        .is_led_on(&sent, "It was done: it is in the log")
        .await;
    // The seller's people see the portal and say nothing in it.
    let operator = Person::of_role(&server, Role::Operator).await;
    let page = operator.reads("/portal/acme/works/T-7", &[]).await;
    assert!(!page.contains("We dispute it"), "{page}");
}

#[tokio::test]
async fn only_what_was_shown_is_relayed() {
    let server = sold();
    let person = Person::of_role(&server, Role::Buyer).await;
    let page = person
        .reads(&format!("{SAY}?kind=disputed&reason=no"), &[])
        .await;
    let event = offered(&page).unwrap();
    for (from, to) in [
        ("T-7", "T-8"),
        ("2026-02-01", "2026-01-01"),
        ("2026-02-01", "2026-03-01"),
        ("portal/", "desk/"),
        ("\"buyer\"", "\"seller\""),
        ("\"subject\":\"acme\"", "\"subject\":\"globex\""),
        ("work.disputed", "work.verified"),
        ("{", "["),
    ] {
        let altered = event.replace(from, to);
        assert_ne!(altered, event, "{from}");
        let sent = person.sends(SAY, "", "", &[("event", &altered)]).await;
        is_refused(&sent, 400, &[]);
    }
    server.pass(13 * 3_600);
    let late = server
        .send(Request::get("/").body(Body::empty()).unwrap())
        .await;
    assert_eq!(late.status, 200);
    assert!(said(&server).is_empty());
    for (asked, status) in [
        ("kind=paid", 400),
        ("kind=rated&score=five", 400),
        ("colour=red", 400),
    ] {
        let person = Person::of_role(&server, Role::Buyer).await;
        assert_eq!(
            person.looks(&format!("{SAY}?{asked}")).await.status,
            status,
            "{asked}"
        );
    }
}

/// A form with a file, as browsers write it.
async fn uploads(person: &Person<'_>, path: &str, parts: &[(&str, Option<&str>, &str)]) -> Answer {
    let mut body = String::new();
    for (name, file, text) in parts {
        body += &format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"");
        if let Some(file) = file {
            body += &format!("; filename=\"{file}\"\r\nContent-Type: text/plain");
        }
        body += &format!("\r\n\r\n{text}\r\n");
    }
    body += "--B--\r\n";
    person
        .posts(path, "multipart/form-data; boundary=B", body)
        .await
}

#[tokio::test]
async fn what_the_buyer_signs_elsewhere_is_brought_and_stands_as_its_own() {
    let server = sold();
    let person = by_link(&server, None).await;
    let page = person
        .reads(
            &format!("{SAY}?kind=confirmed"),
            &["piecework sign event.jsonl"],
        )
        .await;
    let event = Event::parse(&to_sign(&page)).unwrap();
    let origin = server.app.book().origin("acme").unwrap();
    assert!(page.contains(&origin));
    let unsigned = event.canonical();
    let signed = sign(event, &origin, &buyer_key()).unwrap().canonical();
    let lines = format!("{signed}\n{unsigned}\n{signed}\nnonsense");
    let answer = uploads(
        &person,
        "/portal/acme/signed",
        &[("file", Some("signed.jsonl"), &lines), ("text", None, "")],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for words in [
        "accepted: entry",
        "there already",
        "not taken",
        "signed with its own key",
    ] {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
    let facts = said(&server);
    assert_eq!(facts.len(), 1);
    assert!(facts[0].signature.is_some());
    person
        .reads("/portal/acme/works/T-7", &["portal/signed"])
        .await;
    // The seller's own key brings nothing here that the buyer did not sign.
    let operator = Person::of_role(&server, Role::Operator).await;
    let fresh = unsigned.replace("confirmed/", "confirmed/again/");
    let answer = uploads(&operator, "/portal/acme/signed", &[("text", None, &fresh)]).await;
    assert!(answer.text.contains("not taken"), "{}", answer.text);
    assert_eq!(said(&server).len(), 1);
    let nothing = uploads(&person, "/portal/acme/signed", &[("file", Some(""), "")]).await;
    assert_eq!(nothing.status, 400);
    let many = format!("{signed}\n").repeat(piecework_server::limits::UPLOAD_EVENTS_MAX + 1);
    let many = uploads(&person, "/portal/acme/signed", &[("text", None, &many)]).await;
    assert_eq!(many.status, 413, "{}", many.text);
}

#[tokio::test]
async fn a_head_is_acknowledged_under_the_buyers_key() {
    let server = sold();
    let person = by_link(&server, None).await;
    let proof = "/portal/acme/proof";
    person.reads(proof, &["no head was signed yet"]).await;
    let note = server
        .app
        .book()
        .checkpoint("acme", LogKind::Shared, None, start())
        .unwrap();
    person.reads(proof, &["not this head"]).await;
    let head: Checkpoint = note.text().parse().unwrap();
    let key = CosignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[42; 32]);
    let mut cosigned = note.clone();
    let seconds = u64::try_from(start().as_second()).unwrap();
    cosigned.add(key.cosign(&head, seconds).unwrap()).unwrap();
    let path = "/portal/acme/acknowledged";
    for (text, status) in [("nonsense", 400), (&note.to_string(), 422)] {
        let answer = uploads(&person, path, &[("text", None, text)]).await;
        is_wrong(&answer, status);
    }
    let text = cosigned.to_string();
    let answer = uploads(&person, path, &[("file", Some("head.txt"), &text)]).await;
    let page = person.is_led_on(&answer, "The head of").await;
    assert!(page.contains("<dd>yes</dd>"), "{page}");
}

fn is_wrong(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains("Nothing was kept."), "{}", answer.text);
}

#[tokio::test]
async fn a_statement_is_compared_with_the_buyers_own_export() {
    let server = sold();
    let person = by_link(&server, None).await;
    let page = "/portal/acme/reconcile";
    person.reads(page, &["acme-0001", "is not kept"]).await;
    let mut rows = String::from("ticket_id,status,updated_at\r\n");
    for work in 0..WORKS - 1 {
        rows += &format!("T-{work},solved,2026-01-05T09:00:00Z\r\n");
    }
    rows += "T-5,reopened,2026-01-06T10:00:00Z\r\nX-1,solved,2026-01-06T10:00:00Z\r\n";
    let file = ("file", Some("export.csv"), rows.as_str());
    let columns = uploads(&person, page, &[("statement", None, "acme-0001"), file]).await;
    assert_eq!(columns.status, 200, "{}", columns.text);
    for words in [
        "Which column is what?",
        "<option value=\"ticket_id\" selected>",
        "<option value=\"updated_at\" selected>",
        "export.csv",
    ] {
        assert!(columns.text.contains(words), "{words}: {}", columns.text);
    }
    let chosen = [
        ("statement", None, "acme-0001"),
        ("name", None, "export.csv"),
        ("text", None, rows.as_str()),
        ("work", None, "ticket_id"),
        ("time", None, "updated_at"),
        ("outcome", None, "status"),
    ];
    let path = "/portal/acme/reconcile/compared";
    let compared = uploads(&person, path, &chosen).await;
    assert_eq!(compared.status, 200, "{}", compared.text);
    for words in [
        ">299</data>",
        "T-299",
        "X-1",
        "not in log",
        "reopened at 2026-01-06T10:00:00Z",
        "disputes.jsonl",
        "piecework sign disputes.jsonl",
    ] {
        assert!(compared.text.contains(words), "{words}: {}", compared.text);
    }
    assert!(said(&server).is_empty(), "nothing was sent yet");
    for (at, with) in [(0, "acme-9999"), (3, "colour"), (4, "")] {
        let mut wrong = chosen;
        wrong[at].2 = with;
        let answer = uploads(&person, path, &wrong).await;
        assert_eq!(answer.status, 400, "{with}: {}", answer.text);
    }
    let broken = rows.replace("T-9,solved,2026-01-05T09:00:00Z", "T-9,solved,someday");
    let mut wrong = chosen;
    wrong[2].2 = &broken;
    let answer = uploads(&person, path, &wrong).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(
        answer.text.contains("nothing was compared"),
        "{}",
        answer.text
    );
    let large = "x".repeat(piecework_server::limits::UPLOAD_BYTES_MAX);
    let answer = uploads(&person, page, &[("file", Some("large.csv"), &large)]).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
}

#[tokio::test]
async fn a_buyers_key_sets_the_budget_and_a_link_does_not() {
    let server = sold();
    let buyer = Person::of_role(&server, Role::Buyer).await;
    let set = |version: &'static str, amount: &'static str| {
        [("version", version), ("amount", amount), ("stops", "true")]
    };
    let own = "/portal/acme/budget";
    let page = buyer.reads("/portal/acme", &["None is set"]).await;
    let once = crate::person::once(&page);
    let wrong = buyer.sends(own, "budget", &once, &set("0", "a lot")).await;
    is_refused(&wrong, 400, &["5000.00 USD", "a lot"]);
    let done = buyer
        .sends(own, "budget", &once, &set("0", "400.00 USD"))
        .await;
    let page = buyer.is_led_on(&done, "The budget is 400.00 USD").await;
    assert!(page.contains("nothing more may be spent"), "{page}");
    let late = buyer
        .sends(own, "budget", &once, &set("0", "500.00 USD"))
        .await;
    is_refused(&late, 412, &["was changed since"]);
    let person = by_link(&server, None).await;
    let page = person
        .reads("/portal/acme", &["400.00", "A link reads a budget"])
        .await;
    assert!(!page.contains("action=\"/portal/acme/budget\""), "{page}");
    let refused = person
        .sends(own, "budget", &once, &set("1", "1.00 USD"))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}

#[tokio::test]
async fn what_is_asked_wrongly_or_is_not_there_is_a_page_that_says_so() {
    let server = with_quote().await;
    let person = by_link(&server, None).await;
    let hostile = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%E2%80%AE";
    for (path, status) in [
        (format!("/portal/acme/works/{hostile}"), 404),
        (
            format!("/portal/acme/works/{hostile}/say?kind=disputed"),
            404,
        ),
        (format!("/portal/acme/statements/{hostile}"), 404),
        (format!("/portal/acme/definitions/{hostile}"), 404),
        (format!("/portal/acme/quotes/{hostile}"), 400),
        (format!("/portal/{hostile}"), 404),
        ("/portal/acme/works?disputed=perhaps".to_owned(), 400),
        ("/portal/acme/works?cursor=x".to_owned(), 400),
        ("/portal/acme/disputes?open=perhaps".to_owned(), 400),
    ] {
        let answer = person.looks(&path).await;
        let is_so = answer.status == status || (status == 400 && answer.status == 404);
        assert!(is_so, "{path}: {} {}", answer.status, answer.text);
        assert!(answer.text.starts_with("<!DOCTYPE html>"), "{path}");
        assert!(
            !answer.text.contains("<script") && !answer.text.contains('\u{202e}'),
            "{path}"
        );
    }
    let page = person
        .reads(
            &format!("{SAY}?kind=disputed&reason={hostile}"),
            &["&lt;script&gt;"],
        )
        .await;
    assert!(!page.contains("<script"), "{page}");
    let words = "x".repeat(10_000);
    let long = person
        .looks(&format!("{SAY}?kind=disputed&reason={words}"))
        .await;
    assert_eq!(long.status, 400, "{}", long.text);
}

#[tokio::test]
async fn the_portal_leads_through_statements_works_and_the_contract() {
    let server = with_quote().await;
    let person = by_link(&server, None).await;
    person
        .reads(
            "/portal/acme",
            &[
                "The period so far",
                "href=\"/portal/acme/statements\"",
                "href=\"/verify\"",
            ],
        )
        .await;
    person
        .reads(
            "/portal/acme/statements",
            &["href=\"/portal/acme/statements/acme-0001\"", "297.00"],
        )
        .await;
    person
        .reads("/portal/acme/so-far", &["A draft", "DRAFT"])
        .await;
    let statement = person
        .reads(
            "/portal/acme/statements/acme-0001",
            &["href=\"/v1/customers/acme/statements/acme-0001/proof\""],
        )
        .await;
    assert!(!statement.contains("Deliveries"), "{statement}");
    person
        .reads("/portal/acme/works", &["href=\"/portal/acme/works/T-"])
        .await;
    person.reads("/portal/acme/works?work=T-7", &["T-7"]).await;
    let contract = person
        .reads(
            "/portal/acme/contracts",
            &["acme-2026", "support.fin_outcome", "0.99"],
        )
        .await;
    let definition = contract
        .split("href=\"/portal/acme/definitions/")
        .nth(1)
        .unwrap();
    let definition = definition.split('"').next().unwrap();
    person
        .reads(
            &format!("/portal/acme/definitions/{definition}"),
            &["In plain English"],
        )
        .await;
    person
        .reads(
            "/portal/acme/quotes/acme-Q0001",
            &["piecework sign quote.toml --acknowledge quote"],
        )
        .await;
    let own = person.looks("/portal").await;
    assert_eq!(own.headers["location"], "/portal/acme");
    let first = person.reads("/", &["href=\"/portal/acme\""]).await;
    assert!(!first.contains("globex"));
}
