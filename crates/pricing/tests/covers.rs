//! Covers: one document to pay for several statements (semantics.md D16). What they come to over time is in
//! `tests/scenarios/covers`; here is what no cover may do.

#![allow(clippy::unwrap_used, clippy::panic)] // a test may panic

mod support;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use money::{Amount, Currency};
use piecework_pricing::cover::Covering;
use piecework_pricing::receivable::{Ledger, over_cover};
use piecework_pricing::statement::{Issue, draw_looking_back};
use proptest::prelude::*;
use support::{Book, at, plan, usd};
use work::Digest;
use work::body::{Control, CoverEntry, Payment, Per};
use work::limits::COVER_PARTS_MAX;

const JANUARY: Date = date(2026, 1, 31);

fn fee(id: &str, amount: &str) -> String {
    plan(&format!(
        "[[component]]\nid = \"{id}\"\nkind = \"platform\"\namount = \"{amount}\"\ndue = \"arrears\"\n"
    ))
}

/// A customer of so many contracts, each with a fee of its number in cents, who chose covers.
fn contracts(many: usize) -> Book {
    let mut book = Book::default();
    for number in 1..=many {
        let id = name(number);
        let fee = fee("fee", &format!("{}.{:02}", number / 100, number % 100));
        let document = book.contract(&id, &fee, &support::definition("", ""), "");
        let signed = Control::ContractSigned {
            contract: id,
            document,
            by: "buyer".to_owned(),
        };
        book.control("01-01", signed);
    }
    book
}

fn name(number: usize) -> String {
    format!("c-{number:03}")
}

fn choose(book: &mut Book, per: Per, from: Date) {
    let by = "buyer".to_owned();
    book.control(
        "01-02",
        Control::Cover(CoverEntry::Chosen { per, from, by }),
    );
}

fn state(book: &mut Book, many: usize) {
    let account = book.account();
    for number in 1..=many {
        let drawn = draw_looking_back(&account, &name(number), at("02-01"), |_| account.clone());
        let issue = Issue {
            number: &format!("acme-{number:04}"),
            coverage: account.coverage,
            carry: Digest::of(b"a carry"),
            at: at("02-01"),
            by: "finance",
        };
        for entry in drawn.unwrap().issue(&issue).unwrap() {
            book.push(entry);
        }
    }
}

fn cover(book: &mut Book) -> Option<CoverEntry> {
    let account = book.account();
    let drafted = account.draft_cover(JANUARY, Currency::USD, "finance");
    let drafted = drafted.unwrap();
    if let Some(entry) = drafted.clone() {
        book.control("02-01", Control::Cover(entry));
    }
    drafted
}

fn void(book: &mut Book, number: &str) {
    let voided = CoverEntry::Voided {
        number: number.to_owned(),
        reason: "wrong".to_owned(),
        by: "finance".to_owned(),
    };
    book.control("02-02", Control::Cover(voided));
}

#[test]
fn d16_what_was_sent_before_the_choice_is_not_sent_again() {
    let mut book = contracts(1);
    state(&mut book, 1);
    choose(&mut book, Per::Customer, JANUARY);
    assert_eq!(cover(&mut book), None);
    let account = book.account();
    let (held, issued) = account.statement("acme-0001").unwrap();
    assert_eq!(account.covering(held, issued), Covering::Apart);
    assert!(account.awaited_covers().is_empty());
}

#[test]
fn d16_of_several_choices_the_latest_day_decides_and_then_the_later_entry() {
    let mut book = contracts(1);
    let per = |book: &Book, day: Date| book.account().per_on(day, u64::MAX);
    choose(&mut book, Per::Contract, date(2026, 3, 1));
    choose(&mut book, Per::Customer, date(2026, 1, 31));
    assert_eq!(per(&book, date(2026, 1, 30)), Per::Contract);
    assert_eq!(per(&book, date(2026, 1, 31)), Per::Customer);
    assert_eq!(per(&book, date(2026, 2, 28)), Per::Customer);
    assert_eq!(per(&book, date(2026, 3, 1)), Per::Contract);
    choose(&mut book, Per::Customer, date(2026, 3, 1));
    assert_eq!(per(&book, date(2026, 3, 1)), Per::Customer);
}

