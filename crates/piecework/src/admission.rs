//! [`Admission`]: what a feed may say, and which signatures the customer's log can hold.
//!
//! An event without signature says what the seller's systems saw; what piecework itself writes it may
//! not say. An event with one must verify under a buyer's key that the customer log publishes, and
//! then it may also acknowledge a document, anchor a chain of nonces or publish the key's successor.
//! Invariant: whatever is admitted, [`proof::verify()`] accepts in its check 10.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use proof::signers::Signers;
use work::body::{Body, Kind};
use work::event::PIECEWORK;
use work::{Event, LogKind};

use crate::context::Book;

/// Why an event is not admitted.
pub struct Objection {
    /// JSON pointer of the member that is the reason.
    pub pointer: &'static str,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Admits events to a book.
pub struct Admission<'b> {
    book: &'b Book,
    logs: HashMap<String, Log>,
}

/// A customer log, as far as signatures need it.
struct Log {
    origin: String,
    signers: Signers,
}

impl<'b> Admission<'b> {
    /// Admits to `book`.
    pub fn to(book: &'b Book) -> Admission<'b> {
        Admission {
            book,
            logs: HashMap::new(),
        }
    }

    /// Why the event must not be appended, if there is a reason.
    pub fn objection(&mut self, event: &Event) -> Result<Option<Objection>> {
        if let Some(objection) = forbidden(event) {
            return Ok(Some(objection));
        }
        if event.signature.is_none() || self.is_known(event)? {
            return Ok(None);
        }
        let log = self.log(&event.customer)?;
        let taken = log.signers.take(event, &log.origin);
        let objection = taken.err().map(|error| Objection {
            pointer: "/signature",
            problem: format!(
                "{error}; let the buyer sign it with `piecework sign --origin {}` and a key that \
                 `piecework key publish` put into the log",
                log.origin
            ),
        });
        Ok(objection)
    }

    /// The keys that a customer's log publishes.
    pub fn signers(&mut self, customer: &str) -> Result<Signers> {
        Ok(self.log(customer)?.signers.clone())
    }

    /// Forgets what is known of a customer's log: it is read again when it is needed.
    pub fn forget(&mut self, customer: &str) {
        self.logs.remove(customer);
    }

    /// Whether the log has this very content: a delivery that is repeated.
    fn is_known(&self, event: &Event) -> Result<bool> {
        let Event {
            customer,
            source,
            id,
            ..
        } = event;
        let found = self.book.store.find(customer, source, id)?;
        let digest = event.digest();
        Ok(found.is_some_and(|found| found.contents.iter().any(|(_, own)| *own == digest)))
    }

    /// The keys of a customer's log, from one reading of it.
    fn log(&mut self, customer: &str) -> Result<&mut Log> {
        if !self.logs.contains_key(customer) {
            let origin = self.book.keyring()?.origin(LogKind::Shared, customer)?;
            let origin = origin.to_string();
            let mut signers = Signers::default();
            let entries = self
                .book
                .store
                .entries(customer, LogKind::Shared, 0..u64::MAX)?;
            for entry in entries {
                let entry = entry?;
                if entry.event.body.tag() == Kind::KeyPublished {
                    signers.take(&entry.event, &origin).with_context(|| {
                        format!("entry {} of the log of {customer}", entry.index)
                    })?;
                }
            }
            let log = Log { origin, signers };
            self.logs.insert(customer.to_owned(), log);
        }
        self.logs
            .get_mut(customer)
            .context("a log that was just read is not there")
    }
}

/// What no feed may say, whoever signed it.
fn forbidden(event: &Event) -> Option<Objection> {
    let kind = event.body.tag();
    let object = |pointer, problem| Some(Objection { pointer, problem });
    if event.source == PIECEWORK {
        return object(
            "/source",
            format!(
                "the source `{PIECEWORK}` is for what piecework itself writes; name the system that \
                 the event comes from, e.g. `helpdesk`"
            ),
        );
    }
    match &event.body {
        // One that does not come out as it says would make every later proof file invalid.
        Body::Assurance(_) if kind == Kind::SampleDrawn => object(
            "/type",
            "a draw is not taken from a feed, because its works must be those that the log's head \
             draws: the seller draws with `piecework sample draw`, and the buyer's nonce for it comes \
             from `piecework sample reveal`"
                .to_owned(),
        ),
        _ if kind.is_control() && !(kind.is_assurance() && event.signature.is_some()) => object(
            "/type",
            format!(
                "`{}` is written by piecework's own commands, never by a feed; see `piecework \
                 contract`, `statement`, `credit` and `payment`, and for what a buyer signs \
                 `piecework sign`",
                event.body.kind()
            ),
        ),
        Body::Corrected {
            replacement: Some(replacement),
            ..
        } if replacement.signature.is_some() => object(
            "/data/replacement/signature",
            "what a correction puts in place carries no signature of its own; sign the correction"
                .to_owned(),
        ),
        _ => None,
    }
}
