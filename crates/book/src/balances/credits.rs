//! Prepaid credits in a balance: what is left of them with everything that has accrued.
//!
//! The draws are those of a statement that were drawn up now (semantics.md D9). They look at running totals,
//! which do not know when each fact happened: where a grant begins or expires within what is not stated, the
//! facts themselves are looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pricing::account::{Account, Held};
use pricing::cell::{Cell, CellKey, accrued};
use pricing::credit::{LiveLot, live};

use crate::Result;
use crate::book::Book;

impl Book {
    /// What is left of a customer's credits; `ledger` is its account without what its contracts claim, and
    /// `cells` what each contract owes or has accrued.
    pub(super) fn live_credits(
        &self,
        customer: &str,
        ledger: &Account,
        cells: &BTreeMap<String, BTreeMap<CellKey, Cell>>,
        now: Timestamp,
    ) -> Result<Vec<LiveLot>> {
        if ledger.grants.is_empty() {
            return Ok(Vec::new());
        }
        let held = |own: &'_ Held| cells.contains_key(&own.agreement.id);
        let contracts = ledger.contracts.iter().filter(|own| held(own));
        let contracts = contracts.map(|own| (own, &cells[&own.agreement.id]));
        let contracts: Vec<_> = contracts.collect();
        let lots = live(ledger, &contracts, now)?;
        let since = ledger.contracts.iter().map(|own| {
            let start = own.agreement.schedule.start.at;
            own.last_cut().map_or(start, |cut| cut.max(start))
        });
        let since = since.min().unwrap_or(now);
        let within = |instant: Timestamp| since < instant && instant <= now;
        if !lots
            .iter()
            .any(|lot| within(lot.from) || lot.until.is_some_and(within))
        {
            return Ok(lots);
        }
        let account = self.account(customer, None)?;
        let mut rated = Vec::with_capacity(account.contracts.len());
        for own in &account.contracts {
            rated.push((own, accrued(&own.agreement, &own.facts(), now)?));
        }
        let rated: Vec<_> = rated.iter().map(|(own, cells)| (*own, cells)).collect();
        Ok(live(&account, &rated, now)?)
    }
}
