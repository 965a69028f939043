//! What of statements was decided not to be paid: a cell against each cell that is credited (semantics.md D6).
//!
//! A decision credits what its statement charged of a cell, and never more than is still charged of it now: where
//! the cell falls by itself, for a reversal or a corrected price, the credit falls with it, so that nothing is
//! given twice; where it grows, what is new is charged. Not here: which cells a decision names (the account's fold
//! says that). Invariant: a cell and its credits together never change sign; all decisions about one statement
//! credit no more of a cell than it charged; and of several the earlier goes first.

use std::collections::BTreeMap;

use money::{Amount, MoneyError, Quantity};

use super::{CREDIT, Cell, CellKey, Decision, Part, Rating, inside};
use crate::period::holding;

impl Rating<'_> {
    /// The cells of all decisions before the cut.
    pub(super) fn decisions(&mut self) -> Result<(), MoneyError> {
        let cut = self.cut;
        let all = self.facts.decisions.iter();
        let mut decisions: Vec<&Decision> = all.filter(|own| own.time < cut).collect();
        decisions.sort_by_key(|own| (own.time, &own.fact));
        let periods = self.agreement.statement_periods(cut);
        let mut credited: BTreeMap<&CellKey, Amount> = BTreeMap::new();
        let mut of_statement: BTreeMap<(&str, &CellKey), Amount> = BTreeMap::new();
        for decision in decisions {
            let index = holding(&periods, decision.time).unwrap_or(0);
            let Some(period) = periods.get(index) else {
                continue;
            };
            let version = self.agreement.of_period(period).number;
            for (key, stated) in &decision.stated {
                let Some(charged) = self.cells.get(key).map(Cell::charged) else {
                    continue;
                };
                let charged = charged?;
                let zero = Amount::zero(charged.currency());
                let before = credited.entry(key).or_insert(zero);
                let own = of_statement
                    .entry((&decision.statement, key))
                    .or_insert(zero);
                let given = nearer_to_zero(stated.minus(*own)?, charged.minus(*before)?);
                if given.is_zero() {
                    continue;
                }
                *before = before.plus(given)?;
                *own = own.plus(given)?;
                let (source, id) = (&decision.fact.source, &decision.fact.id);
                let part = Part::Credited(source.to_string(), id.to_string(), key.to_string());
                let own = CellKey {
                    component: CREDIT.to_owned(),
                    ..self.key("", period, version, part)
                };
                let amount = given.negated();
                let cell = self.fee_cell(period, inside(period), Quantity::ZERO, amount);
                self.put(own, cell);
            }
        }
        Ok(())
    }
}

/// The smaller of two amounts of one sign; nothing where their signs differ.
fn nearer_to_zero(one: Amount, other: Amount) -> Amount {
    if one.is_negative() != other.is_negative() {
        return Amount::zero(one.currency());
    }
    let size = |own: Amount| {
        if own.is_negative() {
            own.negated()
        } else {
            own
        }
    };
    if size(one).value() <= size(other).value() {
        one
    } else {
        other
    }
}
