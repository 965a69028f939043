//! Outside answers for price forms, totals, shares of a period and rounding, from
//! `scenarios/pricing-cases.toml`.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

use money::{Amount, Currency, Decimal, Rounding};
use piecework_pricing::Plan;
use piecework_pricing::plan::{Component, Terms};
use piecework_pricing::rating::Price;
use piecework_pricing::rating::totals::{Lefts, Share, above};
use toml::{Table, Value};

fn scenarios() -> Table {
    include_str!("scenarios/pricing-cases.toml")
        .parse()
        .unwrap()
}

fn list<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    table[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_table().unwrap())
        .collect()
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table[key].as_str().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn dollars(text: &str) -> Amount {
    Amount::new(decimal(text), Currency::USD)
}

/// Reads the price as a plan would.
fn component(price: &str, convert: Option<&str>) -> Component {
    let convert = convert
        .map(|convert| format!("convert = {convert}"))
        .unwrap_or_default();
    let plan = format!(
        "id = \"cases\"\nversion = 1\ncurrency = \"USD\"\n[[meter]]\nid = \"use\"\nclass = \"usage\"\n\
         [[component]]\nid = \"line\"\nkind = \"metered\"\nmeter = \"use\"\nprice = {price}\n{convert}\n"
    );
    Plan::parse(&plan)
        .unwrap_or_else(|error| panic!("{price}: {error}"))
        .components
        .remove(0)
}

fn total(price: &Price, from: Option<Decimal>, to: Decimal) -> Decimal {
    let parts = price.between(from, to).unwrap();
    parts
        .iter()
        .fold(Decimal::ZERO, |sum, part| sum.plus(part.amount).unwrap())
}

#[test]
fn price_forms_give_the_outside_amounts() {
    let cases = scenarios();
    let cases = list(&cases, "case");
    assert!(cases.len() >= 28);
    for case in cases {
        let id = text(case, "id");
        let convert = case.get("convert").and_then(Value::as_str);
        let Terms::Metered(metered) = component(text(case, "price"), convert).terms else {
            panic!("{id}: not metered");
        };
        let billed = |text: &str| {
            let position = decimal(text);
            metered
                .convert
                .map_or(position, |convert| convert.billed(position).unwrap())
        };
        let rows = |key: &str| -> Vec<Vec<String>> {
            case.get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(row)
                .collect()
        };
        for row in rows("at") {
            let owed = total(&metered.price, None, billed(&row[0]));
            assert_eq!(owed, decimal(&row[1]), "{id}: {} units", row[0]);
            assert_eq!(owed, metered.price.total(billed(&row[0])).unwrap(), "{id}");
        }
        for row in rows("step") {
            let owed = total(&metered.price, Some(billed(&row[0])), billed(&row[1]));
            assert_eq!(
                owed,
                decimal(&row[2]),
                "{id}: from {} to {}",
                row[0],
                row[1]
            );
        }
        for row in rows("fee") {
            let Price::Percentage(percentage) = &metered.price else {
                panic!("{id}: no percentage")
            };
            let fee = percentage.fee(decimal(&row[0])).unwrap();
            assert_eq!(fee.rounded(2, Rounding::HalfEven), decimal(&row[1]), "{id}");
        }
    }
}

fn row(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn discounts_cap_and_minimum_give_the_outside_amounts() {
    for case in list(&scenarios(), "sum") {
        let amount = |key: &str| case.get(key).and_then(Value::as_str).map(dollars);
        let percents = case.get("percent").map(row).unwrap_or_default();
        let mut lefts = Lefts::new(Currency::USD);
        lefts.add("line", dollars(text(case, "sum"))).unwrap();
        let all = |_: &str| true;
        for percent in &percents {
            let share = decimal(percent).times(decimal("0.01")).unwrap();
            lefts.take_share(&all, share, Rounding::HalfEven).unwrap();
        }
        if let Some(fixed) = amount("fixed") {
            lefts.take_amount(&all, fixed).unwrap();
        }
        let mut owed = lefts.sum(&all).unwrap();
        if let Some(cap) = amount("cap") {
            owed = owed.minus(above(owed, cap).unwrap()).unwrap();
        }
        let closed = !case.contains_key("open");
        if let Some(minimum) = amount("minimum").filter(|_| closed) {
            owed = owed.plus(above(minimum, owed).unwrap()).unwrap();
        }
        let owed = owed
            .minus(amount("already").unwrap_or(dollars("0")))
            .unwrap();
        assert_eq!(owed, dollars(text(case, "owed")), "{}", text(case, "id"));
    }
}

#[test]
fn shares_of_a_period_give_the_outside_amounts() {
    for case in list(&scenarios(), "share") {
        let days = |key: &str| case[key].as_integer().unwrap();
        let share = Share {
            days: days("days"),
            of: days("of"),
        };
        let owed = share
            .of_amount(dollars(text(case, "amount")), Rounding::HalfEven)
            .unwrap();
        assert_eq!(owed, dollars(text(case, "owed")), "{}", text(case, "id"));
    }
}

#[test]
fn rounding_gives_the_outside_amounts_in_their_mode() {
    let scenarios = scenarios();
    let modes = [
        ("half_up", Rounding::HalfUp),
        ("half_even", Rounding::HalfEven),
    ];
    for (name, mode) in modes {
        for case in list(&scenarios, "round") {
            let amount: Amount = text(case, "amount").parse().unwrap();
            assert_eq!(
                amount.rounded(mode),
                text(case, name).parse().unwrap(),
                "{name} {}",
                text(case, "id")
            );
        }
        for case in list(&scenarios, "lines") {
            let lines = row(&case["amounts"]);
            let rounded = lines
                .iter()
                .map(|line| line.parse::<Amount>().unwrap().rounded(mode));
            let sum = Amount::sum(Currency::USD, rounded).unwrap();
            assert_eq!(
                sum,
                text(case, name).parse().unwrap(),
                "{name} {}",
                text(case, "id")
            );
        }
    }
}
