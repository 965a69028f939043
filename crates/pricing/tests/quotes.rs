//! Quotes in a log: numbers without gaps, steps from where they can be, bounds.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use jiff::civil::date;
use money::Currency;
use piecework_pricing::limits::{QUOTE_PERIODS_MAX, QUOTE_WORDS_BYTES_MAX, QUOTES_MAX};
use piecework_pricing::quote::{QuoteDocument, QuoteState, expected};
use support::{Book, CUSTOMER, at, definition, outcome, plan};
use work::Digest;
use work::body::{Audience, Control, DocumentKind, QuoteEntry};

/// A log with a contract document to quote, and what quotes of it say.
fn book() -> (Book, QuoteDocument) {
    let terms = outcome("price = 1");
    let mut book = Book::new(&terms, "");
    let contract = book.contract(
        "other",
        &terms,
        &definition("", ""),
        "starts = 2027-01-01\n",
    );
    let document = QuoteDocument {
        number: String::new(),
        customer: CUSTOMER.to_owned(),
        contract,
        plan: Digest::of(terms.as_bytes()),
        definitions: vec![Digest::of(definition("", "").as_bytes())],
        currency: Currency::USD,
        valid_until: date(2026, 3, 31),
        words: None,
        expected: None,
    };
    (book, document)
}

fn draft(book: &mut Book, document: &QuoteDocument, number: &str) {
    let text = QuoteDocument {
        number: number.to_owned(),
        ..document.clone()
    };
    let text = text.to_text().unwrap();
    let digest = Digest::of(text.as_bytes());
    let published = Control::DocumentPublished {
        document: DocumentKind::Quote,
        text,
        audience: Audience::Shared,
        by: "sales".to_owned(),
    };
    book.control("2026-02-01", published);
    let drafted = QuoteEntry::Drafted {
        quote: number.to_owned(),
        digest,
        by: "sales".to_owned(),
    };
    book.control("2026-02-01", Control::Quote(drafted));
}

#[test]
fn entries_that_cannot_be_are_flagged_and_change_nothing() {
    let (mut book, document) = book();
    draft(&mut book, &document, "acme-Q0002");
    assert!(
        book.account().flags[0]
            .problem
            .contains("the next quote is `acme-Q0001`")
    );
    draft(&mut book, &document, "acme-Q0001");
    let sent = |quote: &str| {
        Control::Quote(QuoteEntry::Sent {
            quote: quote.to_owned(),
            by: "sales".to_owned(),
        })
    };
    book.control("2026-04-01", sent("acme-Q0001"));
    book.control("2026-03-31", sent("acme-Q0001"));
    book.control("2026-03-31", sent("acme-Q0007"));
    let account = book.account();
    let problems: Vec<&str> = account
        .flags
        .iter()
        .map(|own| own.problem.as_str())
        .collect();
    assert!(problems[1].contains("is expired"), "{problems:?}");
    assert!(
        problems[2].contains("no quote `acme-Q0007`"),
        "{problems:?}"
    );
    assert_eq!(problems.len(), 3, "{problems:?}");
    let quote = account.quote("acme-Q0001").unwrap();
    assert_eq!(quote.state(at("2026-03-31")), QuoteState::Sent);
    assert_eq!(quote.state(at("2026-04-01")), QuoteState::Expired);
    assert_eq!(account.contracts.len(), 1, "a quote signs nothing");
}

#[test]
fn a_quote_goes_with_the_contract_that_it_names() {
    let (mut book, document) = book();
    let other = QuoteDocument {
        plan: Digest::of(b"another plan"),
        ..document.clone()
    };
    draft(&mut book, &other, "acme-Q0001");
    let euros = QuoteDocument {
        currency: "EUR".parse().unwrap(),
        ..document
    };
    draft(&mut book, &euros, "acme-Q0001");
    let account = book.account();
    assert_eq!(account.quotes.len(), 0);
    assert!(
        account
            .flags
            .iter()
            .all(|own| own.problem.contains("than its contract"))
    );
}

#[test]
fn a_customer_has_so_many_quotes_and_no_more() {
    let (mut book, document) = book();
    for number in 1..=QUOTES_MAX + 1 {
        draft(&mut book, &document, &format!("acme-Q{number:04}"));
    }
    let account = book.account();
    assert_eq!(account.quotes.len(), QUOTES_MAX);
    assert_eq!(account.flags.len(), 1);
    assert!(
        account.flags[0].problem.contains("at most"),
        "{:?}",
        account.flags
    );
}

#[test]
fn words_are_bounded() {
    let (_, document) = book();
    let read = |bytes: usize| {
        let words = QuoteDocument {
            number: "acme-Q0001".to_owned(),
            words: Some("x".repeat(bytes)),
            ..document.clone()
        };
        QuoteDocument::parse(&words.to_text().unwrap())
    };
    assert!(read(QUOTE_WORDS_BYTES_MAX).is_ok());
    assert!(read(QUOTE_WORDS_BYTES_MAX + 1).is_err());
}

/// The bills of the latest closed periods, one call more each month: the least of the last year and the most.
#[test]
fn the_expected_bill_looks_back_at_a_year_and_no_further() {
    let calls = plan(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n",
    );
    let mut book = Book::new(&calls, "");
    for month in 0..15u32 {
        let day = format!("{}-{:02}-10T00:00:00Z", 2026 + month / 12, month % 12 + 1);
        book.story(&format!("{day} usage meter=calls quantity={}", month + 1));
    }
    let terms = book.account().contracts[0]
        .agreement
        .latest()
        .terms
        .as_ref()
        .clone();
    let look = |now: &str| expected(CUSTOMER, book.contents.clone(), &terms, at(now)).unwrap();
    assert_eq!(look("2026-01-20"), None, "no period is over");
    let first = look("2026-02-01").unwrap();
    assert_eq!((first.periods, first.lowest.number().as_str()), (1, "1.00"));
    let last = look("2027-04-02").unwrap();
    assert_eq!(usize::try_from(last.periods).unwrap(), QUOTE_PERIODS_MAX);
    assert_eq!(
        (
            last.lowest.number().as_str(),
            last.highest.number().as_str()
        ),
        ("4.00", "15.00")
    );
    assert_eq!(
        (last.from, last.until),
        (date(2026, 4, 1), date(2027, 4, 1))
    );
}
