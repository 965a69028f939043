//! Whose the outcome is: derived from the definition and from what the works show (`evidence::attribution`).

use std::collections::HashMap;

use evidence::attribution::{self, Attribution, Counterfactual, Decider, Facts, Verdict};
use evidence::lift::Tier;
use evidence::rate::Share;
use jiff::Timestamp;
use pages::view::{AttributionFinding, AttributionTold, CheckVerdict};
use work::Definition;
use work::body::{AnswerKind, Body};
use work::definition::{Counterfactual as Design, DecidedBy};
use work::effective::Fact;
use work::event::Authorship;
use work::settle::{FactRef, MovementKind, State, Unit};

use super::{Found, Needs, Priced, reason};

/// The facts of a log by what names them.
pub(crate) type FactsByName<'a> = HashMap<FactRef, &'a Fact>;

/// What was decided about a definition, and what its counted works show; nothing where it says nothing. Without facts
/// nobody looked whose automation answered.
pub(crate) fn derived(
    definition: &Definition,
    counted: &[&Unit],
    at: Timestamp,
    facts: Option<&FactsByName<'_>>,
) -> Option<Verdict> {
    let own = definition.attribution.as_ref()?;
    let share = |is_it: &dyn Fn(&Unit) -> bool| {
        let all = counted.len() as u64;
        let hits = counted.iter().filter(|unit| is_it(unit)).count() as u64;
        Share::new(hits, all).ok()
    };
    let by_the_seller = |unit: &Unit| {
        let mut counts = unit.movements.iter().rev();
        let count = counts.find(|own| own.kind == MovementKind::Counted && own.instant <= at);
        count.is_some_and(|own| own.basis.decided_by == Authorship::Seller)
    };
    let touched = |unit: &Unit| unit.human_touches.iter().any(|(when, _)| *when <= at);
    let others = facts.and_then(|facts| share(&|unit: &Unit| is_answered_by_others(unit, facts)));
    Some(attribution::derive(&Facts {
        steps: own.steps.as_ref().map(|steps| count(steps)),
        steps_controlled: count(&own.controls),
        decided_by: match own.decided_by {
            DecidedBy::Seller => Decider::Seller,
            DecidedBy::Customer => Decider::Buyer,
            DecidedBy::ThirdParty => Decider::ThirdParty,
        },
        decided_by_the_seller: share(&by_the_seller),
        touched_by_people: share(&touched),
        // A number that statistics read, and no money.
        touched_at_most: (own.human_touched_share_at_most)
            .and_then(|own| own.to_string().parse().ok()),
        other_automation: others,
        counterfactual: Some(Counterfactual::declared(tier(own.counterfactual))),
    }))
}

/// The works of a unit that count at an instant.
pub(crate) fn counted<'a>(
    units: &'a [Unit],
    unit: &'a str,
    at: Timestamp,
) -> impl Iterator<Item = &'a Unit> + Clone {
    let own = units.iter().filter(move |own| own.key.unit == unit);
    own.filter(move |own| matches!(own.state_at(at), State::Counted(_)))
}

/// The verdict for people.
pub(crate) fn told(verdict: &Verdict) -> AttributionTold {
    let reasons: Vec<_> = verdict.reasons().collect();
    let findings = verdict.findings.iter().map(|own| AttributionFinding {
        says: own.sentence(),
        supports: own.supports().word().to_owned(),
        is_reason: reasons.contains(own),
        breaks_what_was_agreed: own.breaks_what_was_agreed(),
    });
    AttributionTold {
        verdict: verdict.attribution.word().to_owned(),
        findings: findings.collect(),
    }
}

