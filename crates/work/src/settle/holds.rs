//! Whether a condition holds, and from which deadline it would.
//!
//! [`Seen`] remembers of the facts of one unit what conditions can ask for: per predicate the first
//! and the last match, per check the latest word, and the last disturbance of the quiet. Adding a
//! fact costs one test per predicate of the definition, whatever the length of the unit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Decimal;

use super::FactRef;
use crate::body::{AskKind, Body, Value};
use crate::definition::condition::{
    Anchor, Attribute, Condition, Literal, Op, Predicate, Scope, Test,
};
use crate::effective::Fact;
use crate::{Definition, Event, Header};

/// A fact's place in the sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    order: usize,
    time: Timestamp,
    fact: FactRef,
}

/// When a condition is asked: between the facts of an instant, or after the last of them.
///
/// A deadline at the instant of a fact comes after every fact of that instant (S3).
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// After one of the facts of this instant.
    AtFact(Timestamp),
    /// After all of them.
    AtDeadline(Timestamp),
}

impl Moment {
    fn is_past(self, end: Option<Timestamp>) -> bool {
        end.is_some_and(|end| match self {
            Moment::AtFact(at) => at > end,
            Moment::AtDeadline(at) => at >= end,
        })
    }
}

/// What is known of one predicate.
#[derive(Debug, Clone, Default)]
struct Watch {
    first: Option<Point>,
    last: Option<Point>,
    /// Every match, where `first … since` may have to look past the anchor.
    all: Vec<Point>,
    /// For kinds whose latest fact decides: per check, whether the latest fact matches.
    latest: BTreeMap<String, (bool, Point)>,
}

/// What the facts of one unit have shown so far.
#[derive(Debug, Clone)]
pub(super) struct Seen<'d> {
    predicates: Vec<&'d Predicate>,
    episode: Vec<Watch>,
    ever: Vec<Watch>,
    opened: Option<Point>,
    disturbed: Option<usize>,
    facts: usize,
}

impl<'d> Seen<'d> {
    /// Nothing seen yet, for the predicates of a definition.
    pub(super) fn of(definition: &'d Definition) -> Seen<'d> {
        let mut predicates = Vec::new();
        for class in &definition.counts {
            collect(&class.when, &mut predicates);
        }
        let watches = vec![Watch::default(); predicates.len()];
        Seen {
            predicates,
            episode: watches.clone(),
            ever: watches,
            opened: None,
            disturbed: None,
            facts: 0,
        }
    }

    /// Forgets the episode: the unit was reopened, or its count was taken back and may be earned again.
    pub(super) fn begin_episode(&mut self) {
        self.episode
            .iter_mut()
            .for_each(|watch| *watch = Watch::default());
        self.opened = None;
        self.disturbed = None;
    }

    /// Takes note of the next fact in the published order.
    pub(super) fn add(&mut self, fact: &Fact) {
        let event = &fact.event;
        let point = Point {
            order: self.facts,
            time: event.time,
            fact: fact.reference(),
        };
        self.facts += 1;
        if self.opened.is_none() {
            self.opened = Some(point.clone());
        }
        for (index, predicate) in self.predicates.iter().enumerate() {
            if event.body.tag() != predicate.kind {
                continue;
            }
            let matched = predicate.tests.iter().all(|test| test_holds(test, event));
            for watch in [&mut self.episode[index], &mut self.ever[index]] {
                watch.note(matched, &point, event);
                if matched && matches!(predicate.scope, Scope::Since(_)) {
                    watch.all.push(point.clone());
                }
            }
        }
        let disturbs = match &event.body {
            Body::Asked { kind } => *kind == AskKind::Question,
            Body::HumanReplied { visible, .. } => *visible,
            Body::Rejected { .. } => true,
            _ => false,
        };
        if disturbs {
            self.disturbed = Some(point.order);
        }
    }

    /// Whether a condition holds at a moment, given the facts seen; its causes where it does.
    pub(super) fn holds(
        &self,
        condition: &Condition,
        moment: Moment,
        zone: &TimeZone,
        causes: &mut Vec<FactRef>,
    ) -> bool {
        match condition {
            Condition::All(parts) => parts
                .iter()
                .all(|part| self.holds(part, moment, zone, causes)),
            Condition::Any(parts) => parts.iter().any(|part| {
                // A part that does not hold causes nothing, though parts of it may hold.
                let before = causes.len();
                let held = self.holds(part, moment, zone, causes);
                if !held {
                    causes.truncate(before);
                }
                held
            }),
            Condition::Not(part) => !self.holds(part, moment, zone, &mut Vec::new()),
            Condition::Fact(predicate) => match self.find(predicate, false) {
                Some(point) => {
                    causes.push(point.fact.clone());
                    true
                }
                None => false,
            },
            Condition::Quiet(span, anchor) => {
                let Some(point) = self.anchor(anchor) else {
                    return false;
                };
                let quiet = self.disturbed.is_none_or(|order| order <= point.order);
                let due = quiet && moment.is_past(span.after(point.time, zone));
                if due {
                    causes.push(point.fact.clone());
                }
                due
            }
            Condition::Elapsed(span, anchor) => {
                let Some(point) = self.anchor(anchor) else {
                    return false;
                };
                let due = moment.is_past(span.after(point.time, zone));
                if due {
                    causes.push(point.fact.clone());
                }
                due
            }
            // Headers are tested on facts before they come here.
            Condition::Header(_) => false,
        }
    }

    /// The instants at which a span in the condition ends, given the facts seen.
    pub(super) fn deadlines(
        &self,
        condition: &Condition,
        zone: &TimeZone,
        out: &mut Vec<Timestamp>,
    ) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts
                    .iter()
                    .for_each(|part| self.deadlines(part, zone, out));
            }
            Condition::Not(part) => self.deadlines(part, zone, out),
            Condition::Quiet(span, anchor) | Condition::Elapsed(span, anchor) => {
                out.extend(
                    self.anchor(anchor)
                        .and_then(|point| span.after(point.time, zone)),
                );
            }
            Condition::Fact(_) | Condition::Header(_) => {}
        }
    }

    fn watch(&self, predicate: &Predicate) -> Option<&Watch> {
        let index = self
            .predicates
            .iter()
            .position(|known| *known == predicate)?;
        let ever = predicate.scope == Scope::Ever;
        Some(if ever {
            &self.ever[index]
        } else {
            &self.episode[index]
        })
    }

    /// The fact that makes a predicate true: its first or its last match.
    fn find(&self, predicate: &Predicate, first: bool) -> Option<&Point> {
        let watch = self.watch(predicate)?;
        let floor = match &predicate.scope {
            Scope::Since(anchor) => Some(self.anchor(anchor)?.order),
            Scope::Episode | Scope::Ever => None,
        };
        let in_scope = |point: &&Point| floor.is_none_or(|order| point.order > order);
        if predicate.kind.latest_decides() {
            return watch
                .latest
                .values()
                .filter(|(matches, _)| *matches)
                .map(|(_, point)| point)
                .filter(in_scope)
                .max_by_key(|point| point.order);
        }
        // The last match is in scope whenever any is, because the scope is a suffix; the first in
        // scope is not the first of all where an anchor stands between them.
        let point = if first && floor.is_some() {
            watch.all.iter().find(in_scope)
        } else if first {
            watch.first.as_ref()
        } else {
            watch.last.as_ref()
        };
        point.filter(in_scope)
    }

    fn anchor(&self, anchor: &Anchor) -> Option<&Point> {
        match anchor {
            Anchor::Opened => self.opened.as_ref(),
            Anchor::First(predicate) => self.find(predicate, true),
            Anchor::Last(predicate) => self.find(predicate, false),
        }
    }
}

