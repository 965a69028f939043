//! [`Estimate`]: what a sample says of the works, or of the money, that it was drawn from.
//!
//! What nobody reviewed may have passed or failed, so there are two of every number. The bound is the
//! exact binomial one; where every work was drawn, there is nothing left to estimate.

use evidence::binomial::upper_bound;
use proof::verdicts::{Sample, Tally};
use serde::Serialize;
use work::body::SampleMethod;

const CONFIDENCE: f64 = 0.95;

/// What a sample says of the rest.
#[derive(Debug, Serialize)]
pub struct Estimate {
    /// Items drawn.
    drawn: u32,
    passed: u32,
    /// Of those passed.
    edited: u32,
    failed: u32,
    /// Of those failed.
    redacted: u32,
    unreviewed: u32,
    /// What the rates are of: `works`, or `money`.
    of: &'static str,
    /// Whether every work was drawn.
    whole: bool,
    /// If everything unreviewed passes.
    at_best: Rate,
    /// If everything unreviewed fails.
    at_worst: Rate,
}

/// A rate of failures, in decimals from 0 to 1.
#[derive(Debug, Serialize)]
struct Rate {
    rate: String,
    /// The upper bound at 95 %, one-sided.
    upper_95: String,
    #[serde(skip)]
    shown: (f64, f64),
}

impl Estimate {
    /// The estimate of a sample.
    pub fn of(sample: &Sample) -> Estimate {
        let Tally {
            passed,
            edited,
            failed,
            redacted,
            unreviewed,
        } = sample.tally();
        let drawn = passed + failed + unreviewed;
        let whole = sample.method == SampleMethod::BottomK && u64::from(drawn) == sample.population;
        let rate = |failures| Rate::of(failures, drawn, whole);
        Estimate {
            drawn,
            passed,
            edited,
            failed,
            redacted,
            unreviewed,
            of: match sample.method {
                SampleMethod::BottomK => "works",
                SampleMethod::Money => "money",
            },
            whole,
            at_best: rate(failed),
            at_worst: rate(failed + unreviewed),
        }
    }

    /// The lines for people.
    pub fn told(&self) -> Vec<String> {
        let Estimate {
            drawn,
            passed,
            failed,
            unreviewed,
            of,
            ..
        } = self;
        let part = |count: u32, what: &str| {
            if count > 0 {
                format!(" ({count} {what})")
            } else {
                String::new()
            }
        };
        let mut lines = vec![format!(
            "{passed} passed{}, {failed} failed{}, {unreviewed} unreviewed, of {drawn} drawn",
            part(self.edited, "after edits"),
            part(self.redacted, "redacted after the draw"),
        )];
        let told = |rate: &Rate| {
            let (rate, bound) = rate.shown;
            let rate = format!("{:.2} %", rate * 100.0);
            if self.whole {
                format!("{rate} failed, and every work was drawn")
            } else {
                format!(
                    "{rate} failed, at most {} of the {of} at 95 %",
                    rounded_up(bound)
                )
            }
        };
        if unreviewed == drawn {
            lines.push(
                "nothing is known yet: `piecework review record` records a review".to_owned(),
            );
        } else if *unreviewed == 0 {
            lines.push(told(&self.at_best));
        } else {
            lines.push(format!("if all unreviewed pass: {}", told(&self.at_best)));
            lines.push(format!("if all unreviewed fail: {}", told(&self.at_worst)));
        }
        lines
    }
}

impl Rate {
    fn of(failures: u32, drawn: u32, whole: bool) -> Rate {
        let rate = f64::from(failures) / f64::from(drawn.max(1));
        let bound = if whole {
            rate
        } else {
            upper_bound(failures, drawn, CONFIDENCE)
        };
        Rate {
            rate: format!("{rate:.6}"),
            upper_95: format!("{bound:.6}"),
            shown: (rate, bound),
        }
    }
}

/// Per cent, to two decimals and never below what it is: a bound.
fn rounded_up(rate: f64) -> String {
    format!("{:.2} %", (rate * 10_000.0 - 1e-9).max(0.0).ceil() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_never_told_smaller_than_it_is() {
        assert_eq!(rounded_up(0.0), "0.00 %");
        assert_eq!(rounded_up(0.1), "10.00 %");
        assert_eq!(rounded_up(0.049_507_6), "4.96 %");
        assert_eq!(rounded_up(1.0), "100.00 %");
    }

    #[test]
    fn nothing_found_in_59_is_below_5_percent() {
        let rate = Rate::of(0, 59, false);
        assert_eq!(
            (rate.rate.as_str(), rate.upper_95.as_str()),
            ("0.000000", "0.049508")
        );
        let whole = Rate::of(1, 4, true);
        assert_eq!(
            (whole.rate.as_str(), whole.upper_95.as_str()),
            ("0.250000", "0.250000")
        );
    }
}
