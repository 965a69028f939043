//! Margin of what statements state: revenue of the works is the statements', to the cent.
#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/many.rs"]
mod many;
mod support;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use many::{Reached, many};
use money::{Amount, Currency};
use piecework_pricing::account::Account;
use piecework_pricing::margin::{
    CostLedger, Counting, Dimension, Margin, Row, Settings, Sharing, Sold,
};
use piecework_pricing::model_costs::ModelCosts;
use proptest::prelude::*;
use support::*;
use work::Event;
use work::effective::Fact;

fn cost(line: &str) -> Fact {
    let (time, rest) = line.split_once(' ').unwrap();
    let mut data = Vec::new();
    for word in rest.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap();
        let unit = if key == "amount" { " USD" } else { "" };
        data.push(format!("\"{key}\":\"{value}{unit}\""));
    }
    let event = Event::parse(&format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{}\",\"source\":\"meter\",\"type\":\"piecework.cost.recorded.v1\",\
         \"subject\":\"{CUSTOMER}\",\"time\":\"{}\",\"data\":{{{}}}}}",
        line.replace(' ', "-"),
        at(time),
        data.join(",")
    ));
    Fact {
        entry: 0,
        event: event.unwrap_or_else(|e| panic!("{line}: {e}")),
        corrected_by: None,
    }
}

/// The margin of one account's contracts at a cut, cut by a dimension.
fn margin(
    account: &[Account],
    costs: &[Fact],
    cut: Timestamp,
    dimension: Dimension,
    unallocated: Sharing,
) -> (Row, Vec<Row>, Amount) {
    let sold = Sold::of(account, cut, Currency::USD).unwrap();
    assert!(sold.other_currencies.is_empty());
    let earned = Amount::sum(Currency::USD, sold.earnings.iter().map(|own| own.amount)).unwrap();
    let ledger = CostLedger::of(
        costs,
        ModelCosts::built_in(),
        Currency::USD,
        Counting::Claimed,
    );
    let as_of = cut
        .checked_sub(jiff::SignedDuration::from_nanos(1))
        .unwrap();
    let settings = Settings {
        unallocated,
        ..Settings::usual(as_of, TimeZone::UTC, Currency::USD)
    };
    let margin = Margin::of(&sold.units, &ledger, &sold.earnings, &settings).unwrap();
    let total = margin.total().unwrap();
    assert_eq!(total.revenue, earned);
    (total, margin.by(dimension).unwrap(), sold.not_due)
}

