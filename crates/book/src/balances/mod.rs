//! Balances: what a customer has spent so far, current with everything acknowledged.
//!
//! A balance answers "may I spend?" at every request, so it is kept and follows the log instead of being
//! computed from it. It is not a statement: nothing is stated by it, and what a late policy would waive is in it.
//! Invariant: the amounts are those of the cells that rating the whole log at the same instant gives.

mod credits;
mod kept;
mod takings;
#[cfg(test)]
mod tests;
mod work_owed;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use money::{Amount, Currency};
use pricing::cell::{CREDIT, CapStanding, Cell, CellKey, Part, Running};
use pricing::contract::Agreement;
use pricing::credit::LiveLot;
use pricing::period::{Period, holding};

use crate::Result;
use crate::book::Book;
use crate::limits::BALANCE_SCOPES_MAX;
use kept::Kept;

pub(crate) use takings::TakingsKept;
pub use takings::{Taken, TakenMonth, Takings};

/// What a customer has spent under its contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The customer.
    pub customer: String,
    /// The instant that it stands at.
    pub as_of: Timestamp,
    /// Entries of the shared log that are in it.
    pub size: u64,
    /// By contract, in the order of their ids.
    pub contracts: Vec<ContractBalance>,
    /// Prepaid credits, in the order in which they are drawn (semantics.md D9).
    pub credits: Vec<LiveLot>,
}

/// What was spent under one contract in the statement period that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractBalance {
    /// The contract's id.
    pub contract: String,
    /// Whether nobody signed it.
    pub is_draft: bool,
    /// The statement period that holds the instant.
    pub period: Period,
    /// What is owed or has accrued in it, after discounts and caps, before minimums and credits.
    pub spent: Amount,
    /// The same by component; what totals of the contract take off is under `_totals`.
    pub by_component: BTreeMap<String, Amount>,
    /// Credits given in the period, as positive amounts.
    pub credited: Amount,
    /// The least that is owed for a whole period, where the contract has a minimum for periods of this length.
    pub minimum: Option<Amount>,
    /// What was done beside the cap of the contract, where it has one for the period that runs.
    pub cap: Option<CapStanding>,
}

impl ContractBalance {
    /// What of these cells was spent in the period that holds an instant; nothing outside of the term.
    fn of(
        agreement: &Agreement,
        cells: &BTreeMap<CellKey, Cell>,
        now: Timestamp,
    ) -> Result<Option<ContractBalance>> {
        let mut periods = agreement.statement_periods(now);
        let Some(period) = holding(&periods, now).map(|index| periods.swap_remove(index)) else {
            return Ok(None);
        };
        let terms = &agreement.of_period(&period).terms;
        let zero = Amount::zero(terms.contract.currency);
        let is_whole = terms.contract.billing == terms.totals.every;
        let minimum = terms.totals.totals.minimum.as_ref();
        let minimum = minimum.filter(|own| is_whole && own.is_of_a_period());
        let mut balance = ContractBalance {
            contract: agreement.id.clone(),
            is_draft: agreement.is_draft,
            spent: zero,
            by_component: BTreeMap::new(),
            credited: zero,
            minimum: minimum.map(|own| own.amount),
            cap: CapStanding::of(agreement, cells, now)?,
            period,
        };
        for (key, cell) in cells {
            if !balance.period.holds(key.period) || matches!(key.part, Part::Minimum | Part::Drawn)
            {
                continue;
            }
            let charged = cell.charged()?;
            if key.component == CREDIT {
                balance.credited = balance.credited.minus(charged)?;
                continue;
            }
            let own = balance.by_component.entry(key.component.clone());
            let own = own.or_insert(zero);
            *own = own.plus(charged)?;
            balance.spent = balance.spent.plus(charged)?;
        }
        Ok(Some(balance))
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.spent.currency()
    }

    /// What of the minimum is still to be spent before more is owed.
    ///
    /// # Errors
    /// Where an amount does not fit.
    pub fn remaining_minimum(&self) -> Result<Option<Amount>> {
        let Some(minimum) = self.minimum else {
            return Ok(None);
        };
        let left = minimum.minus(self.spent)?;
        Ok(Some(if left.is_negative() {
            Amount::zero(self.currency())
        } else {
            left
        }))
    }
}

