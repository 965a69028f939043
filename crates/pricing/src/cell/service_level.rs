//! Service levels: what of other components' charges is paid back by the level that was measured.
//!
//! What is paid back is a share of what the buyer pays for these components in the period: their charges after
//! their own totals, and after the discounts and the cap of the contract in proportion. The cells come behind all
//! totals, so that no minimum and no cap swallows a remedy. Invariant: without a measure of the period there is no
//! cell, and the period is [`awaited`](super::awaited()).

use money::{Amount, Decimal, MoneyError, Ratio};

use super::{CREDIT, Cell, Part, Rating, TOTALS};
use crate::contract::{Agreement, Version};
use crate::period::{Period, holding};
use crate::plan::{ServiceLevel, Terms};
use crate::published::{self, Published};
use crate::rating::totals::Share;

/// A service level of a period that is over, and what was measured of it.
pub(crate) struct Reached<'a> {
    pub(crate) version: &'a Version,
    pub(crate) terms: &'a ServiceLevel,
    pub(crate) level: Option<(&'a Published, Decimal)>,
}

/// What was reached in a period, as the version says that is in force when it starts; nothing in a tail, and
/// nothing where that version does not promise it or gives it away.
pub(crate) fn reached<'a>(
    agreement: &'a Agreement,
    documents: &'a [Published],
    id: &str,
    period: &Period,
) -> Option<Reached<'a>> {
    let version = agreement.of_period(period);
    let Terms::ServiceLevel(terms) = &version.component(id)?.terms else {
        return None;
    };
    if period.is_tail || version.terms.is_free(id) {
        return None;
    }
    let span = (period.start.at, period.end.at);
    let measured = published::measure(documents, &terms.measure, span);
    let level = measured.filter(|(_, value)| value.currency.is_none());
    Some(Reached {
        version,
        terms,
        level: level.map(|(own, value)| (own, value.number)),
    })
}

impl Rating<'_> {
    /// What is paid back by one service level.
    pub(super) fn service_level(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let (agreement, documents, cut) = (self.agreement, self.facts.published, self.cut);
        for period in periods.iter().filter(|period| period.end.at <= cut) {
            let Some(own) = reached(agreement, documents, id, period) else {
                continue;
            };
            let Some((_, level)) = own.level else {
                continue;
            };
            let contract = &own.version.terms.contract;
            let share = own.terms.share_at(level);
            let mut back = self.paid_for(period, own.terms)?.map_or(
                Ok(Amount::zero(contract.currency)),
                |(charged, left, whole)| {
                    let exact = charged.value().times(left.value())?.times(share)?;
                    let exact = Ratio::of(exact, whole.value())?;
                    Amount::from_ratio(exact, contract.currency, contract.rounding)
                },
            )?;
            if let Some(cap) = own.terms.cap {
                let of = Share {
                    days: period.days(),
                    of: period.whole_days.max(1),
                };
                let most = of.of_amount(cap, contract.rounding)?;
                if most.value() < back.value() {
                    back = most;
                }
            }
            let key = self.key(id, period, own.version.number, Part::ServiceLevel);
            let cell = self.fee_cell(period, period.end.at, level, back.negated());
            self.put(key, cell);
        }
        Ok(())
    }

    /// What the components charge in a period, and of everything that the totals of the contract look at with
    /// them: what they leave of it, and the whole. Nothing where nothing is charged.
    fn paid_for(
        &self,
        period: &Period,
        terms: &ServiceLevel,
    ) -> Result<Option<(Amount, Amount, Amount)>, MoneyError> {
        let currency = self.agreement.latest().terms.contract.currency;
        let every = self.agreement.versions[0].terms.totals.every; // an agreement has a version
        let all = self.agreement.rating_periods(every, self.cut);
        let Some(of_totals) = holding(&all, period.start.at).map(|index| &all[index]) else {
            return Ok(None);
        };
        let zero = Amount::zero(currency);
        let (mut charged, mut whole, mut left) = (zero, zero, zero);
        for (key, cell) in &self.cells {
            let own = Cell::charged(cell)?;
            if key.component == TOTALS {
                let is_taken_off =
                    matches!(key.part, Part::Discount(_) | Part::Cap | Part::Overage(_));
                if is_taken_off && key.period == of_totals.start.at {
                    left = left.plus(own)?;
                }
            } else if key.component != CREDIT
                && key.part != Part::ServiceLevel
                && of_totals.holds(key.period)
            {
                whole = whole.plus(own)?;
                left = left.plus(own)?;
                if key.period == period.start.at && terms.of.contains(&key.component) {
                    charged = charged.plus(own)?;
                }
            }
        }
        let is_nothing = |own: Amount| own.is_zero() || own.is_negative();
        let any = [charged, left, whole].into_iter().any(is_nothing);
        Ok((!any).then_some((charged, left, whole)))
    }
}
