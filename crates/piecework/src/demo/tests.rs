//! What the generated month promises, whatever the seed.

use std::collections::{BTreeMap, BTreeSet};

use work::body::{Body, Kind};
use work::event::{Authorship, UNASSIGNED};
use work::settle::{MovementKind, State, Unit};
use work::{Event, Header};

use super::generate::Customer;
use super::*;

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

fn count(events: &[Event], wanted: impl Fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| wanted(event)).count()
}

#[test]
fn every_event_reads_strictly_and_back() {
    let month = month(SEED);
    for event in month.events.iter().chain(&month.late) {
        let text = event.canonical();
        match Event::parse(&text) {
            Ok(read) => assert_eq!(read, *event, "{text}"),
            Err(error) => panic!("{error}: {text}"),
        }
    }
    for event in &month.events {
        event.check_arrival(month.close).unwrap();
    }
    for event in &month.late {
        event.check_arrival(month.next_close).unwrap();
    }
}

#[test]
fn one_seed_is_one_month_and_another_is_another() {
    let (first, again, other) = (month(7), month(7), month(8));
    assert_eq!(first.events, again.events);
    assert_eq!(first.late, again.late);
    assert_eq!(first.redelivered, again.redelivered);
    assert_ne!(first.events, other.events);
}

/// The digest was taken on x86-64 Linux; another platform gives the same.
#[test]
fn the_month_is_the_same_on_every_platform() {
    let mut all = String::new();
    let month = month(SEED);
    for event in month.events.iter().chain(&month.late) {
        all.push_str(&event.canonical());
        all.push('\n');
    }
    let digest = work::Digest::of(all.as_bytes());
    assert_eq!(digest.short(), "a5de9d9f12ff");
}

#[test]
fn identities_are_unique_and_time_ascends() {
    for seed in [1, SEED] {
        let month = month(seed);
        let all: Vec<&Event> = month.events.iter().chain(&month.late).collect();
        let identities: BTreeSet<_> = all.iter().map(|event| event.identity()).collect();
        assert_eq!(identities.len(), all.len());
        assert!(
            month
                .events
                .windows(2)
                .all(|pair| pair[0].time <= pair[1].time)
        );
        assert!(
            month
                .late
                .windows(2)
                .all(|pair| pair[0].time <= pair[1].time)
        );
        assert!(month.events.iter().all(|event| event.time < month.close));
        assert!(month.late.iter().all(|event| event.time < month.next_close));
        let delivered: BTreeSet<_> = month.events.iter().map(Event::identity).collect();
        let again = |event: &Event| delivered.contains(&event.identity());
        assert!(month.redelivered.iter().all(again));
        assert!(!month.redelivered.is_empty());
    }
}

#[test]
fn three_customers_of_very_different_size() {
    for seed in 1..4 {
        let month = month(seed);
        let mut opened: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &month.events {
            if event.body.tag() == Kind::Opened {
                *opened.entry(&event.customer).or_default() += 1;
            }
        }
        let sizes: Vec<usize> = month
            .customers
            .iter()
            .map(|customer| opened[customer.id])
            .collect();
        for (size, expected) in sizes.iter().zip([40.0, 600.0, 6_000.0]) {
            let ratio = f64::from(u32::try_from(*size).unwrap()) / expected;
            assert!((0.85..1.15).contains(&ratio), "{sizes:?}");
        }
    }
}

/// The ratios that the sources of `profile` give.
#[test]
fn the_ratios_are_those_of_real_desks() {
    let month = month(SEED);
    let works = count(&month.events, |event| event.body.tag() == Kind::Opened);
    let of_kind = |kind: Kind| count(&month.events, |event| event.body.tag() == kind);
    let within = |what: &str, part: usize, low: f64, high: f64| {
        let share = share(part, works);
        assert!((low..high).contains(&share), "{what}: {share}");
    };
    within("handed over", of_kind(Kind::Escalated), 0.20, 0.36);
    within("confirmed", of_kind(Kind::Confirmed), 0.07, 0.18);
    within("verified", of_kind(Kind::Verified), 0.10, 0.25);
    within("reviewed", of_kind(Kind::Reviewed), 0.02, 0.08);
    within("rated", of_kind(Kind::Rated), 0.08, 0.18);
    let reopened =
        of_kind(Kind::Reopened) + count(&month.late, |event| event.body.tag() == Kind::Reopened);
    within("reopened", reopened, 0.033, 0.10);
    let (mut prompt, mut output) = (0.0, 0.0);
    for event in &month.events {
        if let Body::Cost(cost) = &event.body {
            for (class, count) in &cost.tokens {
                let count: f64 = count.to_string().parse().unwrap();
                match class.word() {
                    "output" | "reasoning" => output += count,
                    _ => prompt += count,
                }
            }
        }
    }
    let works = f64::from(u32::try_from(works).unwrap());
    assert!(
        (35_000.0..80_000.0).contains(&(prompt / works)),
        "{}",
        prompt / works
    );
    assert!(
        (700.0..4_000.0).contains(&(output / works)),
        "{}",
        output / works
    );
}

