//! Prepaid credits: granted, amended and voided, each an entry that the next statements are drawn with.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use work::body::{Control, Grant, GrantAmended};
use work::{Digest, Event};

use super::{Acted, control};
use crate::Result;
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;
use crate::error::{Absent, Invalid, Unsigned};

/// What is done to grants of prepaid credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditAct {
    /// Credits are granted.
    Grant(Grant),
    /// A grant gets other terms.
    Amend(GrantAmended),
    /// A grant that nothing was drawn on pays nothing.
    Void {
        /// The grant's id.
        grant: String,
        /// Why.
        reason: String,
        /// Who approves it (a role).
        by: String,
    },
}

/// A grant as it is after an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Granted {
    /// The customer's id.
    pub customer: String,
    /// The grant's id.
    pub grant: String,
    /// How much it pays in all.
    #[serde(serialize_with = "pages::view::json::amount")]
    pub amount: Amount,
    /// From when it does not pay any more.
    pub expires: Option<Timestamp>,
    /// Whether it is voided.
    pub voided: bool,
}

impl Book {
    /// Grants prepaid credits, or changes a grant; the same act under the same id is done once. `names` are the id
    /// of the entry, and that of the API key that it is asked for with.
    ///
    /// # Errors
    /// [`Invalid`] where the amount is not above zero; [`Absent`] where there is no such customer;
    /// [`Refused`](crate::error::Refused) where the contract is a draft, or the grant cannot be
    /// (semantics.md D9).
    pub fn credits_act(
        &self,
        customer: &str,
        act: &CreditAct,
        names: (Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Result<Acted<Granted>> {
        self.credits_act_under(customer, act, names, &Leave::Asked, now)
    }

    pub(crate) fn credits_act_under(
        &self,
        customer: &str,
        act: &CreditAct,
        (id, key): (Option<&str>, Option<&str>),
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<Granted>> {
        self.chosen(Some(customer))?;
        let entry = act.control();
        let _turn = self.turns.take(customer);
        let before = self.done_before(customer, id, |_, said| (*said == entry).then_some(()))?;
        if before.is_some() {
            return Ok(Acted::before(self.granted(customer, act.grant())?));
        }
        let account = self.account(customer, None)?;
        if account.contracts.iter().any(|held| held.agreement.is_draft) {
            let customer = customer.to_owned();
            return Err(Unsigned::Credit { customer }.into());
        }
        match act {
            CreditAct::Grant(grant) => {
                if grant.amount.is_zero() || grant.amount.is_negative() {
                    let amount = grant.amount;
                    return Err(Invalid::GivesNothing { amount }.into());
                }
                account.may_grant(&pricing::credit::Grant::new(grant, now))?;
                let sold = |component: &&String| {
                    let mut held = account.contracts.iter();
                    held.any(|held| {
                        held.agreement
                            .component_ids()
                            .iter()
                            .any(|(id, _)| id == component)
                    })
                };
                let mut named = grant.scope.components.iter();
                if let Some(unsold) = named.find(|component| !sold(component)) {
                    return Err(Absent::Line {
                        line: unsold.clone(),
                        known: components(&account),
                    }
                    .into());
                }
            }
            CreditAct::Amend(amended) => {
                account.may_amend_grant(amended)?;
            }
            CreditAct::Void { grant, .. } => account.may_void_grant(grant)?,
        }
        let id = id.map_or_else(
            || {
                // The same act at the same instant is the same act.
                let content = format!("{act:?}/{now}");
                format!(
                    "grant/{}/{}",
                    act.grant(),
                    Digest::of(content.as_bytes()).short()
                )
            },
            str::to_owned,
        );
        let event = control(customer, id, now, entry);
        // What a reader of the log would refuse is refused before it is there.
        Event::from_json(&event.to_json()).map_err(Invalid::Event)?;
        let mut entries = match act {
            CreditAct::Grant(grant) => {
                let effect = gift(customer, grant, (&event, key))?;
                self.leave(leave, &effect, now)?
            }
            CreditAct::Amend(_) | CreditAct::Void { .. } => Vec::new(),
        };
        entries.push(event);
        self.write(&entries, now)?;
        Ok(Acted::now(self.granted(customer, act.grant())?))
    }

    fn granted(&self, customer: &str, id: &str) -> Result<Granted> {
        let account = self.account(customer, None)?;
        let Some(grant) = account.grant(id) else {
            return Err(Absent::Grant {
                customer: customer.to_owned(),
                grant: id.to_owned(),
            }
            .into());
        };
        Ok(Granted {
            customer: customer.to_owned(),
            grant: grant.id.clone(),
            amount: grant.amount,
            expires: grant.expires,
            voided: grant.is_voided,
        })
    }
}

/// What a grant gives for nothing, for whoever has to approve it.
fn gift<'a>(
    customer: &'a str,
    grant: &'a Grant,
    (event, key): (&Event, Option<&'a str>),
) -> Result<Effect<'a>> {
    let zero = Amount::zero(grant.amount.currency());
    let gift = grant.amount.minus(grant.paid.unwrap_or(zero))?;
    let gift = if gift.is_negative() { zero } else { gift };
    let entry = event.to_json().to_canonical();
    Ok(Effect {
        customer,
        act: LimitedAct::Credit,
        amount: gift,
        what: format!(
            "grant {} as {}, {gift} of it for nothing",
            grant.amount, grant.grant
        ),
        before: None,
        after: Some(grant.amount.to_string()),
        parts: vec![grant.grant.clone(), format!("{grant:?}")],
        request: Request::Grant { entry },
        by: &grant.by,
        key,
    })
}

fn components(account: &pricing::Account) -> Vec<String> {
    let held = account.contracts.iter();
    let ids = held.flat_map(|held| held.agreement.component_ids());
    ids.map(|(id, _)| id.to_owned()).collect()
}

impl CreditAct {
    fn grant(&self) -> &str {
        match self {
            CreditAct::Grant(grant) => &grant.grant,
            CreditAct::Amend(amended) => &amended.grant,
            CreditAct::Void { grant, .. } => grant,
        }
    }

    fn control(&self) -> Control {
        match self.clone() {
            CreditAct::Grant(grant) => Control::CreditGranted(grant),
            CreditAct::Amend(amended) => Control::CreditAmended(amended),
            CreditAct::Void { grant, reason, by } => Control::CreditVoided { grant, reason, by },
        }
    }
}
