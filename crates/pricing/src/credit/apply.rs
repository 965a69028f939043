//! What a statement draws on grants, and what it restores to them.
//!
//! Counted by **pool**: the cells that begin in one period of the contract's totals. In a pool the
//! cells of a component and of what modifies it are netted, then what totals and goodwill make of
//! them; what is above zero is drawn, what is below restored. So a cap that swallows a late fact, or a
//! reversal that a cap gives back, moves no credit. Invariant: what is drawn of a pool is never above
//! what it charges.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, split};

use super::portions::Seen;
use super::{LotName, Lots};
use crate::account::{Account, Held};
use crate::cell::{CREDIT, Cell, CellKey, TOTALS};
use crate::period::holding;
use crate::plan::{Component, Terms};
use crate::statement::Stated;

/// What a statement does to grants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Per lot and cell, in the order in which lots are drawn and then of cells: above zero drawn,
    /// below zero restored.
    pub draws: Vec<(LotName, CellKey, Amount)>,
    /// The same by lot.
    pub lines: Vec<CreditLine>,
}

/// What a statement draws on one lot and restores to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditLine {
    /// The lot.
    pub lot: LotName,
    /// What is drawn on it, zero or more.
    pub drawn: Amount,
    /// What goes back, zero or more.
    pub restored: Amount,
}

/// What a statement adds to what was stated.
#[derive(Debug, Clone, Copy)]
pub struct Adding<'a> {
    /// The contract.
    pub held: &'a Held,
    /// The statement's cut.
    pub cut: Timestamp,
    /// What happened before this instant is seen.
    pub as_of: Timestamp,
    /// What was stated of every cell.
    pub stated: &'a BTreeMap<CellKey, Stated>,
    /// What is owed.
    pub owed: &'a BTreeMap<CellKey, Cell>,
    /// What cells charge more or less than was stated, in the order of the statement.
    pub differences: &'a [(CellKey, Amount)],
}

/// What a statement draws and restores.
///
/// # Errors
/// [`MoneyError`] where an amount does not fit.
pub fn apply(account: &Account, adding: &Adding<'_>) -> Result<Applied, MoneyError> {
    if account.grants.is_empty() {
        return Ok(Applied::default());
    }
    let Adding { held, .. } = *adding;
    let mut applying = Applying {
        held,
        lots: Lots::of(account, None)?,
        before: drawn_before(held)?,
        changes: BTreeMap::new(),
        portions: BTreeMap::new(),
    };
    let every = held.agreement.versions[0].terms.totals.every; // an agreement has a version
    let periods = held.agreement.rating_periods(every, adding.as_of);
    let pool_of = |key: &CellKey| holding(&periods, key.about().period).unwrap_or(0);
    let mut pools: BTreeMap<usize, Pool<'_>> = BTreeMap::new();
    for (place, (key, amount)) in adding.differences.iter().enumerate() {
        let pool = pools.entry(pool_of(key)).or_default();
        pool.differences.push((place, key, *amount));
    }
    for (index, pool) in &mut pools {
        let mut charged = Amount::zero(held.agreement.latest().terms.contract.currency);
        for (_, own) in adding
            .stated
            .iter()
            .filter(|(key, _)| pool_of(key) == *index)
        {
            charged = charged.plus(own.charged)?;
        }
        for (_, _, amount) in &pool.differences {
            charged = charged.plus(*amount)?;
        }
        let keys: Vec<(LotName, CellKey)> = applying.before.keys().cloned().collect();
        let drawn = keys.into_iter().filter(|(_, key)| pool_of(key) == *index);
        applying.pool(pool, charged, &drawn.collect::<Vec<_>>())?;
    }
    applying.draw(adding)?;
    applying.applied(held)
}

/// The differences of a pool: place in the statement, cell, amount.
#[derive(Default)]
struct Pool<'a> {
    differences: Vec<(usize, &'a CellKey, Amount)>,
}

/// What was drawn for a cell on a lot and stands, and which statement drew last.
struct Drawn {
    left: Amount,
    last: usize,
}

struct Applying<'a> {
    held: &'a Held,
    lots: Lots<'a>,
    before: BTreeMap<(LotName, CellKey), Drawn>,
    /// What this statement draws, or below zero restores.
    changes: BTreeMap<(LotName, CellKey), Amount>,
    /// What of each difference, by its place, may be drawn.
    portions: BTreeMap<usize, Amount>,
}

