//! Credit notes: what statements take back of earlier ones (semantics.md D14).
//!
//! A statement is a difference, and may charge and take back at once. What it takes back belongs to the statement
//! that charged it: at that statement's tax, in that statement's service period, up to what is left of it; a further
//! rest is money on the account. The notes are read from what statements state, and no entry says them: they, their
//! numbers and what is left of each statement are a function of the log. Not here: words and pages. Invariants: the
//! total of a statement is what it charges less what its notes and its rest on account give back; the notes on a
//! statement are never more than it charges; numbers have no gaps, and a void note keeps its own.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use money::{Amount, MoneyError};

use super::{Account, Held, Issued};
use crate::cell::{CellKey, Part};
use crate::plan::Terms;

/// What one statement takes back of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNote {
    /// The printed number: the series, `-C` and four digits at least.
    pub number: String,
    /// The contract.
    pub contract: String,
    /// The number of the statement that it is against.
    pub origin: String,
    /// The number of the statement that states it.
    pub statement: String,
    /// The cut of the latter.
    pub cut: Timestamp,
    /// When that was issued.
    pub at: Timestamp,
    /// What is credited of each cell: below zero, or above where a discount shrinks with what it was on.
    pub lines: Vec<(CellKey, Amount)>,
    /// What is credited, above zero.
    pub amount: Amount,
    /// What more the lines take back than was left of the origin: money on the account.
    pub on_account: Amount,
    /// What of the amount went back to prepaid credits that had paid it: no money is given back for it.
    pub restored: Amount,
    /// Whether the statement that states it was voided.
    pub is_voided: bool,
}

/// What a statement charges, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    /// What it charges, without what it takes back of earlier ones.
    pub charges: Amount,
    /// What credit notes give back of it.
    pub credited: Amount,
    /// What prepaid credits pay of it, without what went back to them of what is credited.
    pub drawn: Amount,
}

/// All credit notes of an account, and what is left of each statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// In the order in which they were issued.
    pub notes: Vec<CreditNote>,
    /// By the statement's number; voided ones are not there.
    pub charged: BTreeMap<String, Charged>,
}

impl Account {
    /// The credit notes of all statements.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn credit_notes(&self) -> Result<Notes, MoneyError> {
        self.credit_notes_at(Timestamp::MAX)
    }

    /// The credit notes of the statements issued by an instant, voided where they were voided by then.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn credit_notes_at(&self, as_of: Timestamp) -> Result<Notes, MoneyError> {
        let mut issued: Vec<(&Held, &Issued)> = Vec::new();
        for held in &self.contracts {
            let seen = held.issued.iter().filter(|own| own.at <= as_of);
            issued.extend(seen.map(|own| (held, own)));
        }
        let is_void = |own: &Issued| own.voided.is_some_and(|at| at <= as_of);
        // A statement is entries of the log that a later one knows.
        issued.sort_by_key(|(_, own)| own.coverage);
        let mut found = Notes::default();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut charging: HashMap<&str, Vec<&Issued>> = HashMap::new();
        for (place, (held, own)) in issued.iter().copied().enumerate() {
            let currency = held.agreement.latest().terms.contract.currency;
            let zero = Amount::zero(currency);
            let mut charges = zero;
            let mut taken: BTreeMap<&str, Vec<(CellKey, Amount)>> = BTreeMap::new();
            for (name, key, amount) in cells(own) {
                // Of a decision the statement that it credits, of a service level the one that charged what it pays back
                // of; else the last that charged the cell. It stood when this one was issued, so that a void moves no
                // number.
                let mut earlier = charging.get(name).into_iter().flatten().rev();
                let latest = earlier.find(|known| stood(known, own));
                let origin = decided(held, &key)
                    .or_else(|| paid_back_of(held, &key, own, &issued[..place]))
                    .or(latest.map(|known| known.number.as_str()));
                match origin {
                    Some(origin) => taken.entry(origin).or_default().push((key, amount)),
                    None => charges = charges.plus(amount)?,
                }
            }
            let (drawn, mut restored) = draws(own, zero)?;
            for (origin, lines) in taken {
                let sum = Amount::sum(currency, lines.iter().map(|(_, amount)| *amount))?;
                if !sum.is_negative() {
                    charges = charges.plus(sum)?;
                    continue;
                }
                let known = found.charged.get(origin);
                let left = known.map_or(Ok(zero), |own| own.charges.minus(own.credited))?;
                let wanted = sum.negated();
                let amount = if wanted.value() <= left.value() {
                    wanted
                } else {
                    left
                };
                let mut back = zero;
                if !is_void(own)
                    && let Some(known) = found.charged.get_mut(origin)
                {
                    known.credited = known.credited.plus(amount)?;
                    // What prepaid credits had paid of it went back to them, and is not paid by them any more.
                    back = if restored.value() <= amount.value() {
                        restored
                    } else {
                        amount
                    };
                    known.drawn = known.drawn.minus(back)?;
                    restored = restored.minus(back)?;
                }
                let series = self.series(held);
                let number = numbers.entry(series).or_insert(0);
                *number += 1;
                found.notes.push(CreditNote {
                    number: format!("{series}-C{number:04}"),
                    contract: held.agreement.id.clone(),
                    origin: origin.to_owned(),
                    statement: own.number.clone(),
                    cut: own.cut,
                    at: own.at,
                    lines,
                    amount,
                    on_account: wanted.minus(amount)?,
                    restored: back,
                    is_voided: is_void(own),
                });
            }
            for (name, _, amount) in cells(own) {
                if !amount.is_zero() {
                    charging.entry(name).or_default().push(own);
                }
            }
            if !is_void(own) {
                let charged = Charged {
                    charges,
                    credited: zero,
                    drawn: drawn.minus(restored)?,
                };
                found.charged.insert(own.number.clone(), charged);
            }
        }
        Ok(found)
    }
}

