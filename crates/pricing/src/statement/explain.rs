//! A line explained: the works and usages behind a cell, each with its share and its facts.

use std::slice::from_ref;

use jiff::Timestamp;
use money::{Amount, MoneyError, Quantity};
use work::event::Authorship;
use work::settle::{FactRef, UnitKey};

use super::shares::shares;
use crate::account::Held;
use crate::cell::{Cell, CellKey, Owed, Source};

/// What a cell is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'h> {
    /// The cell.
    pub cell: CellKey,
    /// Its quantity.
    pub quantity: Quantity,
    /// What it charges.
    pub amount: Amount,
    /// The shares, in the order of unit keys; they sum to the amount. Empty for fees and totals,
    /// which are agreed and not caused.
    pub shares: Vec<Share<'h>>,
}

/// One work's or usage's share of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share<'h> {
    /// The work's name, or the usage's source and id.
    pub name: String,
    /// When it counted, or happened.
    pub at: Timestamp,
    /// The class, of a work.
    pub class: Option<&'h str>,
    /// How much of it.
    pub quantity: Quantity,
    /// Its share.
    pub amount: Amount,
    /// Who authored the deciding fact.
    pub authorship: Authorship,
    /// The facts that made it count.
    pub causes: &'h [FactRef],
    /// Every fact of it, in the order of settlement.
    pub facts: &'h [FactRef],
    /// Whether the late policy waives it.
    pub is_late: bool,
}

/// Explains a cell, or `None` where it is not owed.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn explain<'h>(
    held: &'h Held,
    owed: &Owed,
    key: &CellKey,
) -> Result<Option<Explanation<'h>>, MoneyError> {
    let Some(cell) = owed.cells.get(key) else {
        return Ok(None);
    };
    Ok(Some(Explanation {
        cell: key.clone(),
        quantity: cell.quantity,
        amount: cell.charged()?,
        shares: shares_of(held, cell)?,
    }))
}

fn shares_of<'h>(held: &'h Held, cell: &Cell) -> Result<Vec<Share<'h>>, MoneyError> {
    let amounts = shares(cell.charged()?, &cell.contributions, cell.waives_late())?;
    let mut out = Vec::with_capacity(amounts.len());
    for (own, amount) in cell.contributions.iter().zip(amounts) {
        let (name, at, class, causes, facts): (_, _, Option<&str>, &[FactRef], &[FactRef]) =
            match own.source {
                Source::Unit(unit, movement) => {
                    let unit = &held.units[unit];
                    let count = &unit.movements[movement];
                    (
                        unit_name(&unit.key),
                        count.instant,
                        Some(count.class.as_str()),
                        &count.causes,
                        &unit.facts,
                    )
                }
                Source::Attempt(unit) => {
                    let unit = &held.units[unit];
                    let attempt = unit.attempt.as_ref();
                    (
                        unit_name(&unit.key),
                        attempt.map_or(unit.opened, |own| own.at),
                        Some("attempt"),
                        attempt.map_or(&[], |own| from_ref(&own.act)),
                        &unit.facts,
                    )
                }
                Source::Usage(usage) => {
                    let usage = &held.usage[usage];
                    let fact = &usage.fact;
                    (
                        format!("{}:{}", fact.source, fact.id),
                        usage.time,
                        None,
                        from_ref(fact),
                        from_ref(fact),
                    )
                }
            };
        out.push(Share {
            name,
            at,
            class,
            quantity: own.quantity,
            amount,
            authorship: own.authorship,
            causes,
            facts,
            is_late: own.is_late,
        });
    }
    Ok(out)
}

/// The name of a unit in statements: its definition, its scope, and the event that opened it.
#[must_use]
pub fn unit_name(key: &UnitKey) -> String {
    format!(
        "{}[{}]@{}:{}",
        key.unit,
        key.scope.join(","),
        key.opened_by.source,
        key.opened_by.id
    )
}
