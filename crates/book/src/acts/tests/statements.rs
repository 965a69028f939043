//! Statements issued and voided, credits given, payments recorded.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use money::Amount;

use super::super::{Credit, Due, For, Issue, Issued, PaidAt, Payment, Void};
use super::{Desk, at, is_other_act, now};
use crate::Error;
use crate::error::{Absent, Invalid, Refused, Unsigned};
use crate::proof_files::Proving;
use crate::statements::Previewed;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(super) fn issue<'a>() -> Issue<'a> {
    Issue {
        customer: "acme",
        contract: None,
        due: Due::Period("2026-01"),
        by: "finance",
        key: None,
        id: None,
    }
}

pub(super) fn void<'a>() -> Void<'a> {
    Void {
        customer: "acme",
        number: "acme-0001",
        reason: "wrong address",
        by: "finance",
        key: None,
        id: None,
    }
}

fn credit<'a>() -> Credit<'a> {
    Credit {
        customer: "acme",
        contract: None,
        amount: amount("5.00 USD"),
        reason: "an outage",
        by: "cs-lead",
        key: None,
        id: None,
    }
}

fn payment<'a>() -> Payment<'a> {
    Payment {
        customer: "acme",
        amount: amount("0.50 USD"),
        of: For::Statement("acme-0001"),
        at: None,
        reference: None,
        id: None,
    }
}

/// What tells one statement from another.
fn told(issued: Issued) -> (String, Timestamp, Amount, String) {
    (issued.number, issued.cut, issued.total, issued.digest)
}

#[test]
fn a_statement_is_issued_and_its_proof_file_kept() {
    let desk = Desk::signed();
    let issued = desk.book.issue(&issue(), now()).unwrap().what;
    assert_eq!(issued.number, "acme-0001");
    assert_eq!(issued.cut, at("02-01T00:00"));
    assert_eq!(issued.total, amount("0.99 USD"));
    let kept = desk.book.keep_proof_file("acme", "acme-0001", now());
    let kept = std::fs::read(kept.unwrap().file).unwrap();
    let mut made = Vec::new();
    let proving = Proving {
        customer: "acme",
        number: "acme-0001",
        from_carry: false,
        payloads: &[],
    };
    desk.book.proof_file(&proving, &mut made, now()).unwrap();
    assert!(kept == made, "the same file under the same head");
    let error = desk.refuses(|book| book.issue(&issue(), now()));
    assert!(matches!(error, Error::Refused(Refused::NothingDue)));
}

#[test]
fn what_cannot_be_issued_is_refused() {
    let desk = Desk::signed();
    let with = |due| Issue { due, ..issue() };
    let error = desk.refuses(|book| book.issue(&with(Due::Period("2026-02")), now()));
    assert!(matches!(error, Error::Refused(Refused::NotOver { .. })));
    let error = desk.refuses(|book| book.issue(&with(Due::Period("2025-12")), now()));
    assert!(matches!(error, Error::Absent(Absent::Period { .. })));
    let stranger = Issue {
        customer: "bolt",
        ..issue()
    };
    let error = desk.refuses(|book| book.issue(&stranger, now()));
    assert!(matches!(error, Error::Absent(Absent::Customer { .. })));
    let draft = Desk::empty();
    draft.answered("T-1");
    let error = draft.refuses(|book| book.issue(&issue(), now()));
    let unsigned = Refused::Unsigned(Unsigned::Issue {
        customer: "acme".to_owned(),
        command: "piecework contract sign --customer acme --from 2026-01-01 --by ROLE".to_owned(),
    });
    assert_eq!(error.to_string(), unsigned.to_string());
}

