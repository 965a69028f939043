//! Acceptance plans: draw n works, accept the lot with at most c defects. Computed from the operating
//! curve, for any risks; the tables of the standards are not copied.

use crate::binomial::upper_bound;
use crate::error::{Error, at_least, at_most, inside, within};
use crate::limits::{COUNT_MAX, PLAN_SAMPLE_MAX};
use crate::special::binomial;
use crate::special::hypergeometric::Draw;

/// A plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Works to draw.
    pub sample: u64,
    /// Defects up to which the lot is accepted.
    pub accept: u64,
}

/// The risks that a plan keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risks {
    /// A rate of defects that is good enough.
    pub good: f64,
    /// How often a lot of that rate may be refused (the seller's risk, α).
    pub good_refused: f64,
    /// A rate of defects that is too bad.
    pub bad: f64,
    /// How often a lot of that rate may be accepted (the buyer's risk, β).
    pub bad_accepted: f64,
}

impl Plan {
    /// The operating curve: the chance that a lot is accepted whose works fail at this rate.
    ///
    /// # Errors
    /// A rate outside of [0, 1], or a sample over [`COUNT_MAX`].
    pub fn accepts(self, rate: f64) -> Result<f64, Error> {
        binomial::cdf(self.accept, self.sample, rate)
    }

    /// As [`Plan::accepts`], of a lot with so many defects, drawn without replacement.
    ///
    /// # Errors
    /// More defects or drawn works than the lot has.
    pub fn accepts_of_lot(self, lot: u64, defects: u64) -> Result<f64, Error> {
        Ok(Draw::new(lot, defects, self.sample)?.at_most(self.accept))
    }

    /// The rate that is accepted with this chance only (0.1: what the plan protects from, LTPD).
    ///
    /// # Errors
    /// A chance outside of (0, 1), or a sample over [`PLAN_SAMPLE_MAX`].
    pub fn rate_accepted_at(self, chance: f64) -> Result<f64, Error> {
        inside("chance", chance, 0.0, 1.0)?;
        at_most("works to draw", self.sample, PLAN_SAMPLE_MAX)?;
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(upper_bound(
            count(self.accept),
            count(self.sample),
            1.0 - chance,
        ))
    }

    /// The smallest plan that keeps both risks.
    ///
    /// # Errors
    /// Rates that are not 0 < good < bad < 1, risks outside of (0, 1), or no plan up to
    /// [`PLAN_SAMPLE_MAX`].
    pub fn for_rates(risks: &Risks) -> Result<Plan, Error> {
        risks.checked()?;
        smallest(
            PLAN_SAMPLE_MAX,
            risks,
            |plan| plan.accepts(risks.good),
            |plan| plan.accepts(risks.bad),
        )
    }

    /// As [`Plan::for_rates`] for a lot, of which ⌊N good⌋ and ⌈N bad⌉ works have defects: fewer works,
    /// for what was drawn is known.
    ///
    /// # Errors
    /// As [`Plan::for_rates`]; an empty lot.
    pub fn for_lot(lot: u64, risks: &Risks) -> Result<Plan, Error> {
        risks.checked()?;
        at_least("works in the lot", lot, 1)?;
        at_most("works in the lot", lot, COUNT_MAX)?;
        let size = lot as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to the lot"
        )]
        let (good, bad) = (
            (size * risks.good * (1.0 + 1e-12)).floor() as u64,
            (size * risks.bad * (1.0 - 1e-12)).ceil() as u64,
        );
        smallest(
            PLAN_SAMPLE_MAX.min(lot),
            risks,
            |plan| plan.accepts_of_lot(lot, good),
            |plan| plan.accepts_of_lot(lot, bad),
        )
    }
}

