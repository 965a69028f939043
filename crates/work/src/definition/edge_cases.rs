//! Ten edge cases of a definition, answered by [`crate::settle`].
//!
//! Each case is a variation of the shortest way to count that the definition itself describes: its
//! last class, fact by fact. Nothing here decides anything; it asks settlement and words the answer.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use money::Decimal;

use super::condition::{Anchor, Condition, Literal, Predicate, Scope};
use super::sample::{Step, event};
use super::{Definition, Timeline};
use crate::Span;
use crate::body::Kind;
use crate::effective::Fact;
use crate::settle::{MovementKind, NotCounted, State, Unit, inherit_headers, scopes, settle};

/// One edge case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeCase {
    /// What the case is about.
    pub question: String,
    /// What happens, with the time counted from the case's first day.
    pub facts: Vec<String>,
    /// What settlement makes of it.
    pub answer: String,
}

/// Midnight of the day that the cases begin with, in seconds since 1970: Monday 5 January 2026.
const DAY_ZERO: i64 = 1_767_571_200;
const DAY: i64 = 24 * 60;

/// The ten cases.
pub(super) fn edge_cases(definition: &Definition) -> Vec<EdgeCase> {
    let way = shortest_way(definition);
    let base = Case::of(definition, &way);
    let counted = base.counted_at();
    // An interruption comes before the count: after the last step where time has to pass, else
    // before the last step.
    let steps = base.minutes();
    let last = steps.iter().copied().max().unwrap_or(0);
    let waits = counted.is_some_and(|at| at > last);
    let before = if waits { last + 1 } else { last - 1 };
    let after = counted.unwrap_or(last);
    let reach = reach_of_reopening(definition);
    let late = match reach {
        Some(Span::Days(days)) => (days + 1) * DAY,
        Some(Span::Hours(hours)) => (hours + 24) * 60,
        Some(Span::Minutes(minutes)) => minutes + DAY,
        Some(Span::Forever) | None => 400 * DAY,
    };
    let step = |kind: Kind, tests: &[(&'static str, Literal)]| Step::of(kind, tests);
    let question = step(
        Kind::Asked,
        &[("kind", Literal::Text("question".to_owned()))],
    );
    let visible = step(Kind::HumanReplied, &[("visible", Literal::Flag(true))]);
    let plain_escalation = step(Kind::Escalated, &[("configured", Literal::Flag(false))]);
    let greeting = step(
        Kind::Answered,
        &[("kind", Literal::Text("greeting".to_owned()))],
    );
    let reopened = step(Kind::Reopened, &[]);
    let again: Vec<(i64, Step)> = way
        .iter()
        .map(|(at, step)| (after + DAY + 1 + at, step.clone()))
        .collect();
    let with = |added: Vec<(i64, Step)>| {
        let mut steps = way.clone();
        steps.extend(added);
        steps
    };
    let mut cases = vec![
        (
            "The work is done as agreed, and nothing else happens.".to_owned(),
            base,
        ),
        match waits {
            true => (
                "The same, looked at one minute before it counts.".to_owned(),
                Case::of(definition, &way).seen_at(after - 1),
            ),
            false => (
                "The same, but the last step is missing.".to_owned(),
                Case::of(definition, &without_last(&way)),
            ),
        },
        (
            "The customer asks, and the software only greets.".to_owned(),
            Case::of(definition, &[(0, question), (1, greeting)]),
        ),
        (
            "A person replies to the customer before it counts.".to_owned(),
            Case::of(definition, &with(vec![(before, visible)])),
        ),
        (
            "The work is handed to a person before it counts.".to_owned(),
            Case::of(definition, &with(vec![(before, plain_escalation)])),
        ),
        (
            "The customer reopens the work a day after it counted.".to_owned(),
            Case::of(definition, &with(vec![(after + DAY, reopened.clone())])),
        ),
    ];
    let mut redone = with(vec![(after + DAY, reopened.clone())]);
    redone.extend(again.clone());
    cases.push((
        "The same, and the work is done again.".to_owned(),
        Case::of(definition, &redone),
    ));
    let how_late = match reach {
        Some(Span::Forever) => "400 days after it counted",
        Some(_) => "a day after the time in which that takes the count back",
        None => "400 days after it counted",
    };
    cases.push((
        format!("The customer reopens the work {how_late}."),
        Case::of(definition, &with(vec![(after + late, reopened)])),
    ));
    cases.push((
        "The work is done a second time a day later, without being reopened.".to_owned(),
        Case::of(definition, &with(again)),
    ));
    cases.push((
        "The buyer disputes the unit a day after it counted, and nobody decides.".to_owned(),
        Case::of(
            definition,
            &with(vec![(after + DAY, step(Kind::Disputed, &[]))]),
        ),
    ));
    cases
        .into_iter()
        .map(|(question, case)| case.told(question))
        .collect()
}

/// The reach of the first rule about reopening, where it takes the count back.
fn reach_of_reopening(definition: &Definition) -> Option<Span> {
    definition
        .after
        .iter()
        .find(|after| after.on.kind == Kind::Reopened)
        .map(|after| after.within)
}

fn without_last(way: &[(i64, Step)]) -> Vec<(i64, Step)> {
    let last = way.iter().map(|(at, _)| *at).max();
    way.iter()
        .filter(|(at, _)| Some(*at) != last)
        .cloned()
        .collect()
}

/// The facts that the last class asks for, one a minute, with what gates.
fn shortest_way(definition: &Definition) -> Vec<(i64, Step)> {
    let mut predicates = Vec::new();
    if let Some(class) = definition.counts.last() {
        wanted(&class.when, &mut predicates);
    }
    let mut steps: Vec<Step> = Vec::new();
    if predicates
        .iter()
        .any(|predicate| predicate.kind == Kind::Answered)
        && predicates
            .first()
            .is_none_or(|predicate| predicate.kind != Kind::Asked)
    {
        steps.push(Step::of(
            Kind::Asked,
            &[("kind", Literal::Text("question".to_owned()))],
        ));
    }
    for predicate in predicates {
        let step = Step {
            kind: predicate.kind,
            tests: predicate.tests.clone(),
        };
        if !steps
            .iter()
            .any(|known| known.kind == step.kind && known.tests == step.tests)
        {
            steps.push(step);
        }
    }
    for name in &definition.evidence.gate {
        steps.push(Step::of(
            Kind::Evidence,
            &[("name", Literal::Text(name.clone()))],
        ));
    }
    (0..).zip(steps).collect()
}

/// The facts that must be there for a condition to hold, anchors before what follows them; of
/// alternatives the first.
fn wanted<'c>(condition: &'c Condition, out: &mut Vec<&'c Predicate>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| wanted(part, out)),
        Condition::Any(parts) => parts.iter().take(1).for_each(|part| wanted(part, out)),
        Condition::Fact(predicate) => wanted_fact(predicate, out),
        Condition::Quiet(_, anchor) | Condition::Elapsed(_, anchor) => wanted_anchor(anchor, out),
        Condition::Not(_) | Condition::Header(_) => {}
    }
}

