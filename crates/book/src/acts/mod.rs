//! What is done with a book: each act one method of [`Book`], with a plain struct of arguments and `now`.
//!
//! An act looks at the customer's account, refuses or draws up entries, and appends them in one commit, the
//! entry that says what was done last. Its id is the caller's, where it gives one: an id that is in the log
//! already is answered with what was done ([`Acted::is_known`]), or refused where that was something else.
//!
//! Not here: who may act, and questions, which change nothing. Invariants: of one customer there is one act at
//! a time (`turns`), so what an act has looked at still holds of every other act when it writes (facts that
//! arrive meanwhile change nothing that it rests on, for it names the entries that it knew); nothing is done
//! twice under one id; what is refused has changed nothing.

mod books;
mod contracts;
mod cover;
mod credit;
mod credit_statement;
mod documents;
mod draw;
mod evidence;
mod facts;
mod grant;
mod issue;
mod keys;
mod money;
mod opening;
mod payment;
mod quotes;
mod renewal;
mod review;
mod turns;
mod void;

#[cfg(test)]
mod tests;

pub use books::LockBooks;
pub use contracts::{Amend, ContractText, End, Ended, InForceFrom, RollBack, Sign};
pub(crate) use contracts::{midnight, signed};
pub use cover::{ChooseCovers, IssueCover, VoidCover};
pub use credit::{Credit, Given};
pub use credit_statement::{CreditStatement, Credited};
pub use documents::{Publish, Published};
pub use draw::Draw;
pub use evidence::{Attach, Attached, Redact, Redacted};
pub use facts::{About, Recorded};
pub use grant::{CreditAct, Granted};
pub(crate) use issue::may_issue;
pub use issue::{Decided, Due, Issue, Issued};
pub use keys::{PublishedKey, key_entry};
pub(crate) use money::source_row;
pub use money::{Allocate, GiveBack, GiveUp, VoidMoney};
pub use opening::{Open, Opened};
pub use payment::{For, PaidAt, Payment};
pub use quotes::{DraftQuote, Step, StepQuote};
pub use renewal::Renew;
pub use review::{Review, Reviewed, review_event, sampled};
pub(crate) use turns::Turns;
pub use void::{Void, Voided};

use jiff::Timestamp;
use store::{Entry, Outcome};
use work::body::{Body, Control};
use work::event::{Authorship, PIECEWORK};
use work::{Event, Headers};

use crate::Result;
use crate::approvals::naming_what_is_done;
use crate::book::Book;
use crate::error::Refused;

/// What an act has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted<T> {
    /// What it is.
    pub what: T,
    /// Whether the same act had done it before; then nothing was done now.
    pub is_known: bool,
}

impl<T> Acted<T> {
    pub(crate) fn now(what: T) -> Acted<T> {
        Acted {
            what,
            is_known: false,
        }
    }

    pub(crate) fn before(what: T) -> Acted<T> {
        Acted {
            what,
            is_known: true,
        }
    }
}

/// An entry of piecework's own.
pub(crate) fn control(customer: &str, id: String, time: Timestamp, control: Control) -> Event {
    Event {
        id: id.into(),
        source: PIECEWORK.into(),
        customer: customer.into(),
        time,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body: Body::Control(control),
    }
}

impl Book {
    /// Appends entries, all of which must be taken.
    ///
    /// # Errors
    /// [`Refused::Locked`] where one would be posted in a month that is closed; where one was refused or conflicts: those
    /// before it stand.
    pub fn write(&self, events: &[Event], now: Timestamp) -> Result<()> {
        let approved = naming_what_is_done(events);
        let events = approved.as_deref().unwrap_or(events);
        self.may_post(events)?;
        for (event, outcome) in events.iter().zip(self.store.append(events, now)?) {
            match outcome {
                Outcome::Accepted { .. } | Outcome::Duplicate { .. } => {}
                Outcome::Refused { pointer, problem } => {
                    return Err(Refused::Entry {
                        identity: event.identity().into(),
                        pointer,
                        problem,
                    }
                    .into());
                }
                Outcome::Conflict { .. } => {
                    return Err(Refused::Known {
                        identity: event.identity().into(),
                    }
                    .into());
                }
            }
        }
        Ok(())
    }

    /// The first entry under an identity, which is the fact until a correction decides otherwise.
    pub(crate) fn entry_under(
        &self,
        customer: &str,
        source: &str,
        id: &str,
    ) -> Result<Option<Entry>> {
        let Some(found) = self.store.find(customer, source, id)? else {
            return Ok(None);
        };
        let Some((index, _)) = found.contents.first() else {
            return Ok(None);
        };
        Ok(self.store.entry(customer, found.log, *index)?)
    }

    /// What an act under this id has done before; `told` reads it from the entry, and finds nothing where the
    /// entry is another act's.
    fn done_before<T>(
        &self,
        customer: &str,
        id: Option<&str>,
        told: impl FnOnce(&Entry, &Control) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(id) = id else {
            return Ok(None);
        };
        let Some(entry) = self.entry_under(customer, PIECEWORK, id)? else {
            return Ok(None);
        };
        let told = match &entry.event.body {
            Body::Control(control) => told(&entry, control),
            _ => None,
        };
        match told {
            Some(told) => Ok(Some(told)),
            None => Err(Refused::OtherAct { id: id.to_owned() }.into()),
        }
    }
}
