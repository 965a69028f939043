//! [`Admission`]: what a feed may say, and which signatures the customer's log can hold.
//!
//! An event without signature says what the seller's systems saw; what piecework itself writes it may
//! not say. An event with one must verify under a buyer's key that the customer log publishes, and
//! then it may also acknowledge a document, anchor a chain of nonces or publish the key's successor.
//! Invariant: whatever is admitted, [`proof::verify()`] accepts in its check 10.

use std::collections::HashMap;

use proof::signers::{SignerError, Signers};
use work::body::{Body, Kind};
use work::event::{PIECEWORK, is_own_source};
use work::{Event, LogKind};

use crate::{Store, StoreError};

/// The origin of a customer's shared log, by the customer.
pub type Origins<'b> = dyn Fn(&str) -> Result<String, OriginError> + 'b;

/// What keeps an origin from being known.
pub type OriginError = Box<dyn std::error::Error + Send + Sync>;

/// Why it cannot be told whether an event is admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// The book cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The origin of the log is not known.
    #[error("the origin of the log of {customer} is not known")]
    Origin {
        /// The customer.
        customer: String,
        /// Why.
        source: OriginError,
    },
    /// A published key of the log is none.
    #[error("entry {index} of the log of {customer}")]
    Key {
        /// The customer.
        customer: String,
        /// The entry.
        index: u64,
        /// What is wrong with it.
        source: SignerError,
    },
}

/// Why an event is not admitted.
pub struct Objection {
    /// JSON pointer of the member that is the reason.
    pub pointer: &'static str,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Admits events to a book.
pub struct Admission<'b> {
    store: &'b dyn Store,
    origins: Box<Origins<'b>>,
    logs: HashMap<String, Log>,
}

/// A customer log, as far as signatures need it.
struct Log {
    origin: String,
    signers: Signers,
}

impl<'b> Admission<'b> {
    /// Admits to the book behind `store`.
    #[must_use]
    pub fn to(
        store: &'b dyn Store,
        origins: impl Fn(&str) -> Result<String, OriginError> + 'b,
    ) -> Admission<'b> {
        Admission {
            store,
            origins: Box::new(origins),
            logs: HashMap::new(),
        }
    }

    /// Why the event must not be appended, if there is a reason.
    ///
    /// # Errors
    /// [`AdmissionError`], where it cannot be told.
    pub fn objection(&mut self, event: &Event) -> Result<Option<Objection>, AdmissionError> {
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
    ///
    /// # Errors
    /// [`AdmissionError`], where the log cannot be read.
    pub fn signers(&mut self, customer: &str) -> Result<Signers, AdmissionError> {
        Ok(self.log(customer)?.signers.clone())
    }

    /// Forgets what is known of a customer's log: it is read again when it is needed.
    pub fn forget(&mut self, customer: &str) {
        self.logs.remove(customer);
    }

    /// Whether the log has this very content: a delivery that is repeated.
    fn is_known(&self, event: &Event) -> Result<bool, StoreError> {
        let Event {
            customer,
            source,
            id,
            ..
        } = event;
        let found = self.store.find(customer, source, id)?;
        let digest = event.digest();
        Ok(found.is_some_and(|found| found.contents.iter().any(|(_, own)| *own == digest)))
    }

    /// The keys of a customer's log, from one reading of it.
    fn log(&mut self, customer: &str) -> Result<&mut Log, AdmissionError> {
        use std::collections::hash_map::Entry;
        match self.logs.entry(customer.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => Ok(new.insert(read(self.store, &self.origins, customer)?)),
        }
    }
}

/// Reads which keys a customer's log publishes.
fn read(store: &dyn Store, origins: &Origins<'_>, customer: &str) -> Result<Log, AdmissionError> {
    let origin = origins(customer).map_err(|source| AdmissionError::Origin {
        customer: customer.to_owned(),
        source,
    })?;
    let mut signers = Signers::default();
    for entry in store.entries(customer, LogKind::Shared, 0..u64::MAX)? {
        let entry = entry?;
        if entry.event.body.tag() == Kind::KeyPublished {
            let taken = signers.take(&entry.event, &origin);
            taken.map_err(|source| AdmissionError::Key {
                customer: customer.to_owned(),
                index: entry.index,
                source,
            })?;
        }
    }
    Ok(Log { origin, signers })
}

/// What no feed may say, whoever signed it.
fn forbidden(event: &Event) -> Option<Objection> {
    let kind = event.body.tag();
    let object = |pointer, problem| Some(Objection { pointer, problem });
    if is_own_source(&event.source) {
        return object(
            "/source",
            format!(
                "the sources `{PIECEWORK}` and `{PIECEWORK}/…` are for what piecework itself writes; name \
                 the system that the event comes from, e.g. `helpdesk`"
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
                 contract`, `statement`, `credit`, `payment` and `books`, and for what a buyer signs \
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
