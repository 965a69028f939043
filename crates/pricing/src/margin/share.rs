//! [`Sharing`]: the named rules by which what belongs to no work is shared out over works.

use std::collections::BTreeMap;

use money::{Amount, Decimal, MoneyError, split};

use super::lines::{Item, Line, Whose};

/// What is done with revenue or cost that belongs to no work.
///
/// A rule that has nothing to go by (no revenue, no counted work) falls back to the next one; what
/// no rule can share stays a row of its own. Shares are made by largest remainder, so they sum to
/// the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// It stays a row of its own.
    Keep,
    /// In proportion to the works' own revenue; where there is none, by counted works.
    ByRevenue,
    /// In proportion to counted works.
    ByCounted,
}

impl Sharing {
    /// The rules' words.
    pub const WORDS: [(&'static str, Sharing); 3] = [
        ("keep", Sharing::Keep),
        ("by_revenue", Sharing::ByRevenue),
        ("by_counted", Sharing::ByCounted),
    ];

    /// The rule's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// One share per work, or `None` where the amount stays a row of its own.
    fn shares(
        self,
        amount: Amount,
        revenue: &[Decimal],
        counted: &[Decimal],
    ) -> Result<Option<Vec<Amount>>, MoneyError> {
        let candidates: &[&[Decimal]] = match self {
            Sharing::Keep => &[],
            Sharing::ByRevenue => &[revenue, counted],
            Sharing::ByCounted => &[counted],
        };
        match candidates.iter().find(|weights| is_usable(weights)) {
            Some(weights) => split(amount, weights).map(Some),
            None => Ok(None),
        }
    }
}

/// Whether an amount can be divided by these weights: none below zero, one above.
pub(super) fn is_usable(weights: &[Decimal]) -> bool {
    weights.iter().all(|weight| !weight.is_negative())
        && weights.iter().any(|weight| !weight.is_zero())
}

/// Own revenue and counted units of each work, by customer, plan and month.
pub(super) struct Weights<'a>(BTreeMap<Whose<'a>, BTreeMap<usize, (Decimal, Decimal)>>);

/// The same of some works.
pub(super) struct Works(BTreeMap<usize, (Decimal, Decimal)>);

impl<'a> Weights<'a> {
    pub(super) fn of(lines: &[Line<'a>]) -> Result<Weights<'a>, MoneyError> {
        let mut weights = Weights(BTreeMap::new());
        for line in lines {
            let Some(work) = line.work else { continue };
            let (revenue, counted) = match line.item {
                Item::Revenue {
                    amount,
                    shared: false,
                } => (amount.value(), Decimal::ZERO),
                Item::Counted(quantity) => (Decimal::ZERO, quantity),
                _ => continue,
            };
            let whose = (line.customer, line.plan, line.month);
            let own = weights.0.entry(whose).or_default().entry(work).or_default();
            *own = (own.0.plus(revenue)?, own.1.plus(counted)?);
        }
        Ok(weights)
    }

    pub(super) fn works(&self, which: impl Fn(&Whose<'a>) -> bool) -> Result<Works, MoneyError> {
        let mut works = BTreeMap::new();
        for (_, own) in self.0.iter().filter(|(whose, _)| which(whose)) {
            for (work, (revenue, counted)) in own {
                let sum: &mut (Decimal, Decimal) = works.entry(*work).or_default();
                *sum = (sum.0.plus(*revenue)?, sum.1.plus(*counted)?);
            }
        }
        Ok(Works(works))
    }
}

impl Works {
    pub(super) fn shares(
        &self,
        rule: Sharing,
        amount: Amount,
    ) -> Result<Option<Vec<(usize, Amount)>>, MoneyError> {
        let revenue: Vec<Decimal> = self.0.values().map(|(revenue, _)| *revenue).collect();
        let counted: Vec<Decimal> = self.0.values().map(|(_, counted)| *counted).collect();
        let shares = rule.shares(amount, &revenue, &counted)?;
        Ok(shares.map(|shares| {
            self.0
                .keys()
                .copied()
                .zip(shares)
                .filter(|(_, share)| !share.is_zero())
                .collect()
        }))
    }
}
