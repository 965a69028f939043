//! A contract over time: its versions, its term, its periods.
//!
//! Entries of the log make versions; the one in force when a unit opened governs it for life
//! (semantics.md S12). Invariant: versions are ascending by the instant from which they govern, and
//! a back-dated one takes the place of everything from its instant on.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Enacted, InForce, Opening};
use crate::period::{Boundary, Interval, Period, Rule, Schedule, boundary_from, boundary_of};
use crate::plan::Minimum;

/// A contract over time.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The contract's id.
    pub id: String,
    /// The versions that govern, ascending; at least one.
    pub versions: Vec<Version>,
    /// Start, end and rules of its periods.
    pub schedule: Schedule,
    /// Whether nobody signed it: a statement of it can be drafted, not issued.
    pub is_draft: bool,
    /// The documents that were put in force, in the order of the log.
    pub enacted: Vec<Enacted>,
    /// What another system counted and billed before it began.
    pub opening: Option<Arc<Opening>>,
    /// When that was put in force.
    pub opened: Option<Timestamp>,
    versions_made: u32,
    ended: Option<Timestamp>,
}

/// One version of a contract.
#[derive(Debug, Clone)]
pub struct Version {
    /// The number, counted in the order of the log from 1.
    pub number: u32,
    /// From when it governs what opens.
    pub from: Timestamp,
    /// Its terms.
    pub terms: Arc<InForce>,
}

/// A contract whose first day does not exist in its zone's calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("contract `{contract}`: the day {date} cannot be placed in its time zone")]
pub struct AgreementError {
    /// The contract.
    pub contract: String,
    /// The day.
    pub date: jiff::civil::Date,
}

impl Agreement {
    /// The contract's first version.
    ///
    /// # Errors
    /// [`AgreementError`].
    pub fn sign(terms: InForce, is_draft: bool) -> Result<Agreement, AgreementError> {
        let contract = &terms.contract;
        let start =
            boundary_of(contract.starts, &contract.time_zone).ok_or_else(|| AgreementError {
                contract: contract.id.clone(),
                date: contract.starts,
            })?;
        let mut agreement = Agreement {
            id: contract.id.clone(),
            versions: Vec::new(),
            schedule: Schedule {
                start,
                end: None,
                rules: Vec::new(),
            },
            is_draft,
            enacted: Vec::new(),
            opening: None,
            opened: None,
            versions_made: 0,
            ended: None,
        };
        agreement.govern(terms, start.at);
        Ok(agreement)
    }

    /// A further document from an instant on; what it reaches behind is replaced.
    pub fn amend(&mut self, terms: InForce, effective: Timestamp) {
        let effective = effective.max(self.schedule.start.at);
        self.versions.retain(|version| version.from < effective);
        self.govern(terms, effective);
    }

    /// Adds a version for each step of a document that governs from an instant on.
    fn govern(&mut self, terms: InForce, effective: Timestamp) {
        let mut versions = Vec::new();
        for (from, terms) in terms.from(effective) {
            self.versions_made += 1;
            versions.push(Version {
                number: self.versions_made,
                from,
                terms,
            });
        }
        self.versions.extend_from_slice(&versions);
        self.enacted.push(Enacted {
            effective,
            terms: Arc::new(terms),
            versions,
            entry: None,
        });
        self.renew_schedule();
    }

    /// The contract goes on from where another system stopped, as was said at an instant.
    pub fn open(&mut self, opening: Opening, at: Timestamp) {
        self.opening = Some(Arc::new(opening));
        self.opened = Some(at);
    }

    /// Nothing opens under the contract from an instant on.
    pub fn end(&mut self, effective: Timestamp) {
        self.ended = Some(
            self.ended
                .map_or(effective, |earlier| earlier.min(effective)),
        );
        self.renew_schedule();
    }

    fn renew_schedule(&mut self) {
        self.schedule.rules = self
            .versions
            .iter()
            .map(|version| {
                let contract = &version.terms.contract;
                Rule {
                    from: version.from,
                    zone: contract.time_zone.clone(),
                    anchor_day: contract.anchor_day,
                    interval: contract.billing,
                }
            })
            .collect();
        let last = &self.latest().terms.contract;
        let by_document = last
            .ends
            .filter(|_| last.renews.is_none())
            .and_then(|day| day.tomorrow().ok())
            .and_then(|day| boundary_of(day, &last.time_zone));
        let by_entry = self.ended.map(|at| boundary_from(at, &last.time_zone));
        let end: Option<Boundary> = match (by_document, by_entry) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.schedule.end = end.map(|end| end.max(self.schedule.start));
    }

