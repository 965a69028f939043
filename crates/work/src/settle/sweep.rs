//! The sweep: one pass over the facts of a scope and the deadlines that they create.
//!
//! Here the pass: facts in their order, which unit takes each, when a class holds. What a count
//! moves, disputes, and what happens at deadlines are the modules below.

mod deadlines;
mod disputes;
mod movements;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal, Quantity};

use super::holds::{Moment, Seen, headers_hold, matches};
use super::{Attempt, Basis, FactRef, NotCounted, ScopeKey, State, Unit, UnitKey};
use crate::body::{AnswerKind, Body, Kind, ReviewResult};
use crate::definition::{After, Split, Then, Timeline};
use crate::effective::Fact;
use crate::event::Authorship;
use crate::{Definition, Headers, SmolStr, Span};

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
    let mut runs: Vec<Run<'_>> = Vec::new();
    // The last unit that has a fact of the work.
    let mut of_work: HashMap<&str, usize> = HashMap::new();
    for fact in sorted {
        let at = fact.event.time;
        let work = fact.event.work.as_deref();
        let takes = match runs.len().checked_sub(1) {
            None => None,
            Some(last) if is_remark(fact.event.body.tag()) => {
                let named = work.and_then(|work| of_work.get(work));
                Some(named.copied().unwrap_or(last))
            }
            last => last,
        };
        let takes = takes.filter(|place| {
            let run = &mut runs[*place];
            run.advance(at, false);
            let is_left = run.is_left_by(fact);
            if is_left {
                run.leave(fact);
            }
            !is_left
        });
        let place = takes.unwrap_or_else(|| {
            runs.push(Run::open(timeline, scope, fact));
            runs.len() - 1
        });
        if let Some(work) = work {
            let last = of_work.entry(work).or_default();
            *last = place.max(*last);
        }
        runs[place].take(fact);
    }
    runs.into_iter().map(|run| run.finish(as_of)).collect()
}

/// Whether a fact says something of work that was done, so that it begins no unit where there is one, and
/// keeps no window open (S7).
fn is_remark(kind: Kind) -> bool {
    is_dispute(kind)
        || matches!(
            kind,
            Kind::Reviewed | Kind::Rated | Kind::Overridden | Kind::Evidence
        )
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
    /// The last fact that keeps an idle window open.
    last_act: Timestamp,
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
    /// The first act of the unit (S2).
    act: Option<(FactRef, Authorship)>,
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
                    unit: definition.id.as_str().into(),
                    scope: scope.clone(),
                    opened_by: fact.reference(),
                },
                opened: at,
                version,
                movements: Vec::new(),
                states: Vec::new(),
                disputes: Vec::new(),
                attempt: None,
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
            last_act: at,
            settled: None,
            value: None,
            currency: None,
            over: false,
            abandoned: false,
            excluded: true,
            confidence: None,
            review: None,
            authors: Vec::new(),
            act: None,
            evidence: BTreeSet::new(),
        }
    }

    /// Whether a fact begins another unit of the scope (S7, S8, S10).
    fn is_left_by(&self, fact: &Fact) -> bool {
        let (at, kind) = (fact.event.time, fact.event.body.tag());
        let is_past = |span: Span, since| span.after(since, self.zone).is_some_and(|end| at >= end);
        let splits = match self.definition.one_per.split {
            _ if is_remark(kind) => false,
            Split::None => false,
            Split::Reopen => kind == Kind::Reopened,
            Split::WindowFromStart(span) => is_past(span, self.unit.opened),
            Split::WindowIdle(span) => is_past(span, self.last_act),
        };
        splits
            || self
                .after_rule(fact)
                .is_some_and(|rule| rule.then == Then::NewUnit)
    }

    /// Another unit begins. Windows go on with their timers; a reopening cuts them.
    fn leave(&mut self, next: &Fact) {
        let kind = next.event.body.tag();
        if self.definition.one_per.split == Split::Reopen && kind == Kind::Reopened {
            if self.settled.is_none() && !self.over && !self.abandoned {
                self.enter(next.event.time, State::NotCounted(NotCounted::Abandoned));
            }
            self.over = true;
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
            self.unit.attempt = None;
            self.unit.states = vec![(self.unit.opened, State::NotCounted(NotCounted::Excluded))];
        }
        self.unit.works.sort_unstable();
        self.unit.works.dedup();
        self.unit.traces.sort_unstable();
        self.unit.traces.dedup();
        self.unit.shrink();
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

    /// The unit is in a state from now on. The first that resolves it makes an attempt of the act seen by then.
    fn enter(&mut self, at: Timestamp, state: State) {
        if state != State::Pending
            && self.unit.attempt.is_none()
            && let Some((act, by)) = self.act.clone()
        {
            self.unit.attempt = Some(Attempt { at, act, by });
        }
        self.unit.states.push((at, state));
    }

    /// Takes the next fact in the published order.
    fn take(&mut self, fact: &Fact) {
        let event = &fact.event;
        let at = event.time;
        self.unit.facts.push(fact.reference());
        if !is_remark(event.body.tag()) {
            self.last_act = at;
        }
        if let Some(work) = &event.work {
            self.unit.works.push(work.clone());
        }
        self.unit.traces.extend(event.trace_id().map(SmolStr::from));
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
            self.unit.headers.set(header, value.clone());
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
        let mut acts = self.definition.attempts.iter();
        if self.act.is_none() && acts.any(|act| matches(act, event)) {
            self.act = Some((fact.reference(), event.authorship));
        }
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
