//! Contracts signed, amended and ended; documents published.

use jiff::Timestamp;
use work::body::DocumentKind;

use super::super::{Amend, ContractText, End, Publish, RollBack, Sign};
use super::{Desk, at, is_other_act, now, sign};
use crate::Error;
use crate::error::{Absent, Invalid, Refused, Unsigned};
use crate::limits::PREVIEW_PERIODS_MAX;
use crate::previews::Change;

fn amend<'a>(from: &str) -> Amend<'a> {
    Amend {
        customer: "acme",
        contract: None,
        from: from.parse().unwrap(),
        document: None,
        reprice: None,
        by: "procurement",
        key: None,
        id: None,
    }
}

fn end<'a>() -> End<'a> {
    End {
        customer: "acme",
        contract: None,
        at: "2026-06-01".parse().unwrap(),
        agreed: false,
        by: "procurement",
        id: None,
    }
}

#[test]
fn a_contract_is_signed_with_the_documents_that_it_names() {
    let desk = Desk::empty();
    let signed = desk.book.sign(&sign(), now()).unwrap();
    assert!(!signed.is_known);
    assert_eq!(signed.what.contract, "acme-2026");
    assert_eq!(signed.what.from, at("01-01T00:00"));
    assert_eq!(desk.entries(), 4, "definition, plan, contract, signature");
    let error = desk.refuses(|book| book.sign(&sign(), now()));
    assert!(matches!(error, Error::Refused(Refused::Account(_))));
}

#[test]
fn under_one_id_a_contract_is_signed_once() {
    let desk = Desk::empty();
    let sign = Sign {
        id: Some("once-1"),
        ..sign()
    };
    desk.once(|book, now| book.sign(&sign, now).unwrap());
    let other = Sign { by: "ceo", ..sign };
    is_other_act(&desk.refuses(|book| book.sign(&other, now())));
}

#[test]
fn of_two_signatures_at_once_one_is_refused() {
    let desk = Desk::empty();
    let error = desk.one_of_both(|book| book.sign(&sign(), now()));
    assert!(matches!(error, Error::Refused(Refused::Account(_))));
    assert_eq!(desk.entries(), 4);
}

#[test]
fn a_document_of_another_customer_is_not_signed() {
    let desk = Desk::empty();
    let documents = desk.book.documents().unwrap();
    let from = sign().from;
    let (text, _) = desk.book.terms(&documents, "bolt", "b", from).unwrap();
    let document = Some(ContractText {
        name: "bolt.toml",
        text: &text,
    });
    let error = desk.refuses(|book| book.sign(&Sign { document, ..sign() }, now()));
    assert!(
        matches!(error, Error::Invalid(Invalid::OtherCustomer { customer }) if customer == "bolt")
    );
}

#[test]
fn a_contract_is_amended_once_under_one_id() {
    let desk = Desk::signed();
    let amend = Amend {
        id: Some("once-1"),
        ..amend("2026-03-01")
    };
    let amended = desk.once(|book, now| book.amend(&amend, now).unwrap());
    assert_eq!(amended.from, at("03-01T00:00"));
    let other = Amend {
        from: "2026-04-01".parse().unwrap(),
        ..amend
    };
    is_other_act(&desk.refuses(|book| book.amend(&other, now())));
}

