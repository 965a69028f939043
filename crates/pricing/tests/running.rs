//! Running totals have the cells that rating every fact has, whatever comes in and whenever one looks.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/kept.rs"]
mod kept;
#[path = "support/many.rs"]
mod many;
mod support;

use jiff::SignedDuration;
use kept::{Kept, shown};
use many::{Reached, many};
use piecework_pricing::cell::{self, owed};
use proptest::prelude::*;
use support::*;

/// Plans, and what their contracts say beside.
fn sold() -> Vec<(String, &'static str)> {
    let held = "[holdback]\npercent = 10\nrelease_after = \"15d\"\n";
    let plans = [
        plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
             [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\n\
             [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 7\n\
             [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nallowance = 7\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
             [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 2\ndiscount_percent = 5\n\
             [[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n\
             [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {{ graduated = [{{ up_to = 3, unit = \"0.333\", flat = 1 }}, {{ unit = \"0.25\" }}] }}\n\
             [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
             [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
             [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = \"0.05\"\n\
             [totals]\ndiscount_percent = 10\ncap = 120\nminimum = 60\n"
        )),
        outcome(
            "retier_on_reversal = \"no_increase\"\nminimum = 4\nprice = { volume = [{ up_to = 2, unit = 2, flat = 1 }, { unit = \"0.7\" }] }",
        ),
        outcome(
            "every = \"quarter\"\nprice = \"0.333\"\n[component.attempt]\nprice = { graduated = [{ up_to = 2, unit = \"0.11\" }, { unit = \"0.07\" }] }\nrefund = true",
        ),
    ];
    plans.into_iter().zip([held, "", held]).collect()
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=4, 1u32..=28, 0u32..24);
    (when, 0u32..6, 0usize..11, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        let what = match kind {
            0..=2 => format!("answered case=c{case} kind=answer confidence=0.{amount}"),
            3 => format!("confirmed case=c{case} by=buyer"),
            4 => format!("verified case=c{case} result=passed check=tests by=third_party"),
            5 | 6 => format!("reopened case=c{case} by=buyer"),
            7 => format!("disputed case=c{case} by=buyer"),
            8 => format!("usage meter=calls quantity={amount}"),
            9 => format!("assigned seat=s{}", case % 3),
            _ => format!("released seat=s{}", case % 3),
        };
        format!("{time} {what}")
    })
}

/// Events in any order, time going on between them: the cells are those of rating everything.
fn running_is_rating(
    lines: &[(String, i64)],
    which: usize,
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let (plan, terms) = &sold()[which];
    let mut book = Book::new(plan, terms);
    let mut cut = at("01-01");
    let mut kept = Kept::new(&book.account(), CONTRACT, cut);
    for (index, (line, hours)) in lines.iter().enumerate() {
        let event = event(&format!("{line} id=e{index}"));
        reached.when("a fact behind the cut", event.time < cut);
        book.push(event);
        cut += SignedDuration::from_hours(*hours);
        let account = book.account();
        // Time may go on before or after the new fact is seen.
        if hours % 2 == 0 {
            kept.running.advance(cut).unwrap();
            kept.follow(&account);
        } else {
            kept.follow(&account);
            kept.running.advance(cut).unwrap();
        }
        let held = account.contract(CONTRACT).unwrap();
        let whole = owed(&held.agreement, &held.facts(), cut).unwrap();
        prop_assert_eq!(shown(&kept.running.owed().unwrap()), shown(&whole.cells));
        let whole = cell::accrued(&held.agreement, &held.facts(), cut).unwrap();
        prop_assert_eq!(shown(&kept.running.accrued().unwrap()), shown(&whole));
    }
    kept.running.advance(at("09-01")).unwrap();
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let whole = owed(&held.agreement, &held.facts(), at("09-01")).unwrap();
    reached.prices(&whole);
    prop_assert_eq!(shown(&kept.running.owed().unwrap()), shown(&whole.cells));
    // Periods that are over owe what they owe, however one looks at those that run.
    let accrued = kept.running.accrued().unwrap();
    let over = |own: &cell::Cell| own.service.1 <= at("09-01");
    for (key, cell) in whole.cells.iter().filter(|(_, cell)| over(cell)) {
        prop_assert_eq!(&accrued[key].amount, &cell.amount, "{}", key);
    }
    Ok(())
}

/// What leaves a scope leaves the sums: emptied, they are those of a contract without works.
fn nothing_is_left_behind(
    lines: &[String],
    which: usize,
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let (plan, terms) = &sold()[which];
    let book = Book::new(plan, terms);
    let mut kept = Kept::new(&book.account(), CONTRACT, at("03-05"));
    let empty = shown(&kept.running.accrued().unwrap());
    let mut full = book.clone();
    let works = lines.iter().filter(|line| line.contains("case="));
    for (index, line) in works.enumerate() {
        full.push(event(&format!("{line} id=e{index}")));
    }
    kept.follow(&full.account());
    reached.when(
        "money of works",
        shown(&kept.running.accrued().unwrap()) != empty,
    );
    kept.follow(&book.account());
    prop_assert_eq!(kept.running.scopes(), 0);
    prop_assert_eq!(shown(&kept.running.accrued().unwrap()), empty);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn running_totals_are_rating_everything(
        lines in prop::collection::vec((a_line(), 0i64..200), 1..30),
        which in 0usize..3,
    ) {
        running_is_rating(&lines, which, &Reached::default())?;
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_behind(
        lines in prop::collection::vec(a_line(), 1..20),
        which in 0usize..3,
    ) {
        nothing_is_left_behind(&lines, which, &Reached::default())?;
    }
}

#[test]
fn slow_running_totals_are_rating_everything() {
    let boundaries = [
        ("a fact behind the cut", 3_000),
        ("a further tier", 80),
        ("an allowance", 1_500),
        ("a band", 1_000),
        ("a discount", 2_000),
        ("a minimum", 2_000),
    ];
    let lines = prop::collection::vec((a_line(), 0i64..900), 1..6);
    many(
        &(lines, 0usize..3),
        &boundaries,
        |(lines, which), reached| running_is_rating(&lines, which, reached),
    );
}

#[test]
fn slow_what_is_taken_out_leaves_nothing_behind() {
    let boundaries = [("money of works", 5_000)];
    let lines = prop::collection::vec(a_line(), 1..10);
    many(
        &(lines, 0usize..3),
        &boundaries,
        |(lines, which), reached| nothing_is_left_behind(&lines, which, reached),
    );
}

fn accrued(plan: &str, events: &[&str], cut: &str) -> Vec<String> {
    let mut book = Book::new(plan, "");
    for line in events {
        book.push(event(line));
    }
    let mut kept = Kept::new(&book.account(), CONTRACT, at("01-01"));
    kept.follow(&book.account());
    kept.running.advance(at(cut)).unwrap();
    let cells = kept.running.accrued().unwrap();
    let lines = cells.iter().map(|(key, cell)| {
        let charged = cell.charged().unwrap();
        format!("{} {} {}", key.component, key.part, charged.number())
    });
    lines.collect()
}

/// A price by the tier that a whole period reaches is owed when the period is over; a balance shows what
/// has accrued of it before, and a minimum not.
#[test]
fn what_a_period_will_owe_accrues_while_it_runs() {
    let volume =
        outcome("minimum = 40\nprice = { volume = [{ up_to = 2, unit = 5 }, { unit = 3 }] }");
    let confirmed = |case: u32| format!("01-10T0{case}:00 confirmed case=c{case} by=buyer");
    let (one, two, three) = (confirmed(1), confirmed(2), confirmed(3));
    assert_eq!(
        accrued(&volume, &[&one, &two], "01-20"),
        ["cases class:work 10.00"]
    );
    assert_eq!(
        accrued(&volume, &[&one, &two, &three], "01-20"),
        ["cases class:work 9.00"]
    );
    assert_eq!(
        accrued(&volume, &[&one, &two, &three], "02-01"),
        ["cases class:work 9.00", "cases minimum 31.00"]
    );
}

/// A fee in arrears will be owed whatever happens, so it has accrued whole.
#[test]
fn a_fee_in_arrears_has_accrued_when_its_period_begins() {
    let fee = plan(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"31\"\ndue = \"arrears\"\n",
    );
    assert_eq!(accrued(&fee, &[], "01-02"), ["platform fee 31.00"]);
}
