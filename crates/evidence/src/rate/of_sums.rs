//! A quotient of two sums over works, such as what is left of a price, and how sure it is.

use crate::error::{Error, at_least, finite};
use crate::interval::{Confidence, Interval};
use crate::special::student;

/// Σ part / Σ whole over works, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfSums {
    /// The quotient.
    pub quotient: f64,
    /// How sure: what as many other works of the same kind would give.
    pub interval: Interval,
    /// Works.
    pub works: u64,
}

/// The quotient of the sums of pairs of part and whole, one for each work: the ratio estimator with linearised error
/// √(n/(n-1) Σ(partᵢ - q wholeᵢ)²)/Σ whole and the t of n-1 (Cochran 1977, section 6). Works are taken for independent.
///
/// # Errors
/// Fewer than two works, a number that is not finite, or wholes that sum to no more than zero.
pub fn of_sums(pairs: &[(f64, f64)], confidence: Confidence) -> Result<OfSums, Error> {
    let works = pairs.len() as u64;
    at_least("works", works, 2)?;
    let (mut part, mut whole) = (0.0, 0.0);
    for (own, of) in pairs {
        part += finite("part", *own)?;
        whole += finite("whole", *of)?;
    }
    if whole <= 0.0 {
        return Err(Error::Outside {
            what: "the sum of the wholes",
            is: whole,
            low: 0.0,
            high: f64::INFINITY,
        });
    }
    let quotient = part / whole;
    let errors = pairs.iter().map(|(own, of)| (own - quotient * of).powi(2));
    let n = works as f64;
    let error = (n / (n - 1.0) * errors.sum::<f64>()).sqrt() / whole;
    let t = student::quantile(1.0 - confidence.alpha() / 2.0, n - 1.0)?;
    Ok(OfSums {
        quotient,
        interval: Interval::around(quotient, t * error, confidence),
        works,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    #[test]
    fn by_hand() {
        // Σ part 2, Σ whole 4; what each part is off 0, -0.2, 0.2: √(1.5 · 0.08)/4 = 0.0866, t of 2 is 4.302652730.
        let found = of_sums(&[(0.5, 1.0), (0.3, 1.0), (1.2, 2.0)], Confidence::P95).unwrap();
        assert_eq!((found.quotient, found.works), (0.5, 3));
        relative(
            found.interval.high - 0.5,
            4.302_652_730 * 0.086_602_540_378,
            1e-8,
        );
    }

    #[test]
    fn works_that_are_all_alike_leave_no_doubt() {
        let found = of_sums(&[(0.25, 1.0); 40], Confidence::P95).unwrap();
        assert!(found.interval.width() < 1e-12, "{found:?}");
    }

    #[test]
    fn what_has_no_quotient() {
        assert!(of_sums(&[(1.0, 2.0)], Confidence::P95).is_err(), "one work");
        assert!(
            of_sums(&[(1.0, 1.0), (1.0, -1.0)], Confidence::P95).is_err(),
            "no whole"
        );
        assert!(of_sums(&[(f64::NAN, 1.0), (1.0, 1.0)], Confidence::P95).is_err());
    }
}
