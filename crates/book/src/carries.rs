//! The carry of a customer's log, which a statement names when it is issued.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use jiff::Timestamp;
use pricing::account::Account;
use proof::Entry;
use proof::carry::{Carry, LogEntry, seal_whole};
use tlog::{Frontier, Hash, hash};
use work::LogKind;

use crate::Result;
use crate::book::Book;
use crate::error::Damaged;

/// What the last carry was made of. A log only grows, so the next carry of the customer reads what came
/// since; of one customer, so that a book of many does not stay in memory.
#[derive(Default)]
pub(crate) struct Carried {
    customer: String,
    leaves: Vec<Hash>,
    frontier: Frontier,
    /// The entries that no group of it holds.
    kept: Vec<LogEntry>,
}

impl Book {
    /// The carry of the entries that an account was folded from, for a statement of this cut.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn carry(&self, account: &Account, cut: Timestamp) -> Result<Carry> {
        let customer = account.customer.as_str();
        // Taken out while it is worked on: whoever asks meanwhile begins anew, and a failure leaves none.
        let mut carried =
            std::mem::take(&mut *self.carried.lock().unwrap_or_else(PoisonError::into_inner));
        if carried.customer != customer || carried.frontier.size() > account.coverage {
            carried = Carried {
                customer: customer.to_owned(),
                ..Carried::default()
            };
        }
        let Carried {
            leaves,
            frontier,
            kept,
            ..
        } = &mut carried;
        let since = frontier.size()..account.coverage;
        for bytes in self.store.entry_bytes(customer, LogKind::Shared, since)? {
            let leaf = hash::leaf(&bytes?);
            frontier.push_leaf_hash(leaf)?;
            leaves.push(leaf);
        }
        let leaf = |index: u64| leaves.get(usize::try_from(index).ok()?).copied();
        let fetch = |wanted: &BTreeSet<u64>| self.log_entries(customer, wanted, kept);
        let frontier = frontier.clone();
        let carry = seal_whole(account, leaf, fetch, frontier, cut, self.threads)?;
        kept.clone_from(&carry.kept);
        *self.carried.lock().unwrap_or_else(PoisonError::into_inner) = carried;
        Ok(carry)
    }

    /// The entries of a customer's shared log at these positions; some are at hand, ascending.
    fn log_entries(
        &self,
        customer: &str,
        wanted: &BTreeSet<u64>,
        at_hand: &[LogEntry],
    ) -> Result<Vec<LogEntry>> {
        let mut entries = Vec::with_capacity(wanted.len());
        let mut missing: BTreeSet<u64> = BTreeSet::new();
        for index in wanted {
            match at_hand.binary_search_by_key(index, |own| own.index) {
                Ok(place) => entries.push(at_hand[place].clone()),
                Err(_) => {
                    missing.insert(*index);
                }
            }
        }
        let (Some(first), Some(last)) = (missing.first(), missing.last()) else {
            return Ok(entries);
        };
        let range = *first..last + 1;
        let stored = self
            .store
            .entry_bytes(customer, LogKind::Shared, range.clone())?;
        for (index, bytes) in range.zip(stored) {
            let bytes = bytes?;
            if missing.contains(&index) {
                let entry = Entry::parse(&bytes).map_err(|source| Damaged::Entry {
                    customer: customer.to_owned(),
                    index,
                    source,
                })?;
                entries.push(LogEntry { index, entry });
            }
        }
        Ok(entries)
    }
}
