//! Payments over several statements, money on account, refunds, write-offs, and what was wrong.

use ::money::Amount;
use work::body::{Allocation, Balance, OnAccount};

use super::super::{
    Allocate, Due, For, GiveBack, GiveUp, Issue, LockBooks, Payment, Void, VoidMoney,
};
use super::statements::issue;
use super::{Desk, at, now};
use crate::Error;
use crate::error::{Invalid, Refused};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// January and February, each of one conversation at 0.99 USD.
fn two() -> Desk {
    let desk = Desk::signed();
    desk.book.issue(&issue(), now()).unwrap();
    desk.answered_at("T-2", "02-10T09:00", at("02-11T09:00"));
    let february = Issue {
        due: Due::Period("2026-02"),
        ..issue()
    };
    desk.book.issue(&february, at("03-03T09:00")).unwrap();
    desk
}

fn pay<'a>(text: &str, of: For<'a>, reference: &'a str) -> Payment<'a> {
    Payment {
        customer: "acme",
        amount: amount(text),
        of,
        at: None,
        reference: Some(reference),
        id: None,
    }
}

fn part(statement: &str, text: &str) -> Allocation {
    Allocation {
        statement: statement.to_owned(),
        amount: amount(text),
    }
}

fn open(desk: &Desk) -> Vec<(String, String)> {
    let rows = desk.book.statements("acme").unwrap();
    rows.into_iter()
        .map(|row| {
            let open = row.balance.map_or(String::new(), Amount::number);
            (open, row.state)
        })
        .collect()
}

fn rows(open: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = open.iter();
    own.map(|(open, state)| ((*open).to_owned(), (*state).to_owned()))
        .collect()
}

#[test]
fn d7_a_payment_over_several_statements_is_divided_by_amounts_or_oldest_first() {
    let desk = two();
    let parts = [part("acme-0002", "0.99 USD"), part("acme-0001", "0.50 USD")];
    let by_amounts = pay("1.49 USD", For::Parts(&parts), "B-1");
    let paid = desk.once(|book, now| book.pay(&by_amounts, now).unwrap());
    assert_eq!(paid.source.unwrap().on_account, amount("0.00 USD"));
    assert_eq!(
        open(&desk),
        rows(&[("0.49", "partly_paid"), ("0.00", "paid")])
    );
    // More than is open by name is refused; oldest first takes what is open, and the rest is on account.
    let more = [part("acme-0001", "0.50 USD")];
    let error = desk.refuses(|book| book.pay(&pay("0.50 USD", For::Parts(&more), "B-2"), now()));
    assert!(
        matches!(error, Error::Refused(Refused::Account(_))),
        "{error}"
    );
    let oldest = pay("5.00 USD", For::OldestDueFirst, "B-3");
    let paid = desk.once(|book, now| book.pay(&oldest, now).unwrap());
    assert_eq!(paid.source.unwrap().on_account, amount("4.51 USD"));
    assert_eq!(open(&desk), rows(&[("0.00", "paid"), ("0.00", "paid")]));
    // The same reference for something else is another act.
    let error = desk.refuses(|book| book.pay(&pay("5.00 USD", For::OnAccount, "B-3"), now()));
    assert!(matches!(error, Error::Refused(Refused::OtherAct { .. })));
}

