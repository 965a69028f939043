//! Two definitions over the same facts: which works count under one and not under the other, and the money.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Quantity};
use pages::view;
use pricing::plan::Plan;
use work::compare::{Comparison, Difference, Row, Side, compare};
use work::definition::Timeline;
use work::definition::exhibit::exhibit;
use work::effective::resolve;
use work::settle::inherit_headers;
use work::{Definition, LogKind, SmolStr};

use crate::Result;
use crate::book::Book;
use crate::unit_price::UnitPrice;

/// What is compared.
pub struct Compared<'a> {
    /// The first definition.
    pub left: &'a Definition,
    /// The second.
    pub right: &'a Definition,
    /// The arguments that name them.
    pub names: [String; 2],
    /// Only this customer.
    pub customer: Option<&'a str>,
    /// Only what opened in this month.
    pub month: Option<Date>,
    /// One price for every counted unit, instead of the plan's.
    pub flat: Option<Amount>,
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
    /// How many works to list.
    pub list: usize,
}

impl Book {
    /// The comparison over the customers asked for.
    ///
    /// Money is the plan's price of the units of each side, rated together per customer: tiers and volume
    /// prices have their effect. Minimum, cap and discounts are left out, because they are about the whole bill.
    ///
    /// # Errors
    /// Where the book cannot be read, or an amount does not fit.
    pub fn compare(&self, plan: &Plan, asked: &Compared<'_>) -> Result<view::Comparison> {
        let zone = TimeZone::UTC;
        let (left_line, right_line) = (
            Timeline::of(asked.left, zone.clone()),
            Timeline::of(asked.right, zone.clone()),
        );
        let price = UnitPrice::of(plan, asked.flat);
        let titles = titles(&asked.names);
        let (mut both, mut left_only, mut right_only) =
            (Quantity::ZERO, Quantity::ZERO, Quantity::ZERO);
        let zero = Amount::zero(price.currency());
        let (mut left_money, mut right_money) = (zero, zero);
        let (mut left_counted, mut right_counted) = (Quantity::ZERO, Quantity::ZERO);
        let mut works = Vec::new();
        let mut works_total = 0;
        for customer in self.chosen(asked.customer)? {
            let mut facts = resolve(self.contents(&customer, LogKind::Shared, None)?).facts;
            inherit_headers(&mut facts);
            if let Some(first) = asked.month {
                keep_opened_in(&mut facts, first);
            }
            let compared: Comparison = compare(&left_line, &right_line, &facts, asked.as_of)?;
            for quantity in compared.left.values() {
                left_counted = left_counted.plus(*quantity)?;
            }
            for quantity in compared.right.values() {
                right_counted = right_counted.plus(*quantity)?;
            }
            left_money = left_money.plus(price.of_counts(&asked.left.id, &compared.left)?)?;
            right_money = right_money.plus(price.of_counts(&asked.right.id, &compared.right)?)?;
            for row in &compared.rows {
                match row.difference() {
                    Difference::OnlyLeft => left_only = left_only.plus(net(&row.left)?)?,
                    Difference::OnlyRight => right_only = right_only.plus(net(&row.right)?)?,
                    _ => both = both.plus(net(&row.right)?)?,
                }
            }
            for row in compared.differences() {
                works_total += 1;
                if works.len() < asked.list {
                    works.push(differing(&customer, row, asked, &titles, &price)?);
                }
            }
        }
        let scope = match asked.customer {
            Some(customer) => self.customer_name(customer),
            None => "All customers".to_owned(),
        };
        let mut command = format!("piecework compare {} {}", asked.names[0], asked.names[1]);
        if let Some(customer) = asked.customer {
            command.push_str(&format!(" --customer {customer}"));
        }
        Ok(view::Comparison {
            scope,
            period: period(asked)?,
            left: side(asked.left, &titles[0], left_counted, left_money),
            right: side(asked.right, &titles[1], right_counted, right_money),
            both,
            left_only,
            right_only,
            difference: right_money.minus(left_money)?,
            works,
            works_total,
            command,
        })
    }
}

/// Keeps the facts of works whose first fact lies in a month.
fn keep_opened_in(facts: &mut Vec<work::effective::Fact>, first: Date) {
    let mut opened: HashMap<SmolStr, Timestamp> = HashMap::new();
    for fact in facts.iter() {
        if let Some(work) = &fact.event.work {
            let at = opened.entry(work.clone()).or_insert(fact.event.time);
            *at = (*at).min(fact.event.time);
        }
    }
    facts.retain(|fact| {
        let at = fact.event.work.as_ref().and_then(|work| opened.get(work));
        at.is_none_or(|at| at.to_zoned(TimeZone::UTC).date().first_of_month() == first)
    });
}

fn period(asked: &Compared<'_>) -> Result<view::Period> {
    let zone = TimeZone::UTC;
    Ok(match asked.month {
        None => view::Period {
            from: Timestamp::UNIX_EPOCH,
            until: asked.as_of,
            zone,
        },
        Some(first) => {
            let next = first.last_of_month().tomorrow()?;
            view::Period {
                from: first.to_zoned(zone.clone())?.timestamp(),
                until: next.to_zoned(zone.clone())?.timestamp(),
                zone,
            }
        }
    })
}

fn net(side: &Side) -> Result<Quantity> {
    Ok(side
        .counted
        .values()
        .try_fold(Quantity::ZERO, |sum, quantity| sum.plus(*quantity))?)
}

fn side(definition: &Definition, name: &str, counted: Quantity, charged: Amount) -> view::Side {
    let annex = exhibit(definition);
    let rule = annex
        .sections
        .iter()
        .find(|section| section.heading == "When it counts")
        .map_or(String::new(), |section| section.sentences.join(" "));
    view::Side {
        name: name.to_owned(),
        rule,
        digest: definition.digest.to_string(),
        counted,
        charged,
    }
}

fn differing(
    customer: &str,
    row: &Row,
    asked: &Compared<'_>,
    titles: &[String; 2],
    price: &UnitPrice,
) -> Result<view::DifferingWork> {
    let reading = |definition: &Definition, side: &Side| -> Result<view::Reading> {
        let classes: Vec<String> = side
            .counted
            .iter()
            .map(|(class, quantity)| {
                if *quantity == Quantity::ONE {
                    class.to_string()
                } else {
                    format!("{quantity} {class}")
                }
            })
            .collect();
        let state = if classes.is_empty() {
            "not counted".to_owned()
        } else {
            classes.join(", ")
        };
        Ok(view::Reading {
            state,
            amount: price.of_one(&definition.id, &side.counted)?,
        })
    };
    let (left, right) = (
        reading(asked.left, &row.left)?,
        reading(asked.right, &row.right)?,
    );
    let because = match row.difference() {
        Difference::OnlyLeft => format!("counts under {} alone", titles[0]),
        Difference::OnlyRight => format!("counts under {} alone", titles[1]),
        Difference::Class => "counts in another class".to_owned(),
        Difference::Quantity | Difference::None => "counts in another quantity".to_owned(),
    };
    Ok(view::DifferingWork {
        work: row.works.join(", "),
        customer: customer.to_owned(),
        difference: view::Difference {
            amount: right.amount.minus(left.amount)?,
            because,
        },
        left,
        right,
    })
}

/// The files' names without directory and ending, where that tells them apart.
fn titles(names: &[String; 2]) -> [String; 2] {
    let short = names.each_ref().map(|name| {
        let stem = Path::new(name).file_stem();
        stem.map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned())
    });
    if short[0] == short[1] {
        names.clone()
    } else {
        short
    }
}
