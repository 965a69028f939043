//! Price lines: the groups of one component in one rating period, version by version.
//!
//! The position in the tiers continues across versions, each unit at its own version's rate; a
//! volume takes its tier from the whole period (semantics.md P2). The allowance is drawn in the
//! order of versions, then of groups in the file, never by rank of works.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Currency, Decimal, MoneyError, Quantity, Ratio, Rounding};

use super::bucket::Bucket;
use super::key::{ROLLED, WITH_WORK};
use super::sort::WITH_WORK_GROUP;
use super::together::{AVERAGE_DIGITS, denominator};
use super::{Cell, Contribution, Part, PricedGroup, Rating, Source, Waiver, inside};
use crate::contract::Version;
use crate::period::Period;
use crate::plan::{Aggregate, Component, Metered, Retier, Terms};
use crate::rating::{Convert, Measure, Price};

/// One price of one version, with what falls under it in a rating period.
struct Line<'a> {
    version: &'a Version,
    label: String,
    price: &'a Price,
    convert: Option<Convert>,
    draws_allowance: bool,
    retier: Retier,
    is_in_force: bool,
    /// Everything measured is included, and has no place in the tiers.
    is_free: bool,
    contributions: Arc<Vec<Contribution>>,
    taken_back: Vec<(Timestamp, Source, Quantity)>,
    /// Units, or money, under the price.
    measured: Quantity,
    /// Units.
    quantity: Quantity,
    /// What the period's own allowance covers.
    included: Quantity,
    /// What is left of earlier periods' allowances covers.
    rolled: Quantity,
    /// Of a gauge's average: what units are divided by, and the price of so many of them.
    average: Option<(Decimal, Price)>,
    /// Whether it is known only when the rating period is over (D5).
    closed_only: bool,
}

/// What is left of the allowance of an earlier period.
struct Grant {
    left: Quantity,
    /// The last period in which it may be used, by number.
    last: usize,
}

/// How a component's cells are named.
#[derive(Clone, Copy)]
enum Naming {
    Usage,
    Class,
    Premium,
    Attempt,
}

impl Naming {
    fn tier(self, label: &str, tier: u16) -> Part {
        match self {
            Naming::Usage => Part::Usage(tier),
            Naming::Class => Part::Class(label.to_owned(), tier),
            Naming::Premium => Part::Premium(tier),
            Naming::Attempt => Part::Attempt(tier),
        }
    }
}

impl<'a> Rating<'a> {
    /// The cells of a component that is priced by itself.
    pub(super) fn component(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let Some(index) = self.buckets.index_of(id) else {
            return Ok(());
        };
        let agreement = self.agreement;
        let mut versions = agreement.versions.iter();
        let Some(kind) = versions.find_map(|version| version.component(id)) else {
            return Ok(());
        };
        if matches!(kind.terms, Terms::Aggregate(_)) {
            return self.aggregate(id, periods);
        }
        let mut grants = self.rolled_before(id);
        for (number, period) in periods.iter().enumerate() {
            match &kind.terms {
                Terms::Platform(_) => self.platform(id, number, period)?,
                Terms::Seats(_) => self.seats(id, number, period)?,
                Terms::Metered(_) => {
                    let lines = self.lines(id, (index, number), period)?;
                    self.price(id, (number, period), lines, Naming::Usage, &mut grants)?;
                }
                Terms::Outcome(_) => {
                    let lines = self.lines(id, (index, number), period)?;
                    self.price(id, (number, period), lines, Naming::Class, &mut grants)?;
                    let attempts = self.attempts(id, (index, number), period);
                    self.price(
                        id,
                        (number, period),
                        attempts,
                        Naming::Attempt,
                        &mut Vec::new(),
                    )?;
                }
                Terms::Risk(_)
                | Terms::Indemnity(_)
                | Terms::ServiceLevel(_)
                | Terms::Aggregate(_) => {}
            }
        }
        Ok(())
    }