fn wanted_fact<'c>(predicate: &'c Predicate, out: &mut Vec<&'c Predicate>) {
    if let Scope::Since(anchor) = &predicate.scope {
        wanted_anchor(anchor, out);
    }
    out.push(predicate);
}

fn wanted_anchor<'c>(anchor: &'c Anchor, out: &mut Vec<&'c Predicate>) {
    match anchor {
        Anchor::Opened => {}
        Anchor::First(predicate) | Anchor::Last(predicate) => {
            // `last answered` needs no further answer where one is there already.
            if !out.iter().any(|known| {
                known.kind == predicate.kind && super::implies::tests_imply(known, predicate)
            }) {
                wanted_fact(predicate, out);
            }
        }
    }
}

/// A case: facts at minutes from its beginning, and what settlement makes of them.
struct Case {
    steps: Vec<(i64, String)>,
    units: Vec<Unit>,
    as_of: Timestamp,
}

impl Case {
    fn of(definition: &Definition, steps: &[(i64, Step)]) -> Case {
        let mut steps = steps.to_vec();
        steps.sort_by_key(|(at, _)| *at);
        let mut facts: Vec<Fact> = Vec::new();
        for (entry, (at, step)) in (0u64..).zip(&steps) {
            if let Some(event) = event(definition, entry, instant(*at), step) {
                facts.push(Fact {
                    entry,
                    event,
                    corrected_by: None,
                });
            }
        }
        inherit_headers(&mut facts);
        let timeline = Timeline::of(definition, TimeZone::UTC);
        let units = scopes(definition, &facts)
            .iter()
            .flat_map(|(key, facts)| settle(&timeline, key, facts, Timestamp::MAX))
            .collect();
        let told = steps.iter().map(|(at, step)| (*at, step.told())).collect();
        Case {
            steps: told,
            units,
            as_of: Timestamp::MAX,
        }
    }

