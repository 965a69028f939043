//! [`Appender`]: events into the book in batches, with a count of what became of each delivery.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use book::Book;
use intake::{Refused, RefusedFiles};
use jiff::Timestamp;
use serde::Serialize;
use store::admission::{Admission, Objection};
use store::{Outcome, RefusedElsewhere, Store};
use work::body::Kind;
use work::{Event, LogKind};

use crate::Done;
use crate::output::{Output, table};

/// Events appended in one call: enough that a commit's fsync is shared, few enough to stay small.
const BATCH_EVENTS: usize = 5_000;
/// Refusals and conflicts that are printed; all are kept.
const LISTED_MAX: usize = 10;

/// What became of the deliveries: `received = accepted + duplicate + conflicting + refused`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Everything that arrived.
    pub received: u64,
    /// New events.
    pub accepted: u64,
    /// The same content again.
    pub duplicate: u64,
    /// Another content under a known identity.
    pub conflicting: u64,
    /// Not acceptable.
    pub refused: u64,
    /// Accepted events by customer.
    pub customers: BTreeMap<String, u64>,
    /// The first refusals and conflicts, in words.
    pub listed: Vec<String>,
    /// Where refused rows were kept.
    pub refused_files: Vec<PathBuf>,
    /// What was signed and is in the log, now or before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<SignedEntry>,
    /// The receipts written for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<PathBuf>,
}

/// A signed event in its customer's log.
#[derive(Debug, Clone, Serialize)]
pub struct SignedEntry {
    /// The customer.
    pub customer: String,
    /// Its position in the customer log.
    pub entry: u64,
}

/// Where an event stands that was read as one.
#[derive(Debug, Clone)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// The line where it begins, from 1.
    pub line: u64,
}

/// Appends events to a book.
pub struct Appender<'s> {
    store: &'s dyn Store,
    admission: Admission<'s>,
    received_at: Timestamp,
    batch: Vec<Event>,
    /// Of each event in the batch.
    places: Vec<Place>,
    /// Under which name refused events are kept that were made from rows.
    made: Arc<str>,
    refused: RefusedFiles,
    /// Refused before they were events, by the customer and the source that they name.
    unappended: BTreeMap<(Option<String>, Option<String>), u64>,
    tally: Tally,
}

