//! Attribution, derived from facts instead of declared: may the seller say that an outcome is its
//! product's?
//!
//! Five questions, each with a finding; the verdict is the weakest of them. What counts is what can be
//! shown to a buyer who doubts it, so a finding is never outvoted by the others.

use crate::interval::Confidence;
use crate::lift::{Lift, PriceBasis, Tier};
use crate::rate::Share;

/// How far the outcome is the product's; the greatest is the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribution {
    /// The product's, and it can be shown.
    Defensible,
    /// Of the product and of others: a price needs a share, not the whole.
    Shared,
    /// It cannot be shown to be the product's.
    Not,
}

/// Who states the fact that decides whether a work counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decider {
    /// The seller's own system, and nobody else.
    Seller,
    /// The buyer.
    Buyer,
    /// Somebody whom neither controls: a test suite, a platform's webhook, a payment.
    ThirdParty,
}

/// What is known of how the outcome would be without the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Counterfactual {
    /// The design's tier.
    pub tier: Tier,
    /// A check of the design failed.
    pub failed: bool,
    /// The interval holds no effect.
    pub may_be_nothing: bool,
}

impl From<&Lift> for Counterfactual {
    fn from(lift: &Lift) -> Counterfactual {
        Counterfactual {
            tier: lift.tier,
            failed: matches!(lift.price_basis(), PriceBasis::Cannot(_)) && lift.tier < Tier::D,
            may_be_nothing: lift.interval().is_some_and(|interval| interval.holds(0.0)),
        }
    }
}

/// What is known of a work unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Steps from the trigger to the outcome.
    pub steps: u32,
    /// Of those, steps that the product controls.
    pub steps_controlled: u32,
    /// Who states the deciding fact.
    pub decided_by: Decider,
    /// Counted works that a person touched, of those looked at; `None` if nobody looked.
    pub touched_by_people: Option<Share>,
    /// Whether other automation works on the same works.
    pub other_automation: bool,
    /// What would have been without the product; `None` if nobody asked.
    pub counterfactual: Option<Counterfactual>,
}

/// One question's answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// How many steps the product controls.
    Steps {
        /// Controlled.
        controlled: u32,
        /// Of so many.
        of: u32,
    },
    /// Who states the deciding fact.
    Decided(Decider),
    /// How many works people touched.
    Touched(Option<Share>),
    /// Whether other automation is at work.
    OtherAutomation(bool),
    /// What would have been.
    Counterfactual(Option<Counterfactual>),
}

/// The verdict, with all findings, in the order of the questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The weakest of the findings.
    pub attribution: Attribution,
    /// All five.
    pub findings: [Finding; 5],
}

/// Up to this share of works, surely, people are no part of the outcome.
const TOUCHED_SELDOM: f64 = 0.2;

/// From this share on, surely, the outcome is people's.
const TOUCHED_MOSTLY: f64 = 0.5;

/// Derives the attribution of a work unit's outcome.
#[must_use]
pub fn derive(facts: &Facts) -> Verdict {
    let findings = [
        Finding::Steps {
            controlled: facts.steps_controlled,
            of: facts.steps,
        },
        Finding::Decided(facts.decided_by),
        Finding::Touched(facts.touched_by_people),
        Finding::OtherAutomation(facts.other_automation),
        Finding::Counterfactual(facts.counterfactual),
    ];
    let weakest = findings.iter().map(Finding::supports).max();
    Verdict {
        attribution: weakest.unwrap_or(Attribution::Not),
        findings,
    }
}

impl Verdict {
    /// The findings that keep the verdict from being better: the reasons.
    pub fn reasons(&self) -> impl Iterator<Item = Finding> + '_ {
        let keeps = |finding: &Finding| finding.supports() == self.attribution;
        self.findings.into_iter().filter(keeps)
    }
}

impl Finding {
    /// The best attribution that this finding allows.
    #[must_use]
    pub fn supports(&self) -> Attribution {
        match *self {
            Finding::Steps { controlled, of } if controlled == 0 || controlled > of => {
                Attribution::Not
            }
            Finding::Steps { controlled, of } if controlled < of => Attribution::Shared,
            Finding::Steps { .. } => Attribution::Defensible,
            Finding::Decided(Decider::Seller) => Attribution::Shared,
            Finding::Decided(Decider::Buyer | Decider::ThirdParty) => Attribution::Defensible,
            Finding::Touched(None) => Attribution::Shared,
            Finding::Touched(Some(share)) => {
                let interval = share.wilson(Confidence::P95);
                if interval.low > TOUCHED_MOSTLY {
                    Attribution::Not
                } else if interval.high <= TOUCHED_SELDOM {
                    Attribution::Defensible
                } else {
                    Attribution::Shared
                }
            }
            Finding::OtherAutomation(true) => Attribution::Shared,
            Finding::OtherAutomation(false) => Attribution::Defensible,
            Finding::Counterfactual(None) => Attribution::Not,
            Finding::Counterfactual(Some(known)) => known.supports(),
        }
    }

