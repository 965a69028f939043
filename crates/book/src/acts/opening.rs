//! A contract goes on from where another system stopped.
//!
//! The opening document and the entry that puts it in force are one commit. Invariant: a contract has one opening,
//! before its first statement.

use jiff::Timestamp;
use pricing::contract::Opening;
use serde::Serialize;
use work::Event;
use work::body::{Audience, Control, DocumentKind};

use super::contracts::signed;
use super::documents::document_id;
use super::{Acted, ContractText, control};
use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::documents::faulty;
use crate::error::{Invalid, Unsigned};

/// Where a contract goes on from.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The opening document.
    pub document: ContractText<'a>,
    /// Who acknowledges it for the buyer (a role).
    pub by: &'a str,
    /// The id of the entry; made of the contract's id where absent.
    pub id: Option<&'a str>,
}

/// A contract that goes on from where another system stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// SHA-256 of the opening document, which the buyer acknowledges.
    pub digest: String,
    /// How many counters, charges, works, grants and unpaid documents it states.
    pub states: [usize; 5],
}

impl Book {
    /// Puts the opening of a contract in force.
    ///
    /// # Errors
    /// [`Faulty`](crate::Error::Faulty) where the text is no opening; [`Absent`](crate::error::Absent) where there is
    /// no such contract; [`Refused`](crate::error::Refused) where it is a draft, has an opening or a statement, or the
    /// document does not go with it.
    pub fn open_contract(&self, act: &Open<'_>, now: Timestamp) -> Result<Acted<Opened>> {
        let (customer, by) = (act.customer, act.by);
        let ContractText { name, text } = act.document;
        let opening = Opening::parse(text).map_err(|error| faulty(name, text, error.faults))?;
        let _turn = self.turns.take(customer);
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, act.contract)?;
        let unsigned = Unsigned::Open {
            customer: customer.to_owned(),
        };
        let contract = signed(held, unsigned)?.contract.id.clone();
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("contract/{contract}/opened"),
        };
        let entry = Control::ContractOpened {
            contract: contract.clone(),
            document: opening.digest,
            by: by.to_owned(),
        };
        let opened = Opened {
            customer: customer.to_owned(),
            contract: contract.clone(),
            digest: opening.digest.to_string(),
            states: [
                opening.counters.len(),
                opening.stated.len(),
                opening.works.len(),
                opening.grants.len(),
                opening.unpaid.len(),
            ],
        };
        let before = self.done_before(customer, Some(&id), |_, said| {
            (*said == entry).then_some(())
        })?;
        if before.is_some() {
            return Ok(Acted::before(opened));
        }
        account.may_open(&contract, &opening, by, now)?;
        let mut events = Vec::new();
        let published = document_id(text);
        if self
            .store
            .find(customer, work::event::PIECEWORK, &published)?
            .is_none()
        {
            let document = Control::DocumentPublished {
                document: DocumentKind::Opening,
                text: text.to_owned(),
                audience: Audience::Shared,
                by: by.to_owned(),
            };
            events.push(control(customer, published, now, document));
        }
        events.push(control(customer, id, now, entry));
        for event in &events {
            // What a reader of the log would refuse is refused before it is there.
            Event::from_json(&event.to_json()).map_err(Invalid::Event)?;
        }
        self.write(&events, now)?;
        Ok(Acted::now(opened))
    }
}
