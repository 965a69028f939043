//! [`Rated`]: an account with what is owed under its contracts, rated once for each instant that is asked about.
//!
//! A draft, the draft of the periods before it, their reconciliation and their page look at the same cells, and to
//! rate a customer with many works takes longer than to draw its statement. Not here: prices. Invariant: what is
//! handed out is what [`owed`] says of the contract's facts, for those do not change while it is looked at.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Account, Held};
use crate::cell::{Owed, PricingError, owed};

/// An account whose contracts are rated.
#[derive(Debug)]
pub struct Rated<'a> {
    /// The account.
    pub account: &'a Account,
    known: RefCell<Vec<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    contract: String,
    at: Timestamp,
    owed: Arc<Owed>,
}

impl<'a> Rated<'a> {
    /// An account of which nothing is rated yet.
    #[must_use]
    pub const fn new(account: &'a Account) -> Rated<'a> {
        Rated {
            account,
            known: RefCell::new(Vec::new()),
        }
    }

    /// What is owed under one of the account's contracts for what happened before an instant.
    ///
    /// # Errors
    /// As [`owed`].
    pub fn owed(&self, held: &Held, at: Timestamp) -> Result<Arc<Owed>, PricingError> {
        let is_asked = |own: &&Known| own.contract == held.agreement.id && own.at == at;
        if let Some(known) = self.known.borrow().iter().find(is_asked) {
            return Ok(Arc::clone(&known.owed));
        }
        let owed = Arc::new(owed(&held.agreement, &held.facts(), at)?);
        self.known.borrow_mut().push(Known {
            contract: held.agreement.id.clone(),
            at,
            owed: Arc::clone(&owed),
        });
        Ok(owed)
    }

    /// The same for an account that has the facts of one contract and states something else: what is owed under that
    /// contract is the same.
    pub(crate) fn restated<'b>(&self, account: &'b Account, contract: &str) -> Rated<'b> {
        let known = self.known.borrow();
        let own = known.iter().filter(|own| own.contract == contract);
        Rated {
            account,
            known: RefCell::new(own.cloned().collect()),
        }
    }
}
