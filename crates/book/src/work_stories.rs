//! Everything that is known of one piece of work: states, movements, facts, what is owed and what it cost.
//!
//! What comes of the seller-only log is apart ([`view::WorkStory::costs`]) and asked for by itself.

use jiff::Timestamp;
use money::{Amount, Currency};
use pages::view;
use pricing::account::Held;
use pricing::cell::owed;
use pricing::margin::{CostEntry, CostLedger};
use pricing::statement::{explain, unit_name};
use work::effective::Content;
use work::settle::{FactRef, MovementKind, State, Unit};

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::limits::FACTS_TOLD_MAX;
use crate::margins::costs_of;
use crate::price_books;
use crate::views::facts::fact;
use crate::works::{disputes, is_called, named, row, state_from, units};

impl Book {
    /// The units of a work, each with its story up to `now`; with costs where they are asked for.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or work.
    pub fn work(
        &self,
        customer: &str,
        work: &str,
        with_costs: bool,
        now: Timestamp,
    ) -> Result<Vec<view::WorkStory>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let mut stories = Vec::new();
        for (held, unit) in units(&account).filter(|(_, unit)| is_called(unit, work)) {
            let signed = held.filter(|held| !held.agreement.is_draft);
            let contract = signed.map(|held| held.agreement.id.as_str());
            let mut story = self.story(customer, contract, unit, now)?;
            story.owed = held.map_or(Ok(Vec::new()), |held| owed_for(held, unit, now))?;
            if with_costs {
                let prices = price_books::load(self.store.as_ref())?;
                let currency = match held {
                    Some(held) => held.agreement.latest().terms.contract.currency,
                    None => self.documents()?.plan.currency,
                };
                let is_own = |entry: &CostEntry| {
                    let work = entry.work.as_deref();
                    work.is_some_and(|work| unit.works.iter().any(|own| own == work))
                };
                let mut entries = costs_of(self, customer, &prices, currency)?;
                entries.retain(is_own);
                story.costs = Some(self.costs_beside(currency, entries, &story)?);
            }
            stories.push(story);
        }
        if stories.is_empty() {
            return Err(Absent::Work {
                customer: customer.to_owned(),
                work: work.to_owned(),
                unit: None,
            }
            .into());
        }
        Ok(stories)
    }

    /// A unit's story up to `now`, without what is owed for it and what it cost.
    pub(crate) fn story(
        &self,
        customer: &str,
        contract: Option<&str>,
        unit: &Unit,
        now: Timestamp,
    ) -> Result<view::WorkStory> {
        let states = unit.states.iter().filter(|(from, _)| *from <= now);
        let moved = unit.movements.iter().filter(|own| own.instant <= now);
        let movements = moved.clone().map(|own| view::Moved {
            at: own.instant,
            kind: own.kind.word().to_owned(),
            class: own.class.to_string(),
            quantity: own.quantity,
            causes: own.causes.iter().map(named).collect(),
        });
        let counted = moved
            .clone()
            .rfind(|own| own.kind == MovementKind::Counted)
            .filter(|_| matches!(unit.state_at(now), State::Counted(_)));
        let decided_by = counted.and_then(|count| unit.decided_by(count));
        let decided_by = match decided_by {
            Some(reference) => self.told(customer, reference)?,
            None => None,
        };
        let mut facts = Vec::new();
        for reference in unit.facts.iter().take(FACTS_TOLD_MAX) {
            facts.extend(self.told(customer, reference)?);
        }
        Ok(view::WorkStory {
            row: row(contract, unit, now),
            works: unit.works.iter().map(ToString::to_string).collect(),
            states: states
                .map(|(from, state)| state_from(*from, state))
                .collect(),
            movements: movements.collect(),
            disputes: disputes(unit, now),
            facts,
            facts_total: u64::try_from(unit.facts.len())?,
            changed_nothing: unit.listed.iter().map(named).collect(),
            is_decision_signed: decided_by.as_ref().is_some_and(|fact| fact.is_signed),
            decided_by: decided_by.map(|fact| fact.authorship),
            owed: Vec::new(),
            is_owed_told: true,
            costs: None,
        })
    }

    /// A fact of the shared log by its name: its first content, which speaks for it.
    fn told(&self, customer: &str, reference: &FactRef) -> Result<Option<view::Fact>> {
        let found = self
            .store
            .find(customer, &reference.source, &reference.id)?;
        let Some(found) = found.filter(|found| found.log == work::LogKind::Shared) else {
            return Ok(None);
        };
        let Some((index, _)) = found.contents.first() else {
            return Ok(None);
        };
        let entry = self.store.entry(customer, found.log, *index)?;
        Ok(entry.map(|entry| {
            fact(&Content {
                entry: entry.index,
                event: entry.event,
            })
        }))
    }

    /// What a unit cost by its cost entries, beside what is owed for it.
    pub(crate) fn costs_beside(
        &self,
        currency: Currency,
        entries: Vec<CostEntry>,
        story: &view::WorkStory,
    ) -> Result<view::WorkCosts> {
        let mut ledger = CostLedger { currency, entries };
        ledger.convert(&price_books::rates(self.store.as_ref())?)?;
        let entries: Vec<view::CostRow> = (ledger.entries.into_iter())
            .map(|entry| view::CostRow {
                time: entry.time,
                line: entry.line,
                amount: entry.amount(),
                unconverted: entry.unconverted(),
                model: entry.model,
            })
            .collect();
        let known = entries.iter().filter_map(|own| own.amount);
        let cost = Amount::sum(currency, known)?;
        let price = Amount::sum(currency, story.owed.iter().map(|own| own.amount))?;
        let unknown = entries.iter().filter(|own| own.amount.is_none()).count();
        Ok(view::WorkCosts {
            cost,
            not_in_sum: u64::try_from(unknown)?,
            margin: if entries.is_empty() || !story.is_owed_told {
                None
            } else {
                Some(price.minus(cost)?)
            },
            entries,
        })
    }
}