    /// The latest version.
    #[must_use]
    pub fn latest(&self) -> &Version {
        // `sign` makes one version, and `amend` pushes one after every `retain`.
        &self.versions[self.versions.len() - 1]
    }

    /// Whether an entry ended it, whatever its document says.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether an instant lies in the term.
    #[must_use]
    pub fn term_holds(&self, instant: Timestamp) -> bool {
        self.schedule.start.at <= instant && self.schedule.end.is_none_or(|end| instant < end.at)
    }

    /// The version that governs what happens or opens at an instant of the term.
    #[must_use]
    pub fn in_force_at(&self, instant: Timestamp) -> Option<&Version> {
        if !self.term_holds(instant) {
            return None;
        }
        self.versions
            .iter()
            .rev()
            .find(|version| version.from <= instant)
    }

    /// The version of that number.
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| version.number == number)
    }

    /// The version whose terms a period's totals follow: that in force when it starts, or the last
    /// one for a tail.
    #[must_use]
    pub fn of_period(&self, period: &Period) -> &Version {
        let found = self
            .versions
            .iter()
            .rev()
            .find(|version| version.from <= period.start.at);
        found.unwrap_or(&self.versions[0])
    }

    /// The versions in force in a period with the number of its days for each; a day belongs to the
    /// version in force when it begins. In a tail nothing is in force.
    #[must_use]
    pub fn days_in_force<'a>(
        &'a self,
        period: &Period,
    ) -> Vec<(&'a Version, std::ops::Range<i64>)> {
        if period.is_tail {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (index, version) in self.versions.iter().enumerate() {
            let first = if index == 0 {
                0
            } else {
                period.first_day_from(version.from)
            };
            let last = match self.versions.get(index + 1) {
                Some(next) => period.first_day_from(next.from),
                None => period.days(),
            };
            if first < last {
                found.push((version, first..last));
            }
        }
        found
    }

    /// The minimum of the contract, by the first version that has one: for how many periods it is, and when it
    /// is billed, do not change under a contract.
    #[must_use]
    pub fn minimum(&self) -> Option<&Minimum> {
        let mut versions = self.versions.iter();
        versions.find_map(|version| version.terms.totals.totals.minimum.as_ref())
    }

    /// The terms that the minimum is counted over and that begin before or at `until`, each with all the periods
    /// that it will have: so many from the first period of the contract on, fewer where the contract ends.
    #[must_use]
    pub fn minimum_terms(&self, until: Timestamp) -> Vec<Vec<Period>> {
        let Some(minimum) = self.minimum() else {
            return Vec::new();
        };
        let every = self.versions[0].terms.totals.every; // an agreement has a version
        // No period is longer than so many days.
        let hours = i64::from(every.months()) * i64::from(minimum.periods) * 31 * 24;
        let ahead = until.checked_add(SignedDuration::from_hours(hours));
        let mut periods = self.rating_periods(every, ahead.unwrap_or(Timestamp::MAX));
        periods.retain(|own| !own.is_tail);
        let terms = periods.chunks(minimum.periods as usize);
        let begun = terms.filter(|term| term.first().is_some_and(|own| own.start.at <= until));
        begun.map(<[Period]>::to_vec).collect()
    }

    /// The rating periods of a length that begin before or at `until`.
    #[must_use]
    pub fn rating_periods(&self, interval: Interval, until: Timestamp) -> Vec<Period> {
        self.schedule.periods(until, Some(interval))
    }

    /// The statement periods that begin before or at `until`.
    #[must_use]
    pub fn statement_periods(&self, until: Timestamp) -> Vec<Period> {
        self.schedule.periods(until, None)
    }

    /// The component ids of every version, in the order of their first appearance, with the rating
    /// period of the first: it cannot change under one id.
    #[must_use]
    pub fn component_ids(&self) -> Vec<(&str, Interval)> {
        let mut ids: Vec<(&str, Interval)> = Vec::new();
        for component in self
            .versions
            .iter()
            .flat_map(|version| &version.terms.components)
        {
            if !ids.iter().any(|(id, _)| *id == component.id) {
                ids.push((&component.id, component.every));
            }
        }
        ids
    }
}

impl Version {
    /// The component of that id in this version.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&crate::plan::Component> {
        self.terms
            .components
            .iter()
            .find(|component| component.id == id)
    }
}
