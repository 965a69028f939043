//! What a plan's text alone cannot say: does every class have a price, could losing a unit cost more?
//!
//! Run when a plan is published and when a contract is put over it, with the definitions at hand.

use work::Definition;
use work::body::DocumentKind;
use work::definition::Fault;

use super::{Component, Outcome, Retier, Terms};
use crate::rating::Measure;

/// The faults of a plan's components beside the definitions; spans are those of the plan's text.
#[must_use]
pub fn check(components: &[Component], definitions: &[&Definition]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for component in components {
        let Terms::Outcome(outcome) = &component.terms else {
            continue;
        };
        falling_totals(component, outcome, &mut faults);
        match definitions
            .iter()
            .find(|definition| definition.id == outcome.unit)
        {
            None => faults.push(Fault {
                span: component.span.clone(),
                problem: format!("there is no definition `{}`", outcome.unit),
                hint: Some("a unit is defined before it is priced".to_owned()),
            }),
            Some(definition) => classes(components, component, definition, &mut faults),
        }
    }
    faults
}

/// Which component is paid for a class of a unit, of one that sells it and those that stand in its place: the
/// first of these, in the order of the plan, that prices the class, else the one itself (one work is not
/// paid twice).
#[must_use]
pub fn payer<'a>(
    components: &'a [Component],
    component: &'a Component,
    class: &str,
) -> Option<&'a Component> {
    let Terms::Outcome(own) = &component.terms else {
        return None;
    };
    let base = own.instead_of.as_ref().unwrap_or(&component.id);
    let prices = |other: &&Component| matches!(&other.terms, Terms::Outcome(outcome) if outcome.group_of(class).is_some());
    let stands_in = |other: &&Component| matches!(&other.terms, Terms::Outcome(outcome) if outcome.instead_of.as_ref() == Some(base));
    let mut others = components.iter();
    let stand_in = others.find(|other| stands_in(other) && prices(other));
    let mut others = components.iter();
    stand_in.or_else(|| others.find(|other| other.id == *base && prices(other)))
}

/// Two components that price one work, and what the plan says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared<'a> {
    /// The component that comes first in the plan.
    pub first: &'a str,
    /// The other.
    pub second: &'a str,
    /// Whether a work is paid once or twice, and why.
    pub reason: String,
    /// Whether the plan says so, and not its silence.
    pub is_decided: bool,
}

/// The pairs of components that one work may fall under, each with its reason.
#[must_use]
pub fn shared_works<'a>(components: &'a [Component], precedence: &[String]) -> Vec<Shared<'a>> {
    let mut pairs = Vec::new();
    for component in components {
        let Terms::Outcome(outcome) = &component.terms else {
            continue;
        };
        let declared = [
            (
                &outcome.instead_of,
                "once: `instead_of` says which component is paid",
            ),
            (&outcome.in_addition_to, "twice: `in_addition_to` says so"),
        ];
        for (other, word) in declared {
            if let Some(other) = other {
                pairs.push(Shared {
                    first: other,
                    second: &component.id,
                    reason: format!("a work of `{}` is paid {word}", outcome.unit),
                    is_decided: true,
                });
            }
        }
        for metered in components {
            if let Terms::Metered(own) = &metered.terms {
                let ranks = [&component.id, &metered.id].map(|id| precedence.contains(id));
                let is_beside = own.in_addition_to.as_ref() == Some(&component.id);
                let said = if is_beside {
                    "is paid beside it: `in_addition_to` says so"
                } else if ranks == [true, true] {
                    "is included in its price where it counts: `precedence` says so"
                } else {
                    "is paid as usage, and the work as an outcome: `precedence` would say that it is paid once, \
                     `in_addition_to` of the usage that it is paid twice"
                };
                pairs.push(Shared {
                    first: &metered.id,
                    second: &component.id,
                    reason: format!(
                        "usage of `{}` that names a work of `{}` {said}",
                        own.meter, outcome.unit
                    ),
                    is_decided: is_beside || ranks == [true, true],
                });
            }
        }
    }
    pairs
}

/// A document that a component is priced by, and that the seller publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed<'a> {
    /// The component.
    pub component: &'a str,
    /// The kind of document.
    pub document: DocumentKind,
    /// Its subject.
    pub subject: &'a str,
}

/// The documents that components are priced by, in the order of the plan.
#[must_use]
pub fn needed(components: &[Component]) -> Vec<Needed<'_>> {
    let kinds = DocumentKind::WORDS.iter().map(|(_, kind)| *kind);
    let of = |component| {
        let kinds = kinds.clone();
        kinds.filter_map(move |document| {
            let own: &Component = component;
            Some(Needed {
                component: &own.id,
                document,
                subject: own.looks_at(document)?,
            })
        })
    };
    components.iter().flat_map(of).collect()
}

/// D4: a won dispute must not raise the bill.
fn falling_totals(component: &Component, outcome: &Outcome, faults: &mut Vec<Fault>) {
    if outcome.retier == Retier::NoIncrease {
        return;
    }
    if let Some(attempt) = &outcome.attempt
        && attempt.refund
        && let Ok(Some(bound)) = attempt.price.falls_after()
    {
        faults.push(Fault {
            span: component.span.clone(),
            problem: format!(
                "attempts cost less just above {bound} than at {bound}: a refund there would raise the bill"
            ),
            hint: Some("use graduated tiers, or leave out `refund`".to_owned()),
        });
    }
    for group in &outcome.groups {
        if let Ok(Some(bound)) = group.price.falls_after() {
            faults.push(Fault {
                span: component.span.clone(),
                problem: format!(
                    "`{}` costs less just above {bound} than at {bound}: a reversal there would raise the bill",
                    group.label()
                ),
                hint: Some("use graduated tiers, or say `retier_on_reversal = \"no_increase\"`".to_owned()),
            });
        }
    }
}

fn classes(
    components: &[Component],
    component: &Component,
    definition: &Definition,
    faults: &mut Vec<Fault>,
) {
    let Terms::Outcome(outcome) = &component.terms else {
        return;
    };
    let mut fault = |problem: String, hint: &str| {
        faults.push(Fault {
            span: component.span.clone(),
            problem,
            hint: Some(hint.to_owned()),
        });
    };
    for class in &definition.counts {
        if payer(components, component, &class.name).is_none() {
            fault(
                format!(
                    "the class `{}` of `{}` has no price",
                    class.name, definition.id
                ),
                "give it a `price`, or say `free = true`",
            );
        }
    }
    for class in outcome.groups.iter().flat_map(|group| &group.classes) {
        if !definition.counts.iter().any(|own| own.name == *class) {
            let known: Vec<&str> = definition
                .counts
                .iter()
                .map(|own| own.name.as_str())
                .collect();
            fault(
                format!("`{}` has no class `{class}`", definition.id),
                &format!("its classes: {}", known.join(", ")),
            );
        }
    }
    let of_value = outcome
        .groups
        .iter()
        .any(|group| group.price.measure() != Measure::Quantity);
    if of_value && definition.value != work::definition::WorkValue::Measured {
        fault(
            format!(
                "the price is a share of value, which `{}` does not measure",
                definition.id
            ),
            "the definition needs `value.measured = true` and `work.valued` events",
        );
    }
}
