//! The sweep: one pass over the facts of a scope and the deadlines that they create.
//!
//! Here the pass: facts in their order, which unit takes each, when a class holds. What a count
//! moves, disputes, and what happens at deadlines are the modules below.

mod deadlines;
mod disputes;
mod movements;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal, Quantity};

use super::holds::{Moment, Seen, headers_hold, matches};
use super::{Basis, FactRef, NotCounted, ScopeKey, State, Unit, UnitKey};
use crate::body::{AnswerKind, Body, Kind, ReviewResult};
use crate::definition::{After, Split, Then, Timeline};
use crate::effective::Fact;
use crate::event::Authorship;
use crate::{Definition, Headers};

/// The published order of facts: (time, rank, source, id), never arrival (S3).
pub(super) fn order(fact: &Fact) -> (Timestamp, u8, &str, &str) {
    let event = &fact.event;
    (
        event.time,
        event.body.tag().rank(),
        &event.source,
        &event.id,
    )
}

/// Settles the facts of one scope key up to `as_of`.
///
/// `facts` are the scope's facts from [`super::scopes`], in any order. The result lists the scope's
/// units by their opening. Total: any set of facts has exactly one answer, and the movements up to an
/// instant do not depend on facts or deadlines after it, so that settling with
/// [`Timestamp::MAX`] and reading movements and states by their instants gives the same.
#[must_use]
pub fn settle(
    timeline: &Timeline<'_>,
    scope: &ScopeKey,
    facts: &[&Fact],
    as_of: Timestamp,
) -> Vec<Unit> {
    let mut sorted: Vec<&Fact> = facts
        .iter()
        .copied()
        .filter(|fact| fact.event.time <= as_of && fact.event.body.tag().is_about_work())
        .collect();
    sorted.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut units = Vec::new();
    let mut current: Option<Run<'_>> = None;
    for fact in sorted {
        let at = fact.event.time;
        let begins = match &mut current {
            None => true,
            Some(run) => {
                run.advance(at, false);
                run.is_left_by(fact)
            }
        };
        if begins {
            if let Some(run) = current.take() {
                units.push(run.leave(fact, as_of));
            }
            current = Some(Run::open(timeline, scope, fact));
        }
        if let Some(run) = &mut current {
            run.take(fact);
        }
    }
    if let Some(run) = current {
        units.push(run.finish(as_of));
    }
    units
}

fn is_dispute(kind: Kind) -> bool {
    matches!(kind, Kind::Disputed | Kind::DisputeDecided)
}

/// A settlement in force.
#[derive(Debug, Clone)]
struct Settled {
    at: Timestamp,
    class: usize,
    net: Quantity,
    basis: Arc<Basis>,
}

/// One unit while it is swept.
struct Run<'t> {
    definition: &'t Definition,
    zone: &'t TimeZone,
    unit: Unit,
    seen: Seen<'t>,
    /// Everything up to here has been looked at; spans that end here only where `ran` says so.
    now: Timestamp,
    /// The last instant at which spans that end were looked at.
    ran: Timestamp,
    last_fact: Timestamp,
    settled: Option<Settled>,
    /// Cumulative measured value not yet moved because the unit is not settled.
    value: Option<Amount>,
    currency: Option<Currency>,
    /// No fact can make it settle any more.
    over: bool,
    abandoned: bool,
    excluded: bool,
    confidence: Option<Decimal>,
    review: Option<String>,
    authors: Vec<(FactRef, Authorship)>,
    evidence: BTreeSet<String>,
}

