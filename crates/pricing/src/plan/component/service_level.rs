//! `service_level`: what of other components' charges is paid back where less was reached than was promised.

use money::{Amount, Currency, Decimal};

use super::Terms;
use crate::document::Table;
use crate::limits::{COMPONENTS_MAX, GROUPS_MAX};

/// What is paid back by the level that was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevel {
    /// The subject of the measures.
    pub measure: String,
    /// The components whose charges are paid back in part.
    pub of: Vec<String>,
    /// The bands, ascending; the first begins at zero.
    pub bands: Vec<CreditBand>,
    /// The most that is paid back for a whole rating period.
    pub cap: Option<Amount>,
}

/// A band of levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditBand {
    /// Levels of at least this, below the next band.
    pub from: Decimal,
    /// The share of the charges that is paid back, of one.
    pub share: Decimal,
}

impl ServiceLevel {
    /// The share that is paid back at a level, of one; nothing below the first band.
    #[must_use]
    pub fn share_at(&self, level: Decimal) -> Decimal {
        let band = self.bands.iter().rev().find(|band| level >= band.from);
        band.map_or(Decimal::ZERO, |band| band.share)
    }
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let measure = table.need("measure", table.id("measure"));
    let of = table.texts("of", COMPONENTS_MAX);
    if of.is_empty() {
        table.fault(
            "of",
            "a service level pays back of charges",
            Some("name the components: `of = [\"platform\"]`"),
        );
    }
    let tables = table.tables("band", GROUPS_MAX);
    let bands: Vec<CreditBand> = tables.iter().filter_map(band).collect();
    let rises = bands.windows(2).all(|pair| pair[0].from < pair[1].from);
    if bands.first().is_none_or(|band| !band.from.is_zero()) && bands.len() == tables.len() {
        table.fault(
            "band",
            "the first [[component.band]] begins at 0, so that every level has one",
            None,
        );
    } else if !rises {
        table.fault("band", "`from` must rise from band to band", None);
    }
    let cap = table.amount("cap", currency);
    Some(Terms::ServiceLevel(ServiceLevel {
        measure: measure?,
        of,
        bands,
        cap,
    }))
}

fn band(table: &Table<'_>) -> Option<CreditBand> {
    let from = table.need("from", table.quantity("from"));
    let share = table.need("percent", table.share_of_percent("percent"));
    table.finish();
    Some(CreditBand {
        from: from?,
        share: share?,
    })
}
