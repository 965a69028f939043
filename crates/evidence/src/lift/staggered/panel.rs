//! [`Panel`]: the same units in the same consecutive periods.

use crate::error::{Error, at_least, at_most, finite};
use crate::limits::{COHORTS_MAX, OBSERVATIONS_MAX, PERIODS_MAX};

/// One unit: a customer, an agent, a county.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The period in which it got the software; `None` if never.
    pub first_treated: Option<i64>,
    /// Its outcome in each period.
    pub outcomes: Vec<f64>,
}

/// A balanced panel.
#[derive(Debug, Clone)]
pub struct Panel {
    pub(super) first_period: i64,
    pub(super) periods: usize,
    /// Units that had not started in the first period.
    pub(super) units: Vec<Member>,
    /// Starts within the panel, ascending, with their sizes.
    pub(super) cohorts: Vec<Cohort>,
    /// Units left out because they had the software from the first period on.
    pub(super) always_treated: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Index of its cohort; `None` if it does not start within the panel.
    pub(super) cohort: Option<usize>,
    pub(super) outcomes: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cohort {
    /// Index of the period it starts in, at least 1.
    pub(super) starts: usize,
    pub(super) units: u64,
}

impl Panel {
    /// A panel of periods from this one on. Units that start after the last period count as not
    /// treated; those that had started in the first are left out, for they have no before.
    ///
    /// # Errors
    /// Fewer than two periods or units, outcomes of other lengths or not finite, no unit that starts
    /// within the panel, or more than [`PERIODS_MAX`], [`COHORTS_MAX`] or [`OBSERVATIONS_MAX`].
    pub fn new(first_period: i64, units: Vec<Unit>) -> Result<Panel, Error> {
        at_least("units", units.len() as u64, 2)?;
        let periods = units[0].outcomes.len();
        at_least("periods", periods as u64, 2)?;
        at_most("periods", periods as u64, PERIODS_MAX as u64)?;
        let observations = (units.len() as u64).saturating_mul(periods as u64);
        at_most("observations", observations, OBSERVATIONS_MAX as u64)?;
        for unit in &units {
            if unit.outcomes.len() != periods {
                return Err(Error::Lengths {
                    what: "outcomes of units",
                    left: periods,
                    right: unit.outcomes.len(),
                });
            }
            for &outcome in &unit.outcomes {
                finite("outcome", outcome)?;
            }
        }
        let start = |unit: &Unit| {
            let from = unit.first_treated?.saturating_sub(first_period);
            match usize::try_from(from) {
                Ok(index) if index >= periods => None,
                Ok(index) => Some(index),
                Err(_) => Some(0).filter(|_| from < 0),
            }
        };
        let all = units.len();
        let mut starts = Vec::with_capacity(all);
        let mut members = Vec::with_capacity(all);
        for unit in units {
            let index = start(&unit);
            if index == Some(0) {
                continue;
            }
            starts.push(index);
            members.push(unit.outcomes);
        }
        let mut distinct: Vec<usize> = starts.iter().copied().flatten().collect();
        distinct.sort_unstable();
        distinct.dedup();
        at_least(
            "cohorts that start within the panel",
            distinct.len() as u64,
            1,
        )?;
        at_most("cohorts", distinct.len() as u64, COHORTS_MAX as u64)?;
        let cohorts = distinct
            .iter()
            .map(|&begins| Cohort {
                starts: begins,
                units: starts
                    .iter()
                    .filter(|&&start| start == Some(begins))
                    .count() as u64,
            })
            .collect();
        let cohort = |start: usize| distinct.binary_search(&start).ok();
        Ok(Panel {
            first_period,
            periods,
            always_treated: (all - members.len()) as u64,
            units: starts
                .into_iter()
                .zip(members)
                .map(|(start, outcomes)| Member {
                    cohort: start.and_then(cohort),
                    outcomes,
                })
                .collect(),
            cohorts,
        })
    }

    /// The label of a period's index.
    pub(super) fn period(&self, index: usize) -> i64 {
        self.first_period
            .saturating_add(i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// Units that do not start within the panel.
    pub(super) fn never_treated(&self) -> u64 {
        self.units
            .iter()
            .filter(|unit| unit.cohort.is_none())
            .count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(first_treated: Option<i64>, outcomes: &[f64]) -> Unit {
        Unit {
            first_treated,
            outcomes: outcomes.to_vec(),
        }
    }

    #[test]
    fn who_is_in_which_cohort() {
        let two = [1.0, 2.0];
        let starts = [
            Some(5),
            Some(-9),
            Some(6),
            None,
            Some(7),
            Some(i64::MAX),
            Some(i64::MIN),
        ];
        let panel = Panel::new(5, starts.map(|start| unit(start, &two)).to_vec()).unwrap();
        assert_eq!(panel.always_treated, 3);
        assert_eq!(
            panel.cohorts,
            [Cohort {
                starts: 1,
                units: 1
            }]
        );
        assert_eq!(panel.never_treated(), 3);
        assert_eq!(panel.period(1), 6);
    }

    #[test]
    fn what_is_no_panel() {
        let two = [1.0, 2.0];
        let never = unit(None, &two);
        let treated = unit(Some(2), &two);
        assert!(Panel::new(1, vec![never.clone(), treated.clone()]).is_ok());
        for units in [
            vec![],
            vec![never.clone(), never.clone()],
            vec![never.clone(), unit(Some(2), &[1.0])],
            vec![never.clone(), unit(Some(2), &[1.0, f64::NAN])],
            vec![unit(None, &[1.0]), unit(Some(2), &[1.0])],
        ] {
            assert!(Panel::new(1, units).is_err());
        }
        let long = vec![0.0; PERIODS_MAX + 1];
        let units = vec![unit(None, &long), unit(Some(2), &long)];
        assert!(matches!(Panel::new(1, units), Err(Error::TooMany { .. })));
        let wide = (1..)
            .take(COHORTS_MAX + 1)
            .map(|start| unit(Some(start), &long[1..]))
            .collect();
        assert!(matches!(
            Panel::new(0, wide),
            Err(Error::TooMany {
                what: "cohorts",
                ..
            })
        ));
    }
}
