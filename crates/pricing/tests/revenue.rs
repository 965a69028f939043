//! When revenue is recognised, against what is stated.
#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/many.rs"]
mod many;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use many::{Reached, many};
use money::{Amount, Currency};
use piecework_pricing::account::{Account, Held};
use piecework_pricing::revenue::{
    Close, Constraint, Estimate, Row, recognised, right_to_invoice, schedule,
};
use proptest::prelude::*;
use support::*;

fn end_of(month: Date) -> Timestamp {
    let next = month.checked_add(1.month()).unwrap();
    next.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// The first months of 2026, each with the contract as it is known when it is closed.
fn months<'a>(known: impl IntoIterator<Item = &'a Account>) -> Vec<Close<'a>> {
    let closes = (1..).zip(known).map(|(month, account)| {
        let month = date(2026, month, 1);
        Close {
            month,
            until: end_of(month),
            known: account.contract(CONTRACT).unwrap(),
        }
    });
    closes.collect()
}

fn five_percent() -> Constraint {
    let estimate = Estimate {
        share: "0.05".parse().unwrap(),
        within: "30d".parse().unwrap(),
    };
    Constraint {
        by_unit: BTreeMap::from([(UNIT.to_owned(), estimate)]),
    }
}

/// `month: revenue by stream = sum, stated, contract asset, deferred`.
fn show_rows(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        write!(out, "{}:", row.month.strftime("%Y-%m")).unwrap();
        for (stream, amount) in &row.revenue {
            write!(out, " {} {}", stream.word(), amount.number()).unwrap();
        }
        writeln!(
            out,
            " = {}, stated {}, asset {}, deferred {}",
            row.recognised.number(),
            row.stated.number(),
            row.contract_asset.number(),
            row.deferred.number()
        )
        .unwrap();
    }
    out
}

fn check(closes: &[Close<'_>], constraint: &Constraint, expected: &str) {
    let rows = schedule(closes, constraint).unwrap();
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|own| !own.is_empty())
        .collect();
    assert_eq!(show_rows(&rows).lines().collect::<Vec<_>>(), expected);
}

/// A year's fee of 3,650.00, stated on its first day, is 10.00 for every day of 2026.
#[test]
fn a_fee_in_advance_is_earned_by_the_day() {
    let fee = "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"3650.00\"\nevery = \"year\"\n";
    let mut book = Book::new(&plan(fee), "");
    book.issue("01-01");
    let account = book.account();
    check(
        &months([&account, &account, &account]),
        &Constraint::default(),
        "2026-01: access 310.00 = 310.00, stated 3650.00, asset 0.00, deferred 3340.00
         2026-02: access 280.00 = 280.00, stated 0.00, asset 0.00, deferred 3060.00
         2026-03: access 310.00 = 310.00, stated 0.00, asset 0.00, deferred 2750.00",
    );
}

/// 100.00 over 31 days are 3.225806... a day: rounded over the days that have passed, the month is 100.00.
#[test]
fn days_are_rounded_once_and_sum_to_the_fee() {
    let fee = "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"100.00\"\nevery = \"quarter\"\n";
    let book = Book::new(&plan(fee), "");
    let account = book.account();
    check(
        &months([&account, &account, &account]),
        &Constraint::default(),
        "2026-01: access 34.44 = 34.44, stated 0.00, asset 34.44, deferred 0.00
         2026-02: access 31.12 = 31.12, stated 0.00, asset 65.56, deferred 0.00
         2026-03: access 34.44 = 34.44, stated 0.00, asset 100.00, deferred 0.00",
    );
}

/// A contract that is stated by the quarter earns usage and work in the month in which they happen.
#[test]
fn usage_and_work_are_earned_when_they_happen() {
    let terms = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.10\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.99\"\n"
    );
    let mut book = Book::new(&plan(&terms), "billing = \"quarter\"\n");
    book.story(
        "01-10T09:00 usage meter=calls quantity=50\n02-10T09:00 usage meter=calls quantity=20",
    );
    book.confirmed("01-20T09:00", 1, 3);
    book.confirmed("03-20T09:00", 4, 1);
    book.issue("04-01");
    let account = book.account();
    check(
        &months([&account, &account, &account, &account]),
        &Constraint::default(),
        "2026-01: usage 5.00 outcome 2.97 = 7.97, stated 0.00, asset 7.97, deferred 0.00
         2026-02: usage 2.00 = 2.00, stated 0.00, asset 9.97, deferred 0.00
         2026-03: outcome 0.99 = 0.99, stated 0.00, asset 10.96, deferred 0.00
         2026-04: = 0.00, stated 10.96, asset 0.00, deferred 0.00",
    );
}