#[test]
fn two_amendments_at_once_under_one_id_are_one() {
    let desk = Desk::signed();
    let before = desk.entries();
    let amend = Amend {
        id: Some("once-1"),
        ..amend("2026-03-01")
    };
    let both = desk.both(|book| book.amend(&amend, now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(
        desk.entries(),
        before + 1,
        "its documents are published already"
    );
}

#[test]
fn a_draft_is_neither_amended_nor_ended() {
    let desk = Desk::empty();
    desk.answered("T-1");
    let unsigned = |error| match error {
        Error::Refused(Refused::Unsigned(unsigned)) => unsigned,
        other => panic!("{other:?}"),
    };
    let error = desk.refuses(|book| book.amend(&amend("2026-03-01"), now()));
    assert!(matches!(unsigned(error), Unsigned::Amend { .. }));
    let error = desk.refuses(|book| book.end(&end(), now()));
    assert!(matches!(unsigned(error), Unsigned::End { .. }));
}

#[test]
fn a_contract_is_ended_once_with_and_without_an_id() {
    let desk = Desk::signed();
    let ended = desk.once(|book, now| book.end(&end(), now).unwrap());
    assert_eq!(ended.at, at("06-01T00:00"));
    let by_id = End {
        id: Some("once-1"),
        ..end()
    };
    desk.once(|book, now| book.end(&by_id, now).unwrap());
    let other = End { by: "ceo", ..by_id };
    is_other_act(&desk.refuses(|book| book.end(&other, now())));
    let absent = End {
        contract: Some("none"),
        ..end()
    };
    let error = desk.refuses(|book| book.end(&absent, now()));
    assert!(matches!(error, Error::Absent(Absent::Contract { .. })));
}

#[test]
fn two_ends_at_once_are_one() {
    let desk = Desk::signed();
    let before = desk.entries();
    let both = desk.both(|book| book.end(&end(), now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), before + 1);
}

#[test]
fn a_document_is_published_once_and_only_if_it_is_one() {
    let desk = Desk::empty();
    let plan = desk.book.documents().unwrap().texts.plan;
    let publish = Publish {
        customer: "acme",
        document: DocumentKind::Plan,
        name: "plan.toml",
        text: &plan,
        by: "finance",
    };
    desk.once(|book, now| book.publish(&publish, now).unwrap());
    let faulty = Publish {
        text: "id = 1",
        ..publish
    };
    let error = desk.refuses(|book| book.publish(&faulty, now()));
    assert!(matches!(error, Error::Faulty(_)));
    let costs = Publish {
        document: DocumentKind::ModelCosts,
        ..publish
    };
    let error = desk.refuses(|book| book.publish(&costs, now()));
    assert!(matches!(
        error,
        Error::Invalid(Invalid::ModelCostsOfCustomer)
    ));
    // The signature finds the plan there.
    desk.book.sign(&sign(), now()).unwrap();
    assert_eq!(desk.entries(), 4);
}

#[test]
fn a_document_published_twice_at_once_is_there_once() {
    let desk = Desk::empty();
    let plan = desk.book.documents().unwrap().texts.plan;
    let publish = Publish {
        customer: "acme",
        document: DocumentKind::Plan,
        name: "plan.toml",
        text: &plan,
        by: "finance",
    };
    let both = desk.both(|book| book.publish(&publish, now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    assert_eq!(desk.entries(), 1);
}

/// The document of the contract in force, with another text behind it.
fn document(desk: &Desk, more: &str) -> String {
    let text = &desk.book.agreement("acme", "acme-2026").unwrap().versions[0].text;
    format!("{text}{more}")
}

#[test]
fn a_contract_goes_back_to_an_earlier_version_as_a_new_one() {
    let desk = Desk::signed();
    let text = document(&desk, "rounding = \"half_up\"\n");
    let second = Amend {
        document: Some(ContractText {
            name: "second",
            text: &text,
        }),
        ..amend("2026-03-01")
    };
    desk.book.amend(&second, now()).unwrap();
    let back = RollBack {
        customer: "acme",
        contract: None,
        to_version: 1,
        from: "2026-04-01".parse().unwrap(),
        reprice: None,
        by: "procurement",
        key: None,
        id: None,
    };
    desk.once(|book, now| book.roll_back(&back, now).unwrap());
    let contract = desk.book.agreement("acme", "acme-2026").unwrap();
    assert_eq!(contract.versions[2].text, contract.versions[0].text);
    assert_eq!(contract.history.len(), 3);
    assert_eq!(
        contract.history[1].changes,
        ["rounding: half_up (was not said)"]
    );
    assert_eq!(
        contract.history[2].changes,
        ["rounding: no longer said (was half_up)"]
    );
    assert_eq!(contract.history[2].by.as_deref(), Some("procurement"));
    let none = RollBack {
        to_version: 9,
        ..back
    };
    let error = desk.refuses(|book| book.roll_back(&none, now()));
    assert!(error.to_string().contains("has no version 9"), "{error}");
}

#[test]
fn a_contract_that_renews_is_ended_by_notice_or_agreement() {
    let desk = Desk::empty();
    desk.answered("T-0");
    let draft = desk.book.agreements("acme").unwrap().remove(0);
    let text = format!(
        "{}ends = 2026-12-31\nrenews = {{ for = \"12 months\", notice = \"60d\" }}\n",
        draft.versions[0].text.replace(&draft.contract, "acme-2026")
    );
    let signed = Sign {
        document: Some(ContractText {
            name: "renewing",
            text: &text,
        }),
        ..sign()
    };
    desk.book.sign(&signed, now()).unwrap();
    let error = desk.refuses(|book| book.end(&end(), now()));
    assert!(
        error
            .to_string()
            .contains("runs until 2026-12-31 and renews"),
        "{error}"
    );
    let in_time = End {
        at: "2027-01-01".parse().unwrap(),
        ..end()
    };
    desk.book.end(&in_time, now()).unwrap();
    let agreed = End {
        agreed: true,
        ..end()
    };
    let ended = desk.book.end(&agreed, now()).unwrap();
    assert_eq!(ended.what.at, at("06-01T00:00"));
}

#[test]
fn a_change_is_previewed_and_nothing_is_written() {
    let desk = Desk::signed();
    let before = desk.entries();
    let text = document(&desk, "[totals]\ndiscount_percent = 50\n");
    let change = Change {
        customer: "acme",
        contract: None,
        document: Some(ContractText {
            name: "half",
            text: &text,
        }),
        plan: None,
        from: "2026-03-01".parse().unwrap(),
        periods: 1,
    };
    let preview = desk.book.preview_change(&change, now()).unwrap();
    assert_eq!(desk.entries(), before);
    assert_eq!(preview.closed.len(), 1);
    let january = &preview.closed[0];
    assert_eq!(
        (january.before.number(), january.after.number()),
        ("0.99".to_owned(), "0.49".to_owned())
    );
    assert_eq!(january.lines[0].part, "discount");
    assert_eq!(
        preview.changes,
        ["discount on the total: 50 % (was not said)"]
    );
    let current = preview.current.unwrap();
    assert_eq!(current.before, current.after);
    let too_many = Change {
        periods: PREVIEW_PERIODS_MAX + 1,
        ..change
    };
    let error = desk.book.preview_change(&too_many, now()).unwrap_err();
    assert!(matches!(
        error,
        Error::Invalid(Invalid::PreviewPeriods { .. })
    ));
}

/// Failed, passed, and failed after all, by the same text: the third says it anew, and a fourth nothing.
#[test]
fn d12_a_text_that_was_superseded_may_be_said_again() {
    let desk = Desk::signed();
    let text = |verdict: &str| {
        format!("subject = \"support\"\nfrom = 2026-01-01T00:00:00Z\nverdict = \"{verdict}\"\n")
    };
    let say = |verdict: &str, now: Timestamp| {
        let publish = Publish {
            customer: "acme",
            document: DocumentKind::Calibration,
            name: "calibration.toml",
            text: &text(verdict),
            by: "quality",
        };
        let before = desk.entries();
        let said = desk.book.publish(&publish, now).unwrap();
        assert_eq!(desk.entries(), before + u64::from(!said.is_known));
        said.is_known
    };
    assert!(!say("failed", at("02-03T09:00")));
    assert!(say("failed", at("02-03T09:30")), "it is what was said last");
    assert!(!say("passed", at("02-03T10:00")));
    assert!(!say("failed", at("02-03T11:00")));
    assert!(say("failed", at("02-03T12:00")));
    let account = desk.book.account("acme", None).unwrap();
    assert_eq!((account.published.len(), account.flags.len()), (3, 0));
}

/// What changes a price is asked of the account before it is in the log; a rate of exchange is of no customer.
#[test]
fn a_document_whose_numbers_enter_prices_is_published_where_it_may_be() {
    let desk = Desk::signed();
    let text = "subject = \"support\"\nfrom = 2026-01-01T00:00:00Z\nverdict = \"failed\"\n";
    let publish = Publish {
        customer: "acme",
        document: DocumentKind::Calibration,
        name: "calibration.toml",
        text,
        by: "quality",
    };
    desk.once(|book, now| book.publish(&publish, now).unwrap());
    let nobody = Publish {
        customer: "nobody",
        ..publish
    };
    let error = desk.refuses(|book| book.publish(&nobody, now()));
    assert!(matches!(error, Error::Absent(_)), "{error:?}");
    let faulty = Publish {
        text: "subject = \"support\"\n",
        ..publish
    };
    let error = desk.refuses(|book| book.publish(&faulty, now()));
    assert!(matches!(error, Error::Faulty(_)), "{error:?}");

    let rate =
        "subject = \"EUR/USD\"\nfrom = 2026-01-01T00:00:00Z\nrate = \"1.0842\"\nsource = \"ECB\"\n";
    let of_customer = Publish {
        document: DocumentKind::Fx,
        text: rate,
        ..publish
    };
    let error = desk.refuses(|book| book.publish(&of_customer, now()));
    assert!(matches!(error, Error::Invalid(Invalid::RateOfCustomer)));
    let of_nobody = Publish {
        customer: work::event::UNASSIGNED,
        ..of_customer
    };
    desk.book.publish(&of_nobody, now()).unwrap();
    let rates = crate::price_books::rates(desk.book.store.as_ref()).unwrap();
    assert_eq!(rates.len(), 1);
    assert_eq!(rates[0].document.subject, "EUR/USD");
}
