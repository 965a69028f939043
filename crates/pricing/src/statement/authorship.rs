//! The money of a statement by who authored the facts that decided it, and what of the buyer's part
//! the buyer really signed.
//!
//! A line's money follows the weights of the works and usages behind its cell, by largest remainder.
//! Not here: who decided a work (`work` says that in the basis of its count). Invariant: the parts sum
//! to the statement's total, and those of the buyer's part to the buyer's part.

use std::collections::BTreeMap;
use std::sync::Arc;

use money::{Amount, Decimal, MoneyError};
use work::event::Authorship;

use super::Line;
use super::shares::divide;
use crate::account::{Account, Held, Signed};
use crate::cell::{Contribution, Owed, Source};

/// What the part of a statement's money that the buyer's facts decided rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BySignature {
    /// Facts that the buyer signed.
    pub signed: Amount,
    /// Facts that say that the buyer wrote them, and carry no signature.
    pub unsigned: Amount,
    /// Facts of carried works, whose entries are not at hand.
    pub not_at_hand: Amount,
}

/// Accounts whose cells a statement's lines are about: what is known, and before it what the last
/// statement knew.
pub(super) struct Side<'a> {
    pub(super) account: &'a Account,
    pub(super) held: &'a Held,
    pub(super) owed: &'a Owed,
}

/// The money of lines by author, `None` being what was agreed, and the buyer's part by
/// signature.
pub(super) fn of(
    lines: &[Line],
    zero: Amount,
    sides: &[Side<'_>],
) -> Result<(BTreeMap<Option<Authorship>, Amount>, BySignature), MoneyError> {
    let mut sums: BTreeMap<Option<Authorship>, Amount> = BTreeMap::new();
    let mut by_signature = BySignature {
        signed: zero,
        unsigned: zero,
        not_at_hand: zero,
    };
    let mut last: Option<Weighed> = None;
    for line in lines.iter().filter(|line| !line.amount.is_zero()) {
        let mut is_decided = false;
        for side in sides {
            let Some(cell) = side.owed.cells.get(&line.cell) else {
                continue;
            };
            let weighed = match last.take() {
                Some(own) if Arc::ptr_eq(&own.of, &cell.contributions) => own,
                _ => side.weigh(&cell.contributions)?,
            };
            let weighed = last.insert(weighed);
            if weighed.by_author.is_empty() {
                continue;
            }
            is_decided = true;
            for (author, share) in shared(line.amount, &weighed.by_author)? {
                add(&mut sums, Some(author), share)?;
                if author == Authorship::Buyer {
                    for (signed, share) in shared(share, &weighed.by_signature)? {
                        by_signature.add(signed, share)?;
                    }
                }
            }
            break;
        }
        if !is_decided {
            add(&mut sums, None, line.amount)?;
        }
    }
    Ok((sums, by_signature))
}

/// What a list of contributions weighs. The cells of a price group share the list, and the lines of its tiers stand
/// together, so each list is weighed once.
struct Weighed {
    of: Arc<Vec<Contribution>>,
    /// By author, of those who have any weight.
    by_author: BTreeMap<Authorship, Decimal>,
    /// Of what the buyer's facts decided, by whether the buyer signed the deciding fact.
    by_signature: BTreeMap<Signed, Decimal>,
}

fn add(
    sums: &mut BTreeMap<Option<Authorship>, Amount>,
    author: Option<Authorship>,
    amount: Amount,
) -> Result<(), MoneyError> {
    let sum = sums
        .entry(author)
        .or_insert(Amount::zero(amount.currency()));
    *sum = sum.plus(amount)?;
    Ok(())
}

/// An amount divided by weights.
fn shared<K: Copy>(
    amount: Amount,
    weights: &BTreeMap<K, Decimal>,
) -> Result<Vec<(K, Amount)>, MoneyError> {
    let values: Vec<Decimal> = weights.values().copied().collect();
    let shares = divide(amount, &values)?;
    Ok(weights.keys().copied().zip(shares).collect())
}

fn summed<K: Ord>(
    weights: impl Iterator<Item = (K, Decimal)>,
) -> Result<BTreeMap<K, Decimal>, MoneyError> {
    let mut sums: BTreeMap<K, Decimal> = BTreeMap::new();
    for (key, weight) in weights.filter(|(_, weight)| !weight.is_zero()) {
        let sum = sums.entry(key).or_default();
        *sum = sum.plus(weight.magnitude())?;
    }
    Ok(sums)
}

impl Side<'_> {
    fn weigh(&self, contributions: &Arc<Vec<Contribution>>) -> Result<Weighed, MoneyError> {
        let own = contributions.iter();
        let buyers = own.clone();
        let buyers = buyers.filter(|own| own.authorship == Authorship::Buyer);
        Ok(Weighed {
            of: Arc::clone(contributions),
            by_author: summed(own.map(|own| (own.authorship, own.weight)))?,
            by_signature: summed(buyers.map(|own| (self.signed(own.source), own.weight)))?,
        })
    }

    fn signed(&self, source: Source) -> Signed {
        let fact = match source {
            Source::Unit(unit, movement) => {
                let unit = &self.held.units[unit];
                unit.decided_by(&unit.movements[movement])
            }
            Source::Usage(usage) => Some(&self.held.usage[usage].fact),
            Source::Attempt(unit) => self.held.units[unit].attempt.as_ref().map(|own| &own.act),
        };
        fact.map_or(Signed::No, |fact| self.account.signed(fact))
    }
}

impl BySignature {
    fn add(&mut self, signed: Signed, amount: Amount) -> Result<(), MoneyError> {
        let part = match signed {
            Signed::Yes => &mut self.signed,
            Signed::No => &mut self.unsigned,
            Signed::NotAtHand => &mut self.not_at_hand,
        };
        *part = part.plus(amount)?;
        Ok(())
    }
}
