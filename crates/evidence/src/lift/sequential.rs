//! Intervals that stay right however often one looks: for every live tile.
//!
//! An interval for a fixed n, looked at after each of a hundred works, excludes the truth in a third of
//! all runs. These are wider (one and a half times at n = 1,000), and hold at every n at once. At the
//! end of a period that was fixed before, use the ordinary interval.

use crate::error::{Error, finite, inside};
use crate::interval::{Confidence, Interval};

/// The mixture sequential ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022) for a mean
/// of observations of known variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    variance: f64,
    tau_squared: f64,
}

impl Mixture {
    /// For the variance of one observation (of one pair, where arms are compared pair by pair), and the
    /// variance τ² of the effects one looks for.
    ///
    /// # Errors
    /// A variance that is not positive and finite.
    pub fn new(variance: f64, tau_squared: f64) -> Result<Mixture, Error> {
        Ok(Mixture {
            variance: inside("variance", variance, 0.0, f64::INFINITY)?,
            tau_squared: inside("tau squared", tau_squared, 0.0, f64::INFINITY)?,
        })
    }

    /// √(V (V + nτ²) / (n²τ²) · (2 ln(1/α) + ln((V + nτ²)/V))).
    ///
    /// # Errors
    /// n is 0.
    pub fn half_width(&self, n: u64, confidence: Confidence) -> Result<f64, Error> {
        let (v, n) = (self.variance, positive(n)?);
        let sum = v + n * self.tau_squared;
        let logs = -2.0 * confidence.alpha().ln() + (sum / v).ln();
        Ok((v * sum / (n * n * self.tau_squared) * logs).sqrt())
    }

    /// 1/Λₙ, at most 1: the p-value of a mean so far from none, at this n. The always-valid one is the
    /// least of all looks so far.
    ///
    /// # Errors
    /// n is 0, or the mean is not finite.
    pub fn p_value(&self, n: u64, mean: f64) -> Result<f64, Error> {
        let (v, n) = (self.variance, positive(n)?);
        let sum = v + n * self.tau_squared;
        let squares = finite("mean", mean)?.powi(2) * n * n * self.tau_squared;
        let log = 0.5 * (v / sum).ln() + squares / (2.0 * v * sum);
        Ok((-log).exp().min(1.0))
    }
}

/// A running mean with the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and
/// Ramdas (2024): σ̂ √(2 (nρ² + 1) / (n²ρ²) · ln(√(nρ² + 1) / α)), narrowest about the n it is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence {
    rho_squared: f64,
    confidence: Confidence,
    n: u64,
    mean: f64,
    squares: f64,
}

impl Sequence {
    /// A sequence that is narrowest about so many observations: ρ² = (-2 ln α + ln(-2 ln α) + 1) / n*.
    ///
    /// # Errors
    /// n* is 0, or a confidence below 13 %, for which the formula has no answer.
    pub fn narrowest_at(n: u64, confidence: Confidence) -> Result<Sequence, Error> {
        let twice = -2.0 * confidence.alpha().ln();
        let rho_squared = (twice + twice.ln() + 1.0) / positive(n)?;
        Ok(Sequence {
            rho_squared: inside("rho squared", rho_squared, 0.0, f64::INFINITY)?,
            confidence,
            n: 0,
            mean: 0.0,
            squares: 0.0,
        })
    }

    /// ρ.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.rho_squared.sqrt()
    }

    /// One more observation (Welford 1962).
    ///
    /// # Errors
    /// It is not finite.
    pub fn observe(&mut self, value: f64) -> Result<(), Error> {
        let off = finite("observation", value)? - self.mean;
        self.n += 1;
        self.mean += off / self.n as f64;
        self.squares += off * (value - self.mean);
        Ok(())
    }

    /// How many so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean so far.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The half-width at n for observations of this standard deviation.
    ///
    /// # Errors
    /// n is 0, or the deviation is negative or not finite.
    pub fn half_width(&self, n: u64, deviation: f64) -> Result<f64, Error> {
        let n = positive(n)?;
        let deviation = crate::error::within("deviation", deviation, 0.0, f64::MAX)?;
        let grown = n * self.rho_squared + 1.0;
        let logs = 0.5 * grown.ln() - self.confidence.alpha().ln();
        Ok(deviation * (2.0 * grown / (n * n * self.rho_squared) * logs).sqrt())
    }

    /// The interval of the mean, now.
    ///
    /// # Errors
    /// Fewer than two observations, or none that differ (the sequence then knows no spread).
    pub fn interval(&self) -> Result<Interval, Error> {
        crate::error::at_least("observations", self.n, 2)?;
        if self.squares <= 0.0 {
            return Err(Error::NoVariation {
                what: "observations",
            });
        }
        let deviation = (self.squares / (self.n - 1) as f64).sqrt();
        let reach = self.half_width(self.n, deviation)?;
        Ok(Interval::around(self.mean, reach, self.confidence))
    }
}

