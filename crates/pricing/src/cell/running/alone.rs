//! What of the cells the units of one scope have, out of sums in which units are not told apart.
//!
//! The units are taken out of the sums and put in again each as a kind of its own, and the sums are rated as always: so
//! whatever a price, a band or a holdback makes of a unit, it makes of it here. Invariant: the sums are afterwards what
//! they were. What late policies waive is not taken off, as everywhere in running totals.

use std::hash::Hash;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError};
use work::settle::{Unit, UnitKey};

use super::{Addend, Running, fault};
use crate::cell::sort::Sorter;
use crate::cell::{Cell, CellKey, Contribution, Mode, PricingError, Source};
use crate::statement::shares;

/// What one unit has of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitShare {
    /// The unit.
    pub unit: UnitKey,
    /// The cell.
    pub cell: CellKey,
    /// The class that it counts in; nothing of an attempt.
    pub class: Option<String>,
    /// Its share.
    pub amount: Amount,
    /// The share where the coin that cannot be divided is this unit's: which one has it, all units of the cell decide
    /// together (semantics.md D2). As `amount` where nothing is left over.
    pub with_coin: Amount,
}

/// Which contribution of the units that are looked at one is: of which unit, and of which of its movements.
pub(super) type Alone = (usize, Option<usize>);

impl<S: Clone + Ord + Hash> Running<S> {
    /// What the units of a scope, which are those that were put in last, have of the cells that are owed at the cut;
    /// nothing is told where a share follows values of both signs, which sums do not keep apart.
    ///
    /// # Errors
    /// [`PricingError`] where an amount does not fit. The totals have to begin again then.
    pub fn shares_of(
        &mut self,
        scope: &S,
        units: &[Unit],
    ) -> Result<Option<Vec<UnitShare>>, PricingError> {
        let own = self.scopes.get(scope).cloned().unwrap_or_default();
        if own.iter().any(|addend| self.sums.is_mixed(addend.place)) {
            return Ok(None);
        }
        let known = self.sums.units.len();
        let alone = self.set_apart(&own, units, self.cut)?;
        let rated = self.rate_whole(Mode::Owed);
        let fault = fault(&self.agreement, "works");
        for addend in &alone {
            self.sums.take_out(addend).map_err(&fault)?;
        }
        for addend in &own {
            self.sums.put_back(addend).map_err(&fault)?;
        }
        let which = self.sums.forget_kinds(known);
        let mut found = Vec::new();
        for (key, cell) in rated? {
            let parts = parts(&cell, known).map_err(&fault)?;
            for (source, amount, with_coin) in parts {
                let (unit, movement) = match source {
                    Source::Unit(kind, _) => which[kind - known],
                    Source::Attempt(place) => (place - 1, None),
                    Source::Usage(_) => continue,
                };
                let unit = &units[unit];
                let class = movement.map(|at| unit.movements[at].class.to_string());
                found.push(UnitShare {
                    unit: unit.key.clone(),
                    cell: key.clone(),
                    class,
                    amount,
                    with_coin,
                });
            }
        }
        Ok(Some(found))
    }

    /// Takes the addends of a scope out, and puts its units in, each as a kind of its own.
    fn set_apart(
        &mut self,
        own: &[Addend],
        units: &[Unit],
        cut: Timestamp,
    ) -> Result<Vec<Addend>, PricingError> {
        let sorter = Sorter::new(&self.agreement, None, cut);
        let fault = fault(&self.agreement, "works");
        for addend in own {
            self.sums.take_out(addend).map_err(&fault)?;
        }
        let mut alone = Vec::new();
        let terms = (&self.agreement, &*self.published);
        for (place, unit) in units.iter().enumerate() {
            self.sums
                .put_in(terms, &sorter, (unit, Some(place)), &mut alone)
                .map_err(&fault)?;
        }
        Ok(alone)
    }
}

/// What the contributions that are told apart have of a cell, without and with a coin that is left over.
fn parts(cell: &Cell, known: usize) -> Result<Vec<(Source, Amount, Amount)>, MoneyError> {
    let is_alone = |own: &Contribution| match own.source {
        Source::Unit(kind, _) => kind >= known,
        Source::Attempt(place) => place > 0,
        Source::Usage(_) => false,
    };
    if !cell.contributions.iter().any(is_alone) {
        return Ok(Vec::new());
    }
    let charged = cell.charged()?;
    let all = shares(charged, &cell.contributions, false)?;
    let weights = cell.contributions.iter().map(|own| own.weight.magnitude());
    let whole = weights.clone().try_fold(Decimal::ZERO, Decimal::plus)?;
    let mut found = Vec::new();
    if whole.is_zero() {
        return Ok(found); // nobody has more of it than anybody else
    }
    for ((own, weight), share) in cell.contributions.iter().zip(weights).zip(all) {
        if !is_alone(own) {
            continue;
        }
        let (least, most) = bounds(share, charged, (weight, whole))?;
        if !most.is_zero() {
            found.push((own.source, least, most));
        }
    }
    Ok(found)
}

/// The share that is nearer to nothing and the other one, of which a unit has one or the other.
fn bounds(
    share: Amount,
    charged: Amount,
    (weight, whole): (Decimal, Decimal),
) -> Result<(Amount, Amount), MoneyError> {
    let has = share.value().magnitude().times(whole)?;
    let due = charged.value().magnitude().times(weight)?;
    let digits = (charged.value().scale()).max(charged.currency().minor_digits());
    let coin = Amount::new(Decimal::new(1, digits)?, charged.currency());
    let coin = if charged.is_negative() {
        coin.negated()
    } else {
        coin
    };
    Ok(match has.cmp(&due) {
        std::cmp::Ordering::Equal => (share, share),
        std::cmp::Ordering::Less => (share, share.plus(coin)?),
        std::cmp::Ordering::Greater => (share.minus(coin)?, share),
    })
}
