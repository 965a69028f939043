//! Goodwill by hand: an entry that the next statement states on a line of its own.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use work::Digest;
use work::body::Control;

use super::{Acted, control};
use crate::Result;
use crate::accounts;
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;
use crate::error::{Invalid, Unsigned};

/// What is given to whom.
#[derive(Debug, Clone, Copy)]
pub struct Credit<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// How much, above zero, in the contract's currency.
    pub amount: Amount,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of its content and `now` where absent.
    pub id: Option<&'a str>,
}

/// A credit that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// How much.
    pub amount: Amount,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

impl Book {
    /// Gives a credit.
    ///
    /// # Errors
    /// [`Invalid`] where the amount is not above zero, or in another currency than the contract;
    /// [`Absent`](crate::error::Absent) where there is no such customer or contract;
    /// [`Refused`](crate::error::Refused) where the contract is a draft.
    pub fn credit(&self, act: &Credit<'_>, now: Timestamp) -> Result<Acted<Given>> {
        self.credit_under(act, &Leave::Asked, now)
    }

    pub(crate) fn credit_under(
        &self,
        act: &Credit<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<Given>> {
        let Credit { amount, .. } = *act;
        if amount.is_zero() || amount.is_negative() {
            return Err(Invalid::GivesNothing { amount }.into());
        }
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let before = self.done_before(act.customer, act.id, |_, said| act.done_by(said))?;
        if let Some(before) = before {
            return Ok(Acted::before(before));
        }
        let account = self.account(act.customer, None)?;
        let held = accounts::contract(&account, act.contract)?;
        let contract = &held.agreement.id;
        if held.agreement.is_draft {
            let customer = act.customer.to_owned();
            return Err(Unsigned::Credit { customer }.into());
        }
        let currency = held.agreement.latest().terms.contract.currency;
        if amount.currency() != currency {
            return Err(Invalid::OtherCurrency {
                amount,
                contract: contract.clone(),
                currency,
            }
            .into());
        }
        let mut entries = self.leave(leave, &act.effect(contract), now)?;
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => {
                // The same credit at the same instant is the same credit.
                let content = format!("{contract}/{amount}/{}/{}/{now}", act.reason, act.by);
                format!("credit/{}", Digest::of(content.as_bytes()).short())
            }
        };
        let given = act.given(contract);
        let entry = Control::CreditIssued {
            contract: given.contract.clone(),
            amount,
            reason: given.reason.clone(),
            by: given.by.clone(),
        };
        entries.push(control(act.customer, id, now, entry));
        self.write(&entries, now)?;
        Ok(Acted::now(given))
    }
}

impl Credit<'_> {
    /// What giving it does, for whoever has to approve it.
    fn effect(&self, contract: &str) -> Effect<'_> {
        let Credit { amount, reason, .. } = *self;
        Effect {
            customer: self.customer,
            act: LimitedAct::Credit,
            amount,
            what: format!("give {amount} on {contract}: {reason}"),
            before: None,
            after: Some(amount.to_string()),
            parts: vec![contract.to_owned(), amount.to_string(), reason.to_owned()],
            request: Request::Credit {
                contract: contract.to_owned(),
                amount: amount.to_string(),
                reason: reason.to_owned(),
                id: self.id.map(str::to_owned),
            },
            by: self.by,
            key: self.key,
        }
    }

    fn given(&self, contract: &str) -> Given {
        Given {
            customer: self.customer.to_owned(),
            contract: contract.to_owned(),
            amount: self.amount,
            reason: self.reason.to_owned(),
            by: self.by.to_owned(),
        }
    }

    /// What an entry gave, where it is this credit.
    fn done_by(&self, said: &Control) -> Option<Given> {
        let Control::CreditIssued {
            contract,
            amount,
            reason,
            by,
        } = said
        else {
            return None;
        };
        let is_same = self.contract.is_none_or(|own| own == contract)
            && (*amount, reason.as_str(), by.as_str()) == (self.amount, self.reason, self.by);
        is_same.then(|| self.given(contract))
    }
}
