//! A contract goes on from where another system stopped, and runs until a later day.

use super::super::{ContractText, End, Open, Renew, Sign};
use super::*;
use crate::error::Unsigned;

const OPENING: &str = "contract = \"acme-2026\"\ncurrency = \"USD\"\nsystem = \"the former system\"\n\
     [[work]]\nunit = \"support.resolved_conversation\"\nwork = \"T-0\"\n\
     [[work]]\nunit = \"support.resolved_conversation\"\nwork = \"T-9\"\nbilled = \"0.80\"\n\
     [[grant]]\ngrant = \"left\"\namount = \"5.00\"\n\
     [[unpaid]]\nnumber = \"R-1\"\namount = \"240.00\"\n";

fn open(text: &str) -> Open<'_> {
    Open {
        customer: "acme",
        contract: None,
        document: ContractText {
            name: "opening.toml",
            text,
        },
        by: "procurement",
        id: None,
    }
}

/// P6: a work that began before the contract counts under it, credits that were left pay, and a balance says the same.
#[test]
fn p6_a_contract_is_opened_once_and_before_its_first_statement() {
    let desk = Desk::empty();
    let error = desk.refuses(|book| book.open_contract(&open(OPENING), now()));
    assert!(!matches!(error, Error::Faulty(_)), "{error:?}");
    desk.book.sign(&sign(), now()).unwrap();
    let opened = desk.once(|book, now| book.open_contract(&open(OPENING), now).unwrap());
    assert_eq!(opened.states, [0, 0, 2, 1, 1]);
    let mut headers = Headers::default();
    headers.set(Header::Conversation, "T-0");
    let about = About {
        customer: "acme",
        work: "T-0",
        source: "desk",
        at: Some("2025-12-31T09:00:00Z".parse().unwrap()),
        headers: &headers,
        id: None,
    };
    let body = Body::Answered {
        kind: AnswerKind::Answer,
        confidence: None,
        review: None,
    };
    let recorded = desk
        .book
        .record(&about, Authorship::Seller, vec![body], now());
    assert!(!recorded.unwrap()[0].is_known);
    let account = desk.book.account("acme", None).unwrap();
    let held = account.contract("acme-2026").unwrap();
    assert_eq!(held.units.len(), 1, "it belongs to the contract");
    assert_eq!(account.grants.len(), 1);
    let shown = desk.book.agreement("acme", "acme-2026").unwrap();
    let opening = shown.opening.unwrap();
    assert_eq!(opening.unpaid.number(), "240.00");
    assert_eq!(opening.states.len(), 4);
    let balance = desk.book.balance("acme", now()).unwrap();
    // Of the 5.00 that were left the work of January takes 0.99.
    assert_eq!(balance.credits[0].left.number(), "4.01");
    let again = OPENING.replace("240.00", "250.00");
    let error = desk.refuses(|book| book.open_contract(&open(&again), now()));
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
}

#[test]
fn p6_an_opening_comes_before_a_statement_and_goes_with_its_contract() {
    let desk = Desk::signed();
    let other = OPENING.replace("acme-2026", "other");
    let error = desk.refuses(|book| book.open_contract(&open(&other), now()));
    assert!(error.to_string().contains("opens `other`"), "{error}");
    let faulty = OPENING.replace("system", "sytem");
    let error = desk.refuses(|book| book.open_contract(&open(&faulty), now()));
    assert!(matches!(error, Error::Faulty(_)), "{error:?}");
    let issue = super::super::Issue {
        customer: "acme",
        contract: None,
        due: super::super::Due::Through("2026-01"),
        by: "finance",
        key: None,
        id: None,
    };
    desk.book.issue(&issue, now()).unwrap();
    let error = desk.refuses(|book| book.open_contract(&open(OPENING), now()));
    assert!(
        error.to_string().contains("before the first statement"),
        "{error}"
    );
}

fn renew<'a>(until: &str) -> Renew<'a> {
    Renew {
        customer: "acme",
        contract: None,
        until: until.parse().unwrap(),
        by: "procurement",
        id: None,
    }
}

/// A contract until the end of June.
fn half_a_year(more: &str) -> Desk {
    let desk = Desk::empty();
    let documents = desk.book.documents().unwrap();
    let (text, _) = desk
        .book
        .terms(&documents, "acme", "acme-2026", sign().from)
        .unwrap();
    let text = format!("# Agreed.\nends = 2026-06-30 # half a year\n{more}{text}");
    let document = Some(ContractText {
        name: "acme.toml",
        text: &text,
    });
    desk.book.sign(&Sign { document, ..sign() }, now()).unwrap();
    desk
}

#[test]
fn p1_a_contract_is_renewed_on_the_same_terms() {
    let desk = half_a_year("");
    let previewed = desk
        .book
        .preview_renewal(&renew("2026-12-31"), 3, now())
        .unwrap();
    assert_eq!(previewed.effective, at("07-01T00:00"));
    assert_eq!(previewed.changes.len(), 1, "{:?}", previewed.changes);
    assert!(
        previewed.changes[0].contains("ends"),
        "{:?}",
        previewed.changes
    );
    let before = desk.entries();
    let renewed = desk.once(|book, now| book.renew(&renew("2026-12-31"), now).unwrap());
    assert_eq!(renewed.from, at("07-01T00:00"));
    assert_eq!(desk.entries(), before + 2, "the document and the amendment");
    let contract = desk.book.agreement("acme", "acme-2026").unwrap();
    assert_eq!(contract.ends, Some("2027-01-01T00:00:00Z".parse().unwrap()));
    let text = &contract.versions[1].text;
    assert!(text.contains("ends = 2026-12-31 # half a year"), "{text}");
    for (until, says) in [("2026-12-31", "runs until"), ("2026-03-31", "end it")] {
        let other = Renew {
            by: "ceo",
            ..renew(until)
        };
        let error = desk.refuses(|book| book.renew(&other, now()));
        let said = error.to_string();
        assert!(said.contains(says) || said.contains("already"), "{said}");
    }
    let further = desk.book.renew(&renew("2027-12-31"), now()).unwrap().what;
    assert_eq!(further.from, "2027-01-01T00:00:00Z".parse().unwrap());
}

#[test]
fn p1_what_has_no_end_or_was_ended_is_not_renewed() {
    let desk = Desk::empty();
    let error = desk.refuses(|book| book.renew(&renew("2026-12-31"), now()));
    let is_unsigned = matches!(
        error,
        Error::Refused(Refused::Unsigned(Unsigned::Amend { .. }))
    );
    assert!(
        is_unsigned || matches!(error, Error::Absent(_)),
        "{error:?}"
    );
    let desk = Desk::signed();
    let error = desk.refuses(|book| book.renew(&renew("2026-12-31"), now()));
    assert!(error.to_string().contains("has no end"), "{error}");
    let desk = half_a_year("");
    let end = End {
        customer: "acme",
        contract: None,
        at: "2026-05-01".parse().unwrap(),
        agreed: true,
        by: "procurement",
        id: None,
    };
    desk.book.end(&end, now()).unwrap();
    let error = desk.refuses(|book| book.renew(&renew("2026-12-31"), now()));
    assert!(error.to_string().contains("it was ended"), "{error}");
}
