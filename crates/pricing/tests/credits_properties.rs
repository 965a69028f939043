//! Laws of prepaid credits that hold whatever happens (semantics.md D9).

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/many.rs"]
mod many;
mod support;

use std::collections::BTreeMap;

use many::{Reached, many};
use money::Amount;
use piecework_pricing::account::Account;
use piecework_pricing::cell::CellKey;
use piecework_pricing::credit::{LotName, Lots};
use proptest::prelude::*;
use support::*;
use work::Event;

const CUTS: [&str; 5] = ["02-01", "03-01", "04-01", "05-01", "06-01"];

/// Every kind of component that adds to or takes off a period.
fn hybrid() -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"9.99\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\ndiscount_percent = 5\n\
         price = {{ graduated = [{{ up_to = 3, unit = \"3.333\", flat = 1 }}, {{ unit = \"2.50\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
         [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
         [totals]\ndiscount_percent = 10\ncap = 40\nminimum = 12\n"
    ))
}

#[derive(Debug, Clone)]
struct Granted {
    amount: u32,
    priority: u32,
    starts: u8,
    lasts: Option<u8>,
    scope: usize,
    restore_days: u32,
    known: usize,
}

fn granted(months: u8) -> impl Strategy<Value = Granted> {
    (
        1u32..60,
        0u32..3,
        0..months * 30,
        prop::option::of(1..months * 30),
        0usize..4,
        0u32..60,
        0..usize::from(months),
    )
        .prop_map(
            |(amount, priority, starts, lasts, scope, restore_days, known)| Granted {
                amount,
                priority,
                starts,
                lasts,
                scope,
                restore_days,
                known,
            },
        )
}

fn give(book: &mut Book, number: usize, granted: &Granted) {
    let days = |count: u8| jiff::SignedDuration::from_hours(24 * i64::from(count));
    let starts = at("01-01") + days(granted.starts);
    let amount = granted.amount.to_string();
    book.grant("2025-12-21", &format!("g{number}"), &amount, |own| {
        own.priority = granted.priority;
        own.restore_days = granted.restore_days;
        own.starts = Some(starts);
        own.expires = granted.lasts.map(|lasts| starts + days(lasts));
        match granted.scope {
            1 => own.scope.components = vec!["cases".to_owned(), "risk".to_owned()],
            2 => own.scope.surfaces = vec!["usage".to_owned()],
            3 => own.scope.components = vec!["calls".to_owned()],
            _ => {}
        }
    });
}

fn a_line(months: u32, cases: u32) -> impl Strategy<Value = String> {
    let when = (1..=months, 1u32..=28, 0u32..24);
    (when, 0..cases, 0usize..6, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        let what = match kind {
            0 => format!("answered case=c{case} kind=answer confidence=0.{amount}"),
            1 | 2 => format!("confirmed case=c{case} by=buyer"),
            3 | 4 => format!("reopened case=c{case} by=buyer"),
            _ => format!("usage meter=calls quantity={amount}0"),
        };
        format!("{time} {what}")
    })
}

