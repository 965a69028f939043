//! Lift: the difference that the software made, and how well that is known.
//!
//! Every way of estimating it ends in a [`Lift`], which carries its estimand, the tier of its design,
//! its assumptions, and the threats that its own checks found. Ways, from the most to the least
//! defensible: [`holdout`] and [`cuped`] (tier A), [`staggered`] and [`did`] (B), [`interrupted`] (C),
//! [`before_after`] (D), [`assumed`] (E). [`sequential`] is for numbers that are looked at all the time.
//!
//! Invariant: a lift of tier D or E, or one whose checks failed, says that it cannot be the basis of an
//! outcome price ([`Lift::price_basis`]). Whether somebody waives that is not decided here.

pub mod assignment;
pub mod cuped;
pub mod did;
pub mod holdout;
pub mod interrupted;
mod least_squares;
mod raw;
pub mod sequential;
pub mod staggered;
mod summary;

pub use raw::{assumed, before_after};
pub use summary::Summary;

use crate::error::{Error, finite};
use crate::interval::{Confidence, Interval};
use crate::special::{normal, student};

/// How the difference was found out; A is the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Randomised: chance decided who got the software.
    A,
    /// A comparison over time with others that did not have it (yet), trends tested.
    B,
    /// One series, interrupted by the start.
    C,
    /// Before and after, nothing to compare with.
    D,
    /// Assumed, not measured.
    E,
}

impl Tier {
    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tier::A => "A: randomised holdout",
            Tier::B => "B: difference in differences",
            Tier::C => "C: interrupted time series",
            Tier::D => "D: before and after",
            Tier::E => "E: assumed",
        }
    }
}

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Estimand {
    /// The mean with the software less the mean without, over all units assigned.
    AverageEffect,
    /// As [`Estimand::AverageEffect`], each cluster counting once.
    AverageEffectOfClusters,
    /// The rate with the software less the rate without.
    RateDifference,
    /// The effect on those that got the software.
    EffectOnTreated,
    /// The effect on the cohort that started in a period, in a period.
    GroupTime {
        /// The period in which the cohort started.
        group: i64,
        /// The period of the effect.
        time: i64,
    },
    /// The mean of group-time effects, weighted by the sizes of the cohorts.
    Simple,
    /// The effect on a cohort, over its periods.
    Group(i64),
    /// The mean over cohorts of their effects.
    Groups,
    /// The effect so many periods after the start (before it: a placebo).
    Event(i64),
    /// The mean over the periods since the start.
    Events,
    /// The effect in a period, over the cohorts that had started.
    Calendar(i64),
    /// The mean over periods.
    Calendars,
    /// The distance from the series' own trend, so many points after the first one with the software.
    FromTrend(u64),
    /// The mean after less the mean before.
    BeforeAfter,
    /// None: a number that somebody assumed.
    Assumption,
}

/// What has to be true for the estimate to be the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assumption {
    /// Units were assigned by chance alone.
    RandomAssignment,
    /// What one unit gets does not change another's outcome.
    NoInterference,
    /// The covariate was fixed before assignment.
    CovariateBeforeAssignment,
    /// Without the software both sides would have moved alike.
    ParallelTrends,
    /// Nobody changed before the start because of it.
    NoAnticipation,
    /// Once started, always on.
    NoReturn,
    /// The trend before would have gone on.
    TrendGoesOn,
    /// Nothing else changed at the start.
    NothingElseChanged,
    /// The person who wrote the number down was right.
    Trust,
}

impl Assumption {
    /// For people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Assumption::RandomAssignment => "units were assigned by chance alone",
            Assumption::NoInterference => "what one unit gets does not change another's outcome",
            Assumption::CovariateBeforeAssignment => "the covariate was fixed before assignment",
            Assumption::ParallelTrends => "without the software both sides would have moved alike",
            Assumption::NoAnticipation => "nobody changed before the start because of it",
            Assumption::NoReturn => "once started, the software stayed on",
            Assumption::TrendGoesOn => "the trend before the start would have gone on",
            Assumption::NothingElseChanged => "nothing else changed at the start",
            Assumption::Trust => "the number was assumed, not measured",
        }
    }
}

/// What a check found that speaks against the estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threat {
    /// The arms are not as large as assignment should have made them.
    SampleRatio {
        /// Of the chi-squared test.
        p_value: f64,
    },
    /// The trends before the start were not alike.
    PreTrend {
        /// Of the joint test.
        p_value: f64,
    },
    /// The trends before the start could not be tested.
    PreTrendUntested,
    /// Fewer units or clusters on a side than the intervals need.
    FewUnits {
        /// On the smaller side.
        units: u64,
    },
    /// Cohorts of one unit: their own spread cannot be seen.
    SingleUnitCohorts {
        /// How many.
        cohorts: u64,
    },
    /// Units that had the software from the first period on, left out.
    AlwaysTreated {
        /// How many.
        units: u64,
    },
    /// No unit never got the software: the last to start are compared with nobody.
    NoNeverTreated,
    /// Too few points before or after the start.
    ShortSeries {
        /// Points before.
        before: u64,
        /// Points after.
        after: u64,
    },
    /// What the model leaves over still has memory.
    Autocorrelated {
        /// Durbin and Watson's statistic: 2 is none.
        durbin_watson: f64,
    },
    /// The interval holds 0.
    MayBeNothing,
}

