//! Laws of usage, whatever is aggregated and however it arrives: cutting inside a rating period keeps the
//! sum, arrival does not matter, running totals are rating everything, and no allowance is made or lost.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/many.rs"]
mod many;
mod support;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::SignedDuration;
use many::{Reached, many};
use money::{Amount, Currency, Decimal};
use piecework_pricing::CellKey;
use piecework_pricing::cell::{self, Cell, Part, ROLLED, Running, owed};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use support::*;
use work::body::Control;

/// How many components there are.
const COMPONENTS: usize = 10;

/// One component for every aggregate, with every kind of price, allowance and conversion among them; or one alone.
fn components(price: &str, allowance: u32, only: Option<usize>) -> String {
    let tiers = format!(
        "{{ graduated = [{{ up_to = 3, unit = \"{price}\", flat = 1 }}, {{ up_to = 9, unit = \"0.333\", cap = 1 }}, {{ unit = \"0.1\" }}] }}"
    );
    let volume = format!(
        "{{ volume = [{{ up_to = 4, unit = \"{price}\" }}, {{ unit = \"0.25\", flat = 1 }}] }}"
    );
    let package = "{ package = { size = 3, price = \"0.10\", free = 1 } }";
    let metered = |id: &str, aggregate: &str, price: &str, rest: &str| {
        format!(
            "[[component]]\nid = \"{id}\"\nkind = \"metered\"\nmeter = \"calls\"\naggregate = \"{aggregate}\"\nprice = {price}\n{rest}\n\
             [[component]]\nid = \"{id}-tier\"\nkind = \"risk\"\nmodifies = \"{id}\"\nby = \"header tier\"\nmissing = \"0.9\"\n\
             [[component.band]]\nis = \"gold\"\nmultiplier = \"1.37\"\n"
        )
    };
    let given = format!("allowance = {allowance}");
    let percentage =
        "{ percentage = { percent = \"2.9\", fixed = \"0.30\", minimum = \"0.50\", maximum = 4 } }";
    let all: [String; COMPONENTS] = [
        metered(
            "sum",
            "sum",
            &tiers,
            &format!("{given}\nrollover = {{ periods = 2 }}"),
        ),
        metered("count", "count", package, ""),
        metered("max", "max", &tiers, &given),
        metered("max-volume", "max", &volume, ""),
        metered("unique", "unique", &tiers, "allowance = 1"),
        metered(
            "last",
            "last",
            &tiers,
            "convert = { divide = 2, round = \"up\" }",
        ),
        metered("gauge", "weighted_sum", &tiers, &given),
        metered(
            "gauge-volume",
            "weighted_sum",
            &volume,
            "convert = { divide = \"0.7\", round = \"up\" }",
        ),
        metered("gauge-package", "weighted_sum", package, ""),
        metered(
            "fees",
            "sum",
            percentage,
            "free_events = 2\nfree_amount = 40",
        ),
    ];
    let chosen = all.iter().enumerate();
    let chosen = chosen.filter(|(place, _)| only.is_none_or(|only| only == *place));
    let meter = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n".to_owned();
    chosen.fold(meter, |text, (_, own)| text + own)
}

/// A contract with an amendment in the middle of February, for every component or one.
fn book(only: Option<usize>) -> Book {
    let mut book = Book::new(
        &plan(&components("0.5", 5, only)),
        "late = { waive_after = \"20d\" }\n",
    );
    let later = plan(&components("0.7", 2, only)).replace("version = 1", "version = 2");
    let document = book.contract(
        CONTRACT,
        &later,
        &definition("", ""),
        "late = { waive_after = \"20d\" }\n",
    );
    book.control(
        "2025-12-21",
        Control::ContractAmended {
            contract: CONTRACT.to_owned(),
            document,
            effective: at("02-11T07:30"),
            reprice: None,
            by: "buyer".to_owned(),
        },
    );
    assert_eq!(book.account().flags, []);
    book
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=4, 1u32..=28, 0u32..24, 0u32..3);
    (when, 0u32..40, 0u32..5, 0u32..4, 0u32..90).prop_map(|((month, day, hour, minute), quantity, item, tier, money)| {
        let item = if item == 0 { String::new() } else { format!(" item=i{item}") };
        let tier = if tier == 0 { " tier=gold" } else { "" };
        let quantity = Decimal::new(i128::from(quantity) * 3, u8::from(quantity % 3 == 1)).unwrap();
        format!("{month:02}-{day:02}T{hour:02}:{minute:02} usage meter=calls quantity={quantity} amount={money}{item}{tier}")
    })
}

