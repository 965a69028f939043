//! [`Ratio`]: an exact fraction, for the one step between a price and a rounded cell.

use crate::decimal::pow10;
use crate::{Decimal, MoneyError, Rounding};

/// An exact fraction `numerator / denominator` of a decimal and a positive integer.
///
/// A cell is often `price x quantity x days / days of the period` or `amount x works / all works`:
/// not a decimal number. The fraction is carried exactly and rounded once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: Decimal,
    denominator: i128,
}

impl Ratio {
    /// `numerator / denominator`.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`] unless the denominator is positive.
    pub fn new(numerator: Decimal, denominator: i128) -> Result<Ratio, MoneyError> {
        if denominator <= 0 {
            return Err(MoneyError::DivisionByZero { operation: "ratio" });
        }
        Ok(Ratio {
            numerator,
            denominator,
        })
    }

    /// `numerator / denominator` for a positive decimal denominator.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`] unless the denominator is positive; [`MoneyError::Overflow`].
    pub fn of(numerator: Decimal, denominator: Decimal) -> Result<Ratio, MoneyError> {
        let factor =
            pow10(denominator.scale()).ok_or(MoneyError::Overflow { operation: "ratio" })?;
        Ratio::new(
            numerator.times(Decimal::new(factor, 0)?)?,
            denominator.mantissa(),
        )
    }

    /// The decimal as a fraction over one.
    #[must_use]
    pub const fn whole(value: Decimal) -> Ratio {
        Ratio {
            numerator: value,
            denominator: 1,
        }
    }

    /// The fraction times a decimal, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, factor: Decimal) -> Result<Ratio, MoneyError> {
        Ok(Ratio {
            numerator: self.numerator.times(factor)?,
            ..self
        })
    }

    /// The sum, exactly, over the least common denominator.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn plus(self, other: Ratio) -> Result<Ratio, MoneyError> {
        let shared = greatest_common_divisor(self.denominator, other.denominator);
        let (own, theirs) = (other.denominator / shared, self.denominator / shared);
        let scaled = |ratio: Ratio, factor: i128| ratio.numerator.times(Decimal::new(factor, 0)?);
        Ok(Ratio {
            numerator: scaled(self, own)?.plus(scaled(other, theirs)?)?,
            denominator: self
                .denominator
                .checked_mul(own)
                .ok_or(MoneyError::Overflow {
                    operation: "a sum of ratios",
                })?,
        })
    }

    /// The nearest decimal with at most `scale` digits after the point.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn rounded(self, scale: u8, rounding: Rounding) -> Result<Decimal, MoneyError> {
        let overflow = MoneyError::Overflow {
            operation: "rounding a ratio",
        };
        // value * 10^scale = mantissa * 10^scale / (10^own scale * denominator)
        let mut top = self.numerator.mantissa().unsigned_abs();
        let mut bottom = u128::try_from(self.denominator).map_err(|_| overflow.clone())?;
        let own = self.numerator.scale();
        let power = |exponent: u8| {
            pow10(exponent)
                .and_then(|p| u128::try_from(p).ok())
                .ok_or(overflow.clone())
        };
        if own >= scale {
            bottom = bottom
                .checked_mul(power(own - scale)?)
                .ok_or(overflow.clone())?;
        } else {
            top = top
                .checked_mul(power(scale - own)?)
                .ok_or(overflow.clone())?;
        }
        let (quotient, remainder) = (top / bottom, top % bottom);
        let away = u128::from(rounding.rounds_away(quotient, remainder, bottom));
        let mantissa = quotient
            .checked_add(away)
            .and_then(|m| i128::try_from(m).ok())
            .ok_or(overflow)?;
        Decimal::new(
            if self.numerator.is_negative() {
                -mantissa
            } else {
                mantissa
            },
            scale,
        )
    }
}

/// Of two numbers above zero (Euclid).
const fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