/// The cells that are netted together: those of a component and of what modifies it; none for totals
/// and goodwill.
fn family(held: &Held, key: &CellKey) -> Option<String> {
    let key = key.about();
    if key.component == TOTALS || key.component == CREDIT {
        return None;
    }
    let modified = component(held, &key.component).and_then(|own| match &own.terms {
        Terms::Risk(risk) => Some(risk.modifies.as_str()),
        Terms::Indemnity(indemnity) => Some(indemnity.modifies.as_str()),
        _ => None,
    });
    Some(modified.unwrap_or(&key.component).to_owned())
}

/// The component in the last version that has it.
fn component<'a>(held: &'a Held, id: &str) -> Option<&'a Component> {
    let versions = held.agreement.versions.iter().rev();
    versions.filter_map(|version| version.component(id)).next()
}

/// What stands drawn per lot and cell of a contract.
fn drawn_before(held: &Held) -> Result<BTreeMap<(LotName, CellKey), Drawn>, MoneyError> {
    let mut drawn: BTreeMap<(LotName, CellKey), Drawn> = BTreeMap::new();
    for (number, issued) in held.standing().enumerate() {
        for cell in &issued.cells {
            let lot = cell.credit.as_deref().and_then(|lot| lot.parse().ok());
            let Some((lot, key)) = lot.zip(cell.cell.parse().ok()) else {
                continue;
            };
            let own = drawn.entry((lot, key)).or_insert(Drawn {
                left: Amount::zero(cell.amount.currency()),
                last: number,
            });
            own.left = own.left.plus(cell.amount)?;
            if !cell.amount.is_negative() {
                own.last = number;
            }
        }
    }
    Ok(drawn)
}

