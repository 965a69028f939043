//! What the parts of a definition say together: acts (S2) and contradictions.
//!
//! The parts are each well formed when they come here. A fault carries the place of the part that
//! has to change.

use std::ops::Range;

use super::condition::{Attribute, Condition, Literal, Op, Predicate, Scope, Test};
use super::implies::{
    contradiction, implies, never_longer, predicate_contradiction, stays_in_episode, tests_imply,
};
use super::read::Fault;
use super::{After, Class, Split};
use crate::Span;
use crate::body::Kind;
use crate::limits::PREDICATES_MAX;

/// Something read, and the bytes it stands at.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) at: Range<usize>,
}

/// A class and the bytes of its name and of its condition.
#[derive(Debug, Clone)]
pub(super) struct PlacedClass {
    pub(super) value: Class,
    pub(super) name_at: Range<usize>,
    pub(super) at: Range<usize>,
}

/// The parts of a definition that can contradict each other.
pub(super) struct Parts<'d> {
    pub(super) only: Option<&'d Placed<Condition>>,
    pub(super) acts: &'d [Placed<Predicate>],
    pub(super) counts: &'d [PlacedClass],
    pub(super) after: &'d [Placed<After>],
    pub(super) split: Split,
    pub(super) upgrade_within: Option<&'d Placed<Span>>,
    pub(super) abandon_after: Option<Span>,
}

/// Kinds that are acts by themselves where a condition names them positively.
const SPEAKING: [Kind; 6] = [
    Kind::Confirmed,
    Kind::Verified,
    Kind::Closed,
    Kind::Reviewed,
    Kind::Rated,
    Kind::Valued,
];

/// The act that every definition has: a visible answer with substance.
pub(super) fn default_act() -> Predicate {
    Predicate {
        kind: Kind::Answered,
        tests: vec![Test {
            attribute: Attribute::Own("kind"),
            op: Op::Eq,
            literals: vec![Literal::Text("answer".to_owned())],
        }],
        scope: Scope::Episode,
    }
}

/// Every fault of the parts together.
pub(super) fn check(parts: &Parts<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_counts(parts, &mut faults);
    check_after(parts, &mut faults);
    for act in parts.acts {
        if let Some(problem) = predicate_contradiction(&act.value) {
            faults.push(fault(&act.at, problem, None));
        }
    }
    if let Some(only) = parts.only
        && let Some(problem) = contradiction(&only.value)
    {
        faults.push(fault(&only.at, problem, None));
    }
    if let Some(within) = parts.upgrade_within
        && parts.counts.len() == 1
    {
        faults.push(fault(
            &within.at,
            "`upgrade_within` moves a unit to an earlier-listed class, and there is only one class",
            Some("leave it out, or list the better class first"),
        ));
    }
    faults
}

/// The acts that a unit of the definition can rest on: the default, the declared, and what the
/// classes name positively.
pub(super) fn acts(declared: &[Placed<Predicate>], counts: &[PlacedClass]) -> Vec<Predicate> {
    let mut acts = vec![default_act()];
    acts.extend(declared.iter().map(|act| act.value.clone()));
    for class in counts {
        collect_speaking(&class.value.when, &mut acts);
    }
    let mut distinct: Vec<Predicate> = Vec::new();
    for act in acts {
        if !distinct.contains(&act) {
            distinct.push(act);
        }
    }
    distinct
}

fn collect_speaking(condition: &Condition, acts: &mut Vec<Predicate>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| collect_speaking(part, acts));
        }
        Condition::Fact(predicate)
            if SPEAKING.contains(&predicate.kind) && stays_in_episode(&predicate.scope) =>
        {
            acts.push(Predicate {
                scope: Scope::Episode,
                ..predicate.clone()
            });
        }
        _ => {}
    }
}

