//! Seats: how many are held on each local day, and what they cost (semantics.md P4).
//!
//! A seat that is handed over within a day is one seat that day. A number that was committed to is charged on
//! its own, in advance; what is held beyond it is charged by the days that it is held.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio};
use work::settle::FactRef;

use super::{Part, PricedGroup, Rating, SeatChange, inside};
use crate::contract::Version;
use crate::period::Period;
use crate::plan::{Due, SeatCount, Seats, Terms};
use crate::rating;

/// A seat fact that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatFlag {
    /// The fact.
    pub fact: FactRef,
    /// Whether it assigned a seat that was held; else it released one that was free.
    pub assigned: bool,
}

/// What days of seats come to, tier by tier: seat-days, and the price of a whole period times days.
type Tiers = BTreeMap<u16, (Quantity, Decimal)>;

impl Rating<'_> {
    pub(super) fn seats(
        &mut self,
        id: &str,
        number: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        let held = HeldSeats::of(self.facts.seats, self.cut);
        let by_day = held.by_day(period, self.cut);
        for (version, days) in self.agreement.days_in_force(period) {
            let Some(Terms::Seats(seats)) = version.component(id).map(|own| &own.terms) else {
                continue;
            };
            let length = days.end - days.start;
            // Days by the number of seats that they charge.
            let mut by_seats: BTreeMap<Quantity, i64> = BTreeMap::new();
            match seats.count {
                SeatCount::Daily => {
                    let counted = seats.counted(&by_day);
                    for (_, most) in (0..).zip(counted).filter(|(day, _)| days.contains(day)) {
                        *by_seats.entry(seats.charged(most)).or_default() += 1;
                    }
                }
                SeatCount::HighWater if self.is_priced(period) => {
                    let (from, until) = (period.day_start(days.start), period.day_start(days.end));
                    by_seats.insert(seats.charged(held.most(from, until)), length);
                }
                SeatCount::HighWater => {}
            }
            let due = match seats.count {
                SeatCount::Daily => inside(period),
                SeatCount::HighWater => period.end.at,
            };
            let mut is_known = seats.count == SeatCount::Daily || self.is_priced(period);
            let mut sum = Amount::zero(version.terms.contract.currency);
            let mut put = |rating: &mut Self, tiers: Tiers, part: fn(u16) -> Part, due| {
                let charged = rating.put_seats((id, period), version, tiers, part, due)?;
                sum = sum.plus(charged)?;
                Ok::<(), MoneyError>(())
            };
            if let Some(committed) = &seats.committed {
                let due_at = match committed.due {
                    Due::Advance => period.start.at,
                    Due::Arrears => period.end.at,
                };
                if due_at <= self.cut || self.is_priced(period) {
                    is_known = true;
                    let mut tiers = Tiers::new();
                    let parts = seats.price.between(None, committed.seats)?;
                    add_days(&mut tiers, parts, length)?;
                    put(self, tiers, Part::Seats, due_at)?;
                }
                let mut over = Tiers::new();
                for (charged, days) in by_seats {
                    if charged > committed.seats {
                        add_days(&mut over, seats.beyond(committed, charged)?, days)?;
                    }
                }
                put(self, over, Part::Overage, due)?;
            } else {
                let mut tiers = Tiers::new();
                for (charged, days) in by_seats {
                    add_days(&mut tiers, seats.price.between(None, charged)?, days)?;
                }
                put(self, tiers, Part::Seats, due)?;
            }
            if !is_known {
                continue;
            }
            self.groups.push(PricedGroup {
                component: id.to_owned(),
                period: number,
                version: version.number,
                label: String::new(),
                amount: sum,
                contributions: Arc::default(),
                average_of: None,
            });
        }
        Ok(())
    }

    /// The cells of seat-days, each rounded once; what they charge together.
    fn put_seats(
        &mut self,
        (id, period): (&str, &Period),
        version: &Version,
        tiers: Tiers,
        part: fn(u16) -> Part,
        due: Timestamp,
    ) -> Result<Amount, MoneyError> {
        let contract = &version.terms.contract;
        let mut sum = Amount::zero(contract.currency);
        for (tier, (quantity, by_days)) in tiers {
            let by_days = if version.terms.is_free(id) {
                Decimal::ZERO
            } else {
                by_days
            };
            let exact = Ratio::new(by_days, i128::from(period.whole_days.max(1)))?;
            let amount = Amount::from_ratio(exact, contract.currency, contract.rounding)?;
            sum = sum.plus(amount)?;
            let key = self.key(id, period, version.number, part(tier));
            let cell = self.fee_cell(period, due, quantity, amount);
            self.put(key, cell);
        }
        Ok(sum)
    }
}

