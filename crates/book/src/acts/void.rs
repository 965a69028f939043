//! Voiding a statement: its cells are unstated, and its cut may be issued again.

use jiff::Timestamp;
use pricing::account::{Held, Issued};
use pricing::statement::issue_id;
use serde::Serialize;
use work::body::Control;

use super::{Acted, control};
use crate::Result;
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;

/// Which statement is voided, and why.
#[derive(Debug, Clone, Copy)]
pub struct Void<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The printed number.
    pub number: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of the number where absent.
    pub id: Option<&'a str>,
}

/// A statement that was voided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voided {
    /// The customer's id.
    pub customer: String,
    /// The printed number.
    pub number: String,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Book {
    /// Voids a statement.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer or statement;
    /// [`Refused`](crate::error::Refused) where it is voided already, or was paid.
    pub fn void(&self, act: &Void<'_>, now: Timestamp) -> Result<Acted<Voided>> {
        self.void_under(act, &Leave::Asked, now)
    }

    pub(crate) fn void_under(
        &self,
        act: &Void<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<Voided>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let voided = |at| Voided {
            customer: act.customer.to_owned(),
            number: act.number.to_owned(),
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
            at,
        };
        let entry = Control::StatementVoided {
            number: act.number.to_owned(),
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        let before = self.done_before(act.customer, act.id, |known, said| {
            (*said == entry).then(|| voided(known.event.time))
        })?;
        if let Some(before) = before {
            return Ok(Acted::before(before));
        }
        let account = self.account(act.customer, None)?;
        account.may_void(act.number)?;
        let mut entries = match account.statement(act.number) {
            Some((held, issued)) => self.leave(leave, &act.effect(held, issued)?, now)?,
            None => Vec::new(), // `may_void` has refused it
        };
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("{}/void", issue_id(act.number)),
        };
        entries.push(control(act.customer, id, now, entry));
        self.write(&entries, now)?;
        Ok(Acted::now(voided(now)))
    }
}

impl Void<'_> {
    /// What voiding a statement does, for whoever has to approve it.
    fn effect(&self, held: &Held, issued: &Issued) -> Result<Effect<'_>> {
        let total = issued.total(held.agreement.latest().terms.contract.currency)?;
        Ok(Effect {
            customer: self.customer,
            act: LimitedAct::Void,
            amount: total,
            what: format!("void {} of {total}: {}", self.number, self.reason),
            before: Some(total.to_string()),
            after: Some("void".to_owned()),
            parts: vec![
                self.number.to_owned(),
                total.to_string(),
                issued.body.to_string(),
            ],
            request: Request::Void {
                number: self.number.to_owned(),
                reason: self.reason.to_owned(),
                id: self.id.map(str::to_owned),
            },
            by: self.by,
            key: self.key,
        })
    }
}
