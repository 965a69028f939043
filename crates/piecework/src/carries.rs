//! The carry of a customer's log, which a statement names when it is issued.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pricing::account::Account;
use proof::carry::{Carry, LogEntry, Resumed, seal};
use store::entry::to_bytes;
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
        for entry in self
            .store
            .entries(customer, LogKind::Shared, 0..account.coverage)?
        {
            let entry = entry?;
            let bytes = to_bytes(&entry.event.canonical(), entry.received_at, entry.conflict);
            let own = LogEntry::from_bytes(entry.index, &bytes)
                .with_context(|| format!("entry {} of {customer} cannot be read", entry.index))?;
            frontier.push_leaf_hash(own.leaf())?;
            entries.push(own);
        }
        let log = Resumed::from_genesis(customer, entries);
        Ok(seal(&log, account, frontier, cut))
    }
}