/// 100 works of January at 1.00, of which two are reopened in February: 5 % are held back while a work can be
/// reopened within the estimate's 30 days, and what was not taken back is revenue when they are over.
#[test]
fn what_may_be_taken_back_is_constrained_by_the_estimate() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    book.confirmed("01-15T09:00", 1, 100);
    book.story("02-03T09:00 reopened case=c0001\n02-04T09:00 reopened case=c0002");
    let account = book.account();
    let closes = months([&account, &account, &account]);
    check(
        &closes,
        &five_percent(),
        "2026-01: outcome 95.00 = 95.00, stated 0.00, asset 95.00, deferred 0.00
         2026-02: outcome 3.00 = 3.00, stated 0.00, asset 98.00, deferred 0.00
         2026-03: = 0.00, stated 0.00, asset 98.00, deferred 0.00",
    );
    check(
        &closes,
        &Constraint::default(),
        "2026-01: outcome 100.00 = 100.00, stated 0.00, asset 100.00, deferred 0.00
         2026-02: outcome -2.00 = -2.00, stated 0.00, asset 98.00, deferred 0.00
         2026-03: = 0.00, stated 0.00, asset 98.00, deferred 0.00",
    );
    let rows = schedule(&closes, &five_percent()).unwrap();
    let january = &rows[0].contestable[UNIT];
    assert_eq!((january.works, january.amount), (100, usd("100.00")));
    assert_eq!(january.constrained, usd("5.00"));
}

/// The definition's 90 days and the dispute's 30 are over in June: nothing is contestable, and two of a hundred were
/// taken back.
#[test]
fn an_estimate_can_be_held_against_what_came_of_it() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    book.confirmed("01-15T09:00", 1, 100);
    book.story("02-03T09:00 reopened case=c0001\n02-04T09:00 reopened case=c0002");
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let june = recognised(held, &five_percent(), at("06-01")).unwrap();
    let own = &june.contestable[UNIT];
    assert_eq!((own.works, own.past), (0, (100, 2)));
    assert_eq!(own.constrained, usd("0.00"));
}

/// A late work of January, known in March: January and February were closed without it, March has it.
#[test]
fn what_is_learnt_after_a_close_falls_into_the_open_month() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    book.confirmed("01-15T09:00", 1, 2);
    let (january, february) = (book.account(), book.account());
    book.confirmed("01-20T09:00", 3, 1);
    let march = book.account();
    check(
        &months([&january, &february, &march]),
        &Constraint::default(),
        "2026-01: outcome 2.00 = 2.00, stated 0.00, asset 2.00, deferred 0.00
         2026-02: = 0.00, stated 0.00, asset 2.00, deferred 0.00
         2026-03: outcome 1.00 = 1.00, stated 0.00, asset 3.00, deferred 0.00",
    );
}

/// 10 % off 1,200.00 of a year's access and 100.00 of January's usage: the discount is performed as what it is given on.
#[test]
fn a_discount_on_everything_follows_what_it_is_given_on() {
    let terms = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"3650.00\"\nevery = \"year\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"1\"\n\
         [totals]\nevery = \"year\"\ndiscount_percent = 10\n";
    let mut book = Book::new(&plan(terms), "");
    book.story("01-10T09:00 usage meter=calls quantity=100");
    let account = book.account();
    check(
        &months([&account, &account]),
        &Constraint::default(),
        "2026-01: access 279.00 usage 90.00 = 369.00, stated 0.00, asset 369.00, deferred 0.00
         2026-02: access 252.00 = 252.00, stated 0.00, asset 621.00, deferred 0.00",
    );
}

/// What is billed in advance of a minimum is revenue as it is drawn down, and the rest when its term is over.
#[test]
fn a_minimum_in_advance_is_deferred_until_it_is_drawn() {
    let terms = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n\
         [totals.minimum]\namount = 300\nperiods = 3\nbill = \"in_advance\"\n";
    let mut book = Book::new(&plan(terms), "");
    book.story(
        "01-10 usage meter=calls quantity=50\n02-10 usage meter=calls quantity=60\n03-10 usage meter=calls quantity=70",
    );
    let account = book.account();
    check(
        &months([&account, &account, &account]),
        &Constraint::default(),
        "2026-01: usage 50.00 = 50.00, stated 0.00, asset 50.00, deferred 0.00
         2026-02: usage 60.00 = 60.00, stated 0.00, asset 110.00, deferred 0.00
         2026-03: usage 70.00 commitment 120.00 = 190.00, stated 0.00, asset 300.00, deferred 0.00",
    );
}

