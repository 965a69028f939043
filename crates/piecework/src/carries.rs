//! The carry of a customer's log, which a statement names when it is issued.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pricing::account::Account;
use proof::Entry;
use proof::carry::{Carry, LogEntry, seal_whole};
use tlog::{Frontier, Hash, hash};
use work::LogKind;

use crate::context::Book;

impl Book {
    /// The carry of the entries that an account was folded from, for a statement of this cut.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn carry(&self, account: &Account, cut: Timestamp) -> Result<Carry> {
        let mut leaves: Vec<Hash> = Vec::new();
        let mut frontier = Frontier::default();
        let covered = 0..account.coverage;
        for bytes in self
            .store
            .entry_bytes(&account.customer, LogKind::Shared, covered)?
        {
            let leaf = hash::leaf(&bytes?);
            frontier.push_leaf_hash(leaf)?;
            leaves.push(leaf);
        }
        let leaf = |index: u64| leaves.get(usize::try_from(index).ok()?).copied();
        let fetch = |wanted: &BTreeSet<u64>| self.log_entries(&account.customer, wanted);
        seal_whole(account, leaf, fetch, frontier, cut, 1)
    }

    /// The entries of a customer's shared log at these positions.
    fn log_entries(&self, customer: &str, wanted: &BTreeSet<u64>) -> Result<Vec<LogEntry>> {
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            return Ok(Vec::new());
        };
        let range = *first..last + 1;
        let stored = self
            .store
            .entry_bytes(customer, LogKind::Shared, range.clone())?;
        let mut entries = Vec::with_capacity(wanted.len());
        for (index, bytes) in range.zip(stored) {
            let bytes = bytes?;
            if wanted.contains(&index) {
                let entry = Entry::parse(&bytes).with_context(|| {
                    format!("entry {index} of the log of {customer} is damaged")
                })?;
                entries.push(LogEntry { index, entry });
            }
        }
        Ok(entries)
    }
}
