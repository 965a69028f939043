//! [`Confidence`] and [`Interval`]: what every estimate comes with.

use crate::error::{Error, inside};
use crate::special::normal;

/// A two-sided confidence level in (0, 1).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %: the default of every report.
    pub const P95: Confidence = Confidence(0.95);

    /// A level, e.g. 0.95.
    ///
    /// # Errors
    /// Outside of (0, 1).
    pub fn new(level: f64) -> Result<Confidence, Error> {
        inside("confidence", level, 0.0, 1.0).map(Confidence)
    }

    /// The level, in (0, 1).
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// What is left to both sides together: 1 - level.
    #[must_use]
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// The level of each of so many intervals which together err in at most [`Confidence::alpha`] of
    /// all cases (Bonferroni). One interval keeps the level.
    #[must_use]
    pub fn shared_by(self, intervals: usize) -> Confidence {
        Confidence(1.0 - self.alpha() / intervals.max(1) as f64)
    }

    /// The normal quantile of the upper end: 1.96 at 95 %.
    #[must_use]
    pub fn z(self) -> f64 {
        -normal::quantile_of(self.alpha() / 2.0)
    }
}

/// A range that holds the true value in a known share of all samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end; infinite where the data give none (a ratio to almost nothing).
    pub high: f64,
    /// How sure.
    pub confidence: Confidence,
}

impl Interval {
    /// Both ends as decimal numbers of six digits, for whoever keeps no binary floats.
    #[must_use]
    pub fn ends(&self) -> [String; 2] {
        [self.low, self.high].map(|end| format!("{end:.6}"))
    }

    /// Whether the value lies in it, ends included.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// From end to end.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// estimate ± reach.
    pub(crate) fn around(estimate: f64, reach: f64, confidence: Confidence) -> Interval {
        Interval {
            low: estimate - reach,
            high: estimate + reach,
            confidence,
        }
    }

    /// The part of it in [0, 1].
    pub(crate) fn of_a_rate(self) -> Interval {
        Interval {
            low: self.low.clamp(0.0, 1.0),
            high: self.high.clamp(0.0, 1.0),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        assert!((Confidence::P95.z() - 1.959_963_984_540_054).abs() < 1e-14);
        assert!(Confidence::new(1.0).is_err());
        assert!(Confidence::new(f64::NAN).is_err());
        let each = Confidence::P95.shared_by(5);
        assert!((each.level() - 0.99).abs() < 1e-15);
        assert_eq!(Confidence::P95.shared_by(0), Confidence::P95.shared_by(1));
    }
}
