//! The price of counted units by a plan, for comparisons: one number per class, without a contract.

use std::collections::BTreeMap;

use money::{Amount, Currency, Quantity, Rounding};
use pricing::plan::{Outcome, Plan, Terms};
use work::SmolStr;

use crate::Result;

/// Prices counted units.
pub struct UnitPrice {
    outcomes: Vec<Outcome>,
    flat: Option<Amount>,
    currency: Currency,
}

impl UnitPrice {
    /// By the outcome components of a plan, or by one flat price.
    pub fn of(plan: &Plan, flat: Option<Amount>) -> UnitPrice {
        let outcomes = plan
            .components
            .iter()
            .filter_map(|component| match &component.terms {
                Terms::Outcome(outcome) => Some(outcome.clone()),
                _ => None,
            })
            .collect();
        let currency = flat.map_or(plan.currency, Amount::currency);
        UnitPrice {
            outcomes,
            flat,
            currency,
        }
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What so many units of each class cost together, rated from the first.
    pub fn of_counts(&self, unit: &str, counts: &BTreeMap<SmolStr, Quantity>) -> Result<Amount> {
        let mut sum = Amount::zero(self.currency);
        if let Some(flat) = self.flat {
            for quantity in counts.values() {
                sum = sum.plus(flat.times(*quantity)?)?;
            }
            return Ok(sum);
        }
        for outcome in self.outcomes.iter().filter(|outcome| outcome.unit == unit) {
            for group in &outcome.groups {
                let quantity = counts
                    .iter()
                    .filter(|(class, _)| group.holds(class))
                    .try_fold(Quantity::ZERO, |sum, (_, quantity)| sum.plus(*quantity))?;
                let charged = Amount::new(group.price.total(quantity)?, self.currency);
                sum = sum.plus(charged.rounded(Rounding::HalfEven))?;
            }
        }
        Ok(sum)
    }

    /// What one work costs by itself: the first unit's price, without the flat fees of tiers.
    pub fn of_one(&self, unit: &str, counts: &BTreeMap<SmolStr, Quantity>) -> Result<Amount> {
        let none = self.of_counts(unit, &BTreeMap::new())?;
        Ok(self.of_counts(unit, counts)?.minus(none)?)
    }
}
