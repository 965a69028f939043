//! Facts about a work that somebody states by hand: anything that happened, a dispute, its decision.
//!
//! A fact counts whatever order facts arrive in, so it may come before the first fact of its work.

use jiff::Timestamp;
use serde::Serialize;
use store::{Outcome, UnitsOf};
use work::body::{Body, Kind, Verdict};
use work::event::{Authorship, is_own_source};
use work::settle::{Disputed, FactRef};
use work::{Event, Header, Headers, LogKind};

use super::Acted;
use crate::Result;
use crate::book::Book;
use crate::error::{Damaged, Invalid, Refused};

/// The source of what is recorded by hand, where none is named.
const BY_HAND: &str = "piecework/record";

/// Which work a fact is about, who says so, and when it happened.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The customer's id. It need not have any events yet.
    pub customer: &'a str,
    /// The work instance, e.g. the ticket's number.
    pub work: &'a str,
    /// Who speaks: the source of the event, which is not piecework itself.
    pub source: &'a str,
    /// When it happened; `now` where absent.
    pub at: Option<Timestamp>,
    /// Shared headers, those that definitions count by among them where no earlier fact of the work has them.
    pub headers: &'a Headers,
    /// The id of the event; made of work, kind and instant where absent, and then a second content under it is
    /// a conflict.
    pub id: Option<&'a str>,
}

/// A fact that is in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Its kind.
    pub kind: String,
    /// The work.
    pub work: String,
    /// When it happened.
    pub time: Timestamp,
    /// The name of the log.
    pub log: &'static str,
    /// Its position there.
    pub entry: u64,
    /// Why it changes nothing, where it does: only a dispute is told so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_effect: Option<&'static str>,
}

/// Why a dispute changes nothing: it is raised when the window of its work is over.
const TOO_LATE: &str = "the window in which this work may be disputed is over: it is recorded, and changes nothing that \
                        is owed; ask the seller for a credit instead";
/// Why a dispute changes nothing: the work is disputed.
const DISPUTED_ALREADY: &str =
    "a dispute about this work is open already: it is recorded, and the one before it is decided";

impl Book {
    /// Records that a buyer contests a work. While the dispute is open the work is not stated.
    ///
    /// # Errors
    /// As [`Book::record`].
    pub fn dispute(
        &self,
        about: &About<'_>,
        reason: &str,
        now: Timestamp,
    ) -> Result<Acted<Recorded>> {
        let reason = Some(reason.to_owned());
        self.record_one(about, Authorship::Buyer, Body::Disputed { reason }, now)
    }

    /// Records how a dispute was decided.
    ///
    /// # Errors
    /// As [`Book::record`].
    pub fn decide(
        &self,
        about: &About<'_>,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Acted<Recorded>> {
        let decided = Body::DisputeDecided { verdict };
        self.record_one(about, Authorship::Seller, decided, now)
    }

    fn record_one(
        &self,
        about: &About<'_>,
        authorship: Authorship,
        body: Body,
        now: Timestamp,
    ) -> Result<Acted<Recorded>> {
        let mut recorded = self.record(about, authorship, vec![body], now)?;
        Ok(recorded.pop().ok_or(UNTOLD)?)
    }

    /// Records facts about a work, in one commit; each says whether it was known. With an id, the first has it,
    /// and each further one the id and its kind.
    ///
    /// # Errors
    /// [`Invalid`] where one cannot be an event; [`Refused`] where the log does not take it, or where its id is
    /// another fact's.
    pub fn record(
        &self,
        about: &About<'_>,
        authorship: Authorship,
        bodies: Vec<Body>,
        now: Timestamp,
    ) -> Result<Vec<Acted<Recorded>>> {
        if is_own_source(about.source) && about.source != BY_HAND {
            return Err(Invalid::OwnSource.into());
        }
        let numbered = bodies.into_iter().enumerate();
        let events = numbered
            .map(|(place, body)| about.event(place, authorship, body, now))
            .collect::<Result<Vec<Event>>>()?;
        let _turn = self.turns.take(about.customer);
        let known = events
            .iter()
            .map(|event| self.recorded_before(about, event))
            .collect::<Result<Vec<Option<Recorded>>>>()?;
        let (new, _): (Vec<Event>, Vec<_>) = (events.into_iter())
            .zip(&known)
            .filter(|(_, known)| known.is_none())
            .unzip();
        let mut outcomes = new.iter().zip(self.store.append(&new, now)?);
        let tell = |known| match known {
            Some(known) => Ok(Acted::before(known)),
            None => {
                let (event, outcome) = outcomes.next().ok_or(UNTOLD)?;
                told(event, outcome)
            }
        };
        let told: Result<Vec<Acted<Recorded>>> = known.into_iter().map(tell).collect();
        let mut told = told?;
        for own in &mut told {
            let recorded = &mut own.what;
            recorded.without_effect = self.without_effect(about.customer, recorded)?;
        }
        Ok(told)
    }