impl Threat {
    /// Whether the result must not be used until this is explained.
    #[must_use]
    pub fn blocks(self) -> bool {
        matches!(self, Threat::SampleRatio { .. } | Threat::PreTrend { .. })
    }

    /// For people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Threat::SampleRatio { p_value } => format!(
                "the arms have other sizes than assignment gives them (p = {p_value:.6}): find out who is missing"
            ),
            Threat::PreTrend { p_value } => format!(
                "the two sides moved apart before the start already (joint test, p = {p_value:.4})"
            ),
            Threat::PreTrendUntested => {
                "the trends before the start could not be tested".to_owned()
            }
            Threat::FewUnits { units } => {
                format!("only {units} units on one side: the interval is too narrow")
            }
            Threat::SingleUnitCohorts { cohorts } => {
                format!("{cohorts} cohorts of one unit: the interval is too narrow")
            }
            Threat::AlwaysTreated { units } => {
                format!("{units} units had the software from the first period on and were left out")
            }
            Threat::NoNeverTreated => "every unit got the software in the end".to_owned(),
            Threat::ShortSeries { before, after } => {
                format!("{before} points before and {after} after the start are few for a trend")
            }
            Threat::Autocorrelated { durbin_watson } => {
                format!("what the model leaves over has memory (Durbin-Watson {durbin_watson:.2})")
            }
            Threat::MayBeNothing => "the interval holds no effect at all".to_owned(),
        }
    }
}

/// A lift with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lift {
    /// What is estimated.
    pub estimand: Estimand,
    /// How it was found out.
    pub tier: Tier,
    /// Units (or points) on the side with the software.
    pub treated: u64,
    /// Units (or points) on the side without.
    pub control: u64,
    /// The difference, in the unit of the outcome.
    pub estimate: f64,
    /// How sure; `None` for an assumption.
    pub precision: Option<Precision>,
    /// What has to be true.
    pub assumptions: Vec<Assumption>,
    /// What the checks found.
    pub threats: Vec<Threat>,
}

/// The error of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom of its t; `None` for a normal one.
    pub degrees: Option<f64>,
    /// The interval.
    pub interval: Interval,
    /// Two-sided, against no difference.
    pub p_value: f64,
}

impl Precision {
    /// estimate ± t (or z) · standard error. An error of 0 has no t.
    pub(crate) fn of(
        estimate: f64,
        standard_error: f64,
        degrees: Option<f64>,
        confidence: Confidence,
    ) -> Result<Precision, Error> {
        finite("standard error", standard_error)?;
        if standard_error <= 0.0 {
            return Err(Error::NoVariation { what: "outcome" });
        }
        let t = estimate / standard_error;
        let (critical, p_value) = match degrees {
            Some(degrees) => (
                -student::quantile(confidence.alpha() / 2.0, degrees)?,
                student::two_sided(t, degrees)?,
            ),
            None => (confidence.z(), normal::two_sided(t)?),
        };
        Ok(Precision {
            standard_error,
            degrees,
            interval: Interval::around(estimate, critical * standard_error, confidence),
            p_value,
        })
    }
}

/// Whether a lift can be the basis of an outcome price.
#[derive(Debug, Clone, PartialEq)]
pub enum PriceBasis {
    /// It can.
    Can,
    /// It cannot, unless somebody waives these reasons by name.
    Cannot(Vec<Reason>),
}

/// Why a lift cannot be the basis of an outcome price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// The design does not show what the software did.
    Tier(Tier),
    /// A check failed.
    Failed(Threat),
}

impl Reason {
    /// For people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Reason::Tier(tier) => format!(
                "a result of design tier {} cannot be the basis of an outcome price",
                tier.name()
            ),
            Reason::Failed(threat) => threat.sentence(),
        }
    }
}

impl Lift {
    /// Whether this can be the basis of an outcome price: tiers A to C, no check failed.
    #[must_use]
    pub fn price_basis(&self) -> PriceBasis {
        let mut reasons = Vec::new();
        if self.tier >= Tier::D {
            reasons.push(Reason::Tier(self.tier));
        }
        let failed = self.threats.iter().filter(|threat| threat.blocks());
        reasons.extend(failed.map(|&threat| Reason::Failed(threat)));
        if reasons.is_empty() {
            PriceBasis::Can
        } else {
            PriceBasis::Cannot(reasons)
        }
    }

    /// The interval of a measured lift.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        self.precision.map(|precision| precision.interval)
    }

    /// Adds the threats that every measured lift is checked for: few units on a side, and an interval
    /// that holds 0.
    pub(crate) fn checked(mut self, units_min: u64) -> Lift {
        let smaller = self.treated.min(self.control);
        if smaller < units_min {
            self.threats.push(Threat::FewUnits { units: smaller });
        }
        if self.interval().is_some_and(|interval| interval.holds(0.0)) {
            self.threats.push(Threat::MayBeNothing);
        }
        self
    }
}
