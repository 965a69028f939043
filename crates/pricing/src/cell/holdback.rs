//! Holdback: what of a component's charges the buyer keeps back, and what of it is released.
//!
//! One cell per component and rating period, and one for its release (semantics.md D11), so that a
//! share that has no cents is rounded once for all works together. What is charged of a component is
//! looked at after its own discount, cap and minimum; the totals of the contract see none of it.
//! Invariant: what is released is what was held back, less the part of works that are in dispute.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio, Rounding};

use super::{Cell, CellKey, Contribution, Part, PricedGroup, Rating};
use crate::period::Period;

impl Rating<'_> {
    /// What is held back of one component, and released.
    pub(super) fn holdbacks(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        for (number, period) in periods.iter().enumerate() {
            let Some(hold) = self.agreement.hold(id, period) else {
                continue;
            };
            let contract = &hold.version.terms.contract;
            let rounding = contract.rounding;
            let mut charged = Amount::zero(contract.currency);
            let mut due = period.start.at;
            for (_, cell) in self.cells.range(self.keys_of(id, period)) {
                charged = charged.plus(cell.charged()?)?;
                due = due.max(cell.due);
            }
            let held = charged.times(hold.share)?.rounded(rounding);
            if held.is_negative() || held.is_zero() {
                continue;
            }
            let groups: Vec<&PricedGroup> = self
                .groups
                .iter()
                .filter(|group| group.component == id && group.period == number)
                .collect();
            let disputed = self.disputed_share(&groups, held, rounding)?;
            let all = together(&groups, |_| true);
            let settled = if disputed.is_zero() {
                Arc::clone(&all)
            } else {
                together(&groups, |own| !own.is_disputed)
            };
            let cell = |amount, due, contributions| Cell {
                quantity: Quantity::ZERO,
                amount,
                waived: Vec::new(),
                service: (period.start.at, period.end.at),
                due,
                contributions,
                of: None,
            };
            let version = hold.version.number;
            let key = |part| self.key(id, period, version, part);
            let kept = (key(Part::Holdback), cell(held.negated(), due, all));
            let release = (
                key(Part::Release),
                cell(held.minus(disputed)?, hold.release, settled),
            );
            self.put(kept.0, kept.1);
            if hold.release <= self.cut {
                self.put(release.0, release.1);
            }
        }
        Ok(())
    }

    /// What of the amount held back is of works in dispute: in proportion to what they are charged.
    fn disputed_share(
        &self,
        groups: &[&PricedGroup],
        held: Amount,
        rounding: Rounding,
    ) -> Result<Amount, MoneyError> {
        let none = Amount::zero(held.currency());
        let (mut whole, mut disputed) = (none, none);
        for group in groups {
            whole = whole.plus(group.amount)?;
            let (mut all, mut own) = (Decimal::ZERO, Decimal::ZERO);
            let counting = group.contributions.iter();
            for one in counting.filter(|one| self.with_late() || !one.is_late) {
                all = all.plus(one.weight)?;
                if one.is_disputed {
                    own = own.plus(one.weight)?;
                }
            }
            if !own.is_zero() && !all.is_zero() {
                let part = Ratio::of(group.amount.value().times(own)?, all)?;
                disputed = disputed.plus(Amount::from_ratio(part, held.currency(), rounding)?)?;
            }
        }
        if disputed.is_zero() || disputed.is_negative() {
            return Ok(none);
        }
        if whole.value() <= disputed.value() {
            return Ok(held);
        }
        let part = Ratio::of(held.value().times(disputed.value())?, whole.value())?;
        Amount::from_ratio(part, held.currency(), rounding)
    }

    /// The keys of a component's cells in one rating period.
    pub(super) fn keys_of(&self, id: &str, period: &Period) -> Range<CellKey> {
        let next = |at: Timestamp| {
            let step = jiff::SignedDuration::from_nanos(1);
            at.checked_add(step).unwrap_or(Timestamp::MAX)
        };
        let first = self.key(id, period, 0, Part::Fee);
        let last = CellKey {
            period: next(period.start.at),
            ..first.clone()
        };
        first..last
    }
}

/// The contributions of price groups, one after the other.
fn together(
    groups: &[&PricedGroup],
    keep: impl Fn(&Contribution) -> bool,
) -> Arc<Vec<Contribution>> {
    if let [only] = groups
        && only.contributions.iter().all(&keep)
    {
        return Arc::clone(&only.contributions);
    }
    let contributions = groups.iter().flat_map(|group| group.contributions.iter());
    Arc::new(contributions.copied().filter(|own| keep(own)).collect())
}