impl Watch {
    fn note(&mut self, matched: bool, point: &Point, event: &Event) {
        if matched {
            if self.first.is_none() {
                self.first = Some(point.clone());
            }
            self.last = Some(point.clone());
        }
        if event.body.tag().latest_decides() {
            let check = match &event.body {
                Body::Verified { check, .. } => check.clone(),
                _ => String::new(),
            };
            self.latest.insert(check, (matched, point.clone()));
        }
    }
}

fn collect<'d>(condition: &'d Condition, out: &mut Vec<&'d Predicate>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| collect(part, out));
        }
        Condition::Not(part) => collect(part, out),
        Condition::Fact(predicate) => collect_predicate(predicate, out),
        Condition::Quiet(_, anchor) | Condition::Elapsed(_, anchor) => collect_anchor(anchor, out),
        Condition::Header(_) => {}
    }
}

fn collect_predicate<'d>(predicate: &'d Predicate, out: &mut Vec<&'d Predicate>) {
    if !out.contains(&predicate) {
        out.push(predicate);
    }
    if let Scope::Since(anchor) = &predicate.scope {
        collect_anchor(anchor, out);
    }
}

fn collect_anchor<'d>(anchor: &'d Anchor, out: &mut Vec<&'d Predicate>) {
    match anchor {
        Anchor::Opened => {}
        Anchor::First(predicate) | Anchor::Last(predicate) => collect_predicate(predicate, out),
    }
}

/// Whether a fact of the right kind matches a predicate's tests.
pub(super) fn matches(predicate: &Predicate, event: &Event) -> bool {
    event.body.tag() == predicate.kind && predicate.tests.iter().all(|test| test_holds(test, event))
}

/// Whether a condition on shared headers alone holds of one event (`only`).
pub(super) fn headers_hold(condition: &Condition, event: &Event) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| headers_hold(part, event)),
        Condition::Any(parts) => parts.iter().any(|part| headers_hold(part, event)),
        Condition::Not(part) => !headers_hold(part, event),
        Condition::Header(test) => test_holds(test, event),
        Condition::Fact(_) | Condition::Quiet(..) | Condition::Elapsed(..) => false,
    }
}

fn test_holds(test: &Test, event: &Event) -> bool {
    let value = match &test.attribute {
        Attribute::Header(Header::Work) => event.work.clone().map(Value::Text),
        Attribute::Header(header) => event
            .headers
            .get(*header)
            .map(|text| Value::Text(text.clone())),
        Attribute::Own(name) => event.body.attribute(name),
    };
    let Some(value) = value else {
        return test.op == Op::Ne;
    };
    let any_equal = test.literals.iter().any(|literal| equal(&value, literal));
    match test.op {
        Op::Eq | Op::In => any_equal,
        Op::Ne => !any_equal,
        Op::Lt | Op::Le | Op::Gt | Op::Ge => {
            let (Some(left), Some(right)) = (
                number(&value),
                test.literals.first().and_then(literal_number),
            ) else {
                return false;
            };
            match test.op {
                Op::Lt => left < right,
                Op::Le => left <= right,
                Op::Gt => left > right,
                _ => left >= right,
            }
        }
    }
}

fn equal(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Text(a), Literal::Text(b)) => a == b,
        (Value::Number(a), Literal::Number(b)) => a == b,
        (Value::Flag(a), Literal::Flag(b)) => a == b,
        // A header is text; `tier = 2` may be written without quotes.
        (Value::Text(a), Literal::Number(b)) => a.parse::<Decimal>().is_ok_and(|a| a == *b),
        _ => false,
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        Value::Flag(_) => None,
    }
}

fn literal_number(literal: &Literal) -> Option<Decimal> {
    match literal {
        Literal::Number(number) => Some(*number),
        _ => None,
    }
}