/// Whether a statement stood when another was issued.
fn stood(earlier: &Issued, then: &Issued) -> bool {
    earlier.voided_by.is_none_or(|entry| entry >= then.coverage)
}

/// The last of earlier statements that charged what a service level pays back of, where the cell is of one.
fn paid_back_of<'a>(
    held: &Held,
    key: &CellKey,
    now: &Issued,
    earlier: &[(&Held, &'a Issued)],
) -> Option<&'a str> {
    if key.part != Part::ServiceLevel {
        return None;
    }
    let mut versions = held.agreement.versions.iter();
    let version = versions.find(|own| own.number == key.version)?;
    let Terms::ServiceLevel(terms) = &version.component(&key.component)?.terms else {
        return None;
    };
    let charges = |own: &Issued| {
        cells(own).any(|(_, cell, amount)| {
            cell.contract == key.contract
                && cell.period == key.period
                && terms.of.contains(&cell.component)
                && !amount.is_zero()
        })
    };
    let mut earlier = earlier.iter().rev().map(|(_, own)| *own);
    let origin = earlier.find(|own| stood(own, now) && charges(own))?;
    Some(&origin.number)
}

/// What a statement states of each cell, by name and key, without what it waives.
fn cells(issued: &Issued) -> impl Iterator<Item = (&str, CellKey, Amount)> {
    let stated = issued.cells.iter();
    let stated = stated.filter(|cell| cell.waived.is_none() && cell.credit.is_none());
    stated.filter_map(|cell| Some((cell.cell.as_str(), cell.cell.parse().ok()?, cell.amount)))
}

/// What a statement draws on prepaid credits, and what goes back to them, both above zero.
fn draws(issued: &Issued, zero: Amount) -> Result<(Amount, Amount), MoneyError> {
    let draws = issued.cells.iter().filter(|cell| cell.credit.is_some());
    draws
        .map(|cell| cell.amount)
        .try_fold((zero, zero), |(drawn, back), own| {
            Ok(match own.is_negative() {
                true => (drawn, back.plus(own.negated())?),
                false => (drawn.plus(own)?, back),
            })
        })
}

/// The statement that a decision credits, where the cell is of a decision.
fn decided<'a>(held: &'a Held, key: &CellKey) -> Option<&'a str> {
    let Part::Credited(source, id, _) = &key.part else {
        return None;
    };
    let mut decisions = held.decisions.iter();
    let decision = decisions.find(|own| own.fact.source == *source && own.fact.id == *id)?;
    Some(&decision.statement)
}
