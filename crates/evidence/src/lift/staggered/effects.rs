//! [`Effects`]: the group-time effects of a panel, with their influence functions and placebo test.

use super::panel::Panel;
use crate::error::{Error, at_most};
use crate::interval::Confidence;
use crate::lift::least_squares::{dot, wald};
use crate::lift::summary::mean;
use crate::lift::{Assumption, Estimand, Lift, Precision, Threat, Tier};
use crate::limits::INFLUENCE_MAX;
use crate::special::chi_squared;

/// Below this the joint placebo test is a threat.
const PRE_TREND_ALPHA: f64 = 0.05;

/// Below so many units on a side the interval is said to be too narrow.
const UNITS_MIN: u64 = 10;

/// With whom a cohort is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controls {
    /// Those who do not start within the panel.
    NeverTreated,
    /// Those who have not started yet, of other cohorts too.
    NotYetTreated,
}

/// The effect on a cohort in a period; before the start a placebo, against the period before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupTime {
    /// The period in which the cohort started.
    pub group: i64,
    /// The period of the effect.
    pub time: i64,
    /// ATT(g, t).
    pub estimate: f64,
    /// √(mean of the squared influences / n).
    pub standard_error: f64,
    /// Units in the cohort.
    pub treated: u64,
    /// Units it is compared with.
    pub control: u64,
}

impl GroupTime {
    /// Periods since the start; negative for a placebo.
    #[must_use]
    pub fn event(&self) -> i64 {
        self.time - self.group
    }
}

/// The joint test that all placebo effects are none (Wald).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreTrend {
    /// a' V⁻¹ a.
    pub statistic: f64,
    /// Placebo effects.
    pub degrees: u64,
    /// From the chi-squared distribution.
    pub p_value: f64,
}

/// All group-time effects of a panel.
#[derive(Debug, Clone)]
pub struct Effects {
    pub(super) list: Vec<Effect>,
    /// For each unit, the cohort it is of.
    pub(super) cohort_of: Vec<Option<usize>>,
    /// Units of each cohort.
    pub(super) sizes: Vec<u64>,
    pre_trend: Result<PreTrend, Error>,
    threats: Vec<Threat>,
}

#[derive(Debug, Clone)]
pub(super) struct Effect {
    pub(super) told: GroupTime,
    pub(super) cohort: usize,
    /// One for each unit.
    pub(super) influence: Vec<f64>,
}

impl Effects {
    /// The effects of a panel. Where nobody is left to compare with, there is no effect.
    ///
    /// # Errors
    /// No effect at all (no never-treated units, or all start at once), or more than
    /// [`INFLUENCE_MAX`] influences.
    pub fn of(panel: &Panel, controls: Controls) -> Result<Effects, Error> {
        let cells = panel.cohorts.len() * (panel.periods - 1);
        let influences = (cells as u64).saturating_mul(panel.units.len() as u64);
        at_most("influences", influences, INFLUENCE_MAX)?;
        let mut list = Vec::with_capacity(cells);
        for cohort in 0..panel.cohorts.len() {
            for time in 1..panel.periods {
                list.extend(effect(panel, controls, cohort, time));
            }
        }
        if !list.iter().any(|effect: &Effect| effect.told.event() >= 0) {
            return Err(Error::TooFew {
                what: "units to compare with",
                is: 0,
                needs: 1,
            });
        }
        let pre_trend = pre_trend(&list);
        let threats = threats(panel, &pre_trend);
        Ok(Effects {
            list,
            cohort_of: panel.units.iter().map(|unit| unit.cohort).collect(),
            sizes: panel.cohorts.iter().map(|cohort| cohort.units).collect(),
            pre_trend,
            threats,
        })
    }

    /// Every effect, by cohort and period.
    pub fn group_time(&self) -> impl Iterator<Item = &GroupTime> {
        self.list.iter().map(|effect| &effect.told)
    }

    /// The joint placebo test.
    ///
    /// # Errors
    /// No placebo effects, or ones that depend on each other (cohorts of one unit).
    pub fn pre_trend(&self) -> Result<PreTrend, Error> {
        self.pre_trend
    }

    /// A lift of a weighted sum of effects, given its influences.
    pub(super) fn lift(
        &self,
        estimand: Estimand,
        (treated, control): (u64, u64),
        estimate: f64,
        influence: &[f64],
        confidence: Confidence,
    ) -> Result<Lift, Error> {
        let precision = Precision::of(estimate, error_of(influence), None, confidence)?;
        Ok(Lift {
            estimand,
            tier: Tier::B,
            treated,
            control,
            estimate,
            precision: Some(precision),
            assumptions: vec![
                Assumption::ParallelTrends,
                Assumption::NoAnticipation,
                Assumption::NoReturn,
                Assumption::NoInterference,
            ],
            threats: self.threats.clone(),
        }
        .checked(UNITS_MIN))
    }
}

