//! `metered`: a price of usage.

use money::{Amount, Currency, Quantity};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::limits::ROLLOVER_PERIODS_MAX;
use crate::plan::price::{read_convert, read_price};
use crate::rating::{Convert, Measure, Price};

/// A price of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The meter.
    pub meter: String,
    /// What of the period's usage is priced.
    pub aggregate: Aggregate,
    /// The price.
    pub price: Price,
    /// Units of the meter that cost nothing, per whole period.
    pub allowance: Quantity,
    /// Rating periods after its own in which what is left of an allowance may still be used.
    pub rollover: u32,
    /// Facts that cost nothing, per whole period: of a percentage of the money of each.
    pub free_events: u32,
    /// Money that no percentage is taken of, per whole period.
    pub free_amount: Option<Amount>,
    /// Counting in larger units.
    pub convert: Option<Convert>,
    /// The outcome component beside which usage that names a work is charged on purpose.
    pub in_addition_to: Option<String>,
}

/// What of a rating period's usage is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Aggregate {
    /// The sum of the quantities.
    #[default]
    Sum,
    /// The number of facts, whatever their quantities.
    Count,
    /// The greatest quantity; of equal ones the first.
    Max,
    /// The number of different items.
    Unique,
    /// The last quantity.
    Last,
    /// The average of a gauge that keeps each quantity until the next, by time.
    WeightedSum,
}

impl Aggregate {
    /// The words of documents.
    pub const WORDS: [(&'static str, Aggregate); 6] = [
        ("sum", Aggregate::Sum),
        ("count", Aggregate::Count),
        ("max", Aggregate::Max),
        ("unique", Aggregate::Unique),
        ("last", Aggregate::Last),
        ("weighted_sum", Aggregate::WeightedSum),
    ];

    /// The word of documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// Whether later facts of the period only add to it, so that the period may be cut inside (D5).
    #[must_use]
    pub const fn may_be_cut(self) -> bool {
        !matches!(self, Aggregate::Last | Aggregate::WeightedSum)
    }
}

impl Metered {
    /// Whether what one fact adds depends on the other facts of its period.
    #[must_use]
    pub fn looks_at_all(&self) -> bool {
        !matches!(self.aggregate, Aggregate::Sum | Aggregate::Count)
            || self.free_events > 0
            || self.free_amount.is_some()
    }

    /// Whether a rating period may be cut inside (D5); where it is free, the price plays no part.
    #[must_use]
    pub fn may_be_cut(&self, is_free: bool) -> bool {
        self.aggregate.may_be_cut() && (self.price.may_be_cut() || is_free)
    }
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let meter = table.need("meter", table.id("meter"));
    let aggregate = table
        .word("aggregate", &Aggregate::WORDS)
        .unwrap_or_default();
    let price = table.need("price", read_price(table, "price", currency));
    let allowance = table.quantity("allowance").unwrap_or_default();
    let rollover = rollover(table, aggregate);
    let free_events = table.count("free_events", 1).unwrap_or_default();
    let free_amount = table.amount("free_amount", currency);
    let convert = read_convert(table);
    let in_addition_to = table.id("in_addition_to");
    let price = price?;
    if !allowance.is_zero() || convert.is_some() {
        of_quantity(table, "price", &price, "an allowance and `convert`")?;
    }
    if aggregate != Aggregate::Sum && price.measure() != Measure::Quantity {
        table.fault(
            "aggregate",
            format!(
                "a percentage is of the money of each fact; `{}` is of units",
                aggregate.word()
            ),
            Some("leave `aggregate` out, or give a price per unit"),
        );
    }
    for key in ["free_events", "free_amount"] {
        if table.has(key) && price.measure() != Measure::MoneyOfEach {
            table.fault(
                key,
                format!("`{key}` is for a `percentage` of the money of each fact"),
                Some("units that cost nothing are an `allowance`"),
            );
        }
    }
    if rollover > 0 && allowance.is_zero() {
        table.fault("rollover", "there is no `allowance` to roll over", None);
    }
    Some(Terms::Metered(Metered {
        meter: meter?,
        aggregate,
        price,
        allowance,
        rollover,
        free_events,
        free_amount,
        convert,
        in_addition_to,
    }))
}

/// Reads `rollover = { periods = 2 }`.
fn rollover(table: &Table<'_>, aggregate: Aggregate) -> u32 {
    let Some(rollover) = table.table("rollover") else {
        return 0;
    };
    let periods = rollover.need("periods", rollover.count("periods", 1));
    rollover.finish();
    let periods = periods.unwrap_or_default();
    if periods > ROLLOVER_PERIODS_MAX {
        rollover.fault(
            "periods",
            format!("an allowance rolls over for at most {ROLLOVER_PERIODS_MAX} periods"),
            None,
        );
    }
    if !matches!(aggregate, Aggregate::Sum | Aggregate::Count) {
        table.fault(
            "rollover",
            format!(
                "what is left of a `{}` cannot be used later",
                aggregate.word()
            ),
            Some("an allowance rolls over where it is used up: with `sum` and `count`"),
        );
    }
    periods
}
