//! Accounting: what happened to a contract as double entry, for the books of the seller.
//!
//! Every [`Entry`] sums to nothing, so every account can be traced to what moved it. A statement makes a receivable
//! against deferred revenue; performance turns deferred revenue into revenue ([`crate::revenue`]); what is performed and not
//! yet stated is a contract asset at the end of each month. Costs are the cost of goods sold by line. Tax, payroll
//! and everything else of a company are not here: this is a subledger that a general ledger takes in.
//!
//! Invariant: the entries of a contract through a month leave the receivable, the contract asset and the
//! deferred revenue that its statements and its [`schedule`](crate::revenue::schedule()) say.

mod account;
mod contract;
mod costs;
mod credits;
mod locks;
mod payments;
mod trial_balance;

use jiff::civil::Date;
use money::{Amount, Currency, MoneyError};

pub use account::{GlAccount, Kind};
pub use contract::of_contract;
pub use costs::{of_costs, of_costs_learnt};
pub use credits::of_credits;
pub use locks::{Locks, Stage};
pub use payments::of_payments;
pub use trial_balance::{Balance, TrialBalance};

/// Something that happened, on a day, in two accounts or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day that it is posted on.
    pub date: Date,
    /// What happened, for people.
    pub narration: String,
    /// What it can be found again by: a statement's number, a contract and month.
    pub link: String,
    /// The standing cover that the statement is paid with, where it is about one that is.
    pub cover: Option<String>,
    /// The sides; above zero is debit, below is credit. They sum to zero in each currency.
    pub postings: Vec<Posting>,
}

/// One side of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: GlAccount,
    /// Debit above zero, credit below.
    pub amount: Amount,
    /// What the tax system knows that by which a statement charges, where the plan says.
    pub tax_category: Option<String>,
}

impl Posting {
    const fn of(account: GlAccount, amount: Amount) -> Posting {
        Posting {
            account,
            amount,
            tax_category: None,
        }
    }
}

impl Entry {
    /// An entry of two sides: so much to `debit`, as much off `credit`. Nothing where it is about nothing.
    fn of(
        date: Date,
        narration: String,
        link: &str,
        (debit, credit): (GlAccount, GlAccount),
        amount: Amount,
    ) -> Option<Entry> {
        (!amount.is_zero()).then(|| Entry {
            date,
            narration,
            link: link.to_owned(),
            cover: None,
            postings: vec![
                Posting::of(debit, amount),
                Posting::of(credit, amount.negated()),
            ],
        })
    }

    /// The sum of its sides in a currency: nothing.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let own = self.postings.iter().map(|own| own.amount);
        Amount::sum(currency, own.filter(|own| own.currency() == currency))
    }
}