/// √(mean(ψ²) / n).
pub(super) fn error_of(influence: &[f64]) -> f64 {
    dot(influence, influence).sqrt() / influence.len() as f64
}

/// ATT(g, t) and its influences; `None` where nobody is left to compare with.
fn effect(panel: &Panel, controls: Controls, cohort: usize, time: usize) -> Option<Effect> {
    let starts = panel.cohorts[cohort].starts;
    let base = if time >= starts { starts - 1 } else { time - 1 };
    let is_control = |of: Option<usize>| match of {
        None => true,
        Some(of) => {
            controls == Controls::NotYetTreated && of != cohort && panel.cohorts[of].starts > time
        }
    };
    let change = |outcomes: &[f64]| outcomes[time] - outcomes[base];
    let changes = |wanted: &dyn Fn(Option<usize>) -> bool| -> Vec<f64> {
        let units = panel.units.iter().filter(|unit| wanted(unit.cohort));
        units.map(|unit| change(&unit.outcomes)).collect()
    };
    let treated = changes(&|of| of == Some(cohort));
    let control = changes(&is_control);
    if control.is_empty() {
        return None;
    }
    let (treated_mean, control_mean) = (mean(&treated), mean(&control));
    let n = panel.units.len() as f64;
    let (per_treated, per_control) = (n / treated.len() as f64, n / control.len() as f64);
    let influence: Vec<f64> = panel
        .units
        .iter()
        .map(|unit| {
            if unit.cohort == Some(cohort) {
                per_treated * (change(&unit.outcomes) - treated_mean)
            } else if is_control(unit.cohort) {
                -per_control * (change(&unit.outcomes) - control_mean)
            } else {
                0.0
            }
        })
        .collect();
    Some(Effect {
        told: GroupTime {
            group: panel.period(starts),
            time: panel.period(time),
            estimate: treated_mean - control_mean,
            standard_error: error_of(&influence),
            treated: treated.len() as u64,
            control: control.len() as u64,
        },
        cohort,
        influence,
    })
}

fn pre_trend(list: &[Effect]) -> Result<PreTrend, Error> {
    let placebos: Vec<&Effect> = list
        .iter()
        .filter(|effect| effect.told.event() < 0)
        .collect();
    if placebos.is_empty() {
        return Err(Error::TooFew {
            what: "periods before a start",
            is: 0,
            needs: 1,
        });
    }
    let square = (placebos[0].influence.len() as f64).powi(2);
    let covariance: Vec<Vec<f64>> = placebos
        .iter()
        .map(|one| {
            let row = placebos
                .iter()
                .map(|two| dot(&one.influence, &two.influence) / square);
            row.collect()
        })
        .collect();
    let estimates: Vec<f64> = placebos.iter().map(|effect| effect.told.estimate).collect();
    let statistic = wald(&covariance, &estimates)?;
    Ok(PreTrend {
        statistic,
        degrees: placebos.len() as u64,
        p_value: chi_squared::survival(statistic, placebos.len() as f64)?,
    })
}

fn threats(panel: &Panel, pre_trend: &Result<PreTrend, Error>) -> Vec<Threat> {
    let mut threats = Vec::new();
    match pre_trend {
        Ok(test) if test.p_value < PRE_TREND_ALPHA => threats.push(Threat::PreTrend {
            p_value: test.p_value,
        }),
        Ok(_) => {}
        Err(_) => threats.push(Threat::PreTrendUntested),
    }
    let single = panel
        .cohorts
        .iter()
        .filter(|cohort| cohort.units == 1)
        .count() as u64;
    if single > 0 {
        threats.push(Threat::SingleUnitCohorts { cohorts: single });
    }
    if panel.always_treated > 0 {
        threats.push(Threat::AlwaysTreated {
            units: panel.always_treated,
        });
    }
    if panel.never_treated() == 0 {
        threats.push(Threat::NoNeverTreated);
    }
    threats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::staggered::Unit;

    #[test]
    fn more_influences_than_memory_is_for() {
        let units = (0..500)
            .map(|n| Unit {
                first_treated: (n > 0).then_some(n % 100 + 1),
                outcomes: vec![0.0; 500],
            })
            .collect();
        let panel = Panel::new(0, units).unwrap();
        assert!(matches!(
            Effects::of(&panel, Controls::NeverTreated),
            Err(Error::TooMany {
                what: "influences",
                ..
            })
        ));
    }
}