#[test]
fn under_one_id_a_statement_is_issued_once_even_after_it_was_voided() {
    let desk = Desk::signed();
    let by_id = Issue {
        id: Some("once-1"),
        ..issue()
    };
    let first = desk.book.issue(&by_id, now()).unwrap();
    assert!(!first.is_known);
    desk.book.void(&void(), now()).unwrap();
    desk.answered("T-2");
    let after = desk.entries();
    let again = desk.book.issue(&by_id, at("03-03T09:00")).unwrap();
    assert!(again.is_known);
    assert_eq!(told(again.what), told(first.what), "as it was issued");
    assert_eq!(desk.entries(), after);
    for other in [
        Issue { by: "ceo", ..by_id },
        Issue {
            due: Due::Period("2026-02"),
            ..by_id
        },
    ] {
        is_other_act(&desk.refuses(|book| book.issue(&other, now())));
    }
    let view = desk.book.preview(&Previewed {
        customer: Some("acme"),
        contract: None,
        period: Some("2026-01"),
        now: now(),
    });
    let total = view.unwrap().remove(0).statement.total;
    assert_eq!(total, amount("1.98 USD"), "voided, so it is owed again");
}

#[test]
fn a_statement_issued_under_an_id_of_its_callers_says_when_it_was_issued() {
    let desk = Desk::signed();
    let by_id = Issue {
        id: Some("once-1"),
        ..issue()
    };
    desk.book.issue(&by_id, now()).unwrap();
    let shown = desk.book.preview(&Previewed {
        customer: Some("acme"),
        contract: None,
        period: None,
        now: at("02-20T09:00"),
    });
    let status = shown.unwrap().remove(0).statement.status;
    let issued = pages::view::Status::Issued {
        number: "acme-0001".to_owned(),
        issued: now(),
    };
    assert_eq!(format!("{status:?}"), format!("{issued:?}"));
}

#[test]
fn of_two_issues_at_once_one_states_and_the_other_has_nothing_to_state() {
    let desk = Desk::signed();
    let error = desk.one_of_both(|book| book.issue(&issue(), now()));
    assert!(
        matches!(error, Error::Refused(Refused::NothingDue)),
        "{error:?}"
    );
    let account = desk.book.account("acme", None).unwrap();
    assert_eq!(account.contracts[0].issued.len(), 1);
    assert!(account.flags.is_empty(), "{:?}", account.flags);
}

#[test]
fn each_of_many_acts_at_once_finds_the_account_as_the_one_before_left_it() {
    let desk = Desk::signed();
    let through = Issue {
        due: Due::Through("2026-03"),
        ..issue()
    };
    let both = desk.both(|book| book.issue(&through, at("04-03T09:00")));
    let mut numbers = both.map(|own| own.unwrap().what.number);
    numbers.sort();
    assert_eq!(numbers, ["acme-0001", "acme-0002"]);
}

#[test]
fn a_statement_is_voided_once() {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    let by_id = Void {
        id: Some("once-1"),
        ..void()
    };
    desk.once(|book, now| book.void(&by_id, now).unwrap());
    let other = Void {
        reason: "another",
        ..by_id
    };
    is_other_act(&desk.refuses(|book| book.void(&other, now())));
    let error = desk.refuses(|book| book.void(&void(), now()));
    assert!(matches!(error, Error::Refused(Refused::Account(_))));
    let none = Void {
        number: "acme-0009",
        ..void()
    };
    let error = desk.refuses(|book| book.void(&none, now()));
    assert!(matches!(error, Error::Absent(Absent::OfAccount(_))));
}

#[test]
fn of_a_void_and_a_payment_at_once_one_is_refused() {
    for round in 0..8 {
        let desk = Desk::signed();
        desk.book.issue(&issue(), now()).unwrap();
        let turn = AtomicU32::new(round);
        let error = desk.one_of_both(|book| {
            if turn.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                book.void(&void(), now()).map(drop)
            } else {
                book.pay(&payment(), now()).map(drop)
            }
        });
        assert!(
            matches!(error, Error::Refused(Refused::Account(_))),
            "{error:?}"
        );
        assert!(desk.book.account("acme", None).unwrap().flags.is_empty());
    }
}

