//! Whether the buyer acknowledged what it is billed by before the work began: reported, never a refusal.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use corpus::book::{Book, CONTRACT};
use corpus::carried;
use corpus::story::{CUT_FEBRUARY, CUT_JANUARY, DEFINITION, FEBRUARY, JANUARY, PLAN, contract};
use proof::verify::{Document, Options, verify};
use work::Digest;
use work::body::{Acknowledged, Assurance, Control, DocumentKind, Holder};

const TERMS: &str = "starts = 2026-01-01\ntime_zone = \"Europe/Berlin\"\ncurrency = \"USD\"";

/// A signed contract and the buyer's key; nothing is acknowledged.
fn signed_up() -> Book {
    let mut book = Book::new();
    let day = "2025-12-01T09:00:00Z";
    let plan = book.publish(day, DocumentKind::Plan, PLAN);
    let definition = book.publish(day, DocumentKind::Definition, DEFINITION);
    let text = contract(plan, &[definition], TERMS);
    let document = book.publish(day, DocumentKind::Contract, &text);
    book.control(
        day,
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
    let buyer = book.parties.buyer.clone();
    book.publish_key(day, Holder::Buyer, &buyer);
    book
}

fn exhibit() -> Assurance {
    Assurance::DocumentAcknowledged {
        what: Acknowledged::Exhibit,
        digest: Digest::of(b"the definition in plain English"),
        definition: Some(Digest::of(DEFINITION.as_bytes())),
        by: "procurement".to_owned(),
    }
}

const WORK: &str = "01-05T09:00 answered case=w1
                    01-05T10:00 confirmed case=w1";

/// What is said of the definition in January's file.
fn said(mut book: Book) -> Document {
    book.issue(CUT_JANUARY);
    let report = verify(&book.file(JANUARY), &Options::default());
    assert!(report.is_valid(), "{:?}", report.refusal);
    definition(&report.documents)
}

fn definition(documents: &[Document]) -> Document {
    let mut definitions = documents.iter().filter(|own| own.what == "definition");
    let own = definitions.next().unwrap().clone();
    assert!(definitions.next().is_none());
    own
}

#[test]
fn a_definition_acknowledged_before_the_first_work_is_said_to_be() {
    let mut book = signed_up();
    book.assure_signed("2025-12-20T09:00:00Z", exhibit());
    let entry = book.entries.len() as u64 - 1;
    book.story(WORK);
    let own = said(book);
    assert_eq!(
        (own.acknowledged, own.before_first_work),
        (Some(entry), Some(true))
    );
}

#[test]
fn one_acknowledged_after_it_is_not() {
    let mut book = signed_up();
    book.story(WORK);
    book.assure_signed("01-20T09:00", exhibit());
    let entry = book.entries.len() as u64 - 1;
    let own = said(book);
    assert_eq!(
        (own.acknowledged, own.before_first_work),
        (Some(entry), Some(false))
    );
}

/// Work that was done before, and reached the log later.
#[test]
fn the_order_of_the_log_does_not_hide_that_the_work_was_older() {
    let mut book = signed_up();
    book.assure_signed("01-20T09:00", exhibit());
    book.story(WORK);
    assert_eq!(said(book).before_first_work, Some(false));
}

/// An acknowledgement dated back, and written into the log after the work.
#[test]
fn an_early_date_does_not_hide_that_it_came_later() {
    let mut book = signed_up();
    book.story(WORK);
    book.assure_signed("2025-12-20T09:00:00Z", exhibit());
    assert_eq!(said(book).before_first_work, Some(false));
}

#[test]
fn what_the_seller_says_for_the_buyer_is_no_acknowledgement() {
    let mut book = signed_up();
    book.assure("2025-12-20T09:00:00Z", exhibit());
    book.story(WORK);
    let own = said(book);
    assert_eq!(
        (own.acknowledged, own.before_first_work),
        (None, Some(false))
    );
}

#[test]
fn without_works_there_is_nothing_to_be_before() {
    let mut book = signed_up();
    book.assure_signed("2025-12-20T09:00:00Z", exhibit());
    assert_eq!(said(book).before_first_work, None);
}

/// A file that goes on from a carry knows the places of works that it does not hold.
#[test]
fn a_carry_remembers_when_the_first_work_began() {
    for (acknowledged, in_time) in [("2025-12-20T09:00:00Z", true), ("02-05T09:00", false)] {
        let mut book = signed_up();
        let early = acknowledged.starts_with("2025");
        if early {
            book.assure_signed(acknowledged, exhibit());
        }
        book.story(WORK);
        book.issue(CUT_JANUARY);
        if !early {
            book.assure_signed(acknowledged, exhibit());
        }
        book.story("02-10T09:00 answered case=w2\n02-10T10:00 confirmed case=w2");
        book.issue(CUT_FEBRUARY);
        let whole = book.file(FEBRUARY);
        let from_carry = carried::file(&book, FEBRUARY);
        for file in [whole, from_carry] {
            let report = verify(&file, &Options::default());
            assert!(report.is_valid(), "{:?}", report.refusal);
            let own = definition(&report.documents);
            assert_eq!(own.before_first_work, Some(in_time), "{acknowledged}");
            let said = format!("\"before_first_work\":{in_time}");
            let json = report.to_json().to_canonical();
            assert!(json.contains(&said), "{json}");
        }
    }
}