fn lines(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(a_line(), 1..=most).prop_map(|lines| {
        let named = lines.iter().enumerate();
        named
            .map(|(index, line)| format!("{line} id=e{index}"))
            .collect()
    })
}

/// What of a cell is money.
fn shown(cells: &BTreeMap<CellKey, Cell>) -> Vec<String> {
    let lines = cells.iter().map(|(key, cell)| {
        let (quantity, amount, due) = (cell.quantity, cell.amount, cell.due);
        format!("{key} {quantity} {amount} {:?} {due}", cell.waived)
    });
    lines.collect()
}

/// Late facts and all: what was stated, at cuts anywhere, sums to what is owed at the end (D2, D5).
fn cuts_keep_the_sum(
    only: Option<usize>,
    lines: &[String],
    days: &BTreeSet<i64>,
    late: &[i64],
    reached: &Reached,
) -> TestCaseResult {
    let mut book = book(only);
    let mut totals = Vec::new();
    let cuts = days
        .iter()
        .map(|day| at("01-01") + SignedDuration::from_hours(24 * day));
    let events = lines.iter().map(|line| event(line));
    let mut waiting: Vec<_> = events.zip(late).collect();
    let mut before = at("01-01");
    for cut in cuts.chain([at("06-01")]) {
        waiting.retain(|(event, late)| {
            let arrives = event.time + SignedDuration::from_hours(24 * **late);
            let is_there = arrives < cut;
            if is_there {
                book.push(event.clone());
                reached.when("an event of an earlier statement", event.time < before);
            }
            !is_there
        });
        before = cut;
        totals.push(book.issue(&cut.to_string()).total);
    }
    reached.prices(&book.owed("06-01"));
    let with_money = totals.iter().filter(|own| !own.is_zero()).count();
    reached.when("money in several statements", with_money > 1);
    let sum = Amount::sum(Currency::USD, totals).unwrap();
    prop_assert_eq!(sum, book.at_once("06-01"));
    prop_assert!(book.draw("06-01").lines.is_empty());
    Ok(())
}

/// The same facts in any order are the same cells.
fn order_keeps_the_cells(
    only: Option<usize>,
    lines: &[String],
    seed: &[u32],
    day: i64,
    reached: &Reached,
) -> TestCaseResult {
    let cut = (at("01-01") + SignedDuration::from_hours(24 * day)).to_string();
    let (mut one, mut other) = (book(only), book(only));
    let mut shuffled: Vec<(&u32, &String)> = seed.iter().zip(lines).collect();
    shuffled.sort();
    for (line, (_, moved)) in lines.iter().zip(&shuffled) {
        one.push(event(line));
        other.push(event(moved));
    }
    let is_moved = |(line, (_, moved)): (&String, &(&u32, &String))| line != *moved;
    reached.when("another order", lines.iter().zip(&shuffled).any(is_moved));
    let (one, other) = (one.owed(&cut), other.owed(&cut));
    reached.prices(&one);
    prop_assert_eq!(shown(&one.cells), shown(&other.cells));
    Ok(())
}

