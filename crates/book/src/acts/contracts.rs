//! Contracts: signed, amended, rolled back, ended.
//!
//! A contract is a document over the definitions and the plan in force. What it names is published before it
//! in the same commit, each document once a log.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pricing::account::Held;
use pricing::contract::InForce;
use serde::Serialize;
use work::body::{Audience, Control, DocumentKind};
use work::event::PIECEWORK;
use work::{Definition, Digest, Event};

use super::documents::document_id;
use super::{Acted, control};
use crate::Result;
use crate::accounts;
use crate::approvals::{Leave, Request};
use crate::book::Book;
use crate::contracts;
use crate::documents::{Documents, faulty};
use crate::error::{Invalid, Unsigned};

/// A contract document of one's own.
#[derive(Debug, Clone, Copy)]
pub struct ContractText<'a> {
    /// Where it came from, for messages.
    pub name: &'a str,
    /// The TOML text.
    pub text: &'a str,
}

/// Which contract is signed.
#[derive(Debug, Clone, Copy)]
pub struct Sign<'a> {
    /// The customer's id. It need not have any events yet.
    pub customer: &'a str,
    /// The first day, in the contract's zone; a document of one's own says it itself.
    pub from: Date,
    /// The document; made of the configuration where absent, with the id `CUSTOMER-YEAR`.
    pub document: Option<ContractText<'a>>,
    /// Who signs for the buyer (a role, not a name).
    pub by: &'a str,
    /// The id of the entry; made of the contract's id where absent.
    pub id: Option<&'a str>,
}

/// How a contract is amended.
#[derive(Debug, Clone, Copy)]
pub struct Amend<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The first day of the new version, in the contract's zone.
    pub from: Date,
    /// The document; made of the configuration where absent.
    pub document: Option<ContractText<'a>>,
    /// Who approved (a role) re-pricing what was stated, where the day lies before the last cut.
    pub reprice: Option<&'a str>,
    /// Who acknowledges it for the buyer (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of contract, day and document where absent.
    pub id: Option<&'a str>,
}

/// When a contract ends.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The first day that is no longer covered, in the contract's zone.
    pub at: Date,
    /// Whether both sides agreed to it, where notice alone would be too late or within a term.
    pub agreed: bool,
    /// Who ends it (a role).
    pub by: &'a str,
    /// The id of the entry; made of contract and day where absent.
    pub id: Option<&'a str>,
}

/// To which version a contract goes back.
#[derive(Debug, Clone, Copy)]
pub struct RollBack<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The number of the version whose document is put in force again, as a new version.
    pub to_version: u32,
    /// The first day of the new version, in the contract's zone.
    pub from: Date,
    /// Who approved (a role) re-pricing what was stated, where the day lies before the last cut.
    pub reprice: Option<&'a str>,
    /// Who acknowledges it for the buyer (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of contract, day and document where absent.
    pub id: Option<&'a str>,
}

/// A contract, or a further version of it, that was put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InForceFrom {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// From when.
    pub from: Timestamp,
    /// SHA-256 of the document.
    pub digest: String,
}

/// A contract that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// From when nothing opens under it.
    pub at: Timestamp,
}

