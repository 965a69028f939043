//! What [`super::Running`] keeps of usage that is looked at together, so that one more fact moves the sums of
//! its period without looking at the others again.
//!
//! Invariant: the sums are those of [`super::together::assign`] over the same facts.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use money::{Decimal, MoneyError};
use work::SmolStr;
use work::settle::FactRef;

use super::sort::{Place, Sorter};
use super::together::{Free, Reading, Used, counted_before, free, kept, metered};
use super::{Contribution, Usage};
use crate::contract::Agreement;
use crate::plan::Aggregate;

/// The order in which usage is looked at.
pub(super) type Order = (Timestamp, FactRef);

/// A fact that has a part in its period: where, and what it is.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    order: Order,
    place: Place,
    reading: Reading,
}

/// What is known of one component's usage in one rating period.
#[derive(Debug, Clone)]
pub(super) enum Together {
    /// The greatest, or the last, so far.
    One(Chosen),
    /// The first of each item.
    Different(HashMap<SmolStr, Chosen>),
    /// Facts of a percentage of which something is free, each with its fee.
    Free {
        facts: BTreeMap<Order, (Place, Reading, Decimal)>,
        free: Free,
        used: Used,
    },
}

/// What a gauge was read at.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) meter: String,
}

/// What one more fact does to the sums of places: what is put in, and what is taken out.
#[derive(Default)]
pub(super) struct Change {
    pub(super) put_in: Vec<(Place, Contribution)>,
    pub(super) taken_out: Vec<(Place, Contribution)>,
}

impl Change {
    fn of(chosen: &Chosen, units: Decimal) -> (Place, Contribution) {
        (chosen.place, chosen.reading.units(units))
    }
}