fn check_counts(parts: &Parts<'_>, faults: &mut Vec<Fault>) {
    let declared = acts(parts.acts, &[]);
    let mut predicates = 0;
    for (index, class) in parts.counts.iter().enumerate() {
        let (name, when) = (&class.value.name, &class.value.when);
        if parts.counts[..index]
            .iter()
            .any(|earlier| earlier.value.name == *name)
        {
            faults.push(fault(
                &class.name_at,
                format!("the class `{name}` stands twice"),
                Some("join the two conditions with `any(…, …)`, or name one of them differently"),
            ));
        }
        if let Some(problem) = contradiction(when) {
            faults.push(fault(&class.at, problem, None));
        } else if let Some(shadow) = parts.counts[..index]
            .iter()
            .find(|earlier| implies(when, &earlier.value.when))
        {
            let problem = match shadow.value.when == *when {
                true => format!(
                    "`{name}` has the same condition as `{}` above it",
                    shadow.value.name
                ),
                false => format!(
                    "`{name}` can never be reached: whenever it holds, `{}` above it holds too",
                    shadow.value.name
                ),
            };
            faults.push(fault(
                &class.at,
                problem,
                Some("the first class in the file wins: list the narrower one first"),
            ));
        }
        if !rests_on_act(when, &declared) {
            let hint = match names_answer(when) {
                true => {
                    "an answer can be a greeting, and one of an earlier episode does not speak \
                         for this one: write `answered where kind = answer`, or declare what is \
                         sold, e.g. `acts = [\"answered where kind = route\"]`"
                }
                false => {
                    "add `answered where kind = answer` to an `all(…)`, or declare what is \
                          sold, e.g. `acts = [\"opened\"]`"
                }
            };
            faults.push(fault(
                &class.at,
                format!("`{name}` can hold although nothing was done: it rests on no answer and no other act"),
                Some(hint),
            ));
        }
        if let Some(abandon_after) = parts.abandon_after {
            for quiet in quiets(when) {
                if quiet != abandon_after && never_longer(abandon_after, quiet) {
                    faults.push(fault(
                        &class.at,
                        format!("`quiet({quiet}, …)` is longer than `abandon_after = \"{abandon_after}\"`: the unit is given up first"),
                        Some("lengthen `abandon_after` or shorten the silence"),
                    ));
                }
            }
        }
        predicates += count_predicates(when);
        if predicates > PREDICATES_MAX {
            faults.push(fault(
                &class.at,
                format!("more than {PREDICATES_MAX} predicates in one definition"),
                Some("split it into several definitions"),
            ));
            return;
        }
    }
}

fn check_after(parts: &Parts<'_>, faults: &mut Vec<Fault>) {
    for (index, after) in parts.after.iter().enumerate() {
        let on = &after.value.on;
        if let Some(problem) = predicate_contradiction(on) {
            faults.push(fault(&after.at, problem, None));
        } else if on.kind == Kind::Opened {
            faults.push(fault(
                &after.at,
                "this can never happen: a unit opens before it settles",
                Some("a customer who comes back is `reopened`, or `asked where kind = question`"),
            ));
        } else if on.kind == Kind::Reopened && parts.split == Split::Reopen {
            faults.push(fault(
                &after.at,
                "this can never happen: with `split = \"reopen\"` a reopening belongs to the next unit",
                Some("leave it out, or write `split = \"none\"`"),
            ));
        } else if let Some(earlier) = parts.after[..index].iter().find(|earlier| {
            tests_imply(on, &earlier.value.on)
                && on.kind == earlier.value.on.kind
                && never_longer(after.value.within, earlier.value.within)
        }) {
            faults.push(fault(
                &after.at,
                format!(
                    "this can never happen: `on = \"{}\"` above takes the same facts first",
                    earlier.value.on
                ),
                Some("the first `[[after]]` that matches acts: list the narrower one first"),
            ));
        }
    }
}

/// Whether the condition can hold only after an act in the same episode (S2).
fn rests_on_act(condition: &Condition, acts: &[Predicate]) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().any(|part| rests_on_act(part, acts)),
        Condition::Any(parts) => parts.iter().all(|part| rests_on_act(part, acts)),
        Condition::Fact(predicate) => {
            stays_in_episode(&predicate.scope)
                && (SPEAKING.contains(&predicate.kind) || covered(predicate, acts))
        }
        Condition::Not(_)
        | Condition::Quiet(..)
        | Condition::Elapsed(..)
        | Condition::Header(_) => false,
    }
}

/// Whether every fact that matches the predicate is one of the acts.
fn covered(predicate: &Predicate, acts: &[Predicate]) -> bool {
    if acts
        .iter()
        .any(|act| act.kind == predicate.kind && tests_imply(predicate, act))
    {
        return true;
    }
    // `kind in (answer, route)` is covered where each of them is.
    let several = predicate
        .tests
        .iter()
        .position(|t| t.op == Op::In && t.literals.len() > 1);
    several.is_some_and(|index| {
        predicate.tests[index].literals.iter().all(|literal| {
            let mut one = predicate.clone();
            one.tests[index].op = Op::Eq;
            one.tests[index].literals = vec![literal.clone()];
            covered(&one, acts)
        })
    })
}

fn names_answer(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(names_answer),
        Condition::Fact(predicate) => predicate.kind == Kind::Answered,
        _ => false,
    }
}

fn quiets(condition: &Condition) -> Vec<Span> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(quiets).collect(),
        Condition::Not(part) => quiets(part),
        Condition::Quiet(span, _) => vec![*span],
        _ => Vec::new(),
    }
}

fn count_predicates(condition: &Condition) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().map(count_predicates).sum(),
        Condition::Not(part) => count_predicates(part),
        _ => 1,
    }
}

fn fault(at: &Range<usize>, problem: impl Into<String>, hint: Option<&str>) -> Fault {
    Fault {
        span: at.clone(),
        problem: problem.into(),
        hint: hint.map(str::to_owned),
    }
}
