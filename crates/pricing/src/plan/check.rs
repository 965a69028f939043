//! What a plan's text alone cannot say: does every class have a price, could losing a unit cost more?
//!
//! Run when a plan is published and when a contract is put over it, with the definitions at hand.

use work::Definition;
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
            Some(definition) => classes(component, outcome, definition, &mut faults),
        }
    }
    faults
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
    component: &Component,
    outcome: &Outcome,
    definition: &Definition,
    faults: &mut Vec<Fault>,
) {
    let mut fault = |problem: String, hint: &str| {
        faults.push(Fault {
            span: component.span.clone(),
            problem,
            hint: Some(hint.to_owned()),
        });
    };
    for class in &definition.counts {
        if outcome.group_of(&class.name).is_none() {
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