    /// The premium on the counted units of another component.
    pub(super) fn premium(
        &mut self,
        id: &str,
        target: &str,
        number: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let mut lines = Vec::new();
        for version in &agreement.versions {
            let Some(Component {
                terms: Terms::Indemnity(indemnity),
                ..
            }) = version.component(id)
            else {
                continue;
            };
            if version.terms.is_free(id) {
                continue;
            }
            let covered: Vec<Contribution> = self
                .groups
                .iter()
                .filter(|group| {
                    group.component == target
                        && group.period == number
                        && group.version == version.number
                })
                .flat_map(|group| group.contributions.iter().copied())
                .map(|own| Contribution {
                    weight: own.quantity,
                    ..own
                })
                .collect();
            lines.push(Line {
                version,
                label: String::new(),
                price: &indemnity.premium,
                convert: None,
                draws_allowance: false,
                retier: Retier::Full,
                is_in_force: false,
                is_free: false,
                contributions: Arc::new(covered),
                taken_back: Vec::new(),
                measured: Quantity::ZERO,
                quantity: Quantity::ZERO,
                included: Quantity::ZERO,
                rolled: Quantity::ZERO,
                average: None,
                closed_only: !indemnity.premium.may_be_cut(),
            });
        }
        self.price(
            id,
            (number, period),
            lines,
            Naming::Premium,
            &mut Vec::new(),
        )
    }

