//! The trial balance: what every account comes to. Debits and credits are equal, or something is lost.

use std::collections::BTreeMap;

use money::{Amount, MoneyError};

use super::{Entry, GlAccount};

/// What every account comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrialBalance {
    sums: BTreeMap<(GlAccount, &'static str), Amount>,
}

/// What one account comes to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance<'a> {
    /// The account.
    pub account: &'a GlAccount,
    /// Debit above zero, credit below.
    pub amount: Amount,
}

impl TrialBalance {
    /// What entries come to.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of<'e>(
        entries: impl IntoIterator<Item = &'e Entry>,
    ) -> Result<TrialBalance, MoneyError> {
        let mut sums = BTreeMap::new();
        for own in entries.into_iter().flat_map(|entry| &entry.postings) {
            let currency = own.amount.currency();
            let sum = sums
                .entry((own.account.clone(), currency.code()))
                .or_insert(Amount::zero(currency));
            *sum = sum.plus(own.amount)?;
        }
        sums.retain(|_, sum| !sum.is_zero());
        Ok(TrialBalance { sums })
    }

    /// The balances that are not zero, by account and currency.
    pub fn balances(&self) -> impl Iterator<Item = Balance<'_>> {
        let sums = self.sums.iter();
        sums.map(|((account, _), amount)| Balance {
            account,
            amount: *amount,
        })
    }

    /// What one account comes to in the currency of `zero`.
    #[must_use]
    pub fn balance(&self, account: &GlAccount, zero: Amount) -> Amount {
        let key = (account.clone(), zero.currency().code());
        self.sums.get(&key).copied().unwrap_or(zero)
    }
}
