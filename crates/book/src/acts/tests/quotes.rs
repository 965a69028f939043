//! Quotes: drafted, sent, answered; and what acceptance signs.

use proof::signature::{prove_possession, sign as sign_event};
use tlog::SignerKey;
use work::body::{Control, QuoteEntry};
use work::{Digest, Event};

use super::super::{DraftQuote, PublishedKey, Sign, Step, StepQuote};
use super::*;
use crate::error::{Absent, Invalid};

fn draft<'a>() -> DraftQuote<'a> {
    DraftQuote {
        customer: "acme",
        from: "2026-03-01".parse().unwrap(),
        document: None,
        valid_until: "2026-02-28".parse().unwrap(),
        words: Some("As we spoke of."),
        by: "sales",
        id: None,
    }
}

fn step<'a>(step: Step<'a>) -> StepQuote<'a> {
    StepQuote {
        customer: "acme",
        quote: "acme-Q0001",
        step,
        by: "procurement",
        id: None,
    }
}

/// A quote that was sent.
fn sent() -> Desk {
    let desk = Desk::empty();
    desk.book.draft_quote(&draft(), now()).unwrap();
    desk.book.step_quote(&step(Step::Send), now()).unwrap();
    desk
}

fn state(desk: &Desk, at: jiff::Timestamp) -> String {
    desk.book.quote("acme", "acme-Q0001", at).unwrap().state
}

#[test]
fn a_draft_publishes_what_it_names_and_signs_nothing() {
    let desk = Desk::empty();
    let drafted = desk.book.draft_quote(&draft(), now()).unwrap().what;
    assert_eq!(
        desk.entries(),
        5,
        "definition, plan, contract, quote, draft"
    );
    assert_eq!(
        (drafted.quote.as_str(), drafted.state.as_str()),
        ("acme-Q0001", "draft")
    );
    assert_eq!(drafted.expires, at("03-01T00:00"));
    assert_eq!(drafted.contract, "acme-2026");
    assert!(!drafted.is_signed);
    assert_eq!(
        drafted.expected, None,
        "nothing of its own to compute it from"
    );
    assert_eq!(drafted.documents.len(), 4);
    assert_eq!(
        drafted.documents[0].digest,
        Digest::of(drafted.text.as_bytes()).to_string()
    );
    assert_eq!(
        drafted.documents[1].digest,
        Digest::of(drafted.contract_text.as_bytes()).to_string()
    );
    assert!(
        drafted
            .components
            .iter()
            .any(|own| own.component == "resolutions" && !own.terms.is_empty()),
        "{drafted:?}"
    );
}

#[test]
fn numbers_have_no_gaps_and_are_the_customers() {
    let desk = Desk::empty();
    for number in ["acme-Q0001", "acme-Q0002", "acme-Q0003"] {
        let drafted = desk.book.draft_quote(&draft(), now()).unwrap().what;
        assert_eq!(drafted.quote, number);
    }
    let other = DraftQuote {
        customer: "bolt",
        ..draft()
    };
    assert_eq!(
        desk.book.draft_quote(&other, now()).unwrap().what.quote,
        "bolt-Q0001"
    );
    assert_eq!(desk.book.quotes("acme", now()).unwrap().len(), 3);
}

#[test]
fn under_one_id_a_quote_is_drafted_once() {
    let desk = Desk::empty();
    let act = DraftQuote {
        id: Some("once-1"),
        ..draft()
    };
    desk.once(|book, now| book.draft_quote(&act, now).unwrap());
    let other = DraftQuote { by: "ceo", ..act };
    is_other_act(&desk.refuses(|book| book.draft_quote(&other, now())));
}

#[test]
fn two_drafts_at_once_have_two_numbers() {
    let desk = Desk::empty();
    let both = desk.both(|book| book.draft_quote(&draft(), now()));
    let mut numbers = both.map(|own| own.unwrap().what.quote);
    numbers.sort();
    assert_eq!(numbers, ["acme-Q0001", "acme-Q0002"]);
}

