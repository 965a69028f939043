//! Aggregates that look at all usage of a rating period together: the greatest, the different, the last, a
//! gauge over time, and what is free of a percentage.
//!
//! Each gives every fact its part of the period's quantity, so that prices, bands and shares see parts that
//! sum to it. Facts are taken in the order of (time, source, id), never of arrival. A gauge keeps what it was
//! read at until it is read again, from one period to the next: its average is in whole seconds over the
//! seconds of the period, and in a part of a period by days. Not here: sums and counts, where a fact's part
//! depends on no other.

use std::collections::HashSet;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio, Rounding};

use super::sort::Sorter;
use super::{Contribution, Facts, Source};
use crate::contract::{Agreement, Counter};
use crate::period::Period;
use crate::plan::{Aggregate, Metered, Terms};
use crate::rating::{Percentage, Price};

/// Digits after the point of an average, where it is shown as a quantity; amounts are of the exact one.
pub(super) const AVERAGE_DIGITS: u8 = 9;

/// A usage as one rating period sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Its time, or the start of the period where a gauge was read before.
    pub(super) at: Timestamp,
    /// The version in force at its time.
    pub(super) version: u32,
    /// Whether a gauge was read in an earlier period.
    pub(super) is_carried: bool,
    /// Its own quantity; the weight is its own money, of a percentage.
    pub(super) contribution: Contribution,
}

/// A fact's part of what its period comes to, and the version that prices it.
pub(super) type Assigned = (u32, Contribution);

/// What is free of a percentage in one rating period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Free {
    events: Decimal,
    amount: Option<Decimal>,
    /// What of it another system used up (P6).
    before: Used,
}

/// How far the facts of a period have used up what is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Used {
    events: Decimal,
    money: Decimal,
}

/// The metered terms of a component, by the first version that has it: what it aggregates stays the same.
pub(super) fn metered<'a>(agreement: &'a Agreement, id: &str) -> Option<&'a Metered> {
    let component = agreement.versions.iter().find_map(|own| own.component(id));
    match &component?.terms {
        Terms::Metered(metered) => Some(metered),
        _ => None,
    }
}

/// What another system counted in a rating period of a component, which is its first (P6).
pub(super) fn counted_before<'a>(
    agreement: &'a Agreement,
    id: &str,
    number: usize,
) -> Option<&'a Counter> {
    let opening = agreement.opening.as_deref();
    opening.filter(|_| number == 0)?.counter(id, "")
}

/// Whether a component's usage is looked at together, in some version.
pub(super) fn looks_at_all(agreement: &Agreement, id: &str) -> bool {
    let components = agreement
        .versions
        .iter()
        .filter_map(|own| own.component(id));
    let mut terms = components.map(|component| &component.terms);
    terms.any(|terms| matches!(terms, Terms::Metered(metered) if metered.looks_at_all()))
}

/// Puts what a gauge was last read at in front of each later period's own readings.
///
/// Where the late policy waives a reading in a period, the one before it is there as well.
pub(super) fn carry_gauge(
    sorter: &Sorter<'_>,
    component: usize,
    facts: &Facts<'_>,
    mut own: impl FnMut(usize) -> Vec<Reading>,
) -> Vec<(usize, Vec<Reading>)> {
    let mut seen: Vec<Reading> = Vec::new();
    let mut all = Vec::new();
    let periods = sorter.periods_of(component).iter().enumerate();
    for (number, period) in periods.filter(|(_, period)| !period.is_tail) {
        let own = own(number);
        let mut readings = Vec::new();
        for earlier in seen.iter().rev() {
            let mut reading = Reading {
                at: period.start.at,
                is_carried: true,
                ..*earlier
            };
            if let Source::Usage(usage) = earlier.contribution.source {
                let causes = std::slice::from_ref(&facts.usage[usage].fact);
                reading.contribution.is_late = sorter.is_late(component, causes, reading.at);
            }
            readings.push(reading);
            if !reading.contribution.is_late {
                break;
            }
        }
        readings.reverse();
        readings.extend(&own);
        seen.extend(own);
        if !readings.is_empty() {
            all.push((number, readings));
        }
    }
    all
}