#[test]
fn d7_money_on_account_is_allocated_refunded_or_written_off_once() {
    let desk = two();
    let on_account = pay("2.00 USD", For::OnAccount, "B-1");
    let paid = desk.once(|book, now| book.pay(&on_account, now).unwrap());
    assert_eq!(paid.entry, "payment/B-1");
    let from = OnAccount::Payment(paid.entry);
    let allocate = Allocate {
        customer: "acme",
        from: &from,
        of: For::Statement("acme-0002"),
        by: "finance",
        id: Some("once-1"),
    };
    let own = desk.once(|book, now| book.allocate(&allocate, now).unwrap());
    assert_eq!(own.amount, Some(amount("0.99 USD")));
    assert_eq!(open(&desk), rows(&[("0.99", "open"), ("0.00", "paid")]));
    let back = GiveBack {
        customer: "acme",
        from: &from,
        amount: Some(amount("1.00 USD")),
        at: None,
        reference: Some("R-1"),
        reason: "asked for",
        by: "finance-lead",
        key: None,
        id: None,
    };
    let own = desk.once(|book, now| book.refund(&back, now).unwrap());
    assert_eq!(own.source.unwrap().on_account, amount("0.01 USD"));
    let other = GiveBack {
        amount: Some(amount("0.02 USD")),
        reference: Some("R-2"),
        ..back
    };
    assert!(matches!(
        desk.refuses(|book| book.refund(&other, now())),
        Error::Refused(Refused::Account(_))
    ));
    let nothing = GiveBack {
        amount: Some(amount("0.00 USD")),
        ..other
    };
    assert!(matches!(
        desk.refuses(|book| book.refund(&nothing, now())),
        Error::Invalid(Invalid::MovesNothing { .. })
    ));
    let rest = Balance::OnAccount(from.clone());
    let give_up = GiveUp {
        customer: "acme",
        of: &rest,
        amount: None,
        reason: "less than a transfer costs",
        by: "finance-lead",
        key: None,
        id: Some("once-2"),
    };
    let own = desk.once(|book, now| book.write_off(&give_up, now).unwrap());
    assert_eq!(own.amount, Some(amount("0.01 USD")));
    let row = desk.book.payments("acme").unwrap().remove(0);
    let sums = [
        row.amount,
        row.allocated,
        row.refunded,
        row.written_off,
        row.on_account,
    ];
    assert_eq!(
        sums.map(Amount::number),
        ["2.00", "0.99", "1.00", "0.01", "0.00"]
    );
    // Nothing is there any more, and the payment is not voided while what went back stands.
    assert!(matches!(
        desk.refuses(|book| book.allocate(
            &Allocate {
                of: For::OldestDueFirst,
                id: None,
                ..allocate
            },
            now()
        )),
        Error::Refused(Refused::NothingOnAccount)
    ));
    let void = VoidMoney {
        customer: "acme",
        entry: "payment/B-1",
        reason: "of another customer",
        by: "finance-lead",
        id: None,
    };
    assert!(matches!(
        desk.refuses(|book| book.void_money(&void, now())),
        Error::Refused(Refused::Account(_))
    ));
}

#[test]
fn d7_a_write_off_closes_a_statement_and_its_void_opens_it_again() {
    let desk = two();
    let first = Balance::Statement("acme-0001".to_owned());
    desk.book
        .pay(&pay("0.97 USD", For::Statement("acme-0001"), "B-1"), now())
        .unwrap();
    let give_up = GiveUp {
        customer: "acme",
        of: &first,
        amount: None,
        reason: "bank fees",
        by: "finance-lead",
        key: None,
        id: None,
    };
    let own = desk.once(|book, now| {
        book.write_off(
            &GiveUp {
                id: Some("w-1"),
                ..give_up
            },
            now,
        )
        .unwrap()
    });
    assert_eq!(own.amount, Some(amount("0.02 USD")));
    assert_eq!(
        open(&desk),
        rows(&[("0.00", "written_off"), ("0.99", "open")])
    );
    assert!(matches!(
        desk.refuses(|book| book.write_off(&give_up, now())),
        Error::Refused(Refused::NothingOpen(_))
    ));
    let void = VoidMoney {
        customer: "acme",
        entry: "w-1",
        reason: "it was paid after all",
        by: "finance-lead",
        id: None,
    };
    let own = desk.once(|book, now| book.void_money(&void, now).unwrap());
    assert_eq!(own.statements[0].open, amount("0.02 USD"));
    assert_eq!(
        open(&desk),
        rows(&[("0.02", "partly_paid"), ("0.99", "open")])
    );
    let again = VoidMoney {
        id: Some("v-2"),
        ..void
    };
    assert!(matches!(
        desk.refuses(|book| book.void_money(&again, now())),
        Error::Refused(Refused::Account(_))
    ));
}

/// A payment that was recorded by mistake keeps no statement from being voided; one that was not does.
#[test]
fn d7_after_the_void_of_a_payment_its_statement_may_be_voided() {
    let desk = two();
    desk.book
        .pay(&pay("0.99 USD", For::Statement("acme-0002"), "B-1"), now())
        .unwrap();
    let void_statement = Void {
        customer: "acme",
        number: "acme-0002",
        reason: "wrong plan",
        by: "finance-lead",
        key: None,
        id: None,
    };
    let error = desk.refuses(|book| book.void(&void_statement, now()));
    assert!(matches!(error, Error::Refused(Refused::Account(_))));
    let void = VoidMoney {
        customer: "acme",
        entry: "payment/B-1",
        reason: "of another customer",
        by: "finance-lead",
        id: None,
    };
    desk.once(|book, now| book.void_money(&void, now).unwrap());
    assert!(desk.book.payments("acme").unwrap()[0].voided);
    desk.book.void(&void_statement, at("03-04T09:00")).unwrap();
    assert_eq!(open(&desk)[1], (String::new(), "void".to_owned()));
}

