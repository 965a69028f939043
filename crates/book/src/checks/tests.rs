//! Checks of documents and works by hand: each verdict, and the case next to it that has another.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::sync::Arc;

use jiff::Timestamp;
use money::Decimal;
use pages::view::CheckVerdict::{self, Fail, Pass, Warn};
use pricing::Plan;
use work::body::DocumentKind;
use work::event::Authorship;
use work::settle::{Basis, FactRef, Movement, MovementKind, State, Unit, UnitKey};
use work::{Definition, Digest, Headers};

use super::order::Published;
use super::{Found, Needs, Priced, attribution, order, proof, units};
use crate::limits::MEASURED_WORKS_MIN;

const UNIT: &str = "finance.recovered";

fn definition(sections: &str) -> String {
    format!(
        r#"
id = "{UNIT}"
question = "Did the money come in?"
owner = "recovery@vendor.example"
one_per = {{ key = ["case"] }}
abandon_after = "180d"
[[counts]]
class = "recovered"
when = "all(verified where check = bank and result = passed, valued where amount > 0 ever)"
[value]
measured = true
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "fee returned"
window = "60d"
approver = "cs-lead@vendor.example"
{sections}"#
    )
}

fn attributed(counterfactual: &str) -> String {
    let own = format!(
        "[evidence]\nexpected = [\"letter\"]\n[attribution]\ncontrols = [\"remind\"]\ndecided_by = \"third_party\"\n\
         human_touched_share_at_most = \"0.10\"\ncounterfactual = \"{counterfactual}\"\n"
    );
    definition(&own)
}

fn plan(price: &str) -> String {
    format!(
        "id = \"recovery\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"fee\"\nkind = \"outcome\"\nunit = \
         \"{UNIT}\"\nprice = {price}\n"
    )
}

const OF_VALUE: &str = "{ percentage = { percent = \"15\" } }";
const OF_A_UNIT: &str = "\"9.00\"";

fn with<T>(definition: &str, plan: &str, then: impl FnOnce(&Priced<'_>, &Plan) -> T) -> T {
    let definition = Definition::parse(definition).unwrap();
    let plan = Plan::parse(plan).unwrap();
    let priced = Priced {
        components: &plan.components,
        precedence: &plan.precedence,
        definitions: vec![&definition],
        free: None,
    };
    then(&priced, &plan)
}

fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00Z").parse().unwrap()
}

/// A work that counts from January 5 on.
fn unit(number: usize, by: Authorship, is_touched: bool, evidence: &[&str]) -> Unit {
    let counted = at("01-05T09:00");
    let opened_by = FactRef {
        source: "desk".into(),
        id: format!("{number}").into(),
    };
    Unit {
        key: UnitKey {
            unit: UNIT.into(),
            scope: vec![format!("case-{number}").into()],
            opened_by,
        },
        opened: counted,
        version: 1,
        movements: vec![Movement {
            instant: counted,
            kind: MovementKind::Counted,
            class: "recovered".into(),
            quantity: Decimal::ONE,
            value: None,
            counted_at: counted,
            causes: Vec::new(),
            basis: Arc::new(Basis {
                confidence: None,
                review: None,
                headers: Headers::default(),
                decided_by: by,
            }),
        }],
        states: vec![
            (counted, State::Pending),
            (counted, State::Counted("recovered".into())),
        ],
        disputes: Vec::new(),
        attempt: None,
        headers: Headers::default(),
        human_touches: is_touched
            .then(|| (counted, Decimal::ONE))
            .into_iter()
            .collect(),
        listed: Vec::new(),
        facts: Vec::new(),
        works: Vec::new(),
        traces: Vec::new(),
        evidence: evidence
            .iter()
            .map(|own| (counted, (*own).to_owned()))
            .collect(),
    }
}

fn says(found: &Found, part: &str) -> bool {
    found.reasons.iter().any(|own| own.says.contains(part))
}

