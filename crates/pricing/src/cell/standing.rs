//! [`CapStanding`]: what was done in the period that runs, beside the cap of the contract.
//!
//! A cap that stops is held by asking before the work and not by the bill after it; this is what the answer
//! rests on. Invariant: it is read from the cells that a statement would have, so the cap that the answer
//! names is the one that the bill is held to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, MoneyError};

use super::sums::cap_by_days;
use super::{CREDIT, Cell, CellKey, Part, TOTALS};
use crate::contract::{Agreement, Version};
use crate::period::{Period, holding};
use crate::plan::CapMode;

/// Where charges stand beside a cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapStanding {
    /// The period of the cap.
    pub period: Period,
    /// The most that is meant to be done.
    pub most: Amount,
    /// What becomes of the rest.
    pub mode: CapMode,
    /// What was done: all charges after discounts, before the cap and the minimum.
    pub done: Amount,
}

impl CapStanding {
    /// That of the period of totals that holds an instant; nothing where the contract has no cap for it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(
        agreement: &Agreement,
        cells: &BTreeMap<CellKey, Cell>,
        now: Timestamp,
    ) -> Result<Option<CapStanding>, MoneyError> {
        let every = agreement.versions[0].terms.totals.every; // an agreement has a version
        let mut periods = agreement.rating_periods(every, now);
        let Some(period) = holding(&periods, now).map(|index| periods.swap_remove(index)) else {
            return Ok(None);
        };
        let own = agreement.of_period(&period).terms.totals.totals.cap;
        let amount = |version: &Version| version.terms.totals.totals.cap.map(|own| own.amount);
        let counts = |version: &Version| version.terms.free.counts_for_totals();
        let most = cap_by_days(agreement, &period, counts, amount)?;
        let (Some(own), Some(most)) = (own, most) else {
            return Ok(None);
        };
        let mut done = Amount::zero(most.currency());
        for (key, cell) in cells {
            // What a service level pays back is taken off behind the cap.
            let is_before = match key.component.as_str() {
                TOTALS => matches!(key.part, Part::Discount(_)),
                component => component != CREDIT && key.part != Part::ServiceLevel,
            };
            if is_before && period.holds(key.period) {
                done = done.plus(cell.charged()?)?;
            }
        }
        Ok(Some(CapStanding {
            period,
            most,
            mode: own.mode,
            done,
        }))
    }

    /// Whether so much more may be done, or anything at all, before the cap.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::CurrencyMismatch`].
    pub fn has_room(&self, asked: Option<Amount>) -> Result<bool, MoneyError> {
        let left = self.most.minus(self.done)?;
        Ok(match asked {
            Some(asked) => !left.minus(asked)?.is_negative(),
            None => !left.is_zero() && !left.is_negative(),
        })
    }
}