#[test]
fn the_expected_bill_is_of_the_customers_own_closed_periods() {
    let desk = Desk::empty();
    // One conversation counts in January, and its period is over on the third of February.
    desk.answered("T-1");
    let drafted = desk.book.draft_quote(&draft(), now()).unwrap().what;
    let expected = drafted.expected.unwrap();
    assert_eq!(
        (expected.from.as_str(), expected.until.as_str()),
        ("2026-01-01", "2026-02-01")
    );
    assert_eq!(expected.periods, 1);
    assert_eq!(
        (expected.lowest.number(), expected.highest.number()),
        ("0.99".to_owned(), "0.99".to_owned())
    );
    let running = desk
        .book
        .draft_quote(&draft(), at("01-20T09:00"))
        .unwrap()
        .what;
    assert_eq!(running.expected, None, "no period is over");
}

#[test]
fn acceptance_signs_the_very_contract_that_was_quoted() {
    let desk = sent();
    let before = desk.entries();
    let accepted = desk
        .book
        .step_quote(&step(Step::Accept("by letter")), now())
        .unwrap();
    assert!(!accepted.is_known && accepted.what.is_signed);
    assert_eq!(accepted.what.state, "accepted");
    assert_eq!(
        desk.entries(),
        before + 2,
        "the acceptance and the signature, in one commit"
    );
    let contract = desk.book.agreement("acme", "acme-2026").unwrap();
    assert!(!contract.is_draft);
    assert_eq!(
        contract.history[0].document,
        accepted.what.documents[1].digest
    );
    assert_eq!(contract.history[0].by.as_deref(), Some("procurement"));
    let last = accepted.what.steps.last().unwrap();
    assert_eq!(
        (last.authorship, last.is_signed),
        (Authorship::Seller, false)
    );
    assert_eq!(last.words.as_deref(), Some("by letter"));
}