/// Kept current while usage comes in, in any order, and time goes on: the cells of rating everything.
fn running_is_rating_everything(
    only: Option<usize>,
    lines: &[(String, i64)],
    reached: &Reached,
) -> TestCaseResult {
    let mut book = book(only);
    let mut cut = at("01-01");
    let mut running: Running<u8> = Running::new(book.account().contract(CONTRACT).unwrap(), cut);
    let mut last = at("01-01");
    let mut backwards = false;
    for (index, (line, hours)) in lines.iter().enumerate() {
        let line = event(&format!("{line} id=e{index}"));
        backwards |= line.time < last;
        last = line.time;
        book.push(line);
        cut += SignedDuration::from_hours(*hours);
        let account = book.account();
        let held = account.contract(CONTRACT).unwrap();
        let name = format!("e{index}");
        let added = held.usage.iter().find(|own| own.fact.id == name);
        if hours % 2 == 0 {
            running.advance(cut).unwrap();
        }
        running.add_usage(added.unwrap().clone()).unwrap();
        running.advance(cut).unwrap();
        let whole = owed(&held.agreement, &held.facts(), cut).unwrap();
        prop_assert_eq!(shown(&running.owed().unwrap()), shown(&whole.cells));
        let accrued = cell::accrued(&held.agreement, &held.facts(), cut).unwrap();
        prop_assert_eq!(shown(&running.accrued().unwrap()), shown(&accrued));
        if index + 1 == lines.len() {
            reached.prices(&whole);
            reached.when("what has accrued is not owed yet", accrued != whole.cells);
        }
    }
    reached.when("an earlier event behind a later one", backwards);
    Ok(())
}

/// Oldest first, and nothing made or lost: what is granted is used in its period, used later, or expires.
fn nothing_made_or_lost(
    used: &[u32],
    allowance: u32,
    periods: usize,
    reached: &Reached,
) -> TestCaseResult {
    let mut book = Book::new(
        &plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\n\
         price = 1\nallowance = {allowance}\nrollover = {{ periods = {periods} }}\n"
        )),
        "",
    );
    let mut grants: VecDeque<(usize, u32)> = VecDeque::new();
    let mut expected = Vec::new();
    let (mut drawn, mut expired, mut rolled_in_all, mut paid) = (0, 0, 0, 0);
    for (month, quantity) in used.iter().enumerate() {
        book.story(&format!(
            "{:02}-10 usage meter=calls quantity={quantity} id=m{month}",
            month + 1
        ));
        while grants
            .front()
            .is_some_and(|(from, _)| from + periods < month)
        {
            expired += grants.pop_front().unwrap().1;
        }
        let mut left = *quantity;
        let mut rolled = 0;
        for (_, grant) in &mut grants {
            let taken = left.min(*grant);
            *grant -= taken;
            left -= taken;
            rolled += taken;
        }
        let own = left.min(allowance);
        grants.push_back((month, allowance - own));
        drawn += own + rolled;
        rolled_in_all += rolled;
        paid += left - own;
        expected.push((own, rolled, left - own));
    }
    reached.when("used in a later period", rolled_in_all > 0);
    reached.when("expired", expired > 0);
    reached.when("used beyond all that is left", paid > 0);
    let rest: u32 = grants.iter().map(|(_, left)| left).sum();
    prop_assert_eq!(
        allowance * u32::try_from(used.len()).unwrap(),
        drawn + expired + rest
    );
    let owed = book.owed("07-01");
    let quantity = |month: usize, part: Part| {
        let cells = owed.cells.iter();
        let mut of = cells.filter(|(key, _)| {
            key.part == part && key.period == at(&format!("{:02}-01", month + 1))
        });
        of.next().map_or(Decimal::ZERO, |(_, cell)| cell.quantity)
    };
    for (month, (own, rolled, paid)) in expected.iter().enumerate() {
        let number = |n: &u32| Decimal::from_int(i64::from(*n));
        prop_assert_eq!(quantity(month, Part::Included(String::new())), number(own));
        prop_assert_eq!(
            quantity(month, Part::Included(ROLLED.to_owned())),
            number(rolled)
        );
        prop_assert_eq!(quantity(month, Part::Usage(0)), number(paid));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn d5_cuts_inside_a_rating_period_keep_the_sum_of_every_aggregate(
        lines in lines(24),
        days in prop::collection::btree_set(1i64..125, 0..4),
        late in prop::collection::vec(0i64..40, 25),
    ) {
        cuts_keep_the_sum(None, &lines, &days, &late, &Reached::default())?;
    }

    #[test]
    fn facts_in_any_order_are_the_same_cells(
        lines in lines(24),
        seed in prop::collection::vec(any::<u32>(), 25),
        day in 1i64..125,
    ) {
        order_keeps_the_cells(None, &lines, &seed, day, &Reached::default())?;
    }

    #[test]
    fn running_usage_is_rating_everything(
        lines in prop::collection::vec((a_line(), 0i64..200), 1..25),
    ) {
        running_is_rating_everything(None, &lines, &Reached::default())?;
    }

    #[test]
    fn an_allowance_that_rolls_over_is_neither_made_nor_lost(
        used in prop::collection::vec(0u32..30, 6),
        allowance in 1u32..15,
        periods in 1usize..4,
    ) {
        nothing_made_or_lost(&used, allowance, periods, &Reached::default())?;
    }
}