/// What the demonstration shows must be there in every month.
#[test]
fn every_story_is_told_whatever_the_seed() {
    for seed in 0..4 {
        let month = month(seed);
        let has = |events: &[Event], wanted: fn(&Event) -> bool| events.iter().any(wanted);
        let model = |event: &Event| match &event.body {
            Body::Cost(cost) => cost.model.clone(),
            _ => None,
        };
        let models: BTreeSet<String> = month.events.iter().filter_map(model).collect();
        assert_eq!(
            models.into_iter().collect::<Vec<_>>(),
            ["claude-haiku-4-5", "claude-sonnet-4-5", "lang-tagger-7b"]
        );
        assert_eq!(
            count(&month.events, |event| event.body.tag() == Kind::Disputed),
            1
        );
        assert_eq!(
            count(&month.late, |event| event.body.tag()
                == Kind::DisputeDecided),
            1
        );
        assert_eq!(
            count(&month.late, |event| event.body.tag() == Kind::Corrected),
            2
        );
        assert!(has(&month.events, |event| event.body.tag()
            == Kind::SeatReleased));
        assert!(has(&month.events, |event| event.customer == UNASSIGNED));
        assert!(has(&month.events, |event| event.body.tag() == Kind::Reviewed));
        assert!(has(&month.events, |event| event.authorship
            == Authorship::ThirdParty));
        assert!(has(&month.events, |event| event.authorship == Authorship::Buyer));
        assert!(has(&month.events, |event| event
            .headers
            .get(Header::Environment)
            .is_some_and(|own| own == "test")));
        // A feed that was down: December's facts that arrive after the close.
        assert!(month.late.iter().any(|event| event.time < month.close));
        assert!(
            month
                .late
                .iter()
                .any(|event| event.body.tag() == Kind::Reopened)
        );
    }
}

/// The units of a customer's December, as known when everything has arrived.
fn units(month: &Month, customer: &str, definition: &str, late: bool) -> Vec<Unit> {
    let definition = work::Definition::parse(definition).unwrap();
    let late: &[Event] = if late { &month.late } else { &[] };
    let contents = month
        .events
        .iter()
        .chain(late)
        .filter(|event| event.customer == customer)
        .zip(0..)
        .map(|(event, entry)| work::effective::Content {
            entry,
            event: event.clone(),
        })
        .collect();
    let mut facts = work::effective::resolve(contents).facts;
    work::settle::inherit_headers(&mut facts);
    let timeline = work::definition::Timeline::of(&definition, jiff::tz::TimeZone::UTC);
    work::settle::scopes(&definition, &facts)
        .iter()
        .flat_map(|(key, facts)| work::settle::settle(&timeline, key, facts, jiff::Timestamp::MAX))
        .collect()
}

fn net(units: &[Unit], at: jiff::Timestamp) -> usize {
    units
        .iter()
        .filter(|unit| matches!(unit.state_at(at), State::Counted(_)))
        .count()
}

/// About two thirds are resolved; some wait for the clock, some come back, some too late.
#[test]
fn the_definition_counts_about_two_thirds() {
    let month = month(SEED);
    for customer in &month.customers {
        let (early, late) = (
            units(&month, customer.id, DEFINITION, false),
            units(&month, customer.id, DEFINITION, true),
        );
        let resolved = share(net(&late, month.next_close), late.len());
        assert!(
            (0.55..0.90).contains(&resolved),
            "{}: {resolved}",
            customer.id
        );
        let waiting = |unit: &&Unit| *unit.state_at(month.close) == State::Pending;
        assert!(early.iter().any(|unit| waiting(&unit)), "{}", customer.id);
        assert!(
            !late
                .iter()
                .any(|unit| *unit.state_at(month.next_close) == State::Pending),
            "{}: every December work is decided by the next close",
            customer.id
        );
    }
    let tessera = units(&month, "tessera-telecom", DEFINITION, true);
    let reversals = |at: jiff::Timestamp| {
        let movements = tessera.iter().flat_map(|unit| &unit.movements);
        movements
            .filter(|m| m.kind == MovementKind::Reversed && m.instant <= at)
            .count()
    };
    assert!(reversals(month.close) > 50);
    assert!(reversals(month.next_close) > reversals(month.close));
    let reopened: BTreeSet<_> = month
        .events
        .iter()
        .chain(&month.late)
        .filter(|event| event.body.tag() == Kind::Reopened)
        .map(|event| event.id.as_str())
        .collect();
    let beyond = tessera.iter().flat_map(|unit| &unit.listed);
    assert!(
        beyond
            .filter(|fact| reopened.contains(fact.id.as_str()))
            .count()
            > 5
    );
}

/// The stricter definition of the same month counts fewer, in every class or in sum.
#[test]
fn the_strict_definition_counts_fewer() {
    let month = month(SEED);
    let at = month.next_close;
    let tolerant = units(&month, "tessera-telecom", DEFINITION, true);
    let strict = units(&month, "tessera-telecom", STRICT_DEFINITION, true);
    assert_eq!(tolerant.len(), strict.len());
    let fewer = 1.0 - share(net(&strict, at), net(&tolerant, at));
    assert!((0.02..0.40).contains(&fewer), "{fewer}");
}

