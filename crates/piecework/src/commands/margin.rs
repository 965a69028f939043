//! `piecework margin`: of four cost lines against a price, or of the book.

use anyhow::{Context as _, Result, bail};
use book::margins::{Costs, Scope};
use book::periods::month;
use book::views::margin::percent;
use book::views::statement::work_name;
use money::{Amount, Currency, Decimal};
use pages::view;
use pricing::margin::{CostLines, Dimension, Sharing, gross_margin};
use serde::Serialize;
use work::body::CostLine;

use crate::Done;
use crate::cli::Margin;
use crate::context::Context;
use crate::output::{money, table};

/// Runs the command.
pub fn run(context: &Context, args: &Margin) -> Result<Done> {
    match &args.price {
        Some(price) => of_lines(context, price, args),
        None => of_book(context, args),
    }
}

#[derive(Serialize)]
struct Unit {
    #[serde(serialize_with = "view::json::amount")]
    price: Amount,
    #[serde(serialize_with = "view::json::amount")]
    cost: Amount,
    #[serde(serialize_with = "view::json::amount")]
    margin: Amount,
    /// Exact where it is a decimal number, else to twelve digits.
    margin_share: Option<Decimal>,
    exact: bool,
}

/// An amount such as `2.50` or `2.50 EUR`; dollars where no currency is said.
fn amount(text: &str) -> Result<Amount> {
    let read = if text.contains(' ') {
        text.parse()
    } else {
        text.parse()
            .map(|number| Amount::new(number, Currency::USD))
    };
    read.with_context(|| format!("`{text}` is not an amount such as 2.50 or \"2.50 EUR\""))
}

fn of_lines(context: &Context, price: &str, args: &Margin) -> Result<Done> {
    let price = amount(price)?;
    let mut costs = CostLines::zero(price.currency());
    for (line, text) in [
        (CostLine::Model, &args.model),
        (CostLine::Infra, &args.infra),
        (CostLine::HumanReview, &args.human_review),
        (CostLine::Support, &args.support),
    ] {
        let text = text.as_deref().unwrap_or("0");
        costs.add(line, amount(text)?)?;
    }
    let gross = gross_margin(price, &costs)?;
    let exact = gross.share_exact()?;
    let unit = Unit {
        price: gross.price,
        cost: gross.cost,
        margin: gross.profit,
        margin_share: exact.map_or_else(|| gross.share_rounded(12), |share| Ok(Some(share)))?,
        exact: exact.is_some(),
    };
    context.out.value(&unit, |unit| {
        let share = unit
            .margin_share
            .map_or("undefined: there is no price".to_owned(), |share| {
                format!(
                    "{}{}",
                    if unit.exact { "" } else { "about " },
                    share.with_digits(2)
                )
            });
        vec![
            format!("price         {}", unit.price),
            format!("cost          {}", unit.cost),
            format!("margin        {}", unit.margin),
            format!("gross margin  {share}"),
        ]
    })?;
    Ok(Done::Well)
}

fn of_book(context: &Context, args: &Margin) -> Result<Done> {
    let book = context.book()?;
    let Some((_, dimension)) = Dimension::WORDS.iter().find(|(word, _)| *word == args.by) else {
        let words: Vec<&str> = Dimension::WORDS.iter().map(|(word, _)| *word).collect();
        bail!("--by {} is not one of: {}", args.by, words.join(", "));
    };
    let scope = Scope {
        customer: args.customer.clone(),
        month: args.period.as_deref().map(month).transpose()?,
        as_of: context.now,
        costs: Costs {
            lines: cost_lines(&args.cost_lines)?,
            agent: args.agent.clone(),
            unassigned: args.unassigned.as_deref().map(sharing).transpose()?,
        },
    };
    let view = book.margin(&scope, &[*dimension])?;
    context.out.value(&view, lines)?;
    Ok(Done::Well)
}

fn sharing(word: &str) -> Result<Sharing> {
    let found = Sharing::WORDS.iter().find(|(own, _)| *own == word);
    found.map(|(_, rule)| *rule).with_context(|| {
        let known: Vec<&str> = Sharing::WORDS.iter().map(|(own, _)| *own).collect();
        format!("--unassigned {word} is not one of: {}", known.join(", "))
    })
}

fn cost_lines(words: &[String]) -> Result<Vec<CostLine>> {
    let line = |word: &String| {
        let found = CostLine::WORDS.iter().find(|(own, _)| own == word);
        found.map(|(_, line)| *line).with_context(|| {
            let known: Vec<&str> = CostLine::WORDS.iter().map(|(own, _)| *own).collect();
            format!("--line {word} is not one of: {}", known.join(", "))
        })
    };
    words.iter().map(line).collect()
}

