//! A contract as double entry: the accounts come to what statements and the revenue schedule say.
#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::{Amount, Currency};
use piecework_pricing::account::Account;
use piecework_pricing::accounting::{Entry, GlAccount, TrialBalance, of_contract};
use piecework_pricing::plan::Surface;
use piecework_pricing::revenue::{Close, Constraint, Estimate, Row, Stream, schedule};
use proptest::prelude::*;
use support::*;

fn end_of(month: i8) -> Timestamp {
    let next = date(2026, month, 1).checked_add(1.month()).unwrap();
    next.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn months(account: &Account, through: i8) -> Vec<Close<'_>> {
    let close = |month| Close {
        month: date(2026, month, 1),
        until: end_of(month),
        known: account.contract(CONTRACT).unwrap(),
    };
    (1..=through).map(close).collect()
}

fn constraint() -> Constraint {
    let estimate = Estimate {
        share: "0.05".parse().unwrap(),
        within: "30d".parse().unwrap(),
    };
    Constraint {
        by_unit: BTreeMap::from([(UNIT.to_owned(), estimate)]),
    }
}

fn entries(closes: &[Close<'_>]) -> Vec<Entry> {
    of_contract(CUSTOMER, closes, &constraint(), &TimeZone::UTC).unwrap()
}

fn own(account: fn(String) -> GlAccount) -> GlAccount {
    account(CUSTOMER.to_owned())
}

fn deferred(customer: String) -> GlAccount {
    GlAccount::DeferredRevenue { customer }
}

fn asset(customer: String) -> GlAccount {
    GlAccount::ContractAsset { customer }
}

fn refund(customer: String) -> GlAccount {
    GlAccount::RefundLiability { customer }
}

fn receivable(customer: String) -> GlAccount {
    GlAccount::Receivable { customer }
}

/// What the accounts come to is what the schedule ends with and the statements ask.
fn check(closes: &[Close<'_>]) -> Vec<Entry> {
    let zero = usd("0");
    let entries = entries(closes);
    for entry in &entries {
        assert!(entry.sum(Currency::USD).unwrap().is_zero(), "{entry:?}");
        assert!(
            entry.postings.iter().all(|own| !own.amount.is_zero()),
            "{entry:?}"
        );
    }
    let rows = schedule(closes, &constraint()).unwrap();
    let last: &Row = rows.last().unwrap();
    let balance = TrialBalance::of(&entries).unwrap();
    let of = |account| balance.balance(&own(account), zero);
    assert_eq!(of(asset), last.contract_asset);
    assert_eq!(of(deferred), last.deferred.negated());
    assert_eq!(of(refund), last.refund_liability.negated());
    let stated = Amount::sum(Currency::USD, rows.iter().map(|row| row.stated)).unwrap();
    assert_eq!(of(receivable), stated);
    let all = Amount::sum(Currency::USD, balance.balances().map(|own| own.amount)).unwrap();
    assert!(all.is_zero());
    entries
}

fn support_plan() -> String {
    plan(&format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"3650.00\"\nevery = \"year\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"1.00\"\n"
    ))
}

#[test]
fn a_year_in_advance_and_work_by_the_month() {
    let mut book = Book::new(&support_plan(), "");
    book.issue("01-01");
    book.confirmed("01-15T09:00", 1, 100);
    book.issue("02-01");
    let account = book.account();
    check(&months(&account, 1));
    let entries = check(&months(&account, 2));
    let told: Vec<String> = entries
        .iter()
        .map(|entry| format!("{} {}", entry.date, entry.narration))
        .collect();
    assert_eq!(
        told,
        [
            "2026-01-01 statement acme-0001",
            "2026-01-31 performed in January 2026",
            "2026-01-31 acme-2026: stated and expected to be taken back",
            "2026-02-01 statement acme-0002",
            "2026-02-28 performed in February 2026",
            "2026-02-28 acme-2026: stated and expected to be taken back",
        ]
    );
    let balance = TrialBalance::of(&entries).unwrap();
    let revenue = |surface| GlAccount::Revenue {
        stream: Stream::Surface(surface),
        customer: CUSTOMER.to_owned(),
    };
    let zero = usd("0");
    assert_eq!(
        balance.balance(&revenue(Surface::Access), zero),
        usd("-590.00")
    );
    assert_eq!(
        balance.balance(&revenue(Surface::Outcome), zero),
        usd("-100.00")
    );
    assert_eq!(balance.balance(&own(receivable), zero), usd("3750.00"));
}

#[test]
fn a_void_takes_the_receivable_back_on_its_own_day() {
    let mut book = Book::new(&support_plan(), "");
    book.issue("01-01");
    book.void("acme-0001");
    let account = book.account();
    let before = check(&months(&account, 11));
    let zero = usd("0");
    let balance = TrialBalance::of(&before).unwrap();
    assert_eq!(balance.balance(&own(receivable), zero), usd("3650.00"));
    let after = check(&months(&account, 12));
    let balance = TrialBalance::of(&after).unwrap();
    assert_eq!(balance.balance(&own(receivable), zero), zero);
    assert_eq!(balance.balance(&own(asset), zero), usd("3650.00"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The accounts come to the schedule and the statements whatever was performed, stated and voided.
    #[test]
    fn the_accounts_come_to_the_schedule(
        works in 0usize..30,
        reopened in 0usize..8,
        issued in prop::collection::vec(1i8..8, 0..4),
        voids in 0usize..3,
    ) {
        let mut book = Book::new(&support_plan(), "");
        book.confirmed("01-15T09:00", 1, works);
        for case in 1..=reopened.min(works) {
            book.story(&format!("03-03T09:00 reopened case=c{case:04}"));
        }
        let mut cuts = issued;
        cuts.sort_unstable();
        cuts.dedup();
        for month in &cuts {
            book.issue(&format!("{month:02}-01"));
        }
        for number in 1..=voids.min(cuts.len()) {
            book.void(&format!("acme-{number:04}"));
        }
        let account = book.account();
        for through in [1, 3, 7, 12] {
            check(&months(&account, through));
        }
    }
}
