//! A contract that was quoted, accepted with the buyer's own key, and goes on from where another system stopped.

use jiff::civil::date;
use pricing::quote::QuoteDocument;
use work::body::{Acknowledged, Assurance, Body, Control, DocumentKind, Holder, QuoteEntry};
use work::event::Authorship;

use super::Case;
use super::book::{Book, CONTRACT};
use super::story::{CUT_FEBRUARY, CUT_JANUARY, DEFINITION, FEBRUARY, JANUARY, PLAN, contract};

const TERMS: &str = "starts = 2026-01-01\ntime_zone = \"Europe/Berlin\"\ncurrency = \"USD\"";
const UNIT: &str = "support.resolved_case";

/// The log, with January and February stated.
fn quoted() -> Book {
    let mut book = Book::new();
    let day = "2025-12-01T09:00:00Z";
    let plan = book.publish(day, DocumentKind::Plan, PLAN);
    let definition = book.publish(day, DocumentKind::Definition, DEFINITION);
    let document = book.publish(
        day,
        DocumentKind::Contract,
        &contract(plan, &[definition], TERMS),
    );
    let number = "acme-Q0001".to_owned();
    let quote = QuoteDocument {
        number: number.clone(),
        customer: "acme".to_owned(),
        contract: document,
        plan,
        definitions: vec![definition],
        currency: "USD".parse().unwrap(),
        valid_until: date(2025, 12, 31),
        words: Some("As we spoke of.".to_owned()),
        expected: None,
    };
    let digest = book.publish(day, DocumentKind::Quote, &quote.to_text().unwrap());
    let by = "sales".to_owned();
    let drafted = QuoteEntry::Drafted {
        quote: number.clone(),
        digest,
        by: by.clone(),
    };
    book.control(day, Control::Quote(drafted));
    let sent = QuoteEntry::Sent {
        quote: number.clone(),
        by,
    };
    book.control(day, Control::Quote(sent));
    let buyer = book.parties.buyer.clone();
    book.publish_key(day, Holder::Buyer, &buyer);
    let accepted = QuoteEntry::Accepted {
        quote: number,
        digest,
        how: None,
        by: "procurement".to_owned(),
    };
    let mut event = book.envelope(
        "2025-12-20T09:00:00Z",
        Body::Control(Control::Quote(accepted)),
    );
    event.authorship = Authorship::Buyer;
    book.sign(event);
    let by = "procurement".to_owned();
    let signed = Control::ContractSigned {
        contract: CONTRACT.to_owned(),
        document,
        by: by.clone(),
    };
    book.control("2025-12-20T09:00:00Z", signed);
    let text = format!(
        "contract = \"{CONTRACT}\"\ncurrency = \"USD\"\nsystem = \"the former system\"\n\
         [[work]]\nunit = \"{UNIT}\"\nwork = \"w8\"\n[[work]]\nunit = \"{UNIT}\"\nwork = \"w9\"\nbilled = \"0.80\"\n"
    );
    let opening = book.publish("2025-12-21T09:00:00Z", DocumentKind::Opening, &text);
    let opened = Control::ContractOpened {
        contract: CONTRACT.to_owned(),
        document: opening,
        by: by.clone(),
    };
    book.control("2025-12-21T09:00:00Z", opened);
    let acknowledged = Assurance::DocumentAcknowledged {
        what: Acknowledged::Opening,
        digest: opening,
        definition: None,
        by,
    };
    book.assure_signed("2025-12-22T09:00:00Z", acknowledged);
    book.story(
        "2025-12-30T09:00:00Z answered case=w8 work=w8
         2025-12-28T09:00:00Z answered case=w9 work=w9
         2025-12-28T10:00:00Z confirmed case=w9
         01-05T09:00 answered case=w1
         01-05T10:00 confirmed case=w1
         01-06T10:00 confirmed case=w8",
    );
    book.issue(CUT_JANUARY);
    book.story("02-03T10:00 reopened case=w9\n02-04T10:00 reopened case=w8");
    book.issue(CUT_FEBRUARY);
    book
}

/// The files that it gives.
pub fn cases() -> Vec<Case> {
    let book = quoted();
    vec![
        Case::new("good-quoted-january", "valid", book.file(JANUARY)),
        Case::new("good-quoted-february", "valid", book.file(FEBRUARY)),
    ]
}
