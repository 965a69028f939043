//! A contract runs until a later day: the same document with another end, as a new version.

use jiff::Timestamp;
use jiff::civil::Date;
use pages::view;
use pricing::contract::{Contract, InForce};
use pricing::preview::Proposal;
use pricing::{Account, Plan};
use store::{FactKind, FactsOf};
use work::body::{Audience, Body, Control, DocumentKind};
use work::event::PIECEWORK;
use work::{Definition, Digest};

use super::contracts::{midnight, signed};
use super::documents::document_id;
use super::{Acted, InForceFrom, control};
use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::contracts;
use crate::documents::faulty;
use crate::error::{Damaged, Invalid, Refused, Unsigned};
use crate::limits::PREVIEW_PERIODS_MAX;
use crate::previews;

/// Until when a contract runs.
#[derive(Debug, Clone, Copy)]
pub struct Renew<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The new last day.
    pub until: Date,
    /// Who agrees for the buyer (a role).
    pub by: &'a str,
    /// The id of the entry; made of contract and day where absent.
    pub id: Option<&'a str>,
}

/// A renewal before it is written.
struct Renewed {
    text: String,
    terms: InForce,
    effective: Timestamp,
}

impl Book {
    /// Lets a contract run until a later day, on the same terms.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such contract; [`Refused`] where it is a draft, has no end,
    /// was ended, or runs that long already.
    pub fn renew(&self, act: &Renew<'_>, now: Timestamp) -> Result<Acted<InForceFrom>> {
        let customer = act.customer;
        let _turn = self.turns.take(customer);
        let account = self.account(customer, None)?;
        let id = |contract: &str| match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{contract}/renewed/{}", act.until),
        };
        let held = accounts::contract(&account, act.contract)?;
        let contract = held.agreement.id.clone();
        let before = self.done_before(customer, Some(&id(&contract)), |_, said| match said {
            Control::ContractAmended {
                contract: own,
                document,
                effective,
                by,
                ..
            } if *own == contract && by == act.by => Some((*document, *effective)),
            _ => None,
        })?;
        let in_force = |digest: Digest, from: Timestamp| InForceFrom {
            customer: customer.to_owned(),
            contract: contract.clone(),
            from,
            digest: digest.to_string(),
        };
        if let Some((digest, from)) = before {
            return Ok(Acted::before(in_force(digest, from)));
        }
        let renewed = self.renewed(&account, act, now)?;
        account.may_amend(&contract, &renewed.terms, renewed.effective, false)?;
        let digest = renewed.terms.contract.digest;
        let mut events = Vec::new();
        let published = document_id(&renewed.text);
        if self.store.find(customer, PIECEWORK, &published)?.is_none() {
            let document = Control::DocumentPublished {
                document: DocumentKind::Contract,
                text: renewed.text,
                audience: Audience::Shared,
                by: act.by.to_owned(),
            };
            events.push(control(customer, published, now, document));
        }
        let amended = Control::ContractAmended {
            contract: contract.clone(),
            document: digest,
            effective: renewed.effective,
            reprice: None,
            by: act.by.to_owned(),
        };
        events.push(control(customer, id(&contract), now, amended));
        self.write(&events, now)?;
        Ok(Acted::now(in_force(digest, renewed.effective)))
    }

    /// What a renewal changes, and the bills of closed periods. Nothing is written.
    ///
    /// # Errors
    /// As [`Book::renew`].
    pub fn preview_renewal(
        &self,
        act: &Renew<'_>,
        periods: usize,
        now: Timestamp,
    ) -> Result<view::ChangePreview> {
        if periods > PREVIEW_PERIODS_MAX {
            return Err(Invalid::PreviewPeriods {
                most: PREVIEW_PERIODS_MAX,
            }
            .into());
        }
        let account = self.account(act.customer, None)?;
        let renewed = self.renewed(&account, act, now)?;
        let held = accounts::contract(&account, act.contract)?;
        let proposal = Proposal {
            terms: renewed.terms,
            effective: renewed.effective,
            closed: periods,
        };
        // A later end changes no definition, so nothing is settled again.
        let again = |_| Ok::<Account, crate::Error>(Account::clone(&account));
        let previewed = pricing::preview::preview(held, &proposal, now, again)?;
        Ok(previews::shown(&previewed))
    }

    fn renewed(&self, account: &Account, act: &Renew<'_>, now: Timestamp) -> Result<Renewed> {
        let held = accounts::contract(account, act.contract)?;
        let unsigned = Unsigned::Amend {
            customer: act.customer.to_owned(),
        };
        let current = &signed(held, unsigned)?.contract;
        let refuse = |why: String| Refused::NotRenewed {
            contract: current.id.clone(),
            why,
        };
        if held.agreement.is_ended() {
            let why = "it was ended: sign a new contract in its place".to_owned();
            return Err(refuse(why).into());
        }
        let today = now.to_zoned(current.time_zone.clone()).date();
        let term = current.term_on(today.max(current.starts));
        let last = term.map(|term| term.last).or(current.ends);
        let last =
            last.ok_or_else(|| refuse("it has no end, and runs until it is ended".to_owned()))?;
        if act.until <= last {
            let why = format!("it runs until {last} already; to end it earlier, end it");
            return Err(refuse(why).into());
        }
        let next = last
            .tomorrow()
            .map_err(|source| Invalid::NoMidnight { date: last, source })?;
        let effective = midnight(next, &current.time_zone)?;
        let text = current
            .text_until(act.until)
            .ok_or(Damaged::Missing("the end of a contract"))?;
        let name = "the renewed contract";
        let contract = contracts::read(name, &text)?;
        let terms = self.over_published(act.customer, name, &contract)?;
        Ok(Renewed {
            text,
            terms,
            effective,
        })
    }

    /// A contract over the plan and the definitions that it names, out of the customer's log.
    fn over_published(&self, customer: &str, name: &str, contract: &Contract) -> Result<InForce> {
        let mut plan = None;
        let mut definitions: Vec<Definition> = Vec::new();
        for fact in self
            .store
            .facts(customer, FactKind::Document, FactsOf::Customer)?
        {
            let Body::Control(Control::DocumentPublished { document, text, .. }) = fact?.event.body
            else {
                continue;
            };
            let digest = Digest::of(text.as_bytes());
            if document == DocumentKind::Plan && digest == contract.plan {
                plan = Plan::parse(&text).ok();
            } else if document == DocumentKind::Definition && contract.definitions.contains(&digest)
            {
                definitions.extend(Definition::parse(&text).ok());
            }
        }
        let plan = plan.ok_or(Damaged::Missing("the plan of a contract"))?;
        let definitions: Vec<&Definition> = definitions.iter().collect();
        contract
            .resolve(&plan, &definitions)
            .map_err(|error| faulty(name, &contract.text, error.faults))
    }
}
