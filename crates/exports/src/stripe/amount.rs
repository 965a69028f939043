//! Amounts in the units that Stripe counts in (<https://docs.stripe.com/currencies>).
//!
//! Mostly those of ISO 4217, and not always: some currencies without a coin are told as if they had hundredths, some
//! with thousandths must end in a zero. Invariant: [`minor`] and [`amount`] are each other's inverse, and nothing is
//! rounded.

use money::{Amount, Currency, Decimal};

/// Currencies that are told in whole units.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Currencies in whole units that are told as hundredths, so in multiples of 100.
const WHOLE_AS_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];
/// Currencies that are told in thousandths, whose last digit is 0.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Why Stripe cannot be told an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The currency is none of Stripe's.
    #[error("Stripe does not take {0}; collect this statement otherwise")]
    Currency(&'static str),
    /// It is finer than what Stripe counts in.
    #[error("Stripe cannot take {amount}: in {} it takes multiples of {unit}; round the contract's prices to that", .amount.currency())]
    TooFine {
        /// The amount.
        amount: Amount,
        /// The smallest that can be told.
        unit: &'static str,
    },
    /// What is invoiced and credited is not what the statement leaves to be paid.
    #[error(
        "what would be invoiced less what would be credited is {sum}, and the statement leaves {payable} to be paid; \
         nothing is sent: please report this"
    )]
    NotTheSum {
        /// What they come to.
        sum: Amount,
        /// What they must come to.
        payable: Amount,
    },
    /// It does not fit Stripe's numbers.
    #[error("Stripe cannot take {0}: it is too large")]
    TooLarge(Amount),
}

/// Digits after the point that Stripe counts, and how many of the last ones must be 0.
fn digits(currency: Currency) -> Option<(u8, u8)> {
    let code = currency.code();
    if WHOLE.contains(&code) {
        return Some((0, 0));
    }
    if WHOLE_AS_HUNDREDTHS.contains(&code) {
        return Some((2, 2));
    }
    if THOUSANDTHS.contains(&code) {
        return Some((3, 1));
    }
    // Of the others with thousandths it takes none.
    (currency.minor_digits() == 2).then_some((2, 0))
}

/// An amount in the units that Stripe counts in.
///
/// # Errors
/// [`AmountError`].
pub fn minor(amount: Amount) -> Result<i64, AmountError> {
    let currency = amount.currency();
    let (digits, zeros) = digits(currency).ok_or(AmountError::Currency(currency.code()))?;
    let fine = digits - zeros;
    let unit = ["1", "0.1", "0.01"][usize::from(fine)];
    let too_large = |_| AmountError::TooLarge(amount);
    let power = |digits: u8| Decimal::from_int(10_i64.pow(u32::from(digits)));
    let units = amount.value().times(power(fine)).map_err(too_large)?;
    if !units.is_integer() {
        return Err(AmountError::TooFine { amount, unit });
    }
    let units = units.times(power(zeros)).map_err(too_large)?;
    let whole = units.rounded(0, money::Rounding::HalfEven);
    let mantissa = match whole.scale() {
        0 => whole.mantissa(),
        scale => whole.mantissa() / 10_i128.pow(u32::from(scale)),
    };
    i64::try_from(mantissa).map_err(|_| AmountError::TooLarge(amount))
}

/// An amount of Stripe's; nothing where the currency is not known.
#[must_use]
pub fn amount(units: i64, currency: &str) -> Option<Amount> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    let (digits, _) = digits(currency)?;
    let value = Decimal::new(i128::from(units), digits).ok()?;
    Some(Amount::new(value, currency))
}

/// An amount of Stripe's in words, for people; the bare number where the currency is not known.
#[must_use]
pub fn words(units: i64, currency: &str) -> String {
    amount(units, currency).map_or_else(|| format!("{units} {currency}"), |own| own.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<i64, String> {
        minor(text.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_told_in_stripes_units() {
        for (text, units) in [
            ("10.00 USD", 1_000),
            ("-0.99 USD", -99),
            ("0 USD", 0),
            ("0.5 EUR", 50),
            ("500 JPY", 500),
            ("500 MGA", 500),
            ("5 ISK", 500),
            ("5 UGX", 500),
            ("5.12 KWD", 5_120),
            ("10.45 HUF", 1_045),
            ("800.45 TWD", 80_045),
            ("90071992547409.91 USD", 9_007_199_254_740_991),
        ] {
            assert_eq!(told(text), Ok(units), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told_exactly_is_refused() {
        for (text, says) in [
            ("0.005 USD", "multiples of 0.01"),
            ("0.5 JPY", "multiples of 1"),
            ("0.5 MGA", "multiples of 1"),
            ("5.1 ISK", "multiples of 1"),
            ("5.124 KWD", "multiples of 0.01"),
            ("5 IQD", "does not take IQD"),
            ("5 LYD", "does not take LYD"),
            ("100000000000000000000 USD", "too large"),
        ] {
            let refused = told(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    #[test]
    fn units_are_told_back() {
        for text in ["10.00 USD", "-0.99 USD", "500 JPY", "5 ISK", "5.120 KWD"] {
            let amount: Amount = text.parse().unwrap();
            let back = words(minor(amount).unwrap(), amount.currency().code());
            let back: Amount = back.parse().unwrap();
            assert_eq!(back, amount);
        }
        assert_eq!(words(5, "xyz"), "5 xyz");
    }
}