/// For each c the least n that keeps the buyer's risk; the first that keeps the seller's too. More
/// works accept less, so the least n is found by halving, and it only grows with c.
fn smallest(
    sample_max: u64,
    risks: &Risks,
    good: impl Fn(Plan) -> Result<f64, Error>,
    bad: impl Fn(Plan) -> Result<f64, Error>,
) -> Result<Plan, Error> {
    let mut least = 0;
    for accept in 0..sample_max {
        let safe = |sample| Ok(bad(Plan { sample, accept })? <= risks.bad_accepted);
        let mut enough = sample_max;
        if !safe(enough)? {
            break;
        }
        while enough - least > 1 {
            let middle = u64::midpoint(least, enough);
            if safe(middle)? {
                enough = middle;
            } else {
                least = middle;
            }
        }
        let plan = Plan {
            sample: enough,
            accept,
        };
        if good(plan)? >= 1.0 - risks.good_refused {
            return Ok(plan);
        }
    }
    Err(Error::NoAnswer {
        what: "acceptance plan",
    })
}

impl Risks {
    fn checked(&self) -> Result<(), Error> {
        inside("bad rate", self.bad, 0.0, 1.0)?;
        inside("good rate", self.good, 0.0, self.bad)?;
        inside("risk of refusing a good lot", self.good_refused, 0.0, 1.0)?;
        within(
            "risk of accepting a bad lot",
            self.bad_accepted,
            1e-300,
            1.0 - 1e-16,
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    fn risks(good: f64, bad: f64) -> Risks {
        Risks {
            good,
            good_refused: 0.05,
            bad,
            bad_accepted: 0.10,
        }
    }

    #[test]
    fn from_the_operating_curve() {
        for (good, bad, sample, accept) in [
            (0.01, 0.05, 132, 3),
            (0.02, 0.08, 98, 4),
            (0.005, 0.02, 462, 5),
        ] {
            assert_eq!(
                Plan::for_rates(&risks(good, bad)),
                Ok(Plan { sample, accept })
            );
        }
        let plan = Plan {
            sample: 132,
            accept: 3,
        };
        decimals(plan.accepts(0.01).unwrap(), 0.955_747, 6);
        decimals(plan.accepts(0.05).unwrap(), 0.099_228, 6);
    }

    /// The rates that look-alikes of the standards' plans accept once in ten times.
    #[test]
    fn what_a_plan_protects_from() {
        for (sample, accept, rate) in [
            (80, 2, 0.065_16),
            (125, 3, 0.052_66),
            (200, 5, 0.045_88),
            (315, 7, 0.037_09),
        ] {
            decimals(
                Plan { sample, accept }.rate_accepted_at(0.1).unwrap(),
                rate,
                5,
            );
        }
    }

    #[test]
    fn a_small_lot_needs_fewer() {
        let lot = Plan::for_lot(500, &risks(0.01, 0.05)).unwrap();
        assert!(lot.sample < 132);
        assert!(lot.accepts_of_lot(500, 5).unwrap() >= 0.95);
        assert!(lot.accepts_of_lot(500, 25).unwrap() <= 0.10);
        // One work fewer keeps the promise no longer, at any c.
        for accept in 0..=lot.accept {
            let fewer = Plan {
                sample: lot.sample - 1,
                accept,
            };
            assert!(
                fewer.accepts_of_lot(500, 5).unwrap() < 0.95
                    || fewer.accepts_of_lot(500, 25).unwrap() > 0.10
            );
        }
    }

    #[test]
    fn no_plan() {
        assert!(Plan::for_rates(&risks(0.05, 0.05)).is_err());
        assert!(Plan::for_rates(&risks(0.0, 0.05)).is_err());
        assert_eq!(
            Plan::for_rates(&risks(0.010_0, 0.010_1)).unwrap_err(),
            Error::NoAnswer {
                what: "acceptance plan"
            }
        );
        assert!(
            Plan {
                sample: PLAN_SAMPLE_MAX + 1,
                accept: 0
            }
            .rate_accepted_at(0.1)
            .is_err()
        );
        assert!(Plan::for_lot(0, &risks(0.01, 0.05)).is_err());
    }
}
