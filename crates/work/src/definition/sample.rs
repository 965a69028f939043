//! Sample events that match a predicate: what the edge cases are made of.

use jiff::Timestamp;
use money::{Amount, Currency, Decimal};

use super::attribute::{Values, values};
use super::condition::{Attribute, Condition, Literal, Op, Predicate, Scope, Test};
use super::english::happens;
use super::{Definition, WorkValue};
use crate::body::Kind;
use crate::{Digest, Event, Header, Headers, Json, SmolStr};

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) kind: Kind,
    pub(super) tests: Vec<Test>,
}

impl Step {
    pub(super) fn of(kind: Kind, values: &[(&'static str, Literal)]) -> Step {
        let tests = values
            .iter()
            .map(|(name, literal)| Test {
                attribute: Attribute::Own(name),
                op: Op::Eq,
                literals: vec![literal.clone()],
            })
            .collect();
        Step { kind, tests }
    }

    pub(super) fn told(&self) -> String {
        match self.kind {
            Kind::Disputed => "the buyer disputes the unit".to_owned(),
            kind => happens(&Predicate {
                kind,
                tests: self.tests.clone(),
                scope: Scope::Episode,
            }),
        }
    }
}

/// The event that a step is, with every header that the definition needs to see it.
pub(super) fn event(
    definition: &Definition,
    entry: u64,
    time: Timestamp,
    step: &Step,
) -> Option<Event> {
    let mut headers = Headers::default();
    if let Some(only) = &definition.only {
        demanded_headers(only, &mut headers);
    }
    let mut data: Vec<(SmolStr, Json)> = Vec::new();
    for test in &step.tests {
        match &test.attribute {
            Attribute::Header(header) => {
                if let Some(Literal::Text(text)) = fitting(&Values::Text, test) {
                    headers.set(*header, text);
                }
            }
            Attribute::Own(name) => {
                let types = values(step.kind, &test.attribute);
                let known = data.iter().any(|(key, _)| key == name);
                if let Some(literal) = fitting(&types, test).filter(|_| !known) {
                    data.push((SmolStr::new(name), json(definition, name, literal)));
                }
            }
        }
    }
    for (name, value) in required(definition, step.kind) {
        if !data.iter().any(|(key, _)| key == name) {
            data.push((SmolStr::new(name), value));
        }
    }
    for header in &definition.one_per.key {
        if headers.get(*header).is_none() {
            headers.set(*header, header.name());
        }
    }
    for (header, value) in headers.iter().filter(|(header, _)| *header != Header::Work) {
        data.push((
            SmolStr::new_static(header.name()),
            Json::text(value.clone()),
        ));
    }
    let work = headers.get(Header::Work).cloned();
    let json = Json::object([
        ("specversion", Some(Json::text("1.0"))),
        ("id", Some(Json::text(format!("{entry:03}")))),
        ("source", Some(Json::text("edge-case"))),
        ("type", Some(Json::text(step.kind.wire()))),
        ("subject", Some(Json::text("buyer"))),
        ("time", Some(Json::text(time.to_string()))),
        ("workid", Some(Json::text(work.unwrap_or("work".into())))),
        ("data", Some(Json::Object(data))),
    ]);
    Event::from_json(&json).ok()
}

/// Members that an event of the kind cannot be without.
fn required(definition: &Definition, kind: Kind) -> Vec<(&'static str, Json)> {
    match kind {
        Kind::Verified => vec![
            ("result", Json::text("passed")),
            ("check", Json::text("check")),
        ],
        Kind::Reviewed => vec![("result", Json::text("accepted"))],
        Kind::Rated => vec![("score", Json::text("5"))],
        Kind::Valued => {
            vec![(
                "amount",
                json(
                    definition,
                    "amount",
                    Literal::Number(Decimal::from_int(100)),
                ),
            )]
        }
        Kind::Evidence => vec![
            ("name", Json::text("evidence")),
            ("commitment", Json::text(Digest::of(b"").to_string())),
        ],
        _ => Vec::new(),
    }
}

fn json(definition: &Definition, name: &str, literal: Literal) -> Json {
    match (name, literal) {
        ("amount", Literal::Number(number)) => {
            let currency = match &definition.value {
                WorkValue::PerUnit(amount) => amount.currency(),
                WorkValue::Measured | WorkValue::Unstated => Currency::USD,
            };
            let amount = Amount::new(number, currency);
            Json::object([
                ("amount", Some(Json::text(amount.number()))),
                ("currency", Some(Json::text(currency.code()))),
            ])
        }
        (_, Literal::Flag(flag)) => Json::Bool(flag),
        (_, Literal::Text(text)) => Json::text(text),
        (_, number @ Literal::Number(_)) => Json::text(number.to_string()),
    }
}

/// Headers that a filter asks for by value.
fn demanded_headers(only: &Condition, headers: &mut Headers) {
    match only {
        Condition::All(parts) => parts
            .iter()
            .for_each(|part| demanded_headers(part, headers)),
        Condition::Any(parts) => {
            parts
                .iter()
                .take(1)
                .for_each(|part| demanded_headers(part, headers));
        }
        Condition::Header(test) => {
            if let (Attribute::Header(header), Some(Literal::Text(text))) =
                (&test.attribute, fitting(&Values::Text, test))
            {
                headers.set(*header, text);
            }
        }
        _ => {}
    }
}

/// A value that passes the test, or `None` where absence does.
fn fitting(types: &Values, test: &Test) -> Option<Literal> {
    let first = test.literals.first()?;
    let number = match first {
        Literal::Number(number) => Some(*number),
        _ => None,
    };
    let moved = |by: i64| {
        let share = *types == Values::Share;
        match (share, by > 0) {
            (true, true) => Some(Literal::Number(Decimal::ONE)),
            (true, false) => Some(Literal::Number(Decimal::ZERO)),
            (false, _) => number?
                .plus(Decimal::from_int(by))
                .ok()
                .map(Literal::Number),
        }
    };
    match (test.op, types) {
        (Op::Eq | Op::In | Op::Ge | Op::Le, _) => Some(first.clone()),
        (Op::Gt, _) => moved(100),
        (Op::Lt, _) => moved(-1),
        (Op::Ne, Values::Words(words)) => words
            .iter()
            .map(|word| Literal::Text((*word).to_owned()))
            .find(|word| !test.literals.contains(word)),
        (Op::Ne, Values::Flag) => match first {
            Literal::Flag(flag) => Some(Literal::Flag(!flag)),
            _ => None,
        },
        (Op::Ne, _) => None,
    }
}