/// Adds so many days of parts of a price.
fn add_days(tiers: &mut Tiers, parts: Vec<rating::Part>, days: i64) -> Result<(), MoneyError> {
    let days = Decimal::from_int(days);
    for part in parts {
        let (quantity, amount) = tiers.entry(part.tier).or_default();
        *quantity = quantity.plus(part.quantity.times(days)?)?;
        *amount = amount.plus(part.amount.times(days)?)?;
    }
    Ok(())
}

impl Seats {
    /// What each day of a period counts, from the most held on each.
    fn counted(&self, by_day: &[u32]) -> Vec<u32> {
        let mut counted = by_day.to_vec();
        if !self.prorate.released {
            let mut most = 0;
            for own in &mut counted {
                most = most.max(*own);
                *own = most;
            }
        }
        if !self.prorate.assigned {
            let mut most = 0;
            for own in counted.iter_mut().rev() {
                most = most.max(*own);
                *own = most;
            }
        }
        counted
    }
}

/// How many seats are held, as steps over time.
struct HeldSeats {
    /// The number held from each instant on, ascending.
    steps: Vec<(Timestamp, u32)>,
}

impl HeldSeats {
    fn of(changes: &[SeatChange], cut: Timestamp) -> HeldSeats {
        let mut steps: Vec<(Timestamp, u32)> = Vec::new();
        let mut held: BTreeSet<&str> = BTreeSet::new();
        for change in in_order(changes)
            .into_iter()
            .filter(|change| change.time < cut)
        {
            if change.assigned {
                held.insert(&change.seat);
            } else {
                held.remove(change.seat.as_str());
            }
            let count = u32::try_from(held.len()).unwrap_or(u32::MAX);
            match steps.last_mut() {
                // What happens at one instant leaves one number.
                Some((at, last)) if *at == change.time => *last = count,
                _ => steps.push((change.time, count)),
            }
        }
        HeldSeats { steps }
    }

    /// The most that are held at one time of each day of a period that is over at the cut.
    fn by_day(&self, period: &Period, cut: Timestamp) -> Vec<u32> {
        let days = (0..period.days()).map(|day| (period.day_start(day), period.day_start(day + 1)));
        let over = days.take_while(|(_, until)| *until <= cut);
        over.map(|(from, until)| self.most(from, until)).collect()
    }

    /// The most that are held at one time in `[from, until)`.
    fn most(&self, from: Timestamp, until: Timestamp) -> u32 {
        let first = self.steps.partition_point(|(at, _)| *at <= from);
        let at_start = first.checked_sub(1).map_or(0, |index| self.steps[index].1);
        let within = self.steps[first..].iter().take_while(|(at, _)| *at < until);
        within.map(|(_, count)| *count).fold(at_start, u32::max)
    }
}

/// Releases before assignments of one instant: a seat that is handed over is one seat.
fn in_order(changes: &[SeatChange]) -> Vec<&SeatChange> {
    let mut ordered: Vec<&SeatChange> = changes.iter().collect();
    ordered.sort_unstable_by_key(|change| (change.time, change.assigned, &change.fact));
    ordered
}

/// Repeated assignments and orphan releases (semantics.md P4).
pub(super) fn seat_flags(changes: &[SeatChange]) -> Vec<SeatFlag> {
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let mut flags = Vec::new();
    for change in in_order(changes) {
        let changed = if change.assigned {
            held.insert(&change.seat)
        } else {
            held.remove(change.seat.as_str())
        };
        if !changed {
            flags.push(SeatFlag {
                fact: change.fact.clone(),
                assigned: change.assigned,
            });
        }
    }
    flags
}
