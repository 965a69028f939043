//! Publishing keys in customer logs: the buyer's first one, and the seller's own after a rotation.
//!
//! Not here: keys on the buyer's machine. Invariant: what a verifier would refuse does not come into the log, where
//! it stays.

use jiff::Timestamp;
use proof::signature::prove_possession;
use proof::signers::SignerError;
use store::admission::Admission;
use tlog::VerifierKey;
use work::body::{Assurance, Body, Holder};
use work::event::{Authorship, PIECEWORK};
use work::{Digest, Event, Headers, LogKind};

use super::Acted;
use crate::Result;
use crate::book::Book;
use crate::error::{Damaged, Refused};
use crate::keyring::Keyring;

/// A key, as whoever has it announced it.
#[derive(Debug, Clone, Copy)]
pub struct PublishedKey<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The key.
    pub key: &'a VerifierKey,
    /// Shows that whoever announced it has it.
    pub possession: &'a str,
    /// Who publishes it (a role).
    pub by: &'a str,
}

/// The entry that publishes a key.
#[must_use]
pub fn key_entry(holder: Holder, own: &PublishedKey<'_>, now: Timestamp) -> Event {
    let key = own.key.to_string();
    Event {
        id: format!("key/{}", Digest::of(key.as_bytes()).short()).into(),
        source: PIECEWORK.into(),
        customer: own.customer.into(),
        time: now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body: Body::Assurance(Assurance::KeyPublished {
            holder,
            vkey: key,
            possession: own.possession.to_owned(),
            by: own.by.to_owned(),
        }),
    }
}

impl Book {
    /// Publishes the first key of a buyer.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer; [`Refused`] where it has a key already, or
    /// a verifier would not take this one.
    pub fn publish_key(&self, act: &PublishedKey<'_>, now: Timestamp) -> Result<Acted<()>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let entry = key_entry(Holder::Buyer, act, now);
        if (self.store)
            .find(act.customer, PIECEWORK, &entry.id)?
            .is_some()
        {
            return Ok(Acted::before(()));
        }
        let origins = |customer: &str| Ok(self.origin(customer)?);
        let signers = Admission::to(self.store.as_ref(), origins).signers(act.customer);
        let mut signers = signers.map_err(|error| Damaged::Admission(Box::new(error)))?;
        match signers.take(&entry, self.origin(act.customer)?.as_str()) {
            Ok(()) => {}
            Err(SignerError::Successor(_)) => {
                return Err(Refused::SecondKey(act.customer.to_owned()).into());
            }
            Err(error) => return Err(Refused::Key(error).into()),
        }
        self.write(&[entry], now)?;
        Ok(Acted::now(()))
    }

    /// Makes new keys for every log, which the old ones sign beside until `until`, and announces them in the
    /// customer logs; in how many.
    ///
    /// # Errors
    /// Where the book's secret or a log cannot be written.
    pub fn rotate_keys(&self, until: Timestamp, by: &str, now: Timestamp) -> Result<usize> {
        let mut keyring = Keyring::open(self.path(), self.config.proof.log.as_deref())?;
        keyring.rotate(&self.random, now, until)?;
        let customers = self.customers()?;
        for own in &customers {
            let _turn = self.turns.take(&own.customer);
            let key = keyring.signer(LogKind::Shared, &own.customer)?;
            let origin = key.verifier_key().name().as_str();
            let published = PublishedKey {
                customer: &own.customer,
                key: key.verifier_key(),
                possession: &prove_possession(origin, &key),
                by,
            };
            self.write(&[key_entry(Holder::Seller, &published, now)], now)?;
        }
        Ok(customers.len())
    }
}