impl<'s> Appender<'s> {
    /// Appends to `book` what arrived at `received_at`; refused rows are kept in `refused_to`.
    pub fn new(book: &'s Book, received_at: Timestamp, refused_to: &Path) -> Appender<'s> {
        Appender {
            store: book.store.as_ref(),
            admission: Admission::to(book.store.as_ref(), |customer: &str| {
                Ok(book.origin(customer)?)
            }),
            received_at,
            batch: Vec::with_capacity(BATCH_EVENTS),
            places: Vec::with_capacity(BATCH_EVENTS),
            made: Arc::from("events.jsonl"),
            refused: RefusedFiles::new(refused_to),
            unappended: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    /// Takes the next delivery. `place` is where the event stands; an event made from rows stands
    /// nowhere, and has its number among the deliveries instead.
    pub fn take(&mut self, delivery: Result<Event, Refused>, place: Option<Place>) -> Result<()> {
        match delivery {
            Ok(event) => {
                let place = place.unwrap_or_else(|| Place {
                    file: self.made.clone(),
                    line: self.tally.received + self.batch.len() as u64 + self.unappended() + 1,
                });
                self.admit(event, place)?;
            }
            Err(refused) => {
                self.count_unappended((None, None))?;
                self.refuse(&refused)?;
            }
        }
        Ok(())
    }

    fn admit(&mut self, event: Event, place: Place) -> Result<()> {
        if let Some(Objection { pointer, problem }) = self.admission.objection(&event)? {
            let (customer, source) = (event.customer.to_string(), event.source.to_string());
            self.count_unappended((Some(customer), Some(source)))?;
            return self.refuse_event(&event, &place, pointer.to_owned(), problem);
        }
        // A key counts for what comes after it, once its entry is in the log.
        let key_of = (event.body.tag() == Kind::KeyPublished).then(|| event.customer.clone());
        self.batch.push(event);
        self.places.push(place);
        if self.batch.len() >= BATCH_EVENTS || key_of.is_some() {
            self.flush()?;
        }
        if let Some(customer) = key_of {
            self.admission.forget(&customer);
        }
        Ok(())
    }

    /// Keeps the event itself, so that it can be mended and ingested.
    fn refuse_event(
        &mut self,
        event: &Event,
        place: &Place,
        pointer: String,
        problem: String,
    ) -> Result<()> {
        self.refuse(&Refused {
            file: place.file.as_ref().to_owned(),
            line: place.line,
            pointer,
            problem,
            raw: event.canonical().into_bytes(),
            header: None,
        })
    }

    fn refuse(&mut self, refused: &Refused) -> Result<()> {
        self.list(format!("refused  {refused}"));
        self.refused
            .write(refused)
            .context("cannot keep a refused row")
    }

    fn count_unappended(&mut self, named: (Option<String>, Option<String>)) -> Result<()> {
        *self.unappended.entry(named).or_default() += 1;
        if self.unappended.len() >= BATCH_EVENTS {
            self.flush()?;
        }
        Ok(())
    }

    fn unappended(&self) -> u64 {
        self.unappended.values().sum()
    }

    fn list(&mut self, line: String) {
        if self.tally.listed.len() < LISTED_MAX {
            self.tally.listed.push(line);
        }
    }

    fn flush(&mut self) -> Result<()> {
        let events = std::mem::take(&mut self.batch);
        let places = std::mem::take(&mut self.places);
        let unappended = std::mem::take(&mut self.unappended).into_iter();
        let unappended = unappended.map(|((customer, source), deliveries)| {
            self.tally.received += deliveries;
            self.tally.refused += deliveries;
            RefusedElsewhere {
                customer,
                source,
                deliveries,
            }
        });
        let unappended: Vec<RefusedElsewhere> = unappended.collect();
        if !unappended.is_empty() {
            self.store.count_refused(&unappended, self.received_at)?;
        }
        if events.is_empty() {
            return Ok(());
        }
        let outcomes = self.store.append(&events, self.received_at)?;
        for ((event, place), outcome) in events.iter().zip(&places).zip(outcomes) {
            self.tally.received += 1;
            if let Outcome::Accepted { log, index }
            | Outcome::Duplicate { log, index }
            | Outcome::Conflict { log, index, .. } = &outcome
                && event.signature.is_some()
                && *log == LogKind::Shared
            {
                self.tally.signed.push(SignedEntry {
                    customer: event.customer.to_string(),
                    entry: *index,
                });
            }
            match outcome {
                Outcome::Accepted { .. } => {
                    self.tally.accepted += 1;
                    *self
                        .tally
                        .customers
                        .entry(event.customer.to_string())
                        .or_default() += 1;
                }
                Outcome::Duplicate { .. } => self.tally.duplicate += 1,
                Outcome::Conflict { log, index, first } => {
                    self.tally.conflicting += 1;
                    self.list(format!(
                        "conflict {}: entry {first} of the {} log has another content under this \
                         id; it stands, and this one is kept as entry {index} until an \
                         event.corrected names the right one",
                        event.identity(),
                        log.name()
                    ));
                }
                Outcome::Refused { pointer, problem } => {
                    self.tally.refused += 1;
                    self.refuse_event(event, place, pointer, problem)?;
                }
            }
        }
        Ok(())
    }

    /// Appends what is left and tells what became of everything.
    pub fn finish(mut self) -> Result<Tally> {
        self.flush()?;
        self.tally.refused_files = self.refused.finish().context("cannot keep refused rows")?;
        Ok(self.tally)
    }
}

impl Tally {
    /// Prints the count, and how the command ends because of it.
    pub fn print(&self, out: Output) -> Result<Done> {
        out.value(self, |tally| {
            let mut lines = vec![table(
                &[
                    ">received",
                    ">accepted",
                    ">duplicate",
                    ">conflicting",
                    ">refused",
                ],
                [vec![
                    tally.received.to_string(),
                    tally.accepted.to_string(),
                    tally.duplicate.to_string(),
                    tally.conflicting.to_string(),
                    tally.refused.to_string(),
                ]],
            )];
            lines.extend(tally.listed.iter().cloned());
            let unlisted = tally.refused + tally.conflicting - tally.listed.len() as u64;
            if unlisted > 0 {
                lines.push(format!("and {unlisted} more"));
            }
            for path in &tally.refused_files {
                lines.push(format!(
                    "refused rows with their reasons: {}; mend them and import that file",
                    path.display()
                ));
            }
            for path in &tally.receipts {
                lines.push(format!(
                    "receipt for the buyer: {}; it is checked with `piecework receipt check`",
                    path.display()
                ));
            }
            lines
        })?;
        Ok(if self.refused + self.conflicting > 0 {
            Done::Refused
        } else {
            Done::Well
        })
    }
}