/// The part of each reading in what a period comes to; of late ones nothing, where they are left out.
pub(super) fn assign(
    agreement: &Agreement,
    (id, number): (&str, usize),
    period: &Period,
    readings: &[Reading],
    facts: &Facts<'_>,
    with_late: bool,
) -> Result<Vec<Assigned>, MoneyError> {
    let Some(terms) = metered(agreement, id) else {
        return Ok(Vec::new());
    };
    let before = counted_before(agreement, id, number);
    let counts = |own: &&Reading| with_late || !own.contribution.is_late;
    let nothing = |own: &Reading| (own.version, own.with(Quantity::ZERO, Decimal::ZERO));
    let only = |chosen: Option<usize>| -> Result<Vec<Assigned>, MoneyError> {
        let numbered = readings.iter().enumerate();
        let parts = numbered.map(|(index, own)| {
            Ok(match Some(index) == chosen {
                true => (own.version, own.units(own.beyond(before)?)),
                false => nothing(own),
            })
        });
        parts.collect()
    };
    match terms.aggregate {
        Aggregate::Max => {
            let mut greatest: Option<usize> = None;
            for (index, own) in readings.iter().enumerate().filter(|(_, own)| counts(own)) {
                let so_far = greatest.map(|at| readings[at].contribution.quantity);
                if so_far.is_none_or(|so_far| own.contribution.quantity > so_far) {
                    greatest = Some(index);
                }
            }
            only(greatest)
        }
        Aggregate::Last => only(readings.iter().rposition(|own| counts(&own))),
        Aggregate::Unique => {
            let counted = before.iter().flat_map(|own| &own.items);
            let mut seen: HashSet<&str> = counted.map(String::as_str).collect();
            let parts = readings.iter().map(|own| {
                let Source::Usage(usage) = own.contribution.source else {
                    return nothing(own);
                };
                let item = facts.usage[usage].item.as_deref();
                match item {
                    Some(item) if counts(&own) && seen.insert(item) => {
                        (own.version, own.units(Quantity::ONE))
                    }
                    _ => nothing(own),
                }
            });
            Ok(parts.collect())
        }
        Aggregate::WeightedSum => {
            let mut parts = Vec::with_capacity(readings.len());
            let mut until = period.end.at;
            for own in readings.iter().rev() {
                if !counts(&own) {
                    parts.push(nothing(own));
                    continue;
                }
                let Source::Usage(usage) = own.contribution.source else {
                    continue;
                };
                let meter = &facts.usage[usage].meter;
                parts.extend(kept(agreement, (id, meter), period, own, until)?);
                until = own.at;
            }
            parts.reverse();
            Ok(parts)
        }
        Aggregate::Sum | Aggregate::Count => {
            let free = free(agreement, (id, number), period)?;
            let mut used = free.before;
            let parts = readings.iter().map(|own| {
                if !counts(&own) {
                    return Ok(nothing(own));
                }
                let fee = free.fee(
                    &mut used,
                    own.contribution.weight,
                    agreement,
                    id,
                    own.version,
                )?;
                Ok((own.version, own.with(own.contribution.quantity, fee)))
            });
            parts.collect()
        }
    }
}

/// The parts of what a gauge keeps from a reading until an instant of one period, one for each version that
/// prices its meter. The version of the reading itself has one even where it is nothing.
pub(super) fn kept(
    agreement: &Agreement,
    (id, meter): (&str, &str),
    period: &Period,
    own: &Reading,
    until: Timestamp,
) -> Result<Vec<Assigned>, MoneyError> {
    let mut parts = Vec::new();
    for (index, version) in agreement.versions.iter().enumerate() {
        let ends = agreement.versions.get(index + 1).map(|next| next.from);
        let from = if index == 0 {
            own.at
        } else {
            own.at.max(version.from)
        };
        let to = ends.map_or(until, |ends| until.min(ends));
        let is_own = version.number == own.version && !own.is_carried;
        let seconds = (second(to) - second(from)).max(0);
        let prices = matches!(
            version.component(id).map(|component| &component.terms),
            Some(Terms::Metered(metered)) if metered.meter == meter
        );
        if !prices || (seconds == 0 && !is_own) {
            continue;
        }
        let (days, _) = days(period);
        let factor = Decimal::from_int(seconds).times(Decimal::from_int(days))?;
        let weight = own.contribution.quantity.times(factor)?;
        if weight.is_zero() && !is_own {
            continue;
        }
        let average = Ratio::of(weight, denominator(period)?)?;
        let average = average.rounded(AVERAGE_DIGITS, Rounding::HalfEven)?;
        parts.push((version.number, own.with(average, weight)));
    }
    Ok(parts)
}

/// What the weights of a gauge's parts are divided by: the seconds of the period, and where it is a part of
/// one, the days of the whole.
pub(super) fn denominator(period: &Period) -> Result<Decimal, MoneyError> {
    let seconds = second(period.end.at) - second(period.start.at);
    let (_, whole) = days(period);
    Decimal::from_int(seconds.max(1)).times(Decimal::from_int(whole))
}