/// Whether attribution was decided, whether what counts shows what was decided, and whether a price of the difference
/// rests on something.
pub(super) fn check(
    priced: &Priced<'_>,
    units: &[Unit],
    at: Timestamp,
    facts: Option<&FactsByName<'_>>,
    needs: Needs,
) -> Found {
    let mut found = Found::passing();
    for (component, definition) in priced.outcomes() {
        let is_of_the_difference = Priced::prices_the_difference(component);
        let must_be_shown = is_of_the_difference || needs == Needs::EveryOutcome;
        let unit = &definition.id;
        let Some(own) = &definition.attribution else {
            let says =
                format!("`{unit}` says nothing of whose its outcome is: it has no `[attribution]`");
            found.add(reason(
                if must_be_shown {
                    CheckVerdict::Fail
                } else {
                    CheckVerdict::Warn
                },
                says,
            ));
            continue;
        };
        let tier = tier(own.counterfactual);
        if tier >= Tier::D {
            let id = &component.id;
            let says = match is_of_the_difference {
                true => format!(
                    "`{id}` charges a share of what `{unit}` was worth, and what would have been without the product is \
                     of tier {}, which carries no price of a difference",
                    tier.name()
                ),
                false => format!(
                    "`{id}` charges each counted `{unit}`, and no price of the difference may be read into it: what would \
                     have been without the product is of tier {}",
                    tier.name()
                ),
            };
            found.add(reason(
                if must_be_shown {
                    CheckVerdict::Fail
                } else {
                    CheckVerdict::Warn
                },
                says,
            ));
        }
        let counted: Vec<&Unit> = counted(units, unit, at).collect();
        let Some(verdict) = derived(definition, &counted, at, facts) else {
            continue;
        };
        let told = told(&verdict);
        let best = Attribution::Defensible;
        let is_shown = verdict.attribution == best;
        let first = match verdict.attribution {
            Attribution::Defensible => {
                format!("the outcome of `{unit}` is defensibly the product's")
            }
            Attribution::Shared => format!(
                "the outcome of `{unit}` is shared: of the product and of others, or not shown to be its alone"
            ),
            Attribution::Not => {
                format!("the outcome of `{unit}` cannot be shown to be the product's")
            }
        };
        found.add(reason(
            if is_shown {
                CheckVerdict::Pass
            } else {
                CheckVerdict::Warn
            },
            first,
        ));
        let (reasons, rest): (Vec<_>, Vec<_>) =
            told.findings.into_iter().partition(|own| own.is_reason);
        for own in reasons.into_iter().chain(rest) {
            let is_good = own.supports == best.word() && !own.breaks_what_was_agreed;
            let verdict = if is_good {
                CheckVerdict::Pass
            } else {
                CheckVerdict::Warn
            };
            let says = match own.breaks_what_was_agreed {
                true => format!("{}: surely more than `{unit}` says", own.says),
                false => own.says,
            };
            found.add(reason(verdict, says));
        }
    }
    for component in priced.over_a_baseline() {
        found.add(reason(
            CheckVerdict::Fail,
            format!(
                "`{}` charges a share of what came to more than a baseline, which is a comparison of before and after \
                 (tier {}) and carries no price of a difference",
                component.id,
                Tier::D.name()
            ),
        ));
    }
    found.mended_by(
        "hold cases out at random, or begin at different times in different places, say so in `[attribution]`, and sell by \
         the unit meanwhile; `piecework study` makes the result",
    )
}

/// The design of a definition as a tier.
const fn tier(design: Design) -> Tier {
    match design {
        Design::Holdout => Tier::A,
        Design::Staggered => Tier::B,
        Design::InterruptedTimeSeries => Tier::C,
        Design::BeforeAfter => Tier::D,
        Design::Assumed => Tier::E,
    }
}

fn is_answered_by_others(unit: &Unit, facts: &FactsByName<'_>) -> bool {
    let mut own = unit.facts.iter().filter_map(|fact| facts.get(fact));
    own.any(|fact| {
        let answers = matches!(
            fact.event.body,
            Body::Answered {
                kind: AnswerKind::Answer,
                ..
            }
        );
        answers && fact.event.authorship != Authorship::Seller
    })
}

fn count(steps: &[String]) -> u32 {
    u32::try_from(steps.len()).unwrap_or(u32::MAX) // a document has fewer bytes
}
