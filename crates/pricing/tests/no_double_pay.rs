//! One work is paid once, or twice where the plan says so, whatever happens to it.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use money::Quantity;
use piecework_pricing::Plan;
use piecework_pricing::cell::{Part, owed};
use piecework_pricing::plan::check::{check, shared_works};
use proptest::prelude::*;
use support::*;

/// Every class at 0.99, and what a test verified at 1.50 by another component; `word` says how they go together.
fn sold(word: &str) -> String {
    plan(&format!(
        "[[component]]\nid = \"base\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.99\"\n\
         [[component]]\nid = \"premium\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n{word}\
         [[component.class]]\nname = \"verified\"\nprice = \"1.50\"\n"
    ))
}

const STORY: &str = "01-05 verified case=a result=passed check=tests by=third_party\n01-06 confirmed case=b by=buyer";

#[test]
fn p5_a_stand_in_is_paid_for_its_classes_and_the_other_for_the_rest() {
    let mut book = Book::new(&sold("instead_of = \"base\"\n"), "");
    book.story(STORY);
    let january = book.issue("02-01");
    assert_eq!(
        lines(&january),
        ["charge class:work 1 0.99", "charge class:verified 1 1.50"]
    );
    assert!(january.pending.is_empty(), "{:?}", january.pending);
}

#[test]
fn p5_twice_only_where_the_plan_says_so() {
    let mut book = Book::new(
        &plan(&format!(
            "[[component]]\nid = \"ticket\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.40\"\n\
             [[component]]\nid = \"automation\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.90\"\nin_addition_to = \"ticket\"\n"
        )),
        "",
    );
    book.story(STORY);
    assert_eq!(book.issue("02-01").total, usd("2.60"));
    let refused = |word: &str| Plan::parse(&sold(word)).unwrap_err().to_string();
    assert!(refused("").contains("one work would be paid twice"));
    assert!(refused("instead_of = \"other\"\n").contains("not the first component before it"));
    let both = "instead_of = \"base\"\nin_addition_to = \"base\"\n";
    assert!(refused(both).contains("or instead of it"));
}

/// A class that neither prices is missed; one that the stand-in prices is not.
#[test]
fn a_class_needs_one_price_of_those_that_stand_for_each_other() {
    let definition = work::Definition::parse(&definition("", "")).unwrap();
    let text = sold("instead_of = \"base\"\n").replace(
        "price = \"0.99\"",
        "[[component.class]]\nname = \"confirmed\"\nprice = \"0.99\"",
    );
    let plan = Plan::parse(&text).unwrap();
    let faults = check(&plan.components, &[&definition]);
    let problems: Vec<&str> = faults.iter().map(|fault| fault.problem.as_str()).collect();
    assert!(!problems.is_empty());
    assert!(
        problems.iter().all(|problem| problem.contains("`assumed`")),
        "{problems:?}"
    );
}

#[test]
fn pairs_that_one_work_falls_under_are_listed_with_their_reason() {
    let listed = |text: &str| -> Vec<String> {
        let plan = Plan::parse(text).unwrap();
        let pairs = shared_works(&plan.components);
        let show = |pair: &piecework_pricing::plan::check::Shared<'_>| {
            format!("{} {}: {}", pair.first, pair.second, pair.reason)
        };
        pairs.iter().map(show).collect()
    };
    assert_eq!(
        listed(&sold("instead_of = \"base\"\n")),
        [format!(
            "base premium: a work of `{UNIT}` is paid once: `instead_of` says which component is paid"
        )]
    );
    let hybrid = plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
    ));
    assert_eq!(listed(&hybrid).len(), 1);
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=3, 1u32..=28, 0u32..24);
    (when, 0u32..5, 0usize..7).prop_map(|((month, day, hour), case, kind)| {
        let what = match kind {
            0 | 1 => "answered kind=answer",
            2 => "confirmed by=buyer",
            3 | 4 => "verified result=passed check=tests by=third_party",
            5 => "reopened by=buyer",
            _ => "disputed by=buyer",
        };
        format!("{month:02}-{day:02}T{hour:02}:00 {what} case=c{case}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// However works count, come back and count again: together the two charge each count once.
    #[test]
    fn p5_no_work_is_paid_twice_without_a_word(lines in prop::collection::vec(a_line(), 1..30)) {
        let mut once = Book::new(&sold("instead_of = \"base\"\n"), "");
        let mut alone = Book::new(&outcome("price = \"0.99\""), "");
        for (index, line) in lines.iter().enumerate() {
            once.push(event(&format!("{line} id=e{index}")));
            alone.push(event(&format!("{line} id=e{index}")));
        }
        let counted = |book: &Book| {
            let account = book.account();
            let held = account.contract(CONTRACT).unwrap();
            let cells = owed(&held.agreement, &held.facts(), at("06-01")).unwrap().cells;
            let classes = cells.iter().filter(|(key, _)| matches!(key.part, Part::Class(..)));
            classes.fold(Quantity::ZERO, |sum, (_, cell)| sum.plus(cell.quantity).unwrap())
        };
        prop_assert_eq!(counted(&once), counted(&alone));
    }
}