/// One work is disputed and credited, one check turns out to have been wrong.
#[test]
fn the_two_scripted_works_end_as_written() {
    let month = month(3);
    let state = |customer: &str, work: &str, late: bool, at| {
        let units = units(&month, customer, DEFINITION, late);
        let unit = units
            .into_iter()
            .find(|unit| unit.works.contains(&work.into()))
            .unwrap();
        (
            unit.state_at(at).clone(),
            unit.disputes.first().map(|dispute| dispute.is_open_at(at)),
        )
    };
    let counted = |class: &str| State::Counted(class.into());
    let disputed = |late, at| state("tessera-telecom", "TES-01500", late, at);
    assert_eq!(
        disputed(false, month.close),
        (counted("assumed"), Some(true))
    );
    assert_eq!(
        disputed(true, month.next_close),
        (State::Reversed, Some(false))
    );
    let verified = |late| state("harbour-hotels", "HAR-00200", late, month.next_close).0;
    assert_eq!(verified(false), counted("verified"));
    assert_ne!(verified(true), counted("verified"));
}

/// The built-in model costs know both models at their dates, and not the third.
#[test]
fn two_models_have_a_price_and_one_has_none() {
    let month = month(SEED);
    let costs = pricing::model_costs::ModelCosts::built_in();
    let (mut priced, mut unpriced) = (BTreeSet::new(), BTreeSet::new());
    for event in &month.events {
        if let Body::Cost(cost) = &event.body
            && let Some(model) = &cost.model
        {
            match costs.price(cost.provider.as_deref(), model, &cost.tokens, event.time) {
                Ok(_) => priced.insert(model.clone()),
                Err(_) => unpriced.insert(model.clone()),
            };
        }
    }
    assert_eq!(
        priced.into_iter().collect::<Vec<_>>(),
        ["claude-haiku-4-5", "claude-sonnet-4-5"]
    );
    assert_eq!(unpriced.into_iter().collect::<Vec<_>>(), ["lang-tagger-7b"]);
}

#[test]
fn the_plan_fits_both_definitions() {
    let plan = pricing::Plan::parse(PLAN).unwrap_or_else(|error| panic!("{error:#?}"));
    for text in [DEFINITION, STRICT_DEFINITION] {
        let definition = work::Definition::parse(text).unwrap_or_else(|error| panic!("{error:#?}"));
        let faults = pricing::plan::check::check(&plan.components, &[&definition]);
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

/// The statement of a customer's December at the first close, on its own terms.
fn statement(month: &Month, customer: &Customer) -> pricing::Statement {
    let plan = pricing::Plan::parse(PLAN).unwrap();
    let definition = work::Definition::parse(DEFINITION).unwrap();
    let text = format!(
        "id = \"demo\"\ncustomer = \"{}\"\nplan = \"{}\"\ndefinitions = [\"{}\"]\n\
         starts = \"2025-12-01\"\ncurrency = \"USD\"\n{}",
        customer.id, plan.digest, definition.digest, customer.terms
    );
    let contract = pricing::Contract::parse(&text).unwrap_or_else(|error| panic!("{error:#?}"));
    let january = jiff::civil::date(2026, 1, 1);
    let cut = january
        .to_zoned(contract.time_zone.clone())
        .unwrap()
        .timestamp();
    assert!(cut < month.close);
    let draft = contract.resolve(&plan, &[&definition]).unwrap();
    let own = month
        .events
        .iter()
        .filter(|event| event.customer == customer.id);
    let contents: Vec<_> = own
        .zip(0..)
        .map(|(event, entry)| work::effective::Content {
            entry,
            event: event.clone(),
        })
        .collect();
    pricing::statement::draw_up(customer.id, &contents, Some(draft), "demo", cut).unwrap()
}

/// Every surface is on the bill; one customer meets its minimum, one its cap, one its discount.
#[test]
fn the_statements_show_all_four_surfaces_and_the_terms() {
    use pricing::plan::Surface;
    let month = month(SEED);
    let mut totals = Vec::new();
    for customer in &month.customers {
        let statement = statement(&month, customer);
        let surfaces: BTreeSet<Surface> = statement
            .lines
            .iter()
            .filter_map(|line| line.surface)
            .collect();
        assert_eq!(surfaces.len(), 4, "{}", customer.id);
        let of_totals = statement
            .lines
            .iter()
            .find(|line| line.cell.component == "_totals");
        totals.push((statement.total, of_totals.unwrap().cell.part.to_string()));
    }
    let parts: Vec<&str> = totals.iter().map(|(_, part)| part.as_str()).collect();
    assert_eq!(parts, ["minimum", "cap", "discount"]);
    assert_eq!(totals[0].0.to_string(), "350.00 USD");
    assert_eq!(totals[1].0.to_string(), "800.00 USD");
}
