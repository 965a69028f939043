//! A contract as double entry: the accounts come to what statements and the revenue schedule say.
#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/many.rs"]
mod many;
mod support;

use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use many::{Reached, many};
use money::{Amount, Currency};
use piecework_pricing::account::Account;
use piecework_pricing::accounting::{
    Entry, GlAccount, TrialBalance, of_contract, of_credits, of_payments,
};
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

/// The accounts come to the schedule and the statements whatever was performed, stated and voided.
fn accounts_come_to_the_schedule(
    (works, reopened, voids): (usize, usize, usize),
    issued: &[i8],
    closes: &[i8],
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let mut book = Book::new(&support_plan(), "");
    book.confirmed("01-15T09:00", 1, works);
    for case in 1..=reopened.min(works) {
        book.story(&format!("03-03T09:00 reopened case=c{case:04}"));
    }
    let mut cuts = issued.to_vec();
    cuts.sort_unstable();
    cuts.dedup();
    for month in &cuts {
        book.issue(&format!("{month:02}-01"));
    }
    for number in 1..=voids.min(cuts.len()) {
        book.void(&format!("acme-{number:04}"));
    }
    reached.when("nothing stated", cuts.is_empty());
    reached.when("several statements", cuts.len() > 1);
    reached.when("a void", voids.min(cuts.len()) > 0);
    reached.when("works taken back", reopened.min(works) > 0);
    reached.when(
        "taken back behind a statement",
        reopened.min(works) > 0 && cuts.first().is_some_and(|own| *own < 4),
    );
    let account = book.account();
    for through in closes {
        check(&months(&account, *through));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_accounts_come_to_the_schedule(
        performed in (0usize..30, 0usize..8, 0usize..3),
        issued in prop::collection::vec(1i8..8, 0..4),
    ) {
        accounts_come_to_the_schedule(performed, &issued, &[1, 3, 7, 12], &Reached::default())?;
    }
}

#[test]
fn slow_the_accounts_come_to_the_schedule() {
    let boundaries = [
        ("nothing stated", 1_000),
        ("several statements", 3_000),
        ("a void", 3_000),
        ("works taken back", 5_000),
        ("taken back behind a statement", 2_000),
    ];
    let performed = (0usize..6, 0usize..4, 0usize..3);
    let issued = prop::collection::vec(1i8..5, 0..4);
    // Voids are of December.
    let through = prop::sample::select(vec![1i8, 2, 3, 4, 12]);
    many(
        &(performed, issued, through),
        &boundaries,
        |(performed, issued, through), reached| {
            accounts_come_to_the_schedule(performed, &issued, &[through], reached)
        },
    );
}

const CALLS: &str = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\n\
    meter = \"calls\"\nprice = \"1\"\n";

fn prepaid(customer: String) -> GlAccount {
    GlAccount::PrepaidCredits { customer }
}

fn promotion(customer: String) -> GlAccount {
    GlAccount::Promotion { customer }
}

fn breakage(customer: String) -> GlAccount {
    GlAccount::Breakage { customer }
}

/// 100.00 of credits for 80.00, good for January. January uses 60.00: 48.00 were paid for, 12.00 are promotion, and what was
/// paid for the rest is breakage when January is stated. The customer owes nothing.
#[test]
fn d9_what_was_paid_for_credits_is_drawn_in_proportion_and_the_rest_is_breakage() {
    let mut book = Book::new(&plan(CALLS), "");
    book.grant("2025-12-31", "g", "100", |own| {
        own.paid = Some(usd("80"));
        own.expires = Some(at("02-01"));
    });
    book.story("01-10T09:00 usage meter=calls quantity=60");
    book.issue("02-01");
    let account = book.account();
    let mut all = check(&months(&account, 2));
    all.extend(of_credits(&account, end_of(2), &TimeZone::UTC).unwrap());
    for entry in &all {
        assert!(entry.sum(Currency::USD).unwrap().is_zero(), "{entry:?}");
    }
    let balance = TrialBalance::of(&all).unwrap();
    let of = |account| balance.balance(&own(account), usd("0"));
    assert_eq!(of(receivable), usd("0"));
    assert_eq!(of(prepaid), usd("0"));
    assert_eq!(of(promotion), usd("12"));
    assert_eq!(of(breakage), usd("-32"));
    assert_eq!(balance.balance(&GlAccount::Cash, usd("0")), usd("80"));
}

/// Three draws of a third each, of a grant that cost a cent less than it pays: what they relieve sums to what was paid.
#[test]
fn d9_draws_are_rounded_over_all_that_is_drawn() {
    let mut book = Book::new(&plan(CALLS), "");
    book.grant("2025-12-31", "g", "3", |own| own.paid = Some(usd("0.50")));
    for (month, next) in [("01", "02"), ("02", "03"), ("03", "04")] {
        book.story(&format!("{month}-10T09:00 usage meter=calls quantity=1"));
        book.issue(&format!("{next}-01"));
    }
    let account = book.account();
    let entries = of_credits(&account, end_of(4), &TimeZone::UTC).unwrap();
    let relieved: Vec<String> = entries
        .iter()
        .skip(1)
        .map(|entry| entry.postings[0].amount.number())
        .collect();
    assert_eq!(relieved, ["0.17", "0.16", "0.17"]);
    let balance = TrialBalance::of(&entries).unwrap();
    assert_eq!(balance.balance(&own(prepaid), usd("0")), usd("0"));
}

/// A void gives back what its statement drew, on its own day.
#[test]
fn d9_a_void_returns_its_draws_to_the_books() {
    let mut book = Book::new(&plan(CALLS), "");
    book.grant("2025-12-31", "g", "100", |own| own.paid = Some(usd("100")));
    book.story("01-10T09:00 usage meter=calls quantity=60");
    book.issue("02-01");
    book.void("acme-0001");
    let account = book.account();
    let of = |month| {
        let mut all = check(&months(&account, month));
        all.extend(of_credits(&account, end_of(month), &TimeZone::UTC).unwrap());
        TrialBalance::of(&all).unwrap()
    };
    let prepaid_after = |month| of(month).balance(&own(prepaid), usd("0"));
    assert_eq!(
        (prepaid_after(11), prepaid_after(12)),
        (usd("-40"), usd("-100"))
    );
    assert_eq!(of(12).balance(&own(receivable), usd("0")), usd("0"));
}

/// A payment lowers the receivable on its day.
#[test]
fn d7_a_payment_is_cash_on_its_day() {
    let mut book = Book::new(&plan(CALLS), "");
    book.story("01-10T09:00 usage meter=calls quantity=60");
    book.issue("02-01");
    let paid = work::body::Payment::on("acme-0001", usd("50"));
    book.control("03-05", work::body::Control::PaymentRecorded(paid));
    let account = book.account();
    let open = |month| {
        let mut entries = entries(&months(&account, month));
        entries.extend(of_payments(&account, end_of(month), &TimeZone::UTC));
        let balance = TrialBalance::of(&entries).unwrap();
        let of = |account: &GlAccount| balance.balance(account, usd("0"));
        (of(&own(receivable)), of(&GlAccount::Cash))
    };
    assert_eq!(open(2), (usd("60"), usd("0")));
    assert_eq!(open(3), (usd("10"), usd("50")));
}