impl Book {
    /// Signs a contract over the documents in force: publishes them, then the signature.
    ///
    /// # Errors
    /// [`Faulty`](crate::Error::Faulty) where the documents do not fit together; [`Invalid`] where the
    /// document is another customer's; [`Refused`](crate::error::Refused) where a contract of that id is
    /// signed, or another claims the same work.
    pub fn sign(&self, act: &Sign<'_>, now: Timestamp) -> Result<Acted<InForceFrom>> {
        let Sign { customer, by, .. } = *act;
        let _turn = self.turns.take(customer);
        if let Some(before) = self.signed_before(act)? {
            return Ok(Acted::before(before));
        }
        let documents = self.documents()?;
        let id = format!("{}-{}", contracts::part_of_id(customer), act.from.year());
        let (text, terms) = self.drawn_up(&documents, customer, &id, act.from, act.document)?;
        if terms.contract.customer != customer {
            let customer = terms.contract.customer;
            return Err(Invalid::OtherCustomer { customer }.into());
        }
        self.account(customer, None)?.may_sign(&terms)?;
        let digest = Digest::of(text.as_bytes());
        let from = midnight(terms.contract.starts, &terms.contract.time_zone)?;
        let contract = terms.contract.id.clone();
        let mut events = self.unpublished(customer, &documents, &text, by, now)?;
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{contract}/signed"),
        };
        let signed = Control::ContractSigned {
            contract: contract.clone(),
            document: digest,
            by: by.to_owned(),
        };
        events.push(control(customer, id, now, signed));
        self.write(&events, now)?;
        Ok(Acted::now(in_force(customer, contract, from, digest)))
    }

    /// Puts a further version of a contract in force.
    ///
    /// # Errors
    /// As [`Book::sign`]; [`Absent`](crate::error::Absent) where there is no such contract;
    /// [`Refused`](crate::error::Refused) where it is a draft, or its terms may not change so.
    pub fn amend(&self, act: &Amend<'_>, now: Timestamp) -> Result<Acted<InForceFrom>> {
        self.amend_under(act, &Leave::Asked, now)
    }

    pub(crate) fn amend_under(
        &self,
        act: &Amend<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<InForceFrom>> {
        let Amend { customer, by, .. } = *act;
        let _turn = self.turns.take(customer);
        let documents = self.documents()?;
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, act.contract)?;
        let unsigned = Unsigned::Amend {
            customer: customer.to_owned(),
        };
        let current = signed(held, unsigned)?;
        let effective = midnight(act.from, &current.contract.time_zone)?;
        let contract = current.contract.id.clone();
        if let Some(before) = self.amended_before(act, &contract, effective)? {
            return Ok(Acted::before(before));
        }
        let starts = current.contract.starts;
        let (text, terms) = self.drawn_up(&documents, customer, &contract, starts, act.document)?;
        account.may_amend(&contract, &terms, effective, act.reprice.is_some())?;
        let digest = Digest::of(text.as_bytes());
        let is_behind = held.last_cut().is_some_and(|cut| effective < cut);
        let mut events = match act.reprice.filter(|_| is_behind) {
            None => Vec::new(),
            Some(reprice) => {
                let repriced = self.repriced((customer, &contract), act.from, &text, now)?;
                let request = Request::Amend {
                    contract: contract.clone(),
                    from: act.from,
                    document: text.clone(),
                    reprice: reprice.to_owned(),
                    id: act.id.map(str::to_owned),
                };
                let effect = repriced.effect(customer, request, (act.by, act.key));
                self.leave(leave, &effect, now)?
            }
        };
        events.extend(self.unpublished(customer, &documents, &text, by, now)?);
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{contract}/amended/{effective}/{digest}"),
        };
        let amended = Control::ContractAmended {
            contract: contract.clone(),
            document: digest,
            effective,
            reprice: act.reprice.map(str::to_owned),
            by: by.to_owned(),
        };
        events.push(control(customer, id, now, amended));
        self.write(&events, now)?;
        Ok(Acted::now(in_force(customer, contract, effective, digest)))
    }

    /// Puts the document of an earlier version in force again, as a new version: what was stated since
    /// stands.
    ///
    /// # Errors
    /// As [`Book::amend`]; [`Refused`](crate::error::Refused) where there is no such version.
    pub fn roll_back(&self, act: &RollBack<'_>, now: Timestamp) -> Result<Acted<InForceFrom>> {
        self.roll_back_under(act, &Leave::Asked, now)
    }

    pub(crate) fn roll_back_under(
        &self,
        act: &RollBack<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<InForceFrom>> {
        let customer = act.customer;
        let _turn = self.turns.take(customer);
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, act.contract)?;
        let unsigned = Unsigned::Amend {
            customer: customer.to_owned(),
        };
        let current = &signed(held, unsigned)?.contract;
        let effective = midnight(act.from, &current.time_zone)?;
        let terms = account.terms_of(&current.id, act.to_version)?;
        let digest = terms.contract.digest;
        let contract = current.id.clone();
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{contract}/rolled-back/{effective}/{digest}"),
        };
        let entry = Control::ContractAmended {
            contract: contract.clone(),
            document: digest,
            effective,
            reprice: act.reprice.map(str::to_owned),
            by: act.by.to_owned(),
        };
        let rolled_back = in_force(customer, contract.clone(), effective, digest);
        let before = self.done_before(customer, Some(&id), |_, said| {
            (*said == entry).then_some(())
        })?;
        if before.is_some() {
            return Ok(Acted::before(rolled_back));
        }
        account.may_amend(&contract, terms, effective, act.reprice.is_some())?;
        let is_behind = held.last_cut().is_some_and(|cut| effective < cut);
        let mut events = match act.reprice.filter(|_| is_behind) {
            None => Vec::new(),
            Some(reprice) => {
                let text = &terms.contract.text;
                let repriced = self.repriced((customer, &contract), act.from, text, now)?;
                let request = Request::RollBack {
                    contract,
                    from: act.from,
                    to_version: act.to_version,
                    reprice: reprice.to_owned(),
                    id: act.id.map(str::to_owned),
                };
                let effect = repriced.effect(customer, request, (act.by, act.key));
                self.leave(leave, &effect, now)?
            }
        };
        events.push(control(customer, id, now, entry));
        self.write(&events, now)?;
        Ok(Acted::now(rolled_back))
    }

    /// Ends a contract.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such contract;
    /// [`Refused`](crate::error::Refused) where it is a draft, or renews and the notice is not in time.
    pub fn end(&self, act: &End<'_>, now: Timestamp) -> Result<Acted<Ended>> {
        let customer = act.customer;
        let _turn = self.turns.take(customer);
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, act.contract)?;
        let unsigned = Unsigned::End {
            customer: customer.to_owned(),
        };
        let current = &signed(held, unsigned)?.contract;
        let effective = midnight(act.at, &current.time_zone)?;
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{}/ended/{effective}", current.id),
        };
        let entry = Control::ContractEnded {
            contract: current.id.clone(),
            effective,
            by: act.by.to_owned(),
        };
        let ended = Ended {
            customer: customer.to_owned(),
            contract: current.id.clone(),
            at: effective,
        };
        let before = self.done_before(customer, Some(&id), |_, said| {
            (*said == entry).then_some(())
        })?;
        if before.is_some() {
            return Ok(Acted::before(ended));
        }
        if !act.agreed {
            account.may_end(&current.id, now, act.at)?;
        }
        self.write(&[control(customer, id, now, entry)], now)?;
        Ok(Acted::now(ended))
    }

    /// The contract that the act's id signed before.
    fn signed_before(&self, act: &Sign<'_>) -> Result<Option<InForceFrom>> {
        let given = act.document.map(|own| Digest::of(own.text.as_bytes()));
        let before = self.done_before(act.customer, act.id, |_, said| match said {
            Control::ContractSigned {
                contract,
                document,
                by,
            } if by == act.by && given.is_none_or(|given| given == *document) => {
                Some((contract.clone(), *document))
            }
            _ => None,
        })?;
        let Some((contract, digest)) = before else {
            return Ok(None);
        };
        let account = self.account(act.customer, None)?;
        let held = accounts::contract(&account, Some(&contract))?;
        let from = held.agreement.schedule.start.at;
        Ok(Some(in_force(act.customer, contract, from, digest)))
    }

    /// The version that the act's id put in force before.
    fn amended_before(
        &self,
        act: &Amend<'_>,
        contract: &str,
        from: Timestamp,
    ) -> Result<Option<InForceFrom>> {
        let given = act.document.map(|own| Digest::of(own.text.as_bytes()));
        let before = self.done_before(act.customer, act.id, |_, said| match said {
            Control::ContractAmended {
                contract: own,
                document,
                effective,
                reprice,
                by,
            } if own == contract
                && *effective == from
                && reprice.as_deref() == act.reprice
                && by == act.by
                && given.is_none_or(|given| given == *document) =>
            {
                Some(*document)
            }
            _ => None,
        })?;
        Ok(before.map(|digest| in_force(act.customer, contract.to_owned(), from, digest)))
    }

    /// The contract's text and terms: as given, or made of the configuration.
    pub(crate) fn drawn_up(
        &self,
        documents: &Documents,
        customer: &str,
        id: &str,
        starts: Date,
        given: Option<ContractText<'_>>,
    ) -> Result<(String, InForce)> {
        let Some(ContractText { name, text }) = given else {
            return self.terms(documents, customer, id, starts);
        };
        let contract = contracts::read(name, text)?;
        let definitions: Vec<&Definition> = documents.definitions.iter().collect();
        let terms = contract
            .resolve(&documents.plan, &definitions)
            .map_err(|error| faulty(name, text, error.faults))?;
        Ok((text.to_owned(), terms))
    }

    /// The entries that publish the documents of a contract, which later entries name by digest; those
    /// that the log has already are not published again.
    pub(crate) fn unpublished(
        &self,
        customer: &str,
        documents: &Documents,
        contract: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<Event>> {
        let definitions = documents
            .texts
            .definitions
            .iter()
            .map(|text| (DocumentKind::Definition, text.as_str()));
        let plan = (DocumentKind::Plan, documents.texts.plan.as_str());
        let mut events = Vec::new();
        for (document, text) in definitions.chain([plan, (DocumentKind::Contract, contract)]) {
            let id = document_id(text);
            if self.store.find(customer, PIECEWORK, &id)?.is_none() {
                let published = Control::DocumentPublished {
                    document,
                    text: text.to_owned(),
                    audience: Audience::Shared,
                    by: by.to_owned(),
                };
                events.push(control(customer, id, now, published));
            }
        }
        Ok(events)
    }
}

/// The latest terms of a contract that somebody signed.
pub(crate) fn signed(held: &Held, otherwise: Unsigned) -> Result<&InForce, Unsigned> {
    if held.agreement.is_draft {
        return Err(otherwise);
    }
    Ok(&held.agreement.latest().terms)
}

fn in_force(customer: &str, contract: String, from: Timestamp, digest: Digest) -> InForceFrom {
    InForceFrom {
        customer: customer.to_owned(),
        contract,
        from,
        digest: digest.to_string(),
    }
}

pub(crate) fn midnight(date: Date, zone: &TimeZone) -> Result<Timestamp> {
    let midnight = date.to_zoned(zone.clone());
    let midnight = midnight.map_err(|source| Invalid::NoMidnight { date, source })?;
    Ok(midnight.timestamp())
}
