//! `aggregate`: a share of what a portfolio came to over its baseline.

use money::Decimal;

use super::Terms;
use crate::document::Table;

/// A share of measured value over a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregated {
    /// The subject of the measures.
    pub measure: String,
    /// The subject of the baselines.
    pub baseline: String,
    /// The share of the value that is charged, of one.
    pub share: Decimal,
    /// Whether a value below zero is taken off later ones.
    pub carry_negative: bool,
}

pub(super) fn read(table: &Table<'_>) -> Option<Terms> {
    let measure = table.need("measure", table.id("measure"));
    let baseline = match table.has("baseline") {
        true => table.id("baseline"),
        false => measure.clone(),
    };
    let share = table.need("percent", table.share_of_percent("percent"));
    let carry_negative = table.flag("carry_negative").unwrap_or(false);
    Some(Terms::Aggregate(Aggregated {
        measure: measure?,
        baseline: baseline?,
        share: share?,
        carry_negative,
    }))
}
