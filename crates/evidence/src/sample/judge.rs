//! An automatic judge (a language model, a heuristic) is a measurement with errors. Corrected by what
//! people found on the same works, its rate may be used; as it is, it may not.

use crate::error::{Error, at_least, finite};
use crate::interval::{Confidence, Interval};
use crate::lift::Summary;
use crate::rate::Share;

/// What a judge got right, of works that people judged too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judge {
    /// Works that were right, of which the judge passed so many: sensitivity.
    pub sensitivity: Share,
    /// Works that were wrong, of which the judge failed so many: specificity.
    pub specificity: Share,
}

/// A rate that has been corrected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// In [0, 1].
    pub rate: f64,
    /// The formula's value, which may lie outside of [0, 1] where the judge's errors were misjudged.
    pub uncut: f64,
    /// Its standard error, the judge's errors included.
    pub standard_error: f64,
    /// uncut ± z · error, cut to [0, 1].
    pub interval: Interval,
}

impl Judge {
    /// From the four counts: right works passed and failed, wrong works passed and failed.
    ///
    /// # Errors
    /// No right works, or no wrong ones.
    pub fn of(right: (u64, u64), wrong: (u64, u64)) -> Result<Judge, Error> {
        Ok(Judge {
            sensitivity: Share::new(right.0, right.0.saturating_add(right.1))?,
            specificity: Share::new(wrong.1, wrong.0.saturating_add(wrong.1))?,
        })
    }

    /// Sensitivity + specificity - 1 (Youden): 1 is perfect, 0 is a coin.
    #[must_use]
    pub fn informedness(&self) -> f64 {
        self.sensitivity.rate() + self.specificity.rate() - 1.0
    }

    /// The true rate behind the rate that the judge passed (Rogan and Gladen 1978):
    /// (p̂ + Sp - 1) / (Se + Sp - 1), variance (p̂(1-p̂)/n + p² Se(1-Se)/m₁ + (1-p)² Sp(1-Sp)/m₀) / (Se+Sp-1)².
    /// The judge must err on these works as it did on those that people judged.
    ///
    /// # Errors
    /// A judge that is no better than a coin: there is nothing to correct from.
    pub fn correct(&self, passed: Share, confidence: Confidence) -> Result<Corrected, Error> {
        let (se, sp) = (self.sensitivity.rate(), self.specificity.rate());
        let power = self.informedness();
        if power <= 0.0 {
            return Err(Error::Outside {
                what: "sensitivity + specificity - 1",
                is: power,
                low: 0.0,
                high: 1.0,
            });
        }
        let apparent = passed.rate();
        let uncut = (apparent + sp - 1.0) / power;
        let rate = uncut.clamp(0.0, 1.0);
        let of = |p: f64, share: Share| p * (1.0 - p) / share.trials() as f64;
        let variance = of(apparent, passed)
            + rate * rate * of(se, self.sensitivity)
            + (1.0 - rate) * (1.0 - rate) * of(sp, self.specificity);
        let standard_error = variance.sqrt() / power;
        Ok(Corrected {
            rate,
            uncut,
            standard_error,
            interval: Interval::around(uncut, confidence.z() * standard_error, confidence)
                .of_a_rate(),
        })
    }
}

/// The mean of what people would find, from a judge's score of many works and people's of a few
/// (prediction-powered, Angelopoulos et al. 2023): mean of the judge on those only judged, plus the mean
/// of (people - judge) on those that both saw. Right for any judge; a good one makes it narrow.
///
/// # Errors
/// Fewer than two works on a side, or scores that are not finite.
pub fn prediction_powered(
    judged: &[f64],
    both: &[(f64, f64)],
    confidence: Confidence,
) -> Result<Corrected, Error> {
    at_least("works that people judged", both.len() as u64, 2)?;
    let off: Vec<f64> = both.iter().map(|(people, judge)| people - judge).collect();
    let (judge, off) = (Summary::of(judged)?, Summary::of(&off)?);
    let uncut = finite("estimate", judge.mean + off.mean)?;
    let standard_error = (judge.error_squared() + off.error_squared()).sqrt();
    Ok(Corrected {
        rate: uncut.clamp(0.0, 1.0),
        uncut,
        standard_error,
        interval: Interval::around(uncut, confidence.z() * standard_error, confidence).of_a_rate(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    #[test]
    fn a_judge_that_errs() {
        let judge = Judge::of((285, 15), (30, 170)).unwrap();
        let passed = Share::new(1_440, 2_000).unwrap();
        let is = judge.correct(passed, Confidence::P95).unwrap();
        decimals(is.rate, 0.7125, 12);
        decimals(is.standard_error, 0.019_116, 6);
        let naive = (0.72f64 * 0.28 / 2_000.0).sqrt();
        decimals(naive, 0.0100, 4);
        assert!(is.standard_error > 1.9 * naive);
    }

    #[test]
    fn a_coin_is_no_judge() {
        let coin = Judge::of((50, 50), (50, 50)).unwrap();
        let passed = Share::new(5, 10).unwrap();
        assert!(coin.correct(passed, Confidence::P95).is_err());
        assert!(Judge::of((0, 0), (1, 1)).is_err());
        // A rate below what the false alarms alone would give is cut at none, and its value kept.
        let judge = Judge::of((90, 10), (20, 80)).unwrap();
        let none = judge
            .correct(Share::new(1, 10).unwrap(), Confidence::P95)
            .unwrap();
        assert!(none.rate == 0.0 && none.uncut < 0.0 && none.interval.low == 0.0);
    }

    /// By hand: 0.6 + mean(0, 1, 0, -1, 1) and both variances.
    #[test]
    fn prediction_powered_by_hand() {
        let judged = [1.0, 1.0, 0.0, 1.0, 0.0];
        let both = [(1.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0)];
        let is = prediction_powered(&judged, &both, Confidence::P95).unwrap();
        decimals(is.rate, 0.8, 12);
        decimals(is.standard_error, ((0.3 + 0.7) / 5.0f64).sqrt(), 12);
        assert!(prediction_powered(&judged, &both[..1], Confidence::P95).is_err());
        assert!(prediction_powered(&judged, &[(1.0, f64::NAN); 2], Confidence::P95).is_err());
    }
}
