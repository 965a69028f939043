//! `indemnity`: a premium per counted unit of another component.

use money::{Amount, Currency};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::plan::price::read_price;
use crate::rating::Price;

/// A premium per counted unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indemnity {
    /// The component whose units are covered.
    pub modifies: String,
    /// The premium per unit.
    pub premium: Price,
    /// The most that is paid out per unit; reported, not priced.
    pub cover: Option<Amount>,
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let modifies = table.need("modifies", table.id("modifies"));
    let premium = table.need("premium", read_price(table, "premium", currency));
    let cover = table.amount("cover", currency);
    let premium = premium?;
    of_quantity(table, "premium", &premium, "covered units")?;
    Some(Terms::Indemnity(Indemnity {
        modifies: modifies?,
        premium,
        cover,
    }))
}
