//! `seats`: a fee per seat.

use money::{Currency, MoneyError, Quantity};

use super::{Due, Terms, of_quantity};
use crate::document::Table;
use crate::plan::price::read_price;
use crate::rating::{Part, Price};

/// A fee per seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// The price of one seat for a whole period.
    pub price: Price,
    /// Seats that cost nothing.
    pub included: Quantity,
    /// Seats that are counted where fewer are held.
    pub minimum: u32,
    /// How seats are counted.
    pub count: SeatCount,
    /// Which changes count by day.
    pub prorate: SeatProration,
    /// A number that is charged whether it is held or not.
    pub committed: Option<Committed>,
}

/// How seats are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatCount {
    /// Seat-days: the most that were held at one time of each local day (semantics.md P4).
    Daily,
    /// The most that were held at one time of the period.
    HighWater,
}

/// Which changes within a period count by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatProration {
    /// A seat more: else it counts from the start of the period.
    pub assigned: bool,
    /// A seat fewer: else it counts until the end of the period.
    pub released: bool,
}

/// Seats that are charged whether they are held or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// How many, beside those included.
    pub seats: Quantity,
    /// When they are due.
    pub due: Due,
    /// The price of seats beyond them; else the tiers go on.
    pub overage: Option<Price>,
}

impl SeatProration {
    const DAYS: SeatProration = SeatProration {
        assigned: true,
        released: true,
    };
    const NONE: SeatProration = SeatProration {
        assigned: false,
        released: false,
    };
}

impl Seats {
    /// Seats that are charged when so many are held.
    #[must_use]
    pub fn charged(&self, held: u32) -> Quantity {
        let held = Quantity::from_int(i64::from(held.max(self.minimum)));
        held.minus(self.included)
            .unwrap_or_default()
            .max(Quantity::ZERO)
    }

    /// What seats beyond the committed ones cost for a whole period, where so many are charged.
    pub(crate) fn beyond(
        &self,
        committed: &Committed,
        charged: Quantity,
    ) -> Result<Vec<Part>, MoneyError> {
        match &committed.overage {
            Some(price) => price.between(None, charged.minus(committed.seats)?),
            None => self.price.between(Some(committed.seats), charged),
        }
    }
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let price = table.need("price", read_price(table, "price", currency));
    let included = table.quantity("included").unwrap_or_default();
    let minimum = table.count("minimum_seats", 1).unwrap_or_default();
    let words = [
        ("daily", SeatCount::Daily),
        ("high_water", SeatCount::HighWater),
    ];
    let count = table.word("count", &words).unwrap_or(SeatCount::Daily);
    let prorate = proration(table);
    if prorate != SeatProration::DAYS && count == SeatCount::HighWater {
        table.fault(
            "prorate",
            "the high-water mark counts no days",
            Some("leave `prorate` out, or count `daily`"),
        );
    }
    let committed = committed(table, currency);
    if committed.is_some() && minimum > 0 {
        table.fault(
            "minimum_seats",
            "a committed number is the least already",
            Some("keep one of `committed` and `minimum_seats`"),
        );
    }
    let price = price?;
    of_quantity(table, "price", &price, "seats")?;
    Some(Terms::Seats(Seats {
        price,
        included,
        minimum,
        count,
        prorate,
        committed,
    }))
}

/// Reads `prorate = "none"`, or `prorate = { assigned = "day", released = "none" }`.
fn proration(table: &Table<'_>) -> SeatProration {
    const WORDS: [(&str, bool); 2] = [("day", true), ("none", false)];
    if !table.has("prorate") {
        return SeatProration::DAYS;
    }
    if !table.is_table("prorate") {
        return match table.word("prorate", &WORDS) {
            Some(false) => SeatProration::NONE,
            _ => SeatProration::DAYS,
        };
    }
    let Some(changes) = table.table("prorate") else {
        return SeatProration::DAYS;
    };
    let assigned = changes.word("assigned", &WORDS).unwrap_or(true);
    let released = changes.word("released", &WORDS).unwrap_or(true);
    changes.finish();
    SeatProration { assigned, released }
}

/// Reads `committed = 10`, `due` and `overage`.
fn committed(table: &Table<'_>, currency: Currency) -> Option<Committed> {
    let seats = table.count("committed", 1);
    let due = table.word("due", &Due::WORDS);
    let overage = read_price(table, "overage", currency);
    for key in ["due", "overage"] {
        if table.has(key) && !table.has("committed") {
            table.fault(
                key,
                format!("`{key}` is for a number of seats that was committed to"),
                Some("add `committed = 10`; without it seats are charged as they are held"),
            );
        }
    }
    if let Some(overage) = &overage {
        of_quantity(table, "overage", overage, "seats")?;
    }
    Some(Committed {
        seats: Quantity::from_int(i64::from(seats?)),
        due: due.unwrap_or(Due::Advance),
        overage,
    })
}
