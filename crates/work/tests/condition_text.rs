//! Conditions as text: every condition prints as it is read, and reading is strict.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use money::Decimal;
use piecework_work as work;
use proptest::prelude::*;
use work::body::Kind;
use work::definition::attribute::{Values, values};
use work::definition::condition::{Anchor, Attribute, Literal, Op, Scope, Test};
use work::definition::{Condition, Predicate};
use work::limits::CONDITION_DEPTH_MAX;
use work::{Header, Span};

fn text() -> impl Strategy<Value = Literal> {
    prop_oneof![
        "[a-z][a-z0-9_.:/@-]{0,12}",
        "(true|false|ever|since|where|and|in|12|-3\\.50|1e5|2026-01-01)",
        "[ -~äß日]{1,12}",
    ]
    .prop_map(Literal::Text)
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (-100_000i128..100_000, 0u8..4)
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
}

/// A literal of the attribute, and whether numbers order it.
fn literal(types: Values) -> (BoxedStrategy<Literal>, bool) {
    match types {
        Values::Words(words) => (
            proptest::sample::select(words)
                .prop_map(|w| Literal::Text(w.to_owned()))
                .boxed(),
            false,
        ),
        Values::Text => (text().boxed(), false),
        Values::Number => (decimal().prop_map(Literal::Number).boxed(), true),
        Values::Share => (
            (0i128..=100)
                .prop_map(|n| Literal::Number(Decimal::new(n, 2).unwrap()))
                .boxed(),
            true,
        ),
        Values::Flag => (any::<bool>().prop_map(Literal::Flag).boxed(), false),
    }
}

fn test_of(kind: Option<Kind>) -> BoxedStrategy<Test> {
    let own = kind
        .map_or(&[][..], Kind::attributes)
        .iter()
        .map(|name| Attribute::Own(name));
    let attributes: Vec<Attribute> = own
        .chain(Header::ALL.into_iter().map(Attribute::Header))
        .collect();
    proptest::sample::select(attributes)
        .prop_flat_map(move |attribute| {
            let types = kind.map_or(Values::Text, |kind| values(kind, &attribute));
            let (literal, ordered) = literal(types);
            let ops = if ordered {
                vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::In]
            } else {
                vec![Op::Eq, Op::Ne, Op::In]
            };
            (
                Just(attribute),
                proptest::sample::select(ops),
                prop::collection::vec(literal, 1..4),
            )
        })
        .prop_map(|(attribute, op, mut literals)| {
            if op == Op::In {
                let mut distinct: Vec<Literal> = Vec::new();
                literals.retain(|literal| {
                    let fresh = !distinct.contains(literal);
                    distinct.push(literal.clone());
                    fresh
                });
            } else {
                literals.truncate(1);
            }
            Test {
                attribute,
                op,
                literals,
            }
        })
        .boxed()
}

fn predicate(depth: u32) -> BoxedStrategy<Predicate> {
    let scope = if depth == 0 {
        prop_oneof![Just(Scope::Episode), Just(Scope::Ever)].boxed()
    } else {
        prop_oneof![
            3 => Just(Scope::Episode),
            1 => Just(Scope::Ever),
            1 => anchor(depth - 1).prop_map(|anchor| Scope::Since(Box::new(anchor))),
        ]
        .boxed()
    };
    (proptest::sample::select(Kind::CONDITIONS), scope)
        .prop_flat_map(|(kind, scope)| {
            let tests = prop::collection::vec(test_of(Some(kind)), 0..3);
            (Just(kind), tests, Just(scope))
        })
        .prop_map(|(kind, tests, scope)| Predicate { kind, tests, scope })
        .boxed()
}

