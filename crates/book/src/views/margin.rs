//! The margin as the bridge page, the table and the JSON show it.

use jiff::Timestamp;
use money::{Amount, Decimal, Rounding};
use pages::view;
use pricing::margin::{Dimension, Margin, Row, Summary};
use work::body::CostLine;
use work::event::UNASSIGNED;

use crate::Result;

/// Digits of shares and of costs per unit: finer than a coin, rounded once.
const DIGITS: u8 = 6;

/// The bridge of a margin.
pub fn bridge(
    margin: &Margin<'_>,
    summary: &Summary,
    scope: String,
    period: view::Period,
    as_of: Timestamp,
    dimensions: &[Dimension],
    command: String,
) -> Result<view::MarginBridge> {
    let total = margin.total()?;
    let gross = total.gross_margin()?;
    let steps = CostLine::WORDS
        .iter()
        .map(|(_, line)| {
            let of = |costs: &pricing::margin::CostLines| {
                costs
                    .iter()
                    .find(|(own, _)| own == line)
                    .map(|(_, amount)| amount)
            };
            let zero = Amount::zero(gross.price.currency());
            view::CostStep {
                line: *line,
                amount: of(&total.costs).unwrap_or(zero),
                failures: of(&total.failures).unwrap_or(zero),
            }
        })
        .collect();
    // Without any cost entry the margin is not 100 %: nobody knows it.
    let is_known = summary.costed + summary.unpriced > 0;
    let tables = dimensions
        .iter()
        .map(|dimension| table(margin, *dimension, is_known))
        .collect::<Result<Vec<_>>>()?;
    let (unassigned_entries, unassigned) = margin.unassigned();
    Ok(view::MarginBridge {
        scope,
        period,
        as_of,
        price: gross.price,
        costs: steps,
        cost: gross.cost,
        failures: total.failures.sum()?,
        margin: is_known.then_some(gross.profit),
        margin_share: gross.share_rounded(DIGITS)?.filter(|_| is_known),
        counted: total.counted,
        price_per_counted: per_counted(total.revenue_per_counted()?, gross.price)?,
        cost_per_counted: per_counted(total.cost_per_counted()?, gross.price)?.filter(|_| is_known),
        tables,
        unpriced: view::Unpriced {
            entries: summary.unpriced,
            works: total.unpriced_works,
            models: summary
                .unpriced_models
                .keys()
                .map(|model| {
                    let named = model.clone();
                    named.unwrap_or_else(|| "no model named".to_owned())
                })
                .collect(),
        },
        unconverted: view::Unconverted {
            entries: total.unconverted,
            works: total.unconverted_works,
            currencies: summary
                .other_currencies
                .values()
                .map(|own| view::OtherCurrency {
                    entries: own.entries,
                    amount: own.amount,
                })
                .collect(),
        },
        converted: summary
            .conversions
            .iter()
            .map(|own| view::Converted {
                entries: own.entries,
                told: own.told,
                amount: own.amount,
                rate: own.by.rate.to_string(),
                source: own.by.source.clone(),
                document: own.by.document.to_string(),
            })
            .collect(),
        unassigned: view::Unassigned {
            entries: unassigned_entries,
            amount: unassigned,
            rule: None,
        },
        command,
    })
}

fn per_counted(ratio: Option<money::Ratio>, like: Amount) -> Result<Option<Amount>> {
    Ok(match ratio {
        None => None,
        Some(ratio) => Some(Amount::new(
            ratio.rounded(DIGITS, Rounding::HalfEven)?,
            like.currency(),
        )),
    })
}

/// The margin cut one way.
fn table(margin: &Margin<'_>, dimension: Dimension, is_known: bool) -> Result<view::MarginTable> {
    let rows = margin.by(dimension)?;
    let rows = rows
        .iter()
        .map(|own| row(own, dimension, is_known))
        .collect::<Result<Vec<_>>>()?;
    Ok(view::MarginTable {
        by: word(dimension).replace('_', " "),
        rows,
    })
}

fn word(dimension: Dimension) -> &'static str {
    Dimension::WORDS
        .iter()
        .find(|(_, own)| *own == dimension)
        .map_or("", |(word, _)| word)
}

fn row(row: &Row, dimension: Dimension, is_known: bool) -> Result<view::MarginRow> {
    let gross = row.gross_margin()?;
    Ok(view::MarginRow {
        name: row
            .name
            .clone()
            .filter(|name| dimension != Dimension::Customer || name != UNASSIGNED)
            .unwrap_or_else(|| nameless(dimension).to_owned()),
        counted: row.counted,
        price: gross.price,
        costs: row
            .costs
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(line, amount)| view::CostShare { line, amount })
            .collect(),
        cost: gross.cost,
        margin: is_known.then_some(gross.profit),
        margin_share: gross.share_rounded(DIGITS)?.filter(|_| is_known),
        cost_per_counted: per_counted(row.cost_per_counted()?, gross.price)?.filter(|_| is_known),
        unpriced_works: row.unpriced_works,
        unconverted_works: row.unconverted_works,
    })
}

/// What a row is called that the dimension has no name for.
fn nameless(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Model => "no model named",
        Dimension::Agent | Dimension::AgentVersion => "no agent named",
        Dimension::Plan => "no plan",
        Dimension::Customer => "no customer named",
        _ => "not of one work",
    }
}

/// A share for people: `77.7 %`.
pub fn percent(share: Option<Decimal>) -> String {
    share
        .and_then(|share| share.times(Decimal::from_int(100)).ok())
        .map_or("–".to_owned(), |percent| {
            format!(
                "{} %",
                percent.rounded(1, Rounding::HalfEven).with_digits(1)
            )
        })
}