impl Applying<'_> {
    /// Nets one pool: what may be drawn of each difference, and what goes back at once.
    fn pool(
        &mut self,
        pool: &Pool<'_>,
        charged: Amount,
        drawn: &[(LotName, CellKey)],
    ) -> Result<(), MoneyError> {
        let held = self.held;
        let zero = Amount::zero(charged.currency());
        let mut nets: Vec<(Option<String>, Amount)> = vec![(None, zero)];
        for (_, key, amount) in &pool.differences {
            let family = family(held, key);
            match nets.iter_mut().find(|(own, _)| *own == family) {
                Some((_, net)) => *net = net.plus(*amount)?,
                None => nets.push((family, *amount)),
            }
        }
        // What totals give back makes up for what families lose.
        let lost = sum(&nets[1..], zero, |own| own.is_negative())?.negated();
        let raised = least(nets[0].1, lost);
        if raised.value() > Decimal::ZERO {
            nets[0].1 = nets[0].1.minus(raised)?;
            spread(&mut nets[1..], raised, Amount::is_negative)?;
        }
        let mut lost = zero;
        for (family_of, net) in &mut nets {
            if !net.is_negative() {
                continue;
            }
            let mut rest = net.negated();
            if family_of.is_some() {
                let own = drawn
                    .iter()
                    .filter(|(_, key)| family(held, key) == *family_of);
                rest = rest.minus(self.restore(rest, own)?)?;
            }
            lost = lost.plus(rest)?;
            *net = zero;
        }
        let up = sum(&nets, zero, |own| !own.is_negative())?;
        let cut = least(lost, up);
        if !cut.is_zero() {
            spread(&mut nets, cut.negated(), |own| own.value() > Decimal::ZERO)?;
        }
        let mut still = zero;
        for name in drawn {
            let change = self.changes.get(name).copied().unwrap_or(zero);
            still = still.plus(self.before[name].left)?.plus(change)?;
        }
        let at_most = if charged.is_negative() { zero } else { charged };
        let excess = least(lost.minus(cut)?, still.minus(at_most)?);
        if excess.value() > Decimal::ZERO {
            self.restore(excess, drawn.iter())?;
        }
        for (family_of, net) in nets.iter().filter(|(_, net)| !net.is_zero()) {
            let own = pool.differences.iter().filter(|(_, key, amount)| {
                family(held, key) == *family_of && amount.value() > Decimal::ZERO
            });
            let own: Vec<_> = own.collect();
            let weights: Vec<Decimal> = own.iter().map(|(_, _, amount)| amount.value()).collect();
            for ((place, _, _), part) in own.into_iter().zip(split(*net, &weights)?) {
                self.portions.insert(*place, part);
            }
        }
        Ok(())
    }

    /// Gives back what stands drawn of these cells, latest draw first; returns how much.
    fn restore<'n>(
        &mut self,
        amount: Amount,
        drawn: impl Iterator<Item = &'n (LotName, CellKey)>,
    ) -> Result<Amount, MoneyError> {
        let zero = Amount::zero(amount.currency());
        let mut names: Vec<&(LotName, CellKey)> = drawn.collect();
        names.sort_by_key(|name| {
            let place = self.lots.place(&name.0);
            std::cmp::Reverse((self.before[*name].last, place, &name.1))
        });
        let mut left = amount;
        for name in names {
            let change = self.changes.entry(name.clone()).or_insert(zero);
            let own = least(self.before[name].left.plus(*change)?, left);
            if own.value() > Decimal::ZERO {
                *change = change.minus(own)?;
                left = left.minus(own)?;
            }
        }
        amount.minus(left)
    }

    /// Draws what may be drawn, in the order of (instant, cell).
    fn draw(&mut self, adding: &Adding<'_>) -> Result<(), MoneyError> {
        let Adding { held, cut, .. } = *adding;
        let currency = held.agreement.latest().terms.contract.currency;
        let mut open: Vec<usize> = Vec::new();
        for (place, lot) in self.lots.lots.iter().enumerate() {
            let may_pay = lot.left.value() > Decimal::ZERO
                && lot.left.currency() == currency
                && lot.grant.is_for(&held.agreement.id)
                && !lot.is_closed(held, cut);
            if may_pay {
                open.push(place);
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let seen = Seen::of(held);
        let mut portions: Vec<(Timestamp, usize, Amount)> = Vec::new();
        for (place, amount) in &self.portions {
            let key = &adding.differences[*place].0;
            let by_instant = seen.portions(key, adding.owed.get(key), *amount, cut)?;
            let own = by_instant.into_iter().map(|(at, part)| (at, *place, part));
            portions.extend(own);
        }
        portions.sort_by_key(|(at, place, _)| (*at, *place));
        for (at, place, mut amount) in portions {
            if open.is_empty() {
                break;
            }
            let key = &adding.differences[place].0;
            let surface = component(held, &key.component).map(Component::surface);
            for own in &open {
                let lot = &mut self.lots.lots[*own];
                if !lot.pays_at(at) || !lot.grant.covers(&key.component, surface) {
                    continue;
                }
                let part = least(lot.left, amount);
                if part.is_zero() {
                    continue;
                }
                lot.left = lot.left.minus(part)?;
                amount = amount.minus(part)?;
                let change = self.changes.entry((lot.name.clone(), key.clone()));
                let change = change.or_insert(Amount::zero(part.currency()));
                *change = change.plus(part)?;
            }
            open.retain(|own| !self.lots.lots[*own].left.is_zero());
        }
        Ok(())
    }

    fn applied(self, held: &Held) -> Result<Applied, MoneyError> {
        let order = held.agreement.component_ids();
        let component = |key: &CellKey| order.iter().position(|(id, _)| *id == key.component);
        let mut draws: Vec<(LotName, CellKey, Amount)> = self
            .changes
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|((lot, key), amount)| (lot, key, amount))
            .collect();
        draws.sort_by_cached_key(|(lot, key, _)| {
            let component = component(key).unwrap_or(usize::MAX);
            (self.lots.place(lot), component, key.clone())
        });
        let mut lines: Vec<CreditLine> = Vec::new();
        for (lot, _, amount) in &draws {
            let zero = Amount::zero(amount.currency());
            if lines.last().is_none_or(|last| last.lot != *lot) {
                lines.push(CreditLine {
                    lot: lot.clone(),
                    drawn: zero,
                    restored: zero,
                });
            }
            if let Some(line) = lines.last_mut() {
                if amount.is_negative() {
                    line.restored = line.restored.minus(*amount)?;
                } else {
                    line.drawn = line.drawn.plus(*amount)?;
                }
            }
        }
        Ok(Applied { draws, lines })
    }
}

fn least(a: Amount, b: Amount) -> Amount {
    if a.value() < b.value() { a } else { b }
}

fn sum(
    nets: &[(Option<String>, Amount)],
    zero: Amount,
    counts: impl Fn(&Amount) -> bool,
) -> Result<Amount, MoneyError> {
    let own = nets.iter().map(|(_, net)| *net).filter(counts);
    Amount::sum(zero.currency(), own)
}

/// Adds an amount to those nets that count, in proportion to their magnitudes.
fn spread(
    nets: &mut [(Option<String>, Amount)],
    amount: Amount,
    counts: impl Fn(Amount) -> bool,
) -> Result<(), MoneyError> {
    let weight = |(_, net): &(Option<String>, Amount)| match counts(*net) {
        true => net.value().magnitude(),
        false => Decimal::ZERO,
    };
    let weights: Vec<Decimal> = nets.iter().map(weight).collect();
    for ((_, net), part) in nets.iter_mut().zip(split(amount, &weights)?) {
        *net = net.plus(part)?;
    }
    Ok(())
}
