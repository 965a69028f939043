//! [`Decimal`], and its two roles: [`Quantity`] of work or usage, [`Rate`] per unit.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{MoneyError, Rounding, shorten};

/// An exact decimal number: `mantissa / 10^scale`, always in lowest terms.
///
/// Magnitude below 2^127 / 10^scale, at most [`Decimal::SCALE_MAX`] digits after the point.
/// Equality, order and hash are those of the number: `1.50` and `1.5` are the same value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

pub(crate) const fn pow10(exponent: u8) -> Option<i128> {
    if exponent > 38 {
        return None;
    }
    let mut value: i128 = 1;
    let mut step = 0;
    while step < exponent {
        value *= 10;
        step += 1;
    }
    Some(value)
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal {
        mantissa: 0,
        scale: 0,
    };
    /// One.
    pub const ONE: Decimal = Decimal {
        mantissa: 1,
        scale: 0,
    };
    /// Most digits after the point. Prices per token need 12, the product of two such needs 24.
    pub const SCALE_MAX: u8 = 28;

    /// `mantissa / 10^scale`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] where more than [`Decimal::SCALE_MAX`] digits remain after the point.
    pub fn new(mantissa: i128, scale: u8) -> Result<Decimal, MoneyError> {
        let mut decimal = Decimal { mantissa, scale };
        decimal.reduce();
        if decimal.scale > Self::SCALE_MAX {
            return Err(MoneyError::Overflow {
                operation: "digits after the point",
            });
        }
        Ok(decimal)
    }

    /// The integer `n`.
    #[must_use]
    pub const fn from_int(n: i64) -> Decimal {
        Decimal {
            mantissa: n as i128,
            scale: 0,
        }
    }

    fn reduce(&mut self) {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
    }

    /// The digits as an integer; the value is `mantissa / 10^scale`.
    #[must_use]
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Digits after the point.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether the value has no digits after the point.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.scale == 0
    }

    /// The value with the opposite sign.
    #[must_use]
    pub const fn negated(self) -> Decimal {
        // -i128::MIN cannot occur: parsing and arithmetic keep the magnitude below 2^127.
        Decimal {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    /// The value without its sign.
    #[must_use]
    pub const fn magnitude(self) -> Decimal {
        if self.mantissa < 0 {
            self.negated()
        } else {
            self
        }
    }

    /// Both mantissas at the larger of the two scales.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let left = self.mantissa.checked_mul(pow10(scale - self.scale)?)?;
        let right = other.mantissa.checked_mul(pow10(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    /// `self + other`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn plus(self, other: Decimal) -> Result<Decimal, MoneyError> {
        let overflow = MoneyError::Overflow {
            operation: "addition",
        };
        let (left, right, scale) = self.aligned(other).ok_or(overflow.clone())?;
        let mantissa = left
            .checked_add(right)
            .filter(|m| *m != i128::MIN)
            .ok_or(overflow)?;
        Decimal::new(mantissa, scale)
    }

    /// `self - other`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn minus(self, other: Decimal) -> Result<Decimal, MoneyError> {
        self.plus(other.negated())
    }

    /// `self * other`, exactly.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] where the exact product does not fit: never a rounded one.
    pub fn times(self, other: Decimal) -> Result<Decimal, MoneyError> {
        let overflow = MoneyError::Overflow {
            operation: "multiplication",
        };
        let mantissa = self
            .mantissa
            .checked_mul(other.mantissa)
            .filter(|m| *m != i128::MIN)
            .ok_or(overflow)?;
        let mut product = Decimal {
            mantissa,
            scale: self.scale + other.scale,
        };
        product.reduce();
        Decimal::new(product.mantissa, product.scale)
    }

    /// The nearest value with at most `scale` digits after the point, by `rounding`.
    #[must_use]
    pub fn rounded(self, scale: u8, rounding: Rounding) -> Decimal {
        if self.scale <= scale {
            return self;
        }
        let Some(divisor) = pow10(self.scale - scale).and_then(|d| u128::try_from(d).ok()) else {
            return Decimal::ZERO; // unreachable: SCALE_MAX keeps the exponent below 38
        };
        let magnitude = self.mantissa.unsigned_abs();
        let (quotient, remainder) = (magnitude / divisor, magnitude % divisor);
        let away = u128::from(rounding.rounds_away(quotient, remainder, divisor));
        // quotient + 1 <= magnitude < 2^127 because divisor >= 10.
        let rounded = i128::try_from(quotient + away).unwrap_or(i128::MAX);
        let mut decimal = Decimal {
            mantissa: if self.is_negative() {
                -rounded
            } else {
                rounded
            },
            scale,
        };
        decimal.reduce();
        decimal
    }

    /// The value as text with exactly `digits` digits after the point, zeros appended as needed
    /// (a value with more digits keeps them all).
    #[must_use]
    pub fn with_digits(self, digits: u8) -> String {
        let mut text = self.to_string();
        if self.scale < digits {
            if self.scale == 0 {
                text.push('.');
            }
            text.extend(std::iter::repeat_n('0', usize::from(digits - self.scale)));
        }
        text
    }
}

impl FromStr for Decimal {
    type Err = MoneyError;

    /// Reads plain notation and the exponent notation of JSON numbers: `12`, `-0.5`, `1.5e-06`.
    fn from_str(text: &str) -> Result<Decimal, MoneyError> {
        let refuse = |reason| MoneyError::NotADecimal {
            text: shorten(text),
            reason,
        };
        let (number, exponent) = match text.find(['e', 'E']) {
            None => (text, 0i32),
            Some(at) => {
                let exponent = text[at + 1..].parse().map_err(|_| refuse("bad exponent"))?;
                (&text[..at], exponent)
            }
        };
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return Err(refuse(
                "write digits before and after the point, as in `0.5`",
            ));
        }
        if !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
        {
            return Err(refuse("only digits, one point and an exponent are allowed"));
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                .ok_or_else(|| refuse("too many digits"))?;
        }
        let fraction_digits =
            i32::try_from(fraction.len()).map_err(|_| refuse("too many digits"))?;
        let mut scale = fraction_digits
            .checked_sub(exponent)
            .ok_or_else(|| refuse("exponent out of range"))?;
        while scale > 0 && mantissa % 10 == 0 && mantissa != 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if mantissa == 0 {
            return Ok(Decimal::ZERO);
        }
        if scale < 0 {
            let factor = u8::try_from(-scale)
                .ok()
                .and_then(pow10)
                .ok_or_else(|| refuse("exponent out of range"))?;
            mantissa = mantissa
                .checked_mul(factor)
                .ok_or_else(|| refuse("too large"))?;
            scale = 0;
        }
        let scale = u8::try_from(scale)
            .ok()
            .filter(|s| *s <= Self::SCALE_MAX)
            .ok_or_else(|| refuse("more than 28 digits after the point"))?;
        Ok(Decimal {
            mantissa: if negative { -mantissa } else { mantissa },
            scale,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let mut text = String::with_capacity(magnitude.len().max(scale + 1) + 1);
        if scale == 0 {
            text.push_str(&magnitude);
        } else {
            let padding = (scale + 1).saturating_sub(magnitude.len());
            text.extend(std::iter::repeat_n('0', padding));
            text.push_str(&magnitude);
            text.insert(text.len() - scale, '.');
        }
        f.pad_integral(self.mantissa >= 0, "", &text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        match self.aligned(*other) {
            Some((left, right, _)) => left.cmp(&right),
            // One side does not fit at the other's scale, so it is the larger magnitude; compare
            // the whole parts, which differ.
            None => {
                let whole = |d: &Decimal| d.mantissa / pow10(d.scale).unwrap_or(1);
                whole(self)
                    .cmp(&whole(other))
                    .then(self.mantissa.signum().cmp(&other.mantissa.signum()))
            }
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Decimal {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Decimal, MoneyError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> String {
        decimal.to_string()
    }
}

/// A count of work or usage. Signed, because a reversal is a negative movement; an *event* with a
/// negative quantity is refused where events are read.
pub type Quantity = Decimal;

/// A price or cost per unit, or a share: never negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(Decimal);

impl Rate {
    /// The free rate.
    pub const ZERO: Rate = Rate(Decimal::ZERO);

    /// A rate of that value.
    ///
    /// # Errors
    /// [`MoneyError::NegativeRate`].
    pub fn new(value: Decimal) -> Result<Rate, MoneyError> {
        if value.is_negative() {
            Err(MoneyError::NegativeRate { value })
        } else {
            Ok(Rate(value))
        }
    }

    /// The value per unit.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

impl FromStr for Rate {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Rate, MoneyError> {
        Rate::new(text.parse()?)
    }
}

impl TryFrom<String> for Rate {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Rate, MoneyError> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.0.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
