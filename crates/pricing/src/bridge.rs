//! The bridge: why this statement's total is another than the last one's.
//!
//! [`bridge`] tells the change of the total apart by what made it: volume, mix, tier, price, fees, risk, late
//! facts, reversals, terms, holdbacks, credits. It looks at the lines of the two statements alone, and at the
//! prices of the contract to know whether one changed, so that whoever has both statements can do the same sums
//! by hand (`docs/reference/bridge.md`). Not here: which statement is the last one, words for people.
//!
//! Invariant: the parts of a bridge sum to the change of the total exactly, and so do the components of each part.

mod levels;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError, Quantity};

use crate::cell::{CellKey, Part, TOTALS};
use crate::contract::Agreement;
use crate::statement::{Line, LineKind, Statement};
use levels::{Group, Levels};

/// The group of attempts. The name of a class holds no space.
const ATTEMPT: &str = "an attempt";

/// What changes a total from one statement to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// More or less was done, at the last statement's mean price.
    Volume,
    /// Other shares of the classes that it was done in.
    Mix,
    /// Another place in the tiers, blocks and allowances of the same price.
    Tier,
    /// Another price.
    Price,
    /// Platform fees and seats.
    Fees,
    /// What bands add or take off, and premiums.
    Risk,
    /// Facts of earlier periods that became known late.
    LateFacts,
    /// What was taken back of earlier periods.
    Reversals,
    /// Discounts, caps and minimums.
    Terms,
    /// What is held back for a time, and released.
    Holdback,
    /// Goodwill, and what decisions credit.
    Credits,
}

impl Cause {
    /// All of them, in the order in which they are told.
    pub const ALL: [Cause; 11] = [
        Cause::Volume,
        Cause::Mix,
        Cause::Tier,
        Cause::Price,
        Cause::Fees,
        Cause::Risk,
        Cause::LateFacts,
        Cause::Reversals,
        Cause::Terms,
        Cause::Holdback,
        Cause::Credits,
    ];

    /// The name in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Cause::Volume => "volume",
            Cause::Mix => "mix",
            Cause::Tier => "tier",
            Cause::Price => "price",
            Cause::Fees => "fees",
            Cause::Risk => "risk",
            Cause::LateFacts => "late_facts",
            Cause::Reversals => "reversals",
            Cause::Terms => "terms",
            Cause::Holdback => "holdback",
            Cause::Credits => "credits",
        }
    }
}

/// A statement and the contract as it was when the statement was drawn up.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// The contract.
    pub agreement: &'a Agreement,
}

/// What changed a total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// The last statement's total; zero, where there was none.
    pub before: Amount,
    /// This one's.
    pub after: Amount,
    /// What each cause did, by component, in the order of the causes; what did nothing is left out.
    pub parts: BTreeMap<Cause, BTreeMap<String, Amount>>,
}

impl Bridge {
    /// What a cause did in all.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn part(&self, cause: Cause) -> Result<Amount, MoneyError> {
        let own = self.parts.get(&cause).into_iter().flatten();
        Amount::sum(self.after.currency(), own.map(|(_, amount)| *amount))
    }

    fn add(&mut self, cause: Cause, component: &str, amount: Amount) -> Result<(), MoneyError> {
        if amount.is_zero() {
            return Ok(());
        }
        let own = self.parts.entry(cause).or_default();
        let sum = own
            .entry(component.to_owned())
            .or_insert_with(|| Amount::zero(amount.currency()));
        *sum = sum.plus(amount)?;
        Ok(())
    }
}

/// The bridge from the last statement of a contract, or from nothing, to this one.
///
/// # Errors
/// [`MoneyError`] where an amount does not fit, or the statements are in two currencies.
pub fn bridge(before: Option<Side<'_>>, now: Side<'_>) -> Result<Bridge, MoneyError> {
    let currency = now.statement.currency;
    let zero = Amount::zero(currency);
    let mut bridge = Bridge {
        before: before.map_or(zero, |side| side.statement.total),
        after: now.statement.total,
        parts: BTreeMap::new(),
    };
    let mut charged: BTreeMap<String, Levels> = BTreeMap::new();
    if let Some(side) = before {
        for (cause, component, amount) in apart(side, currency)? {
            bridge.add(cause, &component, amount.negated())?;
        }
        for line in charges(side.statement) {
            let own = charged.entry(line.cell.component.clone()).or_default();
            own.before.take(line, side.agreement)?;
        }
    }
    for (cause, component, amount) in apart(now, currency)? {
        bridge.add(cause, &component, amount)?;
    }
    for line in charges(now.statement) {
        let own = charged.entry(line.cell.component.clone()).or_default();
        own.after.take(line, now.agreement)?;
    }
    for (component, levels) in &charged {
        for (cause, amount) in levels.steps(currency)? {
            bridge.add(cause, component, amount)?;
        }
    }
    for own in bridge.parts.values_mut() {
        own.retain(|_, amount| !amount.is_zero());
    }
    bridge.parts.retain(|_, own| !own.is_empty());
    Ok(bridge)
}

