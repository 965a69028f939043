//! One work is paid once, or twice where the plan says so, whatever happens to it.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/kept.rs"]
mod kept;
#[path = "support/many.rs"]
mod many;
mod support;

use kept::{Kept, shown};
use many::{Reached, many};
use money::Quantity;
use piecework_pricing::Plan;
use piecework_pricing::cell::{Part, Source, owed};
use piecework_pricing::plan::check::{check, shared_works};
use proptest::prelude::*;
use support::*;
use work::settle::Unit;

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
        let pairs = shared_works(&plan.components, &plan.precedence);
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
    assert!(listed(&hybrid)[0].contains("`precedence` would say"));
    let said = listed(&hybrid_of("", "precedence = [\"cases\", \"calls\"]\n"));
    assert!(
        said[0].contains("included in its price where it counts"),
        "{said:?}"
    );
    let said = listed(&hybrid_of("in_addition_to = \"cases\"\n", ""));
    assert!(said[0].contains("paid beside it"), "{said:?}");
}

/// Calls at 0.10 and cases at 2.00; `word` is of the calls, `top` of the plan.
fn hybrid_of(word: &str, top: &str) -> String {
    plan(&format!(
        "{top}[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.10\"\n{word}\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 2\n"
    ))
}

const ONE_WORK: &str = "01-05 usage meter=calls quantity=12 work=w1\n01-05 usage meter=calls quantity=5 id=other\n\
     01-06 confirmed case=a work=w1 by=buyer";

/// A case with twelve calls counts at 2.00: by the precedence its calls are in that price, and are charged again
/// when it is taken back; without it, or where the plan says so, both are paid.
#[test]
fn p5_usage_of_a_work_that_counts_is_in_its_price() {
    let mut once = Book::new(&hybrid_of("", "precedence = [\"cases\", \"calls\"]\n"), "");
    once.story(ONE_WORK);
    let january = once.issue("02-01");
    assert_eq!(
        lines(&january),
        [
            "charge usage 5 0.50",
            "charge included:with_work 12 0.00",
            "charge class:work 1 2.00"
        ]
    );
    once.story("02-05 reopened case=a work=w1 by=buyer");
    assert_eq!(once.issue("03-01").total, usd("-0.80"));
    let mut twice = Book::new(&hybrid_of("in_addition_to = \"cases\"\n", ""), "");
    twice.story(ONE_WORK);
    assert_eq!(twice.issue("02-01").total, usd("3.70"));
}

/// What is late and waived does not take the usage with it that was stated before.
#[test]
fn p5_a_late_work_that_is_waived_includes_nothing() {
    let plan = hybrid_of("", "precedence = [\"cases\", \"calls\"]\n");
    let mut book = Book::new(&plan, "late = { waive_after = \"10d\" }\n");
    book.story("01-05 usage meter=calls quantity=12 work=w1");
    assert_eq!(book.issue("02-01").total, usd("1.20"));
    book.issue("03-01");
    book.story("01-06 confirmed case=a work=w1 by=buyer");
    let march = book.issue("04-01");
    assert_eq!(march.total, usd("0.00"), "{:?}", lines(&march));
}

#[test]
fn a_precedence_that_cannot_be_says_where() {
    for (top, word) in [
        (
            "precedence = [\"calls\", \"cases\"]\n",
            "stands behind usage",
        ),
        ("precedence = [\"cases\", \"cases\"]\n", "is there twice"),
        ("precedence = [\"nowhere\"]\n", "no component `nowhere`"),
    ] {
        let refused = Plan::parse(&hybrid_of("", top)).unwrap_err().to_string();
        assert!(refused.contains(word), "{refused}");
    }
    let top = "precedence = [\"cases\", \"calls\"]\n";
    let refused = Plan::parse(&hybrid_of("aggregate = \"max\"\n", top)).unwrap_err();
    assert!(refused.to_string().contains("depends on the others"));
    let refused = Plan::parse(&hybrid_of("in_addition_to = \"calls\"\n", "")).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("no component that is paid for works")
    );
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
        format!("{month:02}-{day:02}T{hour:02}:00 {what} case=c{case} work=w{case}")
    })
}

fn a_line_or_a_call() -> impl Strategy<Value = String> {
    let call = (1u32..=3, 1u32..=28, 0u32..6).prop_map(|(month, day, work)| {
        format!("{month:02}-{day:02} usage meter=calls quantity=1 work=w{work}")
    });
    prop_oneof![2 => a_line(), 1 => call]
}