/// Days of a period and of the whole; one of one for a whole period.
fn days(period: &Period) -> (i64, i64) {
    if period.days() == period.whole_days {
        (1, 1)
    } else {
        (period.days(), period.whole_days.max(1))
    }
}

/// The whole second that an instant lies in.
fn second(at: Timestamp) -> i64 {
    let second = at.as_nanosecond().div_euclid(1_000_000_000);
    i64::try_from(second).unwrap_or(i64::MAX) // a timestamp's seconds fit
}

/// What is free in a period: each version's, by its days, rounded up in the buyer's favour.
pub(super) fn free(
    agreement: &Agreement,
    (id, number): (&str, usize),
    period: &Period,
) -> Result<Free, MoneyError> {
    let (mut events, mut amount, mut digits) = (Decimal::ZERO, None, 0);
    let in_force = agreement.days_in_force(period).into_iter();
    for (version, days) in in_force.filter(|(version, _)| !version.terms.is_free(id)) {
        let terms = version.component(id).map(|component| &component.terms);
        let Some(Terms::Metered(metered)) = terms else {
            continue;
        };
        let length = Decimal::from_int(days.end - days.start);
        events = events.plus(Decimal::from_int(i64::from(metered.free_events)).times(length)?)?;
        if let Some(own) = metered.free_amount {
            let sum = amount.unwrap_or(Decimal::ZERO);
            amount = Some(own.value().times(length)?.plus(sum)?);
            digits = own.currency().minor_digits();
        }
    }
    let whole = i128::from(period.whole_days.max(1));
    let share = |sum: Decimal, digits| Ratio::new(sum, whole)?.rounded(digits, Rounding::Up);
    let before = counted_before(agreement, id, number).map(|own| own.free);
    let before = before.unwrap_or_default();
    let money = before.amount.map(Amount::value);
    Ok(Free {
        before: Used {
            events: Decimal::from_int(i64::from(before.events)),
            money: money.unwrap_or_default(),
        },
        events: share(events, 0)?,
        amount: amount.map(|sum| share(sum, digits)).transpose()?,
    })
}

impl Free {
    /// What of it is used before the first fact.
    pub(super) const fn before(&self) -> Used {
        self.before
    }

    /// The fee of the next fact: nothing for the first ones and for money within what is free; else that of
    /// its money beyond.
    pub(super) fn fee(
        self,
        used: &mut Used,
        money: Decimal,
        agreement: &Agreement,
        id: &str,
        version: u32,
    ) -> Result<Decimal, MoneyError> {
        let Some(percentage) = percentage(agreement, id, version) else {
            return Ok(money); // another form: what it weighs
        };
        let version = agreement.version(version);
        if version.is_some_and(|version| version.terms.is_free(id)) {
            return percentage.fee(money); // it uses up nothing
        }
        if used.events < self.events {
            used.events = used.events.plus(Decimal::ONE)?;
            return Ok(Decimal::ZERO);
        }
        let Some(free) = self.amount else {
            return percentage.fee(money);
        };
        let before = used.money;
        used.money = before.plus(money)?;
        if before.max(used.money) <= free {
            return Ok(Decimal::ZERO);
        }
        let beyond = |sum: Decimal| Ok::<_, MoneyError>(sum.minus(free)?.max(Decimal::ZERO));
        percentage.fee(beyond(used.money)?.minus(beyond(before)?)?)
    }
}

fn percentage<'a>(agreement: &'a Agreement, id: &str, version: u32) -> Option<&'a Percentage> {
    match &agreement.version(version)?.component(id)?.terms {
        Terms::Metered(Metered {
            price: Price::Percentage(percentage),
            ..
        }) => Some(percentage),
        _ => None,
    }
}

impl Reading {
    /// Its contribution with so many units.
    pub(super) fn units(&self, quantity: Quantity) -> Contribution {
        self.with(quantity, quantity)
    }

    /// What its quantity has beyond the one that was counted before, where there was one.
    pub(super) fn beyond(&self, before: Option<&Counter>) -> Result<Quantity, MoneyError> {
        let quantity = self.contribution.quantity;
        before.map_or(Ok(quantity), |own| own.beyond(quantity))
    }

    /// Its contribution with another quantity and weight.
    pub(super) fn with(&self, quantity: Quantity, weight: Decimal) -> Contribution {
        Contribution {
            quantity,
            weight,
            ..self.contribution
        }
    }
}
