//! Quotes: drafted, sent, accepted, declined, withdrawn.
//!
//! What a quote names is published with the draft, so that the buyer reads the very texts that acceptance signs.
//! Invariant: an acceptance and the contract that it signs are one commit, and the contract is the text quoted.

use jiff::Timestamp;
use jiff::civil::Date;
use pages::view;
use pricing::contract::InForce;
use pricing::quote::{Quote, QuoteDocument, QuoteState, expected};
use proof::signers::SignerError;
use store::admission::Admission;
use work::body::{Audience, Body, Control, DocumentKind, QuoteEntry};
use work::event::PIECEWORK;
use work::{Digest, Event, LogKind};

use super::documents::document_id;
use super::{Acted, ContractText, control};
use crate::Result;
use crate::book::Book;
use crate::contracts;
use crate::documents::faulty;
use crate::error::{Damaged, Invalid, Refused};

/// What is quoted to whom.
#[derive(Debug, Clone, Copy)]
pub struct DraftQuote<'a> {
    /// The customer's id. It need not have any events yet.
    pub customer: &'a str,
    /// First day of the contract, in its zone; a document of one's own says it itself.
    pub from: Date,
    /// The contract document; made of the configuration where absent, with the id `CUSTOMER-YEAR`.
    pub document: Option<ContractText<'a>>,
    /// The last day on which it can be accepted, in the contract's zone.
    pub valid_until: Date,
    /// What the seller says to it.
    pub words: Option<&'a str>,
    /// Who drafts it (a role).
    pub by: &'a str,
    /// The id of the entry; made of the number where absent.
    pub id: Option<&'a str>,
}

/// A step that the seller takes, or records for the buyer.
#[derive(Debug, Clone, Copy)]
pub struct StepQuote<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The quote's number.
    pub quote: &'a str,
    /// Which step.
    pub step: Step<'a>,
    /// Who takes it (a role): of an answer, who gave it for the buyer.
    pub by: &'a str,
    /// The id of the entry; made of number and step where absent.
    pub id: Option<&'a str>,
}

