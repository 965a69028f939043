//! Whether an opening goes with its contract: each of its parts with what the contract's first version sells.
//!
//! Invariant: what fits is carried whole. A position that could bill something twice is refused, with the remedy.

use money::Quantity;

use super::{Counter, Opening, OpeningRefusal};
use crate::contract::InForce;
use crate::plan::{Aggregate, Component, Metered, Outcome, Terms};
use crate::rating::Measure;

/// Why a price has no counter.
type Misfit = &'static str;

const CLASS: Misfit = "`class` is the name of a price of its own in the component, several joined with `+`, and only there";
const OF_EACH: Misfit = "a percentage of each has no tiers, so there is nothing to go on from; what is used of what is free is `free_events` and `free_amount`";
const UNKNOWN_ITEMS: Misfit = "each item counts once in a period, so those that were counted are named in `items`, as many as `quantity` and `included`: else one that comes again here is billed twice. Where they are too many to name, begin the contract with a rating period";

impl Opening {
    /// Whether it goes with the terms of a contract's first version.
    ///
    /// # Errors
    /// [`OpeningRefusal`].
    pub fn fits(&self, terms: &InForce) -> Result<(), OpeningRefusal> {
        let contract = &terms.contract;
        if self.contract != contract.id {
            return Err(OpeningRefusal::OtherContract {
                contract: contract.id.clone(),
                given: self.contract.clone(),
            });
        }
        if self.currency != contract.currency {
            return Err(OpeningRefusal::OtherCurrency {
                contract: contract.id.clone(),
                currency: contract.currency,
                given: self.currency,
            });
        }
        let unfit = |what: String, why: &str| OpeningRefusal::Unfit {
            what,
            why: why.to_owned(),
        };
        let sold = |id: &str| terms.components.iter().find(|own| own.id == id);
        for own in &self.counters {
            let component = sold(&own.component).ok_or("the contract sells no such component");
            let fits = component.and_then(|component| own.fits(component));
            fits.map_err(|why| unfit(format!("the counter of `{}`", own.component), why))?;
        }
        for own in &self.stated {
            let component = sold(&own.component).map(|own| &own.terms);
            if !matches!(component, Some(Terms::Platform(_) | Terms::Seats(_))) {
                return Err(unfit(
                    format!("what was stated of `{}`", own.component),
                    "the contract sells no such fee or seats; tiers go on by `[[counter]]`",
                ));
            }
        }
        for own in &self.works {
            let mut prices = terms.components.iter().filter_map(|component| {
                let Terms::Outcome(outcome) = &component.terms else {
                    return None;
                };
                (outcome.unit == own.unit).then_some(outcome)
            });
            let what = || format!("the work `{}`", own.work);
            let Some(first) = prices.next() else {
                return Err(unfit(what(), "the contract does not sell its unit"));
            };
            let is_of_value = |own: &Outcome| {
                let mut groups = own.groups.iter();
                groups.any(|group| group.price.measure() != Measure::Quantity)
            };
            if own.value.is_some() && !is_of_value(first) && !prices.any(is_of_value) {
                return Err(unfit(
                    what(),
                    "`value` is what a percentage was billed on, and its unit has a price for each",
                ));
            }
        }
        Ok(())
    }
}

impl Counter {
    fn fits(&self, component: &Component) -> Result<(), Misfit> {
        self.fits_alone(component)?;
        match &component.terms {
            Terms::Metered(metered) => self.fits_usage(metered),
            Terms::Outcome(outcome) => self.fits_outcome(outcome),
            Terms::Indemnity(_) if self.label.is_empty() => Ok(()),
            Terms::Indemnity(_) => Err(CLASS),
            Terms::Aggregate(own) if own.carry_negative && self.carried.is_some() => {
                let says_more =
                    !self.label.is_empty() || !self.quantity.is_zero() || !self.included.is_zero();
                if says_more {
                    return Err(
                        "an aggregate has no tiers: only what is below zero is `carried` on",
                    );
                }
                Ok(())
            }
            Terms::Platform(_)
            | Terms::Seats(_)
            | Terms::Risk(_)
            | Terms::ServiceLevel(_)
            | Terms::Aggregate(_) => {
                Err("it has no tiers that go on; what was billed is `[[stated]]`")
            }
        }
    }

    /// Each further key is for one kind of component alone.
    fn fits_alone(&self, component: &Component) -> Result<(), Misfit> {
        let metered = match &component.terms {
            Terms::Metered(metered) => Some(metered),
            _ => None,
        };
        let is_unique = metered.is_some_and(|own| own.aggregate == Aggregate::Unique);
        if !self.items.is_empty() && !is_unique {
            return Err("`items` is for usage of which each item counts once, `unique`");
        }
        let longest = metered.map_or(0, |own| own.rollover);
        if self.rolled.iter().any(|own| own.periods > longest) {
            return Err(
                "`rolled` is what is left of an earlier allowance, for as many periods as it still may be used by the component's `rollover`",
            );
        }
        let free = |own: &Metered| (own.free_events > 0, own.free_amount.is_some());
        let (events, amount) = metered.map_or((false, false), free);
        if (self.free.events > 0 && !events) || (self.free.amount.is_some() && !amount) {
            return Err("nothing of that is free in the component, so nothing of it is used");
        }
        if self.is_of_attempts && !matches!(component.terms, Terms::Outcome(_)) {
            return Err("attempts are of an outcome that has a price for them");
        }
        let carries = matches!(&component.terms, Terms::Aggregate(own) if own.carry_negative);
        if self.carried.is_some() && !carries {
            return Err("`carried` is for an aggregate with `carry_negative`");
        }
        Ok(())
    }

    fn fits_usage(&self, metered: &Metered) -> Result<(), Misfit> {
        if !self.label.is_empty() {
            return Err(CLASS);
        }
        if metered.price.measure() == Measure::MoneyOfEach {
            let is_position = !self.quantity.is_zero() || !self.included.is_zero();
            return if is_position { Err(OF_EACH) } else { Ok(()) };
        }
        if metered.aggregate == Aggregate::Unique {
            let named = Quantity::from_int(i64::try_from(self.items.len()).unwrap_or(i64::MAX)); // OPENING_ITEMS_MAX is far below
            if self.quantity.plus(self.included) != Ok(named) {
                return Err(UNKNOWN_ITEMS);
            }
        }
        Ok(())
    }

    fn fits_outcome(&self, outcome: &Outcome) -> Result<(), Misfit> {
        if self.is_of_attempts {
            let is_plain = self.label.is_empty() && self.included.is_zero();
            return match &outcome.attempt {
                Some(_) if is_plain => Ok(()),
                Some(_) => Err("attempts have one price and draw no allowance: a `quantity` alone"),
                None => Err("attempts are of an outcome that has a price for them"),
            };
        }
        let label = match self.label.as_str() {
            "" => "work",
            label => label,
        };
        let mut groups = outcome.groups.iter();
        match groups.find(|group| group.label() == label) {
            Some(group) if group.price.measure() == Measure::MoneyOfEach => Err(
                "a percentage of each has no tiers, so there is nothing to go on from; what a work's value was billed on is `value` of `[[work]]`",
            ),
            Some(_) => Ok(()),
            None => Err(CLASS),
        }
    }
}
