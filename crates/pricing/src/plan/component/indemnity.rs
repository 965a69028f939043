//! `indemnity`: a premium per counted unit of another component.

use money::{Amount, Currency, Decimal, MoneyError, Quantity, Rounding};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::limits::LINE_BYTES_MAX;
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
    /// How often it was paid out, as far as is known.
    pub loss: Option<LossRate>,
}

/// A documented rate of loss: what cover is expected to cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossRate {
    /// The share of covered units for which the cover was paid.
    pub share: Decimal,
    /// Where that was seen.
    pub source: String,
}

impl Indemnity {
    /// What so many covered units may cost, and what they are expected to, in words. It is a note; nothing
    /// is charged for it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn note(&self, units: Quantity, rounding: Rounding) -> Result<Option<String>, MoneyError> {
        let (Some(cover), Some(loss)) = (self.cover, &self.loss) else {
            return Ok(None);
        };
        let exposure = cover.times(units)?;
        let expected = exposure.times(loss.share)?.rounded(rounding);
        let percent = loss.share.times(Decimal::from_int(100))?;
        let currency = cover.currency();
        Ok(Some(format!(
            "exposure {} {currency}: {units} at most {} each; expected loss {} {currency} at {percent} % ({})",
            exposure.number(),
            cover.number(),
            expected.number(),
            loss.source,
        )))
    }
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let modifies = table.need("modifies", table.id("modifies"));
    let premium = table.need("premium", read_price(table, "premium", currency));
    let cover = table.amount("cover", currency);
    let loss = table.table("loss").and_then(|table| loss(&table));
    if loss.is_some() && cover.is_none() {
        table.fault(
            "loss",
            "a rate of loss says something of a `cover`",
            Some("say what is paid out per unit at most: `cover = \"50.00\"`"),
        );
    }
    let premium = premium?;
    of_quantity(table, "premium", &premium, "covered units")?;
    Some(Terms::Indemnity(Indemnity {
        modifies: modifies?,
        premium,
        cover,
        loss,
    }))
}

fn loss(table: &Table<'_>) -> Option<LossRate> {
    let share = table.need("percent", table.share_of_percent("percent"));
    let source = table.need("source", table.text("source"));
    table.finish();
    if source
        .as_ref()
        .is_some_and(|text| text.trim().is_empty() || text.len() > LINE_BYTES_MAX)
    {
        table.fault(
            "source",
            format!("where the rate was seen, in 1 to {LINE_BYTES_MAX} bytes"),
            None,
        );
        return None;
    }
    Some(LossRate {
        share: share?,
        source: source?,
    })
}
