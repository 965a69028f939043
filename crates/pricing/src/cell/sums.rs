//! Totals: discounts, caps and minimums of one line and of a whole period, each a cell of its own.
//!
//! A cell belongs to the period in which its own rating period begins. Cap, minimum and fixed
//! discount are prorated by days over the versions in force (semantics.md P2); a minimum is due when
//! everything that it looks at is (D5). A tail has no minimum, and the last version's cap.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError, Quantity, Rounding};

use super::{CREDIT, Cell, CellKey, Part, Rating, TOTALS, inside};
use crate::contract::Version;
use crate::period::Period;
use crate::rating::totals::{Adjustments, Share, Totals};

impl Rating<'_> {
    /// Discount, cap and minimum of one component.
    pub(super) fn line_totals(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let terms = |version: &Version| {
            version
                .component(id)
                .map(|component| component.totals.clone())
        };
        if agreement
            .versions
            .iter()
            .all(|version| terms(version).is_none_or(|totals| totals.is_empty()))
        {
            return Ok(());
        }
        for period in periods {
            let mut sum: Option<Amount> = None;
            let mut first = None;
            let mut out = Vec::new();
            for version in &agreement.versions {
                let contract = &version.terms.contract;
                let own = self.sum_of(contract.currency, |key| {
                    key.component == id
                        && key.period == period.start.at
                        && key.version == version.number
                })?;
                let Some((amount, _)) = own else { continue };
                first.get_or_insert(version.number);
                let discounts = Totals {
                    discounts: terms(version).unwrap_or_default().discounts,
                    ..Totals::default()
                };
                let adjusted = discounts.adjust(amount, false, contract.rounding)?;
                sum = Some(
                    sum.map_or(Ok(amount), |sum| sum.plus(amount))?
                        .plus(adjusted.sum()?)?,
                );
                out.push((version.number, adjusted));
            }
            let base = agreement.of_period(period);
            let contract = &base.terms.contract;
            let counts = |version: &Version| !version.terms.is_free(id);
            let bounds = self.prorated(period, contract.rounding, counts, terms)?;
            let closed = self.is_closed(period);
            // A line without a cell still owes its minimum.
            let sum = sum.unwrap_or(Amount::zero(contract.currency));
            let adjusted = bounds.adjust(sum, closed && !period.is_tail, contract.rounding)?;
            let number = first.unwrap_or(base.number);
            let due = (self.with_its_fee(period), period.end.at);
            for (version, own) in out {
                self.put_adjustments(id, period, version, &own, due);
            }
            self.put_adjustments(id, period, number, &adjusted, due);
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
        for period in agreement.rating_periods(every, self.cut) {
            let version = agreement.of_period(&period);
            let contract = &version.terms.contract;
            let own = self.sum_of(contract.currency, |key| {
                key.component != CREDIT && key.component != TOTALS && period.holds(key.period)
            })?;
            let (sum, last_end) = own.unwrap_or((Amount::zero(contract.currency), period.end.at));
            let counts = |version: &Version| version.terms.free.counts_for_totals();
            let mut totals = self.prorated(&period, contract.rounding, counts, |version| {
                Some(version.terms.totals.totals.clone())
            })?;
            totals
                .discounts
                .clone_from(&version.terms.totals.totals.discounts);
            let due = last_end.max(period.end.at);
            let closed = due <= self.cut && !period.is_tail;
            let adjusted = totals.adjust(sum, closed, contract.rounding)?;
            let number = version.number;
            let due = (self.with_its_fee(&period), due);
            self.put_adjustments(TOTALS, &period, number, &adjusted, due);
        }
        Ok(())
    }

    /// When a discount or a cap is due: inside its period, or at its start where that is the cut and
    /// a fee in advance is due with it.
    fn with_its_fee(&self, period: &Period) -> Timestamp {
        if period.start.at < self.cut {
            inside(period)
        } else {
            period.start.at
        }
    }

    /// The sum of what is charged of the cells that match, and the latest end of their periods.
    fn sum_of(
        &self,
        currency: Currency,
        matches: impl Fn(&CellKey) -> bool,
    ) -> Result<Option<(Amount, Timestamp)>, MoneyError> {
        let mut sum: Option<(Amount, Timestamp)> = None;
        for (key, cell) in self.cells.iter().filter(|(key, _)| matches(key)) {
            let (amount, end) = sum.unwrap_or((Amount::zero(currency), key.period));
            sum = Some((amount.plus(cell.charged()?)?, end.max(cell.service.1)));
        }
        Ok(sum)
    }

    /// Cap, minimum and fixed discount of a period by the days of each version that counts. Where such
    /// a version in force has no cap, the period has none.
    fn prorated(
        &self,
        period: &Period,
        rounding: Rounding,
        counts: impl Fn(&Version) -> bool,
        terms: impl Fn(&Version) -> Option<Totals>,
    ) -> Result<Totals, MoneyError> {
        let share = |days: i64| Share {
            days,
            of: period.whole_days.max(1),
        };
        let mut out = Totals::default();
        if period.is_tail {
            let cap = terms(self.agreement.latest()).and_then(|totals| totals.cap);
            out.cap = cap
                .map(|cap| share(period.days()).of_amount(cap, rounding))
                .transpose()?;
            return Ok(out);
        }
        let add = |sum: Option<Amount>,
                   own: Option<Amount>,
                   days: i64|
         -> Result<Option<Amount>, MoneyError> {
            let Some(own) = own else { return Ok(sum) };
            let part = share(days).of_amount(own, rounding)?;
            sum.map_or(Ok(part), |sum| sum.plus(part)).map(Some)
        };
        let mut is_capped = true;
        let in_force = self.agreement.days_in_force(period);
        for (version, days) in in_force.into_iter().filter(|(version, _)| counts(version)) {
            let totals = terms(version).unwrap_or_default();
            let days = days.end - days.start;
            out.minimum = add(out.minimum, totals.minimum, days)?;
            out.discount = add(out.discount, totals.discount, days)?;
            out.cap = add(out.cap, totals.cap, days)?;
            is_capped &= totals.cap.is_some();
        }
        if !is_capped {
            out.cap = None;
        }
        Ok(out)
    }

    fn put_adjustments(
        &mut self,
        component: &str,
        period: &Period,
        version: u32,
        adjusted: &Adjustments,
        (due, minimum_due): (Timestamp, Timestamp),
    ) {
        let mut parts: Vec<(Part, Amount, Timestamp)> = Vec::new();
        for (index, amount) in (0u16..).zip(&adjusted.discounts) {
            parts.push((Part::Discount(index), *amount, due));
        }
        parts.push((Part::FixedDiscount, adjusted.discount, due));
        parts.push((Part::Cap, adjusted.cap, due));
        parts.push((Part::Minimum, adjusted.minimum, minimum_due));
        for (part, amount, due) in parts {
            let key = self.key(component, period, version, part);
            let cell = Cell {
                quantity: Quantity::ZERO,
                amount,
                waived: Vec::new(),
                service: (period.start.at, period.end.at),
                due,
                contributions: Arc::default(),
            };
            self.put(key, cell);
        }
    }
}