/// Every call stands once: under its own price, or in that of a work that counts, and never beside one.
fn paid_once(lines: &[String], reached: &Reached) -> Result<(), TestCaseError> {
    let plan = hybrid_of("", "precedence = [\"cases\", \"calls\"]\n");
    let mut book = Book::new(&plan, "");
    for (index, line) in lines.iter().enumerate() {
        book.push(event(&format!("{line} id=e{index}")));
    }
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let calls = held.usage.len();
    let mut kept = Kept::new(&account, CONTRACT, at("01-01"));
    kept.follow(&account);
    for cut in ["01-20", "02-11", "06-01"] {
        let whole = owed(&held.agreement, &held.facts(), at(cut)).unwrap();
        kept.running.advance(at(cut)).unwrap();
        prop_assert_eq!(shown(&kept.running.owed().unwrap()), shown(&whole.cells));
        let counts = |unit: &&Unit| {
            let moved = unit.movements.iter().filter(|own| own.instant < at(cut));
            let net = moved.fold(Quantity::ZERO, |sum, own| sum.plus(own.quantity).unwrap());
            !net.is_zero()
        };
        let counting: Vec<&str> = held
            .units
            .iter()
            .filter(counts)
            .flat_map(|unit| &unit.works)
            .map(work::SmolStr::as_str)
            .collect();
        let mut seen = 0;
        let mut included = 0;
        for (key, cell) in whole
            .cells
            .iter()
            .filter(|(key, _)| key.component == "calls")
        {
            let is_included = key.part == Part::Included("with_work".to_owned());
            for own in cell.contributions.iter() {
                let Source::Usage(usage) = own.source else {
                    continue;
                };
                let work = held.usage[usage].work.as_deref().unwrap();
                prop_assert_eq!(is_included, counting.contains(&work), "{} at {}", work, cut);
                seen += 1;
                included += usize::from(is_included);
            }
        }
        if cut == "06-01" {
            prop_assert_eq!(seen, calls);
            reached.when("in the price of its work", included > 0);
            reached.when("beside none", seen > included);
        }
    }
    Ok(())
}

/// However works count, come back and count again: together the two charge each count once.
fn counted_once(lines: &[String], reached: &Reached) -> Result<(), TestCaseError> {
    let mut once = Book::new(&sold("instead_of = \"base\"\n"), "");
    let mut alone = Book::new(&outcome("price = \"0.99\""), "");
    for (index, line) in lines.iter().enumerate() {
        once.push(event(&format!("{line} id=e{index}")));
        alone.push(event(&format!("{line} id=e{index}")));
    }
    let counted = |book: &Book| {
        let account = book.account();
        let held = account.contract(CONTRACT).unwrap();
        let cells = owed(&held.agreement, &held.facts(), at("06-01"));
        let cells = cells.unwrap().cells;
        let classes = cells
            .iter()
            .filter(|(key, _)| matches!(key.part, Part::Class(..)));
        for component in ["base", "premium"] {
            let mut own = classes.clone();
            let sold =
                own.any(|(key, cell)| key.component == component && !cell.quantity.is_zero());
            reached.when(component, sold);
        }
        let movements = held.units.iter().flat_map(|unit| &unit.movements);
        reached.when(
            "taken back",
            movements.clone().any(|own| own.quantity.is_negative()),
        );
        let all = classes.fold(Quantity::ZERO, |sum, (_, cell)| {
            sum.plus(cell.quantity).unwrap()
        });
        let again = |unit: &Unit| {
            unit.movements
                .iter()
                .filter(|own| !own.quantity.is_negative())
                .count()
                > 1
        };
        reached.when("counted again", held.units.iter().any(again));
        all
    };
    prop_assert_eq!(counted(&once), counted(&alone));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn p5_no_work_is_paid_twice_without_a_word(lines in prop::collection::vec(a_line(), 1..30)) {
        counted_once(&lines, &Reached::default())?;
    }

    /// No work is paid twice, whatever counts, comes back and is used meanwhile.
    #[test]
    fn p5_no_usage_is_paid_beside_the_work_that_it_was_for(
        lines in prop::collection::vec(a_line_or_a_call(), 1..24),
    ) {
        paid_once(&lines, &Reached::default())?;
    }
}

#[test]
fn slow_p5_no_work_is_paid_twice_without_a_word() {
    let boundaries = [
        ("base", 4_000),
        ("premium", 4_000),
        ("taken back", 1_500),
        ("counted again", 100),
    ];
    many(
        &prop::collection::vec(a_line(), 1..12),
        &boundaries,
        |lines, reached| counted_once(&lines, reached),
    );
}

#[test]
fn slow_p5_no_usage_is_paid_beside_the_work_that_it_was_for() {
    let boundaries = [("in the price of its work", 1_500), ("beside none", 4_500)];
    let lines = prop::collection::vec(a_line_or_a_call(), 1..10);
    many(&lines, &boundaries, |lines, reached| {
        paid_once(&lines, reached)
    });
}
