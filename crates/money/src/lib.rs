//! Exact money: amounts, currencies, rates, quantities, rounding, division into parts.
//!
//! Everything that decides what somebody pays is computed here or with these types, and nothing
//! here is approximate. A [`Decimal`] is an integer and a scale; addition, subtraction and
//! multiplication are exact or an error, never a wrap and never a silent rounding. Rounding happens
//! where a caller writes a [`Rounding`] down, and an amount that must be shared is shared by
//! [`split`], so that the parts always sum to the whole.
//!
//! Not here: foreign exchange, tax, formatting for a locale. No binary float enters or leaves.

mod amount;
mod currency;
mod decimal;
mod parts;
mod ratio;
mod rounding;

pub use amount::Amount;
pub use currency::Currency;
pub use decimal::{Decimal, Quantity, Rate};
pub use parts::{split, split_units};
pub use ratio::Ratio;
pub use rounding::Rounding;

/// Why a computation with money was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The exact result does not fit the type.
    #[error(
        "{operation} overflows: the exact result does not fit; split the quantity or use a larger unit"
    )]
    Overflow {
        /// What was being computed.
        operation: &'static str,
    },
    /// Two currencies met in one sum.
    #[error(
        "cannot combine {left} with {right}: convert with a dated exchange-rate document first"
    )]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// The text is not a plain decimal number.
    #[error("`{text}` is not a decimal number: {reason}")]
    NotADecimal {
        /// The text as given (shortened).
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is not an amount such as `2.50 USD`.
    #[error(
        "`{text}` is not an amount: write a decimal number, a space and a currency, e.g. `2.50 USD`"
    )]
    NotAnAmount {
        /// The text as given (shortened).
        text: String,
    },
    /// The code is not an active ISO 4217 code.
    #[error("`{code}` is not an ISO 4217 currency code, e.g. `USD`, `EUR`, `JPY`")]
    UnknownCurrency {
        /// The code as given (shortened).
        code: String,
    },
    /// A rate or price below zero.
    #[error("a rate cannot be negative (got {value}); write a credit or a discount instead")]
    NegativeRate {
        /// The value as given.
        value: Decimal,
    },
    /// A division by zero.
    #[error("{operation}: division by zero")]
    DivisionByZero {
        /// What was being computed.
        operation: &'static str,
    },
}

/// Shortens foreign text for a message, at a character boundary.
pub(crate) fn shorten(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    if text.chars().count() <= CHARS_MAX {
        text.to_owned()
    } else {
        let mut short: String = text.chars().take(CHARS_MAX).collect();
        short.push('…');
        short
    }
}
