//! Notes of lines: words for people beside an amount, which follow from documents and facts alone.

use std::collections::BTreeSet;

use money::MoneyError;
use work::settle::FactRef;

use super::lines::Drawing;
use crate::cell::{CellKey, Part, Source, Valued, reached, valued};
use crate::period::Period;
use crate::plan::{FALLBACK, Terms};
use crate::published;

impl Drawing<'_> {
    /// The note of a cell's lines.
    pub(super) fn note(&self, key: &CellKey) -> Result<Option<String>, MoneyError> {
        let is = |fact: &FactRef, source: &str, id: &str| fact.source == *source && fact.id == *id;
        Ok(match &key.part {
            Part::Premium(_) => return self.expected_loss(key),
            Part::Band(band, _) if band == FALLBACK => self.uncalibrated(key),
            Part::ServiceLevel => self.level(key),
            Part::Value => return self.value(key),
            Part::Goodwill(source, id) => {
                let mut credits = self.held.credits.iter();
                let own = credits.find(|own| is(&own.fact, source, id));
                own.map(|own| own.reason.clone())
            }
            Part::Credited(source, id, _) => {
                let mut decisions = self.held.decisions.iter();
                let own = decisions.find(|own| is(&own.fact, source, id));
                own.map(|own| own.reason.clone())
            }
            Part::Opened(place) => {
                let opening = self.held.agreement.opening.as_ref();
                let own = opening.and_then(|own| own.works.get(usize::from(*place)));
                own.map(|own| format!("{} {}, billed before the contract", own.unit, own.work))
            }
            _ => self.of_a_sum(key)?,
        })
    }

    /// What a discount, a cap or a minimum of the contract was computed from, and why it is there.
    fn of_a_sum(&self, key: &CellKey) -> Result<Option<String>, MoneyError> {
        let version = self.held.agreement.version(key.version);
        let cell = self.owed.cells.get(key);
        match (cell.and_then(|cell| Some((cell, cell.of?))), version) {
            (Some((cell, of)), Some(version)) => {
                version.terms.totals.totals.note(&key.part, cell.amount, of)
            }
            _ => Ok(None),
        }
    }

    /// What the cover of a premium's units may cost, where the plan documents how often it was paid.
    fn expected_loss(&self, key: &CellKey) -> Result<Option<String>, MoneyError> {
        let version = self.held.agreement.version(key.version);
        let (Some(cell), Some(version)) = (self.owed.cells.get(key), version) else {
            return Ok(None);
        };
        let component = version.component(&key.component);
        match component.map(|component| &component.terms) {
            Some(Terms::Indemnity(own)) => own.note(cell.quantity, version.terms.contract.rounding),
            _ => Ok(None),
        }
    }

    /// Why works are priced without regard to their confidence.
    fn uncalibrated(&self, key: &CellKey) -> Option<String> {
        let cell = self.owed.cells.get(key)?;
        let component = self
            .held
            .agreement
            .version(key.version)?
            .component(&key.component)?;
        let Terms::Risk(risk) = &component.terms else {
            return None;
        };
        let subject = &risk.fallback.as_ref()?.calibration;
        let counts = cell
            .contributions
            .iter()
            .filter_map(|own| match own.source {
                Source::Unit(unit, movement) => {
                    Some(self.held.units[unit].movements[movement].counted_at)
                }
                _ => None,
            });
        let mut failed = BTreeSet::new();
        let mut any_without = false;
        for at in counts {
            match published::calibration(&self.held.published, subject, at) {
                Some(own) => {
                    failed.insert((own.document.from, own.document.name()));
                }
                None => any_without = true,
            }
        }
        let failed = failed
            .iter()
            .map(|(from, name)| format!("{subject} failed from {from} ({name})"));
        let without = any_without.then(|| format!("no calibration of {subject} was in force"));
        let reasons: Vec<String> = failed.chain(without).collect();
        Some(reasons.join("; "))
    }

    /// The level that was measured, and what it pays back.
    fn level(&self, key: &CellKey) -> Option<String> {
        self.owed.cells.get(key)?;
        let (_, period) = self.period_of(key)?;
        let held = self.held;
        let own = reached(&held.agreement, &held.published, &key.component, &period)?;
        let (published, level) = own.level?;
        let percent = percent(own.terms.share_at(level))?;
        Some(format!(
            "{} {level}: {percent} % ({})",
            own.terms.measure,
            published.document.name()
        ))
    }

    /// Measure, baseline and what is carried of earlier periods.
    fn value(&self, key: &CellKey) -> Result<Option<String>, MoneyError> {
        let held = self.held;
        let Some((periods, _)) = self
            .period_of(key)
            .filter(|_| self.owed.cells.contains_key(key))
        else {
            return Ok(None);
        };
        let all = valued(
            &held.agreement,
            &held.published,
            (&key.component, &periods),
            self.as_of(),
        )?;
        let own = all.iter().find(|own| own.period.0 == key.period);
        Ok(own.and_then(value_note))
    }

    /// The rating periods of a cell's component, and the cell's own.
    fn period_of(&self, key: &CellKey) -> Option<(Vec<Period>, Period)> {
        let agreement = &self.held.agreement;
        let ids = agreement.component_ids();
        let (_, every) = ids.iter().find(|(id, _)| *id == key.component)?;
        let periods = agreement.rating_periods(*every, self.as_of());
        let own = periods
            .iter()
            .find(|period| period.start.at == key.period)?
            .clone();
        Some((periods, own))
    }
}

fn value_note(own: &Valued<'_>) -> Option<String> {
    let ((measured, measure), (before, baseline)) = (own.measure?, own.baseline?);
    let mut note = format!(
        "{} {measure} ({}) less {} {baseline} ({})",
        own.terms.measure,
        measured.document.name(),
        own.terms.baseline,
        before.document.name(),
    );
    if before.time >= own.period.0 {
        note += &format!(", published {} after the period began", before.time);
    }
    if let Some(carried) = own.carried.filter(|carried| !carried.is_zero()) {
        note += &format!("; {carried} carried from before");
    }
    Some(note)
}

fn percent(share: money::Decimal) -> Option<money::Decimal> {
    share.times(money::Decimal::from_int(100)).ok()
}
