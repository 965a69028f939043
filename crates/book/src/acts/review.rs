//! What people found who looked at the works of a sample.
//!
//! Invariant: only works that the sample has are reviewed for it.

use jiff::Timestamp;
use money::Decimal;
use proof::verdicts::{Sample, SampledWork, samples};
use serde::Serialize;
use work::body::{Body, ReviewResult};
use work::event::Authorship;
use work::{Event, Header, Headers, LogKind};

use super::Acted;
use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Damaged, Invalid, Refused};

/// What a review found of which work.
#[derive(Debug, Clone, Copy)]
pub struct Review<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The sample's id.
    pub sample: &'a str,
    /// The work, by its name, its work id or its scope.
    pub work: &'a str,
    /// What the review found.
    pub result: ReviewResult,
    /// How much of the work was changed, 0 to 1.
    pub edit_share: Option<Decimal>,
    /// Minutes spent on the review.
    pub minutes: Option<Decimal>,
    /// Who reviewed (a role, no name).
    pub by: &'a str,
    /// The id of the event; made of sample, work and `now` where absent.
    pub id: Option<&'a str>,
}

/// A review that is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// The sample's id.
    pub sample: String,
    /// The work as its people call it.
    pub work: String,
    /// What the review found.
    pub result: &'static str,
    /// The source of the event.
    pub source: String,
    /// Its id.
    pub id: String,
}

impl Book {
    /// Records the seller's review of a sampled work. (The buyer signs its own, from a proof file.)
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer, sample or work in it; [`Invalid`] where a work id names
    /// several of its works.
    pub fn review(&self, act: &Review<'_>, now: Timestamp) -> Result<Acted<Reviewed>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let log = self.contents(act.customer, LogKind::Shared, None)?;
        let found = samples(act.customer, &log, None).map_err(Damaged::from)?;
        let work = sampled(&found, act.sample, act.work)?;
        let source = format!("review/{}", act.by);
        let event = review_event(act, &source, Authorship::Seller, work, now)?;
        let event = Event::parse(&event.canonical()).map_err(Invalid::Event)?;
        let reviewed = Reviewed {
            sample: act.sample.to_owned(),
            work: work.name.clone(),
            result: act.result.word(),
            source: event.source.to_string(),
            id: event.id.to_string(),
        };
        if let Some(id) = act.id
            && let Some(known) = self.entry_under(act.customer, &source, id)?
        {
            let time = known.event.time;
            if (Event { time, ..event }) != known.event {
                return Err(Refused::OtherAct { id: id.to_owned() }.into());
            }
            return Ok(Acted::before(reviewed));
        }
        self.write(&[event], now)?;
        Ok(Acted::now(reviewed))
    }
}

/// The one work of a sample that is meant.
///
/// # Errors
/// Where it is not there, or there are several.
pub fn sampled<'a>(found: &'a [Sample], sample: &str, work: &'a str) -> Result<&'a SampledWork> {
    let Some(sample) = found.iter().find(|own| own.id == sample) else {
        return Err(Absent::Sample {
            sample: sample.to_owned(),
            known: found.iter().map(|own| own.id.clone()).collect(),
        }
        .into());
    };
    let named: Vec<&SampledWork> = sample.named(work).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(Absent::Sampled {
            work: work.to_owned(),
            sample: sample.id.clone(),
            works: sample.works.len(),
        }
        .into()),
        several => {
            let told = several.iter().flat_map(|own| &own.units).map(|unit| {
                let values: Vec<&str> = unit.scope.iter().map(|(_, own)| own.as_str()).collect();
                values.join(",")
            });
            Err(Invalid::SeveralSampled {
                work: work.to_owned(),
                works: several.len(),
                known: told.collect(),
            }
            .into())
        }
    }
}

/// The event of a review by whoever `source` is.
///
/// # Errors
/// Where the work has no unit.
pub fn review_event(
    act: &Review<'_>,
    source: &str,
    authorship: Authorship,
    work: &SampledWork,
    now: Timestamp,
) -> Result<Event> {
    let unit = work.units.first();
    let unit = unit.ok_or(Damaged::Missing("the unit of a sampled work"))?;
    let mut headers = Headers::default();
    for (header, value) in unit.scope.iter().filter(|(own, _)| *own != Header::Work) {
        headers.set(*header, value.as_str());
    }
    let name = unit.works.first().cloned();
    if let Some(name) = &name {
        headers.set(Header::Work, name.as_str());
    }
    let id = match act.id {
        Some(id) => id.to_owned(),
        None => format!("{}/{}/{now}", act.sample, work.item),
    };
    Ok(Event {
        id: id.into(),
        source: source.into(),
        customer: act.customer.into(),
        time: now,
        work: name.map(Into::into),
        traceparent: None,
        signature: None,
        authorship,
        headers,
        body: Body::Reviewed {
            result: act.result,
            edit_share: act.edit_share,
            minutes: act.minutes,
        },
    })
}
