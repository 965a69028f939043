//! A month of model calls beside its bill, reckoned by hand.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use money::{Amount, Currency};
use piecework_pricing::margin::{CostLedger, Counting, Step, Sum, TrueUp, TrueUpRow};
use piecework_pricing::model_costs::ModelCosts;
use proptest::prelude::*;
use work::Event;
use work::effective::Fact;
use work::event::UNASSIGNED;

/// Two dollars per million input tokens.
const COSTS: &str = r#"
[model_costs]
title = "t"
date = 2026-01-01
currency = "USD"
[[source]]
id = "s"
name = "hand"
date = 2026-01-01
[[model]]
provider = "openai"
model = "gpt-x"
bare = true
source = "s"
per_million = { input = "2" }
"#;

fn costs() -> ModelCosts {
    ModelCosts::parse(COSTS).unwrap_or_else(|error| panic!("{error}"))
}

fn fact((id, source, customer, day, data): &(String, &str, &str, &str, String)) -> Fact {
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"piecework.cost.recorded.v1","subject":"{customer}","time":"{day}T10:00:00Z","data":{data}}}"#
    );
    Fact {
        entry: 0,
        event: Event::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
        corrected_by: None,
    }
}

type Line = (String, &'static str, &'static str, &'static str, String);

fn call(id: u64, day: &'static str, more: &str) -> Line {
    let data = format!(r#"{{"line":"model",{more}}}"#);
    (id.to_string(), "gateway", "acme", day, data)
}

fn charge(id: u64, day: &'static str, line: &str, more: &str) -> Line {
    let data = format!(r#"{{"line":"{line}",{more}}}"#);
    (id.to_string(), "focus/openai", UNASSIGNED, day, data)
}

fn ledger(lines: &[Line]) -> CostLedger {
    let facts: Vec<Fact> = lines.iter().map(fact).collect();
    CostLedger::of(&facts, &costs(), Currency::USD, Counting::Claimed)
}

fn true_up(book: &[Line], bill: &[Line], step: Step) -> TrueUp {
    let (book, bill) = (ledger(book), ledger(bill));
    let month = date(2026, 2, 1);
    TrueUp::of(
        &book.entries,
        &bill.entries,
        &costs(),
        Currency::USD,
        month,
        step,
    )
    .unwrap()
}

fn usd(text: &str) -> Amount {
    format!("{text} USD").parse().unwrap()
}

fn told(row: &TrueUpRow) -> String {
    format!(
        "{} {} {} {}:{} ?{} {}:{} = {}",
        row.provider,
        row.model.as_deref().unwrap_or("-"),
        row.from,
        row.metered.entries,
        row.metered.amount.number(),
        row.unpriced,
        row.billed.entries,
        row.billed.amount.number(),
        row.difference().unwrap().number()
    )
}

/// 2 February: 1 M and 2 M tokens of gpt-x are 2.00 + 4.00, the bill says 6.30 in two articles: the meter
/// missed 0.30. 3 February: a claimed 1.50 and a call without a price, the bill says 1.20. 4 February:
/// billed 0.75 and never metered. 5 February: metered 0.10 and given back whole.
fn month() -> (Vec<Line>, Vec<Line>) {
    let book = vec![
        call(
            1,
            "2026-02-02",
            r#""provider":"openai","model":"gpt-x","tokens":{"input":1000000}"#,
        ),
        call(
            2,
            "2026-02-02",
            r#""model":"GPT-X-2026-01-01","tokens":{"input":2000000}"#,
        ),
        call(
            3,
            "2026-02-03",
            r#""provider":"OpenAI","model":"gpt-x","amount":"1.50 USD""#,
        ),
        call(
            4,
            "2026-02-03",
            r#""provider":"openai","model":"house","tokens":{"input":5}"#,
        ),
        call(
            5,
            "2026-02-05",
            r#""provider":"openai","model":"gpt-x","amount":"0.10 USD""#,
        ),
        // Nothing that the bill speaks of.
        call(
            6,
            "2026-02-05",
            r#""provider":"anthropic","model":"c","amount":"9 USD""#,
        ),
        call(7, "2026-02-05", r#""model":"mystery","amount":"0.40 USD""#),
        call(
            8,
            "2026-01-31",
            r#""provider":"openai","model":"gpt-x","amount":"7 USD""#,
        ),
        call(9, "2026-02-05", r#""provider":"openai","amount":"3 USD""#),
    ];
    let mut book = book;
    book[8].4 = r#"{"line":"infra","provider":"openai","amount":"3 USD"}"#.to_owned();
    let bill = vec![
        charge(
            1,
            "2026-02-02",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"6.00 USD""#,
        ),
        charge(
            2,
            "2026-02-02",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"0.30 USD""#,
        ),
        charge(
            3,
            "2026-02-03",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"1.20 USD""#,
        ),
        charge(
            4,
            "2026-02-04",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"0.75 USD""#,
        ),
        charge(
            5,
            "2026-02-05",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"0.10 USD","credit":true"#,
        ),
        charge(
            6,
            "2026-02-05",
            "infra",
            r#""provider":"openai","amount":"20 USD""#,
        ),
        charge(
            7,
            "2026-01-30",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"0.05 USD","credit":true"#,
        ),
        charge(
            8,
            "2026-02-05",
            "model",
            r#""provider":"openai","model":"gpt-x","amount":"1 EUR""#,
        ),
    ];
    (book, bill)
}

#[test]
fn a_month_reckoned_by_hand() {
    let (book, bill) = month();
    let found = true_up(&book, &bill, Step::Day);
    assert_eq!(
        found.rows.iter().map(told).collect::<Vec<_>>(),
        [
            "openai gpt-x 2026-02-02 2:6.00 ?0 2:6.30 = 0.30",
            "openai gpt-x 2026-02-03 1:1.50 ?0 1:1.20 = -0.30",
            "openai gpt-x 2026-02-04 0:0.00 ?0 1:0.75 = 0.75",
            "openai gpt-x 2026-02-05 1:0.10 ?0 1:-0.10 = -0.20",
            "openai house 2026-02-03 1:0.00 ?1 0:0.00 = 0.00",
        ]
    );
    let (metered, billed) = found.total(None).unwrap();
    assert_eq!((metered.entries, metered.amount), (5, usd("7.60")));
    assert_eq!((billed.entries, billed.amount), (5, usd("8.15")));
    assert_eq!(found.total(Some("openai")), found.total(None));
    assert_eq!(found.total(Some("anthropic")).unwrap().0.entries, 0);
    let sum = |entries, amount| Sum {
        entries,
        amount: usd(amount),
    };
    assert_eq!(
        found.not_on_the_bill,
        BTreeMap::from([
            (None, sum(1, "0.40")),
            (Some("anthropic".to_owned()), sum(1, "9"))
        ])
    );
    assert_eq!(found.other_lines, sum(1, "20"));
    assert_eq!(found.other_months, sum(1, "-0.05"));
    assert_eq!(found.unconverted, 1);
    assert_eq!(found.in_the_book, sum(0, "0"));
}

#[test]
fn by_month() {
    let (book, bill) = month();
    let found = true_up(&book, &bill, Step::Month);
    assert_eq!(
        found.rows.iter().map(told).collect::<Vec<_>>(),
        [
            "openai gpt-x 2026-02-01 4:7.60 ?0 5:8.15 = 0.55",
            "openai house 2026-02-01 1:0.00 ?1 0:0.00 = 0.00",
        ]
    );
}

/// A bill that was imported into the book is no meter: it is told apart, not compared with itself.
#[test]
fn a_bill_in_the_book_is_not_compared_with_itself() {
    let (mut book, bill) = month();
    book.extend(bill.iter().cloned());
    let found = true_up(&book, &bill, Step::Day);
    // 6.00 + 0.30 + 1.20 + 0.75 - 0.10, and the one in euros, which has no amount here.
    assert_eq!(
        (found.in_the_book.entries, found.in_the_book.amount),
        (6, usd("8.15"))
    );
    assert_eq!(found.total(None).unwrap().0.amount, usd("7.60"));
}

/// Differences that were recorded are metered costs: after them there is nothing to true up.
#[test]
fn after_its_differences_are_recorded_nothing_is_left() {
    let (mut book, bill) = month();
    let found = true_up(&book, &bill, Step::Day);
    for (index, row) in found.rows.iter().enumerate() {
        let difference = row.difference().unwrap();
        if difference.is_zero() {
            continue;
        }
        let day: &'static str = Box::leak(row.from.to_string().into_boxed_str());
        let (amount, credit) = if difference.is_negative() {
            (difference.negated(), r#","credit":true"#)
        } else {
            (difference, "")
        };
        let more = format!(r#""provider":"openai","model":"gpt-x","amount":"{amount}"{credit}"#);
        book.push(call(100 + index as u64, day, &more));
    }
    let again = true_up(&book, &bill, Step::Day);
    assert!(
        again
            .rows
            .iter()
            .all(|row| row.difference().unwrap().is_zero())
    );
    let (metered, billed) = again.total(None).unwrap();
    assert_eq!(metered.amount, billed.amount);
}

#[test]
fn nothing_beside_nothing() {
    let (book, _) = month();
    let found = true_up(&book, &[], Step::Day);
    assert_eq!(found.rows, vec![]);
    assert_eq!(found.not_on_the_bill.len(), 3);
    assert_eq!(true_up(&[], &[], Step::Month).rows, vec![]);
}

proptest! {
    /// Whatever the entries, each stands in one place, and amounts sum to the whole.
    #[test]
    fn nothing_is_lost(
        calls in proptest::collection::vec((0u64..40, 1i8..=28, 0u32..300, 0u8..3), 0..20),
        charges in proptest::collection::vec((0u64..40, 1i8..=28, 0u32..300, 0u8..3), 0..20),
    ) {
        let names = ["gpt-x", "other", "third"];
        let lines = |of: &[(u64, i8, u32, u8)], is_bill: bool| -> Vec<Line> {
            of.iter().enumerate().map(|(index, (_, day, cents, name))| {
                let day: &'static str = Box::leak(Date::new(2026, 2, *day).unwrap().to_string().into_boxed_str());
                let more = format!(r#""provider":"openai","model":"{}","amount":"{}.{:02} USD""#, names[usize::from(*name)], cents / 100, cents % 100);
                if is_bill { charge(index as u64, day, "model", &more) } else { call(index as u64, day, &more) }
            }).collect()
        };
        let (book, bill) = (lines(&calls, false), lines(&charges, true));
        let found = true_up(&book, &bill, Step::Day);
        let (metered, billed) = found.total(None).unwrap();
        let beside: u64 = found.not_on_the_bill.values().map(|sum| sum.entries).sum();
        prop_assert_eq!(metered.entries + beside, book.len() as u64);
        let priced = ledger(&bill).entries.iter().filter(|entry| entry.amount().is_some()).count();
        prop_assert_eq!(billed.entries, priced as u64);
        let differences = Amount::sum(Currency::USD, found.rows.iter().map(|row| row.difference().unwrap())).unwrap();
        prop_assert_eq!(differences, billed.amount.minus(metered.amount).unwrap());
    }
}
