//! What is done to a sum of charges: discounts, cap, minimum. Each is a cell of its own.
//!
//! The order is fixed, and is the one in which the words are meant: a percentage is off the list
//! price, a fixed discount off what is left, the cap is the most that the buyer pays after all
//! discounts, and the minimum is what the buyer promised whatever happened before it. A percentage
//! before a fixed discount also makes their order irrelevant to the buyer. Not here: which terms hold
//! for which period. Invariant: what is left of the components sums to what is left of the whole, and no
//! discount takes a sum below zero.

use money::{Amount, Currency, Decimal, MoneyError, Ratio, Rounding, split};

/// Days of a period that terms are in force for, of the days of the whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Days in force.
    pub days: i64,
    /// Days of the whole period.
    pub of: i64,
}

impl Share {
    /// A whole period.
    pub const WHOLE: Share = Share { days: 1, of: 1 };

    /// The share of an amount, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; [`MoneyError::DivisionByZero`] for a period without days.
    pub fn exactly(self, amount: Amount) -> Result<Ratio, MoneyError> {
        Ratio::new(
            amount.value().times(Decimal::from_int(self.days))?,
            i128::from(self.of),
        )
    }

    /// The share of an amount, rounded once.
    ///
    /// # Errors
    /// As [`Share::exactly`].
    pub fn of_amount(self, amount: Amount, rounding: Rounding) -> Result<Amount, MoneyError> {
        Amount::from_ratio(self.exactly(amount)?, amount.currency(), rounding)
    }
}

/// What is left of the charges of a period, by component, while one term after another is applied.
///
/// What a term makes of a sum is spread over the components of that sum whose own is on the same side of
/// zero, by largest remainder, so that a further term on other components finds its own sum.
#[derive(Debug, Clone)]
pub struct Lefts<'a> {
    currency: Currency,
    by_component: Vec<(&'a str, Amount)>,
}

/// Which components a term looks at.
pub type Looks<'l> = &'l dyn Fn(&str) -> bool;

impl<'a> Lefts<'a> {
    /// Nothing yet.
    #[must_use]
    pub const fn new(currency: Currency) -> Lefts<'a> {
        Lefts {
            currency,
            by_component: Vec::new(),
        }
    }

    /// Adds a charge; components are kept in the order of their first.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::CurrencyMismatch`].
    pub fn add(&mut self, component: &'a str, amount: Amount) -> Result<(), MoneyError> {
        let mut known = self.by_component.iter_mut();
        match known.find(|(own, _)| *own == component) {
            Some((_, left)) => *left = left.plus(amount)?,
            None => self.by_component.push((component, amount)),
        }
        Ok(())
    }

    /// What is left of the components that a term looks at.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(&self, looks: Looks<'_>) -> Result<Amount, MoneyError> {
        let own = self.by_component.iter().filter(|(own, _)| looks(own));
        Amount::sum(self.currency, own.map(|(_, left)| *left))
    }

    /// Takes a share off a sum; returned is what that adds to it, below zero where the sum is above.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn take_share(
        &mut self,
        looks: Looks<'_>,
        share: Decimal,
        rounding: Rounding,
    ) -> Result<Amount, MoneyError> {
        let sum = self.sum(looks)?;
        let off = sum.times(share)?.rounded(rounding).negated();
        self.spread(looks, off)?;
        Ok(off)
    }

    /// Takes an amount off a sum, as far as there is something left; returned is what that adds to it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn take_amount(&mut self, looks: Looks<'_>, most: Amount) -> Result<Amount, MoneyError> {
        let sum = self.sum(looks)?;
        if sum.is_negative() || sum.is_zero() {
            return Ok(Amount::zero(self.currency));
        }
        let off = if most.value() < sum.value() {
            most
        } else {
            sum
        };
        self.spread(looks, off.negated())?;
        Ok(off.negated())
    }

    /// Spreads what is added to a sum over its components; nothing changes where the sum is zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn spread(&mut self, looks: Looks<'_>, amount: Amount) -> Result<(), MoneyError> {
        let sum = self.sum(looks)?;
        if sum.is_zero() || amount.is_zero() {
            return Ok(());
        }
        let bears = |own: &str, left: Amount| {
            looks(own) && !left.is_zero() && left.is_negative() == sum.is_negative()
        };
        let own = self.by_component.iter_mut();
        let bearing: Vec<&mut Amount> = own
            .filter(|(own, left)| bears(own, *left))
            .map(|(_, left)| left)
            .collect();
        let weights: Vec<Decimal> = bearing
            .iter()
            .map(|left| left.value().magnitude())
            .collect();
        for (left, part) in bearing.into_iter().zip(split(amount, &weights)?) {
            *left = left.plus(part)?;
        }
        Ok(())
    }
}

/// What is above the most that a sum may be.
///
/// # Errors
/// [`MoneyError::Overflow`], [`MoneyError::CurrencyMismatch`].
pub fn above(sum: Amount, most: Amount) -> Result<Amount, MoneyError> {
    let over = sum.minus(most)?;
    Ok(if over.is_negative() {
        Amount::zero(sum.currency())
    } else {
        over
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Amount {
        format!("{text} USD")
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn left_of(lefts: &Lefts<'_>, id: &str) -> Amount {
        lefts
            .sum(&|own| own == id)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_a_term_takes_off_a_sum_is_spread_over_its_components() -> Result<(), MoneyError> {
        let mut lefts = Lefts::new(Currency::USD);
        for id in ["a", "b", "c"] {
            lefts.add(id, usd("1.00"))?;
        }
        // A cent that cannot be divided goes to the first.
        assert_eq!(lefts.take_amount(&|_| true, usd("1.00"))?, usd("-1.00"));
        assert_eq!(left_of(&lefts, "a"), usd("0.66"));
        assert_eq!(left_of(&lefts, "b"), usd("0.67"));
        // A further term on one of them finds what is left of it alone.
        let half = Decimal::new(5, 1)?;
        assert_eq!(
            lefts.take_share(&|own| own == "b", half, Rounding::HalfEven)?,
            usd("-0.34")
        );
        assert_eq!(lefts.sum(&|_| true)?, usd("1.66"));
        Ok(())
    }

    #[test]
    fn no_discount_takes_a_sum_below_zero() -> Result<(), MoneyError> {
        let mut lefts = Lefts::new(Currency::USD);
        lefts.add("a", usd("9.00"))?;
        lefts.add("b", usd("-4.00"))?;
        assert_eq!(lefts.take_amount(&|_| true, usd("20"))?, usd("-5.00"));
        assert_eq!(left_of(&lefts, "a"), usd("4.00"));
        assert_eq!(lefts.take_amount(&|_| true, usd("20"))?, usd("0"));
        // A percentage of what was refunded gives back what it had taken off.
        let tenth = Decimal::new(1, 1)?;
        assert_eq!(
            lefts.take_share(&|own| own == "b", tenth, Rounding::HalfEven)?,
            usd("0.40")
        );
        Ok(())
    }
}
