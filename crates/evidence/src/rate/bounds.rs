//! Bounds of a rate where some works were never reviewed (Manski 1989): unreviewed is not accepted.

use super::{Share, interval::wilson_of};
use crate::error::{Error, at_least, at_most};
use crate::interval::{Confidence, Interval};
use crate::limits::COUNT_MAX;

/// The rate if everything unreviewed missed, and if everything hit. No assumption is made of why
/// something was not reviewed, so more works never make the two meet; more reviews do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// hits / all.
    pub worst: f64,
    /// (hits + unreviewed) / all.
    pub best: f64,
    /// From the lower Wilson end of the worst case to the upper one of the best.
    pub interval: Interval,
    /// reviewed / all.
    pub reviewed: f64,
}

impl Bounds {
    /// The bounds of the rate among the reviewed and so many unreviewed works.
    ///
    /// # Errors
    /// More hits than reviewed, no works at all, or more than [`COUNT_MAX`].
    pub fn of(
        hits: u64,
        reviewed: u64,
        unreviewed: u64,
        confidence: Confidence,
    ) -> Result<Bounds, Error> {
        if hits > reviewed {
            return Err(Error::More {
                what: "hits",
                is: hits,
                of: reviewed,
            });
        }
        let all = reviewed.saturating_add(unreviewed);
        at_least("works", all, 1)?;
        at_most("works", all, COUNT_MAX)?;
        let worst = Share::new(hits, all)?.rate();
        let best = Share::new(hits + unreviewed, all)?.rate();
        let n = all as f64;
        Ok(Bounds {
            worst,
            best,
            interval: Interval {
                low: wilson_of(worst, n, confidence).low,
                high: wilson_of(best, n, confidence).high,
                confidence,
            },
            reviewed: reviewed as f64 / n,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreviewed_is_not_accepted() {
        let bounds = Bounds::of(90, 100, 900, Confidence::P95).unwrap();
        assert_eq!(
            (bounds.worst, bounds.best, bounds.reviewed),
            (0.09, 0.99, 0.1)
        );
        assert!(bounds.interval.low < 0.09 && bounds.interval.high > 0.99);
        // Everything reviewed: the interval of the share.
        let all = Bounds::of(90, 100, 0, Confidence::P95).unwrap();
        assert_eq!(
            all.interval,
            Share::new(90, 100).unwrap().wilson(Confidence::P95)
        );
        // Nothing reviewed: nothing known.
        let none = Bounds::of(0, 0, 10, Confidence::P95).unwrap();
        assert_eq!((none.worst, none.best), (0.0, 1.0));
        assert!(Bounds::of(0, 0, 0, Confidence::P95).is_err());
        assert!(Bounds::of(2, 1, 5, Confidence::P95).is_err());
        assert!(Bounds::of(0, 1, u64::MAX, Confidence::P95).is_err());
    }
}
