//! The seller's books, month by month: which are closed, what was known of each when it was.
//!
//! Who closed them and why are entries of the seller-only log of what belongs to no customer. Invariant: nothing is
//! written whose posting would fall into a closed month.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pricing::account::Account;
use pricing::accounting::Locks;
use serde::Serialize;
use store::{FactKind, FactsOf};
use work::body::{Body, Control};
use work::event::UNASSIGNED;
use work::{Event, LogKind};

use crate::Result;
use crate::book::Book;
use crate::error::Refused;

/// That the books were locked or unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockAct {
    /// Its position in the seller-only log of what belongs to no customer.
    pub entry: u64,
    /// When.
    pub time: Timestamp,
    /// `locked` or `unlocked`.
    pub act: String,
    /// The last day that is locked after it; nothing where none is.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who decided it (a role).
    pub by: String,
}

/// A customer's account as it was known when months were closed, and as it is.
pub(crate) struct Known {
    /// By stage of the locks; the last is what is known now.
    accounts: Vec<Arc<Account>>,
}

impl Known {
    /// The account as of what is known of a month, by the month's stage.
    pub(crate) fn account(&self, stage: Option<usize>) -> &Account {
        let last = self.accounts.len() - 1; // there is one at least
        &self.accounts[stage.unwrap_or(last).min(last)]
    }

    /// The account as it is.
    pub(crate) fn now(&self) -> &Account {
        self.account(None)
    }
}

impl Book {
    /// Who locked and unlocked the books, in the order of the log.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn lock_acts(&self) -> Result<Vec<LockAct>> {
        let mut acts = Vec::new();
        for fact in self
            .store
            .facts(UNASSIGNED, FactKind::Lock, FactsOf::Customer)?
        {
            let fact = fact?;
            let (act, lock) = match &fact.event.body {
                Body::Control(Control::BooksLocked(lock)) => ("locked", lock),
                Body::Control(Control::BooksUnlocked(lock)) => ("unlocked", lock),
                _ => continue,
            };
            acts.push(LockAct {
                entry: fact.entry,
                time: fact.event.time,
                act: act.to_owned(),
                until: lock.until,
                reason: lock.reason.clone(),
                by: lock.by.clone(),
            });
        }
        Ok(acts)
    }

    /// The months that are closed.
    ///
    /// # Errors
    /// As [`Book::lock_acts`].
    pub fn locks(&self) -> Result<Locks> {
        let mut locks = Locks::default();
        for own in self.lock_acts()? {
            match (own.act.as_str(), own.until) {
                ("locked", Some(until)) => locks.lock(until, own.time),
                _ => locks.unlock(own.until),
            }
        }
        Ok(locks)
    }

    /// A customer's account as it was known at each stage of the locks, and as it is.
    pub(crate) fn known(&self, customer: &str, locks: &Locks) -> Result<Known> {
        let mut accounts = Vec::new();
        for stage in locks.stages() {
            let size = self.size_known(customer, LogKind::Shared, stage.known)?;
            accounts.push(self.account(customer, Some(size))?);
        }
        accounts.push(self.account(customer, None)?);
        Ok(Known { accounts })
    }

    /// How many entries of a log had arrived by an instant: those before the first that came after it.
    pub(crate) fn size_known(&self, customer: &str, log: LogKind, known: Timestamp) -> Result<u64> {
        let (mut low, mut high) = (0, self.store.head(customer, log)?);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.store.entry(customer, log, middle)?;
            if entry.is_some_and(|own| own.received_at <= known) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Refuses entries whose posting would fall into a closed month.
    pub(crate) fn may_post(&self, events: &[Event]) -> Result<()> {
        if !events.iter().any(is_posted) {
            return Ok(());
        }
        let Some(until) = self.locks()?.until() else {
            return Ok(());
        };
        let zone = self.books_zone()?;
        for event in events.iter().filter(|own| is_posted(own)) {
            let day = event.time.to_zoned(zone.clone()).date();
            if day <= until {
                return Err(Refused::Locked { day, until }.into());
            }
        }
        Ok(())
    }

    /// Where the seller's months begin.
    ///
    /// # Errors
    /// Where the configuration's zone is none.
    pub fn books_zone(&self) -> Result<TimeZone> {
        crate::accounting::zone(&self.config)
    }
}

/// Whether the journal has a posting on the day of an entry.
fn is_posted(event: &Event) -> bool {
    matches!(
        &event.body,
        Body::Control(
            Control::StatementIssued { .. }
                | Control::StatementVoided { .. }
                | Control::CreditGranted(_)
                | Control::PaymentRecorded(_)
                | Control::PaymentRefunded(_)
                | Control::PaymentVoided(_)
                | Control::BalanceWrittenOff(_)
        )
    )
}
