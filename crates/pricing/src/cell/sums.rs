//! Totals: discounts, caps and minimums of one line and of a whole period, each a cell of its own.
//!
//! A cell belongs to the period in which its own rating period begins. Discounts are those of the version
//! that a period begins with (semantics.md S12); cap and minimum are prorated by days over the versions in
//! force, exactly, and rounded once, so that parts of a period sum to the whole (P2); a minimum is due when
//! everything that it looks at is (D5). A tail has no minimum, and the last version's cap. Not here: a
//! minimum's terms over several periods (`minimums`).

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio};

use super::{Cell, Part, Rating, TOTALS, inside};
use crate::contract::{Agreement, Version};
use crate::period::{Period, holding};
use crate::plan::{Cap, CapMode, Minimum, Off, PeriodTotals, Scope, Totals, surface_of};
use crate::rating::totals::{Lefts, Share, above};

/// A cell of totals: its part, what it adds, and what that was computed from.
pub(super) struct Term {
    pub(super) part: Part,
    pub(super) amount: Amount,
    pub(super) of: Option<Amount>,
    pub(super) due: Timestamp,
    /// Where what it is for begins, if not with its period.
    pub(super) since: Option<Timestamp>,
}

/// Place of the overage of a cap among those of totals.
const BEYOND_CAP: Part = Part::Overage(0);

impl<'a> Rating<'a> {
    /// Discount, cap and minimum of one component.
    pub(super) fn line_totals(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let terms = |version: &'a Version| version.component(id).map(|own| &own.totals);
        if agreement
            .versions
            .iter()
            .all(|version| terms(version).is_none_or(Totals::is_empty))
        {
            return Ok(());
        }
        for period in periods {
            let base = agreement.of_period(period);
            let contract = &base.terms.contract;
            let due = self.with_its_fee(period);
            let zero = Amount::zero(contract.currency);
            let (mut sum, mut first) = (zero, None);
            // What versions take off adds up, as the parts of a fee do: each is rounded as the sum so far.
            let (mut exact, mut given) = (Decimal::ZERO, zero);
            for version in &agreement.versions {
                let cells = self.cells.range(self.keys_of(id, period));
                let own = cells.filter(|(key, _)| key.version == version.number);
                let charged: Vec<Amount> = own
                    .map(|(_, cell)| cell.charged())
                    .collect::<Result<_, _>>()?;
                if charged.is_empty() {
                    continue;
                }
                let amount = Amount::sum(contract.currency, charged)?;
                first.get_or_insert(version.number);
                sum = sum.plus(amount)?;
                let share = terms(version).and_then(|own| own.discounts.first());
                let Some(Off::Share(share)) = share.map(|own| own.off) else {
                    continue;
                };
                exact = exact.plus(amount.value().times(share)?)?;
                let so_far = Amount::new(exact, contract.currency);
                let so_far = so_far.rounded(version.terms.contract.rounding);
                let off = given.minus(so_far)?;
                given = so_far;
                sum = sum.plus(off)?;
                let term = Term {
                    part: Part::Discount(0),
                    amount: off,
                    of: None,
                    due,
                    since: None,
                };
                self.put_term(id, period, version.number, term);
            }
            let counts = |version: &Version| !version.terms.is_free(id);
            let number = first.unwrap_or(base.number);
            let cap = |version: &'a Version| terms(version)?.cap.map(|cap| cap.amount);
            if let Some(most) = cap_by_days(agreement, period, counts, cap)? {
                let over = above(sum, most)?;
                sum = sum.minus(over)?;
                let term = Term {
                    part: Part::Cap,
                    amount: over.negated(),
                    of: None,
                    due,
                    since: None,
                };
                self.put_term(id, period, number, term);
            }
            let least = |version: &'a Version| terms(version)?.minimum.as_ref();
            // A line without a cell still owes its minimum.
            if self.is_closed(period)
                && let Some(least) = self.minimum_by_days(period, counts, least)?
            {
                let least = Amount::from_ratio(least, contract.currency, contract.rounding)?;
                let term = Term {
                    part: Part::Minimum,
                    amount: above(least, sum)?,
                    of: None,
                    due: period.end.at,
                    since: None,
                };
                self.put_term(id, period, number, term);
            }
        }
        Ok(())
    }

