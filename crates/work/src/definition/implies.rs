//! What one condition says about another: implication and impossibility, by structure alone.
//!
//! Everything here is sound and incomplete: `implies(a, b)` is true only if `b` holds whenever `a`
//! does, and may be false for a pair too clever to see through. So a document is refused only for
//! contradictions that are really there.

use std::cmp::Ordering;

use super::attribute::{Values, values};
use super::condition::{Anchor, Condition, Literal, Op, Predicate, Scope, Test};
use crate::Span;
use crate::body::Kind;

/// Whether `b` holds whenever `a` does.
pub(super) fn implies(a: &Condition, b: &Condition) -> bool {
    if a == b {
        return true;
    }
    match (a, b) {
        (_, Condition::All(parts)) => parts.iter().all(|part| implies(a, part)),
        (Condition::Any(parts), _) => parts.iter().all(|part| implies(part, b)),
        (_, Condition::Any(parts)) if parts.iter().any(|part| implies(a, part)) => true,
        (Condition::All(parts), _) => parts.iter().any(|part| implies(part, b)),
        (Condition::Not(a), Condition::Not(b)) => implies(b, a),
        (Condition::Fact(a), Condition::Fact(b)) => predicate_implies(a, b),
        (Condition::Header(a), Condition::Header(b)) => test_implies(&Values::Text, a, b),
        (
            Condition::Quiet(long, from),
            Condition::Quiet(short, since) | Condition::Elapsed(short, since),
        )
        | (Condition::Elapsed(long, from), Condition::Elapsed(short, since)) => {
            from == since && never_longer(*short, *long)
        }
        _ => false,
    }
}

/// Whether a fact that matches `a` also matches `b`, where `b` looks.
pub(super) fn predicate_implies(a: &Predicate, b: &Predicate) -> bool {
    a.kind == b.kind && scope_implies(&a.scope, &b.scope) && tests_imply(a, b)
}

/// Whether a fact of the kind that passes `a`'s tests passes `b`'s.
pub(super) fn tests_imply(a: &Predicate, b: &Predicate) -> bool {
    b.tests.iter().all(|wanted| {
        let types = values(b.kind, &wanted.attribute);
        a.tests
            .iter()
            .any(|given| test_implies(&types, given, wanted))
    })
}

fn scope_implies(a: &Scope, b: &Scope) -> bool {
    a == b || *b == Scope::Ever || (*b == Scope::Episode && stays_in_episode(a))
}

/// Whether a predicate of this scope is about the current episode alone.
pub(super) fn stays_in_episode(scope: &Scope) -> bool {
    match scope {
        Scope::Episode => true,
        Scope::Ever => false,
        Scope::Since(anchor) => match &**anchor {
            Anchor::Opened => true,
            Anchor::First(predicate) | Anchor::Last(predicate) => {
                stays_in_episode(&predicate.scope)
            }
        },
    }
}

