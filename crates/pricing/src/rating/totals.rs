//! What is done to a sum of cells: discounts, cap, minimum. Each is a cell of its own.
//!
//! The order is fixed, and is the one in which the words are meant: a percentage is off the list
//! price, a fixed discount off what is left, the cap is the most that the buyer pays after all
//! discounts, and the minimum is what the buyer promised whatever happened before it. A percentage
//! before a fixed discount also makes their order irrelevant to the buyer. A discount or a cap can
//! be applied to a part of a period; a minimum only to a whole one (semantics.md D5).

use money::{Amount, Decimal, MoneyError, Ratio, Rounding};

/// A discount, a cap and a minimum on one sum. Percentages are shares of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Percentage discounts, one after the other on what the earlier ones left.
    pub discounts: Vec<Decimal>,
    /// A fixed discount per period.
    pub discount: Option<Amount>,
    /// The most that is owed for a period.
    pub cap: Option<Amount>,
    /// The least that is owed for a period.
    pub minimum: Option<Amount>,
}

/// The amounts that [`Totals`] add to a sum; all but the minimum are zero or negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustments {
    /// One per percentage discount.
    pub discounts: Vec<Amount>,
    /// The fixed discount.
    pub discount: Amount,
    /// What is above the cap.
    pub cap: Amount,
    /// What is missing to the minimum.
    pub minimum: Amount,
}

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

    /// The share of an amount, rounded once.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; [`MoneyError::DivisionByZero`] for a period without days.
    pub fn of_amount(self, amount: Amount, rounding: Rounding) -> Result<Amount, MoneyError> {
        let exact = Ratio::new(
            amount.value().times(Decimal::from_int(self.days))?,
            i128::from(self.of),
        )?;
        Amount::from_ratio(exact, amount.currency(), rounding)
    }
}

impl Totals {
    /// Whether nothing is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Totals::default()
    }

    /// What is added to `sum`; the minimum only where the period is `closed`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::CurrencyMismatch`].
    pub fn adjust(
        &self,
        sum: Amount,
        closed: bool,
        rounding: Rounding,
    ) -> Result<Adjustments, MoneyError> {
        let nothing = Amount::zero(sum.currency());
        let mut left = sum;
        let mut discounts = Vec::with_capacity(self.discounts.len());
        for share in &self.discounts {
            let off = left.times(*share)?.rounded(rounding).negated();
            left = left.plus(off)?;
            discounts.push(off);
        }
        let mut discount = nothing;
        if let Some(fixed) = self.discount
            && left.value() > Decimal::ZERO
        {
            discount = if fixed.value() < left.value() {
                fixed
            } else {
                left
            }
            .negated();
            left = left.plus(discount)?;
        }
        let mut over = nothing;
        if let Some(cap) = self.cap
            && left.value() > cap.value()
        {
            over = cap.minus(left)?;
            left = cap;
        }
        let mut missing = nothing;
        if let Some(minimum) = self
            .minimum
            .filter(|minimum| closed && left.value() < minimum.value())
        {
            missing = minimum.minus(left)?;
        }
        Ok(Adjustments {
            discounts,
            discount,
            cap: over,
            minimum: missing,
        })
    }
}

impl Adjustments {
    /// The sum of the adjustments.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(&self) -> Result<Amount, MoneyError> {
        let all = self
            .discounts
            .iter()
            .copied()
            .chain([self.discount, self.cap, self.minimum]);
        Amount::sum(self.discount.currency(), all)
    }
}
