//! The screen of a renewal.

use piecework_server::access::Role;

use crate::desk;
use crate::person::{Person, says};
use crate::sold::sold;

const RENEWAL: &str = "/customers/acme/renewal";

#[tokio::test]
async fn a_renewal_says_what_is_known_and_what_is_not() {
    let server = sold();
    let auditor = Person::of_role(&server, Role::Auditor).await;
    auditor
        .reads("/customers/acme", &[&format!("href=\"{RENEWAL}\"")])
        .await;
    let words = [
        "Renewal of acme-2026",
        "Charged so far",
        "297.00",
        "href=\"/customers/acme/statements/acme-0001\"",
        "January 2026",
        "no end is agreed",
        "What nobody knows",
        "nobody reviewed any",
        "no baseline and no holdout",
    ];
    let text = auditor.reads(RENEWAL, &words).await;
    for secret in crate::sold::SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    auditor
        .reads("/customers/acme/renewal?contract=acme-2026", &["297.00"])
        .await;
    for path in [
        "/customers/acme/renewal?contract=none",
        "/customers/globex/renewal",
        "/customers/nobody/renewal",
        "/customers/acme/renewal?contract=%3Cscript%3E",
    ] {
        let answer = auditor.looks(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        assert!(!answer.text.contains("<script"), "{path}");
    }
}

/// A work is worth 6.50, and the buyer contests one of those that the seller's facts alone decided: nothing is proved to
/// have been worth anything.
#[tokio::test]
async fn what_the_seller_says_alone_is_worth_nothing_at_least() {
    let server = desk::issued().await;
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let words = [
        "Worth at least",
        "1 work is in dispute",
        "6.50 USD a unit of",
    ];
    let text = auditor.reads(RENEWAL, &words).await;
    let least = text.split("Worth at least").nth(1).unwrap();
    let least = least.split("</div>").next().unwrap();
    assert!(least.contains("value=\"0.00\""), "{least}");
    let most = text.split("Worth at most").nth(1).unwrap();
    let most = most.split("</div>").next().unwrap();
    assert!(most.contains("value=\"19.50\""), "{most}");
}

#[tokio::test]
async fn reviews_and_overrides_of_works_are_shares_within_bounds() {
    let server = sold();
    let fact = |id: &str, kind: &str, work: &str, data: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"{work}","data":{data}}}"#
        )
    };
    let events = [
        fact("r1", "review.recorded", "T-1", r#"{"result":"accepted"}"#),
        fact("r2", "review.recorded", "T-2", r#"{"result":"rejected"}"#),
        fact("o1", "work.overridden", "T-3", "{}"),
    ];
    let json = [("content-type", "application/json")];
    let sent = server
        .events(&json, format!("[{}]", events.join(",")))
        .await;
    assert_eq!(sent.status, 204, "{}", sent.text);
    let auditor = Person::of_role(&server, Role::Auditor).await;
    let text = auditor.reads(RENEWAL, &[]).await;
    // Wilson's interval of one of two, and of one of three.
    says(
        "renewal",
        &text,
        &["9.5\u{a0}% to 90.5\u{a0}%", "6.1\u{a0}% to 79.2\u{a0}%"],
    );
    assert!(!text.contains("nobody reviewed any"), "{text}");
}
