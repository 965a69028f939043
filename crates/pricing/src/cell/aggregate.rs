//! Aggregates: a share of what a portfolio came to over its baseline, period by period.
//!
//! Measure and baseline are published documents (semantics.md D12). The value of a period is the measure less the
//! baseline; floor and cap are the component's own totals, and so act on what all the value of the period comes to
//! (D10). Invariant: a period is priced only where measure and baseline are there, and where a value below zero is
//! carried also those of every period before it; every other is [`awaited`](super::awaited()).

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError};

use super::{Part, Rating};
use crate::contract::{Agreement, Version};
use crate::period::Period;
use crate::plan::{Aggregated, Terms};
use crate::published::{self, Published};
use crate::rating::totals::Share;

/// A period of an aggregate that is over.
pub(crate) struct Valued<'a> {
    pub(crate) period: (Timestamp, Timestamp),
    pub(crate) version: &'a Version,
    pub(crate) terms: &'a Aggregated,
    pub(crate) measure: Option<(&'a Published, Amount)>,
    /// The baseline by the days of the period.
    pub(crate) baseline: Option<(&'a Published, Amount)>,
    /// What of earlier periods is taken off, zero or below; `None` where an earlier period is not known yet.
    pub(crate) carried: Option<Amount>,
}

impl Valued<'_> {
    /// Measure less baseline, where both are there.
    pub(crate) fn value(&self) -> Result<Option<Amount>, MoneyError> {
        match (self.measure, self.baseline) {
            (Some((_, measure)), Some((_, baseline))) => measure.minus(baseline).map(Some),
            _ => Ok(None),
        }
    }

    /// The value that is charged for: with what is carried of earlier periods.
    fn charged_for(&self) -> Result<Option<Amount>, MoneyError> {
        match (self.value()?, self.carried) {
            (Some(value), Some(carried)) => value.plus(carried).map(Some),
            _ => Ok(None),
        }
    }
}

/// The periods of an aggregate that are over at a cut, as the version says that is in force when each starts.
pub(crate) fn valued<'a>(
    agreement: &'a Agreement,
    documents: &'a [Published],
    (id, periods): (&str, &[Period]),
    cut: Timestamp,
) -> Result<Vec<Valued<'a>>, MoneyError> {
    let mut all: Vec<Valued<'a>> = Vec::new();
    let is_over = |period: &&Period| period.end.at <= cut && !period.is_tail;
    for period in periods.iter().filter(is_over) {
        let version = agreement.of_period(period);
        let Some(Terms::Aggregate(terms)) = version.component(id).map(|own| &own.terms) else {
            continue;
        };
        if version.terms.is_free(id) {
            continue;
        }
        let contract = &version.terms.contract;
        let zero = Amount::zero(contract.currency);
        let carried = match all.last() {
            Some(before) if terms.carry_negative => before
                .charged_for()?
                .map(|own| if own.is_negative() { own } else { zero }),
            // What another system left below zero is carried on here (P6).
            None if terms.carry_negative => {
                let opening = agreement.opening.iter();
                let mut before = opening.flat_map(|own| own.of(id));
                let carried = before.find_map(|own| own.carried);
                Some(carried.map_or(zero, Amount::negated))
            }
            _ => Some(zero),
        };
        let span = (period.start.at, period.end.at);
        let is_ours = |value: &published::Value| value.currency == Some(contract.currency);
        let amount = |value: published::Value| Amount::new(value.number, contract.currency);
        let measure = published::measure(documents, &terms.measure, span);
        let measure = measure.filter(|(_, value)| is_ours(value));
        let baseline = published::baseline(documents, &terms.baseline, span);
        let baseline = baseline.filter(|(_, value)| is_ours(value));
        let by_days = Share {
            days: period.days(),
            of: period.whole_days.max(1),
        };
        let baseline = match baseline {
            Some((own, value)) if by_days.days == by_days.of => Some((own, amount(value))),
            Some((own, value)) => Some((own, by_days.of_amount(amount(value), contract.rounding)?)),
            None => None,
        };
        all.push(Valued {
            period: span,
            version,
            terms,
            measure: measure.map(|(own, value)| (own, amount(value))),
            baseline,
            carried,
        });
    }
    Ok(all)
}

impl Rating<'_> {
    /// The cells of an aggregate.
    pub(super) fn aggregate(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let (agreement, documents) = (self.agreement, self.facts.published);
        for own in valued(agreement, documents, (id, periods), self.cut)? {
            let (Some(value), Some(charged_for)) = (own.value()?, own.charged_for()?) else {
                continue;
            };
            let contract = &own.version.terms.contract;
            let amount = match charged_for.value() > Decimal::ZERO {
                true => charged_for
                    .times(own.terms.share)?
                    .rounded(contract.rounding),
                false => Amount::zero(contract.currency),
            };
            let found = periods
                .iter()
                .find(|period| period.start.at == own.period.0);
            let Some(period) = found else { continue };
            let key = self.key(id, period, own.version.number, Part::Value);
            let cell = self.fee_cell(period, period.end.at, value.value(), amount);
            self.put(key, cell);
        }
        Ok(())
    }
}