fn attribution_of(definition: &str, price: &str, needs: Needs) -> Found {
    with(definition, &plan(price), |priced, _| {
        attribution::check(priced, &[], at("02-01T00:00"), None, needs)
    })
}

/// A price of the difference rests on tiers A to C; a price of a counted unit is told what it is not.
#[test]
fn a_counterfactual_of_tier_d_or_e_carries_no_price_of_the_difference() {
    let asked = Needs::PricesOfTheDifference;
    let verdict = |counterfactual: &str, price: &str| -> CheckVerdict {
        attribution_of(&attributed(counterfactual), price, asked).verdict()
    };
    for (counterfactual, of_value) in [
        ("holdout", Warn),
        ("staggered", Warn),
        ("its", Warn),
        ("before_after", Fail),
        ("assumed", Fail),
    ] {
        assert_eq!(
            verdict(counterfactual, OF_VALUE),
            of_value,
            "{counterfactual}"
        );
        assert_eq!(verdict(counterfactual, OF_A_UNIT), Warn, "{counterfactual}");
    }
    let undecided = definition("[evidence]\nexpected = [\"letter\"]\n");
    assert_eq!(attribution_of(&undecided, OF_VALUE, asked).verdict(), Fail);
    assert_eq!(attribution_of(&undecided, OF_A_UNIT, asked).verdict(), Warn);
    // A house may ask more.
    let strict = attribution_of(&attributed("assumed"), OF_A_UNIT, Needs::EveryOutcome);
    assert_eq!(strict.verdict(), Fail);
    assert!(says(&strict, "tier E"), "{strict:?}");
}

#[test]
fn a_share_over_a_baseline_compares_before_and_after() {
    let over = "id = \"net\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"more\"\nkind = \"aggregate\"\nmeasure = \
                \"revenue\"\npercent = 20\n";
    let found = with(&attributed("holdout"), over, |priced, _| {
        attribution::check(priced, &[], at("02-01T00:00"), None, Needs::default())
    });
    assert_eq!(found.verdict(), Fail);
    assert!(says(&found, "more than a baseline"), "{found:?}");
}

/// What was declared is measured, and what surely breaks it is told; ten works are no proof of it.
#[test]
fn what_is_declared_is_measured() {
    let text = attributed("staggered");
    let found = |count: usize| {
        let units: Vec<Unit> = (0..count)
            .map(|number| unit(number, Authorship::Seller, number % 2 == 0, &[]))
            .collect();
        with(&text, &plan(OF_A_UNIT), |priced, _| {
            attribution::check(priced, &units, at("02-01T00:00"), None, Needs::default())
        })
    };
    let many = found(200);
    assert_eq!(many.verdict(), Warn, "it blocks nothing");
    assert!(
        says(
            &many,
            "people touched 100 of 200 works (43.1 % to 56.9 %), of at most 10 %"
        ),
        "{many:?}"
    );
    assert!(says(&many, "surely more than"), "{many:?}");
    assert!(
        says(&many, "the seller's facts alone decided 200 of 200"),
        "{many:?}"
    );
    assert!(!says(&found(2), "surely more than"));
    assert!(says(&found(0), "nothing has counted yet"));
}