fn positive(n: u64) -> Result<f64, Error> {
    crate::error::at_least("observations", n, 1).map(|n| n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::{decimals, relative};

    #[test]
    fn published_widths() {
        let mixture = Mixture::new(1.0, 0.01).unwrap();
        let width = mixture.half_width(1_000, Confidence::P95).unwrap();
        decimals(width, 0.096_064_0, 7);
        let fixed = Confidence::P95.z() / 1_000f64.sqrt();
        decimals(fixed, 0.061_979_5, 7);
        decimals(width / fixed, 1.549_9, 4);
        let sequence = Sequence::narrowest_at(1_000, Confidence::P95).unwrap();
        decimals(sequence.rho(), 0.093_71, 5);
        decimals(sequence.half_width(1_000, 1.0).unwrap(), 0.095_989_2, 7);
    }

    /// The p-value is α exactly where the interval's end is at none.
    #[test]
    fn p_values_and_intervals_agree() {
        let mixture = Mixture::new(2.5, 0.04).unwrap();
        for n in [1, 10, 500, 100_000] {
            let edge = mixture.half_width(n, Confidence::P95).unwrap();
            relative(mixture.p_value(n, edge).unwrap(), 0.05, 1e-9);
            assert_eq!(mixture.p_value(n, 0.0), Ok(1.0));
        }
    }

    /// 99 looks from n = 100 to 5,000 at a mean that is 0: the fixed interval errs in a third of the
    /// runs (36 % in 10,000 runs of numpy), the sequences in less than one of twenty.
    #[test]
    fn looking_every_day() {
        let (mut fixed, mut mixed, mut asymptotic) = (0, 0, 0);
        let mixture = Mixture::new(1.0, 0.01).unwrap();
        let runs = 200u64;
        for run in 0..runs {
            let mut sequence = Sequence::narrowest_at(1_000, Confidence::P95).unwrap();
            let mut erred = [false; 3];
            for n in 1..=5_000u64 {
                sequence.observe(normal(run * 5_000 + n)).unwrap();
                if n % 50 == 0 && n >= 100 {
                    let mean = sequence.mean();
                    let z = mean.abs() * (n as f64).sqrt();
                    erred[0] |= z > Confidence::P95.z();
                    erred[1] |= mean.abs() > mixture.half_width(n, Confidence::P95).unwrap();
                    erred[2] |= !sequence.interval().unwrap().holds(0.0);
                }
            }
            fixed += u64::from(erred[0]);
            mixed += u64::from(erred[1]);
            asymptotic += u64::from(erred[2]);
        }
        assert!(fixed > runs / 4, "{fixed}");
        assert!(
            mixed <= runs / 20 && asymptotic <= runs / 20,
            "{mixed} {asymptotic}"
        );
    }

    /// A normal number from a counter (SplitMix64, sum of twelve uniform ones).
    fn normal(counter: u64) -> f64 {
        let uniform = |n: u64| {
            let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..12).map(|k| uniform(12 * counter + k)).sum::<f64>() - 6.0
    }

    #[test]
    fn degenerate_sequences() {
        assert!(Mixture::new(0.0, 1.0).is_err() && Mixture::new(1.0, f64::NAN).is_err());
        let mut sequence = Sequence::narrowest_at(10, Confidence::P95).unwrap();
        assert!(sequence.interval().is_err());
        assert!(sequence.observe(f64::NAN).is_err());
        for _ in 0..3 {
            sequence.observe(1.0).unwrap();
        }
        assert_eq!(
            sequence.interval().unwrap_err(),
            Error::NoVariation {
                what: "observations"
            }
        );
        assert_eq!((sequence.n(), sequence.mean()), (3, 1.0));
        assert!(Sequence::narrowest_at(0, Confidence::P95).is_err());
        assert!(Sequence::narrowest_at(9, Confidence::new(0.12).unwrap()).is_err());
        assert!(Sequence::narrowest_at(9, Confidence::new(0.14).unwrap()).is_ok());
    }
}
