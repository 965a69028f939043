//! [`AccountCache`]: accounts that were folded lately, so that the next question does not fold them again.
//!
//! A log only grows, so an account of so many entries of a customer stays what it is. Invariant: the accounts
//! kept were folded from at most so many entries in total, unless it is a single one.

use std::collections::HashMap;
use std::sync::Arc;

use pricing::account::Account;

/// Whose account, and from how many entries.
type Key = (String, u64);

/// The accounts, each with when it was last used.
pub(crate) struct AccountCache {
    entries_max: u64,
    kept: HashMap<Key, (Arc<Account>, u64)>,
    uses: u64,
}

impl AccountCache {
    /// Keeps accounts of at most so many entries in total.
    pub(crate) fn new(entries_max: u64) -> AccountCache {
        AccountCache {
            entries_max,
            kept: HashMap::new(),
            uses: 0,
        }
    }

    /// A customer's account from its first `coverage` entries, if it is kept.
    pub(crate) fn get(&mut self, customer: &str, coverage: u64) -> Option<Arc<Account>> {
        self.uses += 1;
        let (account, used) = self.kept.get_mut(&(customer.to_owned(), coverage))?;
        *used = self.uses;
        Some(Arc::clone(account))
    }

    /// Keeps an account, and forgets those used longest ago until they fit.
    pub(crate) fn put(&mut self, account: &Arc<Account>) {
        self.uses += 1;
        let key = (account.customer.clone(), account.coverage);
        self.kept.insert(key, (Arc::clone(account), self.uses));
        let mut entries: u64 = self.kept.keys().map(|(_, coverage)| coverage).sum();
        while entries > self.entries_max && self.kept.len() > 1 {
            let oldest = self.kept.iter().min_by_key(|(_, (_, used))| *used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            self.kept.remove(&key);
            entries -= key.1;
        }
    }

    /// A customer's account from its first `coverage` entries, which is kept no longer.
    pub(crate) fn take(&mut self, customer: &str, coverage: u64) -> Option<Arc<Account>> {
        let (account, _) = self.kept.remove(&(customer.to_owned(), coverage))?;
        Some(account)
    }

    /// Forgets a customer's accounts from fewer entries than `coverage`.
    pub(crate) fn forget_before(&mut self, customer: &str, coverage: u64) {
        self.kept
            .retain(|(own, known), _| own != customer || *known >= coverage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(customer: &str, coverage: u64) -> Arc<Account> {
        let mut account = Account::fold(customer, Vec::new(), None);
        account.coverage = coverage;
        Arc::new(account)
    }

    #[test]
    fn beyond_the_bound_the_account_used_longest_ago_is_forgotten() {
        let mut cache = AccountCache::new(10);
        cache.put(&account("a", 4));
        cache.put(&account("b", 4));
        assert!(cache.get("a", 4).is_some());
        cache.put(&account("c", 3));
        assert!(
            cache.get("b", 4).is_none(),
            "4 + 4 + 3 entries are too many"
        );
        assert!(cache.get("a", 4).is_some() && cache.get("c", 3).is_some());
        cache.put(&account("d", 2));
        assert!(cache.get("a", 4).is_some(), "4 + 3 + 2 entries fit");
    }

    #[test]
    fn the_last_account_is_kept_whatever_its_length() {
        let mut cache = AccountCache::new(10);
        cache.put(&account("a", 4));
        cache.put(&account("b", 11));
        assert!(cache.get("b", 11).is_some());
        assert!(cache.get("a", 4).is_none());
    }

    #[test]
    fn what_is_taken_is_kept_no_longer() {
        let mut cache = AccountCache::new(100);
        cache.put(&account("a", 4));
        let taken = cache.take("a", 4).unwrap();
        assert_eq!(Arc::strong_count(&taken), 1);
        assert!(cache.take("a", 4).is_none());
    }

    #[test]
    fn older_accounts_of_a_customer_can_be_forgotten() {
        let mut cache = AccountCache::new(100);
        for one in [account("a", 4), account("a", 5), account("b", 3)] {
            cache.put(&one);
        }
        cache.forget_before("a", 5);
        assert!(cache.get("a", 4).is_none());
        assert!(cache.get("a", 5).is_some() && cache.get("b", 3).is_some());
    }
}