/// Looks at one more fact of a component's period, which is not a gauge's.
pub(super) fn look(
    known: &mut BTreeMap<(usize, usize), Together>,
    (agreement, sorter): (&Agreement, &Sorter<'_>),
    (component, number): (usize, usize),
    (usage, reading): (&Usage, Reading),
) -> Result<Change, MoneyError> {
    let id = sorter.id(component);
    let Some(terms) = metered(agreement, id) else {
        return Ok(Change::default());
    };
    let place = (component, number, reading.version, 0);
    let order = (usage.time, usage.fact.clone());
    let own = Chosen {
        order,
        place,
        reading,
    };
    let quantity = reading.contribution.quantity;
    let before = counted_before(agreement, id, number);
    let mut change = Change::default();
    let key = (component, number);
    match terms.aggregate {
        Aggregate::Max | Aggregate::Last => {
            let Some(Together::One(so_far)) = known.get_mut(&key) else {
                change
                    .put_in
                    .push(Change::of(&own, own.reading.beyond(before)?));
                known.insert(key, Together::One(own));
                return Ok(change);
            };
            let other = so_far.reading.contribution.quantity;
            let wins = match terms.aggregate {
                Aggregate::Last => own.order > so_far.order,
                _ => quantity > other || (quantity == other && own.order < so_far.order),
            };
            if wins {
                let (more, less) = (own.reading.beyond(before)?, so_far.reading.beyond(before)?);
                change.taken_out.push(Change::of(so_far, less));
                change.put_in.push(Change::of(&own, more));
                *so_far = own;
            }
        }
        Aggregate::Unique => {
            let empty = || Together::Different(HashMap::new());
            let Together::Different(items) = known.entry(key).or_insert_with(empty) else {
                return Ok(change); // a component keeps its aggregate
            };
            let Some(item) = &usage.item else {
                return Ok(change); // what has no item is not sorted here
            };
            if before.is_some_and(|own| own.items.contains(item.as_str())) {
                return Ok(change);
            }
            match items.get_mut(item) {
                Some(first) if first.order <= own.order => {}
                Some(first) => {
                    change.taken_out.push(Change::of(first, Decimal::ONE));
                    change.put_in.push(Change::of(&own, Decimal::ONE));
                    *first = own;
                }
                None => {
                    change.put_in.push(Change::of(&own, Decimal::ONE));
                    items.insert(item.clone(), own);
                }
            }
        }
        Aggregate::Sum | Aggregate::Count => {
            let free = free(
                agreement,
                (id, number),
                &sorter.periods_of(component)[number],
            )?;
            let empty = || Together::Free {
                facts: BTreeMap::new(),
                free,
                used: free.before(),
            };
            let Together::Free { facts, free, used } = known.entry(key).or_insert_with(empty)
            else {
                return Ok(change); // a component keeps its aggregate
            };
            let is_last = facts
                .keys()
                .next_back()
                .is_none_or(|last| *last < own.order);
            let fee = |used: &mut Used, reading: &Reading| {
                let money = reading.contribution.weight;
                free.fee(used, money, agreement, id, reading.version)
            };
            let part = |reading: &Reading, fee| reading.with(reading.contribution.quantity, fee);
            if is_last {
                let fee = fee(used, &reading)?;
                change.put_in.push((place, part(&reading, fee)));
                facts.insert(own.order, (place, reading, fee));
            } else {
                // What is free moves on to earlier facts.
                facts.insert(own.order.clone(), (place, reading, Decimal::ZERO));
                *used = free.before();
                for (order, (place, reading, known)) in facts {
                    let now = fee(used, reading)?;
                    if *order != own.order {
                        change.taken_out.push((*place, part(reading, *known)));
                    }
                    change.put_in.push((*place, part(reading, now)));
                    *known = now;
                }
            }
        }
        Aggregate::WeightedSum => {}
    }
    Ok(change)
}

/// One more reading of a gauge: it ends what the one before it kept, and keeps its own until the next.
pub(super) fn read(
    readings: &mut BTreeMap<Order, Read>,
    (agreement, sorter): (&Agreement, &Sorter<'_>),
    component: usize,
    (usage, reading): (&Usage, Reading),
) -> Result<Change, MoneyError> {
    let own = Read {
        reading,
        meter: usage.meter.clone(),
    };
    let order = (usage.time, usage.fact.clone());
    let mut change = Change::default();
    let next = readings.range(&order..).next();
    let next = next.map(|(_, next)| next.reading.at);
    let before = readings.range(..&order).next_back();
    let keeps = |read: &Read, until| keeps(agreement, sorter, component, read, Some(until));
    if let Some((_, before)) = before {
        if let Some(next) = next {
            change.taken_out.extend(keeps(before, next)?);
        }
        change.put_in.extend(keeps(before, reading.at)?);
    }
    if let Some(next) = next {
        change.put_in.extend(keeps(&own, next)?);
    }
    readings.insert(order, own);
    Ok(change)
}

/// What a gauge keeps from a reading until an instant, or to the end of the periods that are known.
pub(super) fn keeps(
    agreement: &Agreement,
    sorter: &Sorter<'_>,
    component: usize,
    read: &Read,
    until: Option<Timestamp>,
) -> Result<Vec<(Place, Contribution)>, MoneyError> {
    let mut parts = Vec::new();
    let periods = sorter.periods_of(component).iter().enumerate();
    let from = read.reading.at;
    for (number, period) in periods.filter(|(_, own)| !own.is_tail && own.end.at > from) {
        if until.is_some_and(|until| until <= period.start.at) {
            break;
        }
        let own = Reading {
            at: from.max(period.start.at),
            is_carried: from < period.start.at,
            ..read.reading
        };
        let ends = until.map_or(period.end.at, |until| until.min(period.end.at));
        let named = (sorter.id(component), read.meter.as_str());
        let kept = kept(agreement, named, period, &own, ends)?.into_iter();
        parts.extend(kept.map(|(version, part)| ((component, number, version, 0), part)));
    }
    Ok(parts)
}
