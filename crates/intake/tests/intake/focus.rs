//! A real bill: 1,000 charges of FOCUS 1.0, and what the data set's own description says of them.

use money::{Amount, Currency};
use piecework_intake::{Import, Input, Map, Options, READY, Refused};
use work::Event;
use work::body::{Body, Cost, CostLine};

use crate::support::data;

fn import(text: &str) -> Option<(Vec<Event>, Vec<Refused>, u64)> {
    let file = data("focus-cost-sample")?.join("focus_1_0_sample.csv");
    let map = Map::parse(text).unwrap_or_else(|error| panic!("{:#?}", error.faults));
    let mut import = Import::open(&map, &[Input::new(file)], Options::default()).unwrap();
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for delivery in import.by_ref() {
        match delivery {
            Ok(event) => events.push(event),
            Err(fault) => refused.push(fault),
        }
    }
    Some((events, refused, import.counts().rows_without_event))
}

fn focus() -> &'static str {
    READY
        .iter()
        .find(|ready| ready.name == "focus")
        .unwrap()
        .text
}

fn costs(events: &[Event]) -> impl Iterator<Item = &Cost> {
    events.iter().map(|event| match &event.body {
        Body::Cost(cost) => cost,
        other => panic!("{other:?}"),
    })
}

fn sum<'c>(costs: impl Iterator<Item = &'c Cost>) -> String {
    let amounts = costs.map(|cost| cost.amount.unwrap());
    Amount::sum(Currency::USD, amounts).unwrap().to_string()
}

/// The sums are those of Python's `decimal` over the same file, to the last digit.
#[test]
fn the_costs_are_the_bill_to_the_last_digit() {
    let Some((events, refused, none)) = import(focus()) else {
        return;
    };
    assert_eq!(refused, vec![]);
    assert_eq!((events.len(), none), (61, 939), "the others cost nothing");
    assert_eq!(sum(costs(&events)), "14.97651418586 USD");
    let credits = || costs(&events).filter(|cost| cost.amount.unwrap().is_negative());
    assert_eq!(credits().count(), 13);
    assert_eq!(sum(credits()), "-3.1619713001 USD");
    let of = |line| sum(costs(&events).filter(move |cost| cost.line == line));
    assert_eq!(of(CostLine::Model), "-0.15189756178 USD");
    assert_eq!(of(CostLine::Infra), "15.12841174764 USD");
    assert!(
        events
            .iter()
            .all(|event| event.customer == work::event::UNASSIGNED)
    );
    let mut identities: Vec<_> = events.iter().map(Event::identity).collect();
    identities.sort_unstable();
    identities.dedup();
    assert_eq!(identities.len(), events.len());
    let (again, ..) = import(focus()).unwrap();
    assert_eq!(again, events, "the same file gives the same events");
}

/// One word of the map decides which of the bill's amounts is the cost.
#[test]
fn the_invoiced_amount_is_one_word_away() {
    let billed = focus().replace("cost = \"{EffectiveCost}\"", "cost = \"{BilledCost}\"");
    let Some((events, refused, _)) = import(&billed) else {
        return;
    };
    assert_eq!(refused, vec![]);
    assert_eq!(sum(costs(&events)), "20.52022672899 USD");
}

/// A charge that the provider restates is the same charge: a conflict to be decided, and no second cost.
#[test]
fn a_restated_charge_keeps_its_identity() {
    let Some((events, ..)) = import(focus()) else {
        return;
    };
    let billed = focus().replace("cost = \"{EffectiveCost}\"", "cost = \"{BilledCost}\"");
    let (restated, ..) = import(&billed).unwrap();
    let same = |event: &Event| {
        restated
            .iter()
            .find(|other| other.identity() == event.identity())
    };
    let changed = events
        .iter()
        .filter(|event| same(event).is_some_and(|other| other != *event));
    assert_eq!(changed.count(), 10);
}
