//! Fees that follow the calendar: platform, seats, and credits given by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio};
use work::settle::FactRef;

use super::{CREDIT, Cell, CellKey, Part, PricedGroup, Rating, SeatChange, inside};
use crate::period::{Period, holding};
use crate::plan::{Due, SeatCount, Terms};
use crate::rating::totals::Share;

/// A seat fact that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatFlag {
    /// The fact.
    pub fact: FactRef,
    /// Whether it assigned a seat that was held; else it released one that was free.
    pub assigned: bool,
}

impl Rating<'_> {
    pub(super) fn platform(
        &mut self,
        id: &str,
        place: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        let mut shares: Vec<(u32, i64)> = self
            .agreement
            .days_in_force(period)
            .into_iter()
            .map(|(version, days)| (version.number, days.end - days.start))
            .collect();
        let first = self.agreement.of_period(period);
        if let Some(Terms::Platform(platform)) = first.component(id).map(|own| &own.terms)
            && !platform.prorate
        {
            shares.retain(|(version, _)| *version == first.number);
        }
        for (number, days) in shares {
            let Some(version) = self.agreement.version(number) else {
                continue;
            };
            let Some(Terms::Platform(platform)) = version.component(id).map(|own| &own.terms)
            else {
                continue;
            };
            let due = match platform.due {
                Due::Advance => period.start.at,
                Due::Arrears => period.end.at,
            };
            if due > self.cut && !self.is_priced(period) {
                continue;
            }
            let share = if platform.prorate {
                Share {
                    days,
                    of: period.whole_days.max(1),
                }
            } else {
                Share::WHOLE
            };
            let fee = if version.terms.is_free(id) {
                Amount::zero(platform.amount.currency())
            } else {
                platform.amount
            };
            let amount = share.of_amount(fee, version.terms.contract.rounding)?;
            let key = self.key(id, period, number, Part::Fee);
            let quantity = Quantity::ONE;
            let cell = self.fee_cell(period, due, quantity, amount);
            self.groups.push(PricedGroup {
                component: id.to_owned(),
                period: place,
                version: number,
                label: String::new(),
                amount,
                contributions: Arc::default(),
                average_of: None,
            });
            self.put(key, cell);
        }
        Ok(())
    }

    pub(super) fn fee_cell(
        &self,
        period: &Period,
        due: Timestamp,
        quantity: Quantity,
        amount: Amount,
    ) -> Cell {
        Cell {
            quantity,
            amount,
            waived: Vec::new(),
            service: (period.start.at, period.end.at),
            due,
            contributions: Arc::default(),
        }
    }

    pub(super) fn seats(
        &mut self,
        id: &str,
        number: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        let held = HeldSeats::of(self.facts.seats, self.cut);
        for (version, days) in self.agreement.days_in_force(period) {
            let Some(Terms::Seats(seats)) = version.component(id).map(|own| &own.terms) else {
                continue;
            };
            let contract = &version.terms.contract;
            // Days by the number of seats that they charge.
            let mut by_seats: BTreeMap<Quantity, i64> = BTreeMap::new();
            let is_priced = self.is_priced(period);
            match seats.count {
                SeatCount::Daily => {
                    for day in days {
                        let (from, until) = (period.day_start(day), period.day_start(day + 1));
                        if until > self.cut {
                            break;
                        }
                        *by_seats
                            .entry(seats.charged(held.most(from, until)))
                            .or_default() += 1;
                    }
                }
                SeatCount::HighWater if is_priced => {
                    let (from, until) = (period.day_start(days.start), period.day_start(days.end));
                    by_seats.insert(seats.charged(held.most(from, until)), days.end - days.start);
                }
                SeatCount::HighWater => {}
            }
            let mut tiers: BTreeMap<u16, (Quantity, Decimal)> = BTreeMap::new();
            for (charged, days) in by_seats {
                let days = Decimal::from_int(days);
                for part in seats.price.between(None, charged)? {
                    let (quantity, amount) = tiers.entry(part.tier).or_default();
                    *quantity = quantity.plus(part.quantity.times(days)?)?;
                    *amount = amount.plus(part.amount.times(days)?)?;
                }
            }
            let due = match seats.count {
                SeatCount::Daily => inside(period),
                SeatCount::HighWater => period.end.at,
            };
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
                let key = self.key(id, period, version.number, Part::Seats(tier));
                let cell = self.fee_cell(period, due, quantity, amount);
                self.put(key, cell);
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

    /// Credits given by hand, each a cell of its own (semantics.md D6).
    pub(super) fn credits(&mut self) -> Result<(), MoneyError> {
        let periods = self.agreement.statement_periods(self.cut);
        let facts = self.facts;
        let cut = self.cut;
        for credit in facts.credits.iter().filter(|credit| credit.time < cut) {
            let index = holding(&periods, credit.time).unwrap_or(0);
            let Some(period) = periods.get(index) else {
                continue;
            };
            let part = Part::Goodwill(credit.fact.source.to_string(), credit.fact.id.to_string());
            let version = self.agreement.of_period(period);
            let key = CellKey {
                component: CREDIT.to_owned(),
                ..self.key("", period, version.number, part)
            };
            let rounding = version.terms.contract.rounding;
            let amount = credit.amount.rounded(rounding).negated();
            let cell = self.fee_cell(period, inside(period), Quantity::ZERO, amount);
            self.put(key, cell);
        }
        Ok(())
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