#[test]
fn needed_evidence_that_is_surely_missing_fails_and_expected_warns() {
    let gate = definition(
        "[evidence]\ngate = [\"receipt\"]\nexpected = [\"letter\"]\n[attribution]\ncontrols = [\"remind\"]\ndecided_by = \
         \"third_party\"\ncounterfactual = \"holdout\"\n",
    );
    let verdict = |works: usize, without: usize, letter: bool| {
        let units: Vec<Unit> = (0..works)
            .map(|number| {
                let mut own = if number < without {
                    vec![]
                } else {
                    vec!["receipt"]
                };
                if letter {
                    own.push("letter");
                }
                unit(number, Authorship::ThirdParty, false, &own)
            })
            .collect();
        let least: Decimal = "0.95".parse().unwrap();
        let found = with(&gate, &plan(OF_A_UNIT), |priced, _| {
            proof::check(priced, &units, at("02-01T00:00"), least)
        });
        found.verdict()
    };
    assert_eq!(verdict(100, 0, true), Pass);
    assert_eq!(verdict(100, 5, true), Pass, "95 of 100");
    assert_eq!(verdict(100, 6, true), Warn, "94 of 100 may be 95 %");
    assert_eq!(verdict(100, 20, true), Fail);
    assert_eq!(verdict(100, 0, false), Warn, "what is expected is reported");
    assert_eq!(
        verdict(MEASURED_WORKS_MIN - 1, MEASURED_WORKS_MIN - 1, true),
        Warn,
        "too few works"
    );
    assert_eq!(verdict(MEASURED_WORKS_MIN, MEASURED_WORKS_MIN, true), Fail);
    assert_eq!(verdict(0, 0, true), Warn, "nothing counted");
}

#[test]
fn a_unit_is_defined_before_it_is_priced_by_the_order_of_the_log() {
    let (definition, plan) = (attributed("holdout"), plan(OF_A_UNIT));
    let contract = "the text of the contract".to_owned();
    let verdict = |order: [DocumentKind; 3]| {
        let mut published = Published::default();
        for (entry, kind) in (0..).zip(order) {
            let text = match kind {
                DocumentKind::Definition => &definition,
                DocumentKind::Plan => &plan,
                _ => &contract,
            };
            published.take(entry, kind, text.clone());
        }
        let digests = (Digest::of(contract.as_bytes()), Digest::of(plan.as_bytes()));
        with(&definition, &plan, |priced, _| {
            order::check(priced, digests, &published)
        })
    };
    let (unit, price, agreed) = (
        DocumentKind::Definition,
        DocumentKind::Plan,
        DocumentKind::Contract,
    );
    let well = verdict([unit, price, agreed]);
    assert_eq!(well.verdict(), Pass);
    assert_eq!(well.reasons[0].entries, [0, 1, 2]);
    let first_priced = verdict([price, unit, agreed]);
    assert_eq!(first_priced.verdict(), Fail);
    assert!(
        says(&first_priced, "before anybody defined it (entry 1)"),
        "{first_priced:?}"
    );
    let first_agreed = verdict([price, agreed, unit]);
    assert!(
        says(&first_agreed, "the contract (entry 1) agrees"),
        "{first_agreed:?}"
    );
    // In no log yet: nothing is out of order.
    let digests = (Digest::of(b"a"), Digest::of(b"b"));
    let nowhere = with(&definition, &plan, |priced, _| {
        order::check(priced, digests, &Published::default())
    });
    assert_eq!(nowhere.verdict(), Warn);
}

#[test]
fn a_price_on_a_unit_of_cost_and_a_work_that_is_paid_twice_are_worth_a_look() {
    let metered = |class: &str, more: &str| {
        let text = plan(OF_A_UNIT)
            + &format!(
                "[[component]]\nid = \"tokens\"\nkind = \"metered\"\nmeter = \"tokens\"\nprice = \"0.01\"\n{more}\n[[meter]]\nid = \
                 \"tokens\"\nclass = \"{class}\"\n"
            );
        with(&attributed("holdout"), &text, |priced, plan| {
            units::check(priced, &plan.meters)
        })
    };
    assert_eq!(metered("usage", "in_addition_to = \"fee\"").verdict(), Pass);
    let silent = metered("usage", "");
    assert_eq!(silent.verdict(), Warn);
    assert!(
        says(&silent, "`precedence` would say that it is paid once"),
        "{silent:?}"
    );
    let cost = metered("cost", "in_addition_to = \"fee\"");
    assert_eq!(cost.verdict(), Warn);
    assert!(says(&cost, "a unit of cost"), "{cost:?}");
}
