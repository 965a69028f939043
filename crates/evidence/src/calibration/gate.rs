//! [`gate()`]: whether a price may depend on stated confidence.
//!
//! Passed only where every bin has been seen often enough and holds its stated mean in an interval that is
//! narrow enough to say something, and Spiegelhalter's test finds nothing. The bins share one error rate
//! (Bonferroni): with ten bins at 95 % each, four sound models of ten would be refused. Little data
//! fails the gate, it never passes it.

use super::{Bin, Reliability};
use crate::interval::Confidence;
use crate::special::normal;

/// What the gate asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demands {
    /// Forecasts in every bin, at least.
    pub per_bin_min: u64,
    /// The widest interval of a bin that still says something, from end to end.
    pub width_max: f64,
    /// How sure a deviation must be before it fails the gate, over all bins together.
    pub confidence: Confidence,
}

impl Default for Demands {
    /// 100 forecasts in every bin, intervals up to 0.25 wide, 95 %.
    fn default() -> Demands {
        Demands {
            per_bin_min: 100,
            width_max: 0.25,
            confidence: Confidence::P95,
        }
    }
}

/// Whether the confidence passed the gate; the words are those of a `calibration` document.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// A price may depend on the confidence.
    Passed,
    /// It may not: one price for all, until it is repaired and seen again.
    Failed(Vec<Reason>),
}

impl Verdict {
    /// The `verdict` of the document.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed(_) => "failed",
        }
    }
}

/// Why the gate was not passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// A bin was seen too seldom.
    TooFew(Bin),
    /// A bin's interval is too wide to say anything.
    TooWide(Bin),
    /// A bin was right more seldom than stated: the buyer pays for confidence that is not there.
    Overconfident(Bin),
    /// A bin was right more often than stated.
    Underconfident(Bin),
    /// Spiegelhalter's test, over all forecasts.
    Spiegelhalter {
        /// The statistic.
        z: f64,
    },
}

impl Reason {
    /// For people.
    #[must_use]
    pub fn sentence(self) -> String {
        let seen = |bin: Bin| {
            format!(
                "of {} works stated at {:.3}, {} were right ({:.3} to {:.3})",
                bin.seen.trials(),
                bin.stated,
                bin.seen.hits(),
                bin.interval.low,
                bin.interval.high
            )
        };
        match self {
            Reason::TooFew(bin) => format!("too few: {}", seen(bin)),
            Reason::TooWide(bin) => format!("too unsure: {}", seen(bin)),
            Reason::Overconfident(bin) => format!("overconfident: {}", seen(bin)),
            Reason::Underconfident(bin) => format!("underconfident: {}", seen(bin)),
            Reason::Spiegelhalter { z } => {
                format!("stated and seen differ over all works (Spiegelhalter's z is {z:.2})")
            }
        }
    }
}

/// The verdict on a reliability table; the intervals in it are computed anew at the shared level.
#[must_use]
pub fn gate(table: &Reliability, demands: &Demands) -> Verdict {
    let shared = demands.confidence.shared_by(table.bins.len());
    let mut reasons: Vec<Reason> = table
        .bins
        .iter()
        .filter_map(|&bin| {
            let interval = bin.seen.wilson(shared);
            let bin = Bin { interval, ..bin };
            if bin.seen.trials() < demands.per_bin_min {
                Some(Reason::TooFew(bin))
            } else if bin.stated > interval.high {
                Some(Reason::Overconfident(bin))
            } else if bin.stated < interval.low {
                Some(Reason::Underconfident(bin))
            } else if interval.width() > demands.width_max {
                Some(Reason::TooWide(bin))
            } else {
                None
            }
        })
        .collect();
    if let Some(z) = table.score.spiegelhalter_z
        && normal::two_sided_of(z) < demands.confidence.alpha()
    {
        reasons.push(Reason::Spiegelhalter { z });
    }
    if reasons.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed(reasons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::tests::said;
    use crate::calibration::{Bins, Forecast};

    fn verdict(forecasts: &[Forecast]) -> Verdict {
        let table = Reliability::of(forecasts, Bins::Stated, Confidence::P95).unwrap();
        gate(&table, &Demands::default())
    }

    #[test]
    fn calibrated_passes() {
        let forecasts = said(&[(0.95, 400, 381), (0.80, 400, 318), (0.60, 400, 243)]);
        assert_eq!(verdict(&forecasts), Verdict::Passed);
        assert_eq!(Verdict::Passed.word(), "passed");
    }

    #[test]
    fn overconfident_fails_and_says_so() {
        let Verdict::Failed(reasons) = verdict(&said(&[
            (0.95, 400, 340),
            (0.80, 400, 318),
            (0.60, 400, 243),
        ])) else {
            panic!("passed");
        };
        assert!(matches!(
            reasons[..],
            [Reason::Overconfident(_), Reason::Spiegelhalter { .. }]
        ));
        assert!(
            reasons[0]
                .sentence()
                .starts_with("overconfident: of 400 works stated at 0.950, 340 were right (0.8")
        );
        let Verdict::Failed(reasons) = verdict(&said(&[(0.60, 400, 300)])) else {
            panic!("passed");
        };
        assert!(matches!(reasons[0], Reason::Underconfident(_)));
    }

    /// Ten forecasts in a bin hold nearly any rate: that is not calibration.
    #[test]
    fn little_data_does_not_pass() {
        let Verdict::Failed(reasons) =
            verdict(&said(&[(0.95, 10, 9), (0.80, 10, 8), (0.60, 10, 6)]))
        else {
            panic!("passed");
        };
        assert!(
            reasons
                .iter()
                .all(|reason| matches!(reason, Reason::TooFew(_)))
        );
        let table =
            Reliability::of(&said(&[(0.5, 20, 10)]), Bins::Stated, Confidence::P95).unwrap();
        let demands = Demands {
            per_bin_min: 10,
            ..Demands::default()
        };
        assert!(matches!(gate(&table, &demands), Verdict::Failed(reasons)
            if matches!(reasons[..], [Reason::TooWide(_)])));
    }
}
