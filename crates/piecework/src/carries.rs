//! The carry of a customer's log, which a statement names when it is issued.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pricing::account::Account;
use proof::Entry;
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
        let stored = self
            .store
            .entry_bytes(customer, LogKind::Shared, 0..account.coverage)?;
        for (bytes, index) in stored.zip(0..) {
            let bytes = bytes?;
            frontier.push_leaf_hash(tlog::hash::leaf(&bytes))?;
            let entry = Entry::parse(&bytes)
                .with_context(|| format!("entry {index} of the log of {customer} is damaged"))?;
            entries.push(LogEntry { index, entry });
        }
        let log = Resumed::from_genesis(customer, entries);
        Ok(seal(&log, account, frontier, cut))
    }
}