    /// The lines of a period: of every version in force, and of those that something still falls
    /// under, in the order of versions.
    fn lines(
        &self,
        id: &str,
        (index, number): (usize, usize),
        period: &Period,
    ) -> Result<Vec<Line<'a>>, MoneyError> {
        let in_force: BTreeSet<u32> = self
            .agreement
            .days_in_force(period)
            .iter()
            .map(|(version, _)| version.number)
            .collect();
        let mut present: BTreeSet<u32> = self.buckets.versions(index, number).into_iter().collect();
        present.extend(&in_force);
        let mut lines = Vec::new();
        for version in present
            .iter()
            .filter_map(|number| self.agreement.version(*number))
        {
            let Some(component) = version.component(id) else {
                continue;
            };
            let empty = Bucket::default();
            let bucket = |group: usize| {
                self.buckets
                    .get((index, number, version.number, group))
                    .unwrap_or(&empty)
            };
            let is_in_force = in_force.contains(&version.number);
            let is_free = version.terms.is_free(id);
            match &component.terms {
                Terms::Metered(metered) => {
                    let average = average(metered, period)?;
                    let own = |label: &str, is_free, group: usize| Line {
                        version,
                        label: label.to_owned(),
                        price: &metered.price,
                        convert: metered.convert,
                        draws_allowance: true,
                        retier: Retier::Full,
                        is_in_force,
                        is_free,
                        contributions: Arc::clone(&bucket(group).contributions),
                        taken_back: Vec::new(),
                        measured: Quantity::ZERO,
                        quantity: Quantity::ZERO,
                        included: Quantity::ZERO,
                        rolled: Quantity::ZERO,
                        average: average.clone(),
                        closed_only: !metered.may_be_cut(is_free),
                    };
                    lines.push(own("", is_free, 0));
                    // What the price of its work includes has no price of its own.
                    if !bucket(WITH_WORK_GROUP).contributions.is_empty() {
                        lines.push(own(WITH_WORK, true, WITH_WORK_GROUP));
                    }
                }
                Terms::Outcome(outcome) => {
                    for (place, group) in outcome.groups.iter().enumerate() {
                        let own = bucket(place);
                        let kept = own
                            .taken_back
                            .iter()
                            .filter(|back| self.with_late() || !back.3);
                        lines.push(Line {
                            version,
                            label: group.label(),
                            price: &group.price,
                            convert: None,
                            draws_allowance: group.draws_allowance,
                            retier: outcome.retier,
                            is_in_force,
                            is_free,
                            contributions: Arc::clone(&own.contributions),
                            taken_back: kept.map(|back| (back.0, back.1, back.2)).collect(),
                            measured: Quantity::ZERO,
                            quantity: Quantity::ZERO,
                            included: Quantity::ZERO,
                            rolled: Quantity::ZERO,
                            average: None,
                            closed_only: !group.price.may_be_cut() && !is_free,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(lines)
    }

    /// The lines of what was attempted in a period, version by version.
    fn attempts(
        &self,
        id: &str,
        (index, number): (usize, usize),
        period: &Period,
    ) -> Vec<Line<'a>> {
        let in_force = self.agreement.days_in_force(period);
        let lines = self.agreement.versions.iter().filter_map(|version| {
            let Some(Terms::Outcome(outcome)) = version.component(id).map(|own| &own.terms) else {
                return None;
            };
            let price = &outcome.attempt.as_ref()?.price;
            let is_free = version.terms.is_free(id);
            let place = (index, number, version.number, outcome.groups.len());
            let bucket = self.buckets.get(place);
            Some(Line {
                version,
                label: String::new(),
                price,
                convert: None,
                draws_allowance: false,
                retier: Retier::Full,
                is_free,
                is_in_force: in_force.iter().any(|(own, _)| own.number == version.number),
                contributions: bucket
                    .map(|bucket| Arc::clone(&bucket.contributions))
                    .unwrap_or_default(),
                taken_back: Vec::new(),
                measured: Quantity::ZERO,
                quantity: Quantity::ZERO,
                included: Quantity::ZERO,
                rolled: Quantity::ZERO,
                average: None,
                closed_only: !price.may_be_cut() && !is_free,
            })
        });
        lines.collect()
    }

    /// Units of the allowance for a period: each version's, by its days, rounded up to its own
    /// last digit in the buyer's favour.
    fn allowance(&self, id: &str, period: &Period) -> Result<Quantity, MoneyError> {
        let mut by_days = Decimal::ZERO;
        let mut scale = 0;
        let in_force = self.agreement.days_in_force(period);
        let charged = in_force
            .iter()
            .filter(|(version, _)| !version.terms.is_free(id));
        for (version, days) in charged {
            let own = match version.component(id).map(|component| &component.terms) {
                Some(Terms::Metered(metered)) => metered.allowance,
                Some(Terms::Outcome(outcome)) => outcome.allowance,
                _ => continue,
            };
            scale = scale.max(own.scale());
            let length = Decimal::from_int(days.end - days.start);
            by_days = by_days.plus(own.times(length)?)?;
        }
        Ratio::new(by_days, i128::from(period.whole_days.max(1)))?.rounded(scale, Rounding::Up)
    }

    /// What is left of the allowances of periods before the first one here (P6).
    fn rolled_before(&self, id: &str) -> Vec<Grant> {
        let opening = self.agreement.opening.iter();
        let rolled = opening
            .flat_map(|own| own.of(id))
            .flat_map(|own| &own.rolled);
        let grants = rolled.filter_map(|own| {
            Some(Grant {
                left: own.quantity,
                last: usize::try_from(own.periods).ok()?.checked_sub(1)?,
            })
        });
        grants.collect()
    }

    /// Periods after this one in which what is left of its allowance may still be used, as the version
    /// says that is in force last in it.
    fn rolls_over(&self, id: &str, period: &Period) -> Option<usize> {
        let in_force = self.agreement.days_in_force(period);
        let mut terms = in_force
            .iter()
            .rev()
            .filter_map(|(version, _)| Some(&version.component(id)?.terms));
        match terms.next()? {
            Terms::Metered(metered) if metered.rollover > 0 => {
                usize::try_from(metered.rollover).ok()
            }
            _ => None,
        }
    }

    /// Prices the lines of one period.
    fn price(
        &mut self,
        id: &str,
        (number, period): (usize, &Period),
        mut lines: Vec<Line<'a>>,
        naming: Naming,
        grants: &mut Vec<Grant>,
    ) -> Result<(), MoneyError> {
        let mut left = self.allowance(id, period)?;
        // Another system may have counted before, and nothing of that is charged (P6).
        let opening = self.agreement.opening.as_deref();
        let opening = opening.filter(|_| number == 0);
        if let Some(opening) = opening {
            left = left.minus(left.min(opening.included(id)?))?;
        }
        if let Some((seconds, _)) = lines.iter().find_map(|line| line.average.as_ref()) {
            left = left.times(*seconds)?;
        }
        grants.retain(|grant| number <= grant.last);
        for line in &mut lines {
            line.measure(self.with_late())?;
            if line.is_free {
                line.included = line.measured;
            } else if line.draws_allowance && line.price.measure() == Measure::Quantity {
                line.draw(grants, &mut left)?;
            }
        }
        if let Some(periods) = self.rolls_over(id, period) {
            let last = number.saturating_add(periods);
            grants.push(Grant { left, last });
        }
        let counted = |line: &Line<'_>| {
            let counter = opening.and_then(|own| match naming {
                Naming::Attempt => own.attempts(id),
                Naming::Usage | Naming::Class | Naming::Premium => own.counter(id, &line.label),
            });
            match (counter, &line.average) {
                (None, _) => Ok(None),
                (Some(own), None) => Ok(Some(own.quantity)),
                (Some(own), Some((seconds, _))) => own.quantity.times(*seconds).map(Some),
            }
        };
        let mut totals: BTreeMap<String, Quantity> = BTreeMap::new();
        for line in &lines {
            let total = match totals.get(&line.label) {
                Some(total) => *total,
                None => counted(line)?.unwrap_or_default(),
            };
            totals.insert(line.label.clone(), total.plus(line.billable()?)?);
        }
        // Positions of prices that may be cut inside, and of those that the whole period decides.
        let mut positions: BTreeMap<String, Quantity> = BTreeMap::new();
        let mut wholes: BTreeMap<String, Quantity> = BTreeMap::new();
        for line in &lines {
            if let Some(quantity) = counted(line)? {
                let known = match line.price.may_be_cut() {
                    true => &mut positions,
                    false => &mut wholes,
                };
                known.entry(line.label.clone()).or_insert(quantity);
            }
        }
        let mut flat_owed: BTreeMap<String, u32> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.is_there() && !line.is_free) {
            flat_owed.insert(line.label.clone(), line.version.number);
        }
        let mut out: Vec<(super::CellKey, Cell)> = Vec::new();
        let mut groups = Vec::new();
        for line in &lines {
            let version = line.version.number;
            let currency = line.version.terms.contract.currency;
            let rounding = line.version.terms.contract.rounding;
            let closed_only = line.closed_only;
            let known = match line.price.may_be_cut() {
                true => &mut positions,
                false => &mut wholes,
            };
            let earlier = known.get(&line.label).copied();
            let from = earlier.filter(|_| line.price.may_be_cut());
            if from.is_none() && !line.is_there() {
                continue;
            }
            if (closed_only && !self.is_priced(period)) || period.start.at >= self.cut {
                continue;
            }
            let cell = |quantity, amount, waived| Cell {
                quantity,
                amount,
                waived,
                service: (period.start.at, period.end.at),
                due: if closed_only {
                    period.end.at
                } else {
                    inside(period)
                },
                contributions: Arc::clone(&line.contributions),
                of: None,
            };
            let included = match (line.is_free, &line.average) {
                (true, None) => line.quantity,
                _ => line.units(line.included)?,
            };
            for (units, label) in [
                (included, line.label.as_str()),
                (line.units(line.rolled)?, ROLLED),
            ] {
                if !units.is_zero() {
                    let part = Part::Included(label.to_owned());
                    out.push((
                        self.key(id, period, version, part),
                        cell(units, Amount::zero(currency), Vec::new()),
                    ));
                }
            }
            if line.is_free {
                continue;
            }
            let start = earlier.unwrap_or_default();
            let to = start.plus(line.billable()?)?;
            known.insert(line.label.clone(), to);
            let mut sum = Amount::zero(currency);
            if line.price.may_be_cut() {
                let lower = from.map(|from| line.billed(from)).transpose()?;
                if lower.is_none() && to.is_zero() && !line.is_in_force {
                    continue;
                }
                for part in line.form().between(lower, line.billed(to)?)? {
                    let amount = line.amount(part.amount, currency, rounding)?;
                    sum = sum.plus(amount)?;
                    let quantity = match line.price.measure() {
                        Measure::MoneyOfEach => line.quantity,
                        _ => line.units(part.quantity)?,
                    };
                    let name = naming.tier(&line.label, part.tier);
                    out.push((
                        self.key(id, period, version, name),
                        cell(quantity, amount, Vec::new()),
                    ));
                }
            } else {
                let own = line.billed(to)?.minus(line.billed(start)?)?;
                let total = line.billed(totals[&line.label])?; // every line's label was entered above
                let with_flat = flat_owed.get(&line.label) == Some(&version);
                let (amount, excess) = line.of_total(own, total, with_flat)?;
                let amount = line.amount(amount, currency, rounding)?;
                let excess = line.amount(excess, currency, rounding)?;
                let waived = if excess.is_zero() {
                    Vec::new()
                } else {
                    vec![(Waiver::NoIncrease, excess)]
                };
                sum = amount.minus(excess)?;
                out.push((
                    self.key(id, period, version, naming.tier(&line.label, 0)),
                    cell(line.units(own)?, amount, waived),
                ));
            }
            // Risk, cover and disputes look at what counted, not at what was tried.
            if matches!(naming, Naming::Attempt) {
                continue;
            }
            groups.push(PricedGroup {
                component: id.to_owned(),
                period: number,
                version,
                label: line.label.clone(),
                amount: sum,
                contributions: Arc::clone(&line.contributions),
                average_of: line.average.as_ref().map(|(seconds, _)| *seconds),
            });
        }
        for (key, cell) in out {
            self.put(key, cell);
        }
        self.groups.extend(groups);
        Ok(())
    }
}

/// Of a gauge: what its units are divided by in a period, and the price of so many of them.
fn average(metered: &Metered, period: &Period) -> Result<Option<(Decimal, Price)>, MoneyError> {
    if metered.aggregate != Aggregate::WeightedSum {
        return Ok(None);
    }
    let seconds = denominator(period)?;
    Ok(Some((seconds, metered.price.scaled(seconds)?)))
}

impl Line<'_> {
    /// Whether its version is in force, or something still falls under it.
    fn is_there(&self) -> bool {
        self.is_in_force || !self.contributions.is_empty()
    }

    /// Sums what falls under the price.
    fn measure(&mut self, with_late: bool) -> Result<(), MoneyError> {
        let measure = self.price.measure();
        for own in self
            .contributions
            .iter()
            .filter(|own| with_late || !own.is_late)
        {
            self.quantity = self.quantity.plus(own.quantity)?;
            self.measured = self.measured.plus(match measure {
                Measure::Quantity if self.average.is_none() => own.quantity,
                Measure::Quantity | Measure::Money | Measure::MoneyOfEach => own.weight,
            })?;
        }
        Ok(())
    }

    /// Draws what is left of allowances, the oldest first, the period's own last.
    fn draw(&mut self, grants: &mut [Grant], left: &mut Quantity) -> Result<(), MoneyError> {
        for grant in grants {
            let taken = grant.left.min(self.measured.minus(self.rolled)?);
            grant.left = grant.left.minus(taken)?;
            self.rolled = self.rolled.plus(taken)?;
        }
        self.included = (*left).min(self.measured.minus(self.rolled)?);
        *left = left.minus(self.included)?;
        Ok(())
    }

    fn billable(&self) -> Result<Quantity, MoneyError> {
        self.measured.minus(self.included)?.minus(self.rolled)
    }

    /// The position of the price at a position of the meter.
    fn billed(&self, position: Quantity) -> Result<Quantity, MoneyError> {
        match (self.convert, &self.average) {
            (None, _) => Ok(position),
            (Some(convert), None) => convert.billed(position),
            (Some(convert), Some((seconds, _))) => Convert {
                divide: convert.divide.times(*seconds)?,
                ..convert
            }
            .billed(position),
        }
    }

    /// What amounts and quantities of the price are divided by; billed units are whole already.
    fn divisor(&self) -> Option<Decimal> {
        let (seconds, _) = self.average.as_ref()?;
        self.convert.is_none().then_some(*seconds)
    }

    /// The price of its positions.
    fn form(&self) -> &Price {
        match &self.average {
            Some((_, scaled)) if self.convert.is_none() => scaled,
            _ => self.price,
        }
    }

    fn amount(
        &self,
        exact: Decimal,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Amount, MoneyError> {
        match self.divisor() {
            None => Ok(Amount::new(exact, currency).rounded(rounding)),
            Some(seconds) => Amount::from_ratio(Ratio::of(exact, seconds)?, currency, rounding),
        }
    }

    fn units(&self, quantity: Quantity) -> Result<Quantity, MoneyError> {
        match self.divisor() {
            None => Ok(quantity),
            Some(seconds) => {
                Ratio::of(quantity, seconds)?.rounded(AVERAGE_DIGITS, Rounding::HalfEven)
            }
        }
    }

    /// The amount by the tier that the whole period reaches, and what of it was raised by reversals
    /// alone and is therefore not charged (semantics.md D4).
    ///
    /// The reversals are taken in the order of their instants, as if everything had been counted
    /// before them: the least total on that way is charged.
    fn of_total(
        &self,
        own: Quantity,
        total: Quantity,
        with_flat: bool,
    ) -> Result<(Decimal, Decimal), MoneyError> {
        let others = total.minus(own)?;
        let at = |own: Quantity| self.form().of_total(own, others.plus(own)?, with_flat);
        let amount = at(own)?;
        if self.retier == Retier::Full || self.taken_back.is_empty() {
            return Ok((amount, Decimal::ZERO));
        }
        let mut back: Vec<&(Timestamp, Source, Quantity)> = self.taken_back.iter().collect();
        back.sort_unstable_by_key(|own| std::cmp::Reverse((own.0, own.1)));
        let mut least = amount;
        let mut position = own;
        for (_, _, quantity) in back {
            position = position.plus(*quantity)?;
            least = least.min(at(position)?);
        }
        Ok((amount, amount.minus(least)?))
    }
}