/// What keeps a price honest is reached by so many of the cases at least.
const PRICES: [(&str, u32); 3] = [
    ("a further tier", 1_500),
    ("an allowance", 1_000),
    ("a band", 3_000),
];

#[test]
fn slow_d5_cuts_inside_a_rating_period_keep_the_sum_of_every_aggregate() {
    let of_cuts = [
        ("an event of an earlier statement", 2_000),
        ("money in several statements", 2_000),
        ("a late fact waived", 300),
    ];
    let boundaries = [&PRICES[..], &of_cuts].concat();
    let days = prop::collection::btree_set(1i64..125, 0..3);
    let late = prop::collection::vec(0i64..40, 8);
    let cases = (0..COMPONENTS, lines(7), days, late);
    many(
        &cases,
        &boundaries,
        |(which, lines, days, late), reached| {
            cuts_keep_the_sum(Some(which), &lines, &days, &late, reached)
        },
    );
}

#[test]
fn slow_facts_in_any_order_are_the_same_cells() {
    let boundaries = [&PRICES[..], &[("another order", 7_000)]].concat();
    let seed = prop::collection::vec(any::<u32>(), 10);
    let cases = (0..COMPONENTS, lines(9), seed, 1i64..125);
    many(&cases, &boundaries, |(which, lines, seed, day), reached| {
        order_keeps_the_cells(Some(which), &lines, &seed, day, reached)
    });
}

#[test]
fn slow_running_usage_is_rating_everything() {
    let of_running = [
        ("an earlier event behind a later one", 5_000),
        ("what has accrued is not owed yet", 2_000),
    ];
    let boundaries = [&PRICES[..], &of_running].concat();
    let lines = prop::collection::vec((a_line(), 0i64..700), 1..7);
    many(
        &(0..COMPONENTS, lines),
        &boundaries,
        |(which, lines), reached| running_is_rating_everything(Some(which), &lines, reached),
    );
}

#[test]
fn slow_an_allowance_that_rolls_over_is_neither_made_nor_lost() {
    let boundaries = [
        ("used in a later period", 5_000),
        ("expired", 300),
        ("used beyond all that is left", 5_000),
    ];
    let used = prop::collection::vec(0u32..30, 6);
    many(
        &(used, 1u32..15, 1usize..4),
        &boundaries,
        |(used, allowance, periods), reached| {
            nothing_made_or_lost(&used, allowance, periods, reached)
        },
    );
}

/// How many cases each law is tried with; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var_os("PROPTEST_CASES");
    let asked = asked.and_then(|cases| cases.to_str()?.parse().ok());
    asked.unwrap_or(48)
}