/// A minimum is revenue when its period is over and it turned out to be more than what was used; a credit given by hand lowers revenue
/// on its day.
#[test]
fn a_minimum_and_a_concession_are_streams_of_their_own() {
    let terms = format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"1.00\"\n\
         [totals]\nevery = \"quarter\"\nminimum = \"90.00\"\n"
    );
    let mut book = Book::new(&plan(&terms), "");
    book.confirmed("01-15T09:00", 1, 10);
    let credit = work::body::Control::CreditIssued {
        contract: CONTRACT.to_owned(),
        amount: usd("5.00"),
        reason: "sorry".to_owned(),
        by: "finance".to_owned(),
    };
    book.control("02-10", credit);
    let account = book.account();
    check(
        &months([&account, &account, &account]),
        &Constraint::default(),
        "2026-01: outcome 10.00 = 10.00, stated 0.00, asset 10.00, deferred 0.00
         2026-02: concession -5.00 = -5.00, stated 0.00, asset 5.00, deferred 0.00
         2026-03: commitment 80.00 = 80.00, stated 0.00, asset 85.00, deferred 0.00",
    );
}

fn obstacles(book: &Book) -> Vec<String> {
    let account = book.account();
    let held: &Held = account.contract(CONTRACT).unwrap();
    let found = right_to_invoice(&held.agreement);
    found
        .iter()
        .map(|own| format!("{}: {}", own.place, own.why))
        .collect()
}

#[test]
fn a_price_per_work_may_be_invoiced_as_revenue_and_a_volume_price_may_not() {
    let plain = Book::new(&outcome("price = \"0.99\""), "");
    assert_eq!(obstacles(&plain), Vec::<String>::new());
    let terms = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"100.00\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 10\n\
         price = {{ volume = [{{ up_to = 10, unit = 1 }}, {{ unit = \"0.9\", flat = 1 }}] }}\n\
         retier_on_reversal = \"no_increase\"\n[totals]\nminimum = \"50.00\"\ncap = \"500.00\"\n"
    );
    let mixed = Book::new(&plan(&terms), "");
    assert_eq!(
        obstacles(&mixed),
        [
            "cases: later units change what earlier ones cost, so an invoice in between is not their value",
            "cases: the first units are free, and later ones carry them",
            "platform: it is invoiced before it is performed",
            "totals: a minimum is invoiced where less is performed",
            "totals: above the cap what is performed is not invoiced",
        ]
    );
}

#[derive(Debug, Clone)]
struct Sold {
    works: usize,
    reopened: usize,
    calls: u32,
    fee: u32,
    percent: u32,
    every: &'static str,
}

fn sold(works: usize) -> impl Strategy<Value = Sold> {
    let fees = (
        1u32..100_000,
        0u32..100,
        prop::sample::select(vec!["month", "quarter", "year"]),
    );
    (0..works, 0usize..10, 0u32..5_000, fees).prop_map(
        |(works, reopened, calls, (fee, percent, every))| Sold {
            works,
            reopened,
            calls,
            fee,
            percent,
            every,
        },
    )
}

/// Over the life of a contract, what is recognised is what is owed, however the months fall.
fn recognised_is_owed(
    sold: &Sold,
    (ends, closed): (&str, usize),
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let (fee, every, percent) = (sold.fee, sold.every, sold.percent);
    let terms = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"{fee}\"\nevery = \"{every}\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.013\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.99\"\n\
         [totals]\nevery = \"quarter\"\ndiscount_percent = {percent}\nminimum = \"20.00\"\n"
    );
    let mut book = Book::new(&plan(&terms), &format!("ends = {ends}\n"));
    book.confirmed("01-15T09:00", 1, sold.works);
    for case in 1..=sold.reopened.min(sold.works) {
        book.story(&format!("03-03T09:00 reopened case=c{case:04}"));
    }
    let calls = sold.calls;
    book.story(&format!("02-10T09:00 usage meter=calls quantity={calls}"));
    let account = book.account();
    let known = vec![&account; closed];
    let rows = schedule(&months(known), &five_percent()).unwrap();
    let all = Amount::sum(Currency::USD, rows.iter().map(|row| row.recognised)).unwrap();
    let owed = book.owed("2027-01-01");
    reached.prices(&owed);
    let constrained = |row: &Row| {
        row.contestable
            .values()
            .any(|own| !own.constrained.is_zero())
    };
    reached.when("something constrained", rows.iter().any(constrained));
    reached.when("works taken back", sold.reopened.min(sold.works) > 0);
    prop_assert_eq!(all, book.at_once("2027-01-01"));
    for row in &rows {
        prop_assert!(row.contract_asset.is_zero() || row.deferred.is_zero());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn revenue_of_all_months_is_what_is_owed(sold in sold(40)) {
        recognised_is_owed(&sold, ("2026-06-30", 12), &Reached::default())?;
    }
}

#[test]
fn slow_revenue_of_all_months_is_what_is_owed() {
    let boundaries = [
        ("a discount", 8_000),
        ("a minimum", 100),
        ("something constrained", 5_000),
        ("works taken back", 5_000),
    ];
    many(&sold(8), &boundaries, |sold, reached| {
        recognised_is_owed(&sold, ("2026-04-10", 7), reached)
    });
}
