//! Rates: so many of so many, with an interval that says how sure.
//!
//! [`Share`] is the count; the interval methods, differences, ratios, clusters and bounds are beside
//! it. Which works are counted as what is the business of the definition; [`Quality`] names the rates
//! that reports show. Invariant: every interval of a rate lies in [0, 1] and holds the rate.

mod bounds;
mod clustered;
mod difference;
mod incremental;
mod interval;
mod jeffreys;
mod of_sums;
mod quality;

pub use bounds::Bounds;
pub use clustered::{Clustered, by_cluster};
pub use difference::{Difference, Ratio};
pub use incremental::{Fraction, Incremental};
pub use interval::Method;
pub(crate) use interval::wilson_of;
pub use jeffreys::Posterior;
pub use of_sums::{OfSums, of_sums};
pub use quality::{Kind, Quality, Row, Works};

use crate::error::{Error, at_least, at_most};
use crate::limits::COUNT_MAX;

/// So many hits in so many trials, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    hits: u64,
    trials: u64,
}

impl Share {
    /// A count of hits among trials.
    ///
    /// # Errors
    /// No trials, more hits than trials, or more trials than [`COUNT_MAX`].
    pub fn new(hits: u64, trials: u64) -> Result<Share, Error> {
        at_least("trials", trials, 1)?;
        at_most("trials", trials, COUNT_MAX)?;
        if hits > trials {
            return Err(Error::More {
                what: "hits",
                is: hits,
                of: trials,
            });
        }
        Ok(Share { hits, trials })
    }

    /// Trials that hit.
    #[must_use]
    pub fn hits(self) -> u64 {
        self.hits
    }

    /// All trials.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// Trials that did not hit.
    #[must_use]
    pub fn misses(self) -> u64 {
        self.trials - self.hits
    }

    /// hits / trials, in [0, 1].
    #[must_use]
    pub fn rate(self) -> f64 {
        self.hits as f64 / self.trials as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_share() {
        assert_eq!(
            Share::new(0, 0).unwrap_err().to_string(),
            "0 trials are too few, it takes 1"
        );
        assert_eq!(
            Share::new(3, 2).unwrap_err().to_string(),
            "hits: 3, more than the 2 it is part of"
        );
        assert!(Share::new(0, COUNT_MAX).is_ok() && Share::new(0, COUNT_MAX + 1).is_err());
    }
}