fn owed_for(held: &Held, unit: &Unit, now: Timestamp) -> Result<Vec<view::OwedShare>> {
    let all = owed(&held.agreement, &held.facts(), now)?;
    let name = unit_name(&unit.key);
    let mut found = Vec::new();
    for key in all.cells.keys() {
        let Some(explained) = explain(held, &all, key)? else {
            continue;
        };
        for share in explained.shares {
            if share.name == name && !share.amount.is_zero() {
                found.push(view::OwedShare {
                    component: key.component.clone(),
                    part: share.class.unwrap_or_default().to_owned(),
                    amount: share.amount,
                    with_coin: None,
                });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use work::event::Authorship;
    use work::{Event, Header, Headers};
    use zeroize::Zeroizing;

    use super::*;
    use crate::config::Config;
    use crate::presets;

    #[test]
    fn a_story_tells_its_first_facts_and_counts_them_all() {
        let directory = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let preset = presets::find("fin-style").unwrap();
        let config = Config::of_preset(preset, &directory.path().join("book"));
        let book = Book::create(config, Arc::new(|| Ok(Zeroizing::new([7; 32]))), now).unwrap();
        let mut headers = Headers::default();
        headers.set(Header::Work, "T-1");
        headers.set(Header::Conversation, "T-1");
        let opened = |number: usize| Event {
            id: number.to_string().as_str().into(),
            source: "desk".into(),
            customer: "acme".into(),
            time: now,
            work: Some("T-1".into()),
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: headers.clone(),
            body: work::body::Body::Opened,
        };
        let events: Vec<Event> = (0..=FACTS_TOLD_MAX).map(opened).collect();
        book.store.append(&events, now).unwrap();
        let stories = book.work("acme", "T-1", false, now).unwrap();
        let told: usize = stories.iter().map(|own| own.facts.len()).sum();
        let all: u64 = stories.iter().map(|own| own.facts_total).sum();
        assert_eq!((told, all), (FACTS_TOLD_MAX, FACTS_TOLD_MAX as u64 + 1));
    }
}