/// A number that is only a bound where some of what works cost is in no sum.
pub fn bounded(relation: &str, number: String, lacking: u64) -> String {
    if lacking == 0 || number == "–" {
        number
    } else {
        format!("{relation} {number}")
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// Costs that are in no sum, in words.
fn left_out(bridge: &view::MarginBridge) -> Vec<String> {
    let on = |entries: u64, works: u64| {
        format!(
            "{} on {}",
            counted(entries, "cost entry", "cost entries"),
            counted(works, "work", "works")
        )
    };
    let mut lines = Vec::new();
    let (unpriced, unconverted) = (&bridge.unpriced, &bridge.unconverted);
    if unpriced.entries > 0 {
        lines.push(format!(
            "unpriced: {} without a known price ({}); their cost is not in these numbers, which are \
             bounds (≤, ≥)",
            on(unpriced.entries, unpriced.works),
            unpriced.models.join(", ")
        ));
    }
    if unconverted.entries > 0 {
        let (codes, amounts): (Vec<_>, Vec<_>) = unconverted
            .currencies
            .iter()
            .map(|own| (own.amount.currency().code(), own.amount.to_string()))
            .unzip();
        lines.push(format!(
            "not converted: {} in {}; no rate of exchange is published, so these numbers leave out {} and \
             are bounds (≤, ≥)",
            on(unconverted.entries, unconverted.works),
            codes.join(" and "),
            amounts.join(" and ")
        ));
    }
    for own in &bridge.converted {
        lines.push(format!(
            "converted: {} in {} at {}, {} in all ({}; document {})",
            counted(own.entries, "cost entry", "cost entries"),
            own.told.currency().code(),
            own.rate,
            own.amount,
            own.source,
            own.document.get(..12).unwrap_or(&own.document)
        ));
    }
    lines
}

/// A margin for people.
pub fn lines(bridge: &view::MarginBridge) -> Vec<String> {
    let title = format!(
        "Margin: {}, {}, as known on {}",
        bridge.scope,
        bridge.period.label(),
        bridge.as_of.to_zoned(bridge.period.zone.clone()).date()
    );
    let Some(margin) = bridge.margin else {
        let mut lines = vec![
            title,
            format!(
                "price {} of {} counted; the margin is unknown: no costs are recorded",
                money(bridge.price),
                bridge.counted
            ),
        ];
        lines.extend(bridge.tables.iter().map(|cut| {
            table(
                &[cut.by.as_str(), ">counted", ">price"],
                cut.rows.iter().map(|row| {
                    vec![
                        shown_name(&row.name),
                        row.counted.to_string(),
                        money(row.price),
                    ]
                }),
            )
        }));
        return lines;
    };
    let mut rows = vec![vec!["price".to_owned(), money(bridge.price), String::new()]];
    rows.extend(bridge.costs.iter().map(|step| {
        let failures = if step.failures.is_zero() {
            String::new()
        } else {
            format!("of it {} on work that does not count", money(step.failures))
        };
        vec![
            format!("− {}", step.line.word().replace('_', " ")),
            money(step.amount),
            failures,
        ]
    }));
    rows.push(vec![
        "= margin".to_owned(),
        money(margin),
        bounded(
            "≤",
            percent(bridge.margin_share),
            bridge.unpriced.works + bridge.unconverted.works,
        ),
    ]);
    let mut lines = vec![title, table(&["", ">amount", ""], rows)];
    if let (Some(price), Some(cost)) = (bridge.price_per_counted, bridge.cost_per_counted) {
        lines.push(format!(
            "{} counted; price {} and cost {} of a counted unit, with the failures that it carries",
            bridge.counted,
            money(price),
            money(cost)
        ));
    }
    for cut in &bridge.tables {
        lines.push(table(
            &[
                cut.by.as_str(),
                ">counted",
                ">price",
                ">cost",
                ">margin",
                ">share",
                ">cost per counted",
            ],
            cut.rows.iter().map(|row| {
                let lacking = row.unpriced_works + row.unconverted_works;
                vec![
                    shown_name(&row.name),
                    row.counted.to_string(),
                    money(row.price),
                    money(row.cost),
                    row.margin.map_or("unknown".to_owned(), money),
                    bounded("≤", percent(row.margin_share), lacking),
                    bounded(
                        "≥",
                        row.cost_per_counted.map_or("–".to_owned(), money),
                        lacking,
                    ),
                ]
            }),
        ));
    }
    lines.extend(left_out(bridge));
    if bridge.unassigned.entries > 0 {
        lines.push(format!(
            "unassigned: {} of no work, {}",
            counted(bridge.unassigned.entries, "cost entry", "cost entries"),
            money(bridge.unassigned.amount)
        ));
    }
    lines
}

/// A row's name for people: a work by its customer and scope, everything else as it is.
fn shown_name(name: &str) -> String {
    match name.split_once(' ') {
        Some((customer, unit)) if unit.contains("]@") => format!("{customer} {}", work_name(unit)),
        _ => name.to_owned(),
    }
}
