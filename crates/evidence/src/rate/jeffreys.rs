//! What is believed of a rate after its trials, from Jeffreys' prior: Beta(hits + ½, misses + ½).

use super::Share;
use crate::error::{Error, inside, within};
use crate::special::beta;

/// A beta distribution over the rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    a: f64,
    b: f64,
}

impl Share {
    /// Jeffreys' posterior of the rate.
    #[must_use]
    pub fn posterior(self) -> Posterior {
        Posterior {
            a: self.hits() as f64 + 0.5,
            b: self.misses() as f64 + 0.5,
        }
    }
}

impl Posterior {
    /// Its mean.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// The chance that the rate lies below this one.
    ///
    /// # Errors
    /// A rate outside of [0, 1].
    pub fn below(self, rate: f64) -> Result<f64, Error> {
        beta::cdf(self.a, self.b, within("rate", rate, 0.0, 1.0)?)
    }

    /// The rate that lies above the true one with this chance: a one-sided bound.
    ///
    /// # Errors
    /// A chance outside of (0, 1).
    pub fn quantile(self, chance: f64) -> Result<f64, Error> {
        beta::quantile(self.a, self.b, inside("probability", chance, 0.0, 1.0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;
    use crate::{Confidence, rate::Method};

    /// scipy 1.17 for 13 overrides in 300 works.
    #[test]
    fn thirteen_overrides_in_three_hundred() {
        let share = Share::new(13, 300).unwrap();
        let posterior = share.posterior();
        decimals(posterior.mean(), 0.044_850_5, 7);
        let interval = share.interval(Method::Jeffreys, Confidence::P95);
        decimals(interval.low, 0.024_503_8, 7);
        decimals(interval.high, 0.070_899_7, 7);
        decimals(posterior.quantile(0.95).unwrap(), 0.066_012_4, 7);
        decimals(posterior.below(0.06).unwrap(), 0.892_035, 6);
        assert!(posterior.below(1.1).is_err() && posterior.quantile(0.0).is_err());
    }
}
