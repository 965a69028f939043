//! `seats`: a fee per seat.

use money::{Currency, Quantity};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::plan::price::read_price;
use crate::rating::Price;

/// A fee per seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// The price of one seat for a whole period.
    pub price: Price,
    /// Seats that cost nothing.
    pub included: Quantity,
    /// How seats are counted.
    pub count: SeatCount,
}

/// How seats are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatCount {
    /// Seat-days: the most that were held at one time of each local day (semantics.md P4).
    Daily,
    /// The most that were held at one time of the period.
    HighWater,
}

impl Seats {
    /// Seats that are charged when so many are held.
    #[must_use]
    pub fn charged(&self, held: u32) -> Quantity {
        let held = Quantity::from_int(i64::from(held));
        held.minus(self.included)
            .unwrap_or_default()
            .max(Quantity::ZERO)
    }
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let price = table.need("price", read_price(table, "price", currency));
    let included = table.quantity("included").unwrap_or_default();
    let words = [
        ("daily", SeatCount::Daily),
        ("high_water", SeatCount::HighWater),
    ];
    let count = table.word("count", &words).unwrap_or(SeatCount::Daily);
    let price = price?;
    of_quantity(table, "price", &price, "seats")?;
    Some(Terms::Seats(Seats {
        price,
        included,
        count,
    }))
}
