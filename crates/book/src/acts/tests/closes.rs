//! The close of a month: what is open is found, and the record says what was.

use pages::view::{Checklist, CloseRow};
use work::LogKind;
use work::event::UNASSIGNED;

use super::super::{Credit, Sign};
use super::statements::issue;
use super::{Desk, at, now, sign};
use crate::Error;
use crate::closes::CloseMonth;
use crate::error::{Invalid, Refused};

fn check(desk: &Desk) -> Checklist {
    desk.book.close_checklist("2026-01", now()).unwrap()
}

fn row<'c>(checklist: &'c Checklist, check: &str) -> &'c CloseRow {
    checklist
        .rows
        .iter()
        .find(|own| own.check == check)
        .unwrap()
}

fn open(checklist: &Checklist) -> Vec<&str> {
    let open = checklist.rows.iter().filter(|own| own.state == "open");
    open.map(|own| own.check.as_str()).collect()
}

#[test]
fn what_is_open_is_found_until_it_is_mended() {
    let mut desk = Desk::signed();
    let checklist = check(&desk);
    assert_eq!(open(&checklist), ["statements"]);
    assert_eq!(
        row(&checklist, "statements").details,
        ["acme acme-2026: not issued"]
    );
    assert_eq!(
        check(&desk).digest,
        checklist.digest,
        "the same book says the same"
    );
    desk.book.issue(&issue(), now()).unwrap();
    assert_eq!(open(&check(&desk)), Vec::<&str>::new());
    // Whoever signed nothing, and whatever waits for somebody.
    desk.book.config.approvals = toml::from_str("credit = \"1 USD\"").unwrap();
    let gift = Credit {
        customer: "acme",
        contract: None,
        amount: "5.00 USD".parse().unwrap(),
        reason: "an outage",
        by: "cs-lead",
        key: None,
        id: None,
    };
    desk.book.credit(&gift, now()).unwrap_err();
    let other = Desk::empty();
    other.answered("T-1");
    assert_eq!(open(&check(&other)), ["drafts"]);
    let checklist = check(&desk);
    assert_eq!(open(&checklist), ["proposals"]);
    assert_eq!(row(&checklist, "proposals").count, 1);
    let january = Sign {
        customer: "bolt",
        from: "2026-02-01".parse().unwrap(),
        ..sign()
    };
    desk.book.sign(&january, now()).unwrap();
    assert_eq!(
        open(&check(&desk)),
        ["proposals"],
        "February is no part of January"
    );
    let one_thread = check(&desk);
    desk.book.threads = 3;
    assert_eq!(check(&desk), one_thread);
}

#[test]
fn a_month_is_closed_once_by_one_and_with_a_reason_where_rows_are_open() {
    let desk = Desk::signed();
    let close = |reason| CloseMonth {
        month: "2026-01",
        by: "finance-lead",
        reason,
    };
    let error = desk.book.close_month(&close(None), now()).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refused::CloseOpen { open: 1 })),
        "{error}"
    );
    let said = "acme pays by hand";
    let closed = desk.book.close_month(&close(Some(said)), now()).unwrap();
    assert!(!closed.is_known);
    let closed = closed.what.closed;
    assert_eq!((closed.open, closed.reason.as_deref()), (1, Some(said)));
    assert_eq!(closed.checklist, check(&desk).digest);
    assert!(
        desk.book
            .close_month(&close(Some(said)), now())
            .unwrap()
            .is_known
    );
    let log = || desk.book.store.head(UNASSIGNED, LogKind::Seller).unwrap();
    assert_eq!(log(), 1);
    desk.book.issue(&issue(), now()).unwrap();
    let again = desk.book.close_month(&close(None), now()).unwrap().what;
    assert_eq!(again.checklist.closed.len(), 2);
    assert_eq!(log(), 2);
    let early = desk
        .book
        .close_month(&close(None), at("02-01T11:59"))
        .unwrap_err();
    assert!(
        matches!(early, Error::Invalid(Invalid::MonthRuns { .. })),
        "{early}"
    );
}
