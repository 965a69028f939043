//! When what a cell adds to a statement happened: the instants at which it may be drawn.
//!
//! A cell that works or usage make is divided over those that the last statement did not see. What is
//! agreed and not caused is paid at the start of its period where it is due then, else at its end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, split};
use work::settle::FactRef;

use crate::account::Held;
use crate::cell::{Cell, CellKey, Contribution, Source};
use crate::statement::last_before;

/// What the last statement of a contract saw.
pub(super) struct Seen<'a> {
    held: &'a Held,
    /// Its coverage, and the latest cut stated.
    last: Option<(u64, Timestamp)>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(held: &'a Held) -> Seen<'a> {
        let last = held.last_statement().zip(held.last_cut());
        Seen {
            held,
            last: last.map(|(issued, cut)| (issued.coverage, cut)),
        }
    }

    /// An amount of a cell by the instants at which it may be drawn; the parts sum to it.
    pub(super) fn portions(
        &self,
        key: &CellKey,
        cell: Option<&Cell>,
        amount: Amount,
        cut: Timestamp,
    ) -> Result<BTreeMap<Timestamp, Amount>, MoneyError> {
        let Some(cell) = cell else {
            return Ok(BTreeMap::from([(key.period, amount)]));
        };
        let without_late = cell.waives_late();
        let weighs = |own: &&Contribution| {
            let is_positive = !own.weight.is_zero() && !own.weight.is_negative();
            is_positive && !(without_late && own.is_late)
        };
        let all = cell.contributions.iter().filter(weighs);
        let mut fresh: Vec<&Contribution> = all.clone().filter(|own| self.is_fresh(own)).collect();
        if fresh.is_empty() {
            fresh = all.collect();
        }
        if fresh.is_empty() {
            return Ok(BTreeMap::from([(agreed_at(cell, cut), amount)]));
        }
        let (first, last) = (cell.service.0, last_before(cell.service.1));
        let weights: Vec<Decimal> = fresh.iter().map(|own| own.weight).collect();
        let mut portions: BTreeMap<Timestamp, Amount> = BTreeMap::new();
        for (own, part) in fresh.into_iter().zip(split(amount, &weights)?) {
            let at = self.instant(own).clamp(first, last.max(first));
            let sum = portions
                .entry(at)
                .or_insert(Amount::zero(amount.currency()));
            *sum = sum.plus(part)?;
        }
        Ok(portions)
    }

    fn instant(&self, own: &Contribution) -> Timestamp {
        match own.source {
            Source::Unit(unit, movement) => self.held.units[unit].movements[movement].instant,
            Source::Usage(usage) => self.held.usage[usage].time,
            Source::Attempt(unit) => {
                let unit = &self.held.units[unit];
                unit.attempt.as_ref().map_or(unit.opened, |own| own.at)
            }
        }
    }

    /// Whether the last statement did not see what made a contribution.
    fn is_fresh(&self, own: &Contribution) -> bool {
        let Some((coverage, cut)) = self.last else {
            return true;
        };
        if self.instant(own) >= cut {
            return true;
        }
        let arrived = |fact: &FactRef| {
            self.held
                .facts()
                .arrivals
                .and_then(|own| own.entries.get(fact).copied())
        };
        let arrival = match own.source {
            Source::Unit(unit, movement) => {
                let causes = &self.held.units[unit].movements[movement].causes;
                causes.iter().filter_map(arrived).max()
            }
            Source::Usage(usage) => arrived(&self.held.usage[usage].fact),
            Source::Attempt(unit) => {
                let attempt = self.held.units[unit].attempt.as_ref();
                attempt.and_then(|own| arrived(&own.act))
            }
        };
        arrival.is_some_and(|arrival| arrival >= coverage)
    }
}

/// When what is agreed is paid: at the start of its period where it is due then; else at the end of
/// the period, or of what of it the statement sees.
fn agreed_at(cell: &Cell, cut: Timestamp) -> Timestamp {
    let (start, end) = cell.service;
    if cell.due <= start {
        return start;
    }
    last_before(end.min(cut)).max(start)
}