impl<'t> Run<'t> {
    fn open(timeline: &'t Timeline<'_>, scope: &ScopeKey, fact: &Fact) -> Run<'t> {
        let at = fact.event.time;
        let (version, definition) = timeline.at(at);
        Run {
            definition,
            zone: &timeline.zone,
            unit: Unit {
                key: UnitKey {
                    unit: definition.id.clone(),
                    scope: scope.clone(),
                    opened_by: fact.reference(),
                },
                opened: at,
                version,
                movements: Vec::new(),
                states: Vec::new(),
                disputes: Vec::new(),
                headers: Headers::default(),
                human_touches: Vec::new(),
                listed: Vec::new(),
                facts: Vec::new(),
                works: Vec::new(),
                traces: Vec::new(),
                evidence: Vec::new(),
            },
            seen: Seen::of(definition),
            now: at,
            ran: Timestamp::MIN,
            last_fact: at,
            settled: None,
            value: None,
            currency: None,
            over: false,
            abandoned: false,
            excluded: true,
            confidence: None,
            review: None,
            authors: Vec::new(),
            evidence: BTreeSet::new(),
        }
    }

    /// Whether a fact begins another unit of the scope (S7, S8, S10).
    fn is_left_by(&self, fact: &Fact) -> bool {
        let at = fact.event.time;
        match self.definition.one_per.split {
            Split::None => {}
            Split::Reopen => {
                if fact.event.body.tag() == Kind::Reopened {
                    return true;
                }
            }
            Split::WindowFromStart(span) => {
                if span
                    .after(self.unit.opened, self.zone)
                    .is_some_and(|end| at >= end)
                {
                    return true;
                }
            }
            Split::WindowIdle(span) => {
                if span
                    .after(self.last_fact, self.zone)
                    .is_some_and(|end| at >= end)
                {
                    return true;
                }
            }
        }
        self.after_rule(fact)
            .is_some_and(|rule| rule.then == Then::NewUnit)
    }

    /// Another unit begins. Windows go on with their timers; a reopening cuts them.
    fn leave(self, next: &Fact, as_of: Timestamp) -> Unit {
        match self.definition.one_per.split {
            Split::Reopen if next.event.body.tag() == Kind::Reopened => {
                let at = next.event.time;
                let mut run = self;
                if run.settled.is_none() && !run.over && !run.abandoned {
                    run.enter(at, State::NotCounted(NotCounted::Abandoned));
                }
                run.over = true;
                run.finish(as_of)
            }
            _ => self.finish(as_of),
        }
    }

    /// The `[[after]]` rule that a fact within its reach triggers.
    fn after_rule(&self, fact: &Fact) -> Option<&'t After> {
        let settled = self.settled.as_ref()?;
        self.definition.after.iter().find(|rule| {
            matches(&rule.on, &fact.event)
                && rule.within.reaches(settled.at, fact.event.time, self.zone)
        })
    }

    fn finish(mut self, as_of: Timestamp) -> Unit {
        self.advance(as_of, true);
        if self.excluded {
            self.unit.movements.clear();
            self.unit.states = vec![(self.unit.opened, State::NotCounted(NotCounted::Excluded))];
        }
        self.unit.works.sort_unstable();
        self.unit.works.dedup();
        self.unit.traces.sort_unstable();
        self.unit.traces.dedup();
        self.unit
    }

    /// How many of the classes may still be reached: all, or those listed before the settled one.
    fn open_classes(&self) -> usize {
        match &self.settled {
            None => self.definition.counts.len(),
            Some(settled) if self.definition.upgrade_within.is_some() => settled.class,
            Some(_) => 0,
        }
    }

    fn enter(&mut self, at: Timestamp, state: State) {
        self.unit.states.push((at, state));
    }

    /// Takes the next fact in the published order.
    fn take(&mut self, fact: &Fact) {
        let event = &fact.event;
        let at = event.time;
        self.unit.facts.push(fact.reference());
        if let Some(work) = &event.work {
            self.unit.works.push(work.clone());
        }
        self.unit.traces.extend(event.trace_id());
        if self
            .definition
            .only
            .as_ref()
            .is_some_and(|only| !headers_hold(only, event))
        {
            self.unit.listed.push(fact.reference());
            self.last_fact = at;
            self.now = at;
            return;
        }
        self.excluded = false;
        for (header, value) in event.headers.iter() {
            self.unit.headers.set(header, value);
        }
        if self.unit.states.is_empty() {
            self.enter(at, State::Pending);
        }
        self.note(fact);
        let rule = self.after_rule(fact);
        if self.abandoned && !self.over {
            // Giving up ended the waiting, not the episode: nothing is forgotten (S11).
            self.abandoned = false;
            self.enter(at, State::Pending);
        }
        self.last_fact = at;
        self.now = at;
        if self.settled.is_some() {
            match rule {
                Some(rule) => self.apply(rule, fact),
                None => {
                    if event.body.tag() != Kind::Valued && !is_dispute(event.body.tag()) {
                        self.unit.listed.push(fact.reference());
                    }
                    self.seen.add(fact);
                }
            }
        } else {
            if self.over {
                self.unit.listed.push(fact.reference());
            }
            if event.body.tag() == Kind::Reopened {
                // A reopening before settlement cancels the timers (S6).
                self.seen.begin_episode();
            }
            self.seen.add(fact);
        }
        match &event.body {
            Body::Valued { amount } => self.add_value(*amount, fact),
            Body::Disputed { .. } => self.dispute(fact),
            Body::DisputeDecided { verdict } => {
                if self
                    .unit
                    .disputes
                    .last()
                    .is_some_and(|dispute| dispute.decided.is_none())
                {
                    self.decide(at, *verdict, Some(fact.reference()));
                } else {
                    self.unit.listed.push(fact.reference());
                }
            }
            _ => {}
        }
        self.evaluate(Moment::AtFact(at), at);
    }

    /// Remembers what prices and reports may ask of a fact, whatever it does to the settlement.
    fn note(&mut self, fact: &Fact) {
        let event = &fact.event;
        self.authors.push((fact.reference(), event.authorship));
        match &event.body {
            Body::Answered {
                kind,
                confidence,
                review,
            } if *kind != AnswerKind::Greeting => {
                self.confidence = *confidence;
                self.review.clone_from(review);
            }
            Body::Evidence { name, .. } => {
                self.unit.evidence.push((event.time, name.clone()));
                self.evidence.insert(name.clone());
            }
            Body::HumanReplied { minutes, .. } | Body::Overridden { minutes } => {
                self.unit
                    .human_touches
                    .push((event.time, minutes.unwrap_or_default()));
            }
            Body::Reviewed {
                result, minutes, ..
            } if *result != ReviewResult::Accepted => {
                self.unit
                    .human_touches
                    .push((event.time, minutes.unwrap_or_default()));
            }
            _ => {}
        }
    }

    /// Settles or upgrades the unit where a class holds now (S9).
    fn evaluate(&mut self, moment: Moment, at: Timestamp) {
        if self.over || self.abandoned {
            return;
        }
        if !self
            .definition
            .evidence
            .gate
            .iter()
            .all(|name| self.evidence.contains(name))
        {
            return;
        }
        if let (Some(settled), Some(within)) = (&self.settled, self.definition.upgrade_within)
            && !within.reaches(settled.at, at, self.zone)
        {
            return;
        }
        for index in 0..self.open_classes() {
            let class = &self.definition.counts[index];
            let mut causes = Vec::new();
            if self.seen.holds(&class.when, moment, self.zone, &mut causes) {
                self.count(index, at, causes);
                return;
            }
        }
    }
}
