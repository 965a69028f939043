//! Weighted sums of group-time effects (Callaway and Sant'Anna 2021, section 3).
//!
//! Where the weights are the sizes of cohorts, the sizes are estimates too, and their part is in the
//! error: for unit i of cohort g it is Σ over the effects on g of (ATT - θ), over the sum of all sizes.

use super::effects::{Effect, Effects};
use crate::error::Error;
use crate::interval::Confidence;
use crate::lift::{Estimand, Lift};

/// An estimate with its influences.
struct Sum {
    estimate: f64,
    influence: Vec<f64>,
    /// The cohort of an estimate that is of one.
    cohort: usize,
    treated: u64,
    control: u64,
}

impl Effects {
    /// The effect on a cohort in a period (a placebo before its start).
    ///
    /// # Errors
    /// No such effect, or outcomes that do not vary.
    pub fn at(&self, group: i64, time: i64, confidence: Confidence) -> Result<Lift, Error> {
        let parts = self.parts(|effect| effect.told.group == group && effect.told.time == time);
        self.told(
            Estimand::GroupTime { group, time },
            self.equally(&parts),
            confidence,
        )
    }

    /// The mean of all effects since the starts, weighted by the sizes of the cohorts.
    ///
    /// # Errors
    /// Outcomes that do not vary.
    pub fn simple(&self, confidence: Confidence) -> Result<Lift, Error> {
        let parts = self.parts(|effect| effect.told.event() >= 0);
        self.told(Estimand::Simple, self.by_size(&parts), confidence)
    }

    /// The mean effect on a cohort over its periods.
    ///
    /// # Errors
    /// No such cohort, or outcomes that do not vary.
    pub fn group(&self, group: i64, confidence: Confidence) -> Result<Lift, Error> {
        self.told(Estimand::Group(group), self.of_group(group), confidence)
    }

    /// The mean of [`Effects::group`] over cohorts, weighted by their sizes.
    ///
    /// # Errors
    /// Outcomes that do not vary.
    pub fn groups(&self, confidence: Confidence) -> Result<Lift, Error> {
        let groups = self.labels(|effect| effect.told.group);
        let sums: Vec<Sum> = groups
            .iter()
            .filter_map(|&group| self.of_group(group))
            .collect();
        self.told(Estimand::Groups, self.by_size(&sums), confidence)
    }

    /// The effect so many periods after the start, over the cohorts that were seen then; a placebo for
    /// a negative number.
    ///
    /// # Errors
    /// No cohort was seen then, or outcomes that do not vary.
    pub fn event(&self, event: i64, confidence: Confidence) -> Result<Lift, Error> {
        self.told(Estimand::Event(event), self.of_event(event), confidence)
    }

    /// Every [`Effects::event`], ascending: the picture of an event study. Each interval has the
    /// confidence asked for; for a picture that holds as a whole ask for [`Confidence::shared_by`] the
    /// number of its points.
    ///
    /// # Errors
    /// Outcomes that do not vary.
    pub fn event_study(&self, confidence: Confidence) -> Result<Vec<Lift>, Error> {
        let mut events = self.labels(|effect| effect.told.event());
        if let Some(first) = self.list.iter().map(|effect| effect.told.event()).min() {
            events.extend(first..0);
        }
        events.sort_unstable();
        events.dedup();
        let seen = |event: &i64| self.list.iter().any(|effect| effect.told.event() == *event);
        events.retain(seen);
        events
            .iter()
            .map(|&event| self.event(event, confidence))
            .collect()
    }

    /// The plain mean over the periods since the start.
    ///
    /// # Errors
    /// Outcomes that do not vary.
    pub fn events(&self, confidence: Confidence) -> Result<Lift, Error> {
        let events = self.labels(|effect| effect.told.event());
        let sums: Vec<Sum> = events
            .iter()
            .filter_map(|&event| self.of_event(event))
            .collect();
        self.told(Estimand::Events, self.equally(&sums), confidence)
    }

    /// The effect in a period, over the cohorts that had started.
    ///
    /// # Errors
    /// No cohort had started, or outcomes that do not vary.
    pub fn calendar(&self, time: i64, confidence: Confidence) -> Result<Lift, Error> {
        self.told(Estimand::Calendar(time), self.of_time(time), confidence)
    }