#[test]
fn d16_a_voided_cover_voids_no_statement() {
    let mut book = contracts(2);
    choose(&mut book, Per::Customer, JANUARY);
    state(&mut book, 2);
    cover(&mut book).unwrap();
    void(&mut book, "acme-A0001");
    let account = book.account();
    assert!(account.covers[0].is_voided());
    assert!(
        account
            .statement("acme-0001")
            .is_some_and(|(_, own)| !own.is_voided())
    );
    let ledger = Ledger::of(&account, Timestamp::MAX).unwrap();
    assert!(ledger.covers.is_empty());
    assert_eq!(ledger.open(Currency::USD).unwrap(), usd("0.03"));
    assert_eq!(account.awaited_covers(), [(JANUARY, Currency::USD)]);
    let Some(CoverEntry::Issued { number, total, .. }) = cover(&mut book) else {
        panic!("they wait again");
    };
    assert_eq!((number.as_str(), total), ("acme-A0002", usd("0.03")));
}

#[test]
fn d16_a_cover_that_was_paid_on_is_not_voided() {
    let mut book = contracts(2);
    choose(&mut book, Per::Customer, JANUARY);
    state(&mut book, 2);
    cover(&mut book).unwrap();
    pay(&mut book, "acme-A0001", "0.02");
    let refused = book.account().may_void_cover("acme-A0001").unwrap_err();
    assert!(refused.to_string().contains("acme-0001"), "{refused}");
    void(&mut book, "acme-A0001");
    let account = book.account();
    assert!(!account.covers[0].is_voided());
    assert_eq!(account.flags.len(), 1);
}

fn pay(book: &mut Book, cover: &str, amount: &str) {
    let ledger = Ledger::of(&book.account(), Timestamp::MAX).unwrap();
    let amount = usd(amount);
    let payment = Payment {
        amount,
        statement: None,
        allocations: over_cover(&ledger, cover, amount).unwrap(),
        reference: None,
    };
    book.control("02-10", Control::PaymentRecorded(payment));
}

#[test]
fn d16_a_cover_has_a_hundred_statements_and_the_next_one_has_the_rest() {
    let many = COVER_PARTS_MAX + 1;
    let mut book = contracts(many);
    choose(&mut book, Per::Customer, JANUARY);
    state(&mut book, many);
    let Some(CoverEntry::Issued { parts, total, .. }) = cover(&mut book) else {
        panic!("there are statements");
    };
    assert_eq!(parts.len(), COVER_PARTS_MAX);
    assert_eq!(total, usd("50.50"));
    let Some(CoverEntry::Issued {
        number,
        parts,
        total,
        ..
    }) = cover(&mut book)
    else {
        panic!("one is left");
    };
    assert_eq!(number, "acme-A0002");
    assert_eq!(parts.len(), 1);
    assert_eq!(total, usd("1.01"));
    assert_eq!(cover(&mut book), None);
}

#[test]
fn d16_a_cover_that_says_otherwise_has_no_effect() {
    let mut book = contracts(2);
    choose(&mut book, Per::Customer, JANUARY);
    state(&mut book, 2);
    let account = book.account();
    let drafted = account.draft_cover(JANUARY, Currency::USD, "finance");
    let Ok(Some(CoverEntry::Issued {
        number,
        through,
        parts,
        payable,
        by,
        ..
    })) = drafted
    else {
        panic!("there are statements");
    };
    let total = usd("0.04");
    let wrong = CoverEntry::Issued {
        number,
        through,
        parts,
        total,
        payable,
        by,
    };
    book.control("02-01", Control::Cover(wrong));
    let account = book.account();
    assert!(account.covers.is_empty());
    assert!(
        account.flags[0].problem.contains("0.04 USD"),
        "{:?}",
        account.flags
    );
    // The number is still free.
    assert_eq!(account.next_cover(), "acme-A0001");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is paid for a cover, in whatever parts: it is the sum of its statements, none is paid more than is open,
    /// and what is above is on account.
    #[test]
    fn d16_payments_pay_a_cover_and_nothing_twice(payments in prop::collection::vec(1_u32..40, 0..8)) {
        let mut book = contracts(8);
        choose(&mut book, Per::Customer, JANUARY);
        state(&mut book, 8);
        cover(&mut book).unwrap();
        let mut paid = Amount::zero(Currency::USD);
        for cents in payments {
            let amount = format!("0.{cents:02}");
            pay(&mut book, "acme-A0001", &amount);
            paid = paid.plus(usd(&amount)).unwrap();
            let ledger = Ledger::of(&book.account(), Timestamp::MAX).unwrap();
            let own = ledger.cover("acme-A0001").unwrap();
            prop_assert_eq!(own.due, usd("0.36"));
            prop_assert_eq!(own.due, own.paid.plus(own.open).unwrap());
            prop_assert_eq!(paid, own.paid.plus(ledger.on_account(Currency::USD).unwrap()).unwrap());
            prop_assert!(own.open.is_zero() || ledger.on_account(Currency::USD).unwrap().is_zero());
            prop_assert!(ledger.statements.iter().all(|own| !own.open.is_negative()));
        }
    }
}
