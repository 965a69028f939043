//! [`Totals`]: what was counted, how works stand and what they cost, by day, kept in sums.
//!
//! Sums are kept as commits are applied, for each customer and for all together, so that a question about a month costs
//! what a month has days, never what it has works. Days are those of UTC. Not here: what is owed, which prices decide.
//! Invariant: a sum is that over the works, movements and costs which the state holds.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Decimal, MoneyError, Quantity};
use work::body::{CostLine, DocumentKind};
use work::event::Authorship;
use work::{Digest, SmolStr};

use crate::reconciliation::UnitDay;
use crate::{Facts, StoreError};

/// What counted on one day, of one definition in one class, net of what was taken back of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDay {
    /// The day on which it counted.
    pub day: Date,
    /// Id of the definition.
    pub unit: SmolStr,
    /// The class.
    pub class: SmolStr,
    /// Whose fact decided it.
    pub decided_by: Authorship,
    /// What is left of it.
    pub quantity: Quantity,
    /// The measured value of it, by currency.
    pub values: Vec<Amount>,
}

/// What was spent on one day, of one cost line in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDay {
    /// The day.
    pub day: Date,
    /// The cost line.
    pub line: CostLine,
    /// Entries.
    pub entries: u64,
    /// The sum of what they claim; nothing of those that claim no amount which can be trusted.
    pub amount: Option<Amount>,
}

/// A document that was published, to however many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedText {
    /// Its digest.
    pub digest: Digest,
    /// Its text.
    pub text: String,
    /// Customers in whose logs it is.
    pub customers: u64,
}

/// Sums over the works and costs of a customer, or of all together.
///
/// Every query waits until everything acknowledged before it is counted.
pub trait Totals: Send + Sync {
    /// What counted on some days, as it stands at an instant, ascending by day. No fact is taken to lie after the
    /// instant on its day; what only a deadline decides later is not in it.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; [`StoreError::Sum`].
    fn counted_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<CountedDay>, StoreError>;

    /// The works that were opened on some days, of one definition or of all, as they stand at an instant, likewise:
    /// ascending, days without any are not there. [`crate::Reconciliation::unit_days`] counts the works themselves.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn standing_days(
        &self,
        customer: Option<&str>,
        unit: Option<&str>,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError>;

    /// What was spent on some days, ascending.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; [`StoreError::Sum`].
    fn cost_days(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Vec<CostDay>, StoreError>;

    /// The costs of some days that claim no amount which can be trusted, by time, at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]): what they cost, model costs may say.
    ///
    /// # Errors
    /// [`StoreError::Behind`]; each item may be [`StoreError::Corrupt`].
    fn unclaimed_costs(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        rows: usize,
    ) -> Result<Facts, StoreError>;

    /// The customers with facts of a work of that id, in the order of their names, after one of them, at most `rows`
    /// (and [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn customers_of_work(
        &self,
        work: &str,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// The documents of a kind that were published to anybody, by digest, at most `rows` (and
    /// [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError::Behind`]; [`StoreError::Corrupt`].
    fn published(&self, kind: DocumentKind, rows: usize) -> Result<Vec<PublishedText>, StoreError>;
}

/// An exact sum of decimals that never overflows while it is kept: what was added can be taken away again, in whatever
/// order, and only who reads it learns that it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    /// Of the digits before the point, those beyond the last 19.
    high: i128,
    /// The last 19 digits before the point.
    low: i128,
    /// The digits behind the point, of which a decimal has at most 28.
    fraction: i128,
}

const LOW_DIGITS: u32 = 19;

impl Sum {
    /// Adds a number so many times: once, or minus once.
    pub(crate) fn add(&mut self, number: Decimal, sign: i128) {
        let unit = 10_i128.pow(u32::from(number.scale()));
        let whole = number.mantissa() / unit;
        let behind = number.mantissa() % unit;
        let low = 10_i128.pow(LOW_DIGITS);
        let digits = u32::from(Decimal::SCALE_MAX - number.scale());
        // Each part is below 10^28, so that 10^10 of them fit.
        self.high += sign * (whole / low);
        self.low += sign * (whole % low);
        self.fraction += sign * behind * 10_i128.pow(digits);
    }

    /// Adds another sum.
    pub(crate) fn add_all(&mut self, other: Sum) {
        self.high += other.high;
        self.low += other.low;
        self.fraction += other.fraction;
    }

    /// The sum with the opposite sign.
    pub(crate) fn negated(self) -> Sum {
        Sum {
            high: -self.high,
            low: -self.low,
            fraction: -self.fraction,
        }
    }

    /// The number.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub(crate) fn total(self) -> Result<Decimal, MoneyError> {
        let overflow = MoneyError::Overflow {
            operation: "addition",
        };
        let high = self.high.checked_mul(10_i128.pow(LOW_DIGITS));
        let whole = high.and_then(|high| high.checked_add(self.low));
        let whole = Decimal::new(whole.ok_or(overflow)?, 0)?;
        whole.plus(Decimal::new(self.fraction, Decimal::SCALE_MAX)?)
    }

    /// As a table keeps it.
    pub(crate) fn to_text(self) -> String {
        format!("{} {} {}", self.high, self.low, self.fraction)
    }

    /// What [`Sum::to_text`] wrote.
    pub(crate) fn of_text(text: &str) -> Option<Sum> {
        let mut parts = text.splitn(3, ' ').map(|part| part.parse().ok());
        Some(Sum {
            high: parts.next()??,
            low: parts.next()??,
            fraction: parts.next()??,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        (any::<i128>(), 0..=Decimal::SCALE_MAX).prop_filter_map(
            "the least has no opposite",
            |(mantissa, scale)| {
                Some(mantissa)
                    .filter(|own| *own != i128::MIN)
                    .and_then(|own| Decimal::new(own, scale).ok())
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_taken_away_again_leaves_nothing(numbers in prop::collection::vec(decimal(), 1..20)) {
            let mut sum = Sum::default();
            for number in &numbers {
                sum.add(*number, 1);
            }
            prop_assert_eq!(Sum::of_text(&sum.to_text()), Some(sum));
            for number in &numbers[1..] {
                sum.add(*number, -1);
            }
            prop_assert_eq!(sum.total().unwrap(), numbers[0]);
            sum.add_all(sum.negated());
            prop_assert_eq!(sum, Sum::default());
        }

        #[test]
        fn a_sum_is_that_of_the_numbers(cents in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 0..50)) {
            let mut sum = Sum::default();
            for own in &cents {
                sum.add(Decimal::new(i128::from(*own), 7).unwrap(), 1);
            }
            let expected = cents.iter().map(|own| i128::from(*own)).sum();
            prop_assert_eq!(sum.total().unwrap(), Decimal::new(expected, 7).unwrap());
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error_for_the_reader_alone() {
        let most = Decimal::new(i128::MAX, 0).unwrap();
        let mut sum = Sum::default();
        sum.add(most, 1);
        sum.add(most, 1);
        assert!(sum.total().is_err());
        sum.add(most, -1);
        assert_eq!(sum.total().unwrap(), most);
    }
}
