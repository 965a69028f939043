//! Whether the margin is known: what the works of the book's own history left, with an interval.
//!
//! Nothing is forecast here. Without history a margin is an assumption, and the check says so; whether a margin is
//! enough is the seller's decision, and blocks nothing where the configuration names no least one
//! (`[checks] margin_at_least`).

use evidence::Confidence;
use evidence::rate::of_sums;
use jiff::Timestamp;
use money::{Amount, Decimal};
use pages::view::CheckVerdict;
use pricing::margin::{Dimension, Margin};

use super::{Found, reason};
use crate::Result;
use crate::book::Book;
use crate::limits::MEASURED_WORKS_MIN;
use crate::margins::{Costs, Scope, Sold};

pub(super) fn check(book: &Book, customer: &str, now: Timestamp) -> Result<Found> {
    let scope = Scope {
        customer: Some(customer.to_owned()),
        month: None,
        as_of: now,
        costs: Costs::default(),
    };
    let least = book.config.checks.margin_at_least();
    let sold = match Sold::read(book, scope) {
        Ok(sold) => sold,
        // Contracts in several currencies have no margin in one.
        Err(crate::Error::Refused(refused)) => {
            let mut found = Found::passing();
            found.add(reason(
                CheckVerdict::Warn,
                format!("the margin cannot be told: {refused}"),
            ));
            return Ok(found.mended_by("publish the rates of exchange"));
        }
        Err(error) => return Err(error),
    };
    let units = sold.units();
    sold.margin(&units, |margin| of_history(margin, customer, least))
}

fn of_history(margin: &Margin<'_>, customer: &str, least: Option<Decimal>) -> Result<Found> {
    let mut found = Found::passing();
    let total = margin.total()?;
    let works = margin.by(Dimension::Work)?;
    let works: Vec<_> = works.iter().filter(|row| row.name.is_some()).collect();
    let mut pairs = Vec::new();
    let (mut price, mut cost) = (
        Amount::zero(total.revenue.currency()),
        Amount::zero(total.revenue.currency()),
    );
    for row in &works {
        let own = row.costs.sum()?;
        if row.revenue.is_zero() && own.is_zero() {
            continue;
        }
        price = price.plus(row.revenue)?;
        cost = cost.plus(own)?;
        // The one place where money becomes numbers of statistics; what comes of them is never money.
        let number = |amount: Amount| amount.value().to_string().parse();
        if let (Ok(own), Ok(of)) = (number(own), number(row.revenue)) {
            pairs.push((own, of));
        }
    }
    let count = pairs.len();
    let estimate = of_sums(&pairs, Confidence::P95)
        .ok()
        .filter(|_| !cost.is_zero());
    match estimate {
        None => {
            let says = format!(
                "the margin is assumed: {count} works of {customer} have a price or a cost, which came to {price} and {cost}"
            );
            found.add(reason(CheckVerdict::Warn, says));
        }
        Some(own) => {
            // Ends that are infinitely far away say nothing.
            let ends = (1.0 - own.interval.high, 1.0 - own.interval.low);
            let is_few = count < MEASURED_WORKS_MIN;
            let surely_below = |bound: Decimal| {
                let high: Option<Decimal> = format!("{:.6}", ends.1).parse().ok();
                high.is_some_and(|high| high < bound)
            };
            let verdict = match least {
                Some(least) if surely_below(least) && !is_few => CheckVerdict::Fail,
                Some(least) if !surely_above(ends.0, least) => CheckVerdict::Warn,
                _ if !surely_above(ends.0, Decimal::ZERO) || is_few => CheckVerdict::Warn,
                _ => CheckVerdict::Pass,
            };
            let bound = least.map_or_else(String::new, |least| {
                format!("; at least {least} is asked for")
            });
            let few = if is_few {
                format!(": fewer than {MEASURED_WORKS_MIN} works show little")
            } else {
                String::new()
            };
            let says = format!(
                "{count} works of {customer} came to {price} and cost {cost}: a gross margin of {:.1} % ({:.1} % to {:.1} %){bound}{few}",
                100.0 * (1.0 - own.quotient),
                100.0 * ends.0,
                100.0 * ends.1,
            );
            found.add(reason(verdict, says));
        }
    }
    if total.unpriced > 0 {
        let says = format!(
            "{} costs of {} works have no price: the cost is more than that",
            total.unpriced, total.unpriced_works
        );
        found.add(reason(CheckVerdict::Warn, says));
    }
    if total.unconverted > 0 {
        let says = format!(
            "{} costs are in other currencies, and in no sum",
            total.unconverted
        );
        found.add(reason(CheckVerdict::Warn, says));
    }
    let (entries, amount) = margin.unassigned();
    if entries > 0 {
        let says = format!("{entries} costs of {amount} belong to no work, and are not in it");
        found.add(reason(CheckVerdict::Warn, says));
    }
    Ok(found.mended_by(
        "record what the works cost (`piecework cost`, `cost.recorded`), price the models (`piecework model-costs`), and look \
         at `piecework margin --by class`; a price is changed by `piecework contract amend`",
    ))
}

fn surely_above(low: impl std::fmt::Display, bound: Decimal) -> bool {
    let low: Option<Decimal> = format!("{low:.6}").parse().ok();
    low.is_some_and(|low| low >= bound)
}