    /// The plain mean over periods.
    ///
    /// # Errors
    /// Outcomes that do not vary.
    pub fn calendars(&self, confidence: Confidence) -> Result<Lift, Error> {
        let times = self.labels(|effect| effect.told.time);
        let sums: Vec<Sum> = times
            .iter()
            .filter_map(|&time| self.of_time(time))
            .collect();
        self.told(Estimand::Calendars, self.equally(&sums), confidence)
    }

    fn of_group(&self, group: i64) -> Option<Sum> {
        self.equally(&self.parts(|e| e.told.group == group && e.told.event() >= 0))
    }

    fn of_event(&self, event: i64) -> Option<Sum> {
        self.by_size(&self.parts(|effect| effect.told.event() == event))
    }

    fn of_time(&self, time: i64) -> Option<Sum> {
        self.by_size(&self.parts(|e| e.told.time == time && e.told.event() >= 0))
    }

    /// What the effects since the starts are labelled with, each once, ascending.
    fn labels(&self, label: impl Fn(&Effect) -> i64) -> Vec<i64> {
        let since = self.list.iter().filter(|effect| effect.told.event() >= 0);
        let mut labels: Vec<i64> = since.map(label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    fn parts(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<Sum> {
        let effects = self.list.iter().filter(|effect| wanted(effect));
        effects
            .map(|effect| Sum {
                estimate: effect.told.estimate,
                influence: effect.influence.clone(),
                cohort: effect.cohort,
                treated: effect.told.treated,
                control: effect.told.control,
            })
            .collect()
    }

    fn equally(&self, parts: &[Sum]) -> Option<Sum> {
        self.weighted(parts, &vec![1.0 / parts.len() as f64; parts.len()])
    }

    fn by_size(&self, parts: &[Sum]) -> Option<Sum> {
        let sizes: Vec<f64> = parts
            .iter()
            .map(|part| self.sizes[part.cohort] as f64)
            .collect();
        let all: f64 = sizes.iter().sum();
        let weights: Vec<f64> = sizes.iter().map(|size| size / all).collect();
        let mut sum = self.weighted(parts, &weights)?;
        // The sizes as shares of all units, as the influences are scaled.
        let all = all / self.cohort_of.len() as f64;
        let mut by_cohort = vec![0.0; self.sizes.len()];
        for part in parts {
            by_cohort[part.cohort] += (part.estimate - sum.estimate) / all;
        }
        for (influence, cohort) in sum.influence.iter_mut().zip(&self.cohort_of) {
            *influence += cohort.map_or(0.0, |cohort| by_cohort[cohort]);
        }
        Some(sum)
    }

    fn weighted(&self, parts: &[Sum], weights: &[f64]) -> Option<Sum> {
        let first = parts.first()?;
        let mut influence = vec![0.0; first.influence.len()];
        let mut estimate = 0.0;
        let mut cohorts: Vec<usize> = Vec::new();
        for (part, weight) in parts.iter().zip(weights) {
            estimate += weight * part.estimate;
            for (sum, one) in influence.iter_mut().zip(&part.influence) {
                *sum += weight * one;
            }
            cohorts.push(part.cohort);
        }
        cohorts.sort_unstable();
        cohorts.dedup();
        // A sum of sums of several cohorts counts the widest of them.
        let treated = cohorts.iter().map(|&cohort| self.sizes[cohort]).sum();
        let widest = parts.iter().map(|part| part.treated).max().unwrap_or(0);
        Some(Sum {
            estimate,
            influence,
            cohort: first.cohort,
            treated: widest.max(treated),
            control: parts.iter().map(|part| part.control).max().unwrap_or(0),
        })
    }

    fn told(
        &self,
        estimand: Estimand,
        sum: Option<Sum>,
        confidence: Confidence,
    ) -> Result<Lift, Error> {
        let sum = sum.ok_or(Error::NoAnswer {
            what: "effect of that cohort and period",
        })?;
        let units = (sum.treated, sum.control);
        self.lift(estimand, units, sum.estimate, &sum.influence, confidence)
    }
}
