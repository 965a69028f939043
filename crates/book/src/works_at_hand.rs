//! One piece of work at hand: its story out of the state, its own entries and running totals.
//!
//! How long it takes grows with the facts and costs of the work, not with the works of its customer, once the customer's
//! totals are kept. Not here: the same out of the folded account, which knows of every coin whose it is
//! ([`Book::work`]).

use std::collections::BTreeSet;

use jiff::Timestamp;
use money::Currency;
use pages::view;
use pricing::cell::UnitShare;
use pricing::margin::{CostEntry, CostLedger, Counting};
use pricing::model_costs::ModelCosts;
use store::{FactKind, FactsOf, ScopeId, UnitsOf};
use work::settle::Unit;

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::price_books;
use crate::works::is_called;

impl Book {
    /// The units of a work, each with its story up to `now` and what it cost.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or work.
    pub fn work_at_hand(
        &self,
        customer: &str,
        work: &str,
        now: Timestamp,
    ) -> Result<Vec<view::WorkStory>> {
        if !self.is_customer(customer)? {
            let customer = customer.to_owned();
            let known = Vec::new();
            return Err(Absent::Customer { customer, known }.into());
        }
        let mut scopes: BTreeSet<ScopeId> = BTreeSet::new();
        for settled in self.store.units(customer, UnitsOf::Work(work))? {
            scopes.insert(settled?.scope);
        }
        scopes.extend(self.scopes_called(customer, work, now)?);
        let scopes: Vec<ScopeId> = scopes.into_iter().collect();
        let prices = price_books::load(self.store.as_ref())?;
        let mut stories = Vec::new();
        for owed in self.owed_for_scopes(customer, &scopes, now)? {
            let shares = owed.shares.as_deref();
            for (settled, currency) in owed.units.iter().zip(&owed.currencies) {
                if !is_called(&settled.unit, work) {
                    continue;
                }
                let unit = &settled.unit;
                let mut story = self.story(customer, settled.contract.as_deref(), unit, now)?;
                story.is_owed_told = shares.is_some();
                story.owed = owed_for(unit, shares.unwrap_or_default());
                let currency = match currency {
                    Some(own) => *own,
                    None => self.documents()?.plan.currency,
                };
                let entries = self.costs_of_works(customer, unit, (&prices, currency))?;
                story.costs = Some(self.costs_beside(currency, entries, &story)?);
                stories.push(story);
            }
        }
        if stories.is_empty() {
            return Err(Absent::Work {
                customer: customer.to_owned(),
                work: work.to_owned(),
                unit: None,
            }
            .into());
        }
        Ok(stories)
    }

    /// The costs that name a work of a unit.
    fn costs_of_works(
        &self,
        customer: &str,
        unit: &Unit,
        (prices, currency): (&ModelCosts, Currency),
    ) -> Result<Vec<CostEntry>> {
        let mut facts = Vec::new();
        for work in &unit.works {
            for fact in self
                .store
                .facts(customer, FactKind::Cost, FactsOf::Work(work))?
            {
                facts.push(fact?);
            }
        }
        Ok(CostLedger::of(&facts, prices, currency, Counting::Claimed).entries)
    }
}

fn owed_for(unit: &Unit, shares: &[UnitShare]) -> Vec<view::OwedShare> {
    let own = shares.iter().filter(|own| own.unit == unit.key);
    let rows = own.map(|own| view::OwedShare {
        component: own.cell.component.clone(),
        part: own.class.clone().unwrap_or_default(),
        amount: own.amount,
        with_coin: (own.with_coin != own.amount).then_some(own.with_coin),
    });
    rows.collect()
}
