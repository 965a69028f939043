//! The formula: `(price - (model + infra + human_review + support)) / price`.

use money::{Amount, Currency, Decimal, MoneyError, Ratio, Rounding};
use work::body::CostLine;

/// Amounts by the four cost lines; their sum is the cost of goods sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLines {
    amounts: [Amount; 4],
}

/// All cost lines, in the order of the bridge.
const LINES: [CostLine; 4] = [
    CostLine::Model,
    CostLine::Infra,
    CostLine::HumanReview,
    CostLine::Support,
];

const fn place(line: CostLine) -> usize {
    match line {
        CostLine::Model => 0,
        CostLine::Infra => 1,
        CostLine::HumanReview => 2,
        CostLine::Support => 3,
    }
}

impl CostLines {
    /// Nothing on any line.
    #[must_use]
    pub const fn zero(currency: Currency) -> CostLines {
        CostLines {
            amounts: [Amount::zero(currency); 4],
        }
    }

    /// The amount of a line.
    #[must_use]
    pub const fn get(&self, line: CostLine) -> Amount {
        self.amounts[place(line)]
    }

    /// Adds to a line.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn add(&mut self, line: CostLine, amount: Amount) -> Result<(), MoneyError> {
        let own = &mut self.amounts[place(line)];
        *own = own.plus(amount)?;
        Ok(())
    }

    /// Adds every line of another.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn add_all(&mut self, other: &CostLines) -> Result<(), MoneyError> {
        other
            .iter()
            .try_for_each(|(line, amount)| self.add(line, amount))
    }

    /// The cost of goods sold.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(&self) -> Result<Amount, MoneyError> {
        Amount::sum(self.amounts[0].currency(), self.amounts)
    }

    /// The lines with their amounts: model, infra, human review, support.
    pub fn iter(&self) -> impl Iterator<Item = (CostLine, Amount)> + '_ {
        LINES.into_iter().map(|line| (line, self.get(line)))
    }
}

/// A price and what it cost to earn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrossMargin {
    /// The price, or the revenue.
    pub price: Amount,
    /// The cost of goods sold.
    pub cost: Amount,
    /// `price - cost`.
    pub profit: Amount,
}

/// The gross margin of a price: exact, in the price's currency.
///
/// # Errors
/// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
pub fn gross_margin(price: Amount, costs: &CostLines) -> Result<GrossMargin, MoneyError> {
    let cost = costs.sum()?;
    Ok(GrossMargin {
        price,
        cost,
        profit: price.minus(cost)?,
    })
}

impl GrossMargin {
    /// `profit / price`, exactly; `None` where there is no positive price, which has no margin.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share(&self) -> Result<Option<Ratio>, MoneyError> {
        if self.price.is_negative() || self.price.is_zero() {
            return Ok(None);
        }
        Ratio::of(self.profit.value(), self.price.value()).map(Some)
    }

    /// The share rounded for print, half to even: 4 digits are hundredths of a percent.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share_rounded(&self, digits: u8) -> Result<Option<Decimal>, MoneyError> {
        self.share()?
            .map(|share| share.rounded(digits, Rounding::HalfEven))
            .transpose()
    }

    /// The share as a decimal number, where it is one with at most 12 digits after the point.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share_exact(&self) -> Result<Option<Decimal>, MoneyError> {
        const DIGITS_MAX: u8 = 12;
        let Some(rounded) = self.share_rounded(DIGITS_MAX)? else {
            return Ok(None);
        };
        let is_exact = rounded.times(self.price.value())? == self.profit.value();
        Ok(is_exact.then_some(rounded))
    }
}
