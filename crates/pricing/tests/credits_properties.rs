//! Laws of prepaid credits that hold whatever happens (semantics.md D9).

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use std::collections::BTreeMap;

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

fn granted() -> impl Strategy<Value = Granted> {
    (
        1u32..60,
        0u32..3,
        0u8..120,
        prop::option::of(1u8..120),
        0usize..4,
        0u32..60,
        0usize..4,
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

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=5, 1u32..=28, 0u32..24);
    (when, 0u32..12, 0usize..6, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
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

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(a_line(), 1..40).prop_map(|lines| {
        let named = lines
            .iter()
            .enumerate()
            .map(|(index, line)| format!("{line} id=e{index}"));
        named.map(|line| event(&line)).collect()
    })
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
fn check(book: &Book) -> Result<(), TestCaseError> {
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
    }
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

fn arrives(event: &Event, late: usize) -> usize {
    let on_time = CUTS.iter().position(|cut| event.time < at(cut));
    (on_time.unwrap_or(CUTS.len() - 1) + late).min(CUTS.len() - 1)
}

/// Statements of every month, with grants and events as they become known.
fn balances_close(
    events: &[Event],
    lates: &[usize],
    grants: &[Granted],
    voided: usize,
) -> Result<(), TestCaseError> {
    let mut book = Book::new(&hybrid(), "");
    for (month, cut) in CUTS.iter().enumerate() {
        for (number, own) in grants
            .iter()
            .enumerate()
            .filter(|(_, own)| own.known == month)
        {
            give(&mut book, number, own);
        }
        for (event, late) in events.iter().zip(lates) {
            if arrives(event, *late) == month {
                book.push(event.clone());
            }
        }
        let statement = book.issue(cut);
        check(&book)?;
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
            let before = book.lots();
            book.void(&format!("acme-{:04}", month + 1));
            let again = book.issue(cut);
            prop_assert_eq!(book.lots(), before);
            prop_assert_eq!(credits(&again), credits(&statement));
            check(&book)?;
        }
    }
    let sum: Amount = book.at_once("06-01");
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let stated = held
        .standing()
        .map(|own| own.total(sum.currency()).unwrap());
    prop_assert_eq!(Amount::sum(sum.currency(), stated).unwrap(), sum);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn d9_balances_close_and_are_never_below_zero(
        events in events(),
        lates in prop::collection::vec(0usize..4, 40),
        grants in prop::collection::vec(granted(), 0..5),
        voided in 0usize..8,
    ) {
        balances_close(&events, &lates, &grants, voided)?;
    }

    /// Before the first close the order of arrival changes no byte, draws included.
    #[test]
    fn d9_arrival_before_the_first_close_changes_no_draw(
        events in events(),
        seed in prop::collection::vec(any::<u32>(), 40),
        grants in prop::collection::vec(granted(), 1..5),
    ) {
        let mut shuffled: Vec<(u32, Event)> = seed.iter().copied().zip(events.iter().cloned()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let mut one = Book::new(&hybrid(), "");
        for (number, own) in grants.iter().enumerate() {
            give(&mut one, number, own);
        }
        let mut other = one.clone();
        for event in &events {
            one.push(event.clone());
        }
        for (_, event) in shuffled {
            other.push(event);
        }
        let (one, other) = (one.draw("06-01"), other.draw("06-01"));
        prop_assert_eq!(one.body(), other.body());
        prop_assert_eq!(one.cells, other.cells);
    }
}

proptest! {
    // Five statements or more a case: ten thousand statements, each checked.
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn slow_d9_balances_close_and_are_never_below_zero(
        events in events(),
        lates in prop::collection::vec(0usize..4, 40),
        grants in prop::collection::vec(granted(), 0..5),
        voided in 0usize..8,
    ) {
        balances_close(&events, &lates, &grants, voided)?;
    }
}