#[test]
fn a_month_with_a_fee_a_reversal_and_an_unpriced_model() {
    let terms = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"10.00\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"0.99\"\n"
    );
    let mut book = Book::new(&plan(&terms), "");
    book.confirmed("01-05T09:00", 1, 3);
    book.story("01-06T09:00 opened case=c0009\n01-20T09:00 reopened case=c0003");
    let statement = book.issue("02-01");
    // 1.98 of works, the fee of January, and February's, which is due in advance.
    assert_eq!(statement.total, usd("21.98"));
    let costs = [
        cost("01-05T09:00 line=model amount=0.10 case=c0001"),
        cost("01-05T09:00 line=model amount=0.10 case=c0002 model=mystery"),
        cost("01-05T09:00 line=human_review amount=0.30 case=c0003"),
        cost("01-06T09:00 line=model amount=0.20 case=c0009"),
        cost("01-06T09:00 line=model amount=0 case=c0009 model=mystery"),
        cost("01-07T09:00 line=infra amount=0.05"),
    ];
    let accounts = [book.account()];
    let rows = |unallocated| {
        let (total, rows, not_due) = margin(
            &accounts,
            &costs,
            at("02-01"),
            Dimension::Class,
            unallocated,
        );
        assert_eq!((total.revenue, not_due), (statement.total, usd("0")));
        assert_eq!(total.costs.sum().unwrap(), usd("0.75"));
        assert_eq!((total.unpriced, total.unpriced_works), (1, 1));
        assert_eq!(
            total.failures.sum().unwrap(),
            usd("0.50"),
            "reversed and open works"
        );
        let show = |row: &Row| {
            let name = row.name.as_deref().unwrap_or("-");
            let costs = row.costs.sum().unwrap().number();
            format!("{name} {} {} {costs}", row.counted, row.revenue.number())
        };
        rows.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(
        rows(Sharing::Keep),
        [
            "- 0 20.00 0.05",
            "confirmed 2 1.98 0.20",
            "pending 0 0.00 0.20",
            "reversed 0 0.00 0.30"
        ]
    );
    // January's fee goes to the works that count, by their revenue; in February none does yet.
    assert_eq!(
        rows(Sharing::ByRevenue),
        [
            "- 0 10.00 0.05",
            "confirmed 2 11.98 0.20",
            "pending 0 0.00 0.20",
            "reversed 0 0.00 0.30"
        ]
    );
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=3, 1u32..=28, 0u32..24);
    (when, 0u32..8, 0usize..7, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        let what = match kind {
            0 | 1 => format!("answered case=c{case} kind=answer confidence=0.{amount}"),
            2 => format!("confirmed case=c{case}"),
            3 => format!("verified case=c{case} result=passed check=tests"),
            4 => format!("reopened case=c{case}"),
            5 => format!("usage meter=calls quantity={amount} case=c{case}"),
            _ => format!("assigned seat=s{}", case % 3),
        };
        format!("{time} {what}")
    })
}

/// Under a plan with everything in it, the works' revenue sums to what is owed, in any grouping.
fn revenue_is_owed(
    lines: &[String],
    cut: usize,
    rule: usize,
    dimensions: &[usize],
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let terms = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = \"15\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 7\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 1\ndiscount_percent = 5\n\
         [[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n\
         [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {{ graduated = [{{ up_to = 3, unit = \"0.333\", flat = 1 }}, {{ unit = \"0.25\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
         [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
         [totals]\ndiscount_percent = 10\ncap = 38\nminimum = 35\n"
    );
    let mut book = Book::new(&plan(&terms), "");
    for (index, line) in lines.iter().enumerate() {
        book.push(event(&format!("{line} id=e{index}")));
    }
    let cut = ["01-17", "02-01", "02-20", "03-01", "04-01"][cut];
    let owed = book.owed(cut);
    reached.prices(&owed);
    let owed = book.at_once(cut);
    let accounts = [book.account()];
    let rule = Sharing::WORDS[rule].1;
    for dimension in dimensions {
        let dimension = Dimension::WORDS[*dimension].1;
        let (total, rows, not_due) = margin(&accounts, &[], at(cut), dimension, rule);
        prop_assert_eq!(total.revenue.minus(not_due).unwrap(), owed);
        let sum = Amount::sum(Currency::USD, rows.iter().map(|row| row.revenue)).unwrap();
        prop_assert_eq!(sum, total.revenue);
        reached.when("several rows", rows.len() > 1);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn revenue_is_what_is_owed_in_any_grouping(
        lines in prop::collection::vec(a_line(), 1..30),
        cut in 0usize..5,
        rule in 0usize..3,
    ) {
        let all: Vec<usize> = (0..Dimension::WORDS.len()).collect();
        revenue_is_owed(&lines, cut, rule, &all, &Reached::default())?;
    }
}

#[test]
fn slow_revenue_is_what_is_owed_in_any_grouping() {
    let boundaries = [
        ("several rows", 2_500),
        ("a band", 2_000),
        ("a cap", 100),
        ("a minimum", 2_000),
    ];
    let lines = prop::collection::vec(a_line(), 1..10);
    many(
        &(lines, 0usize..5, 0usize..3, 0..Dimension::WORDS.len()),
        &boundaries,
        |(lines, cut, rule, dimension), reached| {
            revenue_is_owed(&lines, cut, rule, &[dimension], reached)
        },
    );
}
