//! One customer at a glance.
//!
//! Read from running totals, the state and heads of logs: how long it takes does not grow with the customer's log.

use jiff::Timestamp;
use pages::view;
use tlog::{Checkpoint, Note};
use work::LogKind;

use crate::Result;
use crate::book::Book;
use crate::error::Absent;

/// Works that an overview shows.
const WORKS_SHOWN: usize = 10;

impl Book {
    /// What a customer has spent, the works that were opened last, how far its log goes.
    ///
    /// # Errors
    /// [`Absent::Customer`]; where the store or the book's secret cannot be read.
    pub fn overview(&self, customer: &str, now: Timestamp) -> Result<view::CustomerOverview> {
        let found = self
            .is_customer(customer)?
            .then(|| self.only_customer(customer));
        let row = found.transpose()?.and_then(|mut page| page.rows.pop());
        let Some(row) = row else {
            let customer = customer.to_owned();
            let known = Vec::new();
            return Err(Absent::Customer { customer, known }.into());
        };
        let size = self.store.head(customer, LogKind::Shared)?;
        let origin = self.origin(customer)?;
        let signed = self.signed_head(customer, LogKind::Shared, size)?;
        let signed = signed
            .as_ref()
            .map(|note| self.signed(note, &origin))
            .transpose()?;
        let problems = self.store.contract_problems(customer)?;
        Ok(view::CustomerOverview {
            row,
            spending: self.spending(customer, None, now)?,
            works: self.latest_works(customer, WORKS_SHOWN, now)?,
            problems: problems
                .into_iter()
                .map(|own| view::ContractProblem {
                    contract: own.contract,
                    problem: own.problem,
                })
                .collect(),
            log: view::LogHead {
                origin,
                size,
                signed,
            },
        })
    }

    /// A signed head: the seller signs under the log's own name, whoever acknowledges under another.
    fn signed(&self, note: &Note, origin: &str) -> Result<view::SignedHead> {
        let others = note
            .signatures()
            .iter()
            .filter(|own| own.name().as_str() != origin);
        Ok(view::SignedHead {
            size: note.text().parse::<Checkpoint>()?.size(),
            acknowledged: others.count() > 0,
        })
    }
}