fn anchor(depth: u32) -> BoxedStrategy<Anchor> {
    prop_oneof![
        Just(Anchor::Opened),
        predicate(depth).prop_map(Anchor::First),
        predicate(depth).prop_map(Anchor::Last),
    ]
    .boxed()
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (1i64..10_000).prop_map(Span::Minutes),
        (1i64..1_000).prop_map(Span::Hours),
        (1i64..100).prop_map(Span::Days),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        4 => predicate(2).prop_map(Condition::Fact),
        1 => (span(), anchor(1)).prop_map(|(span, anchor)| Condition::Quiet(span, anchor)),
        1 => (span(), anchor(1)).prop_map(|(span, anchor)| Condition::Elapsed(span, anchor)),
    ];
    nested(leaf.boxed())
}

fn only() -> impl Strategy<Value = Condition> {
    nested(test_of(None).prop_map(Condition::Header).boxed())
}

fn nested(leaf: BoxedStrategy<Condition>) -> impl Strategy<Value = Condition> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn a_condition_prints_as_it_is_read(condition in condition()) {
        let printed = condition.to_string();
        let read = Condition::parse(&printed);
        prop_assert_eq!(read.as_ref(), Ok(&condition), "{}", printed);
    }

    #[test]
    fn a_filter_prints_as_it_is_read(condition in only()) {
        let printed = condition.to_string();
        let read = Condition::parse_only(&printed);
        prop_assert_eq!(read.as_ref(), Ok(&condition), "{}", printed);
    }

    /// Whatever is typed: an answer, and faults that lie inside the text.
    #[test]
    fn any_text_is_answered(text in "(all|any|not|quiet|elapsed|answered|verified|where|kind|=|in|and|since|last|opened|ever|72h|[(),'\"\\\\ é]){0,14}") {
        if let Err(error) = Condition::parse(&text) {
            prop_assert!(!error.faults.is_empty());
            for fault in error.faults {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{:?} of {:?}", fault, text);
            }
        }
    }
}

#[test]
fn white_space_and_trailing_commas_do_not_matter() {
    let spread = "all(\n  answered where kind=answer and confidence>=0.80,\n  quiet( 72h , last answered ),\n)";
    let read = Condition::parse(spread).unwrap();
    assert_eq!(
        read.to_string(),
        "all(answered where kind = answer and confidence >= 0.8, quiet(72h, last answered))"
    );
}

/// A header is text whatever it looks like; a number is a number.
#[test]
fn the_attribute_decides_what_a_literal_is() {
    let read = Condition::parse("confirmed where tier = 1 and category in (true, 2.50)").unwrap();
    assert_eq!(
        read.to_string(),
        "confirmed where tier = '1' and category in ('true', '2.50')"
    );
    let read = Condition::parse("rated where score >= 4.50").unwrap();
    assert_eq!(read.to_string(), "rated where score >= 4.5");
    assert!(Condition::parse("rated where score >= '4'").is_err());
}

#[test]
fn an_anchor_keeps_the_scope_that_stands_beside_it() {
    let text = "answered since last asked where kind = question ever";
    let Condition::Fact(predicate) = Condition::parse(text).unwrap() else {
        panic!()
    };
    let Scope::Since(anchor) = predicate.scope else {
        panic!()
    };
    assert!(matches!(
        *anchor,
        Anchor::Last(Predicate {
            kind: Kind::Asked,
            scope: Scope::Ever,
            ..
        })
    ));
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}confirmed{}", "not(".repeat(depth), ")".repeat(depth));
    assert!(Condition::parse(&nested(CONDITION_DEPTH_MAX)).is_ok());
    let error = Condition::parse(&nested(CONDITION_DEPTH_MAX + 1)).unwrap_err();
    assert!(
        error.to_string().contains("nest at most 16 deep"),
        "{error}"
    );
    let chain = |n: usize| format!("answered{}", " since last answered".repeat(n));
    assert!(Condition::parse(&chain(CONDITION_DEPTH_MAX)).is_ok());
    assert!(Condition::parse(&chain(CONDITION_DEPTH_MAX + 1)).is_err());
    assert!(Condition::parse(&"not(".repeat(100_000)).is_err());
}