#[test]
fn a_credit_is_given_once_under_one_id_and_twice_without() {
    let desk = Desk::signed();
    let by_id = Credit {
        id: Some("once-1"),
        ..credit()
    };
    let given = desk.once(|book, now| book.credit(&by_id, now).unwrap());
    assert_eq!(given.contract, "acme-2026");
    let other = Credit {
        amount: amount("6.00 USD"),
        ..by_id
    };
    is_other_act(&desk.refuses(|book| book.credit(&other, now())));
    desk.book.credit(&credit(), now()).unwrap();
    desk.book.credit(&credit(), at("02-03T11:00")).unwrap();
    let account = desk.book.account("acme", None).unwrap();
    assert_eq!(account.contracts[0].credits.len(), 3);
}

#[test]
fn credits_that_give_nothing_or_have_no_contract_are_refused() {
    let desk = Desk::signed();
    for text in ["0.00 USD", "-5.00 USD"] {
        let amount = amount(text);
        let error = desk.refuses(|book| book.credit(&Credit { amount, ..credit() }, now()));
        assert!(matches!(
            error,
            Error::Invalid(Invalid::GivesNothing { .. })
        ));
    }
    let amount = amount("5.00 EUR");
    let error = desk.refuses(|book| book.credit(&Credit { amount, ..credit() }, now()));
    assert!(matches!(
        error,
        Error::Invalid(Invalid::OtherCurrency { .. })
    ));
    let draft = Desk::empty();
    draft.answered("T-1");
    let error = draft.refuses(|book| book.credit(&credit(), now()));
    assert!(matches!(
        error,
        Error::Refused(Refused::Unsigned(Unsigned::Credit { .. }))
    ));
}

#[test]
fn two_credits_at_once_under_one_id_are_one() {
    let desk = Desk::signed();
    let by_id = Credit {
        id: Some("once-1"),
        ..credit()
    };
    let both = desk.both(|book| book.credit(&by_id, now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    let account = desk.book.account("acme", None).unwrap();
    assert_eq!(account.contracts[0].credits.len(), 1);
}

#[test]
fn a_payment_is_known_by_its_reference_then_by_its_id() {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    let by_id = Payment {
        id: Some("once-1"),
        ..payment()
    };
    let paid = desk.once(|book, now| book.pay(&by_id, now).unwrap());
    assert_eq!(paid.statements[0].open, amount("0.49 USD"));
    let by_reference = Payment {
        reference: Some("bank-7"),
        ..payment()
    };
    let paid = desk.once(|book, now| book.pay(&by_reference, now).unwrap());
    assert_eq!(paid.statements[0].open, amount("0.00 USD"));
    let source = paid.source.unwrap();
    assert_eq!(
        (source.allocated, source.on_account),
        (amount("0.49 USD"), amount("0.01 USD"))
    );
    let resent = Payment {
        id: Some("once-2"),
        ..by_reference
    };
    assert!(desk.book.pay(&resent, now()).unwrap().is_known);
    let other = Payment {
        amount: amount("0.60 USD"),
        ..by_reference
    };
    let error = desk.refuses(|book| book.pay(&other, now()));
    assert!(matches!(
        error,
        Error::Refused(Refused::OtherPayment { .. })
    ));
}

#[test]
fn a_day_of_payment_is_its_midnight_in_the_contracts_zone() {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    let at_day: PaidAt = "2026-02-02".parse().unwrap();
    let on = Payment {
        at: Some(at_day),
        ..payment()
    };
    assert_eq!(
        desk.book.pay(&on, now()).unwrap().what.at,
        at("02-02T00:00")
    );
    let error = "soon".parse::<PaidAt>().unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::PaidAt(_))));
    let nothing = Payment {
        amount: amount("0.00 USD"),
        ..payment()
    };
    let error = desk.refuses(|book| book.pay(&nothing, now()));
    assert!(matches!(error, Error::Invalid(Invalid::PaysNothing { .. })));
}

#[test]
fn two_payments_at_once_with_one_reference_are_one() {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    let by_reference = Payment {
        reference: Some("bank-7"),
        ..payment()
    };
    let both = desk.both(|book| book.pay(&by_reference, now()));
    let known = both.map(|own| own.unwrap().is_known);
    assert!(known[0] != known[1], "{known:?}");
    let account = desk.book.account("acme", None).unwrap();
    assert_eq!(account.money.len(), 1);
}
