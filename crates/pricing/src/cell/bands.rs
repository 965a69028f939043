//! Risk: what confidence, review, tier or control add to or take off a priced group.
//!
//! A band's base is the group's amount in proportion to the band's units; the line is
//! round(base x factor) - round(base) (semantics.md D3), so that no unit sits in a tier by rank.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity, Ratio, Rounding};
use work::SmolStr;
use work::settle::Movement;

use super::together::AVERAGE_DIGITS;
use super::{Cell, Contribution, Part, Rating, Source, Usage, inside};
use crate::contract::Version;
use crate::period::Period;
use crate::plan::{FALLBACK, Risk, RiskBy, Terms};
use crate::published::{self, Published, Says};

impl Rating<'_> {
    /// The cells of a component that modifies another.
    pub(super) fn modifier(&mut self, id: &str, periods: &[Period]) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let Some(kind) = agreement
            .versions
            .iter()
            .find_map(|version| version.component(id))
        else {
            return Ok(());
        };
        for (number, period) in periods.iter().enumerate() {
            match &kind.terms {
                Terms::Risk(_) => {
                    let versions = agreement.versions.iter();
                    for version in versions.filter(|version| !version.terms.is_free(id)) {
                        if let Some(Terms::Risk(risk)) = version.component(id).map(|own| &own.terms)
                        {
                            self.risk(id, (number, period), version, risk)?;
                        }
                    }
                }
                Terms::Indemnity(indemnity) => {
                    let target = indemnity.modifies.clone();
                    self.premium(id, &target, number, period)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn risk(
        &mut self,
        id: &str,
        (number, period): (usize, &Period),
        version: &Version,
        risk: &Risk,
    ) -> Result<(), MoneyError> {
        let mut out = Vec::new();
        let groups = self.groups.iter().filter(|group| {
            group.component == risk.modifies
                && group.period == number
                && group.version == version.number
        });
        let contract = &version.terms.contract;
        for group in groups {
            let line = |base: Ratio, factor: Decimal| -> Result<Amount, MoneyError> {
                let plain = Amount::from_ratio(base, contract.currency, contract.rounding)?;
                let moved =
                    Amount::from_ratio(base.times(factor)?, contract.currency, contract.rounding)?;
                moved.minus(plain)
            };
            if risk.by == RiskBy::Everything {
                let amount = line(Ratio::whole(group.amount.value()), risk.missing)?;
                let part = Part::Band("all".to_owned(), group.label.clone());
                out.push((
                    part,
                    Quantity::ONE,
                    amount,
                    Arc::clone(&group.contributions),
                ));
                continue;
            }
            let mut bands: BTreeMap<String, (Decimal, Quantity, Decimal, Vec<Contribution>)> =
                BTreeMap::new();
            let mut whole = Decimal::ZERO;
            for own in group.contributions.iter() {
                let (label, factor) = self.band_of(risk, own);
                let (_, quantity, weight, list) = bands.entry(label).or_insert((
                    factor,
                    Quantity::ZERO,
                    Decimal::ZERO,
                    Vec::new(),
                ));
                list.push(*own);
                if own.is_late && !self.with_late() {
                    continue;
                }
                *quantity = quantity.plus(own.quantity)?;
                *weight = weight.plus(own.weight)?;
                whole = whole.plus(own.weight)?;
            }
            if whole.is_zero() || whole.is_negative() {
                continue;
            }
            for (label, (factor, quantity, weight, list)) in bands {
                let quantity = match group.average_of {
                    None => quantity,
                    Some(seconds) => {
                        Ratio::of(weight, seconds)?.rounded(AVERAGE_DIGITS, Rounding::HalfEven)?
                    }
                };
                let base = Ratio::of(group.amount.value().times(weight)?, whole)?;
                let part = Part::Band(label, group.label.clone());
                out.push((part, quantity, line(base, factor)?, Arc::new(list)));
            }
        }
        for (part, quantity, amount, contributions) in out {
            let key = self.key(id, period, version.number, part);
            let cell = Cell {
                quantity,
                amount,
                waived: Vec::new(),
                service: (period.start.at, period.end.at),
                due: inside(period),
                contributions,
                of: None,
            };
            self.put(key, cell);
        }
        Ok(())
    }

    /// The band of one unit or usage.
    fn band_of(&self, risk: &Risk, own: &Contribution) -> (String, Decimal) {
        match own.source {
            Source::Unit(unit, movement) => {
                let count = &self.facts.units[unit].movements[movement];
                band_of_unit(risk, count, self.facts.published)
            }
            Source::Usage(usage) => band_of_usage(risk, &self.facts.usage[usage]),
            // What was tried is in no group that risk looks at.
            Source::Attempt(_) => risk.band_of(None, None),
        }
    }
}

/// The band of a unit by its count, and its factor. What is known of it was known when it counted; whether its
/// confidence was calibrated then is asked of the documents (semantics.md S12).
pub(super) fn band_of_unit(
    risk: &Risk,
    count: &Movement,
    documents: &[Published],
) -> (String, Decimal) {
    let basis = &count.basis;
    if let Some(fallback) = &risk.fallback
        && basis.confidence.is_some()
        && !is_calibrated(documents, &fallback.calibration, count.counted_at)
    {
        return (FALLBACK.to_owned(), fallback.multiplier);
    }
    match risk.by {
        RiskBy::Confidence => risk.band_of(basis.confidence, None),
        RiskBy::Review => risk.band_of(None, basis.review.as_deref()),
        RiskBy::Header(header) => {
            let value = basis.headers.get(header);
            risk.band_of(None, value.map(SmolStr::as_str))
        }
        RiskBy::Everything => risk.band_of(None, None),
    }
}

/// Whether a calibration in force at an instant says that a price may depend on confidence.
fn is_calibrated(documents: &[Published], subject: &str, at: Timestamp) -> bool {
    let own = published::calibration(documents, subject, at);
    own.is_some_and(|own| matches!(own.document.says, Says::Calibration { passed: true, .. }))
}

/// The band of a usage, and its factor.
pub(super) fn band_of_usage(risk: &Risk, usage: &Usage) -> (String, Decimal) {
    match risk.by {
        RiskBy::Header(header) => {
            let value = usage.headers.get(header);
            risk.band_of(None, value.map(SmolStr::as_str))
        }
        _ => risk.band_of(None, None),
    }
}