#[test]
fn acceptance_twice_is_one_act() {
    let desk = sent();
    desk.once(|book, now| {
        book.step_quote(&step(Step::Accept("by letter")), now)
            .unwrap()
    });
    let again = desk
        .book
        .step_quote(&step(Step::Accept("by telephone")), now())
        .unwrap();
    assert!(again.is_known);
    let other = sent();
    let both = other.both(|book| book.step_quote(&step(Step::Accept("by letter")), now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
}

#[test]
fn an_expired_or_withdrawn_quote_is_not_accepted() {
    let accept = step(Step::Accept("by letter"));
    let desk = sent();
    let late = at("03-01T00:00");
    let error = desk.refuses(|book| book.step_quote(&accept, late));
    assert!(error.to_string().contains("is expired"), "{error}");
    assert_eq!(state(&desk, late), "expired");
    assert_eq!(state(&desk, at("02-28T23:59")), "sent");
    let in_time = desk.book.step_quote(&accept, at("02-28T23:59"));
    assert_eq!(in_time.unwrap().what.state, "accepted");
    let desk = sent();
    desk.book
        .step_quote(&step(Step::Withdraw("a better one follows")), now())
        .unwrap();
    let error = desk.refuses(|book| book.step_quote(&accept, now()));
    assert!(error.to_string().contains("is withdrawn"), "{error}");
    let desk = sent();
    desk.book
        .step_quote(&step(Step::Decline("too dear")), now())
        .unwrap();
    let error = desk.refuses(|book| book.step_quote(&accept, now()));
    assert!(error.to_string().contains("is declined"), "{error}");
    assert_eq!(
        state(&desk, late),
        "declined",
        "what was answered does not expire"
    );
}

#[test]
fn steps_are_taken_from_where_they_can_be() {
    let desk = Desk::empty();
    desk.book.draft_quote(&draft(), now()).unwrap();
    let error = desk.refuses(|book| book.step_quote(&step(Step::Accept("at once")), now()));
    assert!(error.to_string().contains("send it first"), "{error}");
    desk.book.step_quote(&step(Step::Send), now()).unwrap();
    let error = desk.refuses(|book| book.step_quote(&step(Step::Send), now()));
    assert!(error.to_string().contains("is sent"), "{error}");
    let absent = StepQuote {
        quote: "acme-Q0009",
        ..step(Step::Send)
    };
    let error = desk.refuses(|book| book.step_quote(&absent, now()));
    assert!(
        matches!(error, Error::Absent(Absent::OfAccount(_))),
        "{error:?}"
    );
    let over = DraftQuote {
        valid_until: "2026-02-02".parse().unwrap(),
        ..draft()
    };
    let error = desk.refuses(|book| book.draft_quote(&over, now()));
    assert!(
        matches!(error, Error::Invalid(Invalid::QuoteOver { .. })),
        "{error:?}"
    );
}

#[test]
fn a_quote_whose_contract_cannot_be_signed_any_more_stays_sent() {
    let desk = sent();
    let other = Sign {
        from: "2026-03-01".parse().unwrap(),
        ..sign()
    };
    desk.book.sign(&other, now()).unwrap();
    let error = desk.refuses(|book| book.step_quote(&step(Step::Accept("by letter")), now()));
    assert!(
        matches!(error, Error::Refused(Refused::Account(_))),
        "{error:?}"
    );
    assert_eq!(state(&desk, now()), "sent");
    let error = desk.refuses(|book| book.draft_quote(&draft(), now()));
    assert!(
        matches!(error, Error::Refused(Refused::Account(_))),
        "what cannot be signed is not quoted"
    );
}

fn buyer() -> SignerKey {
    SignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[42; 32])
}

/// The buyer's answer, unsigned.
fn answer(desk: &Desk, entry: impl FnOnce(Digest) -> QuoteEntry) -> Event {
    let quote = desk.book.quote("acme", "acme-Q0001", now()).unwrap();
    let digest = Digest::of(quote.text.as_bytes());
    Event {
        source: "acme.example/buyer".into(),
        authorship: Authorship::Buyer,
        ..super::super::control(
            "acme",
            "accepted/1".to_owned(),
            now(),
            Control::Quote(entry(digest)),
        )
    }
}

fn accepted(digest: Digest) -> QuoteEntry {
    QuoteEntry::Accepted {
        quote: "acme-Q0001".to_owned(),
        digest,
        how: None,
        by: "procurement".to_owned(),
    }
}

fn published(desk: &Desk) -> String {
    let origin = desk.book.origin("acme").unwrap();
    let buyer = buyer();
    let key = PublishedKey {
        customer: "acme",
        key: buyer.verifier_key(),
        possession: &prove_possession(&origin, &buyer),
        by: "it",
    };
    desk.book.publish_key(&key, now()).unwrap();
    origin
}

#[test]
fn the_buyer_accepts_with_its_own_key() {
    let desk = sent();
    let origin = published(&desk);
    let signed = sign_event(answer(&desk, accepted), &origin, &buyer()).unwrap();
    let taken = desk.once(|book, now| {
        book.answer_quote("acme", "acme-Q0001", &signed, now)
            .unwrap()
    });
    assert!(taken.is_signed);
    let last = taken.steps.last().unwrap();
    assert_eq!((last.authorship, last.is_signed), (Authorship::Buyer, true));
    let words = desk
        .book
        .step_quote(&step(Step::Accept("by letter")), now())
        .unwrap();
    assert!(words.is_known, "it is accepted already");
}

#[test]
fn an_answer_is_signed_by_the_buyer_and_of_that_text() {
    let desk = sent();
    let take =
        |event: &Event| desk.refuses(|book| book.answer_quote("acme", "acme-Q0001", event, now()));
    let unsigned = answer(&desk, accepted);
    assert!(matches!(
        take(&unsigned),
        Error::Invalid(Invalid::NoAnswer { .. })
    ));
    let origin = desk.book.origin("acme").unwrap();
    let unknown = sign_event(unsigned.clone(), &origin, &buyer()).unwrap();
    assert!(
        matches!(take(&unknown), Error::Refused(Refused::Answer(_))),
        "no key is published"
    );
    published(&desk);
    let elsewhere = sign_event(unsigned, "other.example/log/1", &buyer()).unwrap();
    assert!(matches!(
        take(&elsewhere),
        Error::Refused(Refused::Answer(_))
    ));
    let other = answer(&desk, |_| accepted(Digest::of(b"another text")));
    let other = sign_event(other, &origin, &buyer()).unwrap();
    assert!(take(&other).to_string().contains("is the document"));
    let declined = answer(&desk, |_| QuoteEntry::Declined {
        quote: "acme-Q0001".to_owned(),
        reason: "too dear".to_owned(),
        by: "procurement".to_owned(),
    });
    let declined = sign_event(declined, &origin, &buyer()).unwrap();
    let taken = desk
        .book
        .answer_quote("acme", "acme-Q0001", &declined, now())
        .unwrap();
    assert_eq!(taken.what.state, "declined");
}