    /// Why a dispute that is in the log changes nothing of its work; nothing where it does something.
    fn without_effect(&self, customer: &str, own: &Recorded) -> Result<Option<&'static str>> {
        if own.kind != Kind::Disputed.word() {
            return Ok(None);
        }
        let Some(event) = self.store.entry(customer, LogKind::Shared, own.entry)? else {
            return Ok(None);
        };
        let fact = FactRef {
            source: event.event.source.clone(),
            id: event.event.id.clone(),
        };
        for settled in self.store.units(customer, UnitsOf::Work(&own.work))? {
            let unit = settled?.unit;
            if !unit.listed.contains(&fact) {
                continue;
            }
            let is_open = |dispute: &Disputed| {
                let decided = dispute.decided.is_none_or(|(at, _)| at > own.time);
                dispute.raised <= own.time && decided
            };
            return Ok(Some(match unit.disputes.iter().any(is_open) {
                true => DISPUTED_ALREADY,
                false => TOO_LATE,
            }));
        }
        Ok(None)
    }

    /// The fact that the given id recorded before; without an instant of its own it is the same at any.
    fn recorded_before(&self, about: &About<'_>, event: &Event) -> Result<Option<Recorded>> {
        if about.id.is_none() {
            return Ok(None);
        }
        let Some(known) = self.entry_under(about.customer, about.source, &event.id)? else {
            return Ok(None);
        };
        let time = about.at.unwrap_or(known.event.time);
        let again = Event {
            time,
            ..event.clone()
        };
        if again != known.event {
            let id = event.id.to_string();
            return Err(Refused::OtherAct { id }.into());
        }
        Ok(Some(recorded(&known.event, known.log, known.index)))
    }
}

impl About<'_> {
    /// The event, read once more as it would be read from a file.
    fn event(
        &self,
        place: usize,
        authorship: Authorship,
        body: Body,
        now: Timestamp,
    ) -> Result<Event> {
        let at = self.at.unwrap_or(now);
        let kind = body.tag().word();
        let id = match self.id {
            Some(id) if place == 0 => id.to_owned(),
            Some(id) => format!("{id}/{kind}"),
            None => format!("{}/{kind}/{at}", self.work),
        };
        let mut headers = self.headers.clone();
        headers.set(Header::Work, self.work);
        let event = Event {
            id: id.into(),
            source: self.source.into(),
            customer: self.customer.into(),
            time: at,
            work: Some(self.work.into()),
            traceparent: None,
            signature: None,
            authorship,
            headers,
            body,
        };
        Ok(Event::parse(&event.canonical()).map_err(Invalid::Event)?)
    }
}

/// A store says of every event what became of it.
const UNTOLD: Damaged = Damaged::Missing("what became of a fact");

fn told(event: &Event, outcome: Outcome) -> Result<Acted<Recorded>> {
    match outcome {
        Outcome::Accepted { log, index } => Ok(Acted::now(recorded(event, log, index))),
        Outcome::Duplicate { log, index } => Ok(Acted::before(recorded(event, log, index))),
        Outcome::Conflict { index, first, .. } => Err(Refused::Conflicting {
            identity: event.identity().into(),
            first,
            index,
        }
        .into()),
        Outcome::Refused { pointer, problem } => Err(Refused::Fact { pointer, problem }.into()),
    }
}

fn recorded(event: &Event, log: LogKind, index: u64) -> Recorded {
    Recorded {
        kind: event.body.tag().word().to_owned(),
        work: event.work.clone().unwrap_or_default().to_string(),
        time: event.time,
        log: log.name(),
        entry: index,
        without_effect: None,
    }
}