    fn seen_at(mut self, minute: i64) -> Case {
        self.as_of = instant(minute);
        self
    }

    fn minutes(&self) -> Vec<i64> {
        self.steps.iter().map(|(at, _)| *at).collect()
    }

    /// The minute of the first count.
    fn counted_at(&self) -> Option<i64> {
        self.units
            .iter()
            .flat_map(|unit| &unit.movements)
            .find(|movement| movement.kind == MovementKind::Counted)
            .map(|movement| minute(movement.instant))
    }

    fn told(self, question: String) -> EdgeCase {
        let facts = self
            .steps
            .iter()
            .map(|(at, told)| format!("{}: {told}", label(*at)))
            .collect();
        EdgeCase {
            question,
            facts,
            answer: self.answer(),
        }
    }

    fn answer(&self) -> String {
        let mut said: Vec<(Timestamp, String)> = Vec::new();
        for movement in self.units.iter().flat_map(|unit| &unit.movements) {
            let class = &movement.class;
            let what = match movement.kind {
                MovementKind::Counted => format!("counts as `{class}`"),
                MovementKind::Reversed | MovementKind::Upgraded if movement.value.is_none() => {
                    format!("`{class}` is taken back")
                }
                MovementKind::Reduced => format!("{} of `{class}`", movement.quantity),
                _ => continue,
            };
            said.push((movement.instant, what));
        }
        said.retain(|(at, _)| *at <= self.as_of);
        said.sort_by_key(|(at, _)| *at);
        let mut answer = String::new();
        for (at, what) in &said {
            if !answer.is_empty() {
                answer.push_str("; ");
            }
            // Writing into a String cannot fail.
            let _ = write!(answer, "{what} on {}", label(minute(*at)));
        }
        if answer.is_empty() {
            let states: Vec<&State> = self
                .units
                .iter()
                .map(|unit| unit.state_at(self.as_of))
                .collect();
            answer = match states.as_slice() {
                [State::Pending] => "is pending: it may still count".to_owned(),
                [State::NotCounted(why)] => match why {
                    NotCounted::Abandoned => "does not count: it is given up".to_owned(),
                    NotCounted::Excluded => "does not count: it is excluded".to_owned(),
                    NotCounted::Credited => "does not count: it is credited".to_owned(),
                },
                _ => "does not count".to_owned(),
            };
        }
        let net = self
            .units
            .iter()
            .filter_map(|unit| unit.net_at(self.as_of).ok());
        let net = net.fold(Decimal::ZERO, |sum, n| sum.plus(n).unwrap_or(sum));
        if said.len() > 1 {
            let _ = write!(answer, "; {net} in all");
        }
        let mut letters = answer.chars();
        let first = letters.next().map(char::to_uppercase);
        first
            .into_iter()
            .flatten()
            .chain(letters)
            .chain(['.'])
            .collect()
    }
}

fn instant(minute: i64) -> Timestamp {
    let zero = Timestamp::from_second(DAY_ZERO).unwrap_or(Timestamp::UNIX_EPOCH);
    let morning = SignedDuration::from_mins(minute + 9 * 60);
    zero.checked_add(morning).unwrap_or(zero)
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().saturating_sub(DAY_ZERO) / 60 - 9 * 60
}

/// `day 3, 09:01`, with the first day as day 1.
fn label(minute: i64) -> String {
    let minute = minute + 9 * 60;
    let (day, rest) = (minute.div_euclid(DAY) + 1, minute.rem_euclid(DAY));
    format!("day {day}, {:02}:{:02}", rest / 60, rest % 60)
}