fn events(lines: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = Vec<Event>> {
    lines.prop_map(|lines| {
        let named = lines
            .iter()
            .enumerate()
            .map(|(index, line)| format!("{line} id=e{index}"));
        named.map(|line| event(&line)).collect()
    })
}

/// Five months of much.
fn long() -> impl Strategy<Value = Vec<Event>> {
    events(prop::collection::vec(a_line(5, 12), 1..40))
}

/// Two months of little.
fn short() -> impl Strategy<Value = Vec<Event>> {
    events(prop::collection::vec(a_line(2, 3), 1..8))
}

/// What stands drawn per cell, over all statements.
fn drawn(account: &Account) -> BTreeMap<(CellKey, LotName), Amount> {
    let mut drawn = BTreeMap::new();
    let standing = account
        .contracts
        .iter()
        .flat_map(piecework_pricing::account::Held::standing);
    for cell in standing.flat_map(|issued| &issued.cells) {
        let Some(credit) = &cell.credit else { continue };
        let key = (cell.cell.parse().unwrap(), credit.parse().unwrap());
        let sum = drawn.entry(key).or_insert(usd("0"));
        *sum = sum.plus(cell.amount).unwrap();
    }
    drawn
}

/// The laws that hold after every statement.
fn check(book: &Book, reached: &Reached) -> Result<(), TestCaseError> {
    let account = book.account();
    prop_assert_eq!(&account.flags, &vec![]);
    let lots = Lots::of(&account, None).unwrap();
    let zero = usd("0");
    let (mut given, mut restored, mut drawn_all, mut expired, mut balance) =
        (zero, zero, zero, zero, zero);
    for lot in &lots.lots {
        prop_assert!(!lot.left.is_negative(), "{} {}", lot.name, lot.left);
        given = given.plus(lot.granted).unwrap();
        restored = restored.plus(lot.restored).unwrap();
        drawn_all = drawn_all.plus(lot.drawn).unwrap();
        let rest = match lot.has_expired(&account) {
            true => &mut expired,
            false => &mut balance,
        };
        *rest = rest.plus(lot.left).unwrap();
        let is_used_up = lot.left.is_zero() && !lot.drawn.is_zero();
        reached.when("a grant to its last cent", is_used_up);
        let in_part = lot.left.value() < lot.granted.value() && !lot.left.is_zero();
        reached.when("a grant in part", in_part);
    }
    reached.when("something that expired", !expired.is_zero());
    reached.when("something restored", !restored.is_zero());
    // Granted + restored = drawn + expired + balance.
    prop_assert_eq!(
        given.plus(restored).unwrap(),
        drawn_all.plus(expired).unwrap().plus(balance).unwrap()
    );
    prop_assert!(!balance.is_negative());
    // Of every cell no more comes back than was drawn; and what stands drawn is what the lots say.
    let by_cell = drawn(&account);
    prop_assert!(by_cell.values().all(|own| !own.is_negative()));
    let by_cell = Amount::sum(zero.currency(), by_cell.into_values()).unwrap();
    prop_assert_eq!(by_cell, drawn_all.minus(restored).unwrap());
    // No statement is paid beyond what all of them charge.
    let held = account.contract(CONTRACT).unwrap();
    let mut charged = zero;
    let mut paid = zero;
    for issued in held.standing() {
        charged = charged
            .plus(issued.total(zero.currency()).unwrap())
            .unwrap();
        paid = paid
            .plus(issued.credited(zero.currency()).unwrap())
            .unwrap();
    }
    prop_assert!(paid.value() <= charged.value(), "{paid} of {charged}");
    Ok(())
}

fn arrives(cuts: &[&str], event: &Event, late: usize) -> usize {
    let on_time = cuts.iter().position(|cut| event.time < at(cut));
    (on_time.unwrap_or(cuts.len() - 1) + late).min(cuts.len() - 1)
}

/// Statements of every month, with grants and events as they become known.
fn balances_close(
    cuts: &[&str],
    events: &[Event],
    lates: &[usize],
    grants: &[Granted],
    voided: usize,
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let mut book = Book::new(&hybrid(), "");
    for (month, cut) in cuts.iter().enumerate() {
        for (number, own) in grants
            .iter()
            .enumerate()
            .filter(|(_, own)| own.known == month)
        {
            give(&mut book, number, own);
        }
        for (event, late) in events.iter().zip(lates) {
            if arrives(cuts, event, *late) == month {
                book.push(event.clone());
            }
        }
        let statement = book.issue(cut);
        check(&book, reached)?;
        let paid = Amount::sum(
            statement.currency,
            statement
                .credits
                .iter()
                .map(|own| own.drawn.minus(own.restored).unwrap()),
        );
        prop_assert_eq!(
            statement.payable,
            statement.total.minus(paid.unwrap()).unwrap()
        );
        // Nothing new: nothing to state, to draw or to restore.
        let again = book.draw(cut);
        prop_assert!(again.lines.is_empty() && again.credits.is_empty());
        if month == voided {
            // A void and the re-issue are nothing.
            reached.when("a void of what was drawn", !statement.credits.is_empty());
            let before = book.lots();
            book.void(&format!("acme-{:04}", month + 1));
            let again = book.issue(cut);
            prop_assert_eq!(book.lots(), before);
            prop_assert_eq!(credits(&again), credits(&statement));
            check(&book, reached)?;
        }
    }
    let sum: Amount = book.at_once(cuts[cuts.len() - 1]);
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let stated = held
        .standing()
        .map(|own| own.total(sum.currency()).unwrap());
    prop_assert_eq!(Amount::sum(sum.currency(), stated).unwrap(), sum);
    Ok(())
}

/// Before the first close the order of arrival changes no byte, draws included.
fn arrival_changes_no_draw(
    cut: &str,
    events: &[Event],
    seed: &[u32],
    grants: &[Granted],
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let mut shuffled: Vec<(u32, usize)> = seed.iter().copied().zip(0..events.len()).collect();
    shuffled.sort_unstable();
    let mut one = Book::new(&hybrid(), "");
    for (number, own) in grants.iter().enumerate() {
        give(&mut one, number, own);
    }
    let mut other = one.clone();
    for event in events {
        one.push(event.clone());
    }
    for (_, index) in &shuffled {
        other.push(events[*index].clone());
    }
    let mut moved = shuffled.iter().enumerate();
    reached.when(
        "another order",
        moved.any(|(place, (_, index))| place != *index),
    );
    let (one, other) = (one.draw(cut), other.draw(cut));
    reached.when("a draw", !one.credits.is_empty());
    reached.when("draws on several grants", one.credits.len() > 1);
    prop_assert_eq!(one.body(), other.body());
    prop_assert_eq!(one.cells, other.cells);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn d9_balances_close_and_are_never_below_zero(
        events in long(),
        lates in prop::collection::vec(0usize..4, 40),
        grants in prop::collection::vec(granted(4), 0..5),
        voided in 0usize..8,
    ) {
        balances_close(&CUTS, &events, &lates, &grants, voided, &Reached::default())?;
    }

    #[test]
    fn d9_arrival_before_the_first_close_changes_no_draw(
        events in long(),
        seed in prop::collection::vec(any::<u32>(), 40),
        grants in prop::collection::vec(granted(4), 1..5),
    ) {
        arrival_changes_no_draw("06-01", &events, &seed, &grants, &Reached::default())?;
    }
}

#[test]
fn slow_d9_balances_close_and_are_never_below_zero() {
    let boundaries = [
        ("a grant to its last cent", 300),
        ("a grant in part", 3_000),
        ("something that expired", 500),
        ("something restored", 50),
        ("a void of what was drawn", 1_000),
    ];
    let lates = prop::collection::vec(0usize..2, 10);
    let grants = prop::collection::vec(granted(2), 0..4);
    let cases = (short(), lates, grants, 0usize..4);
    many(
        &cases,
        &boundaries,
        |(events, lates, grants, voided), reached| {
            balances_close(&CUTS[..2], &events, &lates, &grants, voided, reached)
        },
    );
}

#[test]
fn slow_d9_arrival_before_the_first_close_changes_no_draw() {
    let boundaries = [
        ("another order", 6_000),
        ("a draw", 5_000),
        ("draws on several grants", 1_000),
    ];
    let seed = prop::collection::vec(any::<u32>(), 10);
    let grants = prop::collection::vec(granted(2), 1..4);
    many(
        &(short(), seed, grants),
        &boundaries,
        |(events, seed, grants), reached| {
            arrival_changes_no_draw("03-01", &events, &seed, &grants, reached)
        },
    );
}
