//! Fees that follow the calendar, once or in every period, and credits given by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio};

use super::{CREDIT, Cell, CellKey, Part, PricedGroup, Rating, inside};
use crate::contract::{Contract, Version};
use crate::period::{Period, holding};
use crate::plan::{Due, Platform, Terms};

/// What the versions of one period come to by their days, one after the other: each part is what is owed so
/// far, rounded, less the parts before it, so that the parts sum to the whole, rounded as the last version
/// rounds (semantics.md P2).
pub(super) struct DayParts {
    whole_days: i128,
    /// Fees times days so far, and what the parts before came to.
    so_far: BTreeMap<Part, (Decimal, Decimal)>,
}

impl DayParts {
    pub(super) fn of(period: &Period) -> DayParts {
        DayParts {
            whole_days: i128::from(period.whole_days.max(1)),
            so_far: BTreeMap::new(),
        }
    }

    /// The next version's part, of a fee times its days.
    pub(super) fn next(
        &mut self,
        part: Part,
        by_days: Decimal,
        contract: &Contract,
    ) -> Result<Amount, MoneyError> {
        let (so_far, given) = self.so_far.entry(part).or_default();
        *so_far = so_far.plus(by_days)?;
        let exact = Ratio::new(*so_far, self.whole_days)?;
        let now = Amount::from_ratio(exact, contract.currency, contract.rounding)?;
        let own = now.value().minus(*given)?;
        *given = now.value();
        Ok(Amount::new(own, contract.currency))
    }
}

impl<'a> Rating<'a> {
    pub(super) fn platform(
        &mut self,
        id: &str,
        place: usize,
        period: &Period,
    ) -> Result<(), MoneyError> {
        if let Some((version, platform)) = self.once(id) {
            return match period.holds(version.from) && !period.is_tail {
                true => self.fee(id, (place, period), (version, platform), None),
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
        let mut parts = DayParts::of(period);
        for (number, days) in shares {
            let Some(version) = self.agreement.version(number) else {
                continue;
            };
            let Some(Terms::Platform(platform)) = version.component(id).map(|own| &own.terms)
            else {
                continue;
            };
            let by_days = platform.prorate.then_some((&mut parts, days));
            self.fee(id, (place, period), (version, platform), by_days)?;
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

    /// A fee, or its part for so many days, where it is due.
    fn fee(
        &mut self,
        id: &str,
        (place, period): (usize, &Period),
        (version, platform): (&Version, &Platform),
        by_days: Option<(&mut DayParts, i64)>,
    ) -> Result<(), MoneyError> {
        let fee = if version.terms.is_free(id) {
            Amount::zero(platform.amount.currency())
        } else {
            platform.amount
        };
        let contract = &version.terms.contract;
        let amount = match by_days {
            None => fee.rounded(contract.rounding),
            Some((parts, days)) => {
                let own = fee.value().times(Decimal::from_int(days))?;
                parts.next(Part::Fee, own, contract)?
            }
        };
        let due = match platform.due {
            Due::Advance if platform.once => version.from,
            Due::Advance => period.start.at,
            Due::Arrears => period.end.at,
        };
        if due > self.cut && !self.is_priced(period) {
            return Ok(());
        }
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
            of: None,
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
