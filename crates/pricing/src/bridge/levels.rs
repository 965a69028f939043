//! Volume, mix, tier and price of one component: what this statement would have charged, step by step.
//!
//! Between what the last statement charged and what this one does lie three sums: this month's quantity at the
//! last mean price; this month's classes, each at its own last mean price; this month's tiers, each at its own
//! last mean price. A part is the difference of two neighbours. Invariant: the four parts sum to the change.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, Currency, Decimal, MoneyError, Quantity, Ratio, Rounding};

use super::Cause;
use crate::contract::Agreement;
use crate::plan::Terms;
use crate::rating::Price;
use crate::statement::Line;

/// Digits behind the coin to which a mean price times a quantity is computed before it is summed.
const SPARE_DIGITS: u8 = 6;

/// A price group, and a tier of it; no tier for what the allowance covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) label: String,
    pub(super) tier: Option<u16>,
}

/// One component on two statements.
#[derive(Default)]
pub(super) struct Levels {
    pub(super) before: Charged,
    pub(super) after: Charged,
}

/// What one statement charges of a component for the first time.
#[derive(Default)]
pub(super) struct Charged {
    tiers: BTreeMap<Group, (Quantity, Decimal)>,
    /// The prices that it was charged by, by group; `None` is a price that is not known any more, or free.
    prices: BTreeMap<String, Vec<Option<Price>>>,
}

impl Charged {
    pub(super) fn take(&mut self, line: &Line, agreement: &Agreement) -> Result<(), MoneyError> {
        let Some(group) = super::group(&line.cell.part) else {
            return Ok(());
        };
        if group.tier.is_some() {
            let price = price(agreement, line, &group.label);
            let prices = self.prices.entry(group.label.clone()).or_default();
            if !prices.contains(&price) {
                prices.push(price);
            }
        }
        let own = self
            .tiers
            .entry(group)
            .or_insert((Quantity::ZERO, Decimal::ZERO));
        own.0 = own.0.plus(line.quantity)?;
        own.1 = own.1.plus(line.amount.value())?;
        Ok(())
    }

    /// Quantity and amount of the tiers that a test holds for.
    fn sum(&self, of: impl Fn(&Group) -> bool) -> Result<(Quantity, Decimal), MoneyError> {
        let mut sum = (Quantity::ZERO, Decimal::ZERO);
        for (_, own) in self.tiers.iter().filter(|(group, _)| of(group)) {
            sum = (sum.0.plus(own.0)?, sum.1.plus(own.1)?);
        }
        Ok(sum)
    }

    /// The labels of its groups.
    fn labels(&self) -> BTreeSet<&str> {
        self.tiers.keys().map(|own| own.label.as_str()).collect()
    }
}

impl Levels {
    /// What each cause did.
    pub(super) fn steps(&self, currency: Currency) -> Result<[(Cause, Amount); 4], MoneyError> {
        let coin = |value: Decimal| Amount::new(value, currency).rounded(Rounding::HalfEven);
        let digits = currency.minor_digits() + SPARE_DIGITS;
        let (before, after) = (self.before.sum(|_| true)?, self.after.sum(|_| true)?);
        let (first, last) = (
            Amount::new(before.1, currency),
            Amount::new(after.1, currency),
        );
        let zero = Amount::zero(currency);
        if before.0.is_zero() || after.0.is_zero() {
            // There is no mean price to hold the other month against.
            return Ok([
                (Cause::Volume, last.minus(first)?),
                (Cause::Mix, zero),
                (Cause::Tier, zero),
                (Cause::Price, zero),
            ]);
        }
        let at_mean = coin(at_mean_price(after, before, digits)?);
        let (mut by_class, mut by_tier) = (Decimal::ZERO, Decimal::ZERO);
        for label in self.after.labels() {
            let of_label = |own: &Group| own.label == label;
            let (then, now) = (self.before.sum(of_label)?, self.after.sum(of_label)?);
            by_class = by_class.plus(at_mean_price(now, then, digits)?)?;
            if then.0.is_zero() || self.is_same_price(label) {
                // What is new is in the mix already. Of the same list of prices, whatever is left is what its
                // tiers, blocks and coins make of it.
                by_tier = by_tier.plus(now.1)?;
                continue;
            }
            for (group, now) in self.after.tiers.iter().filter(|(own, _)| of_label(own)) {
                let own = match self.before.tiers.get(group) {
                    Some(then) => at_mean_price(*now, *then, digits)?,
                    None => now.1,
                };
                by_tier = by_tier.plus(own)?;
            }
        }
        let by_class = coin(by_class);
        let by_tier = coin(by_tier);
        Ok([
            (Cause::Volume, at_mean.minus(first)?),
            (Cause::Mix, by_class.minus(at_mean)?),
            (Cause::Tier, by_tier.minus(by_class)?),
            (Cause::Price, last.minus(by_tier)?),
        ])
    }

    /// Whether a group was charged by one price on both statements.
    fn is_same_price(&self, label: &str) -> bool {
        let (then, now) = (self.before.prices.get(label), self.after.prices.get(label));
        match (then.map(Vec::as_slice), now.map(Vec::as_slice)) {
            (Some([Some(then)]), Some([Some(now)])) => then == now,
            // It was not there, or all of it was free or in the allowance: nothing says that a price changed.
            (None, _) | (_, None) => true,
            _ => false,
        }
    }
}

/// What a quantity comes to at the mean price of the other statement; at its own, where that had nothing of it.
fn at_mean_price(
    now: (Quantity, Decimal),
    then: (Quantity, Decimal),
    digits: u8,
) -> Result<Decimal, MoneyError> {
    if then.0.is_zero() {
        return Ok(now.1);
    }
    // A ratio has a positive denominator.
    let (quantity, amount) = match then.0.is_negative() {
        true => (then.0.negated(), then.1.negated()),
        false => then,
    };
    Ratio::of(amount, quantity)?
        .times(now.0)?
        .rounded(digits, Rounding::HalfEven)
}

/// The price that a line was charged by; `None` where it is not known any more, or was free.
fn price(agreement: &Agreement, line: &Line, label: &str) -> Option<Price> {
    let version = agreement.version(line.cell.version)?;
    if version.terms.is_free(&line.cell.component) {
        return None;
    }
    match &version.component(&line.cell.component)?.terms {
        Terms::Metered(metered) => Some(metered.price.clone()),
        Terms::Outcome(outcome) => {
            if label == super::ATTEMPT {
                return Some(outcome.attempt.as_ref()?.price.clone());
            }
            let mut groups = outcome.groups.iter();
            let own = groups.find(|group| group.label() == label);
            own.map(|group| group.price.clone())
        }
        _ => None,
    }
}
