//! [`Said`]: what a log says of the works of a sample, found by work id, scope and fact.

use std::collections::{HashMap, HashSet};

use work::body::{Body, Kind};
use work::effective::{Content, Fact, resolve};
use work::settle::FactRef;
use work::{Event, SmolStr};

use super::{Evidence, Review, Sample, SampleError, SampledUnit, SampledWork};
use crate::draws::Drawing;
use crate::gone::{Gone, gone};
use crate::population::{Item, Population};
use crate::recompute::Recomputed;

/// What a log says that may be about works that were drawn.
pub(super) struct Said<'a> {
    evidence: Vec<&'a Content>,
    reviews: Vec<Fact>,
}

/// Where works are met: enough to pass over what is about none of them.
#[derive(Default)]
struct Places<'a> {
    words: HashSet<&'a str>,
    facts: HashSet<(&'a str, &'a str)>,
}

impl<'a> Places<'a> {
    fn add(&mut self, item: &Item<'a>) {
        for own in &item.units {
            let words = own.unit.works.iter().chain(&own.unit.key.scope);
            self.words.extend(words.map(SmolStr::as_str));
            let facts = own.unit.facts.iter();
            self.facts
                .extend(facts.map(|own| (own.source.as_str(), own.id.as_str())));
        }
    }

    fn may_have(&self, event: &Event) -> bool {
        let has = |word: &str| self.words.contains(word);
        event.work.as_deref().is_some_and(has)
            || self
                .facts
                .contains(&(event.source.as_str(), event.id.as_str()))
            || event.work.is_none() && event.headers.iter().any(|(_, value)| has(value))
    }
}

impl<'a> Said<'a> {
    pub(super) fn of(log: &'a [Content]) -> Said<'a> {
        let reference = |event: &Event| FactRef {
            source: event.source.clone(),
            id: event.id.clone(),
        };
        let reviews: HashSet<FactRef> = log
            .iter()
            .filter(|own| own.event.body.tag() == Kind::Reviewed)
            .map(|own| reference(&own.event))
            .collect();
        let concerns = |own: &&Content| {
            own.event.body.tag() == Kind::Corrected || reviews.contains(&reference(&own.event))
        };
        // What a correction voids is no verdict; what it puts in place is one.
        let standing = resolve(log.iter().filter(concerns).cloned().collect());
        let mut reviews = standing.facts;
        reviews.retain(|own| own.event.body.tag() == Kind::Reviewed);
        reviews.sort_by(|a, b| {
            let order = |own: &Fact| (own.event.time, own.reference());
            order(a).cmp(&order(b))
        });
        let evidence = log
            .iter()
            .filter(|own| own.event.body.tag() == Kind::Evidence);
        Said {
            evidence: evidence.collect(),
            reviews,
        }
    }

    /// The sample of these draws, the first before the others.
    pub(super) fn sample(
        &self,
        customer: &str,
        log: &[Content],
        drawings: &[Drawing],
    ) -> Result<Sample, SampleError> {
        let first = &drawings[0]; // a sample has a draw at least
        let statement = Recomputed::of_log(customer, log, &first.issued)?;
        let population = Population::of(&statement, &first.draw.stratum)?;
        let mut known = HashSet::new();
        let mut found: Vec<(u64, &Item<'_>, u64)> = Vec::new();
        let mut items: &[u64] = &[];
        let mut places = Places::default();
        for Drawing { entry, draw, .. } in drawings {
            for item in &draw.items {
                if known.insert(*item) {
                    let entry = *entry;
                    let own = population.item(*item);
                    let own = own.ok_or(SampleError::Stranger { entry, item: *item })?;
                    places.add(own);
                    found.push((*item, own, entry));
                }
            }
            if draw.items.len() > items.len() {
                items = &draw.items;
            }
        }
        let near = Said {
            evidence: (self.evidence.iter().copied())
                .filter(|own| places.may_have(&own.event))
                .collect(),
            reviews: (self.reviews.iter())
                .filter(|own| places.may_have(&own.event))
                .cloned()
                .collect(),
        };
        let works = found.into_iter();
        let events = log.iter().map(|own| (own.entry, &own.event));
        let gone: HashMap<u64, Vec<Gone>> = (drawings.iter())
            .map(|own| (own.entry, gone(events.clone(), own.entry)))
            .collect();
        let works = works.map(|(item, own, drawn)| near.work(item, own, drawn, &gone[&drawn]));
        Ok(Sample {
            id: first.draw.sample.clone(),
            issued: first.issued.clone(),
            method: first.draw.method,
            stratum: first.draw.stratum.clone(),
            population: population.size(),
            nonce: first.draw.nonce,
            drawn: drawings.iter().map(|own| own.entry).collect(),
            items: items.to_vec(),
            works: works.collect(),
        })
    }

    fn work(&self, entry: u64, item: &Item<'_>, drawn: u64, gone: &[Gone]) -> SampledWork {
        let is_about = |event: &Event| {
            let fact = |own: &FactRef| (&own.source, &own.id) == (&event.source, &event.id);
            let mut units = item.units.iter();
            units.any(|own| own.is_named_by(event) || own.unit.facts.iter().any(fact))
        };
        let units = item.units.iter().map(|own| SampledUnit {
            unit: own.unit.key.unit.to_string(),
            class: own.class.to_owned(),
            scope: (own.keyed_by.iter().copied())
                .zip(own.unit.key.scope.iter().map(ToString::to_string))
                .collect(),
            works: own.unit.works.iter().map(ToString::to_string).collect(),
        });
        let evidence = self.evidence.iter().filter(|own| is_about(&own.event));
        let evidence = evidence.filter_map(|own| match &own.event.body {
            Body::Evidence {
                name, commitment, ..
            } => Some(Evidence {
                entry: own.entry,
                name: name.clone(),
                commitment: *commitment,
                is_late: own.entry > drawn,
            }),
            _ => None,
        });
        let reviews = self.reviews.iter().filter(|own| own.entry > drawn);
        let reviews = reviews.filter_map(|own| match own.event.body {
            Body::Reviewed {
                result, minutes, ..
            } if is_about(&own.event) => Some(Review {
                entry: own.entry,
                source: own.event.source.to_string(),
                time: own.event.time,
                authorship: own.event.authorship,
                is_signed: own.event.signature.is_some(),
                result,
                minutes,
            }),
            _ => None,
        });
        let is_gone = |unit| gone.iter().any(|own| own.is_of(unit));
        SampledWork {
            item: entry,
            name: item.name(),
            units: units.collect(),
            charge: item.charge,
            drawn,
            evidence: evidence.collect(),
            reviews: reviews.collect(),
            is_redacted: item.units.iter().any(is_gone),
        }
    }
}
