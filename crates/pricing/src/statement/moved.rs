//! What moved in a price group since the last statement, and why.
//!
//! Both states are computed by folding the log twice, so that causes are found by comparison and not
//! by bookkeeping. The tiers of a group share their members: a work's share is of the whole group.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity};
use work::settle::{FactRef, Unit, UnitKey};

use super::explain::unit_name;
use super::lines::Drawing;
use super::shares::shares;
use crate::account::Held;
use crate::cell::{Cell, CellKey, Facts, Owed, Source};
use crate::limits::NAMES_PER_LINE_MAX;

/// What the last statement knew.
pub(super) struct Back<'a> {
    pub(super) held: &'a Held,
    pub(super) owed: &'a Owed,
    pub(super) seen: Timestamp,
}

/// What moved in a cell.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) works: Vec<String>,
    pub(super) causes: Vec<FactRef>,
    pub(super) omitted: u64,
    /// The change of the shares of those that moved; `None` where it cannot be known.
    pub(super) own: Option<Amount>,
    /// What of it is the change of those of which less counts than before; zero or below.
    pub(super) taken_back: Option<Amount>,
}

impl<'a> Drawing<'a> {
    /// The works and usages of a price group that moved since the last statement, and why.
    pub(super) fn moved(&self, group: &CellKey) -> Result<Moved, MoneyError> {
        let Some(back) = &self.back else {
            return Ok(Moved::default());
        };
        let now = Members::of(self.owed, group, &self.held.facts())?;
        let then = Members::of(back.owed, group, &back.held.facts())?;
        let zero = Amount::zero(self.held.agreement.latest().terms.contract.currency);
        let nothing = (Quantity::ZERO, zero);
        let mut moved = Moved::default();
        let (mut own, mut taken_back) = (zero, zero);
        let names: BTreeSet<&Name> = now.shares.keys().chain(then.shares.keys()).collect();
        for name in names {
            let (weight_now, share_now) = now.shares.get(name).copied().unwrap_or(nothing);
            let (weight_then, share_then) = then.shares.get(name).copied().unwrap_or(nothing);
            if weight_now == weight_then {
                continue;
            }
            let change = share_now.minus(share_then)?;
            own = own.plus(change)?;
            if weight_now < weight_then {
                taken_back = taken_back.plus(change)?;
            }
            moved.name(name, &self.causes(back, name));
        }
        // Only where the last statement left the group as it was owed then can shares be compared.
        let stated = self.stated.iter().filter(|(key, _)| key.group() == *group);
        let stated = Amount::sum(zero.currency(), stated.map(|(_, stated)| stated.charged))?;
        let charged = then.charged.unwrap_or(zero);
        let anything = !moved.works.is_empty() || !moved.causes.is_empty();
        let is_known = charged == stated && anything;
        moved.own = is_known.then_some(own);
        moved.taken_back = is_known.then_some(taken_back);
        Ok(moved)
    }

    /// The facts that moved a work: new movements, and facts that came or went.
    fn causes(&self, back: &Back<'a>, name: &Name) -> Vec<FactRef> {
        let key = match name {
            Name::Usage(fact) => return vec![fact.clone()],
            Name::Unit(key) => key,
        };
        let find = |units: &'a [Unit]| -> Option<&'a Unit> {
            units
                .binary_search_by(|unit| unit.key.cmp(key))
                .ok()
                .map(|index| &units[index])
        };
        let (now, then) = (find(&self.held.units), find(&back.held.units));
        let none: (&[_], &[_]) = (&[], &[]);
        let (now_facts, now_movements) = now.map_or(none, |unit| {
            (unit.facts.as_slice(), unit.movements.as_slice())
        });
        let (then_facts, then_movements) = then.map_or(none, |unit| {
            (unit.facts.as_slice(), unit.movements.as_slice())
        });
        let mut causes: Vec<FactRef> = now_movements
            .iter()
            .filter(|own| own.instant < self.cut)
            .filter(|own| own.instant >= back.seen || !then_movements.contains(own))
            .flat_map(|own| own.causes.iter().cloned())
            .collect();
        // What does not move any more was moved by a fact that was corrected: it keeps its name.
        causes.extend(
            then_movements
                .iter()
                .filter(|own| own.instant < back.seen && !now_movements.contains(own))
                .flat_map(|own| own.causes.iter().cloned()),
        );
        causes.extend(
            now_facts
                .iter()
                .filter(|fact| !then_facts.contains(fact))
                .cloned(),
        );
        causes.extend(
            then_facts
                .iter()
                .filter(|fact| !now_facts.contains(fact))
                .cloned(),
        );
        causes.sort_unstable();
        causes.dedup();
        causes
    }
}

/// A contributor by its own name, comparable between two folds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Unit(UnitKey),
    Usage(FactRef),
}

/// The members of a price group at one time.
#[derive(Default)]
struct Members {
    /// Weight and share of each.
    shares: BTreeMap<Name, (Decimal, Amount)>,
    /// What the group charges.
    charged: Option<Amount>,
}

impl Members {
    fn of(owed: &Owed, group: &CellKey, facts: &Facts<'_>) -> Result<Members, MoneyError> {
        let cells = owed
            .cells
            .range(group..)
            .take_while(|(key, _)| key.group() == *group);
        let cells: Vec<&Cell> = cells.map(|(_, cell)| cell).collect();
        let Some(first) = cells.first() else {
            return Ok(Members::default());
        };
        let zero = Amount::zero(first.amount.currency());
        let charged = cells
            .iter()
            .try_fold(zero, |sum, cell| sum.plus(cell.charged()?))?;
        let without_late = cells.iter().any(|cell| cell.waives_late());
        // The tiers of a group share one list of contributions.
        let amounts = shares(charged, &first.contributions, without_late)?;
        let mut by_name: BTreeMap<Name, (Decimal, Amount)> = BTreeMap::new();
        for (own, amount) in first.contributions.iter().zip(amounts) {
            if without_late && own.is_late {
                continue;
            }
            let (weight, sum) = by_name
                .entry(Name::of(own.source, facts))
                .or_insert((Decimal::ZERO, zero));
            *weight = weight.plus(own.weight)?;
            *sum = sum.plus(amount)?;
        }
        Ok(Members {
            shares: by_name,
            charged: Some(charged),
        })
    }
}

impl Name {
    fn of(source: Source, facts: &Facts<'_>) -> Name {
        match source {
            Source::Unit(unit, _) | Source::Attempt(unit) => {
                Name::Unit(facts.units[unit].key.clone())
            }
            Source::Usage(usage) => Name::Usage(facts.usage[usage].fact.clone()),
        }
    }
}

impl Moved {
    fn name(&mut self, name: &Name, causes: &[FactRef]) {
        let mut add = |is_full: bool| {
            if is_full {
                self.omitted += 1;
            }
            !is_full
        };
        if let Name::Unit(key) = name
            && add(self.works.len() >= NAMES_PER_LINE_MAX)
        {
            self.works.push(unit_name(key));
        }
        for cause in causes {
            if !self.causes.contains(cause) && add(self.causes.len() >= NAMES_PER_LINE_MAX) {
                self.causes.push(cause.clone());
            }
        }
    }
}
