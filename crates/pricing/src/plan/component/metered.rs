//! `metered`: a price of usage.

use money::{Currency, Quantity};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::plan::price::{read_convert, read_price};
use crate::rating::{Convert, Price};

/// A price of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The meter.
    pub meter: String,
    /// The price.
    pub price: Price,
    /// Units of the meter that cost nothing, per whole period.
    pub allowance: Quantity,
    /// Counting in larger units.
    pub convert: Option<Convert>,
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let meter = table.need("meter", table.id("meter"));
    if let Some(word) = table.text("aggregate")
        && word != "sum"
    {
        table.fault("aggregate", format!("`{word}` is not one of: sum"), None);
    }
    let price = table.need("price", read_price(table, "price", currency));
    let allowance = table.quantity("allowance").unwrap_or_default();
    let convert = read_convert(table);
    let price = price?;
    if !allowance.is_zero() || convert.is_some() {
        of_quantity(table, "price", &price, "an allowance and `convert`")?;
    }
    Some(Terms::Metered(Metered {
        meter: meter?,
        price,
        allowance,
        convert,
    }))
}