    /// Discounts, cap and minimum of every period of the contract.
    pub(super) fn contract_totals(&mut self) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let every = agreement.versions[0].terms.totals.every; // an agreement has a version
        if agreement
            .versions
            .iter()
            .all(|version| version.terms.totals.totals.is_empty())
        {
            return Ok(());
        }
        let periods = agreement.rating_periods(every, self.cut);
        let charged = self.charged_in(&periods)?;
        let mut drawn = Vec::with_capacity(periods.len());
        for (number, (mut lefts, last_end)) in charged.into_iter().enumerate() {
            let period = &periods[number];
            let totals = &agreement.of_period(period).terms.totals;
            self.discounts(&periods[..=number], totals, &mut lefts)?;
            self.cap(period, &mut lefts)?;
            let minimum = totals.totals.minimum.as_ref();
            let looks = |id: &str| minimum.is_some_and(|own| self.looks_at(&own.scope, id));
            drawn.push((lefts.sum(&looks)?, last_end.max(period.end.at)));
        }
        self.minimums(&drawn)
    }

    /// What is charged in each period, by component, and the latest end of what it is for.
    fn charged_in(&self, periods: &[Period]) -> Result<Vec<(Lefts<'a>, Timestamp)>, MoneyError> {
        let ids = self.agreement.component_ids();
        let empty = |period: &Period| {
            let currency = self.agreement.of_period(period).terms.contract.currency;
            let mut lefts = Lefts::new(currency);
            for (id, _) in &ids {
                lefts.add(id, Amount::zero(currency))?;
            }
            Ok((lefts, period.start.at))
        };
        let mut charged: Vec<(Lefts<'a>, Timestamp)> =
            periods.iter().map(empty).collect::<Result<_, _>>()?;
        for (key, cell) in &self.cells {
            let Some((id, _)) = ids.iter().find(|(id, _)| *id == key.component) else {
                continue;
            };
            if let Some(period) = holding(periods, key.period) {
                let (lefts, end) = &mut charged[period];
                lefts.add(id, cell.charged()?)?;
                *end = cell.service.1.max(*end);
            }
        }
        Ok(charged)
    }

    /// The discounts of the last of these periods, which are all up to it.
    fn discounts(
        &mut self,
        periods: &[Period],
        of: &PeriodTotals,
        lefts: &mut Lefts<'a>,
    ) -> Result<(), MoneyError> {
        let Some(period) = periods.last() else {
            return Ok(());
        };
        let version = self.agreement.of_period(period);
        let rounding = version.terms.contract.rounding;
        let due = self.with_its_fee(period);
        for (place, discount) in (0u16..).zip(&of.totals.discounts) {
            if !discount.holds(periods) {
                continue;
            }
            let looks = |id: &str| self.looks_at(&discount.scope, id);
            let sum = lefts.sum(&looks)?;
            let off = match discount.off {
                Off::Share(share) => lefts.take_share(&looks, share, rounding)?,
                Off::Amount(_) if period.is_tail => continue,
                Off::Amount(amount) => {
                    let share = Share {
                        days: self.counted_days(period),
                        of: period.whole_days.max(1),
                    };
                    lefts.take_amount(&looks, share.of_amount(amount, rounding)?)?
                }
            };
            let term = Term {
                part: Part::Discount(place),
                amount: off,
                of: Some(sum),
                due,
                since: None,
            };
            self.put_term(TOTALS, period, version.number, term);
        }
        Ok(())
    }

    /// The cap of a period, or what is added beyond it.
    fn cap(&mut self, period: &Period, lefts: &mut Lefts<'a>) -> Result<(), MoneyError> {
        let own = |version: &'a Version| version.terms.totals.totals.cap;
        let bound = |cap: Cap| (cap.mode != CapMode::Soft).then_some(cap.amount);
        let amount = |version: &'a Version| own(version).and_then(bound);
        let counts = |version: &Version| version.terms.free.counts_for_totals();
        let Some(most) = cap_by_days(self.agreement, period, counts, amount)? else {
            return Ok(());
        };
        let version = self.agreement.of_period(period);
        let sum = lefts.sum(&|_| true)?;
        let over = above(sum, most)?;
        let (part, amount, of) = match own(version).map(|cap| cap.mode) {
            Some(CapMode::Overage(factor)) => {
                let added = over.times(factor.minus(Decimal::ONE)?)?;
                let added = added.rounded(version.terms.contract.rounding);
                (BEYOND_CAP, added, over)
            }
            _ => (Part::Cap, over.negated(), sum),
        };
        lefts.spread(&|_| true, amount)?;
        let term = Term {
            part,
            amount,
            of: Some(of),
            due: self.with_its_fee(period),
            since: None,
        };
        self.put_term(TOTALS, period, version.number, term);
        Ok(())
    }

    /// Whether a term looks at a component.
    pub(super) fn looks_at(&self, scope: &Scope, id: &str) -> bool {
        let versions = self.agreement.versions.iter();
        let components = versions.map(|version| version.terms.components.as_slice());
        match scope {
            Scope::Everything => true,
            scope => surface_of(components, id).is_some_and(|own| scope.holds(id, own)),
        }
    }

    /// When a discount or a cap is due: inside its period, or at its start where that is the cut and
    /// a fee in advance is due with it.
    pub(super) fn with_its_fee(&self, period: &Period) -> Timestamp {
        if period.start.at < self.cut {
            inside(period)
        } else {
            period.start.at
        }
    }

    /// Days of a period on which terms of the contract count: not those on which everything is free.
    fn counted_days(&self, period: &Period) -> i64 {
        let in_force = self.agreement.days_in_force(period).into_iter();
        let counted = in_force.filter(|(version, _)| version.terms.free.counts_for_totals());
        counted.map(|(_, days)| days.end - days.start).sum()
    }

    /// A period's part of a minimum by the days of each version that counts, exactly; nothing where none of
    /// them has one, and in a tail.
    pub(super) fn minimum_by_days<'m>(
        &self,
        period: &Period,
        counts: impl Fn(&Version) -> bool,
        minimum: impl Fn(&'a Version) -> Option<&'m Minimum>,
    ) -> Result<Option<Ratio>, MoneyError> {
        let mut sum: Option<Ratio> = None;
        for (version, days) in self.agreement.days_in_force(period) {
            let Some(own) = minimum(version).filter(|_| counts(version)) else {
                continue;
            };
            let by_days = Decimal::from_int(days.end - days.start);
            let of = i128::from(period.whole_days.max(1)) * i128::from(own.periods);
            let own = Ratio::new(own.amount.value().times(by_days)?, of)?;
            sum = Some(sum.map_or(Ok(own), |sum| sum.plus(own))?);
        }
        Ok(sum)
    }

    pub(super) fn put_term(&mut self, component: &str, period: &Period, version: u32, term: Term) {
        let key = self.key(component, period, version, term.part);
        let cell = Cell {
            quantity: Quantity::ZERO,
            amount: term.amount,
            waived: Vec::new(),
            service: (term.since.unwrap_or(period.start.at), period.end.at),
            due: term.due,
            contributions: Arc::default(),
            of: term.of,
        };
        self.put(key, cell);
    }
}

/// The cap of a period by the days of each version that counts, rounded once. Where such a version in
/// force has no cap, the period has none.
pub(super) fn cap_by_days<'a>(
    agreement: &'a Agreement,
    period: &Period,
    counts: impl Fn(&Version) -> bool,
    cap: impl Fn(&'a Version) -> Option<Amount>,
) -> Result<Option<Amount>, MoneyError> {
    let contract = &agreement.of_period(period).terms.contract;
    let of = period.whole_days.max(1);
    let mut sum: Option<Ratio> = None;
    let in_force = match period.is_tail {
        true => vec![(agreement.latest(), 0..period.days())],
        false => agreement.days_in_force(period),
    };
    for (version, days) in in_force {
        if !period.is_tail && !counts(version) {
            continue;
        }
        let Some(amount) = cap(version) else {
            return Ok(None);
        };
        let days = days.end - days.start;
        let own = Share { days, of }.exactly(amount)?;
        sum = Some(sum.map_or(Ok(own), |sum| sum.plus(own))?);
    }
    sum.map(|exact| Amount::from_ratio(exact, contract.currency, contract.rounding))
        .transpose()
}