/// Due on the day of issue, where the contract says nothing: February 3 and March 3.
#[test]
fn what_is_open_is_aged_as_of_an_instant_and_the_account_comes_to_it() {
    let desk = two();
    let of = |text: &str| desk.book.ageing(None, text.parse().unwrap()).unwrap();
    let then = of("2026-02-28");
    assert_eq!(then.customers[0].days_1_30, amount("0.99 USD"));
    assert_eq!(then.customers[0].open, amount("0.99 USD"));
    let later = of("2026-04-05");
    let row = &later.totals[0];
    assert_eq!(
        (row.days_61_90, row.days_31_60, row.open),
        (amount("0.99 USD"), amount("0.99 USD"), amount("1.98 USD"))
    );
    assert!(
        later.customers[0].items.is_empty(),
        "of all customers, sums alone"
    );
    let on_account = pay("3.00 USD", For::OnAccount, "B-1");
    desk.book.pay(&on_account, at("03-10T09:00")).unwrap();
    let own = desk
        .book
        .ageing(Some("acme"), "2026-04-05".parse().unwrap());
    let own = own.unwrap().customers.remove(0);
    assert_eq!(
        (own.open, own.on_account),
        (amount("1.98 USD"), amount("3.00 USD"))
    );
    let days: Vec<i32> = own.items.iter().map(|item| item.days_overdue).collect();
    assert_eq!(days, [61, 33]);
    let march = jiff::civil::date(2026, 3, 1);
    let statements = desk
        .book
        .account_statements("acme", (Some(march), None), at("04-05T09:00"));
    let account = statements.unwrap().remove(0);
    assert_eq!(account.opening, amount("0.99 USD"));
    assert_eq!(account.closing, amount("-1.02 USD"));
    let balances: Vec<Amount> = account.lines.iter().map(|line| line.balance).collect();
    assert_eq!(balances, [amount("1.98 USD"), amount("-1.02 USD")]);
    assert!("yesterday".parse::<crate::receivables::AsOf>().is_err());
}

#[test]
fn a_balance_is_confirmed_by_the_size_of_the_log() {
    let desk = two();
    let day = jiff::civil::date(2026, 3, 31);
    let asked = desk.book.balance_confirmation("acme", day, None).unwrap();
    assert_eq!(asked.balances[0].open, amount("1.98 USD"));
    desk.book
        .pay(
            &pay("0.99 USD", For::OldestDueFirst, "B-1"),
            at("03-10T09:00"),
        )
        .unwrap();
    let again = desk
        .book
        .balance_confirmation("acme", day, Some(asked.log_size));
    assert_eq!(again.unwrap(), asked);
    let now = desk.book.balance_confirmation("acme", day, None).unwrap();
    assert_eq!(now.balances[0].open, amount("0.99 USD"));
    for size in [0, now.log_size + 1] {
        let error = desk.book.balance_confirmation("acme", day, Some(size));
        assert!(matches!(error.unwrap_err(), Error::Absent(_)));
    }
}

/// A month that is not over, half a month, or one that is locked is not locked; what would be posted in one is refused.
#[test]
fn nothing_is_posted_in_a_locked_month() {
    let desk = two();
    let lock = |until: &str, unlocks| LockBooks {
        until: Some(until.parse().unwrap()),
        unlocks,
        reason: "reported",
        by: "controller",
        id: None,
    };
    let now = at("03-05T09:00");
    let refused = |own: &LockBooks<'_>| desk.book.lock_books(own, now).unwrap_err();
    let error = refused(&lock("2026-03-31", false));
    assert!(matches!(
        error,
        Error::Refused(Refused::MonthNotOver { .. })
    ));
    let error = refused(&lock("2026-02-27", false));
    assert!(matches!(error, Error::Invalid(Invalid::NotLastOfMonth(_))));
    let error = refused(&lock("2026-01-31", true));
    assert!(matches!(
        error,
        Error::Refused(Refused::LockedAlready { .. })
    ));
    desk.book
        .lock_books(&lock("2026-02-28", false), now)
        .unwrap();
    let error = refused(&lock("2026-01-31", false));
    assert!(matches!(
        error,
        Error::Refused(Refused::LockedAlready { .. })
    ));
    let paid_at = |text: &str| Payment {
        at: Some(text.parse().unwrap()),
        ..pay("0.10 USD", For::OnAccount, "B-1")
    };
    let error = desk.refuses(|book| book.pay(&paid_at("2026-02-28"), now));
    assert!(matches!(error, Error::Refused(Refused::Locked { .. })));
    desk.book.pay(&paid_at("2026-03-01"), now).unwrap();
    desk.book
        .lock_books(&lock("2026-01-31", true), now)
        .unwrap();
    let early = Payment {
        reference: Some("B-2"),
        ..paid_at("2026-02-28")
    };
    desk.book.pay(&early, now).unwrap();
}