/// A step, with what is said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// It goes to the buyer.
    Send,
    /// The buyer accepts it: how the buyer said so.
    Accept(&'a str),
    /// The buyer declines it: why.
    Decline(&'a str),
    /// The seller takes it back: why.
    Withdraw(&'a str),
}

impl Book {
    /// Drafts a quote: publishes the texts that it names, then the draft under the next number.
    ///
    /// # Errors
    /// As [`Book::sign`]; [`Invalid`] where the last day is over.
    pub fn draft_quote(&self, act: &DraftQuote<'_>, now: Timestamp) -> Result<Acted<view::Quote>> {
        let DraftQuote { customer, by, .. } = *act;
        let _turn = self.turns.take(customer);
        let before = self.done_before(customer, act.id, |_, said| match said {
            Control::Quote(own @ QuoteEntry::Drafted { .. }) if own.by() == by => {
                Some(own.number().to_owned())
            }
            _ => None,
        })?;
        if let Some(number) = before {
            return Ok(Acted::before(self.quote(customer, &number, now)?));
        }
        let documents = self.documents()?;
        let id = format!("{}-{}", contracts::part_of_id(customer), act.from.year());
        let (contract, terms) = self.drawn_up(&documents, customer, &id, act.from, act.document)?;
        if terms.contract.customer != customer {
            let customer = terms.contract.customer;
            return Err(Invalid::OtherCustomer { customer }.into());
        }
        let account = self.account(customer, None)?;
        account.may_draft_quote()?;
        account.may_sign(&terms)?;
        let number = account.next_quote();
        let document = QuoteDocument {
            number: number.clone(),
            customer: customer.to_owned(),
            contract: terms.contract.digest,
            plan: terms.contract.plan,
            definitions: terms.contract.definitions.clone(),
            currency: terms.contract.currency,
            valid_until: act.valid_until,
            words: act.words.map(str::to_owned),
            expected: self.expected_bill(customer, &terms, now)?,
        };
        let text = document.to_text().map_err(|source| Damaged::Document {
            what: "a quote",
            source,
        })?;
        QuoteDocument::parse(&text).map_err(|error| faulty("the quote", &text, error.faults))?;
        let digest = Digest::of(text.as_bytes());
        let quote = Quote::of(document, digest, terms)?;
        if quote.state(now) == QuoteState::Expired {
            return Err(Invalid::QuoteOver {
                last: act.valid_until,
            }
            .into());
        }
        let mut events = self.unpublished(customer, &documents, &contract, by, now)?;
        let published = Control::DocumentPublished {
            document: DocumentKind::Quote,
            text: text.clone(),
            audience: Audience::Shared,
            by: by.to_owned(),
        };
        events.push(control(customer, document_id(&text), now, published));
        let drafted = QuoteEntry::Drafted {
            quote: number.clone(),
            digest,
            by: by.to_owned(),
        };
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("quote/{number}/drafted"),
        };
        events.push(control(customer, id, now, Control::Quote(drafted)));
        for event in &events {
            // What a reader of the log would refuse is refused before it is there.
            Event::from_json(&event.to_json()).map_err(Invalid::Event)?;
        }
        self.write(&events, now)?;
        Ok(Acted::now(self.quote(customer, &number, now)?))
    }

    /// Takes a step of a quote. Acceptance signs the contract that was quoted, in the same commit.
    ///
    /// # Errors
    /// [`Refused`] where the quote is not there, is not in a state for it or has expired, or its contract cannot be
    /// signed any more.
    pub fn step_quote(&self, act: &StepQuote<'_>, now: Timestamp) -> Result<Acted<view::Quote>> {
        let StepQuote {
            customer, quote, ..
        } = *act;
        self.chosen(Some(customer))?;
        let _turn = self.turns.take(customer);
        let account = self.account(customer, None)?;
        let digest = account.quote(quote).map(|own| own.digest);
        let entry = act.entry(digest.unwrap_or(Digest::of(b"")));
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("quote/{quote}/{}", act.step.word()),
        };
        let said = Control::Quote(entry.clone());
        let before = match act.id {
            Some(id) => {
                self.done_before(customer, Some(id), |_, own| (*own == said).then_some(()))?
            }
            None => None,
        };
        if before.is_some() || self.is_accepted_before(customer, quote, &entry, now)? {
            return Ok(Acted::before(self.quote(customer, quote, now)?));
        }
        let event = control(customer, id, now, said);
        Event::from_json(&event.to_json()).map_err(Invalid::Event)?;
        self.take_step(event, &entry, now)?;
        Ok(Acted::now(self.quote(customer, quote, now)?))
    }

    /// Takes the buyer's own answer to a quote, signed with its key: an acceptance or a refusal.
    ///
    /// # Errors
    /// As [`Book::step_quote`]; [`Invalid`] where the event is no answer to that quote;
    /// [`Refused`] where the signature is not of a key that the log publishes as the buyer's.
    pub fn answer_quote(
        &self,
        customer: &str,
        quote: &str,
        answer: &Event,
        now: Timestamp,
    ) -> Result<Acted<view::Quote>> {
        self.chosen(Some(customer))?;
        let _turn = self.turns.take(customer);
        let entry = match &answer.body {
            Body::Control(Control::Quote(
                entry @ (QuoteEntry::Accepted { .. } | QuoteEntry::Declined { .. }),
            )) if answer.customer == customer
                && entry.number() == quote
                && answer.source != PIECEWORK
                && answer.signature.is_some() =>
            {
                entry
            }
            _ => {
                let quote = quote.to_owned();
                return Err(Invalid::NoAnswer { quote }.into());
            }
        };
        let known = self.store.find(customer, &answer.source, &answer.id)?;
        let digest = answer.digest();
        if let Some(known) = known {
            if known.contents.iter().any(|(_, own)| *own == digest) {
                return Ok(Acted::before(self.quote(customer, quote, now)?));
            }
            let id = answer.id.to_string();
            return Err(Refused::OtherAct { id }.into());
        }
        let origins = |customer: &str| Ok(self.origin(customer)?);
        let signers = Admission::to(self.store.as_ref(), origins).signers(customer);
        let mut signers = signers.map_err(|error| Damaged::Admission(Box::new(error)))?;
        let origin = self.origin(customer)?;
        let taken: std::result::Result<(), SignerError> = signers.take(answer, &origin);
        taken.map_err(Refused::Answer)?;
        if self.is_accepted_before(customer, quote, entry, now)? {
            return Ok(Acted::before(self.quote(customer, quote, now)?));
        }
        self.take_step(answer.clone(), entry, now)?;
        Ok(Acted::now(self.quote(customer, quote, now)?))
    }

    /// Whether the same document was accepted before: acceptance is one act, however often it is said.
    fn is_accepted_before(
        &self,
        customer: &str,
        quote: &str,
        entry: &QuoteEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let QuoteEntry::Accepted { digest, .. } = entry else {
            return Ok(false);
        };
        let account = self.account(customer, None)?;
        let known = account.quote(quote);
        Ok(
            known
                .is_some_and(|own| own.state(now) == QuoteState::Accepted && own.digest == *digest),
        )
    }

    /// Writes a step, and the contract where it is an acceptance.
    fn take_step(&self, event: Event, entry: &QuoteEntry, now: Timestamp) -> Result<()> {
        let customer = event.customer.to_string();
        let account = self.account(&customer, None)?;
        let known = account.may_step(entry, now)?;
        // What the buyer signed says itself when; the fold looks at that.
        account.may_step(entry, event.time)?;
        let mut events = vec![event];
        if let QuoteEntry::Accepted { by, .. } = entry {
            account.may_sign(&known.terms)?;
            let contract = known.terms.contract.id.clone();
            let id = format!("contract/{contract}/signed");
            let signed = Control::ContractSigned {
                contract,
                document: known.terms.contract.digest,
                by: by.clone(),
            };
            events.push(control(&customer, id, now, signed));
        }
        self.write(&events, now)
    }

    /// What the customer's own past would have come to.
    fn expected_bill(
        &self,
        customer: &str,
        terms: &InForce,
        now: Timestamp,
    ) -> Result<Option<pricing::quote::Expected>> {
        if !self.is_customer(customer)? {
            return Ok(None);
        }
        let contents = self.contents(customer, LogKind::Shared, None)?;
        Ok(expected(customer, contents, terms, now)?)
    }
}

impl Step<'_> {
    const fn word(self) -> &'static str {
        match self {
            Step::Send => "sent",
            Step::Accept(_) => "accepted",
            Step::Decline(_) => "declined",
            Step::Withdraw(_) => "withdrawn",
        }
    }
}

impl StepQuote<'_> {
    fn entry(&self, digest: Digest) -> QuoteEntry {
        let (quote, by) = (self.quote.to_owned(), self.by.to_owned());
        match self.step {
            Step::Send => QuoteEntry::Sent { quote, by },
            Step::Accept(how) => QuoteEntry::Accepted {
                quote,
                digest,
                how: Some(how.to_owned()),
                by,
            },
            Step::Decline(reason) => QuoteEntry::Declined {
                quote,
                reason: reason.to_owned(),
                by,
            },
            Step::Withdraw(reason) => QuoteEntry::Withdrawn {
                quote,
                reason: reason.to_owned(),
                by,
            },
        }
    }
}