/// Totals kept lately, by customer.
#[derive(Default)]
pub(crate) struct Balances(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    by_customer: HashMap<String, Slot>,
    /// How often any was asked for.
    asked: u64,
    /// Works remembered in all.
    scopes: usize,
}

struct Slot {
    /// Nothing while it begins, and after an error.
    kept: Arc<Mutex<Option<Kept>>>,
    /// Works remembered in it.
    scopes: usize,
    /// At which count it was last asked for.
    asked: u64,
}

impl Book {
    /// What a customer has spent, current with everything acknowledged before the call. The instant may not go
    /// back: an earlier one is answered as of the latest.
    ///
    /// # Errors
    /// Where the customer's log or the documents in force cannot be read, or an amount does not fit.
    pub fn balance(&self, customer: &str, now: Timestamp) -> Result<Balance> {
        self.with_totals(customer, now, |kept| self.balance_of(customer, kept, now))
    }

    fn balance_of(&self, customer: &str, kept: &mut Kept, now: Timestamp) -> Result<Balance> {
        let mut contracts = Vec::with_capacity(kept.contracts.len());
        let mut accrued = BTreeMap::new();
        for running in &kept.contracts {
            let cells = running.accrued()?;
            contracts.extend(ContractBalance::of(
                running.agreement(),
                &cells,
                running.cut(),
            )?);
            accrued.insert(running.agreement().id.clone(), cells);
        }
        contracts.sort_by(|a, b| a.contract.cmp(&b.contract));
        let as_of = kept.contracts.first().map_or(now, Running::cut);
        Ok(Balance {
            customer: customer.to_owned(),
            as_of,
            size: kept.size,
            contracts,
            credits: self.live_credits(customer, kept.ledger(self)?, &accrued, as_of)?,
        })
    }

    /// Hands over the running totals of a customer, current with everything acknowledged before the call.
    fn with_totals<T>(
        &self,
        customer: &str,
        now: Timestamp,
        then: impl FnOnce(&mut Kept) -> Result<T>,
    ) -> Result<T> {
        let slot = self.balances.slot(customer);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out while it follows: what was left half done by an error is not used again.
        let mut kept = match slot.take() {
            None => Kept::begin(self, customer, now)?,
            Some(kept) => kept,
        };
        kept.follow(self, now)?;
        let answer = then(&mut kept)?;
        let scopes = kept.scopes();
        *slot = Some(kept);
        drop(slot);
        self.balances.bound(customer, scopes);
        Ok(answer)
    }
}

impl Balances {
    /// Whether totals of a customer are kept, so that to follow its log is all that is left to do.
    fn is_kept(&self, customer: &str) -> bool {
        let slot = self
            .slots()
            .by_customer
            .get(customer)
            .map(|own| Arc::clone(&own.kept));
        // Whoever has it locked is about to keep some.
        slot.is_some_and(|kept| kept.try_lock().is_ok_and(|kept| kept.is_some()))
    }

    fn slot(&self, customer: &str) -> Arc<Mutex<Option<Kept>>> {
        let mut slots = self.slots();
        slots.asked += 1;
        let asked = slots.asked;
        let new = || Slot {
            kept: Arc::default(),
            scopes: 0,
            asked,
        };
        let slot = slots.by_customer.entry(customer.to_owned());
        let slot = slot.or_insert_with(new);
        slot.asked = asked;
        Arc::clone(&slot.kept)
    }

    /// Notes how much is remembered of a customer, and forgets those asked for longest ago while it is too much;
    /// never the last one.
    fn bound(&self, customer: &str, scopes: usize) {
        let mut slots = self.slots();
        // A customer without works takes memory too.
        let scopes = scopes + 1;
        if let Some(slot) = slots.by_customer.get_mut(customer) {
            let before = std::mem::replace(&mut slot.scopes, scopes);
            slots.scopes = slots.scopes + scopes - before;
        }
        while slots.scopes > BALANCE_SCOPES_MAX && slots.by_customer.len() > 1 {
            let others = slots.by_customer.iter();
            let others = others.filter(|(own, _)| own.as_str() != customer);
            let oldest = others.min_by_key(|(_, slot)| slot.asked);
            let Some(oldest) = oldest.map(|(own, _)| own.clone()) else {
                break;
            };
            let gone = slots.by_customer.remove(&oldest);
            slots.scopes -= gone.map_or(0, |slot| slot.scopes);
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