/// The price group of a metered or outcome component that a cell belongs to, and whether it is what the allowance
/// covers of it; nothing for the cells of everything else.
fn group(part: &Part) -> Option<Group> {
    let of = |label: &str, tier: Option<u16>| {
        Some(Group {
            label: label.to_owned(),
            tier,
        })
    };
    match part {
        Part::Usage(tier) => of("", Some(*tier)),
        Part::Class(label, tier) => of(label, Some(*tier)),
        Part::Attempt(tier) => of(ATTEMPT, Some(*tier)),
        Part::Included(label) if label == crate::cell::ROLLED => of("", None),
        Part::Included(label) => of(label, None),
        _ => None,
    }
}

/// The lines that volume, mix, tier and price are told of: what is charged for the first time.
fn charges(statement: &Statement) -> impl Iterator<Item = &Line> {
    let of_price = |line: &&Line| line.kind == LineKind::Charge && group(&line.cell.part).is_some();
    statement.lines.iter().filter(of_price)
}

/// What every other line of a statement adds to its total, by cause and component.
fn apart(side: Side<'_>, currency: Currency) -> Result<Vec<(Cause, String, Amount)>, MoneyError> {
    let mut told = Vec::new();
    // What became of a price group of an earlier period is one thing, whatever its tiers and versions.
    let mut adjusted: BTreeMap<(&str, Timestamp, String), Adjusted> = BTreeMap::new();
    for line in &side.statement.lines {
        let key = &line.cell;
        let cause = match line.kind {
            LineKind::Waived => continue, // waives what was never charged
            LineKind::Goodwill | LineKind::Credit => Cause::Credits,
            LineKind::Absorbed => Cause::Terms,
            LineKind::Charge | LineKind::Adjustment | LineKind::TierEffect => {
                match (of_part(key), group(&key.part), line.kind) {
                    (Some(cause), _, _) => cause,
                    (None, Some(group), LineKind::Adjustment) => {
                        let place = (key.component.as_str(), key.period, group.label);
                        let new = || Adjusted::nothing(currency);
                        adjusted.entry(place).or_insert_with(new).take(line)?;
                        continue;
                    }
                    (None, _, LineKind::TierEffect) => Cause::Tier,
                    (None, _, _) => continue, // told by volume, mix, tier and price
                }
            }
        };
        told.push((cause, key.component.clone(), line.amount));
    }
    for ((component, _, _), own) in adjusted {
        for (cause, amount) in own.told()? {
            told.push((cause, component.to_owned(), amount));
        }
    }
    Ok(told)
}

/// What a statement adjusts of one price group of an earlier period.
struct Adjusted {
    quantity: Quantity,
    amount: Amount,
    taken_back: Option<Amount>,
    versions: BTreeSet<u32>,
}

impl Adjusted {
    fn nothing(currency: Currency) -> Adjusted {
        Adjusted {
            quantity: Quantity::ZERO,
            amount: Amount::zero(currency),
            taken_back: None,
            versions: BTreeSet::new(),
        }
    }

    fn take(&mut self, line: &Line) -> Result<(), MoneyError> {
        self.quantity = self.quantity.plus(line.quantity)?;
        self.amount = self.amount.plus(line.amount)?;
        self.taken_back = match (self.taken_back, line.taken_back) {
            (Some(sum), Some(own)) => Some(sum.plus(own)?),
            (sum, own) => sum.or(own),
        };
        self.versions.insert(line.cell.version);
        Ok(())
    }

    /// What went is told apart from what came. Where works changed their version, or it is not known what moved,
    /// all of it is one or the other.
    fn told(&self) -> Result<Vec<(Cause, Amount)>, MoneyError> {
        if let Some(taken_back) = self.taken_back
            && self.versions.len() == 1
        {
            return Ok(vec![
                (Cause::Reversals, taken_back),
                (Cause::LateFacts, self.amount.minus(taken_back)?),
            ]);
        }
        let cause = if self.quantity.is_zero() {
            Cause::Price
        } else if self.quantity.is_negative() {
            Cause::Reversals
        } else {
            Cause::LateFacts
        };
        Ok(vec![(cause, self.amount)])
    }
}

/// The cause that the cells of a part belong to, whatever kind of line they are on; nothing for what has a price
/// for each unit.
fn of_part(key: &CellKey) -> Option<Cause> {
    match &key.part {
        Part::Overage(_) if key.component == TOTALS => Some(Cause::Terms),
        Part::Fee | Part::Seats(_) | Part::Overage(_) => Some(Cause::Fees),
        Part::Band(..) | Part::Premium(_) | Part::ServiceLevel => Some(Cause::Risk),
        Part::Discount(_) | Part::Cap | Part::Minimum | Part::Drawn => Some(Cause::Terms),
        Part::Holdback | Part::Release => Some(Cause::Holdback),
        Part::Goodwill(..) | Part::Credited(..) | Part::Opened(_) => Some(Cause::Credits),
        // A share of a portfolio's value has no price for each unit: more of it, or less, was reached.
        Part::Value => Some(Cause::Volume),
        Part::Usage(_) | Part::Class(..) | Part::Attempt(_) | Part::Included(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_told_in_one_order() {
        let mut sorted = Cause::ALL;
        sorted.sort_unstable();
        assert_eq!(sorted, Cause::ALL);
        let words: std::collections::BTreeSet<&str> =
            Cause::ALL.into_iter().map(Cause::word).collect();
        assert_eq!(words.len(), Cause::ALL.len());
    }
}