    /// For people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match *self {
            Finding::Steps { controlled, of } => {
                format!("the product controls {controlled} of {of} steps")
            }
            Finding::Decided(Decider::Seller) => {
                "only the seller's own system says that the outcome happened".to_owned()
            }
            Finding::Decided(Decider::Buyer) => {
                "the buyer says that the outcome happened".to_owned()
            }
            Finding::Decided(Decider::ThirdParty) => {
                "a third party says that the outcome happened".to_owned()
            }
            Finding::Touched(None) => "nobody looked how many works people touched".to_owned(),
            Finding::Touched(Some(share)) => {
                let interval = share.wilson(Confidence::P95);
                format!(
                    "people touched {} of {} works ({:.1} % to {:.1} %)",
                    share.hits(),
                    share.trials(),
                    100.0 * interval.low,
                    100.0 * interval.high
                )
            }
            Finding::OtherAutomation(true) => "other automation works on the same works".to_owned(),
            Finding::OtherAutomation(false) => "no other automation works on them".to_owned(),
            Finding::Counterfactual(None) => {
                "nobody asked what would have been without the product".to_owned()
            }
            Finding::Counterfactual(Some(known)) => known.sentence(),
        }
    }
}

impl Counterfactual {
    fn supports(self) -> Attribution {
        if self.failed || self.tier == Tier::E {
            Attribution::Not
        } else if self.may_be_nothing || self.tier >= Tier::C {
            Attribution::Shared
        } else {
            Attribution::Defensible
        }
    }

    fn sentence(self) -> String {
        let tier = self.tier.name();
        if self.failed {
            format!("what would have been is of tier {tier}, and a check of it failed")
        } else if self.may_be_nothing {
            format!("what would have been is of tier {tier}, and may have been the same")
        } else {
            format!("what would have been is of tier {tier}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Facts {
        Facts {
            steps: 4,
            steps_controlled: 4,
            decided_by: Decider::Buyer,
            touched_by_people: Share::new(30, 1_000).ok(),
            other_automation: false,
            counterfactual: Some(Counterfactual {
                tier: Tier::A,
                failed: false,
                may_be_nothing: false,
            }),
        }
    }

    #[track_caller]
    fn check(facts: Facts, attribution: Attribution, reason: &str) {
        let verdict = derive(&facts);
        assert_eq!(verdict.attribution, attribution);
        let reasons: Vec<String> = verdict
            .reasons()
            .map(|finding| finding.sentence())
            .collect();
        assert!(
            reasons.iter().any(|sentence| sentence.contains(reason)),
            "{reasons:?}"
        );
    }

    #[test]
    fn one_doubt_is_enough() {
        use Attribution::{Defensible, Not, Shared};
        check(sound(), Defensible, "4 of 4 steps");
        check(
            Facts {
                steps_controlled: 3,
                ..sound()
            },
            Shared,
            "3 of 4 steps",
        );
        check(
            Facts {
                steps_controlled: 0,
                ..sound()
            },
            Not,
            "0 of 4 steps",
        );
        check(
            Facts {
                steps: 0,
                steps_controlled: 0,
                ..sound()
            },
            Not,
            "0 of 0 steps",
        );
        check(
            Facts {
                decided_by: Decider::Seller,
                ..sound()
            },
            Shared,
            "only the seller",
        );
        check(
            Facts {
                decided_by: Decider::ThirdParty,
                ..sound()
            },
            Defensible,
            "a third party",
        );
        check(
            Facts {
                other_automation: true,
                ..sound()
            },
            Shared,
            "other automation",
        );
        check(
            Facts {
                touched_by_people: None,
                ..sound()
            },
            Shared,
            "nobody looked",
        );
        let touched = |hits, trials| Facts {
            touched_by_people: Share::new(hits, trials).ok(),
            ..sound()
        };
        check(touched(300, 1_000), Shared, "people touched 300 of 1000");
        check(touched(600, 1_000), Not, "people touched 600 of 1000");
        // None of five is not yet "seldom".
        check(touched(0, 5), Shared, "0 of 5 works (0.0 % to 43.4 %)");
    }

    #[test]
    fn the_tier_of_the_counterfactual() {
        use Attribution::{Defensible, Not, Shared};
        let with = |tier, failed, may_be_nothing| Facts {
            counterfactual: Some(Counterfactual {
                tier,
                failed,
                may_be_nothing,
            }),
            ..sound()
        };
        check(with(Tier::B, false, false), Defensible, "tier B");
        check(with(Tier::C, false, false), Shared, "tier C");
        check(with(Tier::D, false, false), Shared, "tier D");
        check(with(Tier::E, false, false), Not, "tier E");
        check(with(Tier::A, true, false), Not, "a check of it failed");
        check(with(Tier::A, false, true), Shared, "may have been the same");
        check(
            Facts {
                counterfactual: None,
                ..sound()
            },
            Not,
            "nobody asked",
        );
    }

    #[test]
    fn a_lift_is_a_counterfactual() {
        let guess = crate::lift::assumed(0.3).unwrap();
        let known = Counterfactual::from(&guess);
        assert_eq!(
            (known.tier, known.failed, known.may_be_nothing),
            (Tier::E, false, false)
        );
    }
}
