//! Fees that follow the calendar, once or in every period, and credits given by hand.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, MoneyError, Quantity};

use super::{CREDIT, Cell, CellKey, Part, PricedGroup, Rating, inside};
use crate::contract::Version;
use crate::period::{Period, holding};
use crate::plan::{Due, Platform, Terms};
use crate::rating::totals::Share;

impl<'a> Rating<'a> {
    pub(super) fn platform(
        &mut self,
        id: &str,
        place: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        if let Some((version, platform)) = self.once(id) {
            return match period.holds(version.from) && !period.is_tail {
                true => self.fee(id, (place, period), (version, platform), Share::WHOLE),
                false => Ok(()),
            };
        }
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
            let share = if platform.prorate {
                Share {
                    days,
                    of: period.whole_days.max(1),
                }
            } else {
                Share::WHOLE
            };
            self.fee(id, (place, period), (version, platform), share)?;
        }
        Ok(())
    }

    /// The version that a fee is charged once by: the first that has the component.
    fn once(&self, id: &str) -> Option<(&'a Version, &'a Platform)> {
        let mut versions = self.agreement.versions.iter();
        let found = versions.find_map(|version| Some((version, version.component(id)?)));
        match found {
            Some((version, component)) => match &component.terms {
                Terms::Platform(platform) if platform.once => Some((version, platform)),
                _ => None,
            },
            None => None,
        }
    }

    /// A share of a fee, where it is due.
    fn fee(
        &mut self,
        id: &str,
        (place, period): (usize, &Period),
        (version, platform): (&Version, &Platform),
        share: Share,
    ) -> Result<(), MoneyError> {
        let due = match platform.due {
            Due::Advance if platform.once => version.from,
            Due::Advance => period.start.at,
            Due::Arrears => period.end.at,
        };
        if due > self.cut && !self.is_priced(period) {
            return Ok(());
        }
        let fee = if version.terms.is_free(id) {
            Amount::zero(platform.amount.currency())
        } else {
            platform.amount
        };
        let amount = share.of_amount(fee, version.terms.contract.rounding)?;
        let key = self.key(id, period, version.number, Part::Fee);
        let cell = self.fee_cell(period, due, Quantity::ONE, amount);
        self.groups.push(PricedGroup {
            component: id.to_owned(),
            period: place,
            version: version.number,
            label: String::new(),
            amount,
            contributions: Arc::default(),
            average_of: None,
        });
        self.put(key, cell);
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
