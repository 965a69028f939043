//! [`Amount`]: so much money in one currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Currency, Decimal, MoneyError, Quantity, Rate, Ratio, Rounding, shorten};

/// An exact amount of one currency, in its major unit (dollars, not cents).
///
/// An amount may be finer than the smallest coin (a token costs 0.000003 USD); a *cell* of a
/// statement never is, because it was [rounded](Amount::rounded) once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount {
    value: Decimal,
    currency: Currency,
}

impl Amount {
    /// `value` in `currency`.
    #[must_use]
    pub const fn new(value: Decimal, currency: Currency) -> Amount {
        Amount { value, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Amount {
        Amount {
            value: Decimal::ZERO,
            currency,
        }
    }

    /// `units` of the smallest coin: `from_minor(250, USD)` is 2.50 USD.
    ///
    /// # Errors
    /// Never for ISO currencies; the type says so because the scale is data.
    pub fn from_minor(units: i128, currency: Currency) -> Result<Amount, MoneyError> {
        Ok(Amount {
            value: Decimal::new(units, currency.minor_digits())?,
            currency,
        })
    }

    /// The number, in the major unit.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.value
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether nothing is owed either way.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.value.is_zero()
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.value.is_negative()
    }

    /// The amount with the opposite sign.
    #[must_use]
    pub const fn negated(self) -> Amount {
        Amount {
            value: self.value.negated(),
            currency: self.currency,
        }
    }

    fn same_currency(self, other: Amount) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }

    /// `self + other`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn plus(self, other: Amount) -> Result<Amount, MoneyError> {
        self.same_currency(other)?;
        Ok(Amount {
            value: self.value.plus(other.value)?,
            currency: self.currency,
        })
    }

    /// `self - other`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn minus(self, other: Amount) -> Result<Amount, MoneyError> {
        self.plus(other.negated())
    }

    /// `self * factor`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, factor: Decimal) -> Result<Amount, MoneyError> {
        Ok(Amount {
            value: self.value.times(factor)?,
            currency: self.currency,
        })
    }

    /// The price of `quantity` units at `rate` per unit, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn priced(
        rate: Rate,
        quantity: Quantity,
        currency: Currency,
    ) -> Result<Amount, MoneyError> {
        Ok(Amount {
            value: rate.value().times(quantity)?,
            currency,
        })
    }

    /// The ratio as an amount in the currency's smallest coin, rounded once.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn from_ratio(
        ratio: Ratio,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Amount, MoneyError> {
        Ok(Amount {
            value: ratio.rounded(currency.minor_digits(), rounding)?,
            currency,
        })
    }

    /// The nearest amount of whole smallest coins.
    #[must_use]
    pub fn rounded(self, rounding: Rounding) -> Amount {
        Amount {
            value: self.value.rounded(self.currency.minor_digits(), rounding),
            currency: self.currency,
        }
    }

    /// The number of smallest coins, or `None` where the amount is finer than a coin.
    #[must_use]
    pub fn minor_units(self) -> Option<i128> {
        let digits = self.currency.minor_digits();
        let missing = digits.checked_sub(self.value.scale())?;
        self.value
            .mantissa()
            .checked_mul(crate::decimal::pow10(missing)?)
    }

    /// The sum of the amounts, exactly; zero of `currency` where there are none.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Amount>,
    ) -> Result<Amount, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Amount::zero(currency), Amount::plus)
    }

    /// The number alone, with at least the currency's minor digits: `2.50`.
    #[must_use]
    pub fn number(self) -> String {
        self.value.with_digits(self.currency.minor_digits())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.number(), self.currency))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Amount {
    type Err = MoneyError;

    /// Reads `2.50 USD`.
    fn from_str(text: &str) -> Result<Amount, MoneyError> {
        let (number, code) = text
            .split_once(' ')
            .ok_or_else(|| MoneyError::NotAnAmount {
                text: shorten(text),
            })?;
        Ok(Amount {
            value: number.parse()?,
            currency: code.parse()?,
        })
    }
}

impl TryFrom<String> for Amount {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Amount, MoneyError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.to_string()
    }
}