/// The only values with which the test passes, where there are few.
fn allowed(types: &Values, test: &Test) -> Option<Vec<Literal>> {
    match (test.op, types) {
        (Op::Eq | Op::In, _) => Some(test.literals.clone()),
        // Words and flags are always present, so "not this one" means one of the others.
        (Op::Ne, Values::Words(words)) => Some(
            words
                .iter()
                .map(|word| Literal::Text((*word).to_owned()))
                .filter(|word| !test.literals.contains(word))
                .collect(),
        ),
        (Op::Ne, Values::Flag) => match test.literals.first() {
            Some(Literal::Flag(flag)) => Some(vec![Literal::Flag(!flag)]),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value passes a test.
fn passes(value: &Literal, test: &Test) -> bool {
    let ordered = |wanted: &[Ordering]| match (value, test.literals.first()) {
        (Literal::Number(value), Some(Literal::Number(bound))) => {
            wanted.contains(&value.cmp(bound))
        }
        _ => false,
    };
    match test.op {
        Op::Eq | Op::In => test.literals.contains(value),
        Op::Ne => !test.literals.contains(value),
        Op::Lt => ordered(&[Ordering::Less]),
        Op::Le => ordered(&[Ordering::Less, Ordering::Equal]),
        Op::Gt => ordered(&[Ordering::Greater]),
        Op::Ge => ordered(&[Ordering::Greater, Ordering::Equal]),
    }
}

fn test_implies(types: &Values, a: &Test, b: &Test) -> bool {
    if a.attribute != b.attribute {
        return false;
    }
    if a == b {
        return true;
    }
    if let Some(values) = allowed(types, a) {
        return values.iter().all(|value| passes(value, b));
    }
    let (Some(Literal::Number(x)), Some(Literal::Number(y))) =
        (a.literals.first(), b.literals.first())
    else {
        return false;
    };
    match (a.op, b.op) {
        (Op::Ge | Op::Gt, Op::Ge) | (Op::Gt, Op::Gt) | (Op::Gt, Op::Ne) => x >= y,
        (Op::Ge, Op::Gt | Op::Ne) => x > y,
        (Op::Le | Op::Lt, Op::Le) | (Op::Lt, Op::Lt) | (Op::Lt, Op::Ne) => x <= y,
        (Op::Le, Op::Lt | Op::Ne) => x < y,
        _ => false,
    }
}

/// Two tests of one predicate that no value passes together.
pub(super) fn impossible_tests(kind: Kind, tests: &[Test]) -> Option<(&Test, &Test)> {
    let pairs = tests
        .iter()
        .enumerate()
        .flat_map(|(i, a)| tests[..i].iter().map(move |b| (b, a)));
    pairs.into_iter().find(|(a, b)| {
        let types = values(kind, &a.attribute);
        a.attribute == b.attribute && exclude(&types, a, b)
    })
}

fn exclude(types: &Values, a: &Test, b: &Test) -> bool {
    if let Some(values) = allowed(types, a) {
        return !values.iter().any(|value| passes(value, b));
    }
    if allowed(types, b).is_some() {
        return exclude(types, b, a);
    }
    let (Some(Literal::Number(x)), Some(Literal::Number(y))) =
        (a.literals.first(), b.literals.first())
    else {
        return false;
    };
    match (a.op, b.op) {
        (Op::Ge, Op::Le) => x > y,
        (Op::Ge | Op::Gt, Op::Le | Op::Lt) => x >= y,
        (Op::Le | Op::Lt, Op::Ge | Op::Gt) => exclude(types, b, a),
        _ => false,
    }
}

/// Why a condition can never hold, or always does; `None` where that is not plain to see.
pub(super) fn contradiction(condition: &Condition) -> Option<String> {
    match condition {
        Condition::All(parts) => {
            let mut flat = Vec::new();
            flatten(parts, &mut flat);
            flat.iter()
                .find_map(|part| {
                    let Condition::Not(denied) = part else {
                        return None;
                    };
                    let asked = flat.iter().find(|other| implies(other, denied))?;
                    Some(format!(
                        "`{asked}` and `{part}` in one `all` can never hold together"
                    ))
                })
                .or_else(|| parts.iter().find_map(contradiction))
        }
        Condition::Any(parts) => parts
            .iter()
            .find_map(|part| {
                let Condition::Not(denied) = part else {
                    return None;
                };
                let asked = parts.iter().find(|other| implies(denied, other))?;
                Some(format!(
                    "`{asked}` or `{part}` always holds, so this `any` says nothing"
                ))
            })
            .or_else(|| parts.iter().find_map(contradiction)),
        Condition::Not(part) => contradiction(part),
        Condition::Fact(predicate) => predicate_contradiction(predicate),
        Condition::Quiet(_, anchor) | Condition::Elapsed(_, anchor) => anchor_contradiction(anchor),
        Condition::Header(_) => None,
    }
}

/// Why no fact can match the predicate.
pub(super) fn predicate_contradiction(predicate: &Predicate) -> Option<String> {
    if let Some((a, b)) = impossible_tests(predicate.kind, &predicate.tests) {
        return Some(format!("no fact has both `{a}` and `{b}`"));
    }
    match &predicate.scope {
        Scope::Since(anchor) => anchor_contradiction(anchor),
        Scope::Episode | Scope::Ever => None,
    }
}

fn anchor_contradiction(anchor: &Anchor) -> Option<String> {
    match anchor {
        Anchor::Opened => None,
        Anchor::First(predicate) | Anchor::Last(predicate) => predicate_contradiction(predicate),
    }
}

fn flatten<'c>(parts: &'c [Condition], flat: &mut Vec<&'c Condition>) {
    for part in parts {
        match part {
            Condition::All(inner) => flatten(inner, flat),
            other => flat.push(other),
        }
    }
}

/// Whether a span is surely no longer than another, wherever and whenever they begin.
pub(super) fn never_longer(a: Span, b: Span) -> bool {
    match (a, b) {
        (_, Span::Forever) => true,
        (Span::Days(a), Span::Days(b)) => a <= b,
        _ => minutes(a).is_some_and(|(_, most)| minutes(b).is_some_and(|(least, _)| most <= least)),
    }
}

/// Least and most minutes of a span: a local day may be up to a day shorter or longer where a zone
/// moves.
fn minutes(span: Span) -> Option<(i64, i64)> {
    const DAY: i64 = 24 * 60;
    match span {
        Span::Minutes(m) => Some((m, m)),
        Span::Hours(h) => Some((h * 60, h * 60)),
        Span::Days(d) => Some(((d - 1) * DAY, (d + 1) * DAY)),
        Span::Forever => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::definition::{Class, Timeline};
    use crate::effective::Fact;
    use crate::settle::{scopes, settle};
    use crate::{Definition, Event};

    /// Conditions that say much the same, so that many pairs imply each other.
    const POOL: [&str; 26] = [
        "answered",
        "answered ever",
        "answered where kind = answer",
        "answered where kind in (answer, route)",
        "answered where kind != greeting",
        "answered where kind = answer and confidence >= 0.8",
        "answered where kind = answer and confidence > 0.5",
        "answered since last asked",
        "answered since last asked ever",
        "asked where kind != question",
        "rated where score >= 4",
        "rated where score > 3",
        "rated where score != 3",
        "rated where score < 3",
        "all(answered, not(escalated))",
        "all(answered where kind = answer, not(any(escalated, human_replied)))",
        "any(answered where kind = answer, rated where score > 3)",
        "any(answered, rated)",
        "quiet(72h, last answered)",
        "quiet(24h, last answered)",
        "elapsed(24h, last answered)",
        "elapsed(20h, first answered where kind = answer)",
        "all(quiet(72h, last answered), answered where kind = route)",
        "not(answered)",
        "not(answered where kind = answer)",
        "not(any(answered, escalated))",
    ];

    const IMPOSSIBLE: [&str; 5] = [
        "all(answered where kind = answer, not(answered))",
        "all(answered, all(asked, not(any(asked, rated))))",
        "rated where score > 4 and score <= 4",
        "answered where kind in (answer, route) and kind = greeting",
        "all(quiet(72h, last answered), not(elapsed(24h, last answered)))",
    ];

    fn definition(when: &Condition) -> Definition {
        let text = include_str!("../../tests/definition_sketch.toml");
        let mut definition = Definition::parse(text).unwrap();
        definition.evidence.gate.clear();
        definition.counts = vec![Class {
            name: "c".to_owned(),
            when: when.clone(),
        }];
        definition.after.clear();
        definition
    }

    /// When the condition holds first.
    fn first_holds(when: &Condition, facts: &[Fact]) -> Option<Timestamp> {
        let definition = definition(when);
        let timeline = Timeline::of(&definition, TimeZone::UTC);
        let scopes = scopes(&definition, facts);
        let (scope, facts) = scopes.first()?;
        let units = settle(&timeline, scope, facts, Timestamp::MAX);
        units
            .iter()
            .flat_map(|unit| &unit.movements)
            .map(|movement| movement.instant)
            .min()
    }

    fn facts() -> impl Strategy<Value = Vec<Fact>> {
        let fact = (
            0i64..200,
            proptest::sample::select(vec![
                ("asked", r#""kind":"question""#),
                ("asked", r#""kind":"thanks""#),
                ("answered", r#""kind":"answer","confidence":"0.9""#),
                ("answered", r#""kind":"answer","confidence":"0.6""#),
                ("answered", r#""kind":"route""#),
                ("answered", r#""kind":"greeting""#),
                ("rated", r#""score":"2""#),
                ("rated", r#""score":"3""#),
                ("rated", r#""score":"4""#),
                ("escalated", r#""configured":false"#),
                ("human_replied", r#""visible":true"#),
                ("reopened", ""),
            ]),
        );
        prop::collection::vec(fact, 1..9).prop_map(|story| {
            let start: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
            (0u64..)
                .zip(story)
                .map(|(entry, (hours, (kind, data)))| {
                    let time = start + SignedDuration::from_hours(hours);
                    let comma = if data.is_empty() { "" } else { "," };
                    let text = format!(
                        r#"{{"specversion":"1.0","id":"{entry}","source":"t","subject":"c","time":"{time}",
                        "type":"piecework.work.{kind}.v1","data":{{"case":"1"{comma}{data}}}}}"#
                    );
                    Fact { entry, event: Event::parse(&text).unwrap(), corrected_by: None }
                })
                .collect()
        })
    }

    #[test]
    fn what_is_plain_to_see_is_seen() {
        let implied = |a: &str, b: &str| {
            implies(&Condition::parse(a).unwrap(), &Condition::parse(b).unwrap())
        };
        for (a, b) in [
            (
                "answered where kind = answer",
                "answered where kind in (answer, route)",
            ),
            ("answered where kind != greeting", "answered"),
            ("answered since last asked", "answered"),
            ("answered", "answered ever"),
            ("rated where score >= 4", "rated where score > 3"),
            (
                "all(answered, not(any(escalated, human_replied)))",
                "not(escalated)",
            ),
            ("quiet(72h, last answered)", "elapsed(24h, last answered)"),
            ("not(answered)", "not(answered where kind = answer)"),
        ] {
            assert!(implied(a, b), "{a} implies {b}");
            assert!(!implied(b, a), "{b} does not imply {a}");
        }
        assert!(!implied("answered since last asked ever", "answered"));
        assert!(!implied(
            "quiet(72h, last answered)",
            "quiet(72h, first answered)"
        ));
        assert!(
            !implied("quiet(3d, opened)", "quiet(72h, opened)"),
            "a day may have 23 hours"
        );
        for text in IMPOSSIBLE {
            assert!(
                contradiction(&Condition::parse(text).unwrap()).is_some(),
                "{text}"
            );
        }
    }

    proptest! {
        /// An implication that is claimed is there: what holds, holds with whatever it implies.
        #[test]
        fn what_is_implied_holds(facts in facts()) {
            let parsed: Vec<Condition> =
                POOL.iter().map(|text| Condition::parse(text).unwrap()).collect();
            let first: Vec<Option<Timestamp>> =
                parsed.iter().map(|when| first_holds(when, &facts)).collect();
            for (a, held) in parsed.iter().zip(&first) {
                for (b, wanted) in parsed.iter().zip(&first) {
                    if let Some(held) = held && implies(a, b) {
                        prop_assert!(wanted.is_some_and(|wanted| wanted <= *held), "{} but not {}", a, b);
                    }
                }
            }
            for text in IMPOSSIBLE {
                let held = first_holds(&Condition::parse(text).unwrap(), &facts);
                prop_assert_eq!(held, None, "{} held", text);
            }
        }
    }
}
