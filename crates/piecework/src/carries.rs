//! The carry of a customer's log, which a statement names when it is issued.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pricing::account::Account;
use proof::carry::{Carry, LogEntry, Resumed, seal};
use tlog::Frontier;
use work::LogKind;

use crate::context::Book;

impl Book {
    /// The carry of the entries that an account was folded from, for a statement of this cut.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn carry(&self, account: &Account, cut: Timestamp) -> Result<Carry> {
        let customer = &account.customer;
        let mut entries = Vec::new();
        let mut frontier = Frontier::default();
        let covered = 0..account.coverage;
        let stored = self.store.entry_bytes(customer, LogKind::Shared, covered)?;
        for (index, bytes) in (0..).zip(stored) {
            let own = LogEntry::from_bytes(index, &bytes?)
                .with_context(|| format!("entry {index} of {customer} cannot be read"))?;
            frontier.push_leaf_hash(own.leaf())?;
            entries.push(own);
        }
        let log = Resumed::from_genesis(customer, entries);
        Ok(seal(&log, account, frontier, cut))
    }
}
